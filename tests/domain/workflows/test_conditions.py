from typing import Any

import pytest

from punchingfist.domain.workflows.conditions import cel, check_cel, holds
from punchingfist.errors import InvalidInput


@pytest.mark.parametrize(
    ("condition", "scope", "answer"),
    [
        ("{{ not .outputs.auto_fixed }}", {"outputs": {"auto_fixed": "false"}}, True),
        ("{{ not .outputs.auto_fixed }}", {"outputs": {"auto_fixed": True}}, False),
        ("{{ .result.can_auto_fix }}", {"result": {"can_auto_fix": None}}, False),
        ("{{ .gone | default false }}", {}, False),
        ("true", {}, True),
    ],
)
def test_a_condition_is_judged_by_its_text(
    condition: str, scope: dict[str, Any], answer: bool
) -> None:
    assert holds(condition, scope) is answer


def test_a_condition_over_a_missing_path_names_it() -> None:
    with pytest.raises(InvalidInput, match=r"\.outputs\.gone"):
        holds("{{ not .outputs.gone }}", {"outputs": {}})


@pytest.mark.parametrize(
    ("expression", "variables", "answer"),
    [
        ("severity == 'critical'", {"severity": "critical"}, True),
        ("severity == 'critical'", {"severity": "warning"}, False),
        (
            "team in ['a', 'b'] && severity != 'info'",
            {"team": "a", "severity": "x"},
            True,
        ),
        ("labels.namespace == 'a'", {"labels": {"namespace": "a"}}, True),
        ("has(labels.team)", {"labels": {}}, False),
    ],
)
def test_cel_is_judged_over_labels(
    expression: str, variables: dict[str, Any], answer: bool
) -> None:
    assert cel(expression, variables) is answer


@pytest.mark.parametrize(
    ("expression", "variables", "reason"),
    [
        pytest.param(
            "severity == 'x'", {"team": "a"}, "'severity'.*use one of team", id="variable"
        ),
        pytest.param("a == 'x' || b == 'y'", {"b": "y"}, "'a'", id="even-where-or-would-hide-it"),
        pytest.param("labels.team == 'x'", {"labels": {}}, "'team'", id="field"),
        pytest.param("1 +", {}, "not CEL", id="syntax"),
        pytest.param("namespace == 'a'", {}, r"write labels\.namespace", id="reserved"),
        pytest.param("'text'", {}, "gives 'text'", id="not-a-boolean"),
        pytest.param("a > 1", {"a": "x"}, "cannot be judged", id="kinds"),
        pytest.param("a == '\ud800'", {"a": "x"}, "not CEL", id="surrogate"),
    ],
)
def test_cel_that_cannot_be_judged_says_why(
    expression: str, variables: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason):
        cel(expression, variables)


def test_cel_is_checked_without_values() -> None:
    check_cel("severity == 'critical'")
    with pytest.raises(InvalidInput, match="severity ="):
        check_cel("severity = 'critical'")
