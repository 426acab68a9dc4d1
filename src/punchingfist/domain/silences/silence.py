"""A silence: who muted what, from when until when, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from punchingfist.domain.silences.matchers import Match, Matcher, match_all
from punchingfist.domain.time_intervals import TimeInterval


class SilenceState(StrEnum):
    """Where a silence stands, in Alertmanager's words."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Silence:
    """
    Mutes the alerts all of whose *matchers* match, in `[starts_at, ends_at)`.

    With *time_intervals* it does so only while one of them contains the
    present moment. One that *ends_when_resolved* ends as soon as nothing that
    it matched fires any more.
    """

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    created_by: str
    comment: str
    annotations: Mapping[str, str] = field(default_factory=dict)
    time_intervals: tuple[TimeInterval, ...] = ()
    ends_when_resolved: bool = False

    def state(self, at: datetime) -> SilenceState:
        if at < self.starts_at:
            return SilenceState.PENDING
        return SilenceState.ACTIVE if at < self.ends_at else SilenceState.EXPIRED

    def is_in_force(self, at: datetime) -> bool:
        """Tell whether it mutes anything at this moment."""
        if self.state(at) is not SilenceState.ACTIVE:
            return False
        return not self.time_intervals or any(one.contains(at) for one in self.time_intervals)

    def matches(self, labels: Mapping[str, str]) -> bool:
        return match_all(self.matchers, labels)


class SilencesInForce:
    """
    The silences that mute something at one moment, looked up by labels.

    A silence that asks for the exact value of a label is found by that value,
    so that thousands of them cost an alert no more than a few.
    """

    def __init__(self, silences: Iterable[Silence], at: datetime) -> None:
        self._by_label: dict[tuple[str, str], list[Silence]] = {}
        self._others: list[Silence] = []
        for silence in silences:
            if silence.is_in_force(at):
                self._home(silence).append(silence)

    def _home(self, silence: Silence) -> list[Silence]:
        exact = (one for one in silence.matchers if one.match is Match.EQUAL and one.value)
        first = next(exact, None)
        if first is None:
            return self._others
        return self._by_label.setdefault((first.name, first.value), [])

    def find(self, labels: Mapping[str, str]) -> Sequence[Silence]:
        """Return the silences of an alert with *labels*, by id."""
        near = [one for label in labels.items() for one in self._by_label.get(label, ())]
        found = [one for one in (*near, *self._others) if one.matches(labels)]
        return sorted(found, key=lambda one: one.id)
