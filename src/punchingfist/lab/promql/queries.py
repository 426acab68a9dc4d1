"""The API endpoints that read series: query, query_range, series, labels and label values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import promql_parser

from punchingfist.lab.promql.errors import QueryError
from punchingfist.lab.promql.evaluate import (
    Query,
    compile_query,
    evaluate_instant,
    evaluate_range,
    parse_tree,
)
from punchingfist.lab.promql.labels import Labels, is_label_name
from punchingfist.lab.promql.matchers import compile_matchers
from punchingfist.lab.promql.parameters import Parameters
from punchingfist.lab.promql.series import Series, SeriesIndex
from punchingfist.lab.promql.wire import parse_step, parse_time, render_instant, render_matrix

LIMIT_POINTS: Final = 11_000
_ALWAYS_MS: Final = 2**53


@dataclass(frozen=True, slots=True)
class QueryApi:
    """What can be asked of the series; *present* tells the time in Unix milliseconds."""

    index: SeriesIndex
    present: Callable[[], int]

    def query(self, parameters: Parameters) -> Any:
        present = self.present()
        at = parameters.time("time", present)
        query = _compile(parameters)
        return render_instant(evaluate_instant(query, self.index, at=at, present=present), at)

    def query_range(self, parameters: Parameters) -> Any:
        start = parse_time(parameters.get("start"), "start")
        end = parse_time(parameters.get("end"), "end")
        if end < start:
            raise QueryError(
                'invalid parameter "end": end timestamp must not be before start time', field="end"
            )
        step = parse_step(parameters.get("step"))
        if (end - start) // step > LIMIT_POINTS:
            raise QueryError(
                "exceeded maximum resolution of 11,000 points per timeseries. "
                "Try decreasing the query resolution (?step=XX)",
                field="step",
            )
        series = evaluate_range(
            _compile(parameters),
            self.index,
            start=start,
            end=end,
            step=step,
            present=self.present(),
        )
        return render_matrix(series)

    def series(self, parameters: Parameters) -> Any:
        if not parameters.all("match[]"):
            raise QueryError("no match[] parameter provided", field="match[]")
        return [dict(labels) for labels in self._found(parameters)]

    def labels(self, parameters: Parameters) -> Any:
        return sorted({name for labels in self._found(parameters) for name, _ in labels})

    def label_values(self, parameters: Parameters, name: str) -> Any:
        if not is_label_name(name):
            raise QueryError(f'invalid label name: "{name}"', field="name", value=name)
        pairs = (pair for labels in self._found(parameters) for pair in labels)
        return sorted({value for label, value in pairs if label == name})

    def _found(self, parameters: Parameters) -> Iterable[Labels]:
        """Return the label sets that match any selector and have a point in the interval."""
        start = parameters.time("start", -_ALWAYS_MS)
        end = min(parameters.time("end", _ALWAYS_MS), self.present())
        chosen = self._matched(parameters)
        return [one.labels for one in chosen if one.between(start, end)]

    def _matched(self, parameters: Parameters) -> Iterable[Series]:
        selectors = parameters.all("match[]")
        if not selectors:
            return self.index.series
        matched = {
            series.labels: series
            for text in selectors
            for series in self.index.select(*compile_matchers(_parse_selector(text)))
        }
        return [matched[labels] for labels in sorted(matched)]


def _compile(parameters: Parameters) -> Query:
    try:
        return compile_query(parameters.get("query"))
    except QueryError as error:
        raise type(error)(
            f'invalid parameter "query": {error}', field="query", value=error.value
        ) from error


def _parse_selector(text: str) -> promql_parser.VectorSelector:
    tree = parse_tree(text)
    if not isinstance(tree, promql_parser.VectorSelector):
        raise QueryError(f'invalid parameter "match[]": {text!r} is not a selector', value=text)
    return tree
