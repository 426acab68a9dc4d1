"""What is measured, the PromQL that asks for it, and the figures read off the answer."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from punchingfist.domain.investigation.findings import Quote
from punchingfist.domain.investigation.pages import QUOTE_LIMIT, Page, is_list, mapping, parse_json

_WHO: Final = "namespace, service, job, app, pod"
_BOX: Final = "namespace, pod, container"


class Measure(StrEnum):
    """One kind of figure; its value says what it is in a person's words."""

    MEMORY = "peak memory of each container"
    CPU = "CPU used by each container"
    THROTTLED = "share of CPU periods throttled"
    LATENCY = "95th percentile of request time"
    STORES = "state of databases and caches"
    QUERIES = "query rate of databases"
    QUERY_TIME = "mean query time of databases"
    HISTOGRAMS = "which request-time histograms exist"


# SEL: label matchers. METRIC: a metric's name. BACK: nothing, or an offset into the past.
_TEMPLATES: Final[Mapping[Measure, str]] = {
    Measure.MEMORY: (
        f"max by ({_BOX}) (max_over_time(container_memory_working_set_bytes{{SEL}}[30m])"
        " or max_over_time(container_memory_usage_bytes{SEL}[30m]))"
    ),
    Measure.CPU: f"sum by ({_BOX}) (rate(container_cpu_usage_seconds_total{{SEL}}[5m]))",
    Measure.THROTTLED: (
        f"sum by ({_BOX}) (rate(container_cpu_cfs_throttled_periods_total{{SEL}}[5m]))"
        f" / sum by ({_BOX}) (rate(container_cpu_cfs_periods_total{{SEL}}[5m]))"
    ),
    Measure.LATENCY: (
        f"histogram_quantile(0.95, sum by (le, {_WHO}) (rate(METRIC_bucket{{SEL}}[5m]BACK)))"
    ),
    Measure.STORES: (
        '{__name__=~"redis_memory_used_bytes|redis_memory_max_bytes|redis_connected_clients'
        '|redis_config_maxclients|pg_up|pg_stat_activity_count|pg_settings_max_connections",SEL}'
    ),
    Measure.QUERIES: f"sum by ({_WHO}) (rate(postgres_queries_total{{SEL}}[5m]BACK))",
    Measure.QUERY_TIME: (
        f"sum by ({_WHO}) (rate(postgres_query_duration_seconds_sum{{SEL}}[5m]BACK))"
        f" / sum by ({_WHO}) (rate(postgres_query_duration_seconds_count{{SEL}}[5m]BACK))"
    ),
    Measure.HISTOGRAMS: (
        f"count by (__name__, {_WHO}) "
        '({__name__=~".*(request|response|http|grpc|rpc).*(seconds|duration|latency).*_bucket",SEL})'
    ),
}
STANDARD_HISTOGRAM: Final = "http_request_duration_seconds"
_COMPARED: Final = (Measure.LATENCY, Measure.QUERIES, Measure.QUERY_TIME)


_PLACES: Final = re.compile("METRIC|SEL|BACK")
"""Filled in one pass: what is put into one place must not open another."""


def render_query(
    measure: Measure, matchers: str, *, minutes_back: int = 0, metric: str = STANDARD_HISTOGRAM
) -> str:
    """Return the PromQL for *measure* over the series that *matchers* select."""
    back = f" offset {minutes_back}m" if minutes_back else ""
    filled = {"METRIC": metric, "SEL": matchers, "BACK": back}
    return _PLACES.sub(lambda place: filled[place[0]], _TEMPLATES[measure])


def is_compared(measure: Measure) -> bool:
    """Return whether *measure* is asked twice, now and before the trouble."""
    return measure in _COMPARED


@dataclass(frozen=True, slots=True)
class Sample:
    """
    One figure with its labels, and both as the answer's *row* has them.

    *before* means it was taken before the trouble.
    """

    measure: Measure
    labels: Mapping[str, str]
    value: float
    row: str
    before: bool
    page: Page

    def label(self, name: str) -> str:
        return self.labels.get(name, "")

    @property
    def who(self) -> frozenset[tuple[str, str]]:
        """The labels without the metric's name, to pair figures of one thing."""
        return frozenset((k, v) for k, v in self.labels.items() if k != "__name__")

    def quote(self) -> Quote | None:
        """Return the line of this figure with its labels; of a very long one the end, its value."""
        return self.page.quote(self.row[-QUOTE_LIMIT:])


def parse_measure(query: str) -> tuple[Measure, bool] | None:
    """Return what *query* measures and whether it looks back; None for a query not ours."""
    for measure, pattern in _PATTERNS.items():
        found = pattern.fullmatch(query)
        if found:
            return measure, " offset " in query
    return None


def parse_samples(page: Page, query: str) -> Iterator[Sample]:
    """Return the figures that one of our queries gave; not-a-number is no figure."""
    measured = parse_measure(query)
    document = parse_json(page.output)
    rows = document.get("result") if isinstance(document, Mapping) else None
    if measured is None or not is_list(rows):
        return
    for row in rows or ():
        value = _number(_last_value(row))
        if value is not None:
            labels = {str(k): str(v) for k, v in mapping(row.get("metric")).items()}
            yield Sample(measured[0], labels, value, _written(row), measured[1], page)


def _written(row: Mapping[str, Any]) -> str:
    """Return *row* as the tool writes it: on one line."""
    return json.dumps(row, ensure_ascii=False)


def _last_value(row: Any) -> str:
    if not isinstance(row, Mapping):
        return ""
    pair = row.get("value") or (row.get("values") or [None])[-1]
    return str(pair[1]) if is_list(pair) and len(pair) == 2 else ""


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _pattern(template: str) -> re.Pattern[str]:
    text = re.escape(template)
    for mark, part in (("METRIC", r"[\w:]+"), ("SEL", r"[^{}]*"), ("BACK", r"(?: offset \d+m)?")):
        text = text.replace(mark, part)
    return re.compile(text)


_PATTERNS: Final = {measure: _pattern(template) for measure, template in _TEMPLATES.items()}
