"""JSON as every database takes it: no NUL, no half characters, no endless numbers or nesting."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from punchingfist.domain.alerts import Alert
from punchingfist.domain.json import Json, JsonObject
from punchingfist.errors import InvalidInput

_DEEPEST = 64
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LONGEST_GROUP_KEY = 512
"""PostgreSQL's indexes take 2704 bytes, of which a character may need four."""


def storable_text(text: str) -> str:
    """Return *text* with NUL and lone surrogates replaced by U+FFFD."""
    if text.isascii():
        return text.replace("\0", _REPLACEMENT) if "\0" in text else text
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", _REPLACEMENT)


def storable_key(key: str, *, longest: int) -> str:
    """Return *key*, its end replaced by a digest of the whole where it is longer than *longest*."""
    if len(key) <= longest:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: longest - len(digest) - 1]}#{digest}"


def storable_alert(alert: Alert) -> Alert:
    """Return *alert* as every database takes it; raises as `storable` does."""
    return replace(
        alert,
        name=storable_text(alert.name),
        labels=_storable_strings(alert.labels),
        annotations=_storable_strings(alert.annotations),
        fingerprint=storable_text(alert.fingerprint),
        group_key=storable_key(storable_text(alert.group_key), longest=_LONGEST_GROUP_KEY),
        generator_url=storable_text(alert.generator_url),
        payload=storable_object(alert.payload),
    )


def storable_object(value: JsonObject, *, depth: int = 0) -> JsonObject:
    """Return *value* as every database takes it; raises as `storable` does."""
    return {storable_text(str(name)): storable(one, depth=depth) for name, one in value.items()}


def storable(value: Json, *, depth: int = 0) -> Json:
    """
    Return *value* as every database takes it; infinities and NaN become their words.

    Raises:
        InvalidInput: it is nested deeper than 64 levels.
    """
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth == _DEEPEST:
        raise InvalidInput(f"JSON is nested deeper than {_DEEPEST} levels; send it flatter")
    if isinstance(value, Mapping):
        return storable_object(value, depth=depth + 1)
    if isinstance(value, Sequence):
        return [storable(one, depth=depth + 1) for one in value]
    raise InvalidInput(f"{type(value).__name__} is not JSON", value=value)


def _storable_strings(strings: Mapping[str, str]) -> Mapping[str, str]:
    return {storable_text(name): storable_text(value) for name, value in strings.items()}
