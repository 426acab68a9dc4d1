"""Whole tool outputs, by the hash of what they hold."""

from typing import Protocol


class Artifacts(Protocol):
    """Content-addressed, already redacted text."""

    async def put(self, text: str) -> str:
        """Keep *text* and return its SHA-256 in hex."""
        ...

    async def get(self, digest: str) -> str:
        """Return the text of *digest*; `NotFound` when it was pruned."""
        ...
