"""How the ports meet reality."""
