from typing import Any

import pytest
import yaml

from punchingfist.domain.loading.assemble import assemble_files
from punchingfist.domain.resources.problems import InvalidResources
from tests.domain.loading.known import KNOWN

AGENT = {"name": "look", "type": "agent", "goal": "find out"}


def resource(kind: str, name: str, **spec: Any) -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "punchingfist.io/v1alpha1",
            "kind": kind,
            "metadata": {"name": name},
            "spec": spec,
        },
        sort_keys=False,
    )


def api(name: str, endpoint: str) -> str:
    return (
        f"apiVersion: punchingfist.io/v1alpha1\nkind: Source\nmetadata: {{name: {name}}}\n"
        f"spec: {{type: api, config: {{endpoint: {endpoint}}}, triggerWorkflow: w}}\n"
    )


def webhook(name: str, path: str = "/a", **config: Any) -> str:
    config = {"path": path, **config}
    return resource("Source", name, type="webhook", config=config, triggerWorkflow="w")


def refusal(*documents: str) -> InvalidResources:
    with pytest.raises(InvalidResources) as refused:
        assemble_files({"f.yaml": "---\n".join(documents)}, KNOWN)
    return refused.value


def conditions(*documents: str) -> list[tuple[str, str, str]]:
    found = assemble_files({"f.yaml": "---\n".join(documents)}, KNOWN)
    return [(each.name, each.type, each.reason) for each in found.conditions]


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        pytest.param(
            (webhook("a"), webhook("b", "/a/")),
            "Source 'b' spec.config.path: '/a/' is taken by Source 'a' (f.yaml:8)",
            id="two-sources-on-one-path",
        ),
        pytest.param(
            (webhook("a"), api("b", "/a")),
            "Source 'b' spec.config.endpoint: '/a' is taken by Source 'a' (f.yaml:8)",
            id="a-webhook-and-an-api-on-one-path",
        ),
        pytest.param(
            (webhook("a"), webhook("a", "/b")),
            "Source 'a' metadata.name: 'a' is taken by Source 'a' (f.yaml:4)",
            id="one-name-twice",
        ),
        pytest.param(
            (resource("Workflow", "w", steps=[AGENT, AGENT]),),
            "spec.steps[1].name: 'look' is already spec.steps[0]",
            id="one-step-twice",
        ),
        pytest.param(
            (resource("Workflow", "w", steps=[{**AGENT, "tools": ["kubectll"]}]),),
            "f.yaml:11: Workflow 'w' spec.steps[0].tools[0]: tool 'kubectll' is unknown; "
            "did you mean 'kubectl'?",
            id="unknown-tool",
        ),
        pytest.param(
            (resource("Workflow", "w", steps=[{"name": "a", "type": "agnet"}]),),
            "spec.steps[0].type: type 'agnet' is unknown; did you mean 'agent'?",
            id="unknown-step-type",
        ),
        pytest.param(
            (resource("Workflow", "w", steps=[]),),
            "f.yaml:6: Workflow 'w' spec.steps: it is empty; add at least one",
            id="no-steps",
        ),
        pytest.param(
            (resource("Sink", "s", type="slak"),),
            "spec.type: type 'slak' is unknown; did you mean 'slack'?",
            id="unknown-sink-type",
        ),
        pytest.param(
            (webhook("a", "nopath"),),
            "spec.config.path: 'nopath' does not fit; start it with '/'",
            id="config",
        ),
        pytest.param(
            (webhook("a", filters={"x": "=~("}),),
            "spec.config.filters.x[0]: regular expression '(' is wrong",
            id="regular-expression",
        ),
        pytest.param(
            (webhook("a", authentication={"type": "bearer", "secretRef": "s3://x"}),),
            "secret scheme 's3' is unknown",
            id="secret-scheme",
        ),
        pytest.param(
            (resource("Workflow", "w", steps=[{**AGENT, "goal": "{{ .a | uper }}"}]),),
            "spec.steps[0].goal: template line 1, column 9: function 'uper' is unknown",
            id="template",
        ),
        pytest.param(
            (
                resource(
                    "Workflow",
                    "w",
                    steps=[{"name": "a", "type": "cli", "command": "eval {{ .a }}"}],
                ),
            ),
            "spec.steps[0].command: command line 1: the placeholder is given to 'eval'",
            id="command",
        ),
        pytest.param(
            (resource("Workflow", "w", steps=[{**AGENT, "context": {"a": ["{{"]}}]),),
            "spec.steps[0].context.a[0]: template line 1",
            id="template-in-a-tree",
        ),
        pytest.param(
            (
                resource(
                    "Sink",
                    "s",
                    type="alertmanager",
                    config={"action": "annotate", "template": "a: {{ .b }}"},
                ),
            ),
            "spec.config.template: a key is not a word; put quotes",
            id="yaml-template",
        ),
        pytest.param(
            (
                resource(
                    "Sink",
                    "s",
                    type="workflow",
                    config={"workflowName": "w", "triggerCondition": "a = b"},
                ),
            ),
            "spec.config.triggerCondition: condition 'a = b' is not CEL",
            id="cel",
        ),
    ],
)
def test_what_cannot_work_is_refused(documents: tuple[str, ...], message: str) -> None:
    refused = refusal(*documents)

    assert message in str(refused)
    assert len(refused.problems) == 1


def test_all_problems_of_all_files_are_told_at_once_in_order() -> None:
    with pytest.raises(InvalidResources) as refused:
        assemble_files({"b.yaml": "a: [", "a.yaml": webhook("X"), "c.yaml": webhook("ok")}, KNOWN)

    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == ["a.yaml", "b.yaml"]
    assert refused.value.exit_code == 2


def test_a_template_error_is_placed_on_its_own_line_of_a_long_text() -> None:
    text = (
        "apiVersion: punchingfist.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\nspec:\n"
        "  steps:\n    - name: a\n      type: agent\n      goal: |\n        one\n        {{ .x | uper }}\n"
    )

    (problem,) = refusal(text).problems

    assert problem.line == 10


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param(
            (webhook("a"),), ("a", "WorkflowResolved", "WorkflowNotFound"), id="missing-workflow"
        ),
        pytest.param(
            (resource("Workflow", "w", steps=[AGENT], sinks=["gone"]),),
            ("w", "SinksResolved", "SinkNotFound"),
            id="missing-sink",
        ),
        pytest.param(
            (resource("Sink", "s", type="jira", config={"project": "P", "endpoint": "https://j"}),),
            ("s", "Available", "NotAvailableYet"),
            id="sink-type-to-come",
        ),
        pytest.param(
            (resource("Workflow", "w", steps=[{**AGENT, "approvalRequired": True}]),),
            ("w", "Available", "NotAvailableYet"),
            id="approval-to-come",
        ),
        pytest.param(
            (
                resource(
                    "Workflow", "w", steps=[{**AGENT, "tools": [{"name": "x", "command": "/x"}]}]
                ),
            ),
            ("w", "ToolsAvailable", "NotAvailableYet"),
            id="script-tool-to-come",
        ),
        pytest.param(
            (resource("Sink", "s", type="slack", config={"channel": "#a", "botToken": "xoxb-1"}),),
            ("s", "PlaintextSecret", "InlineSecret"),
            id="secret-in-clear",
        ),
        pytest.param(
            (
                resource(
                    "OperatorConfig",
                    "c",
                    database={"type": "postgres", "connectionString": "postgresql://u:p@h/d"},
                ),
            ),
            ("c", "PlaintextSecret", "InlineSecret"),
            id="password-in-a-url",
        ),
        pytest.param(
            (webhook("a", filtres={}),), ("a", "ConfigRecognised", "UnknownField"), id="misspelt"
        ),
        pytest.param(
            (webhook("a", authentication={"type": "none"}),),
            ("a", "Authenticated", "AuthenticationOff"),
            id="open-door",
        ),
        pytest.param(
            (webhook("a", authentication={"type": "bearer"}),),
            ("a", "Authenticated", "SecretRefMissing"),
            id="no-token",
        ),
        pytest.param(
            (resource("OperatorConfig", "punchingfist-config"), resource("OperatorConfig", "a")),
            ("a", "Ignored", "AnotherCounts"),
            id="second-config",
        ),
    ],
)
def test_what_may_yet_work_is_a_condition(
    documents: tuple[str, ...], expected: tuple[str, str, str]
) -> None:
    assert expected in conditions(*documents)


def test_a_secret_by_reference_or_not_at_all_needs_no_word() -> None:
    config = {"channel": "#a", "botToken": "env://SLACK_BOT_TOKEN"}

    assert conditions(resource("Sink", "s", type="slack", config=config)) == []


def test_a_secret_in_clear_is_never_repeated() -> None:
    config = {"channel": "#a", "botToken": "xoxb-s3cret"}

    found = assemble_files({"f": resource("Sink", "s", type="slack", config=config)}, KNOWN)

    assert "s3cret" not in str(found.conditions)


def test_only_what_is_all_there_is_available() -> None:
    found = assemble_files(
        {
            "a": resource("Sink", "now", type="stdout"),
            "b": resource("Sink", "later", type="prometheus", config={"pushgateway": "http://p"}),
        },
        KNOWN,
    )

    assert found.is_available("Sink", "now")
    assert not found.is_available("Sink", "later")
    assert list(found.sinks) == ["now", "later"]
