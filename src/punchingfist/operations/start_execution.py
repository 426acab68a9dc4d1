"""Start a workflow that no alert asked for, once for each flow id."""

from collections.abc import Callable
from typing import Any

from punchingfist.domain.json import JsonObject
from punchingfist.errors import Unavailable
from punchingfist.operations.receive import ActiveSource
from punchingfist.ports.clock import Clock
from punchingfist.ports.durable import Start
from punchingfist.ports.starts import Begun, Starts, Wanted


class Starter:
    """Starts executions; *enqueue* is `Durable.start_in`."""

    def __init__(self, starts: Starts, clock: Clock, enqueue: Callable[[Any, Start], None]) -> None:
        self._starts, self._clock, self._enqueue = starts, clock, enqueue

    async def start(self, source: ActiveSource, flow_id: str, event: JsonObject) -> Begun:
        """
        Return the execution of *flow_id*, begun now or before, with *event* as `.source.data`.

        Raises:
            Unavailable: the source's workflow is not there, or the database is in trouble.
        """
        if source.trigger is None:
            raise Unavailable(f"source {source.name!r} can start nothing: {source.why_no_trigger}")
        wanted = Wanted(flow_id, source.name, source.trigger, event)
        return await self._starts.start(wanted, at=self._clock.now(), enqueue=self._enqueue)
