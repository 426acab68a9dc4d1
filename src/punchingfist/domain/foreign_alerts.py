"""Alerts of systems that know neither labels nor fingerprints."""

from collections.abc import Mapping
from datetime import datetime

from punchingfist.domain.alerts import Alert, Severity
from punchingfist.domain.fingerprints import fingerprint
from punchingfist.domain.json import JsonObject

_PRIORITIES = {
    "P1": Severity.CRITICAL,
    "P2": Severity.WARNING,
    "P3": Severity.WARNING,
    "P4": Severity.INFO,
    "P5": Severity.INFO,
}


def severity_of(priority: str, *, otherwise: Severity = Severity.WARNING) -> str:
    """Return the `severity` label that a *priority* from P1 to P5 means."""
    return _PRIORITIES.get(priority.strip().upper(), otherwise).value


def foreign_alert(
    name: str,
    *,
    firing: bool,
    identity: Mapping[str, str],
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    payload: JsonObject,
    at: tuple[datetime | None, datetime | None] = (None, None),
    group_key: str = "",
) -> Alert:
    """
    Return an alert that is told from others by *identity* alone.

    So a title or a severity that changes at the sender stays the same alert.
    *at* is when it began and when it ended. What is empty is left out.
    """
    mark = fingerprint(identity)
    return Alert(
        name=name,
        firing=firing,
        labels={"alertname": name, **_present(labels)},
        annotations=_present(annotations),
        fingerprint=mark,
        group_key=group_key or mark,
        starts_at=at[0],
        ends_at=at[1],
        payload=payload,
    )


def _present(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}
