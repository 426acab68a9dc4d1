"""`/api/v2/silences`: what people have muted."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from punchingfist.domain.posted_silences import read_silence, render_silence
from punchingfist.domain.silences.matchers import match_all
from punchingfist.domain.silences.silence import Silence, SilenceState
from punchingfist.errors import NotFound, PunchingFistError
from punchingfist.surfaces.server.alertmanager.alerts import read_filters
from punchingfist.surfaces.server.alertmanager.answers import AlertmanagerRoute, silence_id
from punchingfist.surfaces.server.api.bodies import TheApp
from punchingfist.surfaces.server.api.roles import Responder
from punchingfist.surfaces.server.body import read_json

ROUTER = APIRouter(route_class=AlertmanagerRoute, include_in_schema=False)

SHOWN_FOR = timedelta(hours=120)
"""How long a silence that has ended is listed, as Alertmanager does unless told otherwise."""

_LIMIT_BYTES = 1024 * 1024
_ORDER = (SilenceState.ACTIVE, SilenceState.PENDING, SilenceState.EXPIRED)


@ROUTER.post("/silences")
async def post_silence(app: TheApp, request: Request, by: Responder) -> Response:
    now = app.clock.now()
    wanted = await read_json(
        request, limit_bytes=_LIMIT_BYTES, then=lambda body: read_silence(body, at=now)
    )
    if wanted.id:
        try:
            silence_id(wanted.id)
        except PunchingFistError:
            raise NotFound("silence not found") from None
    return JSONResponse({"silenceID": await app.silencer.set(wanted, by=by)})


@ROUTER.get("/silences")
async def list_silences(
    app: TheApp, filter_: Annotated[list[str] | None, Query(alias="filter")] = None
) -> Response:
    now, matchers = app.clock.now(), read_filters(filter_ or ())
    found = [
        one
        for one in await app.silences.find(ended_after=now - SHOWN_FOR)
        if match_all(matchers, _matched(one))
    ]
    found.sort(key=lambda one: (_ORDER.index(one.state(now)), one.ends_at))
    return JSONResponse([render_silence(one, at=now) for one in found])


def _matched(silence: Silence) -> dict[str, str]:
    """Return the values a silence asks for as labels, which is how a filter looks at it."""
    return {one.name: one.value for one in silence.matchers}


@ROUTER.get("/silence/{silence}")
async def get_silence(app: TheApp, silence: str) -> Response:
    try:
        found = await app.silences.get(silence_id(silence))
    except NotFound:
        return Response(status_code=404)
    return JSONResponse(render_silence(found, at=app.clock.now()))


@ROUTER.delete("/silence/{silence}")
async def delete_silence(app: TheApp, silence: str, by: Responder) -> Response:
    await app.silencer.expire(silence_id(silence), by=by)
    return Response()
