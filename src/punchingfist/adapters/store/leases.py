"""Which processes live, as the database sees it and by the database's own clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa

from punchingfist.adapters.store.tables import Tables
from punchingfist.adapters.store.turns import try_turn


class Leases:
    """
    One row for each process on *engine*'s database, good for *lease* after its last beat.

    The engine should be the process's own for this: a beat must not wait for
    a connection that other work holds.
    """

    def __init__(self, engine: sa.Engine, *, lease: timedelta) -> None:
        self._engine, self._table = engine, Tables().replicas
        self._oldest_beat = sa.func.clock_timestamp() - sa.literal(lease, sa.Interval)

    def take(self, replica: str) -> None:
        """Begin the lease of *replica*, which has none yet."""
        now = sa.func.clock_timestamp()
        row = {"id": replica, "started_at": now, "beat_at": now}
        with self._engine.begin() as connection:
            connection.execute(sa.insert(self._table).values(row))

    def renew(self, replica: str) -> bool:
        """Prolong the lease of *replica*, unless it has run out: then others act on it already."""
        table = self._table
        alive = (table.c.id == replica, table.c.beat_at > self._oldest_beat)
        beat = sa.update(table).where(*alive).values(beat_at=sa.func.clock_timestamp())
        with self._engine.begin() as connection:
            return connection.execute(beat).rowcount == 1

    def release(self, replica: str) -> None:
        """End the lease of *replica* at once."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(self._table).where(self._table.c.id == replica))

    @contextmanager
    def reaping(self) -> Iterator["Living | None"]:
        """Give who lives to one process at a time, and None to the others."""
        with self._engine.begin() as connection:
            mine = try_turn(connection, "reap")
            yield Living(connection, self._table, self._oldest_beat) if mine else None

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


class Living:
    """The leases, to whoever may act on them for as long as the transaction lasts."""

    def __init__(
        self, connection: sa.Connection, table: sa.Table, oldest_beat: sa.ColumnElement[object]
    ) -> None:
        self._connection, self._table, self._oldest_beat = connection, table, oldest_beat

    def names(self) -> frozenset[str]:
        """Return every replica whose lease is good at this moment."""
        alive = self._table.c.beat_at > self._oldest_beat
        return frozenset(self._connection.scalars(sa.select(self._table.c.id).where(alive)))

    def forget_the_dead(self) -> None:
        """Remove the leases that have run out."""
        dead = self._table.c.beat_at <= self._oldest_beat
        self._connection.execute(sa.delete(self._table).where(dead))
