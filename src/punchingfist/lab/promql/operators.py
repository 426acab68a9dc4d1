"""Binary operators with at least one scalar, and what every operator does to two numbers."""

import operator
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from punchingfist.lab.promql.expressions import (
    Moment,
    Sample,
    ScalarExpression,
    Vector,
    VectorExpression,
    distinct,
    nameless,
)
from punchingfist.lab.promql.numbers import divide, modulo, power

Arithmetic: TypeAlias = Callable[[float, float], float]
Comparison: TypeAlias = Callable[[float, float], bool]

ARITHMETIC: Final[Mapping[str, Arithmetic]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divide,
    "%": modulo,
    "^": power,
}
COMPARISONS: Final[Mapping[str, Comparison]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def between_scalars(
    symbol: str, left: ScalarExpression, right: ScalarExpression
) -> ScalarExpression:
    compute = ARITHMETIC.get(symbol) or _as_number(COMPARISONS[symbol])
    return ScalarExpression(
        lambda moment: compute(left.evaluate(moment), right.evaluate(moment)),
    )


def vector_with_scalar(
    symbol: str,
    vector: VectorExpression,
    scalar: ScalarExpression,
    *,
    scalar_first: bool,
    as_bool: bool,
) -> VectorExpression:
    """Compute or filter each sample; a filter keeps the sample's value, wherever it stands."""
    if symbol in ARITHMETIC or as_bool:
        compute = ARITHMETIC.get(symbol) or _as_number(COMPARISONS[symbol])

        def evaluate(moment: Moment) -> Vector:
            fixed = scalar.evaluate(moment)
            return nameless(
                Sample(labels, compute(fixed, value) if scalar_first else compute(value, fixed))
                for labels, value in vector.evaluate(moment)
            )

        return VectorExpression(evaluate)
    holds = COMPARISONS[symbol]

    def select(moment: Moment) -> Vector:
        fixed = scalar.evaluate(moment)
        return distinct(
            sample
            for sample in vector.evaluate(moment)
            if (holds(fixed, sample.value) if scalar_first else holds(sample.value, fixed))
        )

    return VectorExpression(select)


def negate(of: ScalarExpression | VectorExpression) -> ScalarExpression | VectorExpression:
    if isinstance(of, ScalarExpression):
        return ScalarExpression(lambda moment: -of.evaluate(moment))
    return VectorExpression(
        lambda moment: nameless(Sample(labels, -value) for labels, value in of.evaluate(moment))
    )


def _as_number(comparison: Comparison) -> Arithmetic:
    return lambda left, right: float(comparison(left, right))
