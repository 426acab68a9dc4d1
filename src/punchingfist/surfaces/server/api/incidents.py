"""`/api/v1/incidents`: what is wrong, what was found, what happened."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from punchingfist.domain.incidents import IncidentStatus
from punchingfist.domain.timeline import TimelineEvent
from punchingfist.surfaces.server.api.bodies import (
    PROBLEMS,
    EventBody,
    IncidentBody,
    IncidentLine,
    IncidentPage,
    TheApp,
    TimelineBody,
)
from punchingfist.surfaces.streams import EventStream, ServerEvent, last_seen

ROUTER = APIRouter(prefix="/incidents", tags=["incidents"], responses=PROBLEMS)

# A cursor is the short id of the last incident seen; people never need to write one.
_Cursor = Annotated[str | None, Query(pattern=r"^INC-[0-9]{1,15}$")]
_Limit = Annotated[int, Query(ge=1, le=200)]
_After = Annotated[int, Query(ge=0, le=2**53, description="The last `seq` already seen")]


@ROUTER.get("", summary="List incidents, newest first")
async def list_incidents(
    app: TheApp, status: IncidentStatus | None = None, cursor: _Cursor = None, limit: _Limit = 50
) -> IncidentPage:
    found = await app.incidents.newest(limit=limit + 1, before=cursor, status=status)
    shown = found[:limit]
    return IncidentPage(
        items=[IncidentLine.of(incident) for incident in shown],
        next_cursor=shown[-1].short_id if len(found) > limit else None,
    )


@ROUTER.get("/{incident_id}", summary="Get one incident by id or short id")
async def get_incident(app: TheApp, incident_id: str) -> IncidentBody:
    return IncidentBody.of(await app.incidents.get(incident_id))


@ROUTER.get("/{incident_id}/timeline", summary="Get what happened to an incident")
async def get_timeline(app: TheApp, incident_id: str, after: _After = 0) -> TimelineBody:
    incident = await app.incidents.get(incident_id)
    events = await app.timeline.read(incident.id, after=after)
    return TimelineBody(items=[EventBody.model_validate(event) for event in events])


@ROUTER.get(
    "/{incident_id}/events",
    summary="Follow what happens to an incident",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events: `id` is the `seq`, `data` one timeline row as JSON",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def follow_incident(
    request: Request, app: TheApp, incident_id: str, after: _After = 0
) -> Response:
    incident = await app.incidents.get(incident_id)
    events = app.timeline.follow(incident.id, after=last_seen(request, after=after))
    return EventStream(_as_json(events), stopping=request.app.state.stopping)


async def _as_json(events: AsyncIterator[TimelineEvent]) -> AsyncIterator[ServerEvent]:
    async for event in events:
        yield ServerEvent(event.seq, EventBody.model_validate(event).model_dump_json())
