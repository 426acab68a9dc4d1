from typing import Any

import pytest

from punchingfist.errors import InvalidInput
from punchingfist.lab.promql.series import Series, parse_series

NOW = 1_000_000_000
MINUTE = 60_000


def _only(values: str, name: str = "heat") -> Series:
    document = {"interval": "1m", "series": [{"labels": {"__name__": name}, "values": values}]}
    return parse_series(document, NOW).series[0]


def test_the_newest_point_stands_at_now() -> None:
    series = _only("1 _ 3")

    assert series.between(0, NOW) == [(NOW - 2 * MINUTE, 1), (NOW, 3)]


def test_both_ends_of_an_interval_count() -> None:
    series = _only("1 2 3 4")

    assert series.between(NOW - 2 * MINUTE, NOW - MINUTE) == [
        (NOW - 2 * MINUTE, 2),
        (NOW - MINUTE, 3),
    ]


def test_a_gauge_keeps_its_last_value_as_time_goes_on() -> None:
    series = _only("1 2 5")

    assert series.between(NOW, NOW + 150_000) == [(NOW, 5), (NOW + 60_000, 5), (NOW + 120_000, 5)]
    assert series.latest(NOW, NOW + 150_000) == (NOW + 120_000, 5)


def test_a_counter_goes_on_climbing_as_it_last_did() -> None:
    series = _only("1 2 5", name="errors_total")

    assert series.between(NOW + 1, NOW + 2 * MINUTE) == [
        (NOW + MINUTE, 8),
        (NOW + 2 * MINUTE, 11),
    ]


def test_a_counter_that_was_just_reset_stands_still() -> None:
    series = _only("7 0", name="errors_total")

    assert series.latest(NOW, NOW + MINUTE) == (NOW + MINUTE, 0)


@pytest.mark.parametrize("values", ["1 2 _", "1 2 stale"])
def test_a_series_that_ended_does_not_go_on(values: str) -> None:
    series = _only(values)

    assert series.between(NOW, NOW + MINUTE) == []


def test_a_stale_mark_hides_the_points_before_it() -> None:
    series = _only("1 stale")

    assert series.latest(0, NOW - 1) == (NOW - MINUTE, 1)
    assert series.latest(0, NOW) is None
    assert series.between(0, NOW) == [(NOW - MINUTE, 1)]


def test_a_gap_leaves_the_point_before_it_visible() -> None:
    series = _only("1 _")

    assert series.latest(0, NOW) == (NOW - MINUTE, 1)


def test_an_empty_label_is_no_label_and_numbers_are_text() -> None:
    labels = {"__name__": "heat", "room": "", "port": 8080}
    document = {"series": [{"labels": labels, "values": "1"}]}

    assert parse_series(document, NOW).series[0].labels == (("__name__", "heat"), ("port", "8080"))


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"series": {}}, id="series-is-a-mapping"),
        pytest.param({"serious": []}, id="misspelt-key"),
        pytest.param({"series": ["x"]}, id="entry-is-text"),
        pytest.param({"series": [{"values": "1"}]}, id="no-labels"),
        pytest.param({"series": [{"labels": {"a": "b"}, "values": "1"}]}, id="no-name"),
        pytest.param({"series": [{"labels": {"__name__": "x"}}]}, id="no-values"),
        pytest.param({"series": [{"labels": {"__name__": "x"}, "values": "_"}]}, id="no-point"),
        pytest.param(
            {"series": [{"labels": {"__name__": "x", "a-b": "c"}, "values": "1"}]}, id="bad-label"
        ),
        pytest.param(
            {"series": [{"labels": {"__name__": "x", "a": True}, "values": "1"}]}, id="boolean"
        ),
        pytest.param(
            {"series": [{"labels": {"__name__": "x"}, "values": "1", "value": 2}]}, id="extra-key"
        ),
        pytest.param({"series": [{"labels": {"__name__": "x"}, "values": "1"}] * 2}, id="twice"),
        pytest.param({"interval": "soon"}, id="interval-is-no-duration"),
        pytest.param({"interval": "0s"}, id="interval-is-zero"),
    ],
)
def test_a_document_that_is_wrong_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        parse_series(document, NOW)
