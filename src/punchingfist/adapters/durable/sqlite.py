"""The engine's own way into the SQLite file it shares with the store."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

_PRAGMAS = ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL")


def sqlite_engine(path: Path) -> sa.Engine:
    """
    Return a SQLAlchemy engine on *path* for DBOS.

    Every transaction takes the write lock as it begins: one that reads first
    and writes later would fail as soon as another writer came between.
    """
    url = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(url, pool_size=6, max_overflow=0, pool_timeout=60)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    return engine
