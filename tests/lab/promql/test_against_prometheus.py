"""The same queries, over the same series, to the lab and to a real Prometheus."""

import math
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from punchingfist.lab.prometheus import LabPrometheus
from punchingfist.lab.promql.labels import METRIC_NAME
from punchingfist.lab.promql.series import SeriesIndex, parse_series
from punchingfist.lab.promql.wire import to_milliseconds
from tests.lab.promql.shop import NOW, SHOP

NOW_SECONDS = NOW.timestamp()

QUERIES = [
    # selectors
    "http_requests_total",
    'http_requests_total{code="500"}',
    'http_requests_total{code!="500"}',
    'http_requests_total{pod=~"cart.*"}',
    'http_requests_total{pod=~"cart"}',
    'http_requests_total{pod!~"cart-.|x"}',
    'memory_bytes{team=""}',
    '{__name__=~"limit.*|owner", pod="cart-1"}',
    "nothing_of_that_name",
    "memory_bytes offset 10m",
    "memory_bytes offset -5m",
    f"memory_bytes @ {NOW_SECONDS - 900}",
    "memory_bytes @ start()",
    "memory_bytes @ end() offset 3m",
    "odd",
    "1.5",
    "(2)",
    "-3 ^ 2",
    "-1 + 2 * 3 % 4 ^ 0.5",
    "1 > bool 2",
    "5 == bool 5",
    "0 / 0",
    "-1 / 0",
    "7 % 0",
    "-7 % 3",
    "(-8) ^ 0.5",
    "0 ^ -1",
    "10 ^ 400",
    "1e-7 + 0",
    "time()",
    # rates
    "rate(http_requests_total[5m])",
    "rate(http_requests_total[1m])",
    "rate(http_requests_total[40s])",
    "rate(http_requests_total[17m] offset 4m)",
    f"rate(http_requests_total[5m] @ {NOW_SECONDS - 600})",
    "irate(http_requests_total[5m])",
    "irate(jumpy[5m])",
    "increase(http_requests_total[10m])",
    "increase(restarts_total[30m])",
    "delta(memory_bytes[10m])",
    "idelta(memory_bytes[10m])",
    "deriv(memory_bytes[15m])",
    "deriv(odd[10m])",
    "predict_linear(memory_bytes[30m], 3600)",
    "predict_linear(memory_bytes[30m] offset 5m, 60)",
    "changes(jumpy[1h])",
    "changes(odd[1h])",
    "resets(http_requests_total[1h])",
    "resets(jumpy[1h])",
    # over time
    "avg_over_time(memory_bytes[10m])",
    "avg_over_time(odd[30m])",
    "min_over_time(node_load[20m])",
    "min_over_time(odd[30m])",
    "max_over_time(odd[30m])",
    "sum_over_time(jumpy[10m])",
    "count_over_time(http_requests_total[7m])",
    "last_over_time(http_requests_total[45m])",
    "present_over_time(http_requests_total[45m])",
    "stddev_over_time(jumpy[1h])",
    "quantile_over_time(0.9, jumpy[1h])",
    "quantile_over_time(1.5, jumpy[1h])",
    "absent_over_time(gone{job='x'}[5m])",
    "absent_over_time(owner[5m])",
    # subqueries
    "max_over_time(rate(http_requests_total[2m])[20m:1m])",
    "avg_over_time(sum(memory_bytes)[10m:45s] offset 1m)",
    "rate(http_requests_total[10m:1m])",
    "count_over_time(owner[10m:])",
    # histograms
    "histogram_quantile(0.9, latency_seconds_bucket)",
    "histogram_quantile(0.5, rate(latency_seconds_bucket[5m]))",
    "histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[10m])))",
    "histogram_quantile(0.999, sum by (le, job) (rate(latency_seconds_bucket[10m])))",
    "histogram_quantile(-1, latency_seconds_bucket)",
    "histogram_quantile(2, latency_seconds_bucket)",
    "histogram_quantile(0, latency_seconds_bucket)",
    # aggregations
    "sum(memory_bytes)",
    "sum by (pod) (memory_bytes)",
    "sum by (pod, nothing) (memory_bytes)",
    "sum without (container) (memory_bytes)",
    "avg by (code) (http_requests_total)",
    "avg(odd)",
    "min(odd)",
    "max(odd)",
    "min by (pod) (memory_bytes)",
    "max without (pod, instance) (http_requests_total)",
    "count by (code) (http_requests_total)",
    "count(nothing_of_that_name)",
    "group by (job) (up)",
    "stddev(memory_bytes)",
    "stdvar by (pod) (node_load)",
    "quantile(0.5, memory_bytes)",
    "quantile by (pod) (0.25, memory_bytes)",
    "quantile(-0.1, memory_bytes)",
    "topk(2, memory_bytes)",
    "bottomk(2, memory_bytes)",
    "topk by (pod) (1, memory_bytes)",
    "topk(3, odd)",
    "bottomk(3, odd)",
    "topk(0, odd)",
    "topk(scalar(count(up)), memory_bytes)",
    "topk(NaN, memory_bytes)",
    'count_values("load", node_load)',
    'count_values by (job) ("state", up)',
    # functions
    "abs(node_load - 2)",
    "ceil(node_load)",
    "floor(-node_load)",
    "round(node_load, 0.2)",
    "round(-node_load)",
    "round(odd, 0)",
    "ceil(odd)",
    "clamp(node_load, 1, 2)",
    "clamp(node_load, 2, 1)",
    "clamp_min(odd, 2)",
    "clamp_max(odd, 2)",
    'absent(gone{job="x", pod=~"y", team!="z"})',
    "absent(owner)",
    "absent(sum(gone))",
    "scalar(sum(memory_bytes))",
    "scalar(memory_bytes)",
    "vector(time() / 2)",
    "timestamp(memory_bytes)",
    "timestamp(memory_bytes offset 7m)",
    "timestamp(memory_bytes + 1)",
    "sort(memory_bytes)",
    "sort_desc(odd)",
    "sort(odd)",
    'label_replace(memory_bytes, "app", "$1", "pod", "(.*)-\\\\d+")',
    'label_replace(memory_bytes, "app", "${name}!$$$2", "pod", "(?P<name>.*)-(\\\\d+)")',
    'label_replace(memory_bytes, "container", "", "container", "app")',
    'label_replace(memory_bytes, "pod", "x", "", "")',
    'label_replace(memory_bytes, "0bad", "x", "pod", ".*")',
    'label_join(memory_bytes, "where", "/", "namespace", "pod", "nothing")',
    'label_join(memory_bytes, "pod", "", "nothing")',
    # operators
    "memory_bytes / 1024 / 1024",
    "1 - memory_bytes",
    "2 ^ node_load",
    "node_load % 2",
    "-memory_bytes",
    "memory_bytes > 300 * 1024 * 1024",
    "300000000 < memory_bytes",
    "300000000 < bool memory_bytes",
    "memory_bytes == bool 41943040",
    "odd != odd",
    "odd == odd",
    "odd > 3",
    "node_load >= scalar(avg(node_load))",
    "memory_bytes / on (pod, container) limit_bytes",
    "memory_bytes / ignoring (namespace, team) limit_bytes",
    "memory_bytes / on (pod, container) group_left limit_bytes",
    "memory_bytes / on (pod, container) group_left (team) limit_bytes",
    "limit_bytes - on (pod, container) group_right (team) memory_bytes",
    "memory_bytes * on (pod) group_left (deployment, node) owner",
    "owner * on (pod) group_right memory_bytes",
    "sum by (deployment) (memory_bytes * on (pod) group_left (deployment) owner)",
    "owner * on (node) group_left node_load",
    "owner > bool on (node) group_left node_load",
    "node_load < on (node) group_right owner",
    "memory_bytes > on (pod, container) limit_bytes",
    "memory_bytes >= bool on (pod, container) limit_bytes",
    "memory_bytes + memory_bytes",
    "memory_bytes + on (pod) memory_bytes",
    "memory_bytes * on (pod) owner",
    "owner * on (pod) memory_bytes",
    "owner * on (deployment) group_left (pod) owner",
    "owner and on (pod) limit_bytes",
    "owner and limit_bytes",
    "owner or limit_bytes",
    "owner or on (pod) limit_bytes",
    "owner unless on (pod) limit_bytes",
    "memory_bytes unless ignoring (namespace, team) limit_bytes",
    "up == 0 or absent(up)",
    'sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.01',
    # refusals
    'rate({__name__=~"memory_bytes|limit_bytes"}[5m])',
    '-{__name__=~"limit_bytes|owner"}',
    'abs({__name__=~"latency_seconds_bucket|up"})',
    '{__name__=~"owner|limit_bytes"} > 0',
    "sum(",
    "rate(memory_bytes)",
    "",
]


@pytest.fixture(scope="module")
def lab() -> Iterator[httpx2.Client]:
    with (
        LabPrometheus(SHOP, NOW, frozen=True) as running,
        httpx2.Client(base_url=running.url) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def prometheus(
    prometheus_binary: Path, promtool_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    folder = tmp_path_factory.mktemp("prometheus")
    exposition, blocks, config = folder / "shop.om", folder / "blocks", folder / "prometheus.yml"
    exposition.write_text(_open_metrics(parse_series(SHOP, to_milliseconds(NOW))))
    config.write_text("{}\n")
    load = [str(promtool_binary), "tsdb", "create-blocks-from", "openmetrics"]
    subprocess.run(
        [*load, str(exposition), str(blocks)], check=True, capture_output=True, timeout=60
    )
    command = [
        str(prometheus_binary),
        f"--config.file={config}",
        f"--storage.tsdb.path={blocks}",
        "--storage.tsdb.retention.time=10y",
        "--web.listen-address=127.0.0.1:0",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            with httpx2.Client(base_url=_wait_until_ready(server)) as client:
                yield client
        finally:
            server.kill()


def _wait_until_ready(server: "subprocess.Popen[str]") -> str:
    """Return the URL, which the log tells, as it does that requests are answered."""
    address = ""
    assert server.stderr is not None
    for line in server.stderr:
        listening = re.search(r'msg="Listening on" address=(\S+)', line)
        address = listening[1] if listening else address
        if "Server is ready to receive web requests" in line:
            return f"http://{address}"
    pytest.fail("Prometheus ended before it was ready")


def _open_metrics(index: SeriesIndex) -> str:
    lines = []
    for series in index.series:
        labels = dict(series.labels)
        name = labels.pop(METRIC_NAME)
        pairs = ",".join(f'{label}="{value}"' for label, value in labels.items())
        lines += [
            f"{name}{{{pairs}}} {value!r} {at / 1000}"
            for at, value in zip(series.times, series.values, strict=True)
        ]
    return "\n".join([*lines, "# EOF\n"])


def _ask(server: httpx2.Client, path: str, **parameters: Any) -> tuple[int, Any]:
    reply = server.get(f"/api/v1/{path}", params=parameters)
    return reply.status_code, reply.json()


def _points(answer: Any) -> dict[Any, list[tuple[float, str]]]:
    """Return the points of each series; numbers are compared, not their last digit."""
    data = answer["data"]
    if data["resultType"] in ("scalar", "string"):
        return {(): [data["result"]]}
    return {
        tuple(sorted(series["metric"].items())): series.get("values") or [series["value"]]
        for series in data["result"]
    }


def _is_close(one: str, other: str) -> bool:
    left, right = float(one), float(other)
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)


def _assert_same(ours: tuple[int, Any], theirs: tuple[int, Any]) -> None:
    assert (ours[0], ours[1].get("errorType")) == (theirs[0], theirs[1].get("errorType")), (
        ours[1].get("error"),
        theirs[1].get("error"),
    )
    if ours[0] != 200:
        return
    assert ours[1]["data"]["resultType"] == theirs[1]["data"]["resultType"]
    mine, expected = _points(ours[1]), _points(theirs[1])
    assert mine.keys() == expected.keys()
    for labels, points in expected.items():
        assert [at for at, _ in mine[labels]] == [at for at, _ in points], labels
        pairs = zip(mine[labels], points, strict=True)
        assert all(_is_close(left, right) for (_, left), (_, right) in pairs), labels


@pytest.mark.parametrize("query", QUERIES)
def test_an_instant_is_as_prometheus_sees_it(
    lab: httpx2.Client, prometheus: httpx2.Client, query: str
) -> None:
    for seconds_ago in (0, 1234.5, 3300):
        asked = {"query": query, "time": NOW_SECONDS - seconds_ago}
        _assert_same(_ask(lab, "query", **asked), _ask(prometheus, "query", **asked))


@pytest.mark.parametrize("query", QUERIES)
def test_a_range_is_as_prometheus_sees_it(
    lab: httpx2.Client, prometheus: httpx2.Client, query: str
) -> None:
    asked = {
        "query": query,
        "start": NOW_SECONDS - 4000,
        "end": NOW_SECONDS + 400,
        "step": "97s",
    }

    _assert_same(_ask(lab, "query_range", **asked), _ask(prometheus, "query_range", **asked))


@pytest.mark.parametrize("query", ["sort(memory_bytes)", "sort_desc(odd)", "topk(3, memory_bytes)"])
def test_sorted_results_come_in_the_order_of_prometheus(
    lab: httpx2.Client, prometheus: httpx2.Client, query: str
) -> None:
    ours, theirs = (
        [
            series["value"][1]
            for series in _ask(server, "query", query=query, time=NOW_SECONDS)[1]["data"]["result"]
        ]
        for server in (lab, prometheus)
    )

    assert ours == theirs


@pytest.mark.parametrize(
    "query", ["odd", "memory_bytes / 7", "odd * 1e-9", "odd * 1e21", "1e-7", "time()"]
)
def test_numbers_are_written_as_prometheus_writes_them(
    lab: httpx2.Client, prometheus: httpx2.Client, query: str
) -> None:
    ours, theirs = (
        sorted(value for points in _points(answer).values() for _, value in points)
        for _, answer in (
            _ask(
                server,
                "query_range",
                query=query,
                start=NOW_SECONDS - 3600,
                end=NOW_SECONDS,
                step=30,
            )
            for server in (lab, prometheus)
        )
    )

    assert ours == theirs


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("series", {"match[]": ["owner", 'up{job="web"}']}),
        ("series", {}),
        ("series", {"match[]": "sum(up)"}),
        ("series", {"match[]": "{"}),
        ("labels", {}),
        ("labels", {"match[]": "owner"}),
        ("label/pod/values", {}),
        ("label/pod/values", {"match[]": "limit_bytes"}),
        ("label/__name__/values", {}),
        ("label/a-b/values", {}),
        ("query", {"query": "up", "time": "2026-03-02T09:20:00.123456789Z"}),
        ("query", {"query": "up", "time": "yesterday"}),
        ("query", {"query": "'text'"}),
        ("query", {"query": f"up[2m] @ {NOW_SECONDS}"}),
        ("query_range", {"query": "'text'", "start": 0, "end": 1, "step": 1}),
        ("query_range", {"query": "up[2m]", "start": 0, "end": 1, "step": 1}),
        ("query_range", {"query": "up", "start": 0, "end": 11000, "step": 1}),
        ("query_range", {"query": "up", "start": 0, "end": 11001, "step": 1}),
        ("query_range", {"query": "up", "start": 2, "end": 1, "step": 1}),
        ("query_range", {"query": "up", "start": 0, "end": 1, "step": 0}),
        ("query_range", {"query": "up", "start": 0, "end": 1, "step": "soon"}),
        ("query_range", {"query": "up", "start": 0, "end": 1}),
        ("query_range", {"query": "up", "end": 1, "step": 1}),
    ],
)
def test_the_api_answers_as_prometheus_does(
    lab: httpx2.Client, prometheus: httpx2.Client, path: str, parameters: dict[str, Any]
) -> None:
    ours, theirs = _ask(lab, path, **parameters), _ask(prometheus, path, **parameters)

    assert ours[0] == theirs[0], theirs
    assert ours[1].get("errorType") == theirs[1].get("errorType")
    if ours[0] == 200:
        assert _without_clock(ours[1]) == _without_clock(theirs[1])


def _without_clock(answer: dict[str, Any]) -> Any:
    """Drop the time of an answer that was asked for at no time in particular."""
    data = answer["data"]
    if isinstance(data, dict) and data["resultType"] == "string":
        return data["result"][1]
    return _points(answer) if isinstance(data, dict) else sorted(data, key=str)
