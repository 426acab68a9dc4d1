"""What an investigation looked at, as its timeline tells it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from punchingfist.domain.investigation.evidence import Outcome
from punchingfist.domain.timeline import Kind, TimelineEvent


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look; *gap* says why nothing was seen, *excerpt* holds the first lines of what was."""

    id: str
    command: str
    why: str
    outcome: str
    gap: str
    duration_seconds: float
    size_bytes: int
    truncated: bool
    artifact: str
    excerpt: str

    @property
    def seen(self) -> bool:
        return self.outcome == Outcome.SEEN.value

    @property
    def words(self) -> str:
        """The outcome in words for people."""
        return self.outcome.replace("_", " ")


def looks_of(events: Iterable[TimelineEvent], execution_id: str | None) -> tuple[LookRow, ...]:
    """Return the looks of one execution, in the order they were asked for."""
    looks = [
        _look(event.detail)
        for event in events
        if event.kind is Kind.LOOKED and event.detail.get("execution_id") == execution_id
    ]
    return tuple(sorted(looks, key=_number))


def _number(look: LookRow) -> tuple[int, str]:
    """E2 before E10, whichever came back first."""
    digits = look.id.lstrip("E")
    return (int(digits) if digits.isdecimal() else 0, look.id)


def _look(detail: Any) -> LookRow:
    return LookRow(
        id=detail["evidence_id"],
        command=detail["command"],
        why=detail["why"],
        outcome=detail["outcome"],
        gap=detail["gap"] or "",
        duration_seconds=detail["duration_seconds"],
        size_bytes=detail["size_bytes"],
        truncated=detail["truncated"],
        artifact=detail["artifact"],
        excerpt=detail["excerpt"],
    )
