"""Forms that only our own pages can send."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from punchingfist.errors import InvalidInput, Refused, TooLarge, Unsupported
from punchingfist.surfaces.callers import doorkeeper_of
from punchingfist.surfaces.cookies import find_form_key, find_session, give_form_key

FIELD: Final = "csrf"
_LIMIT_BYTES = 64 * 1024
_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100


def form_token(request: Request) -> str:
    """
    Return what a form must send back in its field `csrf`.

    It follows from a cookie that other sites can neither read nor guess: the
    session, or a key made for browsers that have none.
    """
    key = find_session(request) or find_form_key(request) or getattr(request.state, "form_key", "")
    if not key:
        key = request.state.form_key = doorkeeper_of(request).office.new_secrets.new()
    return _sign(key)


def keep_form_key(request: Request, response: Response) -> None:
    """Have the browser keep the key `form_token` made, if it made one."""
    key = getattr(request.state, "form_key", "")
    if key:
        give_form_key(response, request, key)


async def read_form(request: Request) -> Mapping[str, str]:
    """
    Return the fields of a form of ours.

    Raises:
        Refused: the form is not from this browser, or from before it logged in.
        InvalidInput: it cannot be read.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise Unsupported(f"a form is sent as {_TYPE}")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LIMIT_BYTES:
            raise TooLarge(f"form is larger than {_LIMIT_BYTES} bytes")
    try:
        fields = dict(parse_qsl(body.decode(), max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise InvalidInput(f"form cannot be read: {error}") from error
    key = find_session(request) or find_form_key(request) or ""
    if not key or not hmac.compare_digest(fields.pop(FIELD, "").encode(), _sign(key).encode()):
        raise Refused("this form is from another page or an earlier login; reload it and try again")
    return fields


def _sign(key: str) -> str:
    return hmac.new(key.encode(), b"punchingfist form", hashlib.sha256).hexdigest()
