"""Reading incidents and alerts."""

from collections.abc import Sequence
from typing import Protocol

from punchingfist.domain.alerts import Alert
from punchingfist.domain.incidents import Incident, IncidentAlert, IncidentStatus


class Incidents(Protocol):
    """What the pages, the API and the sinks read."""

    async def get(self, incident_id: str) -> Incident:
        """Return one by id or short id (`INC-1042`), with its alerts; `NotFound` otherwise."""
        ...

    async def newest(
        self, *, limit: int = 50, before: str | None = None, status: IncidentStatus | None = None
    ) -> Sequence[Incident]:
        """Return incidents, newest first, from before short id *before*; alerts included."""
        ...

    async def find_alerts(self, *, fingerprint: str) -> Sequence[IncidentAlert]:
        """Return the alerts of that fingerprint; none is no error."""
        ...

    async def firing(self, *, source: str) -> Sequence[Alert]:
        """Return what fires by the last word of *source*, as it reported it."""
        ...
