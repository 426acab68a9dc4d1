import pytest
import sqlalchemy as sa

from punchingfist.adapters.store.definitions import DefinitionKind
from punchingfist.adapters.store.store import Store
from punchingfist.domain.incidents import IncidentStatus
from punchingfist.domain.json import JsonObject
from punchingfist.errors import InvalidInput
from punchingfist.ports.deliveries import DeliveryRow
from punchingfist.ports.intake import Taken
from tests.arrivals import MINUTE, NOW, Started, arrivals, firing, resolved

REPORT: JsonObject = {"root_cause": "out of memory", "confidence": 0.9}


@pytest.fixture
async def taken(store: Store, started: Started) -> Taken:
    (taken,) = await store.intake.take_in(arrivals(firing()), at=NOW, enqueue=started)
    return taken


async def alert_row(store: Store) -> sa.Row[*tuple[object, ...]]:
    query = sa.select(store.database.tables.alerts)
    return await store.database.read(lambda of: of.execute(query).one())


async def test_an_execution_that_begins_puts_incident_and_alerts_under_investigation(
    store: Store, taken: Taken
) -> None:
    execution = await store.executions.begin("EX-1", at=NOW + MINUTE)

    incident = await store.incidents.get("INC-1")
    assert (execution.status, execution.started_at) == ("running", NOW + MINUTE)
    assert incident.status is IncidentStatus.INVESTIGATING
    assert incident.alerts[0].status == "triaging"
    assert (await alert_row(store)).triage_started_at == NOW + MINUTE


async def test_an_incident_resolved_before_its_execution_begins_stays_resolved(
    store: Store, taken: Taken, started: Started
) -> None:
    await store.intake.take_in(arrivals(resolved()), at=NOW + MINUTE, enqueue=started)

    await store.executions.begin("EX-1", at=NOW + MINUTE)

    incident = await store.incidents.get("INC-1")
    assert incident.status is IncidentStatus.RESOLVED
    assert incident.alerts[0].status == "resolved"


async def test_the_end_of_an_execution_completes_the_triage(store: Store, taken: Taken) -> None:
    at = NOW + MINUTE
    await store.executions.finish("EX-1", status="succeeded", error=None, outputs={}, at=at)

    episodes = store.database.tables.alert_episodes.c
    query = sa.select(episodes.triage_completed_at)
    assert (await alert_row(store)).triage_completed_at == at
    assert await store.database.read(lambda of: of.scalar(query)) == at


async def test_an_incident_is_open_again_when_its_investigation_has_ended(
    store: Store, taken: Taken
) -> None:
    at = NOW + MINUTE
    await store.executions.begin("EX-1", at=at)
    await store.executions.finish("EX-1", status="succeeded", error=None, outputs={}, at=at)

    assert (await store.incidents.get("INC-1")).status is IncidentStatus.OPEN


async def test_the_report_is_kept_on_the_incident_and_its_alerts(
    store: Store, taken: Taken
) -> None:
    await store.executions.save_report("EX-1", REPORT)

    alert = await alert_row(store)
    assert (await store.incidents.get("INC-1")).report == REPORT
    assert (alert.ai_analysis, alert.ai_confidence) == (REPORT, 0.9)


async def test_a_reopened_incident_does_not_show_the_report_about_the_last_time(
    store: Store, taken: Taken, started: Started
) -> None:
    await store.executions.save_report("EX-1", REPORT)
    await store.intake.take_in(arrivals(resolved()), at=NOW + MINUTE, enqueue=started)
    again = arrivals(firing(start=NOW + 2 * MINUTE))
    await store.intake.take_in(again, at=NOW + 2 * MINUTE, enqueue=started)

    incident = await store.incidents.get("INC-1")
    assert incident.report is None
    assert incident.execution_id == (await store.executions.get("EX-2")).id


async def test_a_late_report_of_an_earlier_execution_does_not_replace_the_newer_one(
    store: Store, taken: Taken, started: Started
) -> None:
    await store.intake.take_in(arrivals(resolved()), at=NOW + MINUTE, enqueue=started)
    again = arrivals(firing(start=NOW + 2 * MINUTE))
    await store.intake.take_in(again, at=NOW + 2 * MINUTE, enqueue=started)

    await store.executions.save_report("EX-1", REPORT)

    assert (await store.incidents.get("INC-1")).report is None


async def test_an_incident_is_found_by_its_id_and_by_its_name_in_any_case(
    store: Store, taken: Taken
) -> None:
    by_name = await store.incidents.get("inc-1")

    assert await store.incidents.get(by_name.id) == by_name


async def test_incidents_are_paged_newest_first(store: Store, started: Started) -> None:
    many = arrivals(*(firing(f"D{at}") for at in range(5)))
    await store.intake.take_in(many, at=NOW, enqueue=started)

    first = await store.incidents.newest(limit=2)
    second = await store.incidents.newest(limit=2, before=first[-1].short_id)

    assert [one.short_id for one in first] == ["INC-5", "INC-4"]
    assert [one.short_id for one in second] == ["INC-3", "INC-2"]
    assert [one.alerts[0].name for one in first] == ["D4", "D3"]


async def test_incidents_can_be_asked_for_by_status(store: Store, started: Started) -> None:
    await store.intake.take_in(arrivals(firing("A"), firing("B")), at=NOW, enqueue=started)
    await store.intake.take_in(arrivals(resolved("A")), at=NOW, enqueue=started)

    found = await store.incidents.newest(status=IncidentStatus.RESOLVED)

    assert [one.short_id for one in found] == ["INC-1"]


async def test_a_page_begins_only_at_a_short_id(store: Store) -> None:
    with pytest.raises(InvalidInput, match="INC-1042"):
        await store.incidents.newest(before="first")


async def test_alerts_are_found_by_fingerprint(store: Store, taken: Taken) -> None:
    (alert,) = await store.incidents.find_alerts(fingerprint=taken.fingerprint)

    assert (alert.short_id, alert.id) == ("A-1", taken.alert_id)
    assert await store.incidents.find_alerts(fingerprint="feed") == []


async def test_executions_and_deliveries_are_found_by_incident(store: Store, taken: Taken) -> None:
    incident_id = taken.incident_id or ""
    for sink in ("pager", "chat"):
        row = DeliveryRow(
            sink, incident_id, taken.execution_id, sink, "pending", 0, None, "", None, NOW
        )
        await store.deliveries.save(row)

    executions = await store.executions.of_incident(incident_id)
    assert [one.id for one in executions] == [taken.execution_id]
    assert [one.sink for one in await store.deliveries.of_incident(incident_id)] == [
        "chat",
        "pager",
    ]


async def test_an_edited_definition_is_a_new_generation(store: Store) -> None:
    keep, kind = store.definitions.keep, DefinitionKind.WORKFLOW
    generations = [
        await keep(kind, {"a": {"v": 1}}),
        await keep(kind, {"a": {"v": 1}, "b": {"v": 1}}),
        await keep(kind, {"a": {"v": 2}, "b": {"v": 1}}),
    ]

    assert generations == [{"a": 1}, {"a": 1, "b": 1}, {"a": 2, "b": 1}]
