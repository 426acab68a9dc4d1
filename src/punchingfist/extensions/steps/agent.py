"""Have an investigator find out what is wrong, with the tools the step names."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from punchingfist.domain.excerpts import one_line
from punchingfist.domain.investigation.findings import Recommendation, Report
from punchingfist.domain.investigation.question import Question
from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.resources.workflows import Step
from punchingfist.domain.timeline import Happening, Kind
from punchingfist.domain.workflows.template_functions import as_text
from punchingfist.domain.workflows.templates import render, render_value
from punchingfist.operations.deadlines import TIMED_OUT, UntilDeadline
from punchingfist.operations.tool_belt import ToolBelt
from punchingfist.operations.workbench import StepResult, StepRun, StepStatus, StepType, Workbench
from punchingfist.ports.durable import UNTIL_STORED, Ctx, StepError
from punchingfist.ports.tool import ToolSpec


async def run(run: StepRun, bench: Workbench) -> StepResult:
    """Investigate until there is a report or the step's time is up."""
    step = Step.model_validate(run.step)
    begun = await run.ctx.step(f"{run.name}/begin", lambda: _begin(step, bench))
    question = _question(step, run.scope, at=datetime.fromisoformat(begun["at"]))
    deadline = datetime.fromisoformat(begun["deadline"])
    ctx = UntilDeadline(run.ctx, deadline, bench.world.clock)
    try:
        report = await _investigate(run, bench, step, question, ctx)
    except StepError as error:
        if error.code != TIMED_OUT:
            raise
        minutes = f"{step.timeout_minutes:g} min"
        told = f"no answer within {minutes}; raise timeoutMinutes or see what hangs"
        return StepResult(StepStatus.TIMED_OUT, summary="", error=told)
    await run.ctx.step(f"{run.name}/report", lambda: _keep(report, run, bench), retry=UNTIL_STORED)
    return StepResult(StepStatus.SUCCEEDED, report.summary, _result(report))


async def _begin(step: Step, bench: Workbench) -> Json:
    at = bench.world.clock.now()
    deadline = at + timedelta(minutes=step.timeout_minutes)
    return {"at": at.isoformat(), "deadline": deadline.isoformat()}


async def _investigate(
    run: StepRun, bench: Workbench, step: Step, question: Question, ctx: Ctx
) -> Report:
    belt = ToolBelt(
        bench=bench,
        ctx=ctx,
        specs=_specs(step, run.scope, bench),
        subject_id=run.subject_id,
        execution_id=run.execution_id,
        step=run.name,
    )
    return await bench.investigator.investigate(question, belt, ctx)


def _specs(step: Step, scope: Mapping[str, Any], bench: Workbench) -> tuple[ToolSpec, ...]:
    """
    Return the tools there are; loading the workflow has told of those there are not.

    Where a tool sends what it asks is for the operator to say: an endpoint is
    filled in from the environment and the Source's context, never from an alert.
    """
    ours = {"env": scope["env"], "source": {"context": scope["source"]["context"]}}
    return tuple(
        ToolSpec(
            name=tool.name,
            description=tool.description or "",
            endpoint=render(tool.endpoint or "", ours),
            environment=scope["env"],
        )
        for tool in step.tools
        if tool.name in bench.tools and tool.command is None
    )


def _question(step: Step, scope: Mapping[str, Any], *, at: datetime) -> Question:
    event = scope["source"]["data"]
    first, *others = _alerts(event)
    labels = _strings(first.get("labels"))
    return Question(
        goal=_goal(step, scope),
        alert_name=as_text(first.get("alertname", "")),
        labels=labels,
        annotations=_strings(first.get("annotations")),
        at=at,
        starts_at=_time(first.get("startsAt")),
        text=as_text(event.get("text", "")),
        namespace=labels.get("namespace", as_text(event.get("namespace", ""))),
        other_alerts=tuple(_strings(other.get("labels")) for other in others),
    )


def _alerts(event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the alerts of *event*, which may be whatever a caller of the API sent."""
    listed = event.get("alerts")
    alerts = listed if isinstance(listed, list | tuple) else ()
    found = [one for one in alerts or (event.get("alert"),) if isinstance(one, Mapping)]
    return found or [{}]


def _strings(value: Any) -> dict[str, str]:
    given = value if isinstance(value, Mapping) else {}
    return {name: text for name, text in given.items() if isinstance(text, str)}


def _time(text: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else None


def _goal(step: Step, scope: Mapping[str, Any]) -> str:
    goal = render(step.goal or "", scope)
    if step.context is None:
        return goal
    return f"{goal}\n\nContext:\n{as_text(render_value(step.context, scope))}"


async def _keep(report: Report, run: StepRun, bench: Workbench) -> Json:
    await bench.executions.save_report(run.execution_id, report.to_json())
    concluded = Happening(
        Kind.CONCLUDED,
        one_line(report.summary),
        key=f"{run.execution_id}/{run.name}/concluded",
        detail={
            "execution_id": run.execution_id,
            "step": run.name,
            "verdict": report.verdict.value,
            "confidence": report.confidence,
        },
    )
    await bench.timeline.append(run.subject_id, concluded, at=bench.world.clock.now())
    return None


def _result(report: Report) -> JsonObject:
    """Return the report's fields as templates see them: proposals are text people can read."""
    proposals = "\n".join(_proposal(one) for one in report.recommendations)
    return {**report.to_json(), "recommendations": proposals}


def _proposal(recommendation: Recommendation) -> str:
    command = f": `{recommendation.command}`" if recommendation.command else ""
    return f"- {recommendation.text} (risk: {recommendation.risk}){command}"


STEP = StepType("agent", run=run)
