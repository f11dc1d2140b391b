"""
Each kind of question on its whole way: built, published, answered by a worker, read as a type, decided.

All of it on a marketplace, and most of it through a `Task`. What each kind is made of has its own tests beside this
file; what happens when something fails on the way is in ``tests/test_tasks.py``.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar

import pytest

from aioturk import Client, ExternalQuestion, Field, HITLayout, HTMLQuestion, HTMLTemplate, QuestionForm, Task
from aioturk.answers import Answers
from aioturk.errors import AnswerError
from aioturk.marketplace import Marketplace
from aioturk.models import QualificationTypeStatus
from aioturk.questions import (
    AnswerFormatRegex,
    FreeTextAnswer,
    IsNumeric,
    Length,
    OtherSelection,
    Question,
    Selection,
    SelectionAnswer,
    parse,
)
from aioturk.questions.answer_specification import SINGLE_STYLES, STYLES, Style
from aioturk.tasks import Submission

T = TypeVar("T")

WORKER = "A1EXAMPLEWORKER"

WORK: dict[str, Any] = {
    "title": "Describe the picture",
    "description": "Look at one picture and answer some questions about it.",
    "reward": "0.25",
    "assignment_duration": timedelta(minutes=5),
    "lifetime": timedelta(days=1),
}

URL = "https://example.org/7.jpg?size=2&crop=1"


@dataclass
class Guess:
    """What most of the pages below ask."""

    age: int
    notes: Annotated[str, Field("AdditionalNotes")] = ""


GUESSED = {"age": " 36 ", "AdditionalNotes": "a <hat> & a beard"}
GUESS = Guess(36, "a <hat> & a beard")

FRAGMENT = """
<p>How old is this person?</p>
<img src="${image_url}" alt="A person">
<input name="age" type="number" required>
<textarea name="AdditionalNotes"></textarea>
"""


@pytest.fixture
async def market() -> AsyncIterator[Marketplace]:
    """A marketplace in memory."""
    async with Marketplace() as market:
        yield market


@pytest.fixture
async def mturk(market: Marketplace) -> AsyncIterator[Client]:
    """A client of it."""
    async with market.client() as client:
        yield client


def task(question: Any, answer: type[T]) -> Task[T]:
    """Return a task that asks a question and wants answers of a type."""
    return Task(**WORK, question=question, answer=answer)


async def journey(
    market: Marketplace,
    mturk: Client,
    task: Task[T],
    fields: Mapping[str, str | Sequence[str]],
    row: Mapping[str, object] | None = None,
) -> Submission[T]:
    """Publish one HIT, let a worker submit the fields, read it, approve it, and see that it is paid."""
    hit = await task.publish(mturk, row, batch="journey")
    worker = market.worker(WORKER)
    await worker.submit(await worker.accept(hit.hit_id), fields)
    (submission,) = [each async for each in task.submissions(mturk, batch="journey")]
    assert (submission.hit.hit_id, submission.worker_id, submission.status) == (hit.hit_id, WORKER, "Submitted")
    await submission.approve()
    decided = await mturk.get_assignment(submission.assignment_id)
    assert decided.assignment.assignment_status == "Approved"
    return submission


# Pages.


async def test_a_page_of_your_own(market: Marketplace, mturk: Client) -> None:
    """An ExternalQuestion's fields arrive as texts, and are read as the types that they stand for."""

    @dataclass
    class Sighting:
        age: int
        height: Decimal
        seen: date
        certain: bool = False
        colours: tuple[str, ...] = ()

    question = ExternalQuestion(URL, frame_height=500)
    submission = await journey(
        market,
        mturk,
        task(question, Sighting),
        {"age": "36", "height": "1.80", "seen": "2026-02-28", "certain": "on", "colours": ["red", "blue"]},
    )
    assert submission.answer == Sighting(36, Decimal("1.80"), date(2026, 2, 28), True, ("red", "blue"))
    assert parse(submission.hit.question or "") == question


async def test_a_page_that_the_service_keeps(market: Marketplace, mturk: Client) -> None:
    """An HTMLQuestion comes back from its HIT as it was, and its answers as their type."""
    question = HTMLQuestion(f'<!DOCTYPE html><form><img src="{URL}"><input name="age"></form>\U0001f600 ]]> é')
    submission = await journey(market, mturk, task(question, Guess), GUESSED)
    assert submission.answer == GUESS
    assert parse(submission.hit.question or "") == question


async def test_a_page_for_each_row(market: Marketplace, mturk: Client) -> None:
    """An HTMLTemplate is filled with a row, and escapes it; nothing is wrong with the page that it makes."""
    template = HTMLTemplate(FRAGMENT).complete()
    assert template.lint() == ()
    submission = await journey(market, mturk, task(template, Guess), GUESSED, {"image_url": URL})
    assert submission.answer == GUESS
    question = parse(submission.hit.question or "")
    assert question == template.fill({"image_url": URL})
    assert isinstance(question, HTMLQuestion)
    assert 'src="https://example.org/7.jpg?size=2&amp;crop=1"' in question.html_content


async def test_a_page_at_the_service(market: Marketplace, mturk: Client) -> None:
    """A HITLayout is sent as its id and the row's values, and the service puts them into the page."""
    layout_id = await market.add_layout(HTMLTemplate(FRAGMENT).complete().text)
    submission = await journey(market, mturk, task(HITLayout(layout_id), Guess), GUESSED, {"image_url": URL})
    assert submission.answer == GUESS
    assert submission.hit.hit_layout_id == layout_id
    assert f'src="{URL}"' in (submission.hit.question or "")


@dataclass
class Box:
    """What a crowd-bounding-box draws."""

    left: int
    top: int
    width: int
    height: int


@dataclass
class Boxes:
    """What a crowd-bounding-box sends."""

    bounding_boxes: Annotated[list[Box], Field("boundingBoxes")]


@dataclass
class Sentiment:
    """What a crowd-classifier sends."""

    label: Literal["Positive", "Negative"]


@dataclass
class Review:
    """What a crowd-form asks."""

    sentiment: Sentiment
    boxes: Boxes
    age: int
    tags: frozenset[str] = frozenset()
    certain: bool = False


async def test_a_crowd_form(market: Marketplace, mturk: Client) -> None:
    """The one answer of a crowd-form becomes a type with nested types, lists and choices."""
    page = HTMLTemplate(
        """<crowd-form>
        <crowd-classifier name="sentiment" categories="['Positive', 'Negative']" header="Which is it?">
          <classification-target>${text}</classification-target>
        </crowd-classifier>
        <crowd-input name="age" type="number"></crowd-input>
        </crowd-form>"""
    ).complete()
    assert page.lint() == ()
    sent = {
        "sentiment": {"label": "Positive"},
        "boxes": {"boundingBoxes": [{"left": 1, "top": 2, "width": 30, "height": 40}]},
        "age": "36",
        "tags": {"cat": True, "dog": False},
        "certain": True,
    }
    submission = await journey(
        market, mturk, task(page, Review), {"taskAnswers": json.dumps([sent])}, {"text": "Loved <it> & more"}
    )
    assert submission.answer == Review(
        Sentiment("Positive"), Boxes([Box(1, 2, 30, 40)]), 36, frozenset({"cat"}), certain=True
    )
    assert submission.answers["sentiment.label"] == "Positive"
    assert "Loved &lt;it&gt; &amp; more" in (submission.hit.question or "")


# Forms, which the service draws.


class Season(Enum):
    """A choice with an identifier that is no Python name."""

    SPRING = "3-5"
    AUTUMN = "9-11"


async def test_a_form_with_every_kind_of_text(market: Marketplace, mturk: Client) -> None:
    """Free texts, numbers and patterns of a form are read as texts, numbers and dates; what is left blank is None."""

    @dataclass
    class Texts:
        caption: str
        age: int
        zip_code: Annotated[str, Field("zip")]
        notes: str | None
        seen: date | None = None

    form = QuestionForm(
        [
            "Look closely.",
            Question("caption", "What is it?", FreeTextAnswer(length=Length(1, 80)), is_required=True),
            Question("age", "How old?", FreeTextAnswer(is_numeric=IsNumeric(0, 130))),
            Question(
                "zip",
                "Where?",
                FreeTextAnswer(answer_format_regex=AnswerFormatRegex(r"^\d{5}$", error_text="Five digits.")),
            ),
            Question("notes", "Anything else?", FreeTextAnswer(default_text="...", number_of_lines_suggestion=3)),
            Question("seen", "When?", FreeTextAnswer()),
        ]
    )
    submission = await journey(
        market,
        mturk,
        task(form, Texts),
        {"caption": "Ünïcode & <markup>", "age": "7", "zip": "01234", "notes": "", "seen": "2026-02-28"},
    )
    assert submission.answer == Texts("Ünïcode & <markup>", 7, "01234", None, date(2026, 2, 28))
    assert parse(submission.hit.question or "") == form


@pytest.mark.parametrize("style", [None, *STYLES])
async def test_a_form_with_one_choice_of_any_style(style: Style | None, market: Marketplace, mturk: Client) -> None:
    """Whatever the style, one selection is an enumeration's member, or a literal, or a tuple of one."""

    @dataclass
    class Chosen:
        season: Season
        mood: Literal["calm", "wild"]
        animals: tuple[str, ...]

    form = QuestionForm(
        [
            Question(name, "Choose.", SelectionAnswer(choices, style_suggestion=style))
            for name, choices in (
                ("season", [Selection("3-5", "Spring"), Selection("9-11", "Autumn")]),
                ("mood", ["calm", "wild"]),
                ("animals", ["cat", "dog"]),
            )
        ]
    )
    submission = await journey(
        market, mturk, task(form, Chosen), {"season": "9-11", "mood": "wild", "animals": ["dog"]}
    )
    assert submission.answer == Chosen(Season.AUTUMN, "wild", ("dog",))
    assert submission.answers == {"season": ("9-11",), "mood": ("wild",), "animals": ("dog",)}
    assert parse(submission.hit.question or "") == form


@pytest.mark.parametrize("style", [None, *(style for style in STYLES if style not in SINGLE_STYLES)])
async def test_a_form_with_several_choices(style: Style | None, market: Marketplace, mturk: Client) -> None:
    """Several selections are a tuple, a list or a set of what each of them is; none are an empty one."""

    @dataclass
    class Chosen:
        seasons: set[Season]
        animals: tuple[str, ...]
        sizes: list[int]
        nothing: tuple[str, ...] = ()

    form = QuestionForm(
        [
            Question(
                name,
                "Choose.",
                SelectionAnswer(choices, min_selection_count=0, max_selection_count=2, style_suggestion=style),
            )
            for name, choices in (
                ("seasons", {"3-5": "Spring", "9-11": "Autumn"}),
                ("animals", {"cat": "A cat", "dog": "A dog"}),
                ("sizes", {"1": "Small", "2": "Large"}),
                ("nothing", {"any": "Anything"}),
            )
        ]
    )
    submission = await journey(
        market,
        mturk,
        task(form, Chosen),
        {"seasons": ["3-5", "9-11"], "animals": ["cat", "dog"], "sizes": ["2"], "nothing": ""},
    )
    assert submission.answer == Chosen({Season.SPRING, Season.AUTUMN}, ("cat", "dog"), [2])
    assert submission.answers["nothing"] == ()


async def test_a_form_with_another_answer(market: Marketplace, mturk: Client) -> None:
    """What a worker wrote beside "other" is a field of its own, alone or beside selections."""

    @dataclass
    class Chosen:
        animals: tuple[str, ...] = ()
        another: Annotated[str | None, Field("animals", other=True)] = None

    form = QuestionForm(
        Question(
            "animals",
            "Which do you see?",
            SelectionAnswer(
                ["cat", "dog"], max_selection_count=3, other_selection=OtherSelection(length=Length(1, 20))
            ),
        )
    )
    answers = Answers({"animals": ("cat",)}, {"animals": "dog"})
    submission = await journey(market, mturk, task(form, Chosen), answers)
    assert submission.answer == Chosen(("cat",), "dog")
    assert parse(submission.hit.question or "") == form

    alone = await task(form, Chosen).publish(mturk, batch="alone")
    worker = market.worker(WORKER)
    await worker.submit(await worker.accept(alone.hit_id), Answers({}, {"animals": "an <owl>"}))
    (submission,) = [each async for each in task(form, Chosen).submissions(mturk, batch="alone")]
    assert submission.answer == Chosen((), "an <owl>")


async def test_a_form_as_a_test_with_another_answer(market: Marketplace, mturk: Client) -> None:
    """What was written beside "other" is a field of its own, and is never taken for an identifier."""

    @dataclass
    class Motives:
        why: str
        how: tuple[str, ...] = ()
        how_else: Annotated[str | None, Field("how", other=True)] = None

    form = QuestionForm(
        [
            Question(
                "how",
                "How often?",
                SelectionAnswer(["daily", "weekly"], other_selection=OtherSelection(length=Length(max_length=20))),
            ),
            Question("why", "Why?", FreeTextAnswer()),
        ]
    )
    kind = await mturk.create_qualification_type(
        name="Motives",
        description="Why and how often.",
        qualification_type_status=QualificationTypeStatus.ACTIVE,
        test=form,
        test_duration=timedelta(minutes=5),
    )
    for worker_id, answers in (
        ("A1ANNA", Answers({"how": (), "why": "I like to."}, {"how": "daily"})),
        ("A2BORIS", Answers({"how": ("daily",), "why": "For the money."})),
    ):
        await market.worker(worker_id).request_qualification(kind.qualification_type_id, answers)
    requests = {each.worker_id: each.parse(Motives) async for each in mturk.list_qualification_requests()}
    assert requests == {
        "A1ANNA": Motives("I like to.", (), "daily"),
        "A2BORIS": Motives("For the money.", ("daily",)),
    }


# Without a task, and without an answer.


@pytest.mark.parametrize(
    "question",
    [
        ExternalQuestion(URL),
        HTMLQuestion("<!DOCTYPE html><form><input name='age'></form>"),
        HTMLTemplate(FRAGMENT).complete().fill({"image_url": URL}),
        QuestionForm(
            [
                Question("age", "How old?", FreeTextAnswer(is_numeric=True)),
                Question("AdditionalNotes", "Anything else?", FreeTextAnswer()),
            ]
        ),
    ],
    ids=["external", "html", "template", "form"],
)
async def test_without_a_task(question: Any, market: Marketplace, mturk: Client) -> None:
    """Whatever is asked, `create_hit` takes it as it is, and an assignment reads its own answer."""
    hit = await mturk.create_hit(**WORK, question=question)
    worker = market.worker(WORKER)
    await worker.submit(await worker.accept(hit.hit_id), GUESSED)
    (assignment,) = [each async for each in mturk.list_assignments_for_hit(hit.hit_id)]
    assert assignment.parse(Guess) == GUESS
    assert assignment.answers == {"age": " 36 ", "AdditionalNotes": "a <hat> & a beard"}
    assert parse(hit.question or "") == question


async def test_an_answer_that_does_not_fit(market: Marketplace, mturk: Client) -> None:
    """It arrives with its error, which says all that is wrong; and can be decided on like any other."""

    @dataclass
    class Two:
        age: int
        mood: Literal["calm", "wild"]

    form = QuestionForm(
        [
            Question("age", "How old?", FreeTextAnswer(is_numeric=True)),
            Question("mood", "Which mood?", SelectionAnswer(["calm", "wild"])),
        ]
    )
    submission = await journey(market, mturk, task(form, Two), {"age": "old", "mood": ""})
    assert isinstance(submission.error, AnswerError)
    assert [problem.question for problem in submission.error.problems] == ["age", "mood"]
    assert submission.error.assignment_id == submission.assignment_id
    with pytest.raises(AnswerError, match="'old' is not a whole number"):
        _ = submission.answer
