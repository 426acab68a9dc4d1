"""The human-sized problem: what people see, own and close."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from punchingfist.domain.alerts import Severity
from punchingfist.domain.json import JsonObject


class IncidentStatus(StrEnum):
    """Where an incident stands, as the spec's `incidents.status` column says it."""

    OPEN = "open"
    INVESTIGATING = "investigating"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class IncidentAlert:
    """One alert of an incident, as people need to see it."""

    id: str
    short_id: str
    name: str
    severity: Severity
    firing: bool
    status: str
    summary: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    generator_url: str
    starts_at: datetime | None
    received_at: datetime
    resolved_at: datetime | None
    occurrences: int
    episode: int


@dataclass(frozen=True, slots=True)
class Incident:
    """
    One incident as it stands now.

    *short_id* is what people say (`INC-1042`); *report* is the last
    investigation report as JSON, or None while there is none; *owner* is the
    person who took it.
    """

    id: str
    short_id: str
    title: str
    status: IncidentStatus
    severity: Severity
    episode: int
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    owner: str | None
    alerts_count: int
    alerts: tuple[IncidentAlert, ...]
    report: JsonObject | None
    execution_id: str | None
