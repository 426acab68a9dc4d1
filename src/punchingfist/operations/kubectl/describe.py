"""`kubectl describe` over the API: the object without noise, its owners and its events."""

from datetime import datetime

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand
from punchingfist.operations.kubectl.answers import Answer
from punchingfist.operations.kubectl.client import (
    Api,
    Manifest,
    ServerSaid,
    without_managed_fields,
)
from punchingfist.operations.kubectl.events import about_object, render_events
from punchingfist.operations.kubectl.kinds import Kind, find_kind, find_owner_kind
from punchingfist.operations.kubectl.layout import to_yaml

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_MOST_OBJECTS, _MOST_OWNERS = 20, 5
_NOTE = "# Read from the API without kubectl: the object, its owners and its events."


async def run_describe(command: KubectlCommand, api: Api, now: datetime) -> Answer:
    """Describe every object meant, at most twenty."""
    texts, complaints, found = [], [], 0
    for target in command.targets:
        try:
            kind = await find_kind(api, target.type)
            objects = await _objects(command, api, kind, target.name)
            found += len(objects)
            shown = objects[:_MOST_OBJECTS]
            texts += [await _describe(command, api, kind, obj, now) for obj in shown]
        except ServerSaid as said:
            complaints.append(f"{said}\n")
    if not texts and not complaints:
        where = f" in {command.namespace} namespace" if command.namespace else ""
        return Answer("", f"No resources found{where}.\n")
    note = f"{_NOTE}\n" if texts else ""
    return Answer(
        note + "\n".join(texts),
        "".join(complaints),
        1 if complaints else 0,
        truncated=api.truncated or found > len(texts),
    )


async def _objects(
    command: KubectlCommand, api: Api, kind: Kind, name: str | None
) -> list[Manifest]:
    if name is not None:
        return [await api.get(kind.path(command.namespace, name))]
    selector = command.flags.get("selector")
    params = {"labelSelector": selector} if selector else {}
    return await api.list_all(kind.path(command.namespace), params)


async def _describe(
    command: KubectlCommand, api: Api, kind: Kind, obj: Manifest, now: datetime
) -> str:
    metadata = obj["metadata"]
    lines = [f"Name: {metadata['name']}", f"Kind: {kind.kind}"]
    if namespace := metadata.get("namespace"):
        lines.append(f"Namespace: {namespace}")
    lines += [f"Controlled By: {owner}" for owner in await _owners(api, obj)]
    text = "\n".join(lines) + "\n" + to_yaml(_without_noise(obj))
    if command.flags.get("show-events") == "false":
        return text
    events = await find_kind(api, "events")
    params = {"fieldSelector": about_object(kind.kind, metadata["name"])}
    seen = await api.list_all(events.path(metadata.get("namespace", "")), params)
    return text + ("Events:\n" + render_events(seen, now) if seen else "Events: <none>\n")


async def _owners(api: Api, obj: Manifest) -> list[str]:
    """Follow the controllers upwards, as far as they can be read."""
    chain: list[str] = []
    for _ in range(_MOST_OWNERS):
        metadata = obj["metadata"]
        references = metadata.get("ownerReferences") or ()
        owner = next((one for one in references if one.get("controller")), None)
        if owner is None:
            break
        chain.append(f"{owner['kind']}/{owner['name']}")
        try:
            kind = await find_owner_kind(api, owner["apiVersion"], owner["kind"])
            if kind is None:
                break
            obj = await api.get(kind.path(metadata.get("namespace", ""), owner["name"]))
        except ServerSaid:
            break
    return chain


def _without_noise(obj: Manifest) -> Manifest:
    shown = without_managed_fields(obj)
    annotations = shown["metadata"].get("annotations") or {}
    if _LAST_APPLIED in annotations:
        kept = {key: value for key, value in annotations.items() if key != _LAST_APPLIED}
        shown["metadata"]["annotations"] = kept
    return shown
