"""Answers in Alertmanager's two shapes of error: a bare string, or a code with a message."""

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from punchingfist.domain.posted_alerts import AgainstSchema
from punchingfist.errors import InvalidInput, Malformed, PunchingFistError
from punchingfist.surfaces.server.errors import headers_of


class AlertmanagerRoute(APIRoute):
    """A route whose errors Alertmanager's clients understand."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except PunchingFistError as error:
                return answer_error(error)
            except RequestValidationError as error:
                return _coded(422, 601, "; ".join(str(one["msg"]) for one in error.errors()))

        return answer


def answer_error(error: PunchingFistError) -> Response:
    """Return *error* as Alertmanager would tell it."""
    if isinstance(error, AgainstSchema):
        return _coded(422, error.code, str(error))
    # A body that does not have its shape is refused by Alertmanager's decoder, not by itself.
    if isinstance(error, Malformed) or (isinstance(error, InvalidInput) and error.field):
        return _coded(400, 400, str(error), headers_of(error))
    status = 400 if isinstance(error, InvalidInput) and error.status == 422 else error.status
    return JSONResponse(str(error), status_code=status, headers=headers_of(error))


def silence_id(text: str) -> str:
    """
    Return *text*, which is a UUID.

    Raises:
        AgainstSchema: it is none.
    """
    try:
        return str(UUID(text))
    except ValueError:
        raise AgainstSchema(f'silenceID in path must be of type uuid: "{text}"', code=601) from None


def _coded(
    status: int, code: int, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=headers)
