import json
from datetime import UTC, datetime
from typing import Any

import pytest

from punchingfist.domain.alerts import Severity
from punchingfist.errors import InvalidInput
from punchingfist.extensions.sources import datadog
from punchingfist.extensions.sources.datadog import parse
from tests.extensions.sources.bodies import DATADOG, changed


def test_a_monitor_is_read_as_datadog_fills_in_the_payload() -> None:
    (alert,) = parse(DATADOG, {})

    assert (alert.name, alert.firing) == ("Memory is high on kube_namespace:shop", True)
    assert alert.severity is Severity.WARNING
    assert alert.annotations["description"] == "More than 90 % of the limit is used."
    assert alert.starts_at == datetime(2026, 5, 1, 3, tzinfo=UTC)
    assert alert.generator_url == "https://app.datadoghq.eu/monitors/8976543"
    assert alert.payload == DATADOG


def test_objects_of_a_cluster_have_the_labels_an_investigation_starts_from() -> None:
    labels = parse(DATADOG, {})[0].labels

    found = {name: labels[name] for name in ("namespace", "pod", "deployment", "env")}
    assert found == {
        "namespace": "shop",
        "pod": "cart-7d9f6c5b8-x2x9k",
        "deployment": "cart",
        "env": "prod",
    }


@pytest.mark.parametrize(
    ("transition", "firing"),
    [
        ("Triggered", True),
        ("Re-Triggered", True),
        ("Warn", True),
        ("No Data", True),
        ("Renotify", True),
        ("Recovered", False),
        ("No Data Recovered", False),
    ],
)
def test_the_transition_decides(transition: str, firing: bool) -> None:
    (alert,) = parse(changed(DATADOG, "transition", transition), {})

    assert alert.firing is firing
    assert alert.fingerprint == parse(DATADOG, {})[0].fingerprint
    assert (alert.ends_at is None) is firing


@pytest.mark.parametrize(
    ("kind", "transition", "severity"),
    [
        ("error", "Triggered", Severity.CRITICAL),
        ("warning", "Warn", Severity.WARNING),
        ("error", "No Data", Severity.WARNING),
    ],
)
def test_a_monitor_without_a_priority_is_as_bad_as_its_threshold(
    kind: str, transition: str, severity: Severity
) -> None:
    body = DATADOG | {"type": kind, "transition": transition, "priority": "$ALERT_PRIORITY"}
    (alert,) = parse(body, {})

    assert alert.severity is severity
    assert "priority" not in alert.labels


def test_each_group_of_a_monitor_is_an_alert_of_one_incident() -> None:
    (one,), (other,) = parse(DATADOG, {}), parse(DATADOG | {"scope": "kube_namespace:pay"}, {})

    assert one.fingerprint != other.fingerprint
    assert one.group_key == other.group_key


def test_the_payload_to_paste_is_the_one_that_is_read() -> None:
    documented = datadog.__doc__ or ""
    payload = json.loads(documented[documented.index("{") : documented.rindex("}") + 1])

    assert set(payload) == set(DATADOG)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("transition", None, "transition"),
        ("alert_id", None, "alert_id"),
        ("date", "soon", "date"),
        ("tags", [], "tags"),
    ],
)
def test_a_wrong_shape_is_refused_by_the_name_of_the_field(
    path: str, value: Any, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse(changed(DATADOG, path, value), {})

    assert refusal.value.field == field
