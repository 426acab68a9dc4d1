"""Taking turns with other processes: only PostgreSQL needs it, SQLite has one writer anyway."""

import sqlalchemy as sa

_NAMESPACE = "punchingfist/"
"""Advisory locks are shared by everybody in the database."""


def take_turn(connection: sa.Connection, name: str) -> None:
    """Wait until no other transaction holds the turn *name*; keep it until this one ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_key(name))))


def try_turn(connection: sa.Connection, name: str) -> bool:
    """Take the turn *name* as `take_turn` does, unless another transaction holds it."""
    return bool(connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_key(name)))))


def wait_as_long_as_it_takes(connection: sa.Connection) -> None:
    """Lift the limits on how long a statement of this transaction may run or wait."""
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {limit} TO 0")


def _key(name: str) -> sa.Function[int]:
    return sa.func.hashtextextended(_NAMESPACE + name, 0)
