"""YAML as a plain tree that remembers where each value stood."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from punchingfist.errors import InvalidInput

Path = tuple[str | int, ...]

_MOST_VALUES = 50_000
_DEEPEST = 60
_LONGEST_TEXT = 1024 * 1024
_SCALAR_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "merge")
)
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class Place:
    """The 1-based line of a value; *literal* when it is a `|` text starting on the next line."""

    line: int
    literal: bool = False


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document of a file: its tree and the place of every path in it."""

    tree: Any
    places: dict[Path, Place] = field(repr=False)

    def line_of(self, path: Path, text_line: int = 0) -> int | None:
        """
        Return the line of *path*, or of the nearest thing around it; None when no file had it.

        *text_line* counts lines inside a text, which only a `|` text keeps apart.
        """
        for length in range(len(path), -1, -1):
            place = self.places.get(path[:length])
            if place is None:
                continue
            inside = length == len(path) and place.literal
            return place.line + text_line if inside else place.line
        return None


class _PlainLoader(yaml.SafeLoader):
    """YAML 1.2's reading of scalars, so that `on:` stays a word and a date stays a text."""


_PlainLoader.yaml_implicit_resolvers = {}


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]{0,18})$", "-+0123456789"),
    (
        "float",
        r"^[-+]?(?:[0-9][0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)$",
        "-+0123456789",
    ),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^(?:<<)$", "<"),
):
    _PlainLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first)
    )


def parse_yaml(text: str, *, file: str | None = None) -> list[YamlDocument]:
    """Read every document of *text*; bounded in size, depth and number of values."""
    if len(text) > _LONGEST_TEXT:
        raise InvalidInput("the YAML is larger than 1 MiB; split it", file=file)
    try:
        return list(_documents(text, file))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InvalidInput(
            f"the YAML is malformed: {error.problem or error.context}; check this line's indentation and quotes",
            file=file,
            line=mark.line + 1 if mark else None,
        ) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise InvalidInput(
            f"the YAML holds the character U+{error.character:04X}; remove it", file=file, line=line
        ) from error
    except RecursionError as error:
        raise InvalidInput("the YAML is nested too deeply; flatten it", file=file) from error


def _documents(text: str, file: str | None) -> Iterator[YamlDocument]:
    loader = _PlainLoader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            assert node is not None, "check_node said there is one"
            builder = _Builder(loader, file)
            tree = builder.value(node, ())
            yield YamlDocument(tree, builder.places)
    finally:
        loader.dispose()


class _Builder:
    """Turns nodes into values, noting places; an alias counts each time it is used."""

    def __init__(self, loader: _PlainLoader, file: str | None) -> None:
        self._loader, self._file = loader, file
        self._count = 0
        self.places: dict[Path, Place] = {}

    def value(self, node: yaml.Node, path: Path) -> Any:
        self._count += 1
        if len(path) > _DEEPEST or self._count > _MOST_VALUES:
            raise self._refuse(node, "the YAML is nested too deeply or too large; flatten it")
        place = Place(node.start_mark.line + 1, getattr(node, "style", None) == "|")
        known = self.places.setdefault(path, place)
        if place.literal and not known.literal:
            self.places[path] = place
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
        if node.tag not in _SCALAR_TAGS:
            raise self._refuse(node, f"the tag {node.tag!r} is not supported; remove it")
        try:
            return self._loader.construct_object(node)
        except (ValueError, KeyError) as error:
            kind = node.tag.rpartition(":")[2]
            raise self._refuse(node, f"{node.value!r} is no {kind}; remove the tag") from error

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        self._check_keys(node)
        tree: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                tree = {**self._merged(value, path), **tree}
        for key, value in node.value:
            if key.tag != _MERGE:
                name = str(key.value)
                self.places[*path, name] = Place(key.start_mark.line + 1)
                tree[name] = self.value(value, (*path, name))
        return tree

    def _merged(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        for each in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if not isinstance(each, yaml.MappingNode):
                raise self._refuse(each, "'<<' needs a map or a list of maps; write *NAME after it")
            tree = {**self.value(each, path), **tree}
        return tree

    def _check_keys(self, node: yaml.MappingNode) -> None:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._refuse(
                    key, "a key is not a word; put quotes around a value that starts with '{{'"
                )
            if key.value in seen:
                raise self._refuse(key, f"the key {key.value!r} stands twice; remove one")
            if key.tag != _MERGE:
                seen.add(str(key.value))

    def _refuse(self, node: yaml.Node, message: str) -> InvalidInput:
        return InvalidInput(message, file=self._file, line=node.start_mark.line + 1)
