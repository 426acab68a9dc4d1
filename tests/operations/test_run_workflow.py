import ast
import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from punchingfist.domain.json import Json
from punchingfist.domain.messages import Moment
from punchingfist.domain.timeline import Kind
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.operations import run_workflow
from punchingfist.operations.workbench import StepResult, StepRun, StepStatus, StepType, Workbench
from punchingfist.ports.durable import EXECUTION_FLOW, Retry, Start, StepError
from punchingfist.ports.sink import SinkType
from tests.operations.practice_bench import NOWHERE, Practice

CHAT = {"type": "chat"}


def step(name: str, type_: str = "say", **fields: Json) -> dict[str, Json]:
    return {"name": name, "type": type_, **fields}


def step_type(name: str, answer: Callable[[StepRun], StepResult]) -> StepType:
    async def run(run: StepRun, bench: Workbench) -> StepResult:
        return answer(run)

    return StepType(name, run)


def say(run: StepRun) -> StepResult:
    return StepResult(StepStatus.SUCCEEDED, f"{run.name} said hello", {"words": 2})


def raising(error: Exception) -> Callable[[StepRun], StepResult]:
    def answer(run: StepRun) -> StepResult:
        raise error

    return answer


@pytest.fixture
async def practice() -> AsyncIterator[Practice]:
    report = StepResult(StepStatus.SUCCEEDED, "full", {"root_cause": "disk"})
    kinds = [
        step_type("say", say),
        step_type("agent", lambda _: report),
        step_type("fail", lambda _: StepResult(StepStatus.FAILED, "", error="hunter2 is wrong")),
        step_type("wrong", raising(InvalidInput("template is wrong"))),
        step_type("lost", raising(StepError("lost", "the record says no"))),
        step_type("buggy", raising(KeyError("oops"))),
    ]
    sinks = [
        SinkType("chat", NOWHERE, NOWHERE, moments=frozenset({Moment.RECEIVED, Moment.COMPLETED})),
        SinkType("pager", NOWHERE, NOWHERE, moments=frozenset({Moment.RECEIVED})),
    ]
    practice = Practice(
        steps={kind.name: kind for kind in kinds}, sinks={sink.name: sink for sink in sinks}
    )
    yield practice
    await practice.durable.close()


async def test_steps_run_in_order_and_are_recorded(practice: Practice) -> None:
    result = await practice.run({"steps": [step("one"), step("two")]})
    row = await practice.row()

    assert result["status"] == row.status == "succeeded"
    assert [(one.name, one.status, one.summary) for one in row.steps] == [
        ("one", "succeeded", "one said hello"),
        ("two", "succeeded", "two said hello"),
    ]
    assert row.steps[0].started_at < (row.steps[0].ended_at or row.queued_at)


async def test_the_timeline_tells_the_execution_in_order(practice: Practice) -> None:
    await practice.run({"steps": [step("one")]})

    assert await practice.timeline() == [
        "EX-1 started: workflow triage",
        "one started",
        "one succeeded: one said hello",
        "workflow triage succeeded",
    ]


async def test_every_timeline_row_names_its_execution(practice: Practice) -> None:
    await practice.run({"steps": [step("one")]})
    rows = await practice.store.timeline.read("x1")

    assert {row.detail["execution_id"] for row in rows} == {"x1"}


@pytest.mark.parametrize(
    ("type_", "error"),
    [
        pytest.param("fail", "[redacted] is wrong", id="it-says-so"),
        pytest.param("wrong", "template is wrong", id="its-input-is-wrong"),
        pytest.param("lost", "the record says no", id="a-step-of-its-own-failed"),
        pytest.param("buggy", "KeyError: 'oops'", id="a-bug"),
    ],
)
async def test_a_step_that_fails_fails_the_execution_by_name(
    practice: Practice, type_: str, error: str
) -> None:
    await practice.run({"steps": [step("one", type_), step("two")]})
    row = await practice.row()

    assert (row.status, row.error) == ("failed", f"step 'one': {error}")
    assert [(one.name, one.status, one.error) for one in row.steps] == [
        ("one", "failed", error),
        ("two", "skipped", None),
    ]
    assert (await practice.timeline())[-1] == f"workflow triage failed: step 'one': {error}"


@pytest.mark.parametrize(
    ("first", "why"),
    [
        pytest.param(
            {"type_": "deep-thought"},
            "step type 'deep-thought' is not available yet",
            id="its-type",
        ),
        pytest.param(
            {"approvalRequired": True},
            "approvals are not available yet",
            id="its-approval",
        ),
    ],
)
async def test_a_step_this_release_cannot_carry_out_is_skipped_and_the_rest_runs(
    practice: Practice, first: dict[str, Any], why: str
) -> None:
    await practice.run({"steps": [step("one", **first), step("two")]})
    row = await practice.row()

    assert row.status == "succeeded"
    assert [(one.status, one.error) for one in row.steps] == [("skipped", why), ("succeeded", None)]


async def test_a_failed_execution_is_told_to_its_sinks(practice: Practice) -> None:
    spec: Any = {"steps": [step("one", "fail")], "sinks": ["room"]}
    await practice.run(spec, sinks={"room": CHAT})

    assert [told["sink"] for told in practice.told] == ["room"]


async def test_a_later_step_sees_what_earlier_ones_gave(practice: Practice) -> None:
    seen: list[Any] = []

    def look(run: StepRun) -> StepResult:
        seen.append(run.scope)
        return say(run)

    practice.steps = {**practice.steps, "look": step_type("look", look)}
    environment: Json = {"CLUSTER": "prod-eu-1"}
    steps: Json = [step("first", "agent", goal="find out"), step("second", "look")]
    await practice.run({"steps": steps, "runtime": {"environment": environment}})

    (scope,) = seen
    assert scope["steps"]["first"]["success"] is True
    assert scope["steps"]["first"]["result"] == {"root_cause": "disk"}
    assert scope["outputs"] == {"first": "full", "root_cause": "disk", "root-cause": "disk"}
    assert scope["source"]["data"]["alert"]["summary"] == "checkout is down"
    assert scope["source"]["context"] == {"team": "shop"}
    assert (scope["source"]["name"], scope["workflow"]["name"]) == ("prod", "triage")
    assert scope["env"] == environment


async def test_declared_outputs_win_over_implicit_ones(practice: Practice) -> None:
    declared = [
        {"name": "root_cause", "value": "really: {{ .steps.look.result.root_cause }}"},
        {"name": "again", "value": "{{ .outputs.root_cause }}"},
        {"name": "fixed", "value": "{{ .steps.repair.success | default false }}"},
    ]
    await practice.run({"steps": [step("look", "agent", goal="find out")], "outputs": declared})

    assert (await practice.row()).outputs == {
        "look": "full",
        "root-cause": "disk",
        "root_cause": "really: disk",
        "again": "really: disk",
        "fixed": "false",
    }


async def test_an_output_that_cannot_be_rendered_fails_the_execution(practice: Practice) -> None:
    declared = [{"name": "size", "value": "{{ lt .steps.one.summary 3 }}"}]
    await practice.run({"steps": [step("one")], "outputs": declared})
    row = await practice.row()

    assert row.status == "failed"
    assert row.error is not None
    assert row.error.startswith("output 'size': ")


async def test_only_sinks_that_speak_at_the_end_are_told(practice: Practice) -> None:
    sinks: Any = {
        "room": CHAT,
        "pager": {"type": "pager"},
        "pager-at-the-end": {"type": "pager", "on": ["completed"]},
        "room-at-first": {"type": "chat", "on": ["received"]},
        "not-in-the-workflow": CHAT,
    }
    named = ["pager", "room", "room-at-first", "pager-at-the-end"]
    await practice.run({"steps": [step("one")], "sinks": named}, sinks=sinks)

    assert [told["sink"] for told in practice.told] == ["room", "pager-at-the-end"]
    assert practice.told[0] == {
        "incident_id": None,
        "execution_id": "x1",
        "sink": "room",
        "moment": "completed",
    }


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("{{ not .outputs.fixed }}", ["room"]),
        ("{{ .outputs.fixed }}", []),
        ("{{ .workflow.completedAt }}", ["room"]),
    ],
)
async def test_a_sink_is_told_when_its_condition_holds(
    practice: Practice, condition: str, told: list[str]
) -> None:
    spec: Any = {
        "steps": [step("one")],
        "outputs": [{"name": "fixed", "value": "false"}],
        "sinks": [{"name": "room", "condition": condition}],
    }
    await practice.run(spec, sinks={"room": CHAT})

    assert [one["sink"] for one in practice.told] == told


async def test_a_sink_whose_condition_makes_no_sense_is_skipped_visibly(practice: Practice) -> None:
    uses: list[Json] = [{"name": "room", "condition": "{{ .outputs.typo }}"}, "other"]
    spec: Any = {"steps": [step("one")], "sinks": uses}
    result = await practice.run(spec, sinks={"room": CHAT, "other": CHAT})
    untold = [
        event.text
        for event in await practice.store.timeline.read("x1")
        if event.kind is Kind.DELIVERY_FAILED
    ]

    assert result["status"] == "succeeded"
    assert [told["sink"] for told in practice.told] == ["other"]
    assert len(untold) == 1
    assert untold[0].startswith("room not told: its condition '{{ .outputs.typo }}'")


async def test_a_sink_that_does_not_exist_is_named(practice: Practice) -> None:
    await practice.run({"steps": [step("one")], "sinks": ["rom"]})

    assert (await practice.timeline())[-1] == "rom not told: there is no such Sink"


async def test_a_sink_that_fails_does_not_fail_the_execution(practice: Practice) -> None:
    spec: Any = {"steps": [step("one")], "sinks": ["broken", "room"]}
    result = await practice.run(spec, sinks={"broken": CHAT, "room": CHAT})

    assert result["status"] == "succeeded"
    assert result["sinks"] == {"broken": "no route to host", "room": {"status": "delivered"}}


async def test_a_restart_repeats_nothing_that_is_recorded(practice: Practice) -> None:
    hanging, entered = asyncio.Event(), 0

    async def hang_once(run: StepRun, bench: Workbench) -> StepResult:
        async def body() -> Json:
            nonlocal entered
            entered += 1
            if entered == 1:
                hanging.set()
                await asyncio.Event().wait()
            return "went on"

        return StepResult(StepStatus.SUCCEEDED, await run.ctx.step("hang", body))

    practice.steps = {**practice.steps, "hang": StepType("hang", hang_once)}
    await practice.launch()
    await practice.start(
        {"steps": [step("one"), step("two", "hang")], "sinks": ["room"]}, sinks={"room": CHAT}
    )
    await hanging.wait()
    await practice.restart()
    await practice.durable.ended("x1")

    assert entered == 2
    assert len(practice.told) == 1
    assert await practice.timeline() == [
        "EX-1 started: workflow triage",
        "one started",
        "one succeeded: one said hello",
        "two started",
        "two succeeded: went on",
        "workflow triage succeeded",
    ]


async def test_trouble_with_our_own_database_holds_up_and_does_not_fail(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_workflow, "UNTIL_STORED", Retry(4, first_wait_seconds=0))
    troubles, save = [Unavailable("disk is full")] * 3, practice.store.executions.save_step

    async def save_at_last(*args: Any) -> None:
        if troubles:
            raise troubles.pop()
        await save(*args)

    monkeypatch.setattr(practice.store.executions, "save_step", save_at_last)
    result = await practice.run({"steps": [step("one")]})

    assert result["status"] == "succeeded"


async def test_executions_that_run_are_counted(practice: Practice) -> None:
    running: list[int] = []

    def count(run: StepRun) -> StepResult:
        running.append(practice.telemetry.running)
        return say(run)

    practice.steps = {"count": step_type("count", count)}
    await practice.run({"steps": [step("one", "count")]})

    assert running == [1]
    assert (practice.telemetry.running, practice.telemetry.ended) == (0, 1)


async def test_an_execution_nobody_wrote_down_ends_with_an_error(practice: Practice) -> None:
    await practice.launch()
    payload = {"execution_id": "x9", "incident_id": None}
    await practice.durable.start(Start("x9", EXECUTION_FLOW, payload))

    assert (await practice.durable.ended("x9")).error == "execution 'x9' is not known"


# Functions in which a step's body runs: what they learn is recorded before anything follows from it.
BODIES = {"_begin", "_start_step", "_end_step", "body", "_note"}
WORLDLY = {"now", "get", "read", "begin", "finish", "save_step", "append", "put"}


def worldly_calls(module: ModuleType) -> Iterator[str]:
    """Yield the calls to the clock and the store that *module* makes outside of step bodies."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)

    def walk(node: ast.AST, inside: str) -> Iterator[str]:
        name = node.name if isinstance(node, functions) else inside
        if inside in BODIES:
            name = inside
        match node:
            case ast.Call(ast.Attribute(value, called)) if called in WORLDLY and name not in BODIES:
                if any(word in ast.unparse(value) for word in ("clock", "bench.", "datetime")):
                    yield f"{name}: {ast.unparse(node.func)}"
        for child in ast.iter_child_nodes(node):
            yield from walk(child, name)

    yield from walk(ast.parse(inspect.getsource(module)), "<module>")


def test_the_clock_and_the_store_are_met_in_step_bodies_only() -> None:
    assert set(worldly_calls(run_workflow)) == set()
