"""Kinds that users define: their status, and the checks their schema asks for."""

import re
from typing import Any

from punchingfist.lab.kubernetes.objects import Manifest, metadata_of
from punchingfist.lab.kubernetes.resources import Resource
from punchingfist.lab.kubernetes.statuses import bad_request, invalid

_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
_ENVELOPE = ("apiVersion", "kind", "metadata")


def established(definition: Manifest, *, at: str) -> Manifest:
    """Return a CustomResourceDefinition with the status of one that is served."""
    conditions = [
        {
            "type": kind,
            "status": "True",
            "reason": reason,
            "message": message,
            "lastTransitionTime": at,
        }
        for kind, reason, message in (
            ("NamesAccepted", "NoConflicts", "no conflicts found"),
            ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        )
    ]
    spec = definition["spec"]
    stored = [version["name"] for version in spec["versions"] if version.get("storage")]
    status = {
        "conditions": conditions,
        "acceptedNames": spec["names"],
        "storedVersions": stored,
    }
    return {**definition, "status": status}


def validate(resource: Resource, obj: Manifest, *, strict: bool) -> None:
    """
    Check a custom object against its schema; *strict* refuses unknown fields.

    Raises:
        ApiError: 422 naming each broken rule, or 400 for unknown fields.
    """
    if resource.schema is None:
        return
    check = _Check()
    check.walk(resource.schema, {k: v for k, v in obj.items() if k not in _ENVELOPE}, "")
    if strict and check.unknown:
        fields = ", ".join(f'unknown field "{path}"' for path in check.unknown)
        raise bad_request(
            f'{resource.kind} in version "{resource.version}" cannot be handled as a '
            f"{resource.kind}: strict decoding error: {fields}"
        )
    if check.broken:
        whole = check.broken[0] if len(check.broken) == 1 else f"[{', '.join(check.broken)}]"
        name = metadata_of(obj).get("name", "")
        raise invalid(f'{resource.kind}.{resource.group} "{name}" is invalid: {whole}')


class _Check:
    """One walk along a schema and a value, gathering what does not fit."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.unknown: list[str] = []

    def walk(self, schema: Manifest, value: Any, path: str) -> None:
        if value is None and (schema.get("nullable") or not path):
            return
        if not self._typed(schema, value, path):
            return
        self._enumerated(schema, value, path)
        match value:
            case bool():
                pass
            case str():
                self._text(schema, value, path)
            case int() | float():
                self._number(schema, value, path)
            case list():
                self._sized(schema, len(value), path, "Items")
                for index, item in enumerate(value):
                    self.walk(schema.get("items") or {}, item, f"{path}[{index}]")
            case dict():
                self._sized(schema, len(value), path, "Properties")
                self._fields(schema, value, path)

    def _typed(self, schema: Manifest, value: Any, path: str) -> bool:
        wanted = schema.get("type")
        if wanted is None:
            return True
        fits = isinstance(value, _TYPES[wanted]) and (
            wanted == "boolean" or not isinstance(value, bool)
        )
        if not fits:
            self.broken.append(f"{path}: Invalid value: must be of type {wanted}")
        return fits

    def _enumerated(self, schema: Manifest, value: Any, path: str) -> None:
        if "enum" in schema and value not in schema["enum"]:
            choices = ", ".join(f'"{choice}"' for choice in schema["enum"])
            self.broken.append(f'{path}: Unsupported value: "{value}": supported values: {choices}')
        if value in (schema.get("not") or {}).get("enum", ()):
            self.broken.append(f"{path}: Invalid value: must not validate the schema (not)")

    def _text(self, schema: Manifest, value: str, path: str) -> None:
        self._sized(schema, len(value), path, "Length")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            self.broken.append(f"{path}: Invalid value: should match '{schema['pattern']}'")

    def _number(self, schema: Manifest, value: float, path: str) -> None:
        low, high = schema.get("minimum"), schema.get("maximum")
        below = low is not None and (
            value < low or (schema.get("exclusiveMinimum") and value == low)
        )
        if below or (high is not None and value > high):
            self.broken.append(f"{path}: Invalid value: {value} is out of range")

    def _sized(self, schema: Manifest, size: int, path: str, what: str) -> None:
        least, most = schema.get(f"min{what}", 0), schema.get(f"max{what}")
        if size < least or (most is not None and size > most):
            self.broken.append(f"{path}: Invalid value: {what.lower()} out of bounds")

    def _fields(self, schema: Manifest, value: Manifest, path: str) -> None:
        prefix = f"{path}." if path else ""
        known = schema.get("properties") or {}
        for name in schema.get("required") or ():
            if name not in value and (path or name not in _ENVELOPE):
                self.broken.append(f"{prefix}{name}: Required value")
        others = schema.get("additionalProperties")
        for name, item in value.items():
            if name in known:
                self.walk(known[name], item, prefix + name)
            elif isinstance(others, dict):
                self.walk(others, item, prefix + name)
            elif not schema.get("x-kubernetes-preserve-unknown-fields"):
                self.unknown.append(prefix + name)
