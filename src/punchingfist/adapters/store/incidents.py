"""Reading incidents with their alerts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.store.alert_rows import read_alert
from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.names import INCIDENT, is_named, parse_number, short_id
from punchingfist.adapters.store.tables import Tables
from punchingfist.domain.alerts import Alert, Severity
from punchingfist.domain.incidents import Incident, IncidentAlert, IncidentStatus
from punchingfist.errors import InvalidInput, NotFound


class SqlIncidents:
    """`ports.incidents.Incidents` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database, self._tables = database, database.tables

    async def get(self, incident_id: str) -> Incident:
        table = self._tables.incidents
        query = sa.select(table).where(is_named(table, INCIDENT, incident_id))
        found = await self._database.read(lambda of: self._read(of, query))
        if not found:
            raise NotFound(f"incident {incident_id!r} is not known; `fist incidents` lists them")
        return found[0]

    async def newest(
        self, *, limit: int = 50, before: str | None = None, status: IncidentStatus | None = None
    ) -> Sequence[Incident]:
        table = self._tables.incidents
        query = sa.select(table).order_by(table.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(table.c.number < _number(before))
        if status is not None:
            query = query.where(table.c.status == status.value)
        return await self._database.read(lambda of: self._read(of, query))

    async def find_alerts(self, *, fingerprint: str) -> Sequence[IncidentAlert]:
        alerts = self._tables.alerts
        query = sa.select(alerts).where(alerts.c.fingerprint == fingerprint)
        rows = await self._database.read(lambda of: of.execute(query).all())
        return [read_alert(row) for row in rows]

    async def firing(self, *, source: str) -> Sequence[Alert]:
        alerts = self._tables.alerts
        query = sa.select(alerts).where(alerts.c.source == source, alerts.c.firing)
        rows = await self._database.read(lambda of: of.execute(query).all())
        return [_reported(row) for row in rows]

    def _read(
        self, connection: sa.Connection, query: sa.Select[*tuple[Any, ...]]
    ) -> list[Incident]:
        rows = connection.execute(query).all()
        alerts = _alerts(connection, self._tables, [row.id for row in rows])
        return [_incident(row, alerts[row.id]) for row in rows]


def _alerts(
    connection: sa.Connection, tables: Tables, incident_ids: Iterable[str]
) -> dict[str, list[IncidentAlert]]:
    """Return the alerts of each incident, each as its last episode there left it."""
    alerts, episodes = tables.alerts, tables.alert_episodes
    own = [column for column in alerts.c if column.name not in _OF_THE_EPISODE]
    last = (
        sa.select(episodes.c.incident_id, episodes.c.alert_id, sa.func.max(episodes.c.episode))
        .where(episodes.c.incident_id.in_(incident_ids))
        .group_by(episodes.c.incident_id, episodes.c.alert_id)
    )
    found = sa.tuple_(episodes.c.incident_id, episodes.c.alert_id, episodes.c.episode).in_(last)
    firing = episodes.c.resolved_at.is_(None).label("firing")
    query = (
        sa.select(*own, *(episodes.c[name] for name in _OF_THE_EPISODE if name != "firing"), firing)
        .join(alerts, alerts.c.id == episodes.c.alert_id)
        .where(episodes.c.incident_id.in_(incident_ids), found)
        .order_by(alerts.c.number)
    )
    grouped: dict[str, list[IncidentAlert]] = defaultdict(list)
    for row in connection.execute(query):
        grouped[row.incident_id].append(read_alert(row))
    return grouped


_OF_THE_EPISODE = ("incident_id", "episode", "starts_at", "received_at", "resolved_at", "firing")


def _reported(row: sa.Row[*tuple[Any, ...]]) -> Alert:
    return Alert(
        name=row.alert_name,
        firing=True,
        labels=row.labels,
        annotations=row.annotations,
        fingerprint=row.fingerprint,
        group_key=row.group_key,
        starts_at=row.starts_at,
        generator_url=row.generator_url,
        payload=row.payload,
    )


def _incident(row: sa.Row[*tuple[Any, ...]], alerts: Iterable[IncidentAlert]) -> Incident:
    return Incident(
        id=row.id,
        short_id=short_id(INCIDENT, row.number),
        title=row.title,
        status=IncidentStatus(row.status),
        severity=Severity(row.severity),
        episode=row.episode,
        created_at=row.created_at,
        updated_at=row.updated_at,
        resolved_at=row.resolved_at,
        owner=row.incident_commander,
        alerts_count=row.alerts_count,
        alerts=tuple(alerts),
        report=row.ai_summary,
        execution_id=row.execution_id,
    )


def _number(name: str) -> int:
    number = parse_number(INCIDENT, name)
    if number is None:
        raise InvalidInput(
            f"incident {name!r} is no short id; write it like INC-1042", field="before", value=name
        )
    return number
