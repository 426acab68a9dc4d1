"""What the store knows that bears on a batch of alerts, read in a handful of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from punchingfist.adapters.store.tables import COUNTERS, Tables
from punchingfist.adapters.store.writing import Row
from punchingfist.ports.intake import Arrival

ALERT_TOUCHED = (
    "status",
    "firing",
    "summary",
    "description",
    "annotations",
    "generator_url",
    "starts_at",
    "resolved_at",
    "last_seen_at",
    "occurrences",
    "held_by",
    "expires_at",
    "updated_at",
)
"""What any report may change of an alert."""

INCIDENT_TOUCHED = (
    "title",
    "status",
    "severity",
    "episode",
    "alerts_count",
    "mttr_seconds",
    "execution_id",
    "opened_at",
    "resolved_at",
    "updated_at",
)
"""What any report may change of an incident."""


@dataclass(slots=True)
class Known:
    """
    Rows by what they are looked up by; the plan of a batch changes them in place.

    *newest* is the newest incident of each source and group; *firing* counts
    the open episodes of an incident; *told* names the sinks of an execution
    that speak when its incident is resolved.
    """

    alerts: dict[str, Row]
    incidents: dict[str, Row]
    newest: dict[tuple[str, str], Row]
    firing: dict[str, int]
    told: dict[str, Sequence[str]]
    sources: dict[str, str]
    workflows: dict[str, str]
    counters: dict[str, int]

    def draw(self, counter: str) -> int:
        """Take the next number of *counter*."""
        self.counters[counter] += 1
        return self.counters[counter]


def read_known(connection: sa.Connection, tables: Tables, batch: Sequence[Arrival]) -> Known:
    """
    Read all of it, and lock in PostgreSQL what may be written because of it.

    The counters come first, so that intakes follow one another: what one of
    them reads, no other intake changes. Then come incidents and after them
    their alerts, the order in which everybody else takes them too.
    """
    counters = _counters(connection, tables)
    fingerprints = {one.alert.fingerprint for one in batch}
    groups = {(one.source, one.alert.group_key) for one in batch}
    newest = _newest(connection, tables, groups)
    incidents = {row["id"]: row for row in newest.values()}
    for row in _incidents_of(connection, tables, fingerprints):
        incidents.setdefault(row["id"], row)
    alerts = _alerts(connection, tables, fingerprints)
    executions = {row["execution_id"] for row in incidents.values() if row["execution_id"]}
    return Known(
        alerts=alerts,
        incidents=incidents,
        newest=newest,
        firing=_firing(connection, tables, incidents),
        told=_told(connection, tables, executions),
        sources=_ids(connection, tables.sources),
        workflows=_ids(connection, tables.workflows),
        counters=counters,
    )


def _rows(
    connection: sa.Connection, table: sa.Table, names: Sequence[str], where: sa.ColumnElement[bool]
) -> list[Row]:
    query = sa.select(*(table.c[name] for name in names)).where(where)
    locked = query.with_for_update(key_share=True)  # rows that refer to these may be inserted
    return [dict(row) for row in connection.execute(locked).mappings()]


def _counters(connection: sa.Connection, tables: Tables) -> dict[str, int]:
    counters = tables.counters.c
    query = (
        sa.select(counters.name, counters.value)
        .where(counters.name.in_(COUNTERS))
        .order_by(counters.name)
        .with_for_update()
    )
    return dict(connection.execute(query).all())


def _alerts(
    connection: sa.Connection, tables: Tables, fingerprints: Iterable[str]
) -> dict[str, Row]:
    names = ("id", "number", "external_id", "episode", "incident_id", *ALERT_TOUCHED)
    found = tables.alerts.c.external_id.in_(fingerprints)
    return {row["external_id"]: row for row in _rows(connection, tables.alerts, names, found)}


def _newest(
    connection: sa.Connection, tables: Tables, groups: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Row]:
    incidents = tables.incidents.c
    group = (incidents.source, incidents.group_key)
    newest = (
        sa.select(sa.func.max(incidents.number))
        .where(sa.tuple_(*group).in_(sorted(groups)))
        .group_by(*group)
    )
    rows = _incident_rows(connection, tables, incidents.number.in_(newest))
    return {(row["source"], row["group_key"]): row for row in rows}


def _incidents_of(
    connection: sa.Connection, tables: Tables, fingerprints: Iterable[str]
) -> list[Row]:
    alerts = tables.alerts.c
    theirs = sa.select(alerts.incident_id).where(alerts.external_id.in_(fingerprints))
    return _incident_rows(connection, tables, tables.incidents.c.id.in_(theirs))


def _incident_rows(
    connection: sa.Connection, tables: Tables, where: sa.ColumnElement[bool]
) -> list[Row]:
    names = ("id", "number", "source", "group_key", *INCIDENT_TOUCHED)
    return _rows(connection, tables.incidents, names, where)


def _firing(connection: sa.Connection, tables: Tables, ids: Iterable[str]) -> dict[str, int]:
    episodes = tables.alert_episodes.c
    query = (
        sa.select(episodes.incident_id, sa.func.count())
        .where(episodes.incident_id.in_(ids), episodes.resolved_at.is_(None))
        .group_by(episodes.incident_id)
    )
    return dict(connection.execute(query).all())


def _told(
    connection: sa.Connection, tables: Tables, ids: Iterable[str]
) -> dict[str, Sequence[str]]:
    executions = tables.executions.c
    query = sa.select(executions.id, executions.notify_resolved).where(executions.id.in_(ids))
    return dict(connection.execute(query).all())


def _ids(connection: sa.Connection, table: sa.Table) -> dict[str, str]:
    return dict(connection.execute(sa.select(table.c.name, table.c.id)).all())
