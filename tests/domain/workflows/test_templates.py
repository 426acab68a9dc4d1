from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.workflows.templates import (
    evaluate,
    is_truthy,
    parse,
    render,
    render_value,
    render_yaml_template,
)
from punchingfist.errors import InvalidInput, TooLarge

LABELS = {"service": "checkout", "namespace": "shop", "severity": "critical"}
ALERT = {"alertname": "PodCrashLooping", "summary": "checkout is down", "labels": LABELS}
SCOPE: dict[str, Any] = {
    "source": {
        "name": "alertmanager-critical",
        "data": {"alert": ALERT, "alerts": [ALERT, {"alertname": "Second", "labels": {}}]},
    },
    "env": {"PROMETHEUS_URL": "http://prometheus:9090"},
    "steps": {
        "agent-investigation": {
            "result": {
                "can_auto_fix": True,
                "problem_summary": "out of memory",
                "fix_command": "kubectl rollout undo deploy/checkout",
                "summary": "checkout: OOMKilled",
                "root_cause": "limit 256Mi",
                "escalation_notes": None,
            }
        }
    },
    "outputs": {"auto_fixed": "false"},
    "workflow": {
        "name": "triage",
        "duration": "42s",
        "completedAt": "2024-05-01T10:00:00Z",
        "outputs": {
            "recommendations": "raise the limit",
            "severity-assessment": "critical",
            "initial-triage": "OOMKilled",
        },
    },
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Alert: {{ .source.data.alert.alertname }}", "Alert: PodCrashLooping"),
        ("Summary: {{ .source.data.alert.summary }}", "Summary: checkout is down"),
        (
            "Labels: {{ .source.data.alert.labels | toJSON }}",
            'Labels: {"service": "checkout", "namespace": "shop", "severity": "critical"}',
        ),
        ("{{ .source.data.alert.labels.service }}", "checkout"),
        ("{{ .source.data.alert.labels.namespace }}", "shop"),
        ("{{ .source.data.alert.labels.severity }}", "critical"),
        ("{{ .env.PROMETHEUS_URL }}", "http://prometheus:9090"),
        ("{{ .steps.agent-investigation.result.can_auto_fix }}", "true"),
        ("{{ .steps.agent-investigation.result.problem_summary }}", "out of memory"),
        (
            "{{ .steps.agent-investigation.result.fix_command }}",
            "kubectl rollout undo deploy/checkout",
        ),
        ("{{ .steps.agent-investigation.result.summary }}", "checkout: OOMKilled"),
        ("{{ .steps.agent-investigation.result.root_cause }}", "limit 256Mi"),
        ("{{ .steps.agent-investigation.result.escalation_notes }}", ""),
        ("{{ .steps.resolution-attempt.success | default false }}", "false"),
        ("{{ not .outputs.auto_fixed }}", "true"),
        ("{{ .workflow.outputs.recommendations }}", "raise the limit"),
        ("{{ .workflow.outputs.severity-assessment }}", "critical"),
        ("{{ .workflow.outputs.initial-triage }}", "OOMKilled"),
        ("- Source: {{ .source.name }}", "- Source: alertmanager-critical"),
        ("- Workflow: {{ .workflow.name }}", "- Workflow: triage"),
        ("- Duration: {{ .workflow.duration }}", "- Duration: 42s"),
        ("{{ .workflow.completedAt }}", "2024-05-01T10:00:00Z"),
    ],
)
def test_the_templates_of_the_format_render(template: str, text: str) -> None:
    assert render(template, SCOPE) == text


def test_a_whole_event_renders_as_json() -> None:
    assert render("{{ .source.data }}", {"source": {"data": {"a": [1, None, True]}}}) == (
        '{"a": [1, null, true]}'
    )


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ .source.data.alerts.1.alertname }}", "Second"),
        ("{{ .source.data.alerts.2.alertname }}", ""),
        ('{{ .nothing | default "none" | upper }}', "NONE"),
        ("{{ .nothing | default .source.name }}", "alertmanager-critical"),
        ("{{ if eq .source.name `x` }}a{{ else if not .nothing }}b{{ else }}c{{ end }}", "b"),
        (
            "{{ range .source.data.alerts }}[{{ .alertname }} {{ $.source.name | trunc 5 }}]{{ end }}",
            "[PodCrashLooping alert][Second alert]",
        ),
        ("{{ range .nothing }}x{{ else }}none{{ end }}", "none"),
        ("{{ with .source.data.alert }}{{ .summary }}{{ else }}-{{ end }}", "checkout is down"),
        ("{{ with .nothing }}x{{ else }}{{ .source.name }}{{ end }}", "alertmanager-critical"),
        ("a \n{{- /* }} said */ -}}\n b", "ab"),
        ("a {{- `-` -}} b", "a-b"),
        ('{{ and .source.name (or .nothing "x") }}', "x"),
        ('{{ contains "down" .source.data.alert.summary }}', "true"),
        ("{{ contains .source.data.alerts .source.data.alert }}", "false"),
        (
            '{{ "b" | eq "b" }}{{ ne 1 2 }}{{ lt 1 2.5 }}{{ le "a" "a" }}{{ gt 2 1 }}{{ ge 1 1 }}',
            "true" * 6,
        ),
        ("{{ eq 1 true }}", "false"),
        ('{{ .items | join ", " }}', ""),
        ('{{ "a\nb" | indent 2 }}'.replace("\n", "\\n"), "  a\n  b"),
        ('{{ "say \\"hi\\"" | quote }}', '"say \\"hi\\""'),
        ("{{ trunc -3 .source.name }}", "cal"),
        ("{{ 3 }}{{ -1.5 }}{{ null }}{{ true }}", "3-1.5true"),
        ("}} stray {{ `{{` }}", "}} stray {{"),
    ],
)
def test_every_construct_does_what_it_says(template: str, text: str) -> None:
    assert render(template, SCOPE) == text


@pytest.mark.parametrize(
    ("template", "place", "reason"),
    [
        ("{{ .a", "line 1, column 1", "never closed"),
        ("x\n  {{ .a | uper }}", "line 2, column 11", "did you mean 'upper'"),
        ("{{ }}", "column 1", "empty"),
        ("{{ end }}", "column 1", "closes nothing"),
        ("{{ if .a }}", "column 1", "add {{ end }}"),
        ("{{ if .a }}{{ else }}{{ else }}{{ end }}", "column 22", "second 'else'"),
        ("{{ .a | }}", "column 7", "missing after this"),
        ("{{ .a .b }}", "column 7", "add '|'"),
        ("{{ (.a }}", "column 4", "never closed"),
        ("{{ upper }}", "column 4", "it got 0"),
        ("{{ .a | .b }}", "column 9", "no function"),
        ("{{ /* x }}", "column 1", "comment is never closed"),
        ('{{ "\\x" }}', "column 4", "escape"),
        ("{{ .a ? }}", "column 7", "not understood"),
    ],
)
def test_a_wrong_template_says_where_and_why(template: str, place: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(template)

    assert place in str(refused.value)
    assert reason in str(refused.value)


def test_a_missing_path_is_empty_in_text_and_an_error_when_strict() -> None:
    assert render("[{{ .steps.gone.success }}]", SCOPE) == "[]"
    with pytest.raises(InvalidInput, match=r"\.steps\.gone\.success"):
        render("{{ .steps.gone.success }}", SCOPE, strict=True)


def test_a_default_satisfies_strictness_and_keeps_false() -> None:
    assert render("{{ .gone | default false }}", SCOPE, strict=True) == "false"
    assert render("{{ .there | default true }}", {"there": False}, strict=True) == "false"


HOSTILE = [
    "{{ .secret }}",
    "{{ range . }}",
    "\"quoted\" 'and'",
    "a\nb: c\n- d",
    "$(touch x) `touch y` ${HOME}",
    "nul\0nul",
    "lone \ud800 surrogate",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_stay_data(value: str) -> None:
    assert render("<{{ .v }}>", {"v": value, "secret": "s3cret"}) == f"<{value}>"


@given(st.text(st.characters()))
def test_any_value_appears_verbatim(value: str) -> None:
    assert render("<{{ .a.b-c }}>", {"a": {"b-c": value}}) == f"<{value}>"


@given(st.text(st.characters()) | st.text('{}().|$-/*`"\\ \nabif01endelse', max_size=80))
def test_any_text_parses_or_is_invalid_input(text: str) -> None:
    with suppress(InvalidInput):
        parse(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "{{ .a }}",
                "{{ if .a }}",
                "{{ range .b }}",
                "{{ with .c }}",
                "{{ else }}",
                "{{ end }}",
                "x",
                "{{ .b | toJSON }}",
                "{{ gt .a .b }}",
                "{{ join .a .b }}",
                "{{ trunc .a .a }}",
            ]
        )
    ),
    st.dictionaries(
        st.sampled_from("abc"),
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5),
    ),
)
def test_rendering_gives_text_or_invalid_input(parts: list[str], scope: dict[str, Any]) -> None:
    with suppress(InvalidInput):
        assert isinstance(render("".join(parts), scope), str)


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("x" * 70_000, id="length"),
        pytest.param("{{ if .a }}" * 30 + "{{ end }}" * 30, id="blocks"),
        pytest.param("{{ " + "(" * 30 + ".a" + ")" * 30 + " }}", id="parentheses"),
    ],
)
def test_templates_are_bounded(template: str) -> None:
    with pytest.raises(InvalidInput):
        parse(template)


def test_output_and_work_are_bounded() -> None:
    with pytest.raises(TooLarge):
        render("{{ .a }}{{ .a }}", {"a": "x" * 600_000})
    nested = "{{ range $.l }}" * 5 + "{{ end }}" * 5
    with pytest.raises(TooLarge):
        render(nested, {"l": list(range(100))})


def test_an_expression_gives_its_value_and_not_its_text() -> None:
    assert evaluate(".source.data.alert.labels", SCOPE) == LABELS
    assert evaluate("{{ .gone | default 3 }}", SCOPE, strict=True) == 3
    with pytest.raises(InvalidInput, match="not one value"):
        evaluate("{{ .a }} and {{ .b }}", SCOPE)


def test_the_texts_of_a_tree_are_rendered_and_nothing_else() -> None:
    tree = {"{{ .k }}": ["{{ .v }}", 1, None, {"x": "a{{ .v }}"}]}

    assert render_value(tree, {"v": "b: c", "k": "no"}) == {
        "{{ .k }}": ["b: c", 1, None, {"x": "ab: c"}]
    }


@pytest.mark.parametrize("value", [*HOSTILE, '"\nai_severity: "none', "x: y"])
def test_a_value_in_a_yaml_template_cannot_add_a_key(value: str) -> None:
    template = 'ai_triage: "{{ .workflow.outputs.recommendations }}"\nai_severity: "critical"\n'
    scope = {"workflow": {"outputs": {"recommendations": value}}}

    assert render_yaml_template(template, scope) == {"ai_triage": value, "ai_severity": "critical"}


def test_a_placeholder_outside_quotes_in_a_yaml_template_says_so() -> None:
    with pytest.raises(InvalidInput, match="quotes"):
        render_yaml_template("ai_triage: {{ .a }}", {})


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("true", True),
        ("yes", True),
        ("", False),
        (" False\n", False),
        ("0", False),
        ("null", False),
    ],
)
def test_truth_of_a_rendered_text(text: str, true: bool) -> None:
    assert is_truthy(text) is true
