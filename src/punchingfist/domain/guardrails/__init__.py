"""What may be done, and what may be done unasked."""
