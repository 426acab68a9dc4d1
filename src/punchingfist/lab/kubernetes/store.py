"""Where objects live, and the journal of changes that watches read."""

import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from punchingfist.lab.kubernetes.objects import Key, Manifest, key_of, metadata_of, with_metadata
from punchingfist.lab.kubernetes.resources import Resource
from punchingfist.lab.kubernetes.times import stamp
from punchingfist.ports.clock import Clock

_JOURNAL_LENGTH = 4096


class ChangeType(StrEnum):
    """What happened to an object, in the words of a watch."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Change:
    """One write: what the object is now (for a deletion: was last) and what it was before."""

    version: int
    kind: tuple[str, str]
    type: ChangeType
    now: Manifest
    before: Manifest | None


class ObjectStore:
    """
    Every stored object, by kind and key.

    Objects are handed out as they are kept, so nobody may change one. One
    thread writes; listeners hear of each change on that thread.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._objects: dict[tuple[str, str], dict[Key, Manifest]] = {}
        self._journal: deque[Change] = deque(maxlen=_JOURNAL_LENGTH)
        self._listeners: list[Callable[[], None]] = []
        self.version = 1
        self.oldest = 1

    def find(self, resource: Resource, key: Key) -> Manifest | None:
        """Return the object at *key*, if there is one."""
        return self._objects.get(_kind(resource), {}).get(key)

    def all(self, resource: Resource, namespace: str | None = None) -> list[Manifest]:
        """Return the objects of one kind, in order of namespace and name."""
        found = sorted(self._objects.get(_kind(resource), {}).items())
        return [obj for key, obj in found if namespace in (None, key.namespace)]

    def save(self, resource: Resource, obj: Manifest) -> Manifest:
        """Keep *obj* in place of what was at its key, and return it stamped."""
        self.version += 1
        key, objects = key_of(obj), self._objects.setdefault(_kind(resource), {})
        before = objects.get(key)
        kept = objects[key] = self.stamped(resource, obj)
        change = ChangeType.MODIFIED if before else ChangeType.ADDED
        self._record(Change(self.version, _kind(resource), change, kept, before))
        return kept

    def remove(self, resource: Resource, key: Key) -> Manifest:
        """Forget the object at *key* and return it as it was last."""
        self.version += 1
        before = self._objects[_kind(resource)].pop(key)
        last = with_metadata(before, resourceVersion=str(self.version))
        self._record(Change(self.version, _kind(resource), ChangeType.DELETED, last, before))
        return last

    def changes_since(self, resource: Resource, version: int) -> list[Change]:
        """Return what happened to one kind after *version*, oldest first."""
        return [c for c in self._journal if c.version > version and c.kind == _kind(resource)]

    def forget_history(self) -> None:
        """Drop the journal, as compaction does: watches from before now are told 410."""
        self._journal.clear()
        self.oldest = self.version

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Call *heard* after each change, until the returned function is called."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    def stamped(self, resource: Resource, obj: Manifest) -> Manifest:
        """Fill what only the server knows; identity is derived, so equal runs look equal."""
        metadata = metadata_of(obj)
        identity = f"{resource.qualified}/{'/'.join(key_of(obj))}/{self.version}"
        return with_metadata(
            {**obj, "apiVersion": resource.group_version, "kind": resource.kind},
            uid=metadata.get("uid") or str(uuid.uuid5(uuid.NAMESPACE_OID, identity)),
            creationTimestamp=metadata.get("creationTimestamp") or stamp(self._clock.now()),
            resourceVersion=str(self.version),
        )

    def _record(self, change: Change) -> None:
        if len(self._journal) == _JOURNAL_LENGTH:
            self.oldest = self._journal[0].version
        self._journal.append(change)
        for heard in tuple(self._listeners):
            heard()


def _kind(resource: Resource) -> tuple[str, str]:
    """All versions of a kind are one store."""
    return resource.group, resource.plural
