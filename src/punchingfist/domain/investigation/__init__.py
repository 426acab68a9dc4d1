"""What was seen, what it means, and what to look at next."""
