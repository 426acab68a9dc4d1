"""Reading the files of a scenario, with errors that name file and field."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from punchingfist.errors import InvalidInput
from punchingfist.lab.kubernetes.logs import LogKey
from punchingfist.lab.kubernetes.objects import Manifest

try:  # ten times as fast, where PyYAML was built with libyaml
    from yaml import CSafeLoader as _SafeLoader
except ImportError:
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

_PREVIOUS = ".previous"


class _PlainLoader(_SafeLoader):
    """YAML without timestamps: a time stays the text that was written."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Section:
    """One mapping of a file; *path* leads to it from the top."""

    fields: Manifest
    file: str
    path: str = ""

    @classmethod
    def of(cls, file: Traversable) -> "Section":
        """Read a file that is one mapping."""
        return cls.checked(read_yaml(file), str(file), "")

    @classmethod
    def each(cls, file: Traversable) -> "list[Section]":
        """Read a file that is a list of mappings or several documents; an absent one is empty."""
        found = [
            item
            for document in _read_documents(file)
            for item in (document if isinstance(document, list) else [document])
        ]
        return [cls.checked(item, str(file), f"[{i}]") for i, item in enumerate(found)]

    @classmethod
    def checked(cls, value: Any, file: str, path: str) -> "Section":
        """Return *value* as a section if it is a mapping."""
        if not isinstance(value, dict):
            field = path or "the file"
            raise InvalidInput(f"{field} must be a mapping", field=path, value=value, file=file)
        return cls(value, file, path)

    def wrong(self, name: str, why: str) -> InvalidInput:
        """Return the error about the field *name* here."""
        field = f"{self.path}.{name}".lstrip(".")
        return InvalidInput(
            f"{field}: {why}", field=field, value=self.fields.get(name), file=self.file
        )

    def has(self, name: str) -> bool:
        """Tell whether *name* is given and not false."""
        return self.fields.get(name) not in (None, False)

    def text(self, name: str, *, default: str | None = None) -> str:
        """Return a string; without a *default* it must be there."""
        value = self.fields.get(name, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self.wrong(name, "must be text")
        return value

    def number(self, name: str, *, default: int) -> int:
        """Return a whole number."""
        value = self.fields.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(name, "must be a whole number")
        return value

    def time(self, name: str) -> datetime:
        """Return a time, which must say its zone."""
        text = self.text(name)
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            at = datetime.min  # noqa: DTZ901 - only to share the refusal below
        if at.tzinfo is None:
            raise self.wrong(name, f"{text!r} is no time; write it as 2025-06-12T14:30:00Z")
        return at.astimezone(UTC)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings, empty if absent."""
        value = self.fields.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(name, "must be a list of texts")
        return tuple(value)

    def section(self, name: str) -> "Section":
        """Return the mapping under *name*, which must be there."""
        path = f"{self.path}.{name}".lstrip(".")
        return self.checked(self.fields.get(name), self.file, path)

    def sections(self, name: str) -> "list[Section]":
        """Return the mappings listed under *name*, none if absent."""
        value = self.fields.get(name) or []
        if not isinstance(value, list):
            raise self.wrong(name, "must be a list")
        path = f"{self.path}.{name}".lstrip(".")
        return [self.checked(item, self.file, f"{path}[{i}]") for i, item in enumerate(value)]


def read_yaml(file: Traversable) -> Any:
    """Return the only document of *file*, None if there is no such file."""
    documents = _read_documents(file)
    if len(documents) > 1:
        raise InvalidInput("must be one YAML document", file=str(file))
    return documents[0] if documents else None


def _read_documents(file: Traversable) -> list[Any]:
    if not file.is_file():
        return []
    try:
        text = file.read_bytes().decode()
        found = list(yaml.load_all(text, _PlainLoader))
    except yaml.MarkedYAMLError as cause:
        line = cause.problem_mark.line + 1 if cause.problem_mark else None
        raise InvalidInput(f"not YAML: {cause.problem}", file=str(file), line=line) from cause
    except (yaml.YAMLError, UnicodeDecodeError) as cause:
        raise InvalidInput(f"not YAML: {cause}", file=str(file)) from cause
    return [document for document in found if document is not None]


def read_json_lines(file: Traversable) -> Iterator[Section]:
    """Read one mapping a line; an absent file has none."""
    if not file.is_file():
        return
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            parsed = json.loads(line)
        except ValueError as cause:
            raise InvalidInput(f"not JSON: {cause}", file=str(file), line=number) from cause
        yield Section.checked(parsed, str(file), f"line {number}")


def read_logs(folder: Traversable) -> dict[LogKey, bytes]:
    """Read `<namespace>/<pod>/<container>[.previous].log` as they are, byte for byte."""
    found = {}
    for namespace in _folders(folder):
        for pod in _folders(namespace):
            for file in pod.iterdir():
                if not file.name.endswith(".log"):
                    raise InvalidInput(
                        "a log is named <container>.log or <container>.previous.log",
                        file=str(file),
                    )
                stem = file.name.removesuffix(".log")
                container = stem.removesuffix(_PREVIOUS)
                key = LogKey(namespace.name, pod.name, container, stem != container)
                found[key] = file.read_bytes()
    return found


def _folders(folder: Traversable) -> list[Traversable]:
    return [entry for entry in folder.iterdir() if entry.is_dir()] if folder.is_dir() else []
