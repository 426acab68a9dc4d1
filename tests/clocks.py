"""Time that stands where a test puts it."""

from datetime import UTC, datetime

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


class StandingClock:
    """A clock that shows *at* until somebody moves it."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at
