"""Where an execution stands: what its templates see, what it gives, and who is to be told."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, Self

from punchingfist.domain.durations import render_duration
from punchingfist.domain.incidents import Incident
from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.messages import Moment
from punchingfist.domain.resources.workflows import Workflow
from punchingfist.domain.workflows.conditions import holds
from punchingfist.domain.workflows.templates import Scope, render
from punchingfist.errors import InvalidInput

SUCCEEDED = "succeeded"


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """How one step ended; *result* is `.steps.<name>.result`."""

    name: str
    type: str
    status: str
    summary: str
    result: JsonObject
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What an execution begins with and never changes; JSON, as its first step records it."""

    workflow: JsonObject
    sinks: Sequence[JsonObject]
    source: str
    event: JsonObject
    context: JsonObject
    incident: JsonObject
    started_at: str

    def to_json(self) -> JsonObject:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(**value)


def incident_roots(incident: Incident | None) -> JsonObject:
    """Return what templates see as `.incident`."""
    if incident is None:
        return {}
    return {
        "id": incident.short_id,
        "title": incident.title,
        "severity": incident.severity.value,
        "status": incident.status.value,
        "episode": incident.episode,
        "owner": incident.owner,
        "alerts_count": incident.alerts_count,
        "created_at": incident.created_at.isoformat(),
    }


def step_scope(
    setting: Setting,
    steps: Sequence[StepOutcome],
    outputs: JsonObject,
    *,
    ended_at: datetime | None = None,
) -> Scope:
    """Return the template roots after *steps*; `.workflow` knows its end when there is one."""
    started_at = datetime.fromisoformat(setting.started_at)
    metadata: Any = setting.workflow.get("metadata", {})
    spec: Any = setting.workflow.get("spec", {})
    return {
        "source": {"data": setting.event, "name": setting.source, "context": setting.context},
        "steps": {step.name: _seen(step) for step in steps},
        "outputs": outputs,
        "workflow": {
            "name": metadata.get("name", ""),
            "outputs": outputs,
            **_times(started_at, ended_at),
        },
        "incident": setting.incident,
        "env": spec.get("runtime", {}).get("environment", {}),
    }


class RecordedStep(Protocol):
    """A step as the record of an execution has it."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def error(self) -> str | None: ...
    @property
    def result(self) -> JsonObject | None: ...


class RecordedExecution(Protocol):
    """An execution as its record has it."""

    @property
    def workflow(self) -> JsonObject: ...
    @property
    def sinks(self) -> tuple[JsonObject, ...]: ...
    @property
    def source(self) -> str: ...
    @property
    def event(self) -> JsonObject: ...
    @property
    def context(self) -> JsonObject: ...
    @property
    def outputs(self) -> JsonObject: ...
    @property
    def queued_at(self) -> datetime: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def steps(self) -> Sequence[RecordedStep]: ...


def sink_scope(execution: RecordedExecution, incident: Incident | None) -> Scope:
    """Return the template roots of a sink, from the record of its execution."""
    setting = setting_of(execution, incident)
    steps = [
        StepOutcome(step.name, step.type, step.status, step.summary, step.result or {}, step.error)
        for step in execution.steps
    ]
    return step_scope(setting, steps, execution.outputs, ended_at=execution.ended_at)


def setting_of(execution: RecordedExecution, incident: Incident | None) -> Setting:
    """Return what *execution* began with."""
    return Setting(
        workflow=execution.workflow,
        sinks=execution.sinks,
        source=execution.source,
        event=execution.event,
        context=execution.context,
        incident=incident_roots(incident),
        started_at=(execution.started_at or execution.queued_at).isoformat(),
    )


def _seen(step: StepOutcome) -> JsonObject:
    """Return what templates see as `.steps.<name>`."""
    return {
        "type": step.type,
        "status": step.status,
        "success": step.status == SUCCEEDED,
        "summary": step.summary,
        "error": step.error,
        "result": step.result,
    }


def _times(started_at: datetime, ended_at: datetime | None) -> JsonObject:
    if ended_at is None:
        return {}
    seconds = math.ceil((ended_at - started_at).total_seconds())
    duration = render_duration(timedelta(seconds=max(seconds, 0)))
    return {"duration": duration, "completedAt": ended_at.isoformat()}


def implicit_outputs(steps: Sequence[StepOutcome]) -> JsonObject:
    """
    Return what steps give without being asked.

    Every field of the last agent's report, spelled with hyphens and with
    underscores, and every step's summary under the step's name.
    """
    outputs: dict[str, Json] = {}
    reports = [step.result for step in steps if step.type == "agent" and step.result]
    for name, value in (reports[-1] if reports else {}).items():
        outputs[name.replace("_", "-")] = outputs[name.replace("-", "_")] = value
    return outputs | {step.name: step.summary for step in steps if step.summary}


def all_outputs(
    workflow: Workflow, setting: Setting, steps: Sequence[StepOutcome]
) -> tuple[JsonObject, list[str]]:
    """
    Return implicit and declared outputs, of which the declared win, and what is wrong with them.

    A declared output may use those declared before it.
    """
    outputs = dict(implicit_outputs(steps))
    problems: list[str] = []
    for declared in workflow.spec.outputs:
        try:
            outputs[declared.name] = render(declared.value, step_scope(setting, steps, outputs))
        except InvalidInput as error:
            problems.append(f"output {declared.name!r}: {error}")
    return outputs, problems


@dataclass(frozen=True, slots=True)
class SinkDue:
    """One sink of a workflow; *why_not* is set when it cannot be told."""

    name: str
    why_not: str = ""


def sinks_due(
    workflow: Workflow,
    sinks: Sequence[JsonObject],
    scope: Scope,
    *,
    moments: Mapping[str, frozenset[Moment]],
) -> Iterator[SinkDue]:
    """
    Yield the sinks to tell at `completed`, in the workflow's order.

    *sinks* are snapshots; *moments* is when each type speaks unless the Sink
    says otherwise. A type we do not have is due, so that its delivery says so.
    """
    specs: dict[Any, Any] = {_name_of(sink): sink["spec"] for sink in sinks}
    for use in workflow.spec.sinks:
        if use.name not in specs:
            yield SinkDue(use.name, "there is no such Sink")
            continue
        spec = specs[use.name]
        usual = moments.get(spec["type"], frozenset({Moment.COMPLETED}))
        if Moment.COMPLETED not in (spec.get("on") or usual):
            continue
        try:
            if use.condition is None or holds(use.condition, scope):
                yield SinkDue(use.name)
        except InvalidInput as error:
            yield SinkDue(use.name, f"its condition {use.condition!r}: {error}")


def _name_of(sink: JsonObject) -> Any:
    metadata: Any = sink["metadata"]
    return metadata["name"]
