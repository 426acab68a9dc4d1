"""New identifiers."""

from typing import Protocol


class Ids(Protocol):
    """Where new row ids come from."""

    def new(self) -> str:
        """Return a UUIDv7 as text; later ones sort after earlier ones."""
        ...
