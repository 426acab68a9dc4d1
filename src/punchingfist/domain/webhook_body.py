"""The alerts of Alertmanager's webhook body, and of whatever else has its shape."""

from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.domain.fingerprints import fingerprint
from punchingfist.domain.json import JsonObject
from punchingfist.domain.json_fields import (
    list_of,
    object_of,
    strings_at,
    text_at,
    time_at,
    wrong,
)
from punchingfist.domain.storable import storable
from punchingfist.errors import InvalidInput

LONGEST_FINGERPRINT = 255
_SAID_OF_THE_GROUP = ("notification_reason", "routeLabels")
"""What newer Alertmanagers say once for all alerts of a message."""


def read_body(body: Any) -> tuple[Alert, ...]:
    """
    Return the alerts of *body*; keys it does not know are kept in their payload.

    Raises:
        InvalidInput: *body* has another shape; it names the field.
    """
    message = object_of(storable(body), "body")
    group_key = text_at(message, "groupKey")
    status = text_at(message, "status")
    more = {name: message[name] for name in _SAID_OF_THE_GROUP if message.get(name) is not None}
    return tuple(
        _read_alert(
            {**more, **object_of(alert, f"alerts[{at}]")}, f"alerts[{at}]", group_key, status
        )
        for at, alert in enumerate(list_of(message.get("alerts"), "alerts", "a list of alerts"))
    )


def _read_alert(raw: JsonObject, place: str, group_key: str, group_status: str) -> Alert:
    labels = _labels(raw, place)
    identity = text_at(raw, "fingerprint", place) or fingerprint(labels)
    if len(identity) > LONGEST_FINGERPRINT:
        raise wrong(f"{place}.fingerprint", identity, f"at most {LONGEST_FINGERPRINT} characters")
    return Alert(
        name=labels.get("alertname", "unnamed alert"),
        firing=_is_firing(raw, place, group_status),
        labels=labels,
        annotations=strings_at(raw, "annotations", place),
        fingerprint=identity,
        group_key=group_key or identity,
        starts_at=time_at(raw, "startsAt", place),
        ends_at=time_at(raw, "endsAt", place),
        generator_url=text_at(raw, "generatorURL", place),
        payload=raw,
    )


def _labels(raw: JsonObject, place: str) -> dict[str, str]:
    labels = {name: value for name, value in strings_at(raw, "labels", place).items() if value}
    if not labels:
        field = f"{place}.labels"
        raise InvalidInput(
            f"{field}: an alert without labels cannot be told from another; give it at least one",
            field=field,
            value=raw.get("labels"),
        )
    return labels


def _is_firing(raw: JsonObject, place: str, group_status: str) -> bool:
    status = text_at(raw, "status", place) or group_status
    if status not in {"firing", "resolved"}:
        raise wrong(f"{place}.status", status, "'firing' or 'resolved'")
    return status == "firing"
