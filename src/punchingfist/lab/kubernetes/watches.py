"""Watching: what there is, then each change, then bookmarks while nothing happens."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable

from punchingfist.lab.kubernetes.calls import Call
from punchingfist.lab.kubernetes.objects import Manifest
from punchingfist.lab.kubernetes.reads import as_object, selected
from punchingfist.lab.kubernetes.selectors import Predicate
from punchingfist.lab.kubernetes.statuses import bad_request, too_new, too_old
from punchingfist.lab.kubernetes.store import Change, ChangeType, ObjectStore
from punchingfist.ports.clock import Clock

_LONGEST_SECONDS = 1800.0


class Watch:
    """One watch over the selected objects of a kind, until its time is up."""

    def __init__(
        self, store: ObjectStore, call: Call, clock: Clock, *, bookmark_seconds: float
    ) -> None:
        self._store, self._call, self._clock = store, call, clock
        self._bookmark_seconds = bookmark_seconds
        self._matches: Predicate = selected(call)
        self._from = _start(call)
        self._bookmarks = call.query.get("allowWatchBookmarks") == "true"
        if self._from is not None and self._from > store.version:
            raise too_new(self._from, store.version)

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield one JSON line per event; a forgotten start is an ERROR event."""
        if self._from is not None and self._from < self._store.oldest:
            yield _line("ERROR", too_old(self._from, self._store.oldest).body())
            return
        for line in self._present():
            yield line
        seen = self._store.version if self._from is None else self._from
        async for line in self._changes(seen):
            yield line

    def _present(self) -> list[bytes]:
        """Return what there is already, for a watch that did not say where to start."""
        if self._from is not None:
            return []
        found = [obj for obj in self._store.all(self._call.resource) if self._matches(obj)]
        lines = [self._event(ChangeType.ADDED, obj) for obj in found]
        if self._call.query.get("sendInitialEvents") == "true":
            lines.append(self._bookmark(initial=True))
        return lines

    async def _changes(self, seen: int) -> AsyncIterator[bytes]:
        ends = time.monotonic() + _patience(self._call)
        changed = asyncio.Event()
        stop = self._store.listen(_on_loop(changed))
        try:
            while True:
                changed.clear()
                for change in self._store.changes_since(self._call.resource, seen):
                    if line := self._told(change):
                        yield line
                seen = self._store.version
                left = ends - time.monotonic()
                if not await _happens(changed, min(left, self._bookmark_seconds)):
                    if self._bookmarks:
                        yield self._bookmark()
                    if left <= self._bookmark_seconds:
                        return
        finally:
            stop()

    def _told(self, change: Change) -> bytes | None:
        """Return the event for *change*: an object may come into sight or leave it."""
        now = change.type is not ChangeType.DELETED and self._matches(change.now)
        before = change.before is not None and self._matches(change.before)
        if not now and not before:
            return None
        if now and not before:
            return self._event(ChangeType.ADDED, change.now)
        return self._event(ChangeType.MODIFIED if now else ChangeType.DELETED, change.now)

    def _event(self, change: ChangeType, obj: Manifest) -> bytes:
        return _line(change.value, as_object(self._call, obj, self._clock.now()))

    def _bookmark(self, *, initial: bool = False) -> bytes:
        metadata: Manifest = {"resourceVersion": str(self._store.version)}
        if initial:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        resource = self._call.resource
        shown = {"kind": resource.kind, "apiVersion": resource.group_version, "metadata": metadata}
        return _line("BOOKMARK", shown)


def _start(call: Call) -> int | None:
    """Return the version to continue from; None means: from what there is now."""
    version = call.query.get("resourceVersion", "")
    if version in ("", "0") or call.query.get("sendInitialEvents") == "true":
        return None
    try:
        return int(version)
    except ValueError as cause:
        raise bad_request(f'Invalid value: "{version}": resourceVersion') from cause


def _patience(call: Call) -> float:
    try:
        return min(float(call.query.get("timeoutSeconds") or _LONGEST_SECONDS), _LONGEST_SECONDS)
    except ValueError as cause:
        raise bad_request(f"timeoutSeconds: {call.query['timeoutSeconds']!r}") from cause


def _on_loop(changed: asyncio.Event) -> Callable[[], None]:
    """Writes may come from another thread, as when a test changes the cluster."""
    loop = asyncio.get_running_loop()

    def heard() -> None:
        loop.call_soon_threadsafe(changed.set)

    return heard


async def _happens(changed: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(changed.wait(), max(seconds, 0))
    except TimeoutError:
        return False
    return True


def _line(kind: str, obj: Manifest) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"
