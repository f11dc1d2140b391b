"""
What is on the documentation's screenshots: a study of photographs of streets, and the people who work on it.

A `Studio` is a marketplace in memory that holds that study; a `Picture` says how to get to what is to be seen. How
pictures are taken and shown is in `screenshots`. Nothing here needs a network: the photographs are drawn.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aioturk import Client, Credentials
from aioturk.marketplace import Marketplace
from aioturk.questions import (
    FreeTextAnswer,
    HTMLQuestion,
    HTMLTemplate,
    IsNumeric,
    Overview,
    Question,
    QuestionDocument,
    QuestionForm,
    SelectionAnswer,
    Title,
)
from aioturk.testing import JumpingClock

if TYPE_CHECKING:
    from playwright.async_api import FrameLocator, Page

__all__ = ["PICTURES", "Picture", "Studio"]

ANNA = "A1ANNA7QK2M4X"
OTHERS = ("A2BERT9LW3R8T", "A3CARA5HN6P1V", "A4DORA8JY7S2C")
REQUESTER = "city-archive"
START = 1_798_360_200.0
"""A morning at the end of 2026."""

STREET = "data:image/svg+xml," + quote(Path(__file__).with_name("street.svg").read_text("utf-8"))
"""A photograph, as far as one can be drawn: a red car, a bicycle and a van before four houses."""

FONT = "<style>body { font: 16px/1.5 sans-serif; margin: 16px; }</style>"

CARD = '<p>What is written on it?</p><textarea name="text" required></textarea>'

BOXES = """<crowd-form>
  <crowd-bounding-box name="vehicles" src="{street}" labels="['car', 'van', 'bicycle']"
      header="Draw a box around every vehicle">
    <short-instructions>
      <p>As close to the edges as you can. Leave out what is hidden for more than half of it.</p>
    </short-instructions>
    <full-instructions header="Vehicles"><p>A van has no windows behind the driver's.</p></full-instructions>
  </crowd-bounding-box>
</crowd-form>"""

ERA = """<style>
  img {{ width: 100%; max-width: 620px; }}
  fieldset {{ border: 0; padding: 0; margin: 12px 0; }} fieldset label {{ margin-right: 16px; }}
</style>
<p>In which season was this photograph taken, and roughly in which year?</p>
<p><img src="{street}" alt="A street with a red car, a bicycle and a blue van"></p>
<fieldset><legend>Season</legend>
  <label><input type="radio" name="season" value="spring" required> Spring</label>
  <label><input type="radio" name="season" value="summer"> Summer</label>
  <label><input type="radio" name="season" value="autumn"> Autumn</label>
  <label><input type="radio" name="season" value="winter"> Winter</label>
</fieldset>
<p><label>Year <input name="year" inputmode="numeric" size="6"></label></p>"""

SIGNS = """<crowd-form>
  <crowd-image-classifier-multi-select name="seen" src="{street}" header="What can be seen?"
      categories="['A shop sign', 'A street sign', 'Trees', 'People']"
      exclusion-category="{{ text: 'None of these' }}">
    <short-instructions><p>Choose everything that you see.</p></short-instructions>
    <full-instructions header="Signs"><p>Number plates are no signs.</p></full-instructions>
  </crowd-image-classifier-multi-select>
</crowd-form>"""

ABOUT_YOU = QuestionForm(
    [
        Overview([Title("Before you begin"), "Three questions about how well you know old photographs."]),
        Question(
            "years",
            "For how many years have you worked with photographs?",
            FreeTextAnswer(is_numeric=IsNumeric(0, 80)),
            is_required=True,
        ),
        Question(
            "kinds",
            "Which of these have you held in your hands?",
            SelectionAnswer(
                {"print": "A print on paper", "slide": "A slide", "glass": "A glass negative", "none": "None of them"},
                style_suggestion="checkbox",
                min_selection_count=1,
                max_selection_count=4,
            ),
        ),
        Question("oldest", "What is the oldest photograph that you own?", FreeTextAnswer(number_of_lines_suggestion=3)),
    ]
)

DATE, BOX, LOOK, ASK, WRITE = (
    "Date a photograph of a street",
    "Draw boxes around vehicles",
    "What can be seen in a street?",
    "A few questions about old photographs",
    "Write out a postcard",
)


def page(template: str) -> HTMLQuestion:
    """Return a question with the photograph in it."""
    whole: HTMLQuestion = HTMLTemplate(FONT + template.format(street=STREET)).complete().fill({})
    return whole


class Studio:
    """
    A marketplace with a study in it.

    Args:
        market: The marketplace.
        mturk: Its requester.
        keys: The requester's keys.
    """

    def __init__(self, market: Marketplace, mturk: Client, keys: Credentials) -> None:
        self.market = market
        self._mturk = mturk
        self._keys = keys
        self._hits: dict[str, list[Any]] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Studio]:
        """Open a marketplace, publish the study, and have people do some of it."""
        async with Marketplace(rules="house", clock=JumpingClock(START), balance="250") as market:
            keys = await market.add_requester(REQUESTER)
            async with market.client(credentials=keys) as mturk:
                studio = cls(market, mturk, keys)
                await studio._publish_all()
                await studio._work()
                yield studio

    async def _publish_all(self) -> None:
        await self._publish(
            WRITE, "Type what stands on the back of a postcard.", "0.40", page(CARD), count=7, assignments=2
        )
        await self._publish(LOOK, "Say what can be seen in one photograph.", "0.05", page(SIGNS), count=12)
        await self._publish(ASK, "Three questions, once for everybody.", "0.50", ABOUT_YOU, assignments=30)
        await self._publish(BOX, "One photograph, a box for each car.", "0.20", page(BOXES), count=8, assignments=2)
        await self._publish(DATE, "Look at one photograph and say when it was taken.", "0.15", page(ERA), assignments=5)

    async def _publish(
        self,
        title: str,
        description: str,
        reward: str,
        question: QuestionDocument,
        *,
        assignments: int = 3,
        count: int = 1,
        minutes: int = 10,
    ) -> None:
        await self.market.advance(timedelta(minutes=7))
        for number in range(count):
            hit = await self._mturk.create_hit(
                title=title,
                description=description,
                keywords=["photograph", "street"],
                reward=reward,
                max_assignments=assignments,
                assignment_duration=timedelta(minutes=minutes),
                lifetime=timedelta(days=7),
                requester_annotation=f"streets-1 {number + 1}",
                question=question,
            )
            self._hits.setdefault(title, []).append(hit)

    async def _work(self) -> None:
        for day in range(3):
            for number, hit in enumerate(self._hits[WRITE][day::3]):
                for worker_id in (OTHERS[(day + number) % 3], ANNA):
                    done = await self._submit(worker_id, hit, {"text": "Greetings from the coast"}, seconds=150)
                    if day < 2:
                        await self._mturk.approve_assignment(done, requester_feedback="Thank you!")
            await self.market.advance(timedelta(days=1))
        await self._mturk.send_bonus(worker_id, done, bonus_amount="0.25", reason="You read even the stamp.")
        answers = (("summer", "1974", 48), ("summer", "1971", 71), ("autumn", "the seventies", 19))
        for worker_id, (season, year, seconds) in zip(OTHERS, answers, strict=True):
            await self._submit(worker_id, self._hits[DATE][0], {"season": season, "year": year}, seconds=seconds)

    async def _submit(self, worker_id: str, hit: Any, fields: dict[str, str], *, seconds: int) -> str:
        worker = self.market.worker(worker_id)
        assignment_id = await worker.accept(hit.hit_id)
        await self.market.advance(timedelta(seconds=seconds))
        await worker.submit(assignment_id, fields)
        return assignment_id

    # Getting to what is to be seen.

    async def sign_in(self, page: Page, worker_id: str = ANNA) -> None:
        """Sign in as somebody who works."""
        await page.goto(self.market.site_url)
        await page.get_by_label("Worker id").fill(worker_id)
        await page.get_by_role("button", name="Sign in").click()

    async def preview(self, page: Page, title: str) -> FrameLocator:
        """Sign in, and look at a task."""
        await self.sign_in(page)
        await page.get_by_role("link", name=title).click()
        return page.frame_locator("iframe.task")

    async def accept(self, page: Page, title: str) -> FrameLocator:
        """Sign in, and have a task to work on; what was accepted for another picture is given back."""
        await self.sign_in(page)
        worker = self.market.worker(ANNA)
        for task in await worker.queue():
            await worker.return_assignment(task.assignment_id)
        hit = self._hits[title][0]
        assignment_id = await worker.accept(hit.hit_id)
        address = f"/projects/{hit.hit_group_id}/tasks/{hit.hit_id}?assignment_id={assignment_id}"
        await page.goto(self.market.site_url + address)
        return page.frame_locator("iframe.task")

    async def review(self, page: Page, title: str) -> None:
        """Sign in as the requester, and look at what was submitted."""
        await self.enter(page)
        await page.goto(f"{self.market.site_url}/requester/hits/{self._hits[title][0].hit_id}/review")

    async def enter(self, page: Page) -> None:
        """Sign in as the requester."""
        await page.goto(f"{self.market.site_url}/requester")
        await page.get_by_label("Access key").fill(self._keys.access_key)
        await page.get_by_label("Secret key").fill(self._keys.secret_key)
        await page.get_by_role("button", name="Sign in").click()


async def _list(studio: Studio, page: Page) -> None:
    await studio.sign_in(page)
    await page.get_by_role("link", name=DATE).wait_for()


async def _preview(studio: Studio, page: Page) -> None:
    task = await studio.preview(page, DATE)
    await task.get_by_label("Autumn").wait_for()


async def _form(studio: Studio, page: Page) -> None:
    task = await studio.accept(page, ASK)
    await task.get_by_role("textbox").first.fill("many")
    await task.get_by_label("A slide").check()
    await task.get_by_role("button", name="Submit").click()
    await task.locator("[aria-invalid=true]").first.wait_for()


async def _crowd_form(studio: Studio, page: Page) -> None:
    task = await studio.accept(page, BOX)
    photograph = task.locator("crowd-bounding-box img").first
    await photograph.scroll_into_view_if_needed()
    place = await photograph.bounding_box()
    assert place is not None
    scale = place["width"] / 720
    for label, (left, top, right, bottom) in {"car": (58, 180, 258, 274), "van": (396, 148, 616, 276)}.items():
        await task.get_by_label(label).first.check()
        await page.mouse.move(place["x"] + left * scale, place["y"] + top * scale)
        await page.mouse.down()
        await page.mouse.move(place["x"] + right * scale, place["y"] + bottom * scale, steps=4)
        await page.mouse.up()


async def _phone(studio: Studio, page: Page) -> None:
    task = await studio.accept(page, LOOK)
    await task.get_by_label("Trees").check()


async def _review(studio: Studio, page: Page) -> None:
    await studio.review(page, DATE)
    await page.frame_locator("iframe.task").get_by_label("Autumn").wait_for()
    await page.keyboard.press("j")


async def _progress(studio: Studio, page: Page) -> None:
    await studio.enter(page)
    await page.goto(f"{studio.market.site_url}/requester/progress")


async def _dashboard(studio: Studio, page: Page) -> None:
    await studio.sign_in(page)
    await page.goto(f"{studio.market.site_url}/dashboard")


@dataclass(frozen=True)
class Picture:
    """
    A screenshot, which is taken in light and in dark colours.

    Attributes:
        arrange: Gets a page to what is to be seen.
        height: How high the window is.
        phone: Whether the window is as narrow as a phone's.
    """

    arrange: Callable[[Studio, Page], Awaitable[None]]
    height: int = 720
    phone: bool = False


PICTURES: dict[str, Picture] = {
    "list": Picture(_list),
    "preview": Picture(_preview),
    "dashboard": Picture(_dashboard, height=440),
    "form": Picture(_form, height=1020),
    "crowd-form": Picture(_crowd_form, height=820),
    "phone": Picture(_phone, height=780, phone=True),
    "review": Picture(_review),
    "progress": Picture(_progress, height=1230),
}
"""All pictures, by the names under which pages show them."""
