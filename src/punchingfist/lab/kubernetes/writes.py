"""Creating, changing and deleting, with the checks and stamps of the real server."""

import re

from punchingfist.lab.kubernetes.calls import Call
from punchingfist.lab.kubernetes.definitions import established, validate
from punchingfist.lab.kubernetes.objects import Key, Manifest, key_of, metadata_of, with_metadata
from punchingfist.lab.kubernetes.patches import apply_operations, merge, merge_strategic
from punchingfist.lab.kubernetes.reads import get_object, scale_of, selected
from punchingfist.lab.kubernetes.resources import Catalogue, Resource
from punchingfist.lab.kubernetes.statuses import (
    ApiError,
    already_exists,
    bad_request,
    invalid,
    not_found,
    stale,
)
from punchingfist.lab.kubernetes.store import ObjectStore
from punchingfist.lab.kubernetes.times import stamp
from punchingfist.lab.kubernetes.workloads import Workloads, letters
from punchingfist.ports.clock import Clock

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.:]*[a-z0-9])?")
_SERVER_FIELDS = ("uid", "creationTimestamp", "generation", "deletionTimestamp")
_GENERATION_GROUPS = (
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apps",
    "batch",
    "discovery.k8s.io",
    "networking.k8s.io",
    "policy",
)
_UNCOMPARED = ("resourceVersion", "managedFields", "generation")


class Writer:
    """Everything that changes the store on a client's behalf."""

    def __init__(self, store: ObjectStore, catalogue: Catalogue, clock: Clock) -> None:
        self._store, self._catalogue, self._clock = store, catalogue, clock
        self._workloads = Workloads(store, catalogue, clock)

    def create(self, call: Call) -> Manifest:
        """Keep the object in the body, which must be new, and return it as kept."""
        obj = self._named(call, call.manifest())
        if self._store.find(call.resource, key_of(obj)):
            raise already_exists(call.resource.qualified, key_of(obj).name)
        obj = with_metadata(obj, **dict.fromkeys(_SERVER_FIELDS), resourceVersion=None)
        obj = with_metadata(obj, generation=1 if _has_generation(call.resource) else None)
        if "status" in call.resource.subresources:
            obj = {k: v for k, v in obj.items() if k != "status"}
        validate(call.resource, obj, strict=call.query.get("fieldValidation") == "Strict")
        return self._keep(call, self._completed(call.resource, obj))

    def update(self, call: Call) -> Manifest:
        """Put the body in place of the object, or of one of its parts."""
        return self._change(call, get_object(self._store, call), call.manifest())

    def patch(self, call: Call) -> Manifest:
        """Change the object as the patch says; server-side apply creates what is missing."""
        applies = "apply-patch" in call.content_type
        if applies and self._store.find(call.resource, call.key) is None:
            return self.create(call)
        old = get_object(self._store, call)
        current = scale_of(old) if call.subresource == "scale" else old
        return self._change(call, old, _patched(current, call))

    def delete(self, call: Call) -> Manifest:
        """Delete one object and what it owns; finalizers only mark it."""
        obj = get_object(self._store, call)
        if not call.dry_run:
            obj = self._remove(call.resource, call.key, orphan=_orphans(call))
        if call.resource.plural == "pods" or metadata_of(obj).get("finalizers"):
            return obj
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": {
                "name": call.name,
                "group": call.resource.group,
                "kind": call.resource.plural,
                "uid": metadata_of(obj)["uid"],
            },
        }

    def delete_all(self, call: Call) -> list[Manifest]:
        """Delete every selected object."""
        matches = selected(call)
        found = [obj for obj in self._store.all(call.resource) if matches(obj)]
        if call.dry_run:
            return found
        return [self._remove(call.resource, key_of(obj), orphan=_orphans(call)) for obj in found]

    def evict(self, call: Call) -> Manifest:
        """Delete a pod as an eviction does; disruption budgets are not consulted."""
        get_object(self._store, call)
        if not call.dry_run:
            self._remove(call.resource, call.key)
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}

    def _named(self, call: Call, obj: Manifest) -> Manifest:
        metadata = metadata_of(obj)
        name = metadata.get("name") or call.name
        if not name and metadata.get("generateName"):
            prefix = metadata["generateName"]
            name = prefix + letters(f"{prefix}{self._store.version}", 5)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise invalid(
                f'{call.resource.kind} "{name or ""}" is invalid: metadata.name: Invalid value'
            )
        namespace = metadata.get("namespace") or call.namespace
        if call.resource.namespaced:
            self._check_namespace(namespace, call.namespace)
        return with_metadata(
            obj, name=name, namespace=namespace if call.resource.namespaced else None
        )

    def _check_namespace(self, namespace: str, asked: str) -> None:
        if namespace != asked:
            raise bad_request(
                "the namespace of the provided object does not match the namespace sent on the "
                "request"
            )
        namespaces = self._catalogue.find("", "v1", "namespaces")
        if namespaces and self._store.find(namespaces, Key("", namespace)) is None:
            raise not_found("namespaces", namespace)

    def _completed(self, resource: Resource, obj: Manifest) -> Manifest:
        """Add what controllers of the real cluster add at once."""
        if resource.plural == "pods":
            return {**obj, "status": {"phase": "Pending"}}
        if resource.plural == "namespaces":
            return {**obj, "status": {"phase": "Active"}}
        if resource.plural == "customresourcedefinitions":
            return established(obj, at=stamp(self._clock.now()))
        return obj

    def _change(self, call: Call, old: Manifest, wanted: Manifest) -> Manifest:
        resource = call.resource
        if metadata_of(wanted).get("resourceVersion") not in (
            None,
            "",
            metadata_of(old)["resourceVersion"],
        ):
            raise stale(resource.qualified, call.name)
        new = _isolated(call, old, wanted)
        validate(resource, new, strict=call.query.get("fieldValidation") == "Strict")
        if _substance(new) == _substance(old):
            return self._view(call, old)
        if "generation" in metadata_of(old) and _desire(new) != _desire(old):
            new = with_metadata(new, generation=metadata_of(old)["generation"] + 1)
        return self._view(call, self._keep(call, new))

    def _keep(self, call: Call, obj: Manifest) -> Manifest:
        obj = self._signed(call, obj)
        if call.dry_run:
            return self._store.stamped(call.resource, obj)
        metadata = metadata_of(obj)
        kept = self._store.save(call.resource, obj)
        if metadata.get("deletionTimestamp") and not metadata.get("finalizers"):
            return self._remove(call.resource, key_of(obj))
        if call.resource.plural == "customresourcedefinitions":
            self._catalogue.define(kept)
        if call.subresource != "status":
            self._workloads.settle(call.resource, kept)
        return self._store.find(call.resource, key_of(kept)) or kept

    def _signed(self, call: Call, obj: Manifest) -> Manifest:
        """Note in managedFields who wrote and when; the field sets are not tracked."""
        operation = "Apply" if "apply-patch" in call.content_type else "Update"
        entry = {
            "manager": call.manager,
            "operation": operation,
            "apiVersion": call.resource.group_version,
            "time": stamp(self._clock.now()),
            "fieldsType": "FieldsV1",
            "fieldsV1": {},
        }
        if call.subresource:
            entry["subresource"] = call.subresource
        others = [
            known
            for known in metadata_of(obj).get("managedFields") or ()
            if (known.get("manager"), known.get("operation"), known.get("subresource"))
            != (call.manager, operation, entry.get("subresource"))
        ]
        return with_metadata(obj, managedFields=[*others, entry])

    def _view(self, call: Call, obj: Manifest) -> Manifest:
        return scale_of(obj) if call.subresource == "scale" else obj

    def _remove(self, resource: Resource, key: Key, *, orphan: bool = False) -> Manifest:
        obj = self._store.find(resource, key)
        if obj is None:
            raise not_found(resource.qualified, key.name)
        if metadata_of(obj).get("finalizers"):
            marked = with_metadata(
                obj,
                deletionTimestamp=metadata_of(obj).get("deletionTimestamp")
                or stamp(self._clock.now()),
                deletionGracePeriodSeconds=0,
            )
            return self._store.save(resource, marked)
        last = self._store.remove(resource, key)
        if not orphan:
            self._remove_owned(metadata_of(last)["uid"])
        if resource.plural == "customresourcedefinitions":
            self._catalogue.undefine(last)
        if resource.plural == "pods":
            self._workloads.refill(last)
        return last

    def _remove_owned(self, uid: str) -> None:
        for resource in self._catalogue:
            for obj in self._store.all(resource):
                owners = metadata_of(obj).get("ownerReferences") or ()
                if any(owner.get("uid") == uid for owner in owners):
                    self._remove(resource, key_of(obj))


def _patched(current: Manifest, call: Call) -> Manifest:
    if "json-patch" in call.content_type:
        if not isinstance(call.body, list):
            raise bad_request("a JSON patch is a list of operations")
        return apply_operations(current, call.body)
    if "strategic" in call.content_type or "apply-patch" in call.content_type:
        return dict(merge_strategic(current, call.manifest()))
    if "merge-patch" in call.content_type:
        return dict(merge(current, call.manifest()))
    raise ApiError(
        415,
        "UnsupportedMediaType",
        f"the body of the request was in an unknown format: {call.content_type}",
    )


def _orphans(call: Call) -> bool:
    return call.delete_options.get("propagationPolicy") == "Orphan"


def _isolated(call: Call, old: Manifest, wanted: Manifest) -> Manifest:
    """Take from *wanted* only what this path may change; identity never changes."""
    if call.subresource == "scale":
        replicas = (wanted.get("spec") or {}).get("replicas", 0)
        return dict(merge(old, {"spec": {"replicas": replicas}}))
    if call.subresource == "status":
        return {**old, "status": wanted.get("status") or {}}
    new = dict(wanted)
    if "status" in call.resource.subresources:
        new.pop("status", None)
        if "status" in old:
            new["status"] = old["status"]
    fixed = {name: metadata_of(old).get(name) for name in (*_SERVER_FIELDS, "name", "namespace")}
    return with_metadata(new, **fixed)


def _has_generation(resource: Resource) -> bool:
    return resource.schema is not None or resource.group in _GENERATION_GROUPS


def _substance(obj: Manifest) -> Manifest:
    """Return what makes a write more than a repetition."""
    metadata = {k: v for k, v in metadata_of(obj).items() if k not in _UNCOMPARED and v}
    return {**obj, "metadata": metadata}


def _desire(obj: Manifest) -> Manifest:
    """Return what moves the generation: everything but metadata and status."""
    return {k: v for k, v in obj.items() if k not in ("metadata", "status")}
