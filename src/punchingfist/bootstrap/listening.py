"""What listens: the resources in force, the paths they open, and a polled Alertmanager."""

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from punchingfist.adapters.resource_files import Refusal, watch_folder
from punchingfist.adapters.store.definitions import DefinitionKind, SqlDefinitions
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from punchingfist.bootstrap.edges import Edges
from punchingfist.bootstrap.extensions import Extensions
from punchingfist.domain.alerts import Alert
from punchingfist.domain.loading.secrets import mask_secrets
from punchingfist.domain.resources.collection import Resources
from punchingfist.errors import PunchingFistError
from punchingfist.operations.activate import activate_hooks
from punchingfist.operations.api_sources import ApiSource, activate_api_sources
from punchingfist.operations.hooks import Hook
from punchingfist.operations.poll import AlertmanagerPoll
from punchingfist.operations.receive import Receiver
from punchingfist.operations.start_execution import Starter

_WATCH_SECONDS = 2.0

log = structlog.get_logger(__name__)


class Listening:
    """The resources in force and the paths they open; *on_change* hears of others in force."""

    def __init__(
        self,
        resources: Resources,
        extensions: Extensions,
        edges: Edges,
        definitions: SqlDefinitions,
        starter: Starter,
    ) -> None:
        self.resources, self.hooks = resources, dict[str, Hook]()
        self.api_sources = dict[str, ApiSource]()
        self.on_change: Callable[[Resources], None] | None = None
        self._extensions, self._edges, self._definitions = extensions, edges, definitions
        self._starter = starter

    async def refresh(self, resources: Resources) -> None:
        """Put *resources* in force, all of them or none."""
        hooks = await activate_hooks(
            resources,
            formats=self._extensions.formats,
            sinks=self._extensions.sinks,
            secrets=self._edges.secrets,
            clock=SystemClock(),
            http=self._edges.http,
        )
        api_sources = await activate_api_sources(
            resources,
            sinks=self._extensions.sinks,
            secrets=self._edges.secrets,
            http=self._edges.http,
            clock=SystemClock(),
            ids=UuidIds(),
            starter=self._starter,
        )
        for kind, named in (
            (DefinitionKind.SOURCE, resources.sources),
            (DefinitionKind.WORKFLOW, resources.workflows),
            (DefinitionKind.SINK, resources.sinks),
        ):
            await self._definitions.keep(
                kind, {name: mask_secrets(one)[0] for name, one in named.items()}
            )
        self.hooks, self.api_sources, self.resources = hooks, api_sources, resources
        if self.on_change is not None:
            self.on_change(resources)
        for condition in resources.conditions:
            log.warning("resource", condition=str(condition), reason=condition.reason)

    async def watch(self, folder: Path) -> None:
        """Follow the folder; a set that cannot be used leaves the last good one in force."""
        first = True
        async for found in watch_folder(folder, self._extensions.known, _WATCH_SECONDS):
            try:
                if isinstance(found, Refusal):
                    log.warning(
                        "resources refused, the last good ones stay", why=str(found.problem)
                    )
                elif not first:
                    await self.refresh(found)
                    log.info("resources changed", sources=len(found.sources))
            except PunchingFistError as problem:
                log.warning("resources refused, the last good ones stay", why=str(problem))
            first = False


async def poll(
    url: str, edges: Edges, store: Store, receiver: Receiver, listening: Listening
) -> None:
    """Poll the Alertmanager at *url* on behalf of the first webhook source by name."""
    hooks = sorted(
        (hook for hook in listening.hooks.values() if hook.format == "alertmanager"),
        key=lambda hook: hook.source.name,
    )
    if not hooks:
        log.warning(
            "nothing is polled: no webhook source for Alertmanager to act for", alertmanager=url
        )
        return
    source = hooks[0].source
    known = await store.incidents.firing(source=source.name)

    async def receive(alerts: Sequence[Alert]) -> None:
        await receiver.receive(source, alerts)

    await AlertmanagerPoll(url, edges.http, SystemClock(), receive, known).run()
