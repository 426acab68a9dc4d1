"""Counting what we do, for Prometheus."""

from typing import Protocol


class Telemetry(Protocol):
    """Our own figures, under the names of the spec."""

    def alerts_processed(self, source: str, count: int) -> None:
        """Add *count* committed alerts of *source*."""
        ...

    def task_started(self) -> None:
        """One more execution is running."""
        ...

    def task_ended(self, seconds: float) -> None:
        """An execution ended after *seconds* of running in this process."""
        ...

    def render(self) -> tuple[bytes, str]:
        """Return the exposition text and its content type."""
        ...
