"""Arithmetic on IEEE 754 doubles as Go does it: it never raises, it answers NaN or infinity."""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

from punchingfist.lab.promql.errors import ExecutionError

NAN = math.nan
INFINITY = math.inf


def divide(numerator: float, denominator: float) -> float:
    if denominator != 0:
        return numerator / denominator
    if numerator == 0 or math.isnan(numerator) or math.isnan(denominator):
        return NAN
    return math.copysign(INFINITY, numerator) * math.copysign(1.0, denominator)


def modulo(left: float, right: float) -> float:
    return NAN if right == 0 or math.isinf(left) else math.fmod(left, right)


def power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -INFINITY if base < 0 and _is_odd(exponent) else INFINITY
    except ValueError:
        # A root of a negative number, or zero to a negative power.
        if base != 0:
            return NAN
        return math.copysign(INFINITY, base) if _is_odd(exponent) else INFINITY


def _is_odd(number: float) -> bool:
    return math.fmod(number, 2) in (1, -1)


def floor(value: float) -> float:
    return float(math.floor(value)) if math.isfinite(value) else value


def ceil(value: float) -> float:
    return float(math.ceil(value)) if math.isfinite(value) else value


def largest(left: float, right: float) -> float:
    """Return the larger one, or NaN when either is."""
    return NAN if math.isnan(left) or math.isnan(right) else max(left, right)


def smallest(left: float, right: float) -> float:
    """Return the smaller one, or NaN when either is."""
    return NAN if math.isnan(left) or math.isnan(right) else min(left, right)


def mean(values: Iterable[float]) -> float:
    """Average without overflowing; an infinite mean stays so until the other infinity comes."""
    average = 0.0
    for count, value in enumerate(values, start=1):
        if math.isinf(average) and (math.isfinite(value) or value == average):
            continue
        average += value / count - average / count
    return average


def maximum(values: Iterable[float]) -> float:
    """Return the largest value; NaN only when there is nothing else."""
    return max((value for value in values if not math.isnan(value)), default=NAN)


def minimum(values: Iterable[float]) -> float:
    """Return the smallest value; NaN only when there is nothing else."""
    return min((value for value in values if not math.isnan(value)), default=NAN)


def variance(values: Iterable[float]) -> float:
    """Population variance, by Welford's method."""
    average, spread, count = 0.0, 0.0, 0
    for count, value in enumerate(values, start=1):
        delta = value - average
        average += delta / count
        spread += delta * (value - average)
    return divide(spread, count)


def deviation(values: Iterable[float]) -> float:
    spread = variance(values)
    return math.sqrt(spread) if spread >= 0 else NAN


def quantile(rank: float, values: Sequence[float]) -> float:
    """Interpolate the *rank* quantile; a rank outside 0..1 is infinite on that side."""
    if not values or math.isnan(rank):
        return NAN
    if not 0 <= rank <= 1:
        return math.copysign(INFINITY, rank)
    ordered = sorted(values, key=nan_first)
    position = rank * (len(ordered) - 1)
    lower = int(position)
    upper = min(lower + 1, len(ordered) - 1)
    weight = position - lower
    return ordered[lower] * (1 - weight) + ordered[upper] * weight


def nan_first(value: float) -> tuple[bool, float]:
    """Sort key that puts NaN below everything."""
    return (False, 0.0) if math.isnan(value) else (True, value)


def nan_last(value: float, *, descending: bool) -> tuple[bool, float]:
    """Sort key that puts NaN after everything, in either direction."""
    return (True, 0.0) if math.isnan(value) else (False, -value if descending else value)


def as_count(value: float) -> int:
    """Truncate the parameter of topk and bottomk."""
    if not abs(value) < 2**63:
        raise ExecutionError(f"Scalar value {render_number(value)} overflows int64")
    return int(value)


def render_number(value: float) -> str:
    """Render as the Prometheus API does: the shortest digits, an exponent only at extremes."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value != 0 and not 1e-6 <= abs(value) < 1e21:
        return _without_fraction(repr(value))
    return _without_fraction(format(Decimal(repr(value)), "f"))


def render_exponent(value: float) -> str:
    """Render with an exponent always, as alerts carry their value."""
    if not math.isfinite(value):
        return render_number(value)
    digits, exponent = f"{Decimal(repr(value)).normalize():e}".split("e")
    sign, magnitude = exponent[0], exponent[1:]
    return f"{digits}e{sign}{magnitude:0>2}"


def _without_fraction(text: str) -> str:
    digits, mark, exponent = text.partition("e")
    return digits.removesuffix(".0") + mark + exponent
