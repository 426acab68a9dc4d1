"""
CloudWatch alarms, as Amazon SNS posts them.

See "Parsing Amazon SNS message formats"
(https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html)
and "Amazon CloudWatch alarm notifications" in the documentation of AWS.
"""

import json
from collections.abc import Mapping
from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.domain.foreign_alerts import foreign_alert
from punchingfist.domain.json import JsonObject
from punchingfist.domain.json_fields import (
    list_of,
    needed_text_at,
    object_at,
    object_of,
    text_at,
    time_at,
    wrong,
)
from punchingfist.domain.sns import CONFIRMATION, NOTIFICATION, is_confirmation_url, read_sns
from punchingfist.domain.storable import storable
from punchingfist.errors import InvalidInput
from punchingfist.ports.source import Subscription, WebhookFormat

_STATES = frozenset({"ALARM", "OK", "INSUFFICIENT_DATA"})
_OBJECTS = {"ClusterName": "cluster", "Namespace": "namespace", "PodName": "pod"}
"""What Container Insights calls the objects of a cluster, and Prometheus's labels."""


def parse(body: Any, headers: Mapping[str, str]) -> tuple[Alert, ...]:
    """
    Return the alarm of *body*, in its envelope or raw; what SNS asks or tells is no alert.

    An alarm without data fires as well: SNS tells of it only where somebody
    asked for that.

    Raises:
        InvalidInput: *body* has another shape; it names the field.
    """
    raw = object_of(storable(body), "body")
    if "AlarmName" in raw:
        return (_alert(raw),)
    message = read_sns(raw)
    return (_alert(_alarm(message.message)),) if message.type == NOTIFICATION else ()


def subscription(body: Any) -> Subscription | None:
    """
    Return the subscription *body* asks to confirm, None where it asks nothing.

    Raises:
        InvalidInput: what confirms it is no address of SNS in the topic's region.
    """
    raw = object_of(body, "body")
    if raw.get("Type") != CONFIRMATION:
        return None
    message, url = read_sns(raw), text_at(raw, "SubscribeURL")
    if not is_confirmation_url(url, message.topic_arn):
        raise InvalidInput(
            "SubscribeURL: this is no confirmation at the SNS of the topic's region; "
            "it is not asked for",
            field="SubscribeURL",
        )
    return Subscription(message.topic_arn, url)


def _alarm(text: str) -> JsonObject:
    try:
        return object_of(storable(json.loads(text)), "Message")
    except (ValueError, RecursionError):
        raise wrong("Message", text, "the JSON of a CloudWatch alarm") from None


def _alert(alarm: JsonObject) -> Alert:
    name = needed_text_at(alarm, "AlarmName")
    arn = text_at(alarm, "AlarmArn")
    account, region = text_at(alarm, "AWSAccountId"), _region(arn) or text_at(alarm, "Region")
    state = text_at(alarm, "NewStateValue")
    if state not in _STATES:
        raise wrong("NewStateValue", state, f"one of {', '.join(sorted(_STATES))}")
    changed, firing = time_at(alarm, "StateChangeTime"), state != "OK"
    return foreign_alert(
        name,
        firing=firing,
        identity={"alarm": arn or f"{account}/{region}/{name}"},
        labels={
            **_metric(object_at(alarm, "Trigger")),
            "account": account,
            "region": region,
        },
        annotations={
            "summary": text_at(alarm, "AlarmDescription") or name,
            "description": text_at(alarm, "NewStateReason"),
        },
        at=(changed, None) if firing else (None, changed),
        payload=alarm,
    )


def _metric(trigger: JsonObject) -> dict[str, str]:
    """Return the labels of what is measured; a composite alarm measures nothing itself."""
    found: dict[str, str] = {}
    dimensions = list_of(trigger.get("Dimensions") or [], "Trigger.Dimensions")
    for at, dimension in enumerate(dimensions):
        place = f"Trigger.Dimensions[{at}]"
        pair = object_of(dimension, place)
        found[needed_text_at(pair, "name", place)] = text_at(pair, "value", place)
    namespace = text_at(trigger, "Namespace", "Trigger")
    if namespace == "ContainerInsights":
        found |= {ours: found[theirs] for theirs, ours in _OBJECTS.items() if theirs in found}
    return found | {
        "metric": text_at(trigger, "MetricName", "Trigger"),
        "metric_namespace": namespace,
    }


def _region(arn: str) -> str:
    parts = arn.split(":")
    return parts[3] if len(parts) > 3 else ""


FORMAT = WebhookFormat.fixed("cloudwatch", parse, subscription)
