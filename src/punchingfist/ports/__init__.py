"""What we need from the world, one protocol a file."""
