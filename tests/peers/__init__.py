"""Servers that speak the other side of a protocol, for tests to talk to."""
