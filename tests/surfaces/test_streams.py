import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import Request

from punchingfist.surfaces.streams import EventStream, ServerEvent, last_seen


async def nothing() -> AsyncIterator[ServerEvent]:
    await asyncio.Event().wait()
    yield ServerEvent(1, "")


async def reader_stays() -> Any:
    await asyncio.Event().wait()


async def test_a_quiet_stream_shows_that_it_is_alive() -> None:
    stopping, sent = asyncio.Event(), list[bytes]()

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))
        if sent.count(b": still here\n\n") == 3:
            stopping.set()

    stream = EventStream(nothing(), stopping=stopping, heartbeat_seconds=0)
    await asyncio.wait_for(stream({"type": "http"}, reader_stays, send), 5)

    assert sent[-1] == b""


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_text_cannot_begin_an_event_of_its_own(line_end: str) -> None:
    said = ServerEvent(7, f"one{line_end}{line_end}id: 9").encode()

    assert said == b"id: 7\ndata: one\ndata: \ndata: id: 9\n\n"


@pytest.mark.parametrize(
    ("header", "after", "seen"),
    [
        pytest.param("12", 5, 12, id="a-reader-who-comes-back"),
        pytest.param("3", 5, 5, id="an-older-memory"),
        pytest.param("", 5, 5, id="a-new-reader"),
        pytest.param("-1", 0, 0, id="no-number"),
        pytest.param("9" * 40, 0, 0, id="no-number-of-ours"),
    ],
)
def test_a_stream_goes_on_where_its_reader_was(header: str, after: int, seen: int) -> None:
    scope = {"type": "http", "headers": [(b"last-event-id", header.encode())]}

    assert last_seen(Request(scope), after=after) == seen
