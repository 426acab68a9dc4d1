"""How objects hang together, and whether a cause reaches what the alert is about."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from punchingfist.domain.investigation.addresses import (
    Address,
    addresses,
    config_names,
    config_settings,
    container_settings,
)
from punchingfist.domain.investigation.containers import TEMPLATED, containers
from punchingfist.domain.investigation.findings import Link, ObjectRef, Quote
from punchingfist.domain.investigation.inventory import Inventory
from punchingfist.domain.investigation.pages import Seen, mapping

OWNS: Final = "owns"
OWNED: Final = "is owned by"
SELECTED: Final = "is selected by"
SELECTS: Final = "selects"
CALLED: Final = "is called by"
READ: Final = "is read by"
MOUNTED: Final = "is mounted by"
RUNS: Final = "runs"
_DEPENDING: Final = frozenset({CALLED})
# Behind these relations lie other people's objects: whoever shares a node or calls the subject.
_TERMINAL: Final = frozenset({RUNS, SELECTS})


@dataclass(frozen=True, slots=True)
class Route:
    """The way from an object to a subject; *hops* counts the dependencies crossed."""

    links: tuple[Link, ...]
    subject: ObjectRef

    @property
    def hops(self) -> int:
        return sum(link.relation in _DEPENDING for link in self.links)


class Graph:
    """
    Every link the evidence shows.

    Links point from what may be at fault to what it affects, so a walk from
    a subject against them meets only things that can hurt it: its own parts,
    what it calls, where it runs; never a sibling that merely shares them.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._known: dict[ObjectRef, tuple[Link, ...]] = {}
        self._named: dict[ObjectRef, tuple[Address, ...]] = {}

    def links_to(self, target: ObjectRef) -> tuple[Link, ...]:
        """Return everything that can affect *target* directly; worked out when first met."""
        if target not in self._known:
            seen, found = self._inventory.find(target), dict[tuple[ObjectRef, str], Link]()
            for link in self._links(seen) if seen else ():
                found.setdefault((link.source, link.relation), link)
            self._known[target] = tuple(found[key] for key in sorted(found))
        return self._known[target]

    def holds(self, link: Link) -> bool:
        """Return whether the evidence itself shows this link, whatever its quote."""
        known = self.links_to(link.target)
        return any((k.source, k.relation) == (link.source, link.relation) for k in known)

    def routes(self, subjects: Iterable[ObjectRef]) -> Mapping[ObjectRef, Route]:
        """Return the shortest route of everything that can affect any of *subjects*."""
        found = {ref: Route((), ref) for ref in sorted(subjects)}
        waiting = deque(found)
        while waiting:
            target = waiting.popleft()
            way = found[target]
            if way.links and way.links[0].relation in _TERMINAL:
                continue
            for link in self.links_to(target):
                if link.source not in found and not (link.relation == SELECTS and way.hops):
                    found[link.source] = Route((link, *way.links), way.subject)
                    waiting.append(link.source)
        return found

    def called(self, seen: Seen) -> tuple[Seen, ...]:
        """Return the Services that *seen*, or its pods, call by name."""
        callers = [seen, *self._inventory.pods_of(seen)]
        reached = self.routes(one.ref for one in callers)
        services = {ref for ref, way in reached.items() if way.hops == 1 and ref.kind == "Service"}
        return tuple(s for s in self._inventory.kind("Service") if s.ref in services)

    def named(self, seen: Seen) -> tuple[Address, ...]:
        """Return every Service the settings of *seen* may name, seen or not."""
        if seen.ref not in self._named:
            self._named[seen.ref] = tuple(self._addresses(seen))
        return self._named[seen.ref]

    def _links(self, seen: Seen) -> Iterator[Link]:
        yield from self._owner_links(seen)
        if seen.ref.kind == "Service":
            for pod in self._inventory.selected(seen):
                yield from _link(pod.ref, SELECTED, seen.ref, _selector(seen))
        if seen.ref.kind == "Pod":
            for service in self._inventory.selecting(seen):
                yield from _link(service.ref, SELECTS, seen.ref, _selector(service))
        if seen.ref.kind == "Pod" or seen.ref.kind in TEMPLATED:
            yield from self._workload_links(seen)

    def _owner_links(self, seen: Seen) -> Iterator[Link]:
        owner = self._inventory.owner(seen)
        if owner:
            yield from _link(owner.ref, OWNS, seen.ref, seen.quote("name", owner.name))
        for child in self._inventory.children(seen):
            yield from _link(child.ref, OWNED, seen.ref, child.quote("name", seen.name))

    def _workload_links(self, seen: Seen) -> Iterator[Link]:
        node = seen.at("spec", "nodeName")
        if node:
            yield from _link(
                ObjectRef("Node", "", node), RUNS, seen.ref, seen.quote("nodeName", node)
            )
        spec = ("spec", "template", "spec") if seen.ref.kind in TEMPLATED else ("spec",)
        for volume in seen.items(*spec, "volumes"):
            yield from _volume_links(seen, volume)
        for container in containers(seen):
            for name in config_names(container):
                ref = ObjectRef("ConfigMap", seen.namespace, name)
                yield from _link(ref, READ, seen.ref, seen.quote("name", name))
        for address in self.named(seen):
            ref = ObjectRef("Service", address.namespace, address.service)
            if self._inventory.find(ref):
                yield from _link(ref, CALLED, seen.ref, address.quote)

    def _addresses(self, seen: Seen) -> Iterator[Address]:
        for container in containers(seen):
            for setting in container_settings(container):
                yield from addresses(setting, seen.namespace)
        for config in self._configs(seen):
            for setting in config_settings(config):
                yield from addresses(setting, seen.namespace)

    def _configs(self, seen: Seen) -> Iterator[Seen]:
        names = {name for container in containers(seen) for name in config_names(container)}
        spec = ("spec", "template", "spec") if seen.ref.kind in TEMPLATED else ("spec",)
        volumes = seen.items(*spec, "volumes")
        names |= {str(mapping(v.get("configMap")).get("name")) for v in volumes}
        found = (
            self._inventory.find(ObjectRef("ConfigMap", seen.namespace, n)) for n in sorted(names)
        )
        return (config for config in found if config)


@lru_cache(maxsize=4)
def graph_of(inventory: Inventory) -> Graph:
    """Return the graph of *inventory*, the very same for the very same one."""
    return Graph(inventory)


def _selector(service: Seen) -> Quote | None:
    selector = sorted(service.texts("spec", "selector").items())
    return service.quote(*selector[0]) if selector else None


def _volume_links(seen: Seen, volume: Mapping[str, object]) -> Iterator[Link]:
    for key, kind, field in (
        ("configMap", "ConfigMap", "name"),
        ("persistentVolumeClaim", "PersistentVolumeClaim", "claimName"),
    ):
        source = volume.get(key)
        name = source.get(field) if isinstance(source, Mapping) else None
        if isinstance(name, str):
            ref = ObjectRef(kind, seen.namespace, name)
            yield from _link(ref, MOUNTED, seen.ref, seen.quote(field, name))


def _link(
    source: ObjectRef, relation: str, target: ObjectRef, quote: Quote | None
) -> Iterator[Link]:
    if quote and source != target:
        yield Link(source, relation, target, quote)
