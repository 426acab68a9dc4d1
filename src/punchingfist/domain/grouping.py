"""Which incident an alert that begins to fire belongs to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

REOPEN_WITHIN = timedelta(hours=24)
"""A group that fires again this soon is the same trouble; later it is another one."""


class Belonging(StrEnum):
    """What becomes of the incident when one of its group's alerts fires."""

    JOINS = "joins"
    REOPENS = "reopens"
    OPENS = "opens"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the alert goes, and the reason in words for people."""

    belonging: Belonging
    reason: str


@dataclass(frozen=True, slots=True)
class KnownIncident:
    """The newest incident of the alert's source and group; *resolved_at* is None while open."""

    short_id: str
    resolved_at: datetime | None


def place(known: KnownIncident | None, *, at: datetime) -> Placement:
    """
    Return where an alert that begins to fire goes, *known* being its group's newest incident.

    The boundary of `REOPEN_WITHIN` itself belongs to the next incident.
    """
    if known is None:
        return Placement(Belonging.OPENS, "no incident of this group is known")
    if known.resolved_at is None:
        return Placement(Belonging.JOINS, f"{known.short_id} of the same group is open")
    hours = round(REOPEN_WITHIN.total_seconds() / 3600)
    if at - known.resolved_at < REOPEN_WITHIN:
        return Placement(
            Belonging.REOPENS,
            f"{known.short_id} of the same group was resolved less than {hours} h ago",
        )
    return Placement(
        Belonging.OPENS, f"{known.short_id} of the same group was resolved {hours} h ago or more"
    )
