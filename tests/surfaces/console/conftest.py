"""A browser, and a console to look at with it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from punchingfist.surfaces.server.running import serving
from tests.surfaces.an_app import an_app

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

Look = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture
async def browser(chromium_binary: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # The sandbox of Chromium itself cannot be had as root, which CI often is.
        browser = await playwright.chromium.launch(
            executable_path=chromium_binary, args=["--no-sandbox"]
        )
        yield browser
        await browser.close()


@pytest.fixture
def look(browser: Browser) -> Look:
    """Open a page of a console over a store; whatever the browser complains of fails the test."""

    @asynccontextmanager
    async def open_page(store: Any, path: str, **options: Any) -> AsyncIterator[Page]:
        complaints: list[str] = []
        async with serving(an_app(store), listen="127.0.0.1:0") as running:
            context = await browser.new_context(
                **{"viewport": PHONE, "base_url": running.url, **options}
            )
            page = await context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("dialog", lambda dialog: complaints.append(dialog.message))
            page.on(
                "console",
                lambda said: complaints.append(said.text) if said.type != "log" else None,
            )
            await page.goto(path)
            yield page
            await context.close()
        assert complaints == []

    return open_page
