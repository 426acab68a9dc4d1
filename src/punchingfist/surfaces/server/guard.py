"""Nobody gets further than this before we know who they are."""

import asyncio
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from punchingfist.bootstrap.app import App
from punchingfist.domain.identity import Role
from punchingfist.errors import PunchingFistError
from punchingfist.surfaces.callers import identify
from punchingfist.surfaces.server.doors import SAFE_METHODS
from punchingfist.surfaces.server.errors import problem

OPEN_PATHS: Final = frozenset({"/healthz", "/readyz", "/livez", "/login", "/api/v1/openapi.json"})
_OPEN_FOLDERS = ("/static/",)
_BODY_SECONDS = 30.0
_LIMIT_BYTES = 1024 * 1024
_ALERTMANAGER_LIMIT_BYTES = 32 * 1024 * 1024


class Guard:
    """
    Lets in whoever is known: viewers to read, responders to write.

    What needs more says so where it is. Webhook paths stay out of it, because
    their sources have ways of their own to know who sends.
    """

    def __init__(self, app: ASGIApp, *, system: App) -> None:
        self._app, self._system = app, system

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_open(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            caller = await identify(request)
            caller.must_be(Role.VIEWER if scope["method"] in SAFE_METHODS else Role.RESPONDER)
        except PunchingFistError as refused:
            await problem(request, refused)(scope, receive, send)
            return
        request.state.caller = caller
        await self._app(scope, _bounded(receive, _limit(scope["path"])), send)

    def _is_open(self, scope: Scope) -> bool:
        path, system = scope["path"], self._system
        if path in OPEN_PATHS or path.startswith(_OPEN_FOLDERS):
            return True
        is_of_source = path in system.hooks() or path in system.api_sources()
        return is_of_source and not _is_fixed(scope)


def _is_fixed(scope: Scope) -> bool:
    """Whether a route of ours answers, whatever path a source asks for: it opens nothing else."""
    routes: list[BaseRoute] = scope["app"].router.routes
    return any(route.matches(scope)[0] is not Match.NONE for route in routes)


def _limit(path: str) -> int:
    return _ALERTMANAGER_LIMIT_BYTES if path.startswith("/api/v2/") else _LIMIT_BYTES


def _bounded(receive: Receive, limit_bytes: int) -> Receive:
    """Return *receive* for a body of at most *limit_bytes* whose parts come within seconds."""
    taken, complete = 0, False

    async def bounded() -> Message:
        nonlocal taken, complete
        if complete:
            return await receive()
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, "the body did not come in time", _CLOSE) from None
        taken += len(message.get("body", b""))
        if taken > limit_bytes:
            raise HTTPException(413, f"body is larger than {limit_bytes} bytes", _CLOSE)
        complete = not message.get("more_body", False)
        return message

    return bounded


_CLOSE = {"connection": "close"}
