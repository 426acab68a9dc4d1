"""The `fist` command."""
