"""The API endpoints about the server itself: alerts, rules, targets, metadata and the build."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Final

from punchingfist.lab.promql.alerting import ActiveAlert, AlertingRule, RuleEvaluation
from punchingfist.lab.promql.errors import QueryError
from punchingfist.lab.promql.expressions import LOOKBACK_MS
from punchingfist.lab.promql.labels import METRIC_NAME, value_of
from punchingfist.lab.promql.parameters import Parameters
from punchingfist.lab.promql.series import SeriesIndex
from punchingfist.lab.promql.wire import render_alert, render_rule, render_time

_BUILD: Final = {
    "version": "2.42.0",
    "revision": "punchingfist-lab",
    "branch": "lab",
    "buildUser": "",
    "buildDate": "",
    "goVersion": "",
}


class StatusApi:
    """What the server says of itself; *present* tells the time in Unix milliseconds."""

    def __init__(
        self,
        index: SeriesIndex,
        rules: Sequence[AlertingRule],
        *,
        interval: int,
        present: Callable[[], int],
        alertmanagers: Sequence[str],
    ) -> None:
        self._index, self._interval, self._present = index, interval, present
        self._alertmanagers = alertmanagers
        first = min((series.times[0] for series in index.series), default=present())
        self._rules = [
            RuleEvaluation(rule, index, first=first, interval=interval) for rule in rules
        ]
        # Requests run on threads and a rule remembers what it saw last.
        self._catching_up = Lock()

    def alerts(self, parameters: Parameters) -> Any:
        found = [alert for _, alerts in self._evaluated() for alert in alerts]
        return {"alerts": [render_alert(alert) for alert in found]}

    def rules(self, parameters: Parameters) -> Any:
        kind = parameters.get("type")
        if kind not in ("", "alert", "record"):
            raise QueryError(f'invalid query parameter type="{kind}"', field="type", value=kind)
        if kind == "record" or not self._rules:
            return {"groups": []}
        rules = [render_rule(evaluation, alerts) for evaluation, alerts in self._evaluated()]
        group = {
            "name": "lab",
            "file": "metrics.yaml",
            "rules": rules,
            "interval": self._interval / 1000,
            "limit": 0,
            "evaluationTime": 0.0,
            "lastEvaluation": rules[0]["lastEvaluation"],
        }
        return {"groups": [group]}

    def targets(self, parameters: Parameters) -> Any:
        state = parameters.get("state") or "any"
        return {
            "activeTargets": [] if state == "dropped" else self._active_targets(),
            "droppedTargets": [],
        }

    def metadata(self, parameters: Parameters) -> Any:
        """Return the type of each metric, which its name tells, and no help text."""
        names = sorted({value_of(series.labels, METRIC_NAME) for series in self._index.series})
        histograms = {name.removesuffix("_bucket") for name in names if name.endswith("_bucket")}
        kinds = dict(_kind(name, histograms) for name in names)
        wanted, limit = parameters.get("metric"), _parse_limit(parameters.get("limit"))
        chosen = [name for name in sorted(kinds) if wanted in ("", name)][:limit]
        return {name: [{"type": kinds[name], "help": "", "unit": ""}] for name in chosen}

    def build_info(self, parameters: Parameters) -> Any:
        return _BUILD

    def alertmanagers(self, parameters: Parameters) -> Any:
        active = [{"url": url} for url in self._alertmanagers]
        return {"activeAlertmanagers": active, "droppedAlertmanagers": []}

    def _evaluated(self) -> list[tuple[RuleEvaluation, list[ActiveAlert]]]:
        with self._catching_up:
            present = self._present()
            return [(evaluation, evaluation.alerts(present)) for evaluation in self._rules]

    def _active_targets(self) -> list[dict[str, Any]]:
        present = self._present()
        found = {
            (value_of(series.labels, "job"), value_of(series.labels, "instance"))
            for series in self._index.series
        }
        return [
            self._target(job, instance, present)
            for job, instance in sorted(found)
            if job and instance
        ]

    def _target(self, job: str, instance: str, present: int) -> dict[str, Any]:
        is_up = self._is_up(job, instance, present)
        url = f"http://{instance}/metrics"
        return {
            "discoveredLabels": {"__address__": instance, "job": job},
            "labels": {"instance": instance, "job": job},
            "scrapePool": job,
            "scrapeUrl": url,
            "globalUrl": url,
            "lastError": "" if is_up else "the last scrape failed: up is 0",
            "lastScrape": render_time(present),
            "lastScrapeDuration": 0.0,
            "health": "up" if is_up else "down",
            "scrapeInterval": f"{self._interval / 1000:g}s",
            "scrapeTimeout": "10s",
        }

    def _is_up(self, job: str, instance: str, present: int) -> bool:
        """Return False when the target's own `up` series says so; most scenarios have none."""
        latest = (
            series.latest(present - LOOKBACK_MS, present)
            for series in self._index.select("up", lambda _: True)
            if (value_of(series.labels, "job"), value_of(series.labels, "instance"))
            == (job, instance)
        )
        return all(point is None or point[1] != 0 for point in latest)


def _kind(name: str, histograms: set[str]) -> tuple[str, str]:
    for suffix in ("_bucket", "_sum", "_count"):
        if name.removesuffix(suffix) in histograms and name.endswith(suffix):
            return name.removesuffix(suffix), "histogram"
    return name, "counter" if name.endswith("_total") else "gauge"


def _parse_limit(text: str) -> int | None:
    if not text:
        return None
    try:
        limit = int(text)
    except ValueError as error:
        raise QueryError("limit must be a number", field="limit", value=text) from error
    return limit if limit >= 0 else None
