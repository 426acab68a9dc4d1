"""Operators between two vectors: which series meet, and which labels the result keeps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import promql_parser

from punchingfist.lab.promql.errors import ExecutionError, UnsupportedQuery
from punchingfist.lab.promql.expressions import Moment, Sample, Vector, VectorExpression
from punchingfist.lab.promql.labels import (
    Labels,
    drop,
    drop_name,
    keep,
    render_labels,
    value_of,
    with_label,
)
from punchingfist.lab.promql.matchers import signature
from punchingfist.lab.promql.operators import ARITHMETIC, COMPARISONS

_Cardinality = promql_parser.VectorMatchCardinality


@dataclass(frozen=True, slots=True)
class Matching:
    """How the two sides meet: on or ignoring *names*, and which side may repeat."""

    names: frozenset[str]
    on: bool
    many_side: str | None
    included: tuple[str, ...]
    as_bool: bool

    def signature(self, labels: Labels) -> Labels:
        return signature(labels, self.names, on=self.on)

    def result_labels(self, many: Labels, one: Labels, *, drops_name: bool) -> Labels:
        labels = drop_name(many) if drops_name else many
        if self.many_side is None:
            labels = keep(labels, self.names) if self.on else drop(labels, self.names)
        for name in self.included:
            labels = with_label(labels, name, value_of(one, name))
        return drop_name(labels) if self.as_bool else labels


def compile_matching(modifier: promql_parser.BinModifier | None) -> Matching:
    if modifier is None:
        return Matching(frozenset(), on=False, many_side=None, included=(), as_bool=False)
    fill = modifier.fill_values
    if fill.lhs is not None or fill.rhs is not None:
        raise UnsupportedQuery("fill modifiers are not supported here; use `or` instead")
    labels = modifier.matching
    many_side = None
    if modifier.card == _Cardinality.ManyToOne:
        many_side = "left"
    elif modifier.card == _Cardinality.OneToMany:
        many_side = "right"
    return Matching(
        names=frozenset(labels.labels if labels else ()),
        on=labels is not None and labels.type == promql_parser.LabelModifierType.Include,
        many_side=many_side,
        included=tuple(modifier.group_labels or ()),
        as_bool=modifier.return_bool,
    )


def between_vectors(
    symbol: str, left: VectorExpression, right: VectorExpression, matching: Matching
) -> VectorExpression:
    set_operation = SET_OPERATIONS.get(symbol)
    if set_operation is not None:
        return VectorExpression(
            lambda moment: set_operation(
                left.evaluate(moment), right.evaluate(moment), matching.signature
            )
        )
    compute = _compile_pair(symbol, as_bool=matching.as_bool)

    def evaluate(moment: Moment) -> Vector:
        return _join(left.evaluate(moment), right.evaluate(moment), matching, symbol, compute)

    return VectorExpression(evaluate)


def _compile_pair(symbol: str, *, as_bool: bool) -> Callable[[float, float], float | None]:
    """Return what combines two values; None drops the pair."""
    if symbol in ARITHMETIC:
        return ARITHMETIC[symbol]
    holds = COMPARISONS[symbol]
    if as_bool:
        return lambda left, right: float(holds(left, right))
    return lambda left, right: left if holds(left, right) else None


def _join(
    left: Vector,
    right: Vector,
    matching: Matching,
    symbol: str,
    compute: Callable[[float, float], float | None],
) -> Vector:
    swapped = matching.many_side == "right"
    many, one = (right, left) if swapped else (left, right)
    if not many or not one:
        return []
    partners = _index_one_side(one, matching, side="left" if swapped else "right")
    seen: set[tuple[Labels, Labels]] = set()
    joined = []
    for labels, value in many:
        shared = matching.signature(labels)
        partner = partners.get(shared)
        if partner is None:
            continue
        result = compute(partner.value, value) if swapped else compute(value, partner.value)
        if result is None:
            continue
        metric = matching.result_labels(labels, partner.labels, drops_name=symbol in ARITHMETIC)
        key = (shared, () if matching.many_side is None else metric)
        if key in seen:
            raise ExecutionError(_why_repeated(matching))
        seen.add(key)
        joined.append(Sample(metric, result))
    return joined


def _index_one_side(one: Vector, matching: Matching, *, side: str) -> Mapping[Labels, Sample]:
    partners: dict[Labels, Sample] = {}
    for sample in one:
        shared = matching.signature(sample.labels)
        other = partners.setdefault(shared, sample)
        if other is not sample:
            raise ExecutionError(
                f"found duplicate series for the match group {render_labels(shared)} on the "
                f"{side} hand-side of the operation: [{render_labels(sample.labels)}, "
                f"{render_labels(other.labels)}];many-to-many matching not allowed: "
                "matching labels must be unique on one side"
            )
    return partners


def _why_repeated(matching: Matching) -> str:
    if matching.many_side is None:
        return (
            "multiple matches for labels: many-to-one matching must be explicit "
            "(group_left/group_right)"
        )
    return "multiple matches for labels: grouping labels must ensure unique matches"


def _both(left: Vector, right: Vector, shared: Callable[[Labels], Labels]) -> Vector:
    wanted = {shared(labels) for labels, _ in right}
    return [sample for sample in left if shared(sample.labels) in wanted]


def _either(left: Vector, right: Vector, shared: Callable[[Labels], Labels]) -> Vector:
    covered = {shared(labels) for labels, _ in left}
    return left + [sample for sample in right if shared(sample.labels) not in covered]


def _only_left(left: Vector, right: Vector, shared: Callable[[Labels], Labels]) -> Vector:
    unwanted = {shared(labels) for labels, _ in right}
    return [sample for sample in left if shared(sample.labels) not in unwanted]


SET_OPERATIONS: Final = {"and": _both, "or": _either, "unless": _only_left}
