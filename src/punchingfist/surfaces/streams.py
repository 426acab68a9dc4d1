"""Server-sent events that end with their reader, or with the server."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

HEARTBEAT_SECONDS = 15.0
_LINE_END = re.compile(r"\r\n|\r|\n")
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy that buffers would hold back what is live
]


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event; a reader that comes back names the *id* it saw last."""

    id: int
    data: str

    def encode(self) -> bytes:
        lines = [f"id: {self.id}", *(f"data: {line}" for line in _LINE_END.split(self.data))]
        return ("\n".join(lines) + "\n\n").encode()


def last_seen(request: Request, *, after: int) -> int:
    """Return the number a reader has seen: its `Last-Event-ID`, at least *after*."""
    given = request.headers.get("last-event-id", "")
    # Sixteen digits: what is longer is no number of ours and would not fit the database.
    return max(after, int(given)) if re.fullmatch(r"[0-9]{1,16}", given) else after


class EventStream(Response):
    """A response that sends *events* until they end, the reader goes or *stopping* is set."""

    def __init__(
        self,
        events: AsyncIterator[ServerEvent],
        *,
        stopping: asyncio.Event,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        super().__init__()
        self._events, self._stopping = events, stopping
        self._heartbeat_seconds = heartbeat_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _first_of(
            self._pump(send), self._beat(send), _reader_goes(receive), self._stopping.wait()
        )
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pump(self, send: Send) -> None:
        async for event in self._events:
            await _send_part(send, event.encode())

    async def _beat(self, send: Send) -> None:
        while True:
            await _send_part(send, b": still here\n\n")
            await asyncio.sleep(self._heartbeat_seconds)


async def _send_part(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _reader_goes(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first_of(*waited: Awaitable[object]) -> None:
    """Wait for the first to end and let none of the others outlive it."""
    tasks = [asyncio.ensure_future(one) for one in waited]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
