"""Compile a query from promql-parser's tree, then answer it at an instant or over a range."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import promql_parser

from punchingfist.lab.promql.aggregations import compile_aggregation
from punchingfist.lab.promql.errors import QueryError, UnsupportedQuery
from punchingfist.lab.promql.expressions import (
    Expression,
    Matrix,
    Moment,
    RangeExpression,
    Sample,
    ScalarExpression,
    Scope,
    TextExpression,
    Vector,
    VectorExpression,
    constant,
    distinct,
)
from punchingfist.lab.promql.functions import compile_function
from punchingfist.lab.promql.labels import Labels
from punchingfist.lab.promql.matching import SET_OPERATIONS, between_vectors, compile_matching
from punchingfist.lab.promql.operators import (
    ARITHMETIC,
    COMPARISONS,
    between_scalars,
    negate,
    vector_with_scalar,
)
from punchingfist.lab.promql.selectors import compile_instant, compile_range, compile_subquery
from punchingfist.lab.promql.series import Point, SeriesIndex

# The parser recurses without a guard: some ten thousand nested operators end the process.
LIMIT_CHARACTERS: Final = 4096

_OPERATORS: Final = frozenset({*ARITHMETIC, *COMPARISONS, *SET_OPERATIONS})


@dataclass(frozen=True, slots=True)
class Query:
    """A query that is valid and supported, whatever series there are."""

    text: str
    expression: Expression


def compile_query(text: str) -> Query:
    """Parse and compile *text*; what is not supported is refused here, before any evaluation."""
    try:
        return Query(text, _compile(parse_tree(text)))
    except RecursionError as error:
        raise QueryError("query is nested too deeply; split it") from error


def parse_tree(text: str) -> promql_parser.Expr:
    if len(text) > LIMIT_CHARACTERS:
        raise QueryError(f"query is longer than {LIMIT_CHARACTERS} characters; split it")
    try:
        return promql_parser.parse(text)
    except (ValueError, OverflowError) as error:
        raise QueryError(f"parse error: {error}", value=text) from error


def evaluate_instant(
    query: Query, index: SeriesIndex, *, at: int, present: int
) -> float | str | Vector | Matrix:
    """Return what *query* is at *at*; no point after *present* exists yet."""
    moment = Moment(at, Scope(index, start=at, end=at, present=present))
    match query.expression:
        case TextExpression(text=text):
            return text
        case VectorExpression() as expression:
            return distinct(expression.evaluate(moment))
        case RangeExpression() as expression:
            return Matrix(expression.evaluate(moment))
        case ScalarExpression() as expression:
            return expression.evaluate(moment)


def evaluate_vector(query: Query, index: SeriesIndex, *, at: int, present: int) -> Vector:
    """Return what a rule's *query* is at *at*; a scalar counts as a sample without labels."""
    scope = Scope(index, start=at, end=at, present=present)
    return _as_vector(query).evaluate(Moment(at, scope))


def evaluate_range(
    query: Query, index: SeriesIndex, *, start: int, end: int, step: int, present: int
) -> list[tuple[Labels, list[Point]]]:
    """Return the points of *query* at each *step* from *start* to *end*, in order of labels."""
    expression = _as_vector(query)
    scope = Scope(index, start=start, end=end, present=present)
    points: dict[Labels, list[Point]] = defaultdict(list)
    for at in range(start, end + 1, step):
        for labels, value in expression.evaluate(Moment(at, scope)):
            points[labels].append((at, value))
    return sorted(points.items())


def _as_vector(query: Query) -> VectorExpression:
    match query.expression:
        case ScalarExpression(evaluate=number):
            return VectorExpression(lambda moment: [Sample((), number(moment))])
        case VectorExpression(evaluate=vector):
            return VectorExpression(lambda moment: distinct(vector(moment)))
        case expression:
            kind = "string" if isinstance(expression, TextExpression) else "range vector"
            raise QueryError(
                f'invalid expression type "{kind}" for range query, '
                "must be Scalar or instant Vector"
            )


def _compile(node: promql_parser.Expr) -> Expression:
    compile_node = _COMPILERS.get(type(node))
    if compile_node is None:
        raise UnsupportedQuery(f"{type(node).__name__} is not supported here")
    return compile_node(node)


def _compile_aggregate(node: promql_parser.AggregateExpr) -> Expression:
    parameter = None if node.param is None else _compile(node.param)
    return compile_aggregation(node, _compile_vector(node.expr), parameter)


def _compile_binary(node: promql_parser.BinaryExpr) -> Expression:
    symbol, matching = str(node.op), compile_matching(node.modifier)
    if symbol not in _OPERATORS:
        raise UnsupportedQuery(f"operator {symbol!r} is not supported here", value=symbol)
    match _compile_number(node.lhs), _compile_number(node.rhs):
        case ScalarExpression() as left, ScalarExpression() as right:
            return between_scalars(symbol, left, right)
        case VectorExpression() as left, ScalarExpression() as right:
            return vector_with_scalar(
                symbol, left, right, scalar_first=False, as_bool=matching.as_bool
            )
        case ScalarExpression() as left, VectorExpression() as right:
            return vector_with_scalar(
                symbol, right, left, scalar_first=True, as_bool=matching.as_bool
            )
        case VectorExpression() as left, VectorExpression() as right:
            return between_vectors(symbol, left, right, matching)
    raise QueryError(f"operands of {symbol!r} do not go together")


def _compile_number(node: promql_parser.Expr) -> ScalarExpression | VectorExpression:
    expression = _compile(node)
    if isinstance(expression, ScalarExpression | VectorExpression):
        return expression
    raise QueryError("operand must be a scalar or an instant vector")


def _compile_vector(node: promql_parser.Expr) -> VectorExpression:
    expression = _compile(node)
    if isinstance(expression, VectorExpression):
        return expression
    raise QueryError("operand must be an instant vector")


_COMPILERS: Final[Mapping[type, Callable[[Any], Expression]]] = {
    promql_parser.NumberLiteral: lambda node: constant(node.val),
    promql_parser.StringLiteral: lambda node: TextExpression(node.val),
    promql_parser.ParenExpr: lambda node: _compile(node.expr),
    promql_parser.VectorSelector: compile_instant,
    promql_parser.MatrixSelector: compile_range,
    promql_parser.SubqueryExpr: lambda node: compile_subquery(
        node, _compile_vector(node.expr).evaluate
    ),
    promql_parser.UnaryExpr: lambda node: negate(_compile_number(node.expr)),
    promql_parser.AggregateExpr: _compile_aggregate,
    promql_parser.BinaryExpr: _compile_binary,
    promql_parser.Call: lambda node: compile_function(
        node.func.name, [_compile(one) for one in node.args]
    ),
}
