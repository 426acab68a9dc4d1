"""Signs that a workload cannot do its work: full, throttled, slow, or not there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from punchingfist.domain.excerpts import one_line
from punchingfist.domain.investigation.cases import Case, Dependency
from punchingfist.domain.investigation.containers import Container, containers, is_ready
from punchingfist.domain.investigation.findings import Quote
from punchingfist.domain.investigation.log_lines import SATURATED, gist, last_quote
from punchingfist.domain.investigation.measures import Measure, Sample
from punchingfist.domain.investigation.pages import present
from punchingfist.domain.investigation.phrases import SHORT_LENGTH
from punchingfist.domain.investigation.quantities import (
    render_bytes,
    render_rise,
    render_share,
)

FULL: Final = 0.9
THROTTLED: Final = 0.25
SLOWER: Final = 2.0
# From here on it is at its limit, as near as measuring goes.
_AT_LIMIT: Final = 0.975
_SPOKEN_OF: Final = 2
# A container at its CPU limit is throttled; a store at its maxmemory needs about its limit.
_FOLLOWS: Final = {"throttling": {"cpu"}, "memory": {"maxmemory"}}


@dataclass(frozen=True, slots=True)
class Sign:
    """
    One sign of distress: *kind* (memory, cpu, …), what it is, how much it weighs.

    *text* follows "it is", *short* stands on a lock screen.
    """

    kind: str
    text: str
    short: str
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


def tell_apart(found: Sequence[Sign]) -> tuple[Sign, ...]:
    """Return the weightiest signs to speak of; none that only follows from another."""
    kinds = {sign.kind for sign in found}
    return tuple(sign for sign in found if not _FOLLOWS.get(sign.kind, set()) & kinds)[:_SPOKEN_OF]


def pairs(now: Sequence[Sample], then: Sequence[Sample]) -> Iterator[tuple[Sample, Sample]]:
    """Pair figures of the same thing."""
    past = {sample.who: sample for sample in then}
    return ((sample, past[sample.who]) for sample in now if sample.who in past)


def _availability(it: Dependency) -> Iterator[Sign]:
    down = [pod for pod in it.pods if not is_ready(pod)]
    if down:
        quotes = [c.owner.quote("ready", False) for c in containers(down[0]) if not c.ready]
        text = f"without {len(down)} of its {len(it.pods)} pods"
        short = f"{len(down)} of {len(it.pods)} pods not ready"
        yield Sign("availability", text, short, 0.5, present(*quotes))


def _store_memory(case: Case, it: Dependency) -> Iterator[Sign]:
    used = _store(case, it, "redis_memory_used_bytes")
    most = _store(case, it, "redis_memory_max_bytes")
    for now, limit in pairs(used, most):
        if limit.value and now.value / limit.value >= FULL:
            share = render_share(now.value / limit.value)
            text = f"at {share} of its maxmemory of {render_bytes(limit.value)}"
            short = f"memory {share} of maxmemory"
            yield Sign("maxmemory", text, short, 0.6, present(now.quote(), limit.quote()))


def _connections(case: Case, it: Dependency) -> Iterator[Sign]:
    for used, most in (
        ("redis_connected_clients", "redis_config_maxclients"),
        ("pg_stat_activity_count", "pg_settings_max_connections"),
    ):
        open_now, limit = _store(case, it, used), _store(case, it, most)
        total = sum(sample.value for sample in open_now)
        if limit and limit[0].value and total / limit[0].value >= FULL:
            taken = f"{total:.0f} of {limit[0].value:.0f} connections"
            quotes = present(open_now[0].quote(), limit[0].quote())
            yield Sign("connections", f"at {taken}", taken, 0.6, quotes)


def _usage(case: Case, it: Dependency) -> Iterator[Sign]:
    for pod in it.pods:
        for box in containers(pod):
            yield from _memory(case, box)
            yield from _cpu(case, box)


def _memory(case: Case, box: Container) -> Iterator[Sign]:
    limit, peak = box.limit("memory"), container_sample(case, Measure.MEMORY, box)
    if limit and peak and peak.value / limit >= FULL:
        share = _share(peak.value / limit)
        text = f"at {share}its memory limit of {box.limit_text('memory')}"
        quotes = present(peak.quote(), box.quote_limit("memory"))
        yield Sign("memory", text, f"memory at {share}limit", 0.5, quotes)


def _cpu(case: Case, box: Container) -> Iterator[Sign]:
    limit, used = box.limit("cpu"), container_sample(case, Measure.CPU, box)
    if limit and used and used.value / limit >= FULL:
        share = _share(used.value / limit)
        text = f"at {share}its CPU limit of {box.limit_text('cpu')}"
        quotes = present(used.quote(), box.quote_limit("cpu"))
        yield Sign("cpu", text, f"CPU at {share}limit", 0.55, quotes)
    held = container_sample(case, Measure.THROTTLED, box)
    if held and held.value >= THROTTLED:
        share = render_share(held.value)
        text = f"throttled in {share} of its CPU periods"
        yield Sign("throttling", text, f"CPU throttled {share}", 0.45, present(held.quote()))


def _slower_queries(case: Case, it: Dependency) -> Iterator[Sign]:
    then = _of(case, it, case.view.samples(Measure.QUERY_TIME, before=True))
    for now, past in pairs(_of(case, it, case.view.samples(Measure.QUERY_TIME)), then):
        if past.value > 0 and now.value / past.value >= SLOWER:
            rise = render_rise(past.value, now.value)
            text, short = f"slow at queries: {rise}{_load(case, it)}", f"queries {rise}"
            yield Sign("latency", text, short, 0.4, present(now.quote(), past.quote()))


def _load(case: Case, it: Dependency) -> str:
    now = sum(s.value for s in _of(case, it, case.view.samples(Measure.QUERIES)))
    then = sum(s.value for s in _of(case, it, case.view.samples(Measure.QUERIES, before=True)))
    if not then:
        return ""
    steady = abs(now / then - 1) < 0.3
    return " at an unchanged rate" if steady else f", {now / then:.1f} times as many"


def _complaints(case: Case, it: Dependency) -> Iterator[Sign]:
    quote = last_quote(case.view.logs_of(it.pods), SATURATED)
    if quote:
        said = one_line(gist(quote.line), SHORT_LENGTH)
        yield Sign("complaint", f"logging: {said}", said, 0.35, (quote,))


def container_sample(case: Case, measure: Measure, box: Container) -> Sample | None:
    """Return the figure of *measure* for one container."""
    for sample in case.view.samples(measure):
        same = sample.label("pod") == box.owner.name and sample.label("container") == box.name
        if same and sample.label("namespace") in {"", box.owner.namespace}:
            return sample
    return None


def _share(share: float) -> str:
    """Return the words before a limit: none where it is reached."""
    return "" if share >= _AT_LIMIT else f"{render_share(share)} of "


def _store(case: Case, it: Dependency, metric: str) -> tuple[Sample, ...]:
    found = _of(case, it, case.view.samples(Measure.STORES))
    return tuple(sample for sample in found if sample.label("__name__") == metric)


def _of(case: Case, it: Dependency, samples: Sequence[Sample]) -> tuple[Sample, ...]:
    names = [service.name for service in it.services]
    return tuple(sample for sample in samples if case.is_about(sample, it.workload, names))
