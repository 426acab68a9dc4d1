"""One case as the rules see it: the view, the links, and what the question is about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from punchingfist.domain.investigation.containers import Container, containers
from punchingfist.domain.investigation.evidence import Evidence
from punchingfist.domain.investigation.findings import ObjectRef
from punchingfist.domain.investigation.inventory import inventory_of
from punchingfist.domain.investigation.linking import Route, graph_of
from punchingfist.domain.investigation.measures import Sample
from punchingfist.domain.investigation.pages import Seen
from punchingfist.domain.investigation.question import Question
from punchingfist.domain.investigation.subjects import Subject, find_subjects
from punchingfist.domain.investigation.view import View

# A crash or change older than this explains nothing that starts now.
RECENT: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Dependency:
    """A workload others call through *services*; *dependents* are the subjects that reach it."""

    workload: Seen
    services: tuple[Seen, ...]
    pods: tuple[Seen, ...]
    dependents: tuple[Subject, ...]


class Case:
    """Everything derived from a question and its evidence; computed once, when first asked for."""

    def __init__(self, question: Question, evidence: Iterable[Evidence]) -> None:
        self.question = question
        self.view = View(evidence)
        self.inventory = inventory_of(self.view.listings)
        self.graph = graph_of(self.inventory)

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        return find_subjects(self.question, self.inventory)

    @cached_property
    def routes(self) -> Mapping[ObjectRef, Route]:
        """The shortest route of everything that can affect any subject."""
        return self.graph.routes(ref for subject in self.subjects for ref in subject.objects)

    @cached_property
    def subject_routes(self) -> tuple[Mapping[ObjectRef, Route], ...]:
        """The routes of each subject on its own."""
        return tuple(self.graph.routes(subject.objects) for subject in self.subjects)

    @cached_property
    def own_pods(self) -> tuple[Seen, ...]:
        """The subjects' own pods, the worst off first."""
        return self._pods(way.hops == 0 for way in self.routes.values())

    @cached_property
    def dependencies(self) -> tuple[Dependency, ...]:
        """The workloads the subjects call, in a fixed order."""
        services: dict[ObjectRef, list[Seen]] = {}
        for ref, way in self.routes.items():
            seen = self.inventory.find(ref)
            if way.hops and ref.kind == "Service" and seen:
                for pod in self.inventory.pods_of(seen):
                    services.setdefault(self.inventory.workload(pod).ref, []).append(seen)
        return tuple(self._dependency(ref, services[ref]) for ref in sorted(services))

    def explains(self, ref: ObjectRef) -> float:
        """Return the share of the subjects that *ref* can affect."""
        reached = [ref in routes for routes in self.subject_routes]
        return sum(reached) / len(reached) if reached else 0.0

    def is_recent(self, at: datetime | None) -> bool:
        """Return whether *at* may have to do with the trouble; an unknown time may."""
        started = self.question.starts_at or self.question.at
        return at is None or at >= min(started, self.question.at) - RECENT

    def pod_containers(self) -> Iterator[tuple[Seen, Container]]:
        """Every container of every pod seen, with the workload a person would change."""
        for pod in self.inventory.kind("Pod"):
            workload = self.inventory.workload(pod)
            yield from ((workload, container) for container in containers(pod))

    def is_about(self, sample: Sample, workload: Seen, names: Iterable[str] = ()) -> bool:
        """Return whether *sample* was taken of *workload* (or of what *names* call it)."""
        if sample.label("namespace") not in {"", workload.namespace}:
            return False
        if sample.label("pod"):
            return any(p.name == sample.label("pod") for p in self.inventory.pods_of(workload))
        known = {workload.name, *names}
        return bool(known & {sample.label(key) for key in ("service", "app", "job")})

    def _pods(self, wanted: Iterable[bool]) -> tuple[Seen, ...]:
        refs = [ref for ref, keep in zip(self.routes, wanted, strict=True) if keep]
        seen = (self.inventory.find(ref) for ref in refs if ref.kind == "Pod")
        return tuple(sorted((s for s in seen if s), key=_misery, reverse=True))

    def _dependency(self, ref: ObjectRef, services: list[Seen]) -> Dependency:
        workload = self.inventory.objects[ref]
        dependents = tuple(
            subject
            for subject, routes in zip(self.subjects, self.subject_routes, strict=True)
            if ref in routes and routes[ref].hops
        )
        unique = tuple({s.ref: s for s in services}.values())
        return Dependency(workload, unique, self.inventory.pods_of(workload), dependents)


def _misery(pod: Seen) -> tuple[int, int]:
    parts = containers(pod)
    return sum(not part.ready for part in parts), sum(part.restarts for part in parts)
