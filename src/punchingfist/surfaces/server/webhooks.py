"""The paths alerts are posted to, as the resources name them at this moment."""

from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from punchingfist.bootstrap.app import App
from punchingfist.domain.alerts import Alert
from punchingfist.errors import NotFound, Refused
from punchingfist.operations.hooks import Hook
from punchingfist.operations.receive import Received
from punchingfist.surfaces.server.body import read_body, with_json
from punchingfist.surfaces.server.doors import Door


class Webhooks:
    """
    Everything no fixed route has answered.

    The path is looked up at each request, because resources are loaded again
    while we run.
    """

    def __init__(self, app: App, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotFound("only HTTP is served here")
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        hook = self._app.hooks().get(request.url.path)
        if hook is None:
            raise NotFound(
                f"no source takes alerts at {request.url.path!r}; compare it with spec.config.path"
            )
        if request.method != "POST":
            raise HTTPException(405, headers={"allow": "POST"})
        self._let_in(hook, request)
        alerts = await self._read(hook, request)
        received = await self._app.receiver.receive(hook.source, alerts)
        return JSONResponse(_told(len(alerts), received))

    def _let_in(self, hook: Hook, request: Request) -> None:
        if not hook.authenticator.serves_strangers and not self._door.loopback:
            raise Refused(
                f"source {hook.source.name!r} has no authentication, so it is served on loopback only; "
                "set spec.config.authentication"
            )
        hook.authenticator.admit(request.headers)

    async def _read(self, hook: Hook, request: Request) -> Sequence[Alert]:
        limit = hook.limit_bytes(loopback=self._door.loopback)
        body = await read_body(request, limit_bytes=limit)
        headers = dict(request.headers)
        await hook.check(headers, body)
        message, alerts = await with_json(
            body, then=lambda message: (message, hook.parse(message, headers))
        )
        if hook.greet is not None:
            await hook.greet(message)
        return alerts


def _told(received: int, outcome: Received) -> dict[str, Any]:
    """Return what the sender reads: how many came, and what became of them."""
    always = dict.fromkeys(("opened", "repeated", "resolved", "filtered"), 0)
    refused = [str(one.refused) for one in outcome.taken if one.refused]
    return {
        "received": received,
        **always,
        **outcome.counts,
        **({"why_refused": refused[:5]} if refused else {}),
    }
