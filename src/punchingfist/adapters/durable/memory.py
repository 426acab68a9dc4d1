"""The durable engine without a database, for one process's lifetime: investigations and tests."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from punchingfist.adapters.durable.codec import dump_error, dump_value, load
from punchingfist.adapters.durable.running import (
    CANCELLED,
    StartedChild,
    run_body,
    run_flow,
    why_stopped,
)
from punchingfist.ports.durable import Child, Ended, Flow, Retry, Start, StepBody, StepError

_NOT_RUNNING = "the durable engine is not running; launch it first"


@dataclass(slots=True)
class _Run:
    """One flow: what it was started with and what it recorded, in the order it was asked for."""

    start: Start
    payload: str
    records: dict[int, tuple[str, str]] = field(default_factory=dict)
    cancelled: bool = False


class MemoryCtx:
    """What a flow uses while `MemoryDurable` runs it."""

    def __init__(self, run: _Run, durable: "MemoryDurable") -> None:
        self.flow_id = run.start.flow_id
        self._run, self._durable = run, durable
        self._asked = 0

    async def step(
        self,
        name: str,
        body: StepBody,
        *,
        retry: Retry | None = None,
        timeout_seconds: float | None = None,
    ) -> Any:
        position, self._asked = self._asked, self._asked + 1
        if position not in self._run.records:
            try:
                result = await run_body(body, retry=retry, timeout_seconds=timeout_seconds)
                record = dump_value(result)
            except StepError as error:
                record = dump_error(error)
            self._run.records[position] = name, record
        return self._recorded(position, name)

    async def sleep(self, seconds: float) -> None:
        async def body() -> None:
            await asyncio.sleep(seconds)

        await self.step("sleep", body)

    async def child(self, start: Start) -> Child:
        async def body() -> None:
            await self._durable.start(start)

        await self.step(f"start:{start.flow_id}", body)
        return StartedChild(self, start.flow_id, self._durable.ended)

    def _recorded(self, position: int, name: str) -> Any:
        """Return or raise the record at *position*, which must be the one of *name*."""
        recorded_name, record = self._run.records[position]
        if recorded_name != name:
            raise RuntimeError(
                f"flow {self.flow_id!r} asked for step {name!r} where it had asked for"
                f" {recorded_name!r}; a flow may branch on recorded results only"
            )
        result = load(record)
        if isinstance(result, StepError):
            raise result
        return result


class MemoryDurable:
    """
    An engine whose records live as long as this object.

    Flows run on the loop that launched it. `close` and `launch` on one object
    take up unfinished flows from their records, as a restart would.
    """

    def __init__(self) -> None:
        self._flows: Mapping[str, Flow] = {}
        self._runs: dict[str, _Run] = {}
        self._tasks: dict[str, asyncio.Task[Ended]] = {}
        self._ends: dict[str, asyncio.Future[Ended]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def launch(self, flows: Mapping[str, Flow]) -> None:
        if self._loop is not None:
            raise RuntimeError("this durable engine runs already; close it first")
        self._flows, self._loop = dict(flows), asyncio.get_running_loop()
        for flow_id, run in self._runs.items():
            if not self._end(flow_id).done():
                self._take_up(run)

    async def start(self, start: Start) -> None:
        if self._loop is None:
            raise RuntimeError(_NOT_RUNNING)
        self._add(start, self._payload(start))

    def start_in(self, transaction: Any, start: Start) -> None:
        """Start the flow at once: there is no database here whose commit could carry it."""
        self._running.call_soon_threadsafe(self._add, start, self._payload(start))

    async def cancel(self, flow_id: str) -> None:
        run = self._runs.get(flow_id)
        if run is not None and flow_id in self._tasks:
            run.cancelled = True
            self._tasks[flow_id].cancel()

    async def ended(self, flow_id: str) -> Ended:
        return await asyncio.shield(self._end(flow_id))

    async def close(self) -> None:
        tasks, self._loop = list(self._tasks.values()), None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError(_NOT_RUNNING)
        return self._loop

    def _payload(self, start: Start) -> str:
        if start.flow not in self._flows:
            raise RuntimeError(f"flow {start.flow!r} is not registered; launch the engine with it")
        return dump_value(start.payload)

    def _add(self, start: Start, payload: str) -> None:
        if start.flow_id not in self._runs:
            run = self._runs[start.flow_id] = _Run(start, payload)
            self._end(start.flow_id)
            self._take_up(run, delay_seconds=start.delay_seconds)

    def _end(self, flow_id: str) -> asyncio.Future[Ended]:
        return self._ends.setdefault(flow_id, self._running.create_future())

    def _take_up(self, run: _Run, *, delay_seconds: float = 0) -> None:
        task = self._running.create_task(self._carry_out(run, delay_seconds))
        self._tasks[run.start.flow_id] = task
        task.add_done_callback(lambda task: self._settle(run, task))

    async def _carry_out(self, run: _Run, delay_seconds: float) -> Ended:
        """Run the flow of *run* to its end."""
        name, ctx = run.start.flow, MemoryCtx(run, self)
        await asyncio.sleep(delay_seconds)
        try:
            return Ended(result=await run_flow(name, self._flows[name], ctx, load(run.payload)))
        except StepError as error:
            return Ended(error=why_stopped(error))

    def _settle(self, run: _Run, task: asyncio.Task[Ended]) -> None:
        """Tell who waits how *run* ended; one stopped by a closing engine has not."""
        flow_id = run.start.flow_id
        del self._tasks[flow_id]
        if not task.cancelled():
            self._ends[flow_id].set_result(task.result())
        elif run.cancelled:
            self._ends[flow_id].set_result(Ended(error=CANCELLED))
