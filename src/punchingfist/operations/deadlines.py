"""Steps that must be over by a moment, restarts included."""

import asyncio
from datetime import datetime
from typing import Any

from punchingfist.domain.json import Json
from punchingfist.ports.clock import Clock
from punchingfist.ports.durable import Child, Ctx, Retry, Start, StepBody, StepError

TIMED_OUT = "timed_out"


class UntilDeadline:
    """
    A `Ctx` whose step bodies stop at *deadline*; none begins after it.

    The deadline itself must come from a recorded step. Bodies alone look at
    the clock, so a replay finds the same steps stopped.
    """

    def __init__(self, ctx: Ctx, deadline: datetime, clock: Clock) -> None:
        self.flow_id = ctx.flow_id
        self._ctx, self._deadline, self._clock = ctx, deadline, clock

    async def step(
        self,
        name: str,
        body: StepBody,
        *,
        retry: Retry | None = None,
        timeout_seconds: float | None = None,
    ) -> Any:
        async def bounded() -> Json:
            seconds_left = (self._deadline - self._clock.now()).total_seconds()
            if seconds_left <= 0:
                raise self._too_late()
            limit = asyncio.timeout(seconds_left)
            try:
                async with limit:
                    return await body()
            except TimeoutError:
                if limit.expired():
                    raise self._too_late() from None
                raise

        return await self._ctx.step(name, bounded, retry=retry, timeout_seconds=timeout_seconds)

    async def sleep(self, seconds: float) -> None:
        await self._ctx.sleep(seconds)

    async def child(self, start: Start) -> Child:
        return await self._ctx.child(start)

    def _too_late(self) -> StepError:
        return StepError(TIMED_OUT, f"no end by {self._deadline:%Y-%m-%d %H:%M:%S} UTC")
