"""The Markdown of messages: outside text put into it as text, and the whole said in a receiver's dialect."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

_MARKS = re.compile(r"([\\*\[\]<>~&]|(?<![^\W_])_|_(?![^\W_]))")
_LINE_MARKS = re.compile(r"^([ \t]*)([#+=-]|(?P<digits>[0-9]{1,9})(?=[.)]))", re.MULTILINE)
_HOLE, _HOLE_END = "\ue000", "\ue001"
_HOLES = re.compile(f"{_HOLE}[0-9]+{_HOLE_END}")
_BACKTICK = "&#96;"  # a backslash would not keep it from closing what an author left open
_GRAVE = "ˋ"  # looks like a backtick and ends no code


def escape(text: str) -> str:
    """Return outside *text* as Markdown that reads as that text: no link, mark, list or code."""
    marked = _MARKS.sub(r"\\\1", text).replace("`", _BACKTICK)
    return _LINE_MARKS.sub(_escaped_line_start, marked)


def _escaped_line_start(found: re.Match[str]) -> str:
    if digits := found["digits"]:
        return f"{found[1]}{digits}\\"
    return f"{found[1]}\\{found[2]}"


def code(text: str) -> str:
    """Return outside *text* as code on one line; its own backticks become lookalikes."""
    line = " ".join(text.replace("`", _GRAVE).split())
    return f"`{line}`" if line else ""


@dataclass(frozen=True, slots=True)
class Outside:
    """Text from outside, on its way into an author's Markdown."""

    text: str


def fill(parts: Sequence[str | Outside]) -> str:
    """
    Return an author's Markdown with outside texts put into it as text.

    They are escaped, or bare within the author's code, which they cannot end:
    where there is code is decided before they are there.
    """
    holes = [f"{_HOLE}{number}{_HOLE_END}" for number, _ in enumerate(parts)]
    pairs = list(zip(parts, holes, strict=True))
    authored = "".join(part if isinstance(part, str) else hole for part, hole in pairs)
    codes = _holes_in_code(authored)
    return "".join(
        part if isinstance(part, str) else codes.get(hole, escape)(part.text)
        for part, hole in pairs
    )


def _holes_in_code(authored: str) -> dict[str, Callable[[str], str]]:
    """Return how text is put into the holes that stand in code."""
    found: dict[str, Callable[[str], str]] = {}
    for block in _parser().parse(authored):
        keeps_lines = block.type == "fence" and block.level == 0
        codes = [block] if block.type == "fence" else block.children or ()
        for node in codes:
            if node.type in {"fence", "code_inline"}:
                inside = _in_fence if keeps_lines else _in_line
                found |= dict.fromkeys(_HOLES.findall(node.content), inside)
    return found


def _in_fence(text: str) -> str:
    return text.replace("`", _GRAVE).replace("~", "∼")


def _in_line(text: str) -> str:
    return _in_fence(" ".join(text.split()))


@dataclass(frozen=True, slots=True)
class Dialect:
    """
    How a receiver writes each thing.

    *text* makes outside characters harmless; *link* takes a label and an
    `http(s)` URL and *fence* whole lines.
    """

    text: Callable[[str], str]
    strong: Callable[[str], str]
    emphasis: Callable[[str], str]
    strike: Callable[[str], str]
    code: Callable[[str], str]
    fence: Callable[[str], str]
    link: Callable[[str, str], str]
    bullet: str


def render(markdown: str, dialect: Dialect) -> str:
    """Say *markdown* in *dialect*; HTML in it is text."""
    from markdown_it.tree import SyntaxTreeNode

    tree = SyntaxTreeNode(_parser().parse(markdown))
    return _Writer(dialect).blocks(tree.children)


PLAIN = Dialect(
    text=str,
    strong=str,
    emphasis=str,
    strike=str,
    code=str,
    fence=lambda text: "\n".join(f"    {line}" for line in text.splitlines()),
    link=lambda label, url: label if label == url else f"{label} ({url})",
    bullet="-",
)
"""For a terminal, and wherever else nothing is marked."""


@cache
def _parser() -> Any:
    """Build the parser once; indented text is text, since values bring indents of their own."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("strikethrough").disable("code")


class _Writer:
    """One rendering of a parsed text."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def blocks(self, nodes: Iterable["SyntaxTreeNode"]) -> str:
        """Write *nodes* as far apart as their author put them."""
        written, end = "", 0
        for node in nodes:
            if text := self._block(node):
                start, next_end = node.map or (end, end)
                gap = "\n" if start <= end else "\n\n"
                written = f"{written}{gap}{text}" if written else text
                end = next_end
        return written

    def _block(self, node: "SyntaxTreeNode") -> str:
        match node.type:
            case "heading":
                written = self._dialect.strong(self._inline(node.children, marked=False))
            case "fence":
                written = self._dialect.fence(node.content.rstrip("\n"))
            case "bullet_list" | "ordered_list":
                written = "\n".join(self._items(node))
            case "blockquote":
                quoted = self.blocks(node.children).splitlines()
                written = "\n".join(f"> {line}" for line in quoted)
            case "hr":
                written = "———"
            case _:  # a paragraph, the one other thing that CommonMark without HTML yields
                written = self._inline(node.children)
        return written

    def _items(self, node: "SyntaxTreeNode") -> Iterator[str]:
        number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
        for item in node.children:
            mark = self._dialect.bullet if number is None else f"{number}."
            first, *rest = self.blocks(item.children).splitlines() or [""]
            yield f"{mark} {first}".rstrip()
            yield from (f"    {line}" for line in rest)
            number = None if number is None else number + 1

    def _inline(self, nodes: Iterable["SyntaxTreeNode"], *, marked: bool = True) -> str:
        return "".join(self._span(node, marked=marked) for node in nodes)

    def _span(self, node: "SyntaxTreeNode", *, marked: bool) -> str:
        dialect = self._dialect
        match node.type:
            case "inline":
                return self._inline(node.children, marked=marked)
            case "softbreak" | "hardbreak":
                return "\n"
            case "code_inline":
                return dialect.code(node.content.replace("`", _GRAVE))
            case "link" | "image":
                return self._link(node)
            case "strong" | "em" | "s":
                inner = self._inline(node.children, marked=marked)
                mark = {"strong": dialect.strong, "em": dialect.emphasis, "s": dialect.strike}
                return mark[node.type](inner) if marked and inner.strip() else inner
            case _:
                return dialect.text(node.content)

    def _link(self, node: "SyntaxTreeNode") -> str:
        url = str(node.attrs.get("href") or node.attrs.get("src") or "")
        label = self._inline(node.children, marked=False) or self._dialect.text(url)
        is_web = url.lower().startswith(("http://", "https://"))
        return self._dialect.link(label.replace("\n", " "), url) if is_web else label
