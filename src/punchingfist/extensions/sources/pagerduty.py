"""
PagerDuty's webhooks, version 3: what happens to its incidents.

See "V3 Overview" of webhooks in PagerDuty's documentation,
https://developer.pagerduty.com/docs/webhooks-overview.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from punchingfist.domain.alerts import Alert, Severity
from punchingfist.domain.foreign_alerts import foreign_alert, severity_of
from punchingfist.domain.json import JsonObject
from punchingfist.domain.json_fields import (
    needed_text_at,
    object_at,
    object_of,
    text_at,
    time_at,
    word_at,
    wrong,
)
from punchingfist.domain.storable import storable
from punchingfist.ports.source import WebhookFormat

_EVENT, _DATA = "event", "event.data"
_STATUSES = frozenset({"triggered", "acknowledged", "resolved"})


def parse(body: Any, headers: Mapping[str, str]) -> tuple[Alert, ...]:
    """
    Return the incident *body* tells of as one alert; other events, a ping among them, are none.

    Raises:
        InvalidInput: *body* has another shape; it names the field.
    """
    message = object_of(storable(body), "body")
    event = object_of(message.get("event"), _EVENT)
    happened = needed_text_at(event, "event_type", _EVENT)
    incident = object_of(event.get("data"), _DATA)
    # Notes and responders are events of an incident whose data is something else.
    if not happened.startswith("incident.") or text_at(incident, "type", _DATA) != "incident":
        return ()
    return (_alert(event, happened, incident),)


def _alert(event: JsonObject, happened: str, incident: JsonObject) -> Alert:
    number = needed_text_at(incident, "id", _DATA)
    status = text_at(incident, "status", _DATA)
    if status not in _STATUSES:
        raise wrong(f"{_DATA}.status", status, f"one of {', '.join(sorted(_STATUSES))}")
    occurred = time_at(event, "occurred_at", _EVENT)
    created = time_at(incident, "created_at", _DATA)
    link = text_at(incident, "html_url", _DATA)
    title = text_at(incident, "title", _DATA) or f"PagerDuty incident {number}"
    alert = foreign_alert(
        title,
        firing=status != "resolved",
        identity={"pagerduty_incident": number},
        labels=_labels(incident, number),
        annotations={"summary": title, "dashboard_url": link},
        # One that is opened again began anew; its creation would be older than its end.
        at=(
            occurred if happened == "incident.reopened" else created,
            occurred if status == "resolved" else None,
        ),
        group_key=text_at(incident, "incident_key", _DATA),
        payload=event,
    )
    return replace(alert, generator_url=link)


def _labels(incident: JsonObject, number: str) -> dict[str, str]:
    urgency = text_at(incident, "urgency", _DATA)
    priority = _summary(incident, "priority")
    otherwise = Severity.CRITICAL if urgency == "high" else Severity.WARNING
    return {
        "severity": severity_of(priority, otherwise=otherwise),
        "service": _summary(incident, "service"),
        "priority": priority,
        "urgency": urgency,
        "pagerduty_incident": number,
        "pagerduty_number": word_at(incident, "number", _DATA),
    }


def _summary(incident: JsonObject, name: str) -> str:
    return text_at(object_at(incident, name, _DATA), "summary", f"{_DATA}.{name}")


FORMAT = WebhookFormat.fixed("pagerduty", parse)
