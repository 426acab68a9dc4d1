"""One request, understood: which kind, which object, which verb, by whom."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from punchingfist.lab.kubernetes.access import Attempt, User
from punchingfist.lab.kubernetes.objects import Key, Manifest
from punchingfist.lab.kubernetes.protobuf import MAGIC, read_protobuf
from punchingfist.lab.kubernetes.resources import Resource
from punchingfist.lab.kubernetes.statuses import bad_request

_NAMESPACE_PARTS = ("status", "finalize")


class Place(NamedTuple):
    """What a path points at; absent parts are empty."""

    group: str
    version: str
    namespace: str
    plural: str
    name: str
    subresource: str


@dataclass(frozen=True, slots=True)
class Call:
    """A request for objects of one kind."""

    verb: str
    resource: Resource
    namespace: str
    name: str
    subresource: str
    query: Mapping[str, str]
    accept: str
    content_type: str
    body: Any
    user: User
    manager: str

    @property
    def key(self) -> Key:
        """Where the object asked for lives."""
        return Key(self.namespace, self.name)

    @property
    def dry_run(self) -> bool:
        """Tell whether nothing may be kept; deletions say so in their options."""
        return self.query.get("dryRun") == "All" or "All" in self.delete_options.get("dryRun", ())

    @property
    def delete_options(self) -> Manifest:
        """Return how to delete: the body of a DELETE, a part of an eviction."""
        body = self.body if isinstance(self.body, dict) else {}
        if self.subresource == "eviction":
            return body.get("deleteOptions") or {}
        return body if self.verb.startswith("delete") else {}

    @property
    def wants_table(self) -> bool:
        """Tell whether the client asked for columns."""
        return "as=Table" in self.accept

    @property
    def attempt(self) -> Attempt:
        """Return the call as the access policy sees it."""
        return Attempt(
            self.user,
            self.verb,
            self.resource.group,
            self.resource.plural,
            self.subresource,
            self.namespace,
            self.name,
        )

    def manifest(self) -> Manifest:
        """Return the body, which must be an object."""
        if not isinstance(self.body, dict):
            raise bad_request("the request body is not an object")
        return self.body


def parse_path(path: str) -> Place | None:
    """Return the objects that *path* points at, None if it is of another kind."""
    match path.strip("/").split("/"):
        case ["api", version, *rest] if rest:
            group = ""
        case ["apis", group, version, *rest] if rest:
            pass
        case _:
            return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in _NAMESPACE_PARTS:
        _, namespace, *rest = rest
    plural, name, *subresource = [*rest, ""] if len(rest) == 1 else rest
    return Place(group, version, namespace, plural, name, "/".join(subresource))


def verb_of(method: str, place: Place, query: Mapping[str, str]) -> str:
    """Return the verb that roles know this request by."""
    match method:
        case "GET" if query.get("watch") in ("1", "true"):
            return "watch"
        case "GET":
            return "get" if place.name else "list"
        case "POST":
            return "create"
        case "PUT":
            return "update"
        case "PATCH":
            return "patch"
    return "delete" if place.name else "deletecollection"


def parse_body(raw: bytes, content_type: str) -> Any:
    """Return what was sent: JSON, YAML, or a review in protobuf."""
    if not raw:
        return None
    if raw.startswith(MAGIC):
        return read_protobuf(raw)
    try:
        return yaml.safe_load(raw) if "yaml" in content_type else json.loads(raw)
    except (ValueError, yaml.YAMLError) as cause:
        raise bad_request(f"the object provided is unrecognized: {cause}") from cause
