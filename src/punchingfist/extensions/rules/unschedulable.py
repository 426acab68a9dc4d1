"""A pod waits because no node takes it."""

import re
from collections.abc import Iterator
from typing import Final

from punchingfist.domain.investigation.advice import inspect
from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.findings import Finding, ObjectRef
from punchingfist.domain.investigation.pages import Seen, present
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule

_WHY: Final = (
    (r"Insufficient ([\w./-]+)", "too little {} is free", "free some, lower the requests or add a node"),
    (r"untolerated taint \{([^}]*)\}", "taint {} is not tolerated", "tolerate or remove the taint"),
    (r"didn't match Pod's node (affinity|selector)", "no node has the labels asked for",
     "correct the node selector or label a node"),
    (r"unbound immediate PersistentVolumeClaims", "its volume claim is not bound",
     "look at the claim's storage class and events"),
    (r"persistentvolumeclaim \"([^\"]+)\" not found", "volume claim {} does not exist",
     "create the claim"),
    (r"didn't match pod (anti-affinity|affinity)", "its pod {} rules leave no node",
     "relax the rule or add a node"),
    (r"were unschedulable", "nodes are cordoned", "uncordon a node"),
    (r"free ports", "its host port is taken on every node", "drop the host port"),
)  # fmt: skip


def detect(case: Case) -> Iterator[Finding]:
    told: set[ObjectRef] = set()
    for pod in case.inventory.kind("Pod"):
        condition = _condition(pod)
        workload = case.inventory.workload(pod)
        if condition is not None and workload.ref not in told:
            told.add(workload.ref)
            yield _finding(case, workload, pod, condition)


def _finding(case: Case, workload: Seen, pod: Seen, condition: str) -> Finding:
    event = next(iter(case.inventory.events_about([pod.ref], "FailedScheduling")), None)
    text = event.message if event else condition
    reasons = [
        (claim.format(*found.groups()), fix)
        for pattern, claim, fix in _WHY
        if (found := re.search(pattern, text))
    ]
    why = ", ".join(claim for claim, _ in reasons) or "no node fits"
    return Finding(
        "unschedulable",
        sentence(f"pods of {workload.name} cannot be scheduled: {why}"),
        workload.ref,
        present(
            event.quote() if event else None,
            pod.quote("message", condition),
            pod.quote("reason", "Unschedulable"),
            *(node.quote("unschedulable", True) for node in _cordoned(case)),
        ),
        certainty(0.7, 0.4 * bool(event), 0.4 * bool(reasons)),
        recommendations=(inspect(pod.ref, "; ".join(fix for _, fix in reasons) or "see why"),),
        short=short(f"cannot be scheduled: {why}"),
    )


def _condition(pod: Seen) -> str | None:
    for condition in pod.items("status", "conditions"):
        if condition.get("type") == "PodScheduled" and condition.get("reason") == "Unschedulable":
            return str(condition.get("message") or "")
    return None


def _cordoned(case: Case) -> Iterator[Seen]:
    return (node for node in case.inventory.kind("Node") if node.at("spec", "unschedulable"))


RULE = Rule("unschedulable", "Pods cannot be scheduled", detect)
