import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.errors import Unauthenticated, Unavailable
from punchingfist.operations.authentication.sns import SnsSigned
from tests.clocks import StandingClock
from tests.peers.sns import (
    CERTIFICATE_URL,
    HEADERS,
    HOST,
    NOW,
    TOPIC,
    SnsPeer,
    certificate,
    confirmation,
    envelope,
)

ELSEWHERE = "arn:aws:sns:eu-west-1:999999999999:alarms"


def guard(peer: SnsPeer, *, late: timedelta = timedelta()) -> SnsSigned:
    return SnsSigned("aws", [TOPIC], http=peer, clock=StandingClock(NOW + late))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(envelope("{}"), id="version-1"),
        pytest.param(envelope("{}", version="2"), id="version-2"),
        pytest.param(envelope("{}", Subject=None), id="without-a-subject"),
        pytest.param(envelope("größer"), id="letters-beyond-ascii"),
        pytest.param(confirmation(), id="a-question"),
        pytest.param(confirmation(Type="UnsubscribeConfirmation"), id="a-farewell"),
    ],
)
async def test_what_sns_signed_for_our_topic_is_let_in(body: bytes) -> None:
    await guard(SnsPeer()).check(HEADERS, body)


def altered(**changed: Any) -> bytes:
    return json.dumps(json.loads(envelope("{}")) | changed).encode()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(b"", "no message of SNS", id="nothing"),
        pytest.param(b"[" * 100_000, "no message of SNS", id="a-bottomless-pit"),
        pytest.param(b'{"AlarmName": "raw"}', "no message of SNS", id="raw-delivery"),
        pytest.param(envelope("{}", key="other"), "not of it", id="another-key"),
        pytest.param(altered(Message="[]"), "not of it", id="another-message"),
        pytest.param(altered(Message="\ud800"), "not of it", id="half-a-letter"),
        pytest.param(altered(Signature="!"), "not of it", id="no-signature"),
        pytest.param(altered(SignatureVersion="3"), "not of it", id="an-unknown-version"),
        pytest.param(envelope("{}", TopicArn=ELSEWHERE), "another topic", id="another-topic"),
        pytest.param(
            envelope("{}", Timestamp="2026-05-01T01:23:59.000Z"), "old", id="replayed-later"
        ),
        pytest.param(envelope("{}", Timestamp=None), "old", id="no-time"),
    ],
)
async def test_anything_else_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(Unauthenticated, match=why):
        await guard(SnsPeer()).check(HEADERS, body)


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://me@sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com/my-bucket/certificate.pem",
        f"{HOST}/SimpleNotificationService-1.pem?x=1",
        "https://[",
    ],
)
async def test_a_certificate_from_elsewhere_is_never_asked_for(url: str) -> None:
    peer = SnsPeer()

    with pytest.raises(Unauthenticated, match="certificate"):
        await guard(peer).check(HEADERS, envelope("{}", SigningCertURL=url))

    assert peer.asked == []


async def test_a_certificate_is_fetched_once() -> None:
    peer = SnsPeer()
    known = guard(peer)
    for number in range(3):
        await known.check(HEADERS, envelope(f"{number}"))

    assert peer.asked == [CERTIFICATE_URL]


@pytest.mark.parametrize("days", [(-30, -1), (1, 30)], ids=["expired", "not-valid-yet"])
async def test_a_certificate_must_be_valid_now(days: tuple[int, int]) -> None:
    with pytest.raises(Unauthenticated, match="not valid now"):
        await guard(SnsPeer(certificate(days=days))).check(HEADERS, envelope("{}"))


@pytest.mark.parametrize("peer", [SnsPeer(away=True), SnsPeer(b"<html>")], ids=["away", "odd"])
async def test_a_certificate_that_cannot_be_had_asks_the_sender_to_come_again(
    peer: SnsPeer,
) -> None:
    with pytest.raises(Unavailable):
        await guard(peer).check(HEADERS, envelope("{}"))


async def test_a_message_that_sns_repeats_for_an_hour_is_still_taken() -> None:
    await guard(SnsPeer(), late=timedelta(hours=1)).check(HEADERS, envelope("{}"))


def test_a_request_that_is_none_of_sns_is_refused_before_its_body_is_read() -> None:
    with pytest.raises(Unauthenticated, match="raw message delivery"):
        guard(SnsPeer()).admit({"content-type": "application/json"})


NAMES = ["Type", "TopicArn", "Timestamp", "SigningCertURL", "Signature", "Message"]
ANYTHING = st.none() | st.text(st.characters()) | st.integers() | st.lists(st.booleans())


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING, min_size=1))
async def test_no_change_to_a_message_gets_past(changed: dict[str, Any]) -> None:
    body = altered(**changed)
    if json.loads(body) == json.loads(envelope("{}")):
        return

    with pytest.raises(Unauthenticated):
        await guard(SnsPeer()).check(HEADERS, body)
