"""What an investigator may use to touch the world."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from punchingfist.domain.guardrails.risk import Risk
from punchingfist.domain.investigation.evidence import Outcome
from punchingfist.domain.json import Json, JsonObject
from punchingfist.ports.world import World


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a Workflow step names it, templates already rendered."""

    name: str
    description: str = ""
    endpoint: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """
    One parsed call, before anything is done.

    *command* is the canonical call as a person could type it; *risk* comes
    from the parsed call alone. *namespace* is empty when cluster-wide.
    """

    command: str
    risk: Risk
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """What came back, raw: not redacted, not yet trusted. *gap* is set unless `SEEN`."""

    outcome: Outcome
    text: str
    exit_code: int | None = None
    truncated: bool = False
    gap: str | None = None


class Tool(Protocol):
    """One tool, ready to run against one world."""

    def plan(self, arguments: Mapping[str, Json]) -> Plan:
        """
        Parse *arguments*; nothing is sent.

        Raises:
            InvalidInput: the call makes no sense; says what would.
            Refused: the verb, flag or kind is not allowed.
        """
        ...

    async def run(
        self, arguments: Mapping[str, Json], *, timeout_seconds: float, limit_bytes: int
    ) -> ToolOutput:
        """Do what `plan` accepted. Trouble of the world is an outcome, not an exception."""
        ...


@dataclass(frozen=True, slots=True)
class ToolType:
    """A kind of tool; *schema* is the JSON Schema of its arguments."""

    name: str
    description: str
    schema: JsonObject
    build: Callable[[ToolSpec, World], Tool]
