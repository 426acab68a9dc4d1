"""Reading alerts by themselves, whatever incident they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from punchingfist.domain.incidents import IncidentAlert


@dataclass(frozen=True, slots=True)
class AlertRow:
    """
    An alert in its newest episode, with where it comes from and belongs.

    *incident* is a short id; *held_by* is the mark of the decision that holds
    it, None while nothing does; *expires_at* is when its source's word runs
    out, None where it does not.
    """

    alert: IncidentAlert
    fingerprint: str
    group_key: str
    source: str
    incident_id: str | None
    incident: str | None
    held_by: str | None
    last_seen_at: datetime
    expires_at: datetime | None


class Alerts(Protocol):
    """What the API lists, and what runs out."""

    async def get(self, alert_id: str) -> AlertRow:
        """Return one by id or short id (`A-88121`); `NotFound` otherwise."""
        ...

    async def newest(
        self, *, limit: int = 50, before: str | None = None, firing: bool | None = None
    ) -> Sequence[AlertRow]:
        """Return alerts, newest first, from before short id *before*."""
        ...

    async def of_incident(self, incident_id: str, *, limit: int) -> Sequence[AlertRow]:
        """Return the first *limit* alerts whose newest episode belongs to that incident, by id."""
        ...

    async def firing(self) -> Sequence[AlertRow]:
        """Return everything that fires, by fingerprint."""
        ...

    async def expired(self, *, at: datetime) -> Sequence[AlertRow]:
        """Return what fires although its source's word has run out."""
        ...
