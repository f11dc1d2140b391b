"""The stand-in for the old helper script: what it reads from a page's address, and what it does to the page's form."""

from __future__ import annotations

from importlib import resources
from urllib.parse import quote

import pytest
from playwright.async_api import Page, expect

SITE = "https://site.example:8443"
ACCEPTED = f"assignmentId=3A&hitId=3H&text=a%20b+c&turkSubmitTo={quote(SITE, safe='')}"
PREVIEW = f"assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=3H&turkSubmitTo={quote(SITE, safe='')}"
FORM = """<form id="mturk_form" method="post" action="https://amazon.example/mturk/externalSubmit">
<input type="hidden" id="assignmentId" name="assignmentId"><input name="action">
<input type="submit" id="submitButton" value="Send">
<button id="other">Other</button></form>"""


async def show(page: Page, query: str) -> None:
    """Show a page with the helper and a form; nothing is asked of any host."""
    script = resources.files("aioturk.marketplace.site").joinpath("static", "externalHIT_v1.js").read_text("utf-8")
    page_text = f"<!DOCTYPE html><title>A task</title><script>{script}</script>{FORM}"
    await page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=page_text))
    await page.goto(f"http://task.example/?{query}")


async def test_parameters(page: Page) -> None:
    """A parameter comes as it stands in the address, as pages decode it themselves; others get the default."""
    await show(page, ACCEPTED)
    assert await page.evaluate("turkGetParam('hitId', '')") == "3H"
    assert await page.evaluate("turkGetParam('text', '')") == "a%20b+c"
    assert await page.evaluate("turkGetParam('assignment', 'none')") == "none"
    assert await page.evaluate("turkGetParam('Id', 'none')") == "none"
    assert await page.evaluate("turkGetParam('missing') === undefined")


async def test_accepted(page: Page) -> None:
    """In an accepted task the form gets the assignment, and goes to where the page was told to send it."""
    await show(page, ACCEPTED)
    assert await page.evaluate("turkGetSubmitToHost()") == SITE
    await page.evaluate("turkSetAssignmentID()")
    assert await page.locator("#assignmentId").input_value() == "3A"
    assert await page.locator("form").get_attribute("action") == f"{SITE}/mturk/externalSubmit"
    await expect(page.locator("#submitButton")).to_be_enabled()


async def test_preview(page: Page) -> None:
    """In a preview the button is switched off and says why; the page may have named another one."""
    await show(page, PREVIEW)
    await page.evaluate("turkSetAssignmentID()")
    await expect(page.locator("#submitButton")).to_be_disabled()
    await expect(page.locator("#submitButton")).to_have_value(
        "You must ACCEPT the HIT before you can submit the results."
    )
    await expect(page.locator("#other")).to_be_enabled()
    await page.evaluate("turkSetAssignmentID('no_such_form', 'other')")
    await expect(page.locator("#other")).to_be_disabled()


@pytest.mark.parametrize("target", ["", "javascript:alert(1)", "//elsewhere.example"])
async def test_no_place_to_send_to(page: Page, target: str) -> None:
    """What is no address of the web is not used, and the form keeps the address that it has."""
    await show(page, f"assignmentId=3A&turkSubmitTo={quote(target, safe='')}")
    assert await page.evaluate("turkGetSubmitToHost()") == ""
    await page.evaluate("turkSetAssignmentID()")
    assert await page.locator("form").get_attribute("action") == "https://amazon.example/mturk/externalSubmit"
    assert await page.locator("#assignmentId").input_value() == "3A"
