"""What the API sends: its own shapes, so that our values may change without it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict

from punchingfist.bootstrap.app import App
from punchingfist.domain.identity import Role
from punchingfist.domain.incidents import Incident
from punchingfist.domain.investigation.findings import Report
from punchingfist.domain.messages import answer, since


async def _app_of(request: Request) -> App:
    app: App = request.app.state.app
    return app


TheApp = Annotated[App, Depends(_app_of)]

PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Who is asking is not known", "content": {"application/problem+json": {}}},
    403: {"description": "Their role is too small", "content": {"application/problem+json": {}}},
    404: {"description": "There is no such thing", "content": {"application/problem+json": {}}},
    422: {"description": "A parameter is wrong", "content": {"application/problem+json": {}}},
}


class _Body(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class AlertBody(_Body):
    """One alert of an incident."""

    id: str
    short_id: str
    name: str
    severity: str
    firing: bool
    status: str
    summary: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    generator_url: str
    starts_at: datetime | None
    received_at: datetime
    resolved_at: datetime | None
    occurrences: int
    episode: int


class IncidentLine(_Body):
    """An incident as a list shows it; `answer` is what is known in half a sentence."""

    id: str
    short_id: str
    title: str
    status: str
    severity: str
    episode: int
    since: datetime
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    owner: str | None
    alerts_count: int
    execution_id: str | None
    answer: str

    @classmethod
    def of(cls, incident: Incident) -> Self:
        return cls.model_validate(_fields(incident))


class IncidentPage(_Body):
    """A page of incidents, newest first; `next_cursor` is null on the last."""

    items: list[IncidentLine]
    next_cursor: str | None


class IncidentBody(IncidentLine):
    """An incident with its alerts and its last report."""

    alerts: list[AlertBody]
    report: dict[str, Any] | None


class EventBody(_Body):
    """One row of a timeline; `seq` counts from 1 without gaps."""

    seq: int
    at: datetime
    kind: str
    text: str
    detail: dict[str, Any]


class TimelineBody(_Body):
    """What happened, in order."""

    items: list[EventBody]


class StepBody(_Body):
    """One step of an execution."""

    name: str
    type: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    summary: str
    error: str | None
    result: dict[str, Any] | None


class ExecutionBody(_Body):
    """One execution of a workflow; snapshots of its resources are not shown."""

    id: str
    short_id: str
    incident_id: str | None
    workflow_name: str
    source: str
    status: str
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    error: str | None
    outputs: dict[str, Any]
    steps: list[StepBody]


class CallerBody(_Body):
    """Who is asking."""

    name: str
    role: Role
    teams: list[str]
    how: str


class TokenBody(_Body):
    """A token or a browser session, without its secret."""

    id: str
    kind: str
    name: str
    role: Role
    teams: list[str]
    prefix: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class IssuedBody(TokenBody):
    """A new token with its secret."""

    secret: str


class AuditBody(_Body):
    """One row of the audit trail; `digest` covers all of it and `previous`."""

    seq: int
    at: datetime
    who: str
    role: str
    how: str
    what: str
    object: str
    before: Any
    after: Any
    address: str
    request_id: str
    previous: str
    digest: str


class AuditPage(_Body):
    """Rows of the audit trail, newest first."""

    items: list[AuditBody]


class VerifiedBody(_Body):
    """What a check of the chain found; no `flaws` means that it holds."""

    rows: int
    seq: int
    digest: str
    flaws: list[str]


def _fields(incident: Incident) -> dict[str, Any]:
    report = Report.from_json(incident.report) if incident.report else None
    fields = {name: getattr(incident, name) for name in Incident.__slots__}
    return fields | {"since": since(incident), "answer": answer(report)}
