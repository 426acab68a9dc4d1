from typing import Any

import pytest

from punchingfist.errors import InvalidInput
from punchingfist.lab.promql.alerting import ActiveAlert, RuleEvaluation, parse_rules
from punchingfist.lab.promql.series import parse_series

NOW = 1_000_000_000
STEP = 30_000
RULE = {
    "alert": "Hot",
    "expr": "heat > 50",
    "for": "1m",
    "labels": {"severity": "critical", "where": "room {{ $labels.room }}"},
    "annotations": {"summary": "{{ $labels.room }} has {{$value}} degrees"},
}


def _alerts(values: str, rule: dict[str, Any] = RULE, *, present: int = NOW) -> list[ActiveAlert]:
    labels = {"__name__": "heat", "room": "cellar"}
    document: dict[str, Any] = {
        "series": [{"labels": labels, "values": values}],
        "rules": [rule],
    }
    index = parse_series(document, NOW)
    first = index.series[0].times[0]
    evaluation = RuleEvaluation(parse_rules(document)[0], index, first=first, interval=STEP)
    return evaluation.alerts(present)


def test_an_alert_is_pending_before_it_has_held() -> None:
    (alert,) = _alerts("20 70 80")

    assert not alert.is_firing
    assert alert.active_at == NOW - STEP


def test_an_alert_fires_once_it_has_held_for_long_enough() -> None:
    (alert,) = _alerts("20 70 80 90")

    assert alert.is_firing
    assert alert.active_at == NOW - 2 * STEP
    assert alert.value == 90


def test_a_break_starts_the_wait_again() -> None:
    (alert,) = _alerts("70 70 70 20 80")

    assert alert.active_at == NOW


def test_what_is_over_is_no_alert() -> None:
    assert _alerts("70 70 70 70 20") == []


def test_time_that_goes_on_turns_pending_into_firing() -> None:
    (alert,) = _alerts("20 70", present=NOW + 2 * STEP)

    assert alert.is_firing


def test_labels_and_texts_are_those_of_the_rule_with_the_values_put_in() -> None:
    (alert,) = _alerts("70")

    assert dict(alert.labels) == {
        "alertname": "Hot",
        "room": "cellar",
        "severity": "critical",
        "where": "room cellar",
    }
    assert alert.annotations == {"summary": "cellar has 70 degrees"}


def test_a_scalar_rule_is_an_alert_without_labels_of_its_own() -> None:
    (alert,) = _alerts("70", {"alert": "Always", "expr": "time()"})

    assert alert.labels == (("alertname", "Always"),)
    assert alert.is_firing


def test_a_rule_that_cannot_be_evaluated_says_why() -> None:
    document: dict[str, Any] = {
        "series": [
            {"labels": {"__name__": name, "room": "cellar"}, "values": "1"}
            for name in ("heat", "cold")
        ],
        "rules": [{"alert": "Both", "expr": '-{room="cellar"}'}],
    }
    index = parse_series(document, NOW)
    evaluation = RuleEvaluation(parse_rules(document)[0], index, first=NOW, interval=STEP)

    assert evaluation.alerts(NOW) == []
    assert "same labelset" in evaluation.error


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param({"alert": "Hot"}, id="not-a-list"),
        pytest.param(["Hot"], id="text"),
        pytest.param([{"alert": "Hot"}], id="no-expression"),
        pytest.param([{**RULE, "expr": "heat >"}], id="no-query"),
        pytest.param([{**RULE, "expr": "heat[5m]"}], id="a-range-is-no-condition"),
        pytest.param([{**RULE, "for": "a while"}], id="no-duration"),
        pytest.param([{**RULE, "severity": "high"}], id="unknown-key"),
        pytest.param([{**RULE, "labels": ["a"]}], id="labels-are-a-list"),
        pytest.param([{**RULE, "annotations": {"a": "{{ query `up` }}"}}], id="other-template"),
    ],
)
def test_a_rule_that_is_wrong_is_refused(rules: object) -> None:
    with pytest.raises(InvalidInput):
        parse_rules({"rules": rules})
