from datetime import UTC, datetime
from typing import Any

import pytest

from punchingfist.domain.alerts import Severity
from punchingfist.errors import InvalidInput
from punchingfist.extensions.sources.opsgenie import parse
from tests.extensions.sources.bodies import OPSGENIE, changed


def test_an_alert_is_read_as_opsgenie_sends_it() -> None:
    (alert,) = parse(OPSGENIE, {})

    assert (alert.name, alert.firing) == ("An example alert message", True)
    assert alert.severity is Severity.CRITICAL
    assert alert.labels["serverName"] == "Zion"
    assert alert.labels["entity"] == "An example entity"
    assert alert.annotations["description"] == "Every alert needs a description"
    assert alert.group_key == "Life is too short for no alias"
    assert alert.starts_at == datetime(2026, 5, 1, 3, tzinfo=UTC)
    assert alert.ends_at is None
    assert alert.payload == OPSGENIE


@pytest.mark.parametrize("action", ["Close", "Delete"])
def test_what_is_closed_is_resolved(action: str) -> None:
    (alert,) = parse(changed(OPSGENIE, "action", action), {})

    assert not alert.firing
    assert alert.ends_at == datetime(2026, 5, 1, 3, 5, tzinfo=UTC)
    assert alert.fingerprint == parse(OPSGENIE, {})[0].fingerprint


def test_a_time_in_billionths_of_a_second_is_understood() -> None:
    older = changed(changed(OPSGENIE, "action", "Close"), "alert.updatedAt", 1777604700000000000)

    assert parse(older, {})[0].ends_at == datetime(2026, 5, 1, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize("action", ["Acknowledge", "Escalate", "UpdatePriority", "Snooze"])
def test_what_is_done_to_an_open_alert_says_that_it_fires(action: str) -> None:
    assert parse(changed(OPSGENIE, "action", action), {})[0].firing


@pytest.mark.parametrize("action", ["AddNote", "AddTags", "RestartTheServer"])
def test_what_can_be_done_to_a_closed_alert_says_nothing(action: str) -> None:
    assert parse(changed(OPSGENIE, "action", action), {}) == ()


def test_an_alert_of_the_same_alias_is_the_same() -> None:
    (other,) = parse(changed(OPSGENIE, "alert.alertId", "another"), {})

    assert other.fingerprint == parse(OPSGENIE, {})[0].fingerprint


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("action", None, "action"),
        ("alert", [], "alert"),
        ("alert.alertId", None, "alert.alertId"),
        ("alert.tags", "all", "alert.tags"),
        ("alert.details", {"a": []}, "alert.details.a"),
        ("alert.createdAt", "soon", "alert.createdAt"),
    ],
)
def test_a_wrong_shape_is_refused_by_the_name_of_the_field(
    path: str, value: Any, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse(changed(OPSGENIE, path, value), {})

    assert refusal.value.field == field
