"""
Grafana alerting: the webhook of a contact point.

Its shape is Alertmanager's with more for each alert; see "Configure the webhook
notifier for Alerting" in Grafana's documentation,
https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.domain.webhook_body import read_body
from punchingfist.ports.source import WebhookFormat

_LINKS = {
    "dashboardURL": "dashboard_url",
    "panelURL": "panel_url",
    "silenceURL": "silence_url",
    "imageURL": "image_url",
}


def parse(body: Any, headers: Mapping[str, str]) -> tuple[Alert, ...]:
    """
    Return the alerts of *body*, their links among the annotations.

    Raises:
        InvalidInput: *body* has another shape; it names the field.
    """
    return tuple(_with_links(alert) for alert in read_body(body))


def _with_links(alert: Alert) -> Alert:
    links = {ours: alert.payload.get(theirs) for theirs, ours in _LINKS.items()}
    found = {name: link for name, link in links.items() if isinstance(link, str) and link}
    return replace(alert, annotations={**found, **alert.annotations})


FORMAT = WebhookFormat.fixed("grafana", parse)
