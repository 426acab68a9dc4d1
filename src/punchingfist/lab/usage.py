"""What pods and nodes use, read off the recorded series as a metrics server would scrape it."""

from collections.abc import Iterator

from punchingfist.lab.kubernetes.usage import Usage, Usages
from punchingfist.lab.promql.labels import Labels
from punchingfist.lab.promql.series import Series, SeriesIndex, parse_series
from punchingfist.lab.scenario import Scenario

_MEMORY = "container_memory_working_set_bytes"
_CPU = "container_cpu_usage_seconds_total"
_WINDOW_MS = 120_000
_ROOT_CGROUP = "/"


def usages_of(scenario: Scenario) -> Usages:
    """
    Return the present usage of each container and node that the series tell of.

    Raises:
        InvalidInput: the series are not well formed.
    """
    now = round(scenario.now.timestamp() * 1000)
    index = parse_series(scenario.metrics, now)
    memory = dict(_latest(index, now))
    cpu = dict(_rates(index, now))
    containers, nodes = {}, {}
    for labels in memory.keys() & cpu.keys():
        usage, named = Usage(cpu[labels], memory[labels]), dict(labels)
        if named.get("container"):
            place = (named.get("namespace", ""), named.get("pod", ""), named["container"])
            containers[place] = usage
        elif named.get("id") == _ROOT_CGROUP:
            nodes[named.get("node", "")] = usage
    return Usages(containers, nodes)


def _latest(index: SeriesIndex, now: int) -> Iterator[tuple[Labels, float]]:
    for series in _named(index, _MEMORY):
        point = series.latest(now - _WINDOW_MS, now)
        if point is not None:
            yield _identity(series), point[1]


def _rates(index: SeriesIndex, now: int) -> Iterator[tuple[Labels, float]]:
    """Yield cores in use over the last moments; a counter that fell was reset."""
    for series in _named(index, _CPU):
        points = series.between(now - _WINDOW_MS, now)
        if len(points) > 1:
            (first, low), (last, high) = points[0], points[-1]
            yield _identity(series), max(high - low, 0) / (last - first) * 1000


def _named(index: SeriesIndex, name: str) -> list[Series]:
    return index.select(name, lambda _labels: True)


def _identity(series: Series) -> Labels:
    return tuple(pair for pair in series.labels if pair[0] != "__name__")
