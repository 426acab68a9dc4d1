"""Watches of our own client: whole lines, however they come, and an end to every silence."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress

import pytest

from punchingfist.adapters.kubernetes.cluster import RestCluster
from punchingfist.adapters.kubernetes.kubeconfig import Access
from punchingfist.errors import Unavailable

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
Open = Callable[[Answer], Awaitable[RestCluster]]


@pytest.fixture
async def answering() -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def start(answer: Answer) -> RestCluster:
            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                stack.push_async_callback(hang_up, writer, asyncio.current_task())
                await reader.readuntil(b"\r\n\r\n")
                await answer(writer)
                writer.close()

            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            await stack.enter_async_context(server)
            port = server.sockets[0].getsockname()[1]
            cluster = RestCluster(
                Access("x", f"http://127.0.0.1:{port}", "default", None), environ={}
            )
            stack.push_async_callback(cluster.aclose)
            return cluster

        yield start


async def hang_up(writer: asyncio.StreamWriter, answering: "asyncio.Task[None] | None") -> None:
    """End a connection however far its answer has come."""
    if answering is not None:
        answering.cancel()
        await asyncio.wait([answering])
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def writing(*parts: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)

    return answer


async def lines_of(cluster: RestCluster, silence_seconds: float = 5) -> list[bytes]:
    lines = cluster.watch("/api/v1/pods", params={"watch": "1"}, silence_seconds=silence_seconds)
    return [line async for line in lines]


async def test_lines_come_whole_however_they_were_sent(answering: Open) -> None:
    cluster = await answering(writing(HEAD, b'{"a"', b': 1}\n{"b": 2}\n{"c', b'": 3}\n'))

    assert await lines_of(cluster) == [b'{"a": 1}', b'{"b": 2}', b'{"c": 3}']


async def test_half_a_line_at_the_end_is_not_a_line(answering: Open) -> None:
    cluster = await answering(writing(HEAD, b'{"a": 1}\n{"b'))

    assert await lines_of(cluster) == [b'{"a": 1}']


@pytest.mark.parametrize("head", [HEAD, b""])
async def test_a_silent_server_is_given_up(answering: Open, head: bytes) -> None:
    async def hang(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await asyncio.sleep(0.5)

    cluster = await answering(hang)

    with pytest.raises(Unavailable, match=r"silent for 0\.05 s"):
        await lines_of(cluster, silence_seconds=0.05)


async def test_a_refusal_is_named_with_its_status(answering: Open) -> None:
    gone = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
    cluster = await answering(writing(gone))

    with pytest.raises(Unavailable, match="HTTP 410 for a watch of /api/v1/pods"):
        await lines_of(cluster)


async def test_an_event_beyond_measure_ends_the_watch(answering: Open) -> None:
    cluster = await answering(writing(HEAD, *[b"x" * 1024 * 1024] * 9))

    with pytest.raises(Unavailable, match="larger than 8 MiB"):
        await lines_of(cluster)
