"""Who sends a request: read from its headers and cookies, checked once, kept with it."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from punchingfist.domain.identity import Caller, How, Role, Whence
from punchingfist.errors import Unauthenticated
from punchingfist.operations.doorkeeper import Doorkeeper
from punchingfist.surfaces.cookies import find_session

_UNKNOWN: Final = (
    "who is asking is not known; send 'Authorization: Bearer TOKEN', or log in at /login"
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """
    How a request reached us.

    *local* means that only a person or a program on this machine can have
    sent it. *secure* means that it came over TLS.
    """

    whence: Whence
    local: bool
    secure: bool


def arrival_of(request: Request) -> Arrival:
    """Return how *request* reached us."""
    arrival: Arrival = request.state.arrival
    return arrival


def caller_of(request: Request) -> Caller:
    """Return who sends *request*, which was found out before anything else was done with it."""
    caller: Caller = request.state.caller
    return caller


def doorkeeper_of(request: Request) -> Doorkeeper:
    keeper: Doorkeeper = request.app.state.app.doorkeeper
    return keeper


async def identify(request: Request) -> Caller:
    """
    Find out who sends *request*.

    On this machine one needs no token to look and to respond; a session that
    is over makes one anybody again there, and nobody elsewhere.

    Raises:
        Unauthenticated: nobody we know, and not from this machine.
        Throttled: this address showed too many wrong secrets.
    """
    arrival, keeper = arrival_of(request), doorkeeper_of(request)
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated(f"{scheme!r} is no way to log in here; send a bearer token")
        return await keeper.by_token(secret.strip(), arrival.whence)
    session = find_session(request)
    if session:
        try:
            return await keeper.by_session(session, arrival.whence)
        except Unauthenticated:
            if not arrival.local:
                raise
    if arrival.local:
        return Caller("local", Role.RESPONDER, How.LOOPBACK, whence=arrival.whence)
    raise Unauthenticated(_UNKNOWN)
