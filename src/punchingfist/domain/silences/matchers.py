"""Matchers of labels, in the words of `amtool`: `severity="critical"`, `team!~"db|net"`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from punchingfist.domain.silences.patterns import compile_pattern
from punchingfist.errors import InvalidInput

_TEXT = re.compile(
    r'\s*(?:([a-zA-Z_:][a-zA-Z0-9_:]*)|"((?:[^"\\]|\\.)+)")\s*(=~|!~|!=|=)\s*(.*?)\s*', re.DOTALL
)
_PLAIN_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", '"': '"', "\\": "\\"}


class Match(StrEnum):
    """How a label's value is compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LIKE = "=~"
    UNLIKE = "!~"

    @property
    def is_regex(self) -> bool:
        return self in {Match.LIKE, Match.UNLIKE}

    @property
    def is_equal(self) -> bool:
        return self in {Match.EQUAL, Match.LIKE}

    @classmethod
    def of(cls, *, is_regex: bool, is_equal: bool) -> "Match":
        """Return the operator of Alertmanager's two flags."""
        if is_regex:
            return cls.LIKE if is_equal else cls.UNLIKE
        return cls.EQUAL if is_equal else cls.NOT_EQUAL


@dataclass(frozen=True, slots=True)
class Matcher:
    """
    One comparison; a label that is missing is empty.

    A regular expression stands for the whole value. Making one that cannot be
    read raises `InvalidInput`.
    """

    name: str
    match: Match
    value: str

    def __post_init__(self) -> None:
        if not self.name:
            raise InvalidInput("a matcher needs the name of a label", field="name")
        if self.match.is_regex:
            compile_pattern(self.value)

    def __str__(self) -> str:
        name = self.name if _PLAIN_NAME.fullmatch(self.name) else _quote(self.name)
        return f"{name}{self.match}{_quote(self.value)}"

    def takes(self, value: str) -> bool:
        """Tell whether the label may have *value*."""
        if self.match.is_regex:
            # None is neither: what cannot be told in time mutes nothing.
            return compile_pattern(self.value).takes(value) is self.match.is_equal
        return (value == self.value) is self.match.is_equal

    def matches(self, labels: Mapping[str, str]) -> bool:
        return self.takes(labels.get(self.name, ""))


def match_all(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Tell whether every one of *matchers* takes *labels*; none at all take everything."""
    return all(one.matches(labels) for one in matchers)


def render_matchers(matchers: Iterable[Matcher]) -> str:
    """Return the text that `parse_matchers` reads back, such as `{a="b", c=~"d|e"}`."""
    return "{" + ", ".join(map(str, matchers)) + "}"


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """
    Read matchers separated by commas, in braces or not.

    Raises:
        InvalidInput: one of them is not understood.
    """
    inner = text.strip()
    if inner.startswith("{") != inner.endswith("}"):
        raise _refusal(text)
    inner = inner.removeprefix("{").removesuffix("}").strip()
    parts = list(_split(inner)) if inner else []
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()  # a comma may also end the list
    return tuple(parse_matcher(part) for part in parts)


def parse_matcher(text: str) -> Matcher:
    """
    Read one matcher; its value may stand in double quotes.

    Raises:
        InvalidInput: it is not understood.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise _refusal(text)
    bare, quoted, operator, value = found.groups()
    return Matcher(bare or _unescape(quoted), Match(operator), _value(value, text))


def _value(value: str, text: str) -> str:
    if value.startswith('"'):
        if len(value) < 2 or not value.endswith('"'):
            raise _refusal(text)
        value = value[1:-1]
    without_escapes = _ESCAPE.sub("", value)
    if '"' in without_escapes or without_escapes.endswith("\\"):
        raise _refusal(text)
    return _unescape(value)


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[0]), text)


def _split(text: str) -> Iterator[str]:
    """Yield what stands between the commas that are outside quotes."""
    start, quoted, at = 0, False, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == '"':
            quoted = not quoted
        elif text[at] == "," and not quoted:
            yield text[start:at]
            start = at + 1
        at += 1
    yield text[start:]


def _refusal(text: str) -> InvalidInput:
    return InvalidInput(f"bad matcher format: {text}", value=text)
