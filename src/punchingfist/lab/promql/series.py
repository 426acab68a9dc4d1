"""The series of metrics.yaml, placed in time so that the newest point stands at `now`."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

import promql_parser

from punchingfist.errors import InvalidInput
from punchingfist.lab.promql.grammar import STALE, parse_values
from punchingfist.lab.promql.labels import METRIC_NAME, Labels, is_label_name, labels_of, value_of

Point: TypeAlias = tuple[int, float]

_COUNTER_SUFFIXES: Final = ("_total", "_count", "_sum", "_bucket")


@dataclass(frozen=True, slots=True)
class Series:
    """
    Recorded points and how they go on after the last.

    A series goes on by *climb* at each *step_ms*: nothing for a gauge, its last rise for a
    counter, so that a rate seen at `now` is still there an hour later. With *climb* None the
    series ended. Times are Unix milliseconds; both ends of an interval are included.
    """

    labels: Labels
    times: tuple[int, ...]
    values: tuple[float, ...]
    step_ms: int
    climb: float | None

    def between(self, start: int, end: int) -> list[Point]:
        """Return the points from *start* to *end*, without marks of staleness."""
        first, last = bisect_left(self.times, start), bisect_right(self.times, end)
        recorded = zip(self.times[first:last], self.values[first:last], strict=True)
        points = [point for point in recorded if point[1] is not STALE]
        return points + self._continued(start, end)

    def latest(self, start: int, end: int) -> Point | None:
        """Return the last point from *start* to *end*, unless the series ended there."""
        continued = self._continued(max(start, end - self.step_ms), end)
        if continued:
            return continued[-1]
        index = bisect_right(self.times, end) - 1
        if index < 0 or self.times[index] < start or self.values[index] is STALE:
            return None
        return self.times[index], self.values[index]

    def _continued(self, start: int, end: int) -> list[Point]:
        newest = self.times[-1]
        if self.climb is None or end <= newest:
            return []
        first = max(1, -(-(start - newest) // self.step_ms))
        last = (end - newest) // self.step_ms
        return [
            (newest + step * self.step_ms, self.values[-1] + step * self.climb)
            for step in range(first, last + 1)
        ]


class SeriesIndex:
    """All series of a scenario, found by metric name first."""

    def __init__(self, series: Iterable[Series]) -> None:
        self.series = tuple(sorted(series, key=lambda one: one.labels))
        self._by_name: dict[str, list[Series]] = {}
        for one in self.series:
            self._by_name.setdefault(value_of(one.labels, METRIC_NAME), []).append(one)

    def select(self, name: str | None, matches: Callable[[Labels], bool]) -> list[Series]:
        """Return the series called *name* (any, when None) whose labels match."""
        candidates = self.series if name is None else self._by_name.get(name, [])
        return [one for one in candidates if matches(one.labels)]


def parse_duration(text: object, field: str) -> int:
    """Return a duration such as `30s` or `1h30m` in milliseconds."""
    if str(text) in ("0", "0s"):
        return 0
    try:
        return promql_parser.parse_duration(str(text)) // timedelta(milliseconds=1)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"{field} {text!r} is not a duration; use one like 30s", field=field, value=text
        ) from error


def parse_interval(document: Mapping[str, object]) -> int:
    """Return the spacing of points in milliseconds."""
    interval = parse_duration(document.get("interval", "30s"), "interval")
    if interval == 0:
        raise InvalidInput("interval is zero; use one like 30s", field="interval")
    return interval


def parse_series(document: Mapping[str, object], now: int) -> SeriesIndex:
    """Place the series of *document* so that the last point of each stands at *now*."""
    refuse_unknown_keys(document, {"interval", "series", "rules"}, "metrics")
    entries = document.get("series", [])
    if not isinstance(entries, list):
        raise InvalidInput("series is not a list; write one entry per series", field="series")
    step, placed = parse_interval(document), dict[Labels, Series]()
    for number, entry in enumerate(entries):
        field = f"series[{number}]"
        if not isinstance(entry, Mapping):
            raise InvalidInput(f"{field} is not a mapping; give labels and values", field=field)
        refuse_unknown_keys(entry, {"labels", "values"}, field)
        labels = _parse_labels(entry.get("labels"), field)
        if labels in placed:
            raise InvalidInput(f"{field} repeats the labels of another series", field=field)
        placed[labels] = _place(labels, parse_values(str(entry.get("values", ""))), step, now)
    return SeriesIndex(placed.values())


def _place(labels: Labels, values: list[float | None], step: int, now: int) -> Series:
    first = now - (len(values) - 1) * step
    points = [(first + i * step, value) for i, value in enumerate(values) if value is not None]
    if not points:
        raise InvalidInput(f"series {dict(labels)!r} has no point; give one value", field="values")
    return Series(
        labels=labels,
        times=tuple(time for time, _ in points),
        values=tuple(value for _, value in points),
        step_ms=step,
        climb=_climb(labels, values),
    )


def _climb(labels: Labels, values: list[float | None]) -> float | None:
    newest, previous = values[-1], values[-2] if len(values) > 1 else None
    if newest is None or newest is STALE:
        return None
    is_counter = value_of(labels, METRIC_NAME).endswith(_COUNTER_SUFFIXES)
    if not is_counter or previous is None or not newest > previous:
        return 0.0
    return newest - previous


def _parse_labels(entry: object, field: str) -> Labels:
    if not isinstance(entry, Mapping) or not entry.get(METRIC_NAME):
        raise InvalidInput(f"{field} has no {METRIC_NAME}; name the metric", field=field)
    for name, value in entry.items():
        if not isinstance(name, str) or not is_label_name(name):
            raise InvalidInput(f"{field}: label name {name!r} is not valid", field=field)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise InvalidInput(f"{field}: label {name!r} is not text; quote it", field=field)
    return labels_of({name: str(value) for name, value in entry.items()})


def refuse_unknown_keys(entry: Mapping[str, object], known: Collection[str], field: str) -> None:
    unknown = sorted(str(key) for key in entry if key not in known)
    if unknown:
        raise InvalidInput(
            f"{field}: {', '.join(unknown)} is unknown; use {', '.join(sorted(known))}",
            field=field,
        )
