"""Talk to the server a command is meant for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import click

from punchingfist.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    PunchingFistError,
    Refused,
    Unauthenticated,
    Unavailable,
)

_TIMEOUT_SECONDS = 30
_ERRORS: Mapping[int, type[PunchingFistError]] = {
    401: Unauthenticated,
    403: Refused,
    404: NotFound,
    409: Conflict,
}

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server is said to be: a URL, or the data directory of one on this machine."""

    server: str | None
    data_dir: str | None


def server_options(command: F) -> F:
    """Add `--server` and `--data-dir` to *command*, which gets them as one `place`."""

    def placed(*args: Any, server: str | None, data_dir: str | None, **kwargs: Any) -> Any:
        return command(*args, place=Place(server, data_dir), **kwargs)

    wrapped = cast("F", update_wrapper(placed, command))
    with_directory = click.option(
        "--data-dir",
        type=click.Path(file_okay=False),
        help="Find the server that runs on this data directory.",
    )(wrapped)
    return click.option("--server", metavar="URL", help="The server's address.")(with_directory)


def connect(place: Place) -> "Client":
    """
    Return a client of the server *place* means; close it, or use it as a context manager.

    Raises:
        Unavailable: no server runs there.
    """
    return Client(place.server or _find_here(place.data_dir))


def _find_here(data_dir: str | None) -> str:
    from punchingfist.bootstrap.here import find_server

    url = find_server(Path(data_dir) if data_dir else None)
    if url is None:
        raise Unavailable(
            "no server runs here; start one with `fist serve`, or give --server URL",
            retryable=False,
        )
    return url


class Client:
    """JSON over HTTP; what the server refuses is the error it meant."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        import httpx2

        self.url = url.rstrip("/")
        self._http = httpx2.Client(
            base_url=self.url, timeout=_TIMEOUT_SECONDS, headers=dict(headers or {})
        )

    def get(self, path: str, **params: str | int) -> Any:
        """Return what stands at *path*."""
        return self._send("GET", path, params={k: str(v) for k, v in params.items()})

    def post(self, path: str, body: Any = None) -> Any:
        """Send *body* to *path* and return the answer."""
        return self._send("POST", path, json=body)

    def delete(self, path: str) -> Any:
        """Take away what stands at *path*."""
        return self._send("DELETE", path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def _send(self, method: str, path: str, **request: Any) -> Any:
        import httpx2

        try:
            reply = self._http.request(method, path, **request)
        except httpx2.TransportError as trouble:
            raise Unavailable(f"server {self.url}: {trouble}") from None
        if reply.is_success:
            return reply.json() if reply.content else None
        told = _told(reply)
        if reply.status_code >= 500:
            raise Unavailable(f"server {self.url}: {told}")
        raise _ERRORS.get(reply.status_code, InvalidInput)(told)


def _told(reply: Any) -> str:
    """Return the server's own sentence."""
    try:
        body = reply.json()
    except ValueError:
        return f"HTTP {reply.status_code}"
    detail = body.get("detail") if isinstance(body, dict) else body
    return str(detail or f"HTTP {reply.status_code}")
