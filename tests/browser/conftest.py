"""
One Chromium and one event loop for all tests of this folder.

They drive Debian's Chromium (or any other) through Playwright. Without either of them every module here is skipped,
with the reason and what to install. No browser of this folder reaches anything but this machine.

Use `page` for a plain page, `open_page(phone=True, dark=True)` for others: each opens a context of its own, so nothing
is shared but the process. An error that a page's script throws and nobody catches fails the test. A module whose pages
keep nothing may use one context for all its tests, by `new_context` and `Failures`: that is much quicker.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import pytest_asyncio

from aioturk.marketplace import Marketplace

from ..marketplace.support import StillClock

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, WebError

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESK = {"width": 1100, "height": 800}
PHONE = {"width": 375, "height": 720}
PATIENCE = 15_000
"""How long an action waits for its element at most, in milliseconds."""


class OpenPage(Protocol):
    """Opens a page in a context of its own, which is closed with the test."""

    async def __call__(self, *, phone: bool = False, dark: bool = False, **options: Any) -> Page:
        """
        Open a page.

        Args:
            phone: As wide as a phone, with touch instead of a mouse.
            dark: The person prefers dark colours.
            options: More of Playwright's options of a context (`java_script_enabled=False`, say).
        """
        ...


def chromium() -> str | None:
    """Where Chromium is: what the environment says, or the first that is on the path."""
    named = os.environ.get("AIOTURK_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


def what_is_missing() -> str | None:
    """Why no test can run here, or nothing."""
    for module, name in (("playwright", "playwright"), ("axe_playwright_python", "axe-playwright-python")):
        if find_spec(module) is None:
            return f"{name} is not installed: pip install {name} (Playwright's own browsers are not needed)"
    if chromium() is None:
        return "there is no Chromium: apt-get install chromium, or name one in AIOTURK_CHROMIUM"
    return None


class Skipped(pytest.Module):
    """A module that is not even imported, as what it imports may be missing."""

    def collect(self) -> list[pytest.Item]:
        """Say why instead of collecting."""
        pytest.skip(f"{what_is_missing()}", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Skip all modules when something is missing."""
    if what_is_missing() is None:
        return None
    module: pytest.Module = Skipped.from_parent(parent, path=module_path)
    return module


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests of this folder in the session's event loop, in which the browser lives."""
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The one Chromium of the session. It can resolve no name but localhost: no test leaves the machine."""
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(),
            # The sandbox cannot start for root, as whom containers run tests; every page here is our own.
            chromium_sandbox=False,
            args=["--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"],
        )
        yield browser
        await browser.close()


class Failures:
    """What scripts of pages threw and nobody caught."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        """Hear of them from all pages of this context."""
        context.on("weberror", self._keep)

    def _keep(self, failure: WebError) -> None:
        self.seen.append(f"{failure.page and failure.page.url}: {failure.error.stack or failure.error}")

    def check(self) -> None:
        """Fail if there were any since the last time."""
        seen, self.seen = self.seen, []
        assert not seen, "scripts of the pages failed:\n" + "\n".join(seen)


async def new_context(browser: Browser, *, phone: bool = False, dark: bool = False, **options: Any) -> BrowserContext:
    """Open a context that is like a desk's, or a phone's."""
    settings: dict[str, Any] = {
        "viewport": PHONE if phone else DESK,
        "has_touch": phone,
        "color_scheme": "dark" if dark else "light",
        "reduced_motion": "reduce",
    }
    context = await browser.new_context(**settings | options)
    context.set_default_timeout(PATIENCE)
    return context


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Opens pages; at the test's end their contexts are closed, and no script of theirs may have failed."""
    contexts: list[BrowserContext] = []
    failures = Failures()

    async def open_page(*, phone: bool = False, dark: bool = False, **options: Any) -> Page:
        context = await new_context(browser, phone=phone, dark=dark, **options)
        contexts.append(context)
        failures.watch(context)
        return await context.new_page()

    yield open_page
    for context in contexts:
        await context.close()
    failures.check()


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: OpenPage) -> Page:
    """A page of a desk's size, in light colours, in a context of its own."""
    return await open_page()


@pytest_asyncio.fixture(loop_scope="session")
async def market() -> AsyncIterator[Marketplace]:
    """A marketplace in memory, served from the browser's event loop; its clock stands still until it is advanced."""
    async with Marketplace(clock=StillClock()) as market:
        yield market
