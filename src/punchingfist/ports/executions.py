"""The record of executions and their steps: what the page and the API read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from punchingfist.domain.json import JsonObject


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as it stands: status is running, succeeded, failed, timed_out or skipped."""

    name: str
    type: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    summary: str
    error: str | None
    result: JsonObject | None


@dataclass(frozen=True, slots=True)
class ExecutionRow:
    """
    One execution; *status* is queued, running, succeeded or failed.

    *event* is the template root `.source.data`; *outputs* are explicit and
    implicit ones; *workflow* and *sinks* are the snapshots it runs.
    """

    id: str
    short_id: str
    incident_id: str | None
    workflow_name: str
    workflow: JsonObject
    sinks: tuple[JsonObject, ...]
    source: str
    event: JsonObject
    context: JsonObject
    status: str
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    error: str | None
    outputs: JsonObject
    steps: tuple[StepRow, ...] = ()


class Executions(Protocol):
    """Projections written inside step bodies; every write may be repeated without harm."""

    async def get(self, execution_id: str) -> ExecutionRow:
        """Return one by id or short id; `NotFound` otherwise."""
        ...

    async def of_incident(self, incident_id: str) -> Sequence[ExecutionRow]:
        """Return an incident's executions, oldest first."""
        ...

    async def add(self, row: ExecutionRow) -> None:
        """Write an execution that no intake transaction wrote (a run without an incident)."""
        ...

    async def begin(self, execution_id: str, *, at: datetime) -> ExecutionRow:
        """Mark it running, once; the incident becomes investigating, its alerts triaging."""
        ...

    async def save_step(self, execution_id: str, step: StepRow) -> None:
        """Write or overwrite the step of that name."""
        ...

    async def finish(
        self,
        execution_id: str,
        *,
        status: str,
        error: str | None,
        outputs: JsonObject,
        at: datetime,
    ) -> None:
        """Mark it ended and its alerts' triage as completed, once; its incident is open again."""
        ...

    async def save_report(self, execution_id: str, report: JsonObject) -> None:
        """Keep the newest report on the incident (`ai_summary`, `root_cause_analysis`) and its alerts."""
        ...
