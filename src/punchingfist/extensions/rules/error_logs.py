"""Errors in the log of what is asked about: a fact to go by, never a cause."""

from collections.abc import Iterator
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.findings import Finding, ObjectRef
from punchingfist.domain.investigation.log_lines import error_lines, gist
from punchingfist.domain.investigation.rules import Rule

# One error in a log is everyday life.
_SEVERAL: Final = 2


def detect(case: Case) -> Iterator[Finding]:
    told: set[ObjectRef] = set()
    for log in case.view.logs:
        pod = case.view.find(log.pod)
        lines = error_lines(log)
        if pod is None or len(lines) < _SEVERAL:
            continue
        workload = case.view.workload(pod)
        quote = log.page.quote(lines[-1])
        if quote and workload.ref not in told:
            told.add(workload.ref)
            yield Finding(
                "error_logs",
                f"{workload.name} logs errors: “{gist(quote.line)}” is the last of {len(lines)}",
                workload.ref,
                (quote,),
                certainty(0.5),
                cause=False,
            )


RULE = Rule("error_logs", "Errors in the log", detect, symptom=True)
