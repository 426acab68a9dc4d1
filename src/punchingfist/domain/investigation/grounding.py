"""
Whether a report stands on what was stored.

Every quote must stand in one line of the output it cites, and every cause
must hang together with what the question is about by links the evidence
itself shows. A claim that fails is struck; the next one that stands takes
its place, and doubt stays: the confidence is capped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.findings import Finding, ObjectRef, Quote, Report, Verdict
from punchingfist.domain.investigation.pages import Page

STRUCK_CAP: Final = 0.5
SHORTEST_QUOTE: Final = 3


def ground(report: Report, case: Case) -> Report:
    """Return *report* with every claim struck that does not stand."""
    pages = case.view.pages
    findings = strike(report.findings, case)
    change = report.last_change
    checked = replace(
        report,
        findings=findings,
        last_change=change if change and stands(change.quote, pages) else None,
        decisive=_standing(report.decisive, pages),
    )
    return _settled(checked)


def strike(findings: Iterable[Finding], case: Case) -> tuple[Finding, ...]:
    """Return *findings*, each that does not stand struck with the reason; none is ever cleared."""
    return tuple(
        replace(finding, struck=finding.struck or _why_struck(finding, case))
        for finding in findings
    )


def stands(quote: Quote, pages: Mapping[str, Page]) -> bool:
    """Return whether *quote* stands in one line of the output it cites."""
    page = pages.get(quote.evidence_id)
    return page is not None and len(quote.line.strip()) >= SHORTEST_QUOTE and page.has(quote.line)


def _standing(quote: Quote | None, pages: Mapping[str, Page]) -> Quote | None:
    return quote if quote and stands(quote, pages) else None


def _why_struck(finding: Finding, case: Case) -> str | None:
    if not finding.quotes:
        return "it quotes nothing"
    quotes = (*finding.quotes, *(link.quote for link in finding.links))
    for quote in quotes:
        if not stands(quote, case.view.pages):
            return f"“{quote.line}” does not stand in {quote.evidence_id}"
    if finding.cause and not _is_connected(finding, case):
        return f"nothing seen connects {finding.object} to what the question is about"
    return None


def _is_connected(finding: Finding, case: Case) -> bool:
    """Walk the finding's own links, as far as the evidence shows them, to a subject."""
    subjects = {ref for subject in case.subjects for ref in subject.objects}
    reached: set[ObjectRef] = {finding.object}
    links = [link for link in finding.links if case.graph.holds(link)]
    for _ in links:
        reached |= {link.target for link in links if link.source in reached}
    return bool(reached & subjects)


def _settled(report: Report) -> Report:
    """Return *report* resting on the first cause that stands."""
    if not any(finding.struck for finding in report.findings):
        return report
    root = next((f for f in report.findings if f.cause and not f.struck), None)
    first = next((f for f in report.findings if f.cause), None)
    if report.verdict is not Verdict.CAUSE_FOUND:
        return replace(report, confidence=min(report.confidence, STRUCK_CAP))
    if root is None:
        return _withdrawn(report)
    if root is first:
        return replace(report, confidence=min(report.confidence, STRUCK_CAP))
    return replace(
        report,
        summary=root.claim,
        root_cause=root.claim,
        object=root.object,
        confidence=min(root.confidence, report.confidence, STRUCK_CAP),
        recommendations=root.recommendations,
        can_auto_fix=False,
        fix_command=None,
        escalation_notes="The first explanation did not stand on its evidence and was struck.",
        decisive=root.quotes[0],
    )


def _withdrawn(report: Report) -> Report:
    return replace(
        report,
        verdict=Verdict.UNKNOWN,
        summary=f"Unknown: checked {report.checked}; no explanation stands on its evidence",
        root_cause=None,
        object=None,
        confidence=0.0,
        recommendations=(),
        can_auto_fix=False,
        fix_command=None,
        escalation_notes="Every explanation was struck: none stands on its evidence.",
        decisive=None,
    )
