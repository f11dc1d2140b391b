"""The reference's line 91: how question forms are shown and checked; seen by boto3 and Chromium alone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from playwright.async_api import expect

from aioturk.marketplace import Marketplace

from ..marketplace.support import ANNA, SCHEMAS, Requester

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

STYLES = ("radiobutton", "checkbox", "list", "dropdown", "combobox", "multichooser")


def question(name: str, answer: str, *, required: bool = False) -> str:
    """A question of a form."""
    return (
        f"<Question><QuestionIdentifier>{name}</QuestionIdentifier><DisplayName>{name}</DisplayName>"
        f"<IsRequired>{str(required).lower()}</IsRequired>"
        f"<QuestionContent><Text>Question {name}</Text></QuestionContent>"
        f"<AnswerSpecification>{answer}</AnswerSpecification></Question>"
    )


def text(constraints: str = "", lines: int = 1) -> str:
    """An answer that is written."""
    return (
        f"<FreeTextAnswer><Constraints>{constraints}</Constraints>"
        f"<NumberOfLinesSuggestion>{lines}</NumberOfLinesSuggestion></FreeTextAnswer>"
    )


def selection(style: str) -> str:
    """An answer that is chosen, or something else."""
    most = 2 if style in ("checkbox", "list", "multichooser") else 1
    return (
        "<SelectionAnswer><MinSelectionCount>0</MinSelectionCount>"
        f"<MaxSelectionCount>{most}</MaxSelectionCount><StyleSuggestion>{style}</StyleSuggestion><Selections>"
        "<Selection><SelectionIdentifier>r</SelectionIdentifier><Text>Red</Text></Selection>"
        "<Selection><SelectionIdentifier>g</SelectionIdentifier><Text>Green</Text></Selection>"
        "</Selections></SelectionAnswer>"
    )


FORM = (
    f'<QuestionForm xmlns="{SCHEMAS}/2017-11-06/QuestionForm.xsd">'
    + question("required", text(), required=True)
    + question("length", text('<Length minLength="2" maxLength="4"/>'))
    + question("numeric", text('<IsNumeric minValue="1" maxValue="9"/>'))
    + question("regex", text('<AnswerFormatRegex regex="^a+$" errorText="Only the letter a." flags="i"/>'))
    + question("plain", text('<AnswerFormatRegex regex="^b$"/>'))
    + question("lines", text(lines=5))
    + "".join(question(style, selection(style)) for style in STYLES)
    + "</QuestionForm>"
)


async def test_91_question_forms(market: Marketplace, turk: Requester, page: Page) -> None:
    """Every kind of answer is there; IsRequired, Length, IsNumeric, AnswerFormatRegex are checked, with errorText."""
    hit = await turk.hit(Question=FORM)
    await page.goto(market.url)
    await page.get_by_label("Worker id").fill(ANNA)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("link", name="Guess the age").click()
    task = page.frame_locator("iframe.task")
    await expect(task.get_by_text("Question required")).to_be_visible()
    await expect(task.get_by_role("button", name="Submit")).to_have_count(0)
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_role("button", name="Return")).to_be_visible()  # the preview has the same fields

    def part(name: str) -> Locator:
        return task.locator("fieldset, .question, section").filter(has_text=f"Question {name}").last

    async def write(name: str, value: str) -> None:
        await part(name).locator("input:not([type=hidden]), textarea").first.fill(value)

    submit = task.get_by_role("button", name="Submit")
    for name, value in {"length": "x", "numeric": "10", "regex": "abc", "plain": "c"}.items():
        await write(name, value)
    await submit.click()
    await expect(part("regex").get_by_text("Only the letter a.")).to_be_visible()
    await expect(part("plain").get_by_text("Invalid input supplied.")).to_be_visible()
    for name in ("required", "length", "numeric", "regex", "plain"):
        field = part(name).locator("input:not([type=hidden]), textarea").first
        await expect(field).to_have_attribute("aria-invalid", "true")
    assert (await turk("GetHIT", HITId=hit["HITId"]))["HIT"]["NumberOfAssignmentsPending"] == 1

    good = {"required": "x", "length": "abc", "numeric": "5", "regex": "AaA", "plain": "b", "lines": "one\ntwo"}
    for name, value in good.items():
        await write(name, value)
    await expect(part("lines").locator("textarea")).to_have_count(1)
    await part("radiobutton").get_by_label("Green").check()
    await part("checkbox").get_by_label("Red").check()
    await part("list").locator("select").select_option(label="Green")
    await part("dropdown").locator("select").select_option(label="Red")
    await submit.click()
    await expect(page.get_by_text("Your answers have come in.")).to_be_visible()

    (assignment,) = (await turk("ListAssignmentsForHIT", HITId=hit["HITId"]))["Assignments"]
    answers = {}
    for answer in ElementTree.fromstring(assignment["Answer"].encode()):
        name, *given = ("".join(part.itertext()) for part in answer)
        answers[name] = given
    chosen = {"radiobutton": ["g"], "checkbox": ["r"], "list": ["g"], "dropdown": ["r"]}
    good["lines"] = "one\r\ntwo"  # as browsers send it
    written = {name: [value] for name, value in good.items()}
    assert {name: answers[name] for name in (*good, *chosen)} == {**written, **chosen}
