"""What happens in a cluster, as alerts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from punchingfist.domain.alerts import Alert, Severity
from punchingfist.domain.excerpts import one_line
from punchingfist.domain.fingerprints import fingerprint

Manifest = Mapping[str, Any]

_LEFT_OUT: Final = ("managedFields", "annotations")
_MESSAGE_LENGTH = 500


def alert_of_change(
    change: str, kind: str, obj: Manifest, *, severity: Severity, at: datetime
) -> Alert:
    """
    Return the alert that *obj*, a *kind*, was created, updated or deleted.

    The object's uid is part of its identity, so a new object of an old name
    is another alert; its resourceVersion is not, so each update is an
    occurrence of one alert.
    """
    metadata = obj["metadata"]
    created = _time(metadata.get("creationTimestamp")) if change == "created" else None
    place = _place(kind, metadata)
    return _alert(
        {"event": change, **_labels(f"K8s{kind}{change.capitalize()}", kind, metadata)},
        uid=str(metadata["uid"]),
        severity=severity,
        annotations={
            "summary": f"{place} was {change}",
            "uid": str(metadata["uid"]),
            "resource_version": str(metadata.get("resourceVersion", "")),
        },
        starts_at=created or at,
        owner=_owner(kind, metadata),
        payload={"kind": kind, "metadata": _without(metadata)},
    )


def alert_of_event(event: Manifest, *, severity: Severity, at: datetime) -> Alert:
    """Return the alert of an Event about an object; a repeated Event is one alert that goes on."""
    about: Mapping[str, Any] = event.get("involvedObject") or {}
    kind, reason = str(about.get("kind") or "Object"), str(event.get("reason") or "Event")
    message = one_line(str(event.get("message") or ""), _MESSAGE_LENGTH)
    metadata = {"namespace": about.get("namespace", ""), "name": about.get("name", "")}
    series = event.get("series") or {}
    seen = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
    return _alert(
        {"event": reason, **_labels(f"K8s{kind}{reason}", kind, metadata)},
        uid=str(about.get("uid") or ""),
        severity=severity,
        annotations={
            "summary": f"{_place(kind, metadata)}: {reason}",
            "description": message,
            "uid": str(about.get("uid") or ""),
            "resource_version": str(event["metadata"].get("resourceVersion", "")),
        },
        starts_at=_time(seen) or at,
        owner=_place(kind, metadata),
        payload={
            "kind": "Event",
            "reason": reason,
            "message": message,
            "type": event.get("type"),
            "count": event.get("count"),
            "involvedObject": dict(about),
            "metadata": _without(event["metadata"]),
        },
    )


def _alert(
    labels: dict[str, str],
    *,
    uid: str,
    severity: Severity,
    annotations: dict[str, str],
    starts_at: datetime,
    owner: str,
    payload: dict[str, Any],
) -> Alert:
    # A changed severity in the source's configuration leaves alerts who they are.
    identity = fingerprint({**labels, "uid": uid})
    return Alert(
        name=labels["alertname"],
        firing=True,
        labels={**labels, "severity": severity.value},
        annotations=annotations,
        fingerprint=identity,
        group_key=f"{labels['alertname']}/{labels['namespace']}/{owner}",
        starts_at=starts_at,
        payload={**payload, "status": "firing"},
    )


def _labels(name: str, kind: str, metadata: Mapping[str, Any]) -> dict[str, str]:
    its_name = str(metadata.get("name", ""))
    return {
        "alertname": name,
        "namespace": str(metadata.get("namespace") or ""),
        "kind": kind,
        "name": its_name,
        # As exporters name it, which is how investigators find the object.
        ("job_name" if kind == "Job" else kind.lower()): its_name,
    }


def _place(kind: str, metadata: Mapping[str, Any]) -> str:
    namespace = metadata.get("namespace")
    return f"{kind} {namespace}/{metadata['name']}" if namespace else f"{kind} {metadata['name']}"


def _owner(kind: str, metadata: Mapping[str, Any]) -> str:
    """Return who keeps the object, whose objects belong together; itself when nobody does."""
    for owner in metadata.get("ownerReferences") or ():
        if owner.get("controller"):
            return f"{owner.get('kind')} {owner.get('name')}"
    return _place(kind, metadata)


def _without(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what says who the object is; annotations may hold whole manifests with secrets."""
    return {name: value for name, value in metadata.items() if name not in _LEFT_OUT}


def _time(text: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else None
