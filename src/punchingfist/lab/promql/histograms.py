"""Quantiles of classic histograms, from cumulative buckets labelled by upper bound."""

from collections import defaultdict
from itertools import accumulate
from typing import Final, TypeAlias

from punchingfist.lab.promql.expressions import Sample, Vector
from punchingfist.lab.promql.labels import METRIC_NAME, Labels, drop, value_of
from punchingfist.lab.promql.numbers import INFINITY, NAN, divide

Buckets: TypeAlias = list[tuple[float, float]]

_BOUND: Final = "le"


def histogram_quantile(rank: float, buckets: Vector) -> Vector:
    """Return the *rank* quantile of each histogram; a bucket without a bound is ignored."""
    histograms: dict[Labels, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for labels, count in buckets:
        try:
            bound = float(value_of(labels, _BOUND))
        except ValueError:
            continue
        histograms[drop(labels, {_BOUND, METRIC_NAME})][bound] += count
    return [
        Sample(labels, _quantile(rank, _monotonic(histogram)))
        for labels, histogram in histograms.items()
    ]


def _monotonic(histogram: dict[float, float]) -> Buckets:
    """Order by bound and lift counts that fall, which scrapes in flight can cause."""
    bounds = sorted(histogram)
    counts = accumulate((histogram[bound] for bound in bounds), max)
    return list(zip(bounds, counts, strict=True))


def _quantile(rank: float, buckets: Buckets) -> float:
    if not 0 <= rank <= 1:
        return -INFINITY if rank < 0 else INFINITY if rank > 1 else NAN
    observations = buckets[-1][1]
    if buckets[-1][0] != INFINITY or len(buckets) == 1 or observations == 0:
        return NAN
    position = rank * observations
    finite = buckets[:-1]
    found = next((i for i, (_, count) in enumerate(finite) if count >= position), len(finite))
    if found == len(finite):
        return finite[-1][0]
    bound, count = buckets[found]
    if found == 0:
        return bound if bound <= 0 else bound * divide(position, count)
    lower, below = buckets[found - 1]
    return lower + (bound - lower) * divide(position - below, count - below)
