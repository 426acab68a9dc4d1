"""The cluster itself warned about what is asked about, just now: a fact, never a cause."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.findings import Finding, ObjectRef
from punchingfist.domain.investigation.log_lines import gist
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule

_JUST_NOW: Final = timedelta(minutes=30)


def detect(case: Case) -> Iterator[Finding]:
    told: set[ObjectRef] = set()
    for event in reversed(case.inventory.events):
        seen, quote = case.inventory.find(event.about), event.quote()
        fresh = event.at is not None and event.at >= case.question.at - _JUST_NOW
        if not (seen and quote and event.warning and fresh):
            continue
        workload = case.inventory.workload(seen)
        if workload.ref not in told:
            told.add(workload.ref)
            yield Finding(
                "warning_events",
                sentence(f"{event.reason} of {seen.name}", said=f": {gist(event.message)}"),
                workload.ref,
                (quote,),
                certainty(0.4),
                cause=False,
                short=short(f"{event.reason}: {gist(event.message)}"),
            )


RULE = Rule("warning_events", "Recent warnings", detect, symptom=True)
