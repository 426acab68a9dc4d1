"""A Kubernetes object as this API keeps it: plain JSON that is replaced, never changed in place."""

from typing import Any, NamedTuple

Manifest = dict[str, Any]


class Key(NamedTuple):
    """Where an object lives in its kind; *namespace* is empty for cluster-scoped kinds."""

    namespace: str
    name: str


def metadata_of(obj: Manifest) -> Manifest:
    """Return the metadata of *obj*, empty if it has none."""
    return obj.get("metadata") or {}


def key_of(obj: Manifest) -> Key:
    """Return where *obj* lives."""
    metadata = metadata_of(obj)
    return Key(metadata.get("namespace") or "", metadata.get("name") or "")


def dig(obj: object, path: str) -> Any:
    """Return what stands at the dotted *path* of *obj*, or None."""
    for step in path.split("."):
        obj = obj.get(step) if isinstance(obj, dict) else None
    return obj


def with_metadata(obj: Manifest, **changes: object) -> Manifest:
    """Return *obj* with some metadata replaced; None removes the field."""
    merged = {**metadata_of(obj), **changes}
    return {**obj, "metadata": {k: v for k, v in merged.items() if v is not None}}


def condition_of(obj: Manifest, kind: str) -> Manifest:
    """Return the status condition of type *kind*, empty if *obj* has none."""
    conditions = dig(obj, "status.conditions") or ()
    return next((c for c in conditions if c.get("type") == kind), {})


def matches_labels(obj: Manifest, wanted: Manifest) -> bool:
    """Tell whether *obj* carries every label in *wanted*."""
    labels = metadata_of(obj).get("labels") or {}
    return all(labels.get(name) == value for name, value in wanted.items())
