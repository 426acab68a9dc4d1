"""The rows of nodes, namespaces, events, storage, configuration and access rules."""

from datetime import datetime

from punchingfist.lab.kubernetes.columns.layout import NONE, Cells, age, layout, listed, name_of
from punchingfist.lab.kubernetes.objects import Manifest, condition_of, dig, metadata_of
from punchingfist.lab.kubernetes.times import age_of

_ROLE = "node-role.kubernetes.io/"
_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


def _node(obj: Manifest, now: datetime) -> Cells:
    labels = metadata_of(obj).get("labels") or {}
    ready = {"True": "Ready", "False": "NotReady"}.get(
        condition_of(obj, "Ready").get("status", ""), "Unknown"
    )
    unscheduled = ",SchedulingDisabled" if dig(obj, "spec.unschedulable") else ""
    facts = dig(obj, "status.nodeInfo") or {}
    addresses = {a["type"]: a["address"] for a in dig(obj, "status.addresses") or ()}
    return (
        name_of(obj),
        ready + unscheduled,
        listed(sorted(n.removeprefix(_ROLE) for n in labels if n.startswith(_ROLE))),
        age(obj, now),
        facts.get("kubeletVersion", ""),
        addresses.get("InternalIP", NONE),
        addresses.get("ExternalIP", NONE),
        facts.get("osImage", ""),
        facts.get("kernelVersion", ""),
        facts.get("containerRuntimeVersion", ""),
    )


def _namespace(obj: Manifest, now: datetime) -> Cells:
    return name_of(obj), dig(obj, "status.phase") or "", age(obj, now)


def _event(obj: Manifest, now: datetime) -> Cells:
    about = obj.get("involvedObject") or {}
    first = obj.get("firstTimestamp") or obj.get("eventTime")
    source = obj.get("source") or {}
    return (
        age_of(dig(obj, "series.lastObservedTime") or obj.get("lastTimestamp") or first, now),
        obj.get("type", ""),
        obj.get("reason", ""),
        f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}",
        about.get("fieldPath", ""),
        ", ".join(v for v in (source.get("component"), source.get("host")) if v),
        str(obj.get("message", "")).strip(),
        age_of(first, now),
        dig(obj, "series.count") or obj.get("count") or 1,
        name_of(obj),
    )


def _claim(obj: Manifest, now: datetime) -> Cells:
    return (
        name_of(obj),
        dig(obj, "status.phase") or "",
        dig(obj, "spec.volumeName") or "",
        dig(obj, "status.capacity.storage") or "",
        ",".join(_MODES.get(m, m) for m in dig(obj, "status.accessModes") or ()),
        dig(obj, "spec.storageClassName") or "",
        "<unset>",
        age(obj, now),
        dig(obj, "spec.volumeMode") or "Filesystem",
    )


def _volume(obj: Manifest, now: datetime) -> Cells:
    claim = dig(obj, "spec.claimRef") or {}
    return (
        name_of(obj),
        dig(obj, "spec.capacity.storage") or "",
        ",".join(_MODES.get(m, m) for m in dig(obj, "spec.accessModes") or ()),
        dig(obj, "spec.persistentVolumeReclaimPolicy") or "",
        dig(obj, "status.phase") or "",
        f"{claim['namespace']}/{claim['name']}" if claim else "",
        dig(obj, "spec.storageClassName") or "",
        "<unset>",
        dig(obj, "status.reason") or "",
        age(obj, now),
    )


def _storage_class(obj: Manifest, now: datetime) -> Cells:
    annotations = metadata_of(obj).get("annotations") or {}
    default = annotations.get("storageclass.kubernetes.io/is-default-class") == "true"
    return (
        name_of(obj) + (" (default)" if default else ""),
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy", "Delete"),
        obj.get("volumeBindingMode", "Immediate"),
        str(bool(obj.get("allowVolumeExpansion"))).lower(),
        age(obj, now),
    )


def _config_map(obj: Manifest, now: datetime) -> Cells:
    return (
        name_of(obj),
        len(obj.get("data") or ()) + len(obj.get("binaryData") or ()),
        age(obj, now),
    )


def _secret(obj: Manifest, now: datetime) -> Cells:
    return name_of(obj), obj.get("type", "Opaque"), len(obj.get("data") or ()), age(obj, now)


def _quota(obj: Manifest, now: datetime) -> Cells:
    used = dig(obj, "status.used") or {}
    rows = [
        f"{k}: {used.get(k, '0')}/{v}" for k, v in sorted((dig(obj, "status.hard") or {}).items())
    ]
    requests = [row for row in rows if not row.startswith("limits.")]
    limits = [row for row in rows if row.startswith("limits.")]
    return name_of(obj), ", ".join(requests), ", ".join(limits), age(obj, now)


def _priority(obj: Manifest, now: datetime) -> Cells:
    default = str(bool(obj.get("globalDefault"))).lower()
    return (
        name_of(obj),
        obj.get("value", 0),
        default,
        age(obj, now),
        obj.get("preemptionPolicy", "PreemptLowerPriority"),
    )


def _lease(obj: Manifest, now: datetime) -> Cells:
    return name_of(obj), dig(obj, "spec.holderIdentity") or "", age(obj, now)


def _created(obj: Manifest, _now: datetime) -> Cells:
    return name_of(obj), metadata_of(obj).get("creationTimestamp", "")


def _binding(obj: Manifest, now: datetime) -> Cells:
    ref = obj.get("roleRef") or {}
    return name_of(obj), f"{ref.get('kind')}/{ref.get('name')}", age(obj, now)


def _webhooks(obj: Manifest, now: datetime) -> Cells:
    return name_of(obj), len(obj.get("webhooks") or ()), age(obj, now)


LAYOUTS = {
    "nodes": layout(
        "Name, Status, Roles, Age, Version, +Internal-IP, +External-IP, +OS-Image, "
        "+Kernel-Version, +Container-Runtime",
        _node,
    ),
    "namespaces": layout("Name, Status, Age", _namespace),
    "events": layout(
        "Last Seen, Type, Reason, Object, +Subobject, +Source, Message, +First Seen, +Count, +Name",
        _event,
    ),
    "persistentvolumeclaims": layout(
        "Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, "
        "+VolumeMode",
        _claim,
    ),
    "persistentvolumes": layout(
        "Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, "
        "VolumeAttributesClass, Reason, Age",
        _volume,
    ),
    "storageclasses": layout(
        "Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age",
        _storage_class,
    ),
    "configmaps": layout("Name, Data, Age", _config_map),
    "secrets": layout("Name, Type, Data, Age", _secret),
    "resourcequotas": layout("Name, Request, Limit, Age", _quota),
    "priorityclasses": layout("Name, Value, Global-Default, Age, PreemptionPolicy", _priority),
    "leases": layout("Name, Holder, Age", _lease),
    "limitranges": layout("Name, Created At", _created),
    "roles": layout("Name, Created At", _created),
    "clusterroles": layout("Name, Created At", _created),
    "customresourcedefinitions": layout("Name, Created At", _created),
    "rolebindings": layout("Name, Role, Age", _binding),
    "clusterrolebindings": layout("Name, Role, Age", _binding),
    "mutatingwebhookconfigurations": layout("Name, Webhooks, Age", _webhooks),
    "validatingwebhookconfigurations": layout("Name, Webhooks, Age", _webhooks),
}
