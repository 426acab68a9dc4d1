"""A program starts a workflow over HTTP."""

import json
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest

from punchingfist.adapters.http import HttpClient
from punchingfist.adapters.secrets import EnvironmentSecrets
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from punchingfist.bootstrap.extensions import collect_extensions
from punchingfist.domain.identity import SERVER, Role
from punchingfist.domain.loading.assemble import assemble_files
from punchingfist.operations.api_sources import activate_api_sources
from punchingfist.operations.start_execution import Starter
from punchingfist.surfaces.server.app import build_app, build_intake
from punchingfist.surfaces.server.doors import Door
from tests.arrivals import Started
from tests.surfaces.an_app import a_doorkeeper, an_app
from tests.surfaces.server.conftest import OpenClient

PATH = "/api/v1/trigger"
RESOURCES = """
apiVersion: punchingfist.io/v1alpha1
kind: Source
metadata: {name: deploys}
spec:
  type: api
  config: {endpoint: /api/v1/trigger, method: post, authentication: AUTHENTICATION}
  triggerWorkflow: WORKFLOW
  context: {team: shop}
---
apiVersion: punchingfist.io/v1alpha1
kind: Workflow
metadata: {name: check}
spec: {steps: [{name: look, type: cli, command: "true"}]}
"""


@dataclass
class Api:
    client: httpx2.AsyncClient
    started: Started
    doorkeeper: Any

    async def post(self, body: Any = None, **headers: str) -> httpx2.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(PATH, json=body, headers=names)


class Opener:
    def __init__(self, store: Store, client_of: OpenClient) -> None:
        self.store, self.client_of = store, client_of

    async def open(
        self,
        authentication: str = "null",
        *,
        workflow: str = "check",
        external_url: str = "",
        intake: bool = False,
    ) -> Api:
        text = RESOURCES.replace("AUTHENTICATION", authentication).replace("WORKFLOW", workflow)
        extensions, started = collect_extensions(), Started()
        sources = await activate_api_sources(
            assemble_files({"r.yaml": text}, extensions.known),
            sinks=extensions.sinks,
            secrets=EnvironmentSecrets({"KEY": "s3cret"}),
            http=HttpClient(),
            clock=SystemClock(),
            ids=UuidIds(),
            starter=Starter(self.store.starts, SystemClock(), started),
        )
        doorkeeper = a_doorkeeper()
        app = an_app(self.store, external_url=external_url, doorkeeper=doorkeeper)
        app = replace(app, api_sources=lambda: sources)
        build = build_intake if intake else build_app
        return Api(self.client_of(build(app, door=Door())), started, doorkeeper)


@pytest.fixture
def opener(store: Store, client_of: OpenClient) -> Opener:
    return Opener(store, client_of)


async def test_a_request_starts_the_workflow_and_learns_where_to_look(opener: Opener) -> None:
    api = await opener.open()
    answer = await api.post({"version": "1.2"})

    assert answer.status_code == 202
    url = "http://127.0.0.1:8080/api/v1/executions/EX-1"
    assert answer.json() == {"execution": "EX-1", "url": url}
    assert answer.headers["location"] == url
    shown = (await api.client.get(url)).json()
    assert (shown["source"], shown["workflow_name"], shown["incident_id"]) == (
        "deploys",
        "check",
        None,
    )
    row = await opener.store.executions.get("EX-1")
    assert (row.event, row.context) == ({"version": "1.2"}, {"team": "shop"})


async def test_links_lead_where_people_reach_us(opener: Opener) -> None:
    api = await opener.open(external_url="https://fist.example.com")

    answer = (await api.post({})).json()
    assert answer["url"] == "https://fist.example.com/api/v1/executions/EX-1"


async def test_a_request_without_a_body_starts_it_too(opener: Opener) -> None:
    api = await opener.open()

    assert (await api.client.post(PATH)).status_code == 202


async def test_the_same_key_is_the_same_execution(opener: Opener) -> None:
    api = await opener.open()
    first = await api.post({"n": 1}, Idempotency_Key="deploy-17")
    again = await api.post({"n": 2}, Idempotency_Key="deploy-17")
    other = await api.post({"n": 1}, Idempotency_Key="deploy-18")

    assert [one.status_code for one in (first, again, other)] == [202, 200, 202]
    assert first.json() == again.json() != other.json()
    assert api.started.flow_ids == ["api:deploys:deploy-17", "api:deploys:deploy-18"]


async def test_requests_without_a_key_are_each_their_own(opener: Opener) -> None:
    api = await opener.open()

    assert [(await api.post({})).json()["execution"] for _ in range(2)] == ["EX-1", "EX-2"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param("[1]", 422, id="no-object"),
        pytest.param("{", 400, id="no-json"),
        pytest.param('{"a": NaN}', 400, id="not-a-number"),
        pytest.param('{"a":' * 80 + "1" + "}" * 80, 422, id="nested-too-deep"),
        pytest.param('{"a": "\\u0000\\ud800"}', 202, id="odd-text"),
        pytest.param("[" * 100_000, 400, id="endless-nesting"),
    ],
)
async def test_what_is_no_object_is_refused(opener: Opener, body: str, status: int) -> None:
    api = await opener.open()
    answer = await api.client.post(PATH, content=body)

    assert answer.status_code == status


@pytest.mark.parametrize("key", ["", " ", "a" * 201, "sp\tace"])
async def test_a_key_that_is_none_is_refused(opener: Opener, key: str) -> None:
    api = await opener.open()

    answer = await api.post({}, Idempotency_Key=key)
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


async def test_another_method_is_refused(opener: Opener) -> None:
    api = await opener.open()
    answer = await api.client.get(PATH)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_missing_workflow_is_said_and_may_come_later(opener: Opener) -> None:
    api = await opener.open(workflow="nowhere")
    answer = await api.post({})

    assert (answer.status_code, "'nowhere'" in answer.json()["detail"]) == (503, True)
    assert "retry-after" in answer.headers


async def test_an_api_key_of_the_source_lets_in(opener: Opener) -> None:
    api = await opener.open("{type: apikey, secretRef: env://KEY}")

    assert (await api.post({}, X_API_Key="s3cret")).status_code == 202
    wrong = [await api.post({}), await api.post({}, X_API_Key="guess")]
    assert [one.status_code for one in wrong] == [401, 401]
    assert "s3cret" not in json.dumps([one.json() for one in wrong])


async def test_without_a_secret_our_own_tokens_let_in(opener: Opener) -> None:
    api = await opener.open("{type: apikey}")
    responder = await api.doorkeeper.office.issue("ci", Role.RESPONDER, by=SERVER)
    viewer = await api.doorkeeper.office.issue("tv", Role.VIEWER, by=SERVER)

    assert (await api.post({})).status_code == 401
    assert (await api.post({}, X_API_Key=responder.secret)).status_code == 202
    assert (await api.post({}, Authorization=f"Bearer {responder.secret}")).status_code == 202
    assert (await api.post({}, X_API_Key=viewer.secret)).status_code == 403
    assert (await api.post({}, X_API_Key="pf_guess")).status_code == 401


async def test_the_intake_listener_starts_workflows_too(opener: Opener) -> None:
    api = await opener.open("{type: apikey, secretRef: env://KEY}", intake=True)

    assert (await api.post({}, X_API_Key="s3cret")).status_code == 202
