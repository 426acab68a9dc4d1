"""What an investigation may look at the world with."""
