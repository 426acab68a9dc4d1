"""Aggregation operators, grouped by labels or without them."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import promql_parser

from punchingfist.lab.promql import numbers
from punchingfist.lab.promql.errors import ExecutionError, UnsupportedQuery
from punchingfist.lab.promql.expressions import (
    Expression,
    Moment,
    Sample,
    ScalarExpression,
    TextExpression,
    Vector,
    VectorExpression,
)
from punchingfist.lab.promql.labels import Labels, is_label_name, with_label
from punchingfist.lab.promql.matchers import signature

Grouping: TypeAlias = Callable[[Labels], Labels]
Groups: TypeAlias = Mapping[Labels, list[Sample]]

SUMMARIES: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "sum": lambda values: float(sum(values)),
    "avg": numbers.mean,
    "min": numbers.minimum,
    "max": numbers.maximum,
    "count": lambda values: float(len(values)),
    "group": lambda _: 1.0,
    "stddev": numbers.deviation,
    "stdvar": numbers.variance,
}


def compile_aggregation(
    node: promql_parser.AggregateExpr, of: VectorExpression, parameter: Expression | None
) -> VectorExpression:
    """Return the aggregation of *of*; *parameter* is what topk, quantile and the like take."""
    operator, group = str(node.op), _compile_grouping(node.modifier)
    summary = SUMMARIES.get(operator)
    if summary is not None:
        return _summarize(group, of, lambda _: summary)
    match operator, parameter:
        case "quantile", ScalarExpression():
            return _summarize(group, of, lambda moment: _ranked(parameter.evaluate(moment)))
        case (("topk" | "bottomk"), ScalarExpression()):
            return _choose(group, of, parameter, largest=operator == "topk")
        case "count_values", TextExpression(text=name):
            return _count_values(group, of, name)
    raise UnsupportedQuery(f"aggregation {operator!r} is not supported here", value=operator)


def _ranked(rank: float) -> Callable[[Sequence[float]], float]:
    return lambda values: numbers.quantile(rank, values)


def _compile_grouping(modifier: promql_parser.AggModifier | None) -> Grouping:
    if modifier is None:
        return lambda _: ()
    names = frozenset(modifier.labels)
    on = modifier.type == promql_parser.AggModifierType.By
    return lambda labels: signature(labels, names, on=on)


def _grouped(group: Grouping, vector: Vector) -> Groups:
    groups: dict[Labels, list[Sample]] = defaultdict(list)
    for sample in vector:
        groups[group(sample.labels)].append(sample)
    return groups


def _summarize(
    group: Grouping,
    of: VectorExpression,
    summary_at: Callable[[Moment], Callable[[Sequence[float]], float]],
) -> VectorExpression:
    def evaluate(moment: Moment) -> Vector:
        summary = summary_at(moment)
        groups = _grouped(group, of.evaluate(moment))
        return [
            Sample(labels, summary([value for _, value in samples]))
            for labels, samples in groups.items()
        ]

    return VectorExpression(evaluate)


def _choose(
    group: Grouping, of: VectorExpression, count: ScalarExpression, *, largest: bool
) -> VectorExpression:
    """Keep the first so many samples of each group, best first and NaN last."""

    def order(sample: Sample) -> tuple[bool, float]:
        return numbers.nan_last(sample.value, descending=largest)

    def evaluate(moment: Moment) -> Vector:
        groups = _grouped(group, of.evaluate(moment))
        wanted = numbers.as_count(count.evaluate(moment))
        return [
            sample
            for samples in groups.values()
            for sample in heapq.nsmallest(wanted, samples, key=order)
        ]

    return VectorExpression(evaluate)


def _count_values(group: Grouping, of: VectorExpression, name: str) -> VectorExpression:
    """Count equal values in each group, with the value as label *name*."""
    if not is_label_name(name):
        raise ExecutionError(f"invalid label name {name!r}", value=name)

    def evaluate(moment: Moment) -> Vector:
        counts: dict[Labels, float] = defaultdict(float)
        for labels, value in of.evaluate(moment):
            counts[with_label(group(labels), name, numbers.render_number(value))] += 1
        return [Sample(labels, count) for labels, count in counts.items()]

    return VectorExpression(evaluate)
