"""The rows of everything that owns pods."""

from datetime import datetime

from punchingfist.lab.kubernetes.columns.layout import (
    NONE,
    Cells,
    age,
    containers,
    layout,
    name_of,
    pairs,
    selector,
)
from punchingfist.lab.kubernetes.objects import Manifest, condition_of, dig
from punchingfist.lab.kubernetes.times import age_of, parse_stamp, span


def _count(obj: Manifest, path: str) -> int:
    return int(dig(obj, path) or 0)


def _wanted(obj: Manifest) -> int:
    replicas = dig(obj, "spec.replicas")
    return 1 if replicas is None else int(replicas)


def _pod_spec(obj: Manifest) -> Manifest:
    return dig(obj, "spec.template.spec") or {}


def _deployment(obj: Manifest, now: datetime) -> Cells:
    return (
        name_of(obj),
        f"{_count(obj, 'status.readyReplicas')}/{_wanted(obj)}",
        _count(obj, "status.updatedReplicas"),
        _count(obj, "status.availableReplicas"),
        age(obj, now),
        *containers(_pod_spec(obj)),
        selector(dig(obj, "spec.selector")),
    )


def _replica_set(obj: Manifest, now: datetime) -> Cells:
    return (
        name_of(obj),
        _wanted(obj),
        _count(obj, "status.replicas"),
        _count(obj, "status.readyReplicas"),
        age(obj, now),
        *containers(_pod_spec(obj)),
        selector(dig(obj, "spec.selector")),
    )


def _replication_controller(obj: Manifest, now: datetime) -> Cells:
    return (*_replica_set(obj, now)[:-1], pairs(dig(obj, "spec.selector")))


def _stateful_set(obj: Manifest, now: datetime) -> Cells:
    ready = f"{_count(obj, 'status.readyReplicas')}/{_wanted(obj)}"
    return (name_of(obj), ready, age(obj, now), *containers(_pod_spec(obj)))


def _daemon_set(obj: Manifest, now: datetime) -> Cells:
    return (
        name_of(obj),
        _count(obj, "status.desiredNumberScheduled"),
        _count(obj, "status.currentNumberScheduled"),
        _count(obj, "status.numberReady"),
        _count(obj, "status.updatedNumberScheduled"),
        _count(obj, "status.numberAvailable"),
        pairs(_pod_spec(obj).get("nodeSelector")),
        age(obj, now),
        *containers(_pod_spec(obj)),
        selector(dig(obj, "spec.selector")),
    )


def _job(obj: Manifest, now: datetime) -> Cells:
    started, ended = dig(obj, "status.startTime"), dig(obj, "status.completionTime")
    until = parse_stamp(ended) if ended else now
    completions = dig(obj, "spec.completions")
    return (
        name_of(obj),
        _job_status(obj),
        f"{_count(obj, 'status.succeeded')}/{1 if completions is None else completions}",
        span(until - parse_stamp(started)) if started else "",
        age(obj, now),
        *containers(_pod_spec(obj)),
        selector(dig(obj, "spec.selector")),
    )


def _job_status(obj: Manifest) -> str:
    for condition, word in (
        ("Complete", "Complete"),
        ("Failed", "Failed"),
        ("Suspended", "Suspended"),
    ):
        if condition_of(obj, condition).get("status") == "True":
            return word
    return "Running"


def _cron_job(obj: Manifest, now: datetime) -> Cells:
    last = dig(obj, "status.lastScheduleTime")
    return (
        name_of(obj),
        dig(obj, "spec.schedule") or "",
        dig(obj, "spec.timeZone") or NONE,
        str(bool(dig(obj, "spec.suspend"))),
        len(dig(obj, "status.active") or ()),
        age_of(last, now) if last else NONE,
        age(obj, now),
        *containers(dig(obj, "spec.jobTemplate.spec.template.spec") or {}),
    )


def _autoscaler(obj: Manifest, now: datetime) -> Cells:
    target = dig(obj, "spec.scaleTargetRef") or {}
    return (
        name_of(obj),
        f"{target.get('kind')}/{target.get('name')}",
        ", ".join(_metric(obj, wanted) for wanted in dig(obj, "spec.metrics") or ()) or NONE,
        _count(obj, "spec.minReplicas") or 1,
        _count(obj, "spec.maxReplicas"),
        _count(obj, "status.currentReplicas"),
        age(obj, now),
    )


def _metric(obj: Manifest, wanted: Manifest) -> str:
    name = dig(wanted, "resource.name")
    if name is None:
        return f"<unknown>/{wanted.get('type')}"
    seen: Manifest = next(
        (m for m in dig(obj, "status.currentMetrics") or () if dig(m, "resource.name") == name), {}
    )
    target, current = dig(wanted, "resource.target") or {}, dig(seen, "resource.current") or {}
    if "averageUtilization" in target:
        now = current.get("averageUtilization")
        return (
            f"{name}: {'<unknown>' if now is None else f'{now}%'}/{target['averageUtilization']}%"
        )
    return f"{name}: {current.get('averageValue', '<unknown>')}/{target.get('averageValue')}"


def _budget(obj: Manifest, now: datetime) -> Cells:
    least, most = dig(obj, "spec.minAvailable"), dig(obj, "spec.maxUnavailable")
    return (
        name_of(obj),
        "N/A" if least is None else str(least),
        "N/A" if most is None else str(most),
        _count(obj, "status.disruptionsAllowed"),
        age(obj, now),
    )


_WIDE = "+Containers, +Images, +Selector"
LAYOUTS = {
    "deployments": layout(f"Name, Ready, Up-to-date, Available, Age, {_WIDE}", _deployment),
    "replicasets": layout(f"Name, Desired, Current, Ready, Age, {_WIDE}", _replica_set),
    "replicationcontrollers": layout(
        f"Name, Desired, Current, Ready, Age, {_WIDE}", _replication_controller
    ),
    "statefulsets": layout("Name, Ready, Age, +Containers, +Images", _stateful_set),
    "daemonsets": layout(
        "Name, Desired, Current, Ready, Up-to-date, Available, Node Selector, Age, " + _WIDE,
        _daemon_set,
    ),
    "jobs": layout(f"Name, Status, Completions, Duration, Age, {_WIDE}", _job),
    "cronjobs": layout(
        "Name, Schedule, Timezone, Suspend, Active, Last Schedule, Age, +Containers, +Images",
        _cron_job,
    ),
    "horizontalpodautoscalers": layout(
        "Name, Reference, Targets, MinPods, MaxPods, Replicas, Age", _autoscaler
    ),
    "poddisruptionbudgets": layout(
        "Name, Min Available, Max Unavailable, Allowed Disruptions, Age", _budget
    ),
}
