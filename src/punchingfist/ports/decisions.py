"""Reading why something was started for an alert, or was not."""

from collections.abc import Sequence
from typing import Protocol

from punchingfist.domain.decisions import DecisionRow


class Decisions(Protocol):
    """Written by the intake in the transaction that took the alert in."""

    async def of_alerts(self, alert_ids: Sequence[str]) -> Sequence[DecisionRow]:
        """Return every decision about those alerts, in the order they were made."""
        ...
