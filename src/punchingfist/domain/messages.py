"""What a sink is given to say, and our own words for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from punchingfist.domain.alerts import Severity
from punchingfist.domain.excerpts import one_line
from punchingfist.domain.incidents import Incident, IncidentStatus
from punchingfist.domain.investigation.findings import Finding, Recommendation, Report, Verdict
from punchingfist.domain.markdown import code, escape

_SEVERITY_TAGS = {Severity.CRITICAL: "CRIT", Severity.WARNING: "WARN", Severity.INFO: "INFO"}
_TITLE_LENGTH = 100
_CAUSE_LENGTH = 120
_LINKS = {"runbook_url": "Runbook", "dashboard_url": "Dashboard"}


class Moment(StrEnum):
    """When a sink speaks (`on:` of a Sink)."""

    RECEIVED = "received"
    FINDINGS = "findings"
    APPROVAL = "approval"
    COMPLETED = "completed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class LoneExecution:
    """An execution that belongs to no incident: a schedule or a person asked for it."""

    id: str
    short_id: str
    workflow: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """
    What one sink says about one incident at one moment; free of secrets.

    Where there is no incident it speaks of an *execution*.

    *headline* is plain text that stands alone (a phone's lock screen) and
    *answer* the half of it that says what is known; *body* is Markdown, empty
    until there is more to say than the headline; *link* is empty when no
    external URL is known.
    """

    moment: Moment
    headline: str
    answer: str
    body: str
    incident: Incident | None
    report: Report | None
    link: str = ""
    execution: LoneExecution | None = None

    @property
    def subject(self) -> Incident | LoneExecution:
        """What it is about."""
        subject = self.incident or self.execution
        assert subject is not None
        return subject


def headline(incident: Incident, said: str) -> str:
    """Return one line such as `CRIT INC-1042 checkout down: OOMKilled, limit 256Mi (0.93)`."""
    title = one_line(incident.title, _TITLE_LENGTH)
    return f"{tag(incident)} {incident.short_id} {title}: {said}"


def tag(incident: Incident) -> str:
    """Return how bad it is in one word, or that it is over."""
    if incident.status is IncidentStatus.RESOLVED:
        return "RESOLVED"
    return _SEVERITY_TAGS[incident.severity]


def answer(report: Report | None, *, failure: str | None = None) -> str:
    """
    Return what is known in half a sentence; what is unknown is said so.

    *failure* is why an investigation ended without a report.
    """
    if report is None:
        cause = one_line(failure or "", _CAUSE_LENGTH)
        return f"investigation failed, {cause}" if cause else "investigating"
    if report.verdict is Verdict.UNKNOWN:
        return f"unknown, checked {report.checked}, could not see {len(report.gaps)}"
    if report.verdict is Verdict.HEALTHY:
        return f"nothing wrong found, checked {report.checked}"
    standing = (finding for finding in report.findings if finding.cause and not finding.struck)
    first = next(standing, None)
    cause = (first.short if first else "") or report.root_cause or ""
    return f"{one_line(cause, _CAUSE_LENGTH)} ({report.confidence:.2f})"


def since(incident: Incident) -> datetime:
    """Return when the trouble began: the earliest start a source gave, else our receipt."""
    starts = [alert.starts_at for alert in incident.alerts if alert.starts_at]
    return min(starts, default=incident.created_at)


def links(incident: Incident | None) -> Iterator[tuple[str, str]]:
    """Yield the label and URL of what the alerts themselves point to, each once."""
    alerts = incident.alerts if incident else ()
    for name, label in _LINKS.items():
        for url in dict.fromkeys(alert.annotations.get(name, "") for alert in alerts):
            if url:
                yield label, url


def standard_body(incident: Incident | None, report: Report) -> str:
    """Return our own Markdown text, for a sink without a template and for unknown causes."""
    return "\n\n".join(part for part in _parts(incident, report) if part)


def found_so_far(claims: list[str]) -> str:
    """Return the Markdown text of an investigation that goes on."""
    return _section("Found so far", [f"- {escape(claim)}" for claim in claims])


def _parts(incident: Incident | None, report: Report) -> Iterator[str]:
    yield escape(report.summary)
    yield "\n".join(_facts(report))
    standing = [finding for finding in report.findings if finding.struck is None]
    yield _section("Evidence", [line for finding in standing for line in _evidence(finding)])
    yield _section("Proposed, not done", [_proposal(one) for one in report.recommendations])
    gaps = [f"- {escape(gap.what)}: {escape(gap.why)}" for gap in report.gaps]
    yield _section("Could not see", gaps)
    yield "\n".join(f"**{label}:** {escape(url)}" for label, url in links(incident))


def _facts(report: Report) -> Iterator[str]:
    if report.object:
        yield f"**Object:** {code(str(report.object))}"
    if change := report.last_change:
        yield f"**Last change:** {escape(change.what)}, {code(str(change.object))}, {escape(change.at)}"


def _evidence(finding: Finding) -> Iterator[str]:
    yield f"- {escape(finding.claim)}"
    for quote in finding.quotes[:2]:
        yield f"  - {code(quote.evidence_id)}: {code(quote.line)}"


def _proposal(proposal: Recommendation) -> str:
    command = f": {code(proposal.command)}" if proposal.command else ""
    return f"- {escape(proposal.text)} (risk: {proposal.risk}){command}"


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([f"**{title}:**", *lines]) if lines else ""
