"""How fast a series changes: rate and its relatives, extrapolated exactly as Prometheus does."""

import math
from collections.abc import Sequence
from itertools import pairwise

from punchingfist.lab.promql.expressions import Window
from punchingfist.lab.promql.numbers import NAN, divide
from punchingfist.lab.promql.series import Point

# A boundary closer to the outermost point than this many average gaps is taken as covered.
_NEAR = 1.1


def increase(window: Window) -> float | None:
    """Return the growth of a counter over the whole window, its resets made good."""
    points = window.points
    growth = points[-1][1] - points[0][1]
    growth += sum(before for (_, before), (_, after) in pairwise(points) if after < before)
    return _extrapolate(window, growth, is_counter=True)


def delta(window: Window) -> float | None:
    """Return the difference of a gauge over the whole window."""
    return _extrapolate(window, window.points[-1][1] - window.points[0][1], is_counter=False)


def rate(window: Window) -> float | None:
    growth = increase(window)
    return None if growth is None else growth / ((window.end - window.start) / 1000)


def irate(window: Window) -> float | None:
    """Return the growth per second between the last two points."""
    if len(window.points) < 2:
        return None
    (before, previous), (after, last) = window.points[-2:]
    growth = last if last < previous else last - previous
    return growth / ((after - before) / 1000)


def idelta(window: Window) -> float | None:
    """Return the difference between the last two points."""
    if len(window.points) < 2:
        return None
    return window.points[-1][1] - window.points[-2][1]


def deriv(window: Window) -> float | None:
    """Return the slope per second of the line that fits best."""
    if len(window.points) < 2:
        return None
    return _fit_line(window.points, origin=window.points[0][0])[0]


def predict(window: Window, *, at: int, ahead_seconds: float) -> float | None:
    """Return where the best line stands *ahead_seconds* after *at*."""
    if len(window.points) < 2:
        return None
    slope, intercept = _fit_line(window.points, origin=at)
    return slope * ahead_seconds + intercept


def _extrapolate(window: Window, growth: float, *, is_counter: bool) -> float | None:
    """Stretch *growth* between the outermost points to the ends of the window."""
    points = window.points
    if len(points) < 2:
        return None
    covered = (points[-1][0] - points[0][0]) / 1000
    gap = covered / (len(points) - 1)
    to_start = (points[0][0] - window.start) / 1000
    to_end = (window.end - points[-1][0]) / 1000
    if is_counter and growth > 0 and points[0][1] >= 0:
        # A counter cannot have been below zero, so it began no earlier than this.
        to_start = min(to_start, covered * divide(points[0][1], growth))
    stretched = covered
    stretched += to_start if to_start < gap * _NEAR else gap / 2
    stretched += to_end if to_end < gap * _NEAR else gap / 2
    return growth * (stretched / covered)


def _fit_line(points: Sequence[Point], *, origin: int) -> tuple[float, float]:
    """Return slope and intercept, by least squares, with *origin* as time zero."""
    first = points[0][1]
    if all(value == first for _, value in points):
        return (NAN, NAN) if math.isinf(first) else (0.0, first)
    count = float(len(points))
    xs = [(time - origin) / 1000 for time, _ in points]
    ys = [value for _, value in points]
    sum_x, sum_y = sum(xs), sum(ys)
    covariance = sum(x * y for x, y in zip(xs, ys, strict=True)) - sum_x * sum_y / count
    slope = divide(covariance, sum(x * x for x in xs) - sum_x * sum_x / count)
    return slope, sum_y / count - slope * sum_x / count
