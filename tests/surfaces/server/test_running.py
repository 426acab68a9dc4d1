import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from punchingfist.domain.identity import Caller, How, Role
from punchingfist.domain.timeline import Kind, TimelineEvent
from punchingfist.errors import InvalidInput, Refused, Unavailable
from punchingfist.surfaces.server.running import parse_address, serving
from punchingfist.testing.store import MemoryStore, MemoryTimeline
from tests.surfaces.an_app import an_app, begin, happened

EVENTS = "/api/v1/incidents/INC-1042/events"
SOON = 10


class WatchedTimeline(MemoryTimeline):
    """One that tells when its last follower has gone."""

    def __init__(self) -> None:
        super().__init__()
        self.all_left = asyncio.Event()

    async def follow(self, subject_id: str, *, after: int = 0) -> AsyncIterator[TimelineEvent]:
        try:
            async for event in super().follow(subject_id, after=after):
                yield event
        finally:
            self.all_left.set()


class WatchedStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.timeline: WatchedTimeline = WatchedTimeline()


@pytest.fixture
async def store() -> WatchedStore:
    store = WatchedStore()
    await begin(store)
    return store


async def events(answer: httpx2.Response) -> AsyncIterator[Any]:
    number = ""
    async for line in answer.aiter_lines():
        field, _, value = line.partition(": ")
        if field == "id":
            number = value
        if field == "data":
            yield number, json.loads(value)["text"]


async def test_a_server_answers_where_it_says(store: WatchedStore) -> None:
    async with (
        serving(an_app(store), listen="localhost:0", intake_listen="127.0.0.1:0") as running,
        httpx2.AsyncClient() as client,
    ):
        assert running.intake_url
        assert (await client.get(f"{running.url}/api/v1/incidents")).status_code == 200
        assert (await client.get(f"{running.intake_url}/healthz")).status_code == 200
        assert (await client.get(f"{running.intake_url}/api/v1/incidents")).status_code == 404


async def test_a_follower_sees_what_was_and_what_happens(store: WatchedStore) -> None:
    async with (
        serving(an_app(store), listen="127.0.0.1:0") as running,
        httpx2.AsyncClient(base_url=running.url) as client,
        client.stream("GET", EVENTS, headers={"last-event-id": "4"}) as answer,
    ):
        following = events(answer)
        last = await anext(following)
        await store.timeline.append("0190-i-1042", happened(Kind.FOUND, "it"), at=datetime.now(UTC))
        new = await asyncio.wait_for(anext(following), SOON)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert last[0] == "5"
    assert new == ("6", "it")


async def test_nobody_is_followed_for_a_reader_who_left(store: WatchedStore) -> None:
    async with serving(an_app(store), listen="127.0.0.1:0") as running:
        async with (
            httpx2.AsyncClient(base_url=running.url) as client,
            client.stream("GET", EVENTS) as answer,
        ):
            await anext(events(answer))
            assert not store.timeline.all_left.is_set()
        await asyncio.wait_for(store.timeline.all_left.wait(), SOON)


async def test_open_streams_do_not_hold_up_the_end(store: WatchedStore) -> None:
    async with httpx2.AsyncClient() as client:
        async with serving(an_app(store), listen="127.0.0.1:0") as running:
            streaming = client.stream("GET", running.url + EVENTS)
            answer = await streaming.__aenter__()
            following = events(answer)
            await anext(following)
            leaving = time.monotonic()
        took = time.monotonic() - leaving
        rest = [event async for event in following]
        await streaming.__aexit__(None, None, None)

    assert took < 3
    assert len(rest) == 4


async def test_a_port_in_use_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(Unavailable, match=rf"{port}.*choose another with --listen"):
            async with serving(an_app(), listen=f"127.0.0.1:{port}"):
                pass


async def test_nothing_is_served_when_the_intake_port_is_in_use(free_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        intake = f"127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(Unavailable, match="--intake-listen"):
            async with serving(an_app(), listen=f"127.0.0.1:{free_port}", intake_listen=intake):
                pass

    with socket.create_server(("127.0.0.1", free_port)):
        pass


async def test_the_console_is_not_opened_to_others_whom_nothing_could_tell_apart() -> None:
    with pytest.raises(Refused, match=r"fist token create --role admin NAME.*--intake-listen"):
        async with serving(an_app(), listen="0.0.0.0:0"):
            pass


async def test_the_console_is_opened_to_others_once_there_is_an_admin_token() -> None:
    app = an_app()
    operator = Caller("operator", Role.ADMIN, How.SHELL)
    issued = await app.doorkeeper.office.issue("ana", Role.ADMIN, by=operator)
    headers = {"authorization": f"Bearer {issued.secret}"}

    async with (
        serving(app, listen="0.0.0.0:0") as running,
        httpx2.AsyncClient(base_url=running.url) as client,
    ):
        without = await client.get("/api/v1/incidents")
        with_token = await client.get("/api/v1/incidents", headers=headers)

    assert running.url.startswith("http://127.0.0.1:")
    assert (without.status_code, with_token.status_code) == (401, 200)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("localhost:0", ("127.0.0.1", 0)),
        ("[::1]:80", ("::1", 80)),
    ],
)
def test_an_address_is_read(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text, "--listen") == address


@pytest.mark.parametrize(
    "text", ["", "8080", ":8080", "127.0.0.1", "127.0.0.1:99999", "a.b:1", "1:x"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"such as 127\.0\.0\.1:8080"):
        parse_address(text, "--listen")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_wait_and_nothing_else(number: signal.Signals) -> None:
    async with serving(an_app(), listen="127.0.0.1:0") as running:
        waiting = asyncio.create_task(running.wait())
        await asyncio.sleep(0)
        os.kill(os.getpid(), number)

        await asyncio.wait_for(waiting, SOON)


async def test_signals_are_left_to_whoever_serves() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    async with (
        serving(an_app(), listen="127.0.0.1:0") as running,
        httpx2.AsyncClient(base_url=running.url) as client,
    ):
        await client.get("/healthz")
        during = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    assert during == before
