"""Try a token and keep it."""

from typing import Any
from urllib.parse import urlsplit

import click

from punchingfist.bootstrap.here import Context, find_server, load_contexts
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.surfaces.cli.client import Client

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_LOCAL = "local"


def log_in(url: str | None, token: str, name: str | None) -> dict[str, Any]:
    """
    Return who *token* is at *url*, once both are kept under *name*.

    Raises:
        Unauthenticated: the server does not know the token.
        Unavailable: no server answers there.
    """
    place = _checked(url) if url else find_server(None)
    if place is None:
        raise Unavailable("no server runs here; give the URL of one", retryable=False)
    called = name or urlsplit(place).hostname or ""
    if called == _LOCAL or not called:
        raise InvalidInput(f"context name {called!r} means this machine; choose another --name")
    if not token:
        raise InvalidInput("there is no token; create one with `fist token create`")
    with Client(place, {"Authorization": f"Bearer {token}"}) as client:
        who = client.get("/api/v1/whoami")
    if urlsplit(place).scheme == "http" and urlsplit(place).hostname not in _HERE:
        click.echo("warning: over plain http the token can be read on its way", err=True)
    load_contexts().keep(Context(called, place, token))
    return {"context": called, "url": place, "name": who["name"], "role": who["role"]}


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput(
            f"{url!r} is not a URL; write it as https://HOST", field="url", value=url
        )
    return url.rstrip("/")
