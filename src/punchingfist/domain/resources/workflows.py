"""What is done about an alert."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from punchingfist.domain.resources.metadata import Document
from punchingfist.domain.resources.model import NonEmpty, ResourceModel, StepName, named


class LlmConfig(ResourceModel):
    """Which model the agent steps use."""

    provider: NonEmpty
    """local, anthropic, claude, openai, together, cohere or gemini."""
    endpoint: str | None = None
    model: str | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(gt=0)] | None = None


class Runtime(ResourceModel):
    """Where and with what the steps run."""

    image: str | None = None
    llm_config: LlmConfig | None = None
    environment: dict[str, str] = Field(default_factory=dict)
    """Variables of cli steps and tools, and `.env.*` in templates."""


class ToolUse(ResourceModel):
    """A tool an agent may use; a bare name is enough."""

    name: NonEmpty
    description: str | None = None
    endpoint: str | None = None
    """Where the tool's server is; may be a template."""
    command: str | None = None
    """The path of a script, which makes this a tool of your own."""


class RetryPolicy(ResourceModel):
    """How often a step is tried again."""

    max_attempts: Annotated[int, Field(ge=1, le=20)] | None = None
    backoff: Literal["exponential", "linear", "constant"] | None = None


class Safety(ResourceModel):
    """What needs a person's approval."""

    require_approval: tuple[str, ...] = ()
    """Verbs that are asked about first, such as `delete`."""


class RigConfig(ResourceModel):
    """Retries and safety of an agent step, under the name the first design gave them."""

    retry_policy: RetryPolicy = RetryPolicy()
    safety: Safety = Safety()


Tools = Annotated[
    tuple[Annotated[ToolUse, BeforeValidator(named, json_schema_input_type=str | ToolUse)], ...],
    Field(max_length=50),
]


class AgentTask(ResourceModel):
    """What an agent is to find out or to do, with what, and within which limits."""

    goal: str | None = None
    """A template."""
    tools: Tools = ()
    context: Any = None
    """More for the agent to know: a template, or a tree whose texts are templates."""
    max_iterations: Annotated[int, Field(ge=1, le=200)] = 15
    timeout_minutes: Annotated[float, Field(gt=0, le=1440)] = 10
    approval_required: bool = False
    service_account: str | None = None
    rig_config: RigConfig = RigConfig()


class Step(AgentTask):
    """One unit of a workflow."""

    name: StepName
    type: NonEmpty
    """cli, agent or conditional."""
    command: str | None = None
    """The shell text of a cli step; a placeholder reaches the shell as a variable, never as text."""
    condition: str | None = None
    """A template whose text decides whether a conditional step runs."""
    agent: AgentTask | None = None
    """What a conditional step does."""

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> Self:
        needed = _FIELDS_OF_TYPE.get(self.type)
        if needed is None:
            return self
        for field in sorted(needed):
            if not getattr(self, field):
                raise ValueError(f"a {self.type} step needs {field!r}; add it")
        for field in sorted(_TYPED_FIELDS - needed):
            if getattr(self, field) is not None:
                kinds = " or ".join(kind for kind, has in _FIELDS_OF_TYPE.items() if field in has)
                raise ValueError(
                    f"{field!r} does not belong to a {self.type} step; remove it or use type {kinds}"
                )
        return self


_FIELDS_OF_TYPE = {
    "cli": frozenset({"command"}),
    "agent": frozenset({"goal"}),
    "conditional": frozenset({"condition", "agent"}),
}
_TYPED_FIELDS = frozenset().union(*_FIELDS_OF_TYPE.values())


class Declared(ResourceModel):
    """An output under a name of its own; *value* is a template."""

    name: StepName
    value: str


class SinkUse(ResourceModel):
    """A sink the outcome goes to; a bare name is enough."""

    name: NonEmpty
    condition: str | None = None
    """A template whose text decides whether the sink is used."""


class WorkflowSpec(ResourceModel):
    """The steps in order, what they give, and where that goes."""

    runtime: Runtime = Runtime()
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=100)]
    outputs: Annotated[tuple[Declared, ...], Field(max_length=100)] = ()
    sinks: Annotated[
        tuple[
            Annotated[SinkUse, BeforeValidator(named, json_schema_input_type=str | SinkUse)], ...
        ],
        Field(max_length=50),
    ] = ()


class Workflow(Document):
    """A Workflow."""

    KIND: ClassVar[str] = "Workflow"

    kind: Literal["Workflow"] = "Workflow"
    spec: WorkflowSpec
