"""The store in memory, for an investigation that needs no database."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime

from punchingfist.adapters.store.memory_door import MemoryAudit, MemoryTokens
from punchingfist.adapters.store.memory_muting import (
    MemoryAlerts,
    MemoryDecisions,
    MemorySilences,
)
from punchingfist.domain.alerts import Alert
from punchingfist.domain.fingerprints import fingerprint as digest_labels
from punchingfist.domain.incidents import Incident, IncidentAlert, IncidentStatus
from punchingfist.domain.json import JsonObject
from punchingfist.domain.timeline import Happening, TimelineEvent
from punchingfist.errors import NotFound
from punchingfist.ports.deliveries import DeliveryRow
from punchingfist.ports.executions import ExecutionRow, StepRow


class MemoryArtifacts:
    """`ports.artifacts.Artifacts` in a dict."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    async def put(self, text: str) -> str:
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._texts[digest] = text
        return digest

    async def get(self, digest: str) -> str:
        if digest not in self._texts:
            raise NotFound(f"artifact {digest!r} is not kept here")
        return self._texts[digest]


class MemoryTimeline:
    """`ports.timeline.Timeline` in lists."""

    def __init__(self) -> None:
        self._rows: defaultdict[str, list[TimelineEvent]] = defaultdict(list)
        self._keys: set[tuple[str, str]] = set()
        self._news: set[asyncio.Event] = set()

    async def append(self, subject_id: str, happening: Happening, *, at: datetime) -> None:
        if (subject_id, happening.key) in self._keys:
            return
        self._keys.add((subject_id, happening.key))
        rows = self._rows[subject_id]
        event = TimelineEvent(len(rows) + 1, at, happening.kind, happening.text, happening.detail)
        rows.append(event)
        for news in self._news:
            news.set()

    async def read(self, subject_id: str, *, after: int = 0) -> Sequence[TimelineEvent]:
        return tuple(self._rows[subject_id][after:])

    async def follow(self, subject_id: str, *, after: int = 0) -> AsyncIterator[TimelineEvent]:
        news = asyncio.Event()
        self._news.add(news)
        seen = after
        try:
            while True:
                news.clear()
                for event in await self.read(subject_id, after=seen):
                    seen = event.seq
                    yield event
                await news.wait()
        finally:
            self._news.discard(news)


class MemoryDeliveries:
    """`ports.deliveries.Deliveries` in a dict."""

    def __init__(self) -> None:
        self._rows: dict[str, DeliveryRow] = {}

    async def find(self, key: str) -> DeliveryRow | None:
        return self._rows.get(key)

    async def save(self, row: DeliveryRow) -> None:
        self._rows[row.key] = row

    async def of_incident(self, incident_id: str) -> Sequence[DeliveryRow]:
        rows = [row for row in self._rows.values() if row.incident_id == incident_id]
        return sorted(rows, key=lambda row: (row.sink, row.key))


class MemoryIncidents:
    """`ports.incidents.Incidents` of whatever was `put`."""

    def __init__(self) -> None:
        self._incidents: dict[str, Incident] = {}

    def put(self, incident: Incident) -> None:
        """Keep *incident* in place of the one with its id."""
        self._incidents[incident.id] = incident

    async def get(self, incident_id: str) -> Incident:
        for incident in self._incidents.values():
            if incident_id in {incident.id, incident.short_id}:
                return incident
        raise NotFound(f"incident {incident_id!r} is not known")

    async def newest(
        self, *, limit: int = 50, before: str | None = None, status: IncidentStatus | None = None
    ) -> Sequence[Incident]:
        found = [
            one
            for one in self._incidents.values()
            if (status is None or one.status is status)
            and (before is None or _number(one.short_id) < _number(before))
        ]
        return sorted(found, key=lambda one: _number(one.short_id), reverse=True)[:limit]

    async def find_alerts(self, *, fingerprint: str) -> Sequence[IncidentAlert]:
        alerts = [alert for one in self._incidents.values() for alert in one.alerts]
        return [alert for alert in alerts if digest_labels(alert.labels) == fingerprint]

    async def firing(self, *, source: str) -> Sequence[Alert]:
        return []  # incidents that were `put` came from no source


def _number(short_id: str) -> int:
    return int(short_id.rpartition("-")[2])


class MemoryExecutions:
    """`ports.executions.Executions` in a dict, changing incidents as the real one does."""

    def __init__(self, incidents: MemoryIncidents) -> None:
        self._rows: dict[str, ExecutionRow] = {}
        self._incidents = incidents

    async def get(self, execution_id: str) -> ExecutionRow:
        for row in self._rows.values():
            if execution_id in {row.id, row.short_id}:
                return row
        raise NotFound(f"execution {execution_id!r} is not known")

    async def of_incident(self, incident_id: str) -> Sequence[ExecutionRow]:
        return [row for row in self._rows.values() if row.incident_id == incident_id]

    async def add(self, row: ExecutionRow) -> None:
        if row.id not in self._rows:
            self._rows[row.id] = replace(row, short_id=f"EX-{len(self._rows) + 1}")

    async def begin(self, execution_id: str, *, at: datetime) -> ExecutionRow:
        row = await self.get(execution_id)
        if row.started_at is None:
            row = replace(row, status="running", started_at=at)
            self._rows[row.id] = row
            await self._change_incident(row, status=IncidentStatus.INVESTIGATING)
        return row

    async def save_step(self, execution_id: str, step: StepRow) -> None:
        row = await self.get(execution_id)
        steps = {one.name: one for one in row.steps} | {step.name: step}
        self._rows[row.id] = replace(row, steps=tuple(steps.values()))

    async def finish(
        self,
        execution_id: str,
        *,
        status: str,
        error: str | None,
        outputs: JsonObject,
        at: datetime,
    ) -> None:
        row = await self.get(execution_id)
        if row.ended_at is None:
            self._rows[row.id] = replace(
                row, status=status, error=error, outputs=outputs, ended_at=at
            )
            await self._change_incident(row, status=IncidentStatus.OPEN)

    async def save_report(self, execution_id: str, report: JsonObject) -> None:
        await self._change_incident(await self.get(execution_id), report=report)

    async def _change_incident(
        self,
        row: ExecutionRow,
        *,
        status: IncidentStatus | None = None,
        report: JsonObject | None = None,
    ) -> None:
        if row.incident_id is None:
            return
        incident = await self._incidents.get(row.incident_id)
        if status and incident.status is not IncidentStatus.RESOLVED:
            incident = replace(incident, status=status)
        self._incidents.put(replace(incident, report=report or incident.report))


class MemoryStore:
    """Every port of the store but the intake, gone with the process."""

    def __init__(self) -> None:
        self.artifacts = MemoryArtifacts()
        self.timeline = MemoryTimeline()
        self.deliveries = MemoryDeliveries()
        self.tokens = MemoryTokens()
        self.audit = MemoryAudit()
        self.incidents = MemoryIncidents()
        self.executions = MemoryExecutions(self.incidents)
        self.alerts = MemoryAlerts(self.incidents)
        self.silences = MemorySilences()
        self.decisions = MemoryDecisions()
