"""`kubectl rollout status` and `rollout history` over the API."""

from collections.abc import Sequence

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand
from punchingfist.operations.kubectl.answers import Answer
from punchingfist.operations.kubectl.client import Api, Manifest
from punchingfist.operations.kubectl.kinds import Kind, find_kind
from punchingfist.operations.kubectl.layout import columns, to_yaml

_REVISION = "deployment.kubernetes.io/revision"
_CAUSE = "kubernetes.io/change-cause"


async def run_rollout_status(command: KubectlCommand, api: Api) -> Answer:
    """Say where the rollout stands now; nothing is waited for."""
    (target,) = command.targets
    kind = await find_kind(api, target.type)
    workload = await api.get(kind.path(command.namespace, target.name or ""))
    name, status = workload["metadata"]["name"], workload.get("status") or {}
    if workload["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        what = {"daemonsets": "daemon set"}.get(kind.plural, kind.kind.lower())
        return Answer(f"Waiting for {what} spec update to be observed...\n")
    if kind.plural == "deployments" and _is_past_its_deadline(status):
        return Answer("", f'error: deployment "{name}" exceeded its progress deadline\n', 1)
    says = {"deployments": _deployment, "statefulsets": _stateful_set, "daemonsets": _daemon_set}
    return Answer(says[kind.plural](name, workload.get("spec") or {}, status) + "\n")


def _is_past_its_deadline(status: Manifest) -> bool:
    return any(
        one.get("type") == "Progressing" and one.get("reason") == "ProgressDeadlineExceeded"
        for one in status.get("conditions") or ()
    )


def _deployment(name: str, spec: Manifest, status: Manifest) -> str:
    waiting = f'Waiting for deployment "{name}" rollout to finish:'
    wanted, there = spec.get("replicas", 1), status.get("replicas", 0)
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    if updated < wanted:
        return f"{waiting} {updated} out of {wanted} new replicas have been updated..."
    if there > updated:
        return f"{waiting} {there - updated} old replicas are pending termination..."
    if available < updated:
        return f"{waiting} {available} of {updated} updated replicas are available..."
    return f'deployment "{name}" successfully rolled out'


def _stateful_set(name: str, spec: Manifest, status: Manifest) -> str:
    wanted, ready = spec.get("replicas", 1), status.get("readyReplicas", 0)
    revision = status.get("updateRevision", "")
    if ready < wanted:
        return f"Waiting for {wanted - ready} pods to be ready..."
    updated = status.get("updatedReplicas", 0)
    partition = ((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition")
    if partition is not None:
        due = wanted - partition
        if updated < due:
            return (
                "Waiting for partitioned roll out to finish: "
                f"{updated} out of {due} new pods have been updated..."
            )
        return f"partitioned roll out complete: {updated} new pods have been updated..."
    if revision != status.get("currentRevision", ""):
        return (
            "waiting for statefulset rolling update to complete "
            f"{updated} pods at revision {revision}..."
        )
    there = status.get("currentReplicas", 0)
    return f"statefulset rolling update complete {there} pods at revision {revision}..."


def _daemon_set(name: str, spec: Manifest, status: Manifest) -> str:
    waiting = f'Waiting for daemon set "{name}" rollout to finish:'
    wanted = status.get("desiredNumberScheduled", 0)
    updated, available = status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)
    if updated < wanted:
        return f"{waiting} {updated} out of {wanted} new pods have been updated..."
    if available < wanted:
        return f"{waiting} {available} of {wanted} updated pods are available..."
    return f'daemon set "{name}" successfully rolled out'


async def run_rollout_history(command: KubectlCommand, api: Api) -> Answer:
    """List revisions, or show the pod template of one."""
    (target,) = command.targets
    kind = await find_kind(api, target.type)
    workload = await api.get(kind.path(command.namespace, target.name or ""))
    revisions = await _revisions(workload, kind, command, api)
    title = f"{kind.prefix}/{target.name}"
    if "revision" not in command.flags:
        rows = [(str(number), _cause(one)) for number, one in revisions]
        return Answer(f"{title} \n" + columns([("REVISION", "CHANGE-CAUSE"), *rows]) + "\n")
    wanted = int(command.flags["revision"])
    found = next((one for number, one in revisions if number == wanted), None)
    if found is None:
        return Answer("", "error: unable to find the specified revision\n", 1)
    return Answer(f"{title} with revision #{wanted}\nPod Template:\n{to_yaml(_template(found))}")


async def _revisions(
    workload: Manifest, kind: Kind, command: KubectlCommand, api: Api
) -> Sequence[tuple[int, Manifest]]:
    of_deployment = kind.plural == "deployments"
    held_by = await find_kind(api, "replicasets" if of_deployment else "controllerrevisions")
    uid = workload["metadata"].get("uid")
    found = [
        (_number(one), one)
        for one in await api.list_all(held_by.path(command.namespace))
        if any(o.get("uid") == uid for o in one["metadata"].get("ownerReferences") or ())
    ]
    return sorted(((number, one) for number, one in found if number), key=lambda pair: pair[0])


def _number(held: Manifest) -> int:
    annotations = held["metadata"].get("annotations") or {}
    return int(held.get("revision") or annotations.get(_REVISION) or 0)


def _cause(held: Manifest) -> str:
    return (held["metadata"].get("annotations") or {}).get(_CAUSE) or "<none>"


def _template(held: Manifest) -> object:
    holder = held.get("spec") or (held.get("data") or {}).get("spec") or {}
    return holder.get("template") or {}
