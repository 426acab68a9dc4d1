"""An alert comes in, an investigated answer comes out."""
