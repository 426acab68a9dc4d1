from collections import Counter
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from punchingfist.domain.investigation.findings import Report
from punchingfist.domain.timeline import Happening, Kind
from punchingfist.testing.store import MemoryStore
from tests.surfaces.an_app import (
    HEAP,
    NOW,
    START,
    UNKNOWN,
    a_report,
    an_alert,
    an_incident,
    begin,
    conclude,
    look_more,
)
from tests.surfaces.console.conftest import DESKTOP, PHONE, Look

PATH = "/incidents/INC-1042"
FIRST_SCREEN = (
    ".card .tag",
    ".card .state",
    ".card time[data-since]",
    ".card .id",
    ".card .cause",
    ".card .object .command code",
    ".card .seen",
    ".card .change",
    ".card .next .risk",
    ".actions",
)
BUTTONS = ".actions a, .card button"
# A sentence that takes more room than what stood there before.
LONG = a_report(root_cause="cart is killed at its memory limit " * 6)


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore()
    await begin(store)
    return store


async def boxes(page: Page, selector: str) -> dict[tuple[str, int], tuple[float, ...]]:
    """Return where each shown element is on the screen, by its text and its place among equals."""
    found: list[tuple[str, list[float]]] = await page.eval_on_selector_all(
        selector,
        """all => all.map(one => {
            const box = one.getBoundingClientRect();
            return [one.innerText, [box.x, box.y, box.width, box.height]];
        })""",
    )
    count: Counter[str] = Counter()
    places = {}
    for text, box in found:
        places[text, count[text]] = tuple(box)
        count[text] += 1
    return places


@pytest.mark.parametrize("report", [a_report(), UNKNOWN], ids=["known", "unknown"])
async def test_the_first_phone_screen_tells_what_matters_in_order_without_scripts(
    look: Look, store: MemoryStore, report: Report
) -> None:
    await look_more(store)
    await conclude(store, report)
    shown = FIRST_SCREEN if report.recommendations else FIRST_SCREEN[:8] + FIRST_SCREEN[9:]

    async with look(store, PATH, java_script_enabled=False) as page:
        places = [await page.locator(part).first.bounding_box() for part in shown]

    tops = [place["y"] for place in places if place]
    assert len(tops) == len(shown)
    assert tops == sorted(tops)
    assert all(place and place["y"] + place["height"] <= PHONE["height"] for place in places)


async def test_a_wide_screen_is_not_scrolled_sideways(look: Look, store: MemoryStore) -> None:
    await conclude(store)

    for viewport in (PHONE, DESKTOP, {"width": 320, "height": 600}):
        async with look(store, PATH, viewport=viewport) as page:
            width = await page.evaluate("document.documentElement.scrollWidth")

        assert width <= viewport["width"]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_an_answer_that_arrives_moves_no_button(
    look: Look, store: MemoryStore, viewport: dict[str, int]
) -> None:
    async with look(store, PATH, viewport=viewport) as page:
        await expect(page.locator("#card .copy").first).to_be_visible()
        before = await boxes(page, BUTTONS)
        await look_more(store)
        await expect(page.locator("#card .cause")).to_contain_text("So far")
        between = await boxes(page, BUTTONS)
        await conclude(store, LONG)
        await expect(page.locator("#card .cause")).to_contain_text("confidence 0.93")
        after = await boxes(page, BUTTONS)

    assert len(before) == 6
    assert between == before
    assert {name: after[name] for name in before} == before


async def test_steps_looks_and_findings_appear_as_they_happen(
    look: Look, store: MemoryStore
) -> None:
    async with look(store, PATH, viewport=DESKTOP) as page:
        await expect(page.locator("#timeline li")).to_have_count(5)
        await look_more(store)
        await expect(page.locator("#timeline li")).to_have_count(10)
        await conclude(store)
        await expect(page.locator("#timeline li")).to_have_count(12)
        await expect(page.locator("#details")).to_contain_text("Struck: the quoted line")
        await expect(page.locator("#card .state")).to_have_text("open")
        await expect(page.locator("details.look")).to_have_count(6)


async def test_what_was_unfolded_stays_unfolded(look: Look, store: MemoryStore) -> None:
    async with look(store, PATH) as page:
        await page.locator("details.look summary").first.click()
        await look_more(store)
        await expect(page.locator("details.look")).to_have_count(6)

        assert await page.locator("details.look").first.get_attribute("open") is not None


async def test_a_quote_leads_to_its_evidence(look: Look, store: MemoryStore) -> None:
    await look_more(store)
    await conclude(store)

    async with look(store, PATH) as page:
        await page.locator(".finding a", has_text="E4").first.click()

        await expect(page.locator("#E4 pre")).to_be_visible()
        await expect(page.locator("#E4 pre")).to_have_text(HEAP.line)


async def test_times_are_local_with_utc_beside_them(look: Look, store: MemoryStore) -> None:
    async with look(store, PATH, timezone_id="Europe/Berlin", locale="en-GB") as page:
        await expect(page.locator(".card time[data-since]")).to_contain_text("05:12 (03:12 UTC)")


async def test_a_command_is_copied_as_it_is_typed(look: Look, store: MemoryStore) -> None:
    permissions = ["clipboard-read", "clipboard-write"]

    async with look(store, PATH, permissions=permissions) as page:
        await page.locator(".object .copy").click()
        await expect(page.locator(".object .copy")).to_have_text("Copied")
        copied = await page.evaluate("navigator.clipboard.readText()")

    assert copied == ("kubectl --context prod-eu-1 -n shop describe pod cart-7d9f6c5b8-x2x9k")


async def test_what_an_alert_says_is_text_and_nothing_else(look: Look, store: MemoryStore) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\r\n\r\ndata: <hx-partial hx-target=body>"
    store.incidents.put(
        an_incident(
            title=evil,
            alerts=(
                an_alert(
                    summary=evil,
                    labels={"namespace": "a b", "pod": "$(reboot)", evil: evil},
                    annotations={"runbook_url": "javascript:alert(1)", "dashboard_url": "data:,x"},
                    generator_url=" JavaScript:alert(1)",
                ),
            ),
        )
    )

    async with look(store, PATH) as page:
        happening = Happening(Kind.FOUND, evil, "evil", {"execution_id": "0190-x-1042"})
        await store.timeline.append("0190-i-1042", happening, at=NOW)
        await expect(page.locator("#timeline li")).to_have_count(6)
        await expect(page.locator("#timeline li").last).to_contain_text("<script>alert(1)")
        links = await page.eval_on_selector_all("a[href]", "all => all.map(one => one.protocol)")
        kubectl = await page.locator(".object code").inner_text()
        planted = await page.locator("main script, main img").count()

    assert set(links) == {"http:"}
    assert planted == 0
    assert kubectl.endswith("-n 'a b' describe pod '$(reboot)'")


async def test_the_keyboard_goes_to_the_content_and_through_the_list(
    look: Look, store: MemoryStore
) -> None:
    store.incidents.put(an_incident(1041, created_at=START - timedelta(hours=1)))

    async with look(store, "/incidents") as page:
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("j")
        await page.keyboard.press("j")

        await expect(page.locator("a.row").last).to_be_focused()
