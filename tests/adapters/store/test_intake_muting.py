"""What a silence, an inhibiting alert or a severity does when an alert is taken in."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from punchingfist.adapters.store.followers import Followers
from punchingfist.adapters.store.intake import SqlIntake
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import UuidIds
from punchingfist.domain.alerts import Alert, Change, Severity
from punchingfist.domain.decisions import Policy
from punchingfist.domain.inhibition import InhibitRule
from punchingfist.domain.silences.editing import Edit, expire
from punchingfist.domain.silences.matchers import parse_matchers
from punchingfist.domain.silences.silence import Silence, SilenceState
from punchingfist.domain.time_intervals import parse_time_interval
from punchingfist.domain.timeline import Kind
from punchingfist.ports.intake import Taken
from tests.arrivals import MINUTE, NOW, Started, arrivals, firing, resolved, trigger

HOUR = timedelta(hours=1)
SILENCE_ID = "018f3f3e-0000-7000-8000-00000000000a"
CRITICAL_FIRST = Policy(
    inhibits=(
        InhibitRule(
            parse_matchers("severity=critical"), parse_matchers("severity=warning"), ("zone",)
        ),
    )
)


async def silence(store: Store, matchers: str, **changed: Any) -> Silence:
    made = Silence(
        id=SILENCE_ID,
        matchers=parse_matchers(matchers),
        starts_at=NOW - HOUR,
        ends_at=NOW + HOUR,
        updated_at=NOW,
        created_by="ana",
        comment="known",
    )
    made = replace(made, **changed)
    await store.silences.change(None, lambda _: Edit(made.id, (made,)))
    return made


async def end(store: Store, at: datetime) -> None:
    def plan(known: Silence | None) -> Edit:
        assert known
        return Edit(known.id, (expire(known, at),))

    await store.silences.change(SILENCE_ID, plan)


async def take(
    store: Store,
    started: Started,
    *alerts: Alert,
    at: datetime = NOW,
    policy: Policy | None = None,
    first: tuple[str, ...] = (),
) -> list[Taken]:
    batch = arrivals(*alerts, starts=trigger(first=first))
    batch = [replace(one, policy=policy or Policy()) for one in batch]
    return await store.intake.take_in(batch, at=at, enqueue=started)


async def outcomes(store: Store, taken: Taken) -> list[str]:
    found = await store.decisions.of_alerts([taken.alert_id])
    return [one.decision.outcome.value for one in found]


async def test_a_silenced_alert_is_recorded_and_starts_nothing(
    store: Store, started: Started
) -> None:
    await silence(store, "alertname=Down")
    (taken,) = await take(store, started, firing(severity="critical"), first=("pager",))
    events = await store.timeline.read(taken.incident_id or "")
    row = await store.alerts.get("A-1")

    assert (taken.change, taken.incident, started) == (Change.OPENED, "INC-1", [])
    assert row.held_by == f"silenced:{SILENCE_ID}"
    assert events[-1].kind is Kind.NOT_STARTED
    assert events[-1].detail["silences"] == [SILENCE_ID]
    assert await outcomes(store, taken) == ["silenced"]


async def test_the_next_repeat_after_the_silence_starts_it(store: Store, started: Started) -> None:
    await silence(store, "alertname=Down")
    alert = firing(severity="critical")
    (taken,) = await take(store, started, alert, first=("pager",))
    await take(store, started, alert, at=NOW + MINUTE, first=("pager",))
    await end(store, NOW + 2 * MINUTE)
    assert started == []
    await take(store, started, alert, at=NOW + 3 * MINUTE, first=("pager",))
    await take(store, started, alert, at=NOW + 4 * MINUTE, first=("pager",))

    assert started.flow_ids == [
        f"inc:{taken.incident_id}:triage:1",
        f"say:{taken.incident_id}:1:pager:received",
    ]
    assert await outcomes(store, taken) == ["silenced", "started"]
    assert (await store.alerts.get("A-1")).held_by is None


async def test_a_window_that_closes_lets_the_alert_go(store: Store, started: Started) -> None:
    window = parse_time_interval({"times": [{"start_time": "12:00", "end_time": "12:30"}]})
    await silence(store, "alertname=Down", time_intervals=(window,))
    await take(store, started, firing())
    assert started == []

    await take(store, started, firing(), at=NOW + 30 * MINUTE)

    assert len(started) == 1


async def test_an_unsilenced_alert_that_joins_a_silenced_incident_is_told_of(
    store: Store, started: Started
) -> None:
    await silence(store, "zone=a")
    await take(store, started, firing(group="g", zone="a", severity="critical"))
    await take(store, started, firing(group="g", zone="b", severity="warning"))
    assert len(started) == 1
    await take(store, started, firing(group="g", zone="c", severity="critical"), first=("pager",))
    incident = await store.incidents.get("INC-1")

    assert incident.alerts_count == 3
    assert incident.severity is Severity.CRITICAL
    assert started.flow_ids[1:] == [f"say:{incident.id}:1:pager:received"]


async def test_a_silenced_alert_does_not_raise_the_severity_it_joins(
    store: Store, started: Started
) -> None:
    await silence(store, "severity=critical")
    await take(store, started, firing(group="g", severity="warning"))
    await take(store, started, firing(group="g", severity="critical"), first=("pager",))

    assert (await store.incidents.get("INC-1")).severity is Severity.WARNING
    assert len(started) == 1


async def test_a_source_mutes_its_target_whatever_the_order_in_the_batch(
    store: Store, started: Started
) -> None:
    target, source = firing("Slow", severity="warning"), firing("Down", severity="critical")
    held, cause = await take(store, started, target, source, policy=CRITICAL_FIRST)

    assert await outcomes(store, held) == ["inhibited"]
    assert await outcomes(store, cause) == ["started"]
    assert (await store.alerts.get("A-1")).held_by == f"inhibited:{source.fingerprint}"


async def test_what_fires_in_the_database_mutes_and_stops_muting_when_resolved(
    store: Store, started: Started
) -> None:
    target = firing("Slow", severity="warning", zone="a")
    await take(store, started, firing("Down", severity="critical", zone="a"))
    await take(store, started, firing("Down", severity="critical", zone="b"))
    started.clear()
    (held,) = await take(store, started, target, policy=CRITICAL_FIRST)
    other = firing("Slow", severity="warning", zone="c")
    (free,) = await take(store, started, other, policy=CRITICAL_FIRST)
    await take(store, started, resolved("Down", severity="critical", zone="a"), at=NOW + MINUTE)
    await take(store, started, target, at=NOW + 2 * MINUTE, policy=CRITICAL_FIRST)

    assert await outcomes(store, held) == ["inhibited", "started"]
    assert await outcomes(store, free) == ["started"]


async def test_a_restart_lets_no_inhibited_alert_through(store: Store, started: Started) -> None:
    await take(store, started, firing("Down", severity="critical"))
    restarted = SqlIntake(store.database, Followers(), UuidIds())
    started.clear()
    (slow,) = arrivals(firing("Slow", severity="warning"))
    batch = [replace(slow, policy=CRITICAL_FIRST)]
    await restarted.take_in(batch, at=NOW + MINUTE, enqueue=started)

    assert started == []


async def test_what_a_source_does_not_investigate_is_recorded_only(
    store: Store, started: Started
) -> None:
    (none,) = await take(store, started, firing("Watchdog", severity="none"))
    (info,) = await take(store, started, firing("Info", severity="info"))
    everything = Policy(investigates=frozenset(Severity))
    (wanted,) = await take(store, started, firing("Wanted", severity="info"), policy=everything)

    assert await outcomes(store, none) == ["not_investigated"]
    assert await outcomes(store, info) == ["not_investigated"]
    assert await outcomes(store, wanted) == ["started"]
    assert started.flow_ids == [f"inc:{wanted.incident_id}:triage:1"]


async def test_a_second_alert_of_an_incident_joins_its_execution(
    store: Store, started: Started
) -> None:
    first, second = await take(store, started, firing(group="g"), firing(group="g", zone="b"))
    decisions = await store.decisions.of_alerts([second.alert_id])

    assert await outcomes(store, first) == ["started"]
    assert [one.decision.outcome.value for one in decisions] == ["joined"]
    assert decisions[0].decision.detail["execution_id"] == first.execution_id


async def test_a_silence_ends_with_the_last_alert_it_matched(
    store: Store, started: Started
) -> None:
    await silence(store, "alertname=Down", ends_when_resolved=True)
    await take(store, started, firing(zone="a"), firing(zone="b"))
    await take(store, started, resolved(zone="a"), at=NOW + MINUTE)
    assert (await store.silences.get(SILENCE_ID)).state(NOW + MINUTE) is SilenceState.ACTIVE

    await take(store, started, resolved(zone="b"), at=NOW + MINUTE)

    ended = await store.silences.get(SILENCE_ID)
    assert (ended.state(NOW + MINUTE), ended.ends_at) == (SilenceState.EXPIRED, NOW + MINUTE)


async def test_an_alert_that_ran_out_is_resolved_unless_it_was_repeated(
    store: Store, started: Started
) -> None:
    lost, kept = firing(zone="lost"), firing(zone="kept")
    soon, later = NOW + MINUTE, NOW + 9 * MINUTE
    await take(store, started, replace(lost, expires_at=soon), replace(kept, expires_at=soon))
    expired = await store.alerts.expired(at=soon)
    await take(store, started, replace(kept, expires_at=later), at=NOW + timedelta(seconds=30))
    ends = [
        replace(one, firing=False, starts_at=None, ends_at=soon, expires_at=soon)
        for one in (lost, kept)
    ]
    taken = await take(store, started, *ends, at=soon)

    assert len(expired) == 2
    assert [one.change for one in taken] == [Change.RESOLVED, Change.NOTHING]
    assert [row.alert.labels["zone"] for row in await store.alerts.firing()] == ["kept"]
    assert await store.alerts.expired(at=soon) == []


async def test_alerts_are_listed_newest_first_and_by_state(store: Store, started: Started) -> None:
    await take(store, started, firing("One"), firing("Two"), firing("Three"))
    await take(store, started, resolved("Two"), at=NOW + MINUTE)

    def names(rows: Any) -> list[str]:
        return [row.alert.name for row in rows]

    assert names(await store.alerts.newest(limit=2)) == ["Three", "Two"]
    assert names(await store.alerts.newest(before="A-3")) == ["Two", "One"]
    assert names(await store.alerts.newest(firing=True)) == ["Three", "One"]
    assert names(await store.alerts.newest(firing=False)) == ["Two"]
    incident = (await store.alerts.get("A-1")).incident_id or ""
    assert names(await store.alerts.of_incident(incident, limit=5)) == ["One"]
