"""What people have muted for a while, and the matchers by which they say it."""
