"""Claims a person takes in at 3 am: one sentence, and what a lock screen can show of it."""

from collections.abc import Sequence
from typing import Final

from punchingfist.domain.excerpts import one_line

CLAIM_LENGTH: Final = 160
SHORT_LENGTH: Final = 60
_NAMES_SHOWN: Final = 3
# What is cut to less than this tells nothing.
_SHORTEST_WORDS: Final = 30


def sentence(first: str, *more: str, said: str = "") -> str:
    """
    Return *first*, each part of *more* that still fits, and the start of what was *said*.

    *said* holds somebody else's words behind our own lead, such as `; it logs: `.
    """
    text = one_line(first, CLAIM_LENGTH)
    for part in more:
        if len(text) + len(part) <= CLAIM_LENGTH:
            text += part
    room = CLAIM_LENGTH - len(text)
    words = without_quotes(said.replace("\n", " "))
    if len(words) > room:
        words = f"{words[: room - 1]}…" if room >= _SHORTEST_WORDS else ""
    return text + words


def short(text: str) -> str:
    """Return *text* as far as a lock screen shows it."""
    return one_line(without_quotes(text), SHORT_LENGTH)


def without_quotes(text: str) -> str:
    """Return *text* so that it can stand within another sentence."""
    return text.replace('\\"', "'").replace('"', "'").replace("“", "'").replace("”", "'")


def listed(names: Sequence[str]) -> str:
    """Return *names* as people list them, the first few of many."""
    if len(names) <= _NAMES_SHOWN:
        return ", ".join(names)
    shown = ", ".join(names[:_NAMES_SHOWN])
    return f"{shown} and {len(names) - _NAMES_SHOWN} more"
