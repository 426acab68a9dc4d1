"""What is asked about waits for a dependency that cannot keep up."""

from collections.abc import Iterator
from typing import Final

from punchingfist.domain.investigation.advice import inspect, raise_cpu, raise_memory
from punchingfist.domain.investigation.cases import Case, Dependency
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.containers import containers
from punchingfist.domain.investigation.distress import Sign, signs, tell_apart
from punchingfist.domain.investigation.findings import Finding, Recommendation
from punchingfist.domain.investigation.latency import slowdowns
from punchingfist.domain.investigation.log_lines import TIMEOUT, gist, last_quote
from punchingfist.domain.investigation.pages import present
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule

_SHOWN: Final = 3


def detect(case: Case) -> Iterator[Finding]:
    for it in case.dependencies:
        found = signs(case, it)
        if found and len(it.dependents) == 1:
            yield from _finding(case, it, found)


def _finding(case: Case, it: Dependency, found: tuple[Sign, ...]) -> Iterator[Finding]:
    complaint = last_quote(case.view.logs_of(case.own_pods), TIMEOUT)
    slow = slowdowns(case)
    if not complaint and not slow:
        return
    caller = it.dependents[0].name
    weights = (0.4 * bool(complaint), 0.3 * bool(slow), *(sign.weight for sign in found[:_SHOWN]))
    felt = () if complaint else slow[0].quotes
    told = tell_apart(found)
    yield Finding(
        "slow_dependency",
        sentence(
            f"{caller} waits for {it.workload.name} ({', '.join(sign.text for sign in told)})",
            said=f" and logs: {gist(complaint.line)}" if complaint else f"; {slow[0].text}",
        ),
        it.workload.ref,
        present(
            complaint,
            *(quote for sign in found[:_SHOWN] for quote in sign.quotes),
            *felt,
        ),
        certainty(*weights),
        recommendations=_advice(it, found),
        short=short(f"{it.workload.name}: {', '.join(sign.short for sign in told)}"),
    )


def _advice(it: Dependency, found: tuple[Sign, ...]) -> tuple[Recommendation, ...]:
    kinds = {sign.kind for sign in found}
    boxes = [box for pod in it.pods[:1] for box in containers(pod) if not box.init]
    grown = [raise_cpu(it.workload, box) for box in boxes if kinds & {"cpu", "throttling"}]
    grown += [raise_memory(it.workload, box) for box in boxes if "memory" in kinds]
    look = inspect(it.workload.ref, "find the expensive work, optimise it, or add replicas")
    return (*(one for one in grown if one), look)


RULE = Rule("slow_dependency", "Slow dependency", detect)
