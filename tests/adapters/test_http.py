import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from punchingfist.adapters.http import HttpClient, host_of
from punchingfist.errors import InvalidInput, Unavailable

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Kind: test\r\n\r\nhello"


@asynccontextmanager
async def server(reply: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answer every request with *reply*; None never answers."""
    asked: list[bytes] = []
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if reply is None:
            await done.wait()
        else:
            writer.write(reply)
            await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield f"http://127.0.0.1:{port}", asked
        done.set()


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


async def test_a_reply_has_status_headers_and_body(http: HttpClient) -> None:
    async with server(OK) as (url, asked):
        reply = await http.request("POST", f"{url}/a", headers={"X-Key": "1"}, form={"q": "a b"})

    assert (reply.status, reply.headers["x-kind"], reply.body) == (200, "test", b"hello")
    assert not reply.truncated
    assert b"POST /a HTTP/1.1" in asked[0]
    assert b"x-key: 1" in asked[0].lower()


async def test_a_body_is_cut_at_the_limit(http: HttpClient) -> None:
    async with server(OK) as (url, _):
        reply = await http.request("GET", url, limit_bytes=2)

    assert (reply.body, reply.truncated) == (b"he", True)


async def test_redirects_are_not_followed(http: HttpClient) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://evil/\r\nContent-Length: 0\r\n\r\n"
    async with server(moved) as (url, _):
        assert (await http.request("GET", url)).status == 302


async def test_nobody_listening_names_the_host_and_no_credentials(
    http: HttpClient, free_port: int
) -> None:
    with pytest.raises(Unavailable) as raised:
        await http.request("GET", f"http://ana:hunter2@127.0.0.1:{free_port}/path?token=abc")

    assert str(raised.value).startswith(f"127.0.0.1:{free_port}: ")
    assert "hunter2" not in str(raised.value)
    assert "abc" not in str(raised.value)


async def test_no_answer_in_time_is_said(http: HttpClient) -> None:
    async with server(None) as (url, _):
        with pytest.raises(Unavailable, match=r"no answer within 0\.05 s"):
            await http.request("GET", url, timeout_seconds=0.05)


async def test_a_broken_answer_is_unavailable(http: HttpClient) -> None:
    async with server(b"nonsense\r\n\r\n") as (url, _):
        with pytest.raises(Unavailable):
            await http.request("GET", url)


@pytest.mark.parametrize("url", ["http://a\x00b/", "http://host:port/"])
async def test_an_address_that_is_none_is_the_callers_mistake(http: HttpClient, url: str) -> None:
    with pytest.raises(InvalidInput, match="is no address to ask"):
        await http.request("GET", url)


async def test_one_client_serves_several_loops(http: HttpClient) -> None:
    statuses: list[int] = []

    async def ask(url: str) -> None:
        statuses.append((await http.request("GET", url)).status)
        await http.aclose()

    async with server(OK) as (url, _):
        await http.request("GET", url)
        await http.aclose()
        other = threading.Thread(target=asyncio.run, args=(ask(url),))
        other.start()
        await asyncio.to_thread(other.join)

    assert statuses == [200]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://u:p@db:5432/x", "db:5432"),
        ("http://h/", "h"),
        ("nothing", "no host"),
        ("http://[x", "no host"),
    ],
)
def test_only_host_and_port_of_a_url_are_shown(url: str, host: str) -> None:
    assert host_of(url) == host
