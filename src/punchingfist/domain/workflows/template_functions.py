"""What a template can do with values."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from punchingfist.errors import InvalidInput

_FALSE_TEXTS = frozenset({"", "false", "0", "null"})
_WIDEST_INDENT = 80


def is_truthy(text: str) -> bool:
    """Tell whether a rendered condition holds: empty, `false`, `0` and `null` do not."""
    return text.strip().lower() not in _FALSE_TEXTS


def is_true(value: Any) -> bool:
    """Tell whether a value counts as true, judging a text by what it says."""
    return is_truthy(value) if isinstance(value, str) else bool(value)


def as_text(value: Any) -> str:
    """Write a value as it appears in text: nothing for null, JSON for lists and maps."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat()
        case Mapping() | list() | tuple():
            return to_json(value)
        case _:
            return str(value)


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return as_text(value)


def _is_equal(left: Any, right: Any) -> bool:
    # Python's True == 1 would make `eq .count true` hold for a count of one.
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return bool(left == right)


def _ordered(name: str, holds: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    def compare(left: Any, right: Any) -> bool:
        numbers = all(
            isinstance(side, int | float) and not isinstance(side, bool) for side in (left, right)
        )
        if not numbers and not (isinstance(left, str) and isinstance(right, str)):
            raise InvalidInput(
                f"function {name!r} cannot compare {left!r} with {right!r}; "
                "give it two numbers or two texts",
                value=left,
            )
        return holds(left, right)

    return compare


def _contains(needle: Any, haystack: Any) -> bool:
    if isinstance(haystack, Mapping | list | tuple):
        return needle in list(haystack)  # a list or a map cannot be looked up in a map
    return as_text(needle) in as_text(haystack)


def _join(separator: Any, items: Any) -> str:
    if items is None:
        return ""
    if not isinstance(items, Sequence) or isinstance(items, str):
        raise InvalidInput(
            f"function 'join' needs a list, not {items!r}; drop it or name a list", value=items
        )
    return as_text(separator).join(map(as_text, items))


def _trunc(length: Any, value: Any) -> str:
    count, text = _whole("trunc", length), as_text(value)
    return text[:count] if count >= 0 else text[count:]


def _indent(width: Any, value: Any) -> str:
    count = _whole("indent", width)
    if not 0 <= count <= _WIDEST_INDENT:
        raise InvalidInput(
            f"function 'indent' takes 0 to {_WIDEST_INDENT} spaces, not {count!r}; use fewer",
            value=count,
        )
    return "\n".join(" " * count + line for line in as_text(value).split("\n"))


def _whole(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput(
            f"function {name!r} needs a whole number first, not {value!r}; "
            f"write {{{{ .text | {name} 10 }}}}",
            value=value,
        )
    return value


@dataclass(frozen=True, slots=True)
class Function:
    """A function and how many arguments it takes, the piped one included."""

    fewest: int
    most: int
    call: Callable[..., Any] | None
    """None for the three that decide themselves which arguments to look at."""


_ANY_NUMBER = 20

FUNCTIONS: Mapping[str, Function] = {
    "default": Function(2, 2, None),
    "and": Function(1, _ANY_NUMBER, None),
    "or": Function(1, _ANY_NUMBER, None),
    "not": Function(1, 1, lambda value: not is_true(value)),
    "toJSON": Function(1, 1, to_json),
    "toJson": Function(1, 1, to_json),
    "eq": Function(2, 2, _is_equal),
    "ne": Function(2, 2, lambda left, right: not _is_equal(left, right)),
    "lt": Function(2, 2, _ordered("lt", lambda left, right: left < right)),
    "le": Function(2, 2, _ordered("le", lambda left, right: left <= right)),
    "gt": Function(2, 2, _ordered("gt", lambda left, right: left > right)),
    "ge": Function(2, 2, _ordered("ge", lambda left, right: left >= right)),
    "contains": Function(2, 2, _contains),
    "join": Function(2, 2, _join),
    "upper": Function(1, 1, lambda value: as_text(value).upper()),
    "lower": Function(1, 1, lambda value: as_text(value).lower()),
    "trunc": Function(2, 2, _trunc),
    "quote": Function(1, 1, lambda value: to_json(as_text(value))),
    "indent": Function(2, 2, _indent),
}
