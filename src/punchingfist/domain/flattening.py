"""Alerts as templates and conditions see them: the root `.source.data`."""

from collections.abc import Sequence

from punchingfist.domain.alerts import Alert
from punchingfist.domain.json import JsonObject


def flatten(alert: Alert) -> JsonObject:
    """
    Return *alert* as one flat object.

    Labels and annotations are there twice, nested and by their own names; a
    name that is also a field of ours keeps our meaning, and a label wins over
    an annotation.
    """
    own: JsonObject = {
        "alertname": alert.name,
        "summary": alert.summary,
        "description": alert.annotations.get("description", ""),
        "severity": alert.severity.value,
        "status": "firing" if alert.firing else "resolved",
        "startsAt": alert.starts_at.isoformat() if alert.starts_at else None,
        "fingerprint": alert.fingerprint,
        "generatorURL": alert.generator_url,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
    }
    return {**alert.annotations, **alert.labels, **own}


def event(alerts: Sequence[Alert]) -> JsonObject:
    """Return the event of an execution: *alerts*, of which the first opened its incident."""
    flat = [flatten(one) for one in alerts]
    return {"alert": flat[0], "alerts": flat}
