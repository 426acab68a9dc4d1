"""Run a command without a kubectl binary, over the cluster's API."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand
from punchingfist.domain.json import JsonObject
from punchingfist.operations.kubectl.answers import Answer
from punchingfist.operations.kubectl.client import Api, ServerSaid
from punchingfist.operations.kubectl.describe import run_describe
from punchingfist.operations.kubectl.events import run_events
from punchingfist.operations.kubectl.get import run_get
from punchingfist.operations.kubectl.kinds import NoSuchKind, find_kind
from punchingfist.operations.kubectl.logs import run_logs
from punchingfist.operations.kubectl.rollouts import run_rollout_history, run_rollout_status
from punchingfist.operations.kubectl.top import run_top
from punchingfist.ports.cluster import Cluster

_REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def why_not_over_api(command: KubectlCommand) -> str | None:
    """Return why only a kubectl binary can answer *command*, None when the API suffices."""
    output = command.flags.get("output", "")
    if command.verb == "events" and output in {"wide", "name"}:
        return f"output {output!r} of events needs a kubectl binary; use -o json"
    return None


async def run_over_api(
    command: KubectlCommand, cluster: Cluster, *, now: datetime, timeout_seconds: float
) -> Answer:
    """
    Return what kubectl would answer to *command*.

    Raises:
        Unavailable: the cluster cannot be reached.
    """
    api = Api(cluster, timeout_seconds=timeout_seconds)
    try:
        return await _run(command, api, now)
    except (ServerSaid, NoSuchKind) as said:
        return Answer("", f"{said}\n", 1)


async def _run(command: KubectlCommand, api: Api, now: datetime) -> Answer:
    if command.verb in _DATED:
        return await _DATED[command.verb](command, api, now)
    return await _TIMELESS[command.verb](command, api)


async def _can_i(command: KubectlCommand, api: Api) -> Answer:
    (target,) = command.targets
    (verb,) = command.words
    kind = await find_kind(api, target.type)
    attributes = {
        "verb": verb,
        "group": kind.group,
        "resource": kind.plural,
        "subresource": command.flags.get("subresource", ""),
        "namespace": command.namespace,
        "name": target.name or "",
    }
    body: JsonObject = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    status = (await api.post(_REVIEW, body)).get("status") or {}
    if status.get("allowed"):
        return Answer("yes\n")
    reason = f" - {status['reason']}" if status.get("reason") else ""
    return Answer(f"no{reason}\n", "", 1)


# What prints ages needs to know the time.
_DATED: Mapping[str, Callable[[KubectlCommand, Api, datetime], Awaitable[Answer]]] = {
    "get": run_get,
    "describe": run_describe,
    "events": run_events,
}
_TIMELESS: Mapping[str, Callable[[KubectlCommand, Api], Awaitable[Answer]]] = {
    "logs": run_logs,
    "top": run_top,
    "rollout status": run_rollout_status,
    "rollout history": run_rollout_history,
    "auth can-i": _can_i,
}
