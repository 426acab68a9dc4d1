"""The one place an error becomes a status."""

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from punchingfist.errors import InvalidInput, PunchingFistError, Unauthenticated, Unavailable
from punchingfist.surfaces.console.page import render_error

_RETRY_AFTER_SECONDS = 5.0


def answer_errors(app: Starlette) -> None:
    """Have *app* answer every error through this module."""
    app.add_exception_handler(PunchingFistError, _answer_ours)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(Exception, _answer_bug)


def problem(request: Request, error: PunchingFistError) -> Response:
    """Return the response that tells *error*."""
    more: dict[str, Any] = {}
    if isinstance(error, InvalidInput) and error.field:
        more["field"] = error.field
    return _respond(request, error.status, str(error), headers=headers_of(error), more=more)


def headers_of(error: PunchingFistError) -> dict[str, str]:
    """Return the headers that go with *error*."""
    if isinstance(error, Unauthenticated):
        return {"www-authenticate": error.challenge}
    if isinstance(error, Unavailable):
        return {"retry-after": str(ceil(error.retry_after_seconds or _RETRY_AFTER_SECONDS))}
    if error.status in {400, 413, 415}:
        # The body may be unread: what follows on this connection would not be a request.
        return {"connection": "close"}
    return {}


async def _answer_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, PunchingFistError)
    return problem(request, error)


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == 404:
        detail = f"there is nothing at {request.url.path!r}"
    elif error.status_code == 405:
        detail = f"{request.method} is not possible at {request.url.path!r}"
    return _respond(request, error.status_code, detail, headers=error.headers or {})


async def _answer_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [
        {"field": ".".join(map(str, one["loc"][1:])), "why": one["msg"]} for one in error.errors()
    ]
    detail = "; ".join(f"{one['field']}: {one['why']}" for one in wrong)
    return _respond(request, 422, detail, more={"fields": wrong})


async def _answer_bug(request: Request, error: Exception) -> Response:
    return _respond(request, 500, "this is a bug of ours; the server's log has the details")


def _respond(
    request: Request,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    title = HTTPStatus(status).phrase
    if "text/html" in request.headers.get("accept", ""):
        return render_error(request, status, title, detail, headers=headers)
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(
        {**body, **(more or {})},
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )
