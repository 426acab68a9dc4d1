"""Files others write and we only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file as it is now; *identity* stays when it is renamed, and *changed_ns* is when it was written."""

    path: str
    identity: str
    size: int
    changed_ns: int


class Files(Protocol):
    """Where watched files are."""

    async def list(self, path: str) -> Sequence[FoundFile]:
        """
        Return the file at *path*, or what is in the folder there, by name; nothing where nothing is.

        Raises:
            Unavailable: it cannot be looked at; says why.
        """
        ...

    async def read(self, path: str, *, offset: int, limit_bytes: int) -> bytes:
        """
        Return at most *limit_bytes* of a file from *offset* on; fewer where it ends.

        Raises:
            Unavailable: it cannot be read; says why.
        """
        ...
