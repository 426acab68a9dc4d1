"""PromQL functions by name: each takes compiled arguments and gives a compiled expression."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from punchingfist.lab.promql import numbers, over_time
from punchingfist.lab.promql.errors import UnsupportedQuery
from punchingfist.lab.promql.expressions import (
    Expression,
    Moment,
    Sample,
    ScalarExpression,
    Vector,
    VectorExpression,
    nameless,
)
from punchingfist.lab.promql.histograms import histogram_quantile
from punchingfist.lab.promql.relabelling import label_join, label_replace

PerSample: TypeAlias = Callable[..., float]


def compile_function(name: str, arguments: Sequence[Expression]) -> Expression:
    """Return the call of *name*, with arguments of the number and types the parser checked."""
    build = FUNCTIONS.get(name)
    if build is None:
        raise UnsupportedQuery(f"function {name!r} is not supported here", value=name)
    return build(*arguments)


def _round(value: float, nearest: float = 1.0) -> float:
    inverse = numbers.divide(1.0, nearest)
    return numbers.divide(numbers.floor(value * inverse + 0.5), inverse)


def _each(
    compute: PerSample, of: VectorExpression, *parameters: ScalarExpression
) -> VectorExpression:
    def evaluate(moment: Moment) -> Vector:
        fixed = [one.evaluate(moment) for one in parameters]
        return nameless(
            Sample(labels, compute(value, *fixed)) for labels, value in of.evaluate(moment)
        )

    return VectorExpression(evaluate)


def _clamp(
    of: VectorExpression, lowest: ScalarExpression, highest: ScalarExpression
) -> VectorExpression:
    """Hold the values between two limits; with the limits crossed there is nothing."""

    def evaluate(moment: Moment) -> Vector:
        low, high = lowest.evaluate(moment), highest.evaluate(moment)
        if high < low:
            return []
        return nameless(
            Sample(labels, numbers.largest(low, numbers.smallest(high, value)))
            for labels, value in of.evaluate(moment)
        )

    return VectorExpression(evaluate)


def _histogram_quantile(rank: ScalarExpression, of: VectorExpression) -> VectorExpression:
    return VectorExpression(
        lambda moment: histogram_quantile(rank.evaluate(moment), of.evaluate(moment))
    )


def _absent(of: VectorExpression) -> VectorExpression:
    labels = of.selector.equal_labels if of.selector else ()
    return VectorExpression(lambda moment: [] if of.evaluate(moment) else [Sample(labels, 1.0)])


def _to_scalar(of: VectorExpression) -> ScalarExpression:
    def evaluate(moment: Moment) -> float:
        vector = of.evaluate(moment)
        return vector[0].value if len(vector) == 1 else math.nan

    return ScalarExpression(evaluate)


def _timestamp(of: VectorExpression) -> VectorExpression:
    """Return when each sample was taken; only a bare selector knows better than now."""
    selector = of.selector
    if selector is None:
        return VectorExpression(
            lambda moment: nameless(
                Sample(labels, moment.at / 1000) for labels, _ in of.evaluate(moment)
            )
        )
    return VectorExpression(
        lambda moment: nameless(
            Sample(labels, at / 1000) for labels, (at, _) in selector.readings(moment)
        )
    )


def _sort(of: VectorExpression, *, descending: bool) -> VectorExpression:
    return VectorExpression(
        lambda moment: sorted(
            of.evaluate(moment),
            key=lambda sample: numbers.nan_last(sample.value, descending=descending),
        )
    )


def _vector(of: ScalarExpression) -> VectorExpression:
    return VectorExpression(lambda moment: [Sample((), of.evaluate(moment))])


def _time() -> ScalarExpression:
    return ScalarExpression(lambda moment: moment.at / 1000)


_PER_SAMPLE: Final[Mapping[str, PerSample]] = {
    "abs": abs,
    "ceil": numbers.ceil,
    "floor": numbers.floor,
    "round": _round,
    "clamp_min": numbers.largest,
    "clamp_max": numbers.smallest,
}

FUNCTIONS: Final[Mapping[str, Callable[..., Expression]]] = {
    **over_time.OVER_TIME,
    **{name: partial(_each, compute) for name, compute in _PER_SAMPLE.items()},
    "absent": _absent,
    "clamp": _clamp,
    "histogram_quantile": _histogram_quantile,
    "label_join": label_join,
    "label_replace": label_replace,
    "predict_linear": over_time.predict_linear,
    "quantile_over_time": over_time.quantile_over_time,
    "scalar": _to_scalar,
    "sort": partial(_sort, descending=False),
    "sort_desc": partial(_sort, descending=True),
    "time": _time,
    "timestamp": _timestamp,
    "vector": _vector,
}
