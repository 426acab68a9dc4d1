"""Take a kubectl command line apart: words, the verb, flags by their long names, arguments."""

import re
import shlex
from collections.abc import Iterator

from punchingfist.domain.guardrails.kubectl_grammar import (
    GROUPED,
    SHORT,
    VERBS,
    WHY_NOT,
    Value,
    Verb,
)
from punchingfist.domain.guardrails.risk import Risk
from punchingfist.errors import InvalidInput, Refused

_NO_SHELL = "there is no shell behind this; narrow with --selector, --field-selector or --tail"
_OPERATORS = frozenset(";&|<>\n")


def split_line(line: str) -> list[str]:
    """Return the words of *line* as a shell would, refusing whatever needs a shell."""
    line = line.strip()
    operator = next(_bare_operators(line), None)
    if operator is not None:
        raise Refused(f"kubectl: {operator!r} outside quotes; {_NO_SHELL}")
    try:
        return [plain_word(word) for word in shlex.split(line)]
    except ValueError as error:
        raise InvalidInput(f"kubectl: {str(error).lower()}; close the quote", value=line) from None


def _bare_operators(line: str) -> Iterator[str]:
    quote = ""
    escaped = False
    for character in line:
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in _OPERATORS:
            yield character


def plain_word(word: str) -> str:
    """Return *word*, refusing command substitution and control characters."""
    if "`" in word or "$(" in word:
        raise Refused(f"kubectl: {word!r} asks for a command's output; {_NO_SHELL}")
    if re.search(r"[\x00-\x1f\x7f]", word):
        raise Refused(f"kubectl: {word!r} holds control characters; leave them out")
    return word


def take_verb(words: list[str]) -> tuple[str, list[str]]:
    """Return the verb and everything else; `-n NAMESPACE` may stand before it."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if not re.fullmatch(r"-n.*|--namespace(=.*)?", words[at]):
            raise Refused(f"kubectl: flag {words[at]!r} before the verb; begin with the verb")
        at += 2 if words[at] in {"-n", "--namespace"} else 1
    if at >= len(words):
        raise InvalidInput(
            "kubectl: there is no verb; begin with get, describe, logs, top or events"
        )
    length = 2 if words[at] in GROUPED else 1
    verb = " ".join(words[at : at + length])
    if verb not in VERBS:
        known = ", ".join(name for name, known in VERBS.items() if known.risk is Risk.READ)
        raise Refused(f"kubectl: verb {verb!r} is not allowed; use {known}")
    return verb, words[:at] + words[at + length :]


def take_flags(verb: str, grammar: Verb, words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the flags by long name, each judged by the grammar, and the other words."""
    flags: dict[str, str] = {}
    arguments: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":  # only names follow, whatever they look like
            arguments.extend(left)
            break
        if word == "-":
            raise Refused(f"kubectl {verb}: {word!r} is not allowed; leave it out")
        if not word.startswith("-"):
            arguments.append(word)
            continue
        read = _long(verb, grammar, word, left) if word.startswith("--") else None
        for name, value in [read] if read else _letters(verb, grammar, word, left):
            if name in flags:
                raise InvalidInput(f"kubectl {verb}: --{name} is given twice; give it once")
            flags[name] = value
    return flags, arguments


def _long(verb: str, grammar: Verb, word: str, left: Iterator[str]) -> tuple[str, str]:
    name, has_value, value = word[2:].partition("=")
    if name not in grammar.flags or (verb == "rollout status" and word == "--watch"):
        raise _unknown(verb, grammar, name, f"--{name}")
    kind = grammar.flags[name]
    if not has_value:
        value = "true" if kind is Value.SWITCH else _next(verb, name, left)
    return name, _valid(verb, name, kind, value)


def _letters(verb: str, grammar: Verb, word: str, left: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Read `-n shop`, `-nshop`, `-n=shop` and switches run together, `-Ao wide`."""
    letters = word[1:]
    while letters:
        letter, letters = letters[0], letters[1:]
        name = next((flag for flag in SHORT.get(letter, ()) if flag in grammar.flags), None)
        if name is None:
            raise _unknown(verb, grammar, letter, f"-{letter}")
        kind = grammar.flags[name]
        if kind is Value.SWITCH:
            yield name, "true"
            continue
        yield name, _valid(verb, name, kind, letters.removeprefix("=") or _next(verb, name, left))
        return


def _unknown(verb: str, grammar: Verb, name: str, shown: str) -> Refused:
    reason = WHY_NOT.get(name)
    use = reason or f"use {', '.join('--' + flag for flag in grammar.flags) or 'no flag'}"
    return Refused(f"kubectl {verb}: flag {shown!r} is not allowed; {use}")


def _next(verb: str, name: str, left: Iterator[str]) -> str:
    value = next(left, None)
    if value is None or value.startswith("-"):
        raise InvalidInput(f"kubectl {verb}: --{name} has no value; write --{name}=VALUE")
    return value


def _valid(verb: str, name: str, kind: Value, value: str) -> str:
    if kind.value.fullmatch(value):
        return value
    if kind is Value.OUTPUT:
        raise Refused(
            f"kubectl {verb}: output {value!r} is not allowed; use json, yaml, wide or name"
        )
    raise InvalidInput(
        f"kubectl {verb}: --{name}={value!r} is no {kind.name.lower()}", field=name, value=value
    )
