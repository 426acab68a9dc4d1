"""Every template and condition of a resource, parsed before anything runs."""

from collections.abc import Callable, Iterator
from typing import Any

from punchingfist.domain.loading.type_checks import tasks_of
from punchingfist.domain.resources.document import Loaded
from punchingfist.domain.resources.sinks import Sink
from punchingfist.domain.resources.sources import Source
from punchingfist.domain.resources.workflows import AgentTask, Step, Workflow
from punchingfist.domain.workflows.conditions import check_cel
from punchingfist.domain.workflows.shell_text import check_command
from punchingfist.domain.workflows.templates import parse, parse_yaml_template
from punchingfist.domain.yaml_tree import Path
from punchingfist.errors import InvalidInput

Check = Callable[[str], object]
Found = tuple[Path, str, Check]


def template_problems(loaded: Loaded) -> Iterator[InvalidInput]:
    """Report each template that does not parse, at the line of the file where it breaks."""
    for path, text, check in _templates(loaded.resource):
        try:
            check(text)
        except InvalidInput as error:
            yield loaded.problem(path, str(error), text, text_line=error.line or 0)


def _templates(resource: object) -> Iterator[Found]:
    match resource:
        case Workflow(spec=spec):
            for index, step in enumerate(spec.steps):
                yield from _of_step(step, ("spec", "steps", index))
            for index, output in enumerate(spec.outputs):
                yield ("spec", "outputs", index, "value"), output.value, parse
            for index, sink in enumerate(spec.sinks):
                if sink.condition is not None:
                    yield ("spec", "sinks", index, "condition"), sink.condition, parse
        case Source(spec=spec) if spec.type == "webhook":
            yield from _of_mapping(spec.config.get("mapping"))
        case Sink(spec=spec):
            template = spec.config.get("template")
            if isinstance(template, str):
                check = parse_yaml_template if spec.type == "alertmanager" else parse
                yield ("spec", "config", "template"), template, check
            condition = spec.config.get("triggerCondition")
            if isinstance(condition, str):
                yield ("spec", "config", "triggerCondition"), condition, check_cel


def _of_mapping(mapping: Any) -> Iterator[Found]:
    if isinstance(mapping, dict):
        texts = {name: text for name, text in mapping.items() if name != "items"}
        yield from _of_tree(texts, ("spec", "config", "mapping"))


def _of_step(step: Step, path: Path) -> Iterator[Found]:
    if step.command is not None:
        yield (*path, "command"), step.command, check_command
    if step.condition is not None:
        yield (*path, "condition"), step.condition, parse
    for task, place in tasks_of(step, path):
        yield from _of_task(task, place)


def _of_task(task: AgentTask, path: Path) -> Iterator[Found]:
    if task.goal is not None:
        yield (*path, "goal"), task.goal, parse
    yield from _of_tree(task.context, (*path, "context"))
    for index, tool in enumerate(task.tools):
        if tool.endpoint is not None:
            yield (*path, "tools", index, "endpoint"), tool.endpoint, parse


def _of_tree(tree: Any, path: Path) -> Iterator[Found]:
    match tree:
        case str():
            yield path, tree, parse
        case dict():
            for key, value in tree.items():
                yield from _of_tree(value, (*path, key))
        case list():
            for index, value in enumerate(tree):
                yield from _of_tree(value, (*path, index))
