"""Slack's own Markdown: what means something there is written by us alone, and cut to its limits."""

import re
from collections.abc import Iterator

from punchingfist.domain.markdown import Dialect, render

SECTION_LIMIT = 3000
_LONGEST_LINK = 2000
_FENCE = "```"
_ATOMS = re.compile(r"<[^<>\n]*>|&\w+;|\s+|[^\s<&]+|.")
_IN_URL = {ord("<"): "%3C", ord(">"): "%3E", ord("|"): "%7C", ord(" "): "%20", ord("&"): "&amp;"}


def escape_text(text: str) -> str:
    """Return *text* as Slack shows it literally: no mention, no link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(label: str, url: str) -> str:
    """Return a link to *url*, or only its *label* (already escaped) when the URL is no web address."""
    if not url.lower().startswith(("http://", "https://")):
        return label
    written = f"<{url.translate(_IN_URL)}|{label.replace('|', '¦')}>"
    return written if len(written) <= _LONGEST_LINK else label


def _fence(text: str) -> str:
    return f"{_FENCE}\n{escape_text(text.replace(_FENCE, 'ˋˋˋ'))}\n{_FENCE}"


def _around(mark: str, text: str) -> str:
    """Put *mark* around each line of *text*, since Slack's marks end with the line."""
    lines = text.split("\n")
    return "\n".join(f"{mark}{line.strip()}{mark}" if line.strip() else "" for line in lines)


SLACK = Dialect(
    text=escape_text,
    strong=lambda text: _around("*", text),
    emphasis=lambda text: _around("_", text),
    strike=lambda text: _around("~", text),
    code=lambda text: f"`{escape_text(text)}`",
    fence=_fence,
    link=link,
    bullet="•",
)


def to_sections(markdown: str, *, limit: int = SECTION_LIMIT) -> list[str]:
    """Return *markdown* as Slack writes it, cut into texts of at most *limit* characters."""
    return list(split(render(markdown, SLACK), limit))


def split(text: str, limit: int) -> Iterator[str]:
    """
    Cut *text* at line ends, else between words, never inside a link or an entity.

    Code that is cut is closed at the end of one part and opened again in the next.
    """
    room = limit - len(_FENCE) - 1
    part: list[str] = []
    size, in_code = 0, False
    for line in text.split("\n"):
        closes = in_code and line == _FENCE  # for which there is always room
        for piece in _fit(line, room - len(_FENCE) - 2):
            if size + len(piece) + 1 > room and not closes:
                yield from _closed(part, in_code=in_code)
                part = [_FENCE] if in_code else []
                size = sum(len(each) + 1 for each in part)
            part.append(piece)
            size += len(piece) + 1
        in_code ^= line == _FENCE
    yield from _closed(part, in_code=in_code)


def _closed(part: list[str], *, in_code: bool) -> Iterator[str]:
    text = "\n".join([*part, _FENCE] if in_code else part).strip("\n")
    if text.strip():
        yield text


def _fit(line: str, room: int) -> Iterator[str]:
    """Yield *line* in pieces of at most *room* characters."""
    if len(line) <= room:
        yield line
        return
    piece = ""
    for atom in _atoms(line, room):
        if len(piece) + len(atom) > room:
            yield piece
            piece = ""
        piece += atom
    if piece:
        yield piece


def _atoms(line: str, room: int) -> Iterator[str]:
    """Yield what should not be cut, and what is too long for that in the largest cuts."""
    for found in _ATOMS.finditer(line):
        atom = found[0]
        yield from (atom[start : start + room] for start in range(0, len(atom), room))
