"""The JSON of Prometheus's HTTP API: how its parameters are read and its answers written."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import promql_parser

from punchingfist.lab.promql.alerting import ActiveAlert, RuleEvaluation
from punchingfist.lab.promql.errors import QueryError
from punchingfist.lab.promql.expressions import Matrix, Vector
from punchingfist.lab.promql.labels import Labels
from punchingfist.lab.promql.numbers import render_exponent, render_number
from punchingfist.lab.promql.series import Point

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# RFC 3339 allows nanoseconds, which Python does not read.
_BEYOND_MICROSECONDS = re.compile(r"(?<=\.\d{6})\d+")
_LIMIT_MS = 2**53


def to_milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def parse_time(text: str, parameter: str) -> int:
    """Read Unix seconds or RFC 3339 as Unix milliseconds."""
    try:
        stamp = round(float(text) * 1000)
    except (ValueError, OverflowError):
        stamp = _parse_rfc3339(text, parameter)
    if abs(stamp) > _LIMIT_MS:
        raise _refuse_time(text, parameter)
    return stamp


def _parse_rfc3339(text: str, parameter: str) -> int:
    try:
        moment = datetime.fromisoformat(_BEYOND_MICROSECONDS.sub("", text))
    except ValueError as error:
        raise _refuse_time(text, parameter) from error
    if moment.tzinfo is None:
        raise _refuse_time(text, parameter)
    return to_milliseconds(moment)


def _refuse_time(text: str, parameter: str) -> QueryError:
    return QueryError(
        f'invalid parameter "{parameter}": cannot parse "{text}" to a valid timestamp',
        field=parameter,
        value=text,
    )


def parse_step(text: str) -> int:
    """Read seconds or a duration as milliseconds, more than zero."""
    try:
        step = round(float(text) * 1000)
    except (ValueError, OverflowError):
        step = _parse_duration(text)
    if step <= 0:
        raise QueryError(
            'invalid parameter "step": zero or negative query resolution step widths are not '
            "accepted. Try a positive integer",
            field="step",
            value=text,
        )
    return step


def _parse_duration(text: str) -> int:
    try:
        return promql_parser.parse_duration(text) // _MILLISECOND
    except (ValueError, OverflowError) as error:
        raise QueryError(
            f'invalid parameter "step": cannot parse "{text}" to a valid duration',
            field="step",
            value=text,
        ) from error


def render_instant(answer: float | str | Vector | Matrix, at: int) -> Any:
    """Return the `data` of an instant query."""
    if isinstance(answer, str):
        return {"resultType": "string", "result": [render_stamp(at), answer]}
    if isinstance(answer, float):
        return {"resultType": "scalar", "result": render_point((at, answer))}
    if isinstance(answer, Matrix):
        return render_matrix((one.labels, one.points) for one in answer.windows)
    result = [
        {"metric": dict(labels), "value": render_point((at, value))} for labels, value in answer
    ]
    return {"resultType": "vector", "result": result}


def render_matrix(series: Iterable[tuple[Labels, Sequence[Point]]]) -> dict[str, Any]:
    result = [
        {"metric": dict(labels), "values": [render_point(point) for point in points]}
        for labels, points in series
    ]
    return {"resultType": "matrix", "result": result}


def render_point(point: Point) -> list[Any]:
    at, value = point
    return [render_stamp(at), render_number(value)]


def render_stamp(at: int) -> float:
    """Return Unix seconds, whole where they are."""
    return at // 1000 if at % 1000 == 0 else at / 1000


def render_time(at: int) -> str:
    return (_EPOCH + at * _MILLISECOND).isoformat().replace("+00:00", "Z")


def render_alert(alert: ActiveAlert) -> dict[str, Any]:
    return {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "state": "firing" if alert.is_firing else "pending",
        "activeAt": render_time(alert.active_at),
        "value": render_exponent(alert.value),
    }


def render_rule(evaluation: RuleEvaluation, alerts: Sequence[ActiveAlert]) -> dict[str, Any]:
    rule, firing = evaluation.rule, any(alert.is_firing for alert in alerts)
    return {
        "type": "alerting",
        "name": rule.name,
        "query": rule.query.text,
        "duration": rule.hold_ms / 1000,
        "labels": dict(rule.labels),
        "annotations": dict(rule.annotations),
        "alerts": [render_alert(alert) for alert in alerts],
        "state": "firing" if firing else "pending" if alerts else "inactive",
        "health": "err" if evaluation.error else "ok",
        "lastError": evaluation.error,
        "evaluationTime": 0.0,
        "lastEvaluation": render_time(evaluation.evaluated_at),
    }
