"""The audit trail, as it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from punchingfist.domain.audit import AuditRow, Deed, Head
from punchingfist.domain.identity import Caller


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the whole chain found; no *flaws* means that it holds."""

    rows: int
    head: Head
    flaws: Sequence[str]


class Audit(Protocol):
    """One chain of rows, each carrying the hash of the one before."""

    async def append(self, deed: Deed) -> AuditRow:
        """Write *deed* in a transaction of its own."""
        ...

    async def newest(self, *, limit: int = 50, before: int | None = None) -> Sequence[AuditRow]:
        """Return the rows below seq *before*, newest first."""
        ...

    async def verify(self) -> Verified:
        """Check every row against the chain."""
        ...

    async def prune(self, *, before: datetime, caller: Caller, at: datetime) -> int:
        """Let rows from *before* that time go, leave a checkpoint, and return how many went."""
        ...
