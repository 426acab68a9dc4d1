"""
Trouble on demand: what tests arrange to see how a client copes.

A fault matches requests by method and by a glob over the path (`*` crosses
slashes). It waits, then refuses, cuts the answer off, or lets it through.
"""

import asyncio
from collections import deque
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from starlette.types import Message, Send

from punchingfist.lab.kubernetes.statuses import ApiError

_REMEMBERED_REQUESTS = 5000


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One request as it arrived."""

    method: str
    path: str
    query: MutableMapping[str, str]
    user_agent: str = ""


@dataclass(slots=True)
class Fault:
    """
    One kind of trouble, met *times* times (None: until `Faults.clear`).

    *status* answers with that code, *delay_seconds* waits first, and
    *cut_after_bytes* breaks the connection off in the middle of the body.
    """

    path: str = "*"
    method: str = "*"
    status: int | None = None
    reason: str = "ServiceUnavailable"
    message: str = "the server is currently unable to handle the request"
    delay_seconds: float = 0
    cut_after_bytes: int | None = None
    times: int | None = None

    def takes(self, request: SeenRequest) -> bool:
        """Tell whether this request meets the fault, and count it if so."""
        if self.times == 0 or not fnmatchcase(request.path, self.path):
            return False
        if self.method not in ("*", request.method):
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class Faults:
    """The faults in force and the requests seen; shared with the test that set them."""

    requests: deque[SeenRequest] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_REQUESTS))
    _faults: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Put *fault* in force."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Lift every fault."""
        self._faults.clear()

    async def meet(self, request: SeenRequest, send: Send) -> Send:
        """
        Note *request*, suffer the first fault that takes it, return how to answer.

        Raises:
            ApiError: the fault refuses the request.
        """
        self.requests.append(request)
        fault = next((fault for fault in self._faults if fault.takes(request)), None)
        if fault is None:
            return send
        if fault.delay_seconds:
            await asyncio.sleep(fault.delay_seconds)
        if fault.status is not None:
            raise ApiError(fault.status, fault.reason, fault.message)
        return send if fault.cut_after_bytes is None else _cutting(send, fault.cut_after_bytes)


def _cutting(send: Send, limit: int) -> Send:
    left = limit

    async def cut(message: Message) -> None:
        nonlocal left
        body: Any = message.get("body", b"")
        if message["type"] == "http.response.body" and len(body) >= left:
            await send({**message, "body": body[:left], "more_body": True})
            raise ConnectionAbortedError(f"cut after {limit} bytes, as arranged")
        left -= len(body)
        await send(message)

    return cut
