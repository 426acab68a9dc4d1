from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from punchingfist.domain.alerts import Alert, Severity
from punchingfist.domain.fingerprints import fingerprint
from punchingfist.domain.resources.sources import WebhookConfig
from punchingfist.errors import InvalidInput
from punchingfist.extensions.sources.json import parser
from tests.extensions.sources.bodies import ANY_SHAPE, changed

MAPPING = {
    "items": "data.alerts",
    "name": "{{ .alert.title }}",
    "status": '{{ if eq .alert.state "OK" }}resolved{{ else }}firing{{ end }}',
    "severity": '{{ .alert.level | default "info" }}',
    "labels": {"team": "{{ .body.team }}", "queue": "{{ .alert.tags.queue }}"},
    "annotations": {"summary": "{{ .alert.title | upper }}"},
    "fingerprint": "queue-{{ .alert.id }}",
    "groupKey": "{{ .body.team }}",
    "startsAt": "{{ .alert.since }}",
}


def read(body: Any, mapping: Mapping[str, Any] = MAPPING) -> tuple[Alert, ...]:
    config = {"path": "/hook", "format": "json", "mapping": mapping}
    return parser(WebhookConfig.model_validate(config))(body, {})


def test_each_field_is_what_its_template_says() -> None:
    full, empty = read(ANY_SHAPE)

    assert (full.name, full.firing, full.severity) == ("queue is full", True, Severity.CRITICAL)
    assert full.labels == {
        "alertname": "queue is full",
        "team": "shop",
        "queue": "orders",
        "severity": "critical",
    }
    assert full.annotations == {"summary": "QUEUE IS FULL"}
    assert (full.fingerprint, full.group_key) == ("queue-17", "shop")
    assert full.starts_at == datetime(2026, 5, 1, 3, tzinfo=UTC)
    assert full.payload == ANY_SHAPE["data"]["alerts"][0]
    assert (empty.firing, empty.severity, empty.starts_at) == (False, Severity.INFO, None)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"title": "full"}, id="one"),
        pytest.param([{"title": "full"}, {"title": "full"}], id="a-list"),
    ],
)
def test_without_items_the_body_is_an_alert_or_a_list_of_them(body: Any) -> None:
    found = read(body, {"name": "{{ .alert.title }}"})

    assert {alert.name for alert in found} == {"full"}
    assert found[0].firing


def test_an_alert_without_a_fingerprint_is_told_by_its_labels() -> None:
    (alert,) = read({"title": "full"}, {"name": "{{ .alert.title }}", "labels": {"team": "shop"}})

    assert alert.fingerprint == fingerprint({"alertname": "full", "team": "shop"})
    assert alert.group_key == alert.fingerprint


@pytest.mark.parametrize(("down", "firing"), [(True, True), (False, False), (None, False)])
def test_whether_it_fires_may_be_a_question(down: object, firing: bool) -> None:
    (alert,) = read({"down": down}, {"name": "host", "firing": "{{ .alert.down }}"})

    assert alert.firing is firing


def test_what_a_value_says_is_never_read_as_a_template() -> None:
    (alert,) = read({"title": "{{ .body }}"}, {"name": "{{ .alert.title }}"})

    assert alert.name == "{{ .body }}"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "data.alerts", id="no-items"),
        pytest.param(changed(ANY_SHAPE, "data.alerts", "all"), "data.alerts", id="a-text"),
        pytest.param(
            changed(ANY_SHAPE, "data.alerts", [1]), "alerts[0]: mapping.name", id="a-number"
        ),
        pytest.param(
            changed(ANY_SHAPE, "data.alerts.1.title", ""),
            "alerts[1]: mapping.name",
            id="an-empty-name",
        ),
        pytest.param(
            changed(ANY_SHAPE, "data.alerts.0.since", "soon"),
            "alerts[0]: mapping.startsAt",
            id="words-for-a-time",
        ),
        pytest.param(
            changed(ANY_SHAPE, "data.alerts.0.id", "i" * 300),
            "alerts[0]: mapping.fingerprint",
            id="an-endless-fingerprint",
        ),
    ],
)
def test_a_wrong_shape_is_refused_by_the_name_of_the_field(body: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(body)

    assert refusal.value.field == field


def test_a_status_that_is_neither_is_refused_with_the_two_words() -> None:
    with pytest.raises(InvalidInput, match="'ALERT' is not 'firing' or 'resolved'"):
        read({"state": "ALERT"}, {"name": "host", "status": "{{ .alert.state }}"})


def test_a_template_that_cannot_be_filled_in_names_its_field() -> None:
    with pytest.raises(InvalidInput, match=r"mapping\.labels\.a: function 'join' needs a list"):
        read({"a": 1}, {"name": "host", "labels": {"a": '{{ .alert.a | join "," }}'}})
