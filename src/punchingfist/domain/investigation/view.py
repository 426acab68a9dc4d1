"""All evidence of one investigation, parsed: objects, events, logs, figures, and what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from punchingfist.domain.investigation.containers import is_finished
from punchingfist.domain.investigation.evidence import Evidence
from punchingfist.domain.investigation.findings import ObjectRef, Quote
from punchingfist.domain.investigation.looks import EVERYWHERE, KUBECTL, PROMQL, asked_kubectl
from punchingfist.domain.investigation.measures import Measure, Sample, parse_samples
from punchingfist.domain.investigation.pages import Page, Seen, parse_objects
from punchingfist.domain.investigation.quantities import parse_time
from punchingfist.domain.investigation.question import Question

# CronJob, Job, Pod and Deployment, ReplicaSet, Pod: no chain of owners is longer than this.
_DEEPEST: Final = 4


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


@dataclass(frozen=True, slots=True)
class Log:
    """The lines of one container, of this run or the *previous* one."""

    pod: ObjectRef
    container: str
    previous: bool
    lines: tuple[str, ...]
    page: Page


class View:
    """What the evidence shows, whatever the order it came in; the newest look at an object wins."""

    def __init__(self, question: Question, evidence: Iterable[Evidence]) -> None:
        self.question = question
        self.evidence = tuple(sorted(evidence, key=lambda one: (len(one.id), one.id)))
        self.pages = {one.id: Page(one) for one in self.evidence}
        self.unreadable: list[Evidence] = []
        self.listed: set[tuple[str, str]] = set()
        self._objects: dict[ObjectRef, Seen] = {}
        self._logs: list[Log] = []
        self._samples: list[Sample] = []
        for page in self.pages.values():
            if page.evidence.seen:
                self._read(page)

    @cached_property
    def objects(self) -> Mapping[ObjectRef, Seen]:
        """Every object seen, in a fixed order; events are in `events`."""
        kept = (ref for ref in self._objects if ref.kind != "Event")
        return {ref: self._objects[ref] for ref in sorted(kept)}

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Every event seen, oldest first."""
        found = [_event(seen) for ref, seen in self._objects.items() if ref.kind == "Event"]
        return tuple(sorted(found, key=lambda e: (str(e.at), e.seen.ref)))

    @cached_property
    def logs(self) -> tuple[Log, ...]:
        newest = {(log.pod, log.container, log.previous): log for log in self._logs}
        return tuple(newest[key] for key in sorted(newest))

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[Seen, ...]]:
        found: dict[str, list[Seen]] = {}
        for ref, seen in self.objects.items():
            found.setdefault(ref.kind, []).append(seen)
        return {kind: tuple(seen) for kind, seen in found.items()}

    @cached_property
    def _labelled(self) -> Mapping[tuple[str, str, str], tuple[Seen, ...]]:
        found: dict[tuple[str, str, str], list[Seen]] = {}
        for pod in self.kind("Pod"):
            for key, value in pod.labels.items():
                found.setdefault((pod.namespace, key, value), []).append(pod)
        return {label: tuple(pods) for label, pods in found.items()}

    @cached_property
    def _owners(self) -> Mapping[ObjectRef, ObjectRef | None]:
        return {ref: self._owner(seen) for ref, seen in self.objects.items()}

    @cached_property
    def _children(self) -> Mapping[ObjectRef, tuple[Seen, ...]]:
        found: dict[ObjectRef, list[Seen]] = {}
        for ref, owner in self._owners.items():
            if owner:
                found.setdefault(owner, []).append(self.objects[ref])
        return {ref: tuple(seen) for ref, seen in found.items()}

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

    def pods_of(self, seen: Seen) -> tuple[Seen, ...]:
        """Return the unfinished pods that *seen* is, owns or selects."""
        found = self.selected(seen) if seen.ref.kind == "Service" else self._descendants(seen)
        return tuple(one for one in found if one.ref.kind == "Pod" and not is_finished(one))

    def children(self, seen: Seen) -> tuple[Seen, ...]:
        return self._children.get(seen.ref, ())

    def selected(self, service: Seen) -> tuple[Seen, ...]:
        """Return the pods a Service's selector matches."""
        selector = service.texts("spec", "selector").items()
        labelled = [self._labelled.get((service.namespace, *label), ()) for label in selector]
        fewest = min(labelled, key=len, default=())
        return tuple(pod for pod in fewest if selector <= pod.labels.items())

    def events_about(self, refs: Iterable[ObjectRef], *reasons: str) -> tuple[Event, ...]:
        """Return the events about any of *refs*, of any of *reasons* (none: all), newest first."""
        wanted = frozenset(refs)
        found = (e for e in self.events if e.about in wanted)
        return tuple(reversed([e for e in found if not reasons or e.reason in reasons]))

    def logs_of(self, pods: Iterable[Seen], container: str = "") -> tuple[Log, ...]:
        """Return the logs of *pods*, the previous run of a container first."""
        wanted = {pod.ref for pod in pods}
        found = [g for g in self.logs if g.pod in wanted and container in {"", g.container}]
        return tuple(sorted(found, key=lambda log: not log.previous))

    def samples(self, measure: Measure, *, before: bool = False) -> tuple[Sample, ...]:
        """Return the figures of *measure*, in a fixed order."""
        found = [s for s in self._samples if s.measure is measure and s.before is before]
        return tuple(sorted(found, key=lambda s: (sorted(s.labels.items()), s.text)))

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

    def _read(self, page: Page) -> None:
        if page.evidence.ref.tool == PROMQL:
            self._samples.extend(parse_samples(page))
        elif page.evidence.ref.tool == KUBECTL:
            self._read_kubectl(page)

    def _read_kubectl(self, page: Page) -> None:
        asked = asked_kubectl(page.evidence.ref.arguments)
        if asked.verb == "logs" and asked.words:
            pod = ObjectRef("Pod", asked.namespace, asked.words[0].removeprefix("pod/"))
            previous = asked.flags.get("previous", "false") != "false"
            lines = tuple(page.evidence.output.split("\n"))
            self._logs.append(Log(pod, asked.flags.get("container", ""), previous, lines, page))
        elif asked.verb == "get" and asked.flags.get("output") == "json":
            objects = parse_objects(page)
            if objects is None:
                self.unreadable.append(page.evidence)
                return
            self._objects.update((seen.ref, seen) for seen in objects)
            self.listed.update((plural, asked.namespace) for plural in asked.lists)


def newest(moments: Sequence[datetime | None]) -> datetime | None:
    """Return the latest of the moments known."""
    return max((at for at in moments if at), default=None)


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
