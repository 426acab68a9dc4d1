"""How many requests a source takes."""

from punchingfist.domain.guardrails.pace import Bucket, Pace
from punchingfist.errors import Unavailable
from punchingfist.ports.clock import Clock


class Throttle:
    """Takes requests at *pace*; nobody waits here, senders are asked to come again."""

    def __init__(self, source: str, pace: Pace, clock: Clock) -> None:
        self._source, self._pace, self._clock = source, pace, clock
        self._bucket = Bucket(pace.burst, self._seconds())

    def take(self) -> None:
        """
        Use one turn.

        Raises:
            Unavailable: there is none. It is 503 and not 429, which an
                Alertmanager would take for a final no and drop the alerts.
        """
        bucket, wait = self._bucket.take(self._pace, now=self._seconds())
        if wait:
            raise Unavailable(
                f"source {self._source!r} takes {self._pace.per_second:g} requests a second; "
                "send this again, or raise spec.config.rateLimit",
                retry_after_seconds=wait,
            )
        self._bucket = bucket

    def _seconds(self) -> float:
        return self._clock.now().timestamp()
