"""Alertmanager's API over a real store, and the answers to why."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from punchingfist.adapters.store.store import Store
from punchingfist.operations.hooks import Hook
from punchingfist.operations.receive import ActiveSource
from punchingfist.operations.sweep import Sweeper
from punchingfist.surfaces.server.app import build_app
from punchingfist.surfaces.server.doors import Door
from tests.arrivals import TRIAGE
from tests.surfaces.an_app import NOW, FixedClock, an_app
from tests.surfaces.server.conftest import OpenClient

HOUR = timedelta(hours=1)
LATER, EARLIER = (NOW + HOUR).isoformat(), (NOW - HOUR).isoformat()


def hook(name: str, path: str) -> Hook:
    return Hook(path, ActiveSource(name, trigger=TRIAGE), lambda _body, _headers: ())


HOOKS = {one.path: one for one in (hook("zeta", "/z"), hook("alpha", "/a"))}


@pytest.fixture
def client(store: Store, client_of: OpenClient) -> httpx2.AsyncClient:
    return client_of(build_app(an_app(store, hooks=HOOKS), door=Door()))


async def post(client: httpx2.AsyncClient, name: str = "Down", **fields: Any) -> httpx2.Response:
    labels = {"alertname": name, "severity": "critical"} | fields.pop("labels", {})
    return await client.post("/api/v2/alerts", json=[{"labels": labels, **fields}])


async def silence(client: httpx2.AsyncClient, **changed: Any) -> str:
    body = {
        "matchers": [{"name": "alertname", "value": "Down", "isRegex": False}],
        "startsAt": NOW.isoformat(),
        "endsAt": LATER,
        "createdBy": "ana",
        "comment": "known",
    }
    reply = await client.post("/api/v2/silences", json=body | changed)
    assert reply.status_code == 200, reply.text
    made: str = reply.json()["silenceID"]
    return made


async def listed(client: httpx2.AsyncClient, **params: str) -> list[str]:
    found = (await client.get("/api/v2/alerts", params=params)).json()
    return [one["labels"]["alertname"] for one in found]


async def test_posted_alerts_belong_to_the_first_webhook_source_by_name(
    client: httpx2.AsyncClient,
) -> None:
    reply = await post(client)
    (alert,) = (await client.get("/api/v1/alerts")).json()["items"]

    assert (reply.status_code, reply.text) == (200, "")
    assert (alert["source"], alert["incident"]) == ("alpha", "INC-1")


async def test_without_a_webhook_source_the_sender_is_asked_to_come_again(
    store: Store, client_of: OpenClient
) -> None:
    reply = await post(client_of(build_app(an_app(store), door=Door())))

    assert reply.status_code == 503
    assert "retry-after" in reply.headers


async def test_a_bad_alert_is_told_of_and_its_neighbours_are_kept(
    client: httpx2.AsyncClient,
) -> None:
    reply = await client.post(
        "/api/v2/alerts", json=[{"labels": {"a": ""}}, {"labels": {"alertname": "Ok"}}]
    )

    assert (reply.status_code, reply.json()) == (400, "at least one label pair required")
    assert await listed(client) == ["Ok"]


async def test_what_is_listed_can_be_filtered(client: httpx2.AsyncClient) -> None:
    await post(client)
    await post(client, "Slow", labels={"severity": "warning"})
    await silence(client)

    assert await listed(client, filter='severity=~"warn.*"') == ["Slow"]
    assert await listed(client, silenced="false") == ["Slow"]
    assert await listed(client, active="false") == ["Down"]
    assert await listed(client, receiver="nobody") == []
    wrong = await client.get("/api/v2/alerts", params={"filter": "bad one"})
    assert (wrong.status_code, wrong.json()) == (400, "bad matcher format: bad one")


async def test_groups_hold_what_their_alerts_share(client: httpx2.AsyncClient) -> None:
    await post(client, labels={"pod": "a"})
    await post(client, labels={"pod": "b"})
    (group,) = (await client.get("/api/v2/alerts/groups")).json()

    assert group["labels"] == {"alertname": "Down", "severity": "critical"}
    assert len(group["alerts"]) == 2


async def test_an_alert_past_its_end_is_not_listed_and_is_resolved(
    store: Store, client_of: OpenClient
) -> None:
    app = an_app(store, hooks=HOOKS)
    client = client_of(build_app(app, door=Door()))
    await post(client, startsAt=EARLIER)
    clock = app.clock
    assert isinstance(clock, FixedClock)
    clock.at = NOW + timedelta(minutes=5)

    assert await listed(client) == []
    await Sweeper(store.alerts, app.receiver.receive, clock).sweep_once()
    alert = (await client.get("/api/v1/alerts/A-1")).json()
    assert (alert["firing"], alert["expires_at"]) == (False, None)


async def test_a_silence_is_changed_as_alertmanager_changes_it(client: httpx2.AsyncClient) -> None:
    made = await silence(client)
    longer = await silence(client, id=made, endsAt=(NOW + 2 * HOUR).isoformat())
    other = await silence(client, id=made, matchers=[{"name": "a", "value": "b", "isRegex": False}])
    old = (await client.get(f"/api/v2/silence/{made}")).json()

    assert longer == made
    assert other != made
    assert old["status"] == {"state": "expired"}


async def test_a_silence_is_ended_and_stays_on_the_list_for_a_while(
    client: httpx2.AsyncClient,
) -> None:
    made = await silence(client)
    gone = await client.delete(f"/api/v2/silence/{made}")
    (shown,) = (await client.get("/api/v2/silences")).json()

    assert (gone.status_code, shown["status"]["state"]) == (200, "expired")


async def test_unknown_silences_are_not_found_and_wrong_ids_are_refused(
    client: httpx2.AsyncClient,
) -> None:
    unknown = "01234567-0123-0123-0123-012345678901"
    body = {"id": "nope", "matchers": [{"name": "a", "value": "b", "isRegex": False}]}
    times = {"startsAt": NOW.isoformat(), "endsAt": LATER, "createdBy": "a", "comment": "c"}

    assert (await client.get(f"/api/v2/silence/{unknown}")).status_code == 404
    assert (await client.delete(f"/api/v2/silence/{unknown}")).status_code == 404
    assert (await client.get("/api/v2/silence/nope")).json()["code"] == 601
    assert (await client.post("/api/v2/silences", json=body | times)).status_code == 404


async def test_whoever_silences_is_in_the_audit_trail(
    client: httpx2.AsyncClient, store: Store
) -> None:
    made = await silence(client)
    await client.delete(f"/api/v2/silence/{made}")
    rows = await store.audit.newest(limit=10)

    assert [(row.what, row.object) for row in rows] == [
        ("silence.expire", made),
        ("silence.set", made),
    ]


async def test_a_silenced_alert_says_why_nothing_was_done(client: httpx2.AsyncClient) -> None:
    made = await silence(client)
    await post(client)
    why = (await client.get("/api/v1/alerts/A-1/why")).json()

    assert why["investigated"] == {
        "yes": False,
        "text": f"silenced until 2026-05-01 04:24 UTC by {made} (ana: known)",
    }
    assert why["told"]["yes"] is False
    assert [one["outcome"] for one in why["decisions"]] == ["silenced"]
    assert why["alert"]["held_by"] == f"silenced:{made}"


async def test_a_started_alert_says_what_was_started(client: httpx2.AsyncClient) -> None:
    await post(client)
    why = (await client.get("/api/v1/alerts/A-1/why")).json()

    assert why["investigated"] == {"yes": True, "text": "EX-1, workflow triage, queued"}
    assert why["told"] == {"yes": False, "text": "not yet: EX-1 is queued"}


async def test_the_incident_page_says_why(client: httpx2.AsyncClient) -> None:
    await post(client, labels={"severity": "info"})
    page = (await client.get("/incidents/INC-1")).text

    assert "Not investigated: severity info is recorded, not investigated" in page


async def test_an_unknown_alert_is_not_found(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/api/v1/alerts/A-9/why")).status_code == 404
    assert (await client.get("/api/v1/alerts", params={"cursor": "9"})).status_code == 422


async def test_status_and_receivers_are_told(client: httpx2.AsyncClient) -> None:
    status = (await client.get("/api/v2/status")).json()
    receivers = (await client.get("/api/v2/receivers")).json()

    assert status["cluster"] == {"peers": [], "status": "disabled"}
    assert status["config"]["original"].startswith("route:")
    assert receivers == [{"name": "alpha"}, {"name": "zeta"}]
