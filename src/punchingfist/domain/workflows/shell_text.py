"""A command whose placeholders reach the shell as variables, so that data stays data."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from punchingfist.domain.workflows.shell_quoting import MARK, splice
from punchingfist.domain.workflows.template_nodes import If, Node, Output, Range, Text, With
from punchingfist.domain.workflows.templates import Scope, parse, pieces
from punchingfist.errors import InvalidInput

_LARGEST_VALUE = 100_000
_LARGEST_ENVIRONMENT = 500_000
_NOT_FOR_ENVIRONMENTS = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ShellText:
    """
    A script for `sh -c` or `bash -c`, and the outside text it refers to.

    *environment* goes into the process's environment as it is. Each value of
    *files* is to be written to a file whose path goes into the environment
    under its key.
    """

    script: str
    environment: Mapping[str, str]
    files: Mapping[str, str]


def to_shell(command: str, scope: Scope) -> ShellText:
    """
    Fill in *command* without ever letting the shell parse a value.

    Raises:
        InvalidInput: the template is wrong, or a placeholder stands where the
            shell, or a program it starts, would parse it.
    """
    template = parse(command)
    if not template.has_placeholders:
        return ShellText(command, {}, {})
    marked: list[str] = []
    values: list[str] = []
    for piece in pieces(template, scope):
        if isinstance(piece, Text):
            marked.append(_author_text(piece.text))
        else:
            values.append(_NOT_FOR_ENVIRONMENTS.sub("\N{REPLACEMENT CHARACTER}", piece.text))
            marked.append(f"{MARK}{len(values)}{MARK}")
    script = splice("".join(marked), "${{PF_{}}}".format)
    environment, files = _placed(values)
    return ShellText(_reading(files) + script, environment, files)


def check_command(command: str) -> None:
    """Refuse what `to_shell` would refuse, whatever the values will be."""
    template = parse(command)
    if not template.has_placeholders:
        return
    for choice in range(_most_branches(template.nodes)):
        splice("".join(_marked(template.nodes, choice)), "${{PF_{}}}".format)


def _author_text(text: str) -> str:
    if MARK in text:
        raise InvalidInput("the command holds a NUL character; remove it", value=text)
    return text


def _placed(values: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    environment: dict[str, str] = {}
    files: dict[str, str] = {}
    used = 0
    for number, value in enumerate(values, start=1):
        size = len(value.encode())
        if size > _LARGEST_VALUE or used + size > _LARGEST_ENVIRONMENT:
            files[f"PF_{number}_FILE"] = value
        else:
            environment[f"PF_{number}"] = value
            used += size
    return environment, files


def _reading(files: Mapping[str, str]) -> str:
    # $(…) drops trailing newlines; the dot keeps them. The variable is not exported, so the
    # size limit of an environment never applies.
    lines = (
        f'{name}=$(cat "${{{name}_FILE}}" && printf .) && {name}=${{{name}%.}}\n'
        for name in (file.removesuffix("_FILE") for file in files)
    )
    return "".join(lines)


def _most_branches(nodes: tuple[Node, ...]) -> int:
    """Return how many choices reach every branch when all blocks choose alike."""
    most = 1
    for node in nodes:
        bodies = _bodies(node)
        most = max(most, len(bodies), *(_most_branches(body) for body in bodies), 1)
    return most


def _bodies(node: Node) -> list[tuple[Node, ...]]:
    match node:
        case If(branches, otherwise):
            return [*(body for _, body in branches), otherwise]
        case Range(_, body, otherwise) | With(_, body, otherwise):
            return [body, otherwise]
        case _:
            return []


def _marked(nodes: tuple[Node, ...], choice: int) -> Iterator[str]:
    for node in nodes:
        match node:
            case Text(text):
                yield _author_text(text)
            case Output():
                yield f"{MARK}1{MARK}"
            case _:
                bodies = _bodies(node)
                yield from _marked(bodies[min(choice, len(bodies) - 1)], choice)
