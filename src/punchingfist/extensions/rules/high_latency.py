"""Requests take longer than before: a fact that confirms the symptom, never a cause."""

from collections.abc import Iterator

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.findings import Finding
from punchingfist.domain.investigation.latency import slowdowns
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule


def detect(case: Case) -> Iterator[Finding]:
    for slow in slowdowns(case):
        if slow.quotes:
            yield Finding(
                "high_latency",
                sentence(slow.text),
                slow.object,
                slow.quotes,
                certainty(0.9),
                cause=False,
                short=short(slow.short),
            )


RULE = Rule("high_latency", "Requests are slow", detect, symptom=True)
