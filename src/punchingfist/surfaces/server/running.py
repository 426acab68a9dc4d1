"""Serving an application until somebody asks to stop."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from punchingfist.errors import InvalidInput, Refused, Unavailable

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette

    from punchingfist.bootstrap.app import App
    from punchingfist.surfaces.server.networks import Network

_GRACE_SECONDS = 5
_KEEP_ALIVE_SECONDS = 75  # longer than an Alertmanager keeps an idle connection to use again
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: *url* is the console's and the API's, *intake_url* the other's."""

    url: str
    intake_url: str | None
    _tasks: tuple[asyncio.Task[None], ...]

    async def wait(self) -> None:
        """Return when a signal asks to stop; a second one has its usual effect."""
        asked = asyncio.Event()
        with _on_signals(asked):
            waiting = asyncio.ensure_future(asked.wait())
            try:
                await asyncio.wait({waiting, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()
        for task in self._tasks:
            if task.done():
                task.result()


@dataclass(frozen=True, slots=True)
class Access:
    """
    Who gets in how.

    *anonymous* people on this machine may look and respond while nobody else
    can reach the console. *trusted_proxies* are believed about their callers.
    *remedy* is the command that makes the first token.
    """

    anonymous: bool = True
    trusted_proxies: "tuple[Network, ...]" = ()
    remedy: str = "fist token create --role admin NAME"


@asynccontextmanager
async def serving(
    app: "App", *, listen: str, intake_listen: str | None = None, access: Access | None = None
) -> AsyncIterator[Running]:
    """
    Serve *app* on *listen*, and its intake alone on *intake_listen*, until the block ends.

    Open streams end with the block; requests under way get a moment to finish.

    Raises:
        InvalidInput: an address is not understood.
        Refused: others could reach the console, and there is no token to know them by.
        Unavailable: an address cannot be had; says which and what to do.
    """
    access = access or Access()
    # The web framework costs a third of a second, which `--list` and an error need not pay.
    from punchingfist.surfaces.server.app import build_app, build_intake
    from punchingfist.surfaces.server.doors import Door

    with _bound(listen, "--listen") as console, _bound(intake_listen, "--intake-listen") as intake:
        assert console is not None
        await _refuse_strangers(app, console, access)
        door = Door(
            loopback=_is_loopback(console),
            external_url=app.external_url,
            anonymous=access.anonymous,
            trusted_proxies=access.trusted_proxies,
        )
        applications: list[tuple[Starlette, socket.socket]] = [(build_app(app, door=door), console)]
        if intake is not None:
            door = Door(
                loopback=_is_loopback(intake),
                any_host=True,
                trusted_proxies=access.trusted_proxies,
            )
            applications.append((build_intake(app, door=door), intake))
        servers = [(_server(application), bound) for application, bound in applications]
        tasks = tuple(
            asyncio.create_task(server.serve(sockets=[bound]), name=f"serve {_url(bound)}")
            for server, bound in servers
        )
        try:
            yield Running(_url(console), _url(intake) if intake else None, tasks)
        finally:
            for application, _ in applications:
                application.state.stopping.set()
            for server, _ in servers:
                server.should_exit = True
            await asyncio.gather(*tasks)


def _server(application: Any) -> "uvicorn.Server":
    import uvicorn

    class Server(uvicorn.Server):
        """One that leaves signals to us: the original raises them again when it returns."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        application,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return Server(config)


@contextmanager
def _bound(listen: str | None, flag: str) -> Iterator[socket.socket | None]:
    """Take the address before anything is served on any: a port in use stops all of it."""
    if listen is None:
        yield None
        return
    host, port = parse_address(listen, flag)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Unavailable(
            f"{flag} {listen!r}: {error.strerror or error}; "
            f"stop what listens on port {port} or choose another with {flag}",
            retryable=False,
        ) from error
    with bound:
        yield bound


def parse_address(text: str, flag: str) -> tuple[str, int]:
    """Return host and port of `127.0.0.1:8080`, `localhost:0` or `[::1]:8080`."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    host = "127.0.0.1" if host == "localhost" else host
    with suppress(ValueError):
        if colon and port.isdecimal() and int(port) < 2**16:
            return str(ip_address(host)), int(port)
    raise InvalidInput(
        f"{flag} {text!r} is no address; write an IP address and a port, such as 127.0.0.1:8080",
        field=flag,
        value=text,
    )


async def _refuse_strangers(app: "App", bound: socket.socket, access: Access) -> None:
    if not _is_loopback(bound) and not await app.doorkeeper.has_admin():
        host = bound.getsockname()[0]
        raise Refused(
            f"--listen {host!r}: others can reach this address, and there is no admin token to "
            f"know anybody by; make one first: {access.remedy}; or listen on 127.0.0.1 and open "
            "alerts alone with --intake-listen"
        )


def _is_loopback(bound: socket.socket) -> bool:
    return ip_address(bound.getsockname()[0]).is_loopback


def _url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _on_signals(asked: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)
        asked.set()

    with suppress(NotImplementedError):  # Windows, where Ctrl-C raises KeyboardInterrupt
        for number in _STOP_SIGNALS:
            loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            for number in _STOP_SIGNALS:
                loop.remove_signal_handler(number)
