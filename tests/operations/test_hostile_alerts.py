"""Whoever can post an alert writes its labels; they are looked for, and never obeyed."""

from dataclasses import replace
from functools import cache

import promql_parser
import pytest

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand, parse_kubectl
from punchingfist.domain.guardrails.risk import Risk
from punchingfist.domain.investigation.evidence import Look, Outcome
from punchingfist.domain.investigation.findings import Report
from punchingfist.domain.investigation.looks import KUBECTL
from punchingfist.errors import InvalidInput, Refused
from punchingfist.lab.scenario import Scenario, load_scenario
from punchingfist.operations.investigate import RulesInvestigator
from tests.operations.practice_belt import PracticeBelt, StraightCtx, question_of
from tests.operations.test_investigate import RULES

SCENARIO = "crash-loop-memory"
HOSTILE = {
    "a-switch": "-A",
    "a-flag": "--all-namespaces",
    "another-namespace": "--namespace=kube-system",
    "a-selector": "-l=app",
    "a-path": "../kube-system",
    "an-encoded-path": "%2e%2e%2fkube-system",
    "a-shell": "a b;rm -rf /",
    "a-substitution": "$(id)`id`",
    "a-list": "shop,kube-system",
    "a-kind": "secrets/x",
    "promql": '"} or vector(1) #',
    "promql-escape": 'x\\"} or vector(1) #',
    "a-placeholder": "SEL BACK METRIC",
    "an-expression": ".*(a+)+$",
    "markup": "[red]x[/red] <script>alert(1)</script>",
    "a-new-line": "shop\nkube-system",
    "controls": "\x00\x1b[2J\x9b",
    "half-a-character": "\ud800",
    "look-alike": "сart\u200b\u202e",
    "long": "x" * 10_240,
}
LABELS = [
    "pod",
    "deployment",
    "service",
    "app",
    "container",
    "job",
    "instance",
    "persistentvolumeclaim",
    "alertname",
]
KINDS = {
    "pods",
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "services",
    "configmaps",
    "events",
    "nodes",
    "namespaces",
}


class ParsingBelt(PracticeBelt):
    """Reads every call as the real tools do before it answers it."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.commands: list[KubectlCommand] = []

    async def ask(self, look: Look) -> tuple[Outcome, str, str | None]:
        if look.tool != KUBECTL:
            promql_parser.parse(str(look.arguments["query"]))
            return await super().ask(look)
        args = look.arguments["args"]
        assert isinstance(args, list)
        try:
            self.commands.append(parse_kubectl([str(arg) for arg in args]))
        except (InvalidInput, Refused) as refused:
            return Outcome.REFUSED, "", str(refused)
        return await super().ask(look)


@cache
def scenario() -> Scenario:
    return load_scenario(SCENARIO)


async def investigate(belt: ParsingBelt, **labels: str) -> Report:
    question = question_of(belt.scenario)
    given = {**question.labels, **labels}
    asked = replace(
        question,
        labels=given,
        annotations={key: value for value in labels.values() for key in ("summary", "text")},
        alert_name=given["alertname"],
        namespace=given["namespace"],
    )
    return await RulesInvestigator(RULES).investigate(asked, belt, StraightCtx())


def check_harmless(commands: list[KubectlCommand]) -> None:
    for command in commands:
        assert command.risk is Risk.READ
        assert command.verb in {"get", "logs"}
        assert set(command.resources) <= KINDS
        assert not command.flags.keys() & {"selector", "field-selector", "sort-by"}


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_label_changes_no_verb_kind_flag_or_namespace(
    label: str, value: str
) -> None:
    belt = ParsingBelt(scenario())

    report = await investigate(belt, **{label: value})

    namespace = question_of(belt.scenario).labels["namespace"]
    check_harmless(belt.commands)
    assert {command.namespace for command in belt.commands} <= {namespace, ""}
    assert not any(command.is_set("all-namespaces") for command in belt.commands)
    assert report.to_json()


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_namespace_is_told_as_something_that_could_not_be_seen(value: str) -> None:
    belt = ParsingBelt(scenario())

    report = await investigate(belt, namespace=value)

    assert belt.commands == []
    assert report.gaps
    assert report.root_cause is None
