"""Why something is started for an alert, or is not: a decision that says its reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from punchingfist.domain.alerts import Alert, Severity
from punchingfist.domain.inhibition import FiringAlert, InhibitRule
from punchingfist.domain.json import JsonObject
from punchingfist.domain.silences.silence import Silence


class Outcome(StrEnum):
    """What was decided for one firing of an alert."""

    STARTED = "started"
    JOINED = "joined"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    NOT_INVESTIGATED = "not_investigated"
    NO_WORKFLOW = "no_workflow"


@dataclass(frozen=True, slots=True)
class Decision:
    """
    One decision; *text* says it in a clause for people.

    *by* names what decided: a silence, an alert, a severity, an execution. Two
    decisions with the same outcome by the same thing are one decision.
    """

    outcome: Outcome
    by: str
    text: str
    detail: JsonObject = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the alert starts nothing and notifies nobody because of it."""
        return self.outcome not in {Outcome.STARTED, Outcome.JOINED}

    @property
    def mark(self) -> str:
        """Outcome and what decided, in one word."""
        return f"{self.outcome}:{self.by}"


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision as it was stored, for one *episode* of one alert."""

    alert_id: str
    episode: int
    at: datetime
    decision: Decision


@dataclass(frozen=True, slots=True)
class Policy:
    """
    What a source lets its alerts start.

    An alert whose severity is not in *investigates* is recorded only;
    *inhibits* are the rules by which other alerts mute it.
    """

    investigates: frozenset[Severity] = frozenset({Severity.CRITICAL, Severity.WARNING})
    inhibits: tuple[InhibitRule, ...] = ()


def why_held(
    alert: Alert, policy: Policy, *, silences: Sequence[Silence], inhibitor: FiringAlert | None
) -> Decision | None:
    """
    Return why *alert*, which fires, starts nothing, or None when it may.

    *silences* are those in force that match it. What a person said comes
    before what a rule says.
    """
    if silences:
        return _silenced(silences)
    if inhibitor is not None:
        return Decision(
            Outcome.INHIBITED,
            inhibitor.fingerprint,
            f"inhibited while {inhibitor.name} fires",
            {"fingerprint": inhibitor.fingerprint, "name": inhibitor.name},
        )
    if alert.severity not in policy.investigates:
        wanted = sorted(policy.investigates, key=lambda one: one.rank)
        return Decision(
            Outcome.NOT_INVESTIGATED,
            alert.severity.value,
            f"severity {alert.severity.value} is recorded, not investigated",
            {"severity": alert.severity.value, "investigate": [one.value for one in wanted]},
        )
    return None


def _silenced(silences: Sequence[Silence]) -> Decision:
    last = max(silences, key=lambda one: one.ends_at)
    until = f"{last.ends_at:%Y-%m-%d %H:%M} UTC"
    said = f" ({last.created_by}: {last.comment})" if last.comment else ""
    return Decision(
        Outcome.SILENCED,
        last.id,
        f"silenced until {until} by {last.id}{said}",
        {
            "silences": [one.id for one in silences],
            "created_by": last.created_by,
            "comment": last.comment,
            "until": last.ends_at.isoformat(),
        },
    )
