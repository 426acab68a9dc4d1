import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from punchingfist.domain.guardrails.risk import Risk
from punchingfist.domain.investigation.evidence import Look, Outcome
from punchingfist.domain.investigation.findings import Recommendation, Report, Verdict
from punchingfist.domain.investigation.question import Question
from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.timeline import Kind
from punchingfist.extensions.steps.agent import STEP
from punchingfist.ports.durable import Ctx
from punchingfist.ports.investigator import Belt
from punchingfist.ports.tool import Plan, ToolOutput, ToolSpec, ToolType
from punchingfist.ports.world import World
from tests.operations import practice_bench
from tests.operations.practice_bench import EVENT, NOW, Practice

REPORT = Report(
    verdict=Verdict.CAUSE_FOUND,
    summary="checkout runs out of memory",
    problem_summary="checkout restarts",
    root_cause="the limit is 256Mi",
    object=None,
    findings=(),
    confidence=0.93,
    severity_assessment="critical: all requests fail",
    actions_taken=(),
    recommendations=(
        Recommendation("Raise the limit", "write", "kubectl set resources …"),
        Recommendation("Tell the owners", "read"),
    ),
    can_auto_fix=False,
    fix_command=None,
    escalation_notes="owned by team shop",
    gaps=(),
    checked=1,
)


class Echo:
    """A tool that says what it was asked."""

    def plan(self, arguments: Mapping[str, Json]) -> Plan:
        return Plan(f"echo {arguments['word']}", Risk.READ)

    async def run(
        self, arguments: Mapping[str, Json], *, timeout_seconds: float, limit_bytes: int
    ) -> ToolOutput:
        return ToolOutput(Outcome.SEEN, str(arguments["word"]), exit_code=0)


@dataclass
class Scripted:
    """An investigator that makes one look and then says `REPORT`, or hangs."""

    name: str = "scripted"
    hang: bool = False
    questions: list[Question] = field(default_factory=list)
    tools: list[frozenset[str]] = field(default_factory=list)

    async def investigate(self, question: Question, belt: Belt, ctx: Ctx) -> Report:
        self.questions.append(question)
        self.tools.append(belt.tools)
        if "echo" in belt.tools:
            await belt.look(Look("echo", {"word": "hello"}, "to see"), evidence_id="E1")
        if self.hang:
            await ctx.step("think#1", asyncio.Event().wait)
        return REPORT


@pytest.fixture
async def practice() -> AsyncIterator[Practice]:
    practice = Practice(steps={"agent": STEP}, investigator=Scripted())
    yield practice
    await practice.durable.close()


def scripted(practice: Practice) -> Scripted:
    assert isinstance(practice.investigator, Scripted)
    return practice.investigator


def agent(name: str = "look", **fields: Json) -> dict[str, Json]:
    return {"name": name, "type": "agent", "goal": "find out", **fields}


async def ask(practice: Practice, **fields: Json) -> Question:
    await practice.run({"steps": [agent() | fields]})
    (question,) = scripted(practice).questions
    return question


def with_echo(practice: Practice) -> list[ToolSpec]:
    """Give the bench the tool `echo`; return the specs it will be built with."""
    built: list[ToolSpec] = []

    def build(spec: ToolSpec, world: World) -> Echo:
        built.append(spec)
        return Echo()

    practice.tools = {"echo": ToolType("echo", "says it again", {}, build)}
    return built


async def test_the_question_is_the_alerts(practice: Practice) -> None:
    question = await ask(practice)

    assert question.alert_name == "Down"
    assert question.labels == {"alertname": "Down", "namespace": "shop"}
    assert question.annotations == {"summary": "checkout is down"}
    assert question.namespace == "shop"
    assert question.starts_at is not None
    assert question.starts_at < NOW < question.at


async def test_the_goal_and_its_context_are_rendered(practice: Practice) -> None:
    question = await ask(
        practice,
        goal="Why: {{ .source.data.alert.summary }}?",
        context={"team": "{{ .source.context.team }}"},
    )

    assert question.goal == 'Why: checkout is down?\n\nContext:\n{"team": "shop"}'


async def test_a_question_in_words_has_no_alert(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(EVENT, dict)
    monkeypatch.delitem(EVENT, "alert")
    monkeypatch.setitem(EVENT, "text", "why is checkout slow?")
    monkeypatch.setitem(EVENT, "namespace", "shop")
    question = await ask(practice)

    assert (question.text, question.namespace) == ("why is checkout slow?", "shop")
    assert (question.alert_name, question.labels, question.starts_at) == ("", {}, None)


async def test_the_report_is_the_steps_result_and_the_workflows_outputs(
    practice: Practice,
) -> None:
    await practice.run({"steps": [agent()]})
    row = await practice.row()
    result: Any = row.steps[0].result

    assert row.steps[0].summary == REPORT.summary
    assert Report.from_json({**result, "recommendations": []}).root_cause == REPORT.root_cause
    assert result["recommendations"] == (
        "- Raise the limit (risk: write): `kubectl set resources …`\n- Tell the owners (risk: read)"
    )
    assert row.outputs["severity-assessment"] == "critical: all requests fail"
    assert row.outputs["severity_assessment"] == "critical: all requests fail"
    assert row.outputs["look"] == REPORT.summary


async def test_the_conclusion_is_on_the_timeline(practice: Practice) -> None:
    await practice.run({"steps": [agent()]})
    rows = await practice.store.timeline.read("x1")
    (concluded,) = [row for row in rows if row.kind is Kind.CONCLUDED]

    assert concluded.text == REPORT.summary
    assert concluded.detail["verdict"] == "cause_found"


async def test_tools_are_given_as_the_step_names_them(practice: Practice) -> None:
    built = with_echo(practice)
    tools: Json = [
        {"name": "echo", "description": "repeats", "endpoint": "{{ .env.PROMETHEUS_URL }}/api"},
        "not-there-yet",
    ]
    runtime: JsonObject = {"environment": {"PROMETHEUS_URL": "http://prometheus:9090"}}
    await practice.run({"steps": [agent(tools=tools)], "runtime": runtime})

    assert scripted(practice).tools == [frozenset({"echo"})]
    assert built[0].endpoint == "http://prometheus:9090/api"
    assert built[0].description == "repeats"
    assert built[0].environment == {"PROMETHEUS_URL": "http://prometheus:9090"}


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://{{ .source.data.alert.labels.namespace }}",
        "http://{{ .source.data.alert.summary }}",
        "http://{{ .incident.title }}",
        "http://{{ .steps.look.result }}",
    ],
)
async def test_an_alert_never_says_where_a_tool_sends_what_it_asks(
    practice: Practice, endpoint: str
) -> None:
    built = with_echo(practice)
    tools: Json = [{"name": "echo", "endpoint": endpoint}]
    await practice.run({"steps": [agent(tools=tools)]})

    assert [spec.endpoint for spec in built] == ["http://"]


async def test_looks_of_two_agent_steps_are_told_apart(practice: Practice) -> None:
    with_echo(practice)
    await practice.run({"steps": [agent("one", tools=["echo"]), agent("two", tools=["echo"])]})
    looked = [row for row in await practice.store.timeline.read("x1") if row.kind is Kind.LOOKED]

    assert len(looked) == 2


async def test_an_investigation_that_takes_too_long_is_timed_out(practice: Practice) -> None:
    practice.investigator = Scripted(hang=True)
    practice.clock.at = NOW
    await practice.run({"steps": [agent(timeoutMinutes=0.02)]})
    step = await practice.step("look")

    assert step.status == "timed_out"
    assert step.error == "no answer within 0.02 min; raise timeoutMinutes or see what hangs"
    assert (await practice.row()).status == "failed"


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"alerts": 5, "alert": "down"}, id="no-alerts"),
        pytest.param({"alerts": [1, None], "text": {"a": 1}}, id="no-objects"),
        pytest.param(
            {"alert": {"labels": [], "startsAt": "today"}, "namespace": 7}, id="odd-fields"
        ),
        pytest.param({"alert": {"labels": {"pod": 5}, "startsAt": 3}}, id="no-strings"),
    ],
)
async def test_whatever_a_caller_sent_makes_a_question(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, event: JsonObject
) -> None:
    monkeypatch.setattr(practice_bench, "EVENT", event)
    question = await ask(practice)

    assert (question.labels, question.starts_at, question.other_alerts) == ({}, None, ())
    assert (await practice.row()).status == "succeeded"
