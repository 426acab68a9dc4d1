"""The paths of api sources: a request there starts a workflow."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from punchingfist.bootstrap.app import App
from punchingfist.domain.identity import How, Role
from punchingfist.domain.json import JsonObject
from punchingfist.errors import InvalidInput, Unauthenticated
from punchingfist.operations.api_sources import LIMIT_BYTES, ApiSource
from punchingfist.surfaces.callers import arrival_of, doorkeeper_of, identify
from punchingfist.surfaces.server.body import read_body, with_json


class Triggers:
    """
    The api sources as they are at this moment; what is none of theirs is for *otherwise*.

    A new execution is answered with 202, one that its key has started before
    with 200, so that a sender may repeat what it is not sure of.
    """

    def __init__(self, app: App, *, otherwise: ASGIApp) -> None:
        self._app, self._otherwise = app, otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        source = self._app.api_sources().get(scope.get("path", ""))
        if scope["type"] != "http" or source is None:
            await self._otherwise(scope, receive, send)
            return
        response = await self._answer(source, Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, source: ApiSource, request: Request) -> Response:
        if request.method != source.method:
            raise HTTPException(405, headers={"allow": source.method})
        if source.authenticator is None:
            await _let_in(request, needs_token=source.needs_token)
        else:
            source.authenticator.admit(request.headers)
        body = await read_body(request, limit_bytes=LIMIT_BYTES)
        if source.authenticator is not None:
            await source.authenticator.check(dict(request.headers), body)
        event = await with_json(body, then=_event) if body.strip() else {}
        key = request.headers.get("idempotency-key")
        begun = await source.start(event, key=key)
        place = self._app.external_url or str(request.base_url).rstrip("/")
        url = f"{place}/api/v1/executions/{begun.short_id}"
        return JSONResponse(
            {"execution": begun.short_id, "url": url},
            status_code=202 if begun.is_new else 200,
            headers={"location": url},
        )


async def _let_in(request: Request, *, needs_token: bool) -> None:
    """
    Let in who may respond to incidents, by one of our own tokens as a bearer or an API key.

    Raises:
        Unauthenticated: who is asking is not known.
        Refused: it is somebody who may only look.
    """
    key = request.headers.get("x-api-key")
    if key is not None:
        caller = await doorkeeper_of(request).by_token(key.strip(), arrival_of(request).whence)
    else:
        caller = await identify(request)
    if needs_token and caller.how is How.LOOPBACK:
        raise Unauthenticated(
            "this source wants a token; create one with `fist token create NAME --role responder`"
        )
    caller.must_be(Role.RESPONDER)


def _event(body: object) -> JsonObject:
    if not isinstance(body, Mapping):
        raise InvalidInput("body is no JSON object; send {} or an object with your fields")
    return body
