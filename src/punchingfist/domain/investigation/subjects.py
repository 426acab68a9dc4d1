"""What the question is about, among the objects actually seen."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from punchingfist.domain.investigation.findings import ObjectRef
from punchingfist.domain.investigation.inventory import Inventory
from punchingfist.domain.investigation.pages import Seen
from punchingfist.domain.investigation.question import Question

WORKLOADS: Final = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet")
NAMED: Final = (*WORKLOADS, "Service", "Pod", "PersistentVolumeClaim")

# Labels that name one kind of object, as exporters write them.
_EXACT: Final[Mapping[str, str]] = {
    "pod": "Pod", "pod_name": "Pod", "kubernetes_pod_name": "Pod",
    "deployment": "Deployment", "statefulset": "StatefulSet", "daemonset": "DaemonSet",
    "replicaset": "ReplicaSet", "job_name": "Job", "cronjob": "CronJob",
    "persistentvolumeclaim": "PersistentVolumeClaim",
}  # fmt: skip
# Labels that name something loosely; the first tier that leads anywhere decides.
_LOOSE: Final = (
    ("service", "services", "affected_services", "service_name", "destination_service"),
    ("app", "apps", "application", "workload", "component", "name", "app_kubernetes_io_name"),
    ("container", "job", "instance"),
)
_APP_LABELS: Final = ("app", "app.kubernetes.io/name", "k8s-app", "name")
_SUFFIX: Final = re.compile(r"-(service|svc|deployment|deploy|app|server)$")
_WORD: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_LISTED: Final = re.compile(r"[\s,;|]+")
_SHORTEST_NAME: Final = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing asked about: as the question *names* it, and the objects meant (none: not seen)."""

    name: str
    objects: tuple[ObjectRef, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to search: what was seen, in *namespaces* (none: in all)."""

    inventory: Inventory
    namespaces: tuple[str, ...]


def asked_namespaces(question: Question) -> tuple[str, ...]:
    """Return the namespaces the question names; none means it does not say."""
    keys = ("namespace", "kubernetes_namespace", "exported_namespace")
    label = next((question.labels[key] for key in keys if question.labels.get(key)), "")
    others = [str(alert.get("namespace") or "") for alert in question.other_alerts]
    return tuple(dict.fromkeys(name for name in (question.namespace or label, *others) if name))


def find_subjects(question: Question, inventory: Inventory) -> tuple[Subject, ...]:
    """
    Return what the question is about.

    Labels that name a kind come first, then labels that name a service or
    app, then names of seen objects that stand in the text. A question that
    names nothing is about its whole namespace.
    """
    place, labels = _Place(inventory, asked_namespaces(question)), question.labels
    exact = [_exact(place, kind, labels[key]) for key, kind in _EXACT.items() if labels.get(key)]
    tiers: list[list[Subject]] = [exact]
    tiers += [
        [_loose(place, name) for key in keys for name in _names(labels.get(key, ""))]
        for keys in _LOOSE
    ]
    tiers.append(_in_text(place, question))
    for tier in tiers:
        found = _merged(tier)
        if any(subject.objects for subject in found):
            return found
    stated = _merged([*exact, *tiers[1], *tiers[2]])
    return stated or _whole(place)


def _exact(place: _Place, kind: str, name: str) -> Subject:
    found = _matching(place, lambda seen: seen.ref.kind == kind and seen.name == name)
    if not found and kind == "Pod":
        # The pod is gone: what made it still bears the front of its name.
        made = _matching(place, lambda s: s.ref.kind in WORKLOADS and name.startswith(s.name + "-"))
        found = made[-1:] if len(made) == 1 else _tops(place, made)
    return Subject(name, found)


def _loose(place: _Place, name: str) -> Subject:
    found = _matching(place, lambda seen: seen.ref.kind in NAMED and seen.name == name)
    found = found or _matching(place, lambda seen: _has_app(seen, name))
    found = found or _matching(place, lambda seen: _stem(seen.name) == _stem(name))
    address = name.rpartition(":")[0] or name
    found = found or _matching(place, lambda seen: seen.at("status", "podIP") == address)
    return Subject(name, _tops(place, found))


def _has_app(seen: Seen, name: str) -> bool:
    template = seen.texts("spec", "template", "metadata", "labels")
    return seen.ref.kind in NAMED and any(
        name in {seen.labels.get(key), template.get(key)} for key in _APP_LABELS
    )


def _in_text(place: _Place, question: Question) -> list[Subject]:
    texts = (question.text, *question.annotations.values())
    words = {word for text in texts for word in _WORD.findall(text.lower())}
    names = sorted(word for word in words if len(word) >= _SHORTEST_NAME)
    exact = {seen.name for seen in place.inventory.kind(*NAMED)}
    stems = {_stem(name) for name in exact} - exact
    return [_loose(place, name) for name in names if name in exact] or [
        _loose(place, name) for name in names if name in stems
    ]


def _whole(place: _Place) -> tuple[Subject, ...]:
    if not place.namespaces:
        return ()
    found = _matching(place, lambda seen: seen.ref.kind in NAMED)
    name = f"namespace {', '.join(place.namespaces)}"
    return (Subject(name, _tops(place, found)),) if found else ()


def _matching(place: _Place, wanted: Callable[[Seen], bool]) -> tuple[ObjectRef, ...]:
    return tuple(
        ref
        for ref, seen in place.inventory.objects.items()
        if (not place.namespaces or ref.namespace in place.namespaces) and wanted(seen)
    )


def _tops(place: _Place, refs: tuple[ObjectRef, ...]) -> tuple[ObjectRef, ...]:
    """Leave out what belongs to another of *refs*, and ReplicaSets of the past."""
    known = frozenset(refs)
    owners = [place.inventory.owner(place.inventory.objects[ref]) for ref in refs]
    pairs = zip(refs, owners, strict=True)
    return tuple(ref for ref, owner in pairs if owner is None or owner.ref not in known)


def _merged(subjects: list[Subject]) -> tuple[Subject, ...]:
    found: dict[str, Subject] = {}
    for subject in subjects:
        found.setdefault(subject.name, subject)
    return tuple(found.values())


def _names(text: str) -> Iterator[str]:
    for word in _LISTED.split(text.strip()):
        if word:
            # An address such as cart.shop.svc names the Service in its first part.
            yield word.split(".")[0] if ".svc" in word else word


def _stem(name: str) -> str:
    return _SUFFIX.sub("", name)
