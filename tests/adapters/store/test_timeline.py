import asyncio
from collections.abc import AsyncIterator

import pytest

from punchingfist.adapters.store import timeline
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from punchingfist.domain.timeline import Happening, Kind, TimelineEvent
from tests.adapters.store.conftest import Open
from tests.arrivals import NOW, Started, arrivals, firing, resolved

HOUR_SECONDS = 3600.0
ONE = "018f3f3e-0000-7000-8000-000000000001"


def looked(key: str) -> Happening:
    return Happening(Kind.LOOKED, f"looked at {key}", key, {"key": key})


async def texts(events: AsyncIterator[TimelineEvent], count: int) -> list[str]:
    found = []
    async for event in events:
        found.append(event.text)
        if len(found) == count:
            break
    return found


async def test_a_follower_is_woken_by_what_is_written_here(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "_LOOK_AGAIN_SECONDS", HOUR_SECONDS)  # only waking can help
    await store.timeline.append(ONE, looked("a"), at=NOW)
    following = asyncio.create_task(texts(store.timeline.follow(ONE), 3))

    for key in ("b", "c"):
        await store.timeline.append(ONE, looked(key), at=NOW)

    async with asyncio.timeout(10):
        assert await following == ["looked at a", "looked at b", "looked at c"]


async def test_a_follower_is_woken_by_alerts_taken_in(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "_LOOK_AGAIN_SECONDS", HOUR_SECONDS)
    started = Started()
    (taken,) = await store.intake.take_in(arrivals(firing()), at=NOW, enqueue=started)
    following = store.timeline.follow(taken.incident_id or "", after=3)
    ended = asyncio.ensure_future(anext(following))

    await store.intake.take_in(arrivals(resolved()), at=NOW, enqueue=started)

    async with asyncio.timeout(10):
        assert (await ended).kind is Kind.ALERT_RESOLVED


async def test_a_follower_in_another_event_loop_is_woken_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "_LOOK_AGAIN_SECONDS", HOUR_SECONDS)
    following = asyncio.create_task(texts(store.timeline.follow(ONE), 1))
    await store.timeline.read(ONE)

    def write_elsewhere() -> None:
        asyncio.run(store.timeline.append(ONE, looked("a"), at=NOW))

    await asyncio.to_thread(write_elsewhere)

    async with asyncio.timeout(10):
        assert await following == ["looked at a"]


async def test_a_follower_finds_what_another_process_wrote(
    store: Store, open_database: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "_LOOK_AGAIN_SECONDS", 0.01)
    other = Store(open_database(), SystemClock(), UuidIds())
    following = asyncio.create_task(texts(store.timeline.follow(ONE), 1))
    await store.timeline.read(ONE)

    await other.timeline.append(ONE, looked("a"), at=NOW)

    async with asyncio.timeout(10):
        assert await following == ["looked at a"]
    other.close()


async def test_rows_written_at_once_are_numbered_without_gaps(store: Store) -> None:
    writes = [store.timeline.append(ONE, looked(str(at % 20)), at=NOW) for at in range(40)]
    await asyncio.gather(*writes)

    assert [event.seq for event in await store.timeline.read(ONE)] == list(range(1, 21))


async def test_nobody_is_remembered_who_stopped_following(store: Store) -> None:
    following = store.timeline.follow(ONE)
    await store.timeline.append(ONE, looked("a"), at=NOW)
    await anext(following)

    await following.aclose()  # type: ignore[attr-defined]

    assert not store.timeline._followers._waiting
