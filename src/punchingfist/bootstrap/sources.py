"""Reading alerts that did not come through a source."""

from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.domain.webhook_body import read_body


def parse_alerts(body: Any) -> tuple[Alert, ...]:
    """Return the alerts of an Alertmanager webhook *body* already decoded from JSON."""
    return read_body(body)
