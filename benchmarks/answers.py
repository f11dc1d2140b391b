"""What questions and answers cost: documents beside xmltodict, typed pages beside aiobotocore, and building a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import xmltodict

from aioturk import Client
from aioturk.answers import convert, read_answers, write_answers
from aioturk.questions import FreeTextAnswer, Length, Overview, Question, QuestionForm, SelectionAnswer, Title
from benchmarks.calls import KEYS, LIST_ASSIGNMENTS, repeated
from benchmarks.canned import ASSIGNMENTS_PER_PAGE, HIT, serve
from benchmarks.stopwatch import best_async, best_sync

__all__ = ["building", "pages", "reading"]

TEXTS = write_answers({"age": "36", "comment": "Fine & dandy"})
"""Two questions, in the service's own layout."""
CHOICES = """\
<?xml version="1.0" encoding="ASCII"?>
<QuestionFormAnswers xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd">
  <Answer>
    <QuestionIdentifier>mood</QuestionIdentifier>
    <SelectionIdentifier>happy</SelectionIdentifier>
  </Answer>
  <Answer>
    <QuestionIdentifier>colours</QuestionIdentifier>
    <SelectionIdentifier>red</SelectionIdentifier>
    <SelectionIdentifier>blue</SelectionIdentifier>
  </Answer>
</QuestionFormAnswers>
"""
"""Two questions of a form, which only a parser can read."""


@dataclass
class Guess:
    """What is made of the first document."""

    age: int
    comment: str = ""


def reading(*, rounds: int = 15) -> dict[str, dict[str, float]]:
    """Return CPU seconds for reading each document, and for reading the first one as a type."""

    def both(document: str) -> dict[str, float]:
        candidates = {"aioturk": lambda: read_answers(document), "xmltodict": lambda: xmltodict.parse(document)}
        return best_sync(candidates, operations=2000, rounds=rounds)

    typed = best_sync({"aioturk": lambda: convert(read_answers(TEXTS), Guess)}, operations=2000, rounds=rounds)
    return {"texts": both(TEXTS), "selections": both(CHOICES), "typed": typed}


def building(*, rounds: int = 15) -> float:
    """Return CPU seconds for making a form of ten questions from scratch, checks included, and writing its document."""
    return best_sync({"form": lambda: _form().to_xml()}, operations=200, rounds=rounds)["form"]


def _form() -> QuestionForm:
    free = [
        Question(f"text{number}", f"What is the name of person {number}?", FreeTextAnswer(length=Length(1, 100)))
        for number in range(5)
    ]
    chosen = [
        Question(
            f"choice{number}",
            f"How does person {number} feel?",
            SelectionAnswer({"happy": "Happy", "sad": "Sad", "neither": "Neither"}, style_suggestion="radiobutton"),
            is_required=True,
        )
        for number in range(5)
    ]
    return QuestionForm([Overview([Title("People"), "Look at the picture, and answer."]), *free, *chosen])


def _typed_by_hand(document: str) -> Guess:
    """What programs do with xmltodict, which gives one answer and several answers in different shapes."""
    answers = xmltodict.parse(document)["QuestionFormAnswers"]["Answer"]
    if not isinstance(answers, list):
        answers = [answers]
    fields = {answer["QuestionIdentifier"]: answer["FreeText"] for answer in answers}
    return Guess(age=int(fields["age"]), comment=fields.get("comment") or "")


async def pages(*, rounds: int = 15, in_flight: int = 1) -> dict[str, float]:
    """Return CPU seconds for fetching a page of assignments and looking at the typed answer of each."""
    with serve() as url:
        async with AsyncExitStack() as stack:
            candidates = {
                "aioturk": repeated(await _aioturk(stack, url), in_flight),
                "aiobotocore + xmltodict": repeated(await _aiobotocore(stack, url), in_flight),
            }
            await best_async(candidates, operations=10, rounds=1)
            return await best_async(candidates, operations=40, rounds=rounds)


async def _aioturk(stack: AsyncExitStack, url: str) -> Callable[[], Awaitable[object]]:
    mturk = await stack.enter_async_context(Client(url, credentials=KEYS))

    async def page() -> int:
        found = await mturk.list_assignments_for_hit(HIT["HITId"], max_results=ASSIGNMENTS_PER_PAGE)
        return sum(assignment.parse(Guess).age for assignment in found.items)

    return page


async def _aiobotocore(stack: AsyncExitStack, url: str) -> Callable[[], Awaitable[object]]:
    from aiobotocore.session import get_session

    client: Any = await stack.enter_async_context(
        get_session().create_client(
            "mturk",
            region_name="us-east-1",
            endpoint_url=url,
            aws_access_key_id=KEYS.access_key,
            aws_secret_access_key=KEYS.secret_key,
        )
    )

    async def page() -> int:
        found = await client.list_assignments_for_hit(**LIST_ASSIGNMENTS)
        return sum(_typed_by_hand(assignment["Answer"]).age for assignment in found["Assignments"])

    return page
