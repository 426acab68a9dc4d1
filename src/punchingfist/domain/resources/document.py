"""From YAML, or from the cluster's JSON, to resources."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

from pydantic import ValidationError

from punchingfist.domain.resources.metadata import API_GROUP, API_VERSION
from punchingfist.domain.resources.operator_config import DEFAULT_NAME, OperatorConfig
from punchingfist.domain.resources.sinks import Sink
from punchingfist.domain.resources.sources import Source
from punchingfist.domain.resources.status import Condition
from punchingfist.domain.resources.validation import Flaw, Problem, flaws
from punchingfist.domain.resources.workflows import Workflow
from punchingfist.domain.yaml_tree import Path, YamlDocument, parse_yaml
from punchingfist.errors import InvalidInput

Resource: TypeAlias = Source | Workflow | Sink | OperatorConfig

KINDS: Mapping[str, type[Resource]] = {
    model.KIND: model for model in (Source, Workflow, Sink, OperatorConfig)
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A resource and where it came from, so that later checks can point there too."""

    resource: Resource
    file: str | None
    document: YamlDocument

    @property
    def is_named(self) -> bool:
        """Whether the document itself says a name."""
        return _written_name(self.document.tree) is not None

    def problem(
        self, path: Path, message: str, value: Any = None, *, text_line: int = 0
    ) -> InvalidInput:
        """Say what is wrong at *path*; *text_line* is the line inside a longer text."""
        title = f"{self.resource.kind} {self.resource.name!r}"
        line = self.document.line_of(path, text_line)
        return Problem(self.file, title).at(path, line, message, value)

    def condition(self, type_: str, status: str, reason: str, message: str) -> Condition:
        return Condition(self.resource.kind, self.resource.name, type_, status, reason, message)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text held: resources, what is worth telling, and what is wrong."""

    loaded: tuple[Loaded, ...] = ()
    conditions: tuple[Condition, ...] = ()
    problems: tuple[InvalidInput, ...] = ()

    def __add__(self, other: "Parsed") -> "Parsed":
        return Parsed(
            self.loaded + other.loaded,
            self.conditions + other.conditions,
            self.problems + other.problems,
        )


def parse_documents(text: str, file: str) -> Parsed:
    """Read every document of a file; nothing is raised, so that all problems can be told at once."""
    try:
        documents = parse_yaml(text, file=file)
    except InvalidInput as error:
        return Parsed(problems=(error,))
    parsed = Parsed()
    for index, document in enumerate(documents, start=1):
        if document.tree is not None:
            parsed += parse_document(document, file, index=index)
    return parsed


def parse_object(tree: Mapping[str, Any]) -> Parsed:
    """Read one object as the cluster's API gives it."""
    return parse_document(YamlDocument(tree, {}), None)


def parse_document(document: YamlDocument, file: str | None, *, index: int = 1) -> Parsed:
    """Read one document; *index* counts from 1 within its file."""
    tree = document.tree
    label = f"document {index}"
    if not isinstance(tree, Mapping):
        problem = Problem(file, label).at((), document.line_of(()), "it is not a map of fields")
        return Parsed(problems=(problem,))
    group, _, _ = str(tree.get("apiVersion")).partition("/")
    if group != API_GROUP and not (group == "None" and tree.get("kind") in KINDS):
        skipped = Condition(
            str(tree.get("kind") or "document"),
            f"{file}#{index}",
            "Skipped",
            "True",
            "NotOurs",
            f"apiVersion {tree.get('apiVersion')!r} is not {API_VERSION}; the document is left alone",
        )
        return Parsed(conditions=(skipped,))
    return _parse_resource(document, file, index)


def _parse_resource(document: YamlDocument, file: str | None, index: int) -> Parsed:
    kind = document.tree.get("kind")
    name = _written_name(document.tree)
    problem = Problem(file, f"{kind} {name!r}" if kind in KINDS and name else f"document {index}")
    found = list(_header_flaws(document.tree))
    tree, conditions = _with_name(document.tree, file, index)
    model = KINDS.get(str(kind))
    resource: Resource | None = None
    if model is not None:
        try:
            resource = model.model_validate(tree)
        except ValidationError as error:
            found.extend(flaw for flaw in flaws(error, model) if flaw.path != ("kind",))
    problems = tuple(
        problem.at(flaw.path, document.line_of(flaw.path), flaw.message, flaw.value)
        for flaw in found
    )
    if problems or resource is None:
        return Parsed(problems=problems)
    return Parsed((Loaded(resource, file, document),), conditions)


def _header_flaws(tree: Mapping[str, Any]) -> Iterator[Flaw]:
    version, kind = tree.get("apiVersion"), tree.get("kind")
    if version != API_VERSION:
        yield Flaw(("apiVersion",), f"{version!r} is unknown; write {API_VERSION}", version)
    if kind not in KINDS:
        near = get_close_matches(str(kind), KINDS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(KINDS)}"
        yield Flaw(("kind",), f"{kind!r} is unknown; {hint}", kind)


def _written_name(tree: Mapping[str, Any]) -> str | None:
    metadata = tree.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return name if isinstance(name, str) else None


def _with_name(
    tree: Mapping[str, Any], file: str | None, index: int
) -> tuple[dict[str, Any], tuple[Condition, ...]]:
    """Give a fragment without a name one that stays the same as long as its file does."""
    metadata = tree.get("metadata") or {}
    if not isinstance(metadata, Mapping) or metadata.get("name") is not None:
        return dict(tree), ()
    kind = str(tree.get("kind"))
    stem = re.sub(r"[^a-z0-9]+", "-", _stem(file).lower()).strip("-") or "unnamed"
    name = DEFAULT_NAME if kind == OperatorConfig.KIND else f"{stem}-{index}"
    condition = Condition(
        kind,
        name,
        "Named",
        "False",
        "NameMissing",
        f"it has no metadata.name and is called {name!r}; add one",
    )
    return {**tree, "metadata": {**metadata, "name": name}}, (condition,)


def _stem(file: str | None) -> str:
    return (file or "").rpartition("/")[2].rpartition(".")[0]
