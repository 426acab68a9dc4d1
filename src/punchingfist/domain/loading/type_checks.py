"""Types, tools and their configuration: unknown, not available yet, or fit to run."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from punchingfist.domain.resources.document import Loaded
from punchingfist.domain.resources.known_types import STEP_TYPES, TOOL_NAMES, KnownTypes
from punchingfist.domain.resources.sinks import SINK_CONFIGS, Sink
from punchingfist.domain.resources.sources import SOURCE_CONFIGS, Source, SourceSpec
from punchingfist.domain.resources.status import AVAILABLE, NOT_AVAILABLE_YET, Condition
from punchingfist.domain.resources.validation import flaws
from punchingfist.domain.resources.workflows import AgentTask, Workflow
from punchingfist.domain.yaml_tree import Path
from punchingfist.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found about one resource."""

    problems: tuple[InvalidInput, ...] = ()
    conditions: tuple[Condition, ...] = ()


def check_types(loaded: Loaded, known: KnownTypes) -> Judgement:
    """Check the type names a resource uses, and its configuration against its type."""
    match loaded.resource:
        case Source(spec=spec):
            judgement = _check_config(loaded, spec.type, spec.config, known.sources, SOURCE_CONFIGS)
            return replace(
                judgement, problems=(*judgement.problems, *_check_format(loaded, spec, known))
            )
        case Sink(spec=spec):
            return _check_config(loaded, spec.type, spec.config, known.sinks, SINK_CONFIGS)
        case Workflow() as workflow:
            found = [*_check_steps(loaded, workflow, known), *_check_tools(loaded, workflow, known)]
            return Judgement(
                tuple(each for each in found if isinstance(each, InvalidInput)),
                tuple(each for each in found if isinstance(each, Condition)),
            )
        case _:
            return Judgement()


def _check_config(
    loaded: Loaded,
    type_: str,
    config: Mapping[str, Any],
    available: Mapping[str, type[Any]],
    planned: Mapping[str, type[BaseModel]],
) -> Judgement:
    model = available.get(type_) or planned.get(type_)
    if model is None:
        return Judgement((_unknown_type(loaded, ("spec", "type"), type_, {*available, *planned}),))
    conditions: list[Condition] = []
    if type_ not in available:
        kind = loaded.resource.kind.lower()
        conditions.append(_not_yet(loaded, f"{kind} type {type_!r} is not available yet"))
    try:
        read = model.model_validate(config)
    except ValidationError as error:
        found = flaws(error, model, ("spec", "config"))
        return Judgement(tuple(loaded.problem(f.path, f.message, f.value) for f in found))
    conditions.extend(_unknown_fields(loaded, read))
    conditions.extend(_unguarded(loaded, config))
    return Judgement((), tuple(conditions))


def _check_format(loaded: Loaded, spec: SourceSpec, known: KnownTypes) -> Iterator[InvalidInput]:
    name = spec.config.get("format")
    if spec.type == "webhook" and isinstance(name, str) and name not in known.formats:
        yield _unknown(loaded, ("spec", "config", "format"), "format", name, known.formats)


def _unknown_fields(loaded: Loaded, config: BaseModel) -> Iterator[Condition]:
    fields = [field.alias or name for name, field in type(config).model_fields.items()]
    for name in config.model_extra or {}:
        near = get_close_matches(name, fields, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(fields)}"
        message = f"spec.config.{name} is unknown and has no effect; {hint}"
        yield loaded.condition("ConfigRecognised", "False", "UnknownField", message)


def _unguarded(loaded: Loaded, config: Mapping[str, Any]) -> Iterator[Condition]:
    authentication = config.get("authentication")
    if not isinstance(loaded.resource, Source) or not isinstance(authentication, Mapping):
        return
    if authentication.get("type") == "none":
        message = "requests are taken from anybody; limit who can reach the path"
        yield loaded.condition("Authenticated", "False", "AuthenticationOff", message)
    elif authentication.get("type") != "sns" and not authentication.get("secretRef"):
        if loaded.resource.spec.type == "api":
            return  # our own tokens let in
        message = "spec.config.authentication.secretRef is missing, so nobody is let in; add it"
        yield loaded.condition("Authenticated", "False", "SecretRefMissing", message)


def _check_steps(
    loaded: Loaded, workflow: Workflow, known: KnownTypes
) -> Iterator[InvalidInput | Condition]:
    for index, step in enumerate(workflow.spec.steps):
        path: Path = ("spec", "steps", index)
        if step.type not in known.steps | STEP_TYPES:
            yield _unknown_type(loaded, (*path, "type"), step.type, known.steps | STEP_TYPES)
        elif step.type not in known.steps:
            yield _not_yet(loaded, f"step {step.name!r}: type {step.type!r} is not available yet")
        if step.approval_required or (step.agent and step.agent.approval_required):
            yield _not_yet(loaded, f"step {step.name!r}: approvalRequired is not available yet")


def _check_tools(
    loaded: Loaded, workflow: Workflow, known: KnownTypes
) -> Iterator[InvalidInput | Condition]:
    for index, step in enumerate(workflow.spec.steps):
        for task, path in tasks_of(step, ("spec", "steps", index)):
            for number, tool in enumerate(task.tools):
                if tool.name in known.tools:
                    continue
                if tool.command is None and tool.name not in TOOL_NAMES:
                    where = (*path, "tools", number)
                    yield _unknown(loaded, where, "tool", tool.name, known.tools | TOOL_NAMES)
                    continue
                message = f"step {step.name!r}: tool {tool.name!r} is not available yet"
                yield loaded.condition("ToolsAvailable", "False", NOT_AVAILABLE_YET, message)


def tasks_of(step: AgentTask, path: Path) -> Iterator[tuple[AgentTask, Path]]:
    """Yield what agents are asked in a step, the nested one included, with their paths."""
    yield step, path
    nested = getattr(step, "agent", None)
    if nested is not None:
        yield nested, (*path, "agent")


def _not_yet(loaded: Loaded, message: str) -> Condition:
    return loaded.condition(AVAILABLE, "False", NOT_AVAILABLE_YET, message)


def _unknown_type(loaded: Loaded, path: Path, name: str, names: Collection[str]) -> InvalidInput:
    return _unknown(loaded, path, "type", name, names)


def _unknown(
    loaded: Loaded, path: Path, what: str, name: str, names: Collection[str]
) -> InvalidInput:
    near = get_close_matches(name, sorted(names), n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(sorted(names))}"
    return loaded.problem(path, f"{what} {name!r} is unknown; {hint}", name)
