"""The first screen of an incident: what somebody woken by it needs, in a fixed order."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from punchingfist.domain.excerpts import one_line
from punchingfist.domain.incidents import Incident, IncidentAlert, IncidentStatus
from punchingfist.domain.investigation.findings import (
    ChangeSeen,
    ObjectRef,
    Quote,
    Recommendation,
    Report,
    Verdict,
)
from punchingfist.domain.messages import since
from punchingfist.domain.timeline import Kind, TimelineEvent
from punchingfist.ports.executions import ExecutionRow
from punchingfist.surfaces.console.looks import LookRow, looks_of
from punchingfist.surfaces.console.wording import parse_instant, span, web_link

_KINDS_BY_LABEL = {
    "pod": "Pod",
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
    "service": "Service",
}
_OVER = frozenset({"succeeded", "failed"})


@dataclass(frozen=True, slots=True)
class Cause:
    """What is known, in one sentence; *tone* is known, unknown, healthy, working or failed."""

    tone: str
    text: str
    confidence: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """The last change; *before* is how long it came before the trouble, empty where it did not."""

    what: str
    object: str
    at: datetime | None
    before: str


@dataclass(frozen=True, slots=True)
class WebLink:
    """Somewhere else to look."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """
    The answer at a glance.

    *live* says that more is to come. *kubectl* is a command to type; empty
    when no object is known. *change* is None when none was seen.
    """

    severity: str
    state: str
    live: bool
    since: datetime
    short_id: str
    title: str
    owner: str
    cause: Cause
    object: str
    kubectl: str
    quote: Quote | None
    change: ChangeLine | None
    answered: bool
    next: Recommendation | None
    looks: tuple[LookRow, ...]


def card_of(
    incident: Incident,
    report: Report | None,
    executions: Sequence[ExecutionRow],
    events: Sequence[TimelineEvent],
    *,
    context: str,
) -> Card:
    """Return what is known of *incident* at this moment; *report* is `report_of` it."""
    execution = next((one for one in executions if one.id == incident.execution_id), None)
    live = execution is not None and execution.status not in _OVER
    looks = looks_of(events, incident.execution_id)
    about = (report.object if report else None) or _object_of(incident.alerts)
    return Card(
        severity=incident.severity.value,
        state=state_of(incident, live=live),
        live=live,
        since=since(incident),
        short_id=incident.short_id,
        title=incident.title,
        owner=incident.owner or "",
        cause=_cause(report, execution, events, looks),
        object=str(about) if about else "",
        kubectl=kubectl_line(about, context) if about else "",
        quote=report.decisive if report else None,
        change=_change(report.last_change, since(incident)) if report else None,
        answered=report is not None,
        next=report.recommendations[0] if report and report.recommendations else None,
        looks=looks,
    )


def report_of(incident: Incident, events: Sequence[TimelineEvent]) -> Report | None:
    """Return the report of the present episode: the last one's answer is not today's."""
    concluded = any(
        event.kind is Kind.CONCLUDED and event.detail.get("execution_id") == incident.execution_id
        for event in events
    )
    return Report.from_json(incident.report) if incident.report and concluded else None


def state_of(incident: Incident, *, live: bool) -> str:
    """Return resolved, investigating or open; an investigation that ended leaves it open."""
    if incident.status is IncidentStatus.RESOLVED:
        return "resolved"
    return "investigating" if live else "open"


def links_of(alerts: Sequence[IncidentAlert]) -> tuple[WebLink, ...]:
    """Return the first runbook, dashboard and source graph the alerts bring, in that order."""
    named = (
        ("Runbook", [alert.annotations.get("runbook_url", "") for alert in alerts]),
        ("Dashboard", [alert.annotations.get("dashboard_url", "") for alert in alerts]),
        ("Graph", [alert.generator_url for alert in alerts]),
    )
    found = ((name, next(filter(None, map(web_link, urls)), "")) for name, urls in named)
    return tuple(WebLink(name, url) for name, url in found if url)


def kubectl_line(about: ObjectRef, context: str) -> str:
    """Return the command that shows *about*, ready for a shell whatever its name holds."""
    words = ["kubectl"]
    words += ["--context", context] if context else []
    words += ["-n", about.namespace] if about.namespace else []
    return shlex.join([*words, "describe", about.kind.lower(), about.name])


def _cause(
    report: Report | None,
    execution: ExecutionRow | None,
    events: Sequence[TimelineEvent],
    looks: Sequence[LookRow],
) -> Cause:
    if report is not None:
        return _answer(report)
    if execution is None:
        why = [event.text for event in events if event.kind is Kind.NOT_STARTED]
        return Cause("unknown", why[-1] if why else "Not investigated")
    if execution.status == "failed":
        return Cause("failed", f"Investigation failed: {execution.error or 'no reason given'}")
    found = [
        event
        for event in events
        if event.kind is Kind.FOUND and event.detail.get("execution_id") == execution.id
    ]
    note = f"Investigating, {len(looks)} looks so far" if looks else "Investigating"
    if found:
        return Cause("working", f"So far: {found[-1].text}", note=note)
    return Cause("working", "Looking for the cause", note=note)


def _answer(report: Report) -> Cause:
    unseen = len(report.gaps)
    checked = f"checked {report.checked}, could not see {unseen}"
    if report.verdict is Verdict.UNKNOWN:
        return Cause("unknown", f"Unknown: {checked}", note=one_line(report.escalation_notes or ""))
    if report.verdict is Verdict.HEALTHY:
        return Cause("healthy", f"Nothing wrong found: {checked}", report.confidence)
    return Cause("known", report.root_cause or report.summary, report.confidence)


def _change(seen: ChangeSeen | None, began: datetime) -> ChangeLine | None:
    if seen is None:
        return None
    at = parse_instant(seen.at)
    before = span(began - at) if at and at < began else ""
    return ChangeLine(seen.what, str(seen.object), at, before)


def _object_of(alerts: Sequence[IncidentAlert]) -> ObjectRef | None:
    """Return what the alerts themselves name, until an investigation knows better."""
    for alert in alerts:
        found = _named(alert.labels)
        if found:
            return found
    return None


def _named(labels: Mapping[str, str]) -> ObjectRef | None:
    for label, kind in _KINDS_BY_LABEL.items():
        if labels.get(label) and labels.get("namespace"):
            return ObjectRef(kind, labels["namespace"], labels[label])
    return None
