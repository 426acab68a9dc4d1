"""What the evidence means: claims, each resting on quoted lines."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

from punchingfist.domain.json import Json, JsonObject


@dataclass(frozen=True, slots=True, order=True)
class ObjectRef:
    """One object of a cluster, `Pod shop/cart-7d9`; *namespace* is empty for cluster-wide kinds."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {place}"


@dataclass(frozen=True, slots=True)
class Quote:
    """A *line* that stands, as written here, in one line of the evidence *evidence_id*."""

    evidence_id: str
    line: str


@dataclass(frozen=True, slots=True)
class Link:
    """Why two objects belong together: *source* --*relation*--> *target*, as *quote* shows."""

    source: ObjectRef
    relation: str
    target: ObjectRef
    quote: Quote


@dataclass(frozen=True, slots=True)
class Recommendation:
    """
    A proposed action, not done.

    *command* is exact or None when there is no one command; *risk* is
    `read`, `write` or `destructive`; *undo* is the inverse command or phrase.
    """

    text: str
    risk: str
    command: str | None = None
    undo: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """
    A claim about *object*, resting on *quotes*; *short* is what a lock screen can show of it.

    *cause* tells a cause from a mere symptom or fact. *confidence* is 0–1.
    *links* lead from *object* to the alerting object. *struck* is set by
    grounding to the reason the claim does not stand.
    """

    rule: str
    claim: str
    object: ObjectRef
    quotes: tuple[Quote, ...]
    confidence: float
    cause: bool = True
    links: tuple[Link, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    struck: str | None = None
    short: str = ""

    def to_json(self) -> JsonObject:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Rebuild what `to_json` gave."""
        return cls(**_finding_fields(value))


class Verdict(StrEnum):
    """How an investigation ended."""

    CAUSE_FOUND = "cause_found"
    HEALTHY = "healthy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be checked, and why."""

    what: str
    why: str
    evidence_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    """A named change that came before the trouble: *object*, what changed, when (RFC 3339)."""

    object: ObjectRef
    what: str
    at: str
    quote: Quote


@dataclass(frozen=True, slots=True)
class Report:
    """
    The answer of one investigation; absent fields are None.

    *checked* counts the looks that saw something. *severity_assessment* holds
    the word and, behind a colon, its reason. Everything a model or rule
    claims is in *findings*; *root_cause* repeats the claim of the first one
    that stands.
    """

    verdict: Verdict
    summary: str
    problem_summary: str | None
    root_cause: str | None
    object: ObjectRef | None
    findings: tuple[Finding, ...]
    confidence: float
    severity_assessment: str | None
    actions_taken: tuple[str, ...]
    recommendations: tuple[Recommendation, ...]
    can_auto_fix: bool
    fix_command: str | None
    escalation_notes: str | None
    gaps: tuple[Gap, ...]
    checked: int
    last_change: ChangeSeen | None = None
    investigator: str = "rules"
    decisive: Quote | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """Return the report as JSON-able mappings; enums become their words."""
        return asdict(self) | {"verdict": self.verdict.value}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Rebuild what `to_json` gave."""
        fields = dict(value)
        fields["verdict"] = Verdict(value["verdict"])
        fields["object"] = _object(value["object"])
        fields["findings"] = tuple(Finding.from_json(one) for one in value["findings"])
        fields["actions_taken"] = tuple(value["actions_taken"])
        fields["recommendations"] = tuple(Recommendation(**one) for one in value["recommendations"])
        fields["gaps"] = tuple(Gap(**one) for one in value["gaps"])
        fields["decisive"] = _quote(value.get("decisive"))
        change = value.get("last_change")
        fields["last_change"] = change and ChangeSeen(
            _required(change["object"]), change["what"], change["at"], Quote(**change["quote"])
        )
        return cls(**fields)


def _object(value: Mapping[str, str] | None) -> ObjectRef | None:
    return ObjectRef(**value) if value else None


def _required(value: Mapping[str, str]) -> ObjectRef:
    return ObjectRef(**value)


def _quote(value: Mapping[str, str] | None) -> Quote | None:
    return Quote(**value) if value else None


def _finding_fields(value: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(value)
    fields["object"] = ObjectRef(**value["object"])
    fields["quotes"] = tuple(Quote(**one) for one in value["quotes"])
    fields["recommendations"] = tuple(Recommendation(**one) for one in value["recommendations"])
    fields["links"] = tuple(
        Link(
            ObjectRef(**one["source"]),
            one["relation"],
            ObjectRef(**one["target"]),
            Quote(**one["quote"]),
        )
        for one in value["links"]
    )
    return fields
