"""Alertmanager's webhook, version 4, and whatever else has its shape."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.domain.fingerprints import fingerprint
from punchingfist.domain.json import JsonObject
from punchingfist.domain.resources.sources import WebhookConfig
from punchingfist.domain.storable import storable
from punchingfist.errors import InvalidInput
from punchingfist.ports.source import SourceType

_LONGEST_FINGERPRINT = 255


def parse(body: Any, headers: Mapping[str, str]) -> tuple[Alert, ...]:
    """
    Return the alerts of *body*; keys it does not know are kept in their payload.

    Raises:
        InvalidInput: *body* has another shape; it names the field.
    """
    message = _object(storable(body), "body")
    group_key = _text(message, "groupKey", "")
    status = _text(message, "status", "")
    alerts = message.get("alerts")
    if not isinstance(alerts, Sequence) or isinstance(alerts, str):
        raise _wrong("alerts", alerts, "a list of alerts")
    return tuple(
        _alert(_object(alert, f"alerts[{at}]"), f"alerts[{at}]", group_key, status)
        for at, alert in enumerate(alerts)
    )


def _alert(raw: JsonObject, place: str, group_key: str, group_status: str) -> Alert:
    labels = _labels(raw, place)
    identity = _text(raw, "fingerprint", "", place) or fingerprint(labels)
    if len(identity) > _LONGEST_FINGERPRINT:
        raise _wrong(f"{place}.fingerprint", identity, f"at most {_LONGEST_FINGERPRINT} characters")
    return Alert(
        name=labels.get("alertname", "unnamed alert"),
        firing=_is_firing(raw, place, group_status),
        labels=labels,
        annotations=_strings(raw, "annotations", place),
        fingerprint=identity,
        group_key=group_key or identity,
        starts_at=_time(raw, "startsAt", place),
        ends_at=_time(raw, "endsAt", place),
        generator_url=_text(raw, "generatorURL", "", place),
        payload=raw,
    )


def _labels(raw: JsonObject, place: str) -> dict[str, str]:
    labels = {name: value for name, value in _strings(raw, "labels", place).items() if value}
    if not labels:
        field = f"{place}.labels"
        raise InvalidInput(
            f"{field}: an alert without labels cannot be told from another; give it at least one",
            field=field,
            value=raw.get("labels"),
        )
    return labels


def _is_firing(raw: JsonObject, place: str, group_status: str) -> bool:
    status = _text(raw, "status", "", place) or group_status
    if status not in {"firing", "resolved"}:
        raise _wrong(f"{place}.status", status, "'firing' or 'resolved'")
    return status == "firing"


def _time(raw: JsonObject, name: str, place: str) -> datetime | None:
    """Return the time, None where it is absent or Go's zero time."""
    text, field = _text(raw, name, "", place), f"{place}.{name}"
    if not text or text.startswith("0001-01-01T00:00:00"):
        return None
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is not None:
            return time.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _wrong(field, text, "a time with its zone, like '2024-05-01T12:00:00Z'")


def _strings(raw: JsonObject, name: str, place: str) -> dict[str, str]:
    field = f"{place}.{name}"
    strings: dict[str, str] = {}
    for key, value in _object(raw.get(name) or {}, field).items():
        if not isinstance(value, str):
            raise _wrong(f"{field}.{key}", value, "a string")
        strings[key] = value
    return strings


def _text(raw: JsonObject, name: str, default: str, place: str = "") -> str:
    value = raw.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise _wrong(f"{place}.{name}" if place else name, value, "a string")
    return value


def _object(value: Any, field: str) -> JsonObject:
    if not isinstance(value, Mapping):
        raise _wrong(field, value, "an object")
    return value


def _wrong(field: str, value: object, wanted: str) -> InvalidInput:
    shown = repr(value)
    shown = shown if len(shown) <= 80 else f"{shown[:79]}…"
    return InvalidInput(f"{field}: {shown} is not {wanted}", field=field, value=value)


SOURCE = SourceType("webhook", WebhookConfig, parse)
