"""Connections to PostgreSQL that give up in time, tell UTC and take any text."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.json_text import encode_storable_json
from punchingfist.domain.storable import storable_text
from punchingfist.errors import InvalidInput

_DRIVER = "postgresql+psycopg"
_SCHEMES = ("postgres", "postgresql", _DRIVER)
_POOL_SECONDS = 30
_CONNECT: Mapping[str, str | int] = {
    "application_name": "punchingfist",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds; a dead network must not outlast a lease
}
_SESSION = (
    "SET timezone TO 'UTC';"
    "SET statement_timeout TO '30s';"
    "SET lock_timeout TO '15s';"
    "SET idle_in_transaction_session_timeout TO '60s'"
)


def parse_postgres_url(text: str) -> sa.URL:
    """
    Return the address *text* gives; what is wrong with it is said without repeating it.

    Raises:
        InvalidInput: it is no address of a PostgreSQL database.
    """
    try:
        url = sa.make_url(text.strip())
    except (sa.exc.ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _SCHEMES or not url.database:
        raise InvalidInput(
            "the database URL cannot be used; write it as postgresql://USER:PASSWORD@HOST:5432/NAME",
            field="database-url",
        )
    return url.set(drivername=_DRIVER)


def public_name(url: sa.URL) -> str:
    """Return where the database is, without who connects and how."""
    place = sa.URL.create("postgresql", host=url.host, port=url.port, database=url.database)
    return place.render_as_string()


def open_pool(url: sa.URL, *, connections: int, **options: Any) -> sa.Engine:
    """
    Return an engine with at most *connections* connections.

    A connection that died while it was idle is replaced before it is used.
    """
    engine = sa.create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        pool_pre_ping=True,
        connect_args={name: _CONNECT[name] for name in _CONNECT.keys() - url.query.keys()},
        json_serializer=encode_storable_json,
        hide_parameters=True,  # rows hold what customers' alerts say; messages and logs must not
        **options,
    )
    sa.event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    from psycopg.types.string import StrDumperUnknown

    class StorableText(StrDumperUnknown):
        """Text as PostgreSQL takes it: tools print NUL, and SQLite keeps it."""

        def dump(self, obj: str) -> Any:
            return super().dump(storable_text(obj))

    connection.adapters.register_dumper(str, StorableText)
    connection.execute(_SESSION)
    connection.commit()
