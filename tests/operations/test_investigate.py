"""Whole investigations by the rules, on every practice scenario."""

import json
import random
import re
from dataclasses import replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, cast

import promql_parser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import punchingfist.extensions.rules as folder
from punchingfist.domain.guardrails.kubectl_commands import parse_kubectl
from punchingfist.domain.guardrails.risk import Risk
from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.evidence import Outcome
from punchingfist.domain.investigation.findings import Report, Verdict
from punchingfist.domain.investigation.grounding import ground
from punchingfist.domain.investigation.looks import KUBECTL
from punchingfist.domain.investigation.phrases import CLAIM_LENGTH
from punchingfist.domain.investigation.planner import MOST_LOOKS, MOST_ROUNDS, next_look
from punchingfist.domain.investigation.question import Question
from punchingfist.domain.investigation.weighing import FACTS_TOLD
from punchingfist.lab import scenario as lab
from punchingfist.lab.kubernetes.logs import LogKey
from punchingfist.lab.scenario import Scenario, list_scenarios
from punchingfist.lab.scenario import Verdict as Right
from punchingfist.operations.investigate import RulesInvestigator
from tests.operations.practice_belt import BOTH, PracticeBelt, StraightCtx, question_of

RULES = [
    import_module(f"{folder.__name__}.{module.name}").RULE
    for module in iter_modules(folder.__path__)
]
# Reading one costs more than investigating it, and nothing changes it.
load_scenario = cache(lab.load_scenario)
NAMES = list_scenarios()
BROKEN = [name for name in NAMES if load_scenario(name).verdict is Right.CAUSE]
VERDICTS = {
    Right.CAUSE: Verdict.CAUSE_FOUND,
    Right.HEALTHY: Verdict.HEALTHY,
    Right.UNKNOWN: Verdict.UNKNOWN,
}


async def investigate(belt: PracticeBelt, question: Question | None = None) -> Report:
    asked = question or question_of(belt.scenario)
    return await RulesInvestigator(RULES).investigate(asked, belt, StraightCtx())


@pytest.mark.parametrize("name", NAMES)
async def test_every_scenario_gets_its_verdict(name: str) -> None:
    scenario = load_scenario(name)

    report = await investigate(PracticeBelt(scenario))

    assert report.verdict is VERDICTS[scenario.verdict], report.summary


@pytest.mark.parametrize("name", BROKEN)
async def test_every_broken_scenario_gets_its_object_and_cause(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.expected

    report = await investigate(PracticeBelt(scenario))

    words = (scenario.expected.cause, *scenario.expected.synonyms)
    assert str(report.object) == scenario.expected.object
    assert report.root_cause
    assert any(word.lower() in report.root_cause.lower() for word in words), report.root_cause
    assert 0.5 < report.confidence < 1
    assert report.recommendations
    assert report.decisive


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("seed", [1, 2])
async def test_the_answer_follows_when_every_object_has_another_name(name: str, seed: int) -> None:
    scenario, names = renamed(load_scenario(name), seed)
    assert scenario.expected

    report = await investigate(PracticeBelt(scenario))

    assert str(report.object) == scenario.expected.object
    assert not [
        old for old in names if re.search(rf"\b{re.escape(old)}\b", report.root_cause or "")
    ]


@pytest.mark.parametrize("name", BROKEN)
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(shuffle=st.randoms(use_true_random=False))
async def test_the_order_of_the_evidence_changes_nothing(name: str, shuffle: random.Random) -> None:
    belt = PracticeBelt(load_scenario(name))
    report = await investigate(belt)
    evidence = list(belt.evidence.values())
    shuffle.shuffle(evidence)
    question = question_of(belt.scenario)

    case = Case(question, evidence)
    again = next_look(case, RULES, BOTH)

    assert isinstance(again, Report)
    assert ground(again, case) == report


@pytest.mark.parametrize(
    ("name", "decisive"),
    [
        ("crash-loop-memory", "OOMKilled|OutOfMemory|heap|137"),
        ("slow-api-database", r"timed out|[Tt]imeout|\d"),
        ("shared-redis", r"OOM|maxmemory|redis"),
        ("unreachable-service-port", "3000|containerPort|targetPort"),
    ],
)
async def test_without_its_decisive_lines_a_scenario_gets_another_answer(
    name: str, decisive: str
) -> None:
    scenario = load_scenario(name)
    assert scenario.expected
    whole = await investigate(PracticeBelt(scenario))
    pattern = re.compile(decisive)

    def is_hidden(line: str) -> bool:
        return line.strip() not in {"", "{", "}", "[", "]"} and bool(pattern.search(line))

    report = await investigate(PracticeBelt(scenario, forget=is_hidden))

    assert report.root_cause != whole.root_cause
    assert report.verdict is not Verdict.HEALTHY


@pytest.mark.parametrize("name", NAMES)
async def test_an_investigation_keeps_to_its_limits(name: str) -> None:
    belt, ctx = PracticeBelt(load_scenario(name)), StraightCtx()

    await RulesInvestigator(RULES).investigate(question_of(belt.scenario), belt, ctx)

    assert len(belt.evidence) <= MOST_LOOKS
    assert list(ctx.steps) == [f"think#{n}" for n in range(1, len(ctx.steps) + 1)]
    assert len(ctx.steps) <= MOST_ROUNDS


@pytest.mark.parametrize("name", NAMES)
async def test_an_investigation_asks_the_cluster_no_more_than_its_pace_allows(name: str) -> None:
    belt = PracticeBelt(load_scenario(name))

    await investigate(belt)

    reads = [one for one in belt.evidence.values() if one.ref.tool == KUBECTL]
    assert len(reads) <= 15


@pytest.mark.parametrize("name", BROKEN)
async def test_a_report_says_one_cause_in_one_sentence_and_few_facts(name: str) -> None:
    report = await investigate(PracticeBelt(load_scenario(name)))

    assert [finding.claim for finding in report.findings if finding.cause] == [report.root_cause]
    assert len(report.root_cause or "") <= CLAIM_LENGTH
    assert len([finding for finding in report.findings if not finding.cause]) <= FACTS_TOLD


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("crash-loop-memory", "OOMKilled, limit 512Mi"),
        ("slow-api-database", "postgres: CPU at limit, queries 6→310 ms"),
        ("shared-redis", "redis: memory 95 % of maxmemory"),
        ("unreachable-service-port", "targetPort 8080, pods listen on 3000"),
    ],
)
async def test_a_lock_screen_shows_the_cause(name: str, short: str) -> None:
    report = await investigate(PracticeBelt(load_scenario(name)))

    assert report.findings[0].short == short


@pytest.mark.parametrize("name", NAMES)
async def test_no_look_is_made_twice_and_each_says_why(name: str) -> None:
    belt = PracticeBelt(load_scenario(name))

    await investigate(belt)

    made = [json.dumps([one.ref.tool, one.ref.arguments]) for one in belt.evidence.values()]
    assert len(made) == len(set(made))
    assert all(one.ref.why for one in belt.evidence.values())


@pytest.mark.parametrize("name", NAMES)
async def test_every_look_is_a_read_that_the_tools_accept(name: str) -> None:
    belt = PracticeBelt(load_scenario(name))

    await investigate(belt)

    for one in belt.evidence.values():
        if one.ref.tool == KUBECTL:
            args = [str(arg) for arg in cast("list[str]", one.ref.arguments["args"])]
            assert parse_kubectl(args).risk is Risk.READ
        else:
            promql_parser.parse(str(one.ref.arguments["query"]))


async def test_a_replay_gives_the_same_report_without_thinking_again() -> None:
    belt, ctx = PracticeBelt(load_scenario("crash-loop-memory")), StraightCtx()
    question = question_of(belt.scenario)
    first = await RulesInvestigator(RULES).investigate(question, belt, ctx)

    again = await RulesInvestigator(()).investigate(question, belt, ctx)

    assert again == first


async def test_causes_are_told_as_soon_as_they_are_found_and_once() -> None:
    belt = PracticeBelt(load_scenario("crash-loop-memory"))

    await investigate(belt)

    told = [(finding.rule, finding.object) for _, findings in belt.told for finding in findings]
    assert belt.told[0][0] == "think#2"
    assert told[0][0] == "out_of_memory"
    assert len(told) == len(set(told))


async def test_a_healthy_workload_without_metrics_is_unknown_and_says_what_was_not_seen() -> None:
    belt = PracticeBelt(load_scenario("healthy"), tools=frozenset({KUBECTL}))

    report = await investigate(belt)

    assert report.verdict is Verdict.UNKNOWN
    assert any(gap.what == "metrics" for gap in report.gaps)
    assert report.summary.startswith(f"Unknown: checked {report.checked}, could not see")


async def test_without_any_tool_nothing_is_guessed() -> None:
    belt = PracticeBelt(load_scenario("crash-loop-memory"), tools=frozenset())

    report = await investigate(belt)

    assert (report.verdict, report.checked, belt.evidence) == (Verdict.UNKNOWN, 0, {})


async def test_too_little_to_see_names_what_is_closed_to_us() -> None:
    report = await investigate(PracticeBelt(load_scenario("too-little-to-see")))

    assert {"pods in billing", "events in billing"} <= {gap.what for gap in report.gaps}
    assert report.root_cause is None


async def test_a_workload_that_is_not_there_is_unknown_and_says_so() -> None:
    scenario = load_scenario("healthy")
    labels = {"namespace": "shop", "deployment": "nowhere"}
    question = replace(question_of(scenario), labels=labels, annotations={})

    report = await investigate(PracticeBelt(scenario), question)

    assert report.verdict is Verdict.UNKNOWN
    assert any(gap.what == "nowhere" for gap in report.gaps)


async def test_a_namespace_that_is_not_there_is_unknown_and_says_so() -> None:
    scenario = load_scenario("healthy")
    question = replace(question_of(scenario), labels={}, annotations={}, namespace="nowhere")

    report = await investigate(PracticeBelt(scenario), question)

    assert report.verdict is Verdict.UNKNOWN
    assert any(gap.what == "namespace nowhere" for gap in report.gaps)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("crash-loop-memory", "why does my-app keep restarting?"),
        ("slow-api-database", "payment-service is slow"),
        ("unreachable-service-port", "nobody can log in, is user-auth down?"),
    ],
)
async def test_a_question_in_words_finds_the_same_cause(name: str, text: str) -> None:
    scenario = load_scenario(name)
    assert scenario.expected
    question = replace(question_of(scenario), labels={}, annotations={}, alert_name="", text=text)

    report = await investigate(PracticeBelt(scenario), question)

    assert str(report.object) == scenario.expected.object


async def test_a_question_about_a_namespace_alone_finds_what_is_wrong_in_it() -> None:
    scenario = load_scenario("crash-loop-memory")
    question = replace(question_of(scenario), labels={}, annotations={}, text="what is wrong?")

    report = await investigate(PracticeBelt(scenario), question)

    assert scenario.expected
    assert str(report.object) == scenario.expected.object


async def test_an_alert_without_labels_finds_no_cause_and_does_not_fail() -> None:
    scenario = load_scenario("healthy")
    question = replace(
        question_of(scenario), labels={}, annotations={}, alert_name="", namespace=""
    )

    report = await investigate(PracticeBelt(scenario), question)

    assert report.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("unreachable-service-port", True),
        ("crash-loop-memory", True),
        ("slow-api-database", False),
        ("shared-redis", False),
    ],
)
async def test_only_what_can_be_taken_back_without_loss_may_be_fixed_unasked(
    name: str, safe: bool
) -> None:
    report = await investigate(PracticeBelt(load_scenario(name)))

    assert report.can_auto_fix is safe
    assert (report.fix_command is not None) is safe
    assert report.actions_taken == ()


@pytest.mark.parametrize("name", ["crash-loop-memory", "unreachable-service-port"])
async def test_the_last_change_before_the_trouble_is_named(name: str) -> None:
    report = await investigate(PracticeBelt(load_scenario(name)))

    assert report.last_change
    assert report.last_change.object == report.object
    assert report.last_change.what


@pytest.mark.parametrize("name", NAMES)
async def test_every_report_survives_json(name: str) -> None:
    report = await investigate(PracticeBelt(load_scenario(name)))

    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report


async def test_a_report_of_an_earlier_version_still_loads() -> None:
    report = await investigate(PracticeBelt(load_scenario("crash-loop-memory")))
    stored = json.loads(json.dumps(report.to_json()))
    for finding in stored["findings"]:
        del finding["short"]

    assert Report.from_json(stored).root_cause == report.root_cause


async def test_what_fails_to_answer_is_a_gap_and_never_an_absence() -> None:
    belt = PracticeBelt(load_scenario("healthy"))
    belt.scenario = replace(belt.scenario, logs={})

    report = await investigate(belt)

    assert any(one.ref.outcome is Outcome.FAILED for one in belt.evidence.values())
    assert report.verdict is Verdict.UNKNOWN
    assert any(gap.what.startswith("log of") for gap in report.gaps)


def renamed(scenario: Scenario, seed: int) -> tuple[Scenario, list[str]]:
    """Give every workload, pod, Service, ConfigMap and namespace a name made of random letters."""
    kinds = {"Deployment", "StatefulSet", "ReplicaSet", "Pod", "Service", "Namespace", "DaemonSet"}
    found = {body["metadata"]["name"] for body in scenario.objects if body["kind"] in kinds}
    boxes = {
        box["name"]
        for body in scenario.objects
        if body["kind"] == "Pod"
        for box in body["spec"]["containers"]
    }
    # One name may be the front of another; the longest goes first.
    names = sorted(found | boxes, key=lambda name: (-len(name), name))
    letters = random.Random(seed)
    fresh = {old: "".join(letters.choices("bcdfghjkmpqrtvwxz", k=9)) for old in names}
    pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, names))})(?![\w-])")

    def new(text: str) -> str:
        return pattern.sub(lambda match: fresh[match[1]], text)

    def deep(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: deep(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(deep(one) for one in value)
        return new(value) if isinstance(value, str) else value

    assert scenario.expected
    logs = {
        LogKey(new(key.namespace), new(key.pod), new(key.container), key.previous): text
        for key, text in scenario.logs.items()
    }
    changed = replace(
        scenario,
        alert=deep(scenario.alert),
        namespace=new(scenario.namespace),
        objects=deep(scenario.objects),
        metrics=deep(scenario.metrics),
        logs={key: new(text.decode()).encode() for key, text in logs.items()},
        expected=replace(scenario.expected, object=new(scenario.expected.object)),
    )
    return changed, names
