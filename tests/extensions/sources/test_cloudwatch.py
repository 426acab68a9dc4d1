import json
from datetime import UTC, datetime
from typing import Any

import pytest

from punchingfist.domain.alerts import Severity
from punchingfist.errors import InvalidInput
from punchingfist.extensions.sources.cloudwatch import parse, subscription
from tests.extensions.sources.bodies import ALARM, changed
from tests.peers.sns import SUBSCRIBE_URL, TOPIC, confirmation, envelope


def sent(alarm: Any) -> Any:
    return json.loads(envelope(alarm, Signature="unchecked"))


def asked(**changes: Any) -> Any:
    return json.loads(confirmation(Signature="unchecked", **changes))


def test_an_alarm_is_read_as_sns_posts_it() -> None:
    (alert,) = parse(sent(ALARM), {})

    assert (alert.name, alert.firing) == ("cart memory", True)
    assert alert.severity is Severity.WARNING
    assert alert.summary == "The memory of the cart is nearly used up."
    assert alert.labels["region"] == "eu-west-1"
    assert alert.labels["account"] == "123456789012"
    assert alert.starts_at == datetime(2026, 5, 1, 3, 12, 0, 123000, UTC)
    assert alert.payload == ALARM


def test_objects_of_a_cluster_have_the_labels_an_investigation_starts_from() -> None:
    labels = parse(sent(ALARM), {})[0].labels

    assert (labels["cluster"], labels["namespace"], labels["pod"]) == ("prod", "shop", "cart")


def test_a_namespace_of_metrics_is_no_namespace_of_a_cluster() -> None:
    queue = changed(ALARM, "Trigger.Namespace", "AWS/SQS")

    labels = parse(sent(queue), {})[0].labels
    assert "namespace" not in labels
    assert labels["metric_namespace"] == "AWS/SQS"


def test_an_alarm_that_is_ok_again_is_resolved() -> None:
    (alert,) = parse(sent(changed(ALARM, "NewStateValue", "OK")), {})

    assert not alert.firing
    assert alert.ends_at == datetime(2026, 5, 1, 3, 12, 0, 123000, UTC)
    assert alert.fingerprint == parse(sent(ALARM), {})[0].fingerprint


def test_an_alarm_without_data_fires() -> None:
    assert parse(sent(changed(ALARM, "NewStateValue", "INSUFFICIENT_DATA")), {})[0].firing


def test_an_alarm_delivered_raw_is_the_same() -> None:
    assert parse(ALARM, {}) == parse(sent(ALARM), {})


def test_a_composite_alarm_measures_nothing_itself() -> None:
    (alert,) = parse(sent(changed(ALARM, "Trigger", None)), {})

    assert "metric" not in alert.labels


def test_a_question_is_no_alert() -> None:
    assert parse(asked(), {}) == ()


def test_a_question_says_what_it_asks() -> None:
    found = subscription(asked())

    assert found is not None
    assert (found.topic, found.confirm_url) == (TOPIC, SUBSCRIBE_URL)
    assert subscription(sent(ALARM)) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
        SUBSCRIBE_URL.replace("https://sns.", "https://evil.example/sns."),
        SUBSCRIBE_URL.replace("amazonaws.com", "amazonaws.com.evil.example"),
        SUBSCRIBE_URL.replace("eu-west-1.amazonaws", "us-east-1.amazonaws"),
        SUBSCRIBE_URL.replace("ConfirmSubscription", "Unsubscribe"),
        SUBSCRIBE_URL.replace(".com/", ".com/elsewhere"),
        "http://169.254.169.254/latest/meta-data",
        "https://[",
        "",
    ],
)
def test_a_question_that_leads_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        subscription(asked(SubscribeURL=url))

    assert refusal.value.field == "SubscribeURL"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param([], "body", id="a-list"),
        pytest.param({}, "Type", id="nothing"),
        pytest.param(sent("hello"), "Message", id="no-alarm"),
        pytest.param(sent("[" * 100_000), "Message", id="a-bottomless-pit"),
        pytest.param(sent("[]"), "Message", id="a-list-for-an-alarm"),
        pytest.param(sent(changed(ALARM, "AlarmName", None)), "AlarmName", id="no-name"),
        pytest.param(sent(changed(ALARM, "NewStateValue", "X")), "NewStateValue", id="no-state"),
        pytest.param(
            sent(changed(ALARM, "Trigger.Dimensions", [1])),
            "Trigger.Dimensions[0]",
            id="no-dimension",
        ),
    ],
)
def test_a_wrong_shape_is_refused_by_the_name_of_the_field(body: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse(body, {})

    assert refusal.value.field == field
