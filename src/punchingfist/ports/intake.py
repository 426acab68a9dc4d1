"""Taking alerts in: one commit for the alert, its incident and the start of its execution."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from punchingfist.domain.alerts import Alert, Change
from punchingfist.domain.decisions import Policy
from punchingfist.domain.json import JsonObject
from punchingfist.errors import InvalidInput
from punchingfist.ports.durable import Start


@dataclass(frozen=True, slots=True)
class Trigger:
    """
    What a source starts for a new incident.

    *workflow* and *sinks* are snapshots (`Workflow.snapshot()`,
    `Sink.snapshot()`), so a later edit does not touch the execution.
    *context* is the Source's `context`. *notify_first* and *notify_resolved*
    name the sinks that speak when an alert is received and when the incident
    is resolved.
    """

    workflow: JsonObject
    sinks: tuple[JsonObject, ...]
    context: JsonObject = field(default_factory=dict)
    group_wait_seconds: float = 0
    notify_first: tuple[str, ...] = ()
    notify_resolved: tuple[str, ...] = ()

    @property
    def workflow_name(self) -> str:
        """The name the workflow's snapshot carries."""
        metadata: Any = self.workflow["metadata"]
        return str(metadata["name"])


@dataclass(frozen=True, slots=True)
class Arrival:
    """
    One alert of one request; *trigger* is None where the source's workflow is missing.

    *policy* says which alerts of the source may start it.
    """

    source: str
    alert: Alert
    trigger: Trigger | None
    why_no_trigger: str = ""
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What became of one arrival, after the commit.

    *refused* says why the database did not take it; then nothing was written
    for it, and *alert_id* is empty.
    """

    fingerprint: str
    change: Change
    alert_id: str
    incident_id: str | None
    incident: str | None
    execution_id: str | None
    refused: InvalidInput | None = None


class Intake(Protocol):
    """The one way alerts enter the store."""

    async def take_in(
        self,
        batch: Sequence[Arrival],
        *,
        at: datetime,
        enqueue: Callable[[Any, Start], None],
    ) -> list[Taken]:
        """
        Commit *batch* and return what became of each arrival, in order.

        *enqueue* is `Durable.start_in`. A row the database refuses is split
        from its neighbours, which are committed, and is reported as `refused`.

        Raises:
            Unavailable: nothing was committed; the sender should try again.
        """
        ...
