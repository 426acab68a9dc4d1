"""The applications behind the two listeners: everything, and the intake alone."""

import asyncio
from importlib.metadata import version

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from punchingfist.bootstrap.app import App
from punchingfist.surfaces.console.page import collect_pages, page_routes
from punchingfist.surfaces.console.static_files import StaticFiles
from punchingfist.surfaces.server.alertmanager import alerts as v2_alerts
from punchingfist.surfaces.server.alertmanager import silences as v2_silences
from punchingfist.surfaces.server.alertmanager import status as v2_status
from punchingfist.surfaces.server.api import (
    alerts,
    audit,
    evidence,
    executions,
    incidents,
    tokens,
    whoami,
)
from punchingfist.surfaces.server.doors import Door, Doorway
from punchingfist.surfaces.server.errors import answer_errors
from punchingfist.surfaces.server.guard import Guard
from punchingfist.surfaces.server.health import HEALTH, METRICS
from punchingfist.surfaces.server.triggers import Triggers
from punchingfist.surfaces.server.webhooks import Webhooks

API = "/api/v1"
ALERTMANAGER_API = "/api/v2"


def build_app(app: App, *, door: Door) -> FastAPI:
    """
    Return the console, the API, the webhooks and the health of *app* behind *door*.

    Setting `state.stopping` ends every open stream.
    """
    server = FastAPI(
        title="Punching Fist",
        version=version("punchingfist"),
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        middleware=[*_entrance(app, door), Middleware(Guard, system=app)],
    )
    _prepare(server, app)
    for api in (incidents, alerts, executions, evidence, tokens, audit, whoami):
        server.include_router(api.ROUTER, prefix=API)
    for api in (v2_alerts, v2_silences, v2_status):
        server.include_router(api.ROUTER, prefix=ALERTMANAGER_API)
    server.router.routes += [
        HEALTH,
        METRICS,
        *page_routes(collect_pages()),
        Mount("/static", StaticFiles()),
    ]
    server.router.default = Triggers(app, otherwise=Webhooks(app, door))
    return server


def build_intake(app: App, *, door: Door) -> Starlette:
    """Return the webhooks and the health alone, for a listener others can reach."""
    server = Starlette(routes=[HEALTH], middleware=_entrance(app, door))
    server.router.redirect_slashes = False
    _prepare(server, app)
    server.router.default = Triggers(app, otherwise=Webhooks(app, door))
    return server


def _entrance(app: App, door: Door) -> list[Middleware]:
    return [Middleware(Doorway, door=door, ids=app.doorkeeper.office.ids)]


def _prepare(server: Starlette, app: App) -> None:
    server.state.app = app
    server.state.stopping = asyncio.Event()
    answer_errors(server)
