"""One module a command: `name.py` exports `command`, a click command."""
