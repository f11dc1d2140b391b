"""
Crowd HTML elements: what a person does with each of them, and exactly what the form then sends.

The pages are served by a server of a few lines, whose `/mturk/externalSubmit` keeps what it is sent; nothing of the
marketplace runs here.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from aioturk.answers import read_answers, write_answers
from aioturk.marketplace.site.crowd_elements import script

from .conftest import Failures, OpenPage, new_context

PICTURE = "/picture.svg"
ASSIGNMENT = "3ASSIGNMENT"
SENT_TO = "/mturk/externalSubmit"


@dataclass
class Server:
    """Serves one page at a time, and keeps what was sent."""

    url: str = ""
    body: str = ""
    head: str = ""
    script: str = '<script src="/crowd.js"></script>'
    sent: list[list[tuple[str, str]]] = field(default_factory=list)

    async def page(self, _: web.Request) -> web.Response:
        """Answer with the page."""
        text = (
            '<!DOCTYPE html><html lang="en"><head><title>A task</title><meta charset="utf-8">'
            f"{self.script}{self.head}</head><body><main>{self.body}</main></body></html>"
        )
        return web.Response(text=text, content_type="text/html")

    async def submit(self, request: web.Request) -> web.Response:
        """Keep what was sent."""
        assert request.content_type == "application/x-www-form-urlencoded"
        self.sent.append([(name, str(value)) for name, value in (await request.post()).items()])
        return web.Response(text="<p>Thank you!</p>", content_type="text/html")

    @property
    def answers(self) -> Any:
        """The one object of the one submission."""
        [[assignment, (name, text)]] = self.sent
        assert assignment == ("assignmentId", ASSIGNMENT)
        assert name == "taskAnswers"
        [answers] = json.loads(text)
        return answers


async def crowd_script(_: web.Request) -> web.Response:
    """Answer with the elements."""
    return web.Response(text=script(), content_type="text/javascript")


async def picture(_: web.Request) -> web.Response:
    """Answer with a picture of 800 by 400 pixels."""
    text = '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="400"><rect width="100%" height="100%"/></svg>'
    return web.Response(text=text, content_type="image/svg+xml")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(browser: Browser) -> AsyncIterator[tuple[Page, Failures]]:
    """One page for most tests: each of them loads a document of its own, and none keeps anything."""
    context = await new_context(browser)
    failures = Failures()
    failures.watch(context)
    yield await context.new_page(), failures
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(window: tuple[Page, Failures]) -> AsyncIterator[Page]:
    """That page, no script of which may fail."""
    page, failures = window
    yield page
    failures.check()


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[Server]:
    """A server on a free port."""
    server = Server()
    application = web.Application()
    application.router.add_get("/", server.page)
    application.router.add_get("/crowd.js", crowd_script)
    application.router.add_get(PICTURE, picture)
    application.router.add_post(SENT_TO, server.submit)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


async def show(page: Page, server: Server, body: str, *, form: bool = True, **query: str | None) -> None:
    """Show a page with these elements in a form, as it is for an accepted task unless the query says otherwise."""
    server.body = f"<crowd-form>{body}</crowd-form>" if form else body
    parameters = {"assignmentId": ASSIGNMENT, "hitId": "3HIT", "workerId": "A1", "turkSubmitTo": server.url} | query
    told = urlencode({name: value for name, value in parameters.items() if value is not None})
    await page.goto(f"{server.url}/?{told}")


async def submit(page: Page, server: Server) -> Any:
    """Press the form's button, and return what was sent."""
    await page.get_by_role("button", name="Submit").click()
    await page.wait_for_url(f"**{SENT_TO}")
    return server.answers


@pytest.mark.parametrize("how", ["in the head", "deferred"])
async def test_pages_that_wait_for_the_elements(page: Page, server: Server, how: str) -> None:
    """A template's script that waits for the elements runs when they are there, and what it sets is the answer."""
    if how == "deferred":
        server.script = '<script src="/crowd.js" defer></script>'
    await show(
        page,
        server,
        '<script>document.addEventListener("all-crowd-elements-ready", () => {'
        'document.querySelector("crowd-input").value = "set"; });'
        'window.addEventListener("all-crowd-elements-ready", () => { document.title = "Ready"; });</script>'
        '<crowd-input name="a" label="A"></crowd-input>',
    )
    await expect(page).to_have_title("Ready")
    assert await submit(page, server) == {"a": "set"}


async def test_text(page: Page, server: Server) -> None:
    """Texts come as they were typed, line breaks too; what was left empty does not come at all."""
    await show(
        page,
        server,
        '<crowd-input name="tag" label="Word"></crowd-input><crowd-input name="left" label="Other"></crowd-input>'
        '<crowd-input name="old" label="Old" value="preset"></crowd-input>'
        '<crowd-text-area name="essay" label="Essay" rows="3"></crowd-text-area>'
        '<crowd-input name="day" type="date" label="Day"></crowd-input><crowd-input name="n" type="number" label="N">'
        "</crowd-input>",
    )
    await page.get_by_label("Word").fill('a "quoted" <b>ü</b> & more')
    await page.get_by_label("Essay").click()
    await page.keyboard.type("one\ntwo")
    await page.get_by_label("Day").fill("2026-11-22")
    await page.get_by_label("N", exact=True).fill("7")
    assert await submit(page, server) == {
        "tag": 'a "quoted" <b>ü</b> & more',
        "old": "preset",
        "essay": "one\ntwo",
        "day": "2026-11-22",
        "n": "7",
    }


async def test_text_that_is_wrong(page: Page, server: Server) -> None:
    """What is required, too short, or no address is told beside the field, which gets the focus; nothing is sent."""
    await show(
        page,
        server,
        '<crowd-input name="a" label="First" required error-message="Say it!"></crowd-input>'
        '<crowd-text-area name="b" label="Second" required min-length="3" max-length="5"></crowd-text-area>'
        '<crowd-input name="c" label="Third" type="email"></crowd-input>'
        '<crowd-input name="d" label="Fourth" disabled required></crowd-input>',
    )
    button = page.get_by_role("button", name="Submit")
    await button.click()
    await expect(page.get_by_label("First")).to_be_focused()
    await expect(page.get_by_text("Say it!")).to_be_visible()
    await expect(page.get_by_text("2 answers need another look")).to_be_visible()
    await expect(page.get_by_label("First")).to_have_attribute("aria-invalid", "true")

    await page.get_by_label("First").fill("x")
    await expect(page.get_by_text("Say it!")).to_be_hidden()
    await page.get_by_label("Second").press_sequentially("12")
    await page.get_by_label("Third").fill("nobody")
    await button.click()
    await expect(page.get_by_text("at least 3 characters")).to_be_visible()
    await expect(page.get_by_label("Second")).to_be_focused()
    await page.get_by_label("Second").press_sequentially("34567")
    await page.get_by_label("Third").fill("a@example.org")
    assert await submit(page, server) == {"a": "x", "b": "12345", "c": "a@example.org"}


async def test_allowed_pattern(page: Page, server: Server) -> None:
    """Characters that the template does not allow are ignored, typed or pasted."""
    await show(page, server, '<crowd-input name="n" label="N" auto-validate allowed-pattern="[0-9]"></crowd-input>')
    await page.get_by_label("N").click()
    await page.keyboard.type("1a2")
    await page.keyboard.insert_text("b3c4")
    assert await submit(page, server) == {"n": "1234"}


async def test_boxes_to_tick(page: Page, server: Server) -> None:
    """Each state comes under its value, all of one name in one object; a click and the space bar both change it."""
    await show(
        page,
        server,
        '<crowd-checkbox name="seen">I saw it</crowd-checkbox>'
        '<crowd-checkbox name="looks" value="dim">Dim</crowd-checkbox>'
        '<crowd-checkbox name="looks" value="bright" checked>Bright</crowd-checkbox>'
        '<crowd-checkbox name="gone" disabled>Gone</crowd-checkbox>'
        '<crowd-toggle-button name="light">Light</crowd-toggle-button>'
        '<label for="late">Late</label><crowd-checkbox id="late" name="late"></crowd-checkbox>',
    )
    await page.get_by_text("I saw it").click()
    await page.get_by_role("checkbox", name="Dim").focus()
    await page.keyboard.press("Space")
    await page.get_by_role("switch", name="Light").click()
    await page.get_by_text("Late").click()
    await expect(page.get_by_role("checkbox", name="I saw it")).to_be_checked()
    await expect(page.get_by_role("checkbox", name="Gone")).to_be_disabled()
    assert await submit(page, server) == {
        "seen": {"on": True},
        "looks": {"dim": True, "bright": True},
        "light": {"on": True},
        "late": {"on": True},
    }


async def test_radio_buttons(page: Page, server: Server) -> None:
    """One of a group is chosen, by mouse or arrows; every button comes, chosen or not; a required group waits."""
    await show(
        page,
        server,
        '<crowd-radio-group label="Mood" required><crowd-radio-button name="good" value="yes">Good</crowd-radio-button>'
        '<crowd-radio-button name="bad" value="yes">Bad</crowd-radio-button>'
        '<crowd-radio-button name="so" value="yes">So-so</crowd-radio-button></crowd-radio-group>'
        '<crowd-radio-group name="size"><crowd-radio-button value="s">Small</crowd-radio-button>'
        '<crowd-radio-button value="l" checked>Large</crowd-radio-button></crowd-radio-group>',
    )
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("Please choose one.")).to_be_visible()
    await expect(page.get_by_role("radio", name="Good")).to_be_focused()
    await page.get_by_role("radio", name="Good").click()
    await expect(page.get_by_text("Please choose one.")).to_be_hidden()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("radio", name="So-so")).to_be_checked()
    assert await submit(page, server) == {
        "good": {"yes": False},
        "bad": {"yes": False},
        "so": {"yes": True},
        "size": {"s": False, "l": True},
    }


async def test_slider(page: Page, server: Server) -> None:
    """A slider gives a number once it was moved; one that nobody touched gives none, and holds the form if required."""
    await show(
        page,
        server,
        '<crowd-slider name="much" label="How much" min="1" max="10" step="1" pin required></crowd-slider>'
        '<crowd-slider name="still" label="Still" min="0" max="5"></crowd-slider>'
        '<crowd-slider name="preset" label="Preset" min="0" max="1" step="0.25" value="0.5" editable></crowd-slider>'
        '<crowd-slider name="least" label="Least" min="1" max="3" editable></crowd-slider>',
    )
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("Please move the knob")).to_be_visible()
    await page.keyboard.press("End")
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_text("Please move the knob")).to_be_hidden()
    await page.get_by_role("slider", name="Least").press("Home")
    await page.get_by_role("spinbutton", name="Preset").fill("0.75")
    assert await submit(page, server) == {"much": 9, "preset": 0.75, "least": 1}


async def test_classifiers(page: Page, server: Server) -> None:
    """One category as a label, several as labels; the category for "none" and the others exclude each other."""
    await show(
        page,
        server,
        """<crowd-classifier name="mood" header="Which mood?" categories="['Good', 'It\\'s bad',]">
        <classification-target>What a day!</classification-target><short-instructions>Be quick.</short-instructions>
        <full-instructions header="At length">Take your time.</full-instructions></crowd-classifier>
        <crowd-classifier-multi-select name="kinds" categories='["Cat", "Dog"]' exclusion-category="{ text: 'None' }">
        </crowd-classifier-multi-select>
        <crowd-classifier-multi-select name="free" categories='["Sun"]'></crowd-classifier-multi-select>""",
    )
    await expect(page.get_by_text("What a day!")).to_be_visible()
    await expect(page.get_by_text("Be quick.")).to_be_visible()
    await expect(page.get_by_text("Take your time.")).to_be_hidden()
    await page.get_by_role("button", name="View full instructions").click()
    await expect(page.get_by_role("dialog", name="At length")).to_be_visible()
    await expect(page.get_by_text("Take your time.")).to_be_visible()
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_role("radio", name="Good")).to_be_focused()
    await page.get_by_label("It's bad").check()
    for label in ("None", "Cat", "Dog"):
        await page.get_by_label(label).check()
    await expect(page.get_by_label("None")).not_to_be_checked()
    assert await submit(page, server) == {
        "mood": {"label": "It's bad"},
        "kinds": {"labels": ["Cat", "Dog"]},
        "free": {"labels": []},
    }


async def test_image_classifiers(page: Page, server: Server) -> None:
    """Pictures are classified in the same way; what was marked before is shown on them; a comment can be added."""
    await show(
        page,
        server,
        f"""<crowd-image-classifier name="good" src="{PICTURE}" header="Is the box right?" categories="['good', 'bad']"
        overlay='{{"boundingBox": {{labels: ["bird"], value: [{{height: 100, label: "bird", left: 200, top: 100,
        width: 400}},]}},}}'><worker-comment link-text="Why?">Tell us.</worker-comment></crowd-image-classifier>
        <crowd-image-classifier-multi-select name="animals" src="{PICTURE}" categories="['Cat', 'Dog']">
        </crowd-image-classifier-multi-select>""",
    )
    mark = await page.get_by_text("bird").bounding_box()
    whole = await page.get_by_role("img").first.bounding_box()
    assert mark is not None
    assert whole is not None
    assert mark["x"] - whole["x"] == pytest.approx(whole["width"] / 4, abs=3)
    await page.get_by_label("bad").check()
    await page.get_by_label("Why?").fill("too small")
    await page.get_by_label("Dog").check()
    assert await submit(page, server) == {
        "good": {"label": "bad", "workerComment": "too small"},
        "animals": {"labels": ["Dog"]},
    }


BOXES = f"""<crowd-bounding-box name="found" src="{PICTURE}" header="Mark them" labels="['Cat', 'Dog']">
</crowd-bounding-box>"""


async def corner(page: Page) -> tuple[float, float]:
    """Where the picture to mark begins, in the window; it is shown as large as it is."""
    image = page.get_by_alt_text("The picture to mark")
    await expect(image).to_have_js_property("naturalWidth", 800)
    await image.scroll_into_view_if_needed()
    area = await image.bounding_box()
    assert area is not None
    assert area["width"] == 800
    return area["x"], area["y"]


async def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press, move and release the mouse."""
    await page.mouse.move(*start)
    await page.mouse.down()
    await page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    await page.mouse.move(*end)
    await page.mouse.up()


async def test_boxes_by_mouse(page: Page, server: Server) -> None:
    """Boxes are drawn, moved, resized, given another label and removed; they come in the picture's own pixels."""
    await show(page, server, BOXES)
    x, y = await corner(page)
    await drag(page, (x + 100, y + 50), (x + 200, y + 150))
    await page.get_by_label("Dog", exact=True).check()
    await drag(page, (x + 500, y + 300), (x + 400, y + 250))  # from the lower right
    await drag(page, (x + 600, y + 100), (x + 700, y + 200))
    await page.mouse.click(x + 750, y + 20)  # a click draws nothing
    await drag(page, (x + 150, y + 100), (x + 160, y + 120))  # the first one moves
    await drag(page, (x + 210, y + 170), (x + 230, y + 180))  # and its lower right corner
    await drag(page, (x + 450, y + 280), (x + 450, y + 900))  # not beyond the picture
    await page.get_by_role("button", name="Dog: 100 by 100").focus()
    await page.keyboard.press("Delete")
    await page.get_by_label("Label of box 2").select_option("Cat")
    assert await submit(page, server) == {
        "found": {
            "boundingBoxes": [
                {"height": 110, "label": "Cat", "left": 110, "top": 70, "width": 120},
                {"height": 50, "label": "Cat", "left": 400, "top": 350, "width": 100},
            ],
            "inputImageProperties": {"height": 400, "width": 800},
        }
    }


async def test_boxes_by_keyboard(page: Page, server: Server) -> None:
    """A box is added, moved, resized and removed without a mouse."""
    await show(page, server, BOXES)
    await corner(page)
    add = page.get_by_role("button", name="Add a box")
    await add.press("Enter")
    for key in ("ArrowLeft", "Alt+ArrowUp", "Shift+ArrowRight", "Alt+Shift+ArrowDown"):
        await page.keyboard.press(key)
    await expect(
        page.get_by_role("button", name="Cat: 408 by 201 pixels, 192 from the left, 99 from the top")
    ).to_be_focused()
    await add.press("Enter")
    await page.keyboard.press("Delete")
    await expect(add).to_be_focused()
    await add.press("Enter")
    await page.get_by_role("button", name="Remove box 2").press("Enter")
    answers = await submit(page, server)
    assert answers["found"]["boundingBoxes"] == [{"height": 201, "label": "Cat", "left": 192, "top": 99, "width": 408}]


async def test_boxes_by_touch(open_page: OpenPage, server: Server) -> None:
    """A finger draws on a picture that is shown smaller than it is; boxes from before say whether they were changed."""
    page = await open_page(phone=True)
    initial = "[{label: 'Dog', left: 10, top: 20, width: 30, height: 40},]"
    await show(page, server, BOXES.replace("labels=", f'initial-value="{initial}" labels='))
    image = page.get_by_alt_text("The picture to mark")
    await expect(image).to_have_js_property("naturalWidth", 800)
    await image.scroll_into_view_if_needed()
    area = await image.bounding_box()
    assert area is not None
    assert area["width"] < 375
    values = "document.querySelector('crowd-bounding-box').value.initialValueModified"
    assert await page.evaluate(values) is False

    touch = await page.context.new_cdp_session(page)

    async def finger(kind: str, share: float) -> None:
        point = {"x": area["x"] + share * area["width"], "y": area["y"] + share * area["height"]}
        await touch.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if kind == "touchEnd" else [point]}
        )

    await finger("touchStart", 0.5)
    await finger("touchMove", 0.6)
    await finger("touchMove", 0.75)
    await finger("touchEnd", 0.75)
    answers = (await submit(page, server))["found"]
    assert answers["initialValueModified"] is True
    first, second = answers["boundingBoxes"]
    assert first == {"height": 40, "label": "Dog", "left": 10, "top": 20, "width": 30}
    assert second["left"] == pytest.approx(400, abs=4)
    assert second["width"] == pytest.approx(200, abs=4)
    assert second["height"] == pytest.approx(100, abs=4)


async def test_ordinary_fields(page: Page, server: Server) -> None:
    """The browser's own fields are sent too, switches like those of the elements; names that meet lose nothing."""
    await show(
        page,
        server,
        """<label>Name <input name="who" required></label><input type="hidden" name="item" value="17">
        <textarea name="why" aria-label="Why"></textarea>
        <select name="size" aria-label="Size"><option>S</option><option>L</option></select>
        <select name="days" multiple aria-label="Days">
        <option>Mo</option><option>Tu</option><option>We</option></select>
        <label><input type="radio" name="ok" value="yes"> Yes</label>
        <label><input type="radio" name="ok" value="no"> No</label>
        <label><input type="checkbox" name="sure"> Sure</label><input name="left" aria-label="Left">
        <input name="twice" value="a" aria-label="A"><input name="twice" value="b" aria-label="B">
        <input name="off" value="x" disabled aria-label="Off">
        <fieldset disabled><crowd-input name="off2" value="y"></crowd-input></fieldset>
        <input name="__proto__" value="z" aria-label="Z">""",
    )
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("one answer needs another look")).to_be_visible()
    await expect(page.get_by_label("Name")).to_be_focused()
    await page.get_by_label("Name").fill("Ann")
    await page.get_by_label("Why").fill("a\nb")
    await page.get_by_label("Size").select_option("L")
    await page.get_by_label("Days").select_option(["Mo", "We"])
    await page.get_by_label("No", exact=True).check()
    assert await submit(page, server) == {
        "who": "Ann",
        "item": "17",
        "why": "a\nb",
        "size": "L",
        "days": ["Mo", "We"],
        "ok": {"yes": False, "no": True},
        "sure": {"on": False},
        "twice": ["a", "b"],
        "__proto__": "z",
    }


async def test_buttons(page: Page, server: Server) -> None:
    """Buttons submit or reset; others, and those that are switched off, do neither, and their clicks reach the page."""
    await show(
        page,
        server,
        """<crowd-input name="a" label="A" value="first"></crowd-input><crowd-checkbox name="b">B</crowd-checkbox>
        <input name="c" value="one" aria-label="C">
        <crowd-button id="plain">Plain</crowd-button><crowd-button disabled form-action="submit">Off</crowd-button>
        <crowd-button form-action="reset">Again</crowd-button>
        <crowd-icon-button icon="report-problem"></crowd-icon-button><crowd-fab icon="search" title="Find"></crowd-fab>
        <crowd-button href="#there">There</crowd-button>
        <button>Next</button><crowd-button form-action="submit">Send</crowd-button>""",
    )
    await page.evaluate("plain.addEventListener('click', () => { window.clicks = (window.clicks ?? 0) + 1; })")
    await page.get_by_role("button", name="Plain").click()
    await page.get_by_role("button", name="Plain").press("Enter")
    assert await page.evaluate("clicks") == 2
    await page.get_by_role("button", name="Off").dispatch_event("click")
    await page.get_by_role("button", name="Next").click()
    await page.get_by_role("button", name="report problem").click()
    await page.get_by_role("button", name="Find").click()
    await page.get_by_role("link", name="There").click()
    await expect(page.get_by_role("button", name="Submit")).to_have_count(0)

    await page.get_by_label("A", exact=True).fill("second")
    await page.get_by_role("checkbox", name="B").click()
    await page.get_by_label("C", exact=True).fill("two")
    await page.get_by_role("button", name="Again").click()
    await expect(page.get_by_label("A", exact=True)).to_have_value("first")
    await expect(page.get_by_role("checkbox", name="B")).not_to_be_checked()
    assert server.sent == []
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url(f"**{SENT_TO}")
    assert server.answers == {"a": "first", "b": {"on": False}, "c": "one"}


async def test_a_page_decides(page: Page, server: Server) -> None:
    """A page's own handler can hold the form back, or fill fields in before they are read."""
    await show(page, server, '<input type="hidden" name="made"><crowd-input name="a" label="A" required></crowd-input>')
    await page.evaluate(
        """() => {
          window.events = [];
          document.querySelector('crowd-form').onsubmit = event => {
            events.push(event.type);
            if (events.length === 1) return false;
            document.querySelector('[name=made]').value = 'by the page';
          };
        }"""
    )
    form = "document.querySelector('crowd-form').submit()"
    await page.evaluate(form)
    assert await page.evaluate("events") == []  # something is missing: the page is not even asked
    await page.get_by_label("A").fill("x")
    await page.evaluate(form)
    assert await page.evaluate("events") == ["submit"]
    assert server.sent == []
    await page.evaluate(form)
    await page.wait_for_url(f"**{SENT_TO}")
    assert server.answers == {"made": "by the page", "a": "x"}


async def test_sent_once(page: Page, server: Server) -> None:
    """Two quick clicks send one answer."""
    await show(page, server, '<crowd-input name="a" label="A" value="x"></crowd-input>')
    await page.evaluate("for (let i = 0; i < 3; i += 1) document.querySelector('crowd-form').submit()")
    await page.wait_for_url(f"**{SENT_TO}")
    assert server.answers == {"a": "x"}


@pytest.mark.parametrize("assignment", [None, "", "ASSIGNMENT_ID_NOT_AVAILABLE"])
async def test_preview(page: Page, server: Server, assignment: str | None) -> None:
    """In a preview the form says so, and sends nothing."""
    await show(page, server, '<crowd-input name="a" label="A" value="x"></crowd-input>', assignmentId=assignment)
    await expect(page.get_by_text("This is a preview.")).to_be_visible()
    await page.evaluate("document.addEventListener('submit', () => { window.asked = true; })")
    await page.get_by_role("button", name="Submit").click()
    assert await page.evaluate("window.asked") is None
    assert server.sent == []


@pytest.mark.parametrize("target", [None, "javascript:alert(1)", "//elsewhere.example", "ftp://example.org", "data:,x"])
async def test_nowhere_to_send_to(page: Page, server: Server, target: str | None) -> None:
    """Without an address of the web to send to, the form says so and sends nothing."""
    await show(page, server, '<crowd-input name="a" label="A" value="x"></crowd-input>', turkSubmitTo=target)
    before = page.url
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("was not told where to send answers")).to_be_visible()
    assert page.url == before
    assert server.sent == []


async def test_slash_at_the_end(page: Page, server: Server) -> None:
    """The manual's examples have a slash behind the host: it is not doubled."""
    await show(page, server, '<crowd-input name="a" label="A" value="x"></crowd-input>', turkSubmitTo=f"{server.url}/")
    assert await submit(page, server) == {"a": "x"}


async def test_flat_answers(page: Page, server: Server) -> None:
    """`answer-format="flatten-objects"` sends a field a value, which is read like the answers that are nested."""
    fields = """<crowd-checkbox name="ok" checked>OK</crowd-checkbox>
        <crowd-input name="a" label="A" value="x\u00e9"></crowd-input>
        <crowd-slider name="n" label="N" value="2.5" step="0.5"></crowd-slider>
        <crowd-classifier-multi-select name="kinds" categories="['Cat']"></crowd-classifier-multi-select>"""
    await show(page, server, f'<crowd-form answer-format="flatten-objects">{fields}</crowd-form>', form=False)
    await page.get_by_label("Cat").check()
    await page.get_by_role("button", name="Submit").click()
    await page.wait_for_url(f"**{SENT_TO}")
    [[assignment, *rest]] = server.sent
    assert assignment == ("assignmentId", ASSIGNMENT)
    flat = dict(rest)
    assert flat == {"ok.on": "true", "a": "x\u00e9", "n": "2.5", "kinds.labels": '["Cat"]'}

    server.sent.clear()
    await show(page, server, fields)
    await page.get_by_label("Cat").check()
    nested = read_answers(write_answers({"taskAnswers": json.dumps([await submit(page, server)])}))
    assert nested == {**flat, "kinds.labels": ("Cat",)}


async def test_properties_and_events(page: Page, server: Server) -> None:
    """Pages read and set elements like fields of the browser, and hear of what the person changes."""
    await show(
        page,
        server,
        """<crowd-input id="text" name="t" label="T"></crowd-input><crowd-checkbox id="box" name="b">B</crowd-checkbox>
        <crowd-radio-group id="group"><crowd-radio-button name="r1">R1</crowd-radio-button>
        <crowd-radio-button name="r2" id="second">R2</crowd-radio-button></crowd-radio-group>
        <crowd-slider id="slide" name="s" label="S"></crowd-slider>
        <crowd-classifier id="pick" name="c" categories="['x', 'y']"></crowd-classifier>""",
    )
    await page.evaluate(
        """window.heard = [];
        document.querySelector('crowd-form').addEventListener('change', e => heard.push(e.type + ' ' + e.target.id));
        document.querySelector('crowd-form').addEventListener('input', e => heard.push(e.type + ' ' + e.target.id));"""
    )
    await page.get_by_label("T", exact=True).fill("typed")
    await page.get_by_role("checkbox", name="B").click()
    assert await page.evaluate("heard") == ["input text", "change text", "input box", "change box"]
    assert await page.evaluate("[text.value, box.checked, text.required, text.label]") == ["typed", True, False, "T"]
    await page.evaluate(
        """text.value = 'by script'; text.required = true; box.checked = false; second.checked = true; slide.value = 3;
        pick.value = {label: 'y'};
        const late = document.createElement('crowd-input');
        late.name = 'late'; late.value = 'too'; late.setAttribute('label', 'Late');
        document.querySelector('crowd-form').prepend(late);"""
    )
    assert await page.evaluate("[...group.children].map(each => each.checked)") == [False, True]
    assert await page.evaluate("text.hasAttribute('required')")
    assert await page.evaluate("heard.length") == 4  # what the page did itself it does not hear
    assert await submit(page, server) == {
        "late": "too",
        "t": "by script",
        "b": {"on": False},
        "r1": {"on": False},
        "r2": {"on": True},
        "s": 3,
        "c": {"label": "y"},
    }


async def test_script_that_comes_late(page: Page, server: Server) -> None:
    """What a page set on its elements before the script was loaded is kept."""
    server.script = ""
    await show(
        page, server, '<crowd-input name="a" label="A"></crowd-input><crowd-checkbox name="b">B</crowd-checkbox>'
    )
    await page.evaluate(
        """document.querySelector('crowd-input').value = 'early';
        document.querySelector('crowd-checkbox').checked = true;"""
    )
    await page.add_script_tag(url="/crowd.js")
    await page.add_script_tag(url="/crowd.js")  # twice does no harm
    assert await submit(page, server) == {"a": "early", "b": {"on": True}}


async def test_tabs_and_dialogs(page: Page, server: Server) -> None:
    """One tab is shown at a time; dialogs open and close; what is missing in a hidden tab shows itself."""
    await show(
        page,
        server,
        """<crowd-instructions link-text="How to" link-type="button"><short-summary>In short.</short-summary>
        <positive-example>Like this.</positive-example></crowd-instructions>
        <crowd-modal link-text="See more"><p>Much more.</p></crowd-modal>
        <crowd-tabs><crowd-tab header="One"><p>The first</p></crowd-tab><crowd-tab header="Two"><p>The second</p>
        <crowd-input name="inside" label="Inside" required></crowd-input></crowd-tab></crowd-tabs>""",
    )
    await page.get_by_role("button", name="How to").click()
    dialog = page.get_by_role("dialog", name="How to")
    await expect(page.get_by_text("Like this.")).to_be_visible()
    await expect(dialog.get_by_text("Bad examples")).to_be_hidden()
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_be_hidden()
    await page.get_by_role("button", name="See more").click()
    await expect(page.get_by_text("Much more.")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Much more.")).to_be_hidden()
    await page.evaluate("document.querySelector('crowd-modal').open()")
    await expect(page.get_by_text("Much more.")).to_be_visible()
    # Browsers tell that a dialog was closed some time after it was: it may be open again by then, and stays so.
    await page.evaluate(
        """async () => {
          const modal = document.querySelector("crowd-modal");
          const dialog = modal.shadowRoot.querySelector("dialog");
          const closed = new Promise((resolve) => dialog.addEventListener("close", () => setTimeout(resolve)));
          dialog.close();
          modal.open();
          await closed;
        }"""
    )
    await expect(page.get_by_text("Much more.")).to_be_visible()
    await page.evaluate("document.querySelector('crowd-modal').close()")
    await expect(page.get_by_text("Much more.")).to_be_hidden()

    await expect(page.get_by_text("The first")).to_be_visible()
    await page.get_by_role("tab", name="One").press("ArrowRight")
    await expect(page.get_by_role("tab", name="Two")).to_be_focused()
    await expect(page.get_by_text("The first")).to_be_hidden()
    await expect(page.get_by_text("The second")).to_be_visible()
    await page.get_by_role("tab", name="One").click()
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_label("Inside")).to_be_focused()
    await page.keyboard.type("found")
    assert await submit(page, server) == {"inside": "found"}


async def test_what_is_not_here(page: Page, server: Server) -> None:
    """An element that is not available says so in its place, whenever it comes, and the form is not sent without it."""
    await show(page, server, '<crowd-polygon name="p"><short-instructions>Draw.</short-instructions></crowd-polygon>')
    await expect(page.get_by_text("This task uses <crowd-polygon>, which is not available here.")).to_be_visible()
    await expect(page.get_by_text("Draw.")).to_be_visible()
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("Nothing was sent")).to_be_visible()
    await page.evaluate("document.querySelector('crowd-form').prepend(document.createElement('crowd-keypoint'))")
    await expect(page.get_by_text("This task uses <crowd-keypoint>")).to_be_visible()
    assert server.sent == []


async def test_a_page_with_elements_of_its_own(page: Page, server: Server) -> None:
    """An element that the page itself defines under such a name is left to the page."""
    server.head = "<script type=module>customElements.define('crowd-own', class extends HTMLElement {})</script>"
    await show(page, server, "<crowd-own>Mine</crowd-own>")
    assert await submit(page, server) == {}


async def test_elements_that_are_closed_wrongly(page: Page, server: Server) -> None:
    """Templates often end an element with "/>", or in the wrong order, as the manual's own do: nothing is lost."""
    await show(
        page,
        server,
        """<crowd-form><crowd-classifier name="c" categories="['x', 'y']"><short-instructions><p>In short.</p>
        <crowd-input label="Why" name="why"/></crowd-input><crowd-icon-button id="now" icon="send" title="Now"/>
        </short-instructions></crowd-classifier>
        <crowd-radio-group><crowd-radio-button name="r" value="1">R</crowd-radio-button>
        </crowd-form></crowd-radio-group>
        <script>now.addEventListener('click', () => document.querySelector('crowd-form').submit())</script>""",
        form=False,
    )
    await page.get_by_label("Why").fill("because")
    await page.get_by_label("y", exact=True).check()
    await page.get_by_role("radio", name="R").click()
    await page.get_by_role("button", name="Now").click()
    await page.wait_for_url(f"**{SENT_TO}")
    assert server.answers == {"c": {"label": "y"}, "why": "because", "r": {"1": True}}


@pytest.mark.parametrize(
    ("categories", "labels"),
    [
        ('["a", "b"]', ["a", "b"]),
        ("['a', 'b',]", ["a", "b"]),
        ("[ {label: 'a', id: 1}, {'label': \"b, c\"}, ]", ["a", "b, c"]),
        (r"""['it\'s', "\u00e9\x41", 1, 2.5, true]""", ["it's", "\u00e9A", "1", "2.5", "true"]),
        ("[]", []),
        ("", []),
    ],
)
async def test_ways_to_write_a_list(page: Page, server: Server, categories: str, labels: list[str]) -> None:
    """Lists are read as templates write them, which is not always JSON."""
    await show(page, server, f'<crowd-classifier categories="{escape(categories)}"></crowd-classifier>')
    await expect(page.locator(".choice")).to_have_text(labels)


@pytest.mark.parametrize("categories", ["['a', ", "alert(1)", "{", "['a'] x", "'"])
async def test_a_template_with_a_mistake(page: Page, server: Server, categories: str) -> None:
    """Categories that cannot be read are told to the person, never run, and hold the form back."""
    await show(page, server, f'<crowd-classifier name="c" categories="{categories}"></crowd-classifier>')
    await expect(page.get_by_text("categories of <crowd-classifier> cannot be read")).to_be_visible()
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("Nothing was sent")).to_be_visible()
    assert server.sent == []


async def test_displays(page: Page, server: Server) -> None:
    """Cards, alerts, badges and toasts show their words; an alert and a toast can be put away."""
    await show(
        page,
        server,
        """<crowd-card heading="A card"><div>Inside the card</div></crowd-card>
        <crowd-alert type="error" dismissible>Mind this.</crowd-alert><crowd-badge label="3" for="x"></crowd-badge>
        <crowd-toast duration="0" opened>Hello!</crowd-toast><crowd-toast id="later" text="Later"></crowd-toast>""",
    )
    for text in ("A card", "Inside the card", "Mind this.", "3", "Hello!"):
        await expect(page.get_by_text(text).last).to_be_visible()
    await page.get_by_role("button", name="Close this message").click()
    await expect(page.get_by_text("Mind this.")).to_be_hidden()
    await expect(page.get_by_text("Later")).to_be_hidden()
    await page.evaluate("later.open()")
    await expect(page.get_by_text("Later")).to_be_visible()


async def test_texts_stay_texts(page: Page, server: Server) -> None:
    """What stands in attributes is shown as it is, never taken for markup."""
    evil = "&lt;img src=x onerror=&quot;window.hacked = true&quot;&gt;"
    literal = evil.replace("&quot;", "&apos;")
    await show(
        page,
        server,
        f"""<crowd-input name="a" label="{evil}" error-message="{evil}" required></crowd-input>
        <crowd-classifier name="c" header="{evil}" categories='["{literal.replace("&apos;", "")}"]'></crowd-classifier>
        <crowd-tabs><crowd-tab header="{evil}">x</crowd-tab></crowd-tabs><crowd-card heading="{evil}">y</crowd-card>
        <crowd-modal link-text="{evil}">z</crowd-modal><crowd-toast opened duration="0" text="{evil}"></crowd-toast>""",
    )
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("<img src=x").nth(5)).to_be_attached()
    assert await page.evaluate("[window.hacked, document.querySelectorAll('img').length]") == [None, 0]


EVERYTHING = f"""
<h1>A task</h1>
<crowd-instructions link-text="View instructions" link-type="button">
<short-summary>Short.</short-summary></crowd-instructions>
<crowd-modal link-text="More">More words</crowd-modal>
<crowd-input name="i" label="Word" required placeholder="a word"></crowd-input>
<crowd-input name="i2" placeholder="Address"></crowd-input>
<crowd-text-area name="t" label="Words" rows="3" char-counter></crowd-text-area>
<p>Tick if you like it</p><crowd-checkbox name="c1"></crowd-checkbox>
<crowd-checkbox name="c2" checked>Other</crowd-checkbox>
<crowd-toggle-button name="tb">Switch</crowd-toggle-button>
<crowd-toggle-button name="tb2" checked invalid>On</crowd-toggle-button>
<crowd-radio-group label="Which"><crowd-radio-button name="r1" checked>One</crowd-radio-button>
<crowd-radio-button name="r2">Two
</crowd-radio-button></crowd-radio-group>
<crowd-slider name="s" label="How much" min="1" max="10" pin editable></crowd-slider>
<crowd-classifier name="cl" header="Which mood?" categories="['Good', 'Bad']"><classification-target>What a day
</classification-target><short-instructions>Quick</short-instructions><full-instructions>Slow</full-instructions></crowd-classifier>
<crowd-classifier-multi-select name="cm" header="Which?" categories="['A', 'B']"
exclusion-category="{{text: 'None'}}">
</crowd-classifier-multi-select>
<crowd-image-classifier name="ic" src="{PICTURE}" header="Picture?" categories="['Cat']">
<worker-comment>Why</worker-comment>
</crowd-image-classifier>
<crowd-bounding-box name="bb" src="{PICTURE}" header="Mark" labels="['Cat', 'Dog']"
initial-value="[{{label: 'Cat', left: 10, top: 10, width: 200, height: 100}}]"></crowd-bounding-box>
<crowd-tabs><crowd-tab header="One">First</crowd-tab><crowd-tab header="Two">Second</crowd-tab></crowd-tabs>
<crowd-card heading="Card"><p>In a card</p></crowd-card><crowd-alert type="warning" dismissible>Careful</crowd-alert>
<crowd-alert type="error">Wrong</crowd-alert><crowd-badge label="3"></crowd-badge>
<crowd-fab icon="search" title="Find"></crowd-fab>
<crowd-icon-button icon="report-problem"></crowd-icon-button><crowd-button>Plain</crowd-button>
<crowd-button variant="link">Link</crowd-button><crowd-button href="#x">There</crowd-button>
<crowd-toast opened duration="0">Hello</crowd-toast><crowd-polygon name="pg"></crowd-polygon>
"""


@pytest.mark.parametrize("scheme", ["light", "dark", "unaware"])
async def test_accessibility(open_page: OpenPage, server: Server, scheme: str) -> None:
    """
    No serious fault for axe, in light and dark colours and on a page that knows light ones only.

    At a phone's width nothing sticks out.
    """
    page = await open_page(dark=scheme != "light", viewport={"width": 375, "height": 720})
    server.head = "" if scheme == "unaware" else '<meta name="color-scheme" content="light dark">'
    await show(page, server, EVERYTHING)
    await page.get_by_role("button", name="Submit").click()  # so that all messages are there
    await expect(page.get_by_text("Please choose a category.").first).to_be_visible()
    results = await Axe().run(page)
    serious = [
        (violation["id"], [node["html"][:200] for node in violation["nodes"]])
        for violation in results.response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 375
