"""From the text of a template to its parts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from punchingfist.domain.workflows.template_functions import FUNCTIONS
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
from punchingfist.errors import InvalidInput

_LONGEST_TEMPLATE = 64 * 1024
_DEEPEST = 20
_SEGMENT = r"\w+(?:-+\w+)*"
_TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
    | (?P<close>-?\}}\}})
    | (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<raw>`[^`]*`)
    | (?P<number>-?[0-9]{{1,18}}(?:\.[0-9]{{1,18}})?(?![\w.]))
    | (?P<path>\$?(?:\.{_SEGMENT})+|\$\.?|\.)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<mark>[|()])
    """,
    re.VERBOSE,
)
_OPEN = re.compile(r"\{\{(-(?=\s))?")
_COMMENT_OPEN = re.compile(r"\s*/\*")
_COMMENT_CLOSE = re.compile(r"\s*(-)?\}\}")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_BLOCKS = ("if", "range", "with")
_CONSTANTS = {"true": True, "false": False, "null": None, "nil": None}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class _Action:
    """What stood between two pairs of braces."""

    tokens: tuple[_Token, ...]
    at: int

    @property
    def keyword(self) -> str:
        first = self.tokens[0]
        return first.text if first.kind == "word" else ""


def fail(text: str, at: int, problem: str) -> NoReturn:
    """Refuse a template, naming the line and column of *at*."""
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    raise InvalidInput(f"template line {line}, column {column}: {problem}", value=text, line=line)


def parse_nodes(text: str) -> tuple[Node, ...]:
    """Read a whole template."""
    if len(text) > _LONGEST_TEMPLATE:
        raise InvalidInput(
            f"template of {len(text)} characters is too long; the limit is {_LONGEST_TEMPLATE}",
        )
    return _Blocks(text, _scan(text)).parse()


def _scan(text: str) -> list[str | _Action]:
    items: list[str | _Action] = []
    at, trim = 0, False
    while True:
        opening = _OPEN.search(text, at)
        literal = text[at : opening.start() if opening else len(text)]
        literal = literal.lstrip() if trim else literal
        literal = literal.rstrip() if opening and opening[1] else literal
        if literal:
            items.append(literal)
        if opening is None:
            return items
        if comment := _COMMENT_OPEN.match(text, opening.end()):
            at, trim = _skip_comment(text, comment.end(), opening.start())
            continue
        tokens, at = _tokens(text, opening)
        trim = tokens[-1].text.startswith("-")
        if len(tokens) == 1:
            fail(
                text, opening.start(), "the placeholder is empty; write a path such as .source.name"
            )
        items.append(_Action(tokens[:-1], opening.start()))


def _skip_comment(text: str, inside: int, opened: int) -> tuple[int, bool]:
    end = text.find("*/", inside)
    closing = _COMMENT_CLOSE.match(text, end + 2) if end >= 0 else None
    if closing is None:
        fail(text, opened, "the comment is never closed; end it with */}}")
    return closing.end(), closing[1] is not None


def _tokens(text: str, opening: re.Match[str]) -> tuple[tuple[_Token, ...], int]:
    tokens: list[_Token] = []
    at = opening.end()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            fail(text, at, f"{text[at]!r} is not understood here; see the template reference")
        kind = str(found.lastgroup)
        if kind != "space":
            tokens.append(_Token(kind, found[0], at))
        at = found.end()
        if kind == "close":
            return tuple(tokens), at
    fail(text, opening.start(), "the placeholder is never closed; end it with }}")


class _Blocks:
    """Puts the actions of a template into their blocks."""

    def __init__(self, text: str, items: Sequence[str | _Action]) -> None:
        self._text, self._items, self._at = text, items, 0

    def parse(self) -> tuple[Node, ...]:
        nodes, stop = self._body(0)
        if stop is not None:
            fail(self._text, stop.at, f"{stop.keyword!r} closes nothing; remove it")
        return nodes

    def _body(self, depth: int) -> tuple[tuple[Node, ...], _Action | None]:
        """Read up to the `else` or `end` that stops this body, and return it too."""
        nodes: list[Node] = []
        while self._at < len(self._items):
            item = self._items[self._at]
            self._at += 1
            if isinstance(item, str):
                nodes.append(Text(item))
            elif item.keyword in {"else", "end"}:
                return tuple(nodes), item
            elif item.keyword in _BLOCKS:
                nodes.append(self._block(item, depth + 1))
            else:
                nodes.append(Output(_expression(self._text, item.tokens)))
        return tuple(nodes), None

    def _block(self, opened: _Action, depth: int) -> Node:
        if depth > _DEEPEST:
            fail(self._text, opened.at, f"blocks are nested deeper than {_DEEPEST}; flatten them")
        subject = _expression(self._text, self._after(opened, 1))
        body, stop = self._closed(opened, depth)
        if opened.keyword == "if":
            return self._if(opened, subject, body, stop, depth)
        otherwise: tuple[Node, ...] = ()
        if stop.keyword == "else":
            self._alone(stop)
            otherwise, stop = self._closed(opened, depth)
        self._end(stop)
        kind = Range if opened.keyword == "range" else With
        return kind(subject, body, otherwise)

    def _if(
        self,
        opened: _Action,
        subject: Expression,
        body: tuple[Node, ...],
        stop: _Action,
        depth: int,
    ) -> Node:
        branches = [(subject, body)]
        while stop.keyword == "else" and len(stop.tokens) > 1:
            condition = _expression(self._text, self._after(stop, 2, then="if"))
            body, stop = self._closed(opened, depth)
            branches.append((condition, body))
        otherwise: tuple[Node, ...] = ()
        if stop.keyword == "else":
            otherwise, stop = self._closed(opened, depth)
        self._end(stop)
        return If(tuple(branches), otherwise)

    def _closed(self, opened: _Action, depth: int) -> tuple[tuple[Node, ...], _Action]:
        body, stop = self._body(depth)
        if stop is None:
            problem = f"{opened.keyword!r} is never closed; add {{{{ end }}}}"
            fail(self._text, opened.at, problem)
        return body, stop

    def _after(self, action: _Action, skip: int, then: str | None = None) -> tuple[_Token, ...]:
        if then is not None and action.tokens[1].text != then:
            fail(self._text, action.tokens[1].at, f"only {then!r} may follow 'else'")
        if len(action.tokens) <= skip:
            fail(
                self._text, action.at, f"{action.tokens[skip - 1].text!r} needs a value to look at"
            )
        return action.tokens[skip:]

    def _end(self, stop: _Action) -> None:
        if stop.keyword != "end":
            fail(self._text, stop.at, "a second 'else'; a block has one at most")
        self._alone(stop)

    def _alone(self, action: _Action) -> None:
        if len(action.tokens) > 1:
            fail(self._text, action.tokens[1].at, f"nothing may follow {action.keyword!r} here")


def _expression(text: str, tokens: Sequence[_Token]) -> Expression:
    parser = _Pipes(text, tokens)
    found = parser.pipeline(0)
    if parser.current is not None:
        fail(text, parser.current.at, "')' closes nothing; remove it")
    return found


class _Pipes:
    """Reads one expression: operands, calls, pipes and parentheses."""

    def __init__(self, text: str, tokens: Sequence[_Token]) -> None:
        self._text, self._tokens, self._at = text, tokens, 0

    @property
    def current(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def pipeline(self, depth: int) -> Expression:
        carried = self._command(depth, None)
        while self.current and self.current.text == "|" and self.current.kind == "mark":
            self._at += 1
            carried = self._command(depth, carried)
        return carried

    def _command(self, depth: int, carried: Expression | None) -> Expression:
        token = self.current
        if token is None:
            fail(self._text, self._tokens[-1].at, "something is missing after this")
        if token.kind == "word" and token.text not in _CONSTANTS:
            self._at += 1
            return self._call(token, depth, carried)
        if carried is not None:
            fail(self._text, token.at, f"{token.text!r} is no function; only one can follow '|'")
        operand = self._operand(depth)
        if self.current is not None and self.current.text not in {"|", ")"}:
            fail(self._text, self.current.at, f"{self.current.text!r} follows a value; add '|'")
        return operand

    def _call(self, name: _Token, depth: int, carried: Expression | None) -> Expression:
        function = FUNCTIONS.get(name.text)
        if function is None:
            near = get_close_matches(name.text, FUNCTIONS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(FUNCTIONS)}"
            fail(self._text, name.at, f"function {name.text!r} is unknown; {hint}")
        arguments: list[Expression] = []
        while self.current is not None and self.current.text not in {"|", ")"}:
            arguments.append(self._operand(depth))
        if carried is not None:
            arguments.append(carried)
        if not function.fewest <= len(arguments) <= function.most:
            fail(
                self._text,
                name.at,
                f"function {name.text!r} takes {function.fewest} value(s) or more, "
                f"the piped one included; it got {len(arguments)}"
                if function.most > function.fewest
                else f"function {name.text!r} takes {function.fewest} value(s), "
                f"the piped one included; it got {len(arguments)}",
            )
        return Call(name.text, tuple(arguments))

    def _operand(self, depth: int) -> Expression:
        token = self._tokens[self._at]
        self._at += 1
        match token.kind:
            case "string":
                return Literal(self._unescaped(token))
            case "raw":
                return Literal(token.text[1:-1])
            case "number":
                return Literal(float(token.text) if "." in token.text else int(token.text))
            case "path":
                segments = token.text.removeprefix("$").split(".")[1:]
                return Path(tuple(filter(None, segments)), token.text.startswith("$"))
            case "word" if token.text in _CONSTANTS:
                return Literal(_CONSTANTS[token.text])
            case "mark" if token.text == "(":
                return self._parentheses(token, depth + 1)
            case _:
                fail(
                    self._text,
                    token.at,
                    f"{token.text!r} is no value; put functions in parentheses",
                )

    def _parentheses(self, opened: _Token, depth: int) -> Expression:
        if depth > _DEEPEST:
            fail(self._text, opened.at, f"parentheses are nested deeper than {_DEEPEST}")
        inside = self.pipeline(depth)
        if self.current is None:
            fail(self._text, opened.at, "'(' is never closed; add ')'")
        self._at += 1
        return inside

    def _unescaped(self, token: _Token) -> str:
        def replace(found: re.Match[str]) -> str:
            if found[1] not in _ESCAPES:
                fail(self._text, token.at, f"escape {found[0]!r} is unknown; use `…` for raw text")
            return _ESCAPES[found[1]]

        return re.sub(r"\\(.)", replace, token.text[1:-1])
