"""The ways into a database: those who write, and those who only read."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.json_text import encode_json
from punchingfist.adapters.postgres import open_pool, parse_postgres_url, public_name
from punchingfist.adapters.store.tables import SQLITE_PREFIX, Tables

READERS = 4
POSTGRES_WRITERS = 4
_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Engines:
    """
    *writer* has *writers* connections, *reader* has `READERS`; *tables* are named for this database.

    *name* is for people and holds no password; *advice* is for when there is trouble.
    """

    writer: sa.Engine
    reader: sa.Engine
    tables: Tables
    name: str
    writers: int
    advice: str

    def dispose(self) -> None:
        """Close every connection."""
        self.reader.dispose()
        self.writer.dispose()


def open_sqlite(path: Path) -> Engines:
    """
    Open the database file at *path*, made for its owner alone when it is not there.

    A transaction of the writer takes the write lock when it begins. Python's
    own default takes it at the first write, so two transactions that read and
    then write would both read the old row.
    """
    path.touch(mode=0o600)
    return Engines(
        writer=_engine(path, begin="BEGIN IMMEDIATE", connections=1, read_only=False),
        reader=_engine(path, begin="BEGIN", connections=READERS, read_only=True),
        tables=Tables(SQLITE_PREFIX),
        name=str(path),
        writers=1,
        advice="check the disk and who else writes to it",
    )


def open_postgres(url: str) -> Engines:
    """
    Open the PostgreSQL database at *url*; nothing connects before the first transaction.

    Several processes may write at once. A writer's transaction sees what was
    committed before each of its statements; who reads to write locks the rows.

    Raises:
        InvalidInput: *url* is no address of a PostgreSQL database.
    """
    address = parse_postgres_url(url)
    reader = open_pool(address, connections=READERS, isolation_level="REPEATABLE READ")
    return Engines(
        writer=open_pool(address, connections=POSTGRES_WRITERS, isolation_level="READ COMMITTED"),
        reader=reader.execution_options(postgresql_readonly=True),
        tables=Tables(),
        name=public_name(address),
        writers=POSTGRES_WRITERS,
        advice="check that it runs and takes connections",
    )


def _engine(path: Path, *, begin: str, connections: int, read_only: bool) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=os.fspath(path)),
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        poolclass=sa.QueuePool,
        pool_size=connections,
        max_overflow=0,
        json_serializer=encode_json,
        hide_parameters=True,  # rows hold what customers' alerts say; messages and logs must not
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")

    @sa.event.listens_for(engine, "begin")
    def open_transaction(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
