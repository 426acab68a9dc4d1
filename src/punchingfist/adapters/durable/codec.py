"""The text durable records are kept as: JSON, in an envelope that tells errors from values."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from punchingfist.domain.json import Json, JsonObject
from punchingfist.errors import PunchingFistError
from punchingfist.ports.durable import StepError

_MESSAGE_LIMIT = 2000


def dump_value(value: Any) -> str:
    """
    Return *value* as text.

    Text from outside may hold anything, an object that looks like our own
    error mark included, so nothing inside *value* is ever read as a mark;
    non-ASCII is escaped because a lone surrogate would not survive the
    database.

    Raises:
        TypeError, ValueError: *value* is not JSON (NaN is not, either).
    """
    return json.dumps({"value": value}, default=_plain, allow_nan=False, separators=(",", ":"))


def dump_error(error: BaseException) -> str:
    """Return *error* as text; everything but a `StepError` becomes one."""
    failure = as_step_error(error)
    told = [failure.code, str(failure), failure.detail, failure.retryable]
    return json.dumps({"error": told}, default=_plain, separators=(",", ":"))


def load(text: str) -> Any:
    """Return what `dump_value` or `dump_error` was given; an error is returned, not raised."""
    envelope = json.loads(text)
    if "error" in envelope:
        code, message, detail, retryable = envelope["error"]
        return StepError(code, message, detail, retryable=retryable)
    return envelope["value"]


def as_recorded(value: Json) -> Any:
    """Return *value* as a replay will read it, so that live and replayed runs see the same."""
    return load(dump_value(value))


def as_step_error(error: BaseException) -> StepError:
    """Return *error* as the `StepError` a replay will raise."""
    message = str(error)[:_MESSAGE_LIMIT]
    if isinstance(error, StepError):
        detail: JsonObject = as_recorded(error.detail)
        return StepError(error.code, message, detail, retryable=error.retryable)
    retryable = isinstance(error, PunchingFistError) and getattr(error, "retryable", False)
    return StepError(type(error).__name__, message, retryable=bool(retryable))


def _plain(value: object) -> Json:
    """Return read-only mappings and sequences as what JSON knows; refuse all else."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
