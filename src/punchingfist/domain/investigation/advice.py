"""Proposed actions as exact commands, each with its risk and its undo."""

import json
from typing import Final

from punchingfist.domain.guardrails.risk import Risk
from punchingfist.domain.investigation.containers import TEMPLATED, Container
from punchingfist.domain.investigation.findings import ObjectRef, Recommendation
from punchingfist.domain.investigation.pages import Seen
from punchingfist.domain.investigation.quantities import double_memory

_ROLLED: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


def target(ref: ObjectRef) -> str:
    """Return *ref* as kubectl takes it: `deployment/cart -n shop`."""
    place = f" -n {ref.namespace}" if ref.namespace else ""
    return f"{ref.kind.lower()}/{ref.name}{place}"


def inspect(ref: ObjectRef, text: str) -> Recommendation:
    """Propose a closer look at *ref*."""
    return Recommendation(text, Risk.READ.value, f"kubectl describe {target(ref)}")


def read_logs(container: Container, *, previous: bool = False) -> Recommendation:
    """Propose to read the log that quotes were taken from."""
    pod = container.owner.ref
    flag = " --previous" if previous else ""
    command = f"kubectl logs {pod.name} -n {pod.namespace} -c {container.name}{flag}"
    return Recommendation("read the whole log", Risk.READ.value, command)


def raise_memory(workload: Seen, container: Container) -> Recommendation | None:
    """Propose twice the memory limit of *container*; None where no command can set it."""
    limit, text = container.limit("memory"), container.limit_text("memory")
    if not limit or not text or workload.ref.kind not in TEMPLATED - {"Job"}:
        return None
    more = double_memory(limit)
    return Recommendation(
        f"raise the memory limit of {container.name} from {text} to {more}",
        Risk.WRITE.value,
        _set_resources(workload.ref, container.name, f"memory={more}"),
        _set_resources(workload.ref, container.name, f"memory={text}"),
    )


def raise_cpu(workload: Seen, container: Container) -> Recommendation | None:
    """Propose twice the CPU limit of *container*; its pods restart, which a store may not like."""
    limit, text = container.limit("cpu"), container.limit_text("cpu")
    if not limit or not text or workload.ref.kind not in _ROLLED:
        return None
    more = f"{round(limit * 2000)}m"
    return Recommendation(
        f"raise the CPU limit of {container.name} from {text} to {more}; its pods restart",
        Risk.WRITE.value,
        _set_resources(workload.ref, container.name, f"cpu={more}"),
        _set_resources(workload.ref, container.name, f"cpu={text}"),
    )


def roll_back(workload: Seen, why: str) -> Recommendation | None:
    """Propose to go back one revision; None for what has no revisions."""
    if workload.ref.kind not in _ROLLED:
        return None
    command = f"kubectl rollout undo {target(workload.ref)}"
    return Recommendation(
        f"{why}: go back one revision", Risk.WRITE.value, command, f"{command} (again)"
    )


def patch_target_port(service: Seen, index: int, now: object, right: int) -> Recommendation:
    """Propose the right target port for one port of *service*."""
    return Recommendation(
        f"point the service at port {right} of its pods",
        Risk.WRITE.value,
        _patch_port(service.ref, index, right),
        _patch_port(service.ref, index, now),
    )


def _patch_port(ref: ObjectRef, index: int, port: object) -> str:
    patch = [{"op": "replace", "path": f"/spec/ports/{index}/targetPort", "value": port}]
    return (
        f"kubectl patch service {ref.name} -n {ref.namespace} --type=json -p '{json.dumps(patch)}'"
    )


def _set_resources(ref: ObjectRef, container: str, limits: str) -> str:
    kind = f"{ref.kind.lower()}/{ref.name}"
    return f"kubectl set resources {kind} --containers={container} --limits={limits} -n {ref.namespace}"
