"""Reading alerts that did not come through a source."""

from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.extensions.sources.webhook import SOURCE


def parse_alerts(body: Any) -> tuple[Alert, ...]:
    """Return the alerts of an Alertmanager webhook *body* already decoded from JSON."""
    return SOURCE.parse(body, {})
