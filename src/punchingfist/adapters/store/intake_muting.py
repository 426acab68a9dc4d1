"""What mutes the alerts of a batch: silences, and other alerts that fire; read in its transaction."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from punchingfist.adapters.store.intake_known import Known
from punchingfist.adapters.store.silence_rows import read_active, write_silences
from punchingfist.adapters.store.tables import Tables
from punchingfist.domain.alerts import Alert, Change, KnownAlert
from punchingfist.domain.decisions import Decision, why_held
from punchingfist.domain.episodes import judge, remember
from punchingfist.domain.inhibition import FiringAlert, Inhibition, InhibitRule
from punchingfist.domain.silences.editing import expire
from punchingfist.domain.silences.matchers import Match, Matcher
from punchingfist.domain.silences.silence import Silence, SilencesInForce
from punchingfist.ports.intake import Arrival

_PLAIN_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
"""A label that can be named in a JSON path of any database without quoting."""


@dataclass(frozen=True, slots=True)
class Muting:
    """Decides about one alert at a time."""

    silences: Sequence[Silence]
    in_force: SilencesInForce
    inhibition: Inhibition

    def why_held(self, arrival: Arrival) -> Decision | None:
        """Return why the alert, which fires, starts nothing, or None when it may."""
        labels = arrival.alert.labels
        return why_held(
            arrival.alert,
            arrival.policy,
            silences=self.in_force.find(labels),
            inhibitor=self.inhibition.find(labels),
        )


def read_muting(
    connection: sa.Connection,
    tables: Tables,
    batch: Sequence[Arrival],
    known: Known,
    at: datetime,
) -> Muting:
    """
    Read it, as it is when all of *batch* has been taken.

    So the order within a batch decides nothing: a source alert mutes a target
    that stands before it, and one that is resolved mutes nobody.
    """
    silences = read_active(connection, tables, at)
    # A dict keeps their order, which a set would not.
    rules = tuple(dict.fromkeys(rule for one in batch for rule in one.policy.inhibits))
    firing = _firing(connection, tables, rules, batch, _settled(batch, known, at)) if rules else ()
    return Muting(silences, SilencesInForce(silences, at), Inhibition(rules, firing))


def end_silences(
    connection: sa.Connection,
    tables: Tables,
    muting: Muting,
    resolved: Iterable[Mapping[str, str]],
    at: datetime,
) -> None:
    """End the silences that were to end with the alerts *resolved*, when none of theirs fires."""
    ending = [one for one in muting.silences if one.ends_when_resolved]
    if not ending:
        return
    gone = tuple(resolved)
    ended = [
        expire(one, at)
        for one in ending
        if any(one.matches(labels) for labels in gone)
        and not any(
            one.matches(alert.labels)
            for alert in _select_firing(connection, tables, _wanted(tables, one.matchers))
        )
    ]
    write_silences(connection, tables, ended)


def _firing(
    connection: sa.Connection,
    tables: Tables,
    rules: Sequence[InhibitRule],
    batch: Sequence[Arrival],
    arrived: Mapping[str, tuple[Alert, bool]],
) -> Iterator[FiringAlert]:
    for fingerprint, (alert, fires) in arrived.items():
        if fires and any(rule.is_source(alert.labels) for rule in rules):
            yield FiringAlert(fingerprint, alert.name, alert.labels)
    seen = set(arrived)
    for rule in rules:
        targets = [one.alert.labels for one in batch if one.alert.firing]
        targets = [labels for labels in targets if rule.is_target(labels)]
        if targets:
            for one in _select_firing(connection, tables, _sources(tables, rule, targets)):
                if one.fingerprint not in seen:
                    seen.add(one.fingerprint)
                    yield one


def _settled(batch: Sequence[Arrival], known: Known, at: datetime) -> dict[str, tuple[Alert, bool]]:
    """Return the alerts of *batch* and whether each fires when all of it has been taken."""
    states: dict[str, tuple[KnownAlert | None, datetime | None]] = {}
    settled: dict[str, tuple[Alert, bool]] = {}
    for arrival in batch:
        alert = arrival.alert
        before, heard_at = states.get(alert.fingerprint) or _state(known, alert.fingerprint)
        change = judge(before, alert, heard_at=heard_at, at=at)
        after = remember(before, alert, change, at=at)
        states[alert.fingerprint] = after, heard_at if change is Change.NOTHING else at
        settled[alert.fingerprint] = alert, after.firing
    return settled


def _state(known: Known, fingerprint: str) -> tuple[KnownAlert | None, datetime | None]:
    row = known.alerts.get(fingerprint)
    if row is None:
        return None, None
    return KnownAlert(row["firing"], row["starts_at"], row["resolved_at"]), row["last_seen_at"]


def _sources(
    tables: Tables, rule: InhibitRule, targets: Sequence[Mapping[str, str]]
) -> Iterator[sa.ColumnElement[bool]]:
    """Narrow the search as far as the database can tell; the rule itself has the last word."""
    yield from _wanted(tables, rule.source)
    for name in rule.equal:
        if _PLAIN_NAME.fullmatch(name):
            yield _label(tables, name).in_({labels.get(name, "") for labels in targets})


def _wanted(tables: Tables, matchers: Iterable[Matcher]) -> Iterator[sa.ColumnElement[bool]]:
    for one in matchers:
        if one.match is Match.EQUAL and _PLAIN_NAME.fullmatch(one.name):
            yield _label(tables, one.name) == one.value


def _label(tables: Tables, name: str) -> sa.ColumnElement[str]:
    return sa.func.coalesce(tables.alerts.c.labels[name].as_string(), "")


def _select_firing(
    connection: sa.Connection, tables: Tables, where: Iterable[sa.ColumnElement[bool]]
) -> list[FiringAlert]:
    alerts = tables.alerts.c
    query = (
        sa.select(alerts.fingerprint, alerts.alert_name, alerts.labels)
        .where(alerts.firing, alerts.resolved_at.is_(None), *where)
        .order_by(alerts.number)
    )
    return [FiringAlert(*row) for row in connection.execute(query)]
