"""
Datadog monitors, through the Webhooks integration with the payload below.

Datadog posts what its user writes, so this is to be pasted into the payload of
the webhook (see "Webhooks" in Datadog's documentation,
https://docs.datadoghq.com/integrations/webhooks/, for the variables):

    {
      "alert_id": "$ALERT_ID",
      "transition": "$ALERT_TRANSITION",
      "type": "$ALERT_TYPE",
      "priority": "$ALERT_PRIORITY",
      "title": "$ALERT_TITLE",
      "message": "$TEXT_ONLY_MSG",
      "scope": "$ALERT_SCOPE",
      "tags": "$TAGS",
      "host": "$HOSTNAME",
      "metric": "$ALERT_METRIC",
      "query": "$ALERT_QUERY",
      "link": "$LINK",
      "date": "$DATE",
      "org_id": "$ORG_ID"
    }
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from punchingfist.domain.alerts import Alert, Severity
from punchingfist.domain.foreign_alerts import foreign_alert, severity_of
from punchingfist.domain.json import JsonObject
from punchingfist.domain.json_fields import needed_text_at, object_of, time_of, word_at
from punchingfist.domain.storable import storable
from punchingfist.errors import InvalidInput
from punchingfist.ports.source import WebhookFormat

_EMPTY = frozenset({"null", "none", "n/a"})
_VARIABLE = re.compile(r"\$[A-Z_]+")
_FIELDS = (
    "transition",
    "type",
    "priority",
    "title",
    "message",
    "scope",
    "tags",
    "host",
    "metric",
    "query",
    "link",
    "date",
    "org_id",
)
_OBJECTS = {
    "kube_namespace": "namespace",
    "kube_cluster_name": "cluster",
    "kube_deployment": "deployment",
    "kube_stateful_set": "statefulset",
    "kube_daemon_set": "daemonset",
    "kube_container_name": "container",
    "pod_name": "pod",
}
"""What Datadog's tags are called among Prometheus's labels."""


def parse(body: Any, headers: Mapping[str, str]) -> tuple[Alert, ...]:
    """
    Return the monitor's group *body* tells of as one alert.

    Raises:
        InvalidInput: *body* has another shape; it names the field.
    """
    raw = object_of(storable(body), "body")
    if "transition" not in raw:
        raise InvalidInput(
            "transition: this is not the payload for us; paste the one from the documentation "
            "into the webhook",
            field="transition",
        )
    monitor = needed_text_at(raw, "alert_id")
    said = {name: _said(raw, name) for name in _FIELDS}
    firing = "recovered" not in said["transition"].lower()
    at = time_of(said["date"], "date")
    name = said["title"] or f"Datadog monitor {monitor}"
    alert = foreign_alert(
        name,
        firing=firing,
        identity={"datadog_monitor": monitor, "scope": said["scope"], "org_id": said["org_id"]},
        labels=_labels(said, monitor),
        annotations={"summary": name, "description": said["message"], "query": said["query"]},
        at=(at, None) if firing else (None, at),
        group_key=f"datadog/{said['org_id']}/{monitor}",
        payload=raw,
    )
    return (replace(alert, generator_url=said["link"]),)


def _said(raw: JsonObject, name: str) -> str:
    """Return what stands at *name*; empty for a variable that had no value."""
    text = word_at(raw, name)
    return "" if text.lower() in _EMPTY or _VARIABLE.fullmatch(text) else text


def _labels(said: Mapping[str, str], monitor: str) -> dict[str, str]:
    tags = dict(_pairs(f"{said['scope']},{said['tags']}"))
    worst = said["type"] == "error" and "no data" not in said["transition"].lower()
    otherwise = Severity.CRITICAL if worst else Severity.WARNING
    return {
        **tags,
        **{ours: tags[theirs] for theirs, ours in _OBJECTS.items() if theirs in tags},
        "severity": severity_of(said["priority"], otherwise=otherwise),
        "priority": said["priority"],
        "host": said["host"] or tags.get("host", ""),
        "metric": said["metric"],
        "datadog_monitor": monitor,
    }


def _pairs(tags: str) -> list[tuple[str, str]]:
    parts = [tag.strip().partition(":") for tag in tags.split(",")]
    return [(name, value) for name, _, value in parts if name and value]


FORMAT = WebhookFormat.fixed("datadog", parse)
