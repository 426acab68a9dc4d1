"""`/api/v1/alerts`: each alert by itself, and why it was treated as it was."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel

from punchingfist.operations.why import Answer, Why, find_why
from punchingfist.ports.alerts import AlertRow
from punchingfist.surfaces.server.api.bodies import PROBLEMS, AlertBody, TheApp

ROUTER = APIRouter(prefix="/alerts", tags=["alerts"], responses=PROBLEMS)

_Cursor = Annotated[str | None, Query(pattern=r"^A-[0-9]{1,9}$")]
_Limit = Annotated[int, Query(ge=1, le=200)]


class KnownAlertBody(AlertBody):
    """
    One alert in its newest episode.

    `held_by` says what keeps it from starting anything, null while nothing
    does; `expires_at` is when it runs out unless it is repeated.
    """

    fingerprint: str
    source: str
    incident: str | None
    held_by: str | None
    last_seen_at: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, row: AlertRow) -> Self:
        alert = {name: getattr(row.alert, name) for name in AlertBody.model_fields}
        own = {name: getattr(row, name) for name in cls.model_fields if name not in alert}
        return cls.model_validate(alert | own)


class AlertPage(BaseModel):
    """A page of alerts, newest first; `next_cursor` is null on the last."""

    items: list[KnownAlertBody]
    next_cursor: str | None


class AnswerBody(BaseModel):
    """Yes or no, and the reason in one line."""

    yes: bool
    text: str

    @classmethod
    def of(cls, answer: Answer) -> Self:
        return cls(yes=answer.yes, text=answer.text)


class DecisionBody(BaseModel):
    """One decision as it was stored; `by` is what decided: a silence, an alert, a severity."""

    at: datetime
    outcome: str
    by: str
    text: str
    detail: dict[str, Any]


class WhyBody(BaseModel):
    """Why an alert was investigated and people were told, or not."""

    alert: KnownAlertBody
    investigated: AnswerBody
    told: AnswerBody
    decisions: list[DecisionBody]

    @classmethod
    def of(cls, why: Why) -> Self:
        return cls(
            alert=KnownAlertBody.of(why.row),
            investigated=AnswerBody.of(why.investigated),
            told=AnswerBody.of(why.told),
            decisions=[
                DecisionBody(
                    at=one.at,
                    outcome=one.decision.outcome.value,
                    by=one.decision.by,
                    text=one.decision.text,
                    detail=dict(one.decision.detail),
                )
                for one in why.decisions
            ],
        )


@ROUTER.get("", summary="List alerts, newest first")
async def list_alerts(
    app: TheApp, *, firing: bool | None = None, cursor: _Cursor = None, limit: _Limit = 50
) -> AlertPage:
    found = await app.alerts.newest(limit=limit + 1, before=cursor, firing=firing)
    shown = found[:limit]
    return AlertPage(
        items=[KnownAlertBody.of(row) for row in shown],
        next_cursor=shown[-1].alert.short_id if len(found) > limit else None,
    )


@ROUTER.get("/{alert_id}", summary="Get one alert by id or short id")
async def get_alert(app: TheApp, alert_id: str) -> KnownAlertBody:
    return KnownAlertBody.of(await app.alerts.get(alert_id))


@ROUTER.get("/{alert_id}/why", summary="Get why an alert was treated as it was")
async def get_why(app: TheApp, alert_id: str) -> WhyBody:
    found = await find_why(
        alert_id,
        alerts=app.alerts,
        decisions=app.decisions,
        executions=app.executions,
        deliveries=app.deliveries,
    )
    return WhyBody.of(found)
