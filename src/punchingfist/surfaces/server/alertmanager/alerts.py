"""`/api/v2/alerts`: what Prometheus posts, and what fires."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from punchingfist.bootstrap.app import App
from punchingfist.domain.posted_alerts import RESOLVE_TIMEOUT, read_posted
from punchingfist.domain.posted_silences import render_time
from punchingfist.domain.silences.matchers import Matcher, match_all, parse_matchers
from punchingfist.domain.silences.patterns import compile_pattern
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.operations.activate import inhibit_rules
from punchingfist.operations.hooks import LOOPBACK_LIMIT_BYTES
from punchingfist.operations.receive import ActiveSource
from punchingfist.operations.survey import Standing, survey
from punchingfist.surfaces.server.alertmanager.answers import AlertmanagerRoute
from punchingfist.surfaces.server.api.bodies import TheApp
from punchingfist.surfaces.server.body import read_json

ROUTER = APIRouter(route_class=AlertmanagerRoute, include_in_schema=False)


@ROUTER.post("/alerts")
async def post_alerts(app: TheApp, request: Request) -> Response:
    now = app.clock.now()
    posted = await read_json(
        request, limit_bytes=LOOPBACK_LIMIT_BYTES, then=lambda body: read_posted(body, at=now)
    )
    received = await app.receiver.receive(source_of_posts(app), posted.alerts)
    refused = [str(one.refused) for one in received.taken if one.refused]
    if posted.problems or refused:
        raise InvalidInput("; ".join([*posted.problems, *refused]))
    return Response()


def source_of_posts(app: App) -> ActiveSource:
    """
    Return the source these alerts belong to: the first webhook source by name.

    Raises:
        Unavailable: there is none; the sender keeps its alerts and sends them again.
    """
    sources = [hook.source for hook in app.hooks().values()]
    if not sources:
        raise Unavailable("there is no webhook source these alerts could belong to; add one")
    return min(sources, key=lambda source: source.name)


@ROUTER.get("/alerts")
async def list_alerts(
    app: TheApp,
    request: Request,
    filter_: Annotated[list[str] | None, Query(alias="filter")] = None,
    receiver: str = "",
) -> Response:
    found = await _find(app, request, filter_ or (), receiver)
    return JSONResponse([_alert(app, one) for one in found])


@ROUTER.get("/alerts/groups")
async def list_groups(
    app: TheApp,
    request: Request,
    filter_: Annotated[list[str] | None, Query(alias="filter")] = None,
    receiver: str = "",
) -> Response:
    groups: dict[tuple[str, str], list[Standing]] = {}
    for one in await _find(app, request, filter_ or (), receiver):
        groups.setdefault((one.row.source, one.row.group_key), []).append(one)
    return JSONResponse([_group(app, groups[key]) for key in sorted(groups)])


async def _find(
    app: App, request: Request, filters: Sequence[str], receiver: str
) -> list[Standing]:
    matchers = read_filters(filters)
    wanted = compile_pattern(receiver) if receiver else None
    shows = {name: _flag(request, name) for name in ("active", "silenced", "inhibited")}
    rules = inhibit_rules(app.resources())
    standings = await survey(app.alerts, app.silences, rules, at=app.clock.now())
    return [
        one
        for one in standings
        if match_all(matchers, one.row.alert.labels)
        and (wanted is None or wanted.takes(receiver_of(app, one.row.source)))
        and (shows["active"] or one.is_muted)
        and (shows["silenced"] or not one.silenced_by)
        and (shows["inhibited"] or not one.inhibited_by)
    ]


def read_filters(filters: Iterable[str]) -> tuple[Matcher, ...]:
    """Return the matchers of every `filter=` of a query."""
    return tuple(matcher for text in filters for matcher in parse_matchers(text))


def receiver_of(app: App, source: str) -> str:
    """Return who gets the alerts of *source*: the workflow it starts."""
    found = app.resources().sources.get(source)
    return found.spec.trigger_workflow if found else source


def _flag(request: Request, name: str) -> bool:
    return request.query_params.get(name, "true").lower() in {"true", "1", "t", "yes", "on", "y"}


def _alert(app: App, one: Standing) -> dict[str, Any]:
    row, alert = one.row, one.row.alert
    runs_out = row.expires_at or app.clock.now() + RESOLVE_TIMEOUT
    return {
        "annotations": dict(alert.annotations),
        "endsAt": render_time(runs_out),
        "fingerprint": row.fingerprint,
        "receivers": [{"name": receiver_of(app, row.source)}],
        "startsAt": render_time(alert.starts_at or alert.received_at),
        "status": {
            "inhibitedBy": list(one.inhibited_by),
            "silencedBy": list(one.silenced_by),
            "state": "suppressed" if one.is_muted else "active",
        },
        "updatedAt": render_time(row.last_seen_at),
        **({"generatorURL": alert.generator_url} if alert.generator_url else {}),
        "labels": dict(alert.labels),
    }


def _group(app: App, standings: Sequence[Standing]) -> dict[str, Any]:
    """A group key is another sender's own text, so what its alerts share stands for it."""
    labels = [one.row.alert.labels.items() for one in standings]
    shared = set(labels[0]).intersection(*labels[1:])
    return {
        "alerts": [_alert(app, one) for one in standings],
        "labels": dict(sorted(shared)),
        "receiver": {"name": receiver_of(app, standings[0].row.source)},
    }
