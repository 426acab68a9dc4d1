"""A practice cluster with something broken in it, and the scenarios that break it."""
