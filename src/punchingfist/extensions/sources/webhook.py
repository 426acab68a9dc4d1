"""Alerts that are posted, and the shape most are posted in: Alertmanager's, version 4."""

from collections.abc import Mapping
from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.domain.resources.sources import WebhookConfig
from punchingfist.domain.webhook_body import read_body
from punchingfist.ports.source import SourceType, WebhookFormat


def parse(body: Any, headers: Mapping[str, str]) -> tuple[Alert, ...]:
    """
    Return the alerts of *body*; keys it does not know are kept in their payload.

    The newer `notification_reason` and `routeLabels`, said once for the whole
    message, are kept with each alert.

    Raises:
        InvalidInput: *body* has another shape; it names the field.
    """
    return read_body(body)


SOURCE = SourceType("webhook", WebhookConfig)
FORMAT = WebhookFormat.fixed("alertmanager", parse)
