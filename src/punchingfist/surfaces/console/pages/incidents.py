"""The list of incidents, newest first."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from punchingfist.bootstrap.app import App
from punchingfist.domain.incidents import Incident, IncidentStatus
from punchingfist.domain.investigation.findings import Report
from punchingfist.domain.messages import answer, since
from punchingfist.errors import InvalidInput, NotFound
from punchingfist.surfaces.console.card import state_of
from punchingfist.surfaces.console.page import Page, render

_PAGE_SIZE = 50
# What people tell apart. To them an incident whose investigation has ended is simply open.
_SHOWN: Final[Mapping[str, Sequence[IncidentStatus | None]]] = {
    "all": (None,),
    "unresolved": (IncidentStatus.OPEN, IncidentStatus.INVESTIGATING),
    "resolved": (IncidentStatus.RESOLVED,),
}


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One line of the list."""

    short_id: str
    title: str
    severity: str
    state: str
    since: datetime
    owner: str
    answer: str
    alerts_count: int


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    """What part of the list is asked for."""

    show: str
    before: str | None

    @classmethod
    def parse(cls, request: Request) -> "IncidentQuery":
        show = request.query_params.get("show", "all")
        before = request.query_params.get("before")
        if show not in _SHOWN:
            known = ", ".join(_SHOWN)
            raise InvalidInput(f"show {show!r} is unknown; use one of {known}", field="show")
        if before is not None and not re.fullmatch(r"INC-[0-9]{1,15}", before):
            raise InvalidInput(f"before {before!r} is no incident; write INC-1042", field="before")
        return cls(show, before)


async def show(request: Request) -> Response:
    app: App = request.app.state.app
    query = IncidentQuery.parse(request)
    found = await _find(app, query)
    rows = await asyncio.gather(*(_row(app, incident) for incident in found[:_PAGE_SIZE]))
    return render(
        request,
        "pages/incidents.html",
        now=app.clock.now(),
        rows=rows,
        query=query,
        choices=list(_SHOWN),
        older=rows[-1].short_id if len(found) > _PAGE_SIZE else "",
        context=app.context,
    )


async def _find(app: App, query: IncidentQuery) -> Sequence[Incident]:
    """Return a page of incidents, newest first, and one more where there is one."""
    limit = _PAGE_SIZE + 1
    parts = await asyncio.gather(
        *(
            app.incidents.newest(limit=limit, before=query.before, status=status)
            for status in _SHOWN[query.show]
        )
    )
    found = [incident for part in parts for incident in part]
    return sorted(found, key=_number, reverse=True)[:limit]


def _number(incident: Incident) -> int:
    """Return what pages are cut by: reopening an incident does not move it."""
    return int(incident.short_id.rpartition("-")[2])


async def _row(app: App, incident: Incident) -> IncidentRow:
    report = Report.from_json(incident.report) if incident.report else None
    status = await _execution_status(app, incident)
    known = answer(report) if report else _UNANSWERED.get(status, "investigating")
    return IncidentRow(
        short_id=incident.short_id,
        title=incident.title,
        severity=incident.severity.value,
        state=state_of(incident, live=status in {"queued", "running"}),
        since=since(incident),
        owner=incident.owner or "",
        answer=known,
        alerts_count=incident.alerts_count,
    )


_UNANSWERED = {
    "": "not investigated",
    "failed": "investigation failed",
    "succeeded": "ended without a report",
}


async def _execution_status(app: App, incident: Incident) -> str:
    """Return the status of the incident's execution; empty when there is none."""
    if incident.execution_id is None:
        return ""
    try:
        return (await app.executions.get(incident.execution_id)).status
    except NotFound:
        return ""


PAGE = Page("/incidents", title="Incidents", show=show, also=("/",), in_menu=True)
