"""Run the server in the foreground and say what to do next."""

import asyncio
import shlex
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import click

from punchingfist.bootstrap.app import App, open_app
from punchingfist.bootstrap.edges import find_kubectl, log_to_stderr, prometheus_endpoint
from punchingfist.bootstrap.options import Options
from punchingfist.errors import InvalidInput
from punchingfist.operations.authentication.tokens import Bearer
from punchingfist.settings import Settings
from punchingfist.surfaces.server.networks import parse_networks
from punchingfist.surfaces.server.running import Access, Running, serving

_SPEAKERS = frozenset({"slack"})
"""Sink types whose messages people read elsewhere, where a loopback link leads nowhere."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `fist serve` was asked for."""

    resources: Path | None
    data_dir: Path | None
    listen: str
    intake_listen: str | None
    alertmanager: str | None
    context: str | None
    kubeconfig: str | None
    prometheus_url: str | None
    external_url: str
    database_url: str | None = field(repr=False)
    require_token: bool
    trusted_proxies: tuple[str, ...]


def serve(wanted: Wanted) -> None:
    """Serve until a signal asks to stop."""
    settings = Settings.from_environment()
    log_to_stderr(settings)
    options = Options(
        data_dir=wanted.data_dir or settings.state_dir,
        resources=wanted.resources,
        kubeconfig=wanted.kubeconfig,
        context=wanted.context,
        prometheus=prometheus_endpoint(settings, wanted.prometheus_url),
        kubectl=find_kubectl(),
        alertmanager=_checked_url("--alertmanager", wanted.alertmanager),
        external_url=_checked_url("--external-url", wanted.external_url) or "",
        database_url=wanted.database_url or settings.database_url,
    )
    asyncio.run(_serve(wanted, options, settings))


async def _serve(wanted: Wanted, options: Options, settings: Settings) -> None:
    async with (
        open_app(options, settings) as app,
        serving(
            app,
            listen=wanted.listen,
            intake_listen=wanted.intake_listen,
            access=_access(wanted),
        ) as running,
    ):
        app.announce(running.url)
        click.echo(_welcome(app, running, options), err=True)
        async for warning in _warnings(app, running):
            click.echo(f"warning: {warning}", err=True)
        await running.wait()


def _access(wanted: Wanted) -> Access:
    remedy = "fist token create --role admin NAME"
    if wanted.data_dir:
        remedy += f" --data-dir {shlex.quote(str(wanted.data_dir))}"
    return Access(
        anonymous=not wanted.require_token,
        trusted_proxies=parse_networks(wanted.trusted_proxies),
        remedy=remedy,
    )


def _welcome(app: App, running: Running, options: Options) -> str:
    lines = [
        f"console     {running.url}",
        f"log in      {app.external_url or running.url}/login?token={app.doorkeeper.link}",
        "            as administrator; works once",
        f"cluster     context {app.context}, read-only",
        f"prometheus  {options.prometheus.url if options.prometheus else _NO_PROMETHEUS}",
        f"data        {options.data_dir}",
    ]
    if running.intake_url:
        lines.append(f"webhooks    {running.intake_url}")
    if options.alertmanager:
        lines.append(f"polling     {options.alertmanager}, nothing to change there")
    elif receivers := _receivers(app, running.intake_url or running.url):
        lines += ["", "Add this to alertmanager.yml:", "", "receivers:", *receivers]
    others = [hook for hook in app.hooks().values() if hook.format != "alertmanager"]
    url = running.intake_url or running.url
    lines += [f"{hook.format:<11} posts to {url}{hook.path}" for hook in others]
    return "\n".join(lines)


async def _warnings(app: App, running: Running) -> AsyncIterator[str]:
    """Yield what a person should know before the first alert comes in."""
    if not app.external_url and _speaks_elsewhere(app):
        yield "messages will carry no links; give --external-url"
    served = [hook.authenticator.serves_strangers for hook in app.hooks().values()]
    if running.intake_url and not any(served):
        yield f"no source has authentication, so {running.intake_url} takes nothing"
    for part, state in (await app.health()).parts.items():
        if part != "database" and not state.startswith(("ok", "not configured")):
            yield f"{part}: {state}"


_NO_PROMETHEUS = "none; set PROMETHEUS_URL to let investigations read metrics"


def _speaks_elsewhere(app: App) -> bool:
    return any(sink.spec.type in _SPEAKERS for sink in app.resources().sinks.values())


def _receivers(app: App, url: str) -> list[str]:
    lines: list[str] = []
    for hook in app.hooks().values():
        if hook.format != "alertmanager":
            continue
        lines += [
            f"- name: punchingfist-{hook.source.name}",
            "  webhook_configs:",
            f"  - url: {url}{hook.path}",
            "    send_resolved: true",
        ]
        if isinstance(hook.authenticator, Bearer):
            lines += [
                "    http_config:",
                "      authorization:",
                "        credentials_file: /etc/alertmanager/punchingfist-token",
            ]
    return lines


def _checked_url(option: str, value: str | None) -> str | None:
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput(
            f"{option} {value!r} is not a URL; write it as http://HOST:PORT",
            field=option,
            value=value,
        )
    return value.rstrip("/")
