"""Executions without an incident, and how far sources have read, on both databases."""

import asyncio

from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from punchingfist.ports.starts import Wanted
from punchingfist.testing.store import MemoryExecutions, MemoryIncidents
from punchingfist.testing.triggers import MemoryPlaces, MemoryStarts
from tests.adapters.store.conftest import Open
from tests.arrivals import NOW, TRIAGE, Started, arrivals, firing


def wanted(flow_id: str = "api:deploys:k1", **event: str) -> Wanted:
    return Wanted(flow_id, "deploys", TRIAGE, {"version": "1.2", **event})


async def test_an_execution_is_written_with_its_start(store: Store, started: Started) -> None:
    begun = await store.starts.start(wanted(), at=NOW, enqueue=started)
    row = await store.executions.get("EX-1")

    assert (begun.execution_id, begun.short_id, begun.is_new) == (row.id, "EX-1", True)
    assert (row.incident_id, row.source, row.status) == (None, "deploys", "queued")
    assert (row.event, row.context) == ({"version": "1.2"}, {"team": "shop"})
    assert [(one.flow_id, one.payload) for one in started] == [
        ("api:deploys:k1", {"execution_id": row.id, "incident_id": None})
    ]
    assert [event.text for event in await store.timeline.read(row.id)] == [
        "EX-1 queued: workflow triage"
    ]


async def test_the_same_flow_is_started_once(store: Store, started: Started) -> None:
    first = await store.starts.start(wanted(), at=NOW, enqueue=started)
    again = await store.starts.start(wanted(version="other"), at=NOW, enqueue=started)

    assert (again.execution_id, again.is_new) == (first.execution_id, False)
    assert len(started) == 1


async def test_replicas_that_want_one_flow_at_once_start_it_once(
    open_database: Open, started: Started
) -> None:
    stores = [Store(open_database(), SystemClock(), UuidIds()) for _ in range(2)]
    wants = [store.starts.start(wanted(), at=NOW, enqueue=started) for store in stores * 4]
    try:
        begun = await asyncio.gather(*wants)
    finally:
        for store in stores:
            store.close()

    assert sum(one.is_new for one in begun) == len(started) == 1
    assert {one.short_id for one in begun} == {"EX-1"}


async def test_what_no_database_takes_is_replaced(store: Store, started: Started) -> None:
    await store.starts.start(wanted("api:x:\0", text="a\0b\ud800"), at=NOW, enqueue=started)

    assert (await store.executions.get("EX-1")).event["text"] == "a\ufffdb\ufffd"


async def test_it_touches_nobodys_alerts(store: Store, started: Started) -> None:
    await store.intake.take_in(arrivals(firing()), at=NOW, enqueue=started)
    begun = await store.starts.start(wanted(), at=NOW, enqueue=started)
    await store.executions.begin(begun.execution_id, at=NOW)
    await store.executions.finish(
        begun.execution_id, status="succeeded", error=None, outputs={}, at=NOW
    )

    (incident,) = await store.incidents.newest()
    assert [alert.status for alert in incident.alerts] == ["received"]


async def test_memory_starts_a_flow_once_too(started: Started) -> None:
    starts = MemoryStarts(MemoryExecutions(MemoryIncidents()))
    first = await starts.start(wanted(), at=NOW, enqueue=started)
    again = await starts.start(wanted(), at=NOW, enqueue=started)

    assert (first.is_new, again.is_new, again.short_id, len(started)) == (True, False, "EX-1", 1)


async def test_a_source_finds_the_place_it_kept_last(store: Store) -> None:
    for places in (store.places, MemoryPlaces()):
        assert await places.find("nightly") is None
        await places.keep("nightly", {"since": "monday"})
        await places.keep("nightly", {"since": "tuesday", "odd": "a"})
        await places.keep("other", {"since": "friday"})

        assert await places.find("nightly") == {"since": "tuesday", "odd": "a"}
