"""The durable engine of a server: DBOS, embedded, on the store's own database."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, WorkflowStatus

from punchingfist.adapters.durable.dbos_ctx import DbosCtx
from punchingfist.adapters.durable.replica import Replica
from punchingfist.adapters.durable.running import CANCELLED, run_flow, why_stopped
from punchingfist.adapters.durable.serializer import JsonSerializer
from punchingfist.domain.json import JsonObject
from punchingfist.ports.durable import DELIVERIES, EXECUTIONS, Ended, Flow, Start

_P = ParamSpec("_P")
_T = TypeVar("_T")

_NAME = "punchingfist"
_VERSION = "pf-abi-1"
"""Constant: DBOS strands what another version began. Flow names carry the real version."""

_CONCURRENCY = {EXECUTIONS: 200, DELIVERIES: 100}
_THREADS = 48
_FIRST_LOOK_SECONDS, _LAST_LOOK_SECONDS = 0.02, 0.5

_present: "DbosDurable | None" = None
_registered: set[str] = set()
"""DBOS has one instance and one registry a process; the registry outlives the instance."""


class DbosDurable:
    """
    The engine on *database*, which it owns and disposes of.

    Flows and step bodies run on a loop of DBOS's own, in a thread of its own,
    so that a slow request of the server cannot hold them up. Everything here
    may be called from any loop. *poll_seconds* is how often each queue is
    looked at: it bounds the wait before a flow begins. Where several processes
    share the database, *replica* is this one among them.
    """

    def __init__(
        self, database: sa.Engine, *, poll_seconds: float = 0.25, replica: Replica | None = None
    ) -> None:
        self._database, self._poll_seconds, self._replica = database, poll_seconds, replica
        self._flows: Mapping[str, Flow] = {}
        self._threads: ThreadPoolExecutor | None = None
        self._client: DBOSClient | None = None

    async def launch(self, flows: Mapping[str, Flow]) -> None:
        if _present is not None:
            raise RuntimeError("a durable engine runs already; a process has one")
        self._flows = dict(flows)
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="pf-durable")
        # In a thread without a loop: DBOS would run flows on the loop it is launched from.
        await self._in_thread(self._launch)

    async def start(self, start: Start) -> None:
        await self._in_thread(self._open_client.enqueue, self._options(start), start.payload)

    def start_in(self, transaction: Any, start: Start) -> None:
        options = self._options(start)
        self._open_client.enqueue_in_transaction(transaction, options, start.payload)

    async def cancel(self, flow_id: str) -> None:
        await self._in_thread(self._open_client.cancel_workflow, flow_id)

    async def ended(self, flow_id: str) -> Ended:
        wait = _FIRST_LOOK_SECONDS
        while (ended := await self._in_thread(self._find_ended, flow_id)) is None:
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LAST_LOOK_SECONDS)
        return ended

    async def close(self) -> None:
        if self._threads is None:
            return
        await self._in_thread(self._close)
        self._threads.shutdown()
        self._threads = None

    async def run(self, name: str, payload: JsonObject) -> Any:
        """Run the flow *name* inside the DBOS workflow that called."""
        assert DBOS.workflow_id is not None
        ctx = DbosCtx(DBOS.workflow_id, self)
        return await run_flow(name, self._flows[name], ctx, payload)

    def _launch(self) -> None:
        global _present  # noqa: PLW0603  # see _registered
        for name in self._flows:
            _register(name)
        # Queues are rows, and a launch looks at the rows that exist: so they go first.
        DBOS.migrate(self._database.url.render_as_string(hide_password=False))
        self._client = DBOSClient(
            system_database_engine=self._database,
            serializer=JsonSerializer(),
            application_name=_NAME,
        )
        for queue, concurrency in _CONCURRENCY.items():
            self._client.register_queue(
                queue, worker_concurrency=concurrency, polling_interval_sec=self._poll_seconds
            )
        _present = self
        if not logging.getLogger("dbos").handlers:
            # DBOS writes to the console itself, past our logging, unless there is a handler.
            logging.getLogger("dbos").addHandler(logging.NullHandler())
        if self._replica is not None:
            self._replica.begin()
        DBOS(config=self._config())
        DBOS.launch()
        if self._replica is not None:
            self._replica.take_over(self._client)

    def _config(self) -> DBOSConfig:
        return {
            "name": _NAME,
            "system_database_engine": self._database,
            "executor_id": self._replica.name if self._replica else "local",
            "application_version": _VERSION,
            "serializer": JsonSerializer(),
            "max_executor_threads": _THREADS,
            "notification_listener_polling_interval_sec": self._poll_seconds,
            "log_level": "WARNING",
        }

    def _close(self) -> None:
        global _present  # noqa: PLW0603  # see _registered
        # What it stops in the middle goes on after the next launch: nothing to warn anybody of.
        logging.getLogger("dbos").setLevel(logging.ERROR)
        DBOS.destroy()
        if self._replica is not None:
            self._replica.end()
        self._open_client.destroy()
        self._client = None
        self._database.dispose()
        _present = None

    def _options(self, start: Start) -> EnqueueOptions:
        if start.flow not in self._flows:
            raise RuntimeError(f"flow {start.flow!r} is not registered; launch the engine with it")
        options: EnqueueOptions = {
            "workflow_name": start.flow,
            "queue_name": start.queue,
            "workflow_id": start.flow_id,
            "app_version": _VERSION,
        }
        if start.delay_seconds > 0:
            options["delay_seconds"] = start.delay_seconds
        return options

    def _find_ended(self, flow_id: str) -> Ended | None:
        for row in self._open_client.list_workflows(workflow_ids=[flow_id], load_input=False):
            return _as_ended(row)
        return None

    @property
    def _open_client(self) -> DBOSClient:
        if self._client is None:
            raise RuntimeError("the durable engine is not running; launch it first")
        return self._client

    async def _in_thread(
        self, call: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Run *call* in a thread of ours: DBOS's async calls would take over the loop's threads."""
        if self._threads is None:
            raise RuntimeError("the durable engine is not running; launch it first")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: call(*args, **kwargs))


def _register(name: str) -> None:
    """Give DBOS a workflow *name* that runs whatever flow the present engine has under it."""
    if name in _registered:
        return
    _registered.add(name)

    # Recovery is never given up: a loop of crashes must not bury what waits to be said.
    @DBOS.workflow(name=name, max_recovery_attempts=None)
    async def workflow(payload: JsonObject) -> Any:
        assert _present is not None
        return await _present.run(name, payload)


def _as_ended(row: WorkflowStatus) -> Ended | None:
    """Return how the workflow of *row* ended, or None while it has not."""
    if row.status == "SUCCESS":
        return Ended(result=row.output)
    if row.status == "ERROR":
        return Ended(error=why_stopped(row.error or RuntimeError("no error was recorded")))
    return Ended(error=CANCELLED) if row.status == "CANCELLED" else None
