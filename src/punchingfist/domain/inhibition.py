"""Alerts that are not worth a word while another one fires; the semantics are Alertmanager's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from punchingfist.domain.silences.matchers import Matcher, match_all


@dataclass(frozen=True, slots=True)
class InhibitRule:
    """
    A firing alert that matches *source* mutes those that match *target*.

    Both must have the same values of the labels *equal*; a missing label is
    empty. No matchers at all match everything.
    """

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()

    def is_target(self, labels: Mapping[str, str]) -> bool:
        return match_all(self.target, labels)

    def is_source(self, labels: Mapping[str, str]) -> bool:
        return match_all(self.source, labels)

    def equal_values(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(labels.get(name, "") for name in self.equal)

    def mutes(self, target: Mapping[str, str], source: Mapping[str, str]) -> bool:
        """
        Tell whether a firing alert with labels *source* mutes *target*.

        An alert that matches both sides is not muted by another such one: so
        none mutes itself, and no two mute each other.
        """
        if not self.is_target(target) or not self.is_source(source):
            return False
        if self.equal_values(target) != self.equal_values(source):
            return False
        return not (self.is_source(target) and self.is_target(source))


@dataclass(frozen=True, slots=True)
class FiringAlert:
    """An alert that fires, as far as it matters to others."""

    fingerprint: str
    name: str
    labels: Mapping[str, str]


class Inhibition:
    """Which alert mutes which, among those that fire; looked up by the values of `equal`."""

    def __init__(self, rules: Iterable[InhibitRule], firing: Iterable[FiringAlert]) -> None:
        candidates = tuple(firing)
        self._rules = [(rule, _by_equal(rule, candidates)) for rule in rules]

    def find(self, labels: Mapping[str, str]) -> FiringAlert | None:
        """Return the first alert that mutes one with *labels*, None when none does."""
        for rule, sources in self._rules:
            if not rule.is_target(labels):
                continue
            for one in sources.get(rule.equal_values(labels), ()):
                if rule.mutes(labels, one.labels):
                    return one
        return None


def _by_equal(
    rule: InhibitRule, firing: Iterable[FiringAlert]
) -> dict[tuple[str, ...], list[FiringAlert]]:
    found: dict[tuple[str, ...], list[FiringAlert]] = {}
    for one in firing:
        if rule.is_source(one.labels):
            found.setdefault(rule.equal_values(one.labels), []).append(one)
    return found
