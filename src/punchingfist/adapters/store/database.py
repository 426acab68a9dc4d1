"""Work on the database from async code, on threads of its own."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from punchingfist.adapters.store.chain import append_deed
from punchingfist.adapters.store.engines import READERS, Engines
from punchingfist.adapters.store.tables import Tables
from punchingfist.adapters.store.trouble import is_refused_row, may_pass_at_once, unavailable
from punchingfist.domain.audit import Deed
from punchingfist.errors import Unavailable
from punchingfist.operations.audited import carrying

T = TypeVar("T")

_ATTEMPTS = 6
_FIRST_WAIT_SECONDS = 0.01


class Database:
    """
    Runs whole transactions on its threads: some write, some read.

    No connection outlives the call, and none is ever held across an await.
    Work may run more than once: PostgreSQL undoes one of two transactions
    that wait for each other, and it is begun again.
    """

    def __init__(self, engines: Engines) -> None:
        self.engines, self.tables = engines, engines.tables
        self._writers = ThreadPoolExecutor(engines.writers, "store-writer")
        self._readers = ThreadPoolExecutor(READERS, "store-reader")
        self._is_closed = False

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Run *work* in a transaction that sees one state of the database."""
        return await self._run(self._readers, self.engines.reader, work)

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        """
        Run *work* in a transaction and commit it; an exception rolls it back.

        What `operations.audited` announced is written in the same transaction.
        """
        with carrying() as deed:
            return await self.write_unaudited(_with(deed, work, self.tables))

    async def write_unaudited(self, work: Callable[[sa.Connection], T]) -> T:
        """Do what `write` does for the trail itself and for what nobody did on purpose."""
        return await self._run(self._writers, self.engines.writer, work)

    async def _run(
        self, threads: ThreadPoolExecutor, engine: sa.Engine, work: Callable[[sa.Connection], T]
    ) -> T:
        if self._is_closed:
            raise Unavailable(f"database {self.engines.name!r} is closed", retryable=False)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(threads, self._transact, engine, work)

    def _transact(self, engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
        try:
            return _repeat(engine, work)
        except (exc.DBAPIError, exc.TimeoutError) as trouble:
            if is_refused_row(trouble):
                raise
            raise unavailable(self.engines, trouble) from trouble

    def close(self) -> None:
        """Let what has begun finish, then close every connection."""
        self._is_closed = True
        self._readers.shutdown()
        self._writers.shutdown()
        self.engines.dispose()


def _with(
    deed: Deed | None, work: Callable[[sa.Connection], T], tables: Tables
) -> Callable[[sa.Connection], T]:
    """Return *work* followed by writing *deed*: its lock is taken last and held shortly."""
    if deed is None:
        return work

    def audited_work(connection: sa.Connection) -> T:
        result = work(connection)
        append_deed(connection, tables, deed)
        return result

    return audited_work


def _repeat(engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
    """Run *work* in a transaction of its own, again while another one is only in its way."""
    for attempt in range(_ATTEMPTS - 1):
        try:
            return _once(engine, work)
        except exc.DBAPIError as trouble:
            if not may_pass_at_once(trouble):
                raise
        time.sleep(_FIRST_WAIT_SECONDS * 2**attempt)
    return _once(engine, work)


def _once(engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
    with engine.begin() as connection:
        return work(connection)
