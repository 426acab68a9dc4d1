"""Each kind of sender against the HTTP application, from the YAML of its source on."""

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from punchingfist.adapters.secrets import EnvironmentSecrets
from punchingfist.adapters.store.store import Store
from punchingfist.bootstrap.extensions import collect_extensions
from punchingfist.domain.loading.assemble import assemble_files
from punchingfist.operations.activate import activate_hooks
from punchingfist.surfaces.server.app import build_intake
from punchingfist.surfaces.server.doors import Door
from tests.clocks import StandingClock
from tests.extensions.sources.bodies import ALARM, ANY_SHAPE, DATADOG, GRAFANA, OPSGENIE, PAGERDUTY
from tests.peers.sns import HEADERS as FROM_SNS
from tests.peers.sns import NOW, SUBSCRIBE_URL, TOPIC, SnsPeer, confirmation, envelope
from tests.surfaces.an_app import an_app
from tests.surfaces.server.conftest import OpenClient

EXTENSIONS = collect_extensions()
KEY = "s3cret"
Client = httpx2.AsyncClient
Open = Callable[[str], Awaitable[Client]]

PAGERDUTY_SOURCE = """
    format: pagerduty
    authentication: {type: pagerduty, secretRef: env://KEY}
"""
GRAFANA_SOURCE = """
    format: grafana
    authentication:
      type: hmac
      secretRef: env://KEY
      header: X-Grafana-Alerting-Signature
      timestampHeader: X-Grafana-Alerting-Timestamp
"""
SNS_SOURCE = f"""
    format: cloudwatch
    confirmSubscription: true
    authentication: {{type: sns, topicArn: "{TOPIC}"}}
"""
OPSGENIE_SOURCE = """
    format: opsgenie
    authentication: {type: basic, username: opsgenie, secretRef: env://KEY}
"""
DATADOG_SOURCE = """
    format: datadog
    authentication: {type: apikey, header: X-Webhook-Key, secretRef: env://KEY}
"""
JSON_SOURCE = """
    format: json
    mapping: {items: data.alerts, name: "{{ .alert.title }}"}
    authentication: {type: bearer, secretRef: env://KEY}
"""


@pytest.fixture
def peer() -> SnsPeer:
    return SnsPeer()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


@pytest.fixture
def listening(store: Store, client_of: OpenClient, peer: SnsPeer, clock: StandingClock) -> Open:
    async def open_with(config: str) -> Client:
        text = (
            "apiVersion: punchingfist.io/v1alpha1\nkind: Source\nmetadata: {name: in}\n"
            f"spec:\n  type: webhook\n  triggerWorkflow: none\n  config:\n    path: /in{config}"
        )
        hooks = await activate_hooks(
            assemble_files({"source.yaml": text}, EXTENSIONS.known),
            formats=EXTENSIONS.formats,
            sinks=EXTENSIONS.sinks,
            secrets=EnvironmentSecrets({"KEY": KEY}),
            clock=clock,
            http=peer,
        )
        door = Door(loopback=False, any_host=True)
        return client_of(build_intake(an_app(store, hooks=hooks), door=door))

    return open_with


def signature(body: bytes, *, key: str = KEY) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def from_pagerduty(*, key: str = KEY) -> dict[str, Any]:
    body = json.dumps(PAGERDUTY).encode()
    return {"content": body, "headers": {"x-pagerduty-signature": f"v1={signature(body, key=key)}"}}


def from_grafana(*, key: str = KEY, at: float = 0) -> dict[str, Any]:
    body, time = json.dumps(GRAFANA).encode(), str(int((NOW + timedelta(seconds=at)).timestamp()))
    headers = {
        "x-grafana-alerting-signature": signature(time.encode() + b":" + body, key=key),
        "x-grafana-alerting-timestamp": time,
    }
    return {"content": body, "headers": headers}


def from_sns(**changed: Any) -> dict[str, Any]:
    return {"content": envelope(ALARM, **changed), "headers": FROM_SNS}


def from_opsgenie(*, key: str = KEY) -> dict[str, Any]:
    word = base64.b64encode(f"opsgenie:{key}".encode()).decode()
    return {"json": OPSGENIE, "headers": {"authorization": f"Basic {word}"}}


def from_datadog(*, key: str = KEY) -> dict[str, Any]:
    return {"json": DATADOG, "headers": {"x-webhook-key": key}}


def from_anything(*, key: str = KEY) -> dict[str, Any]:
    return {"json": ANY_SHAPE, "headers": {"authorization": f"Bearer {key}"}}


@pytest.mark.parametrize(
    ("source", "request_", "titles"),
    [
        pytest.param(
            PAGERDUTY_SOURCE, from_pagerduty(), {"A little bump in the road"}, id="pagerduty"
        ),
        pytest.param(
            GRAFANA_SOURCE, from_grafana(), {"The system has high memory usage"}, id="grafana"
        ),
        pytest.param(
            SNS_SOURCE, from_sns(), {"The memory of the cart is nearly used up."}, id="sns"
        ),
        pytest.param(OPSGENIE_SOURCE, from_opsgenie(), {"An example alert message"}, id="opsgenie"),
        pytest.param(
            DATADOG_SOURCE, from_datadog(), {"Memory is high on kube_namespace:shop"}, id="datadog"
        ),
        pytest.param(JSON_SOURCE, from_anything(), {"queue is full", "queue is empty"}, id="json"),
    ],
)
async def test_alerts_of_a_sender_who_proves_it_are_taken(
    listening: Open, store: Store, source: str, request_: dict[str, Any], titles: set[str]
) -> None:
    answer = await (await listening(source)).post("/in", **request_)

    assert answer.status_code == 200, answer.text
    assert {one.title for one in await store.incidents.newest()} == titles


@pytest.mark.parametrize(
    ("source", "request_"),
    [
        pytest.param(PAGERDUTY_SOURCE, from_pagerduty(key="other"), id="pagerduty"),
        pytest.param(GRAFANA_SOURCE, from_grafana(key="other"), id="grafana"),
        pytest.param(GRAFANA_SOURCE, from_grafana(at=-301), id="grafana-replayed-later"),
        pytest.param(SNS_SOURCE, from_sns(key="other"), id="sns"),
        pytest.param(
            SNS_SOURCE, from_sns(Timestamp="2026-05-01T01:00:00.000Z"), id="sns-replayed-later"
        ),
        pytest.param(OPSGENIE_SOURCE, from_opsgenie(key="other"), id="opsgenie"),
        pytest.param(DATADOG_SOURCE, from_datadog(key="other"), id="datadog"),
        pytest.param(JSON_SOURCE, from_anything(key="other"), id="json"),
        pytest.param(PAGERDUTY_SOURCE, {"json": PAGERDUTY}, id="no-signature"),
    ],
)
async def test_a_sender_who_does_not_is_turned_away_and_nothing_is_stored(
    listening: Open, store: Store, source: str, request_: dict[str, Any]
) -> None:
    answer = await (await listening(source)).post("/in", **request_)

    assert answer.status_code == 401
    assert KEY not in answer.text
    assert await store.incidents.newest() == []


async def test_a_body_that_was_changed_on_the_way_is_turned_away(listening: Open) -> None:
    sent = from_pagerduty()
    sent["content"] = sent["content"].replace(b"triggered", b"resolved_")

    assert (await (await listening(PAGERDUTY_SOURCE)).post("/in", **sent)).status_code == 401


async def test_a_password_that_is_waited_for_is_asked_for(listening: Open) -> None:
    answer = await (await listening(OPSGENIE_SOURCE)).post("/in", json=OPSGENIE)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_a_subscription_is_confirmed_where_the_source_says_so(
    listening: Open, peer: SnsPeer
) -> None:
    client = await listening(SNS_SOURCE)
    answer = await client.post("/in", content=confirmation(), headers=FROM_SNS)

    assert answer.status_code == 200
    assert answer.json()["received"] == 0
    assert peer.asked[-1] == SUBSCRIBE_URL


async def test_a_subscription_is_left_alone_where_the_source_says_nothing(
    listening: Open, peer: SnsPeer
) -> None:
    client = await listening(SNS_SOURCE.replace("confirmSubscription: true", ""))
    answer = await client.post("/in", content=confirmation(), headers=FROM_SNS)

    assert answer.status_code == 200
    assert SUBSCRIBE_URL not in peer.asked


async def test_a_stranger_cannot_make_us_confirm_anything(listening: Open, peer: SnsPeer) -> None:
    client = await listening(SNS_SOURCE)
    answer = await client.post("/in", content=confirmation(key="other"), headers=FROM_SNS)

    assert answer.status_code == 401
    assert SUBSCRIBE_URL not in peer.asked


async def test_sns_is_asked_to_repeat_itself_while_its_certificate_cannot_be_had(
    listening: Open, peer: SnsPeer
) -> None:
    client = await listening(SNS_SOURCE)
    peer.away = True

    answer = await client.post("/in", **from_sns())

    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_who_sends_too_often_is_asked_to_come_again_and_is_then_taken(
    listening: Open, clock: StandingClock
) -> None:
    client = await listening(f"{JSON_SOURCE}    rateLimit: {{perSecond: 0.1, burst: 2}}\n")
    answers = [await client.post("/in", **from_anything()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 503]
    assert answers[2].headers["retry-after"] == "10"
    clock.at += timedelta(seconds=10)
    assert (await client.post("/in", **from_anything())).status_code == 200


async def test_a_stranger_uses_up_nothing_of_what_a_sender_may_send(listening: Open) -> None:
    client = await listening(f"{JSON_SOURCE}    rateLimit: {{perSecond: 0.1, burst: 1}}\n")
    for _ in range(3):
        await client.post("/in", **from_anything(key="other"))

    assert (await client.post("/in", **from_anything())).status_code == 200
