"""Reading alerts by themselves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.store.alert_rows import read_alert
from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.names import ALERT, INCIDENT, is_named, parse_number, short_id
from punchingfist.errors import InvalidInput, NotFound
from punchingfist.ports.alerts import AlertRow

_MOST_EXPIRED = 5000


class SqlAlerts:
    """`ports.alerts.Alerts` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database, self._tables = database, database.tables

    async def get(self, alert_id: str) -> AlertRow:
        found = await self._read(self._select().where(is_named(self._alerts, ALERT, alert_id)))
        if not found:
            raise NotFound(f"alert {alert_id!r} is not known; `fist alerts list` lists them")
        return found[0]

    async def newest(
        self, *, limit: int = 50, before: str | None = None, firing: bool | None = None
    ) -> Sequence[AlertRow]:
        alerts = self._alerts.c
        query = self._select().order_by(alerts.number.desc()).limit(limit)
        if before is not None:
            query = query.where(alerts.number < _number(before))
        if firing is not None:
            query = query.where(alerts.firing if firing else sa.not_(alerts.firing))
        return await self._read(query)

    async def of_incident(self, incident_id: str, *, limit: int) -> Sequence[AlertRow]:
        alerts = self._alerts.c
        query = self._select().where(alerts.incident_id == incident_id)
        return await self._read(query.order_by(alerts.number).limit(limit))

    async def firing(self) -> Sequence[AlertRow]:
        alerts = self._alerts.c
        fires = self._select().where(alerts.firing, alerts.resolved_at.is_(None))
        return await self._read(fires.order_by(alerts.fingerprint))

    async def expired(self, *, at: datetime) -> Sequence[AlertRow]:
        alerts = self._alerts.c
        query = self._select().where(alerts.firing, alerts.expires_at <= at)
        return await self._read(query.order_by(alerts.expires_at).limit(_MOST_EXPIRED))

    @property
    def _alerts(self) -> sa.Table:
        return self._tables.alerts

    def _select(self) -> sa.Select[*tuple[Any, ...]]:
        """An alert's own start may have moved since; its episode knows when this firing began."""
        alerts, incidents, episodes = (
            self._tables.alerts,
            self._tables.incidents,
            self._tables.alert_episodes,
        )
        this = sa.and_(episodes.c.alert_id == alerts.c.id, episodes.c.episode == alerts.c.episode)
        return (
            sa.select(
                alerts,
                incidents.c.number.label("incident_number"),
                episodes.c.starts_at.label("began_at"),
            )
            .outerjoin(incidents, incidents.c.id == alerts.c.incident_id)
            .outerjoin(episodes, this)
        )

    async def _read(self, query: sa.Select[*tuple[Any, ...]]) -> list[AlertRow]:
        rows = await self._database.read(lambda of: of.execute(query).all())
        return [_row(row) for row in rows]


def _row(row: sa.Row[*tuple[Any, ...]]) -> AlertRow:
    number = row.incident_number
    return AlertRow(
        alert=replace(read_alert(row), starts_at=row.began_at or row.starts_at),
        fingerprint=row.fingerprint,
        group_key=row.group_key,
        source=row.source,
        incident_id=row.incident_id,
        incident=short_id(INCIDENT, number) if number is not None else None,
        held_by=row.held_by if row.firing else None,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at if row.firing else None,
    )


def _number(name: str) -> int:
    number = parse_number(ALERT, name)
    if number is None:
        raise InvalidInput(
            f"alert {name!r} is no short id; write it like A-88121", field="before", value=name
        )
    return number
