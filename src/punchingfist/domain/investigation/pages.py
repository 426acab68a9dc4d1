"""Stored outputs as pages one can quote from, and the Kubernetes objects read off them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from punchingfist.domain.investigation.findings import ObjectRef, Quote
from punchingfist.domain.investigation.quantities import parse_time

QUOTE_LIMIT: Final = 300
# Go's encoder writes these three escaped inside strings; other encoders do not.
_GO_ESCAPES: Final = (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e"))


@dataclass(frozen=True)
class Page:
    """The *output* of one look; whatever is quoted from it stands in it."""

    evidence_id: str
    output: str

    @cached_property
    def _lines(self) -> frozenset[str]:
        return frozenset(line.strip().rstrip(",") for line in self.output.split("\n"))

    def has(self, fragment: str) -> bool:
        """Return whether *fragment* stands in one line here."""
        # A whole line is found at once; searching megabytes for each quote would take seconds.
        return "\n" not in fragment and (fragment in self._lines or fragment in self.output)

    def quote(self, fragment: str) -> Quote | None:
        """Return *fragment*, cut to a readable length, if it stands in one line here."""
        line = fragment.split("\n", 1)[0].strip()[:QUOTE_LIMIT].rstrip()
        return Quote(self.evidence_id, line) if line and self.has(line) else None

    def quote_pair(self, key: str, value: object) -> Quote | None:
        """Return the `"key": value` of a JSON output, however it was encoded."""
        return next((q for q in map(self.quote, _spellings(key, value)) if q), None)

    def quote_item(self, value: object) -> Quote | None:
        """Return the line of a JSON output that is *value* alone, as in a list."""
        return next((q for q in map(self.quote, _encodings(value)) if q), None)


@dataclass(frozen=True, slots=True)
class Seen:
    """A Kubernetes object as last seen."""

    ref: ObjectRef
    body: Mapping[str, Any]
    page: Page

    @property
    def name(self) -> str:
        return self.ref.name

    @property
    def namespace(self) -> str:
        return self.ref.namespace

    @property
    def labels(self) -> Mapping[str, str]:
        return self.texts("metadata", "labels")

    @property
    def created(self) -> datetime | None:
        return parse_time(self.at("metadata", "creationTimestamp"))

    def at(self, *path: str) -> Any:
        """Return what stands at *path*, or None."""
        node: Any = self.body
        for key in path:
            if not isinstance(node, dict):  # asking for any Mapping takes five times as long
                return None
            node = node.get(key)
        return node

    def mapping(self, *path: str) -> Mapping[str, Any]:
        return mapping(self.at(*path))

    def texts(self, *path: str) -> Mapping[str, str]:
        """Return the mapping at *path*, such as labels, as far as it holds text."""
        return {str(key): one for key, one in self.mapping(*path).items() if isinstance(one, str)}

    def items(self, *path: str) -> tuple[Mapping[str, Any], ...]:
        """Return the mappings of the list at *path*."""
        return mappings(self.at(*path))

    def number(self, *path: str) -> int:
        """Return the whole number at *path*, or 0."""
        return whole(self.at(*path))

    def quote(self, key: str, value: object) -> Quote | None:
        """Return the `"key": value` of this object as the output has it."""
        return self.page.quote_pair(key, value)


def parse_objects(page: Page) -> Iterator[Seen] | None:
    """Return the objects of `-o json`, one or a list; None when it is no such output."""
    document = parse_json(page.output)
    if not isinstance(document, Mapping) or "kind" not in document:
        return None
    items = document.get("items")
    bodies: Sequence[Any] = items if isinstance(items, list) else [document]
    return (_seen(body, page) for body in bodies if isinstance(body, Mapping) and "kind" in body)


def parse_json(text: str) -> Any:
    """Return *text* as JSON, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def is_list(node: object) -> bool:
    return isinstance(node, Sequence) and not isinstance(node, str)


def mapping(node: object) -> Mapping[str, Any]:
    """Return *node* if it is a mapping, else an empty one: outputs may have any shape."""
    return node if isinstance(node, dict) else {}


def mappings(node: object) -> tuple[Mapping[str, Any], ...]:
    """Return the mappings in the list *node*; none if it is no list."""
    return tuple(one for one in node if isinstance(one, dict)) if isinstance(node, list) else ()


def whole(node: object) -> int:
    """Return *node* if it is a whole number, else 0."""
    return node if isinstance(node, int) else 0


def present(*quotes: Quote | None) -> tuple[Quote, ...]:
    """Return the quotes that could be made, each once, in order."""
    return tuple(dict.fromkeys(quote for quote in quotes if quote))


def _seen(body: Mapping[str, Any], page: Page) -> Seen:
    metadata = mapping(body.get("metadata"))
    ref = ObjectRef(
        str(body["kind"]), str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    )
    return Seen(ref, body, page)


def _spellings(key: str, value: object) -> Iterator[str]:
    for encoded in _encodings(value):
        yield f'"{key}": {encoded}'
        yield f'"{key}":{encoded}'


def _encodings(value: object) -> Iterator[str]:
    plain = json.dumps(value, ensure_ascii=False)
    escaped = plain
    for character, escape in _GO_ESCAPES:
        escaped = escaped.replace(character, escape)
    yield from dict.fromkeys((plain, escaped, json.dumps(value)))
