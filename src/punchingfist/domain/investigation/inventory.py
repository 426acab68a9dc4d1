"""Every object seen, found by name, owner, label and event."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Final, TypeVar

from punchingfist.domain.investigation.containers import is_finished
from punchingfist.domain.investigation.findings import ObjectRef, Quote
from punchingfist.domain.investigation.looks import EVERYWHERE
from punchingfist.domain.investigation.pages import Seen
from punchingfist.domain.investigation.quantities import parse_time
from punchingfist.domain.investigation.readings import Reading

# CronJob, Job, Pod and Deployment, ReplicaSet, Pod: no chain of owners is longer than this.
_DEEPEST: Final = 4
_Name = TypeVar("_Name")
_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Event:
    """A Kubernetes event: *about* which object, why, what, and when last."""

    about: ObjectRef
    reason: str
    message: str
    warning: bool
    at: datetime | None
    seen: Seen

    def quote(self) -> Quote | None:
        return self.seen.quote("message", self.message)


class Inventory:
    """The objects of *readings*; of two looks at one object the later counts."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        self._all: dict[ObjectRef, Seen] = {}
        self.listed: set[tuple[str, str]] = set()
        for reading in readings:
            self._all.update((seen.ref, seen) for seen in reading.objects)
            self.listed |= reading.listed

    @cached_property
    def objects(self) -> Mapping[ObjectRef, Seen]:
        """Every object seen, in a fixed order; events are in `events`."""
        return {ref: self._all[ref] for ref in sorted(self._all) if ref.kind != "Event"}

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Every event seen, oldest first."""
        found = [_event(seen) for ref, seen in self._all.items() if ref.kind == "Event"]
        return tuple(sorted(found, key=lambda e: (str(e.at), e.seen.ref)))

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[Seen]]:
        return _grouped((seen.ref.kind, seen) for seen in self.objects.values())

    @cached_property
    def _labelled(self) -> Mapping[tuple[str, str, str], Sequence[Seen]]:
        return _grouped(
            ((pod.namespace, *label), pod)
            for pod in self.kind("Pod")
            for label in pod.labels.items()
        )

    @cached_property
    def _selecting(self) -> Mapping[ObjectRef, Sequence[Seen]]:
        return _grouped(
            (pod.ref, service) for service in self.kind("Service") for pod in self.selected(service)
        )

    @cached_property
    def _owners(self) -> Mapping[ObjectRef, ObjectRef | None]:
        return {ref: self._owner(seen) for ref, seen in self.objects.items()}

    @cached_property
    def _children(self) -> Mapping[ObjectRef, Sequence[Seen]]:
        return _grouped((owner, self.objects[ref]) for ref, owner in self._owners.items() if owner)

    @cached_property
    def _told_of(self) -> Mapping[ObjectRef, Sequence[tuple[int, Event]]]:
        return _grouped((event.about, (place, event)) for place, event in enumerate(self.events))

    def find(self, ref: ObjectRef) -> Seen | None:
        return self.objects.get(ref)

    def kind(self, *kinds: str) -> tuple[Seen, ...]:
        """Return the objects of *kinds*, in a fixed order."""
        return tuple(seen for kind in sorted(kinds) for seen in self._by_kind.get(kind, ()))

    def is_listed(self, plural: str, namespace: str) -> bool:
        """Return whether all objects of *plural* in *namespace* were seen."""
        return bool({(plural, namespace), (plural, EVERYWHERE)} & self.listed)

    def owner(self, seen: Seen) -> Seen | None:
        """Return the controller of *seen*, if it was seen too."""
        owner = self._owners.get(seen.ref)
        return self.objects[owner] if owner else None

    def workload(self, seen: Seen) -> Seen:
        """Return the topmost owner seen: what a person would change."""
        for _ in range(_DEEPEST):
            seen = self.owner(seen) or seen
        return seen

    def children(self, seen: Seen) -> Sequence[Seen]:
        return self._children.get(seen.ref, ())

    def pods_of(self, seen: Seen) -> tuple[Seen, ...]:
        """Return the unfinished pods that *seen* is, owns or selects."""
        found = self.selected(seen) if seen.ref.kind == "Service" else self._descendants(seen)
        return tuple(one for one in found if one.ref.kind == "Pod" and not is_finished(one))

    def selected(self, service: Seen) -> tuple[Seen, ...]:
        """Return the pods a Service's selector matches."""
        selector = service.texts("spec", "selector").items()
        labelled = [self._labelled.get((service.namespace, *label), ()) for label in selector]
        fewest = min(labelled, key=len, default=())
        return tuple(pod for pod in fewest if selector <= pod.labels.items())

    def selecting(self, pod: Seen) -> Sequence[Seen]:
        """Return the Services whose selector matches *pod*."""
        return self._selecting.get(pod.ref, ())

    def events_about(self, refs: Iterable[ObjectRef], *reasons: str) -> tuple[Event, ...]:
        """Return the events about any of *refs*, of any of *reasons* (none: all), newest first."""
        found = [told for ref in set(refs) for told in self._told_of.get(ref, ())]
        found.sort(key=lambda told: told[0], reverse=True)
        return tuple(event for _, event in found if not reasons or event.reason in reasons)

    def _descendants(self, seen: Seen) -> tuple[Seen, ...]:
        level: tuple[Seen, ...] = (seen,)
        found = level
        for _ in range(_DEEPEST):
            level = tuple(child for one in level for child in self.children(one))
            found += level
        return found

    def _owner(self, seen: Seen) -> ObjectRef | None:
        for owner in seen.items("metadata", "ownerReferences"):
            ref = ObjectRef(str(owner.get("kind")), seen.namespace, str(owner.get("name")))
            if ref in self.objects and ref != seen.ref:
                return ref
        return None


# An investigation thinks several times about the same listings: four at once are plenty.
@lru_cache(maxsize=4)
def inventory_of(readings: tuple[Reading, ...]) -> Inventory:
    """Return the inventory of *readings*, the very same for the very same readings."""
    return Inventory(readings)


def newest(moments: Sequence[datetime | None]) -> datetime | None:
    """Return the latest of the moments known."""
    return max((at for at in moments if at), default=None)


def _grouped(pairs: Iterable[tuple[_Name, _Thing]]) -> dict[_Name, list[_Thing]]:
    found: dict[_Name, list[_Thing]] = {}
    for name, thing in pairs:
        found.setdefault(name, []).append(thing)
    return found


def _event(seen: Seen) -> Event:
    about = seen.mapping("involvedObject") or seen.mapping("regarding")
    namespace = str(about.get("namespace") or "")
    ref = ObjectRef(str(about.get("kind")), namespace, str(about.get("name")))
    keys = ("lastTimestamp", "eventTime", "deprecatedLastTimestamp", "firstTimestamp")
    at = next((t for t in (parse_time(seen.at(key)) for key in keys) if t), None)
    series = parse_time(seen.at("series", "lastObservedTime"))
    message = str(seen.at("message") or seen.at("note") or "")
    warning = seen.at("type") == "Warning"
    return Event(ref, str(seen.at("reason") or ""), message, warning, newest([at, series]), seen)
