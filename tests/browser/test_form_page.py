"""Question forms in a browser: every way to answer, every constraint; without a mouse, scripts or eyes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

import aioturk
from aioturk.answers import Answers
from aioturk.marketplace.site.form_page import MARKER, answers_in, form_page
from aioturk.questions import (
    AnswerFormatRegex,
    Binary,
    BulletList,
    FormattedContent,
    FreeTextAnswer,
    IsNumeric,
    Length,
    OtherSelection,
    Question,
    QuestionForm,
    SelectionAnswer,
    Title,
)
from aioturk.questions.answer_specification import STYLES

from ..marketplace.site.test_form_page import HOSTILE, filled_with
from .conftest import OpenPage

if TYPE_CHECKING:
    from playwright.async_api import ConsoleMessage, Dialog, Locator, Page

STATIC = Path(aioturk.__file__).parent / "marketplace" / "site" / "static"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src http:; media-src http:; object-src http:"
CAT = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'><circle cx='15' cy='15' r='9'/></svg>"
OUTER = """\
<!DOCTYPE html><title>Outside</title><iframe src="/form?{query}"></iframe>
<script>
  var told = [];
  var kept = null;  // what was entered the last time; undefined to say nothing yet
  addEventListener("message", (event) => told.push(event.data));
  addEventListener("message", ({{ data, source }}) => {{
    if (data.aioturk === "resume" && kept !== undefined) source.postMessage({{ aioturk: "draft", value: kept }}, "*");
  }});
</script>
"""
HEIGHT = "told.findLast((each) => each.aioturk === 'height')?.value"
CONTENT = "Math.ceil(document.querySelector('iframe').contentDocument.documentElement.getBoundingClientRect().height)"
DRAFTS = "told.filter((each) => each.aioturk === 'draft').map((each) => each.value)"
TYPED = f"JSON.parse({DRAFTS}.at(-1) ?? '[]').map((each) => each[1]).join()"
DEFAULT = "Invalid input supplied."
EVENTS = """\
for (const each of document.querySelectorAll("body *")) {
  for (const name of ["mouseover", "focus", "error", "load", "input"]) {
    each.dispatchEvent(new Event(name));
  }
}
"""


@dataclass
class Office:
    """Serves one form at a time, as the tasks' origin does, and keeps what it sends."""

    address: str = ""
    form: QuestionForm = field(default_factory=lambda: QuestionForm("nothing"))
    posted: list[list[tuple[str, str]]] = field(default_factory=list)
    policy: str = POLICY

    async def show(self, page: Page, parts: Any, *, preview: bool = False) -> None:
        """Show a form, or the form of these parts."""
        self.form = parts if isinstance(parts, QuestionForm) else QuestionForm(parts)
        await page.goto(f"{self.address}/form?{urlencode({'preview': '1'} if preview else {})}")

    def cat(self, **more: Any) -> Binary:
        """Return a picture."""
        return Binary(f"{self.address}/cat.svg", "A cat", **more)

    async def answers(self, page: Page) -> Answers:
        """Send the form, which has to be sent at once, and return the answers."""
        await send(page)
        await expect(page).to_have_title("Thanks")
        assert len(self.posted) == 1
        assert dict(self.posted[0])[MARKER] == "1"
        return answers_in(self.form, self.posted.pop())


async def send(page: Page) -> None:
    """Press the button."""
    await page.get_by_role("button", name="Submit").click()


@pytest_asyncio.fixture(loop_scope="session")
async def office() -> AsyncIterator[Office]:
    """A server of forms."""
    office = Office()

    async def form(request: web.Request) -> web.Response:
        is_preview = "preview" in request.query
        text = form_page(office.form, action="/post", hidden={"assignmentId": "A1"}, preview=is_preview, title="Cats")
        return html(text, {"Content-Security-Policy": office.policy} if office.policy else {})

    async def post(request: web.Request) -> web.Response:
        office.posted.append([(name, str(value)) for name, value in (await request.post()).items()])
        return html("<!DOCTYPE html><html lang=en><title>Thanks</title>")

    async def cat(_request: web.Request) -> web.Response:
        return web.Response(text=CAT, content_type="image/svg+xml")

    async def outer(request: web.Request) -> web.Response:
        return html(OUTER.format(query=request.query_string))

    app = web.Application()
    app.router.add_static("/static", STATIC)
    app.add_routes(
        [web.get("/form", form), web.post("/post", post), web.get("/cat.svg", cat), web.get("/outer", outer)]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    office.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield office
    await runner.cleanup()


def html(text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers=headers)


def asked(answer: Any, content: Any = "Well?", identifier: str = "q", **more: Any) -> Question:
    """Return a question that takes this answer."""
    return Question(identifier, content, answer, **more)


def field_of(page: Page, number: int = 0) -> Locator:
    """Return the field of a question that has one."""
    return page.locator(f'[id="question.{number}"]')


def error_of(page: Page, number: int = 0, more: str = "") -> Locator:
    """Return the place beside a question where errors are."""
    return page.locator(f'[id="question.{number}{more}.error"]')


# Every way to answer.


async def test_texts(page: Page, office: Office) -> None:
    """A line and an area are filled in by their names; what stood there before is sent when nobody changed it."""
    await office.show(
        page,
        [
            asked(FreeTextAnswer(), "Name?", "name"),
            asked(FreeTextAnswer(number_of_lines_suggestion=3), "Story?", "story"),
            asked(FreeTextAnswer(default_text="as\n it was"), "Before?", "before"),
            asked(FreeTextAnswer(), "Left out?", "nothing"),
        ],
    )
    await page.get_by_label("Name?").fill("<b>Ada</b> & co")
    await page.get_by_label("Story?").fill("one\n\ntwo")
    assert await office.answers(page) == {
        "name": "<b>Ada</b> & co",
        "story": "one\r\n\r\ntwo",
        "before": "as\r\n it was",
        "nothing": "",
    }


@pytest.mark.parametrize("style", [None, *STYLES])
async def test_one_selection(page: Page, office: Office, style: Any) -> None:
    """In any style one selection is chosen by what it is called, and its identifier arrives."""
    await office.show(page, asked(SelectionAnswer({"c": "A cat", "d\n&": "A dog"}, style_suggestion=style)))
    await choose(page, "A dog")
    assert await office.answers(page) == {"q": ("d\n&",)}


@pytest.mark.parametrize("style", [None, "checkbox", "list", "combobox", "multichooser"])
async def test_several_selections(page: Page, office: Office, style: Any) -> None:
    """In any style that takes several, several are chosen."""
    animals = {"c": "A cat", "d": "A dog", "e": "An eel"}
    await office.show(page, asked(SelectionAnswer(animals, max_selection_count=3, style_suggestion=style)))
    await choose(page, "A cat", "An eel")
    assert await office.answers(page) == {"q": ("c", "e")}


async def choose(page: Page, *labels: str) -> None:
    """Choose by what is to be read, from a list or among buttons."""
    if await page.locator("select").count():
        await page.locator("select").select_option(label=list(labels))
    for label in labels if not await page.locator("select").count() else ():
        await page.get_by_label(label, exact=True).check()


@pytest.mark.parametrize("style", STYLES)
async def test_pictures_and_markup_to_choose(page: Page, office: Office, style: Any) -> None:
    """Pictures and formatted content are chosen by clicking on them, whatever the style."""
    kinds = {"c": office.cat(), "d": FormattedContent("<p>A <b>dog</b></p><ul><li>barks</li></ul>"), "e": "An eel"}
    await office.show(page, asked(SelectionAnswer(kinds, style_suggestion=style)))
    if style in ("checkbox", "multichooser"):
        await page.get_by_text("barks").click()
        await page.get_by_text("barks").click()
    await page.get_by_role("img", name="A cat").click()
    assert await office.answers(page) == {"q": ("c",)}


@pytest.mark.parametrize("style", STYLES)
async def test_other(page: Page, office: Office, style: Any) -> None:
    """The field for something else appears when that is chosen; nothing of it is sent when it is not any more."""
    answer = SelectionAnswer(["a", "b"], style_suggestion=style, other_selection=OtherSelection(length=Length(2, 5)))
    question = asked(answer, is_required=True)
    words = page.get_by_label("Other, in your own words:")
    multiple = style in ("checkbox", "multichooser")

    await office.show(page, question)
    await expect(words).to_be_hidden()
    await choose(page, "Other")
    await send(page)
    await expect(words).to_be_focused()
    await expect(error_of(page, more=".other")).to_have_text("Write your answer, or choose another.")
    await words.fill("x")
    await expect(error_of(page, more=".other")).to_have_text("Write from 2 to 5 characters; there are 1.")
    await words.fill("mine")
    await expect(error_of(page, more=".other")).to_be_hidden()
    assert await office.answers(page) == Answers({"q": ()}, {"q": "mine"})

    await office.show(page, question)
    await choose(page, "Other")
    await words.fill("mine")
    if multiple:
        await page.get_by_label("Other", exact=True).uncheck()
    await choose(page, "a")
    await expect(words).to_be_hidden()
    assert await office.answers(page) == Answers({"q": ("a",)}, {})


async def test_other_besides(page: Page, office: Office) -> None:
    """Where several may be chosen, something else counts as one of them."""
    answer = SelectionAnswer(["a", "b", "c"], max_selection_count=2, other_selection=True)
    await office.show(page, asked(answer))
    await choose(page, "a", "b", "Other")
    await page.get_by_label("Other, in your own words:").fill("mine")
    await send(page)
    await expect(error_of(page)).to_have_text("Choose at most 2; 3 are chosen.")
    await page.get_by_label("b", exact=True).uncheck()
    assert await office.answers(page) == Answers({"q": ("a",)}, {"q": "mine"})


@pytest.mark.parametrize("style", ["radiobutton", "list"])
async def test_a_choice_is_taken_back(page: Page, office: Office, style: Any) -> None:
    """Where a browser does not let people un-choose, a button does; not where they have to choose."""
    answer = SelectionAnswer(["a", "b"], style_suggestion=style)
    await office.show(page, asked(answer))
    clear = page.get_by_role("button", name="Clear choice")
    await expect(clear).to_be_hidden()
    await choose(page, "a")
    await clear.click()
    await expect(clear).to_be_hidden()
    assert await office.answers(page) == {"q": ()}
    await office.show(page, asked(answer, is_required=True))
    await choose(page, "a")
    await expect(clear).to_be_hidden()


# Constraints.

ZIP = AnswerFormatRegex(r"^\d{5}$", error_text="Five digits, please.")


@pytest.mark.parametrize(
    ("answer", "bad", "errors", "good"),
    [
        ({"is_numeric": True}, ["1.5", "x", "1e3", "--1", "٣"], "Write a whole number.", ["-7", "+07", " 5 "]),
        ({"is_numeric": IsNumeric(1, 5)}, ["0", "6"], "Write a whole number from 1 to 5.", ["1", "5"]),
        ({"is_numeric": IsNumeric(min_value=0)}, ["-1"], "Write a whole number of at least 0.", ["0", "9" * 40]),
        ({"is_numeric": IsNumeric(max_value=-2)}, ["-1"], "Write a whole number of at most -2.", ["-2"]),
        ({"is_numeric": IsNumeric(3, 3)}, ["2"], "Write a whole number of exactly 3.", ["3"]),
        ({"length": Length(min_length=3)}, ["ab"], "Write at least 3 characters; there are 2.", ["abc"]),
        ({"answer_format_regex": ZIP}, ["1234", "123456"], "Five digits, please.", ["12345"]),
        ({"answer_format_regex": "a|b"}, ["c"], DEFAULT, ["xbx", "a"]),
        ({"answer_format_regex": "cat"}, ["CAT"], DEFAULT, ["a cat"]),
        ({"answer_format_regex": AnswerFormatRegex("^cat$", flags="i")}, ["cats"], DEFAULT, ["CaT"]),
        (
            {"answer_format_regex": [ZIP, "^1", "^.[^2]"], "is_numeric": IsNumeric(5)},
            ["2"],
            "Write a whole number of at least 5.\nFive digits, please.\n" + f"{DEFAULT}\n{DEFAULT}",
            ["13333"],
        ),
    ],
)
async def test_constraints_on_texts(
    page: Page, office: Office, answer: dict[str, Any], bad: list[str], errors: str, good: list[str]
) -> None:
    """A text that breaks a constraint is not sent, and each broken one is told; what is put right is sent."""
    kinds = [FreeTextAnswer(**answer, number_of_lines_suggestion=lines) for lines in (1, 2)]
    await office.show(page, [asked(each, identifier=str(number)) for number, each in enumerate(kinds)])
    for text in bad:
        for number in (0, 1):
            await field_of(page, number).fill(text)
        await send(page)
        for number in (0, 1):
            await expect(error_of(page, number)).to_have_js_property("innerText", errors)
    for text in good:
        for number in (0, 1):
            await field_of(page, number).fill(text)
            await expect(error_of(page, number)).to_be_hidden()
    assert office.posted == []
    assert await office.answers(page) == {"0": good[-1], "1": good[-1]}


async def test_what_may_be_left_blank(page: Page, office: Office) -> None:
    """No constraint keeps anybody from answering nothing where no answer is asked for."""
    answer = FreeTextAnswer(is_numeric=True, length=Length(max_length=3), answer_format_regex=ZIP)
    await office.show(page, asked(answer))
    assert await office.answers(page) == {"q": ""}


async def test_length_at_most(page: Page, office: Office) -> None:
    """What is too long is told, and never cut without a word: neither a default text nor what is typed or pasted."""
    await office.show(page, asked(FreeTextAnswer(length=Length(1, 3), default_text="too long")))
    await send(page)
    await expect(error_of(page)).to_have_text("Write from 1 to 3 characters; there are 8.")
    await field_of(page).fill("")
    await field_of(page).press_sequentially("abcde")
    await expect(error_of(page)).to_have_text("Write from 1 to 3 characters; there are 5.")
    await expect(field_of(page)).to_have_value("abcde")
    await field_of(page).press("Backspace")
    await field_of(page).press("Backspace")
    assert await office.answers(page) == {"q": "abc"}


async def test_patterns_that_are_none(page: Page, office: Office) -> None:
    """A pattern that JavaScript does not take stops nobody, and the console says so; the others are checked."""
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        said.append(f"{message.type}: {message.text}")

    page.on("console", listen)
    async with page.expect_console_message(lambda _: len(said) == 2):
        await office.show(page, asked(FreeTextAnswer(answer_format_regex=["(?P<x>a)", "[", "b"])))
    assert all(each.startswith("warning: A pattern of this form is not checked") for each in said)
    await field_of(page).fill("c")
    await send(page)
    await expect(error_of(page)).to_have_text(DEFAULT)
    await field_of(page).fill("b")
    assert await office.answers(page) == {"q": "b"}


@pytest.mark.parametrize("style", ["checkbox", "list", "multichooser"])
async def test_how_many_to_choose(page: Page, office: Office, style: Any) -> None:
    """Too few and too many selections are not sent; nothing at all is, unless the question has to be answered."""
    cases: list[tuple[bool, int, int, dict[int, str]]] = [
        (False, 2, 3, {0: "", 1: "Choose from 2 to 3; 1 is chosen.", 4: "Choose from 2 to 3; 4 are chosen.", 2: ""}),
        (
            True,
            2,
            2,
            {0: "Choose exactly 2.", 1: "Choose exactly 2; 1 is chosen.", 3: "Choose exactly 2; 3 are chosen.", 2: ""},
        ),
        (True, 0, 3, {0: "Choose from 1 to 3.", 4: "Choose from 1 to 3; 4 are chosen.", 3: "", 1: ""}),
        (True, 1, 1, {0: "Choose one.", 1: ""}),
    ]
    for required, least, most, errors in cases:
        answer = SelectionAnswer([*"abcd"], min_selection_count=least, max_selection_count=most, style_suggestion=style)
        await office.show(
            page, [asked(answer, is_required=required), asked(FreeTextAnswer(), "?", "last", is_required=True)]
        )
        for count, error in errors.items():
            if await page.locator("select").count():
                await page.locator("select").select_option([*"abcd"[:count]])
            for number, label in enumerate("abcd") if not await page.locator("select").count() else ():
                await page.get_by_label(label, exact=True).set_checked(number < count)
            await send(page)  # the last question keeps all of them from being sent
            await expect(error_of(page)).to_have_text(error)
        await field_of(page, 1).fill("x")
        assert await office.answers(page) == {"q": tuple("abcd"[: [*errors][-1]]), "last": "x"}


async def test_all_errors_at_once(page: Page, office: Office) -> None:
    """
    Each question says what is wrong with its answer, to eyes and to screen readers; the first of them has the focus,
    and a summary is told. What is put right is all right at once, and then everything is sent.
    """
    await office.show(
        page,
        [
            asked(FreeTextAnswer(), "Fine?", "fine"),
            asked(FreeTextAnswer(is_numeric=True), ["Number?", office.cat()], "number", is_required=True),
            asked(SelectionAnswer(["a", "b"]), "Radio?", "radio", is_required=True),
            asked(SelectionAnswer(["c", "d"], max_selection_count=2), "Boxes?", "boxes", is_required=True),
            asked(SelectionAnswer(["e"], style_suggestion="dropdown"), "List?", "list", is_required=True),
            asked(FreeTextAnswer(length=Length(1)), "Text?", "text"),
        ],
    )
    summary = page.get_by_role("alert")
    await expect(summary).to_have_text("")
    await send(page)
    await expect(page.locator(".question > .error")).to_have_text(
        [
            "",
            "Answer this question.",
            "Choose one.",
            "Choose from 1 to 2.",
            "Choose one.",
            "Answer this question.",
        ]
    )
    await expect(summary).to_contain_text("Nothing was sent yet: 5 answers are not complete.")
    number = page.get_by_label("Number?")
    await expect(number).to_be_focused()
    boxes = page.get_by_role("group", name="Boxes?")
    for named, wrong in [
        (number, number),
        (page.get_by_role("radiogroup", name="Radio?"), None),
        (boxes, boxes.get_by_label("c")),
        (page.get_by_label("List?"), None),
    ]:
        await expect(wrong or named).to_have_attribute("aria-invalid", "true")
        await expect(named).to_have_accessible_description(re.compile("^(Answer this|Choose)"))
    await expect(page.get_by_label("Fine?")).not_to_have_attribute("aria-invalid", "true")
    await number.fill("x")
    await expect(error_of(page, 1)).to_have_text("Write a whole number.")
    await number.fill("5")
    await expect(error_of(page, 1)).to_be_hidden()
    await expect(summary).to_contain_text("4 answers")
    await expect(number).not_to_have_attribute("aria-invalid", "true")
    await expect(number).to_have_attribute("aria-describedby", "question.1.content question.1.hint")
    await page.get_by_label("a", exact=True).check()
    await page.get_by_label("d", exact=True).check()
    await page.get_by_label("List?").select_option("e")
    await page.get_by_label("Text?").fill("t")
    await expect(page.locator("[aria-invalid]")).to_have_count(0)
    await expect(summary).to_have_text("")
    assert await office.answers(page) == {
        "fine": "",
        "number": "5",
        "radio": ("a",),
        "boxes": ("d",),
        "list": ("e",),
        "text": "t",
    }


async def test_blanks_are_no_answer(page: Page, office: Office) -> None:
    """White space does not answer what has to be answered."""
    await office.show(page, asked(FreeTextAnswer(number_of_lines_suggestion=2), is_required=True))
    await field_of(page).fill(" \n ")
    await send(page)
    await expect(error_of(page)).to_have_text("Answer this question.")


async def test_sent_once(page: Page, office: Office) -> None:
    """
    Whoever presses the button twice sends once, even if the page had not come in whole the first time.

    A page to which somebody comes back can be sent again.
    """
    await office.show(page, asked(FreeTextAnswer()))
    form = "document.getElementById('question-form')"
    await page.evaluate(
        "addEventListener('submit', (event) => { window.sent = !event.defaultPrevented; event.preventDefault(); })"
    )
    seen = []
    for persisted in ("false", "false", "true"):
        seen.append(await page.evaluate(f"{form}.requestSubmit(), window.sent"))
        await page.evaluate(f"dispatchEvent(new PageTransitionEvent('pageshow', {{ persisted: {persisted} }}))")
    seen.append(await page.evaluate(f"{form}.requestSubmit(), window.sent"))
    assert seen == [True, False, False, True]


# Other ways to work.


async def test_without_a_mouse(page: Page, office: Office) -> None:
    """Everything is reached, answered, corrected and sent with keys."""
    await office.show(
        page,
        [
            asked(FreeTextAnswer(), "Text?", "text"),
            asked(SelectionAnswer(["a", "b"], other_selection=True), "Radio?", "radio"),
            asked(SelectionAnswer(["c", "d"], max_selection_count=2), "Boxes?", "boxes", is_required=True),
            asked(SelectionAnswer(["e", "f"], style_suggestion="dropdown"), "List?", "list"),
        ],
    )
    keys = page.keyboard
    await keys.press("Tab")
    await keys.type("hello")
    await keys.press("Tab")
    for key in ("Space", "ArrowDown", "ArrowDown", "Tab"):
        await keys.press(key)
    await expect(page.get_by_role("button", name="Clear choice")).to_be_focused()
    await keys.press("Tab")
    await expect(page.get_by_label("Other, in your own words:")).to_be_focused()
    await keys.type("mine")
    await keys.press("Enter")
    await expect(page.get_by_label("c", exact=True)).to_be_focused()
    await keys.press("Tab")
    await keys.press("Space")
    await keys.press("Tab")
    await keys.press("f")
    await keys.press("Tab")
    await expect(page.get_by_role("button", name="Submit")).to_be_focused()
    await keys.press("Enter")
    await expect(page).to_have_title("Thanks")
    answers = answers_in(office.form, office.posted[0])
    assert answers == Answers({"text": "hello", "radio": (), "boxes": ("d",), "list": ("f",)}, {"radio": "mine"})


async def test_without_scripts(open_page: OpenPage, office: Office) -> None:
    """Without JavaScript a browser checks what it can, and everything can be answered and sent."""
    page = await open_page(java_script_enabled=False)
    await office.show(
        page,
        [
            asked(FreeTextAnswer(answer_format_regex=ZIP), "Code?", "code", is_required=True),
            asked(SelectionAnswer(["a", "b"], other_selection=True), "Radio?", "radio", is_required=True),
            asked(SelectionAnswer(["c", "d"], max_selection_count=2), "Boxes?", "boxes"),
            asked(SelectionAnswer(["e"], style_suggestion="dropdown", other_selection=True), "List?", "list"),
            asked(FreeTextAnswer(is_numeric=IsNumeric(1)), "Number?", "number"),
        ],
    )
    await send(page)
    await expect(page.locator("input:invalid")).to_have_count(4)  # a line, and three buttons of one group
    await page.get_by_label("Code?").fill("x")
    await page.get_by_label("Number?").fill("y")
    await page.get_by_label("a", exact=True).check()
    await send(page)
    await expect(page.locator("input:invalid")).to_have_count(2)
    assert office.posted == []
    await page.get_by_label("Code?").fill("12345")
    await page.get_by_label("Number?").fill("5")
    await page.get_by_label("d", exact=True).check()
    await page.get_by_label("Other, in your own words:").last.fill("mine")
    answers = await office.answers(page)
    assert answers == Answers(
        {"code": "12345", "radio": ("a",), "boxes": ("d",), "list": (), "number": "5"}, {"list": "mine"}
    )


async def test_preview(page: Page, office: Office) -> None:
    """A preview can be tried, and nothing sends it."""
    answer = SelectionAnswer(["a"], other_selection=True)
    await office.show(page, [asked(FreeTextAnswer(), "Text?", "t"), asked(answer, is_required=True)], preview=True)
    await expect(page.get_by_role("button", name="Submit")).to_have_count(0)
    await page.get_by_label("Text?").fill("x")
    await choose(page, "Other")
    await page.get_by_label("Other, in your own words:").fill("y")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Other, in your own words:")).to_be_focused()
    await expect(page).to_have_title("Cats")
    assert office.posted == []


async def test_what_the_page_around_is_told(page: Page, office: Office) -> None:
    """It learns how high the page is, whenever that changes, that somebody is at it, what is typed, when it is sent."""
    office.form = QuestionForm([asked(FreeTextAnswer(), is_required=True), asked(FreeTextAnswer(), identifier="r")])
    await page.goto(f"{office.address}/outer")
    frame = page.frame_locator("iframe")
    await page.wait_for_function(f"{HEIGHT} > 100 && {HEIGHT} === {CONTENT}")
    first = await page.evaluate(HEIGHT)
    await frame.get_by_role("button", name="Submit").click()
    # The error needs a line.
    await page.wait_for_function(f"(first) => {HEIGHT} > first && {HEIGHT} === {CONTENT}", arg=first)
    assert await page.evaluate(HEIGHT) < 1000
    for number in (0, 1):
        await frame.locator(f'[id="question.{number}"]').press_sequentially("ab")
    # What was put right needs no line any more.
    await page.wait_for_function(f"(first) => {HEIGHT} === first", arg=first)
    await page.wait_for_function(f"{TYPED} === 'ab,ab'")
    others = [each["aioturk"] for each in await page.evaluate("told") if set(each) == {"aioturk"}]
    assert set(others) == {"input", "submitting", "typed", "resume"}


async def test_what_is_entered_before_the_draft_comes_back(page: Page, office: Office) -> None:
    """What somebody enters before it stays, the rest comes back, and until then nothing takes the draft's place."""
    animals = SelectionAnswer(["cat", "dog"], style_suggestion="radiobutton")
    office.form = QuestionForm(
        [asked(FreeTextAnswer(), "One?"), asked(FreeTextAnswer(), "Two?", "r"), asked(animals, "Animal?", "s")]
    )
    await page.goto(f"{office.address}/outer")
    frame = page.frame_locator("iframe")
    one, two = frame.get_by_label("One?"), frame.get_by_label("Two?")
    await one.fill("before")
    await two.fill("old")
    await frame.get_by_label("cat").check()
    await page.wait_for_function(f"{TYPED} === 'before,old,true,false'")
    draft = await page.evaluate(f"{DRAFTS}.at(-1)")

    await page.reload()
    await page.evaluate("kept = undefined")
    inside = await (await page.locator("iframe").element_handle()).content_frame()
    assert inside is not None
    await inside.goto(inside.url)
    asked_for = "told.filter((each) => each.aioturk === 'resume').length"
    before = await page.evaluate(asked_for)
    await one.fill("now")
    await frame.get_by_label("dog").check()
    await page.wait_for_function(f"(before) => {asked_for} >= before + 2", arg=before)  # it asks again instead
    assert await page.evaluate(f"{DRAFTS}.length") == 0
    await page.evaluate(
        """(value) => {
          kept = value;
          document.querySelector("iframe").contentWindow.postMessage({ aioturk: "draft", value }, "*");
        }""",
        draft,
    )
    await expect(two).to_have_value("old")
    await expect(one).to_have_value("now")
    await expect(frame.get_by_label("dog")).to_be_checked()
    await page.wait_for_function(f"{TYPED} === 'now,old,false,true'")


async def test_a_form_does_not_make_its_frame_grow(page: Page, office: Office) -> None:
    """A frame that always becomes as high as the form says comes to rest, and is as high as what is in it."""
    office.form = QuestionForm([asked(FreeTextAnswer(), is_required=True)])
    await page.goto(f"{office.address}/outer")
    await page.evaluate(
        """() => addEventListener("message", ({ data }) => {
          if (data.aioturk === "height") document.querySelector("iframe").height = String(data.value);
        })"""
    )
    frame = page.frame_locator("iframe")
    await frame.get_by_role("button", name="Submit").click()
    await expect(frame.get_by_text("Answer this question.")).to_be_visible()
    inside = "document.querySelector('iframe').contentWindow"
    need = f"{inside}.document.documentElement.scrollHeight"
    fits = f"{HEIGHT} === {CONTENT} && {HEIGHT} === {need} && {need} === {inside}.innerHeight"
    await page.wait_for_function(fits)
    for _ in range(10):
        await page.evaluate("() => new Promise(requestAnimationFrame)")
    assert await page.evaluate("told.filter((each) => each.aioturk === 'height').length") <= 3
    assert await page.evaluate(fits)


# Looks.


def everything(office: Office) -> list[Any]:
    """Return the parts of a form with all kinds of content and fields."""
    answer = SelectionAnswer({"a": "One", "b": "Two"}, other_selection=OtherSelection(is_numeric=True))
    rich = FormattedContent(
        "<h3>Rules</h3><table border='1' width='2000'><tr><th scope='col' bgcolor='#ffffcc'>Do</th></tr>"
        "<tr><td><font color='#202020'>Look at <a href='https://example.org/'>this</a>.</font></td></tr></table>"
    )
    return [
        Title("Animals"),
        "First\nsecond",
        BulletList(["one", "two"]),
        rich,
        *(office.cat(mime_type=kind) for kind in ("image", "audio", "video")),
        asked(
            FreeTextAnswer(is_numeric=IsNumeric(1)), ["Number?", office.cat()], "n", display_name="A", is_required=True
        ),
        asked(FreeTextAnswer(number_of_lines_suggestion=3, length=Length(2, 9)), "Story?", "story"),
        *(
            asked(
                SelectionAnswer(answer.selections, other_selection=answer.other_selection, style_suggestion=style),
                f"{style}?",
                str(style),
                is_required=True,
            )
            for style in STYLES
        ),
        asked(SelectionAnswer({"c": office.cat(), "d": rich}, max_selection_count=2), rich, "rich", is_required=True),
    ]


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)])
async def test_for_everybody(open_page: OpenPage, office: Office, dark: bool, phone: bool) -> None:
    """
    Nothing keeps anybody from using any field, in light and in dark colours, fresh and with all its errors; nothing is
    wider than a phone.
    """
    page = await open_page(dark=dark, phone=phone)
    for preview in (True, False):
        await office.show(page, everything(office), preview=preview)
        await expect_no_faults(page)
    await page.get_by_label("Other", exact=True).first.check()
    await send(page)
    await expect(error_of(page)).to_be_visible()
    await expect_no_faults(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def expect_no_faults(page: Page) -> None:
    """Let axe look for faults; films without captions are the requester's."""
    found = await Axe().run(page)
    faults = found.response["violations"]
    assert [(each["id"], each["impact"], [node["html"] for node in each["nodes"]]) for each in faults] == []


async def test_hostile_texts_do_nothing(page: Page, office: Office) -> None:
    """Whatever stands in a form runs nothing, even where no policy would keep it from running."""
    office.policy = ""
    happened: list[str] = []

    async def dismiss(dialog: Dialog) -> None:
        happened.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", dismiss)
    for text in HOSTILE:
        await office.show(page, filled_with(text))
        await expect(page.locator("script")).to_have_count(3)
        await page.evaluate(EVENTS)
        await send(page)  # which shows the error text, unless the text matches itself as a pattern
        await page.wait_for_function("document.title === 'Thanks' || document.querySelector('.error:not([hidden])')")
        assert happened == []
