"""Label and field selectors, parsed into predicates over objects."""

import re
from collections.abc import Callable

from punchingfist.lab.kubernetes.objects import Manifest, dig, metadata_of
from punchingfist.lab.kubernetes.resources import Resource
from punchingfist.lab.kubernetes.statuses import ApiError, bad_request

Predicate = Callable[[Manifest], bool]

_REQUIREMENT = re.compile(
    r"\s*(?:(?P<absent>!)\s*(?P<missing>[\w./-]+)"
    r"|(?P<key>[\w./-]+)"
    r"(?:\s+(?P<set>in|notin)\s*\((?P<values>[^)]*)\)|\s*(?P<op>==|=|!=)\s*(?P<value>[\w.-]*))?)\s*(?:,|$)"
)
_FIELDS = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "events": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "nodes": ("spec.unschedulable",),
    "namespaces": ("status.phase",),
    "secrets": ("type",),
    "jobs": ("status.successful",),
    "replicasets": ("status.replicas",),
    "services": ("spec.clusterIP", "spec.type"),
}


def parse_labels(text: str) -> Predicate:
    """Return the predicate for a label selector, `app=web,tier in (a,b),!canary`."""
    tests: list[Predicate] = []
    position = 0
    while position < len(text):
        found = _REQUIREMENT.match(text, position)
        if found is None or found.end() == position:
            raise bad_request(f'unable to parse requirement: found "{text[position:]}"')
        tests.append(_label_test(found))
        position = found.end()
    return lambda obj: all(test(obj) for test in tests)


def _label_test(found: re.Match[str]) -> Predicate:
    if found["absent"]:
        return lambda obj: found["missing"] not in _labels(obj)
    key = found["key"]
    if found["set"]:
        values = {value.strip() for value in found["values"].split(",")}
        wanted = found["set"] == "in"
        return lambda obj: (_labels(obj).get(key) in values) is wanted
    if found["op"]:
        wanted = found["op"] != "!="
        return lambda obj: (_labels(obj).get(key) == found["value"]) is wanted
    return lambda obj: key in _labels(obj)


def _labels(obj: Manifest) -> Manifest:
    return metadata_of(obj).get("labels") or {}


def parse_fields(text: str, resource: Resource) -> Predicate:
    """Return the predicate for a field selector; only the fields the real API indexes count."""
    tests = [_field_test(part, resource) for part in text.split(",") if part]
    return lambda obj: all(test(obj) for test in tests)


def _field_test(part: str, resource: Resource) -> Predicate:
    field, operator, value = re.match(r"([^=!]*)(==|!=|=|)(.*)", part, re.DOTALL).groups()  # type: ignore[union-attr]
    if not operator:
        raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    if field not in ("metadata.name", "metadata.namespace", *_FIELDS.get(resource.plural, ())):
        raise ApiError(400, "BadRequest", f"field label not supported: {field}")
    path = "source.component" if field == "source" else field
    return lambda obj: (_text(dig(obj, path)) == value) is (operator != "!=")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
