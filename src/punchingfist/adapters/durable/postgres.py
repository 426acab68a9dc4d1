"""The engine's own ways into the PostgreSQL database it shares with the store."""

import sqlalchemy as sa

from punchingfist.adapters.postgres import open_pool, parse_postgres_url

_CONNECTIONS = 10
_LEASE_CONNECTIONS = 2


def postgres_engine(url: str) -> sa.Engine:
    """
    Return a SQLAlchemy engine on the database at *url* for DBOS, whose tables have their own schema.

    Raises:
        InvalidInput: *url* is no address of a PostgreSQL database.
    """
    return open_pool(parse_postgres_url(url), connections=_CONNECTIONS)


def lease_engine(url: str) -> sa.Engine:
    """Return an engine for a `Replica`, which may not have to wait for a connection."""
    return open_pool(parse_postgres_url(url), connections=_LEASE_CONNECTIONS)
