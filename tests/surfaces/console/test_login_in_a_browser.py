"""Logging in and out as a person does it, with and without the link."""

from playwright.async_api import Browser

from punchingfist.domain.identity import Caller, How, Role
from punchingfist.surfaces.server.running import Access, serving
from tests.surfaces.an_app import an_app

OPERATOR = Caller("operator", Role.ADMIN, How.SHELL)


async def test_a_person_logs_in_with_a_token_and_out(browser: Browser) -> None:
    app = an_app()
    issued = await app.doorkeeper.office.issue("ana", Role.APPROVER, by=OPERATOR)
    access = Access(anonymous=False)
    async with serving(app, listen="127.0.0.1:0", access=access) as running:
        context = await browser.new_context(base_url=running.url)
        page = await context.new_page()
        await page.goto("/incidents")
        await page.get_by_role("link", name="Log in").first.click()
        await page.get_by_label("Token").fill(issued.secret)
        await page.get_by_role("button", name="Log in").click()
        await page.wait_for_url("**/")
        inside = await page.locator(".who").inner_text()
        scripts_see = await page.evaluate("document.cookie")
        await page.locator(".who").click()
        await page.get_by_role("button", name="Log out").click()
        await page.wait_for_url("**/login")
        outside = await page.goto("/incidents")
        await context.close()

    assert inside == "ana"
    assert scripts_see == ""
    assert outside is not None
    assert outside.status == 401


async def test_the_link_brings_a_browser_in_with_one_click(browser: Browser) -> None:
    app = an_app()
    async with serving(app, listen="127.0.0.1:0") as running:
        context = await browser.new_context(base_url=running.url)
        page = await context.new_page()
        await page.goto(f"/login?token={app.doorkeeper.link}")
        who = await page.locator(".who").inner_text()
        address = page.url
        await context.close()

    assert who == "owner"
    assert "token" not in address
