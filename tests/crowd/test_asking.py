"""Asking people one question: agreement, money, time, and a program that is killed at any step."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest

from aioturk import Client, HTMLTemplate, ReviewPolicy, Task
from aioturk.annotations import annotation_of
from aioturk.crowd import Asked, NoAgreement, ask, inquire
from aioturk.errors import (
    AssignmentAlreadyExists,
    BudgetExceeded,
    ConnectionLost,
    InsufficientFunds,
    InvalidRequest,
    PublishedOtherwise,
    TurkError,
)
from aioturk.marketplace import HOUSE as RULES_OF_THE_HOUSE
from aioturk.marketplace import Faults, Marketplace
from aioturk.models import HIT, AssignmentStatus
from aioturk.pricing import AMAZON, HOUSE
from aioturk.testing import CREDENTIALS, FaultyTransport, JumpingClock, StubTransport, Trouble, error_reply
from aioturk.transport import AiohttpTransport

PAGE = """<html><body><crowd-form><img src="${image_url}"><crowd-input name="label"></crowd-input></crowd-form>
<form action="https://www.mturk.com/mturk/externalSubmit"><input name="label"></form></body></html>"""
ROW = {"image_url": "https://example.org/17.jpg"}


@dataclass
class Label:
    label: str


def label_image(**changes: Any) -> Task[Label]:
    given: dict[str, Any] = {
        "title": "Name the animal",
        "description": "Look at a picture and name what is on it.",
        "reward": "0.10",
        "assignment_duration": timedelta(minutes=5),
        "lifetime": timedelta(days=7),
        "question": HTMLTemplate(PAGE),
        "answer": Label,
        **changes,
    }
    return Task(**given)


class People(JumpingClock):
    """
    A clock: while the program waits, the next person does the work that is there.

    Args:
        market: Where.
        answers: What they say, one after the other; None is somebody who says what cannot be read.
    """

    def __init__(self, market: Marketplace, *answers: str | None) -> None:
        super().__init__()
        self._market = market
        self._answers = answers
        self.worked = 0
        self._one_by_one = asyncio.Lock()

    async def sleep(self, seconds: float) -> None:
        """Jump ahead, and let the next person work."""
        await super().sleep(seconds)
        async with self._one_by_one, self._market.client() as mturk:
            async for hit in mturk.list_hits():
                await self._work(hit)

    async def _work(self, hit: HIT) -> None:
        if self.worked >= len(self._answers) or hit.number_of_assignments_available == 0:
            return
        said = self._answers[self.worked]
        worker = self._market.worker(f"APERSON{self.worked}")
        self.worked += 1
        assignment_id = await worker.accept(hit.hit_id)
        await worker.submit(assignment_id, {"label": said} if said is not None else {"other": "x"})


class Others(People):
    """The same people, some of whom have done the work before."""

    async def _work(self, hit: HIT) -> None:
        try:
            await super()._work(hit)
        except AssignmentAlreadyExists:
            return


async def hits_of(market: Marketplace) -> list[HIT]:
    async with market.client() as mturk:
        return [hit async for hit in mturk.list_hits()]


async def asking(market: Marketplace, people: JumpingClock, **options: Any) -> Asked[Label]:
    """Ask as the tests do, unless they say otherwise."""
    given: dict[str, Any] = {
        "name": "cat-17",
        "deadline": timedelta(minutes=30),
        "budget": "1.00",
        "agreement": 2,
        "most": 5,
        **options,
    }
    task = given.pop("task", None) or label_image()
    row = given.pop("row", ROW)
    async with market.client() as mturk:
        return await inquire(mturk, task, row, clock=people, **given)


async def test_one_answer(market: Marketplace) -> None:
    """The plainest question: one person, one typed answer."""
    people = People(market, "cat")
    async with market.client() as mturk:
        answer = await ask(mturk, label_image(), ROW, name="cat-17", deadline=1800, budget="0.12", clock=people)
    assert answer == Label("cat")
    (hit,) = await hits_of(market)
    assert hit.max_assignments == 1
    assert hit.number_of_assignments_completed == 1
    note = annotation_of(hit)
    assert note is not None
    assert note.row == "cat-17"


@pytest.mark.parametrize(
    ("answers", "agreement", "most", "asked", "expected"),
    [
        (["cat", "cat"], 2, 5, 2, "cat"),
        (["cat", "dog", "dog"], 2, 5, 3, "dog"),
        (["cat", "dog", "cow", "cow"], 2, 5, 4, "cow"),
        (["cat", "dog", "cat", "cat"], 3, 5, 4, "cat"),
        (["cat", None, "cat"], 2, 3, 3, "cat"),
        ([None, "cat"], 1, 2, 2, "cat"),
        (["cat"] * 10, 10, 12, 10, "cat"),
    ],
)
async def test_agreement(
    market: Marketplace, answers: list[str | None], agreement: int, most: int, asked: int, expected: str
) -> None:
    """It begins with as many as have to agree, and adds one only when those cannot agree any more."""
    people = People(market, *answers, "never", "never")
    found = await asking(market, people, agreement=agreement, most=most, budget="2.00")
    assert found.answer == Label(expected)
    assert len(found.votes) == people.worked == asked
    assert len(found.agreeing) == agreement
    assert all(vote.answer == Label(expected) for vote in found.agreeing)
    (hit,) = await hits_of(market)
    assert hit.max_assignments == asked
    assert found.cost.worker_pay == Decimal("0.10") * asked
    assert found.cost.fee == (Decimal("0.04") if asked >= 10 else Decimal("0.02")) * asked
    assert found.hit_id == hit.hit_id


async def test_no_agreement(market: Marketplace) -> None:
    """When nobody is left to ask, the error tells the votes, the cost and the HIT, which nobody can take any more."""
    people = People(market, "cat", "dog", "cow", "hen", "pig", "ant")
    with pytest.raises(NoAgreement, match="among the 5 who were asked") as caught:
        await asking(market, people)
    error = caught.value
    assert error.ambiguous
    assert [vote.answer.label for vote in error.votes] == ["cat", "dog", "cow", "hen", "pig"]
    assert error.cost.total == Decimal("0.60")
    (hit,) = await hits_of(market)
    assert error.hit_id == hit.hit_id
    assert hit.max_assignments == 5
    assert str(error).count("$0.60") == 1


async def test_time_is_up(market: Marketplace) -> None:
    """At the deadline the HIT is taken off the market; what came in is paid, and told."""
    people = People(market, "cat")
    with pytest.raises(NoAgreement, match="in time") as caught:
        await asking(market, people, deadline=600)
    assert people.monotonic() == pytest.approx(600)
    assert len(caught.value.votes) == 1
    (hit,) = await hits_of(market)
    assert hit.expiration < hit.creation_time + timedelta(seconds=600)
    assert hit.max_assignments == 2
    assert hit.number_of_assignments_completed == 1
    # Asking again spends nothing, and says the same.
    with pytest.raises(NoAgreement):
        await asking(market, People(market), deadline=600)
    assert len(await hits_of(market)) == 1


async def test_an_answer_at_the_last_moment(market: Marketplace) -> None:
    """What is submitted while the HIT is being ended still counts."""

    class AtTheEnd(People):
        async def sleep(self, seconds: float) -> None:
            self.advance(seconds)
            if self.monotonic() >= 600:
                await super().sleep(0)

    found = await asking(market, AtTheEnd(market, "cat"), deadline=600, agreement=1, most=1)
    assert found.answer == Label("cat")


async def test_an_answer_while_the_hit_is_ended(market: Marketplace) -> None:
    """What comes in between the last look and the end of the HIT counts as well."""
    people = People(market, "cat")
    asleep = JumpingClock()

    class Late(FaultyTransport):
        async def send(self, request: Any, *, timeout: float, fresh_connection: bool = False) -> Any:
            if "UpdateExpiration" in dict(request.headers)["X-Amz-Target"]:
                await people.sleep(0)
            return await super().send(request, timeout=timeout, fresh_connection=fresh_connection)

    async with Client(market.url, credentials=market.credentials, transport=Late(AiohttpTransport())) as mturk:
        answer = await ask(mturk, label_image(), ROW, name="n", deadline=60, budget=1, clock=asleep)
    assert answer == Label("cat")


async def test_nobody_more_is_asked_than_has_to_be(market: Marketplace) -> None:
    """When enough agree while others could still be asked, the HIT is taken off the market."""
    with pytest.raises(NoAgreement):
        await asking(market, People(market), agreement=3, most=3, deadline=60)
    async with market.client() as mturk:
        (hit,) = await hits_of(market)
        await mturk.extend_hit(hit.hit_id, lifetime=3600)
        found = await asking(market, People(market, "cat"), agreement=1, most=1, deadline=7200)
        assert found.answer == Label("cat")
        ended = await mturk.get_hit(hit.hit_id)
    assert ended.expiration < hit.creation_time + timedelta(seconds=60)
    assert ended.number_of_assignments_available == 2


async def test_rejected_work_does_not_count(market: Marketplace) -> None:
    """What was rejected is no vote, and costs nothing."""

    class Strict(People):
        async def _work(self, hit: HIT) -> None:
            await super()._work(hit)
            async with market.client() as mturk:
                async for assignment in mturk.list_assignments_for_hit(hit.hit_id, assignment_statuses=["Submitted"]):
                    if assignment.answers["label"] == "dog":
                        await mturk.reject_assignment(assignment.assignment_id, requester_feedback="No.")

    found = await asking(market, Strict(market, "dog", "cat"), agreement=1, most=2)
    assert found.answer == Label("cat")
    assert found.cost.worker_pay == Decimal("0.10")
    assert len(found.votes) == 2


async def test_work_is_approved_unless_it_is_not_to_be(market: Marketplace) -> None:
    """Everything that was submitted is approved, in the minority or unreadable; the switch leaves it alone."""
    found = await asking(market, People(market, "cat", None, "dog", "cat"))
    assert len(found.votes) == 4
    (hit,) = await hits_of(market)
    async with market.client() as mturk:
        statuses = [each.assignment_status async for each in mturk.list_assignments_for_hit(hit.hit_id)]
    assert statuses == [AssignmentStatus.APPROVED] * 4
    await asking(market, People(market, "cat", "cat"), name="other", approve=False)
    newest = (await hits_of(market))[0]
    async with market.client() as mturk:
        statuses = [each.assignment_status async for each in mturk.list_assignments_for_hit(newest.hit_id)]
    assert statuses == [AssignmentStatus.SUBMITTED] * 2


async def test_equality_of_your_own(market: Marketplace) -> None:
    """A function says what is compared; what it returns need not have a hash."""
    people = People(market, "Cat ", "cat")
    found = await asking(market, people, key=lambda answer: [answer.label.strip().lower()])
    assert found.answer == Label("Cat ")
    assert people.worked == 2


async def test_answers_without_a_type(market: Marketplace) -> None:
    """A task without a type has answers that are mappings, and they are compared as such."""
    found = await asking(market, People(market, "cat", "dog", "cat"), task=label_image(answer=None))
    answer: Any = found.answer
    assert answer["label"] == "cat"


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"budget": "0.59"}, BudgetExceeded, r"Asking 5 people costs up to \$0.60"),
        ({"agreement": 1, "most": 1, "budget": "0.11"}, BudgetExceeded, "Asking 1 person costs"),
        ({"agreement": 10, "most": 10, "budget": "1.39"}, BudgetExceeded, r"\$1.40"),
        ({"agreement": 0}, InvalidRequest, "agreement"),
        ({"agreement": 1.5}, InvalidRequest, "agreement"),
        ({"agreement": 6}, InvalidRequest, "most"),
        ({"most": 10}, InvalidRequest, "10 or more"),
        ({"deadline": 29}, InvalidRequest, "30 at least"),
        ({"deadline": -1}, InvalidRequest, "deadline"),
        ({"name": " "}, InvalidRequest, "name"),
        ({"name": None}, InvalidRequest, "name"),
        ({"name": "x" * 300}, InvalidRequest, "200 ASCII"),
        ({"budget": "1.005"}, InvalidRequest, "budget"),
        ({"row": {}}, InvalidRequest, "image_url"),
    ],
)
async def test_refused_before_anything_is_sent(options: dict[str, Any], error: type[TurkError], says: str) -> None:
    """What could cost more than the budget, or cannot be, is refused without a request."""
    transport = StubTransport()
    given: dict[str, Any] = {"name": "n", "deadline": 1800, "budget": "1.00", "agreement": 2, "most": 5, **options}
    row = given.pop("row", ROW)
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        with pytest.raises(error, match=says):
            await ask(mturk, label_image(), row, **given)
    assert transport.requests == []


async def test_fees_of_ones_own(market: Marketplace) -> None:
    """A marketplace without fees needs no budget for them."""
    found = await asking(market, People(market, "cat", "cat"), budget="0.50", fees=HOUSE)
    assert found.cost.total == Decimal("0.20")


def house(**rules: Any) -> Marketplace:
    """A marketplace of one's own, with fees of its own or none."""
    return Marketplace(rules=replace(RULES_OF_THE_HOUSE, **rules), balance=100)


async def test_the_marketplace_says_what_it_takes() -> None:
    """Unless fees are given, the budget is held against those that the marketplace tells, higher or lower."""
    async with house() as market:
        found = await asking(market, People(market, "cat", "cat"), budget="0.50")
        assert (found.cost.fee, found.cost.total) == (Decimal("0.00"), Decimal("0.20"))
    async with house(fee=Decimal("0.50")) as market:
        with pytest.raises(BudgetExceeded, match=r"up to \$0\.75"):
            await asking(market, People(market, "cat", "cat"), budget="0.74")
        assert await hits_of(market) == []
        found = await asking(market, People(market, "cat", "cat"), budget="0.75")
        assert found.cost.total == Decimal("0.30")
        async with market.client() as mturk:
            assert (await mturk.get_account_balance()).available_balance == 100 - found.cost.total


async def test_ten_are_asked_where_there_is_no_step() -> None:
    """In the house a HIT that begins with two may grow to ten, and does."""
    said = [f"animal {number}" for number in range(9)]
    async with house() as market:
        found = await asking(market, People(market, *said, said[0]), most=10, budget="1.00")
        assert found.answer == Label(said[0])
        assert len(found.votes) == 10
        assert [hit.max_assignments for hit in await hits_of(market)] == [10]


async def test_the_step_is_where_the_marketplace_has_it() -> None:
    """Of a marketplace whose step is elsewhere it is refused there, before anything but that was asked."""
    rules: dict[str, Any] = {"large_fee": Decimal("0.10"), "small_below": 4, "small_stays_small": True}
    async with house(**rules) as market:
        with pytest.raises(InvalidRequest, match="fewer than 4"):
            await asking(market, People(market), most=4)
        assert await hits_of(market) == []
        found = await asking(market, People(market, "cat", "dog", "dog"), most=3)
        assert found.answer == Label("dog")


async def test_the_same_name_is_the_same_question(market: Marketplace) -> None:
    """Asked again, it has the same answer and costs nothing; another question under the name is refused."""
    first = await asking(market, People(market, "cat", "cat"))
    for search in (True, False):
        again = await asking(market, People(market, "dog", "dog"), search=search)
        assert again.answer == first.answer
        assert again.hit_id == first.hit_id
    for search in (True, False):
        with pytest.raises(PublishedOtherwise):
            await asking(market, People(market), row={"image_url": "https://example.org/18.jpg"}, search=search)
    assert len(await hits_of(market)) == 1


async def test_after_the_token_is_forgotten(market: Marketplace) -> None:
    """Days later the HIT is known by its annotation, so that nothing is published a second time."""
    first = await asking(market, People(market, "cat", "cat"))
    await market.advance(timedelta(days=3))
    again = await asking(market, People(market, "dog", "dog"))
    assert again.hit_id == first.hit_id
    assert len(await hits_of(market)) == 1


async def test_another_agreement_goes_on_with_the_same_hit(market: Marketplace) -> None:
    """How many are asked is not what is asked: the HIT grows when more have to agree."""
    first = await asking(market, People(market, "cat"), agreement=1, most=1)

    second = await asking(market, Others(market, "x", "dog", "cat"), agreement=2, most=3)
    assert second.hit_id == first.hit_id
    assert second.answer == Label("cat")
    assert len(second.votes) == 3


async def dearer(market: Marketplace, hit_id: str) -> None:
    """Give a HIT another type, whose reward is higher."""
    async with market.client() as mturk:
        type_id = await label_image(reward="0.50").hit_type(mturk)
        await mturk.update_hit_type_of_hit(hit_id=hit_id, hit_type_id=type_id)


async def test_a_price_that_was_changed_meanwhile(market: Marketplace) -> None:
    """The budget holds at the price that the HIT has by now, whoever gave it another one."""

    class Meanwhile(People):
        async def _work(self, hit: HIT) -> None:
            if self.worked == 0:
                await dearer(market, hit.hit_id)
            await super()._work(hit)

    with pytest.raises(BudgetExceeded, match=r"\$1\.80.*\$1\.00.*Nobody was added"):
        await asking(market, Meanwhile(market, "cat", "dog", "cat"))
    (hit,) = await hits_of(market)
    assert hit.max_assignments == 2
    found = await asking(market, Others(market, "x", "x", "cat"), budget="1.80", most=3)
    assert found.answer == Label("cat")
    assert found.cost.total == Decimal("1.80")


async def test_a_hit_of_before_that_the_budget_does_not_pay(market: Marketplace) -> None:
    """Asked again with less money, it does not go on with a HIT that costs more; what is answered can be had."""
    with pytest.raises(ConnectionLost):
        await asking(market, Broken(market), agreement=5, most=5)
    for search in (True, False):
        with pytest.raises(BudgetExceeded, match=r"already, and can cost up to \$0\.60.*budget is \$0\.12"):
            await asking(market, People(market), agreement=1, most=1, budget="0.12", search=search)
    found = await asking(market, People(market, *["cat"] * 5), agreement=5, most=5)
    again = await asking(market, People(market), agreement=1, most=1, budget="0.12")
    assert again.answer == found.answer


class Broken(JumpingClock):
    """The program dies at its first wait."""

    def __init__(self, _: Marketplace) -> None:
        super().__init__()

    async def sleep(self, seconds: float) -> None:
        """Die."""
        raise ConnectionLost("gone")


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_is_wrong(market: Marketplace, hours: int) -> None:
    """How old a HIT is, is for the service's clock to say: ours may be wrong by more than the deadline."""
    with pytest.raises(ConnectionLost):
        await asking(market, Broken(market), agreement=1, most=1)
    wrong = JumpingClock(datetime.now(UTC).timestamp() + hours * 3600)

    class Wrong(People):
        def time(self) -> float:
            return wrong.time() + self.monotonic()

    async with Client(market.url, credentials=market.credentials, clock=wrong) as mturk:
        people = Wrong(market, "cat")
        found = await ask(mturk, label_image(), ROW, name="cat-17", deadline=1800, budget=1, clock=people)
    assert found == Label("cat")
    assert people.monotonic() < 60


async def test_an_old_question_has_the_rest_of_its_time(market: Marketplace) -> None:
    """The deadline counts from the publication, and what has ended stays so: nobody is waited for in vain."""
    with pytest.raises(ConnectionLost):
        await asking(market, Broken(market), agreement=1, most=1, deadline=600)
    async with market.client() as mturk:
        (hit,) = await hits_of(market)
        made = hit.creation_time.timestamp()
        later = Later(AiohttpTransport(), made + 400)
        people = People(market)
        async with Client(market.url, credentials=market.credentials, transport=later) as client:
            with pytest.raises(NoAgreement):
                await inquire(client, label_image(), ROW, name="cat-17", deadline=600, budget=1, clock=people)
        assert people.monotonic() == pytest.approx(200, abs=2)
        assert (await mturk.get_hit(hit.hit_id)).expiration.timestamp() < made + 600
    people = People(market)
    with pytest.raises(NoAgreement):
        await asking(market, people, agreement=1, most=5, deadline=7200)
    with pytest.raises(NoAgreement, match="in time"):
        await asking(market, people, agreement=2, most=5, deadline=7200)
    assert people.monotonic() == 0
    assert (await hits_of(market))[0].max_assignments == 1


class Later(FaultyTransport):
    """A service whose answers say that it is later."""

    def __init__(self, inner: AiohttpTransport, moment: float) -> None:
        super().__init__(inner)
        self._date = format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)

    async def send(self, request: Any, *, timeout: float, fresh_connection: bool = False) -> Any:
        """Send, and say so."""
        answer = await super().send(request, timeout=timeout, fresh_connection=fresh_connection)
        return replace(answer, headers={**answer.headers, "date": self._date})


async def test_a_hit_that_is_deleted_meanwhile(market: Marketplace) -> None:
    """When the HIT is deleted while people are asked, there is no answer any more, and the error says so."""

    class Deleting(People):
        async def _work(self, hit: HIT) -> None:
            async with market.client() as mturk:
                await mturk.expire_hit(hit.hit_id)
                await mturk.delete_hit(hit.hit_id)

    with pytest.raises(NoAgreement, match="was deleted"):
        await asking(market, Deleting(market), deadline=60)


async def test_a_hit_that_is_ended_meanwhile(market: Marketplace) -> None:
    """Nobody is waited for on a HIT that somebody has taken off the market: nobody can take it."""

    class Ending(People):
        async def _work(self, hit: HIT) -> None:
            await super()._work(hit)
            if self.worked == 2:
                async with market.client() as mturk:
                    await mturk.expire_hit(hit.hit_id)

    people = Ending(market, "cat", "dog", "cat")
    with pytest.raises(NoAgreement, match="1 of 2 did before it was ended"):
        await asking(market, people)
    assert people.monotonic() < 60


async def test_a_marketplace_of_another_time() -> None:
    """A marketplace may live in other times than its answers are dated; questions are answered all the same."""
    for start in (1_700_000_000.0, datetime.now(UTC).timestamp() + 10**7):
        async with Marketplace(clock=JumpingClock(start)) as market:
            with pytest.raises(ConnectionLost):
                await asking(market, Broken(market))
            found = await asking(market, People(market, "cat", "dog", "cat"))
            assert found.answer == Label("cat")


async def test_a_lost_answer_to_an_extension(market: Marketplace) -> None:
    """The error tells the HIT, and asking again does not add a second person."""
    people = People(market, "cat", "dog", "cat")

    class Lossy(FaultyTransport):
        async def send(self, request: Any, *, timeout: float, fresh_connection: bool = False) -> Any:
            answer = await super().send(request, timeout=timeout, fresh_connection=fresh_connection)
            if "CreateAdditional" in dict(request.headers)["X-Amz-Target"]:
                raise ConnectionLost("reset")
            return answer

    with pytest.raises(TurkError) as caught:
        await run_with(market, people, Lossy(AiohttpTransport()))
    assert caught.value.ambiguous
    assert "asking again" in caught.value.__notes__[0]
    assert (await run_with(market, people, FaultyTransport(AiohttpTransport()))).answer == Label("cat")
    assert (await hits_of(market))[0].max_assignments == 3


async def test_a_rejection_at_the_last_moment(market: Marketplace) -> None:
    """Work that somebody rejects before it can be approved is no vote, although it was one when it was read."""
    people = People(market, "dog", "cat")

    class Rejecting(FaultyTransport):
        async def send(self, request: Any, *, timeout: float, fresh_connection: bool = False) -> Any:
            if people.worked == 1 and "ApproveAssignment" in dict(request.headers)["X-Amz-Target"]:
                async with market.client() as mturk:
                    given = json.loads(request.body)["AssignmentId"]
                    await mturk.reject_assignment(given, requester_feedback="No.")
            return await super().send(request, timeout=timeout, fresh_connection=fresh_connection)

    transport = Rejecting(AiohttpTransport())
    async with Client(market.url, credentials=market.credentials, transport=transport) as mturk:
        found = await inquire(
            mturk, label_image(), ROW, name="n", deadline=1800, budget=1, agreement=1, most=2, clock=people
        )
    assert found.answer == Label("cat")
    assert found.cost.worker_pay == Decimal("0.10")


@pytest.mark.parametrize(
    "policy",
    [
        {
            "assignment_review_policy": ReviewPolicy.score_my_known_answers(
                {"label": "cat"}, extend_if_less_than=50, extend_maximum_assignments=9
            )
        },
        {
            "hit_review_policy": ReviewPolicy.simple_plurality(
                ["label"],
                question_agreement_threshold=60,
                extend_if_less_than=50,
                extend_maximum_assignments=9,
                extend_minimum_time=3600,
            )
        },
        {
            "assignment_review_policy": {
                "PolicyName": "ScoreMyKnownAnswers/2011-09-01",
                "Parameters": [
                    {"Key": "AnswerKey", "MapEntries": [{"Key": "label", "Values": ["cat"]}]},
                    {"Key": "ExtendIfKnownAnswerScoreIsLessThan", "Values": ["50"]},
                    {"Key": "ExtendMaximumAssignments", "Values": ["9"]},
                ],
            }
        },
    ],
)
async def test_policies_that_spend_by_themselves(policy: dict[str, Any]) -> None:
    """A review policy that adds people would spend beyond the budget; others are welcome."""
    transport = StubTransport()
    async with Client("https://turk.example.org", credentials=CREDENTIALS, transport=transport) as mturk:
        with pytest.raises(InvalidRequest, match="extends the HIT by itself"):
            await ask(mturk, label_image(**policy), ROW, name="n", deadline=1800, budget=1)
    assert transport.requests == []


async def test_policies_that_approve(market: Marketplace) -> None:
    """Policies that only judge what is submitted change nothing about the cost."""
    policy = ReviewPolicy.score_my_known_answers({"label": "cat"}, approve_if_at_least=50)
    found = await asking(market, People(market, "cat", "cat"), task=label_image(assignment_review_policy=policy))
    assert found.answer == Label("cat")


async def test_fees_with_another_step(market: Marketplace) -> None:
    """What is told is what the HIT costs that there is, also where fewer are asked now than the step needs."""
    fees = replace(AMAZON, large_from=3)
    people = People(market, "cat", "cat", "dog")
    with pytest.raises(NoAgreement):
        await asking(market, people, agreement=3, most=3, fees=fees)
    found = await asking(market, people, agreement=2, most=2, fees=fees)
    assert found.cost.fee == Decimal("0.12")


async def test_a_deleted_hit_is_not_replaced(market: Marketplace) -> None:
    """Within a day a HIT that was deleted is known by its token: nothing is published in its stead."""
    first = await asking(market, People(market, "cat", "cat"))
    async with market.client() as mturk:
        await mturk.delete_hit(first.hit_id)
    with pytest.raises(NoAgreement, match="was deleted"):
        await asking(market, People(market, "cat", "cat"), search=False)


async def test_faults_of_every_kind(market: Marketplace) -> None:
    """Lost answers, resets and throttling lead to the same HIT, the same number of assignments and one payment each."""
    market.faults = Faults(throttle=0.15, drop_reply=0.1, server_error=0.1, reset=0.05, seed=3)
    people = People(market, "cat", "dog", "cow", "dog")
    found = await asking(market, people)
    assert found.answer == Label("dog")
    market.faults = None
    (hit,) = await hits_of(market)
    assert hit.max_assignments == 4


async def run_with(market: Marketplace, people: People, transport: FaultyTransport) -> Asked[Label]:
    async with Client(market.url, credentials=market.credentials, transport=transport, clock=JumpingClock()) as mturk:
        return await inquire(
            mturk,
            label_image(),
            ROW,
            name="cat-17",
            deadline=1800,
            budget="1.00",
            agreement=2,
            most=5,
            clock=people,
        )


@pytest.mark.parametrize("trouble", [Trouble.CANCELLED_BEFORE, Trouble.CANCELLED_AFTER])
async def test_killed_at_every_step(trouble: Trouble) -> None:
    """Whichever request it dies at, asking again finishes with one HIT, as many people, and nobody paid twice."""
    steps = 0
    while True:
        async with Marketplace() as market:
            before = (await account(market)).available_balance
            people = People(market, "cat", "dog", "cow", "dog")
            transport = FaultyTransport(AiohttpTransport(), *([None] * steps), trouble)
            try:
                await run_with(market, people, transport)
            except asyncio.CancelledError:
                killed = True
            else:
                killed = False
            if killed:
                found = await run_with(market, people, FaultyTransport(AiohttpTransport()))
                assert found.answer == Label("dog"), steps
                (hit,) = await hits_of(market)
                assert hit.max_assignments == 4, steps
                assert people.worked == 4, steps
                spent = before - (await account(market)).available_balance
                assert spent == found.cost.total or spent == 0, steps
        if not killed:
            break
        steps += 1
    assert steps > 15


async def account(market: Marketplace) -> Any:
    async with market.client() as mturk:
        return await mturk.get_account_balance()


async def test_two_at_once(market: Marketplace) -> None:
    """Two programs that ask the same thing at the same time share the HIT, and each extension."""
    people = People(market, "cat", "dog", "cow", "dog")
    both = await asyncio.gather(asking(market, people), asking(market, people))
    assert [found.answer for found in both] == [Label("dog")] * 2
    (hit,) = await hits_of(market)
    assert hit.max_assignments == 4


async def test_a_failed_extension_tells_where_it_stands(market: Marketplace) -> None:
    """When another assignment cannot be paid, the error tells the HIT, and asking again goes on with it."""
    inner = AiohttpTransport()

    class Poor(FaultyTransport):
        async def send(self, request: Any, *, timeout: float, fresh_connection: bool = False) -> Any:
            if "CreateAdditional" in dict(request.headers)["X-Amz-Target"]:
                return error_reply("InsufficientFunds", "No money.")
            return await super().send(request, timeout=timeout, fresh_connection=fresh_connection)

    people = People(market, "cat", "dog", "cat")
    with pytest.raises(InsufficientFunds) as caught:
        await run_with(market, people, Poor(inner))
    assert "asking again" in caught.value.__notes__[0]
    assert (await run_with(market, people, FaultyTransport(AiohttpTransport()))).answer == Label("cat")


async def test_an_ambiguous_error_goes_through(market: Marketplace) -> None:
    """After a lost answer it is not known whether the HIT is there; the error says so, and asking again settles it."""
    # What is taken, what there is, the HIT type, and then the HIT.
    transport = FaultyTransport(AiohttpTransport(), None, None, None, Trouble.RESET_AFTER)
    async with Client(market.url, credentials=market.credentials, transport=transport, retries=False) as mturk:
        with pytest.raises(ConnectionLost) as caught:
            await ask(mturk, label_image(), ROW, name="n", deadline=1800, budget=1, clock=People(market))
    assert caught.value.ambiguous
    assert len(await hits_of(market)) == 1
    found = await asking(market, People(market, "cat"), name="n", agreement=1, most=1)
    assert found.answer == Label("cat")
    assert len(await hits_of(market)) == 1
