"""One incident: the answer first, then everything it rests on, live while it is being found."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from punchingfist.bootstrap.app import App
from punchingfist.domain.incidents import Incident
from punchingfist.domain.investigation.findings import Report
from punchingfist.domain.timeline import Kind, TimelineEvent
from punchingfist.operations.why import Why, why_each
from punchingfist.ports.deliveries import DeliveryRow
from punchingfist.ports.executions import ExecutionRow
from punchingfist.surfaces.console.card import Card, card_of, links_of, report_of
from punchingfist.surfaces.console.page import Page, environment, render
from punchingfist.surfaces.streams import EventStream, ServerEvent, last_seen

_CHANGES_DETAILS = frozenset(Kind) - {Kind.LOOKED, Kind.ALERT_REPEATED, Kind.STEP_STARTED}
_TEMPLATE = "pages/incident.html"
_MOST_REASONS = 20


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything the page shows, read at one moment."""

    incident: Incident
    card: Card
    report: Report | None
    executions: Sequence[ExecutionRow]
    deliveries: Sequence[DeliveryRow]
    events: Sequence[TimelineEvent]
    reasons: Sequence[Why]

    @property
    def last_seq(self) -> int:
        return self.events[-1].seq if self.events else 0

    def template_values(self, app: App) -> dict[str, Any]:
        return {
            "now": app.clock.now(),
            "incident": self.incident,
            "card": self.card,
            "report": self.report,
            "executions": self.executions,
            "deliveries": self.deliveries,
            "events": self.events,
            "reasons": self.reasons,
            "known_looks": {look.id for look in self.card.looks},
        }


async def read_whole(app: App, incident_id: str) -> Whole:
    """Return the incident; `NotFound` when there is none."""
    # The timeline first: what is committed after it arrives by the stream, nothing is missed.
    found = await app.incidents.get(incident_id)
    events = await app.timeline.read(found.id)
    incident, executions, deliveries = await asyncio.gather(
        app.incidents.get(found.id),
        app.executions.of_incident(found.id),
        app.deliveries.of_incident(found.id),
    )
    report = report_of(incident, events)
    reasons = await why_of_incident(app, incident)
    return Whole(
        incident=incident,
        card=card_of(incident, report, executions, events, context=app.context),
        report=report,
        executions=executions,
        deliveries=deliveries,
        events=events,
        reasons=reasons,
    )


async def why_of_incident(app: App, incident: Incident) -> Sequence[Why]:
    """Return why the alerts of *incident* were treated as they were, the first few of them."""
    rows = await app.alerts.of_incident(incident.id, limit=_MOST_REASONS)
    return await why_each(rows, app.decisions, app.executions, app.deliveries)


async def show(request: Request) -> Response:
    app: App = request.app.state.app
    whole = await read_whole(app, request.path_params["incident_id"])
    return render(
        request,
        _TEMPLATE,
        **whole.template_values(app),
        links=links_of(whole.incident.alerts),
        last_seq=whole.last_seq,
    )


async def live(request: Request) -> Response:
    """Stream what happens as pieces of the page: a timeline row, and what it changes above."""
    app: App = request.app.state.app
    incident = await app.incidents.get(request.path_params["incident_id"])
    after = request.query_params.get("after", "0")
    seen = last_seen(request, after=int(after) if after.isdecimal() and len(after) < 17 else 0)
    events = app.timeline.follow(incident.id, after=seen)
    pieces = _pieces(app, incident.id, events)
    return EventStream(pieces, stopping=request.app.state.stopping)


async def _pieces(
    app: App, incident_id: str, events: AsyncIterator[TimelineEvent]
) -> AsyncIterator[ServerEvent]:
    template = environment().get_template("pages/incident_live.html")
    async for event in events:
        whole = await read_whole(app, incident_id)
        text = template.render(
            **whole.template_values(app), event=event, with_details=event.kind in _CHANGES_DETAILS
        )
        yield ServerEvent(event.seq, text)


PAGE = Page("/incidents/{incident_id}", title="Incident", show=show, live=live)
