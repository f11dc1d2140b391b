"""The worker site as a person uses it: sign in, find, preview, accept, fill in, submit; and the answers by the API."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from aioturk import Client
from aioturk.cli.previewing import Preview
from aioturk.marketplace import Marketplace
from aioturk.models import Assignment
from aioturk.questions import (
    ExternalQuestion,
    FreeTextAnswer,
    HTMLQuestion,
    HTMLTemplate,
    IsNumeric,
    Question,
    QuestionForm,
    SelectionAnswer,
)

from ..marketplace.support import ANNA
from .conftest import PATIENCE, OpenPage

if TYPE_CHECKING:
    from playwright.async_api import Page, Response

OLD_PAGE = """<!DOCTYPE html><html><head><title>Ages</title>
<script src="https://s3.amazonaws.com/mturk-public/externalHIT_v1.js"></script></head><body>
<form method="post" action="https://www.mturk.com/mturk/externalSubmit">
<input type="hidden" name="assignmentId" id="assignmentId" value="">
<label>Age <input name="age"></label> <input type="submit" id="submitButton" value="Submit"></form>
<script>turkSetAssignmentID();</script></body></html>"""

CROWD_PAGE = """<!DOCTYPE html><html><head><title>Ages</title></head><body>
<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form><crowd-input name="age" label="Age" required></crowd-input></crowd-form></body></html>"""

EXTERNAL_PAGE = """<!DOCTYPE html><html><head><title>Elsewhere</title></head><body>
<form method="post"><input type="hidden" name="assignmentId">
<label>Age <input name="age"></label> <button>Submit</button></form>
<script>
  const asked = new URLSearchParams(location.search);
  const form = document.querySelector("form");
  form.action = asked.get("turkSubmitTo").replace(/[/]$/, "") + "/mturk/externalSubmit";
  form.elements.assignmentId.value = asked.get("assignmentId");
  form.querySelector("button").disabled = asked.get("assignmentId") === "ASSIGNMENT_ID_NOT_AVAILABLE";
</script></body></html>"""

FORM = QuestionForm(
    [
        Question("age", "How old?", FreeTextAnswer(is_numeric=IsNumeric(0, 120)), is_required=True),
        Question("colour", "Which colour?", SelectionAnswer({"r": "Red", "g": "Green"})),
    ]
)


@dataclass
class Desk:
    """A marketplace, its requester, and somebody's browser."""

    market: Marketplace
    mturk: Client
    page: Page

    async def publish(self, question: object, *, title: str = "Guess the age", assignments: int = 1) -> str:
        """Publish a HIT; return its id."""
        hit = await self.mturk.create_hit(
            title=title,
            description="Look at a picture and guess.",
            reward="0.25",
            max_assignments=assignments,
            assignment_duration=timedelta(minutes=5),
            lifetime=timedelta(days=1),
            question=question,  # type: ignore[arg-type]
        )
        return hit.hit_id

    async def sign_in(self, worker_id: str = ANNA) -> None:
        """Sign in by hand."""
        await self.page.goto(self.market.url)
        await self.page.get_by_label("Worker id").fill(worker_id)
        await self.page.get_by_role("button", name="Sign in").click()
        await expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    async def accept(self, title: str = "Guess the age") -> None:
        """Find a HIT, look at it, and accept it."""
        await self.page.get_by_role("link", name=title).click()
        await expect(self.page.get_by_text("This is a preview.")).to_be_visible()
        await self.take()

    async def take(self) -> None:
        """Accept what is looked at. Until that is done, a preview is there with the same fields."""
        await self.page.get_by_role("button", name="Accept").click()
        await expect(self.page.get_by_role("button", name="Return")).to_be_visible()

    async def answer(self, hit_id: str) -> Assignment:
        """The one answer to a HIT, as the requester reads it."""
        (assignment,) = [each async for each in self.mturk.list_assignments_for_hit(hit_id)]
        return assignment


@pytest_asyncio.fixture(loop_scope="session")
async def desk(market: Marketplace, page: Page) -> AsyncIterator[Desk]:
    """A marketplace, its requester, and somebody's browser."""
    async with market.client() as mturk:
        yield Desk(market, mturk, page)


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere() -> AsyncIterator[str]:
    """The address of a requester's own page, on another port."""
    app = web.Application()

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=EXTERNAL_PAGE, content_type="text/html")

    app.router.add_get("/task", show)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/task?item=7"
    await runner.cleanup()


# The whole way.


@pytest.mark.parametrize("kind", ["old page", "completed template", "crowd form", "external"])
async def test_from_signing_in_to_the_answer(desk: Desk, elsewhere: str, kind: str) -> None:
    """Each kind of page: previewed it cannot be submitted; accepted it can, and the answer is there."""
    question = {
        "old page": HTMLQuestion(OLD_PAGE),
        "completed template": HTMLTemplate("<label>Age <input name=age></label>").complete().fill({}),
        "crowd form": HTMLQuestion(CROWD_PAGE),
        "external": ExternalQuestion(elsewhere),
    }[kind]
    hit_id = await desk.publish(question)
    await desk.sign_in()
    await desk.page.get_by_role("link", name="Guess the age").click()
    task = desk.page.frame_locator("iframe.task")
    await expect(task.get_by_label("Age")).to_be_visible()
    submit = task.locator("button, input[type=submit], crowd-button").last
    if kind == "crowd form":
        await submit.click()  # as with Amazon's elements the button is there, but it says what is to be done first
        await expect(task.get_by_role("alert")).to_contain_text("ccept")
    else:
        await expect(submit).to_be_disabled()

    await desk.take()
    await task.get_by_label("Age").fill("36")
    await submit.click()

    await expect(desk.page.get_by_text("Your answers have come in.")).to_be_visible()
    answer = await desk.answer(hit_id)
    assert (answer.worker_id, dict(answer.answers)) == (ANNA, {"age": "36"})
    if kind == "crowd form":
        assert json.dumps([{"age": "36"}]) in answer.answer.replace("&quot;", '"').replace('":"', '": "')


async def test_a_question_form(desk: Desk) -> None:
    """A form is checked in the page, and its answers are selections and texts."""
    hit_id = await desk.publish(FORM)
    await desk.sign_in()
    await desk.accept()
    task = desk.page.frame_locator("iframe.task")
    await task.get_by_role("button", name="Submit").click()
    await expect(task.get_by_role("textbox")).to_be_focused()
    await task.get_by_role("textbox").fill("36")
    await task.get_by_label("Green").check()
    await task.get_by_role("button", name="Submit").click()

    await expect(desk.page.get_by_text("Your answers have come in.")).to_be_visible()
    assert dict((await desk.answer(hit_id)).answers) == {"age": "36", "colour": ("g",)}


async def test_a_layout(desk: Desk) -> None:
    """A HIT that is made of a layout is shown with its parameters in their places."""
    layout_id = await desk.market.add_layout(OLD_PAGE.replace("Age", "Age of ${name}"))
    hit = await desk.mturk.create_hit(
        title="Guess the age",
        description="Guess.",
        reward="0.25",
        assignment_duration=timedelta(minutes=5),
        lifetime=timedelta(days=1),
        hit_layout_id=layout_id,
        hit_layout_parameters=[{"Name": "name", "Value": "Anna"}],
    )
    await desk.sign_in()
    await desk.accept()
    task = desk.page.frame_locator("iframe.task")
    await task.get_by_label("Age of Anna").fill("36")
    await task.locator("#submitButton").click()
    await expect(desk.page.get_by_text("Your answers have come in.")).to_be_visible()
    assert dict((await desk.answer(hit.hit_id)).answers) == {"age": "36"}


async def test_one_after_the_other(desk: Desk) -> None:
    """Whoever wants so is given the next HIT of the group each time, until none is left."""
    for number in range(3):
        await desk.publish(HTMLQuestion(OLD_PAGE.replace("Age", f"Age {number}")))
    await desk.sign_in()
    await desk.page.get_by_role("link", name="Guess the age").click()
    await desk.page.get_by_label("Accept the next one").check()
    await desk.take()
    for number in range(3):
        task = desk.page.frame_locator("iframe.task")
        await task.get_by_label(f"Age {number}").fill(str(number))
        await task.locator("#submitButton").click()
    await expect(desk.page.get_by_text("There is no work of this kind")).to_be_visible()

    answers = [dict((await desk.answer(hit.hit_id)).answers) async for hit in desk.mturk.list_hits()]
    assert sorted(answer["age"] for answer in answers) == ["0", "1", "2"]


async def test_switching_it_on_in_a_task(desk: Desk) -> None:
    """Whoever wants the next one to be accepted says so in a task, too; nothing is lost by it, and it holds later."""
    for number in range(3):
        await desk.publish(HTMLQuestion(OLD_PAGE.replace("Age", f"Age {number}")))
    await desk.sign_in()
    await desk.accept()
    task = desk.page.frame_locator("iframe.task")
    for number in range(3):
        await task.get_by_label(f"Age {number}").fill(str(number))
        if number == 0:
            await desk.page.get_by_label("Accept the next one").check()
            await expect(task.get_by_label("Age 0")).to_have_value("0")
        await expect(desk.page.get_by_label("Accept the next one")).to_be_checked()
        if number == 1:
            await desk.page.get_by_label("Accept the next one").uncheck()
        await task.locator("#submitButton").click()
        if number == 1:
            break
    await expect(desk.page.get_by_role("button", name="Accept")).to_be_visible()
    assert await desk.market.worker(ANNA).queue() == []


async def test_returning_and_the_queue(desk: Desk) -> None:
    """What was accepted stands in the queue with its time, and returned it is for others again."""
    hit_id = await desk.publish(HTMLQuestion(OLD_PAGE))
    await desk.sign_in()
    await desk.accept()
    await expect(desk.page.get_by_role("timer")).to_have_text(re.compile("^(5:00|4:[0-5][0-9])$"))
    await desk.page.get_by_role("link", name="Your queue").click()
    await desk.page.get_by_role("link", name="Guess the age").click()
    await desk.page.get_by_role("button", name="Return").click()
    await desk.page.get_by_role("button", name="Return it").click()
    await expect(desk.page.get_by_text("You have returned the HIT.")).to_be_visible()
    assert (await desk.mturk.get_hit(hit_id)).number_of_assignments_available == 1


@pytest.mark.parametrize("scripts", [True, False])
async def test_returning_is_asked_for(market: Marketplace, open_page: OpenPage, *, scripts: bool) -> None:
    """One click returns nothing: whoever then goes on working has lost nothing; with or without scripts."""
    async with market.client() as mturk:
        desk = Desk(market, mturk, await open_page(java_script_enabled=scripts))
        hit_id = await desk.publish(HTMLQuestion(OLD_PAGE))
        await desk.sign_in()
        await desk.accept()
        age = desk.page.frame_locator("iframe.task").get_by_label("Age")
        await age.fill("36")
        await desk.page.get_by_role("button", name="Return").click()
        await expect(desk.page.get_by_role("dialog", name="Return this HIT?")).to_be_visible()
        await expect(desk.page.get_by_role("button", name="Go on working")).to_be_focused()
        assert (await mturk.get_hit(hit_id)).number_of_assignments_pending == 1
        await desk.page.get_by_role("button", name="Go on working").click()
        await expect(desk.page.get_by_role("dialog")).to_be_hidden()
        await expect(age).to_have_value("36")


async def test_tables_on_a_phone(market: Marketplace, open_page: OpenPage) -> None:
    """A long title stays wide enough to be read beside the other columns, so that no row is a tower of letters."""
    async with market.client() as mturk:
        desk = Desk(market, mturk, await open_page(phone=True))
        title = "Guess the age of the person in this picture, and say why you think so"
        await desk.publish(HTMLQuestion(OLD_PAGE), title=title)
        await desk.sign_in()
        await desk.accept(title)
        await desk.page.goto(f"{market.url}/tasks")
        row = await desk.page.get_by_role("rowheader").bounding_box()
        assert row is not None
        assert row["width"] >= 190
        assert row["height"] <= 150
        await check(desk.page)


async def test_what_is_tried_out_is_shown_anew(page: Page, tmp_path: Path) -> None:
    """A preview is loaded again by itself when its file changes; an accepted task only says so."""
    file = tmp_path / "ages.html"
    file.write_text("<p>How old?</p><input name=age>", "utf-8")
    async with Preview.of(file, {}) as shown:
        await page.goto(shown.url)
        task = page.frame_locator("iframe.task")
        await expect(task.get_by_text("How old?")).to_be_visible()
        for text in ("How tall?", "How heavy?"):
            file.write_text(f"<p>{text}</p><p><input></p>", "utf-8")
            await shown.look()
            if text == "How tall?":
                await expect(task.get_by_text(text)).to_be_visible()
                await expect(page.get_by_role("region", name="What was noticed")).to_contain_text("has no name")
                await page.get_by_role("button", name="Accept").click()
                await expect(page.get_by_role("timer")).to_be_visible()
        await expect(page.get_by_text("It has changed")).to_be_visible()
        await expect(task.get_by_text("How tall?")).to_be_visible()
        await page.get_by_role("link", name="show it anew").click()
        await expect(task.get_by_text("How heavy?")).to_be_visible()


async def test_a_qualification_by_test(desk: Desk) -> None:
    """A worker who lacks a qualification finds it from the HIT, takes its test in the browser, and can accept."""
    test = QuestionForm([Question("q", "Which is green?", SelectionAnswer({"a": "Grass", "b": "Blood"}))])
    kind = await desk.mturk.create_qualification_type(
        name="Colours",
        description="Tells colours apart.",
        qualification_type_status="Active",
        test=test,
        test_duration=timedelta(minutes=5),
    )
    await desk.mturk.create_hit(
        title="Guess the age",
        description="Guess.",
        reward="0.25",
        assignment_duration=timedelta(minutes=5),
        lifetime=timedelta(days=1),
        question=HTMLQuestion(OLD_PAGE),
        qualification_requirements=[{"QualificationTypeId": kind.qualification_type_id, "Comparator": "Exists"}],
    )
    await desk.sign_in()
    await desk.page.get_by_role("link", name="Guess the age").click()
    await expect(desk.page.get_by_text("You do not have all qualifications")).to_be_visible()
    await expect(desk.page.get_by_role("button", name="Accept")).to_have_count(0)
    await desk.page.get_by_role("link", name="Colours").click()
    await desk.page.get_by_role("button", name="Begin the test").click()
    frame = desk.page.frame_locator("iframe.task")
    await frame.get_by_label("Grass").check()
    await frame.get_by_role("button", name="Submit").click()
    await expect(desk.page.get_by_text("Your answers to the test have come in.")).to_be_visible()


# What is kept while somebody works.


async def test_moments(desk: Desk) -> None:
    """When somebody began is kept with the assignment, and a plain notice says so."""
    hit_id = await desk.publish(HTMLQuestion(OLD_PAGE))
    await desk.sign_in()
    task = desk.page.frame_locator("iframe.task")

    def tells_the_beginning(answer: Response) -> bool:
        return answer.url.endswith("/moments") and "first_input_at" in (answer.request.post_data or "")

    async with desk.page.expect_response(tells_the_beginning, timeout=4 * PATIENCE) as told:
        await desk.accept()
        await expect(desk.page.get_by_text("is kept with your answers")).to_be_visible()
        await task.get_by_label("Age").fill("36")
    assert (await told.value).status == 204
    await task.locator("#submitButton").click()
    await expect(desk.page.get_by_text("Your answers have come in.")).to_be_visible()
    assignment = await desk.answer(hit_id)
    moments = await desk.market.moments(assignment.assignment_id)
    assert moments.first_input is not None
    assert moments.previewed is not None
    assert moments.previewed <= moments.accepted <= moments.first_input <= moments.submitted  # type: ignore[operator]


# Without scripts.


async def test_without_scripts(market: Marketplace, open_page: OpenPage) -> None:
    """Where the task itself needs no script, all of the way can be gone without one."""
    async with market.client() as mturk:
        desk = Desk(market, mturk, await open_page(java_script_enabled=False))
        hit_id = await desk.publish(FORM)
        await desk.sign_in()
        await desk.accept()
        task = desk.page.frame_locator("iframe.task")
        await task.get_by_role("textbox").fill("36")
        await task.get_by_role("button", name="Submit").click()
        await expect(task.get_by_text("Your answers have come in.")).to_be_visible()
        assert (await desk.answer(hit_id)).answers["age"] == "36"
        # The frame cannot lead the page around it anywhere, but to a new window, and says where there is a way.
        await expect(task.get_by_text("by the links at the top of the page")).to_be_visible()
        async with desk.page.expect_popup() as opened:
            await task.get_by_role("link", name="in a new window").click()
        await expect(
            (await opened.value).get_by_role("navigation").get_by_role("link", name="Find work")
        ).to_be_visible()
        await desk.page.get_by_role("link", name="Find work").click()
        await expect(desk.page.get_by_text("There is no work of this kind")).to_be_visible()


# Tasks are kept apart.


async def test_a_task_cannot_get_at_the_site(desk: Desk) -> None:
    """What runs in a task's frame reads nothing of the site, acts in nothing, and cannot lead the browser away."""
    hostile = """<!DOCTYPE html><html><body><p id="told">nothing</p><script>
      const site = new URLSearchParams(location.search).get("turkSubmitTo");
      const tried = {};
      const note = (name, value) => { tried[name] = String(value); document.title = "x";
        document.getElementById("told").textContent = JSON.stringify(tried); };
      try { note("dom", parent.document.body.innerHTML.length); } catch (error) { note("dom", error.name); }
      try { top.location = "https://evil.example/"; } catch (error) { note("top", error.name); }
      note("cookie", document.cookie || "none");
      const read = fetch(site + "/projects", { credentials: "include" });
      read.then((answer) => note("read", answer.status), (error) => note("read", error.name)).finally(() => {
        fetch(site + "/sign_out", { method: "POST", credentials: "include", mode: "no-cors" }).finally(() => {
          note("done", "yes");
        });
      });
    </script></body></html>"""
    await desk.publish(HTMLQuestion(hostile))
    await desk.sign_in()
    await desk.accept()
    told = desk.page.frame_locator("iframe.task").locator("#told")
    await expect(told).to_contain_text('"done":"yes"')
    tried = json.loads(await told.inner_text())
    assert {name: tried[name] for name in ("dom", "top", "cookie", "read")} == {
        "dom": "SecurityError",
        "top": "SecurityError",
        "cookie": "none",
        "read": "TypeError",
    }
    await desk.page.reload()
    await expect(desk.page.get_by_text(ANNA)).to_be_visible()


# For everybody.


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
async def test_every_page_is_accessible(market: Marketplace, open_page: OpenPage, *, dark: bool, phone: bool) -> None:
    """No page has a serious fault for anybody, in light or dark, wide or narrow; none has to be scrolled sideways."""
    async with market.client() as mturk:
        desk = Desk(market, mturk, await open_page(dark=dark, phone=phone))
        await desk.publish(HTMLQuestion(OLD_PAGE), title="Guess the age of " + "somebody " * 12, assignments=3)
        await desk.publish(FORM, title="A form")
        kind = await mturk.create_qualification_type(
            name="Colours", description="Tells colours apart.", qualification_type_status="Active"
        )
        await desk.page.goto(market.url)
        await check(desk.page)
        await desk.sign_in()
        await check(desk.page)
        await desk.accept("A form")
        await check(desk.page)
        for path in (
            "/tasks",
            "/dashboard",
            "/messages",
            "/qualifications",
            "/qualifications/assigned",
            "/qualifications/pending",
            f"/qualifications/{kind.qualification_type_id}",
            "/projects/3NOSUCHGROUP/tasks",
        ):
            await desk.page.goto(f"{market.url}{path}")
            await check(desk.page)


async def check(page: Page) -> None:
    """Look for what keeps somebody from using a page, once its styles are there."""
    await page.wait_for_load_state()
    results = await Axe().run(page)
    serious = [each for each in results.response["violations"] if each["impact"] in ("serious", "critical")]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in serious] == [], page.url
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, page.url


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Asia/Kolkata", "17 Mar 2030, 17:51 UTC (23:21 your time)"),
        ("Pacific/Auckland", "17 Mar 2030, 17:51 UTC (18 Mar 2030, 06:51 your time)"),
        ("Etc/UTC", "17 Mar 2030, 17:51 UTC"),
        (None, "17 Mar 2030, 17:51 UTC"),
    ],
)
async def test_the_readers_own_time(market: Marketplace, open_page: OpenPage, zone: str | None, told: str) -> None:
    """Beside each moment stands the reader's own time, with its day if it is another; without scripts, UTC alone."""
    options = {"java_script_enabled": False} if zone is None else {"timezone_id": zone}
    page = await open_page(**options)
    async with market.client() as mturk:
        desk = Desk(market, mturk, page)
        await desk.publish(HTMLQuestion("<!DOCTYPE html><p>Do it"))
        await desk.sign_in()
        await desk.accept()
        await page.goto(f"{market.site_url}/tasks")
        await expect(page.locator("td time")).to_have_text(told)
        await expect(page.locator("td time")).to_have_attribute("datetime", re.compile("^2030-03-17T17:51:"))
