"""Alerting rules, evaluated in order of time as Prometheus does, so that `for` means the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from punchingfist.errors import InvalidInput
from punchingfist.lab.promql.errors import ExecutionError
from punchingfist.lab.promql.evaluate import Query, compile_query, evaluate_vector
from punchingfist.lab.promql.expressions import ScalarExpression, VectorExpression
from punchingfist.lab.promql.labels import Labels, drop_name, labels_of, value_of
from punchingfist.lab.promql.numbers import render_number
from punchingfist.lab.promql.series import SeriesIndex, parse_duration, refuse_unknown_keys

_KEYS: Final = frozenset({"alert", "expr", "for", "labels", "annotations"})
_TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_REFERENCE = re.compile(r"\{\{\s*\$(?:(value)|labels\.([a-zA-Z_]\w*))\s*\}\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AlertingRule:
    """A rule of metrics.yaml; label and annotation texts may hold `$value` and `$labels.x`."""

    name: str
    query: Query
    hold_ms: int
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ActiveAlert:
    """An element the rule's expression returned, and since when it has without a break."""

    labels: Labels
    annotations: Mapping[str, str]
    value: float
    active_at: int
    is_firing: bool


class RuleEvaluation:
    """
    The memory of one rule: what is active, and since when.

    *first* is the time of the first evaluation and *interval* the spacing, in milliseconds.
    """

    def __init__(
        self, rule: AlertingRule, index: SeriesIndex, *, first: int, interval: int
    ) -> None:
        self.rule, self._index, self._interval = rule, index, interval
        self._active: dict[Labels, tuple[int, float]] = {}
        self._next = self.evaluated_at = first
        self.error = ""

    def alerts(self, present: int) -> list[ActiveAlert]:
        """Catch up with *present* and return what is pending or firing then."""
        while self._next <= present:
            self._evaluate(self._next)
            self._next += self._interval
        return [self._alert(labels, *state) for labels, state in self._active.items()]

    def _evaluate(self, at: int) -> None:
        try:
            elements = evaluate_vector(self.rule.query, self._index, at=at, present=at)
        except ExecutionError as error:
            elements, self.error = [], str(error)
        else:
            self.error = ""
        before = self._active
        self._active = {
            labels: (before[labels][0] if labels in before else at, value)
            for labels, value in elements
        }
        self.evaluated_at = at

    def _alert(self, element: Labels, active_at: int, value: float) -> ActiveAlert:
        rule = self.rule
        own = {name: _expand(text, element, value) for name, text in rule.labels.items()}
        return ActiveAlert(
            labels=labels_of({**dict(drop_name(element)), **own, "alertname": rule.name}),
            annotations={
                name: _expand(text, element, value) for name, text in rule.annotations.items()
            },
            value=value,
            active_at=active_at,
            is_firing=self.evaluated_at - active_at >= rule.hold_ms,
        )


def parse_rules(document: Mapping[str, object]) -> list[AlertingRule]:
    """Read the `rules` of metrics.yaml."""
    entries = document.get("rules") or []
    if not isinstance(entries, list):
        raise InvalidInput("rules is not a list; write one entry per rule", field="rules")
    return [_parse_rule(entry, f"rules[{number}]") for number, entry in enumerate(entries)]


def _parse_rule(entry: object, field: str) -> AlertingRule:
    if not isinstance(entry, Mapping) or not entry.get("alert") or not entry.get("expr"):
        raise InvalidInput(f"{field} is not a rule; give alert and expr", field=field)
    refuse_unknown_keys(entry, _KEYS, field)
    query = compile_query(str(entry["expr"]))
    if not isinstance(query.expression, ScalarExpression | VectorExpression):
        raise InvalidInput(
            f"{field}: {query.text!r} is neither a scalar nor an instant vector", field=field
        )
    return AlertingRule(
        name=str(entry["alert"]),
        query=query,
        hold_ms=parse_duration(entry.get("for", "0s"), f"{field}.for"),
        labels=_parse_texts(entry.get("labels"), f"{field}.labels"),
        annotations=_parse_texts(entry.get("annotations"), f"{field}.annotations"),
    )


def _parse_texts(entry: object, field: str) -> dict[str, str]:
    if entry is None:
        return {}
    if not isinstance(entry, Mapping):
        raise InvalidInput(f"{field} is not a mapping of names to texts", field=field)
    texts = {str(name): str(text) for name, text in entry.items()}
    for text in texts.values():
        for template in _TEMPLATE.findall(text):
            if not _REFERENCE.fullmatch(template):
                raise InvalidInput(
                    f"{field}: template {template!r} is not understood here; "
                    "use {{ $value }} or {{ $labels.name }}",
                    field=field,
                    value=text,
                )
    return texts


def _expand(text: str, element: Labels, value: float) -> str:
    def referred(reference: re.Match[str]) -> str:
        return render_number(value) if reference[1] else value_of(element, reference[2])

    return _REFERENCE.sub(referred, text)
