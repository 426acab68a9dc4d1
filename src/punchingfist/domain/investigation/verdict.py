"""From findings to an answer."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.changes import last_change
from punchingfist.domain.investigation.containers import is_finished, is_ready
from punchingfist.domain.investigation.findings import (
    Gap,
    ObjectRef,
    Recommendation,
    Report,
    Verdict,
)
from punchingfist.domain.investigation.gaps import find_gaps
from punchingfist.domain.investigation.rules import Rule
from punchingfist.domain.investigation.weighing import Weighed, weigh
from punchingfist.domain.investigation.wording import (
    assess_severity,
    state_problem,
    summarise_health,
    summarise_unknown,
    write_escalation_notes,
)

# What holds data is never changed without a person.
_STATEFUL: Final = frozenset({"StatefulSet", "PersistentVolumeClaim", "Node"})


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
    workloads = {
        case.inventory.workload(pod).ref: case.inventory.workload(pod) for pod in case.own_pods
    }
    return any(
        seen.number("status", "readyReplicas") < seen.number("spec", "replicas")
        for seen in workloads.values()
        if seen.ref.kind in {"Deployment", "StatefulSet"}
    )


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
        findings=(*weighed.causes, *weighed.told),
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
        findings=(*weighed.causes, *weighed.told),
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
    seen = case.inventory.find(ref)
    workloads = (
        {case.inventory.workload(pod).ref.kind for pod in case.inventory.pods_of(seen)}
        if seen
        else ()
    )
    claims = seen is not None and any(
        "persistentVolumeClaim" in volume
        for pod in case.inventory.pods_of(seen)
        for volume in pod.items("spec", "volumes")
    )
    touches_pods = ref.kind != "Service"
    stateful = touches_pods and (claims or bool(_STATEFUL & {ref.kind, *workloads}))
    return bool(fix.command and fix.undo) and not stateful and ref.namespace != "kube-system"


def _checked(case: Case) -> int:
    return sum(one.seen for one in case.view.evidence)
