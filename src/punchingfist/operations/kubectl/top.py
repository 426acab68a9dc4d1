"""`kubectl top` over the API."""

from collections.abc import Sequence

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand
from punchingfist.operations.kubectl.answers import Answer
from punchingfist.operations.kubectl.client import Api, Manifest, ServerSaid
from punchingfist.operations.kubectl.layout import columns, mebibytes, millicores, quantity

_Row = tuple[tuple[str, ...], tuple[float, float]]
_METRICS = "/apis/metrics.k8s.io/v1beta1"


async def run_top(command: KubectlCommand, api: Api) -> Answer:
    """Answer `top pods` and `top nodes` from the metrics API."""
    of_nodes = command.resources[0].startswith("no")
    try:
        measured = await _measured(command, api, "nodes" if of_nodes else "pods")
    except ServerSaid as said:
        if said.reason == "NotFound" and not command.names:
            return Answer("", "error: Metrics API not available\n", 1)
        raise
    if not measured:
        where = f" in {command.namespace} namespace" if command.namespace else ""
        return Answer("", f"No resources found{where}.\n")
    rows = await _node_rows(measured, command, api) if of_nodes else _pod_rows(measured, command)
    return Answer(columns(rows[1:] if command.is_set("no-headers") else rows))


async def _measured(command: KubectlCommand, api: Api, plural: str) -> list[Manifest]:
    place = f"/namespaces/{command.namespace}" if command.namespace and plural == "pods" else ""
    path = f"{_METRICS}{place}/{plural}"
    if command.names:
        return [await api.get(f"{path}/{name}") for name in command.names]
    selector = command.flags.get("selector")
    found = await api.list_all(path, {"labelSelector": selector} if selector else {})
    return sorted(found, key=_place)


def _place(one: Manifest) -> tuple[str, str]:
    return one["metadata"].get("namespace", ""), one["metadata"]["name"]


def _sum(usages: Sequence[Manifest]) -> tuple[float, float]:
    return (
        sum(quantity(usage.get("cpu", 0)) for usage in usages),
        sum(quantity(usage.get("memory", 0)) for usage in usages),
    )


def _pod_rows(measured: Sequence[Manifest], command: KubectlCommand) -> list[tuple[str, ...]]:
    found: list[_Row] = []
    for pod in measured:
        namespace, name = _place(pod)
        place = (namespace,) if command.is_set("all-namespaces") else ()
        containers = pod.get("containers") or ()
        if command.is_set("containers"):
            found += [((*place, name, c["name"]), _sum([c["usage"]])) for c in containers]
        else:
            found.append(((*place, name), _sum([c["usage"] for c in containers])))
    _sort(found, command)
    heading = (
        *(("NAMESPACE",) if command.is_set("all-namespaces") else ()),
        *(("POD", "NAME") if command.is_set("containers") else ("NAME",)),
        "CPU(cores)",
        "MEMORY(bytes)",
    )
    return [heading, *((*names, millicores(cpu), mebibytes(size)) for names, (cpu, size) in found)]


def _sort(found: list[_Row], command: KubectlCommand) -> None:
    by = {"cpu": 0, "memory": 1}.get(command.flags.get("sort-by", ""))
    if by is not None:
        found.sort(key=lambda row: -row[1][by])


async def _node_rows(
    measured: Sequence[Manifest], command: KubectlCommand, api: Api
) -> list[tuple[str, ...]]:
    nodes = {node["metadata"]["name"]: node for node in await api.list_all("/api/v1/nodes")}
    found: list[_Row] = [((n["metadata"]["name"],), _sum([n["usage"]])) for n in measured]
    _sort(found, command)
    rows: list[tuple[str, ...]] = [("NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)")]
    for (name, *_), (cpu, size) in found:
        room = nodes.get(name, {}).get("status", {}).get("allocatable") or {}
        cpu_share, size_share = _share(cpu, room.get("cpu")), _share(size, room.get("memory"))
        rows.append((name, millicores(cpu), cpu_share, mebibytes(size), size_share))
    return rows


def _share(used: float, room: object) -> str:
    whole = quantity(room)
    return f"{int(used / whole * 100)}%" if whole else "<unknown>"
