"""A Service sends its traffic to a port on which none of its pods listens."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from punchingfist.domain.investigation.advice import inspect, patch_target_port
from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.changes import change_of
from punchingfist.domain.investigation.containers import Container, containers, is_ready
from punchingfist.domain.investigation.findings import Finding, Quote
from punchingfist.domain.investigation.log_lines import LISTENING, matching
from punchingfist.domain.investigation.pages import Seen, present
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule


def detect(case: Case) -> Iterator[Finding]:
    for service in case.inventory.kind("Service"):
        pods = [pod for pod in case.inventory.pods_of(service) if is_ready(pod)]
        boxes = [box for pod in pods for box in containers(pod)]
        for index, port in enumerate(service.items("spec", "ports")):
            if boxes and not _is_answered(port, boxes):
                yield _finding(case, service, index, boxes)


def _is_answered(port: Mapping[str, Any], boxes: Sequence[Container]) -> bool:
    wanted = port.get("targetPort", port.get("port"))
    known = [(box, _ports(box)) for box in boxes]
    if isinstance(wanted, int) and not any(ports for _, ports in known):
        return True  # pods that declare nothing may listen anywhere
    return any(box.port_number(wanted) in ports for box, ports in known)


def _ports(box: Container) -> frozenset[int]:
    return frozenset(box.ports) | {number for _, number in box.probes}


def _finding(case: Case, service: Seen, index: int, boxes: Sequence[Container]) -> Finding:
    port = service.items("spec", "ports")[index]
    wanted = port.get("targetPort", port.get("port"))
    right = _right_port(port, boxes)
    named = isinstance(wanted, str)
    heard = _heard(case, right, boxes)
    probed = right in {number for box in boxes for _, number in box.probes}
    change = change_of(case, service.ref)
    box = boxes[0]
    listens = f": they listen on port {right}" if right else ""
    look = inspect(service.ref, "compare the service's ports with its pods'")
    fix = patch_target_port(service, index, wanted, right) if right else None
    weights = (0.7, 0.35 * probed, 0.5 * bool(heard), 0.3 * named, 0.2 * bool(change))
    return Finding(
        "wrong_target_port",
        sentence(
            f"service {service.name} sends port {port.get('port')} to targetPort {wanted},"
            f" which none of its pods serves",
            listens,
        ),
        service.ref,
        present(
            service.quote("targetPort" if "targetPort" in port else "port", wanted),
            heard,
            box.owner.quote("containerPort", right) or box.owner.quote("port", right),
            change.quote if change else None,
        ),
        certainty(*weights),
        recommendations=tuple(one for one in (fix, look) if one),
        short=short(
            f"targetPort {wanted}, {f'pods listen on {right}' if right else 'no pod serves it'}"
        ),
    )


def _right_port(port: Mapping[str, Any], boxes: Sequence[Container]) -> int | None:
    """Return the only port it can be: probed, else named like the service's, else the only one."""
    probed = {number for box in boxes for _, number in box.probes}
    same_name = {n for box in boxes for n, name in box.ports.items() if name == port.get("name")}
    declared = {number for box in boxes for number in box.ports}
    choices = (same_name if port.get("name") else set(), declared & probed, declared, probed)
    return next((choice.pop() for choice in map(set, choices) if len(choice) == 1), None)


def _heard(case: Case, right: int | None, boxes: Sequence[Container]) -> Quote | None:
    """Return the line in which the program itself says that it listens on *right*."""
    if right is None:
        return None
    for log in case.view.logs_of(box.owner for box in boxes):
        for line in matching(log, LISTENING):
            if re.search(rf"\b{right}\b", line):
                return log.page.quote(line)
    return None


RULE = Rule("wrong_target_port", "Service targets a wrong port", detect, reversible=True)
