"""The README's three minutes: its program asks, and somebody answers in a browser."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import expect

from aioturk._core.endpoints import LocalMarketplace
from aioturk.marketplace import Marketplace

from ..docs.pages import README, blocks
from ..marketplace.support import ANNA

if TYPE_CHECKING:
    from playwright.async_api import Page


async def test_ask_people_in_three_minutes(market: Marketplace, page: Page, tmp_path: Path) -> None:
    """The program, unmodified and in a process of its own, prints the typed answer that was given in the browser."""
    file = tmp_path / "marketplace.json"
    file.touch(mode=0o600)
    file.write_bytes(LocalMarketplace(market.url, market.access_key, market.secret_key).to_json())
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AIOTURK_"))}
    [code] = [block for block in blocks(README, "python") if "class Snack" in block]
    asking = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", code),
        env={
            **environment,
            "AIOTURK_LOCAL_FILE": str(file),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        },
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert asking.stdout is not None
        assert await asking.stdout.readline() == b"Waiting for somebody to answer.\n"

        await page.goto(market.site_url)
        await page.get_by_label("Worker id").fill(ANNA)
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("link", name="Your favourite snack").click()
        await page.get_by_role("button", name="Accept").click()
        await expect(page.get_by_role("button", name="Return")).to_be_visible()  # the preview has the same fields
        task = page.frame_locator("iframe.task")
        await task.get_by_label("Snack").fill("Crisps")
        await task.get_by_label("Stars").fill("5")
        await task.get_by_role("button", name="Submit").click()
        await expect(page.get_by_text("Your answers have come in.")).to_be_visible()
        printed, _ = await asking.communicate()
    finally:
        if asking.returncode is None:
            asking.kill()
            await asking.wait()
    assert (printed.decode(), asking.returncode) == ("Snack(name='Crisps', stars=5)\n", 0)
    assert "``Snack(name='Crisps', stars=5)``" in README.read_text(encoding="utf-8")
