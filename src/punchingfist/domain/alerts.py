"""What a source reports, and what a report does to the alert we already know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from punchingfist.domain.json import JsonObject


class Severity(StrEnum):
    """How bad it is, in the three words of the spec."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"

    @classmethod
    def parse(cls, word: str) -> "Severity":
        """Return the severity a source's *word* means; unknown words mean `WARNING`."""
        return _SEVERITY_WORDS.get(word.strip().lower(), cls.WARNING)

    @property
    def rank(self) -> int:
        """0 for critical, 2 for info: lower is worse."""
        return (Severity.CRITICAL, Severity.WARNING, Severity.INFO).index(self)


_SEVERITY_WORDS = {
    "critical": Severity.CRITICAL,
    "crit": Severity.CRITICAL,
    "fatal": Severity.CRITICAL,
    "emergency": Severity.CRITICAL,
    "page": Severity.CRITICAL,
    "p1": Severity.CRITICAL,
    "warning": Severity.WARNING,
    "warn": Severity.WARNING,
    "high": Severity.WARNING,
    "error": Severity.WARNING,
    "info": Severity.INFO,
    "informational": Severity.INFO,
    "notice": Severity.INFO,
    "low": Severity.INFO,
    "none": Severity.INFO,
}


class AlertStatus(StrEnum):
    """Where an alert stands, as the spec's `alerts.status` column says it."""

    RECEIVED = "received"
    TRIAGING = "triaging"
    RESOLVED = "resolved"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Alert:
    """
    One condition as one source reported it at one moment.

    *group_key* is Alertmanager's, or the fingerprint where a source has no
    groups; *payload* is the alert exactly as it arrived. *expires_at* is when
    a firing report runs out unless it is repeated; None means never.
    """

    name: str
    firing: bool
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    fingerprint: str
    group_key: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    generator_url: str = ""
    payload: JsonObject = field(default_factory=dict)
    expires_at: datetime | None = None

    @property
    def severity(self) -> Severity:
        """The severity its `severity` label means."""
        return Severity.parse(self.labels.get("severity", ""))

    @property
    def summary(self) -> str:
        """One sentence for people: summary, else description, else the name."""
        annotations = self.annotations
        return annotations.get("summary") or annotations.get("description") or self.name


class Change(StrEnum):
    """What a report did to what we knew."""

    OPENED = "opened"
    REOPENED = "reopened"
    REPEATED = "repeated"
    RESOLVED = "resolved"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class KnownAlert:
    """What the store knows of a fingerprint when a report for it arrives."""

    firing: bool
    starts_at: datetime | None
    resolved_at: datetime | None


def settle(known: KnownAlert | None, report: Alert) -> Change:
    """
    Return what *report* does to the alert *known* (None: never seen).

    Late reports lose: a firing whose start is not after the end we recorded
    is the old episode again, and a resolution older than the present episode
    closes nothing. So any order of one set of reports settles to one state.
    """
    if known is None:
        return Change.OPENED if report.firing else Change.NOTHING
    if report.firing:
        if known.firing:
            return Change.REPEATED
        return Change.NOTHING if _is_stale_firing(known, report) else Change.REOPENED
    if not known.firing or _is_stale_resolution(known, report):
        return Change.NOTHING
    return Change.RESOLVED


def _is_stale_firing(known: KnownAlert, report: Alert) -> bool:
    """Whether *report* tells of the episode that is already closed."""
    if report.starts_at is None:
        return False
    if known.starts_at is not None and report.starts_at <= known.starts_at:
        return True
    return known.resolved_at is not None and report.starts_at < known.resolved_at


def _is_stale_resolution(known: KnownAlert, report: Alert) -> bool:
    """Whether *report* ends an episode older than the one that is open."""
    return (
        report.ends_at is not None
        and known.starts_at is not None
        and report.ends_at < known.starts_at
    )
