"""Names and paths that may stand only once."""

from collections.abc import Iterable, Iterator
from typing import Any

from punchingfist.domain.resources.document import Loaded
from punchingfist.domain.resources.operator_config import OperatorConfig
from punchingfist.domain.resources.sources import Source
from punchingfist.domain.resources.workflows import Workflow
from punchingfist.domain.yaml_tree import Path
from punchingfist.errors import InvalidInput

_PATHS = {"webhook": "path", "api": "endpoint"}
"""Which field of a source's `config` is a path on the server."""


def duplicates(loaded: Iterable[Loaded]) -> Iterator[InvalidInput]:
    """Refuse a second resource of a name, source on a path, or step of a name."""
    names: dict[Any, Loaded] = {}
    paths: dict[str, Loaded] = {}
    for each in loaded:
        resource = each.resource
        first = names.setdefault((resource.kind, resource.name), each)
        if first is not each and not _is_fragment(each):
            message = (
                f"{resource.name!r} is taken by {_where(first, ('metadata', 'name'))}; rename one"
            )
            yield each.problem(("metadata", "name"), message, resource.name)
        if isinstance(resource, Workflow):
            yield from _duplicate_names(each, resource)
        if isinstance(resource, Source) and resource.spec.type in _PATHS:
            yield from _duplicate_path(each, resource, paths)


def _is_fragment(loaded: Loaded) -> bool:
    """Tell whether it is an OperatorConfig without a name: one counts, and the others say so."""
    resource = loaded.resource
    return isinstance(resource, OperatorConfig) and not loaded.is_named


def _duplicate_names(loaded: Loaded, workflow: Workflow) -> Iterator[InvalidInput]:
    for field in ("steps", "outputs"):
        seen: dict[str, int] = {}
        for index, item in enumerate(getattr(workflow.spec, field)):
            first = seen.setdefault(item.name, index)
            if first != index:
                path: Path = ("spec", field, index, "name")
                message = f"{item.name!r} is already spec.{field}[{first}]; rename one"
                yield loaded.problem(path, message, item.name)


def _duplicate_path(
    loaded: Loaded, source: Source, taken: dict[str, Loaded]
) -> Iterator[InvalidInput]:
    name = _PATHS[source.spec.type]
    path = source.spec.config.get(name)
    if not isinstance(path, str):
        return
    first = taken.setdefault(path.rstrip("/"), loaded)
    if first is not loaded and first.resource.name != source.name:
        field: Path = ("spec", "config", name)
        theirs = ("spec", "config", _PATHS[_type_of(first)])
        message = f"{path!r} is taken by {_where(first, theirs)}; give each source its own path"
        yield loaded.problem(field, message, path)


def _type_of(loaded: Loaded) -> str:
    assert isinstance(loaded.resource, Source)
    return loaded.resource.spec.type


def _where(loaded: Loaded, path: Path) -> str:
    line = loaded.document.line_of(path)
    place = f" ({loaded.file}:{line})" if loaded.file else ""
    return f"{loaded.resource.kind} {loaded.resource.name!r}{place}"
