"""What the store promises, on the database and in memory."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from punchingfist.adapters.store.engines import open_postgres, open_sqlite
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from punchingfist.domain.timeline import Happening, Kind
from punchingfist.errors import NotFound
from punchingfist.ports.deliveries import DeliveryRow
from punchingfist.ports.executions import ExecutionRow, StepRow
from punchingfist.testing.store import MemoryStore
from tests.arrivals import MINUTE, NOW

EXECUTION = ExecutionRow(
    id="018f3f3e-0000-7000-8000-000000000001",
    short_id="",
    incident_id=None,
    workflow_name="investigate",
    workflow={"metadata": {"name": "investigate"}},
    sinks=({"metadata": {"name": "chat"}},),
    source="cli",
    event={"alert": {"alertname": "Down"}},
    context={},
    status="queued",
    queued_at=NOW,
    started_at=None,
    ended_at=None,
    error=None,
    outputs={},
)
STEP = StepRow("look", "agent", "running", NOW, None, "", None, None)
DELIVERY = DeliveryRow("INC-1/1/chat", None, None, "chat", "pending", 1, None, "c0", None, NOW)


ONE, TWO = "018f3f3e-0000-7000-8000-0000000000a1", "018f3f3e-0000-7000-8000-0000000000a2"


@pytest.fixture(params=["sqlite", "postgres", "memory"])
def any_store(request: pytest.FixtureRequest) -> Iterator[Store | MemoryStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    is_sqlite = request.param == "sqlite"
    place = request.getfixturevalue("database_file" if is_sqlite else "postgres_url")
    engines = open_sqlite(place) if is_sqlite else open_postgres(place)
    store = Store(engines, SystemClock(), UuidIds())
    yield store
    store.close()


async def test_an_artifact_is_found_by_the_hash_of_what_it_holds(
    any_store: Store | MemoryStore,
) -> None:
    digest = await any_store.artifacts.put("Grüße")

    assert digest == "f83e039796c6453a10f5519e39fd113901572316a1a8ea07cb525d2801dfd074"
    assert await any_store.artifacts.put("Grüße") == digest
    assert await any_store.artifacts.get(digest) == "Grüße"


async def test_an_artifact_that_is_not_kept_is_not_found(any_store: Store | MemoryStore) -> None:
    with pytest.raises(NotFound, match="'feed'"):
        await any_store.artifacts.get("feed")


async def test_the_timeline_writes_each_key_once_and_counts_without_gaps(
    any_store: Store | MemoryStore,
) -> None:
    for key in ("a", "b", "a", "c"):
        happening = Happening(Kind.LOOKED, key, key, {"n": [1, None]})
        await any_store.timeline.append(ONE, happening, at=NOW)
    await any_store.timeline.append(TWO, Happening(Kind.LOOKED, "z", "a"), at=NOW)

    events = await any_store.timeline.read(ONE)
    assert [(event.seq, event.text) for event in events] == [(1, "a"), (2, "b"), (3, "c")]
    assert (events[0].at, events[0].detail) == (NOW, {"n": [1, None]})
    assert [event.text for event in await any_store.timeline.read(ONE, after=2)] == ["c"]
    assert [event.seq for event in await any_store.timeline.read(TWO)] == [1]


async def test_following_begins_where_one_left_off(any_store: Store | MemoryStore) -> None:
    for key in ("a", "b"):
        await any_store.timeline.append(ONE, Happening(Kind.LOOKED, key, key), at=NOW)

    assert (await anext(any_store.timeline.follow(ONE, after=1))).text == "b"


async def test_an_execution_is_added_once_and_found_by_both_names(
    any_store: Store | MemoryStore,
) -> None:
    await any_store.executions.add(EXECUTION)
    await any_store.executions.add(EXECUTION)

    found = await any_store.executions.get("EX-1")
    assert found == replace(EXECUTION, short_id="EX-1")
    assert await any_store.executions.get(EXECUTION.id) == found
    with pytest.raises(NotFound):
        await any_store.executions.get("EX-2")


async def test_an_execution_begins_and_ends_once(any_store: Store | MemoryStore) -> None:
    executions = any_store.executions
    await executions.add(EXECUTION)
    await executions.begin(EXECUTION.id, at=NOW)
    begun = await executions.begin(EXECUTION.id, at=NOW + MINUTE)
    for status in ("succeeded", "failed"):
        await executions.finish(EXECUTION.id, status=status, error=None, outputs={"a": 1}, at=NOW)

    ended = await executions.get(EXECUTION.id)
    assert (begun.status, begun.started_at) == ("running", NOW)
    assert (ended.status, ended.ended_at, ended.outputs) == ("succeeded", NOW, {"a": 1})


async def test_a_step_is_overwritten_by_its_name(any_store: Store | MemoryStore) -> None:
    await any_store.executions.add(EXECUTION)
    await any_store.executions.save_step(EXECUTION.id, STEP)
    done = replace(STEP, status="succeeded", ended_at=NOW, summary="ok", result={"x": [1]})
    await any_store.executions.save_step(EXECUTION.id, done)

    assert (await any_store.executions.get(EXECUTION.id)).steps == (done,)


async def test_a_report_of_an_execution_without_incident_needs_nowhere_to_go(
    any_store: Store | MemoryStore,
) -> None:
    await any_store.executions.add(EXECUTION)

    await any_store.executions.save_report(EXECUTION.id, {"root_cause": None, "confidence": 0.0})


async def test_a_delivery_is_one_row_for_one_key(any_store: Store | MemoryStore) -> None:
    await any_store.deliveries.save(DELIVERY)
    sent = replace(DELIVERY, status="delivered", attempts=2, receipt={"ts": "1.2"}, content="c1")
    await any_store.deliveries.save(sent)

    assert await any_store.deliveries.find(DELIVERY.key) == sent
    assert await any_store.deliveries.find("INC-2/1/chat") is None


async def test_an_unknown_incident_is_not_found(any_store: Store | MemoryStore) -> None:
    with pytest.raises(NotFound, match="'INC-9'"):
        await any_store.incidents.get("INC-9")
