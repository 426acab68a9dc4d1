from datetime import UTC, datetime
from typing import Any

import pytest

from punchingfist.domain.alerts import Change, KnownAlert, Severity, settle
from punchingfist.errors import InvalidInput
from punchingfist.extensions.sources.pagerduty import parse
from tests.extensions.sources.bodies import PAGERDUTY, changed

CREATED = datetime(2026, 5, 1, 3, 12, 21, tzinfo=UTC)


def event(kind: str, status: str, at: str = "2026-05-01T03:12:22.860Z") -> Any:
    body = changed(PAGERDUTY, "event.event_type", f"incident.{kind}")
    return changed(changed(body, "event.data.status", status), "event.occurred_at", at)


def test_an_incident_is_read_as_pagerduty_sends_it() -> None:
    (alert,) = parse(PAGERDUTY, {})

    assert (alert.name, alert.firing) == ("A little bump in the road", True)
    assert alert.severity is Severity.CRITICAL
    assert alert.labels["service"] == "API Service"
    assert alert.labels["pagerduty_incident"] == "PGR0VU2"
    assert alert.group_key == "d3640fbd41094207a1c11e58e46b1662"
    assert alert.starts_at == CREATED
    assert alert.ends_at is None
    assert alert.generator_url == "https://acme.pagerduty.com/incidents/PGR0VU2"
    assert alert.payload == PAGERDUTY["event"]


@pytest.mark.parametrize(
    ("kind", "status", "firing"),
    [
        ("acknowledged", "acknowledged", True),
        ("escalated", "triggered", True),
        ("priority_updated", "resolved", False),
        ("resolved", "resolved", False),
    ],
)
def test_the_status_of_the_incident_decides(kind: str, status: str, firing: bool) -> None:
    (alert,) = parse(event(kind, status), {})

    assert alert.firing is firing
    assert alert.fingerprint == parse(PAGERDUTY, {})[0].fingerprint


def test_another_title_is_the_same_alert() -> None:
    (alert,) = parse(changed(PAGERDUTY, "event.data.title", "A pothole"), {})

    assert alert.fingerprint == parse(PAGERDUTY, {})[0].fingerprint


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            {"event": {"event_type": "pagey.ping", "data": {"message": "Hello", "type": "ping"}}},
            id="a-ping",
        ),
        pytest.param(
            changed(event("annotated", "triggered"), "event.data.type", "incident_note"),
            id="a-note",
        ),
        pytest.param(
            {"event": {"event_type": "service.updated", "data": {"type": "service", "id": "P"}}},
            id="a-service",
        ),
    ],
)
def test_what_is_no_change_of_an_incident_is_no_alert(body: Any) -> None:
    assert parse(body, {}) == ()


def test_an_incident_that_is_opened_again_opens_an_episode() -> None:
    resolved = datetime(2026, 5, 1, 4, tzinfo=UTC)
    known = KnownAlert(firing=False, starts_at=CREATED, resolved_at=resolved)

    (late,) = parse(event("acknowledged", "acknowledged"), {})
    (again,) = parse(event("reopened", "triggered", "2026-05-01T05:00:00Z"), {})

    assert settle(known, late) is Change.NOTHING
    assert settle(known, again) is Change.REOPENED


@pytest.mark.parametrize(
    ("urgency", "severity"), [("high", Severity.CRITICAL), ("low", Severity.WARNING)]
)
def test_urgency_counts_where_there_is_no_priority(urgency: str, severity: Severity) -> None:
    body = changed(changed(PAGERDUTY, "event.data.priority", None), "event.data.urgency", urgency)

    assert parse(body, {})[0].severity is severity


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("event", [], "event"),
        ("event.event_type", None, "event.event_type"),
        ("event.data", "x", "event.data"),
        ("event.data.id", None, "event.data.id"),
        ("event.data.status", "odd", "event.data.status"),
        ("event.data.created_at", "yesterday", "event.data.created_at"),
        ("event.data.service", 3, "event.data.service"),
    ],
)
def test_a_wrong_shape_is_refused_by_the_name_of_the_field(
    path: str, value: Any, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse(changed(PAGERDUTY, path, value), {})

    assert refusal.value.field == field
