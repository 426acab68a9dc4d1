"""Everything that happens to an incident, one row each, in one order."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from punchingfist.domain.json import JsonObject


class Kind(StrEnum):
    """What happened."""

    ALERT_FIRED = "alert_fired"
    ALERT_REPEATED = "alert_repeated"
    ALERT_RESOLVED = "alert_resolved"
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_REOPENED = "incident_reopened"
    INCIDENT_RESOLVED = "incident_resolved"
    EXECUTION_QUEUED = "execution_queued"
    NOT_STARTED = "not_started"
    EXECUTION_STARTED = "execution_started"
    STEP_STARTED = "step_started"
    STEP_FINISHED = "step_finished"
    LOOKED = "looked"
    FOUND = "found"
    CONCLUDED = "concluded"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    EXECUTION_FINISHED = "execution_finished"
    EXECUTION_FAILED = "execution_failed"
    SOURCE_READ = "source_read"


@dataclass(frozen=True, slots=True)
class Happening:
    """
    One row to be written.

    *key* makes the writing idempotent: a second row with the same key of the
    same incident is not written. *text* is one line for people.
    """

    kind: Kind
    text: str
    key: str
    detail: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One row as read back; *seq* counts within its incident, without gaps."""

    seq: int
    at: datetime
    kind: Kind
    text: str
    detail: JsonObject
