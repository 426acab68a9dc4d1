from datetime import UTC, datetime

import pytest

from punchingfist.errors import InvalidInput
from punchingfist.extensions.sources.grafana import parse
from tests.extensions.sources.bodies import GRAFANA, changed


def test_alerts_are_read_as_grafana_sends_them() -> None:
    firing, resolved = parse(GRAFANA, {})

    assert (firing.name, firing.firing) == ("High memory usage", True)
    assert firing.fingerprint == "c6eadffa33fcdf37"
    assert firing.group_key == "{}:{}"
    assert firing.starts_at == datetime(2026, 5, 1, 1, 12, 34, 568419, UTC)
    assert firing.generator_url.startswith("https://grafana.example.com/alerting/")
    assert firing.payload["values"] == {"B": 44.23943737541908, "C": 1}
    assert (resolved.name, resolved.firing) == ("High CPU usage", False)
    assert resolved.ends_at == datetime(2026, 5, 1, 1, 20, 24, 568419, UTC)


def test_its_links_are_among_the_annotations() -> None:
    firing, resolved = parse(GRAFANA, {})

    assert firing.annotations["dashboard_url"] == "https://grafana.example.com/d/cluster?orgId=1"
    assert firing.annotations["runbook_url"] == "https://runbooks.example.com/memory"
    assert set(resolved.annotations) == {"description"}


def test_an_annotation_of_the_rule_wins_over_a_link_of_grafana() -> None:
    own = changed(GRAFANA, "alerts.0.annotations.dashboard_url", "https://own.example.com")

    assert parse(own, {})[0].annotations["dashboard_url"] == "https://own.example.com"


def test_a_wrong_shape_is_refused_by_the_name_of_the_field() -> None:
    with pytest.raises(InvalidInput, match="labels") as refusal:
        parse(changed(GRAFANA, "alerts.1.labels", "none"), {})

    assert refusal.value.field == "alerts[1].labels"
