"""Whether a condition holds: a template that says so, or a CEL expression over labels."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from punchingfist.domain.workflows.templates import Scope, is_truthy, render
from punchingfist.errors import InvalidInput

if TYPE_CHECKING:
    from cel import Program


def holds(condition: str, scope: Scope) -> bool:
    """
    Render *condition* and judge the text; a path without value or default is an error.

    A condition without braces is taken as written: `true` holds, `false` does not.
    """
    return is_truthy(render(condition, scope, strict=True))


def check_cel(expression: str) -> None:
    """Refuse an expression that does not parse."""
    _program(expression)


def cel(expression: str, variables: Mapping[str, Any]) -> bool:
    """
    Evaluate a CEL expression such as `severity == 'critical'`.

    A word CEL keeps for itself, `namespace` above all, is reached as
    `labels.namespace`, so *variables* should hold the map `labels` too.

    Raises:
        InvalidInput: it does not parse, names a variable that is not there, or
            gives something other than true or false.
    """
    program = _program(expression)
    missing = [name for name in program.variables() if name not in variables]
    if missing:
        raise InvalidInput(
            f"condition {expression!r} names {missing[0]!r}, which has no value; "
            f"use one of {', '.join(sorted(variables)) or 'none'}",
            field=missing[0],
            value=expression,
        )
    try:
        answer = program.execute(dict(variables))
    except KeyError as error:
        raise InvalidInput(
            f"condition {expression!r} names {error.args[0]!r}, which has no value; test has(…) first",
            field=str(error.args[0]),
            value=expression,
        ) from error
    except (ValueError, TypeError, RuntimeError) as error:
        raise InvalidInput(
            f"condition {expression!r} cannot be judged: {error}; compare values of one kind",
            value=expression,
        ) from error
    if not isinstance(answer, bool):
        raise InvalidInput(
            f"condition {expression!r} gives {answer!r}; write one that is true or false",
            value=expression,
        )
    return answer


def _program(expression: str) -> "Program":
    import cel as library  # CEL's parser is heavy and most installations never use one

    try:
        return library.compile(expression)
    except ValueError as error:
        reason = str(error).partition("ERROR: ")[2].partition("\n")[0] or "it does not parse"
        reserved = reason.rpartition("reserved identifier: ")[2] if "reserved" in reason else ""
        hint = f"labels.{reserved}" if reserved else "it like severity == 'critical'"
        raise InvalidInput(
            f"condition {expression!r} is not CEL: {reason}; write {hint}",
            value=expression,
        ) from error
