"""Silences as Alertmanager's API writes them, with what it does not know of ours added."""

from datetime import UTC, datetime
from typing import Any

from punchingfist.domain.json import JsonObject
from punchingfist.domain.json_fields import list_of, object_of, strings_at, text_at, time_at, wrong
from punchingfist.domain.posted_alerts import AgainstSchema
from punchingfist.domain.silences.matchers import Match, Matcher
from punchingfist.domain.silences.silence import Silence
from punchingfist.domain.storable import storable
from punchingfist.domain.time_intervals import (
    TimeInterval,
    parse_time_interval,
    render_time_interval,
)
from punchingfist.errors import InvalidInput

_NEEDED = ("comment", "createdBy", "endsAt", "startsAt")


def read_silence(body: Any, *, at: datetime) -> Silence:
    """
    Read a silence to be made or changed; its id is empty where it is a new one.

    Raises:
        AgainstSchema: a field is missing.
        InvalidInput: a field is wrong; names it.
    """
    raw = object_of(storable(body), "body")
    for name in _NEEDED:
        if raw.get(name) is None:
            raise AgainstSchema(f"{name} in body is required", code=602)
    return Silence(
        id=text_at(raw, "id"),
        matchers=_matchers(raw),
        starts_at=_time(raw, "startsAt", "start"),
        ends_at=_time(raw, "endsAt", "end"),
        updated_at=at,
        created_by=text_at(raw, "createdBy"),
        comment=text_at(raw, "comment"),
        annotations=strings_at(raw, "annotations"),
        time_intervals=_intervals(raw),
        ends_when_resolved=_flag(raw, "endsWhenResolved", "endsWhenResolved", default=False),
    )


def render_silence(silence: Silence, *, at: datetime) -> JsonObject:
    """Return what the API lists; what Alertmanager does not know is there only where it is used."""
    more: dict[str, Any] = {}
    if silence.annotations:
        more["annotations"] = dict(silence.annotations)
    if silence.time_intervals:
        more["timeIntervals"] = [render_time_interval(one) for one in silence.time_intervals]
    if silence.ends_when_resolved:
        more["endsWhenResolved"] = True
    return {
        "id": silence.id,
        "status": {"state": silence.state(at).value},
        "updatedAt": render_time(silence.updated_at),
        "comment": silence.comment,
        "createdBy": silence.created_by,
        "endsAt": render_time(silence.ends_at),
        "matchers": [
            {
                "isEqual": one.match.is_equal,
                "isRegex": one.match.is_regex,
                "name": one.name,
                "value": one.value,
            }
            for one in silence.matchers
        ],
        "startsAt": render_time(silence.starts_at),
        **more,
    }


def render_time(time: datetime) -> str:
    """Write a time as Alertmanager does, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _matchers(raw: JsonObject) -> tuple[Matcher, ...]:
    given = raw.get("matchers")
    if given is None:
        raise AgainstSchema("matchers in body is required", code=602)
    listed = list_of(given, "matchers")
    if not listed:
        raise AgainstSchema("matchers in body should have at least 1 items", code=612)
    return tuple(_matcher(object_of(one, f"matchers.{at}"), at) for at, one in enumerate(listed))


def _matcher(raw: JsonObject, at: int) -> Matcher:
    place = f"matchers.{at}"
    for name in ("isRegex", "name", "value"):
        if raw.get(name) is None:
            raise AgainstSchema(f"{place}.{name} in body is required", code=602)
    match = Match.of(
        is_regex=_flag(raw, "isRegex", f"{place}.isRegex", default=False),
        is_equal=_flag(raw, "isEqual", f"{place}.isEqual", default=True),
    )
    name, value = text_at(raw, "name", place), text_at(raw, "value", place)
    try:
        return Matcher(name, match, value)
    except InvalidInput as error:
        raise InvalidInput(f"silence invalid: invalid label matcher {at}: {error}") from error


def _intervals(raw: JsonObject) -> tuple[TimeInterval, ...]:
    listed = list_of(raw.get("timeIntervals") or (), "timeIntervals")
    return tuple(
        parse_time_interval(object_of(one, f"timeIntervals.{at}")) for at, one in enumerate(listed)
    )


def _time(raw: JsonObject, name: str, which: str) -> datetime:
    time = time_at(raw, name)
    if time is None:
        raise InvalidInput(f"silence invalid: invalid zero {which} timestamp")
    return time


def _flag(raw: JsonObject, name: str, field: str, *, default: bool) -> bool:
    value = raw.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise wrong(field, value, "true or false")
    return value
