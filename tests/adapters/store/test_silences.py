"""Silences as both stores keep them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from punchingfist.adapters.store.engines import open_postgres, open_sqlite
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from punchingfist.domain.silences.editing import plan_edit
from punchingfist.domain.silences.matchers import parse_matchers
from punchingfist.domain.silences.silence import Silence
from punchingfist.domain.time_intervals import parse_time_interval
from punchingfist.errors import NotFound
from punchingfist.testing.store import MemoryStore
from tests.arrivals import MINUTE, NOW

ONE, OTHER = "018f3f3e-0000-7000-8000-00000000000a", "018f3f3e-0000-7000-8000-00000000000b"
WANTED = Silence(
    id="",
    matchers=parse_matchers('team=~"db|web",zone!=""'),
    starts_at=NOW,
    ends_at=NOW + MINUTE,
    updated_at=NOW,
    created_by="ana",
    comment="grüße",
    annotations={"ticket": "OPS-1"},
    time_intervals=(parse_time_interval({"days_of_month": ["-1"], "location": "Asia/Tokyo"}),),
    ends_when_resolved=True,
)


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


async def make(store: Store | MemoryStore, new_id: str) -> str:
    return await store.silences.change(
        None, lambda known: plan_edit(known, WANTED, new_id=new_id, at=NOW)
    )


async def test_a_silence_is_read_as_it_was_written(any_store: Store | MemoryStore) -> None:
    await make(any_store, ONE)

    assert await any_store.silences.get(ONE) == replace(WANTED, id=ONE)


async def test_those_that_ended_earlier_are_not_found(any_store: Store | MemoryStore) -> None:
    for new_id in (OTHER, ONE):
        await make(any_store, new_id)

    assert [one.id for one in await any_store.silences.find(ended_after=NOW)] == [ONE, OTHER]
    assert await any_store.silences.find(ended_after=NOW + MINUTE) == []


async def test_an_unknown_silence_is_not_found(any_store: Store | MemoryStore) -> None:
    with pytest.raises(NotFound):
        await any_store.silences.get(ONE)
    with pytest.raises(NotFound):
        await any_store.silences.change(
            ONE, lambda known: plan_edit(known, WANTED, new_id=OTHER, at=NOW)
        )
