"""
Walk a workflow's steps: the one flow behind every execution.

What happens between two recorded steps must come out the same on a replay.
So time, rows and the world are met in step bodies only (the functions given
to `ctx.step`), and everything else here follows from what they recorded.
"""

import asyncio
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog

from punchingfist.domain.excerpts import one_line
from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.messages import Moment
from punchingfist.domain.resources.workflows import Step, Workflow
from punchingfist.domain.timeline import Happening, Kind
from punchingfist.domain.workflows.execution import (
    SUCCEEDED,
    Setting,
    SinkDue,
    StepOutcome,
    all_outputs,
    implicit_outputs,
    setting_of,
    sinks_due,
    step_scope,
)
from punchingfist.errors import PunchingFistError
from punchingfist.operations.workbench import StepResult, StepRun, StepStatus, Workbench
from punchingfist.ports.durable import (
    DELIVERIES,
    DELIVERY_FLOW,
    UNTIL_STORED,
    Child,
    Ctx,
    Ended,
    Flow,
    Start,
    StepBody,
    StepError,
)
from punchingfist.ports.executions import StepRow
from punchingfist.ports.telemetry import Telemetry

log = structlog.get_logger(__name__)


def execution_flow(bench: Workbench) -> Flow:
    """Return the flow that carries out the execution its payload names."""

    async def execute(ctx: Ctx, payload: JsonObject) -> Json:
        incident_id = payload["incident_id"]
        execution_id = str(payload["execution_id"])
        structlog.contextvars.bind_contextvars(execution_id=execution_id, incident_id=incident_id)
        execution = _Execution(bench, ctx, execution_id, str(incident_id) if incident_id else None)
        with _counted(bench.telemetry):
            return await execution.carry_out()

    return execute


@contextmanager
def _counted(telemetry: Telemetry) -> Iterator[None]:
    """Count an execution as running; after a restart it runs anew, in another process."""
    time = asyncio.get_running_loop().time
    began = time()
    telemetry.task_started()
    try:
        yield
    finally:
        telemetry.task_ended(time() - began)


class _Execution:
    """One execution on its way."""

    def __init__(
        self, bench: Workbench, ctx: Ctx, execution_id: str, incident_id: str | None
    ) -> None:
        self._bench, self._ctx = bench, ctx
        self._id, self._incident_id = execution_id, incident_id
        self._subject_id = incident_id or execution_id
        self._outcomes: list[StepOutcome] = []

    async def carry_out(self) -> Json:
        setting = Setting.from_json(await self._record("begin", self._begin))
        workflow = Workflow.from_snapshot(setting.workflow)
        error = await self._walk(workflow, setting)
        outputs, problems = all_outputs(workflow, setting, self._outcomes)
        error = error or "; ".join(problems) or None
        ended_at = await self._finish(workflow.name, outputs, error)
        told = await self._tell_sinks(workflow, setting, outputs, ended_at)
        return {"status": "failed" if error else SUCCEEDED, "error": error, "sinks": told}

    async def _record(self, name: str, body: StepBody) -> Any:
        """Take one step whose body writes our own rows; it may be entered any number of times."""
        return await self._ctx.step(name, body, retry=UNTIL_STORED)

    async def _begin(self) -> Json:
        at = self._bench.world.clock.now()
        row = await self._bench.executions.begin(self._id, at=at)
        incident = None
        if self._incident_id:
            incident = await self._bench.incidents.get(self._incident_id)
        text = f"{row.short_id} started: workflow {row.workflow_name}"
        await self._note(Kind.EXECUTION_STARTED, text, "started", at=at)
        return setting_of(row, incident).to_json()

    async def _walk(self, workflow: Workflow, setting: Setting) -> str | None:
        """Run the steps in order up to the first that does not succeed; return its error."""
        steps = workflow.spec.steps
        written: Any = setting.workflow["spec"]
        for position, step in enumerate(steps):
            missing = self._why_not_yet(step)
            if missing:
                await self._skip(f"{step.name}/skip", [step], missing)
                continue
            outcome = await self._run_step(step, written["steps"][position], setting)
            self._outcomes.append(outcome)
            if outcome.status != SUCCEEDED:
                await self._skip("skip", steps[position + 1 :])
                return f"step {step.name!r}: {outcome.error or outcome.status}"
        return None

    async def _run_step(
        self, step: Step, written: Mapping[str, Any], setting: Setting
    ) -> StepOutcome:
        started_at = await self._record(f"{step.name}/start", lambda: self._start_step(step))
        run = StepRun(
            ctx=self._ctx,
            name=step.name,
            step=written,
            workflow=setting.workflow,
            scope=step_scope(setting, self._outcomes, implicit_outputs(self._outcomes)),
            execution_id=self._id,
            subject_id=self._subject_id,
        )
        result = await self._result(step, run)
        outcome = StepOutcome(
            step.name, step.type, result.status, result.summary, result.result, result.error
        )
        await self._record(f"{step.name}/finish", lambda: self._end_step(outcome, started_at))
        return outcome

    async def _result(self, step: Step, run: StepRun) -> StepResult:
        """Run one step; whatever stops it is its result, so that somebody is told."""
        try:
            return await self._bench.steps[step.type].run(run, self._bench)
        except (StepError, PunchingFistError) as error:
            return _failure(str(error))
        except Exception as error:
            log.exception("step stopped by a bug", step=step.name)
            return _failure(f"{type(error).__name__}: {error}")

    async def _start_step(self, step: Step) -> Json:
        at = self._bench.world.clock.now()
        row = StepRow(step.name, step.type, "running", at, None, "", None, None)
        await self._bench.executions.save_step(self._id, row)
        text = f"{step.name} started"
        await self._note(Kind.STEP_STARTED, text, f"{step.name}/started", at=at, step=step.name)
        return at.isoformat()

    async def _end_step(self, outcome: StepOutcome, started_at: str) -> Json:
        at = self._bench.world.clock.now()
        row = StepRow(
            name=outcome.name,
            type=outcome.type,
            status=outcome.status,
            started_at=datetime.fromisoformat(started_at),
            ended_at=at,
            summary=outcome.summary,
            error=self._redacted(outcome.error),
            result=outcome.result,
        )
        await self._bench.executions.save_step(self._id, row)
        text = f"{outcome.name} {outcome.status.replace('_', ' ')}"
        text = one_line(f"{text}: {outcome.error or outcome.summary}".removesuffix(": "))
        await self._note(
            Kind.STEP_FINISHED,
            text,
            f"{outcome.name}/finished",
            at=at,
            step=outcome.name,
            status=outcome.status,
        )
        return None

    def _why_not_yet(self, step: Step) -> str | None:
        """Return why *step* cannot be carried out by this release; what can be, still is."""
        if step.type not in self._bench.steps:
            return f"step type {step.type!r} is not available yet"
        return "approvals are not available yet" if step.approval_required else None

    async def _skip(self, name: str, steps: Sequence[Step], why: str | None = None) -> None:
        async def body() -> None:
            at = self._bench.world.clock.now()
            for step in steps:
                row = StepRow(step.name, step.type, "skipped", at, at, "", why, None)
                await self._bench.executions.save_step(self._id, row)
                if why:
                    text, key = f"{step.name} skipped: {why}", f"{step.name}/finished"
                    await self._note(Kind.STEP_FINISHED, text, key, at=at, step=step.name)

        if steps:
            await self._record(name, body)

    async def _finish(self, workflow: str, outputs: JsonObject, error: str | None) -> datetime:
        status = "failed" if error else SUCCEEDED

        async def body() -> Json:
            at = self._bench.world.clock.now()
            await self._bench.executions.finish(
                self._id,
                status=status,
                error=self._redacted(error),
                outputs=outputs,
                at=at,
            )
            kind = Kind.EXECUTION_FAILED if error else Kind.EXECUTION_FINISHED
            text = one_line(f"workflow {workflow} {status}: {error or ''}".removesuffix(": "))
            await self._note(kind, text, "ended", at=at)
            return at.isoformat()

        return datetime.fromisoformat(await self._record("finish", body))

    async def _tell_sinks(
        self, workflow: Workflow, setting: Setting, outputs: JsonObject, ended_at: datetime
    ) -> JsonObject:
        """Deliver to the sinks that are due, side by side; return what became of each."""
        scope = step_scope(setting, self._outcomes, outputs, ended_at=ended_at)
        moments = {name: sink.moments for name, sink in self._bench.sinks.items()}
        due = list(sinks_due(workflow, setting.sinks, scope, moments=moments))
        await self._note_untold([sink for sink in due if sink.why_not])
        names = [sink.name for sink in due if not sink.why_not]
        children = [await self._ctx.child(self._delivery(name)) for name in names]
        return dict(zip(names, await _all_told(children), strict=True))

    def _delivery(self, sink: str) -> Start:
        moment = Moment.COMPLETED.value
        return Start(
            flow_id=f"say:{self._subject_id}:{self._id}:{sink}:{moment}",
            flow=DELIVERY_FLOW,
            queue=DELIVERIES,
            payload={
                "incident_id": self._incident_id,
                "execution_id": self._id,
                "sink": sink,
                "moment": moment,
            },
        )

    async def _note_untold(self, sinks: Sequence[SinkDue]) -> None:
        async def body() -> None:
            at = self._bench.world.clock.now()
            for sink in sinks:
                text = f"{sink.name} not told: {sink.why_not}"
                key = f"untold/{sink.name}"
                await self._note(Kind.DELIVERY_FAILED, text, key, at=at, sink=sink.name)

        if sinks:
            await self._record("untold", body)

    def _redacted(self, text: str | None) -> str | None:
        return self._bench.redact(text) if text else text

    async def _note(self, kind: Kind, text: str, key: str, *, at: datetime, **detail: Json) -> None:
        """Write a row on the timeline. Only in a step body."""
        happening = Happening(
            kind,
            self._bench.redact(text),
            key=f"{self._id}/{key}",
            detail={"execution_id": self._id, **detail},
        )
        await self._bench.timeline.append(self._subject_id, happening, at=at)
        log.info(kind.value, text=happening.text)


async def _all_told(children: Sequence[Child]) -> list[Json]:
    """Wait for deliveries; a sink that fails has said so on the timeline and stops nothing."""
    waiting: list[Awaitable[Ended]] = [child.ended() for child in children]
    return [ended.error or ended.result for ended in await asyncio.gather(*waiting)]


def _failure(error: str) -> StepResult:
    return StepResult(StepStatus.FAILED, summary="", error=error)
