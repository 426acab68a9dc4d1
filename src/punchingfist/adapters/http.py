"""Requests to other systems, over one pooled client for each event loop."""

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

import httpx2

from punchingfist.domain.json import Json
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.operations.per_loop import PerLoop
from punchingfist.ports.http import HttpReply

_CHUNK = 64 * 1024
_LIMITS = httpx2.Limits(max_connections=50, max_keepalive_connections=10)


@cache
def _tls() -> ssl.SSLContext:
    """Build the default context once: loading the CA bundle costs tens of milliseconds."""
    return httpx2.create_ssl_context()


class HttpClient:
    """The `Http` port; *verify* replaces the trusted authorities."""

    def __init__(self, *, verify: ssl.SSLContext | None = None) -> None:
        self._verify = verify
        self._clients = PerLoop(self._client)

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(verify=self._verify or _tls(), timeout=None, limits=_LIMITS)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Json = None,
        form: Mapping[str, str] | None = None,
        timeout_seconds: float = 10,
        limit_bytes: int = 8 * 1024 * 1024,
    ) -> HttpReply:
        """Send one request and read its reply, whatever the status."""
        place = host_of(url)
        client = self._clients.get()
        try:
            request = client.build_request(
                method, url, headers=headers, params=params, json=json, data=form
            )
        except (httpx2.InvalidURL, ValueError) as error:
            raise InvalidInput(f"{place!r} is no address to ask: {error}") from None
        try:
            async with asyncio.timeout(timeout_seconds):
                return await read_reply(client, request, limit_bytes)
        except TimeoutError:
            raise Unavailable(f"{place}: no answer within {timeout_seconds:g} s") from None
        except httpx2.RequestError as error:
            raise Unavailable(f"{place}: {why_unreachable(error)}") from None

    async def aclose(self) -> None:
        """Close every connection, those of other running loops too."""
        await self._clients.close(httpx2.AsyncClient.aclose)


async def read_reply(
    client: httpx2.AsyncClient, request: httpx2.Request, limit_bytes: int
) -> HttpReply:
    """Send *request* and read at most *limit_bytes* of the reply's body."""
    response = await client.send(request, stream=True)
    try:
        body = bytearray()
        async for chunk in response.aiter_bytes(_CHUNK):
            body += chunk
            if len(body) > limit_bytes:
                break
    finally:
        await response.aclose()
    return HttpReply(
        response.status_code,
        dict(response.headers),
        bytes(body[:limit_bytes]),
        truncated=len(body) > limit_bytes,
    )


def host_of(url: str) -> str:
    """Return `host:port` of *url*, without user, password, path or query."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "no host"
    except ValueError:
        return "no host"


def why_unreachable(error: Exception) -> str:
    """Return the innermost reason, which says more than "all connection attempts failed"."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return str(error) or str(cause) or type(error).__name__
