import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel

from punchingfist.domain.guardrails.risk import Risk
from punchingfist.domain.investigation.evidence import EvidenceRef, Look, Outcome
from punchingfist.domain.investigation.findings import Finding, ObjectRef, Quote
from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.messages import Moment
from punchingfist.domain.resources.workflows import Workflow
from punchingfist.domain.timeline import Kind, TimelineEvent
from punchingfist.errors import InvalidInput, NotFound, Unavailable
from punchingfist.operations.tool_belt import ToolBelt
from punchingfist.ports.durable import Start, StepError
from punchingfist.ports.executions import ExecutionRow
from punchingfist.ports.sink import SinkType
from punchingfist.ports.tool import Plan, ToolOutput, ToolSpec, ToolType
from tests.operations.practice_bench import NOW, NOWHERE, Practice

LOOK = Look("peek", {"at": "cart"}, "state of the cart")


@dataclass
class Peek:
    """A tool that does as it is told."""

    risk: Risk = Risk.READ
    answer: Callable[[], Awaitable[ToolOutput]] | None = None
    runs: int = 0

    def plan(self, arguments: Mapping[str, Json]) -> Plan:
        if "at" not in arguments:
            raise InvalidInput("peek: nowhere to look; write at")
        return Plan(f"peek {arguments['at']}", self.risk)

    async def run(
        self, arguments: Mapping[str, Json], *, timeout_seconds: float, limit_bytes: int
    ) -> ToolOutput:
        self.runs += 1
        return await self.answer() if self.answer else ToolOutput(Outcome.SEEN, "all is well\n", 0)


@dataclass
class Recording:
    """A `Ctx` that keeps what its steps recorded and whom they started."""

    flow_id: str = "flow"
    records: dict[str, str] = field(default_factory=dict)
    started: list[Start] = field(default_factory=list)

    async def step(self, name: str, body: Any, **options: object) -> Any:
        if name not in self.records:
            self.records[name] = json.dumps(await body())
        return json.loads(self.records[name])

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("a belt does not wait")

    async def child(self, start: Start) -> Any:
        self.started.append(start)


class NoConfig(BaseModel):
    pass


def sink_type(name: str, *moments: Moment) -> SinkType:
    return SinkType(name, NoConfig, NOWHERE, frozenset(moments))


@dataclass
class Bench:
    """A belt with one tool, and what became of it."""

    tool: Peek = field(default_factory=Peek)
    ctx: Recording = field(default_factory=Recording)
    practice: Practice = field(default_factory=Practice)
    names: tuple[str, ...] = ("peek",)
    step: str = "triage"

    @property
    def belt(self) -> ToolBelt:
        self.practice.tools = {
            name: ToolType(name, "look", {}, lambda *_: self.tool) for name in ("peek", "other")
        }
        return ToolBelt(
            bench=self.practice.bench,
            ctx=self.ctx,
            specs=[ToolSpec(name) for name in self.names],
            subject_id="incident",
            execution_id="x1",
            step=self.step,
        )

    async def look(self, look: Look = LOOK) -> EvidenceRef:
        return await self.belt.look(look, evidence_id="E1")

    async def rows(self) -> list[TimelineEvent]:
        return list(await self.practice.store.timeline.read("incident"))


def says(text: str, outcome: Outcome = Outcome.SEEN) -> Peek:
    async def answer() -> ToolOutput:
        return ToolOutput(outcome, text, 0)

    return Peek(answer=answer)


def breaks(error: Exception) -> Peek:
    async def answer() -> ToolOutput:
        raise error

    return Peek(answer=answer)


async def test_a_look_is_recorded_with_its_whole_output() -> None:
    bench = Bench()
    ref = await bench.look()
    (evidence,) = await bench.belt.read([ref])

    assert evidence.output == "all is well\n"
    assert ref.command == "peek cart"
    assert (ref.outcome, ref.exit_code, ref.size_bytes) == (Outcome.SEEN, 0, 12)
    assert ref.duration_seconds == 1


async def test_a_look_is_a_row_on_the_timeline() -> None:
    bench = Bench()
    ref = await bench.look()
    (row,) = await bench.rows()

    assert row.kind is Kind.LOOKED
    assert row.text == "E1 state of the cart: peek cart"
    assert row.detail["artifact"] == ref.artifact
    assert row.detail["excerpt"] == "all is well\n"
    assert row.detail["execution_id"] == "x1"


async def test_a_replayed_look_is_not_made_again() -> None:
    bench = Bench()
    first = await bench.look()
    second = await bench.look()

    assert first == second
    assert bench.tool.runs == 1
    assert len(await bench.rows()) == 1


async def test_two_steps_of_one_execution_keep_their_rows_apart() -> None:
    bench = Bench()
    await bench.look()
    bench.ctx, bench.step = Recording(), "second"
    await bench.look()

    assert len(await bench.rows()) == 2


async def test_the_record_is_one_durable_step_named_after_the_evidence() -> None:
    bench = Bench()
    await bench.look()

    assert list(bench.ctx.records) == ["look/E1"]


@pytest.mark.parametrize("risk", [Risk.WRITE, Risk.DESTRUCTIVE])
async def test_a_change_is_refused_and_never_made(risk: Risk) -> None:
    bench = Bench(Peek(risk))
    belt = bench.belt
    ref = await belt.look(LOOK, evidence_id="E1")

    assert ref.outcome is Outcome.REFUSED
    assert ref.gap is not None
    assert "read-only until approvals exist: this installation changes nothing" in ref.gap
    assert bench.tool.runs == 0
    assert (belt.reads, belt.writes) == (0, 0)


async def test_a_tool_the_step_does_not_list_is_refused() -> None:
    ref = await Bench().look(Look("other", {"at": "cart"}, "why not"))

    assert ref.outcome is Outcome.REFUSED
    assert ref.gap == "tool 'other' is not in this step's list; it has peek"


async def test_a_tool_nobody_has_is_refused() -> None:
    ref = await Bench(names=("curl",)).look(Look("curl", {"url": "x"}, "why not"))

    assert ref.outcome is Outcome.REFUSED
    assert ref.gap == "tool 'curl' is not available; there is other, peek"


async def test_a_call_that_makes_no_sense_is_refused_with_what_was_typed() -> None:
    ref = await Bench().look(Look("peek", {"args": ["a", "b"]}, "a typo"))

    assert ref.outcome is Outcome.REFUSED
    assert ref.gap == "peek: nowhere to look; write at"
    assert ref.command == "peek a b"


async def test_secrets_leave_before_anything_is_stored() -> None:
    bench = Bench(says("password hunter2\n"))
    look = Look("peek", {"at": "hunter2", "deep": [{"in": "hunter2"}]}, "why hunter2")
    ref = await bench.look(look)
    (evidence,) = await bench.belt.read([ref])
    (row,) = await bench.rows()

    assert evidence.output == "password [redacted]\n"
    assert "hunter2" not in json.dumps([ref.to_json(), row.text, dict(row.detail)])


async def test_a_bug_in_a_tool_is_a_gap_and_not_the_end() -> None:
    ref = await Bench(breaks(ZeroDivisionError("by zero"))).look()

    assert ref.outcome is Outcome.FAILED
    assert ref.gap == "peek: ZeroDivisionError: by zero"


async def test_trouble_of_the_world_is_a_gap() -> None:
    ref = await Bench(breaks(Unavailable("no route"))).look()

    assert ref.outcome is Outcome.FAILED
    assert ref.gap == "no route"


async def test_a_gap_shows_on_the_timeline() -> None:
    bench = Bench(breaks(Unavailable("no route")))
    await bench.look()
    (row,) = await bench.rows()

    assert row.text == "E1 state of the cart: peek cart (no route)"


async def test_reads_are_counted_and_a_replay_counts_the_same() -> None:
    bench = Bench()
    first = bench.belt
    await first.look(LOOK, evidence_id="E1")
    await first.look(LOOK, evidence_id="E2")
    again = bench.belt
    await again.look(LOOK, evidence_id="E1")
    await again.look(LOOK, evidence_id="E2")

    assert first.reads == again.reads == 2


async def test_a_long_output_is_shown_by_its_first_lines_and_kept_whole() -> None:
    text = "".join(f"line {number}\n" for number in range(1000))
    bench = Bench(says(text))
    ref = await bench.look()
    (row,) = await bench.rows()
    excerpt = str(row.detail["excerpt"])

    assert text.startswith(excerpt)
    assert text[len(excerpt)] == "\n"
    assert 1900 < len(excerpt) <= 2000
    assert (await bench.belt.read([ref]))[0].output == text


async def test_nul_bytes_do_not_reach_the_store() -> None:
    bench = Bench(says("a\x00b"))

    assert (await bench.belt.read([await bench.look()]))[0].output == "a\ufffdb"


async def test_trouble_with_the_store_asks_for_another_try() -> None:
    bench = Bench()

    async def put(text: str) -> str:
        raise Unavailable("database is locked")

    bench.practice.store.artifacts.put = put  # type: ignore[method-assign]
    with pytest.raises(StepError) as raised:
        await bench.look()

    assert raised.value.retryable


async def test_a_pruned_output_cannot_be_read() -> None:
    bench = Bench()
    ref = await bench.look()

    async def get(digest: str) -> str:
        raise NotFound(f"artifact {digest!r} was pruned")

    bench.practice.store.artifacts.get = get  # type: ignore[method-assign]
    with pytest.raises(StepError, match="pruned"):
        await bench.belt.read([ref])


def finding(claim: str) -> Finding:
    return Finding("rule", claim, ObjectRef("Pod", "shop", "cart-1"), (Quote("E1", "x"),), 0.9)


async def with_execution(
    bench: Bench, incident_id: str | None, sinks: Mapping[str, JsonObject], uses: list[Json]
) -> None:
    steps: list[Json] = [{"name": "triage", "type": "agent", "goal": "why"}]
    written = {"metadata": {"name": "w"}, "spec": {"steps": steps, "sinks": uses}}
    row = ExecutionRow(
        id="x1",
        short_id="EX-1",
        incident_id=incident_id,
        workflow_name="w",
        workflow=Workflow.model_validate(written).snapshot(),
        sinks=tuple({"metadata": {"name": name}, "spec": spec} for name, spec in sinks.items()),
        source="prod",
        event={},
        context={},
        status="running",
        queued_at=NOW,
        started_at=NOW,
        ended_at=None,
        error=None,
        outputs={},
    )
    await bench.practice.store.executions.add(row)


async def test_findings_are_rows_on_the_timeline() -> None:
    bench = Bench()
    await with_execution(bench, None, {}, [])
    await bench.belt.tell([finding("out of memory"), finding("limit is 256Mi")], key="think#1")
    rows = await bench.rows()

    assert [row.kind for row in rows] == [Kind.FOUND, Kind.FOUND]
    assert rows[0].text == "out of memory (0.90)"
    assert rows[0].detail["execution_id"] == "x1"
    assert bench.ctx.started == []


async def test_telling_again_on_a_replay_writes_nothing_twice() -> None:
    bench = Bench()
    await with_execution(bench, None, {}, [])
    await bench.belt.tell([finding("out of memory")], key="think#1")
    bench.ctx.records.clear()
    await bench.belt.tell([finding("out of memory")], key="think#1")

    assert len(await bench.rows()) == 1


async def test_sinks_that_speak_of_findings_are_told_under_a_stable_id() -> None:
    bench = Bench()
    bench.practice.sinks = {
        "slack": sink_type("slack", Moment.FINDINGS),
        "jira": sink_type("jira", Moment.COMPLETED),
    }
    sinks: dict[str, JsonObject] = {
        "chat": {"type": "slack"},
        "quiet": {"type": "slack", "on": ["completed"]},
        "tickets": {"type": "jira"},
        "eager": {"type": "jira", "on": ["findings"]},
        "picky": {"type": "slack"},
        "unlisted": {"type": "slack"},
        "strange": {"type": "pigeon"},
    }
    uses: list[Json] = ["chat", "quiet", "tickets", "eager", "strange"]
    uses.append({"name": "picky", "condition": "{{ .outputs.x }}"})
    await with_execution(bench, "incident", sinks, uses)
    await bench.belt.tell([finding("out of memory")], key="think#1")

    assert [start.payload["sink"] for start in bench.ctx.started] == ["chat", "eager"]
    first = bench.ctx.started[0]
    assert first.flow_id == "say:incident:x1/triage:chat:findings:think#1"
    assert first.queue == "deliveries"
    assert first.payload == {
        "incident_id": "incident",
        "execution_id": "x1",
        "sink": "chat",
        "moment": "findings",
    }
