"""Who may knock where: Host and Origin checks, and what a browser may do with our pages."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from punchingfist.errors import Refused
from punchingfist.surfaces.server.errors import problem

_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SECURITY_HEADERS: Final = {
    "content-security-policy": _CONTENT_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Door:
    """
    One listener.

    *loopback* says that only this machine reaches it. *any_host* lets every
    Host in, which is right only where nothing is served to browsers.
    *external_url* is where people reach us through somebody else's front.
    """

    loopback: bool = True
    any_host: bool = False
    external_url: str = ""

    def admit(self, method: str, headers: Headers) -> None:
        """
        Let a request in or raise.

        A name that leads here but is not ours is a page elsewhere trying to
        read us through the browser of somebody who can.

        Raises:
            Refused: the Host is not ours, or another site sent the request.
        """
        host = headers.get("host", "").lower()
        if not self.any_host and _name(f"//{host}") not in self._names():
            raise Refused(
                f"host {host!r} is not a name of this server; use localhost, or set --external-url"
            )
        origin = headers.get("origin")
        if origin is None or method in _SAFE_METHODS:
            return
        ours = {f"http://{host}", f"https://{host}", _origin(self.external_url)}
        if origin.lower() not in ours:
            raise Refused(f"origin {origin!r} is another site; send this from our own pages")

    def _names(self) -> frozenset[str]:
        return _LOOPBACK_NAMES | {_name(self.external_url)} - {""}


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _origin(url: str) -> str:
    parts = urlsplit(url.lower())
    return f"{parts.scheme}://{parts.netloc}"


class Doorway:
    """What stands before an application: the check of its *door*, and headers on every answer."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with_headers = _adding_headers(send)
        try:
            self._door.admit(scope["method"], Headers(scope=scope))
        except Refused as refused:
            response = problem(Request(scope), refused)
            await response(scope, receive, with_headers)
        else:
            await self._app(scope, receive, with_headers)


def _adding_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _SECURITY_HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return send_with_headers
