"""The cluster itself warned about what is asked about, just now: a fact, never a cause."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.findings import Finding, ObjectRef
from punchingfist.domain.investigation.log_lines import gist
from punchingfist.domain.investigation.rules import Rule

_JUST_NOW: Final = timedelta(minutes=30)


def detect(case: Case) -> Iterator[Finding]:
    told: set[ObjectRef] = set()
    for event in reversed(case.view.events):
        seen, quote = case.view.find(event.about), event.quote()
        fresh = event.at is not None and event.at >= case.question.at - _JUST_NOW
        if not (seen and quote and event.warning and fresh):
            continue
        workload = case.view.workload(seen)
        if workload.ref not in told:
            told.add(workload.ref)
            claim = f"{event.reason} of {seen.name}: “{gist(event.message)}”"
            yield Finding(
                "warning_events", claim, workload.ref, (quote,), certainty(0.4), cause=False
            )


RULE = Rule("warning_events", "Recent warnings", detect, symptom=True)
