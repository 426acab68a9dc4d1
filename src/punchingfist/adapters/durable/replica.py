"""One process of several on one database: it shows that it lives, and takes over from the dead."""

import os
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import sqlalchemy as sa
import structlog
from dbos import DBOSClient
from sqlalchemy import exc

from punchingfist.adapters.store.leases import Leases

_log = structlog.get_logger(__name__)

_EX_TEMPFAIL = 75
_WATCH_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Pace:
    """
    How fast a death is noticed, in seconds.

    A process stops itself *fence* after its last beat, before anybody else
    may act on its *lease*.
    """

    lease: float = 15
    beat: float = 3
    fence: float = 12


def stop_at_once() -> None:
    """End the process; whatever starts it again finds its work in the hands of others."""
    os._exit(_EX_TEMPFAIL)


class Replica:
    """
    This process among those that share the database of *engine*, which it owns.

    Nothing here waits for flows: three threads beat, watch the beat, and give
    the flows of processes that stopped beating to whoever is free.
    """

    def __init__(
        self,
        engine: sa.Engine,
        *,
        pace: Pace = Pace(),
        fence: Callable[[], None] = stop_at_once,
    ) -> None:
        self.name = f"{socket.gethostname()}-{uuid4().hex[:12]}"
        self._leases = Leases(engine, lease=timedelta(seconds=pace.lease))
        self._pace, self._fence = pace, fence
        self._last_beat = 0.0
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self) -> None:
        """Show that we live; before the first flow runs here."""
        self._last_beat = time.monotonic()
        self._leases.take(self.name)
        self._every(self._pace.beat, "beat", self._beat)
        self._every(self._pace.fence * _WATCH_SHARE, "watch", self._watch)

    def take_over(self, client: DBOSClient) -> None:
        """Look for flows of the dead, now and for as long as we live."""
        self._every(self._pace.beat, "reap", lambda: self._reap(client), at_once=True)

    def end(self) -> None:
        """Let others have what we leave, without waiting for the lease to run out."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(self._pace.beat)
        try:
            self._leases.release(self.name)
        except (exc.DBAPIError, exc.TimeoutError) as trouble:
            _log.warning("the lease runs out by itself", replica=self.name, why=_line(trouble))
        self._leases.close()

    def _beat(self) -> None:
        asked_at = time.monotonic()  # the lease may have been prolonged as early as this
        if self._leases.renew(self.name):
            self._last_beat = asked_at
        else:
            self._stop("its lease has run out")

    def _watch(self) -> None:
        if time.monotonic() - self._last_beat > self._pace.fence:
            self._stop(f"the database took no beat for {self._pace.fence:g} s")

    def _stop(self, why: str) -> None:
        if not self._stopping.is_set():
            _log.critical("stopping at once: others may run our flows", replica=self.name, why=why)
            self._fence()

    def _reap(self, client: DBOSClient) -> None:
        with self._leases.reaping() as living:
            if living is None:
                return
            # In this order: who begins a flow after the list was made is not on it.
            running = client.list_workflows(status="PENDING", load_input=False, load_output=False)
            alive = living.names()
            left: defaultdict[str | None, list[str]] = defaultdict(list)
            for flow in running:
                if flow.executor_id not in alive:
                    left[flow.queue_name].append(flow.workflow_id)
            for queue, flow_ids in left.items():
                _log.warning("taking over from a replica that is gone", flows=flow_ids)
                client.resume_workflows(flow_ids, queue_name=queue)
            living.forget_the_dead()

    def _every(
        self, seconds: float, name: str, work: Callable[[], None], *, at_once: bool = False
    ) -> None:
        """Do *work* again and again on a thread of its own, whatever the database says."""

        def run() -> None:
            wait = 0.0 if at_once else seconds
            while not self._stopping.wait(wait):
                wait = seconds
                try:
                    work()
                except (exc.DBAPIError, exc.TimeoutError) as trouble:
                    _log.warning("database", replica=self.name, work=name, why=_line(trouble))

        thread = threading.Thread(target=run, name=f"pf-replica-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()


def _line(trouble: exc.SQLAlchemyError) -> str:
    return str(getattr(trouble, "orig", None) or trouble).partition("\n")[0]
