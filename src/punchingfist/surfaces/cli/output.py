"""How results leave the CLI."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from punchingfist.domain.printable import escaped

F = TypeVar("F", bound=Callable[..., Any])


def output_option(command: F) -> F:
    """Add `--output text|json` to *command*."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Text for people, or one JSON document on stdout and nothing else.",
    )(command)


def print_json(value: Any) -> None:
    """Print *value* as one indented JSON document."""
    import json

    click.echo(escaped(json.dumps(value, indent=2, ensure_ascii=False, default=str)))
