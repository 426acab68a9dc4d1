"""A workload runs fewer replicas than it wants; a cause where its controller says why."""

from collections.abc import Iterator

from punchingfist.domain.investigation.advice import inspect
from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.findings import Finding
from punchingfist.domain.investigation.pages import Seen, present
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule


def detect(case: Case) -> Iterator[Finding]:
    for workload in case.inventory.kind("Deployment", "StatefulSet"):
        wanted = workload.number("spec", "replicas")
        ready = workload.number("status", "readyReplicas")
        if ready < wanted:
            yield _finding(workload, ready, wanted)


def _finding(workload: Seen, ready: int, wanted: int) -> Finding:
    failure = _condition(workload, "ReplicaFailure", "True")
    shortage = _condition(workload, "Available", "False") or _condition(
        workload, "Progressing", "False"
    )
    missing = workload.number("status", "unavailableReplicas")
    return Finding(
        "replicas_missing",
        sentence(
            f"{ready} of {wanted} replicas of {workload.name} are ready",
            said=f": {failure}" if failure else "",
        ),
        workload.ref,
        present(
            workload.quote("message", failure) if failure else None,
            workload.quote("message", shortage) if shortage else None,
            workload.quote("unavailableReplicas", missing) if missing else None,
            workload.quote("replicas", wanted),
        ),
        certainty(0.85 if failure else 0.6),
        cause=bool(failure),
        recommendations=(inspect(workload.ref, "see why pods are missing"),),
        short=short(f"{ready} of {wanted} replicas ready"),
    )


def _condition(workload: Seen, kind: str, status: str) -> str:
    for condition in workload.items("status", "conditions"):
        if condition.get("type") == kind and condition.get("status") == status:
            return str(condition.get("message") or "")
    return ""


RULE = Rule("replicas_missing", "Replicas are missing", detect, symptom=True)
