"""Requests to other systems."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from punchingfist.domain.json import Json


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A reply; *body* is cut at the limit asked for, and *truncated* says so."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool = False


class Http(Protocol):
    """A pooled client: TLS verified, no retries of its own, redirects not followed."""

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
        """
        Send one request and read its reply, whatever the status.

        Raises:
            Unavailable: no reply (name, connection, TLS, time); the message
                names the host and port and no credentials.
        """
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service's address with the headers that let us in."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
