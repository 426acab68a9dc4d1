"""Signs that a workload cannot do its work: full, throttled, slow, or not there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from punchingfist.domain.investigation.cases import Case, Dependency
from punchingfist.domain.investigation.containers import Container, containers, is_ready
from punchingfist.domain.investigation.findings import Quote
from punchingfist.domain.investigation.log_lines import SATURATED, gist, last_quote
from punchingfist.domain.investigation.measures import Measure, Sample
from punchingfist.domain.investigation.pages import present
from punchingfist.domain.investigation.quantities import (
    render_bytes,
    render_cores,
    render_seconds,
)

FULL: Final = 0.9
THROTTLED: Final = 0.25
SLOWER: Final = 2.0


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of distress: *kind* (memory, cpu, …), what it is, how much it weighs."""

    kind: str
    text: str
    weight: float
    quotes: tuple[Quote, ...]


def signs(case: Case, it: Dependency) -> tuple[Sign, ...]:
    """Return the signs of distress of *it*, the weightiest first; each rests on a quote."""
    found = [
        *_availability(it), *_store_memory(case, it), *_connections(case, it),
        *_usage(case, it), *_slower_queries(case, it), *_complaints(case, it),
    ]  # fmt: skip
    standing = [sign for sign in found if sign.quotes]
    return tuple(sorted(standing, key=lambda sign: (-sign.weight, sign.text)))


def pairs(now: Sequence[Sample], then: Sequence[Sample]) -> Iterator[tuple[Sample, Sample]]:
    """Pair figures of the same thing."""
    past = {sample.who: sample for sample in then}
    return ((sample, past[sample.who]) for sample in now if sample.who in past)


def _availability(it: Dependency) -> Iterator[Sign]:
    down = [pod for pod in it.pods if not is_ready(pod)]
    if down:
        quotes = [c.owner.quote("ready", False) for c in containers(down[0]) if not c.ready]
        text = f"{len(down)} of {len(it.pods)} pods are not ready"
        yield Sign("availability", text, 0.5, present(*quotes))


def _store_memory(case: Case, it: Dependency) -> Iterator[Sign]:
    used = _store(case, it, "redis_memory_used_bytes")
    most = _store(case, it, "redis_memory_max_bytes")
    for now, limit in pairs(used, most):
        if limit.value and now.value / limit.value >= FULL:
            amounts = f"{render_bytes(now.value)} of {render_bytes(limit.value)}"
            text = f"memory at {now.value / limit.value:.0%} of its maxmemory ({amounts})"
            yield Sign("maxmemory", text, 0.6, present(now.quote(), limit.quote()))


def _connections(case: Case, it: Dependency) -> Iterator[Sign]:
    for used, most in (
        ("redis_connected_clients", "redis_config_maxclients"),
        ("pg_stat_activity_count", "pg_settings_max_connections"),
    ):
        open_now, limit = _store(case, it, used), _store(case, it, most)
        total = sum(sample.value for sample in open_now)
        if limit and limit[0].value and total / limit[0].value >= FULL:
            text = f"{total:g} of {limit[0].value:g} connections are taken"
            yield Sign("connections", text, 0.6, present(open_now[0].quote(), limit[0].quote()))


def _usage(case: Case, it: Dependency) -> Iterator[Sign]:
    for pod in it.pods:
        for box in containers(pod):
            yield from _memory(case, box)
            yield from _cpu(case, box)


def _memory(case: Case, box: Container) -> Iterator[Sign]:
    limit, peak = box.limit("memory"), container_sample(case, Measure.MEMORY, box)
    if limit and peak and peak.value / limit >= FULL:
        amounts = f"{render_bytes(peak.value)} of {box.limit_text('memory')}"
        text = f"memory at {peak.value / limit:.0%} of its limit ({amounts})"
        yield Sign("memory", text, 0.5, present(peak.quote(), box.quote_limit("memory")))


def _cpu(case: Case, box: Container) -> Iterator[Sign]:
    limit, used = box.limit("cpu"), container_sample(case, Measure.CPU, box)
    if limit and used and used.value / limit >= FULL:
        amounts = f"{render_cores(used.value)} of {box.limit_text('cpu')}"
        text = f"CPU at {used.value / limit:.0%} of its limit ({amounts})"
        yield Sign("cpu", text, 0.55, present(used.quote(), box.quote_limit("cpu")))
    held = container_sample(case, Measure.THROTTLED, box)
    if held and held.value >= THROTTLED:
        text = f"throttled in {held.value:.0%} of its CPU periods"
        yield Sign("throttling", text, 0.45, present(held.quote()))


def _slower_queries(case: Case, it: Dependency) -> Iterator[Sign]:
    then = _of(case, it, case.view.samples(Measure.QUERY_TIME, before=True))
    for now, past in pairs(_of(case, it, case.view.samples(Measure.QUERY_TIME)), then):
        if past.value > 0 and now.value / past.value >= SLOWER:
            spans = f"{render_seconds(past.value)} to {render_seconds(now.value)}"
            text = f"mean query time rose from {spans}{_load(case, it)}"
            yield Sign("latency", text, 0.4, present(now.quote(), past.quote()))


def _load(case: Case, it: Dependency) -> str:
    now = sum(s.value for s in _of(case, it, case.view.samples(Measure.QUERIES)))
    then = sum(s.value for s in _of(case, it, case.view.samples(Measure.QUERIES, before=True)))
    if not then:
        return ""
    steady = abs(now / then - 1) < 0.3
    return " at an unchanged query rate" if steady else f" while queries went to {now / then:.1f}×"


def _complaints(case: Case, it: Dependency) -> Iterator[Sign]:
    quote = last_quote(case.view.logs_of(it.pods), SATURATED)
    if quote:
        yield Sign("complaint", f"its log says “{gist(quote.line)}”", 0.35, (quote,))


def container_sample(case: Case, measure: Measure, box: Container) -> Sample | None:
    """Return the figure of *measure* for one container."""
    for sample in case.view.samples(measure):
        same = sample.label("pod") == box.owner.name and sample.label("container") == box.name
        if same and sample.label("namespace") in {"", box.owner.namespace}:
            return sample
    return None


def _store(case: Case, it: Dependency, metric: str) -> tuple[Sample, ...]:
    found = _of(case, it, case.view.samples(Measure.STORES))
    return tuple(sample for sample in found if sample.label("__name__") == metric)


def _of(case: Case, it: Dependency, samples: Sequence[Sample]) -> tuple[Sample, ...]:
    names = [service.name for service in it.services]
    return tuple(sample for sample in samples if case.is_about(sample, it.workload, names))
