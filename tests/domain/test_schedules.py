from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from punchingfist.domain.cron import parse_cron
from punchingfist.domain.schedules import Schedule, fires, next_fire

MINUTE = timedelta(minutes=1)
# Days on which the clock changes, and one on which it does not.
CHANGES = [
    ("Europe/Berlin", "2024-03-31"),
    ("Europe/Berlin", "2024-10-27"),
    ("America/New_York", "2024-03-10"),
    ("America/New_York", "2024-11-03"),
    ("Australia/Lord_Howe", "2024-04-07"),
    ("Australia/Lord_Howe", "2024-10-06"),
    ("Pacific/Apia", "2011-12-30"),
    ("Europe/Berlin", "2024-06-01"),
]


def a_schedule(cron: str, zone: str = "Europe/Berlin") -> Schedule:
    return Schedule(parse_cron(cron), ZoneInfo(zone))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(schedule: Schedule, start: datetime, end: datetime) -> list[datetime]:
    found = takewhile(lambda fire: fire.at < end, fires(schedule, after=start - MINUTE))
    return [fire.at for fire in found]


def minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += MINUTE


def brute_force(schedule: Schedule, start: datetime, end: datetime) -> list[datetime]:
    """Walk every minute there is and every minute the calendar has, and put them side by side."""
    shown: dict[datetime, list[datetime]] = {}
    for instant in minutes(start - timedelta(days=2), end + timedelta(days=2)):
        wall = instant.astimezone(schedule.zone).replace(tzinfo=None, fold=0)
        shown.setdefault(wall, []).append(instant)
    in_order, found = sorted(shown), set[datetime]()
    calendar = minutes(
        (start - timedelta(days=1)).replace(tzinfo=None),
        (end + timedelta(days=1)).replace(tzinfo=None),
    )
    for wall in calendar:
        if not schedule.cron.is_at(wall):
            continue
        if schedule.cron.is_every_hour:
            found.update(shown.get(wall, ()))
        elif wall in shown:
            found.add(shown[wall][0])
        else:
            found.add(shown[in_order[bisect(in_order, wall)]][0])
    return sorted(one for one in found if start <= one < end)


@settings(max_examples=25, deadline=None)
@given(
    change=st.sampled_from(CHANGES),
    minute=st.sampled_from(["0", "30", "15", "*/15", "59", "0,1,30", "*"]),
    hour=st.sampled_from(["0", "1", "2", "3", "*", "*/2", "1-3"]),
)
def test_it_fires_as_a_minute_by_minute_walk_says(
    change: tuple[str, str], minute: str, hour: str
) -> None:
    zone, day = change
    schedule = a_schedule(f"{minute} {hour} * * *", zone)
    start = at(day) - timedelta(hours=20)
    end = start + timedelta(hours=48)

    assert between(schedule, start, end) == brute_force(schedule, start, end)


@pytest.mark.parametrize(("zone", "day"), CHANGES[:4])
def test_a_job_at_half_past_two_fires_once_a_day_on_change_days_too(zone: str, day: str) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    tomorrow = (datetime.fromisoformat(day) + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone))

    assert len(between(a_schedule("30 2 * * *", zone), start, tomorrow.astimezone(UTC))) == 1


def test_a_skipped_time_is_made_up_for_at_the_first_instant_after_the_gap() -> None:
    fire = next_fire(a_schedule("30 2 * * *"), after=at("2024-03-30T12:00"))

    assert fire.at == at("2024-03-31T01:00")
    assert fire.name == "2024-03-31T03:00"


def test_of_a_time_that_comes_twice_the_first_counts() -> None:
    fire = next_fire(a_schedule("30 2 * * *"), after=at("2024-10-26T12:00"))

    assert fire.at == at("2024-10-27T00:30")
    assert next_fire(a_schedule("30 2 * * *"), after=fire.at).at == at("2024-10-28T01:30")


def test_an_hourly_job_fires_in_both_hours_of_one_name_under_two_names() -> None:
    found = fires(a_schedule("30 * * * *"), after=at("2024-10-27T00:00"))

    assert [next(found).name for _ in range(3)] == [
        "2024-10-27T02:30",
        "2024-10-27T02:30~2",
        "2024-10-27T03:30",
    ]


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    after=st.datetimes(
        at("2023-01-01").replace(tzinfo=None), at("2026-01-01").replace(tzinfo=None)
    ),
    cron=st.sampled_from(["30 2 * * *", "*/10 * * * *", "0 0 29 2 *", "15 1-3 * * sun"]),
)
def test_firings_come_in_order_each_under_its_own_name(
    zone: str, after: datetime, cron: str
) -> None:
    found = fires(a_schedule(cron, zone), after=after.replace(tzinfo=UTC))
    first = [next(found) for _ in range(4)]

    assert [one.at for one in first] == sorted({one.at for one in first})
    assert len({one.name for one in first}) == 4
    assert first[0].at > after.replace(tzinfo=UTC)
