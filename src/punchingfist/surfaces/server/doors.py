"""Who may knock where: Host and Origin checks, and what a browser may do with our pages."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from punchingfist.domain.identity import Whence
from punchingfist.errors import Refused
from punchingfist.ports.ids import Ids
from punchingfist.surfaces.callers import Arrival
from punchingfist.surfaces.server.errors import problem
from punchingfist.surfaces.server.networks import (
    Network,
    first_stranger,
    is_in,
    is_loopback,
    parse_ip,
)

_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PASSED_ON: Final = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
_CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SECURITY_HEADERS: Final = {
    "content-security-policy": _CONTENT_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",  # with none at all browsers send our own forms without Origin
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Door:
    """
    One listener.

    *loopback* says that only this machine reaches it, and *anonymous* that no
    token is asked of those on it. *any_host* lets every Host in, which is
    right only where nothing is served to browsers. *external_url* is where
    people reach us through somebody else's front; what the fronts in
    *trusted_proxies* say of their callers is believed.
    """

    loopback: bool = True
    any_host: bool = False
    external_url: str = ""
    anonymous: bool = True
    trusted_proxies: tuple[Network, ...] = ()

    def admit(self, method: str, headers: Headers) -> None:
        """
        Let a request in or raise.

        A name that leads here but is not ours is a page elsewhere trying to
        read us through the browser of somebody who can.

        Raises:
            Refused: the Host is not ours, or another site sent the request.
        """
        host = headers.get("host", "").lower()
        if not self.any_host and not self._is_ours(_name(f"//{host}")):
            raise Refused(
                f"host {host!r} is not a name of this server; use localhost, or set --external-url"
            )
        origin = headers.get("origin")
        if origin is None or method in SAFE_METHODS:
            return
        ours = {f"http://{host}", f"https://{host}", _origin(self.external_url)}
        if origin.lower() not in ours:
            raise Refused(f"origin {origin!r} is another site; send this from our own pages")

    def arrival(self, scope: Scope, headers: Headers, *, request_id: str) -> Arrival:
        """
        Return how a request reached us.

        What came through any proxy came from somebody else: it is never taken
        for a person on this machine.
        """
        peer = scope["client"][0] if scope.get("client") else ""
        address, scheme = peer, scope.get("scheme", "http")
        passed_on = any(name in headers for name in _PASSED_ON)
        if is_in(peer, self.trusted_proxies):
            passed_on = True
            address = first_stranger(peer, headers.getlist("x-forwarded-for"), self.trusted_proxies)
            scheme = headers.get("x-forwarded-proto", scheme).rpartition(",")[2].strip()
        local = self.loopback and self.anonymous and not passed_on and is_loopback(peer)
        return Arrival(Whence(address, request_id), local=local, secure=scheme == "https")

    def _is_ours(self, name: str) -> bool:
        if name in _LOOPBACK_NAMES or (name and name == _name(self.external_url)):
            return True
        # Only names can be made to lead elsewhere; beyond loopback we have addresses of our own.
        return not self.loopback and parse_ip(name) is not None


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _origin(url: str) -> str:
    parts = urlsplit(url.lower())
    return f"{parts.scheme}://{parts.netloc}"


class Doorway:
    """
    What stands before an application: the check of its *door*, and headers on every answer.

    Each request gets a name, its sender's or one of ours, which the answer repeats.
    """

    def __init__(self, app: ASGIApp, door: Door, ids: Ids) -> None:
        self._app, self._door, self._ids = app, door, ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else self._ids.new()
        arrival = self._door.arrival(scope, headers, request_id=request_id)
        scope.setdefault("state", {})["arrival"] = arrival
        with_headers = _adding_headers(send, request_id)
        try:
            self._door.admit(scope["method"], headers)
        except Refused as refused:
            response = problem(Request(scope), refused)
            await response(scope, receive, with_headers)
        else:
            await self._app(scope, receive, with_headers)


def _adding_headers(send: Send, request_id: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _SECURITY_HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
            headers["x-request-id"] = request_id
        await send(message)

    return send_with_headers
