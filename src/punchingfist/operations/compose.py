"""Put into words what is known of an incident, without secrets and with outside text kept as text."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog

from punchingfist.domain.excerpts import ends_of, one_line
from punchingfist.domain.incidents import Incident, IncidentAlert, IncidentStatus
from punchingfist.domain.investigation.findings import Report, Verdict
from punchingfist.domain.markdown import Outside, code, escape, fill
from punchingfist.domain.messages import (
    LoneExecution,
    Message,
    Moment,
    answer,
    found_so_far,
    headline,
    standard_body,
)
from punchingfist.domain.timeline import Kind
from punchingfist.domain.workflows.execution import sink_scope
from punchingfist.domain.workflows.template_nodes import Text
from punchingfist.domain.workflows.templates import Scope, pieces
from punchingfist.errors import InvalidInput
from punchingfist.operations.workbench import Workbench
from punchingfist.ports.executions import ExecutionRow

log = structlog.get_logger(__name__)

_LONGEST_VALUE = 20_000
_LONGEST_BODY = 100_000


async def compose(
    bench: Workbench,
    moment: Moment,
    incident: Incident,
    execution: ExecutionRow,
    template: str | None,
) -> Message:
    """Return the message about *incident* as it stands; *template* is the sink's own, if any."""
    incident = _without_secrets(incident, bench.redact)
    report = Report.from_json(incident.report) if incident.report else None
    failure = execution.error if execution.status == "failed" else None
    said = bench.redact(answer(report, failure=failure))
    if report is None:
        body = await _findings_so_far(bench, incident, execution)
    elif template and _is_answered(incident, execution, report):
        scope = sink_scope(execution, incident)
        body = _filled(template, scope, bench.redact) or standard_body(incident, report)
    else:
        body = standard_body(incident, report)
    return Message(
        moment=moment,
        headline=headline(incident, said),
        answer=said,
        body=bench.redact(body[:_LONGEST_BODY]),
        incident=incident,
        report=report,
        link=f"{bench.external_url}/incidents/{incident.short_id}" if bench.external_url else "",
    )


def compose_alone(
    bench: Workbench, moment: Moment, execution: ExecutionRow, template: str | None
) -> Message:
    """Return the message about *execution*, which has no incident, as its record stands."""
    report = _report_of(execution)
    said = bench.redact(_outcome(execution, report))
    body = ""
    if template and execution.status == "succeeded":
        body = _filled(template, sink_scope(execution, None), bench.redact)
    name = bench.redact(execution.workflow_name)
    return Message(
        moment=moment,
        headline=f"{execution.short_id} {name}: {said}",
        answer=said,
        body=bench.redact((body or _steps_told(bench, execution, report))[:_LONGEST_BODY]),
        incident=None,
        report=report,
        execution=LoneExecution(
            id=execution.id,
            short_id=execution.short_id,
            workflow=name,
            status=execution.status,
            created_at=execution.queued_at,
        ),
    )


def _report_of(execution: ExecutionRow) -> Report | None:
    """Return what the last agent of *execution* reported, less its proposals: see `_proposed`."""
    for step in reversed(execution.steps):
        if step.type == "agent" and step.result:
            return Report.from_json({**step.result, "recommendations": ()})
    return None


def _outcome(execution: ExecutionRow, report: Report | None) -> str:
    if execution.status == "failed":
        return one_line(f"failed, {execution.error or 'no reason was recorded'}")
    if report is not None:
        return answer(report)
    summaries = [step.summary for step in execution.steps if step.summary]
    return one_line(summaries[-1]) if summaries else execution.status


def _steps_told(bench: Workbench, execution: ExecutionRow, report: Report | None) -> str:
    if report is not None and execution.status == "succeeded":
        return "\n\n".join([standard_body(None, report), *_proposed(bench, execution)])
    lines = (
        # Secrets go before a value is escaped, or they would not be recognised.
        f"- {code(step.name)} {step.status}: "
        f"{escape(one_line(bench.redact(step.error or step.summary)))}"
        for step in execution.steps
    )
    return "\n".join(line.removesuffix(": ") for line in lines)


def _proposed(bench: Workbench, execution: ExecutionRow) -> list[str]:
    """Return what the record keeps of proposals: text, one on each line."""
    proposals = bench.redact(str(execution.outputs.get("recommendations") or "")).splitlines()
    lines = [f"- {escape(line.removeprefix('- '))}" for line in proposals]
    return ["\n".join(["**Proposed, not done:**", *lines])] if lines else []


def _is_answered(incident: Incident, execution: ExecutionRow, report: Report) -> bool:
    """Whether a template has something to speak of: one told of an unknown cause would lie."""
    ended = execution.status in {"succeeded", "failed"}
    over = incident.status is IncidentStatus.RESOLVED
    return (ended or over) and report.verdict is not Verdict.UNKNOWN


def _filled(template: str, scope: Scope, redact: Callable[[str], str]) -> str:
    """
    Return a sink's Markdown *template* with values put into it as text.

    It is empty when that cannot be done, which must not keep the message back.
    Secrets go before a value is escaped, or they would not be recognised.
    """
    parts: list[str | Outside] = []
    room = _LONGEST_BODY
    try:
        for piece in pieces(template, scope):
            if isinstance(piece, Text):
                parts.append(piece.text)
            else:
                parts.append(Outside(redact(ends_of(piece.text, _LONGEST_VALUE))))
            room -= len(piece.text)
            if room < 0:
                break
    except InvalidInput as wrong:
        log.warning("template of a sink cannot be filled in", why=str(wrong))
        return ""
    return fill(parts)


async def _findings_so_far(bench: Workbench, incident: Incident, execution: ExecutionRow) -> str:
    events = await bench.timeline.read(incident.id)
    return found_so_far(
        [
            event.text
            for event in events
            if event.kind is Kind.FOUND and event.detail.get("execution_id") == execution.id
        ]
    )


def _without_secrets(incident: Incident, redact: Callable[[str], str]) -> Incident:
    """Return *incident* as a sink may see it; its report was redacted where it was made."""

    def clean(texts: Mapping[str, str]) -> dict[str, str]:
        return {name: redact(text) for name, text in texts.items()}

    def cleaned(alert: IncidentAlert) -> IncidentAlert:
        return replace(
            alert,
            name=redact(alert.name),
            summary=redact(alert.summary),
            labels=clean(alert.labels),
            annotations=clean(alert.annotations),
            generator_url=redact(alert.generator_url),
        )

    alerts = tuple(cleaned(alert) for alert in incident.alerts)
    return replace(incident, title=redact(incident.title), alerts=alerts)
