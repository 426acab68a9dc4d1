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
    429: Unavailable,
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
    found = find_client(place)
    if found is None:
        raise Unavailable(
            "no server runs here; start one with `fist serve`, or give --server URL",
            retryable=False,
        )
    return found


def find_client(place: Place, *, as_owner: bool = False) -> "Client | None":
    """
    Return a client of the server *place* means, None when none runs on this machine.

    That is `--server`, else `--data-dir`, else the current context, else the
    server on this machine. *as_owner* shows the latter the token that only
    who may read its data directory can know.
    """
    from punchingfist.bootstrap.here import find_record, load_contexts

    if place.server:
        known = load_contexts().find(url=place.server)
        return Client(place.server, _bearer(known.token if known else ""))
    context = None if place.data_dir else load_contexts().chosen()
    if context is not None:
        return Client(context.url, _bearer(context.token))
    record = find_record(Path(place.data_dir) if place.data_dir else None)
    if record is None:
        return None
    return Client(record.url, _bearer(record.token if as_owner else ""))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


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
