from dataclasses import replace

from punchingfist.domain.flattening import event, flatten
from tests.arrivals import firing


def test_labels_and_annotations_are_found_by_their_own_names() -> None:
    flat = flatten(replace(firing(pod="cart-1"), annotations={"runbook_url": "https://x"}))

    assert flat["pod"] == "cart-1"
    assert flat["runbook_url"] == "https://x"
    assert flat["labels"] == {"alertname": "Down", "pod": "cart-1"}


def test_a_label_does_not_take_the_place_of_a_field() -> None:
    flat = flatten(replace(firing(status="odd", labels="odd"), annotations={"severity": "odd"}))

    assert flat["status"] == "firing"
    assert flat["severity"] == "warning"
    assert flat["labels"] == {"alertname": "Down", "status": "odd", "labels": "odd"}


def test_a_label_wins_over_an_annotation_of_its_name() -> None:
    assert flatten(replace(firing(team="a"), annotations={"team": "b"}))["team"] == "a"


def test_the_event_holds_the_opening_alert_and_all_alerts() -> None:
    slow, down = firing("Slow"), firing("Down")

    assert event([slow, down]) == {"alert": flatten(slow), "alerts": [flatten(slow), flatten(down)]}
