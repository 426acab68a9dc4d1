"""Where alerts come from: bytes in, alerts out."""
