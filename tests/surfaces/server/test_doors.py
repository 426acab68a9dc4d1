from dataclasses import replace

import httpx2
import pytest

from punchingfist.surfaces.server.app import build_app
from punchingfist.surfaces.server.doors import Door
from tests.surfaces.an_app import an_app
from tests.surfaces.server.conftest import OpenClient

EXTERNAL = "https://fist.example.com/console"


@pytest.fixture
def client(client_of: OpenClient) -> httpx2.AsyncClient:
    return client_of(build_app(an_app(), door=Door(external_url=EXTERNAL)))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("localhost:8080", 200, id="localhost"),
        pytest.param("LOCALHOST", 200, id="capitals"),
        pytest.param("127.0.0.1:9999", 200, id="another-port-as-through-a-tunnel"),
        pytest.param("[::1]:8080", 200, id="ipv6"),
        pytest.param("fist.example.com", 200, id="the-external-url"),
        pytest.param("evil.example.com", 403, id="a-name-rebound-to-loopback"),
        pytest.param("localhost.evil.example.com", 403, id="a-name-that-begins-like-ours"),
        pytest.param("localhost@evil.example.com", 403, id="a-user-that-looks-like-ours"),
        pytest.param("[::1", 403, id="no-name-at-all"),
        pytest.param("", 403, id="nothing"),
    ],
)
async def test_only_our_names_are_answered(
    client: httpx2.AsyncClient, host: str, status: int
) -> None:
    answer = await client.get("/healthz", headers={"host": host})

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        pytest.param(None, 404, id="no-browser"),
        pytest.param("http://127.0.0.1:8080", 404, id="our-own-page"),
        pytest.param("https://fist.example.com", 404, id="our-page-behind-a-front"),
        pytest.param("http://127.0.0.1:3000", 403, id="another-program-on-this-machine"),
        pytest.param("https://evil.example.com", 403, id="another-site"),
        pytest.param("null", 403, id="a-page-without-an-origin"),
    ],
)
async def test_another_site_cannot_post(
    client: httpx2.AsyncClient, origin: str | None, status: int
) -> None:
    headers = {"origin": origin} if origin else {}

    answer = await client.post("/webhook/alerts", json={}, headers=headers)

    assert answer.status_code == status


@pytest.mark.parametrize(
    "path", ["/incidents", "/api/v1/incidents", "/nowhere", "/static/console.css"]
)
async def test_every_answer_tells_browsers_what_they_may_not_do(
    client: httpx2.AsyncClient, path: str
) -> None:
    headers = (await client.get(path)).headers

    assert "script-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_what_we_know_stays_out_of_caches(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/incidents")).headers["cache-control"] == "no-store"


async def test_a_bug_shows_no_details(client_of: OpenClient) -> None:
    app = replace(an_app(), incidents=None)  # type: ignore[arg-type]
    client = client_of(build_app(app, door=Door()))

    answer = await client.get("/api/v1/incidents")

    assert answer.status_code == 500
    assert answer.json()["detail"] == "this is a bug of ours; the server's log has the details"


async def test_an_error_is_a_page_for_people(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/incidents/INC-7", headers={"accept": "text/html,*/*"})

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "INC-7" in answer.text
