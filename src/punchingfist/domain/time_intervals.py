"""Recurring windows in the grammar of Alertmanager's `time_intervals`."""

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from punchingfist.domain.json import JsonObject
from punchingfist.errors import InvalidInput

_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = tuple(month.lower() for month in calendar.month_name)
_CLOCK = re.compile(r"(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")
_FIELDS = ("times", "weekdays", "days_of_month", "months", "years", "location")

Range: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TimeInterval:
    """
    One window; what is empty restricts nothing.

    *times* are minutes of the day, the end excluded; all other ranges include
    their ends. Days of the month below 0 count from its last day. All of it is
    told by the clock on the wall in *location*, so that a window from nine to
    five stays one when the clock is changed.
    """

    times: tuple[Range, ...] = ()
    weekdays: tuple[Range, ...] = ()
    days_of_month: tuple[Range, ...] = ()
    months: tuple[Range, ...] = ()
    years: tuple[Range, ...] = ()
    location: str = ""

    def contains(self, at: datetime) -> bool:
        """Tell whether *at* is inside."""
        here = at.astimezone(_zone(self.location) if self.location else UTC)
        minute = here.hour * 60 + here.minute
        return (
            (not self.times or any(start <= minute < end for start, end in self.times))
            and (not self.days_of_month or any(_has_day(one, here) for one in self.days_of_month))
            and _has(self.months, here.month)
            and _has(self.weekdays, here.isoweekday() % 7)
            and _has(self.years, here.year)
        )


def parse_time_interval(raw: Mapping[str, Any]) -> TimeInterval:
    """
    Read one interval as `alertmanager.yml` writes it.

    Raises:
        InvalidInput: a field is unknown or wrong; names it.
    """
    for name in raw:
        if name not in _FIELDS:
            raise InvalidInput(
                f"time interval: {name!r} is unknown; use {', '.join(_FIELDS)}", field=str(name)
            )
    location = raw.get("location") or ""
    if not isinstance(location, str):
        raise _wrong("location", location, "a zone such as 'Europe/Berlin'")
    if location:
        _zone(location)
    return TimeInterval(
        times=_each(raw, "times", _times),
        weekdays=_each(raw, "weekdays", lambda text: _named(text, "weekdays", _WEEKDAYS)),
        days_of_month=_each(raw, "days_of_month", _days_of_month),
        months=_each(raw, "months", lambda text: _named(text, "months", _MONTHS)),
        years=_each(raw, "years", _years),
        location=location,
    )


def render_time_interval(interval: TimeInterval) -> JsonObject:
    """Return what `parse_time_interval` reads back."""
    written: dict[str, Any] = {}
    if interval.times:
        written["times"] = [
            {"start_time": _clock(start), "end_time": _clock(end)} for start, end in interval.times
        ]
    if interval.weekdays:
        written["weekdays"] = [_span(one, _WEEKDAYS) for one in interval.weekdays]
    if interval.days_of_month:
        written["days_of_month"] = [_span(one) for one in interval.days_of_month]
    if interval.months:
        written["months"] = [_span(one, _MONTHS) for one in interval.months]
    if interval.years:
        written["years"] = [_span(one) for one in interval.years]
    return {**written, **({"location": interval.location} if interval.location else {})}


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:  # unknown here, or a path out of the zones
        raise _wrong("location", name, "a zone known here, such as 'Europe/Berlin'") from error


def _has(ranges: Sequence[Range], value: int) -> bool:
    return not ranges or any(start <= value <= end for start, end in ranges)


def _has_day(days: Range, here: datetime) -> bool:
    """A range is cut to the month: the 29th to the 31st is empty in most Februaries."""
    last = calendar.monthrange(here.year, here.month)[1]
    start, end = (last + day + 1 if day < 0 else day for day in days)
    return start <= last and start <= here.day <= min(end, last)


def _each(raw: Mapping[str, Any], field: str, read: Callable[[Any], Range]) -> tuple[Range, ...]:
    value = raw.get(field)
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise _wrong(field, value, "a list with something in it")
    return tuple(read(one) for one in value)


def _times(value: Any) -> Range:
    if not isinstance(value, Mapping) or set(value) != {"start_time", "end_time"}:
        raise _wrong("times", value, "an object with start_time and end_time")
    start, end = _minute(value["start_time"]), _minute(value["end_time"])
    if start >= end:
        raise _wrong("times", value, "a range whose start is before its end; split it at midnight")
    return start, end


def _minute(value: Any) -> int:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _wrong("times", value, "a time like '09:30', at most '24:00'")
    return int(found[1]) * 60 + int(found[2]) if found[1] else 24 * 60


def _named(value: Any, field: str, names: Sequence[str]) -> Range:
    start, end = (_position(one, field, names, value) for one in _ends(value))
    if start > end:
        raise _wrong(field, value, "a range that begins before it ends")
    return start, end


def _position(word: str, field: str, names: Sequence[str], value: Any) -> int:
    word = word.lower()
    if word in names and word:
        return names.index(word)
    if names is _MONTHS and word.isdecimal() and 1 <= int(word) <= 12:
        return int(word)
    known = ", ".join(name for name in names if name)
    raise _wrong(field, value, f"one of {known}, or two of them with ':' between")


def _days_of_month(value: Any) -> Range:
    start, end = (_number(one, "days_of_month", value) for one in _ends(value))
    if not all(1 <= abs(day) <= 31 for day in (start, end)):
        raise _wrong("days_of_month", value, "between 1 and 31 or -31 and -1")
    if start < 0 < end:
        raise _wrong("days_of_month", value, "a range that also ends before 0")
    if _latest(start) > _latest(end):
        raise _wrong("days_of_month", value, "a range that begins before it ends")
    return start, end


def _latest(day: int) -> int:
    return 31 + day if day < 0 else day


def _years(value: Any) -> Range:
    start, end = (_number(one, "years", value) for one in _ends(value))
    if start > end:
        raise _wrong("years", value, "a range that begins before it ends")
    return start, end


def _ends(value: Any) -> tuple[str, str]:
    start, colon, end = str(value).partition(":")
    return start, end if colon else start


def _number(text: str, field: str, value: Any) -> int:
    if re.fullmatch(r"-?[0-9]{1,4}", text) is None:
        raise _wrong(field, value, "a number or two with ':' between")
    return int(text)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _span(ends: Range, names: Sequence[str] | None = None) -> str:
    start, end = (names[one] if names else str(one) for one in ends)
    return start if start == end else f"{start}:{end}"


def _wrong(field: str, value: object, wanted: str) -> InvalidInput:
    return InvalidInput(
        f"time interval: {field}: {value!r} is not {wanted}", field=field, value=value
    )
