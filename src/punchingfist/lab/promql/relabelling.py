"""Functions that rewrite labels: label_replace and label_join."""

import re

from punchingfist.lab.promql.errors import ExecutionError
from punchingfist.lab.promql.expressions import (
    Moment,
    Sample,
    TextExpression,
    Vector,
    VectorExpression,
    distinct,
)
from punchingfist.lab.promql.labels import Labels, is_label_name, value_of, with_label
from punchingfist.lab.promql.matchers import compile_regex

_REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})", re.ASCII)


def label_replace(of: VectorExpression, *parameters: TextExpression) -> VectorExpression:
    """Set a label from the groups of a regular expression matched against another."""
    target, replacement, source, regex = (one.text for one in parameters)
    _check_label_name(target, "destination", "label_replace")
    pattern = compile_regex(regex)

    def rewrite(labels: Labels) -> Labels:
        match = pattern.fullmatch(value_of(labels, source))
        return labels if match is None else with_label(labels, target, _expand(replacement, match))

    def evaluate(moment: Moment) -> Vector:
        return distinct(Sample(rewrite(labels), value) for labels, value in of.evaluate(moment))

    return VectorExpression(evaluate)


def label_join(of: VectorExpression, *parameters: TextExpression) -> VectorExpression:
    """Set a label to the values of others, joined by a separator."""
    target, separator, *sources = (one.text for one in parameters)
    _check_label_name(target, "destination", "label_join")
    for source in sources:
        _check_label_name(source, "source", "label_join")

    def evaluate(moment: Moment) -> Vector:
        return distinct(
            Sample(
                with_label(
                    labels, target, separator.join(value_of(labels, source) for source in sources)
                ),
                value,
            )
            for labels, value in of.evaluate(moment)
        )

    return VectorExpression(evaluate)


def _check_label_name(name: str, role: str, function: str) -> None:
    if not is_label_name(name):
        raise ExecutionError(f"invalid {role} label name in {function}(): {name}", value=name)


def _expand(template: str, match: re.Match[str]) -> str:
    """Expand `$1`, `${name}` and `$$`; a group that does not exist is empty."""

    def group(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        try:
            return match[int(name) if name.isdigit() else name] or ""
        except IndexError:
            return ""

    return _REFERENCE.sub(group, template)
