"""The requesters' pages in a real browser: reviewing by keyboard, bulk decisions, hostile answers, accessibility."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from aioturk import Client
from aioturk.marketplace import Marketplace
from aioturk.questions import HTMLQuestion

from .conftest import OpenPage

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page, Route

TASK = """<!DOCTYPE html><html><head><title>Ages</title></head><body>
<form method="post" action="https://www.mturk.com/mturk/externalSubmit"><input type="hidden" name="assignmentId">
<label>Age <input name="age"></label> <input type="submit"></form></body></html>"""

HOSTILE = (
    "<script>window.top.pwned = 1; document.title = 'pwned'</script>",
    '"><img src=x onerror="window.pwned=1">',
    "' autofocus onfocus='window.pwned=1",
    "</textarea></title></script><svg onload=window.pwned=1>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<a href='javascript:window.pwned=1' id=told>",
    "<form id=keys><input name=authenticity_token></form>",
    "{{ self }}{% include 'x' %}${window.pwned=1}",
    "\u202egnp.exe\u202c\u2028window.pwned=1",
)


@dataclass
class Reviewer:
    """A requester at a browser."""

    market: Marketplace
    mturk: Client
    page: Page

    async def publish(self, workers: int, *, title: str = "Guess the age", answer: str = "36") -> tuple[str, list[str]]:
        """Publish a HIT, and let so many workers do it; return its id, and those of the assignments."""
        hit = await self.mturk.create_hit(
            title=title,
            description="Look at a picture and guess.",
            requester_annotation="batch 7",
            reward="0.25",
            max_assignments=workers,
            assignment_duration=timedelta(minutes=5),
            lifetime=timedelta(days=1),
            question=HTMLQuestion(TASK),
        )
        ids = []
        for number in range(workers):
            worker = self.market.worker(f"A{number}WORKER")
            ids.append(await worker.accept(hit.hit_id))
            await worker.submit(ids[-1], {"age": answer})
        return hit.hit_id, ids

    async def enter(self, page: Page | None = None) -> None:
        """Sign in by hand."""
        page = page or self.page
        await page.goto(f"{self.market.url}/requester")
        await page.get_by_label("Access key").fill(self.market.access_key)
        await page.get_by_label("Secret key").fill(self.market.secret_key)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="Your HITs")).to_be_visible()

    async def review(self, hit_id: str) -> None:
        """Go to the page on which a HIT is reviewed."""
        await self.page.goto(f"{self.market.url}/requester/hits/{hit_id}/review")

    async def decided(self, hit_id: str) -> list[str]:
        """What was decided, in the order of submission."""
        return [str(each.assignment_status) async for each in self.mturk.list_assignments_for_hit(hit_id)]


@pytest_asyncio.fixture(loop_scope="session")
async def reviewer(market: Marketplace, page: Page) -> AsyncIterator[Reviewer]:
    """A requester who has signed in."""
    async with market.client() as mturk:
        reviewer = Reviewer(market, mturk, page)
        await reviewer.enter()
        yield reviewer


async def test_reviewing_by_keyboard(reviewer: Reviewer) -> None:
    """J and k go from answer to answer, a and r go to where Enter decides, and Escape leaves it; the page stays."""
    hit_id, ids = await reviewer.publish(4)
    await reviewer.review(hit_id)
    page = reviewer.page
    await expect(page.frame_locator("iframe.task").get_by_text("Age")).to_be_visible()
    card = [page.locator(f"#a-{assignment_id}") for assignment_id in ids]
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1), ("k", 0)):
        await page.keyboard.press(key)
        await expect(card[place]).to_be_focused()
    await page.keyboard.press("a")
    await expect(card[0].get_by_role("button", name="Approve")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(card[0]).to_be_focused()
    assert await reviewer.decided(hit_id) == ["Submitted"] * 4
    await page.keyboard.press("a")
    await page.keyboard.press("Enter")
    await expect(card[0].get_by_text("Approved", exact=True)).to_be_visible()
    await expect(card[1]).to_be_focused()
    await expect(page.locator("#told")).to_have_text("Approved. 3 left.")
    await page.keyboard.press("r")
    await expect(card[1].get_by_label("Why it is rejected")).to_be_focused()
    await page.keyboard.type("jar? a bit")  # letters that are keys elsewhere
    await page.keyboard.press("Enter")
    await expect(card[1].get_by_text("Rejected", exact=True)).to_be_visible()
    await expect(card[2]).to_be_focused()
    await page.keyboard.press("r")
    await page.keyboard.press("Enter")  # without a word nothing is rejected
    await expect(card[2].get_by_label("Why it is rejected")).to_be_focused()
    assert await reviewer.decided(hit_id) == ["Approved", "Rejected", "Submitted", "Submitted"]
    rejected = await reviewer.mturk.get_assignment(ids[1])
    assert rejected.assignment is not None
    assert rejected.assignment.requester_feedback == "jar? a bit"


async def test_who_has_gone_on_stays_there(reviewer: Reviewer) -> None:
    """An answer of the server that comes late takes nobody away from what they are at: keys would decide there."""
    hit_id, ids = await reviewer.publish(3)
    page = reviewer.page
    decided = asyncio.Event()

    async def hold(route: Route) -> None:
        await decided.wait()
        await route.continue_()

    await page.route("**/approve", hold)
    await reviewer.review(hit_id)
    card = [page.locator(f"#a-{assignment_id}") for assignment_id in ids]
    for key in ("j", "a", "Enter", "j", "j", "r"):
        await page.keyboard.press(key)
    why = card[2].get_by_label("Why it is rejected")
    await expect(why).to_be_focused()
    await page.keyboard.type("not ")
    decided.set()
    await expect(card[0].get_by_text("Approved", exact=True)).to_be_visible()
    await expect(page.locator("#told")).to_have_text("Approved. 2 left.")
    await page.keyboard.type("a cat")
    await expect(why).to_have_value("not a cat")
    assert await reviewer.decided(hit_id) == ["Approved", "Submitted", "Submitted"]


async def test_the_keys_are_told_and_can_be_switched_off(reviewer: Reviewer) -> None:
    """A question mark shows the keys; switched off there, they do nothing, on the next page neither."""
    hit_id, ids = await reviewer.publish(1)
    await reviewer.review(hit_id)
    page = reviewer.page
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("a")  # not while it is open
    await page.get_by_label("Use these keys").uncheck()
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_be_hidden()
    await page.reload()
    await page.keyboard.press("j")
    await expect(page.locator(f"#a-{ids[0]}")).not_to_be_focused()
    await page.get_by_role("button", name="Keys").click()
    await page.get_by_label("Use these keys").check()
    await page.keyboard.press("Escape")
    await page.locator("body").click(position={"x": 5, "y": 5})
    await page.keyboard.press("j")
    await expect(page.locator(f"#a-{ids[0]}")).to_be_focused()


async def test_what_is_refused_is_told_beside_it(reviewer: Reviewer) -> None:
    """When somebody else has decided meanwhile, the card says so, and the forms are there again."""
    hit_id, ids = await reviewer.publish(1)
    await reviewer.review(hit_id)
    await reviewer.mturk.reject_assignment(ids[0], requester_feedback="no")
    card = reviewer.page.locator(f"#a-{ids[0]}")
    await card.get_by_role("button", name="Approve").click()
    await expect(card.get_by_role("alert")).to_contain_text("can be called with a status of")
    await expect(card.get_by_role("button", name="Approve")).to_be_enabled()
    assert await reviewer.decided(hit_id) == ["Rejected"]


async def test_a_revoked_key_in_the_middle(reviewer: Reviewer, open_page: OpenPage) -> None:
    """Whose key is revoked while the page is open is told that nothing was done."""
    hit_id, ids = await reviewer.publish(1)
    keys = await reviewer.market.add_key()
    page = await open_page()
    await page.goto(f"{reviewer.market.url}/requester/hits/{hit_id}/review")
    await page.get_by_label("Access key").fill(keys.access_key)
    await page.get_by_label("Secret key").fill(keys.secret_key)
    await page.get_by_role("button", name="Sign in").click()
    card = page.locator(f"#a-{ids[0]}")
    await expect(card).to_be_visible()
    await reviewer.market.revoke_key(keys.access_key)
    await card.get_by_role("button", name="Approve").click()
    await expect(card.get_by_role("alert")).to_contain_text("Nothing was done")
    assert await reviewer.decided(hit_id) == ["Submitted"]


async def test_reviewing_without_scripts(reviewer: Reviewer, open_page: OpenPage) -> None:
    """Without JavaScript each decision is a form that comes back to what is left."""
    hit_id, ids = await reviewer.publish(2)
    page = await open_page(java_script_enabled=False)
    await reviewer.enter(page)
    await page.goto(f"{reviewer.market.url}/requester/hits/{hit_id}/review")
    await page.locator(f"#a-{ids[0]}").get_by_role("button", name="Approve").click()
    await expect(page.get_by_text("The work is paid.")).to_be_visible()
    await expect(page.locator(f"#a-{ids[0]}")).to_have_count(0)
    await page.locator(f"#a-{ids[1]}").get_by_label("Why it is rejected").fill("Empty.")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Nothing waits for a decision.")).to_be_visible()
    assert await reviewer.decided(hit_id) == ["Approved", "Rejected"]


async def test_bulk_decisions(reviewer: Reviewer) -> None:
    """Choosing all of a list, the page with the cost, the second question, and what became of each."""
    hit_id, _ = await reviewer.publish(3)
    other_id, _ = await reviewer.publish(2)
    page = reviewer.page
    await page.goto(f"{reviewer.market.url}/requester/hits/{hit_id}")
    await page.get_by_role("button", name="Choose all").click()
    await page.get_by_role("button", name="Approve those chosen").click()
    await page.get_by_role("button", name="Approve 3, pay $0.90").click()
    await expect(page.get_by_role("heading", name="3 of 3 approved")).to_be_visible()
    await page.goto(f"{reviewer.market.url}/requester/hits?waiting=true")
    await page.get_by_role("checkbox", name=other_id).check()
    await page.get_by_role("button", name="Reject what waits").click()
    await page.get_by_label("Why they are rejected").fill("Empty.")
    await page.get_by_role("button", name="Reject 2").click()
    await page.get_by_label("Type").fill("reject")
    await page.get_by_role("button", name="Reject 2").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing was rejected")
    assert await reviewer.decided(other_id) == ["Submitted"] * 2
    await page.get_by_label("Type").fill("reject 2")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="2 of 2 rejected")).to_be_visible()
    assert await reviewer.decided(hit_id) == ["Approved"] * 3
    assert await reviewer.decided(other_id) == ["Rejected"] * 2


async def pages_of(reviewer: Reviewer, hit_id: str, assignment_id: str) -> list[str]:
    """The addresses of the pages that can be looked at."""
    hit = f"/requester/hits/{hit_id}"
    return [
        "/requester/hits",
        hit,
        f"{hit}/review?status=",
        f"/requester/assignments/{assignment_id}",
        "/requester/progress",
    ]


async def test_hostile_answers_do_nothing(reviewer: Reviewer) -> None:
    """Whatever workers send, and whatever stands in titles and feedback, runs nowhere and breaks no page."""
    page = reviewer.page
    for text in HOSTILE:
        hit_id, ids = await reviewer.publish(1, title=text[:128], answer=text)
        await reviewer.mturk.reject_assignment(ids[0], requester_feedback=text)
        await reviewer.mturk.send_bonus("A0WORKER", ids[0], bonus_amount="0.10", reason=text)
        for path in (f"hits/{hit_id}", f"assignments/{ids[0]}", f"hits/{hit_id}/review?status="):
            await unharmed(reviewer, f"/requester/{path}")
        assert await page.locator(".answers td .text").first.text_content() == text
        await page.keyboard.press("j")
        await expect(page.locator(f"#a-{ids[0]}")).to_be_focused()
    for path in ("/requester/hits", "/requester/progress"):
        await unharmed(reviewer, path)


async def unharmed(reviewer: Reviewer, path: str) -> None:
    """Open a page, in which nothing of what strangers wrote may run."""
    page = reviewer.page
    await page.goto(reviewer.market.url + path)
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    found = await page.evaluate("[window.pwned, document.title, location.pathname]")
    assert (found[0], found[2]) == (None, path.partition("?")[0])
    assert found[1] != "pwned"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_everybody_can_use_them(reviewer: Reviewer, open_page: OpenPage, dark: bool) -> None:
    """axe-core finds no fault in any page, light on a desk and dark on a phone, and none is wider than its window."""
    hit_id, ids = await reviewer.publish(3)
    await reviewer.mturk.approve_assignment(ids[0])
    await reviewer.mturk.reject_assignment(ids[1], requester_feedback="Empty.")
    page = await open_page(dark=dark, phone=dark)
    faults: dict[str, list[str]] = {}

    async def look(name: str, *shown: Locator) -> None:
        for each in shown:
            await expect(each).to_be_visible()
        await page.wait_for_load_state()
        found = await Axe().run(page, options={"iframes": False})
        faults[name] = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found.response["violations"]]
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults[name].append("wider than the window")

    await page.goto(f"{reviewer.market.url}/requester/sign_in")
    await look("sign in")
    await reviewer.enter(page)
    for path in await pages_of(reviewer, hit_id, ids[0]):
        await page.goto(reviewer.market.url + path)
        await look(path)
    await page.goto(f"{reviewer.market.url}/requester/hits/{hit_id}/review")
    await page.get_by_role("button", name="Keys").click()
    await look("keys", page.get_by_role("dialog", name="Keys"))
    second, _ = await reviewer.publish(2)
    await page.goto(f"{reviewer.market.url}/requester/hits/{second}")
    await page.get_by_role("button", name="Reject all that wait").click()
    await look("bulk", page.get_by_label("Why"))
    await page.get_by_label("Why").fill("Empty.")
    await page.get_by_role("button", name="Reject 2").click()
    await look("second question", page.get_by_label("Type"))
    await page.get_by_label("Type").fill("reject 2")
    await page.get_by_role("button", name="Reject 2").click()
    await look("result", page.get_by_role("heading", name="2 of 2 rejected"))
    await page.goto(f"{reviewer.market.url}/requester/assignments/{ids[0]}")
    await page.get_by_label("Bonus, in dollars").fill("1")
    await page.get_by_label("What for").fill("Fast")
    await page.get_by_role("button", name="Pay a bonus").click()
    await look("bonus", page.get_by_role("heading", name="Pay a bonus?"))
    await page.goto(f"{reviewer.market.url}/requester/hits/3NOTHING")
    await look("declined")
    assert {name: found for name, found in faults.items() if found} == {}
