"""Where secrets stand in Kubernetes objects, written as JSON or as YAML."""

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from punchingfist.domain.guardrails.redaction_patterns import (
    is_certain_name,
    is_secret_field,
    is_secret_name,
)
from punchingfist.domain.guardrails.redaction_shapes import PLACEHOLDER

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SECRET_FIELDS = ("data", "stringData")
_VALUES = re.compile(r"true|false|null|\d*|\[redacted\]", re.IGNORECASE)

_RULER = re.compile(r"-{4}|={4}")  # `kubectl describe` puts it under a ConfigMap's keys
_BLOCK = re.compile(r"\s*[|>][+-]?\d?\s*")
_WORTH_READING = re.compile(
    rf"{re.escape(LAST_APPLIED)}|Secret|value:|^-{{4}}$|:[ ]*[|>][+-]?\d?[ ]*$", re.MULTILINE
)

_KIND_SECRET = re.compile(r"^(?P<lead> *(?:- )?)[\"']?kind[\"']?: [\"']?Secret[\"']?\s*$")
_FIELD = re.compile(r"^(?P<lead> *(?:- )?)[\"']?(?P<key>[^\s\"':][^\"':]*)[\"']?:(?P<rest>.*)$")
_ENV_NAME = re.compile(r"^(?P<lead> *(?:- )?)name: *[\"']?(?P<name>[\w.-]+)[\"']?\s*$")
_ENV_VALUE = re.compile(r"^(?P<before> *(?:- )?value: *)(?P<value>\S.*)$")


def redact_document(value: Any, leaf: Callable[[str], str]) -> Any:
    """Return a decoded JSON *value* without secrets; *leaf* cleans the text within."""
    if isinstance(value, str):
        return leaf(value)
    if isinstance(value, list):
        return list(_items(value, leaf))
    if not isinstance(value, dict):
        return value
    is_secret = value.get("kind") == "Secret"
    return {
        key: _hide(inner)
        if is_secret and key in _SECRET_FIELDS
        else _field(value, key, inner, leaf)
        for key, inner in value.items()
    }


def _field(owner: Mapping[str, Any], key: str, inner: Any, leaf: Callable[[str], str]) -> Any:
    given = owner.get("name") if key == "value" else key
    name = given if isinstance(given, str) else ""
    if isinstance(inner, str) and not _VALUES.fullmatch(inner):
        hidden = key == LAST_APPLIED or is_secret_field(name, inner)
        return PLACEHOLDER if hidden else leaf(inner)
    if type(inner) is int and is_certain_name(name):
        return PLACEHOLDER
    if isinstance(inner, list) and is_secret_name(name):
        inner = [_hide(one) if isinstance(one, str) else one for one in inner]
    return redact_document(inner, leaf)


def _items(values: list[Any], leaf: Callable[[str], str]) -> Iterator[Any]:
    """Clean each of *values*; of arguments, `--password` hides the one behind it."""
    hidden = False
    for one in values:
        is_option = isinstance(one, str) and one.startswith("-")
        yield PLACEHOLDER if hidden and not is_option else redact_document(one, leaf)
        hidden = is_option and "=" not in one and is_secret_name(one.lstrip("-"))


def _hide(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hide(inner) for key, inner in value.items()}
    return value if value is None else PLACEHOLDER


def redact_yaml(text: str) -> str:
    """Return *text* without the values of Secrets, secret variables and applied copies in it."""
    if not _WORTH_READING.search(text):
        return text
    lines = text.split("\n")
    hidden = set(_secret_fields(lines))
    return "\n".join(_without(lines, hidden))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _secret_fields(lines: list[str]) -> Iterator[int]:
    """Yield the lines that open `data` or `stringData` of a Secret."""
    for at, line in enumerate(lines):
        if found := _KIND_SECRET.match(line):
            level = len(found["lead"])
            for other in (*_siblings(lines, at, level, -1), *_siblings(lines, at, level, 1)):
                field = _FIELD.match(lines[other])
                if field and len(field["lead"]) == level and field["key"] in _SECRET_FIELDS:
                    yield other


def _siblings(lines: list[str], at: int, level: int, step: int) -> Iterator[int]:
    """Yield the lines of the same mapping before (*step* -1) or after (1) line *at*."""
    opens_item = lines[at].lstrip(" ").startswith("- ")
    if step < 0 and opens_item:
        return
    other = at + step
    while 0 <= other < len(lines):
        line = lines[other]
        starts = line.lstrip(" ").startswith("- ") and _indent(line) == level - 2
        if line.startswith("---") or (line.strip() and _indent(line) < level and not starts):
            return
        if starts and step > 0:
            return
        yield other
        if starts:
            return
        other += step


def _without(lines: list[str], hidden: set[int]) -> Iterator[str]:
    """Yield *lines*, the values under *hidden* ones and under applied copies replaced."""
    at = 0
    secret_variable = False
    while at < len(lines):
        line = lines[at]
        at += 1
        field = _FIELD.match(line)
        if at - 1 in hidden:
            assert field is not None
            yield line if not field["rest"].strip() else _cut(field)
            at = yield from _hide_children(lines, at, len(field["lead"]))
        elif field and _opens_a_secret(field, lines[at] if at < len(lines) else ""):
            yield _cut(field)
            at = _skip_deeper(lines, at, len(field["lead"]))
            at = _skip_described(lines, at)
        elif secret_variable and (value := _ENV_VALUE.match(line)):
            yield value["before"] + PLACEHOLDER
            at = _skip_deeper(lines, at, _indent(line))
        else:
            yield line
        name = _ENV_NAME.match(line)
        secret_variable = bool(name and is_secret_name(name["name"]))


def _opens_a_secret(field: re.Match[str], following: str) -> bool:
    """Tell whether a secret stands on the lines below *field*."""
    if field["key"] == LAST_APPLIED or field["rest"].rstrip().endswith(f"{LAST_APPLIED}:"):
        return True
    below = _BLOCK.fullmatch(field["rest"]) or (not field["rest"].strip() and following == "----")
    return bool(below) and is_secret_name(field["key"])


def _skip_described(lines: list[str], at: int) -> int:
    """Skip the value under a ruler, up to the next key or heading that has one."""
    if lines[at : at + 1] != ["----"]:
        return at
    at += 1
    while at < len(lines) and not _RULER.fullmatch("".join(lines[at + 1 : at + 2])):
        at += 1
    return at


def _hide_children(lines: list[str], at: int, level: int) -> Generator[str, None, int]:
    while at < len(lines) and lines[at].strip() and _indent(lines[at]) > level:
        child = _FIELD.match(lines[at])
        if child is None:
            at += 1
            continue
        yield _cut(child)
        at = _skip_deeper(lines, at + 1, len(child["lead"]))
    return at


def _skip_deeper(lines: list[str], at: int, level: int) -> int:
    while at < len(lines) and lines[at].strip() and _indent(lines[at]) > level:
        at += 1
    return at


def _cut(field: re.Match[str]) -> str:
    return f"{field['lead']}{field['key']}: {PLACEHOLDER}"
