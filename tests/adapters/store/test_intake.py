from dataclasses import replace
from itertools import permutations

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from punchingfist.adapters.store.store import Store
from punchingfist.domain.alerts import Alert, Change, Severity
from punchingfist.domain.incidents import Incident, IncidentStatus
from punchingfist.domain.timeline import Kind
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.ports.durable import DELIVERIES, DELIVERY_FLOW, EXECUTION_FLOW, Start
from punchingfist.ports.intake import Arrival, Taken
from tests.arrivals import MINUTE, NOW, Started, arrivals, firing, resolved, trigger

HOUR = 60 * MINUTE


async def take(
    store: Store, started: Started, *alerts: Alert, at: object = NOW, **how: object
) -> list[Taken]:
    batch = arrivals(*alerts, **how)  # type: ignore[arg-type]
    return await store.intake.take_in(batch, at=at, enqueue=started)  # type: ignore[arg-type]


async def only_incident(store: Store) -> Incident:
    (incident,) = await store.incidents.newest()
    return incident


async def kinds(store: Store, incident_id: str) -> list[Kind]:
    return [event.kind for event in await store.timeline.read(incident_id)]


async def rows_in(store: Store) -> int:
    tables = store.database.tables
    counted = (tables.alerts, tables.incidents, tables.executions, tables.events)

    def count(of: sa.Connection) -> int:
        return sum(of.scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in counted)

    return await store.database.read(count)


async def test_a_new_alert_opens_an_incident_and_starts_its_workflow(
    store: Store, started: Started
) -> None:
    (taken,) = await take(store, started, firing(severity="critical", pod="cart-1"))

    incident = await store.incidents.get("INC-1")
    assert taken.change is Change.OPENED
    assert (taken.incident, taken.incident_id) == ("INC-1", incident.id)
    assert incident.title == "Down is the matter"
    assert incident.severity is Severity.CRITICAL
    assert incident.status is IncidentStatus.OPEN
    assert [alert.short_id for alert in incident.alerts] == ["A-1"]
    assert started == [
        Start(
            f"inc:{incident.id}:triage:1",
            EXECUTION_FLOW,
            {"execution_id": taken.execution_id, "incident_id": incident.id},
        )
    ]


async def test_the_execution_sees_the_alert_flat_and_all_alerts_of_its_batch(
    store: Store, started: Started
) -> None:
    await take(store, started, firing("Slow", group="g", pod="a"), firing("Down", group="g"))

    execution = await store.executions.get("EX-1")
    alerts = [alert["alertname"] for alert in execution.event["alerts"]]  # type: ignore[index,union-attr,call-overload]
    assert execution.event["alert"]["pod"] == "a"  # type: ignore[index,call-overload]
    assert alerts == ["Slow", "Down"]
    assert execution.context == {"team": "shop"}
    assert execution.workflow_name == "triage"
    assert execution.status == "queued"


async def test_group_wait_delays_the_start(store: Store, started: Started) -> None:
    await take(store, started, firing(), starts=trigger(wait=30))

    assert [one.delay_seconds for one in started] == [30]


async def test_the_timeline_tells_the_opening_in_order(store: Store, started: Started) -> None:
    (taken,) = await take(store, started, firing())

    events = await store.timeline.read(taken.incident_id or "")
    assert [event.seq for event in events] == [1, 2, 3]
    assert [event.kind for event in events] == [
        Kind.INCIDENT_OPENED,
        Kind.ALERT_FIRED,
        Kind.EXECUTION_QUEUED,
    ]


async def test_a_repeat_counts_and_starts_nothing(store: Store, started: Started) -> None:
    await take(store, started, firing())

    (again,) = await take(store, started, firing(), at=NOW + MINUTE)

    incident = await only_incident(store)
    assert again.change is Change.REPEATED
    assert again.incident == "INC-1"
    assert incident.alerts[0].occurrences == 2
    assert incident.alerts_count == 1
    assert len(started) == 1
    assert len(await store.timeline.read(incident.id)) == 3


async def test_a_repeat_inside_one_batch_counts_too(store: Store, started: Started) -> None:
    taken = await take(store, started, firing(), firing())

    assert [one.change for one in taken] == [Change.OPENED, Change.REPEATED]
    assert len(started) == 1


async def test_an_alert_of_an_open_group_joins_its_incident(store: Store, started: Started) -> None:
    await take(store, started, firing("Slow", group="g", severity="warning"))

    await take(store, started, firing("Down", group="g", severity="critical"))

    incident = await only_incident(store)
    assert incident.alerts_count == 2
    assert [alert.name for alert in incident.alerts] == ["Slow", "Down"]
    assert incident.severity is Severity.CRITICAL
    assert len(started) == 1


async def test_the_same_group_of_another_source_is_another_incident(
    store: Store, started: Started
) -> None:
    await take(store, started, firing("Slow", group="g"))
    await take(store, started, firing("Down", group="g"), source="staging")

    assert [one.short_id for one in await store.incidents.newest()] == ["INC-2", "INC-1"]


async def test_resolved_closes_alert_and_incident_and_starts_no_workflow(
    store: Store, started: Started
) -> None:
    await take(store, started, firing())

    (taken,) = await take(store, started, resolved(), at=NOW + 5 * MINUTE)

    incident = await only_incident(store)
    assert taken.change is Change.RESOLVED
    assert incident.status is IncidentStatus.RESOLVED
    assert incident.resolved_at == NOW + 5 * MINUTE
    assert incident.alerts[0].resolved_at == NOW + MINUTE
    assert not incident.alerts[0].firing
    assert len(started) == 1
    assert (await kinds(store, incident.id))[3:] == [Kind.ALERT_RESOLVED, Kind.INCIDENT_RESOLVED]


async def test_resolved_of_an_unknown_alert_starts_nothing(store: Store, started: Started) -> None:
    (taken,) = await take(store, started, resolved())

    assert (taken.change, taken.incident_id) == (Change.NOTHING, None)
    assert not await store.incidents.newest()
    assert not started


async def test_an_incident_stays_open_while_one_of_its_alerts_fires(
    store: Store, started: Started
) -> None:
    await take(store, started, firing("Slow", group="g"), firing("Down", group="g"))

    await take(store, started, resolved("Slow", group="g"))

    assert (await only_incident(store)).status is IncidentStatus.OPEN


async def test_one_resolved_and_one_firing_of_a_batch_do_not_close_the_incident(
    store: Store, started: Started
) -> None:
    await take(store, started, firing("Slow", group="g"))

    await take(store, started, resolved("Slow", group="g"), firing("Down", group="g"))

    incident = await only_incident(store)
    assert (incident.status, incident.episode) == (IncidentStatus.OPEN, 1)


async def test_the_time_to_resolution_is_kept_in_seconds(store: Store, started: Started) -> None:
    await take(store, started, firing())
    await take(store, started, resolved(), at=NOW + 5 * MINUTE)

    column = store.database.tables.incidents.c.mttr_seconds
    assert await store.database.read(lambda of: of.scalar(sa.select(column))) == 300


async def test_firing_again_soon_reopens_the_incident_with_a_new_execution(
    store: Store, started: Started
) -> None:
    await take(store, started, firing())
    await take(store, started, resolved(), at=NOW + 5 * MINUTE)

    (taken,) = await take(store, started, firing(start=NOW + HOUR), at=NOW + HOUR)

    incident = await only_incident(store)
    assert taken.change is Change.REOPENED
    assert (incident.episode, incident.alerts[0].episode) == (2, 2)
    assert incident.status is IncidentStatus.OPEN
    assert incident.alerts_count == 1
    assert started.flow_ids == [f"inc:{incident.id}:triage:{one}" for one in (1, 2)]
    assert Kind.INCIDENT_REOPENED in await kinds(store, incident.id)


async def test_firing_again_a_day_later_is_a_new_incident_and_the_old_one_keeps_its_story(
    store: Store, started: Started
) -> None:
    await take(store, started, firing())
    await take(store, started, resolved(), at=NOW + MINUTE)
    later = NOW + MINUTE + 24 * HOUR

    await take(store, started, firing(start=later), at=later)

    new, old = await store.incidents.newest()
    assert (new.short_id, new.episode) == ("INC-2", 1)
    assert [(one.name, one.firing, one.status) for one in old.alerts] == [
        ("Down", False, "resolved")
    ]
    assert [(one.firing, one.episode) for one in new.alerts] == [(True, 2)]


async def test_an_alert_that_ends_and_fires_again_in_one_batch_is_investigated_again(
    store: Store, started: Started
) -> None:
    await take(store, started, firing())

    await take(store, started, resolved(), firing(start=NOW + 2 * MINUTE), at=NOW + 3 * MINUTE)

    assert (await only_incident(store)).episode == 2
    assert len(started) == 2


async def test_an_alert_still_reported_with_its_old_start_after_its_end_is_not_lost(
    store: Store, started: Started
) -> None:
    await take(store, started, firing())
    await take(store, started, resolved(), at=NOW + 5 * MINUTE)

    (late,) = await take(store, started, firing(), at=NOW + 5 * MINUTE)
    (again,) = await take(store, started, firing(), at=NOW + 6 * MINUTE)

    incident = await only_incident(store)
    assert (late.change, again.change) == (Change.NOTHING, Change.REOPENED)
    assert (incident.status, incident.episode) == (IncidentStatus.OPEN, 2)


async def test_reports_in_any_order_settle_to_the_same_rows(store: Store, started: Started) -> None:
    begun, ended = NOW + 2 * MINUTE, NOW + 3 * MINUTE

    def reports(name: str) -> list[Alert]:
        return [
            firing(name, start=NOW),
            resolved(name, start=NOW, end=NOW + MINUTE),
            firing(name, start=begun),
            resolved(name, start=begun, end=ended),
            firing(name, start=NOW),
        ]

    orders = list(permutations(range(5)))
    for turn in range(5):
        now = [reports(f"order-{at}")[order[turn]] for at, order in enumerate(orders)]
        await take(store, started, *now)

    alerts, episodes = store.database.tables.alerts.c, store.database.tables.alert_episodes.c
    states = sa.select(alerts.firing, alerts.status, alerts.starts_at, alerts.resolved_at)
    firing_still = sa.select(sa.func.count()).where(episodes.resolved_at.is_(None))
    found = await store.database.read(lambda of: of.execute(states.distinct()).all())
    assert [tuple(row) for row in found] == [(False, "resolved", begun, ended)]
    assert await store.database.read(lambda of: of.scalar(firing_still)) == 0
    assert not await store.incidents.newest(status=IncidentStatus.OPEN)


async def test_without_a_workflow_the_timeline_says_why_nothing_was_started(
    store: Store, started: Started
) -> None:
    (taken,) = await take(store, started, firing(), starts=None)

    events = await store.timeline.read(taken.incident_id or "")
    assert (events[-1].kind, events[-1].detail) == (Kind.NOT_STARTED, {"reason": "no workflow"})
    assert taken.execution_id is None
    assert not started


async def test_an_alert_that_joins_starts_the_workflow_that_was_missing(
    store: Store, started: Started
) -> None:
    await take(store, started, firing("Slow", group="g"), starts=None)

    await take(store, started, firing("Down", group="g"))

    assert [one.flow for one in started] == [EXECUTION_FLOW]


async def test_a_critical_alert_is_said_at_once_and_others_are_not(
    store: Store, started: Started
) -> None:
    told = trigger(first=("chat", "pager"))
    await take(store, started, firing("Slow", severity="warning"), starts=told)
    (taken,) = await take(store, started, firing("Down", severity="critical"), starts=told)

    said = [one for one in started if one.flow == DELIVERY_FLOW]
    assert [one.flow_id for one in said] == [
        f"say:{taken.incident_id}:1:{sink}:received" for sink in ("chat", "pager")
    ]
    assert said[0].queue == DELIVERIES
    assert said[0].payload == {
        "incident_id": taken.incident_id,
        "execution_id": taken.execution_id,
        "sink": "chat",
        "moment": "received",
    }


async def test_an_incident_that_turns_critical_is_said_once(store: Store, started: Started) -> None:
    told = trigger(first=("chat",))
    await take(store, started, firing("Slow", group="g", severity="warning"), starts=told)
    await take(store, started, firing("Down", group="g", severity="critical"), starts=told)
    await take(store, started, firing("Gone", group="g", severity="critical"), starts=told)

    assert [one.flow for one in started] == [EXECUTION_FLOW, DELIVERY_FLOW]


async def test_the_end_is_said_to_the_sinks_of_the_execution(
    store: Store, started: Started
) -> None:
    (taken,) = await take(store, started, firing(), starts=trigger(at_end=("chat",)))

    await take(store, started, resolved(), at=NOW + MINUTE)

    assert started.flow_ids[1:] == [f"say:{taken.incident_id}:1:chat:resolved"]
    assert started[1].payload["execution_id"] == taken.execution_id


async def test_when_the_start_cannot_be_enqueued_nothing_is_written(store: Store) -> None:
    def refuse(transaction: object, start: Start) -> None:
        raise Unavailable("the engine is away")

    with pytest.raises(Unavailable):
        await store.intake.take_in(arrivals(firing()), at=NOW, enqueue=refuse)

    assert await rows_in(store) == 0


async def test_short_ids_have_no_gap_after_a_failed_commit(store: Store, started: Started) -> None:
    def refuse(transaction: object, start: Start) -> None:
        raise Unavailable("the engine is away")

    with pytest.raises(Unavailable):
        await store.intake.take_in(arrivals(firing()), at=NOW, enqueue=refuse)
    (taken,) = await take(store, started, firing())

    assert taken.incident == "INC-1"


async def test_the_start_is_enqueued_inside_the_transaction_that_writes_the_rows(
    store: Store,
) -> None:
    seen = []

    def enqueue(transaction: sa.Connection, start: Start) -> None:
        execution_id = start.payload["execution_id"]
        table = store.database.tables.executions
        seen.append(transaction.scalar(sa.select(table.c.id)) == execution_id)

    await store.intake.take_in(arrivals(firing()), at=NOW, enqueue=enqueue)

    assert seen == [True]


async def test_one_bad_alert_does_not_fail_its_neighbours(store: Store, started: Started) -> None:
    bad = firing("Bad", start=NOW.replace(tzinfo=None))  # the database refuses times without zone
    good = [firing(f"Good{at}") for at in range(6)]

    taken = await take(store, started, *good[:3], bad, *good[3:])

    assert [one.fingerprint for one in taken if one.refused] == [bad.fingerprint]
    assert isinstance(taken[3].refused, InvalidInput)
    assert len(await store.incidents.newest()) == 6
    assert len(started) == 6


async def test_an_alert_nested_too_deep_is_refused_alone(store: Store, started: Started) -> None:
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    bad = Alert("Bad", True, {"a": "b"}, {}, "f", "g", payload={"deep": deep})  # type: ignore[dict-item]

    taken = await take(store, started, firing(), bad)

    assert [bool(one.refused) for one in taken] == [False, True]


async def test_text_no_database_takes_is_replaced(store: Store, started: Started) -> None:
    await take(store, started, replace(firing(), labels={"pod": "a\0b\ud800"}))

    (alert,) = (await only_incident(store)).alerts
    assert alert.labels["pod"] == "a\ufffdb\ufffd"


async def test_a_locked_database_is_unavailable_and_nothing_is_lost_or_written(
    store: Store, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise exc.OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked"))

    with monkeypatch.context() as patched:
        patched.setattr(store.intake, "_write_or_split", locked)
        with pytest.raises(Unavailable, match="database is locked") as trouble:
            await take(store, started, firing())

    assert trouble.value.retry_after_seconds
    assert await rows_in(store) == 0


async def test_an_empty_batch_is_nothing(store: Store, started: Started) -> None:
    assert await take(store, started) == []


async def test_five_hundred_alerts_take_no_more_statements_than_five(
    store: Store, started: Started
) -> None:
    statements: list[str] = []
    sa.event.listen(
        store.database.engines.writer,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )
    counts = []
    for many in (5, 500):
        await take(store, started, *(firing(f"{many}-{at}") for at in range(many)))
        counts.append(len(statements))
        statements.clear()

    assert counts[0] == counts[1]


async def test_alerts_refer_to_the_source_and_workflow_that_are_defined(
    store: Store, started: Started
) -> None:
    from punchingfist.adapters.store.definitions import DefinitionKind

    await store.definitions.keep(DefinitionKind.SOURCE, {"prod": {"spec": {}}})
    await store.definitions.keep(DefinitionKind.WORKFLOW, {"triage": {"spec": {}}})

    await store.intake.take_in([Arrival("prod", firing(), trigger(), "")], at=NOW, enqueue=started)

    alerts = store.database.tables.alerts.c
    query = sa.select(alerts.source_id, alerts.workflow_id)
    row = await store.database.read(lambda of: of.execute(query).one())
    assert all(row)
