"""What was looked at and what was seen, without opinion."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from punchingfist.domain.json import Json, JsonObject


class Outcome(StrEnum):
    """How a look ended. Everything but `SEEN` is a gap, never an absence."""

    SEEN = "seen"
    FAILED = "failed"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Look:
    """
    One tool call somebody wants made.

    *arguments* are the tool's own; *why* is one short phrase for the person
    watching ("previous logs of the crashing container").
    """

    tool: str
    arguments: Mapping[str, Json]
    why: str

    def to_json(self) -> JsonObject:
        return {"tool": self.tool, "arguments": dict(self.arguments), "why": self.why}

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> Self:
        arguments = value["arguments"]
        assert isinstance(arguments, Mapping)
        return cls(str(value["tool"]), arguments, str(value["why"]))


@dataclass(frozen=True, slots=True)
class EvidenceRef:
    """
    The record of one look, without its text; what a durable step returns.

    *id* is `E1`, `E2`… within one investigation. *command* is the canonical
    call as a person could type it. *artifact* is the SHA-256 of the whole
    redacted output in the artifact store. *gap* says what kept us from
    seeing, in one sentence, when *outcome* is not `SEEN`. *truncated* means
    the stored output is not all the tool had to say.
    """

    id: str
    tool: str
    arguments: Mapping[str, Json]
    why: str
    command: str
    at: datetime
    duration_seconds: float
    outcome: Outcome
    exit_code: int | None
    artifact: str
    size_bytes: int
    truncated: bool
    gap: str | None

    def to_json(self) -> JsonObject:
        return asdict(self) | {"at": self.at.isoformat(), "outcome": self.outcome.value}

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> Self:
        fields: dict[str, object] = dict(value)
        fields["at"] = datetime.fromisoformat(str(value["at"]))
        fields["outcome"] = Outcome(str(value["outcome"]))
        return cls(**fields)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One look together with the whole redacted text it gave."""

    ref: EvidenceRef
    output: str

    @property
    def id(self) -> str:
        return self.ref.id

    @property
    def seen(self) -> bool:
        return self.ref.outcome is Outcome.SEEN
