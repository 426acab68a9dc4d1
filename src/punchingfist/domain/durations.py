"""Spans of time as people write them: `300s`, `1h`, `1h30m`."""

import re
from datetime import timedelta
from fractions import Fraction

from punchingfist.errors import InvalidInput

_MICROSECONDS: dict[str, int | Fraction] = {
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
    "µs": 1,
    "ns": Fraction(1, 1000),
}
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(h|ms|m|s|us|µs|ns)")
_LONGEST = timedelta(days=3650)


def parse_duration(text: str) -> timedelta:
    """Read a Go-like duration; a bare `0` is the only number that needs no unit."""
    at, microseconds = 0, Fraction(0)
    for part in _PART.finditer(text):
        if part.start() != at:
            break
        at = part.end()
        microseconds += Fraction(part[1]) * _MICROSECONDS[part[2]]
    if text != "0" and (not text or at != len(text)):
        raise InvalidInput(
            f"duration {text!r} is not understood; write it like '300s', '1h' or '1h30m'",
            value=text,
        )
    if microseconds > _LONGEST / timedelta(microseconds=1):
        raise InvalidInput(
            f"duration {text!r} is longer than ten years; use a shorter one", value=text
        )
    return timedelta(microseconds=round(microseconds))


def render_duration(span: timedelta) -> str:
    """Write *span* so that `parse_duration` reads the same value back."""
    seconds, microseconds = divmod(span // timedelta(microseconds=1), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "m"), (seconds, "s"), (microseconds, "us")]
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"
