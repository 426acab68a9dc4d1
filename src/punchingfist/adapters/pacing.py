"""Turns to ask a cluster, shared by every task, thread and event loop of the process."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable

from punchingfist.domain.guardrails.pace import Bucket, Pace

READS = Pace(per_second=5, burst=10)


class Turns:
    """Hands out turns at *pace*; *seconds* is a steady clock and *sleep* waits on it."""

    def __init__(
        self,
        pace: Pace = READS,
        *,
        seconds: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pace, self._seconds, self._sleep = pace, seconds, sleep
        self._lock = threading.Lock()
        self._bucket = Bucket(pace.burst, seconds())

    async def take(self) -> None:
        """Wait for one turn; those who ask first go first."""
        with self._lock:
            self._bucket, wait = self._bucket.take(self._pace, now=self._seconds())
        if wait:
            await self._sleep(wait)
