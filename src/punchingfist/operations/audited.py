"""
Write down who did what, in the transaction that does it.

A deed that is announced here rides on the next transaction the store commits
from the same task. When that transaction fails nothing was done and nothing
is written; when the block commits none, the deed gets a transaction of its
own at the end. So every write is audited without the stores knowing callers.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from punchingfist.domain.audit import Deed
from punchingfist.ports.audit import Audit


@dataclass(slots=True, eq=False)
class _Announced:
    deed: Deed
    written: bool = False


_ANNOUNCED: ContextVar[_Announced | None] = ContextVar("announced", default=None)


@asynccontextmanager
async def audited(audit: Audit, deed: Deed) -> AsyncIterator[None]:
    """Have what the block writes carry *deed*; a block that raises leaves it out."""
    announced = _Announced(deed)
    mark = _ANNOUNCED.set(announced)
    try:
        yield
    finally:
        _ANNOUNCED.reset(mark)
    if not announced.written:
        announced.written = True
        await audit.append(deed)


@contextmanager
def carrying() -> Iterator[Deed | None]:
    """
    Give the deed the block's transaction is to carry, once; None when there is none.

    A block that raises gives it back, because its transaction was undone.
    """
    announced = _ANNOUNCED.get()
    if announced is None or announced.written:
        yield None
        return
    announced.written = True
    try:
        yield announced.deed
    except BaseException:
        announced.written = False
        raise
