"""The two ways into one SQLite file: a single writer and a few readers."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.store.tables import SQLITE_PREFIX, Tables

READERS = 4
_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Engines:
    """*writer* has one connection, *reader* has `READERS`; *tables* are named for this database."""

    writer: sa.Engine
    reader: sa.Engine
    tables: Tables
    name: str

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
    )


def _engine(path: Path, *, begin: str, connections: int, read_only: bool) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=os.fspath(path)),
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        poolclass=sa.QueuePool,
        pool_size=connections,
        max_overflow=0,
        json_serializer=_JSON.encode,
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


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)
