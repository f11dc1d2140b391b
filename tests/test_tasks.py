"""Tasks on the marketplace: what is published, what comes back, and what happens on the way when things fail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, assert_type

import pytest

from aioturk import Client, ExternalQuestion, Field, HITLayout, HTMLQuestion, HTMLTemplate, Requirement, Task
from aioturk.answers import Answers
from aioturk.errors import (
    AnswerError,
    HITAlreadyExists,
    InsufficientFunds,
    InvalidAssignmentState,
    InvalidRequest,
    RequestError,
    TransportError,
)
from aioturk.marketplace import Faults, Marketplace
from aioturk.models import HIT
from aioturk.pricing import HOUSE
from aioturk.tasks import Submission

ANNA, BERT = "A1ANNAANNAANNA", "A1BERTBERTBERT"

PAGE = """<!DOCTYPE html>
<html><body><form method="post" action="https://www.mturk.com/mturk/externalSubmit">
<img src="${image_url}" alt=""><input type="hidden" name="assignmentId" id="assignmentId" value="">
<input name="age"><input type="submit"></form></body></html>"""


@dataclass
class AgeGuess:
    """What a worker is to say."""

    age: int
    notes: Annotated[str, Field("AdditionalNotes")] = ""


TASK = Task(
    title="Guess the age",
    description="Look at a picture and guess the person's age.",
    reward="0.25",
    keywords=["image", "age"],
    assignment_duration=timedelta(minutes=5),
    lifetime=timedelta(days=7),
    max_assignments=2,
    question=HTMLTemplate(PAGE),
    answer=AgeGuess,
)
ROWS = [{"image_url": f"https://example.org/{number}.jpg"} for number in range(1, 6)]


def task(**changes: Any) -> Task[Any]:
    """The task above, with something changed."""
    names = set(TASK.__dataclass_fields__)
    return Task(**{**{name: getattr(TASK, name) for name in names}, **changes})


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


async def submit(market: Marketplace, hit: HIT, worker: str = ANNA, **fields: str) -> str:
    """Let a worker do a HIT."""
    assignment_id = await market.worker(worker).accept(hit.hit_id)
    await market.worker(worker).submit(assignment_id, fields or {"age": "36"})
    return assignment_id


async def test_the_journey(market: Marketplace, mturk: Client) -> None:
    """Publish a row, let workers answer, read typed answers, decide."""
    hit = await TASK.publish(mturk, {"image_url": "https://example.org/1.jpg?a=1&b=2"}, batch="ages-1")
    await submit(market, hit, ANNA, age="36", AdditionalNotes="a hat")
    await submit(market, hit, BERT, age=" 40 ")

    found = [submission async for submission in TASK.submissions(mturk, batch="ages-1")]
    assert [(each.worker_id, each.answer) for each in found] == [
        (ANNA, AgeGuess(36, "a hat")),
        (BERT, AgeGuess(40)),
    ]
    await found[0].approve("Good job!")
    await found[0].bonus("1.50", "For the hat")
    await found[1].reject("Assignment does not follow instructions.")

    assert [(each.status, each.assignment.requester_feedback) async for each in TASK.submissions(mturk)] == [
        ("Approved", "Good job!"),
        ("Rejected", "Assignment does not follow instructions."),
    ]
    assert hit.question is not None
    assert "1.jpg?a=1&amp;b=2" in hit.question
    bonuses = [bonus.bonus_amount async for bonus in mturk.list_bonus_payments(hit_id=hit.hit_id)]
    assert bonuses == [Decimal("1.50")]


async def test_the_type_is_registered_once(market: Marketplace, mturk: Client) -> None:
    """And with it HITs share the group, so that workers find them together."""
    hits = [await TASK.publish(mturk, row) for row in ROWS]
    assert len({hit.hit_type_id for hit in hits}) == 1
    assert mturk.statistics.calls == 1 + len(ROWS)
    assert (hits[0].title, hits[0].reward, hits[0].max_assignments) == ("Guess the age", Decimal("0.25"), 2)
    assert hits[0].keywords == ("image", "age")


async def test_a_type_that_the_service_forgot_is_registered_again(market: Marketplace, mturk: Client) -> None:
    """After 120 days without a HIT; a process may live that long."""
    await mturk.delete_hit(await over(market, await TASK.publish(mturk, ROWS[0])))
    await market.advance(timedelta(days=400))
    hit = await TASK.publish(mturk, ROWS[1])
    assert hit.title == "Guess the age"


async def over(market: Marketplace, hit: HIT) -> str:
    """Wait until a HIT's time is over."""
    await market.advance(timedelta(days=8))
    return hit.hit_id


async def test_many_rows(market: Marketplace, mturk: Client) -> None:
    """Each gets a HIT; annotation and submission say which row it is."""
    published = await TASK.publish_many(mturk, ROWS, batch="ages-1", at_once=3)
    assert [each.key for each in published] == ["1", "2", "3", "4", "5"]
    assert [each.row for each in published] == ROWS
    hits = [each.hit for each in published]
    assert [hit and hit.requester_annotation for hit in hits] == [f"ages-1 #{number}" for number in range(1, 6)]
    assert hits[3] is not None
    await submit(market, hits[3])
    (submission,) = [each async for each in TASK.submissions(mturk, batch="ages-1")]
    assert (submission.batch, submission.key) == ("ages-1", "4")


async def test_many_rows_again_publish_what_is_missing(market: Marketplace, mturk: Client) -> None:
    """After a crash, or when a bad row was put right: nothing is published, and paid, twice."""

    async def rows() -> AsyncIterator[dict[str, str]]:
        for row in [ROWS[0], {"image": "misspelt"}, ROWS[2]]:
            yield row

    first = await TASK.publish_many(mturk, rows(), batch="ages-1")
    assert [each.hit is not None for each in first] == [True, False, True]
    assert isinstance(first[1].error, InvalidRequest)
    assert "image_url" in str(first[1].error)

    again = await TASK.publish_many(mturk, ROWS[:3], batch="ages-1")
    assert [each.error for each in again] == [None] * 3
    assert again[0].hit == first[0].hit
    assert len([hit async for hit in mturk.list_hits()]) == 3


async def test_a_batch_s_name_serves_one_set_of_rows(market: Marketplace, mturk: Client) -> None:
    """Other rows, or another task, under the same name are refused, and not called published."""
    await TASK.publish_many(mturk, ROWS[:1], batch="ages-1")
    for other, row in ((TASK, ROWS[1]), (task(reward="0.30"), ROWS[0])):
        (outcome,) = await other.publish_many(mturk, [row], batch="ages-1")
        assert outcome.hit is None
        assert isinstance(outcome.error, HITAlreadyExists)
    assert len([hit async for hit in mturk.list_hits()]) == 1


async def test_rows_by_their_keys(market: Marketplace, mturk: Client) -> None:
    """With a key the order of rows does not matter; two rows of one key are refused before anything is sent."""
    rows = [{"image_url": f"https://example.org/{name}.jpg", "name": name} for name in ("ann", "zoë")]
    plain = task(question=lambda row: ExternalQuestion(row["image_url"]))
    first = await plain.publish_many(mturk, rows, batch="b", key="name")
    again = await plain.publish_many(mturk, reversed(rows), batch="b", key=lambda row: row["name"])
    assert [each.hit for each in again] == [each.hit for each in reversed(first)]
    assert [hit.requester_annotation async for hit in plain.hits(mturk, batch="b")] == ["b #zo%C3%AB", "b #ann"]

    calls = mturk.statistics.calls
    with pytest.raises(InvalidRequest, match="two rows"):
        await plain.publish_many(mturk, [rows[0], rows[0]], batch="c", key="name")
    (missing,) = await plain.publish_many(mturk, [{"image_url": "https://example.org"}], batch="c", key="name")
    assert "has no 'name'" in str(missing.error)
    assert mturk.statistics.calls == calls


async def test_a_key_need_not_be_shown(mturk: Client) -> None:
    """A column that only tells rows apart is none too many for the template; any other is."""
    rows = [{**row, "person_id": number} for number, row in enumerate(ROWS)]
    assert {each.hit is not None for each in await TASK.publish_many(mturk, rows, batch="b", key="person_id")} == {True}
    (outcome, *_) = await TASK.publish_many(mturk, rows, batch="c")
    assert "person_id" in str(outcome.error)


async def test_a_function_fails_for_its_row_only(mturk: Client) -> None:
    """Whatever it raises is that row's error."""
    plain = task(question=lambda row: ExternalQuestion(row["url"]))
    rows = [{"url": "https://example.org"}, {"uri": "misspelt"}, {"url": "http://example.org"}]
    published = await plain.publish_many(mturk, rows, batch="b")
    assert [each.hit is not None for each in published] == [True, False, False]
    assert "KeyError: 'url'" in str(published[1].error)
    assert "plain http" in str(published[2].error)


async def test_no_funds_stop_the_rest() -> None:
    """What concerns the account is told of all rows that are left, and they are not tried."""
    async with Marketplace(balance=1) as market, market.client() as mturk:
        published = await TASK.publish_many(mturk, ROWS, batch="ages-1", at_once=1)
        assert [each.hit is not None for each in published] == [True, False, False, False, False]
        assert all(isinstance(each.error, InsufficientFunds) for each in published[1:])
        assert mturk.statistics.calls == 1 + 2


@pytest.mark.parametrize(
    "faults",
    [Faults(drop_reply=0.3, seed=1), Faults(server_error=0.3, seed=2), Faults(throttle=0.3, seed=3)],
    ids=["dropped replies", "server errors", "throttling"],
)
async def test_faults_publish_nothing_twice(faults: Faults) -> None:
    """Whatever is lost on the way, each row has one HIT in the end."""
    async with Marketplace(faults=faults) as market, market.client() as mturk:
        published = await TASK.publish_many(mturk, ROWS * 4, batch="ages-1")
        assert [each.error for each in published] == [None] * 20
        market.faults = None
        listed = [hit.hit_id async for hit in mturk.list_hits()]
    assert sorted(listed) == sorted(each.hit.hit_id for each in published if each.hit)


async def test_an_upload_that_broke_off_is_finished(market: Marketplace) -> None:
    """Replies are lost and nothing is repeated: the rows are reported as open, and the next call finds their HITs."""
    market.faults = Faults(drop_reply=1.0)
    async with market.client() as mturk:
        hurried = mturk.with_options(retries=False)
        market.faults = None
        await TASK.hit_type(hurried)
        market.faults = Faults(drop_reply=1.0)
        broken = await TASK.publish_many(hurried, ROWS, batch="ages-1")
        assert all(each.error is not None and each.error.ambiguous for each in broken)
        market.faults = None
        finished = await TASK.publish_many(mturk, ROWS, batch="ages-1")
        assert all(each.hit is not None for each in finished)
        assert len([hit async for hit in mturk.list_hits()]) == len(ROWS)


async def test_the_batches_of_older_programs(market: Marketplace, mturk: Client) -> None:
    """An annotation that is a batch's id, as older programs write it, is a batch."""
    old = await mturk.create_hit(
        title="Old",
        description="Made elsewhere.",
        reward="0.01",
        assignment_duration=60,
        lifetime=3600,
        question=ExternalQuestion("https://example.org"),
        requester_annotation="47dc4913-b4cf-405a-88cf-584b38ddaa74",
    )
    await submit(market, old)
    (found,) = [each async for each in TASK.submissions(mturk, batch="47dc4913-b4cf-405a-88cf-584b38ddaa74")]
    assert (found.hit.hit_id, found.answer, found.key) == (old.hit_id, AgeGuess(36), None)


async def test_answers_that_do_not_fit_are_delivered(market: Marketplace, mturk: Client) -> None:
    """With the error, and never dropped or raised; so the loop goes on, and the work can be decided on."""
    hit = await TASK.publish(mturk, ROWS[0], batch="ages-1")
    await submit(market, hit, ANNA, age="old")
    await submit(market, hit, BERT)
    bad, good = [each async for each in TASK.submissions(mturk, batch="ages-1")]
    assert good.error is None
    assert good.answer.age == 36
    assert isinstance(bad.error, AnswerError)
    assert bad.error.assignment_id == bad.assignment_id
    assert bad.answers["age"] == "old"
    with pytest.raises(AnswerError, match="age"):
        _ = bad.answer
    await bad.reject("The age has to be a number.")


async def test_without_a_type_answers_are_mappings(market: Marketplace, mturk: Client) -> None:
    """As they came."""
    plain = Task(
        title="Any",
        description="Anything.",
        reward=0,
        assignment_duration=60,
        lifetime=3600,
        question=ExternalQuestion("https://example.org"),
    )
    await submit(market, await plain.publish(mturk), ANNA, colour="red")
    async for submission in plain.submissions(mturk):
        assert_type(submission, Submission[Answers])
        assert submission.answer == {"colour": "red"}
        break
    else:
        pytest.fail("there is no submission")


async def test_types_that_cannot_be_answers_are_told_at_once() -> None:
    """When the task is made, not when the first answer comes in."""

    @dataclass
    class Wrong:
        callback: type

    with pytest.raises(InvalidRequest, match="callback"):
        task(answer=Wrong)


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        ({"reward": "0.255"}, "reward"),
        ({"title": ""}, "title"),
        ({"lifetime": timedelta(seconds=29)}, "lifetime"),
        ({"max_assignments": 0}, "max_assignments"),
        ({"question": 42}, "question"),
        ({"requirements": ["US"]}, "qualification_requirements"),
    ],
)
def test_properties_that_cannot_be(wrong: dict[str, Any], argument: str) -> None:
    """Are refused when the task is made."""
    with pytest.raises(InvalidRequest) as refused:
        task(**wrong)
    assert (refused.value.argument or "").startswith(argument)


async def test_the_types_of_answers(mturk: Client) -> None:
    """Type checkers know what a submission's answer is."""
    async for submission in TASK.submissions(mturk):
        assert_type(submission, Submission[AgeGuess])
        assert_type(submission.answer, AgeGuess)


async def test_deciding_while_walking(market: Marketplace, mturk: Client) -> None:
    """A loop over what is undecided sees all of it, although each decision makes that less."""
    many = task(max_assignments=250)
    hit = await many.publish(mturk, ROWS[0])
    for number in range(250):
        await submit(market, hit, f"A1WORKER{number:06}")
    seen = 0
    async for submission in many.submissions(mturk, status="Submitted"):
        await submission.approve()
        seen += 1
    assert seen == 250
    assert [each async for each in many.submissions(mturk, status="Submitted")] == []


async def test_submissions_of_many_hits(market: Marketplace, mturk: Client) -> None:
    """They come HIT by HIT, though several are fetched at once; leaving the loop early leaves nothing behind."""
    published = await TASK.publish_many(mturk, ROWS * 5, batch="ages-1")
    for each in published:
        assert each.hit is not None
        await submit(market, each.hit, ANNA)
    keys = [each.key async for each in TASK.submissions(mturk, batch="ages-1")]
    assert keys == [str(number) for number in range(25, 0, -1)]
    async for submission in TASK.submissions(mturk, batch="ages-1"):
        assert submission.key == "25"
        break


async def test_reviewable(market: Marketplace, mturk: Client) -> None:
    """HITs whose work is all in, or whose time is over."""
    one = task(max_assignments=1)
    first, second = [await one.publish(mturk, row, batch="b") for row in ROWS[:2]]
    await one.publish(mturk, ROWS[2])
    await submit(market, second)
    assert [hit.hit_id async for hit in one.reviewable(mturk, batch="b")] == [second.hit_id]
    await market.advance(timedelta(days=8))
    assert {hit.hit_id async for hit in one.reviewable(mturk, batch="b")} == {first.hit_id, second.hit_id}
    assert len([hit async for hit in one.reviewable(mturk)]) == 3


async def test_layouts_serve_as_questions(market: Marketplace, mturk: Client) -> None:
    """A row's values become the layout's parameters."""
    layout_id = await market.add_layout(PAGE.replace("${image_url}", "${image_url}&amp;size=${size}"))
    by_layout = task(question=HITLayout(layout_id, size="large"))
    hit = await by_layout.publish(mturk, ROWS[0], batch="b")
    assert hit.hit_layout_id == layout_id
    assert hit.question is not None
    assert "1.jpg&amp;size=large" in hit.question
    (again,) = await by_layout.publish_many(mturk, ROWS[:1], batch="c")
    assert again.hit is not None


@pytest.mark.parametrize(
    "question",
    [HTMLQuestion(PAGE), ExternalQuestion("https://example.org"), HTMLQuestion(PAGE).to_xml()],
    ids=["html", "external", "xml"],
)
async def test_questions_without_places(mturk: Client, question: Any) -> None:
    """Are the same for every row; a row's values would be lost, and are refused."""
    plain = task(question=question)
    hit = await plain.publish(mturk)
    assert hit.question == (question if isinstance(question, str) else question.to_xml())
    with pytest.raises(InvalidRequest, match="no places"):
        await plain.publish(mturk, ROWS[0])


async def test_requirements_and_policies_are_published(market: Marketplace, mturk: Client) -> None:
    """With the HIT type, and with each HIT."""
    picky = task(requirements=[Requirement.locale().in_("US", "GB"), Requirement.masters().exists()])
    hit = await picky.publish(mturk, ROWS[0])
    assert [each.comparator for each in hit.qualification_requirements] == ["In", "Exists"]
    assert hit.qualification_requirements[1].qualification_type_id == "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6"


def test_costs() -> None:
    """Of all assignments, the fee included."""
    assert TASK.cost().total == Decimal("0.60")
    assert TASK.cost(hits=1000).total == Decimal("600.00")
    assert task(max_assignments=10).cost().fee == Decimal("1.00")
    assert TASK.cost(hits=3, fees=HOUSE).total == Decimal("1.50")


async def test_decisions_are_the_service_s(market: Marketplace, mturk: Client) -> None:
    """What the service refuses is raised; a rejection can be overridden."""
    await submit(market, await TASK.publish(mturk, ROWS[0]))
    (submission,) = [each async for each in TASK.submissions(mturk)]
    await submission.reject("no")
    with pytest.raises(InvalidAssignmentState):
        await submission.approve()
    await submission.approve("Sorry!", override_rejection=True)


async def test_bonuses_with_a_token_of_ones_own(market: Marketplace, mturk: Client) -> None:
    """A bonus that was broken off can be repeated, and is paid once."""
    hit = await TASK.publish(mturk, ROWS[0])
    await submit(market, hit)
    (submission,) = [each async for each in TASK.submissions(mturk.with_options(retries=False))]
    market.faults = Faults(drop_reply=1.0)
    with pytest.raises(TransportError) as broken:
        await submission.bonus(1, "Thanks", unique_request_token="bonus-1")
    assert broken.value.ambiguous
    market.faults = None
    with pytest.raises(RequestError, match="bonus-1"):
        await submission.bonus(1, "Thanks", unique_request_token="bonus-1")
    assert len([bonus async for bonus in mturk.list_bonus_payments(hit_id=hit.hit_id)]) == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [({"key": "1"}, "without a batch"), ({"batch": "a #b"}, "separates"), ({"batch": "x" * 300}, "255")],
)
async def test_names_that_cannot_be(mturk: Client, given: dict[str, str], says: str) -> None:
    """Are refused before anything is sent."""
    with pytest.raises(InvalidRequest, match=says):
        await TASK.publish(mturk, ROWS[0], **given)
    assert mturk.statistics.calls == 0


def test_tasks_are_values() -> None:
    """Equal ones are equal, and they do not change."""
    assert task() == TASK
    assert replace(TASK, reward=1).reward == 1
    plain = task(answer=None)
    assert replace(plain, title="Other").answer is Answers
    assert task(reward="0.26") != TASK
    assert "Guess the age" in repr(TASK)
    with pytest.raises(AttributeError):
        TASK.title = "x"  # type: ignore[misc]
