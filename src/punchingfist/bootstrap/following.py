"""What runs for sources nobody posts to: schedules, files and watches of the cluster."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

import structlog

from punchingfist.adapters.files import LocalFiles
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock
from punchingfist.bootstrap.edges import Edges
from punchingfist.bootstrap.extensions import Extensions
from punchingfist.domain.alerts import Alert
from punchingfist.domain.resources.collection import Resources
from punchingfist.domain.resources.sources import Source
from punchingfist.domain.resources.trigger_sources import (
    FileConfig,
    KubernetesConfig,
    ScheduleConfig,
)
from punchingfist.operations.activate import activate_source
from punchingfist.operations.follow_cluster import ClusterFollower
from punchingfist.operations.follow_files import FileFollower
from punchingfist.operations.keep_schedule import ScheduleKeeper
from punchingfist.operations.receive import ActiveSource, Receiver
from punchingfist.operations.start_execution import Starter

_TRY_AGAIN_SECONDS = 30.0

log = structlog.get_logger(__name__)

Run = Callable[[], Awaitable[None]]


class Following:
    """One task for each such source of the resources in force."""

    def __init__(
        self,
        extensions: Extensions,
        edges: Edges,
        store: Store,
        receiver: Receiver,
        starter: Starter,
    ) -> None:
        self._extensions, self._edges, self._store = extensions, edges, store
        self._receiver, self._starter = receiver, starter
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping: set[asyncio.Task[None]] = set()

    def follow(self, resources: Resources) -> None:
        """Run what *resources* ask for, in place of what ran before; each goes on where it was."""
        before, self._tasks = self._tasks, []
        for task in before:
            task.cancel()
        self._stopping = {task for task in [*self._stopping, *before] if not task.done()}
        after = tuple(self._stopping)
        for name, run in self._runs(resources):
            self._tasks.append(asyncio.create_task(_supervise(name, run, after), name=name))

    async def close(self) -> None:
        """Stop everything."""
        tasks = [*self._tasks, *self._stopping]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _runs(self, resources: Resources) -> Iterator[tuple[str, Run]]:
        for source in resources.sources.values():
            run = self._run(source, activate_source(source, resources, self._extensions.sinks))
            if run is not None:
                yield source.name, run

    def _run(self, source: Source, active: ActiveSource) -> Run | None:
        match source.spec.type:
            case "schedule" if active.trigger is not None:
                return self._schedule(source, active).run
            case "file":
                return self._files(source, active).run
            case "kubernetes":
                return self._cluster(source, active).run
        return None

    def _schedule(self, source: Source, active: ActiveSource) -> ScheduleKeeper:
        return ScheduleKeeper(
            active,
            ScheduleConfig.model_validate(source.spec.config),
            places=self._store.places,
            clock=SystemClock(),
            starter=self._starter,
        )

    def _files(self, source: Source, active: ActiveSource) -> FileFollower:
        return FileFollower(
            source.name,
            FileConfig.model_validate(source.spec.config),
            files=LocalFiles(),
            places=self._store.places,
            receive=self._receive(active),
        )

    def _cluster(self, source: Source, active: ActiveSource) -> ClusterFollower:
        return ClusterFollower(
            source.name,
            KubernetesConfig.model_validate(source.spec.config),
            cluster=self._edges.cluster,
            clock=SystemClock(),
            places=self._store.places,
            incidents=self._store.incidents,
            receive=self._receive(active),
        )

    def _receive(self, active: ActiveSource) -> Callable[[Sequence[Alert]], Awaitable[None]]:
        async def receive(alerts: Sequence[Alert]) -> None:
            received = await self._receiver.receive(active, alerts)
            for one in received.taken:
                if one.refused:
                    log.warning("alert refused", source=active.name, why=str(one.refused))

        return receive


async def _supervise(name: str, run: Run, after: Sequence[asyncio.Task[None]]) -> None:
    """Run until cancelled, once *after* have stopped; a bug is logged and must not end it."""
    if after:
        await asyncio.wait(after)
    while True:
        try:
            await run()
        except Exception:
            log.exception("source stopped by a bug, it begins again", source=name)
        await asyncio.sleep(_TRY_AGAIN_SECONDS)
