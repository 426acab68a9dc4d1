"""A server of the lab: one ASGI application over TLS, beside whatever else the process does."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from punchingfist.errors import Unavailable

_PATIENCE_SECONDS = 10


class _QuietConfig(uvicorn.Config):
    """A configuration that leaves the process's loggers as they are."""

    def configure_logging(self) -> None:
        """Do nothing: another server in this process owns logging."""


class _QuietProtocol(H11Protocol):
    """HTTP without a warning for each `kubectl exec`, which the API itself refuses."""

    def _unsupported_upgrade_warning(self) -> None:
        pass


class _Server(uvicorn.Server):
    """A server that says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self.up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Break off what is under way: watches would hold the server for half an hour."""
        for connection in tuple(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        for task in tuple(self.server_state.tasks):
            task.cancel()
        await super().shutdown(sockets)


class Listener:
    """
    *app* behind TLS on a free loopback port, with a thread and an event loop of its own.

    It can be started once; after `stop` nothing listens on its port.
    """

    def __init__(self, app: ASGIApp, tls: Callable[[], ssl.SSLContext]) -> None:
        config = _QuietConfig(
            app,
            http=_QuietProtocol,
            ws="none",
            lifespan="off",
            proxy_headers=False,
            ssl_context_factory=lambda _config, _default: tls(),
        )
        self._server = _Server(config)
        # Named, so that asyncio turns Nagle's algorithm off: it costs 40 ms for each reply.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Listen, and return once requests are answered."""
        self._thread.start()
        if not self._server.up.wait(_PATIENCE_SECONDS):
            raise Unavailable(f"the server on port {self.port} did not start")

    def stop(self) -> None:
        """Stop, breaking off what is under way."""
        self._server.should_exit = True
        self._thread.join(_PATIENCE_SECONDS)

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))
