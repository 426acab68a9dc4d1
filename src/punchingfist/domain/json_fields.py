"""Reading the fields of a JSON document; each refusal names the field."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from punchingfist.domain.json import Json, JsonObject
from punchingfist.errors import InvalidInput

_LONGEST_SHOWN = 80
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS_PER_SECOND = (1, 10**3, 10**6, 10**9)
_LATEST_SECONDS = 10**11
"""In the year 5138: a larger number counts something smaller than seconds."""


def object_of(value: Any, field: str) -> JsonObject:
    """Return *value*, which is an object."""
    if not isinstance(value, Mapping):
        raise wrong(field, value, "an object")
    return value


def list_of(value: Any, field: str, what: str = "a list") -> Sequence[Json]:
    """Return *value*, which is a list."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise wrong(field, value, what)
    return value


def text_at(raw: JsonObject, name: str, place: str = "", *, default: str = "") -> str:
    """Return the text at *name*, or *default* where it is absent or null."""
    value = raw.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise wrong(field_at(place, name), value, "a string")
    return value


def word_at(raw: JsonObject, name: str, place: str = "") -> str:
    """Return the text or number at *name* as text; empty where it is absent or null."""
    value = raw.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return text_at(raw, name, place)


def needed_text_at(raw: JsonObject, name: str, place: str = "") -> str:
    """Return the text or number at *name*, which must be there and not empty."""
    text = word_at(raw, name, place)
    if not text:
        raise wrong(field_at(place, name), raw.get(name), "there; it is needed")
    return text


def object_at(raw: JsonObject, name: str, place: str = "") -> JsonObject:
    """Return the object at *name*, empty where it is absent or null."""
    value = raw.get(name)
    return {} if value is None else object_of(value, field_at(place, name))


def strings_at(raw: JsonObject, name: str, place: str = "") -> dict[str, str]:
    """Return the object of strings at *name*, empty where it is absent."""
    field = field_at(place, name)
    strings: dict[str, str] = {}
    for key, value in object_of(raw.get(name) or {}, field).items():
        if not isinstance(value, str):
            raise wrong(f"{field}.{key}", value, "a string")
        strings[key] = value
    return strings


def time_at(raw: JsonObject, name: str, place: str = "") -> datetime | None:
    """Return the time at *name*, None where it is absent, empty or Go's zero time."""
    value = raw.get(name)
    return None if value is None else time_of(value, field_at(place, name))


def time_of(value: Any, field: str) -> datetime | None:
    """
    Return the time *value* is, None where it is empty or Go's zero time.

    A number counts seconds since 1970, or thousandths, millionths or
    billionths of them, whichever gives a year of our age.
    """
    if value == "":
        return None
    try:
        if isinstance(value, str) and not value.isdecimal():
            return _from_text(value)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return _from_number(float(value))
    except (ValueError, OverflowError):
        pass
    raise wrong(field, value, "a time with its zone, like '2024-05-01T12:00:00Z'")


def _from_text(text: str) -> datetime | None:
    if text.startswith("0001-01-01T00:00:00"):
        return None
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("no zone")
    return time.astimezone(UTC)


def _from_number(number: float) -> datetime:
    seconds = next(
        (number / unit for unit in _UNITS_PER_SECOND if abs(number / unit) < _LATEST_SECONDS),
        number,
    )
    return _EPOCH + timedelta(seconds=seconds)


def field_at(place: str, name: str) -> str:
    """Write the field *name* of what stands at *place*."""
    return f"{place}.{name}" if place else name


def wrong(field: str, value: object, wanted: str) -> InvalidInput:
    """Return the refusal of *value* at *field*."""
    shown = repr(value)
    shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"
    return InvalidInput(f"{field}: {shown} is not {wanted}", field=field, value=value)
