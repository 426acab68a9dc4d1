"""`kubectl get` over the API."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand
from punchingfist.operations.kubectl.answers import Answer, to_json
from punchingfist.operations.kubectl.client import (
    Api,
    Manifest,
    ServerSaid,
    without_managed_fields,
)
from punchingfist.operations.kubectl.kinds import CATEGORY_ALL, Kind, NoSuchKind, find_kind
from punchingfist.operations.kubectl.layout import dig, sort_key, to_yaml
from punchingfist.operations.kubectl.tables import render_tables


@dataclass(frozen=True, slots=True)
class _Wanted:
    kind: Kind
    name: str | None


@dataclass(slots=True)
class _Found:
    """What came in so far, and what the server would not give."""

    objects: list[tuple[Kind, Manifest]] = field(default_factory=list)
    tables: list[tuple[Kind, Manifest]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


async def run_get(command: KubectlCommand, api: Api, now: datetime) -> Answer:
    """Answer `get` for every output that needs no template."""
    found, output = _Found(), command.flags.get("output", "")
    as_table = output in {"", "wide"}
    wanted = await _wanted(command, api, found)
    fetched = await asyncio.gather(
        *(_fetch(command, api, one, as_table=as_table) for one in wanted), return_exceptions=True
    )
    for one, pages in zip(wanted, fetched, strict=True):
        if isinstance(pages, ServerSaid):
            if not (pages.reason == "NotFound" and command.is_set("ignore-not-found")):
                found.complaints.append(str(pages))
        elif isinstance(pages, BaseException):
            raise pages
        elif as_table:
            found.tables.extend((one.kind, page) for page in pages)
        else:
            found.objects.extend((one.kind, obj) for page in pages for obj in _objects(page, one))
    text = render_tables(command, found.tables, now) if as_table else _documents(command, found)
    complaints = found.complaints
    nothing = not text and not complaints and not command.is_set("ignore-not-found")
    if nothing and as_table:
        where = f" in {command.namespace} namespace" if command.namespace else ""
        return Answer("", f"No resources found{where}.\n" if where else "No resources found\n")
    stderr = "".join(f"{line}\n" for line in complaints)
    return Answer(text, stderr, 1 if complaints else 0, truncated=api.truncated)


async def _wanted(command: KubectlCommand, api: Api, found: _Found) -> list[_Wanted]:
    wanted: list[_Wanted] = []
    for target in command.targets:
        names = CATEGORY_ALL if target.type == "all" else (target.type,)
        for name in names:
            try:
                wanted.append(_Wanted(await find_kind(api, name), target.name))
            except NoSuchKind as error:
                found.complaints.append(str(error))
    return wanted


async def _fetch(
    command: KubectlCommand, api: Api, wanted: _Wanted, *, as_table: bool
) -> list[Manifest]:
    path = wanted.kind.path(command.namespace, wanted.name or "")
    params = {"includeObject": _included(command)} if as_table else {}
    if wanted.name is not None:
        return [await api.get(path, params, as_table=as_table)]
    return await api.pages(path, params | _selectors(command), as_table=as_table)


def _objects(page: Manifest, wanted: _Wanted) -> list[Manifest]:
    """Return the objects of a page; those of a list are told what they are."""
    if wanted.name is not None:
        return [page]
    shared = {"apiVersion": page.get("apiVersion"), "kind": wanted.kind.kind}
    return [shared | item for item in page.get("items") or ()]


def _selectors(command: KubectlCommand) -> dict[str, str]:
    flags = {"labelSelector": "selector", "fieldSelector": "field-selector"}
    return {key: command.flags[flag] for key, flag in flags.items() if flag in command.flags}


def _included(command: KubectlCommand) -> str:
    if "sort-by" in command.flags:
        return "Object"
    needs_metadata = {"all-namespaces", "show-labels", "label-columns"} & set(command.flags)
    return "Metadata" if needs_metadata else "None"


def _documents(command: KubectlCommand, found: _Found) -> str:
    objects = found.objects
    if not command.is_set("show-managed-fields"):
        objects = [(kind, without_managed_fields(obj)) for kind, obj in objects]
    if path := command.flags.get("sort-by"):
        objects = sorted(objects, key=lambda pair: sort_key(dig(pair[1], path)))
    output = command.flags["output"]
    if output == "name":
        return "".join(f"{kind.prefix}/{obj['metadata']['name']}\n" for kind, obj in objects)
    if found.complaints and not objects:
        return ""
    if len(command.names) == 1 and len(objects) == 1:
        document: Manifest = objects[0][1]
    else:
        items = [obj for _, obj in objects]
        metadata = {"resourceVersion": ""}
        document = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": metadata}
    return to_json(document) if output == "json" else to_yaml(document)
