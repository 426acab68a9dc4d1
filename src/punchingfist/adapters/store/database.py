"""Work on the database from async code, on threads of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from punchingfist.adapters.store.engines import READERS, Engines
from punchingfist.errors import Unavailable

T = TypeVar("T")

_RETRY_AFTER_SECONDS = 5.0


class Database:
    """
    Runs whole transactions on its threads: one writes, a few read.

    No connection outlives the call, and none is ever held across an await.
    """

    def __init__(self, engines: Engines) -> None:
        self.engines, self.tables = engines, engines.tables
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._readers = ThreadPoolExecutor(READERS, "store-reader")
        self._is_closed = False

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Run *work* in a transaction that sees one state of the database."""
        return await self._run(self._readers, self.engines.reader, work)

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Run *work* in a transaction and commit it; an exception rolls it back."""
        return await self._run(self._writer, self.engines.writer, work)

    async def _run(
        self, threads: ThreadPoolExecutor, engine: sa.Engine, work: Callable[[sa.Connection], T]
    ) -> T:
        if self._is_closed:
            raise Unavailable(f"database {self.engines.name!r} is closed", retryable=False)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(threads, self._transact, engine, work)

    def _transact(self, engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
        try:
            with engine.begin() as connection:
                return work(connection)
        except (exc.DBAPIError, exc.TimeoutError) as trouble:
            if is_refused_row(trouble):
                raise
            why = getattr(trouble, "orig", None) or trouble
            raise Unavailable(
                f"database {self.engines.name!r}: {why}; check the disk and who else writes to it",
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            ) from trouble

    def close(self) -> None:
        """Let what has begun finish, then close every connection."""
        self._is_closed = True
        self._readers.shutdown()
        self._writer.shutdown()
        self.engines.dispose()


def is_refused_row(trouble: BaseException) -> bool:
    """Whether *trouble* is about the values of a row rather than about the database."""
    if isinstance(trouble, exc.DBAPIError):
        return isinstance(trouble, exc.DataError | exc.IntegrityError)
    return isinstance(trouble, exc.StatementError | OverflowError | UnicodeError)
