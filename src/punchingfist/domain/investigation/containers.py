"""Containers: what was asked for and what became of them, in one place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from punchingfist.domain.investigation.findings import Quote
from punchingfist.domain.investigation.pages import Seen, mapping, mappings, whole
from punchingfist.domain.investigation.quantities import parse_quantity, parse_time

TEMPLATED: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"})


@dataclass(frozen=True, slots=True)
class Exit:
    """How a container's last run ended."""

    code: int
    reason: str
    message: str
    finished: datetime | None


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod, or of a workload's template (then without status)."""

    owner: Seen
    spec: Mapping[str, Any]
    status: Mapping[str, Any]
    init: bool = False

    @property
    def name(self) -> str:
        return str(self.spec.get("name", ""))

    @property
    def restarts(self) -> int:
        return whole(self.status.get("restartCount"))

    @property
    def ready(self) -> bool:
        return bool(self.status.get("ready"))

    @property
    def waiting(self) -> str:
        """The reason the container waits, or nothing."""
        return str(self._state("state", "waiting").get("reason") or "")

    @property
    def waiting_message(self) -> str:
        return str(self._state("state", "waiting").get("message") or "")

    @property
    def ended(self) -> Exit | None:
        """The newest end of this container: now, or before its last restart."""
        for when in ("state", "lastState"):
            end = self._state(when, "terminated")
            if end:
                code = whole(end.get("exitCode"))
                reason, message = str(end.get("reason") or ""), str(end.get("message") or "")
                return Exit(code, reason, message, parse_time(end.get("finishedAt")))
        return None

    @property
    def ports(self) -> Mapping[int, str]:
        """Declared ports with their names."""
        declared = mappings(self.spec.get("ports"))
        numbered = {whole(p.get("containerPort")): str(p.get("name") or "") for p in declared}
        return {number: name for number, name in numbered.items() if number}

    @property
    def probes(self) -> Iterator[tuple[str, int]]:
        """Each numeric port a probe asks, with the probe's kind."""
        for kind in ("readinessProbe", "livenessProbe", "startupProbe"):
            probe = mapping(self.spec.get(kind))
            for way in ("httpGet", "tcpSocket", "grpc"):
                port = mapping(probe.get(way)).get("port")
                number = self.port_number(port)
                if number:
                    yield kind, number

    def port_number(self, port: object) -> int | None:
        """Return a port given by number or by the name this container declares."""
        if isinstance(port, int):
            return port
        return next((number for number, name in self.ports.items() if name and name == port), None)

    def limit(self, resource: str) -> float | None:
        """Return the limit of `memory` in bytes or of `cpu` in cores."""
        text = self.limit_text(resource)
        return None if text is None else parse_quantity(text)

    def limit_text(self, resource: str) -> str | None:
        limits = mapping(mapping(self.spec.get("resources")).get("limits"))
        return str(limits[resource]) if resource in limits else None

    def quote_limit(self, resource: str) -> Quote | None:
        text = self.limit_text(resource)
        return None if text is None else self.owner.quote(resource, text)

    def _state(self, when: str, state: str) -> Mapping[str, Any]:
        return mapping(mapping(self.status.get(when)).get(state))


def containers(seen: Seen) -> tuple[Container, ...]:
    """Return the containers of a pod or of a workload's template, init containers last."""
    place = ("spec", "template", "spec") if seen.ref.kind in TEMPLATED else ("spec",)
    statuses = {
        str(status.get("name")): status
        for key in ("containerStatuses", "initContainerStatuses")
        for status in seen.items("status", key)
    }
    return tuple(
        Container(seen, spec, statuses.get(str(spec.get("name")), {}), init)
        for key, init in (("containers", False), ("initContainers", True))
        for spec in seen.items(*place, key)
    )


def is_ready(pod: Seen) -> bool:
    """Return whether the pod serves: running, and its Ready condition true."""
    return bool(pod.at("status", "phase") == "Running") and any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in pod.items("status", "conditions")
    )


def is_finished(pod: Seen) -> bool:
    return bool(pod.at("status", "phase") == "Succeeded")


def full_name(workload: Seen, container: Container) -> str:
    """Return how people call *container*: by its workload alone where the names agree."""
    same = container.name == workload.name
    return workload.name if same else f"container {container.name} of {workload.name}"
