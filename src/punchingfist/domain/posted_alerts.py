"""What is posted to `/api/v2/alerts`, read as Alertmanager reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.domain.fingerprints import fingerprint
from punchingfist.domain.json import JsonObject
from punchingfist.domain.json_fields import list_of, object_of, strings_at, text_at, time_at
from punchingfist.domain.storable import storable
from punchingfist.errors import InvalidInput

RESOLVE_TIMEOUT = timedelta(minutes=5)
"""How long an alert without an end fires unless it is repeated."""

GROUP_BY = ("alertname", "cluster", "namespace")
"""No route says how these alerts are grouped, so the labels they all tend to have do."""


class AgainstSchema(InvalidInput):
    """What Alertmanager's own schema refuses, with the *code* it answers then."""

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Posted:
    """The alerts that can be stored, and what is wrong with each of the others."""

    alerts: tuple[Alert, ...]
    problems: tuple[str, ...]


def read_posted(body: Any, *, at: datetime) -> Posted:
    """
    Read the alerts of *body*, which arrived *at*.

    An alert whose end lies ahead fires until then; one without an end fires
    for `RESOLVE_TIMEOUT`. Both may be repeated. Labels that are empty are as
    good as missing.

    Raises:
        InvalidInput: *body* has another shape; nothing of it counts.
    """
    alerts: list[Alert] = []
    problems: list[str] = []
    whole = [
        _object(one, f"[{place}]", place)
        for place, one in enumerate(list_of(storable(body), "body", "a list of alerts"))
    ]
    for place, raw in enumerate(whole):
        read = _read(raw, f"[{place}]", at)
        if isinstance(read, str):
            problems.append(read)
        else:
            alerts.append(read)
    return Posted(tuple(alerts), tuple(problems))


def group_key_of(labels: Mapping[str, str]) -> str:
    """Return the key of the alert's group, in Alertmanager's notation."""
    inner = ", ".join(f'{name}="{labels[name]}"' for name in GROUP_BY if name in labels)
    return f"{{}}:{{{inner}}}"


def _object(value: Any, field: str, place: int) -> JsonObject:
    raw = object_of(value, field)
    if raw.get("labels") is None:
        raise AgainstSchema(f"{place}.labels in body is required", code=602)
    return raw


def _read(raw: JsonObject, place: str, at: datetime) -> Alert | str:
    """Return the alert, or why it cannot be one, in Alertmanager's words."""
    labels = {name: value for name, value in strings_at(raw, "labels", place).items() if value}
    annotations = strings_at(raw, "annotations", place)
    starts_at, ends_at = time_at(raw, "startsAt", place), time_at(raw, "endsAt", place)
    url = text_at(raw, "generatorURL", place)
    if not labels:
        return "at least one label pair required"
    if "" in labels:
        return 'invalid label set: invalid name ""'
    if starts_at and ends_at and ends_at < starts_at:
        return "start time must be before end time"
    firing = ends_at is None or ends_at > at
    return Alert(
        name=labels.get("alertname", "unnamed alert"),
        firing=firing,
        labels=labels,
        annotations=annotations,
        fingerprint=fingerprint(labels),
        group_key=group_key_of(labels),
        starts_at=starts_at,
        ends_at=None if firing else ends_at,
        generator_url=url,
        payload={**raw, "status": "firing" if firing else "resolved"},
        expires_at=(ends_at or at + RESOLVE_TIMEOUT) if firing else None,
    )
