"""Everything an execution needs, gathered once by the composition root."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from punchingfist.domain.json import JsonObject
from punchingfist.ports.artifacts import Artifacts
from punchingfist.ports.deliveries import Deliveries
from punchingfist.ports.durable import Ctx
from punchingfist.ports.executions import Executions
from punchingfist.ports.incidents import Incidents
from punchingfist.ports.investigator import Investigator
from punchingfist.ports.sink import SinkType
from punchingfist.ports.telemetry import Telemetry
from punchingfist.ports.timeline import Timeline
from punchingfist.ports.tool import ToolType
from punchingfist.ports.world import World


class StepStatus(StrEnum):
    """How a step ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class StepResult:
    """*summary* becomes the step's implicit output; *result* is `.steps.<name>.result`."""

    status: StepStatus
    summary: str
    result: JsonObject = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class StepRun:
    """
    One step about to run.

    *step* is its definition and *workflow* the whole snapshot; *scope* holds
    the template roots; *subject_id* is whose timeline to write on (the
    incident, else the execution).
    """

    ctx: Ctx
    name: str
    step: Mapping[str, Any]
    workflow: Mapping[str, Any]
    scope: Mapping[str, Any]
    execution_id: str
    subject_id: str


@dataclass(frozen=True, slots=True)
class StepType:
    """A kind of workflow step: its `type` word and how to run one."""

    name: str
    run: Callable[[StepRun, "Workbench"], Awaitable[StepResult]]


@dataclass(frozen=True, slots=True)
class Workbench:
    """
    The ports and the extensions by name.

    *redact* takes secrets out of any text. *external_url* is empty when links
    in messages cannot be made.
    """

    world: World
    artifacts: Artifacts
    timeline: Timeline
    executions: Executions
    incidents: Incidents
    deliveries: Deliveries
    telemetry: Telemetry
    investigator: Investigator
    redact: Callable[[str], str]
    tools: Mapping[str, ToolType]
    sinks: Mapping[str, SinkType]
    steps: Mapping[str, StepType]
    external_url: str = ""
