"""Whether requests take longer now than before the trouble."""

from dataclasses import dataclass
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.distress import SLOWER, pairs
from punchingfist.domain.investigation.findings import ObjectRef, Quote
from punchingfist.domain.investigation.measures import Measure, Sample
from punchingfist.domain.investigation.pages import present
from punchingfist.domain.investigation.quantities import render_rise, render_seconds

# Below this nobody waits, whatever the factor.
_NOTICED_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Slowdown:
    """How much longer the requests of *object* take, with both figures quoted."""

    object: ObjectRef
    text: str
    short: str
    quotes: tuple[Quote, ...]


def slowdowns(case: Case) -> tuple[Slowdown, ...]:
    """Return every subject whose 95th percentile at least doubled, the worst first."""
    found: list[tuple[float, Slowdown]] = []
    before = case.view.samples(Measure.LATENCY, before=True)
    for now, then in pairs(case.view.samples(Measure.LATENCY), before):
        who = owner_of(case, now)
        slower = then.value > 0 and now.value / then.value >= SLOWER
        if who and slower and now.value >= _NOTICED_SECONDS:
            spans = f"{render_seconds(then.value)} to {render_seconds(now.value)}"
            text = f"95th percentile of {who.name}'s requests rose from {spans}"
            short = f"requests {render_rise(then.value, now.value)}"
            quotes = present(now.quote(), then.quote())
            found.append((now.value, Slowdown(who, text, short, quotes)))
    worst: dict[ObjectRef, Slowdown] = {}
    for _, slow in sorted(found, key=lambda pair: (-pair[0], pair[1].object)):
        worst.setdefault(slow.object, slow)
    return tuple(worst.values())


def owner_of(case: Case, sample: Sample) -> ObjectRef | None:
    """Return the subject's object that *sample* was taken of."""
    for subject in case.subjects:
        for ref in subject.objects:
            seen = case.inventory.find(ref)
            if seen and case.is_about(sample, seen, (subject.name,)):
                return ref
    return None
