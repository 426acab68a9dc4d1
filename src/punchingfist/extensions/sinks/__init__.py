"""Where outcomes go: one message, one key, one receiver."""
