"""Pages that were written for Amazon's site, in all the ways in which they put addresses together; and hostile ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import expect

from aioturk.marketplace import Marketplace
from aioturk.questions import ExternalQuestion, HTMLQuestion

from .test_site import Desk

if TYPE_CHECKING:
    from playwright.async_api import Page

FIELDS = '<input type="hidden" name="assignmentId"><label>Age <input name="age"></label> <button>Submit</button>'
FILL = "document.forms[0].elements.assignmentId.value = new URLSearchParams(location.search).get('assignmentId');"

WAYS = {
    "as it is": '<form method="post" action="https://www.mturk.com/mturk/externalSubmit">{fields}</form>',
    "without a scheme": '<form method="post" action="//workersandbox.mturk.com/mturk/externalSubmit">{fields}</form>',
    "protocol and host": (
        '<form method="post">{fields}</form>'
        '<script>document.forms[0].action = location.protocol + "//www.mturk.com/mturk/externalSubmit";</script>'
    ),
    "host and path": (
        '<form method="post">{fields}</form>'
        '<script>document.forms[0].action = "https://www.mturk.com/" + "mturk/externalSubmit";</script>'
    ),
    "host in a variable": (
        '<form method="post">{fields}</form><script>const host = "www.mturk.com";'
        'document.forms[0].action = "https://" + host + "/mturk/externalSubmit";</script>'
    ),
    "escaped": (
        '<form method="post">{fields}</form>'
        '<script>document.forms[0].action = "https:\\/\\/www.mturk.com\\/mturk\\/externalSubmit";</script>'
    ),
    "set while submitting": (
        '<form method="post">{fields}</form><script>document.forms[0].addEventListener("submit", (event) => {{'
        'event.target.action = ["https://www", "mturk", "com/mturk/externalSubmit"].join("."); }});</script>'
    ),
    "submitted by a script": (
        '<form method="post">{fields}</form><script>document.querySelector("button").type = "button";'
        'document.querySelector("button").onclick = () => {{'
        'document.forms[0].action = "https://www.mturk" + ".com/mturk/externalSubmit";'
        "document.forms[0].submit(); }};</script>"
    ),
    "to the top": (
        '<form method="post" target="_top" action="https://www.mturk.com/mturk/externalSubmit">{fields}</form>'
    ),
    "with a base": (
        '<base href="https://example.org/study/">'
        '<form method="post" action="https://www.mturk.com/mturk/externalSubmit">{fields}</form>'
    ),
    "with a base for windows": (
        '<base target="_blank"><form method="post" action="https://www.mturk.com/mturk/externalSubmit">{fields}</form>'
    ),
    "to a window": (
        '<form method="post" target="_blank" action="https://www.mturk.com/mturk/externalSubmit">{fields}</form>'
    ),
    "with a policy": (
        '<meta http-equiv="Content-Security-Policy" content="form-action https://*.mturk.com https://www.mturk.com;">'
        '<form method="post" action="https://www.mturk.com/mturk/externalSubmit">{fields}</form>'
    ),
}


@pytest_asyncio.fixture(loop_scope="session")
async def desk(market: Marketplace, page: Page) -> AsyncIterator[Desk]:
    """A marketplace, its requester, and a browser; whatever asks for anything outside of this computer is kept."""
    async with market.client() as mturk:
        yield Desk(market, mturk, page)


@pytest.mark.parametrize("way", WAYS)
async def test_answers_arrive(desk: Desk, way: str) -> None:
    """However a page puts Amazon's address together, its answers come here, and nothing leaves the computer."""
    outside: list[str] = []
    desk.page.on("request", lambda request: outside.append(request.url) if "mturk.com" in request.url else None)
    page = f"<!DOCTYPE html><html><body>{WAYS[way].format(fields=FIELDS)}<script>{FILL}</script></body></html>"
    hit_id = await desk.publish(HTMLQuestion(page))
    await desk.sign_in()
    await desk.accept()
    task = desk.page.frame_locator("iframe.task")
    await task.get_by_label("Age").fill("36")
    await task.get_by_role("button", name="Submit").click()
    await expect(desk.page.get_by_text("Your answers have come in.")).to_be_visible()

    assert dict((await desk.answer(hit_id)).answers) == {"age": "36"}
    assert outside == []


@pytest.mark.parametrize("bucket", ["s3.amazonaws.com/mturk-public", "mturk-public.s3.amazonaws.com"])
async def test_the_helper_script(desk: Desk, bucket: str) -> None:
    """The helper is ours, by whichever of its addresses, and with a base of the page's own."""
    page = (
        f'<!DOCTYPE html><html><head><base href="https://example.org/"><script src="https://{bucket}/externalHIT_v1.js">'
        '</script></head><body><p id="told"></p><script>'
        'document.getElementById("told").textContent = turkGetParam("hitId", "none");</script></body></html>'
    )
    hit_id = await desk.publish(HTMLQuestion(page))
    await desk.sign_in()
    await desk.accept()
    await expect(desk.page.frame_locator("iframe.task").locator("#told")).to_have_text(hit_id)


@pytest.mark.parametrize(
    "style", ["body { height: 100vh; }", "html, body { height: 100%; }", "body { min-height: 100vh; margin: 3em; }"]
)
async def test_frames_stop_growing(desk: Desk, style: str) -> None:
    """A page that is as high as its frame, and a little more, does not make the frame grow for ever."""
    page = f"<!DOCTYPE html><html><head><style>{style}</style></head><body><p>Wait</p></body></html>"
    await desk.publish(HTMLQuestion(page))
    await desk.sign_in()
    await desk.accept()
    frame = desk.page.locator("iframe.task")
    inside = desk.page.frame_locator("iframe.task").locator("html")
    await inside.evaluate("document.readyState === 'complete' || new Promise((done) => addEventListener('load', done))")
    drawn = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    heights: list[int] = []
    while len(heights) < 2 or heights[-1] != heights[-2]:
        # The page takes its height, tells it, and has been heard once its next word has come.
        await desk.page.evaluate(
            """() => {
              window.heard = new Promise((done) => addEventListener("message", ({ data }) => data === "now" && done()));
            }"""
        )
        await desk.page.evaluate(drawn)
        await inside.evaluate(f"{drawn}.then(() => parent.postMessage('now', '*'))")
        await desk.page.evaluate("heard")
        heights.append(await frame.evaluate("(frame) => frame.offsetHeight"))
        assert len(heights) < 12
    assert heights[-1] < 1000


async def test_long_pages_are_shown_whole(desk: Desk) -> None:
    """A page that is longer than its frame makes it as long as the page, and again when more comes."""
    page = (
        '<!DOCTYPE html><html><body><div style="height: 1500px">Long</div><button type="button" onclick="'
        "const more = document.createElement('div'); more.style.height = '900px'; document.body.append(more);"
        '">More</button></body></html>'
    )
    await desk.publish(HTMLQuestion(page))
    await desk.sign_in()
    await desk.accept()
    enough = "(least) => document.querySelector('iframe.task')?.offsetHeight >= least"
    await desk.page.wait_for_function(enough, arg=1500)
    await desk.page.frame_locator("iframe.task").get_by_role("button").click()
    await desk.page.wait_for_function(enough, arg=2400)


async def test_windows_of_tasks_keep_their_opener(desk: Desk) -> None:
    """A task may open a window and speak with it, as psiTurk's tasks do."""
    page = (
        "<!DOCTYPE html><html><body><button onclick=\"window.open(location.href.split('?')[0], 'w')\">Open</button>"
        "</body></html>"
    )
    await desk.publish(HTMLQuestion(page))
    await desk.sign_in()
    await desk.accept()
    async with desk.page.expect_popup() as opened:
        await desk.page.frame_locator("iframe.task").get_by_role("button").click()
    popup = await opened.value
    await popup.wait_for_url("**/frames/**")
    assert await popup.evaluate("window.opener !== null")


# Hostile pages.


async def test_nobody_is_told_that_it_is_submitted_who_has_not(desk: Desk) -> None:
    """A task that claims to be submitted leads back to itself, and accepts nothing for the worker."""
    lie = (
        "<!DOCTYPE html><html><body><p>Wait</p><script>"
        "const asked = new URLSearchParams(location.search);"
        "const frame = document.createElement('iframe');"
        "frame.src = asked.get('turkSubmitTo') + '/tasks/submitted?assignment_id=' + asked.get('assignmentId');"
        "const told = { aioturk: 'submitted', assignmentId: asked.get('assignmentId') };"
        "if (asked.get('workerId')) { document.body.append(frame); parent.postMessage(told, '*'); }"
        "</script></body></html>"
    )
    for _ in range(3):
        await desk.publish(HTMLQuestion(lie))
    await desk.sign_in()
    await desk.page.get_by_role("link", name="Guess the age").click()
    await desk.page.get_by_label("Accept the next one").check()
    await desk.take()
    inside = desk.page.frame_locator("iframe.task").frame_locator("iframe")
    await expect(inside.get_by_text("Nothing is known here of what was submitted")).to_be_visible()
    # Even if it could: the page around looks it up.
    asked = "fetch(document.getElementById('work').dataset.onward, {headers: {Accept: 'application/json'}})"
    assert await desk.page.evaluate(f"{asked}.then((answer) => answer.json())") == {"submitted": False}
    await expect(desk.page.get_by_text("Your answers have come in.")).to_have_count(0)
    await expect(desk.page.get_by_role("button", name="Return")).to_be_visible()
    assert len(await desk.market.worker("A1ANNA00000000").queue()) == 1


async def test_our_own_pages_are_not_framed_as_tasks(desk: Desk) -> None:
    """An external question at an address of this site itself is not shown."""
    site = urlsplit(desk.market.site_url)
    await desk.publish(ExternalQuestion(f"http://{site.netloc}/tasks/submitted?x=1"))
    await desk.sign_in()
    await desk.page.get_by_role("link", name="Guess the age").click()
    await expect(desk.page.get_by_text("is an address of this site itself")).to_be_visible()


async def test_away_is_away(market: Marketplace, desk: Desk) -> None:
    """Time counts as work only while somebody is at it; a short task's time is kept, too."""
    hit_id = await desk.publish(
        HTMLQuestion(
            '<!DOCTYPE html><html><body><form method="post" action="https://www.mturk.com/mturk/externalSubmit">'
            f"{FIELDS}</form><script>{FILL}</script></body></html>"
        )
    )
    await desk.page.clock.install()
    await desk.page.add_init_script(
        "window.told = 0; addEventListener('message', ({ data }) => { told += data.aioturk === 'input'; });"
    )
    await desk.sign_in()
    await desk.accept()
    task = desk.page.frame_locator("iframe.task")
    await task.get_by_label("Age").click()
    await desk.page.wait_for_function("() => told > 0")
    await desk.page.clock.run_for(20 * 60 * 1000)
    await market.advance(timedelta(seconds=200))
    told = await desk.page.evaluate("told")
    await desk.page.clock.run_for(6000)  # a frame says it no more often
    await task.get_by_label("Age").fill("36")
    await desk.page.wait_for_function("(before) => told > before", arg=told)
    async with desk.page.expect_request("**/moments") as kept:
        await desk.page.clock.run_for(16000)
    assert await (await kept.value).response() is not None
    await task.get_by_role("button", name="Submit").click()
    await expect(desk.page.get_by_text("Your answers have come in.")).to_be_visible()
    moments = await market.moments((await desk.answer(hit_id)).assignment_id)
    assert moments.active is not None
    assert timedelta(seconds=1) <= moments.active <= timedelta(seconds=90)
