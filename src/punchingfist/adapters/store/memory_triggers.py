"""What sources that are not posted to need of a store, in memory."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from punchingfist.adapters.store.memory import MemoryExecutions
from punchingfist.domain.json import JsonObject
from punchingfist.ports.durable import EXECUTION_FLOW, Start
from punchingfist.ports.executions import ExecutionRow
from punchingfist.ports.starts import Begun, Wanted


class MemoryPlaces:
    """`ports.places.Places` in a dict."""

    def __init__(self) -> None:
        self._places: dict[str, JsonObject] = {}

    async def find(self, source: str) -> JsonObject | None:
        return self._places.get(source)

    async def keep(self, source: str, place: JsonObject) -> None:
        self._places[source] = place


class MemoryStarts:
    """`ports.starts.Starts` beside executions in memory."""

    def __init__(self, executions: MemoryExecutions) -> None:
        self._executions = executions
        self._ids: dict[str, str] = {}

    async def start(
        self, wanted: Wanted, *, at: datetime, enqueue: Callable[[Any, Start], None]
    ) -> Begun:
        known = self._ids.get(wanted.flow_id)
        if known is not None:
            return Begun(known, (await self._executions.get(known)).short_id, is_new=False)
        execution_id = self._ids[wanted.flow_id] = f"x-{len(self._ids) + 1}"
        row = ExecutionRow(
            id=execution_id,
            short_id="",
            incident_id=None,
            workflow_name=wanted.trigger.workflow_name,
            workflow=wanted.trigger.workflow,
            sinks=wanted.trigger.sinks,
            source=wanted.source,
            event=wanted.event,
            context=wanted.trigger.context,
            status="queued",
            queued_at=at,
            started_at=None,
            ended_at=None,
            error=None,
            outputs={},
        )
        await self._executions.add(row)
        payload = {"execution_id": execution_id, "incident_id": None}
        enqueue(None, Start(wanted.flow_id, EXECUTION_FLOW, payload))
        return Begun(execution_id, (await self._executions.get(execution_id)).short_id, is_new=True)
