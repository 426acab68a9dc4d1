"""One incident, its execution and its sinks, delivered by the real flow on everything in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from punchingfist.adapters.secrets import EnvironmentSecrets
from punchingfist.adapters.system import SystemClock
from punchingfist.domain.guardrails.redaction import Redactor
from punchingfist.domain.incidents import Incident
from punchingfist.domain.investigation.findings import Report
from punchingfist.domain.json import JsonObject
from punchingfist.domain.messages import Moment
from punchingfist.domain.resources.workflows import Workflow
from punchingfist.extensions.sinks import slack, stdout
from punchingfist.operations.deliver import delivery_flow
from punchingfist.operations.workbench import Workbench
from punchingfist.ports.deliveries import DeliveryRow
from punchingfist.ports.durable import DELIVERY_FLOW, Start
from punchingfist.ports.executions import ExecutionRow
from punchingfist.ports.http import Http
from punchingfist.ports.sink import SinkType
from punchingfist.ports.world import World
from punchingfist.testing.durable import MemoryDurable
from punchingfist.testing.store import MemoryStore
from tests.incidents import NOW, incident
from tests.peers.slack import TOKEN

NOWHERE: Any = None
STEPS = [{"name": "look", "type": "agent", "goal": "find out"}]
SECRET = "pa_ss*word"


@dataclass
class Paper:
    """A console to read again."""

    written: list[str] = field(default_factory=list)

    def write(self, text: str) -> None:
        self.written.append(text)


@dataclass
class Delivery:
    """What a test sets up, changes and asks."""

    http: Http
    sinks: dict[str, JsonObject]
    uses: list[Any] = field(default_factory=list)
    event: JsonObject = field(default_factory=dict)
    types: dict[str, SinkType] = field(
        default_factory=lambda: {"slack": slack.SINK, "stdout": stdout.SINK}
    )
    external_url: str = ""
    store: MemoryStore = field(default_factory=MemoryStore)
    durable: MemoryDurable = field(default_factory=MemoryDurable)
    paper: Paper = field(default_factory=Paper)
    started: int = 0

    @property
    def bench(self) -> Workbench:
        secrets = EnvironmentSecrets({}, known=[SECRET, TOKEN])
        return Workbench(
            world=World(SystemClock(), self.http, secrets, self.paper),
            artifacts=self.store.artifacts,
            timeline=self.store.timeline,
            executions=self.store.executions,
            incidents=self.store.incidents,
            deliveries=self.store.deliveries,
            telemetry=NOWHERE,
            investigator=NOWHERE,
            redact=Redactor(secrets.known),
            tools={},
            sinks=self.types,
            steps={},
            external_url=self.external_url,
        )

    async def open(self, opened: Incident | None = None) -> None:
        """Let the incident be there, with an execution that runs."""
        opened = opened or incident()
        self.store.incidents.put(opened)
        spec: JsonObject = {"steps": STEPS, "sinks": self.uses or list(self.sinks)}
        workflow = Workflow.model_validate({"metadata": {"name": "triage"}, "spec": spec})
        row = ExecutionRow(
            id="x1",
            short_id="",
            incident_id=opened.id,
            workflow_name="triage",
            workflow=workflow.snapshot(),
            sinks=tuple(
                {"metadata": {"name": name}, "spec": spec} for name, spec in self.sinks.items()
            ),
            source="prod",
            event=self.event,
            context={},
            status="running",
            queued_at=NOW,
            started_at=NOW,
            ended_at=None,
            error=None,
            outputs={},
        )
        await self.store.executions.add(row)
        await self.durable.launch({DELIVERY_FLOW: delivery_flow(self.bench)})

    async def change(self, **fields: Any) -> None:
        """Change the incident."""
        known = await self.store.incidents.get("INC-1042")
        self.store.incidents.put(replace(known, **fields))

    async def conclude(self, report: Report) -> None:
        await self.store.executions.save_report("x1", report.to_json())

    async def finish(
        self, *, error: str | None = None, outputs: JsonObject | None = None, at: datetime = NOW
    ) -> None:
        status = "failed" if error else "succeeded"
        await self.store.executions.finish(
            "x1", status=status, error=error, outputs=outputs or {}, at=at
        )

    async def start(self, moment: Moment, *, sink: str = "chat") -> str:
        """Order a delivery; return its flow's id."""
        self.started += 1
        payload = {
            "incident_id": incident().id,
            "execution_id": "x1",
            "sink": sink,
            "moment": moment.value,
        }
        await self.durable.start(Start(f"say#{self.started}", DELIVERY_FLOW, payload))
        return f"say#{self.started}"

    async def say(self, moment: Moment, *, sink: str = "chat") -> Mapping[str, Any]:
        """Deliver one moment and return what became of it."""
        ended = await self.durable.ended(await self.start(moment, sink=sink))
        assert ended.error is None, ended.error
        assert isinstance(ended.result, Mapping)
        return ended.result

    async def row(self, key: str = "INC-1042/1/chat") -> DeliveryRow:
        row = await self.store.deliveries.find(key)
        assert row is not None
        return row

    async def timeline(self) -> list[str]:
        return [event.text for event in await self.store.timeline.read(incident().id)]


class Waits(list[float]):
    """The waits that flows asked for, none of which were waited."""
