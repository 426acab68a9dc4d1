"""Reading a JSON body of any size without holding up everybody else."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

from starlette.requests import Request

from punchingfist.errors import Malformed, TooLarge, Unavailable, Unsupported

_SMALL_BYTES = 64 * 1024
_FINISH_SECONDS = 1.0
_BODY_SECONDS = 30.0
_BLANK = re.compile(r"[ \t\n\r]*")

T = TypeVar("T")


async def read_json(request: Request, *, limit_bytes: int, then: Callable[[Any], T]) -> T:
    """
    Return what *then* makes of the request's JSON.

    Raises:
        TooLarge: more than *limit_bytes*; what is too much is not kept.
        Unsupported: the body is compressed.
        Malformed: it is no JSON; says where.
    """
    return await with_json(await read_body(request, limit_bytes=limit_bytes), then=then)


async def with_json(body: bytes, *, then: Callable[[Any], T]) -> T:
    """
    Return what *then* makes of the JSON in *body*.

    A large body is parsed in a thread, and there a piece at a time, so that
    other requests are answered meanwhile.

    Raises:
        Malformed: it is no JSON; says where.
    """
    if len(body) <= _SMALL_BYTES:
        return then(parse_json(body))
    return await asyncio.to_thread(lambda: then(parse_json(body)))


async def read_body(request: Request, *, limit_bytes: int) -> bytes:
    """
    Return the body as it came, for a signature to be checked on.

    Raises:
        TooLarge: more than *limit_bytes*; what is too much is not kept.
        Unsupported: the body is compressed.
        Unavailable: it did not come in time; whoever holds a connection holds up others.
    """
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise Unsupported(f"body is encoded as {encoding!r}; send it as it is")
    too_large = TooLarge(
        f"body is larger than {limit_bytes} bytes; send fewer alerts at once or raise maxBodyBytes"
    )
    if int(request.headers.get("content-length", "0")) > limit_bytes:
        await _let_finish(request)
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > limit_bytes:
                    body.clear()
                    await _let_finish(request)
                    raise too_large
    except TimeoutError:
        # Not a 4xx: what an Alertmanager is refused with one, it drops.
        raise Unavailable(
            f"body did not come within {_BODY_SECONDS:g} s; send it again", retry_after_seconds=5
        ) from None
    return bytes(body)


async def _let_finish(request: Request) -> None:
    """
    Throw away what still comes, for a moment.

    A sender who is writing when the connection closes sees it break, not our
    answer, and tries again. One who waits to be invited is not.
    """
    if "expect" in request.headers:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(_FINISH_SECONDS):
            async for _ in request.stream():
                pass


def parse_json(body: bytes) -> Any:
    """
    Return *body* as JSON; the members of an object and of its lists are parsed one by one.

    Raises:
        Malformed: names the member, the line and the column.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"body is not UTF-8 at byte {error.start}; send JSON in UTF-8") from error
    return _Pieces(text).whole()


class _Pieces:
    """A cursor over JSON text; one `raw_decode` for each piece."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._place = text, 0, ""
        self._decoder = json.JSONDecoder(parse_constant=_no_constant)

    def whole(self) -> Any:
        try:
            value = dict(self._members()) if self._next() == "{" else self._value()
            if self._next():
                self._expected("the end")
        except json.JSONDecodeError as error:
            self._wrong(error.msg, error.pos, error)
        except (ValueError, RecursionError) as error:
            self._wrong(str(error), self._at, error)
        return value

    def _members(self) -> Iterator[tuple[str, Any]]:
        for _ in self._listed("{", "}"):
            if self._next() != '"':
                self._expected("a name in double quotes")
            name = self._value()
            if self._next() != ":":
                self._expected("':'")
            self._at += 1
            self._place = name
            yield name, self._elements() if self._next() == "[" else self._value()
            self._place = ""

    def _elements(self) -> list[Any]:
        name, elements = self._place, []
        for number in self._listed("[", "]"):
            self._place = f"{name}[{number}]"
            elements.append(self._value())
            self._place = name
        return elements

    def _listed(self, opening: str, closing: str) -> Iterator[int]:
        """Step over what stands between and around the pieces; the caller takes each piece."""
        assert self._text[self._at] == opening
        self._at += 1
        number = 0
        if self._next() == closing:
            self._at += 1
            return
        while True:
            yield number
            number += 1
            following = self._next()
            if following not in {",", closing} or not following:
                self._expected(f"',' or {closing!r}")
            self._at += 1
            if following == closing:
                return

    def _next(self) -> str:
        """Return the next character that says something; empty at the end."""
        blank = _BLANK.match(self._text, self._at)
        assert blank
        self._at = blank.end()
        return self._text[self._at : self._at + 1]

    def _value(self) -> Any:
        self._next()
        value, self._at = self._decoder.raw_decode(self._text, self._at)
        return value

    def _expected(self, what: str) -> NoReturn:
        raise json.JSONDecodeError(f"expected {what}", self._text, self._at)

    def _wrong(self, why: str, position: int, cause: Exception) -> NoReturn:
        line = self._text.count("\n", 0, position) + 1
        column = position - self._text.rfind("\n", 0, position)
        place = f"{self._place}: " if self._place else ""
        raise Malformed(
            f"{place}body is no JSON at line {line}, column {column}: {why}",
            field=self._place or None,
        ) from cause


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
