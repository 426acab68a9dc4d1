"""New secrets of our own."""

from typing import Protocol


class NewSecrets(Protocol):
    """Where tokens come from."""

    def new(self) -> str:
        """Return 256 random bits as a token nobody has seen."""
        ...
