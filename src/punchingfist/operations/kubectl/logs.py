"""`kubectl logs` over the API."""

from collections.abc import Sequence

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand
from punchingfist.operations.kubectl.answers import Answer
from punchingfist.operations.kubectl.client import Api, Manifest, ServerSaid
from punchingfist.operations.kubectl.kinds import find_kind

_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
_MOST_PODS = 20
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class NoSuchContainer(Exception):
    """The pod has none of that name."""

    def __init__(self, name: str, pod: str, known: Sequence[str]) -> None:
        where = f"for pod {pod} out of: {', '.join(known)}"
        super().__init__(f"error: container {name} is not valid {where}")


async def run_logs(command: KubectlCommand, api: Api) -> Answer:
    """Answer `logs` of a pod, of the first pod of a workload, or of all a selector chooses."""
    pods = await _pods(command, api)
    texts, complaints = [], []
    for pod in pods[:_MOST_PODS]:
        try:
            for container in _containers(command, pod):
                texts.append(await _read(command, api, pod, container))  # noqa: PERF401 - keep what was read
        except (ServerSaid, NoSuchContainer) as said:
            complaints.append(f"{said}\n")
    if not pods:
        return Answer("", f"No resources found in {command.namespace} namespace.\n")
    truncated = api.truncated or len(pods) > _MOST_PODS
    return Answer("".join(texts), "".join(complaints), 1 if complaints else 0, truncated=truncated)


async def _pods(command: KubectlCommand, api: Api) -> list[Manifest]:
    kind = await find_kind(api, "pods")
    path = kind.path(command.namespace)
    if selector := command.flags.get("selector"):
        return await api.list_all(path, {"labelSelector": selector})
    (target,) = command.targets
    owner = await find_kind(api, target.type)
    found = await api.get(owner.path(command.namespace, target.name or ""))
    if owner.plural == "pods":
        return [found]
    pods = await api.list_all(path, {"labelSelector": _selector(found)})
    if not pods:
        raise ServerSaid("NotFound", f"no pod of {owner.prefix} {target.name!r} is there")
    return sorted(pods, key=_readiest_first)[:1]


def _selector(owner: Manifest) -> str:
    wanted = owner["spec"].get("selector") or {}
    labels = wanted.get("matchLabels", wanted)
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def _readiest_first(pod: Manifest) -> tuple[bool, bool, str]:
    status = pod.get("status") or {}
    ready = any(
        one.get("type") == "Ready" and one.get("status") == "True"
        for one in status.get("conditions") or ()
    )
    return status.get("phase") != "Running", not ready, pod["metadata"]["name"]


def _containers(command: KubectlCommand, pod: Manifest) -> list[str]:
    spec = pod["spec"]
    names = [one["name"] for one in spec["containers"]]
    others = ("initContainers", "ephemeralContainers")
    every = [one["name"] for key in others for one in spec.get(key) or ()] + names
    if named := command.flags.get("container"):
        if named not in every:
            raise NoSuchContainer(named, pod["metadata"]["name"], every)
        return [named]
    if command.is_set("all-containers"):
        return every
    chosen = str((pod["metadata"].get("annotations") or {}).get(_DEFAULT_CONTAINER))
    return [chosen] if chosen in names else names[:1]


async def _read(command: KubectlCommand, api: Api, pod: Manifest, container: str) -> str:
    metadata = pod["metadata"]
    path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/log"
    limit = int(command.flags["limit-bytes"])
    text = await api.get_text(path, _query(command, container), limit_bytes=limit)
    if not command.is_set("prefix"):
        return text
    mark = f"[pod/{metadata['name']}/{container}] "
    return "".join(mark + line for line in text.splitlines(keepends=True))


def _query(command: KubectlCommand, container: str) -> dict[str, str]:
    flags = command.flags
    query = {"container": container, "limitBytes": flags["limit-bytes"]}
    if int(flags["tail"]) >= 0:
        query["tailLines"] = flags["tail"]
    for switch in ("previous", "timestamps"):
        if command.is_set(switch):
            query[switch] = "true"
    if "since" in flags:
        query["sinceSeconds"] = str(_seconds(flags["since"]))
    if "since-time" in flags:
        query["sinceTime"] = flags["since-time"]
    return query


def _seconds(duration: str) -> int:
    """Return `1h30m` in whole seconds, at least one."""
    total, number = 0.0, ""
    for character in duration.replace("ms", "z"):
        if character in _SECONDS or character == "z":
            total += float(number or 0) * _SECONDS.get(character, 0.001)
            number = ""
        else:
            number += character
    return max(1, round(total))
