"""
Opsgenie's outgoing webhook: what is done to its alerts.

See "Integrate Opsgenie with Webhook" and "Opsgenie alert action data" in
Atlassian's documentation,
https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.domain.foreign_alerts import foreign_alert, severity_of
from punchingfist.domain.json import JsonObject
from punchingfist.domain.json_fields import (
    list_of,
    needed_text_at,
    object_at,
    object_of,
    text_at,
    time_at,
    word_at,
)
from punchingfist.domain.storable import storable
from punchingfist.ports.source import WebhookFormat

_ALERT = "alert"
_ENDS = frozenset({"Close", "Delete"})
_GOES_ON = frozenset(
    {
        "Create",
        "Acknowledge",
        "UnAcknowledge",
        "Escalate",
        "EscalateNext",
        "AssignOwnership",
        "TakeOwnership",
        "Snooze",
        "SnoozeEnded",
        "UpdatePriority",
        "UpdateMessage",
        "UpdateDescription",
    }
)
"""Done to open alerts alone; a note, say, can be added to a closed one and tells nothing."""


def parse(body: Any, headers: Mapping[str, str]) -> tuple[Alert, ...]:
    """
    Return the alert *body* tells of, none where the action does not say whether it is open.

    Raises:
        InvalidInput: *body* has another shape; it names the field.
    """
    message = object_of(storable(body), "body")
    action = needed_text_at(message, "action")
    if action not in _ENDS | _GOES_ON:
        return ()
    raw = object_of(message.get("alert"), _ALERT)
    return (_alert(message, raw, ended=action in _ENDS),)


def _alert(message: JsonObject, raw: JsonObject, *, ended: bool) -> Alert:
    number = needed_text_at(raw, "alertId", _ALERT)
    alias = text_at(raw, "alias", _ALERT) or number
    name = text_at(raw, "message", _ALERT) or f"Opsgenie alert {number}"
    return foreign_alert(
        name,
        firing=not ended,
        identity={"opsgenie_alias": alias},
        labels=_labels(raw),
        annotations={
            "summary": name,
            "description": text_at(raw, "description", _ALERT),
            "opsgenie_alert": number,
        },
        at=(time_at(raw, "createdAt", _ALERT), _ended(raw) if ended else None),
        group_key=alias,
        payload=message,
    )


def _ended(raw: JsonObject) -> datetime | None:
    return time_at(raw, "updatedAt", _ALERT)


def _labels(raw: JsonObject) -> dict[str, str]:
    details = object_at(raw, "details", _ALERT)
    tags = list_of(raw.get("tags") or [], f"{_ALERT}.tags", "a list of tags")
    priority = text_at(raw, "priority", _ALERT)
    return {
        **{name: word_at(details, name, f"{_ALERT}.details") for name in details},
        "tags": ",".join(tag for tag in tags if isinstance(tag, str)),
        "severity": severity_of(priority),
        "priority": priority,
        "entity": text_at(raw, "entity", _ALERT),
        "alert_source": text_at(raw, "source", _ALERT),
    }


FORMAT = WebhookFormat.fixed("opsgenie", parse)
