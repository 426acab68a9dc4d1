"""
Follow the objects of one list in a cluster: what there is, then every change of it.

A watch goes on where the last one ended. Where the server has forgotten that
point, or goes on failing, the list is read again and compared with what was
known, so that nothing is missed and nothing is told twice.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

import structlog

from punchingfist.domain.json import JsonObject
from punchingfist.errors import Unavailable
from punchingfist.ports.cluster import ClusterReply, WatchedCluster

_PAGE = 500
_WATCH_SECONDS = 280
_JITTER_SECONDS = 20
_SILENCE_SECONDS = 330.0
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.5, 30.0
_GONE = 410

log = structlog.get_logger(__name__)

Manifest = dict[str, Any]


class Changed(StrEnum):
    """What happened to an object."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Watched:
    """Which list is followed: its path and the selectors that narrow it."""

    path: str
    selectors: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ObjectsKnown:
    """
    What was told already: the version of the list, and each object by its uid.

    An object's mark changes when there is something to tell of it. *version*
    is empty when the list is to be read; *is_new* says that it never was, so
    that what is there then is no news.
    """

    version: str = ""
    objects: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    is_new: bool = True

    def to_json(self) -> JsonObject:
        objects = {uid: list(known) for uid, known in self.objects.items()}
        return {"version": self.version, "objects": objects}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        objects = {uid: (one[0], one[1], one[2]) for uid, one in value["objects"].items()}
        return cls(value["version"], objects, is_new=False)


class _Forgotten(Exception):
    """The server no longer knows the version we would go on from."""


Tell = Callable[[Changed, Manifest], Awaitable[bool]]


class ObjectWatch:
    """
    Tells each change once.

    *tell* returns whether it had a use for the change; then *keep* is called.
    A change at which *tell* raised, or whose *keep* was lost in a crash, is
    told again; nothing else is.
    """

    def __init__(
        self,
        cluster: WatchedCluster,
        watched: Watched,
        known: ObjectsKnown,
        *,
        tell: Tell,
        keep: Callable[[], Awaitable[None]],
    ) -> None:
        self._cluster, self._watched, self.known = cluster, watched, known
        self._tell, self._keep = tell, keep
        self._failures = 0

    async def run(self) -> None:
        """Follow until cancelled; trouble is logged and waited out."""
        while True:
            try:
                await self.follow_once()
            except _Forgotten:
                self.known.version = ""
                await self._wait("the server has forgotten where we were", quiet=True)
            except Unavailable as trouble:
                if self._failures:
                    # Whatever was missed shows when the list is compared with what is known.
                    self.known.version = ""
                await self._wait(str(trouble))

    async def follow_once(self) -> None:
        """
        Read the list if need be, then watch it until the server ends the watch.

        Raises:
            Unavailable: the cluster or the store is in trouble.
        """
        if not self.known.version:
            await self._read_list()
        await self._watch()

    async def _wait(self, why: str, *, quiet: bool = False) -> None:
        wait = min(_FIRST_WAIT_SECONDS * 2**self._failures, _LONGEST_WAIT_SECONDS)
        self._failures = min(self._failures + 1, 10)
        if not quiet:
            log.warning("watch interrupted", path=self._watched.path, why=why)
        # Many watches broken by one event must not come back at one instant.
        await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311

    async def _read_list(self) -> None:
        version, objects = await self._whole_list()
        if self.known.is_new:
            self.known.objects = {uid: _known(one) for uid, one in objects.items()}
            self.known.is_new = False
        for obj in objects.values():
            await self._see(obj)
        for uid in [*self.known.objects.keys() - objects.keys()]:
            namespace, name, _ = self.known.objects[uid]
            await self._lose({"metadata": {"uid": uid, "namespace": namespace, "name": name}})
        self.known.version = version
        await self._keep()

    async def _whole_list(self) -> tuple[str, dict[str, Manifest]]:
        objects: dict[str, Manifest] = {}
        following = ""
        while True:
            params = {**self._watched.selectors, "limit": str(_PAGE)}
            if following:
                params["continue"] = following
            reply = await self._cluster.request("GET", self._watched.path, params=params)
            page = self._document(reply)
            objects |= {_uid(one): one for one in page.get("items") or ()}
            metadata = page["metadata"]
            following = metadata.get("continue") or ""
            if not following:
                return str(metadata["resourceVersion"]), objects

    def _document(self, reply: ClusterReply) -> Manifest:
        try:
            document = json.loads(reply.body)
        except ValueError:
            document = None
        if reply.status != 200 or not isinstance(document, dict) or "metadata" not in document:
            said = document.get("message") if isinstance(document, dict) else None
            raise Unavailable(
                f"cluster {self._cluster.context!r}: HTTP {reply.status} for the list at "
                f"{self._watched.path}: {said or 'no reason given'}"
            )
        return document

    async def _watch(self) -> None:
        params = {
            **self._watched.selectors,
            "watch": "1",
            "resourceVersion": self.known.version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_WATCH_SECONDS + random.randrange(_JITTER_SECONDS)),  # noqa: S311
        }
        lines = self._cluster.watch(
            self._watched.path, params=params, silence_seconds=_SILENCE_SECONDS
        )
        async with aclosing(lines):
            async for line in lines:
                await self._hear(line)
        self._failures = 0
        await self._keep()

    async def _hear(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            event = json.loads(line)
            kind, obj = event["type"], event["object"]
        except (ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"cluster {self._cluster.context!r}: no event: {error}") from None
        if kind == "ERROR":
            if obj.get("code") == _GONE:
                raise _Forgotten
            raise Unavailable(
                f"cluster {self._cluster.context!r}: the watch ended: {obj.get('message')}"
            )
        is_worth_keeping = kind == "BOOKMARK"
        if kind == "DELETED":
            is_worth_keeping = await self._lose(obj)
        elif kind in {"ADDED", "MODIFIED"}:
            is_worth_keeping = await self._see(obj)
        self.known.version = str(obj["metadata"]["resourceVersion"])
        self._failures = 0
        if is_worth_keeping:
            await self._keep()

    async def _see(self, obj: Manifest) -> bool:
        uid, now = _uid(obj), _known(obj)
        before = self.known.objects.get(uid)
        if before == now:
            return False
        was_used = await self._tell(Changed.UPDATED if before else Changed.CREATED, obj)
        self.known.objects[uid] = now
        return was_used

    async def _lose(self, obj: Manifest) -> bool:
        if _uid(obj) not in self.known.objects:
            return False
        was_used = await self._tell(Changed.DELETED, obj)
        del self.known.objects[_uid(obj)]
        return was_used


def _uid(obj: Manifest) -> str:
    return str(obj["metadata"]["uid"])


def _known(obj: Manifest) -> tuple[str, str, str]:
    """Return where an object is and its mark: the generation, which its status does not move."""
    metadata = obj["metadata"]
    mark = metadata.get("generation") or metadata.get("resourceVersion") or ""
    return metadata.get("namespace", ""), metadata["name"], str(mark)
