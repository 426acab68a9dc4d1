"""The spec's `{{ .a.b-c | toJSON }}`: neither Go's nor Jinja's, and never read twice."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from punchingfist.domain.workflows.template_functions import FUNCTIONS, as_text, is_true, is_truthy
from punchingfist.domain.workflows.template_nodes import (
    Call,
    Expression,
    If,
    Literal,
    Node,
    Output,
    Path,
    Range,
    Text,
    With,
)
from punchingfist.domain.workflows.template_parser import parse_nodes
from punchingfist.domain.yaml_tree import parse_yaml
from punchingfist.errors import InvalidInput, TooLarge

__all__ = [
    "Scope",
    "Template",
    "Value",
    "evaluate",
    "is_truthy",
    "parse",
    "parse_yaml_template",
    "pieces",
    "render",
    "render_value",
    "render_yaml_template",
]

Scope = Mapping[str, Any]

_LONGEST_OUTPUT = 1_000_000
_MOST_PIECES = 100_000
_INDEX = re.compile(r"[0-9]{1,9}")
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Template:
    """A template that parsed."""

    source: str
    nodes: tuple[Node, ...]

    @property
    def has_placeholders(self) -> bool:
        return any(not isinstance(node, Text) for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Value:
    """Outside text on its way into a rendered template."""

    text: str


@lru_cache(maxsize=512)
def parse(text: str) -> Template:
    """Read a template; what is wrong is an `InvalidInput` with its line and column."""
    return Template(text, parse_nodes(text))


def render(template: Template | str, scope: Scope, *, strict: bool = False) -> str:
    """
    Fill in *template* from *scope*; values are copied, never parsed.

    A missing path is empty, or with *strict* an error unless piped to `default`.
    """
    written: list[str] = []
    room = _LONGEST_OUTPUT
    for piece in pieces(template, scope, strict=strict):
        text = piece.text
        room -= len(text)
        if room < 0:
            raise TooLarge(
                f"rendered template is longer than {_LONGEST_OUTPUT} characters; use trunc"
            )
        written.append(text)
    return "".join(written)


def pieces(
    template: Template | str, scope: Scope, *, strict: bool = False
) -> Iterator[Text | Value]:
    """Yield the author's text and the outside values of *template*, apart and in order."""
    parsed = parse(template) if isinstance(template, str) else template
    renderer = _Renderer(scope, strict=strict)
    return renderer.walk(parsed.nodes, scope)


def evaluate(expression: str, scope: Scope, *, strict: bool = False) -> Any:
    """Return the value of one expression, written with or without its braces."""
    text = expression.strip()
    template = parse(text if text.startswith("{{") else "{{ " + text + " }}")
    match template.nodes:
        case (Output(inside),):
            return _Renderer(scope, strict=strict).value(inside, scope)
        case _:
            raise InvalidInput(
                f"expression {expression!r} is not one value; write a single placeholder",
                value=expression,
            )


def render_value(tree: Any, scope: Scope, *, strict: bool = False) -> Any:
    """Render every text of a YAML or JSON tree; keys and other values stay as they are."""
    return _map_texts(tree, lambda text: render(text, scope, strict=strict))


def parse_yaml_template(text: str) -> Any:
    """Read a YAML text whose leaves are templates, and check each; return the unrendered tree."""
    documents = parse_yaml(text)
    if len(documents) != 1:
        raise InvalidInput(
            f"the template holds {len(documents)} YAML documents; write exactly one", value=text
        )

    def check(leaf: str) -> str:
        parse(leaf)
        return leaf

    return _map_texts(documents[0].tree, check)


def render_yaml_template(text: str, scope: Scope, *, strict: bool = False) -> Any:
    """
    Parse *text* as YAML first and render its leaves afterwards.

    So quotes, colons and newlines in a value can neither break the YAML nor add keys.
    """
    return render_value(parse_yaml_template(text), scope, strict=strict)


def _map_texts(tree: Any, change: Callable[[str], str]) -> Any:
    match tree:
        case str():
            return change(tree)
        case Mapping():
            return {key: _map_texts(value, change) for key, value in tree.items()}
        case list() | tuple():
            return [_map_texts(value, change) for value in tree]
        case _:
            return tree


class _Renderer:
    """One rendering: the scope, its strictness, and how much work is left."""

    def __init__(self, scope: Scope, *, strict: bool) -> None:
        self._scope, self._strict = scope, strict
        self._left = _MOST_PIECES

    def walk(self, nodes: tuple[Node, ...], dot: Any) -> Iterator[Text | Value]:
        for node in nodes:
            self._spend()
            match node:
                case Text():
                    yield node
                case Output(expression):
                    yield Value(as_text(self.value(expression, dot)))
                case If(branches, otherwise):
                    chosen = (body for test, body in branches if is_true(self.value(test, dot)))
                    yield from self.walk(next(chosen, otherwise), dot)
                case With(subject, body, otherwise):
                    value = self._lenient(subject, dot)
                    found = is_true(value)
                    yield from self.walk(body if found else otherwise, value if found else dot)
                case Range(subject, body, otherwise):
                    items = _items(self._lenient(subject, dot))
                    for item in items:
                        self._spend()
                        yield from self.walk(body, item)
                    if not items:
                        yield from self.walk(otherwise, dot)

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooLarge(f"template takes more than {_MOST_PIECES} steps; shorten its ranges")

    def value(self, expression: Expression, dot: Any, *, strict: bool | None = None) -> Any:
        strict = self._strict if strict is None else strict
        match expression:
            case Literal(value):
                return value
            case Path(segments, from_root):
                found = _look_up(self._scope if from_root else dot, segments)
                if found is _MISSING and strict:
                    raise InvalidInput(
                        f"path '{expression}' has no value; correct it or add '| default'",
                        field=str(expression),
                    )
                return None if found is _MISSING else found
            case Call("default", (fallback, subject)):
                value = self.value(subject, dot, strict=False)
                return self.value(fallback, dot, strict=strict) if value in (None, "") else value
            case Call("and" | "or" as name, arguments):
                return self._first(arguments, dot, stop_at=name == "or", strict=strict)
            case Call(name, arguments):
                return self._call(
                    name, [self.value(each, dot, strict=strict) for each in arguments]
                )

    def _lenient(self, subject: Expression, dot: Any) -> Any:
        """`with` and `range` ask whether there is anything: a missing path is an answer."""
        return self.value(subject, dot, strict=False)

    def _first(
        self, arguments: tuple[Expression, ...], dot: Any, *, stop_at: bool, strict: bool
    ) -> Any:
        value = None
        for argument in arguments:
            value = self.value(argument, dot, strict=strict)
            if is_true(value) is stop_at:
                break
        return value

    def _call(self, name: str, arguments: list[Any]) -> Any:
        call = FUNCTIONS[name].call
        assert call is not None, "the three without one are evaluated above"
        value = call(*arguments)
        if isinstance(value, str) and len(value) > _LONGEST_OUTPUT:
            raise TooLarge(f"function {name!r} gives more than {_LONGEST_OUTPUT} characters")
        return value


def _look_up(value: Any, segments: tuple[str, ...]) -> Any:
    for segment in segments:
        if isinstance(value, Mapping):
            value = value.get(segment, _MISSING)
        elif isinstance(value, list | tuple) and _INDEX.fullmatch(segment):
            value = value[int(segment)] if int(segment) < len(value) else _MISSING
        else:
            return _MISSING
    return value


def _items(value: Any) -> list[Any]:
    match value:
        case None:
            return []
        case Mapping():
            return list(value.values())
        case list() | tuple():
            return list(value)
        case _:
            raise InvalidInput(f"range needs a list or a map, not {value!r}", value=value)
