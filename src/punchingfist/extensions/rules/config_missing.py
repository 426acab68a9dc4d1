"""A pod cannot start because a ConfigMap, a Secret or a key of one is missing."""

import re
from collections.abc import Iterator
from typing import Final

from punchingfist.domain.investigation.advice import inspect, roll_back
from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.changes import change_of
from punchingfist.domain.investigation.containers import containers
from punchingfist.domain.investigation.findings import Finding, ObjectRef, Quote
from punchingfist.domain.investigation.pages import Seen, present
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule

_ABSENT: Final = re.compile(r'\b(configmap|secret) "([^"]+)" not found', re.IGNORECASE)
_KEY: Final = re.compile(
    r"(?:couldn't find key|references non-existent (?:config|secret) key:?) (\S+)"
    r"(?: in (ConfigMap|Secret) (\S+))?",
    re.IGNORECASE,
)


def detect(case: Case) -> Iterator[Finding]:
    told: set[tuple[ObjectRef, str]] = set()
    for pod in case.inventory.kind("Pod"):
        workload = case.inventory.workload(pod)
        for text, quote, weight in _messages(case, pod):
            what = _missing(text)
            if what and (workload.ref, what) not in told:
                told.add((workload.ref, what))
                yield _finding(case, pod, what, quote, weight)


def _messages(case: Case, pod: Seen) -> Iterator[tuple[str, Quote, float]]:
    for container in containers(pod):
        text = container.waiting_message
        quote = pod.quote("message", text) if text else None
        if quote:
            yield text, quote, 0.9
    if all(container.ready for container in containers(pod)):
        return
    for event in case.inventory.events_about([pod.ref], "FailedMount", "Failed"):
        quote = event.quote()
        if quote:
            yield event.message, quote, 0.85


def _missing(text: str) -> str | None:
    absent, key = _ABSENT.search(text), _KEY.search(text)
    if absent:
        kind = "Secret" if absent[1].lower() == "secret" else "ConfigMap"
        return f"{kind} {absent[2].rsplit('/', maxsplit=1)[-1]}"
    if key:
        place = f" of {key[2]} {key[3].rsplit('/', maxsplit=1)[-1]}" if key[2] else ""
        return f"key {key[1]}{place}"
    return None


def _finding(case: Case, pod: Seen, what: str, quote: Quote, weight: float) -> Finding:
    workload = case.inventory.workload(pod)
    change = change_of(case, workload.ref)
    back = roll_back(workload, "if the new revision asks for it by mistake") if change else None
    look = inspect(pod.ref, f"create {what} in namespace {pod.namespace}, or correct the reference")
    return Finding(
        "config_missing",
        sentence(f"{workload.name} cannot start: {what} does not exist"),
        workload.ref,
        present(quote, change.quote if change else None),
        certainty(weight),
        recommendations=tuple(one for one in (look, back) if one),
        short=short(f"{what} does not exist"),
    )


RULE = Rule("config_missing", "Missing configuration", detect)
