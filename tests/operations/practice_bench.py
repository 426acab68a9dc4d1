"""A workbench with everything in memory, and executions of made-up workflows on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.resources.workflows import Workflow
from punchingfist.operations.run_workflow import execution_flow
from punchingfist.operations.workbench import StepType, Workbench
from punchingfist.ports.durable import DELIVERY_FLOW, EXECUTION_FLOW, Ctx, Flow, Start
from punchingfist.ports.executions import ExecutionRow, StepRow
from punchingfist.ports.investigator import Investigator
from punchingfist.ports.processes import Processes
from punchingfist.ports.sink import SinkType
from punchingfist.ports.tool import ToolType
from punchingfist.ports.world import World
from punchingfist.testing.durable import MemoryDurable
from punchingfist.testing.store import MemoryStore

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
EVENT: JsonObject = {
    "alert": {
        "alertname": "Down",
        "summary": "checkout is down",
        "startsAt": (NOW - timedelta(minutes=3)).isoformat(),
        "labels": {"alertname": "Down", "namespace": "shop"},
        "annotations": {"summary": "checkout is down"},
    }
}
NOWHERE: Any = None


class TickingClock:
    """A clock that moves one second each time it is read."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class Tally:
    """`ports.telemetry.Telemetry` that counts executions."""

    def __init__(self) -> None:
        self.running, self.ended = 0, 0

    def alerts_processed(self, source: str, count: int) -> None:
        raise AssertionError("no alert is processed here")

    def task_started(self) -> None:
        self.running += 1

    def task_ended(self, seconds: float) -> None:
        self.running -= 1
        self.ended += 1

    def render(self) -> tuple[bytes, str]:
        return b"", "text/plain"


@dataclass
class Practice:
    """One store, one engine and whatever steps a test brings."""

    steps: Mapping[str, StepType] = field(default_factory=dict)
    tools: Mapping[str, ToolType] = field(default_factory=dict)
    sinks: Mapping[str, SinkType] = field(default_factory=dict)
    investigator: Investigator = NOWHERE
    processes: Processes | None = None
    store: MemoryStore = field(default_factory=MemoryStore)
    durable: MemoryDurable = field(default_factory=MemoryDurable)
    clock: TickingClock = field(default_factory=TickingClock)
    telemetry: Tally = field(default_factory=Tally)
    told: list[JsonObject] = field(default_factory=list)

    @property
    def bench(self) -> Workbench:
        return Workbench(
            world=World(self.clock, NOWHERE, NOWHERE, NOWHERE, processes=self.processes),
            artifacts=self.store.artifacts,
            timeline=self.store.timeline,
            executions=self.store.executions,
            incidents=self.store.incidents,
            deliveries=self.store.deliveries,
            investigator=self.investigator,
            redact=lambda text: text.replace("hunter2", "[redacted]"),
            tools=self.tools,
            sinks=self.sinks,
            steps=self.steps,
            telemetry=self.telemetry,
        )

    async def launch(self) -> None:
        await self.durable.launch(
            {EXECUTION_FLOW: execution_flow(self.bench), DELIVERY_FLOW: self._delivery()}
        )

    async def restart(self) -> None:
        """Stop the engine in the middle of whatever it does and begin again."""
        await self.durable.close()
        await self.launch()

    async def start(
        self, spec: JsonObject, *, sinks: Mapping[str, JsonObject] | None = None
    ) -> None:
        """Start execution `x1` of a workflow with *spec*, with *sinks* by name."""
        written = {"metadata": {"name": "triage"}, "spec": spec}
        row = ExecutionRow(
            id="x1",
            short_id="",
            incident_id=None,
            workflow_name="triage",
            workflow=Workflow.model_validate(written).snapshot(),
            sinks=tuple(
                {"metadata": {"name": name}, "spec": spec} for name, spec in (sinks or {}).items()
            ),
            source="prod",
            event=EVENT,
            context={"team": "shop"},
            status="queued",
            queued_at=NOW,
            started_at=None,
            ended_at=None,
            error=None,
            outputs={},
        )
        await self.store.executions.add(row)
        payload = {"execution_id": "x1", "incident_id": None}
        await self.durable.start(Start("x1", EXECUTION_FLOW, payload))

    async def run(self, spec: JsonObject, *, sinks: Mapping[str, JsonObject] | None = None) -> Any:
        """Run a workflow with *spec* to its end; return the flow's result."""
        await self.launch()
        await self.start(spec, sinks=sinks)
        ended = await self.durable.ended("x1")
        assert ended.error is None, ended.error
        return ended.result

    async def row(self) -> ExecutionRow:
        return await self.store.executions.get("x1")

    async def step(self, name: str) -> StepRow:
        return {step.name: step for step in (await self.row()).steps}[name]

    async def timeline(self) -> list[str]:
        return [event.text for event in await self.store.timeline.read("x1")]

    def _delivery(self) -> Flow:
        async def deliver(ctx: Ctx, payload: JsonObject) -> Json:
            async def body() -> Json:
                self.told.append(payload)
                if payload["sink"] == "broken":
                    raise OSError("no route to host")
                return None

            await ctx.step("send", body)
            return {"status": "delivered"}

        return deliver
