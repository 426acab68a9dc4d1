"""Silences as rows: written as JSON where they are lists, read back as values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.store.tables import Tables
from punchingfist.adapters.store.writing import Row, upsert
from punchingfist.domain.silences.matchers import Match, Matcher
from punchingfist.domain.silences.silence import Silence
from punchingfist.domain.time_intervals import parse_time_interval, render_time_interval


def read_silences(
    connection: sa.Connection, tables: Tables, *where: sa.ColumnElement[bool], lock: bool = False
) -> list[Silence]:
    """Return the silences of which all of *where* is true, by id."""
    table = tables.silences
    query = sa.select(table).where(*where).order_by(table.c.id)
    if lock:
        query = query.with_for_update()
    return [_silence(row) for row in connection.execute(query)]


def read_active(connection: sa.Connection, tables: Tables, at: datetime) -> list[Silence]:
    """Return the silences that have begun and have not ended."""
    silences = tables.silences.c
    return read_silences(connection, tables, silences.starts_at <= at, silences.ends_at > at)


def write_silences(connection: sa.Connection, tables: Tables, silences: Sequence[Silence]) -> None:
    """Write each of *silences* in place of the one with its id."""
    for silence in silences:
        upsert(connection, tables.silences, _row(silence), by=["id"])


def _silence(row: sa.Row[*tuple[Any, ...]]) -> Silence:
    return Silence(
        id=row.id,
        matchers=tuple(
            Matcher(one["name"], Match(one["match"]), one["value"]) for one in row.matchers
        ),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        updated_at=row.updated_at,
        created_by=row.created_by,
        comment=row.comment,
        annotations=row.annotations,
        time_intervals=tuple(parse_time_interval(one) for one in row.time_intervals),
        ends_when_resolved=bool(row.ends_when_resolved),
    )


def _row(silence: Silence) -> Row:
    return {
        "id": silence.id,
        "matchers": [
            {"name": one.name, "match": one.match.value, "value": one.value}
            for one in silence.matchers
        ],
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "updated_at": silence.updated_at,
        "created_by": silence.created_by,
        "comment": silence.comment,
        "annotations": dict(silence.annotations),
        "time_intervals": [render_time_interval(one) for one in silence.time_intervals],
        "ends_when_resolved": silence.ends_when_resolved,
    }
