"""Selectors: instant, range and subquery, with offset, @ and the five-minute lookback."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import promql_parser

from punchingfist.lab.promql.errors import QueryError, UnsupportedQuery
from punchingfist.lab.promql.expressions import (
    LOOKBACK_MS,
    Moment,
    RangeExpression,
    Reading,
    Sample,
    Selector,
    Vector,
    VectorExpression,
    Window,
)
from punchingfist.lab.promql.labels import Labels
from punchingfist.lab.promql.matchers import compile_matchers, equal_labels
from punchingfist.lab.promql.series import Point

DEFAULT_RESOLUTION_MS: Final = 60_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def compile_instant(node: promql_parser.VectorSelector) -> VectorExpression:
    name, matches = compile_matchers(node)
    reference = _compile_reference(node)

    def readings(moment: Moment) -> list[Reading]:
        at = reference(moment)
        start, end = at - LOOKBACK_MS, min(at, moment.scope.present)
        chosen = moment.scope.index.select(name, matches)
        moment.scope.spend(len(chosen) + 1)
        latest = ((series.labels, series.latest(start, end)) for series in chosen)
        return [Reading(labels, point) for labels, point in latest if point is not None]

    def evaluate(moment: Moment) -> Vector:
        return [Sample(labels, value) for labels, (_, value) in readings(moment)]

    return VectorExpression(evaluate, Selector(readings, equal_labels(node)))


def compile_range(node: promql_parser.MatrixSelector) -> RangeExpression:
    selector = node.vector_selector
    name, matches = compile_matchers(selector)
    reference, span = _compile_reference(selector), _milliseconds(node.range)

    def evaluate(moment: Moment) -> list[Window]:
        end = reference(moment)
        start, newest = end - span, min(end, moment.scope.present)
        found = []
        for series in moment.scope.index.select(name, matches):
            points = series.between(start, newest)
            moment.scope.spend(len(points) + 1)
            if points:
                found.append(Window(series.labels, points, start, end))
        return found

    return RangeExpression(evaluate, span / 1000, equal_labels(selector))


def compile_subquery(
    node: promql_parser.SubqueryExpr, inner: Callable[[Moment], Vector]
) -> RangeExpression:
    """Evaluate *inner* at whole multiples of the resolution within the range."""
    reference, span = _compile_reference(node), _milliseconds(node.range)
    step = DEFAULT_RESOLUTION_MS if node.step is None else max(1, _milliseconds(node.step))

    def evaluate(moment: Moment) -> list[Window]:
        end = reference(moment)
        start = end - span
        moment.scope.spend(span // step)
        points: dict[Labels, list[Point]] = defaultdict(list)
        for at in range(-(-start // step) * step, end + 1, step):
            for labels, value in inner(Moment(at, moment.scope)):
                points[labels].append((at, value))
        return [Window(labels, found, start, end) for labels, found in points.items()]

    return RangeExpression(evaluate, span / 1000)


def _compile_reference(
    node: promql_parser.VectorSelector | promql_parser.SubqueryExpr,
) -> Callable[[Moment], int]:
    """Return what tells the instant that @ and offset point to."""
    offset = _milliseconds(node.offset)
    at = node.at
    if at is None:
        return lambda moment: moment.at - offset
    if at.type == promql_parser.AtModifierType.Start:
        return lambda moment: moment.scope.start - offset
    if at.type == promql_parser.AtModifierType.End:
        return lambda moment: moment.scope.end - offset
    fixed = _instant(at) - offset
    return lambda _: fixed


def _instant(at: promql_parser.AtModifier) -> int:
    try:
        stamp = at.at
    except (OverflowError, ValueError) as error:
        raise QueryError(f"timestamp of the @ modifier is out of bounds: {error}") from error
    except BaseException as error:
        # The parser's own type for times panics at any before 1970, outside of `Exception`.
        if type(error).__name__ != "PanicException":
            raise
        raise UnsupportedQuery("timestamp of the @ modifier lies before 1970") from error
    return 0 if stamp is None else round((stamp - _EPOCH) / _MILLISECOND)


def _milliseconds(span: timedelta | None) -> int:
    return 0 if span is None else span // _MILLISECOND
