"""Several degraded services have one dependency in common, and that one is in distress."""

from collections.abc import Iterator
from typing import Final

from punchingfist.domain.investigation.advice import inspect, raise_cpu, raise_memory
from punchingfist.domain.investigation.cases import Case, Dependency
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.containers import containers
from punchingfist.domain.investigation.distress import Sign, signs, tell_apart
from punchingfist.domain.investigation.findings import Finding, Recommendation
from punchingfist.domain.investigation.log_lines import SATURATED, TIMEOUT, gist, last_quote
from punchingfist.domain.investigation.pages import present
from punchingfist.domain.investigation.phrases import listed, sentence, short
from punchingfist.domain.investigation.rules import Rule

_SHOWN: Final = 3


def detect(case: Case) -> Iterator[Finding]:
    for it in case.dependencies:
        found = signs(case, it)
        if found and len(it.dependents) > 1:
            yield _finding(case, it, found)


def _finding(case: Case, it: Dependency, found: tuple[Sign, ...]) -> Finding:
    logs = case.view.logs_of(case.own_pods)
    complaint = last_quote(logs, SATURATED) or last_quote(logs, TIMEOUT)
    names = listed([subject.name for subject in it.dependents])
    everyone = len(it.dependents) == len(case.subjects)
    weights = (0.3 * bool(complaint), 0.3 * everyone, *(sign.weight for sign in found[:_SHOWN]))
    told = tell_apart(found)
    return Finding(
        "shared_dependency",
        sentence(
            f"{names} share {it.workload.name}, which is {', '.join(sign.text for sign in told)}",
            said=f"; they log: {gist(complaint.line)}" if complaint else "",
        ),
        it.workload.ref,
        present(complaint, *(quote for sign in found[:_SHOWN] for quote in sign.quotes)),
        certainty(*weights),
        recommendations=_advice(it, found),
        short=short(f"{it.workload.name}: {', '.join(sign.short for sign in told)}"),
    )


def _advice(it: Dependency, found: tuple[Sign, ...]) -> tuple[Recommendation, ...]:
    kinds = {sign.kind for sign in found}
    boxes = [box for pod in it.pods[:1] for box in containers(pod) if not box.init]
    grown = [raise_memory(it.workload, box) for box in boxes if kinds & {"memory", "maxmemory"}]
    grown += [raise_cpu(it.workload, box) for box in boxes if kinds & {"cpu", "throttling"}]
    full = "maxmemory" in kinds
    words = "raise maxmemory too, or set an eviction policy" if full else "see what loads it"
    return (*(one for one in grown if one), inspect(it.workload.ref, words))


RULE = Rule("shared_dependency", "Shared dependency in distress", detect)
