"""Tasks on the marketplace: what is published, what comes back, and what happens on the way when things fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, assert_type

import pytest

from aioturk import (
    Client,
    ExternalQuestion,
    Field,
    HITLayout,
    HTMLQuestion,
    HTMLTemplate,
    Requirement,
    ReviewPolicy,
    Task,
)
from aioturk.answers import Answers
from aioturk.errors import (
    AnswerError,
    ConnectFailed,
    HITAlreadyExists,
    InsufficientFunds,
    InvalidAssignmentState,
    InvalidRequest,
    PublishedOtherwise,
    RequestError,
    ServiceFault,
    TransportError,
)
from aioturk.marketplace import Faults, Marketplace
from aioturk.models import HIT
from aioturk.pricing import HOUSE
from aioturk.tasks import Submission
from aioturk.tasks.ahead import ahead
from aioturk.tasks.ahead import each as each_of
from aioturk.tasks.publishing import Asked, annotated

from .generators import closed_at_once, noticed

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


async def test_a_forgotten_type_is_registered_though_replies_are_lost(market: Marketplace, mturk: Client) -> None:
    """The token stays the same, so nothing is published twice on the way."""
    await mturk.delete_hit(await over(market, await TASK.publish(mturk, ROWS[0])))
    await market.advance(timedelta(days=400))
    market.faults = Faults(server_error=0.4, seed=5)
    published = await TASK.publish_many(mturk, ROWS * 4, batch="b")
    assert [each.error for each in published] == [None] * 20
    market.faults = None
    assert len([hit async for hit in mturk.list_hits()]) == 20


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
    notes = [hit and hit.requester_annotation for hit in hits]
    assert [(note or "").partition(" ~")[0] for note in notes] == [f"ages-1 #{number}" for number in range(1, 6)]
    assert len(set(notes)) == 5
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


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=25), timedelta(days=30)])
async def test_what_is_published_stays_known(market: Marketplace, mturk: Client, later: timedelta) -> None:
    """Also when the service has forgotten the tokens: its list of HITs is asked."""
    first = await TASK.publish_many(mturk, ROWS, batch="ages-1")
    await market.advance(later)
    again = await TASK.publish_many(mturk, ROWS, batch="ages-1")
    assert [(each.found, each.error) for each in again] == [(True, None)] * 5
    assert [each.found for each in first] == [False] * 5
    assert [each.hit and each.hit.hit_id for each in again] == [each.hit and each.hit.hit_id for each in first]
    assert len([hit async for hit in mturk.list_hits()]) == 5


async def test_what_is_published_is_known_when_the_list_lags() -> None:
    """Then the token tells; and two uploads at the same time make one HIT for each row."""
    async with (
        Marketplace(faults=Faults(lag=3600)) as market,
        market.client() as mturk,
        market.client() as other,
    ):
        first, second = await asyncio.gather(
            TASK.publish_many(mturk, ROWS, batch="ages-1"), TASK.publish_many(other, ROWS, batch="ages-1")
        )
        assert [each.error for each in first + second] == [None] * 10
        assert [a.found + b.found for a, b in zip(first, second, strict=True)] == [1] * 5
        await market.advance(timedelta(hours=2))
        assert len([hit async for hit in mturk.list_hits()]) == 5


async def test_one_row_twice(market: Marketplace, mturk: Client) -> None:
    """A batch's row that is published alone is the same as in an upload; another batch's row is another one."""
    alone = await TASK.publish(mturk, ROWS[0], batch="b", key="1")
    assert (await TASK.publish(mturk, ROWS[0], batch="b", key="1")).hit_id == alone.hit_id
    (found,) = await TASK.publish_many(mturk, ROWS[:1], batch="b")
    assert found.found
    with pytest.raises(PublishedOtherwise) as refused:
        await TASK.publish(mturk, ROWS[1], batch="b", key="1")
    assert refused.value.hit_id == alone.hit_id
    assert (await TASK.publish(mturk, ROWS[0], batch="c", key="1")).hit_id != alone.hit_id


@pytest.mark.parametrize(
    "changed",
    [{"max_assignments": 3}, {"hit_review_policy": ReviewPolicy.simple_plurality(["age"], 50)}, {"title": "Other"}],
    ids=["more workers", "a policy", "a title"],
)
async def test_another_task_is_no_row_that_is_there(mturk: Client, changed: dict[str, Any]) -> None:
    """Who asks for three answers is not told that there is a HIT for two."""
    await TASK.publish_many(mturk, ROWS[:1], batch="b")
    (outcome,) = await task(**changed).publish_many(mturk, ROWS[:1], batch="b")
    assert isinstance(outcome.error, PublishedOtherwise)
    (longer,) = await task(lifetime=timedelta(days=9)).publish_many(mturk, ROWS[:1], batch="b")
    assert longer.found


async def test_a_layout_s_values_are_part_of_the_row(market: Marketplace, mturk: Client) -> None:
    """The service shows the page only; but other values, or another layout, are another row."""
    layouts = [await market.add_layout(PAGE) for _ in range(2)]
    one, other = (task(question=HITLayout(layout_id)) for layout_id in layouts)
    await one.publish_many(mturk, ROWS[:1], batch="b")
    for asked, row in ((one, ROWS[1]), (other, ROWS[0])):
        (outcome,) = await asked.publish_many(mturk, [row], batch="b")
        assert isinstance(outcome.error, PublishedOtherwise)
    (same,) = await one.publish_many(mturk, ROWS[:1], batch="b")
    assert same.found


async def test_a_hit_that_cannot_be_read_now_may_be_the_row_s(market: Marketplace) -> None:
    """Its existence is certain, so the row is not called unpublished."""
    async with market.client() as mturk:
        await TASK.publish(mturk, ROWS[0], batch="b", key="1")

        async def broken(hit_id: str) -> HIT:
            raise ServiceFault("It broke down.", operation="GetHIT")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Client, "get_hit", lambda self, hit_id: broken(hit_id))
            with pytest.raises(HITAlreadyExists) as unread:
                await TASK.publish(mturk, ROWS[0], batch="b", key="1")
    assert unread.value.ambiguous
    assert unread.value.hit_id
    assert isinstance(unread.value.__cause__, ServiceFault)


async def test_rows_without_keys_disturb_no_others(mturk: Client) -> None:
    """A row that has no key is reported; its number is nobody's key."""
    rows = [{**row, "id": key} for row, key in zip(ROWS, ("1", "9", None, "3"), strict=False)]
    del rows[2]["id"]
    published = await TASK.publish_many(mturk, rows, batch="b", key="id")
    assert [each.hit is not None for each in published] == [True, True, False, True]

    def second_letter(row: Any) -> str:
        return str(row["image_url"].split("/")[4])

    (outcome,) = await TASK.publish_many(mturk, ROWS[:1], batch="c", key=second_letter)
    assert "IndexError" in str(outcome.error)


async def test_what_is_there_is_told_also_after_a_stop() -> None:
    """Rows whose HITs are listed need no call."""
    async with Marketplace(balance=1) as market, market.client() as mturk:
        await TASK.publish(mturk, ROWS[1], batch="b", key="2")
        published = await TASK.publish_many(mturk, ROWS[:2], batch="b", at_once=1)
    assert isinstance(published[0].error, InsufficientFunds)
    assert published[1].found


async def test_rows_that_other_programs_published(mturk: Client) -> None:
    """In the form of a batch and a row, without a digest: they know what they asked."""
    hit = await mturk.create_hit_with_hit_type(
        await TASK.hit_type(mturk), lifetime=3600, question=TASK.fill(ROWS[0]), requester_annotation="b #1"
    )
    (outcome,) = await TASK.publish_many(mturk, ROWS[:1], batch="b")
    assert outcome.found
    assert outcome.hit is not None
    assert outcome.hit.hit_id == hit.hit_id


def test_the_digest_stays_the_same() -> None:
    """From one version to the next, and however a layout's values are ordered; or batches could not be resumed."""
    by_layout = task(question=HITLayout("3LAYOUT", b="2", a="1"), keywords=[], requirements=[])
    note = annotated(Asked(by_layout), by_layout.fill({"c": "3"}), "b", "1")
    again = task(question=HITLayout("3LAYOUT", c="3", a="1", b="2"), keywords=None, reward=Decimal("0.250"))
    assert annotated(Asked(again), again.fill(), "b", "1") == note
    assert str(note) == "b #1 ~c4ce2622"


@pytest.mark.parametrize("name", ["keywords", "requirements"])
def test_sets_are_refused(name: str) -> None:
    """Their order changes from one run to the next, and with it the HIT type."""
    with pytest.raises(InvalidRequest, match="is a set"):
        task(**{name: {"image"}})


async def test_an_outage_stops_the_rest() -> None:
    """Ten thousand rows are not tried one after the other on a service that is gone."""
    async with Marketplace() as market, market.client() as mturk:
        await TASK.hit_type(mturk)
        hurried = mturk.with_options(retries=False)
        uploads = hurried.statistics.calls

        async def rows() -> AsyncIterator[dict[str, str]]:
            for row in ROWS * 20:
                yield row

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Client, "create_hit_with_hit_type", _gone)
            published = await TASK.publish_many(hurried, rows(), batch="b", at_once=4)
        assert not any(each.hit for each in published)
        assert sum("not tried" in str(each.error) for each in published) >= 90
        assert hurried.statistics.calls - uploads < 10


async def _gone(*_: object, **__: object) -> HIT:
    raise ConnectFailed("Nobody is there.", operation="CreateHITWithHITType")


async def test_several_are_under_way_at_once(mturk: Client) -> None:
    """As many as were asked for, and no more."""
    under_way = most = 0
    publish = Client.create_hit_with_hit_type

    async def counted(*arguments: Any, **named: Any) -> HIT:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await publish(*arguments, **named)
        finally:
            under_way -= 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "create_hit_with_hit_type", counted)
        await TASK.publish_many(mturk, ROWS * 4, batch="b", at_once=3)
    assert most == 3


async def test_of_several_hits_of_a_row_the_one_that_is_asked_for_counts(mturk: Client) -> None:
    """Another question's HIT under the row's name, older or newer, hides none; of the same ones the oldest counts."""

    async def publish(place: int, token: str) -> str:
        return (await TASK.publish(mturk, ROWS[place], batch="b", key="1", unique_request_token=token)).hit_id

    made = [await publish(place, f"b{number}") for number, place in enumerate((1, 0, 0, 2))]
    for place, hit_id in ((0, made[1]), (1, made[0]), (2, made[3])):
        (outcome,) = await TASK.publish_many(mturk, [ROWS[place]], batch="b")
        assert outcome.found
        assert outcome.hit is not None
        assert outcome.hit.hit_id == hit_id
    (outcome,) = await TASK.publish_many(mturk, [ROWS[3]], batch="b")
    assert isinstance(outcome.error, PublishedOtherwise)
    assert outcome.error.hit_id == made[0]


@pytest.mark.parametrize("at_once", [0, -1, 1.5, "3", True])
async def test_how_many_at_once(mturk: Client, at_once: Any) -> None:
    """Is a whole number."""
    with pytest.raises(InvalidRequest, match="whole number"):
        await TASK.publish_many(mturk, ROWS, batch="b", at_once=at_once)


class DataFrame:
    """A table as of pandas, which is walked by the names of its columns."""

    def __iter__(self) -> Iterator[str]:
        return iter(["word"])


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("rows.csv", "is str 'rows.csv'; give rows.*csv.DictReader, or by Batch.upload"),
        (Path("rows.csv"), "csv.DictReader"),
        ({"word": "tree"}, "is dict"),
        (7, "is int 7"),
        (DataFrame(), r"df\.to_dict"),
    ],
)
async def test_what_holds_no_rows(mturk: Client, rows: Any, says: str) -> None:
    """The name of a file, a single row and a table are refused as a whole, and not letter by letter."""
    with pytest.raises(InvalidRequest, match=says):
        await TASK.publish_many(mturk, rows, batch="b")


async def test_a_batch_s_name_serves_one_set_of_rows(market: Marketplace, mturk: Client) -> None:
    """Other rows, or another task, under the same name are refused, and not called published."""
    await TASK.publish_many(mturk, ROWS[:1], batch="ages-1")
    for other, row in ((TASK, ROWS[1]), (task(reward="0.30"), ROWS[0])):
        (outcome,) = await other.publish_many(mturk, [row], batch="ages-1")
        assert outcome.hit is None
        assert isinstance(outcome.error, PublishedOtherwise)
        assert not outcome.error.ambiguous
    assert len([hit async for hit in mturk.list_hits()]) == 1


async def test_rows_by_their_keys(market: Marketplace, mturk: Client) -> None:
    """With a key the order of rows does not matter; two rows of one key are refused before anything is sent."""
    rows = [{"image_url": f"https://example.org/{name}.jpg", "name": name} for name in ("ann", "zoë")]
    plain = task(question=lambda row: ExternalQuestion(row["image_url"]))
    first = await plain.publish_many(mturk, rows, batch="b", key="name")
    again = await plain.publish_many(mturk, reversed(rows), batch="b", key=lambda row: row["name"])
    assert [each.hit for each in again] == [each.hit for each in reversed(first)]
    notes = [hit.requester_annotation or "" async for hit in plain.hits(mturk, batch="b")]
    assert [note.partition(" ~")[0] for note in notes] == ["b #zo%C3%AB", "b #ann"]

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
        assert isinstance(published[1].error, InsufficientFunds)
        for outcome in published[2:]:
            assert "not tried" in str(outcome.error)
            assert outcome.error is not None
            assert not outcome.error.ambiguous
            assert outcome.error.unique_request_token is None
        assert mturk.statistics.calls == 2 + 2


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
    market.faults = Faults(drop_reply=1.0, only=["CreateHITWithHITType"])
    async with market.client() as mturk:
        hurried = mturk.with_options(retries=False)
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
        ({"question": HTMLTemplate}, "question"),
        ({"requirements": ["US"]}, "qualification_requirements"),
        ({"requirements": Requirement.locale() == "US"}, "requirements"),
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
    """They come HIT by HIT, though several are fetched at once; and a loop may be left early."""
    published = await TASK.publish_many(mturk, ROWS * 5, batch="ages-1")
    for each in published:
        assert each.hit is not None
        await submit(market, each.hit, ANNA)
    keys = [each.key async for each in TASK.submissions(mturk, batch="ages-1")]
    assert keys == [str(number) for number in range(25, 0, -1)]
    async for submission in TASK.submissions(mturk, batch="ages-1"):
        assert submission.key == "25"
        break


async def test_leaving_early_leaves_nothing_under_way() -> None:
    """What was begun ahead is cancelled, however long it would have taken."""
    begun, cancelled = [], []

    async def perform(number: int) -> int:
        begun.append(number)
        try:
            if number:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(number)
            raise
        return number

    outcomes = ahead(each_of(range(10)), perform, most=4)
    assert await anext(outcomes) == (0, 0)
    await outcomes.aclose()
    await asyncio.sleep(0)
    assert (begun, cancelled) == ([0, 1, 2, 3], [1, 2, 3])


async def test_an_upload_that_is_broken_off_is_over(mturk: Client) -> None:
    """When it has ended no call of it is on its way, however long a call takes to give up."""
    under_way = 0
    all_begun = asyncio.Event()

    async def slow(*_given: Any, **_named: Any) -> HIT:
        nonlocal under_way
        under_way += 1
        if under_way == 3:
            all_begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(20):
                await asyncio.sleep(0)
            under_way -= 1
        raise AssertionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "create_hit_with_hit_type", slow)
        upload = asyncio.create_task(TASK.publish_many(mturk, ROWS, batch="b", at_once=3))
        await all_begun.wait()
        upload.cancel()
        with pytest.raises(asyncio.CancelledError):
            await upload
    assert under_way == 0


@pytest.mark.parametrize("order", [1, -1], ids=["outermost first", "innermost first"])
async def test_walks_can_be_closed_all_at_once(market: Marketplace, mturk: Client, order: int) -> None:
    """An event loop that shuts down closes a walk and all that it is made of, in any order, and hears no complaint."""
    for each in await TASK.publish_many(mturk, ROWS * 5, batch="b"):
        assert each.hit is not None
        await submit(market, each.hit, ANNA)
    with noticed() as generators:
        walk = TASK.submissions(mturk, batch="b")
        assert (await anext(walk)).key == "25"
    assert len(generators) > 4
    assert await closed_at_once(generators[::order]) == [None] * len(generators)


@pytest.mark.parametrize(
    ("wrong", "says"), [({"status": "submitted"}, "Submitted"), ({"batch": ""}, "name"), ({"batch": 5}, "name")]
)
async def test_misspelt_questions_are_not_answered_with_nothing(mturk: Client, wrong: Any, says: str) -> None:
    """Who believes that nobody waits for a decision pays for what approves itself."""
    with pytest.raises(InvalidRequest, match=says):
        _ = [each async for each in TASK.submissions(mturk, **wrong)]


async def test_hits_that_are_deleted_meanwhile(market: Marketplace, mturk: Client) -> None:
    """Have no submissions any more; those of the others are all there."""
    for row in ROWS[:3]:
        await submit(market, await task(max_assignments=1).publish(mturk, row, batch="b"))
    listing = Client.list_assignments_for_hit

    def gone_for_one(self: Client, hit_id: str, **named: Any) -> Any:
        return listing(self, "3NOSUCHHIT" if hit_id == second else hit_id, **named)

    second = [hit.hit_id async for hit in TASK.hits(mturk, batch="b")][1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "list_assignments_for_hit", gone_for_one)
        assert len([each async for each in TASK.submissions(mturk, batch="b")]) == 2


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
    policies = task(
        assignment_review_policy=ReviewPolicy.score_my_known_answers({"age": "36"}),
        hit_review_policy=ReviewPolicy.simple_plurality(["age"], 50),
    )
    hit = await policies.publish(mturk, ROWS[0])
    results = await mturk.list_review_policy_results_for_hit(hit.hit_id)
    assert results.assignment_review_policy is not None
    assert results.hit_review_policy is not None


def test_costs() -> None:
    """Of all assignments, the fee included."""
    assert TASK.cost().total == Decimal("0.60")
    assert TASK.cost(hits=1000).total == Decimal("600.00")
    assert task(max_assignments=10).cost().fee == Decimal("1.00")
    assert task(requirements=[Requirement.masters().exists()], reward="1.00").cost().fee == Decimal("0.50")
    assert TASK.cost(hits=3, fees=HOUSE).total == Decimal("1.50")


async def test_decisions_are_the_service_s(market: Marketplace, mturk: Client) -> None:
    """What the service refuses is raised; a rejection can be overridden."""
    await submit(market, await TASK.publish(mturk, ROWS[0]))
    (submission,) = [each async for each in TASK.submissions(mturk)]
    await submission.reject("no")
    with pytest.raises(InvalidAssignmentState):
        await submission.approve()
    await submission.approve("Sorry!", override_rejection=True)


async def test_a_bonus_is_paid_once(market: Marketplace, mturk: Client) -> None:
    """In a loop that was broken off and is run again; a day later, too. Another reason is another bonus."""
    hit = await TASK.publish(mturk, ROWS[0])
    await submit(market, hit)
    (submission,) = [each async for each in TASK.submissions(mturk)]
    await submission.bonus("1.00", "For the hat")
    await submission.bonus(1, "For the hat")
    await market.advance(timedelta(days=2))
    await submission.bonus(Decimal("1.00"), "For the hat")
    await submission.bonus(1, "For the shoes")
    await submission.bonus(2, "For the hat")
    paid = [(each.bonus_amount, each.reason) async for each in mturk.list_bonus_payments(hit_id=hit.hit_id)]
    assert paid == [(Decimal(1), "For the hat"), (Decimal(1), "For the shoes"), (Decimal(2), "For the hat")]


@pytest.mark.parametrize("fails", [False, True], ids=["the list lags", "the list cannot be read"])
async def test_a_bonus_that_may_be_paid_is_not_called_unpaid(market: Marketplace, mturk: Client, fails: bool) -> None:
    """When the token was used, and the list does not show it."""
    hit = await TASK.publish(mturk, ROWS[0])
    await submit(market, hit)
    (submission,) = [each async for each in TASK.submissions(mturk)]
    await submission.bonus(1, "Thanks")
    looked = 0

    async def look(*_: object) -> bool:
        nonlocal looked
        looked += 1
        if fails and looked == 2:
            raise ServiceFault("It broke down.")
        return False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Submission, "_was_paid", look)
        with pytest.raises(RequestError) as refused:
            await submission.bonus(1, "Thanks")
    assert refused.value.ambiguous
    assert isinstance(refused.value.__cause__, ServiceFault) is fails


async def test_a_reason_is_the_same_however_it_is_spaced(market: Marketplace, mturk: Client) -> None:
    """A service may trim what it keeps."""
    hit = await TASK.publish(mturk, ROWS[0])
    await submit(market, hit)
    (submission,) = [each async for each in TASK.submissions(mturk)]
    await submission.bonus(1, "For the hat\r\n")
    await submission.bonus(1, " For the  hat")
    assert len([each async for each in mturk.list_bonus_payments(hit_id=hit.hit_id)]) == 1


async def test_bonuses_at_the_same_time_are_one(market: Marketplace, mturk: Client) -> None:
    """They carry the same token."""
    hit = await TASK.publish(mturk, ROWS[0])
    await submit(market, hit)
    (submission,) = [each async for each in TASK.submissions(mturk)]
    await asyncio.gather(*(submission.bonus(1, "Thanks") for _ in range(5)))
    assert len([each async for each in mturk.list_bonus_payments(hit_id=hit.hit_id)]) == 1


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
