"""Silences, decisions and alerts in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime

from punchingfist.domain.decisions import DecisionRow
from punchingfist.domain.fingerprints import fingerprint
from punchingfist.domain.incidents import Incident, IncidentAlert
from punchingfist.domain.silences.editing import Edit
from punchingfist.domain.silences.silence import Silence
from punchingfist.errors import NotFound
from punchingfist.ports.alerts import AlertRow
from punchingfist.ports.incidents import Incidents


class MemorySilences:
    """`ports.silences.Silences` in a dict."""

    def __init__(self) -> None:
        self._rows: dict[str, Silence] = {}

    async def get(self, silence_id: str) -> Silence:
        if silence_id not in self._rows:
            raise NotFound("silence not found")
        return self._rows[silence_id]

    async def find(self, *, ended_after: datetime) -> Sequence[Silence]:
        return [self._rows[one] for one in sorted(self._rows) if self._is_new(one, ended_after)]

    async def change(self, silence_id: str | None, plan: Callable[[Silence | None], Edit]) -> str:
        edit = plan(await self.get(silence_id) if silence_id else None)
        self._rows |= {one.id: one for one in edit.written}
        return edit.id

    def _is_new(self, silence_id: str, ended_after: datetime) -> bool:
        return self._rows[silence_id].ends_at > ended_after


class MemoryDecisions:
    """`ports.decisions.Decisions` of whatever was `put`."""

    def __init__(self) -> None:
        self._rows: list[DecisionRow] = []

    def put(self, row: DecisionRow) -> None:
        """Keep *row* as the newest decision."""
        self._rows.append(row)

    async def of_alerts(self, alert_ids: Sequence[str]) -> Sequence[DecisionRow]:
        return [row for row in self._rows if row.alert_id in alert_ids]


class MemoryAlerts:
    """`ports.alerts.Alerts` of the alerts of *incidents*."""

    def __init__(self, incidents: Incidents) -> None:
        self._incidents = incidents

    async def get(self, alert_id: str) -> AlertRow:
        for row in await self._all():
            if alert_id in {row.alert.id, row.alert.short_id}:
                return row
        raise NotFound(f"alert {alert_id!r} is not known; `fist alerts list` lists them")

    async def newest(
        self, *, limit: int = 50, before: str | None = None, firing: bool | None = None
    ) -> Sequence[AlertRow]:
        found = [
            row
            for row in await self._all()
            if (firing is None or row.alert.firing is firing)
            and (before is None or _number(row) < int(before.rpartition("-")[2]))
        ]
        return sorted(found, key=_number, reverse=True)[:limit]

    async def of_incident(self, incident_id: str, *, limit: int) -> Sequence[AlertRow]:
        found = [row for row in await self._all() if row.incident_id == incident_id]
        return sorted(found, key=_number)[:limit]

    async def firing(self) -> Sequence[AlertRow]:
        found = [row for row in await self._all() if row.alert.firing]
        return sorted(found, key=lambda row: row.fingerprint)

    async def expired(self, *, at: datetime) -> Sequence[AlertRow]:
        return []  # incidents that were `put` came from no source

    async def _all(self) -> list[AlertRow]:
        newest = await self._incidents.newest(limit=10_000)
        return [_row(incident, alert) for incident in newest for alert in incident.alerts]


def _row(incident: Incident, alert: IncidentAlert) -> AlertRow:
    mark = fingerprint(alert.labels)
    return AlertRow(
        alert=alert,
        fingerprint=mark,
        group_key=mark,
        source="",
        incident_id=incident.id,
        incident=incident.short_id,
        held_by=None,
        last_seen_at=alert.received_at,
        expires_at=None,
    )


def _number(row: AlertRow) -> int:
    return int(row.alert.short_id.rpartition("-")[2])
