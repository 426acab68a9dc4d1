from punchingfist.domain.inhibition import FiringAlert, Inhibition, InhibitRule
from punchingfist.domain.silences.matchers import parse_matchers

RULE = InhibitRule(
    parse_matchers("severity=critical"), parse_matchers("severity=~warning|info"), ("namespace",)
)
CRITICAL = {"alertname": "Down", "severity": "critical", "namespace": "shop"}
WARNING = {"alertname": "Slow", "severity": "warning", "namespace": "shop"}


def firing(**labels: str) -> FiringAlert:
    return FiringAlert(f"fp-{labels['alertname']}", labels["alertname"], labels)


def finds(rule: InhibitRule, target: dict[str, str], *sources: FiringAlert) -> str | None:
    found = Inhibition([rule], sources).find(target)
    return found.name if found else None


def test_a_firing_source_with_equal_labels_mutes_the_target() -> None:
    assert finds(RULE, WARNING, firing(**CRITICAL)) == "Down"


def test_other_values_of_the_equal_labels_mute_nothing() -> None:
    assert finds(RULE, {**WARNING, "namespace": "web"}, firing(**CRITICAL)) is None


def test_a_missing_label_is_an_empty_one() -> None:
    nowhere = {name: CRITICAL[name] for name in ("alertname", "severity")}

    assert finds(RULE, {**WARNING, "namespace": ""}, firing(**nowhere)) == "Down"
    assert finds(RULE, WARNING, firing(**nowhere)) is None


def test_no_alert_that_matches_both_sides_mutes_another_such_or_itself() -> None:
    both = InhibitRule(parse_matchers("team=db"), parse_matchers("team=~db|web"))
    one, other = firing(alertname="One", team="db"), firing(alertname="Other", team="db")

    assert finds(both, dict(one.labels), one, other) is None
    assert finds(both, {"alertname": "Web", "team": "web"}, one) == "One"


def test_a_source_that_is_a_target_too_still_mutes_a_plain_target() -> None:
    rule = InhibitRule(parse_matchers("kind=~a|b"), parse_matchers("kind=~b|c"))

    assert finds(rule, {"kind": "c"}, firing(alertname="B", kind="b")) == "B"
    assert finds(rule, {"kind": "b"}, firing(alertname="A", kind="a")) == "A"
    assert finds(rule, {"kind": "b"}, firing(alertname="B", kind="b")) is None


def test_without_matchers_everything_matches() -> None:
    assert finds(InhibitRule((), parse_matchers("a=b")), {"a": "b"}, firing(alertname="X")) == "X"
