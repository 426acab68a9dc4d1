import promql_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from punchingfist.lab.promql.errors import ExecutionError, QueryError, UnsupportedQuery
from punchingfist.lab.promql.evaluate import (
    LIMIT_CHARACTERS,
    compile_query,
    evaluate_instant,
    evaluate_range,
)
from punchingfist.lab.promql.functions import FUNCTIONS
from punchingfist.lab.promql.series import parse_series
from punchingfist.lab.promql.wire import to_milliseconds
from tests.lab.promql.shop import NOW, SHOP

PRESENT = to_milliseconds(NOW)
INDEX = parse_series(SHOP, PRESENT)

NAMES = st.sampled_from(["odd", "memory_bytes", "owner", "latency_seconds_bucket", "gone"])
LABELS = st.sampled_from(["pod", "container", "le", "kind", "nothing"])
SPANS = st.sampled_from(["1s", "45s", "5m", "1h", "10y"])
TEXTS = st.sampled_from(['"pod"', '"$1"', '""', '"(.*)"', '"0"', '"["', '"(?i)X"', '"{,2}"'])
NUMBERS = st.sampled_from(["0", "1", "-1", "0.5", "1e308", "1e-320", "NaN", "Inf", "-Inf", "9e99"])
OPERATORS = st.sampled_from(
    ["+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<=", "and", "or", "unless", "atan2"]
)
MATCHINGS = st.sampled_from(
    ["", "bool", "on (pod)", "ignoring (le)", "on () group_left", "on (pod) group_right (kind)"]
)
SCALAR_FUNCTIONS = st.sampled_from(["time", "pi", "hour"])
VECTOR_FUNCTIONS = st.sampled_from(
    [
        "abs",
        "ceil",
        "floor",
        "round",
        "absent",
        "scalar",
        "sort",
        "sort_desc",
        "timestamp",
        "ln",
        "sqrt",
        "exp",
        "sgn",
        "minute",
        "histogram_sum",
    ]
)
RANGE_FUNCTIONS = st.sampled_from(
    [
        "rate",
        "irate",
        "increase",
        "delta",
        "idelta",
        "deriv",
        "changes",
        "resets",
        "avg_over_time",
        "min_over_time",
        "max_over_time",
        "sum_over_time",
        "count_over_time",
        "last_over_time",
        "stddev_over_time",
        "stdvar_over_time",
        "present_over_time",
        "absent_over_time",
        "mad_over_time",
    ]
)
SUMMARIES = st.sampled_from(["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"])
RANKINGS = st.sampled_from(["topk", "bottomk", "quantile", "limitk"])


def _text(*parts: "str | st.SearchStrategy[str]") -> st.SearchStrategy[str]:
    whole = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*whole).map("".join)


def _ranges(vectors: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        _text(NAMES, "[", SPANS, "]"),
        _text(NAMES, "[", SPANS, "] offset ", SPANS),
        _text("(", vectors, ")[10m:", st.sampled_from(["3m", "7m30s", ""]), "]"),
    )


def _larger(vectors: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    ranges = _ranges(vectors)
    either = st.one_of(vectors, NUMBERS, _text(SCALAR_FUNCTIONS, "()"))
    return st.one_of(
        _text("-", either),
        _text("(", either, ") ", OPERATORS, " ", MATCHINGS, " (", either, ")"),
        _text(VECTOR_FUNCTIONS, "(", vectors, ")"),
        _text(RANGE_FUNCTIONS, "(", ranges, ")"),
        _text("quantile_over_time(", NUMBERS, ",", ranges, ")"),
        _text("predict_linear(", ranges, ",", NUMBERS, ")"),
        _text("histogram_quantile(", NUMBERS, ",", vectors, ")"),
        _text("clamp(", vectors, ",", NUMBERS, ",", NUMBERS, ")"),
        _text("round(", vectors, ",", NUMBERS, ")"),
        _text("vector(", NUMBERS, ")"),
        _text("label_replace(", vectors, ",", TEXTS, ",", TEXTS, ",", TEXTS, ",", TEXTS, ")"),
        _text("label_join(", vectors, ",", TEXTS, ",", TEXTS, ",", TEXTS, ")"),
        _text(SUMMARIES, " by (", LABELS, ") (", vectors, ")"),
        _text(RANKINGS, " without (", LABELS, ") (", NUMBERS, ",", vectors, ")"),
        _text("count_values (", TEXTS, ",", vectors, ")"),
    )


SELECTORS = st.one_of(
    NAMES,
    _text(NAMES, "{", LABELS, st.sampled_from(["=", "!=", "=~", "!~"]), TEXTS, "}"),
    _text(NAMES, " offset ", SPANS),
    _text(NAMES, " @ ", st.sampled_from(["0", "1e12", "1e30", "-7", "start()", "end()"])),
    st.just('{__name__=~"o.+"}'),
)
EXPRESSIONS = st.recursive(SELECTORS, _larger, max_leaves=6)


def _refusal(text: str) -> str | None:
    """Return why *text* is refused, None when it is answered."""
    try:
        query = compile_query(text)
        evaluate_instant(query, INDEX, at=PRESENT, present=PRESENT)
        start, step = PRESENT - 90_000, 40_000
        evaluate_range(query, INDEX, start=start, end=PRESENT, step=step, present=PRESENT)
    except QueryError as error:
        return str(error)
    return None


@given(EXPRESSIONS)
@settings(max_examples=300, deadline=None)
def test_any_query_is_answered_or_refused_with_a_reason(text: str) -> None:
    assert _refusal(text) != ""


@given(st.text(alphabet="a1{}()[]\"'=~!,.:+-*/@ \\\n", max_size=30))
@settings(deadline=None)
def test_any_text_is_a_query_or_refused_with_a_reason(text: str) -> None:
    assert _refusal(text) != ""


@pytest.mark.parametrize(
    "text",
    [
        "holt(x[5m])",
        "sqrt(gone)",
        "hour()",
        "mad_over_time(gone[5m])",
        "limitk(1, gone)",
        "gone atan2 gone",
        "gone + fill(1) gone",
        'gone{a="b" or c="d"}',
        'gone{a=~"[[:alpha:]]"}',
        'gone{a=~"a{,2}"}',
    ],
)
def test_what_is_not_supported_is_refused_even_without_series(text: str) -> None:
    with pytest.raises(QueryError) as refusal:
        compile_query(text)

    assert refusal.value.error_type == "bad_data"
    assert isinstance(refusal.value, UnsupportedQuery) or "unknown function" in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("(" * 1500 + "1" + ")" * 1500, id="brackets"),
        pytest.param("1" + " + 1" * 1000, id="sum"),
        pytest.param("-" * 20_000 + "up", id="longer-than-the-limit"),
    ],
)
def test_a_query_nested_too_deeply_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        compile_query(text)


def test_a_long_list_of_alternatives_is_no_nesting() -> None:
    pods = "|".join(f"pod-{number}" for number in range(400))
    text = f'up{{pod=~"{pods}"}}'
    assert len(text) < LIMIT_CHARACTERS

    assert evaluate_instant(compile_query(text), INDEX, at=PRESENT, present=PRESENT) == []


def test_a_subquery_over_ages_is_refused_rather_than_endured() -> None:
    query = compile_query("max_over_time(up[100y:1s])")

    with pytest.raises(ExecutionError, match="too many samples"):
        evaluate_instant(query, INDEX, at=PRESENT, present=PRESENT)


def test_the_parser_knows_every_function_we_offer() -> None:
    for name in FUNCTIONS:
        with pytest.raises(ValueError, match=r"argument|expected"):
            promql_parser.parse(f"{name}(1, 2, 3, 4, 5, 6)")
