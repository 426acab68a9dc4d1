"""What is served: the version, the groups and their kinds, in the old shape and the aggregated."""

from punchingfist.lab.kubernetes.objects import Manifest
from punchingfist.lab.kubernetes.resources import Catalogue, Resource
from punchingfist.lab.kubernetes.statuses import no_such_path

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
VERSION = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.0+practice",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2025-08-27T10:00:00Z",
    "goVersion": "go1.24.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_SUBRESOURCE_KINDS = {
    "scale": ("autoscaling", "v1", "Scale"),
    "token": ("authentication.k8s.io", "v1", "TokenRequest"),
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "v1", "Binding"),
}


def find_document(catalogue: Catalogue, path: str, *, aggregated: bool) -> Manifest | None:
    """Return the discovery document at *path*, or None where objects are served."""
    match path.strip("/").split("/"):
        case ["version"]:
            return VERSION
        case ["api" | "apis" as root]:
            return (_aggregate if aggregated else _root)(catalogue, core=root == "api")
        case ["apis", name]:
            if name not in catalogue.groups():
                raise no_such_path()
            group = _group(name, catalogue.groups()[name])
            return {"apiVersion": "v1", "kind": "APIGroup", **group}
        case ["api", version]:
            return _resource_list(catalogue, "", version)
        case ["apis", group, version]:
            return _resource_list(catalogue, group, version)
    return None


def _root(catalogue: Catalogue, *, core: bool) -> Manifest:
    if core:
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
    groups = [_group(name, versions) for name, versions in catalogue.groups().items() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _group(name: str, versions: list[str]) -> Manifest:
    served = [{"groupVersion": f"{name}/{v}", "version": v} for v in versions]
    return {"name": name, "versions": served, "preferredVersion": served[0]}


def _resource_list(catalogue: Catalogue, group: str, version: str) -> Manifest:
    found = [r for r in catalogue if (r.group, r.version) == (group, version)]
    if not found:
        raise no_such_path()
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": found[0].group_version,
        "resources": [entry for resource in found for entry in _entries(resource)],
    }


def _entries(resource: Resource) -> list[Manifest]:
    whole: Manifest = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
        "shortNames": list(resource.short_names),
        "categories": list(resource.categories),
    }
    return [whole, *(_sub_entry(resource, name) for name in resource.subresources)]


def _sub_entry(resource: Resource, name: str) -> Manifest:
    entry: Manifest = {
        "name": f"{resource.plural}/{name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": _sub_verbs(name),
    }
    if name in _SUBRESOURCE_KINDS:
        group, version, kind = _SUBRESOURCE_KINDS[name]
        entry |= {"group": group, "version": version, "kind": kind}
    return entry


def _sub_verbs(name: str) -> list[str]:
    if name == "log":
        return ["get"]
    return ["create"] if name in ("token", "eviction", "binding") else ["get", "patch", "update"]


def _aggregate(catalogue: Catalogue, *, core: bool) -> Manifest:
    groups = {name: v for name, v in catalogue.groups().items() if (name == "") is core}
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": [
            {
                "metadata": {"name": name} if name else {},
                "versions": [_aggregate_version(catalogue, name, version) for version in versions],
            }
            for name, versions in groups.items()
        ],
    }


def _aggregate_version(catalogue: Catalogue, group: str, version: str) -> Manifest:
    found = [r for r in catalogue if (r.group, r.version) == (group, version)]
    resources = [_aggregate_resource(resource) for resource in found]
    return {"version": version, "resources": resources, "freshness": "Current"}


def _aggregate_resource(resource: Resource) -> Manifest:
    return {
        "resource": resource.plural,
        "responseKind": _kind(resource.group, resource.version, resource.kind),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
        "shortNames": list(resource.short_names),
        "categories": list(resource.categories),
        "subresources": [
            {
                "subresource": name,
                "responseKind": _kind(
                    *_SUBRESOURCE_KINDS.get(name, (resource.group, resource.version, resource.kind))
                ),
                "verbs": _sub_verbs(name),
            }
            for name in resource.subresources
        ],
    }


def _kind(group: str, version: str, kind: str) -> Manifest:
    return {"group": group, "version": version, "kind": kind}
