"""Errors in the log of what is asked about: a fact to go by, never a cause."""

from collections.abc import Iterator
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.findings import Finding, ObjectRef
from punchingfist.domain.investigation.log_lines import error_lines, gist
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule

# One error in a log is everyday life.
_SEVERAL: Final = 2


def detect(case: Case) -> Iterator[Finding]:
    told: set[ObjectRef] = set()
    for log in case.view.logs:
        pod = case.inventory.find(log.pod)
        lines = error_lines(log)
        if pod is None or len(lines) < _SEVERAL:
            continue
        workload = case.inventory.workload(pod)
        quote = log.page.quote(lines[-1])
        if quote and workload.ref not in told:
            told.add(workload.ref)
            yield Finding(
                "error_logs",
                sentence(
                    f"{workload.name} logs {len(lines)} errors",
                    said=f", the last: {gist(quote.line)}",
                ),
                workload.ref,
                (quote,),
                certainty(0.5),
                cause=False,
                short=short(f"logs: {gist(quote.line)}"),
            )


RULE = Rule("error_logs", "Errors in the log", detect, symptom=True)
