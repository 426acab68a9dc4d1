"""Where secrets stand in Kubernetes objects, written as JSON or as YAML."""

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from punchingfist.domain.guardrails.redaction_patterns import PLACEHOLDER, is_secret_name

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SECRET_FIELDS = ("data", "stringData")
_VALUES = re.compile(r"true|false|null|\d*|\[redacted\]", re.IGNORECASE)

_KIND_SECRET = re.compile(r"^(?P<lead> *(?:- )?)[\"']?kind[\"']?: [\"']?Secret[\"']?\s*$")
_FIELD = re.compile(r"^(?P<lead> *(?:- )?)[\"']?(?P<key>[^\s\"':][^\"':]*)[\"']?:(?P<rest>.*)$")
_ENV_NAME = re.compile(r"^(?P<lead> *(?:- )?)name: *[\"']?(?P<name>[\w.-]+)[\"']?\s*$")
_ENV_VALUE = re.compile(r"^(?P<before> *(?:- )?value: *)(?P<value>\S.*)$")


def redact_document(value: Any, leaf: Callable[[str], str]) -> Any:
    """Return a decoded JSON *value* without secrets; *leaf* cleans the text within."""
    if isinstance(value, str):
        return leaf(value)
    if isinstance(value, list):
        return [redact_document(one, leaf) for one in value]
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
    named = owner.get("name") if key == "value" else key
    hidden = key == LAST_APPLIED or (isinstance(named, str) and is_secret_name(named))
    if hidden and isinstance(inner, str) and not _VALUES.fullmatch(inner):
        return PLACEHOLDER
    return redact_document(inner, leaf)


def _hide(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hide(inner) for key, inner in value.items()}
    return value if value is None else PLACEHOLDER


def redact_yaml(text: str) -> str:
    """Return *text* without the values of Secrets, secret variables and applied copies in it."""
    if LAST_APPLIED not in text and "Secret" not in text and "value:" not in text:
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
        elif field and field["key"] == LAST_APPLIED:
            yield _cut(field)
            at = _skip_deeper(lines, at, len(field["lead"]))
        elif secret_variable and (value := _ENV_VALUE.match(line)):
            yield value["before"] + PLACEHOLDER
            at = _skip_deeper(lines, at, _indent(line))
        else:
            yield line
        name = _ENV_NAME.match(line)
        secret_variable = bool(name and is_secret_name(name["name"]))


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
