"""What was said to whom, and under which key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from punchingfist.domain.json import JsonObject


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """
    One message at one receiver, edited as things are learned.

    *key* names it (`INC…/episode/sink`); *receipt* is the receiver's own id
    for it, needed to edit; *content* is the hash of what was last sent;
    *status* is pending (tried, and the receiver may or may not have it),
    delivered or failed; *attempts* counts tries.
    """

    key: str
    incident_id: str | None
    execution_id: str | None
    sink: str
    status: str
    attempts: int
    receipt: JsonObject | None
    content: str
    error: str | None
    updated_at: datetime


class Deliveries(Protocol):
    """The ledger that keeps one message one message."""

    async def find(self, key: str) -> DeliveryRow | None:
        """Return the row of *key*, if any."""
        ...

    async def save(self, row: DeliveryRow) -> None:
        """Write or overwrite the row of its key."""
        ...

    async def of_incident(self, incident_id: str) -> Sequence[DeliveryRow]:
        """Return an incident's deliveries by sink name."""
        ...
