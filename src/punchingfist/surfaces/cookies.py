"""The cookies of the console."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from punchingfist.operations.doorkeeper import SESSION_LIFETIME

_SESSION: Final = "fist_session"
_FORM: Final = "fist_form"


def find_session(request: Request) -> str | None:
    """Return the session secret the browser sends, if any."""
    return request.cookies.get(_named(_SESSION, request))


def find_form_key(request: Request) -> str | None:
    """Return what the forms of a browser without a session are signed with, if any."""
    return request.cookies.get(_named(_FORM, request))


def give_session(response: Response, request: Request, secret: str) -> None:
    """Have the browser keep the session *secret*, out of reach of scripts and other sites."""
    _give(response, request, _SESSION, secret, max_age=int(SESSION_LIFETIME.total_seconds()))


def take_session(response: Response, request: Request) -> None:
    """Have the browser forget its session."""
    _give(response, request, _SESSION, "", max_age=0)


def give_form_key(response: Response, request: Request, key: str) -> None:
    """Have the browser keep *key* until it closes."""
    _give(response, request, _FORM, key, max_age=None)


def _give(
    response: Response, request: Request, name: str, value: str, *, max_age: int | None
) -> None:
    response.set_cookie(
        _named(name, request),
        value,
        max_age=max_age,
        httponly=True,
        samesite="strict",
        secure=request.state.arrival.secure,
    )


def _named(name: str, request: Request) -> str:
    """Browsers keep cookies by host alone; two servers on one machine differ by port."""
    return f"{name}_{request.url.port}" if request.url.port else name
