import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx2
import pytest

from punchingfist.adapters.store.store import Store
from punchingfist.domain.resources.sources import WebhookConfig
from punchingfist.errors import Unavailable
from punchingfist.extensions.sources.webhook import parse
from punchingfist.operations.authentication.authenticator import ANYBODY
from punchingfist.operations.authentication.tokens import Bearer
from punchingfist.operations.hooks import Hook
from punchingfist.operations.receive import ActiveSource
from punchingfist.ports.intake import Arrival, Taken
from punchingfist.surfaces.server import body as body_of_a_request
from punchingfist.surfaces.server.app import build_app, build_intake
from punchingfist.surfaces.server.doors import Door
from punchingfist.surfaces.server.running import serving
from tests.arrivals import TRIAGE
from tests.surfaces.an_app import an_app
from tests.surfaces.server.conftest import OpenClient

PATH = "/webhook/alerts"
TOKEN = {"authorization": "Bearer s3cret"}
BEARER = Bearer("prod", "s3cret")


def a_hook(**changed: Any) -> Hook:
    accepts = WebhookConfig(path=PATH, filters={"severity": ("critical",)}).accepts
    source = ActiveSource("prod", accepts, TRIAGE)
    return replace(Hook(PATH, source, parse), **changed)


def an_alert(status: str = "firing", **labels: str) -> Mapping[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "Down", "severity": "critical", **labels},
        "annotations": {},
        "startsAt": "2026-05-01T03:12:00Z",
        "endsAt": "2026-05-01T03:20:00Z" if status == "resolved" else "0001-01-01T00:00:00Z",
    }


def body(*alerts: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": "4", "groupKey": "{}", "status": "firing", "alerts": list(alerts)}


@pytest.fixture
def client(store: Store, client_of: OpenClient) -> httpx2.AsyncClient:
    return client_of(build_app(an_app(store, hooks={PATH: a_hook()}), door=Door()))


def locked(store: Store, client_of: OpenClient, **changed: Any) -> httpx2.AsyncClient:
    hook = a_hook(authenticator=BEARER, **changed)
    return client_of(build_app(an_app(store, hooks={PATH: hook}), door=Door()))


async def test_an_alert_is_stored_when_the_sender_is_answered(
    client: httpx2.AsyncClient, store: Store
) -> None:
    answer = await client.post(PATH, json=body(an_alert()))

    assert answer.status_code == 200
    assert answer.json() == {
        "received": 1,
        "opened": 1,
        "repeated": 0,
        "resolved": 0,
        "filtered": 0,
    }
    assert [one.title for one in await store.incidents.newest()] != []


async def test_what_became_of_each_alert_is_counted(client: httpx2.AsyncClient) -> None:
    await client.post(PATH, json=body(an_alert(pod="a"), an_alert(pod="b")))

    answer = await client.post(
        PATH,
        json=body(
            an_alert(pod="a"), an_alert("resolved", pod="b"), an_alert(severity="info"), an_alert()
        ),
    )

    counted = {"received": 4, "opened": 1, "repeated": 1, "resolved": 1, "filtered": 1}
    assert answer.json() == counted


async def test_a_sender_without_the_token_is_turned_away_before_its_body_is_read(
    store: Store, client_of: OpenClient
) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield pytest.fail("the body was read")

    answer = await locked(store, client_of).post(PATH, content=never())

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param(TOKEN, 200, id="the-token"),
        pytest.param({"authorization": "bearer s3cret"}, 200, id="the-scheme-in-lower-case"),
        pytest.param({"authorization": "Bearer s3cre"}, 401, id="another-token"),
        pytest.param({"authorization": "Basic s3cret"}, 401, id="another-scheme"),
    ],
)
async def test_the_token_opens_the_path(
    store: Store, client_of: OpenClient, headers: Mapping[str, str], status: int
) -> None:
    answer = await locked(store, client_of).post(PATH, json=body(an_alert()), headers=headers)

    assert answer.status_code == status
    assert "s3cret" not in answer.text


async def test_a_body_that_says_it_is_too_large_is_not_asked_for(
    store: Store, client_of: OpenClient
) -> None:
    client = locked(store, client_of, max_body_bytes=100)
    headers = {**TOKEN, "expect": "100-continue", "content-length": "101"}

    async def never() -> AsyncIterator[bytes]:
        yield pytest.fail("the body was read")

    answer = await client.post(PATH, content=never(), headers=headers)

    assert answer.status_code == 413
    assert "100 bytes" in answer.json()["detail"]


async def test_a_stream_that_gets_too_large_is_refused(store: Store, client_of: OpenClient) -> None:
    async def long() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 64

    answer = await locked(store, client_of, max_body_bytes=1000).post(
        PATH, content=long(), headers=TOKEN
    )

    assert answer.status_code == 413


async def test_a_body_that_never_ends_is_given_up_and_may_be_sent_again(
    store: Store, client_of: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_of_a_request, "_BODY_SECONDS", 0.05)

    async def endless() -> AsyncIterator[bytes]:
        yield b"["
        await asyncio.Event().wait()

    answer = await locked(store, client_of).post(PATH, content=endless(), headers=TOKEN)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert await store.incidents.newest() == []


async def test_a_sender_who_is_still_writing_sees_the_refusal(store: Store) -> None:
    app = an_app(store, hooks={PATH: a_hook(max_body_bytes=1000)})

    async with (
        serving(app, listen="127.0.0.1:0") as running,
        httpx2.AsyncClient(base_url=running.url) as client,
    ):
        answer = await client.post(PATH, content=b" " * 20_000_000)

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        pytest.param(b"", "line 1, column 1", id="nothing"),
        pytest.param(
            b'{"alerts": [{}, {]}', "alerts[1]: body is no JSON at line 1, column", id="an-alert"
        ),
        pytest.param(
            b'{\n"version": nope}', "version: body is no JSON at line 2, column 12", id="a-field"
        ),
        pytest.param(b'{"alerts": []} x', "line 1, column 16", id="something-behind-it"),
        pytest.param(b'{"alerts": [1 2]}', "expected ','", id="a-missing-comma"),
        pytest.param(b'{"a": NaN}', "NaN is not JSON", id="not-a-number"),
        pytest.param(b'{"a": "\xff"}', "not UTF-8 at byte 7", id="not-utf-8"),
        pytest.param(b'{"a": ' + b"[" * 100_000, "body is no JSON", id="a-bottomless-pit"),
    ],
)
async def test_malformed_json_is_400_and_says_where(
    client: httpx2.AsyncClient, content: bytes, detail: str
) -> None:
    answer = await client.post(PATH, content=content)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]


async def test_a_wrong_field_is_named(client: httpx2.AsyncClient, store: Store) -> None:
    wrong = {**an_alert(), "labels": "none"}

    answer = await client.post(PATH, json=body(an_alert(), wrong))

    assert answer.status_code == 422
    assert answer.json()["field"] == "alerts[1].labels"
    assert await store.incidents.newest() == []


async def test_a_compressed_body_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post(PATH, content=b"\x1f\x8b", headers={"content-encoding": "gzip"})

    assert answer.status_code == 415


async def test_an_unknown_path_is_404_and_named(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/webhook/alert", json=body(an_alert()))

    assert answer.status_code == 404
    assert "'/webhook/alert'" in answer.json()["detail"]


async def test_alerts_are_posted_not_fetched(client: httpx2.AsyncClient) -> None:
    answer = await client.get(PATH)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


async def test_a_path_of_ours_keeps_its_methods(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/healthz")).status_code == 405


async def test_trouble_with_the_database_asks_the_sender_to_come_again(
    client_of: OpenClient,
) -> None:
    class Broken:
        async def take_in(
            self, batch: Sequence[Arrival], *, at: datetime, enqueue: Any
        ) -> list[Taken]:
            raise Unavailable("the database is locked", retry_after_seconds=1.2)

    app = an_app(hooks={PATH: a_hook()}, intake=Broken())
    client = client_of(build_app(app, door=Door()))

    answer = await client.post(PATH, json=body(an_alert()))

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"


async def test_a_path_that_is_loaded_later_is_served(store: Store, client_of: OpenClient) -> None:
    hooks: dict[str, Hook] = {}
    client = client_of(build_app(an_app(store, hooks=hooks), door=Door()))
    before = await client.post(PATH, json=body(an_alert()))

    hooks[PATH] = a_hook()
    after = await client.post(PATH, json=body(an_alert()))

    assert (before.status_code, after.status_code) == (404, 200)


async def test_a_large_storm_is_taken_whole(client: httpx2.AsyncClient) -> None:
    storm = body(*(an_alert(pod=f"pod-{number}") for number in range(1000)))
    assert len(json.dumps(storm)) > 64 * 1024

    answer = await client.post(PATH, json=storm)

    assert answer.json()["opened"] == 1000


OPEN = Door(loopback=False, any_host=True)


def intake(store: Store, client_of: OpenClient, hook: Hook) -> httpx2.AsyncClient:
    return client_of(build_intake(an_app(store, hooks={PATH: hook}), door=OPEN))


async def test_the_open_listener_takes_alerts_under_any_name(
    store: Store, client_of: OpenClient
) -> None:
    client = intake(store, client_of, a_hook(authenticator=BEARER))
    headers = {**TOKEN, "host": "fist.monitoring.svc:8080"}

    answer = await client.post(PATH, json=body(an_alert()), headers=headers)

    assert answer.status_code == 200


async def test_the_open_listener_refuses_a_source_without_authentication(
    store: Store, client_of: OpenClient
) -> None:
    answer = await intake(store, client_of, a_hook()).post(PATH, json=body(an_alert()))

    assert answer.status_code == 403
    assert "spec.config.authentication" in answer.json()["detail"]
    assert await store.incidents.newest() == []


@pytest.mark.parametrize(
    "path", ["/", "/incidents", "/api/v1/incidents", "/metrics", "/static/console.css"]
)
async def test_the_open_listener_shows_nothing(
    store: Store, client_of: OpenClient, path: str
) -> None:
    client = intake(store, client_of, a_hook(authenticator=BEARER))

    assert (await client.get(path)).status_code == 404
    assert (await client.get("/healthz")).status_code == 200


async def test_the_open_listener_takes_from_anybody_what_a_source_opens_in_so_many_words(
    store: Store, client_of: OpenClient
) -> None:
    hook = a_hook(authenticator=ANYBODY)
    answer = await intake(store, client_of, hook).post(PATH, json=body(an_alert()))

    assert answer.status_code == 200
