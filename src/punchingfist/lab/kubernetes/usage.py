"""What pods and nodes use now, as the metrics API reports it to `kubectl top`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from punchingfist.lab.kubernetes.objects import Manifest, key_of, metadata_of
from punchingfist.lab.kubernetes.resources import Resource
from punchingfist.lab.kubernetes.times import stamp


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU and memory in use."""

    cpu_cores: float
    memory_bytes: float

    def quantities(self) -> Manifest:
        """Return both in the notation of the metrics API."""
        return {
            "cpu": f"{round(self.cpu_cores * 1e9)}n",
            "memory": f"{round(self.memory_bytes / 1024)}Ki",
        }


@dataclass(frozen=True, slots=True)
class Usages:
    """Usage of each container, by namespace, pod and container, and of each node by name."""

    containers: Mapping[tuple[str, str, str], Usage] = field(default_factory=dict)
    nodes: Mapping[str, Usage] = field(default_factory=dict)


def metrics_of(resource: Resource, obj: Manifest, usages: Usages, now: datetime) -> Manifest | None:
    """Return the metrics object of a pod or a node, None while nothing was scraped of it."""
    metadata = metadata_of(obj)
    namespace, name = key_of(obj)
    shown: Manifest = {
        "kind": resource.kind,
        "apiVersion": resource.group_version,
        "metadata": {k: metadata[k] for k in ("name", "namespace", "labels") if k in metadata},
        "timestamp": stamp(now),
        "window": "30s",
    }
    if resource.plural == "nodes":
        usage = usages.nodes.get(name)
        return {**shown, "usage": usage.quantities()} if usage else None
    containers = [
        {"name": container, "usage": usage.quantities()}
        for (where, pod, container), usage in sorted(usages.containers.items())
        if (where, pod) == (namespace, name)
    ]
    return {**shown, "containers": containers} if containers else None
