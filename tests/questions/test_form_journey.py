"""Forms on their whole way: built, published, answered by a worker, read; and as tests that grade themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aioturk.answers import read_answers
from aioturk.errors import InvalidParameterValue, XMLParseError
from aioturk.marketplace import Marketplace
from aioturk.models import QualificationTypeStatus
from aioturk.questions import (
    AnswerKey,
    AnswerOption,
    Binary,
    FormattedContent,
    FreeTextAnswer,
    IsNumeric,
    Length,
    Overview,
    PercentageMapping,
    Question,
    QuestionForm,
    ScoredQuestion,
    SelectionAnswer,
    Title,
    parse,
)

FORM = QuestionForm(
    [
        Overview([Title("Animals & people"), FormattedContent("<p>Look <b>closely</b>.</p>")]),
        Question(
            "age",
            ["How old is it?", Binary("https://example.org/cat.png", "An animal", mime_type="image/png")],
            FreeTextAnswer(is_numeric=IsNumeric(0, 30)),
            is_required=True,
        ),
        Question(
            "kinds",
            "Which do you see?",
            SelectionAnswer(
                {"cat": "A cat", "dog": "A dog", "horse": "A horse"},
                min_selection_count=0,
                max_selection_count=3,
                style_suggestion="checkbox",
            ),
        ),
        Question(
            "notes", "Anything else?", FreeTextAnswer(length=Length(max_length=500), number_of_lines_suggestion=3)
        ),
    ]
)

EXAM = QuestionForm(
    [
        "Choose the capital of each country.",
        Question("france", "France", SelectionAnswer(["Paris", "Lyon"], style_suggestion="radiobutton")),
        Question("italy", "Italy", SelectionAnswer({"r": "Rome", "m": "Milan"}, max_selection_count=2)),
    ]
)
KEY = AnswerKey(
    (
        ScoredQuestion("france", (AnswerOption(("Paris",), 3), AnswerOption(("Lyon",), -1))),
        ScoredQuestion("italy", (AnswerOption(("r",), 1),)),
    ),
    PercentageMapping(4),
)


async def test_a_form_as_a_question() -> None:
    """A form is published as it is; workers answer under its identifiers; and the form is read back from the HIT."""
    async with Marketplace() as market, market.client() as mturk:
        hit = await mturk.create_hit(
            title="Look at animals",
            description="Say what you see.",
            reward="0.10",
            assignment_duration=timedelta(minutes=5),
            lifetime=timedelta(days=1),
            question=FORM,
        )
        assert hit.question is not None
        assert parse(hit.question) == FORM

        worker = market.worker("A1B2C3D4E5F6G7")
        assignment_id = await worker.accept(hit.hit_id)
        await worker.submit(assignment_id, {"age": "7", "kinds": ["cat", "dog"], "notes": "one\r\n<two> & three"})

        assignments = [each async for each in mturk.list_assignments_for_hit(hit.hit_id)]
        answers = read_answers(assignments[0].answer)
        assert [*answers] == [question.question_identifier for question in FORM.questions]
        assert answers["age"] == "7"
        assert answers["kinds"] == ("cat", "dog")
        assert answers["notes"] == "one\r\n<two> & three"


@pytest.mark.parametrize(
    ("answers", "value"),
    [
        ({"france": "Paris", "italy": "r"}, 100),
        ({"france": "Paris", "italy": ["r", "m"]}, 75),
        ({"france": "Lyon", "italy": "r"}, 0),
        ({"italy": "r"}, 25),
    ],
)
async def test_a_form_as_a_test_that_grades_itself(answers: dict[str, str | list[str]], value: int) -> None:
    """A form and its key make a qualification test; a worker who takes it has at once what the key says."""
    async with Marketplace() as market, market.client() as mturk:
        kind = await mturk.create_qualification_type(
            name="Capitals",
            description="Whether you know capitals.",
            qualification_type_status=QualificationTypeStatus.ACTIVE,
            test=EXAM,
            test_duration=timedelta(minutes=5),
            answer_key=KEY,
        )
        assert kind.test is not None
        assert kind.answer_key is not None
        assert (parse(kind.test), parse(kind.answer_key)) == (EXAM, KEY)

        worker = market.worker("A1B2C3D4E5F6G7")
        asked = await worker.request_qualification(kind.qualification_type_id, answers)
        assert (asked.status, asked.value) == ("granted", value)
        score = await mturk.get_qualification_score(kind.qualification_type_id, worker.worker_id)
        assert score.integer_value == value


async def test_a_test_without_a_key_waits_for_the_requester() -> None:
    """Answers to a form arrive with the request: texts, selections, and what was written beside "other"."""
    form = QuestionForm(
        [
            Question("why", "Why you?", FreeTextAnswer(length=Length(1))),
            Question("how", "How often?", SelectionAnswer(["daily", "weekly"], other_selection=True)),
        ]
    )
    async with Marketplace() as market, market.client() as mturk:
        kind = await mturk.create_qualification_type(
            name="Motives",
            description="Why and how often.",
            qualification_type_status=QualificationTypeStatus.ACTIVE,
            test=form,
            test_duration=timedelta(minutes=5),
        )
        worker = market.worker("A1B2C3D4E5F6G7")
        with pytest.raises(InvalidParameterValue, match="'hourly'"):
            await worker.request_qualification(kind.qualification_type_id, {"how": "hourly"})
        await worker.request_qualification(kind.qualification_type_id, {"why": "I like to.", "how": "weekly"})
        requests = [each async for each in mturk.list_qualification_requests()]
        assert requests[0].test is not None
        assert parse(requests[0].test) == form
        assert requests[0].answer is not None
        assert read_answers(requests[0].answer) == {"why": "I like to.", "how": ("weekly",)}


async def test_a_key_for_another_test_is_refused() -> None:
    """The service grades selections only, and refuses a key for a form that asks for texts, with the place."""
    async with Marketplace() as market, market.client() as mturk:
        with pytest.raises(XMLParseError, match=r'Question 1 \("age"\) takes free text'):
            await mturk.create_qualification_type(
                name="Ages",
                description="x",
                qualification_type_status=QualificationTypeStatus.ACTIVE,
                test=FORM.to_xml(),  # as values they would not be sent
                test_duration=60,
                answer_key=KEY.to_xml(),
            )
