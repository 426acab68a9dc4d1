"""What people see of an alert, from its row."""

from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.store.names import ALERT, short_id
from punchingfist.domain.alerts import AlertStatus, Severity
from punchingfist.domain.incidents import IncidentAlert


def read_alert(row: sa.Row[*tuple[Any, ...]]) -> IncidentAlert:
    """Return the alert of *row*, which has the columns of `alerts`."""
    return IncidentAlert(
        id=row.id,
        short_id=short_id(ALERT, row.number),
        name=row.alert_name,
        severity=Severity(row.severity),
        firing=bool(row.firing),
        status=row.status if row.firing else AlertStatus.RESOLVED.value,
        summary=row.summary,
        labels=row.labels,
        annotations=row.annotations,
        generator_url=row.generator_url,
        starts_at=row.starts_at,
        received_at=row.received_at,
        resolved_at=row.resolved_at,
        occurrences=row.occurrences,
        episode=row.episode,
    )
