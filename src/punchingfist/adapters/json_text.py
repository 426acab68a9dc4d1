"""JSON as our databases keep it."""

import json
import re
from collections.abc import Mapping, Sequence

from punchingfist.domain.storable import storable

# NUL, half characters and the numbers JSON has no words for; what only looks so costs a little time.
_REFUSED = re.compile(r"\\u0000|[\ud800-\udfff]|NaN|Infinity")


def encode_json(value: object) -> str:
    """Return *value* as compact JSON text; frozen mappings and tuples count as JSON."""
    return _ENCODER.encode(value)


def encode_storable_json(value: object) -> str:
    """Return *value* as `encode_json` does, but for what PostgreSQL refuses: see `storable`."""
    text = encode_json(value)
    is_refused = _REFUSED.search(text) is not None
    return encode_json(storable(json.loads(text))) if is_refused else text


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)
