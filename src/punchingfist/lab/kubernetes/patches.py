"""The three ways to patch an object: merge, JSON, and strategic merge by list keys."""

from typing import Any

from punchingfist.lab.kubernetes.objects import Manifest
from punchingfist.lab.kubernetes.statuses import invalid

_LIST_KEYS = {
    "addresses": ("type",),
    "conditions": ("type",),
    "containers": ("name",),
    "env": ("name",),
    "ephemeralContainers": ("name",),
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "ownerReferences": ("uid",),
    "ports": ("containerPort", "port"),
    "secrets": ("name",),
    "taints": ("key",),
    "topologySpreadConstraints": ("topologyKey",),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}
_UNION_LISTS = ("finalizers",)
_DROP_PRIMITIVES = "$deleteFromPrimitiveList/"


def merge(old: Any, patch: Any) -> Any:
    """Apply an RFC 7386 merge patch: null removes, lists are replaced."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(old) if isinstance(old, dict) else {}
    for field, value in patch.items():
        if value is None:
            merged.pop(field, None)
        else:
            merged[field] = merge(merged.get(field), value)
    return merged


def merge_strategic(old: Any, patch: Any, field: str = "") -> Any:
    """Apply a strategic merge patch: lists of named things are merged by their key."""
    if isinstance(patch, dict):
        return _merge_map(old, patch)
    if isinstance(patch, list) and isinstance(old, list):
        return _merge_list(old, patch, field)
    return [_plain(item) for item in patch] if isinstance(patch, list) else patch


def _merge_map(old: Any, patch: Manifest) -> Any:
    if patch.get("$patch") == "replace":
        return _plain(patch)
    if patch.get("$patch") == "delete":
        return None
    merged = dict(old) if isinstance(old, dict) else {}
    if "$retainKeys" in patch:
        merged = {k: v for k, v in merged.items() if k in patch["$retainKeys"]}
    for field, value in patch.items():
        if field.startswith(_DROP_PRIMITIVES):
            target = field.removeprefix(_DROP_PRIMITIVES)
            merged[target] = [item for item in merged.get(target) or [] if item not in value]
        elif field.startswith("$"):
            continue
        elif value is None:
            merged.pop(field, None)
        else:
            merged[field] = merge_strategic(merged.get(field), value, field)
    return merged


def _merge_list(old: list[Any], patch: list[Any], field: str) -> list[Any]:
    if field in _UNION_LISTS:
        return [*old, *(item for item in patch if item not in old)]
    key = _list_key(field, [*patch, *old])
    if key is None:
        return [_plain(item) for item in patch]
    if any(item.get("$patch") == "replace" for item in patch):
        return [_plain(item) for item in patch if item.get("$patch") != "replace"]
    merged = {item.get(key): item for item in old}
    for item in patch:
        if item.get("$patch") == "delete":
            merged.pop(item.get(key), None)
        else:
            merged[item.get(key)] = merge_strategic(merged.get(item.get(key)), item)
    return list(merged.values())


def _list_key(field: str, items: list[Any]) -> str | None:
    if not all(isinstance(item, dict) for item in items):
        return None
    keys = _LIST_KEYS.get(field, ())
    return next((key for key in keys if any(key in item for item in items)), None)


def _plain(value: Any) -> Any:
    """Drop the directives, which are instructions and never stored."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if not k.startswith("$")}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def apply_operations(old: Manifest, operations: list[Manifest]) -> Manifest:
    """Apply an RFC 6902 JSON patch."""
    document: Any = old
    for operation in operations:
        try:
            document = _apply(document, operation, _steps(operation["path"]))
        except (KeyError, IndexError, ValueError, TypeError) as cause:
            why = "the server rejected our request due to an error in our request"
            raise invalid(f"{why}: {operation.get('op')} {operation.get('path')}") from cause
    if not isinstance(document, dict):
        raise invalid("the patch leaves no object")
    return document


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _apply(node: Any, operation: Manifest, steps: list[str]) -> Any:
    """Return a copy of *node* changed at *steps*; everything off the path is shared."""
    if not steps:
        return _apply_whole(node, operation)
    step, *rest = steps
    if rest:
        copied = node.copy()
        index = int(step) if isinstance(node, list) else step
        copied[index] = _apply(node[index], operation, rest)
        return copied
    return _apply_last(node, operation, step)


def _apply_whole(node: Any, operation: Manifest) -> Any:
    if operation["op"] == "test" and node != operation["value"]:
        raise ValueError(operation["op"])
    return node if operation["op"] == "test" else operation["value"]


def _apply_last(node: Any, operation: Manifest, step: str) -> Any:
    copied, kind = node.copy(), operation["op"]
    if kind == "add" and isinstance(node, list):
        copied.insert(len(node) if step == "-" else int(step), operation["value"])
        return copied
    index = int(step) if isinstance(node, list) else step
    match kind:
        case "add":
            copied[index] = operation["value"]
        case "replace":
            _ = node[index]
            copied[index] = operation["value"]
        case "remove":
            del copied[index]
        case "test" if node[index] == operation["value"]:
            pass
        case _:
            raise ValueError(kind)
    return copied
