"""
When a schedule fires, on days of 23 and 25 hours too.

A job with fixed hours fires once for each time of the wall clock it names: a
time the clock skips is made up for at the first instant after the gap, and of
a time that comes twice the first counts. A job of every hour follows the
clock as it runs: in a repeated hour it fires again, and a skipped hour is no
hour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from punchingfist.domain.cron import Cron

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression on the wall clock of *zone*."""

    cron: Cron
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Fire:
    """One firing: the instant *at*, and what the wall clock shows then, without its zone."""

    at: datetime
    wall: datetime

    @property
    def name(self) -> str:
        """The wall clock's time, marked where the same time has been before."""
        return self.wall.isoformat(timespec="minutes") + ("~2" if self.wall.fold else "")


def next_fire(schedule: Schedule, *, after: datetime) -> Fire:
    """Return the first firing later than *after*."""
    return next(fires(schedule, after=after))


def fires(schedule: Schedule, *, after: datetime) -> Iterator[Fire]:
    """Yield the firings later than *after*, in order."""
    # A gap may push a time of one day into the next, where it meets that day's own.
    day = after.astimezone(schedule.zone).date() - 2 * _DAY
    last = after
    while True:
        for at in _instants(schedule, day):
            if at > last:
                last = at
                yield Fire(at, at.astimezone(schedule.zone).replace(tzinfo=None))
        day += _DAY


def _instants(schedule: Schedule, day: date) -> list[datetime]:
    if not schedule.cron.is_on(day):
        return []
    found: set[datetime] = set()
    for time in schedule.cron.times():
        wall = datetime.combine(day, time)
        known = instants_of(wall, schedule.zone)
        if schedule.cron.is_every_hour:
            found.update(known)
        else:
            found.add(known[0] if known else _after_gap(wall, schedule.zone))
    return sorted(found)


def instants_of(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return when the clock of *zone* shows *wall*: once, never, or twice."""
    both = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    shown = {at for at in both if at.astimezone(zone).replace(tzinfo=None, fold=0) == wall}
    return sorted(shown)


def _after_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant at which the clock of *zone*, which skips *wall*, is past it."""
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    while after - before > _SECOND:
        middle = before + ((after - before) // 2 // _SECOND) * _SECOND
        if middle.astimezone(zone).replace(tzinfo=None) > wall:
            after = middle
        else:
            before = middle
    return after
