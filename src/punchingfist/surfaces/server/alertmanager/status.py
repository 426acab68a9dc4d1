"""`/api/v2/status` and `/api/v2/receivers`: what we are, told in Alertmanager's words."""

import platform
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from punchingfist.bootstrap.app import App
from punchingfist.domain.posted_alerts import GROUP_BY
from punchingfist.domain.posted_silences import render_time
from punchingfist.operations.activate import inhibit_rules
from punchingfist.surfaces.server.alertmanager.alerts import receiver_of
from punchingfist.surfaces.server.alertmanager.answers import AlertmanagerRoute
from punchingfist.surfaces.server.api.bodies import TheApp

ROUTER = APIRouter(route_class=AlertmanagerRoute, include_in_schema=False)


@ROUTER.get("/status")
async def get_status(app: TheApp) -> Response:
    return JSONResponse(
        {
            "cluster": {"peers": [], "status": "disabled"},
            "config": {"original": _config(app)},
            "uptime": render_time(app.started_at),
            "versionInfo": {
                "branch": "",
                "buildDate": "",
                "buildUser": "punchingfist",
                "goVersion": f"python{platform.python_version()}",
                "revision": "",
                "version": version("punchingfist"),
            },
        }
    )


@ROUTER.get("/receivers")
async def list_receivers(app: TheApp) -> Response:
    return JSONResponse([{"name": name} for name in _receivers(app)])


def _receivers(app: App) -> list[str]:
    sources = {hook.source.name for hook in app.hooks().values()}
    return sorted({receiver_of(app, source) for source in sources})


def _config(app: App) -> str:
    """Return what `alertmanager.yml` would say of us, so that `amtool config` can read it."""
    import yaml

    receivers = _receivers(app)
    rules: list[dict[str, Any]] = [
        {
            "source_matchers": [str(one) for one in rule.source],
            "target_matchers": [str(one) for one in rule.target],
            "equal": list(rule.equal),
        }
        for rule in inhibit_rules(app.resources())
    ]
    config: dict[str, Any] = {
        "route": {"receiver": receivers[0] if receivers else "nobody", "group_by": list(GROUP_BY)},
        "receivers": [{"name": name} for name in receivers or ["nobody"]],
        **({"inhibit_rules": rules} if rules else {}),
    }
    return yaml.safe_dump(config, sort_keys=False)
