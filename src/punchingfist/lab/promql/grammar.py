"""
The shorthand for values over time in metrics.yaml.

Tokens stand oldest first: `5`, `300Mi`, `5x10` or `5 x10` (ten times), `0..90x10` (ten points
from 0 to 90), `_` or `_x3` (no point), `stale` (the series ends here until the next value).
"""

import math
import re
from collections.abc import Iterator
from typing import Final

from punchingfist.errors import InvalidInput

# A series says explicitly that it ended; compared by identity, since NaN is a legal value.
STALE: Final = float("nan")

LIMIT_POINTS: Final = 100_000

_UNITS: Final = {
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
}
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?")
_TOKEN = re.compile(r"(?P<what>\S+?)(?:\s*x(?P<count>\d+))?(?=\s|$)")


def parse_values(text: str) -> list[float | None]:
    """Return the points of *text*, oldest first; None where there is none."""
    points: list[float | None] = []
    for token in _TOKEN.finditer(text):
        count = None if token["count"] is None else int(token["count"])
        if count == 0 or len(points) + (count or 1) > LIMIT_POINTS:
            raise InvalidInput(
                f"values token {token[0]!r} repeats {count} times; "
                f"use 1 or more, and at most {LIMIT_POINTS} points in a series",
                field="values",
                value=text,
            )
        points.extend(_expand(token["what"], count))
    if not points:
        raise InvalidInput("values are empty; write at least one point", field="values", value=text)
    return points


def _expand(what: str, count: int | None) -> Iterator[float | None]:
    first, dots, last = what.partition("..")
    if dots:
        yield from _ramp(_parse_number(first), _parse_number(last), what, count)
        return
    value = {"_": None, "stale": STALE}[what] if what in ("_", "stale") else _parse_number(what)
    yield from (value for _ in range(count or 1))


def _ramp(first: float, last: float, what: str, count: int | None) -> Iterator[float]:
    if count is None or count < 2 or not math.isfinite(last - first):
        raise InvalidInput(
            f"ramp {what!r} cannot be drawn; give finite ends and two points or more, "
            "as in 0..90x10",
            field="values",
            value=what,
        )
    for index in range(count - 1):
        yield first + (last - first) * index / (count - 1)
    yield last


def _parse_number(text: str) -> float:
    if text in ("NaN", "+Inf", "-Inf", "Inf"):
        return float(text)
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise InvalidInput(
            f"value {text!r} is not a number; use one like 5, 1.5e3, 300Mi, 2k, NaN, +Inf or _",
            field="values",
            value=text,
        )
    return float(match[1]) * _UNITS[match[2] or ""]
