import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.alerts import Severity
from punchingfist.errors import InvalidInput
from punchingfist.extensions.sources.webhook import SOURCE, parse

# As Alertmanager's documentation describes version 4 of its webhook.
BODY = {
    "version": "4",
    "groupKey": '{}:{alertname="Lat"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "fist",
    "groupLabels": {"alertname": "Lat"},
    "commonLabels": {"alertname": "Lat", "grp": "lat29"},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager:9093",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "Lat", "grp": "lat29", "severity": "critical"},
            "annotations": {"summary": "too slow"},
            "startsAt": "2024-05-01T12:00:00.123456789+02:00",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus/graph",
            "fingerprint": "773ae73f0e973868",
        }
    ],
}


def body(**changes: Any) -> Any:
    """Return a fresh body with its only alert changed; a field set to None is left out."""
    fresh = json.loads(json.dumps(BODY))
    alert = fresh["alerts"][0] | changes
    fresh["alerts"] = [{name: value for name, value in alert.items() if value is not None}]
    return fresh


def test_an_alert_is_read_as_alertmanager_sends_it() -> None:
    (alert,) = parse(BODY, {})

    assert alert.name == "Lat"
    assert alert.firing
    assert alert.severity is Severity.CRITICAL
    assert alert.summary == "too slow"
    assert alert.fingerprint == "773ae73f0e973868"
    assert alert.group_key == '{}:{alertname="Lat"}'
    assert alert.starts_at == datetime(2024, 5, 1, 10, 0, 0, 123456, UTC)
    assert alert.ends_at is None
    assert alert.generator_url == "http://prometheus/graph"
    assert alert.payload == BODY["alerts"][0]  # type: ignore[index]


def test_each_alert_has_its_own_status() -> None:
    fresh = body()
    end = {"status": "resolved", "endsAt": "2024-05-01T12:00:00Z"}
    fresh["alerts"].append(fresh["alerts"][0] | end)

    firing, resolved = parse(fresh, {})

    assert (firing.firing, resolved.firing) == (True, False)
    assert resolved.ends_at == datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_a_fingerprint_that_is_not_sent_is_alertmanagers_own() -> None:
    (alert,) = parse(body(fingerprint=None, labels={"alertname": "Lat", "grp": "lat29"}), {})

    assert alert.fingerprint == "773ae73f0e973868"


def test_an_empty_label_is_no_label() -> None:
    labels = {"alertname": "Lat", "grp": "lat29", "pod": ""}
    (alert,) = parse(body(fingerprint=None, labels=labels), {})

    assert alert.fingerprint == "773ae73f0e973868"
    assert "pod" not in alert.labels


def test_only_alerts_with_labels_are_needed() -> None:
    (alert,) = parse({"status": "firing", "alerts": [{"labels": {"job": "a"}}]}, {})

    assert alert.firing
    assert alert.name == "unnamed alert"
    assert alert.group_key == alert.fingerprint
    assert alert.starts_at is None


@pytest.mark.parametrize("version", ["5", None])
def test_another_version_of_the_same_shape_is_read(version: str | None) -> None:
    assert parse(BODY | {"version": version, "fresh": [1]}, {})


def test_what_a_newer_alertmanager_says_of_the_group_is_kept_with_each_alert() -> None:
    newer = {"notification_reason": "new alerts", "routeLabels": {"team": "db"}}
    fresh = body() | newer
    fresh["alerts"].append(fresh["alerts"][0])

    assert [{name: one.payload[name] for name in newer} for one in parse(fresh, {})] == [newer] * 2


def test_no_alerts_is_no_error() -> None:
    assert parse({"alerts": []}, {}) == ()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param([], "body", id="a-list"),
        pytest.param({}, "alerts", id="nothing"),
        pytest.param({"alerts": "all"}, "alerts", id="alerts-as-text"),
        pytest.param({"alerts": [1]}, "alerts[0]", id="a-number-for-an-alert"),
        pytest.param({"alerts": [], "groupKey": 3}, "groupKey", id="a-number-for-a-group-key"),
        pytest.param(body(labels=None), "alerts[0].labels", id="no-labels"),
        pytest.param(body(labels={}), "alerts[0].labels", id="empty-labels"),
        pytest.param(body(labels={"a": ""}), "alerts[0].labels", id="only-empty-labels"),
        pytest.param(body(labels=["a"]), "alerts[0].labels", id="labels-as-a-list"),
        pytest.param(body(labels={"a": 1}), "alerts[0].labels.a", id="a-number-for-a-label"),
        pytest.param(
            body(annotations={"a": []}), "alerts[0].annotations.a", id="a-list-in-annotations"
        ),
        pytest.param(body(status="odd"), "alerts[0].status", id="an-unknown-status"),
        pytest.param(body(startsAt="yesterday"), "alerts[0].startsAt", id="words-for-a-time"),
        pytest.param(body(startsAt="2024-05-01T12:00:00"), "alerts[0].startsAt", id="no-time-zone"),
        pytest.param(
            body(endsAt="9999-12-31T23:59:59-10:00"), "alerts[0].endsAt", id="the-end-of-time"
        ),
        pytest.param(body(generatorURL={}), "alerts[0].generatorURL", id="an-object-for-a-url"),
        pytest.param(
            body(fingerprint="f" * 256), "alerts[0].fingerprint", id="an-endless-fingerprint"
        ),
    ],
)
def test_a_wrong_shape_is_refused_by_the_name_of_the_field(wrong: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse(wrong, {})

    assert refusal.value.field == field
    assert str(refusal.value).startswith(field)


WORDS = st.sampled_from(
    ["alerts", "labels", "annotations", "status", "startsAt", "endsAt", "firing", "fingerprint"]
)
TEXT = st.text(st.characters()) | WORDS | st.datetimes().map(datetime.isoformat)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=4),
)
NEARLY = st.fixed_dictionaries(
    {"alerts": st.lists(st.dictionaries(WORDS, ANY_JSON, max_size=5), max_size=3)}
)


@given(ANY_JSON | NEARLY)
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        alerts = parse(value, {})
    except InvalidInput:
        return
    assert all(alert.labels for alert in alerts)


def test_it_is_the_webhook_source() -> None:
    assert SOURCE.config.model_validate({"path": "/webhook/alerts"}).path == "/webhook/alerts"
