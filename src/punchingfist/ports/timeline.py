"""Writing and following what happens to an incident."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from punchingfist.domain.timeline import Happening, TimelineEvent


class Timeline(Protocol):
    """One ordered list for each subject: an incident, or an execution without one."""

    async def append(self, subject_id: str, happening: Happening, *, at: datetime) -> None:
        """Write one row; a second one with its key is not written."""
        ...

    async def read(self, subject_id: str, *, after: int = 0) -> Sequence[TimelineEvent]:
        """Return the rows with `seq` above *after*, in order."""
        ...

    def follow(self, subject_id: str, *, after: int = 0) -> AsyncIterator[TimelineEvent]:
        """Yield the rows above *after*, then new ones as they are committed, for ever."""
        ...
