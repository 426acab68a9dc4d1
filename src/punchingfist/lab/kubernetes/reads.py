"""Getting and listing: selection, pages, and the shape the client asked for."""

import base64
import json
from datetime import datetime

from punchingfist.lab.kubernetes.calls import Call
from punchingfist.lab.kubernetes.objects import Manifest, dig, key_of, metadata_of
from punchingfist.lab.kubernetes.selectors import Predicate, parse_fields, parse_labels
from punchingfist.lab.kubernetes.statuses import ApiError, bad_request, not_found
from punchingfist.lab.kubernetes.store import ObjectStore
from punchingfist.lab.kubernetes.tables import table_of


def selected(call: Call) -> Predicate:
    """Return the predicate that the call's namespace, name and selectors make together."""
    labels = parse_labels(call.query.get("labelSelector", ""))
    fields = parse_fields(call.query.get("fieldSelector", ""), call.resource)

    def matches(obj: Manifest) -> bool:
        namespace, name = key_of(obj)
        return (
            call.namespace in ("", namespace)
            and call.name in ("", name)
            and labels(obj)
            and fields(obj)
        )

    return matches


def get_object(store: ObjectStore, call: Call) -> Manifest:
    """
    Return the object the call names.

    Raises:
        ApiError: 404, there is none.
    """
    found = store.find(call.resource, call.key)
    if found is None:
        raise not_found(call.resource.qualified, call.name)
    return found


def list_objects(store: ObjectStore, call: Call) -> tuple[list[Manifest], Manifest]:
    """Return one page of the selected objects and the metadata of the list."""
    matches = selected(call)
    found = [obj for obj in store.all(call.resource) if matches(obj)]
    return _page(found, call, store.version)


def _page(found: list[Manifest], call: Call, version: int) -> tuple[list[Manifest], Manifest]:
    metadata: Manifest = {"resourceVersion": str(version)}
    if token := call.query.get("continue"):
        start = _read_token(token)
        found = [obj for obj in found if list(key_of(obj)) > start]
    limit = _limit(call)
    if limit and len(found) > limit:
        metadata["remainingItemCount"] = len(found) - limit
        found = found[:limit]
        last = json.dumps(key_of(found[-1])).encode()
        metadata["continue"] = base64.urlsafe_b64encode(last).decode()
    return found, metadata


def _limit(call: Call) -> int:
    try:
        return int(call.query.get("limit") or 0)
    except ValueError as cause:
        raise bad_request(f"limit: Invalid value: {call.query['limit']!r}") from cause


def _read_token(token: str) -> list[str]:
    try:
        return list(json.loads(base64.urlsafe_b64decode(token)))
    except (ValueError, TypeError) as cause:
        raise ApiError(400, "BadRequest", "continue key is not valid") from cause


def as_list(call: Call, objects: list[Manifest], metadata: Manifest, now: datetime) -> Manifest:
    """Return a list, as a table if the client wants one."""
    if call.wants_table:
        return _table(call, objects, metadata, now)
    return {
        "kind": f"{call.resource.kind}List",
        "apiVersion": call.resource.group_version,
        "metadata": metadata,
        "items": objects,
    }


def as_object(call: Call, obj: Manifest, now: datetime) -> Manifest:
    """Return one object, as a table of one row if the client wants one."""
    if call.wants_table and obj.get("kind") == call.resource.kind:
        version = metadata_of(obj).get("resourceVersion", "")
        return _table(call, [obj], {"resourceVersion": version}, now)
    if obj.get("kind") == call.resource.kind:
        return {**obj, "apiVersion": call.resource.group_version}
    return obj


def _table(call: Call, objects: list[Manifest], metadata: Manifest, now: datetime) -> Manifest:
    include = call.query.get("includeObject", "Metadata")
    return table_of(call.resource, objects, now=now, include=include, list_metadata=metadata)


def scale_of(obj: Manifest) -> Manifest:
    """Return the `scale` view of a workload."""
    metadata = metadata_of(obj)
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    labels = dig(obj, "spec.selector.matchLabels") or {}
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: metadata[name] for name in kept if name in metadata},
        "spec": {"replicas": replicas_of(obj)},
        "status": {
            "replicas": dig(obj, "status.replicas") or 0,
            "selector": ",".join(f"{k}={v}" for k, v in sorted(labels.items())),
        },
    }


def replicas_of(obj: Manifest) -> int:
    """Return how many replicas a workload wants; unsaid means one."""
    wanted = dig(obj, "spec.replicas")
    return 1 if wanted is None else int(wanted)
