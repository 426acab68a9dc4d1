"""What things are and what should happen next: frozen values and pure functions."""
