"""
What the cluster does after a Deployment or StatefulSet is changed or loses a pod.

There is no kubelet here, so a new pod fares as its predecessor did: what was
ready stays ready, what was broken stays broken, and the status counts it.
"""

import hashlib
import json

from punchingfist.lab.kubernetes.objects import (
    Manifest,
    condition_of,
    dig,
    key_of,
    metadata_of,
    with_metadata,
)
from punchingfist.lab.kubernetes.reads import replicas_of
from punchingfist.lab.kubernetes.resources import Catalogue, Resource
from punchingfist.lab.kubernetes.store import ObjectStore
from punchingfist.lab.kubernetes.times import stamp
from punchingfist.ports.clock import Clock

_REVISION = "deployment.kubernetes.io/revision"
_HASH = "pod-template-hash"
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


class Workloads:
    """The controllers of a cluster, as far as practice needs them."""

    def __init__(self, store: ObjectStore, catalogue: Catalogue, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._kinds = {
            resource.kind: resource
            for resource in catalogue
            if resource.kind in ("Deployment", "ReplicaSet", "StatefulSet", "Pod")
        }

    def settle(self, resource: Resource, obj: Manifest) -> None:
        """Bring pods and status in line with what *obj* wants now."""
        match resource.kind:
            case "Deployment":
                self._settle_deployment(obj)
            case "ReplicaSet" | "StatefulSet":
                self._settle_pods(obj, self._owned("Pod", obj))
                self._count(obj)

    def refill(self, pod: Manifest) -> None:
        """Replace a deleted pod that something controls."""
        for owner in metadata_of(pod).get("ownerReferences") or ():
            kind = self._kinds.get(owner["kind"])
            found = self._store.all(kind, key_of(pod).namespace) if kind else []
            for obj in found:
                if metadata_of(obj)["uid"] == owner["uid"]:
                    self._settle_pods(obj, [*self._owned("Pod", obj), pod])

    def _settle_deployment(self, deployment: Manifest) -> None:
        if not dig(deployment, "spec.paused"):
            self._roll(deployment)
        current = self._current(deployment)
        pods = [
            pod for rs in self._owned("ReplicaSet", deployment) for pod in self._owned("Pod", rs)
        ]
        for old in self._owned("ReplicaSet", deployment):
            if current is not None and metadata_of(old)["uid"] != metadata_of(current)["uid"]:
                self._scale(old, 0, pods)
        if current is not None:
            self._scale(current, replicas_of(deployment), pods)
        self._count(deployment)

    def _roll(self, deployment: Manifest) -> None:
        """Give the deployment's template a ReplicaSet with the latest revision."""
        latest = max((_revision(rs) for rs in self._owned("ReplicaSet", deployment)), default=0)
        current = self._current(deployment)
        if current is None:
            current = self._store.save(self._kinds["ReplicaSet"], self._replica_set(deployment))
        if _revision(current) != latest or latest == 0:
            current = self._annotate("ReplicaSet", current, str(latest + 1))
        self._annotate("Deployment", self._fresh("Deployment", deployment), str(_revision(current)))

    def _annotate(self, kind: str, obj: Manifest, revision: str) -> Manifest:
        annotations = metadata_of(obj).get("annotations") or {}
        if annotations.get(_REVISION) == revision:
            return obj
        changed = with_metadata(obj, annotations={**annotations, _REVISION: revision})
        return self._store.save(self._kinds[kind], changed)

    def _current(self, deployment: Manifest) -> Manifest | None:
        template = _bare(dig(deployment, "spec.template") or {})
        owned = self._owned("ReplicaSet", deployment)
        return next((rs for rs in owned if _bare(dig(rs, "spec.template")) == template), None)

    def _replica_set(self, deployment: Manifest) -> Manifest:
        metadata, template = metadata_of(deployment), dig(deployment, "spec.template")
        mark = letters(json.dumps(template, sort_keys=True), 10)
        labels = {**(dig(template, "metadata.labels") or {}), _HASH: mark}
        selector = {**(dig(deployment, "spec.selector.matchLabels") or {}), _HASH: mark}
        return {
            "metadata": {
                "name": f"{metadata['name']}-{mark}",
                "namespace": metadata["namespace"],
                "labels": labels,
                "generation": 1,
                "ownerReferences": [_owner("Deployment", deployment)],
            },
            "spec": {
                "replicas": 0,
                "selector": {"matchLabels": selector},
                "template": with_metadata(template, labels=labels),
            },
        }

    def _scale(self, replica_set: Manifest, replicas: int, models: list[Manifest]) -> None:
        if replicas_of(replica_set) != replicas:
            spec = {**replica_set["spec"], "replicas": replicas}
            generation = metadata_of(replica_set).get("generation", 1) + 1
            changed = with_metadata({**replica_set, "spec": spec}, generation=generation)
            replica_set = self._store.save(self._kinds["ReplicaSet"], changed)
        self._settle_pods(replica_set, models)
        self._count(replica_set)

    def _settle_pods(self, owner: Manifest, models: list[Manifest]) -> None:
        """Delete pods too many, then clone what lacks from *models*, ready ones first."""
        pods, wanted = self._owned("Pod", owner), replicas_of(owner)
        models = sorted(models, key=lambda pod: not _is_ready(pod))
        for pod in pods[wanted:]:
            self._store.remove(self._kinds["Pod"], key_of(pod))
        taken = {key_of(pod).name for pod in pods}
        for index in range(wanted - len(pods)):
            if models:
                name = self._pod_name(owner, taken)
                taken.add(name)
                clone = self._clone(models[index % len(models)], owner, name)
                self._store.save(self._kinds["Pod"], clone)

    def _pod_name(self, owner: Manifest, taken: set[str]) -> str:
        base = key_of(owner).name
        if owner["kind"] == "StatefulSet":
            return next(n for i in range(len(taken) + 1) if (n := f"{base}-{i}") not in taken)
        return f"{base}-{letters(f'{base}{self._store.version}', 5)}"

    def _clone(self, model: Manifest, owner: Manifest, name: str) -> Manifest:
        template = dig(owner, "spec.template")
        spec = {**template["spec"], "nodeName": dig(model, "spec.nodeName")}
        metadata = {
            **(template.get("metadata") or {}),
            "name": name,
            "namespace": key_of(owner).namespace,
            "ownerReferences": [_owner(owner["kind"], owner)],
        }
        status = {**(model.get("status") or {}), "startTime": stamp(self._clock.now())}
        return {"metadata": metadata, "spec": spec, "status": status}

    def _count(self, owner: Manifest) -> None:
        """Write the status that the pods of *owner* add up to."""
        owner = self._fresh(owner["kind"], owner)
        pods = self._pods_of(owner)
        ready = sum(_is_ready(pod) for pod in pods)
        status: Manifest = {
            **(owner.get("status") or {}),
            "observedGeneration": metadata_of(owner).get("generation", 1),
            "replicas": len(pods),
            "readyReplicas": ready,
            "availableReplicas": ready,
        }
        if owner["kind"] != "ReplicaSet":
            status |= {"updatedReplicas": len(pods)}
        if owner["kind"] == "StatefulSet":
            status |= {"currentReplicas": len(pods)}
        if owner["kind"] == "Deployment":
            status |= {"unavailableReplicas": len(pods) - ready}
            status = _with_availability(status, ok=ready >= replicas_of(owner))
        if status != owner.get("status"):
            self._store.save(self._kinds[owner["kind"]], {**owner, "status": status})

    def _pods_of(self, owner: Manifest) -> list[Manifest]:
        if owner["kind"] != "Deployment":
            return self._owned("Pod", owner)
        return [pod for rs in self._owned("ReplicaSet", owner) for pod in self._owned("Pod", rs)]

    def _owned(self, kind: str, owner: Manifest) -> list[Manifest]:
        uid = metadata_of(owner)["uid"]
        found = self._store.all(self._kinds[kind], key_of(owner).namespace)
        return [
            obj
            for obj in found
            if any(o.get("uid") == uid for o in metadata_of(obj).get("ownerReferences") or ())
        ]

    def _fresh(self, kind: str, obj: Manifest) -> Manifest:
        return self._store.find(self._kinds[kind], key_of(obj)) or obj


def _bare(template: Manifest) -> Manifest:
    """Return a pod template without the label that ReplicaSets add."""
    metadata = template.get("metadata") or {}
    labels = {k: v for k, v in (metadata.get("labels") or {}).items() if k != _HASH}
    kept = {k: v for k, v in metadata.items() if v and k != "creationTimestamp"}
    return {**template, "metadata": {**kept, "labels": labels}}


def _revision(obj: Manifest) -> int:
    return int((metadata_of(obj).get("annotations") or {}).get(_REVISION, 0))


def _is_ready(pod: Manifest) -> bool:
    return bool(condition_of(pod, "Ready").get("status") == "True")


def _owner(kind: str, obj: Manifest) -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "name": key_of(obj).name,
        "uid": metadata_of(obj)["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _with_availability(status: Manifest, *, ok: bool) -> Manifest:
    conditions = [c for c in status.get("conditions") or () if c["type"] != "Available"]
    available = {
        "type": "Available",
        "status": "True" if ok else "False",
        "reason": "MinimumReplicasAvailable" if ok else "MinimumReplicasUnavailable",
        "message": f"Deployment {'has' if ok else 'does not have'} minimum availability.",
    }
    return {**status, "conditions": [*conditions, available]}


def letters(seed: str, count: int) -> str:
    """Return a name suffix as the cluster makes them, always the same for one *seed*."""
    digest = hashlib.sha256(seed.encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:count])
