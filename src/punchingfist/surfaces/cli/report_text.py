"""A report and a timeline as lines for a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from punchingfist.domain.investigation.findings import Finding, Gap, Recommendation, Report, Verdict
from punchingfist.domain.timeline import Kind, TimelineEvent

_VERDICT_STYLES = {
    Verdict.CAUSE_FOUND: "bold red",
    Verdict.HEALTHY: "bold green",
    Verdict.UNKNOWN: "bold yellow",
}
_MARKS = {
    Kind.LOOKED: ("look", "cyan"),
    Kind.FOUND: ("found", "bold magenta"),
    Kind.CONCLUDED: ("done", "bold"),
    Kind.DELIVERED: ("told", "green"),
    Kind.DELIVERY_FAILED: ("told", "red"),
    Kind.EXECUTION_FAILED: ("fail", "bold red"),
}


def print_report(console: Console, report: Report) -> None:
    """Print *report* with its evidence."""
    console.print(Panel(Group(*_parts(report)), title=_title(report), title_align="left"))


def event_row(event: TimelineEvent) -> Table:
    """Return one row of a live timeline; a look is cut at the right edge, all else wraps."""
    mark, style = _MARKS.get(event.kind, ("", "dim"))
    row = Table.grid(padding=(0, 2, 0, 0), expand=True)
    row.add_column(style="dim", min_width=8, width=8)
    row.add_column(min_width=5, width=5, style=style)
    looked = event.kind is Kind.LOOKED
    row.add_column(ratio=1, overflow="ellipsis" if looked else "fold", no_wrap=looked)
    row.add_row(f"{event.at:%H:%M:%S}", mark, _looked(event) if looked else Text(event.text))
    return row


def _looked(event: TimelineEvent) -> Text:
    detail = event.detail
    line = Text(f"{detail['evidence_id']:<4}{detail['why']}")
    if detail["gap"]:
        line.append(f"  not seen: {detail['gap']}", style="yellow")
    else:
        line.append(f"  {detail['command']}", style="dim")
    return line


def _title(report: Report) -> Text:
    words = {
        Verdict.CAUSE_FOUND: f"cause found ({report.confidence:.2f})",
        Verdict.HEALTHY: "nothing wrong found",
        Verdict.UNKNOWN: f"unknown: checked {report.checked}, could not see {len(report.gaps)}",
    }
    return Text(words[report.verdict], style=_VERDICT_STYLES[report.verdict])


def _parts(report: Report) -> Iterator[RenderableType]:
    yield Text(report.summary, style="bold")
    if report.object:
        yield _row("object", str(report.object))
    if report.severity_assessment:
        yield _row("severity", report.severity_assessment)
    if report.last_change:
        change = report.last_change
        yield _row("change", f"{change.what}, {change.object}, {change.at}")
    for finding in report.findings:
        yield Text()
        yield from _finding(finding)
    yield from _proposals(report.recommendations)
    yield from _gaps(report.gaps)
    if report.escalation_notes:
        yield Text()
        yield Text("For the person taking over", style="bold")
        yield Padding(Text(report.escalation_notes), (0, 0, 0, 2))


def _finding(finding: Finding) -> Iterator[RenderableType]:
    style = "strike dim" if finding.struck else "bold"
    kind = "cause" if finding.cause else "fact "
    line = Text(f"{kind} ", style="magenta")
    line.append(finding.claim, style=style)
    line.append(f"  ({finding.confidence:.2f}, {finding.rule})", style="dim")
    yield line
    if finding.struck:
        yield Padding(Text(f"struck: {finding.struck}", style="red"), (0, 0, 0, 6))
    for quote in finding.quotes:
        cited = Text(f"{quote.evidence_id:>4}  ", style="cyan")
        cited.append(quote.line)
        yield Padding(cited, (0, 0, 0, 2))


def _proposals(proposals: Sequence[Recommendation]) -> Iterator[RenderableType]:
    if proposals:
        yield Text()
        yield Text("Proposed, not done", style="bold")
    for proposal in proposals:
        yield Padding(Text(f"{proposal.text}  [risk: {proposal.risk}]"), (0, 0, 0, 2))
        if proposal.command:
            yield Padding(Text(f"$ {proposal.command}", style="green"), (0, 0, 0, 4))
        if proposal.undo:
            yield Padding(Text(f"undo: {proposal.undo}", style="dim"), (0, 0, 0, 4))


def _gaps(gaps: Sequence[Gap]) -> Iterator[RenderableType]:
    if gaps:
        yield Text()
        yield Text("Could not see", style="bold yellow")
    for gap in gaps:
        yield Padding(Text(f"{gap.what}: {gap.why}"), (0, 0, 0, 2))


def _row(name: str, value: str) -> Text:
    line = Text(f"{name:<9}", style="dim")
    line.append(value)
    return line
