"""The row of a pod, whose STATUS is worked out from its containers."""

from datetime import datetime

from punchingfist.lab.kubernetes.columns.layout import NONE, Cells, age, layout, name_of
from punchingfist.lab.kubernetes.objects import Manifest, condition_of, dig, metadata_of
from punchingfist.lab.kubernetes.times import age_of


def _ended(terminated: Manifest) -> str:
    if reason := terminated.get("reason"):
        return str(reason)
    if signal := terminated.get("signal"):
        return f"Signal:{signal}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _initialising(pod: Manifest) -> str | None:
    """Return why the pod has not come past its init containers, if it has not."""
    statuses = dig(pod, "status.initContainerStatuses") or []
    for done, status in enumerate(statuses):
        state = status.get("state") or {}
        terminated, waiting = state.get("terminated"), state.get("waiting") or {}
        if terminated and terminated.get("exitCode") == 0:
            continue
        if terminated:
            return f"Init:{_ended(terminated)}"
        if waiting.get("reason") not in (None, "PodInitializing"):
            return f"Init:{waiting['reason']}"
        return f"Init:{done}/{len(dig(pod, 'spec.initContainers') or [])}"
    return None


def _running(pod: Manifest) -> str:
    """Return the status that the main containers give the pod; the first one wins."""
    reason = dig(pod, "status.reason") or dig(pod, "status.phase") or "Unknown"
    statuses = dig(pod, "status.containerStatuses") or []
    for status in reversed(statuses):
        state = status.get("state") or {}
        if waiting := (state.get("waiting") or {}).get("reason"):
            reason = waiting
        elif terminated := state.get("terminated"):
            reason = _ended(terminated)
    if reason == "Completed" and any("running" in (s.get("state") or {}) for s in statuses):
        return "Running" if condition_of(pod, "Ready").get("status") == "True" else "NotReady"
    return str(reason)


def pod_status(pod: Manifest) -> str:
    """Return the STATUS cell: `Running`, `CrashLoopBackOff`, `Init:0/1`, `Terminating`…"""
    if metadata_of(pod).get("deletionTimestamp"):
        return "Terminating"
    return _initialising(pod) or _running(pod)


def _restarts(statuses: list[Manifest], now: datetime) -> str:
    count = sum(status.get("restartCount", 0) for status in statuses)
    ends = [dig(status, "lastState.terminated.finishedAt") for status in statuses]
    last = max((end for end in ends if end), default=None)
    return f"{count} ({age_of(last, now)} ago)" if count and last else str(count)


def _row(pod: Manifest, now: datetime) -> Cells:
    statuses = dig(pod, "status.containerStatuses") or []
    ready = sum(bool(status.get("ready")) for status in statuses)
    return (
        name_of(pod),
        f"{ready}/{len(dig(pod, 'spec.containers') or [])}",
        pod_status(pod),
        _restarts(statuses, now),
        age(pod, now),
        dig(pod, "status.podIP") or NONE,
        dig(pod, "spec.nodeName") or NONE,
        dig(pod, "status.nominatedNodeName") or NONE,
        NONE,
    )


LAYOUTS = {
    "pods": layout(
        "Name, Ready, Status, Restarts, Age, +IP, +Node, +Nominated Node, +Readiness Gates", _row
    ),
}
