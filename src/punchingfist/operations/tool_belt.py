"""The only way an investigator touches the world: parsed, judged, recorded, redacted, capped."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from punchingfist.domain.excerpts import one_line
from punchingfist.domain.guardrails.risk import Risk
from punchingfist.domain.investigation.evidence import Evidence, EvidenceRef, Look, Outcome
from punchingfist.domain.investigation.findings import Finding
from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.messages import Moment
from punchingfist.domain.resources.workflows import Workflow
from punchingfist.domain.timeline import Happening, Kind
from punchingfist.errors import InvalidInput, PunchingFistError, Refused, Unavailable
from punchingfist.operations.workbench import Workbench
from punchingfist.ports.durable import (
    DELIVERIES,
    DELIVERY_FLOW,
    UNTIL_STORED,
    Ctx,
    Start,
    StepError,
)
from punchingfist.ports.executions import ExecutionRow
from punchingfist.ports.tool import Plan, Tool, ToolOutput, ToolSpec

READ_ONLY = "read-only until approvals exist: this installation changes nothing"

_TIMEOUT_SECONDS = 30.0
_GRACE_SECONDS = 30.0  # for the tool's own time-out, and for the cluster's turn before it
_LIMIT_BYTES = 8 * 1024 * 1024
_EXCERPT = 2000
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Done:
    """A call made or refused; *plan* is None when it could not even be parsed."""

    output: ToolOutput
    plan: Plan | None = None


class ToolBelt:
    """
    The `Belt` port over the tools a step names.

    *reads* and *writes* count the calls that reached the world; a replay
    counts the same. *step* tells two investigations of one execution apart.
    """

    def __init__(
        self,
        *,
        bench: Workbench,
        ctx: Ctx,
        specs: Sequence[ToolSpec],
        subject_id: str,
        execution_id: str,
        step: str = "",
    ) -> None:
        self._bench, self._ctx = bench, ctx
        self._specs = {spec.name: spec for spec in specs}
        self._subject_id, self._execution_id = subject_id, execution_id
        self._place = f"{execution_id}/{step}" if step else execution_id
        self.tools = frozenset(self._specs)
        self.reads = 0
        self.writes = 0

    async def look(self, look: Look, *, evidence_id: str) -> EvidenceRef:
        """Make one look as one durable step."""

        async def body() -> Json:
            try:
                return (await self._look(look, evidence_id)).to_json()
            except PunchingFistError as error:
                raise StepError(
                    "not_stored", str(error), retryable=isinstance(error, Unavailable)
                ) from error

        record = await self._ctx.step(f"look/{evidence_id}", body, retry=UNTIL_STORED)
        ref = EvidenceRef.from_json(record)
        if ref.outcome is not Outcome.REFUSED:
            self.reads += 1
        return ref

    async def read(self, refs: Sequence[EvidenceRef]) -> tuple[Evidence, ...]:
        """Return looks with their stored text. Only inside a step body."""
        try:
            return tuple(
                [Evidence(ref, await self._bench.artifacts.get(ref.artifact)) for ref in refs]
            )
        except PunchingFistError as error:
            raise StepError(
                "not_stored", str(error), retryable=isinstance(error, Unavailable)
            ) from error

    async def tell(self, findings: Sequence[Finding], *, key: str) -> None:
        """Put findings on the timeline, then have the sinks that speak of findings updated."""

        async def body() -> Json:
            try:
                return await self._note_findings(findings, key)
            except PunchingFistError as error:
                raise StepError(
                    "not_stored", str(error), retryable=isinstance(error, Unavailable)
                ) from error

        told = await self._ctx.step(f"tell/{key}", body, retry=UNTIL_STORED)
        for sink in told["sinks"]:
            await self._ctx.child(self._delivery(told["incident_id"], sink, key))

    async def _look(self, look: Look, evidence_id: str) -> EvidenceRef:
        clock, redact = self._bench.world.clock, self._bench.redact
        at = clock.now()
        done = await self._call(look)
        seconds = (clock.now() - at).total_seconds()
        # Megabytes take a while to search: not on the loop that serves everyone else.
        text = await asyncio.to_thread(redact, done.output.text)
        ref = EvidenceRef(
            id=evidence_id,
            tool=look.tool,
            arguments=_redacted(look.arguments, redact),
            why=redact(look.why),
            command=redact(done.plan.command if done.plan else _as_typed(look)),
            at=at,
            duration_seconds=seconds,
            outcome=done.output.outcome,
            exit_code=done.output.exit_code,
            artifact=await self._bench.artifacts.put(text),
            size_bytes=len(text.encode()),
            truncated=done.output.truncated,
            gap=redact(done.output.gap) if done.output.gap else None,
        )
        looked = self._looked(ref, text)
        await self._bench.timeline.append(self._subject_id, looked, at=clock.now())
        log.info(looked.kind.value, text=looked.text, seconds=round(seconds, 3))
        return ref

    async def _call(self, look: Look) -> _Done:
        try:
            tool = self._build(look.tool)
            plan = tool.plan(look.arguments)
        except (InvalidInput, Refused) as error:
            return _Done(ToolOutput(Outcome.REFUSED, "", gap=str(error)))
        if plan.risk is not Risk.READ:
            gap = f"{plan.command} is {plan.risk.value}; {READ_ONLY}"
            return _Done(ToolOutput(Outcome.REFUSED, "", gap=gap), plan)
        return _Done(await self._run(tool, look), plan)

    def _build(self, name: str) -> Tool:
        spec = self._specs.get(name)
        if spec is None:
            known = ", ".join(sorted(self.tools)) or "none"
            raise Refused(f"tool {name!r} is not in this step's list; it has {known}")
        if name not in self._bench.tools:
            known = ", ".join(sorted(self._bench.tools))
            raise Refused(f"tool {name!r} is not available; there is {known}")
        return self._bench.tools[name].build(spec, self._bench.world)

    async def _run(self, tool: Tool, look: Look) -> ToolOutput:
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS + _GRACE_SECONDS):
                output = await tool.run(
                    look.arguments, timeout_seconds=_TIMEOUT_SECONDS, limit_bytes=_LIMIT_BYTES
                )
        except TimeoutError:
            gap = f"{look.tool} gave no answer within {_TIMEOUT_SECONDS:g} s"
            return ToolOutput(Outcome.TIMED_OUT, "", gap=gap)
        except PunchingFistError as error:
            return ToolOutput(Outcome.FAILED, "", gap=str(error))
        except Exception as error:
            # A bug in one tool must not cost the rest of the investigation.
            log.exception("tool stopped by a bug", tool=look.tool)
            return ToolOutput(
                Outcome.FAILED, "", gap=f"{look.tool}: {type(error).__name__}: {error}"
            )
        # NUL bytes, which a program may print, are text nowhere else.
        return replace(output, text=output.text.replace("\x00", "\ufffd"))

    def _looked(self, ref: EvidenceRef, text: str) -> Happening:
        seen = "" if ref.outcome is Outcome.SEEN else f" ({ref.gap or ref.outcome.value})"
        detail: JsonObject = {
            "execution_id": self._execution_id,
            "evidence_id": ref.id,
            "tool": ref.tool,
            "command": ref.command,
            "risk": Risk.READ.value,
            "outcome": ref.outcome.value,
            "exit_code": ref.exit_code,
            "duration_seconds": ref.duration_seconds,
            "size_bytes": ref.size_bytes,
            "truncated": ref.truncated,
            "artifact": ref.artifact,
            "why": ref.why,
            "gap": ref.gap,
            "excerpt": _first_lines(text),
        }
        line = one_line(f"{ref.id} {ref.why}: {ref.command}{seen}")
        return Happening(Kind.LOOKED, line, key=f"{self._place}/look/{ref.id}", detail=detail)

    async def _note_findings(self, findings: Sequence[Finding], key: str) -> Json:
        now = self._bench.world.clock.now()
        for number, finding in enumerate(findings, start=1):
            detail: JsonObject = {"execution_id": self._execution_id, "finding": finding.to_json()}
            happening = Happening(
                Kind.FOUND,
                one_line(f"{finding.claim} ({finding.confidence:.2f})"),
                key=f"{self._place}/found/{key}/{number}",
                detail=detail,
            )
            await self._bench.timeline.append(self._subject_id, happening, at=now)
        row = await self._bench.executions.get(self._execution_id)
        sinks = list(self._speaking(row)) if row.incident_id and findings else []
        return {"incident_id": row.incident_id, "sinks": sinks}

    def _speaking(self, row: ExecutionRow) -> Sequence[str]:
        """Return the sinks that speak of findings; one with a condition waits for the outputs."""
        uses = Workflow.from_snapshot(row.workflow).spec.sinks
        unconditional = {use.name for use in uses if use.condition is None}
        return [
            name
            for name, spec in map(_sink, row.sinks)
            if name in unconditional
            and spec["type"] in self._bench.sinks
            and Moment.FINDINGS in (spec.get("on") or self._bench.sinks[spec["type"]].moments)
        ]

    def _delivery(self, incident_id: str, sink: str, key: str) -> Start:
        return Start(
            flow_id=f"say:{self._subject_id}:{self._place}:{sink}:findings:{key}",
            flow=DELIVERY_FLOW,
            queue=DELIVERIES,
            payload={
                "incident_id": incident_id,
                "execution_id": self._execution_id,
                "sink": sink,
                "moment": Moment.FINDINGS.value,
            },
        )


def _sink(snapshot: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    return snapshot["metadata"]["name"], snapshot["spec"]


def _as_typed(look: Look) -> str:
    """Return what was asked for where it could not be parsed."""
    words = look.arguments.get("args")
    typed = words if isinstance(words, list) else look.arguments.values()
    return one_line(" ".join([look.tool, *map(str, typed)]))


def _redacted(value: Any, redact: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _redacted(inner, redact) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(inner, redact) for inner in value]
    return value


def _first_lines(text: str) -> str:
    """Return whole lines from the start of *text*, or a part of the first if that is longer."""
    if len(text) <= _EXCERPT:
        return text
    end = text.rfind("\n", 0, _EXCERPT)
    return text[: end if end > 0 else _EXCERPT]
