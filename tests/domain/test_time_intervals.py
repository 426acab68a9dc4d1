import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.time_intervals import parse_time_interval, render_time_interval
from punchingfist.errors import InvalidInput


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


NINE_TO_FIVE = {"times": [{"start_time": "09:00", "end_time": "17:00"}]}
CASES: list[tuple[dict[str, Any], str, bool]] = [
    ({}, "2024-05-01T12:00Z", True),
    (NINE_TO_FIVE, "2024-05-01T09:00Z", True),
    (NINE_TO_FIVE, "2024-05-01T16:59:59Z", True),
    (NINE_TO_FIVE, "2024-05-01T17:00Z", False),
    ({"times": [{"start_time": "22:00", "end_time": "24:00"}]}, "2024-05-01T23:59:59Z", True),
    ({"weekdays": ["monday:friday"]}, "2024-05-03T12:00Z", True),
    ({"weekdays": ["monday:friday"]}, "2024-05-04T12:00Z", False),
    ({"weekdays": ["sunday"]}, "2024-05-05T12:00Z", True),
    ({"days_of_month": ["1:7"]}, "2024-05-07T12:00Z", True),
    ({"days_of_month": ["1:7"]}, "2024-05-08T12:00Z", False),
    ({"days_of_month": ["-3:-1"]}, "2024-02-27T12:00Z", True),
    ({"days_of_month": ["-3:-1"]}, "2024-02-26T12:00Z", False),
    ({"days_of_month": ["31"]}, "2024-02-29T12:00Z", False),
    ({"days_of_month": ["29:31"]}, "2023-02-28T12:00Z", False),
    ({"days_of_month": ["28:31"]}, "2023-02-28T12:00Z", True),
    ({"days_of_month": ["-31:-29"]}, "2024-02-01T12:00Z", True),
    ({"months": ["january:march", "12"]}, "2024-12-01T12:00Z", True),
    ({"months": ["january:march", "12"]}, "2024-04-01T12:00Z", False),
    ({"years": ["2024:2025"]}, "2025-12-31T23:00Z", True),
    ({"years": ["2024"]}, "2025-01-01T00:00Z", False),
    ({"weekdays": ["sunday"], "location": "Australia/Sydney"}, "2024-05-04T15:00Z", True),
    ({"years": ["2025"], "location": "Asia/Tokyo"}, "2024-12-31T15:00Z", True),
]


@pytest.mark.parametrize(("raw", "when", "inside"), CASES)
def test_a_moment_is_inside_or_not(raw: dict[str, Any], when: str, *, inside: bool) -> None:
    assert parse_time_interval(raw).contains(at(when)) is inside


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_nine_to_five_is_nine_to_five_before_and_after_the_clock_changes(zone: str) -> None:
    from zoneinfo import ZoneInfo

    window = parse_time_interval({**NINE_TO_FIVE, "location": zone})
    for day in range(366):
        morning = datetime(2024, 1, 1, 9, tzinfo=ZoneInfo(zone)) + timedelta(days=day)
        opens, closes = morning.astimezone(UTC), morning.replace(hour=17).astimezone(UTC)
        assert window.contains(opens)
        assert not window.contains(opens - timedelta(seconds=1))
        assert not window.contains(closes)


def test_the_hour_that_is_skipped_is_never_inside_and_the_one_that_comes_twice_is_twice() -> None:
    night = {"times": [{"start_time": "02:00", "end_time": "03:00"}], "location": "Europe/Berlin"}
    window = parse_time_interval(night)
    minutes = [timedelta(minutes=minute) for minute in range(24 * 60)]

    def inside(day: str) -> int:
        return sum(window.contains(at(day) + minute) for minute in minutes)

    assert inside("2024-03-30T23:00Z") == 0
    assert inside("2024-10-26T22:00Z") == 120
    assert inside("2024-06-01T22:00Z") == 60


def spans(low: int, high: int) -> st.SearchStrategy[str]:
    ends = st.tuples(st.integers(low, high), st.integers(low, high))
    return ends.map(lambda pair: ":".join(str(one) for one in sorted(pair)))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "days_of_month": st.lists(spans(1, 31) | spans(-31, -1), min_size=1, max_size=3),
            "months": st.lists(spans(1, 12), min_size=1, max_size=3),
            "years": st.lists(spans(1990, 2100), min_size=1, max_size=3),
            "weekdays": st.lists(st.sampled_from(["monday", "tuesday:friday"]), min_size=1),
            "times": st.just([{"start_time": "00:00", "end_time": "24:00"}]),
            "location": st.sampled_from(["UTC", "Europe/Berlin"]),
        },
    )
)
def test_what_is_rendered_is_read_back(raw: dict[str, Any]) -> None:
    interval = parse_time_interval(raw)

    assert parse_time_interval(render_time_interval(interval)) == interval


REFUSED: list[dict[str, Any]] = [
    {"times": [{"start_time": "17:00", "end_time": "09:00"}]},
    {"times": [{"start_time": "09:00", "end_time": "09:00"}]},
    {"times": [{"start_time": "09:00"}]},
    {"times": [{"start_time": "25:00", "end_time": "26:00"}]},
    {"times": [{"start_time": "9", "end_time": "10:00"}]},
    {"weekdays": ["friday:monday"]},
    {"weekdays": ["blursday"]},
    {"days_of_month": ["0"]},
    {"days_of_month": ["1:32"]},
    {"days_of_month": ["-1:5"]},
    {"days_of_month": ["10:5"]},
    {"days_of_month": ["-1:-5"]},
    {"days_of_month": ["5:-31"]},
    {"months": ["march:january"]},
    {"years": ["2025:2024"]},
    {"years": ["soon"]},
    {"location": "Mars/Olympus"},
    {"unknown": ["x"]},
]


@pytest.mark.parametrize("raw", REFUSED, ids=str)
def test_what_makes_no_sense_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="time interval"):
        parse_time_interval(raw)


@pytest.mark.parametrize(
    "raw",
    [{"months": ["13"]}, {"times": []}, {"times": "x"}, {"location": 5}, {"location": "../x"}],
)
def test_what_alertmanager_would_misread_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="time interval"):
        parse_time_interval(raw)


def test_amtool_takes_and_refuses_the_same_intervals(tmp_path: Path, amtool_binary: Path) -> None:
    def takes(raw: dict[str, Any]) -> bool:
        config = {
            "route": {"receiver": "x"},
            "receivers": [{"name": "x"}],
            "time_intervals": [{"name": "t", "time_intervals": [raw]}],
        }
        file = tmp_path / "alertmanager.yml"
        file.write_text(yaml.safe_dump(config))
        run = [str(amtool_binary), "check-config", str(file)]
        return subprocess.run(run, capture_output=True, check=False, timeout=30).returncode == 0

    taken = [raw for raw, _, _ in CASES]

    assert [raw for raw in taken if not takes(raw)] == []
    assert [raw for raw in REFUSED if takes(raw)] == []
