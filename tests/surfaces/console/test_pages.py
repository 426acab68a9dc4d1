import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from punchingfist.domain.alerts import Severity
from punchingfist.domain.incidents import IncidentStatus
from punchingfist.domain.investigation.findings import ObjectRef, Verdict
from punchingfist.domain.timeline import Kind
from punchingfist.surfaces.console import static_files
from punchingfist.surfaces.console.card import kubectl_line
from punchingfist.surfaces.console.page import collect_pages
from punchingfist.surfaces.console.wording import parse_instant, seconds, size, span, web_link
from punchingfist.surfaces.server.app import build_app
from punchingfist.surfaces.server.doors import Door
from punchingfist.testing.store import MemoryStore
from tests.surfaces.an_app import (
    UNKNOWN,
    a_report,
    an_alert,
    an_app,
    an_execution,
    an_incident,
    begin,
    conclude,
    happened,
    look_more,
)

STYLE = Path(static_files.__file__).parent / "static" / "console.css"


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore()
    await begin(store)
    return store


@pytest.fixture
async def client(store: MemoryStore) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=build_app(an_app(store), door=Door()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def words(client: httpx2.AsyncClient, path: str = "/incidents/INC-1042") -> str:
    """Return what a page says, without its tags."""
    answer = await client.get(path)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


async def test_a_running_investigation_says_how_far_it_is(client: httpx2.AsyncClient) -> None:
    page = await words(client)

    assert "critical investigating since 2026-05-01 03:12 UTC, 12 min ago INC-1042" in page
    assert "Investigating, 2 looks so far" in page
    assert "No change seen" not in page


async def test_a_known_cause_comes_with_its_confidence_and_what_to_do(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    await look_more(store)
    await conclude(store)
    page = await words(client)

    assert "cart:2.3.1 → cart:2.4.0 confidence 0.93" in page
    assert "Deployment shop/cart, 2026-05-01 03:08 UTC , 4 min before" in page
    assert "raise the memory limit of cart from 256Mi to 512Mi risk: write" in page
    assert "Not done. Undo: kubectl set resources deployment/cart" in page


async def test_an_unknown_cause_is_called_unknown(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    await conclude(store, UNKNOWN)
    page = await words(client)

    assert "Unknown: checked 9, could not see 2" in page
    assert "No change seen in what was looked at" in page
    assert "confidence" not in page


async def test_a_healthy_answer_counts_what_was_not_seen(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    await conclude(store, replace(UNKNOWN, verdict=Verdict.HEALTHY, confidence=0.8))

    assert "Nothing wrong found: checked 9, could not see 2" in await words(client)


async def test_a_struck_claim_is_shown_struck_with_its_reason(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    await look_more(store)
    await conclude(store)
    page = (await client.get("/incidents/INC-1042")).text

    assert "<s>the readiness probe of cart fails</s>" in page
    assert "Struck: the quoted line is not in E3" in page


async def test_everything_below_the_answer_is_there(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    await look_more(store)
    await conclude(store)
    page = await words(client)

    assert "memory of cart over the last hour: Prometheus did not answer within 30 s E6" in page
    assert "investigate agent · succeeded · 3.0 s" in page
    assert "chat delivered · 1 attempt" in page
    assert "timed out · 42 ms · 0 B" in page
    assert "kubectl get pods -n shop seen · 42 ms · 59 B" in page


async def test_the_answer_of_an_earlier_episode_is_not_todays(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    await conclude(store)
    again = an_incident(episode=2, execution_id="0190-x-2", report=a_report().to_json())
    store.incidents.put(again)
    await store.executions.add(an_execution(again))
    page = await words(client)

    assert "Looking for the cause" in page
    assert "confidence 0.93" not in page


async def test_a_failed_investigation_says_why(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    await store.executions.finish(
        "0190-x-1042",
        status="failed",
        error="step 'investigate': no tool",
        outputs={},
        at=datetime.now(UTC),
    )

    assert "Investigation failed: step &#39;investigate&#39;: no tool" in await words(client)


async def test_an_incident_nobody_investigates_says_why(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    incident = an_incident(7, execution_id=None)
    store.incidents.put(incident)
    why = happened(Kind.NOT_STARTED, "source 'prod' names no workflow")
    await store.timeline.append(incident.id, why, at=datetime.now(UTC))

    assert "source &#39;prod&#39; names no workflow Object" in await words(
        client, "/incidents/INC-7"
    )


async def test_only_links_that_lead_somewhere_are_shown(
    client: httpx2.AsyncClient, store: MemoryStore
) -> None:
    bare = an_alert(annotations={}, generator_url="")
    store.incidents.put(an_incident(alerts=(bare,)))
    page = await words(client)

    assert "Runbook" not in page
    assert "Dashboard" not in page
    assert "Evidence JSON" in page


@pytest.mark.parametrize("path", ["/", "/incidents"])
async def test_the_list_comes_first_and_newest_first(
    client: httpx2.AsyncClient, store: MemoryStore, path: str
) -> None:
    store.incidents.put(an_incident(1043, title="Second", severity=Severity.INFO))
    page = await words(client, path)

    assert page.index("INC-1043") < page.index("INC-1042")
    assert (
        "critical investigating INC-1042 Pod shop/cart-7d9f6c5b8-x2x9k is crash looping investigating"
        in page
    )


@pytest.mark.parametrize(
    ("show", "shown"),
    [("all", {"1", "2", "3"}), ("unresolved", {"1", "2"}), ("resolved", {"3"})],
)
async def test_the_list_shows_what_is_asked_for(show: str, shown: set[str]) -> None:
    store = MemoryStore()
    for number, status in enumerate(IncidentStatus, start=1):
        store.incidents.put(an_incident(number, status=status, execution_id=None))
    transport = httpx2.ASGITransport(app=build_app(an_app(store), door=Door()))

    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        page = (await client.get("/incidents", params={"show": show})).text

    assert set(re.findall(r"/incidents/INC-(\d)", page)) == shown


async def test_older_incidents_are_a_link_away() -> None:
    store = MemoryStore()
    for number in range(120):
        store.incidents.put(an_incident(number, execution_id=None))
    transport = httpx2.ASGITransport(app=build_app(an_app(store), door=Door()))
    path, seen = "/incidents", list[str]()

    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        while path:
            page = (await client.get(path)).text
            seen += re.findall(r"/incidents/(INC-\d+)", page)
            older = re.search(r'href="(/incidents\?[^"]*before=[^"]*)"', page)
            path = older[1].replace("&amp;", "&") if older else ""

    assert seen == [f"INC-{number}" for number in reversed(range(120))]


@pytest.mark.parametrize("query", ["show=closed", "before=7"])
async def test_a_wrong_question_is_named(client: httpx2.AsyncClient, query: str) -> None:
    answer = await client.get(f"/incidents?{query}")

    assert answer.status_code == 422
    assert answer.json()["field"] == query.partition("=")[0]


async def test_every_page_of_the_menu_answers_without_scripts(client: httpx2.AsyncClient) -> None:
    menu = [page for page in collect_pages() if page.in_menu]

    assert menu
    for page in menu:
        shown = (await client.get(page.path)).text
        assert f"<title>{page.title} ·" in shown
        assert "Skip to the content" in shown


def test_a_kubectl_line_is_safe_to_paste() -> None:
    line = kubectl_line(ObjectRef("Node", "", "a;reboot"), "")

    assert line == "kubectl describe node 'a;reboot'"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://runbooks.example.com/a?b=c", True),
        ("http://10.0.0.1:9090/graph", True),
        ("javascript:alert(1)", False),
        ("JAVASCRIPT:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example.com", False),
        ("/incidents", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_only_web_links_are_followed(url: str, kept: bool) -> None:
    assert web_link(url) == (url if kept else "")


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=12, seconds=59), "12 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=1, minutes=5), "1 h 5 min"),
        (timedelta(days=2, hours=3, minutes=50), "2 d 3 h"),
    ],
)
def test_a_span_is_told_in_two_units_at_most(length: timedelta, text: str) -> None:
    assert span(length) == text


def test_figures_are_told_as_people_say_them() -> None:
    assert [seconds(0.042), seconds(1.25), seconds(125)] == ["42 ms", "1.2 s", "2 min"]
    assert [size(812), size(3400), size(8_000_000)] == ["812 B", "3.4 kB", "8.0 MB"]
    assert parse_instant("yesterday") is None


def palettes() -> Mapping[str, Mapping[str, str]]:
    text = STYLE.read_text("utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    named = re.compile(r"--([a-z-]+): (#[0-9a-f]{6})")
    return {"light": dict(named.findall(light)), "dark": dict(named.findall(dark))}


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_can_be_read_on_what_it_stands_on(scheme: str) -> None:
    colours = palettes()[scheme]
    inks = ("ink", "muted", "link", "red", "amber", "blue", "green")
    pairs = [(ink, on) for ink in inks for on in ("paper", "raised", "code")]
    pairs += [("on-tag", tag) for tag in ("red", "amber", "blue")]

    for ink, paper in pairs:
        low, high = sorted((luminance(colours[ink]), luminance(colours[paper])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, f"{ink} on {paper}"
