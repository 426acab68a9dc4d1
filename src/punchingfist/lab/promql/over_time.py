"""Functions of one range vector: what happened to each series within its window."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Final, TypeAlias

from punchingfist.lab.promql import numbers, rates
from punchingfist.lab.promql.expressions import (
    Moment,
    RangeExpression,
    Sample,
    ScalarExpression,
    Vector,
    VectorExpression,
    Window,
    nameless,
)

Judgement: TypeAlias = Callable[[Window], float | None]


def of_values(summary: Callable[[Sequence[float]], float]) -> Judgement:
    return lambda window: summary([value for _, value in window.points])


def _changes(values: Sequence[float]) -> float:
    return sum(
        1.0
        for before, after in pairwise(values)
        if after != before and not (math.isnan(after) and math.isnan(before))
    )


def _resets(values: Sequence[float]) -> float:
    return sum(1.0 for before, after in pairwise(values) if after < before)


_JUDGEMENTS: Final[Mapping[str, Judgement]] = {
    "rate": rates.rate,
    "irate": rates.irate,
    "increase": rates.increase,
    "delta": rates.delta,
    "idelta": rates.idelta,
    "deriv": rates.deriv,
    "changes": of_values(_changes),
    "resets": of_values(_resets),
    "avg_over_time": of_values(numbers.mean),
    "min_over_time": of_values(numbers.minimum),
    "max_over_time": of_values(numbers.maximum),
    "sum_over_time": of_values(lambda values: float(sum(values))),
    "count_over_time": of_values(lambda values: float(len(values))),
    "stddev_over_time": of_values(numbers.deviation),
    "present_over_time": of_values(lambda _: 1.0),
}


def apply(judge: Judgement, over: RangeExpression) -> VectorExpression:
    def evaluate(moment: Moment) -> Vector:
        return nameless(_judged(over.evaluate(moment), judge))

    return VectorExpression(evaluate)


def last_over_time(over: RangeExpression) -> VectorExpression:
    """Return the newest value of each window; the only one of these that keeps the name."""

    def evaluate(moment: Moment) -> Vector:
        return [Sample(window.labels, window.points[-1][1]) for window in over.evaluate(moment)]

    return VectorExpression(evaluate)


def quantile_over_time(rank: ScalarExpression, over: RangeExpression) -> VectorExpression:
    def evaluate(moment: Moment) -> Vector:
        wanted = rank.evaluate(moment)
        judge = of_values(lambda values: numbers.quantile(wanted, values))
        return nameless(_judged(over.evaluate(moment), judge))

    return VectorExpression(evaluate)


def predict_linear(over: RangeExpression, ahead: ScalarExpression) -> VectorExpression:
    def evaluate(moment: Moment) -> Vector:
        seconds = ahead.evaluate(moment)
        judge = partial(rates.predict, at=moment.at, ahead_seconds=seconds)
        return nameless(_judged(over.evaluate(moment), judge))

    return VectorExpression(evaluate)


def absent_over_time(over: RangeExpression) -> VectorExpression:
    """Return one sample of value 1 when no series has a point in its window."""

    def evaluate(moment: Moment) -> Vector:
        return [] if over.evaluate(moment) else [Sample(over.equal_labels, 1.0)]

    return VectorExpression(evaluate)


def _judged(windows: Sequence[Window], judge: Judgement) -> list[Sample]:
    values = ((window.labels, judge(window)) for window in windows)
    return [Sample(labels, value) for labels, value in values if value is not None]


OVER_TIME: Final[Mapping[str, Callable[[RangeExpression], VectorExpression]]] = {
    **{name: partial(apply, judge) for name, judge in _JUDGEMENTS.items()},
    "last_over_time": last_over_time,
    "absent_over_time": absent_over_time,
}
