"""A pod is not ready, or is restarted, because a probe of it fails."""

import re
from collections.abc import Iterator
from typing import Final

from punchingfist.domain.investigation.advice import inspect
from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.containers import Container, containers
from punchingfist.domain.investigation.findings import Finding, ObjectRef
from punchingfist.domain.investigation.inventory import Event
from punchingfist.domain.investigation.pages import Seen, present
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule

_KIND: Final = re.compile(r"^(Readiness|Liveness|Startup) probe (?:failed|errored)", re.IGNORECASE)
_LEAD: Final = re.compile(r"^\w+ probe \w+: ")


def detect(case: Case) -> Iterator[Finding]:
    told: set[ObjectRef] = set()
    for pod in case.inventory.kind("Pod"):
        workload = case.inventory.workload(pod)
        if workload.ref in told or not _suffers(pod):
            continue
        for event in case.inventory.events_about([pod.ref], "Unhealthy"):
            found = _KIND.match(event.message)
            if found and case.is_recent(event.at):
                told.add(workload.ref)
                yield _finding(workload, pod, event, found[1].lower())
                break


def _suffers(pod: Seen) -> bool:
    boxes = [box for box in containers(pod) if not box.init]
    return any(not box.ready or box.restarts for box in boxes)


def _finding(workload: Seen, pod: Seen, event: Event, kind: str) -> Finding:
    wrong = next((w for box in containers(pod) if (w := _wrong_port(box, kind))), None)
    what = "restarts it" if kind == "liveness" else "keeps it out of service"
    why = f": it asks port {wrong}, which the container does not serve" if wrong else ""
    told = _LEAD.sub("", event.message.split("\n")[0])
    return Finding(
        "failing_probe",
        sentence(f"the {kind} probe of {workload.name} fails and {what}{why}", said=f"; {told}"),
        workload.ref,
        present(event.quote(), pod.quote("port", wrong) if wrong else None),
        certainty(0.55, 0.5 * bool(wrong)),
        recommendations=(
            inspect(pod.ref, "correct the probe" if wrong else "find why the probe fails"),
        ),
        short=short(f"{kind} probe fails{f', asks port {wrong}' if wrong else ''}"),
    )


def _wrong_port(box: Container, kind: str) -> int | None:
    asked = [number for probe, number in box.probes if probe.startswith(kind)]
    return next((number for number in asked if box.ports and number not in box.ports), None)


RULE = Rule("failing_probe", "Failing probe", detect, symptom=True)
