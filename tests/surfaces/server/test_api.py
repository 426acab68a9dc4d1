import httpx2
import pytest

from punchingfist.domain.incidents import IncidentStatus
from punchingfist.surfaces.server.app import build_app
from punchingfist.surfaces.server.doors import Door
from punchingfist.testing.store import MemoryStore
from tests.surfaces.an_app import an_app, an_incident, begin, conclude
from tests.surfaces.server.conftest import OpenClient


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore()
    await begin(store)
    return store


@pytest.fixture
def client(store: MemoryStore, client_of: OpenClient) -> httpx2.AsyncClient:
    return client_of(build_app(an_app(store), door=Door()))


async def test_incidents_are_listed_newest_first(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    store.incidents.put(an_incident(1043))

    page = (await client.get("/api/v1/incidents")).json()

    assert [one["short_id"] for one in page["items"]] == ["INC-1043", "INC-1042"]
    assert page["next_cursor"] is None


async def test_a_cursor_leads_through_all_pages(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    for number in range(5):
        store.incidents.put(an_incident(number))
    seen: list[str] = []
    cursor: str | None = None

    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/api/v1/incidents", params=query)).json()
        seen += [one["short_id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == ["INC-1042", "INC-4", "INC-3", "INC-2", "INC-1", "INC-0"]


async def test_incidents_are_chosen_by_status(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    store.incidents.put(an_incident(7, status=IncidentStatus.RESOLVED))

    page = (await client.get("/api/v1/incidents", params={"status": "resolved"})).json()

    assert [one["short_id"] for one in page["items"]] == ["INC-7"]


@pytest.mark.parametrize(
    "query", ["status=closed", "limit=0", "limit=201", "cursor=7", "limit=many"]
)
async def test_a_wrong_parameter_is_named(client: httpx2.AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/v1/incidents?{query}")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["fields"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("name", ["INC-1042", "0190-i-1042"])
async def test_an_incident_is_found_by_either_id(
    client: httpx2.AsyncClient, store: MemoryStore, name: str
) -> None:
    await conclude(store)

    found = (await client.get(f"/api/v1/incidents/{name}")).json()

    assert found["short_id"] == "INC-1042"
    assert found["since"] == "2026-05-01T03:12:00Z"
    assert found["report"]["verdict"] == "cause_found"
    assert found["alerts"][0]["labels"]["namespace"] == "shop"


@pytest.mark.parametrize(
    "path",
    [
        "incidents/INC-7",
        "incidents/INC-7/timeline",
        "incidents/INC-7/events",
        "executions/EX-7",
        f"evidence/{'0' * 64}",
    ],
)
async def test_what_is_not_there_is_404(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(f"/api/v1/{path}")

    assert answer.status_code == 404
    assert answer.json()["title"] == "Not Found"


async def test_the_timeline_goes_on_where_the_reader_was(client: httpx2.AsyncClient) -> None:
    rows = (await client.get("/api/v1/incidents/INC-1042/timeline?after=3")).json()["items"]

    assert [row["seq"] for row in rows] == [4, 5]
    assert rows[0]["kind"] == "looked"


async def test_an_execution_shows_its_steps_and_no_configuration(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.get("/api/v1/executions/0190-x-1042")

    assert answer.json()["steps"][0]["name"] == "investigate"
    assert "s3cret" not in answer.text


async def test_evidence_is_text_whatever_it_holds(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    digest = await store.artifacts.put("<script>alert(1)</script>")

    answer = await client.get(f"/api/v1/evidence/{digest}")

    assert answer.text == "<script>alert(1)</script>"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_api_describes_itself(client: httpx2.AsyncClient) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()

    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) >= {
        "/api/v1/audit",
        "/api/v1/audit/verify",
        "/api/v1/evidence/{digest}",
        "/api/v1/executions/{execution_id}",
        "/api/v1/incidents",
        "/api/v1/incidents/{incident_id}",
        "/api/v1/incidents/{incident_id}/events",
        "/api/v1/incidents/{incident_id}/timeline",
        "/api/v1/tokens",
        "/api/v1/tokens/{name}",
        "/api/v1/whoami",
    }


@pytest.mark.parametrize(("healthy", "status"), [(True, 200), (False, 503)])
async def test_health_says_how_each_part_is(
    client_of: OpenClient, healthy: bool, status: int
) -> None:
    client = client_of(build_app(an_app(healthy=healthy), door=Door()))

    answer = await client.get("/healthz")

    assert answer.status_code == status
    assert answer.json()["parts"] == {"database": "ok" if healthy else "locked"}


async def test_metrics_have_the_names_of_the_specification(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    for name in ("alerts_processed_total", "active_tasks", "task_duration_seconds"):
        assert f"punchingfist_{name}" in answer.text
