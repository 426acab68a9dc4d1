"""Puts resources together and checks that they fit."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from punchingfist.domain.loading.references import dangling_references
from punchingfist.domain.loading.secrets import plaintext_secrets
from punchingfist.domain.loading.template_checks import template_problems
from punchingfist.domain.loading.type_checks import check_types
from punchingfist.domain.loading.uniqueness import duplicates
from punchingfist.domain.resources.collection import Resources
from punchingfist.domain.resources.document import Loaded, Parsed, parse_documents
from punchingfist.domain.resources.known_types import KnownTypes
from punchingfist.domain.resources.operator_config import DEFAULT_NAME, OperatorConfig
from punchingfist.domain.resources.problems import InvalidResources
from punchingfist.domain.resources.sinks import Sink
from punchingfist.domain.resources.sources import Source
from punchingfist.domain.resources.status import Condition
from punchingfist.domain.resources.workflows import Workflow

Kind = TypeVar("Kind", Source, Workflow, Sink, OperatorConfig)


def assemble_files(files: Mapping[str, str], known: KnownTypes) -> Resources:
    """
    Read and check the texts of *files* by name.

    Raises:
        InvalidResources: everything that is wrong, in all of them.
    """
    parsed = Parsed()
    for file, text in files.items():
        parsed += parse_documents(text, file)
    return assemble(parsed, known)


def assemble(parsed: Parsed, known: KnownTypes) -> Resources:
    """
    Check what was parsed, from wherever it came.

    Raises:
        InvalidResources: everything that is wrong.
    """
    problems = list(parsed.problems)
    conditions = list(parsed.conditions)
    problems.extend(duplicates(parsed.loaded))
    for loaded in parsed.loaded:
        types = check_types(loaded, known)
        problems.extend(types.problems)
        problems.extend(template_problems(loaded))
        conditions.extend(types.conditions)
        conditions.extend(plaintext_secrets(loaded))
    if problems:
        raise InvalidResources(sorted(problems, key=lambda each: (each.file or "", each.line or 0)))
    config, ignored = _chosen_config(parsed.loaded)
    return Resources(
        sources=_of_kind(Source, parsed.loaded),
        workflows=_of_kind(Workflow, parsed.loaded),
        sinks=_of_kind(Sink, parsed.loaded),
        config=config,
        conditions=(*conditions, *dangling_references(parsed.loaded), *ignored),
    )


def _of_kind(kind: type[Kind], loaded: Iterable[Loaded]) -> dict[str, Kind]:
    return {each.resource.name: each.resource for each in loaded if isinstance(each.resource, kind)}


def _chosen_config(
    loaded: Iterable[Loaded],
) -> tuple[OperatorConfig | None, tuple[Condition, ...]]:
    """Return the one that counts: by its usual name, else the first by name."""
    configs = [each for each in loaded if isinstance(each.resource, OperatorConfig)]
    configs.sort(key=lambda each: (each.resource.name != DEFAULT_NAME, each.resource.name))
    message = f"only OperatorConfig {configs[0].resource.name!r} counts" if configs else ""
    ignored = tuple(
        each.condition("Ignored", "True", "AnotherCounts", message) for each in configs[1:]
    )
    config = next(iter(_of_kind(OperatorConfig, configs).values()), None)
    return config, ignored
