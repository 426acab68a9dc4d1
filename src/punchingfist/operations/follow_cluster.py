"""Turn what happens in the cluster into alerts, for one kubernetes source."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from punchingfist.domain.alerts import Alert
from punchingfist.domain.cluster_events import alert_of_change, alert_of_event
from punchingfist.domain.json import JsonObject
from punchingfist.domain.resources.trigger_sources import KubernetesConfig
from punchingfist.errors import PunchingFistError, Unavailable
from punchingfist.operations.kubectl.client import Api, ServerSaid
from punchingfist.operations.kubectl.kinds import Kind, NoSuchKind, find_kind
from punchingfist.operations.watch_objects import (
    Changed,
    Manifest,
    ObjectsKnown,
    ObjectWatch,
    Watched,
)
from punchingfist.ports.clock import Clock
from punchingfist.ports.cluster import WatchedCluster
from punchingfist.ports.incidents import Incidents
from punchingfist.ports.places import Places

_EVENTS = Kind("", "v1", "events", "Event")
_TIMEOUT_SECONDS = 15.0
_TRY_AGAIN_SECONDS = 30.0
_SWEEP_SECONDS = 15.0

log = structlog.get_logger(__name__)

Receive = Callable[[Sequence[Alert]], Awaitable[object]]


class ClusterFollower:
    """
    Watches the objects a source names, or the Events about them.

    An alert is kept as told only after it is committed. An event has no end,
    so its alert is resolved when `resolveAfter` has passed without another.
    """

    def __init__(
        self,
        source: str,
        config: KubernetesConfig,
        *,
        cluster: WatchedCluster,
        clock: Clock,
        places: Places,
        incidents: Incidents,
        receive: Receive,
    ) -> None:
        self._source, self._config = source, config
        self._cluster, self._clock, self._receive = cluster, clock, receive
        self._places, self._incidents = places, incidents
        self._changes = config.event in set(Changed)
        self._until: dict[str, datetime] = {}
        self._identity = ""
        self._watch: ObjectWatch | None = None
        self._kind = _EVENTS

    async def run(self) -> None:
        """Follow until cancelled; trouble is logged and tried again."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(self._resolve_for_ever())

    async def begin(self) -> ObjectWatch:
        """
        Return the watch, which goes on where the last one of this source was.

        Raises:
            Unavailable: the cluster or the store is in trouble.
        """
        try:
            api = Api(self._cluster, timeout_seconds=_TIMEOUT_SECONDS)
            self._kind = await find_kind(api, self._config.resource)
        except (NoSuchKind, ServerSaid) as refusal:
            raise Unavailable(f"resource {self._config.resource!r}: {refusal}") from None
        watched = self._watched()
        self._identity = f"{watched.path}?{sorted(watched.selectors.items())}"
        place: Any = await self._places.find(self._source) or {}
        known = ObjectsKnown()
        if place.get("identity") == self._identity:
            known = ObjectsKnown.from_json(place["known"])
        until = place.get("until") or {}
        self._until = {mark: datetime.fromisoformat(at) for mark, at in until.items()}
        self._watch = ObjectWatch(self._cluster, watched, known, tell=self._tell, keep=self._keep)
        return self._watch

    async def resolve_quiet(self) -> None:
        """
        Resolve the alerts nothing was heard of for long enough.

        Raises:
            Unavailable: nothing could be stored; they stay due.
        """
        now = self._clock.now()
        due = {mark for mark, at in self._until.items() if at <= now}
        if not due:
            return
        firing = await self._incidents.firing(source=self._source)
        over = [_resolved(alert, at=now) for alert in firing if alert.fingerprint in due]
        if over:
            await self._receive(over)
        for mark in due:
            self._until.pop(mark, None)
        await self._keep()

    async def _follow(self) -> None:
        while self._watch is None:
            try:
                await self.begin()
            except PunchingFistError as trouble:
                log.warning("cluster not followed", source=self._source, why=str(trouble))
                await asyncio.sleep(_TRY_AGAIN_SECONDS)
        await self._watch.run()

    async def _resolve_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            try:
                await self.resolve_quiet()
            except PunchingFistError as trouble:
                log.warning("alerts not resolved yet", source=self._source, why=str(trouble))

    def _watched(self) -> Watched:
        config = self._config
        if self._changes:
            selectors = {"labelSelector": config.label_selector} if config.label_selector else {}
            return Watched(self._kind.path(config.namespace), selectors)
        fields = f"involvedObject.kind={self._kind.kind},reason={config.event}"
        return Watched(_EVENTS.path(config.namespace), {"fieldSelector": fields})

    async def _tell(self, change: Changed, obj: Manifest) -> bool:
        alert = await self._alert(change, obj)
        if alert is None:
            return False
        await self._receive([alert])
        self._until[alert.fingerprint] = self._clock.now() + self._config.resolve_after
        return True

    async def _alert(self, change: Changed, obj: Manifest) -> Alert | None:
        config, now = self._config, self._clock.now()
        if self._changes:
            if change != config.event:
                return None
            return alert_of_change(
                change.value, self._kind.kind, obj, severity=config.severity, at=now
            )
        if change is Changed.DELETED or not await self._is_chosen(obj["involvedObject"]):
            return None
        return alert_of_event(obj, severity=config.severity, at=now)

    async def _is_chosen(self, about: Manifest) -> bool:
        """Tell whether the object an Event is about has the labels asked for."""
        if not self._config.label_selector:
            return True
        selectors = {
            "fieldSelector": f"metadata.name={about.get('name')}",
            "labelSelector": self._config.label_selector,
        }
        path = self._kind.path(about.get("namespace", ""))
        try:
            api = Api(self._cluster, timeout_seconds=_TIMEOUT_SECONDS)
            return bool(await api.list_all(path, selectors))
        except ServerSaid as refusal:
            raise Unavailable(f"cluster {self._cluster.context!r}: {refusal}") from None

    async def _keep(self) -> None:
        assert self._watch is not None
        until = {mark: at.isoformat() for mark, at in self._until.items()}
        known = self._watch.known.to_json()
        place: JsonObject = {"identity": self._identity, "known": known, "until": until}
        await self._places.keep(self._source, place)


def _resolved(alert: Alert, *, at: datetime) -> Alert:
    payload = {**alert.payload, "status": "resolved"}
    return replace(alert, firing=False, ends_at=at, payload=payload)
