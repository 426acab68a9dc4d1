"""
A Prometheus that answers from a scenario's metrics.yaml, over its real HTTP API.

The newest point of each series stands at `now`. Unless frozen, time then moves on and so do
the series: a gauge keeps its last value, a counter climbs by its last rise at each interval, and
one that ended (its last token is `_` or `stale`) stays ended. So a demo that is looked at an
hour later still shows the failure it was written for.
"""

import hmac
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from punchingfist.adapters.system import SystemClock
from punchingfist.lab.promql.alerting import parse_rules
from punchingfist.lab.promql.errors import QueryError
from punchingfist.lab.promql.parameters import Parameters
from punchingfist.lab.promql.queries import QueryApi
from punchingfist.lab.promql.series import parse_interval, parse_series
from punchingfist.lab.promql.status import StatusApi
from punchingfist.lab.promql.wire import to_milliseconds
from punchingfist.ports.clock import Clock

Answer: TypeAlias = Callable[..., Any]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

_STOP_SECONDS: Final = 5


class LabPrometheus:
    """
    The ASGI application, and a server for it on an own thread.

    *metrics* is a parsed metrics.yaml. Start it as a context manager, or with `start` and `stop`;
    with *token*, every request must bring it as a bearer token.

    Raises:
        InvalidInput: *metrics* is not what metrics.yaml may hold.
    """

    def __init__(
        self,
        metrics: Mapping[str, object],
        now: datetime,
        *,
        frozen: bool = False,
        clock: Clock | None = None,
        token: str | None = None,
        alertmanagers: Sequence[str] = (),
    ) -> None:
        self._now = to_milliseconds(now)
        self._clock = None if frozen else clock or SystemClock()
        self._token = token
        index = parse_series(metrics, self._now)
        queries = QueryApi(index, self._present)
        status = StatusApi(
            index,
            parse_rules(metrics),
            interval=parse_interval(metrics),
            present=self._present,
            alertmanagers=alertmanagers,
        )
        self.app = Starlette(routes=self._routes(queries, status))
        self._server: uvicorn.Server | None = None
        self._thread: Thread | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """The base URL, once started."""
        if not self._url:
            raise RuntimeError("the lab's Prometheus is not running; start it first")
        return self._url

    def start(self) -> None:
        """Listen on a free loopback port; requests are answered from the return on."""
        # asyncio turns Nagle's delay off only where the protocol is named.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        self._url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            self.app, log_config=None, access_log=False, lifespan="off", ws="none",
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = Thread(
            target=self._server.run, args=([listener],), name="lab-prometheus", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and wait until the thread has ended."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)
        self._server, self._thread, self._url = None, None, ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _present(self) -> int:
        if self._clock is None:
            return self._now
        return max(self._now, to_milliseconds(self._clock.now()))

    def _routes(self, queries: QueryApi, status: StatusApi) -> list[Route]:
        api = "/api/v1"
        posted: dict[str, Answer] = {
            f"{api}/query": queries.query,
            f"{api}/query_range": queries.query_range,
            f"{api}/series": queries.series,
            f"{api}/labels": queries.labels,
        }
        read: dict[str, Answer] = {
            f"{api}/label/{{name}}/values": queries.label_values,
            f"{api}/alerts": status.alerts,
            f"{api}/rules": status.rules,
            f"{api}/targets": status.targets,
            f"{api}/metadata": status.metadata,
            f"{api}/status/buildinfo": status.build_info,
            f"{api}/alertmanagers": status.alertmanagers,
        }
        return [
            *(
                Route(path, self._json(answer), methods=["GET", "POST"])
                for path, answer in posted.items()
            ),
            *(Route(path, self._json(answer)) for path, answer in read.items()),
            Route("/-/ready", self._text("Prometheus Server is Ready.\n")),
            Route("/-/healthy", self._text("Prometheus Server is Healthy.\n")),
        ]

    def _json(self, answer: Answer) -> Endpoint:
        """Wrap *answer* in the envelope of the API; evaluation runs beside the event loop."""

        async def respond(request: Request) -> Response:
            form = (await request.body()).decode(errors="replace")
            parameters = Parameters.parse(request.url.query, form)
            try:
                found = await run_in_threadpool(answer, parameters, **request.path_params)
            except QueryError as error:
                return _failure(error)
            return JSONResponse({"status": "success", "data": found})

        return self._guarded(respond)

    def _text(self, text: str) -> Endpoint:
        async def respond(request: Request) -> Response:
            return PlainTextResponse(text)

        return self._guarded(respond)

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        token = self._token
        if token is None:
            return endpoint
        expected = f"Bearer {token}".encode()

        async def respond(request: Request) -> Response:
            given = request.headers.get("authorization", "").encode()
            if hmac.compare_digest(given, expected):
                return await endpoint(request)
            return PlainTextResponse(
                "Unauthorized\n", status_code=401, headers={"WWW-Authenticate": "Bearer"}
            )

        return respond


def _failure(error: QueryError) -> JSONResponse:
    envelope = {"status": "error", "errorType": error.error_type, "error": str(error)}
    return JSONResponse(envelope, status_code=error.status)
