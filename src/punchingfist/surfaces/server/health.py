"""Whether we can do our job, and what we count."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from punchingfist.bootstrap.app import App


async def healthz(request: Request) -> Response:
    """Answer 200 when every part works, else 503; both say how each part is."""
    app: App = request.app.state.app
    health = await app.health()
    body = {"status": "ok" if health.ok else "failing", "parts": dict(health.parts)}
    return JSONResponse(body, status_code=200 if health.ok else 503)


async def metrics(request: Request) -> Response:
    app: App = request.app.state.app
    text, content_type = app.telemetry.render()
    return Response(text, media_type=content_type)


HEALTH = Route("/healthz", healthz)
METRICS = Route("/metrics", metrics)
