"""What to look at next, given what has been seen; the same evidence gives the same answer."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.containers import Container, containers
from punchingfist.domain.investigation.evidence import Evidence, Look
from punchingfist.domain.investigation.findings import Finding, ObjectRef, Report
from punchingfist.domain.investigation.gaps import is_about_time
from punchingfist.domain.investigation.grounding import strike
from punchingfist.domain.investigation.latency import owner_of
from punchingfist.domain.investigation.looks import (
    EVERYWHERE,
    KUBECTL,
    PROMQL,
    get_look,
    list_look,
    logs_look,
    promql_look,
)
from punchingfist.domain.investigation.measures import (
    STANDARD_HISTOGRAM,
    Measure,
    is_compared,
    render_query,
)
from punchingfist.domain.investigation.pages import Seen
from punchingfist.domain.investigation.question import Question
from punchingfist.domain.investigation.rules import Rule
from punchingfist.domain.investigation.subjects import asked_namespaces
from punchingfist.domain.investigation.verdict import conclude
from punchingfist.domain.investigation.weighing import weigh
from punchingfist.domain.json import Json

MOST_LOOKS: Final = 40
MOST_ROUNDS: Final = 6

_WORKLOADS: Final = (
    "pods", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs",
)  # fmt: skip
_SETTINGS: Final = ("services", "configmaps")
_OTHER_NAMESPACES: Final = 3
_PODS_EACH: Final = 3
_CONTAINERS_EACH: Final = 2
_LOGS: Final = 18
_NOT_STARTED: Final = frozenset(
    {
        "ContainerCreating", "PodInitializing", "ErrImagePull", "ImagePullBackOff",
        "ErrImageNeverPull", "InvalidImageName", "CreateContainerConfigError",
        "CreateContainerError",
    }
)  # fmt: skip
# What says that narrower looks may see more, as kubectl, the API and our own guards word it.
_NARROWER: Final = re.compile(
    r"forbidden|resource type|requested resource|\(MethodNotAllowed\)|\(TooLarge\)|not allowed"
    r"|refused kind|flag",
    re.IGNORECASE,
)
_SHORTEST_LOOK_BACK: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Round:
    """Looks to be made at once, and the causes that stand so far."""

    looks: tuple[Look, ...]
    findings: tuple[Finding, ...] = ()


def next_look(
    case: Case, rules: Iterable[Rule], tools: frozenset[str], *, last: bool = False
) -> Round | Report:
    """Return the next looks, or the answer when nothing is left to look at (or this is *last*)."""
    made = {_key(one.ref.tool, one.ref.arguments) for one in case.view.evidence}
    wanted = {_key(look.tool, look.arguments): look for look in _wanted(case, tools)}
    fresh = [look for key, look in wanted.items() if key not in made]
    room = MOST_LOOKS - len(made)
    if fresh and room > 0 and not last:
        return Round(tuple(fresh[:room]), _standing(case, rules))
    return conclude(case, rules, tools, unmade=[look.why for look in fresh])


def _standing(case: Case, rules: Iterable[Rule]) -> tuple[Finding, ...]:
    return tuple(f for f in strike(weigh(case, rules).causes, case) if not f.struck)


def _key(tool: str, arguments: Mapping[str, Json]) -> str:
    return f"{tool} {json.dumps(arguments, sort_keys=True)}"


def _wanted(case: Case, tools: frozenset[str]) -> Iterator[Look]:
    """Every look worth making, the most telling first; most may have been made."""
    if KUBECTL in tools:
        yield from _object_looks(case)
        yield from _log_looks(case)
    if PROMQL in tools:
        yield from _metric_looks(case)


def _object_looks(case: Case) -> Iterator[Look]:
    asked = asked_namespaces(case.question) or (EVERYWHERE,)
    for namespace in (*asked, *_named_namespaces(case)):
        yield from _namespace_looks(case, namespace)
    empty = case.inventory.is_listed("pods", asked[0]) and not case.inventory.objects
    if empty and asked[0] != EVERYWHERE:
        yield get_look("namespaces", asked[0], "", f"whether namespace {asked[0]} exists")
    if any(_is_unplaced(pod) for pod in case.own_pods):
        yield list_look(("nodes",), "", "nodes a pending pod could run on")


def _namespace_looks(case: Case, namespace: str) -> Iterator[Look]:
    where = "all namespaces" if namespace == EVERYWHERE else namespace
    # The fields' times are what names an edit of a Service or ConfigMap as a change.
    groups = ((_WORKLOADS, ()), (_SETTINGS, ("--show-managed-fields",)))
    for plurals, extra in groups:
        what = "workloads" if plurals is _WORKLOADS else "services and settings"
        broad = list_look(plurals, namespace, f"{what} in {where}", *extra)
        yield broad
        if _went_wrong(case, broad):
            for plural in plurals:
                yield list_look((plural,), namespace, f"{plural} in {where}")
    yield list_look(("events",), namespace, f"events in {where}")


def _went_wrong(case: Case, look: Look) -> bool:
    """Return whether one forbidden kind or too long a list kept us from seeing all the others."""
    key = _key(look.tool, look.arguments)
    for one in case.view.evidence:
        if _key(one.ref.tool, one.ref.arguments) == key:
            return one in case.view.unreadable if one.seen else _is_of_some_kinds(one)
    return False


def _is_of_some_kinds(failed: Evidence) -> bool:
    """Return whether the look failed for what it asked; an unreachable cluster fails for all."""
    answered_in_part = failed.output.lstrip().startswith("{")
    return answered_in_part or bool(_NARROWER.search(f"{failed.ref.gap} {failed.output[:2000]}"))


def _named_namespaces(case: Case) -> tuple[str, ...]:
    """Return the other namespaces that the subjects' settings name Services in."""
    if EVERYWHERE in {ns for plural, ns in case.inventory.listed if plural == "services"}:
        return ()
    asked = asked_namespaces(case.question)
    seen = (case.inventory.find(ref) for ref in case.routes)
    found = {address.namespace for one in seen if one for address in case.graph.named(one)}
    return tuple(sorted(found - set(asked)))[:_OTHER_NAMESPACES]


def _is_unplaced(pod: Seen) -> bool:
    return pod.at("status", "phase") == "Pending" and not pod.at("spec", "nodeName")


def _log_looks(case: Case) -> Iterator[Look]:
    looks: dict[str, Look] = {}
    for pod in _telling_pods(case):
        parts = [box for box in containers(pod) if not box.init or not box.ready]
        for box in parts[:_CONTAINERS_EACH]:
            for look in _container_logs(box):
                looks.setdefault(_key(look.tool, look.arguments), look)
    yield from list(looks.values())[:_LOGS]


def _telling_pods(case: Case) -> Iterator[Seen]:
    """A few pods of each workload: the subjects' first, then those of what they depend on."""
    counted: dict[ObjectRef, int] = {}
    for pod in (*case.own_pods, *(pod for it in case.dependencies for pod in it.pods)):
        workload = case.inventory.workload(pod).ref
        counted[workload] = counted.get(workload, 0) + 1
        if counted[workload] <= _PODS_EACH:
            yield pod


def _container_logs(box: Container) -> Iterator[Look]:
    pod, name = box.owner, box.name
    where = f"{pod.name}/{name}"
    if box.restarts:
        why = f"last words of {where} before its restart"
        yield logs_look(pod.name, name, pod.namespace, why, previous=True)
    started = box.waiting not in _NOT_STARTED and bool(box.status)
    if started and box.waiting != "CrashLoopBackOff":
        yield logs_look(pod.name, name, pod.namespace, f"log of {where}")


def _metric_looks(case: Case) -> Iterator[Look]:
    own = sorted({pod.namespace for pod in case.own_pods})
    called = sorted({it.workload.namespace for it in case.dependencies})
    for namespace in dict.fromkeys((*own, *called)):
        boxes = f'namespace="{namespace}",container!="",container!="POD"'
        for measure in (Measure.MEMORY, Measure.CPU, Measure.THROTTLED):
            yield from _measure(case, measure, boxes, namespace)
    for namespace in own:
        yield from _measure(case, Measure.LATENCY, f'namespace="{namespace}"', namespace)
    for namespace in called:
        for measure in (Measure.STORES, Measure.QUERY_TIME, Measure.QUERIES):
            yield from _measure(case, measure, f'namespace="{namespace}"', namespace)
    if own and is_about_time(case.question):
        yield from _other_histograms(case, own)


def _other_histograms(case: Case, own: list[str]) -> Iterator[Look]:
    """Where the standard histogram says nothing of the subjects, find the one that does."""
    asked = render_query(Measure.LATENCY, f'namespace="{own[-1]}"')
    made = any(one.ref.arguments.get("query") == asked for one in case.view.evidence)
    standard = any(owner_of(case, sample) for sample in case.view.samples(Measure.LATENCY))
    found = case.view.samples(Measure.HISTOGRAMS)
    if made and not (standard and not found):
        yield from _measure(case, Measure.HISTOGRAMS, 'le="+Inf"', "all namespaces")
    for sample in found:
        if owner_of(case, sample):
            metric = sample.label("__name__").removesuffix("_bucket")
            keys = [key for key in ("namespace", "service", "job", "app") if sample.label(key)]
            matchers = ",".join(
                f"{key}={json.dumps(sample.label(key), ensure_ascii=False)}" for key in keys
            )
            yield from _measure(case, Measure.LATENCY, matchers, metric, metric=metric)


def _measure(
    case: Case,
    measure: Measure,
    matchers: str,
    where: str,
    *,
    metric: str = STANDARD_HISTOGRAM,
) -> Iterator[Look]:
    yield promql_look(render_query(measure, matchers, metric=metric), f"{measure.value}, {where}")
    if is_compared(measure):
        back = _minutes_back(case.question)
        query = render_query(measure, matchers, minutes_back=back, metric=metric)
        yield promql_look(query, f"{measure.value} before the trouble, {where}")


def _minutes_back(question: Question) -> int:
    """Return how far back things were surely still well: an hour before the start."""
    ago = question.at - (question.starts_at or question.at)
    return int((max(ago, timedelta()) + _SHORTEST_LOOK_BACK).total_seconds() // 60)
