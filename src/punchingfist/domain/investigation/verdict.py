"""
From findings to an answer.

A finding's confidence is its rule's (see `certainty`), scaled by how much of
the symptom it explains: `rule * (0.5 + 0.5 * share of the subjects it can
affect)`. Causes below 0.5 are mere facts. A near-tie between causes at
different objects costs 0.1. Nothing reaches 1.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.changes import last_change
from punchingfist.domain.investigation.containers import is_finished, is_ready
from punchingfist.domain.investigation.findings import (
    Finding,
    Gap,
    ObjectRef,
    Recommendation,
    Report,
    Verdict,
)
from punchingfist.domain.investigation.gaps import find_gaps
from punchingfist.domain.investigation.rules import Rule
from punchingfist.domain.investigation.wording import (
    assess_severity,
    state_problem,
    summarise_health,
    summarise_unknown,
    write_escalation_notes,
)

BELIEVED: Final = 0.5
NEAR_TIE: Final = 0.05
TIE_COST: Final = 0.1
ELSEWHERE_SHOWN: Final = 3
# What holds data is never changed without a person.
_STATEFUL: Final = frozenset({"StatefulSet", "PersistentVolumeClaim", "Node"})


@dataclass(frozen=True, slots=True)
class Weighed:
    """Every finding in the order it is believed, and what tells how far."""

    causes: tuple[Finding, ...]
    facts: tuple[Finding, ...]
    elsewhere: tuple[Finding, ...]
    confidence: float

    @property
    def all(self) -> tuple[Finding, ...]:
        return (*self.causes, *self.facts, *self.elsewhere[:ELSEWHERE_SHOWN])


def weigh(case: Case, rules: Iterable[Rule]) -> Weighed:
    """Run *rules*, link what they find to the subjects, and rank it."""
    known = {rule.name: rule for rule in rules}
    found = [f for name in sorted(known) for f in known[name].detect(case) if f.quotes]
    linked = [_linked(case, finding) for finding in found if finding.object in case.routes]
    elsewhere = [
        replace(f, cause=False, confidence=round(f.confidence / 2, 2))
        for f in found
        if f.object not in case.routes and f.cause
    ]
    causes = sorted((f for f in linked if f.cause), key=lambda f: _rank(case, known, f))
    facts = [f for f in linked if not f.cause]
    return Weighed(
        tuple(causes),
        tuple(sorted(facts, key=_by_confidence)),
        tuple(sorted(elsewhere, key=_by_confidence)),
        _confidence(case, known, causes),
    )


def conclude(
    case: Case, rules: Iterable[Rule], tools: frozenset[str], *, unmade: Sequence[str] = ()
) -> Report:
    """Return the answer; *unmade* names the looks there was no room for."""
    known = {rule.name: rule for rule in rules}
    weighed = weigh(case, known.values())
    gaps = find_gaps(case, tools, unmade)
    if weighed.causes:
        return _cause_report(case, known[weighed.causes[0].rule], weighed, gaps)
    if not gaps and not weighed.facts and is_green(case):
        return _plain_report(case, Verdict.HEALTHY, weighed, gaps)
    return _plain_report(case, Verdict.UNKNOWN, weighed, gaps)


def is_green(case: Case) -> bool:
    """Return whether everything asked about was found and works now."""
    pods = [pod for pod in case.own_pods if not is_finished(pod)]
    found = bool(case.subjects) and all(subject.objects for subject in case.subjects)
    return found and bool(pods) and all(is_ready(pod) for pod in pods) and not _short(case)


def _short(case: Case) -> bool:
    """Return whether a subject's workload has fewer ready replicas than it wants."""
    workloads = {case.view.workload(pod).ref: case.view.workload(pod) for pod in case.own_pods}
    return any(
        seen.number("status", "readyReplicas") < seen.number("spec", "replicas")
        for seen in workloads.values()
        if seen.ref.kind in {"Deployment", "StatefulSet"}
    )


def _linked(case: Case, finding: Finding) -> Finding:
    share = 0.5 + 0.5 * case.explains(finding.object)
    confidence = round(finding.confidence * share, 2)
    links = case.routes[finding.object].links
    believed = finding.cause and confidence >= BELIEVED
    return replace(finding, links=links, confidence=confidence, cause=believed)


def _rank(
    case: Case, rules: dict[str, Rule], finding: Finding
) -> tuple[bool, int, float, int, ObjectRef, str]:
    """Causes before symptoms; of symptoms the deepest, of causes the surest."""
    symptom, hops = rules[finding.rule].symptom, case.routes[finding.object].hops
    depth = -hops if symptom else 0
    return symptom, depth, -finding.confidence, -hops, finding.object, finding.claim


def _by_confidence(finding: Finding) -> tuple[float, ObjectRef, str]:
    return -finding.confidence, finding.object, finding.claim


def _confidence(case: Case, rules: dict[str, Rule], causes: Sequence[Finding]) -> float:
    if not causes:
        return 0.0
    first = causes[0]
    symptom = rules[first.rule].symptom
    rivals = (
        other
        for other in causes[1:]
        if other.object != first.object and rules[other.rule].symptom is symptom
    )
    tied = any(abs(first.confidence - other.confidence) < NEAR_TIE for other in rivals)
    return round(first.confidence - (TIE_COST if tied else 0), 2)


def _cause_report(case: Case, rule: Rule, weighed: Weighed, gaps: tuple[Gap, ...]) -> Report:
    root = weighed.causes[0]
    fix = next(iter(root.recommendations), None)
    safe = fix is not None and rule.reversible and _is_reversible(case, root.object, fix)
    return Report(
        verdict=Verdict.CAUSE_FOUND,
        summary=root.claim,
        problem_summary=state_problem(case),
        root_cause=root.claim,
        object=root.object,
        findings=weighed.all,
        confidence=weighed.confidence,
        severity_assessment=assess_severity(case),
        actions_taken=(),
        recommendations=root.recommendations,
        can_auto_fix=safe,
        fix_command=fix.command if fix and safe else None,
        escalation_notes=write_escalation_notes(root, gaps),
        gaps=gaps,
        checked=_checked(case),
        last_change=last_change(case, root.object),
        decisive=root.quotes[0],
    )


def _plain_report(case: Case, verdict: Verdict, weighed: Weighed, gaps: tuple[Gap, ...]) -> Report:
    healthy = verdict is Verdict.HEALTHY
    facts = weighed.facts
    return Report(
        verdict=verdict,
        summary=summarise_health(case)
        if healthy
        else summarise_unknown(_checked(case), gaps, facts),
        problem_summary=state_problem(case),
        root_cause=None,
        object=None,
        findings=weighed.all,
        confidence=0.8 if healthy else 0.0,
        severity_assessment=assess_severity(case),
        actions_taken=(),
        recommendations=tuple(_next_steps(case)) if not healthy else (),
        can_auto_fix=False,
        fix_command=None,
        escalation_notes=None if healthy else write_escalation_notes(None, gaps),
        gaps=gaps,
        checked=_checked(case),
        last_change=last_change(case, None),
        decisive=facts[0].quotes[0] if facts else None,
    )


def _next_steps(case: Case) -> Iterator[Recommendation]:
    for pod in case.own_pods[:1]:
        command = f"kubectl describe pod/{pod.name} -n {pod.namespace}"
        yield Recommendation("look at the pod that is worst off", "read", command)


def _is_reversible(case: Case, ref: ObjectRef, fix: Recommendation) -> bool:
    seen = case.view.find(ref)
    workloads = (
        {case.view.workload(pod).ref.kind for pod in case.view.pods_of(seen)} if seen else ()
    )
    claims = seen is not None and any(
        "persistentVolumeClaim" in volume
        for pod in case.view.pods_of(seen)
        for volume in pod.items("spec", "volumes")
    )
    touches_pods = ref.kind != "Service"
    stateful = touches_pods and (claims or bool(_STATEFUL & {ref.kind, *workloads}))
    return bool(fix.command and fix.undo) and not stateful and ref.namespace != "kube-system"


def _checked(case: Case) -> int:
    return sum(one.seen for one in case.view.evidence)
