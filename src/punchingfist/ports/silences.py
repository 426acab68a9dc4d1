"""Keeping silences."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from punchingfist.domain.silences.editing import Edit
from punchingfist.domain.silences.silence import Silence


class Silences(Protocol):
    """What people have muted; the intake reads the same rows inside its own transaction."""

    async def get(self, silence_id: str) -> Silence:
        """Return one by its id; `NotFound` otherwise."""
        ...

    async def find(self, *, ended_after: datetime) -> Sequence[Silence]:
        """Return those that have not ended at *ended_after*, by id."""
        ...

    async def change(self, silence_id: str | None, plan: Callable[[Silence | None], Edit]) -> str:
        """
        Write what *plan* makes of the silence of that id (None: of none) and return its id.

        Nobody else changes it meanwhile; *plan* may be called more than once.

        Raises:
            NotFound: no silence has that id.
        """
        ...
