"""Regular expressions as Alertmanager reads them: RE2's, for the whole value, and as harmless."""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import comb

from punchingfist.errors import InvalidInput

_LONGEST = 1000
_MOST_STEPS = 10**8
_FEW = 8

# What RE2 has not, or what Python would read otherwise than RE2 does.
_REFUSED = (
    (re.compile(r"\(\?(?:[=!>(#]|<[=!]|P=)"), "RE2 has no look-around, condition or atomic group"),
    (re.compile(r"\\(?:[1-9]|[ZQE])"), "RE2 has no back-reference, \\Z, \\Q or \\E here"),
    (re.compile(r"\[[^\]]*(?:\[|--|&&|~~|\|\|)"), "a class inside a class is ambiguous"),
    (re.compile(r"\{,"), "`{,n}` is ambiguous"),
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TOKEN = re.compile(
    r"\\."  # an escape
    r"|\[\^?\]?(?:\\.|[^\]\\])*\]"  # a class
    r"|\(\?[a-zA-Z-]+\)"  # flags
    r"|\((?:\?(?:P?<\w+>|[a-zA-Z-]*:))?"  # the beginning of a group
    r"|[*+?]\??|\{[0-9]+,?[0-9]*\}\??"  # a repeat
    r"|.",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    A compiled expression.

    Python tries one way after the other where RE2 goes all of them at once;
    *repeats* is how many endless repeats may have to be tried together.
    """

    compiled: re.Pattern[str]
    repeats: int

    def takes(self, value: str) -> bool | None:
        """Tell whether it is all of *value*; None when finding out could take seconds."""
        if self.repeats > 1 and comb(len(value) + self.repeats, self.repeats) > _MOST_STEPS:
            return None
        return self.compiled.fullmatch(value) is not None


@lru_cache(maxsize=4096)
def compile_pattern(text: str) -> Pattern:
    """
    Compile *text*.

    Raises:
        InvalidInput: it is no regular expression, RE2 reads it otherwise, or
            matching it could take for ever.
    """
    if len(text) > _LONGEST:
        raise _refusal(text[:40] + "…", f"it is longer than {_LONGEST} characters")
    plain = re.sub(r"\\[^1-9ZQE]", "_", text)
    for refused, why in _REFUSED:
        if refused.search(plain):
            raise _refusal(text, why)
    try:
        compiled = re.compile(_ESCAPE.sub(_in_python, text), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise _refusal(text, str(error)) from error
    return Pattern(compiled, _count_repeats(text))


@dataclass(slots=True)
class _Group:
    """One group while it is read: repeats of this branch, of the worst before, and any choice."""

    repeats: int = 0
    worst: int = 0
    has_choice: bool = False

    @property
    def most(self) -> int:
        return max(self.repeats, self.worst)

    def repeat(self, piece: str, group: "_Group | None", text: str) -> None:
        """Count the repeat *piece*, of *group* where it stands behind one."""
        self.has_choice = True
        if piece[0] == "?":
            return
        times = _times(piece)
        if times is None:
            self.repeats += 1
        if group and times and times <= _FEW:
            self.repeats += group.most * (times - 1)
        elif group and (group.most or group.has_choice):
            raise _refusal(text, "repeating a group with a choice or a repeat may never end")


def _count_repeats(text: str) -> int:
    """Return how many endless repeats follow one another; a repeat of a choice is refused."""
    open_: list[_Group] = [_Group()]
    closed: _Group | None = None
    repeated = False
    for piece in _TOKEN.findall(text):
        inner, was, group = open_[-1], repeated, closed
        closed, repeated = None, _is_repeat(piece)
        if piece[0] == "(" and piece[-1] != ")":
            open_.append(_Group())
        elif piece == ")":
            closed = open_.pop()
            open_[-1].repeats += closed.most
            open_[-1].has_choice |= closed.has_choice
        elif piece == "|":
            inner.worst, inner.repeats, inner.has_choice = inner.most, 0, True
        elif repeated and was:
            raise _refusal(text, "RE2 has no possessive repeat")
        elif repeated:
            inner.repeat(piece, group, text)
    return open_[0].most


def _is_repeat(piece: str) -> bool:
    return piece[0] in "*+?" or (piece[0] == "{" and len(piece) > 1)


def _times(piece: str) -> int | None:
    """Return how often a repeat repeats at most, None where there is no end to it."""
    last = piece.rstrip("?}").lstrip("{").rpartition(",")[2]
    return int(last) if last.isdecimal() else None


def _in_python(escape: re.Match[str]) -> str:
    return r"\Z" if escape[1] == "z" else escape[0]


def _refusal(text: str, why: str) -> InvalidInput:
    return InvalidInput(f"regular expression {text!r} is not understood: {why}", value=text)
