"""
Everything that goes wrong on purpose. Anything else is a bug: let it crash.

PunchingFistError            HTTP  exit
├── InvalidInput      422     2   the caller can fix it
│   ├── Malformed     400     2
│   ├── TooLarge      413     2
│   └── Unsupported   415     2
├── NotFound          404     4
├── Conflict          409     5   someone else got there first
├── Refused           403     6   policy said no
│   └── Unauthenticated  401  6   who is asking is not known
└── Unavailable       503    75   the world said no; `retryable` says whether to ask again
    ├── Throttled     429    75
    └── DeliveryFailed
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class PunchingFistError(Exception):
    """
    The root: one message for people, one status for HTTP, one exit code for shells.

    The message says what, which (quoted) and why, then what to do after a
    semicolon; no secrets and no full stop.
    """

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1


class InvalidInput(PunchingFistError):
    """
    The caller can fix it: *field* names what, *value* what stood there.

    *file* and *line* (1-based) say where, when the input was a file.
    """

    status = 422
    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        value: object = None,
        file: str | None = None,
        line: int | None = None,
    ) -> None:
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(place + message)
        self.field, self.value, self.file, self.line = field, value, file, line


class TooLarge(InvalidInput):
    """The body is larger than the source takes."""

    status = 413


class Malformed(InvalidInput):
    """The body cannot be read at all."""

    status = 400


class Unsupported(InvalidInput):
    """The body is encoded in a way we do not read."""

    status = 415


class NotFound(PunchingFistError):
    """There is no such thing."""

    status = 404
    exit_code = 4


class Conflict(PunchingFistError):
    """Someone else got there first."""

    status = 409
    exit_code = 5


class Refused(PunchingFistError):
    """Policy said no; asking again changes nothing."""

    status = 403
    exit_code = 6


class Unauthenticated(Refused):
    """Who is asking is not known; *challenge* tells a client how to say it."""

    status = 401

    def __init__(self, message: str, *, challenge: str = "Bearer") -> None:
        super().__init__(message)
        self.challenge = challenge


class Unavailable(PunchingFistError):
    """The world said no; *retryable* says whether asking again may help."""

    status = 503
    exit_code = 75

    def __init__(
        self, message: str, *, retryable: bool = True, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message)
        self.retryable, self.retry_after_seconds = retryable, retry_after_seconds


class Throttled(Unavailable):
    """Asked too often; *retry_after_seconds* says when to ask again."""

    status = 429


class DeliveryFailed(Unavailable):
    """
    A receiver did not take a message, or not all of it: *receipt* is for what it took.

    *unseen* tells that it may have taken the message and only its answer was lost.
    """

    def __init__(
        self,
        message: str,
        *,
        retryable: bool = True,
        retry_after_seconds: float | None = None,
        receipt: Mapping[str, Any] | None = None,
        unseen: bool = False,
    ) -> None:
        super().__init__(message, retryable=retryable, retry_after_seconds=retry_after_seconds)
        self.receipt, self.unseen = receipt, unseen
