"""The time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from; never called by the domain or by interpreter code."""

    def now(self) -> datetime:
        """Return the present as an aware UTC time."""
        ...
