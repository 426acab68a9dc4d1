"""What could not be seen, and why; an answer is only as good as this list is short."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.evidence import Evidence
from punchingfist.domain.investigation.findings import Gap
from punchingfist.domain.investigation.latency import owner_of
from punchingfist.domain.investigation.looks import KUBECTL, PROMQL, asked_kubectl
from punchingfist.domain.investigation.measures import Measure
from punchingfist.domain.investigation.question import Question
from punchingfist.domain.investigation.subjects import asked_namespaces

_MISSING_TOOLS: Final = {
    KUBECTL: ("objects, events and logs", "no kubectl tool is allowed here"),
    PROMQL: ("metrics", "no promql tool is allowed here"),
}
_ABOUT_TIME: Final = re.compile(
    r"latency|slow|response ?time|duration|\bp9\d|percentile|time-?out", re.IGNORECASE
)


def find_gaps(case: Case, tools: frozenset[str], unmade: Sequence[str]) -> tuple[Gap, ...]:
    """Return everything that was not seen though it matters."""
    missing = [Gap(*_MISSING_TOOLS[tool]) for tool in sorted(_MISSING_TOOLS.keys() - tools)]
    skipped = [Gap(what, "the limit of looks was reached") for what in unmade]
    found = [*missing, *_failed(case), *_unreadable(case), *_unnamed(case), *skipped]
    return tuple(dict.fromkeys([*found, *(_unmeasured(case) if PROMQL in tools else ())]))


def is_about_time(question: Question) -> bool:
    """Return whether the question is about how long something takes."""
    texts = (question.alert_name, question.text, *question.annotations.values())
    words = (re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text) for text in texts)
    return any(_ABOUT_TIME.search(text) for text in words)


def _failed(case: Case) -> Iterator[Gap]:
    for one in case.view.evidence:
        if not one.seen and not _is_superseded(case, one):
            yield Gap(one.ref.why, one.ref.gap or "it gave no answer", one.id)


def _is_superseded(case: Case, one: Evidence) -> bool:
    """Return whether narrower looks saw, kind by kind, what this listing did not."""
    if one.ref.tool != KUBECTL:
        return False
    asked = asked_kubectl(one.ref.arguments)
    # The narrower look that failed has a gap of its own.
    tried = {
        (plural, other.namespace)
        for evidence in case.view.evidence
        if evidence is not one and evidence.ref.tool == KUBECTL
        for other in [asked_kubectl(evidence.ref.arguments)]
        for plural in other.lists
        if len(other.lists) == 1
    }
    several = len(asked.lists) > 1
    return several and all((plural, asked.namespace) in tried for plural in asked.lists)


def _unreadable(case: Case) -> Iterator[Gap]:
    for one in case.view.unreadable:
        if not _is_superseded(case, one):
            why = "the output was cut short" if one.ref.truncated else "the output made no sense"
            yield Gap(one.ref.why, why, one.id)


def _unnamed(case: Case) -> Iterator[Gap]:
    spaces = asked_namespaces(case.question)
    where = f"in namespace {', '.join(spaces)}" if spaces else "in any namespace"
    for subject in case.subjects:
        if not subject.objects:
            yield Gap(subject.name, f"nothing of that name was seen {where}")
    found = [subject.name for subject in case.subjects if subject.objects]
    if found and not case.own_pods:
        yield Gap(f"logs and figures of {', '.join(found)}", "no pod of it was seen")
    if not case.subjects:
        names = ", ".join(spaces)
        what = f"namespace {names}" if spaces else "what the question is about"
        why = "nothing was seen in it" if spaces else "it names no object and no namespace"
        yield Gap(what, why)


def _unmeasured(case: Case) -> Iterator[Gap]:
    pods = {(pod.namespace, pod.name) for pod in case.own_pods}
    measured = {
        (s.label("namespace"), s.label("pod"))
        for measure in (Measure.MEMORY, Measure.CPU)
        for s in case.view.samples(measure)
    }
    asked = any(one.ref.tool == PROMQL and one.seen for one in case.view.evidence)
    if asked and pods and not pods & measured:
        yield Gap("memory and CPU of the pods", "Prometheus has no such figures of them")
    timed = any(owner_of(case, sample) for sample in case.view.samples(Measure.LATENCY))
    if asked and is_about_time(case.question) and not timed:
        yield Gap(
            "how long requests take", "Prometheus has no such figures of what was asked about"
        )
