import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from punchingfist.adapters.durable.dbos_engine import DbosDurable
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock
from punchingfist.bootstrap.storage import Storage, open_storage
from punchingfist.domain.incidents import IncidentStatus
from punchingfist.domain.json import Json, JsonObject
from punchingfist.operations.run_workflow import execution_flow
from punchingfist.operations.workbench import StepResult, StepRun, StepStatus, StepType, Workbench
from punchingfist.ports.durable import DELIVERY_FLOW, EXECUTION_FLOW, Ctx
from punchingfist.ports.intake import Taken, Trigger
from punchingfist.ports.world import World
from tests.arrivals import arrivals, firing
from tests.operations.practice_bench import NOWHERE, Tally

WORKFLOW: JsonObject = {
    "metadata": {"name": "triage"},
    "spec": {"steps": [{"name": "hello", "type": "say"}], "sinks": ["room"]},
}
ROOM: JsonObject = {"metadata": {"name": "room"}, "spec": {"type": "chat", "config": {}}}


async def say(run: StepRun, bench: Workbench) -> StepResult:
    return StepResult(StepStatus.SUCCEEDED, f"hello {run.scope['incident']['id']}")


@pytest.fixture(params=["sqlite", "postgres"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """Return both on one database, as a server has them."""
    is_sqlite = request.param == "sqlite"
    url = None if is_sqlite else request.getfixturevalue("postgres_url")
    storage = open_storage(url, tmp_path / "fist.db")
    yield storage
    storage.store.close()


@pytest.fixture
def store(storage: Storage) -> Store:
    return storage.store


@pytest.fixture
async def durable(storage: Storage, store: Store) -> AsyncIterator[DbosDurable]:
    async def deliver(ctx: Ctx, payload: JsonObject) -> Json:
        return "told"

    bench = Workbench(
        world=World(SystemClock(), NOWHERE, NOWHERE, NOWHERE),
        artifacts=store.artifacts,
        timeline=store.timeline,
        executions=store.executions,
        incidents=store.incidents,
        deliveries=store.deliveries,
        telemetry=Tally(),
        investigator=NOWHERE,
        redact=lambda text: text,
        tools={},
        sinks={},
        steps={"say": StepType("say", say)},
    )
    durable = storage.durable
    await durable.launch({EXECUTION_FLOW: execution_flow(bench), DELIVERY_FLOW: deliver})
    yield durable
    await durable.close()


async def take_in(store: Store, durable: DbosDurable, *names: str) -> list[Taken]:
    """Take one firing alert in for each of *names*."""
    trigger = Trigger(workflow=WORKFLOW, sinks=(ROOM,))
    batch = arrivals(*(firing(name) for name in names), starts=trigger)
    return await store.intake.take_in(batch, at=SystemClock().now(), enqueue=durable.start_in)


def flow_id(taken: Taken) -> str:
    return f"inc:{taken.incident_id}:triage:1"


async def test_an_alert_taken_in_starts_its_execution_in_the_same_commit(
    store: Store, durable: DbosDurable
) -> None:
    (taken,) = await take_in(store, durable, "Down")
    ended = await durable.ended(flow_id(taken))
    result: Any = ended.result
    row = await store.executions.get(str(taken.execution_id))
    incident = await store.incidents.get(str(row.incident_id))

    assert result == {"status": "succeeded", "error": None, "sinks": {"room": "told"}}
    assert row.steps[0].summary == f"hello {incident.short_id}"
    assert (row.status, incident.status) == ("succeeded", IncidentStatus.OPEN)


async def test_intake_and_executions_share_the_database_without_refusing_each_other(
    store: Store, durable: DbosDurable
) -> None:
    batches = [[f"Alert{batch}-{n}" for n in range(4)] for batch in range(5)]
    taken = await asyncio.gather(*(take_in(store, durable, *names) for names in batches))
    started = [flow_id(one) for batch in taken for one in batch]
    ends = await asyncio.gather(*(durable.ended(flow) for flow in started))

    assert len(set(started)) == 20
    assert [end.error for end in ends] == [None] * 20
