"""Work that was typed is not lost by what happens to everybody: no connection, a wrong click, a reload, no time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from aioturk.marketplace import Marketplace
from aioturk.questions import FreeTextAnswer, HTMLQuestion, OtherSelection, Question, QuestionForm, SelectionAnswer

from .test_site import Desk

if TYPE_CHECKING:
    from playwright.async_api import Dialog, FrameLocator, Page, Route

FORM = QuestionForm(
    [
        Question("why", "Why?", FreeTextAnswer(number_of_lines_suggestion=4)),
        Question(
            "colour",
            "Which colour?",
            SelectionAnswer({"r": "Red"}, style_suggestion="radiobutton", other_selection=OtherSelection()),
        ),
    ]
)
CROWD = """<!DOCTYPE html><html><head><title>t</title></head><body>
<script src="https://assets.crowd.aws/crowd-html-elements.js"></script><crowd-form>
<crowd-text-area name="why" label="Why?"></crowd-text-area>
<crowd-radio-group name="colour"><crowd-radio-button value="r">Red</crowd-radio-button>
<crowd-radio-button value="g">Green</crowd-radio-button></crowd-radio-group>
<crowd-checkbox name="sure" value="yes">Sure</crowd-checkbox>
<label>Plain <input name="plain"></label></crowd-form></body></html>"""
PLAIN = """<!DOCTYPE html><html><body><form method="post" action="https://www.mturk.com/mturk/externalSubmit">
<input type="hidden" name="assignmentId" id="assignmentId"><label>Why? <textarea name="why"></textarea></label>
<button>Submit</button></form><script src="https://s3.amazonaws.com/mturk-public/externalHIT_v1.js"></script>
<script>turkSetAssignmentID();</script></body></html>"""
BUSY = """<!DOCTYPE html><html><body><form method="post" action="https://www.mturk.com/mturk/externalSubmit">
<input type="hidden" name="assignmentId" id="assignmentId"><input type="hidden" name="reckoned">
<label>Why? <textarea name="why"></textarea></label>
<label>Country <select name="country"><option></option><option>de</option></select></label>
<label>Region <select name="region"></select></label>
<label>All <input type="checkbox" name="all"></label>
<label>First <input type="checkbox" name="one" value="1"></label>
<label>Second <input type="checkbox" name="one" value="2"></label>
<label>Good <input type="radio" name="mood" value="good"></label>
<label>Bad <input type="radio" name="mood" value="bad"></label>
<label>Given <input name="given"></label> <label>Began <input name="began"></label>
<label>Password <input name="password" type="password"></label>
<label>Code <input name="code" autocomplete="off"></label>
<input name="elements"><button>Submit</button></form>
<form action="/search"><label>Elsewhere <input name="elsewhere"></label></form>
<script src="https://s3.amazonaws.com/mturk-public/externalHIT_v1.js"></script><script>
turkSetAssignmentID();
const find = (name) => document.querySelectorAll(`[name=${name}]`);
find("country")[0].addEventListener("change", () => {
  find("region")[0].innerHTML = "<option></option><option>de-1</option><option>de-2</option>";
});
find("all")[0].addEventListener("click", (event) => {
  find("one").forEach((each) => (each.checked = event.target.checked));
});
find("mood")[0].addEventListener("change", () => (find("reckoned")[0].value = "good"));
window.addEventListener("load", () => {
  find("given")[0].value = "as given";
  find("began")[0].value = String(Math.round(performance.timeOrigin * 1000));
});
</script></body></html>"""
HASTY = """<!DOCTYPE html><html><body><form id="f" method="post" action="https://www.mturk.com/mturk/externalSubmit">
<input type="hidden" name="assignmentId" id="assignmentId">
<label>Red <input type="radio" name="colour" value="red"></label>
<label>Green <input type="radio" name="colour" value="green"></label></form><p role="status"></p>
<script src="https://s3.amazonaws.com/mturk-public/externalHIT_v1.js"></script><script>turkSetAssignmentID();
window.addEventListener("pointerdown", () => (window.setTimeout = () => 0));  // timers come too late
document.getElementById("f").addEventListener("change", (event) => {
  document.querySelector("p").textContent = `${event.target.value} was chosen`;
  event.currentTarget.submit();
});
</script></body></html>"""
TEXT = "First line,\nand a second one that took long to write."


@pytest_asyncio.fixture(loop_scope="session")
async def desk(market: Marketplace, page: Page) -> AsyncIterator[Desk]:
    """A marketplace, its requester, and somebody's browser."""
    async with market.client() as mturk:
        yield Desk(market, mturk, page)


def task_of(desk: Desk) -> FrameLocator:
    return desk.page.frame_locator("iframe.task")


async def begin(desk: Desk, question: object) -> str:
    """Accept a HIT and type into it; return the HIT's id."""
    hit_id = await desk.publish(question)
    await desk.sign_in()
    await desk.accept()
    await task_of(desk).get_by_label("Why?").fill(TEXT)
    last = "took long"
    if question is FORM:
        await task_of(desk).get_by_role("radio", name="Other").check()
        await task_of(desk).locator('[id="question.1.other"]').fill(last := "violet")
    elif question is not PLAIN_PAGE:
        await task_of(desk).get_by_role("radio", name="Green").click()
        await task_of(desk).get_by_role("checkbox").click()
        await task_of(desk).get_by_label("Plain").fill(last := "as well")
    await kept(desk, last)
    return hit_id


async def kept(desk: Desk, text: str) -> None:
    """Wait until this has come to where it is kept: frames tell it some time after it was entered."""
    await desk.page.wait_for_function("(text) => Object.values(sessionStorage).join().includes(text)", arg=text)


FORM_PAGE, CROWD_PAGE, PLAIN_PAGE = FORM, HTMLQuestion(CROWD), HTMLQuestion(PLAIN)


async def expect_all(desk: Desk, question: object) -> None:
    """Everything that was typed is there."""
    await expect(task_of(desk).get_by_label("Why?")).to_have_value(TEXT)
    if question is FORM:
        await expect(task_of(desk).get_by_role("radio", name="Other")).to_be_checked()
        await expect(task_of(desk).locator('[id="question.1.other"]')).to_have_value("violet")
    elif question is not PLAIN_PAGE:
        await expect(task_of(desk).get_by_role("radio", name="Green")).to_be_checked()
        await expect(task_of(desk).get_by_role("checkbox")).to_be_checked()
        await expect(task_of(desk).get_by_label("Plain")).to_have_value("as well")


async def submit(desk: Desk) -> None:
    await task_of(desk).locator("button[type=submit], crowd-button, form > button").last.click()


@pytest.mark.parametrize("question", [FORM_PAGE, CROWD_PAGE, PLAIN_PAGE], ids=["form", "crowd form", "plain page"])
async def test_without_a_connection(desk: Desk, question: object) -> None:
    """Whoever submits without a connection goes back, finds everything, and submits it."""
    hit_id = await begin(desk, question)
    await desk.page.context.set_offline(True)
    async with desk.page.expect_event("requestfailed"):
        await submit(desk)
    await expect(task_of(desk).get_by_label("Why?")).to_have_count(0)
    await desk.page.context.set_offline(False)
    await desk.page.evaluate("setTimeout(() => history.back())")
    await expect_all(desk, question)
    await submit(desk)
    await expect(desk.page.get_by_text("Your answers have come in.")).to_be_visible()
    answers = (await desk.answer(hit_id)).answers
    assert str(answers["why"]).replace("\r\n", "\n") == TEXT
    assert await desk.page.evaluate("Object.keys(sessionStorage)") == []


@pytest.mark.parametrize("question", [FORM_PAGE, CROWD_PAGE, PLAIN_PAGE], ids=["form", "crowd form", "plain page"])
async def test_leaving_and_coming_back(desk: Desk, question: object) -> None:
    """A click on a link asks before it leaves; whoever leaves all the same, and goes back, finds everything."""
    await begin(desk, question)
    asked: list[str] = []

    async def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    desk.page.on("dialog", leave)
    await desk.page.get_by_role("link", name="Dashboard").click()
    await expect(desk.page.get_by_role("heading", name="Dashboard")).to_be_visible()
    assert asked == ["beforeunload"]
    await desk.page.go_back()
    await expect_all(desk, question)


@pytest.mark.parametrize("question", [FORM_PAGE, CROWD_PAGE, PLAIN_PAGE], ids=["form", "crowd form", "plain page"])
async def test_loading_the_page_again(desk: Desk, question: object) -> None:
    """A page that is loaded again has everything."""
    await begin(desk, question)
    await desk.page.reload()
    await expect_all(desk, question)


@pytest.mark.parametrize(
    ("question", "last"),
    [(FORM_PAGE, "question-form.js"), (PLAIN_PAGE, "externalHIT_v1.js")],
    ids=["form", "plain page"],
)
async def test_typing_while_the_page_comes_in(desk: Desk, question: object, last: str) -> None:
    """What is entered before all of a page's scripts are there is kept, too, and what was kept does not undo it."""
    await begin(desk, question)
    typed = asyncio.Event()

    async def hold(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    await desk.page.route(f"**/static/{last}", hold)
    await desk.page.reload(wait_until="commit")
    await task_of(desk).get_by_label("Why?").fill("Otherwise")
    typed.set()
    await kept(desk, "Otherwise")
    await expect(task_of(desk).get_by_label("Why?")).to_have_value("Otherwise")
    if question is FORM:
        await expect(task_of(desk).locator('[id="question.1.other"]')).to_have_value("violet")


async def test_a_script_that_comes_late(desk: Desk) -> None:
    """However late the page's own script comes, nothing is missed that the frame says: it is not there before."""
    await begin(desk, FORM_PAGE)
    frames: list[int] = []

    async def hold(route: Route) -> None:
        script, frame = 'main script[src="/static/task.js"]', "iframe.task"
        await desk.page.wait_for_function(f"() => document.querySelector('{script}, {frame}')")
        frames.append(await desk.page.locator(frame).count())
        await route.continue_()

    await desk.page.route("**/static/task.js", hold)
    await desk.page.reload()
    assert frames == [0]
    await expect_all(desk, FORM_PAGE)


async def test_a_page_with_scripts_of_its_own(desk: Desk) -> None:
    """
    Of a page that its requester wrote, what a person has entered in plain fields comes back, and its scripts see it.

    What the page fills in by itself, secrets, and what it does not want to be kept are as the page makes them.
    """
    hit_id = await desk.publish(HTMLQuestion(BUSY))
    await desk.sign_in()
    await desk.accept()
    task = task_of(desk)
    await task.get_by_label("Why?").fill(TEXT)
    for name, down in (("Country", 1), ("Region", 2)):
        for _ in range(down):
            await task.get_by_label(name).press("ArrowDown")
    await task.get_by_label("All").check()
    await task.get_by_label("Second").uncheck()
    await task.get_by_label("Good").check()
    await task.get_by_label("Given").fill("corrected")
    for name in ("Password", "Code", "Elsewhere", "Began"):
        await task.get_by_label(name).fill("typed")
    await kept(desk, "typed")
    await desk.page.reload()

    await expect(task.get_by_label("Region")).to_have_value("de-2")
    await expect(task.get_by_label("Why?")).to_have_value(TEXT)
    await expect(task.get_by_label("Given")).to_have_value("corrected")
    await expect(task.get_by_label("Good")).to_be_checked()
    assert [await task.get_by_label(name).is_checked() for name in ("All", "First", "Second")] == [True, True, False]
    assert [await task.get_by_label(name).input_value() for name in ("Password", "Code", "Elsewhere")] == ["", "", ""]
    assert (await task.get_by_label("Began").input_value()).isdigit()
    drafts = await desk.page.evaluate("Object.values(sessionStorage).join()")
    assert "corrected" in drafts
    assert drafts.count("typed") == 1  # what stood beside the time at which the page began

    await submit(desk)
    await expect(desk.page.get_by_text("Your answers have come in.")).to_be_visible()
    answers = (await desk.answer(hit_id)).answers
    assert answers["reckoned"] == "good"  # by a script, as somebody chose it
    assert answers["region"] == "de-2"
    assert await desk.page.evaluate("Object.keys(sessionStorage)") == []


async def test_a_page_that_submits_itself(desk: Desk) -> None:
    """What comes back submits nothing in somebody's place, even where a choice does; their next one does."""
    hit_id = await desk.publish(HTMLQuestion(HASTY))
    await desk.page.add_init_script("addEventListener('message', ({ data }) => (window.told = data.aioturk));")
    await desk.sign_in()
    await desk.accept()
    # Until the page around has said that nothing was kept, nothing is.
    await (
        task_of(desk)
        .locator("html")
        .evaluate(
            """() => new Promise((done) => {
          const look = () => (window.told === "draft" ? done() : requestAnimationFrame(look));
          look();
        })"""
        )
    )
    await desk.page.context.set_offline(True)
    async with desk.page.expect_event("requestfailed"):
        await task_of(desk).get_by_label("Red").click()
    await expect(task_of(desk).get_by_label("Red")).to_have_count(0)
    await kept(desk, "red")
    await desk.page.context.set_offline(False)
    await desk.page.reload()
    await expect(task_of(desk).get_by_label("Red")).to_be_checked()
    await expect(task_of(desk).get_by_role("status")).to_have_text("red was chosen")
    assert (await desk.mturk.get_hit(hit_id)).number_of_assignments_pending == 1
    await task_of(desk).get_by_label("Green").click()
    await expect(desk.page.get_by_text("Your answers have come in.")).to_be_visible()
    assert dict((await desk.answer(hit_id)).answers) == {"colour": "green"}


async def test_the_next_task_begins_empty(desk: Desk) -> None:
    """What was entered is of one person's assignment: others, and the same person on the next one, find nothing."""
    for _ in range(2):
        await begin(desk, PLAIN_PAGE)
        await desk.page.reload()
        await expect_all(desk, PLAIN_PAGE)
        await desk.page.get_by_role("button", name="Return").click()
        await desk.page.get_by_role("button", name="Return it").click()
        await expect(desk.page.get_by_text("You have returned the HIT.")).to_be_visible()
        await desk.page.get_by_role("button", name="Sign out").click()
        await expect(desk.page.get_by_role("button", name="Sign in")).to_be_visible()
    await desk.sign_in("A2BERT")
    await desk.accept()
    await desk.page.reload()
    await expect(task_of(desk).get_by_label("Why?")).to_have_value("")


async def test_nothing_is_asked_without_need(desk: Desk) -> None:
    """Whoever has typed nothing, or returns a HIT, which asks by itself, is not asked once more."""
    asked: list[str] = []

    async def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    desk.page.on("dialog", leave)
    await desk.publish(FORM)
    await desk.sign_in()
    await desk.accept()
    task = desk.page.url
    await desk.page.get_by_role("link", name="Dashboard").click()
    await expect(desk.page.get_by_role("heading", name="Dashboard")).to_be_visible()
    await desk.page.goto(task)
    await task_of(desk).get_by_label("Why?").fill(TEXT)
    await kept(desk, "took long")
    await desk.page.get_by_role("button", name="Return").click()
    await desk.page.get_by_role("button", name="Return it").click()
    await expect(desk.page.get_by_text("You have returned the HIT.")).to_be_visible()
    assert asked == []


async def test_the_end_of_the_time(desk: Desk) -> None:
    """The last minute and the end are announced where everybody sees it; what was typed stays, even if refused."""
    await desk.page.clock.install()
    await begin(desk, FORM)
    await desk.page.clock.fast_forward("04:10")
    await expect(desk.page.get_by_text("One minute is left.")).to_be_visible()
    await desk.page.clock.fast_forward("01:00")
    notice = desk.page.get_by_text("The time is over")
    await expect(notice).to_be_in_viewport()
    await expect_all(desk, FORM)

    await desk.market.advance(timedelta(minutes=6))
    await submit(desk)
    await expect(task_of(desk).get_by_role("heading", name="Not submitted")).to_be_visible()
    for each in (*TEXT.split("\n"), "violet"):
        await expect(task_of(desk).get_by_text(each)).to_be_visible()
