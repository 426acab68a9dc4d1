"""As much OpenAPI v3 as `kubectl apply` and `kubectl patch` look at before they write."""

from punchingfist.lab.kubernetes.objects import Manifest
from punchingfist.lab.kubernetes.resources import Catalogue, Resource
from punchingfist.lab.kubernetes.statuses import no_such_path

_ROOT = "/openapi/v3"
_OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def find_document(catalogue: Catalogue, path: str) -> Manifest | None:
    """Return the index or the document of one group and version, None for other paths."""
    if path == _ROOT:
        prefixes = dict.fromkeys(_prefix(resource) for resource in catalogue)
        return {"paths": {p: {"serverRelativeURL": f"{_ROOT}/{p}"} for p in prefixes}}
    if not path.startswith(f"{_ROOT}/"):
        return None
    wanted = path.removeprefix(f"{_ROOT}/")
    found = [resource for resource in catalogue if _prefix(resource) == wanted]
    if not found:
        raise no_such_path()
    return {
        "openapi": "3.0.0",
        "info": {"title": "Practice cluster", "version": "v1"},
        "paths": {path: item for r in found for path, item in _paths(r).items()},
        "components": {"schemas": {_schema_name(r): _schema(r) for r in found}},
    }


def _prefix(resource: Resource) -> str:
    return f"apis/{resource.group_version}" if resource.group else f"api/{resource.version}"


def _gvk(resource: Resource) -> Manifest:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _paths(resource: Resource) -> dict[str, Manifest]:
    scope = "/namespaces/{namespace}" if resource.namespaced else ""
    every = f"/{_prefix(resource)}{scope}/{resource.plural}"
    return {
        every: {"get": _operation(resource, "list"), "post": _operation(resource, "post")},
        f"{every}/{{name}}": {
            verb: _operation(resource, verb) for verb in ("get", "put", "patch", "delete")
        },
    }


def _operation(resource: Resource, action: str) -> Manifest:
    parameters = [
        {"name": name, "in": "query", "schema": {"type": "string"}}
        for name in ("dryRun", "fieldManager", "fieldValidation")
    ]
    return {
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _gvk(resource),
    }


def _schema_name(resource: Resource) -> str:
    group = ".".join(reversed(resource.group.split("."))) if resource.group else "core"
    return f"{group}.{resource.version}.{resource.kind}"


def _schema(resource: Resource) -> Manifest:
    return {**(resource.schema or _OPEN), "x-kubernetes-group-version-kind": [_gvk(resource)]}
