"""Label matchers, with regular expressions anchored at both ends."""

import re
from collections.abc import Callable
from typing import TypeAlias

import promql_parser

from punchingfist.lab.promql.errors import UnsupportedQuery
from punchingfist.lab.promql.labels import METRIC_NAME, Labels, drop, keep, value_of

Predicate: TypeAlias = Callable[[str], bool]

# Both read differently by Python than by RE2: a class inside a class, and `{,n}`.
_AMBIGUOUS = re.compile(r"\[[^\]]*(?:\[|--|&&|~~|\|\|)|\{,")


def compile_regex(pattern: str) -> re.Pattern[str]:
    """Compile an RE2 *pattern*; what Python would read otherwise is refused."""
    if _AMBIGUOUS.search(pattern):
        raise _refusal(pattern, "its syntax is ambiguous")
    try:
        return re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise _refusal(pattern, str(error)) from error


def _refusal(pattern: str, why: str) -> UnsupportedQuery:
    return UnsupportedQuery(
        f"regular expression {pattern!r} is not understood here: {why}; simplify it", value=pattern
    )


def compile_matchers(
    selector: promql_parser.VectorSelector,
) -> tuple[str | None, Callable[[Labels], bool]]:
    """Return the exact metric name, if the selector gives one, and a test of label sets."""
    if selector.matchers.or_matchers:
        raise UnsupportedQuery("`or` between label matchers is not PromQL; use the set operator")
    tests = [(one.name, _compile_matcher(one)) for one in selector.matchers.matchers]

    def matches(labels: Labels) -> bool:
        return all(test(value_of(labels, name)) for name, test in tests)

    return selector.name, matches


def equal_labels(selector: promql_parser.VectorSelector) -> Labels:
    """Return the labels that absent() knows: those matched once, and by equality."""
    known: dict[str, str] = {}
    seen: set[str] = set()
    for one in selector.matchers.matchers:
        if one.op == promql_parser.MatchOp.Equal and one.name not in seen:
            known[one.name] = one.value
            seen.add(one.name)
        else:
            known.pop(one.name, None)
    return tuple(sorted((name, value) for name, value in known.items() if name != METRIC_NAME))


def _compile_matcher(matcher: promql_parser.Matcher) -> Predicate:
    wanted = matcher.value
    if matcher.op == promql_parser.MatchOp.Equal:
        return lambda value: value == wanted
    if matcher.op == promql_parser.MatchOp.NotEqual:
        return lambda value: value != wanted
    pattern = compile_regex(wanted)
    if matcher.op == promql_parser.MatchOp.Re:
        return lambda value: pattern.fullmatch(value) is not None
    return lambda value: pattern.fullmatch(value) is None


def signature(labels: Labels, names: frozenset[str], *, on: bool) -> Labels:
    """Return the part of *labels* two series are matched by."""
    return keep(labels, names) if on else drop(labels, names | {METRIC_NAME})
