"""Cron expressions: five fields that choose minutes of the wall clock."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NoReturn

from punchingfist.errors import InvalidInput

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_NICKNAMES: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_ITEM = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>[0-9]{1,4}))?", re.ASCII)
_LEAP_YEARS_APART: Final = 8
"""1896 to 1904 had no 29 February between them, and 2096 to 2104 will not."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    lowest: int
    highest: int
    words: Mapping[str, int]


_FIELDS: Final = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, {word: number for number, word in enumerate(_MONTHS, start=1)}),
    _Field("day of week", 0, 7, {word: number for number, word in enumerate(_DAYS)}),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """
    The minutes, hours and days a cron expression chooses; Sunday is 0.

    *either_day* is cron's old rule: where both day fields are restricted, a
    day that fits one of them is enough.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    @property
    def is_every_hour(self) -> bool:
        """Whether it goes by the minute alone, whatever the hour."""
        return len(self.hours) == 24

    def is_on(self, day: date) -> bool:
        """Tell whether it chooses any time of *day*."""
        if day.month not in self.months:
            return False
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (by_date or by_weekday) if self.either_day else (by_date and by_weekday)

    def times(self) -> Iterator[time]:
        """Yield the times of a day it chooses, in order."""
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                yield time(hour, minute)

    def is_at(self, wall: datetime) -> bool:
        """Tell whether it chooses the minute the wall clock shows."""
        return self.is_on(wall.date()) and wall.hour in self.hours and wall.minute in self.minutes


def parse_cron(text: str) -> Cron:
    """
    Read five fields (minute, hour, day of month, month, day of week) or a nickname (`@daily`).

    Raises:
        InvalidInput: it is no cron expression, or chooses no day there is.
    """
    fields = _NICKNAMES.get(text.strip().lower(), text).split()
    if len(fields) != len(_FIELDS):
        raise InvalidInput(
            f"cron {text!r} has {len(fields)} fields, not five; "
            "write minute, hour, day of month, month and day of week, like '30 2 * * *'",
            value=text,
        )
    minutes, hours, days, months, weekdays = (
        _parse_field(field, written, text) for field, written in zip(_FIELDS, fields, strict=True)
    )
    cron = Cron(
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=frozenset(day % 7 for day in weekdays),
        either_day=not (fields[2].startswith("*") or fields[4].startswith("*")),
    )
    first = date(2096, 1, 1)
    span = range(_LEAP_YEARS_APART * 366 + 60)
    if not any(cron.is_on(first + timedelta(days=number)) for number in span):
        raise InvalidInput(f"cron {text!r} names a day that never comes; correct it", value=text)
    return cron


def _parse_field(field: _Field, written: str, text: str) -> frozenset[int]:
    chosen: set[int] = set()
    for item in written.lower().split(","):
        found = _ITEM.fullmatch(item)
        if found is None:
            _refuse(field, item, text)
        first, last, step = found["first"], found["last"], int(found["step"] or 1)
        if first == "*":
            low, high = field.lowest, field.highest
        else:
            low = _number(field, first, text)
            # `5/10` means "from 5 on, every 10", as most crons read it.
            upto = field.highest if found["step"] else low
            high = _number(field, last, text) if last else upto
        if low > high or step < 1 or (first == "*" and last):
            _refuse(field, item, text)
        chosen.update(range(low, high + 1, step))
    return frozenset(chosen)


def _number(field: _Field, word: str, text: str) -> int:
    number = field.words.get(word, int(word) if word.isdecimal() and len(word) < 3 else -1)
    if not field.lowest <= number <= field.highest:
        _refuse(field, word, text)
    return number


def _refuse(field: _Field, item: str, text: str) -> NoReturn:
    words = f" or {next(iter(field.words))!r} and so on" if field.words else ""
    raise InvalidInput(
        f"cron {text!r}: {item!r} is no {field.name}; "
        f"use {field.lowest} to {field.highest}{words}, '*', ranges 'a-b', steps '*/n' and lists",
        value=text,
    )
