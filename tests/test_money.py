"""
Money against the real marketplace: whatever happens on the way, nothing is paid twice and nothing is told wrongly.

A faulty transport makes trouble between the client and a marketplace with accounts. After every call the books are
compared with what the client said.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk import Client, TurkError
from aioturk.errors import (
    DuplicateCall,
    HITAlreadyExists,
    InsufficientFunds,
    InvalidAssignmentState,
    InvalidHITState,
)
from aioturk.marketplace import Marketplace
from aioturk.models import HIT, AssignmentStatus
from aioturk.testing import FaultyTransport, JumpingClock, Trouble
from aioturk.transport import AiohttpTransport

WORKER = "A1B2C3D4E5F6G7"
LOST = (Trouble.RESET_AFTER, Trouble.TIMEOUT_AFTER, Trouble.FAULT_AFTER, Trouble.UNREADABLE)
HARMLESS = (Trouble.REFUSED, Trouble.THROTTLED)
NEVER_ARRIVED = (Trouble.RESET_BEFORE, Trouble.TIMEOUT_BEFORE, Trouble.FAULT_BEFORE)
TROUBLES = st.sampled_from([*LOST, *HARMLESS, *NEVER_ARRIVED])


@dataclass
class Desk:
    """
    A requester's place: a client with trouble on the line, one without, and the market itself.

    Attributes:
        market: The marketplace.
        mturk: The client whose line is faulty.
        line: The faulty line.
        books: A client with a good line, for looking at what really happened.
    """

    market: Marketplace
    mturk: Client
    line: FaultyTransport
    books: Client

    async def create(self, client: Client | None = None, **changes: Any) -> HIT:
        settings = {
            "title": "Guess the age",
            "description": "Look and guess.",
            "reward": "0.25",
            "lifetime": 3600,
            "assignment_duration": 300,
            "max_assignments": 2,
            "question": '<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/'
            '2006-07-14/ExternalQuestion.xsd"><ExternalURL>https://example.org/</ExternalURL>'
            "<FrameHeight>0</FrameHeight></ExternalQuestion>",
        }
        return await (client or self.mturk).create_hit(**{**settings, **changes})

    async def submitted(self) -> str:
        """Have a worker submit work on a new HIT; returns the assignment's id."""
        hit = await self.create(self.books)
        worker = self.market.worker(WORKER)
        assignment_id = await worker.accept(hit.hit_id)
        await worker.submit(assignment_id, {"age": "36"})
        return assignment_id

    async def hits(self) -> list[HIT]:
        return [hit async for hit in self.books.list_hits()]

    async def bonuses(self, assignment_id: str) -> list[Decimal]:
        return [bonus.bonus_amount async for bonus in self.books.list_bonus_payments(assignment_id=assignment_id)]

    async def status(self, assignment_id: str) -> AssignmentStatus:
        return (await self.books.get_assignment(assignment_id)).assignment.assignment_status

    async def spent(self) -> Decimal:
        """What has left the account for good."""
        balance = await self.books.get_account_balance()
        return START - balance.available_balance - (balance.on_hold_balance or 0)


START = Decimal("100.00")


@contextlib.asynccontextmanager
async def desk_in(market: Marketplace) -> AsyncIterator[Desk]:
    line = FaultyTransport(AiohttpTransport())
    mturk = Client(
        market.url, credentials=market.credentials, transport=line, clock=JumpingClock(time.time()), timeout=600
    )
    async with mturk, market.client() as books:
        yield Desk(market, mturk, line, books)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with Marketplace(balance=START) as market, desk_in(market) as made:
        yield made


def on_a_new_desk(test: Callable[[Desk], Awaitable[None]]) -> None:
    """Run a test on a marketplace of its own; for hypothesis, which has no asynchronous tests."""

    async def run() -> None:
        async with Marketplace(balance=START) as market, desk_in(market) as desk:
            await test(desk)

    asyncio.run(run())


@settings(max_examples=25, deadline=None)
@given(troubles=st.lists(TROUBLES, max_size=6))
def test_a_hit_is_made_once_whatever_happens(troubles: list[Trouble]) -> None:
    """After any series of troubles create_hit returns the one HIT that exists."""

    async def test(desk: Desk) -> None:
        desk.line.expect(*troubles)
        made = await desk.create()
        assert [hit.hit_id for hit in await desk.hits()] == [made.hit_id]

    on_a_new_desk(test)


@settings(max_examples=25, deadline=None)
@given(troubles=st.lists(TROUBLES, max_size=6))
def test_a_bonus_is_paid_once_whatever_happens(troubles: list[Trouble]) -> None:
    """After any series of troubles send_bonus has paid exactly one bonus, and its fee."""

    async def test(desk: Desk) -> None:
        assignment_id = await desk.submitted()
        desk.line.expect(*troubles)
        await desk.mturk.send_bonus(WORKER, assignment_id, bonus_amount="1.00", reason="Thanks!")
        assert await desk.bonuses(assignment_id) == [Decimal("1.00")]
        assert await desk.spent() == Decimal("1.20")

    on_a_new_desk(test)


@settings(max_examples=25, deadline=None)
@given(troubles=st.lists(TROUBLES, max_size=6))
def test_a_hit_grows_once_whatever_happens(troubles: list[Trouble]) -> None:
    """After any series of troubles the HIT has grown by what was asked for, and no more."""

    async def test(desk: Desk) -> None:
        hit = await desk.create(desk.books)
        desk.line.expect(*troubles)
        await desk.mturk.create_additional_assignments_for_hit(hit.hit_id, number_of_additional_assignments=3)
        assert (await desk.books.get_hit(hit.hit_id)).max_assignments == 5

    on_a_new_desk(test)


@settings(max_examples=60, deadline=None)
@given(
    troubles=st.lists(st.sampled_from([*LOST, *HARMLESS, *NEVER_ARRIVED, *HARMLESS, None]), max_size=3),
    what=st.sampled_from(["hit", "bonus", "growth", "approval"]),
    funds=st.sampled_from(["0.59", "0.60", "100"]),
    patience=st.sampled_from([{"retries": False}, {"timeout": 0.2}, {}]),
)
def test_an_error_tells_the_truth_about_the_money(
    troubles: list[Trouble | None], what: str, funds: str, patience: dict[str, Any]
) -> None:
    """
    Success means done once, an unambiguous error means not done, and an ambiguous one at most once.

    Whether the call is made once, repeated for a short time, or for as long as it takes.
    """

    async def run() -> None:
        async with Marketplace(balance=Decimal(funds)) as market, desk_in(market) as desk:
            hit = None
            assignment_id = ""
            if what != "hit":
                try:
                    assignment_id = await desk.submitted()
                except InsufficientFunds:
                    return
                hit = (await desk.hits())[0]
            desk.line.expect(*troubles)
            mturk = desk.mturk.with_options(**patience)
            error: TurkError | None = None
            try:
                if what == "hit":
                    await desk.create(mturk)
                elif what == "bonus":
                    await mturk.send_bonus(WORKER, assignment_id, bonus_amount="0.50", reason="r")
                elif what == "growth":
                    assert hit is not None
                    await mturk.create_additional_assignments_for_hit(hit.hit_id, number_of_additional_assignments=1)
                else:
                    await mturk.approve_assignment(assignment_id)
            except TurkError as raised:
                error = raised
            done = await _times_done(desk, what, assignment_id)
            if error is None:
                assert done == 1
            elif error.ambiguous:
                assert done <= 1
            else:
                assert done == 0

    asyncio.run(run())


async def _times_done(desk: Desk, what: str, assignment_id: str) -> int:
    if what == "hit":
        return len(await desk.hits())
    if what == "bonus":
        return len(await desk.bonuses(assignment_id))
    if what == "growth":
        return (await desk.hits())[0].max_assignments - 2
    return int(await desk.status(assignment_id) is AssignmentStatus.APPROVED)


@pytest.mark.parametrize("lost", LOST)
async def test_effect_then_lost_reply_then_no_funds(desk: Desk, lost: Trouble) -> None:
    """A HIT that took all the money, whose reply was lost, is found by its token, not reported as unaffordable."""
    desk.line.expect(lost)
    hit = await desk.create(reward="40.00")  # two assignments and the fee: 96 of 100 dollars
    assert [found.hit_id for found in await desk.hits()] == [hit.hit_id]


async def test_no_funds_after_an_attempt_that_never_arrived(desk: Desk) -> None:
    """The money went elsewhere meanwhile: nothing was made, but nobody can know, so it is ambiguous."""
    await desk.create(desk.books, reward="40.00")
    desk.line.expect(Trouble.RESET_BEFORE)
    with pytest.raises(InsufficientFunds) as caught:
        await desk.create(reward="40.00")
    assert caught.value.ambiguous
    assert "look before repeating" in str(caught.value)
    assert len(await desk.hits()) == 1


@pytest.mark.parametrize("lost", LOST)
async def test_approval_whose_reply_was_lost(desk: Desk, lost: Trouble) -> None:
    """The repeat is refused because the first attempt approved it: that is success, and paid once."""
    assignment_id = await desk.submitted()
    desk.line.expect(lost)
    await desk.mturk.approve_assignment(assignment_id)
    assert await desk.status(assignment_id) is AssignmentStatus.APPROVED
    assert await desk.spent() == Decimal("0.30")


@pytest.mark.parametrize("lost", LOST)
async def test_rejection_whose_reply_was_lost(desk: Desk, lost: Trouble) -> None:
    """The same for a rejection."""
    assignment_id = await desk.submitted()
    desk.line.expect(lost)
    await desk.mturk.reject_assignment(assignment_id, requester_feedback="Empty.")
    assert await desk.status(assignment_id) is AssignmentStatus.REJECTED


async def test_somebody_else_rejected_meanwhile(desk: Desk) -> None:
    """Our approval never arrived and somebody else rejected: that is not what was asked for, and raises."""
    assignment_id = await desk.submitted()
    await desk.books.reject_assignment(assignment_id, requester_feedback="No.")
    desk.line.expect(Trouble.RESET_BEFORE)
    with pytest.raises(InvalidAssignmentState) as caught:
        await desk.mturk.approve_assignment(assignment_id)
    assert caught.value.ambiguous


async def test_somebody_else_approved_meanwhile(desk: Desk) -> None:
    """Our approval never arrived, but it is approved: what was asked for. Our rejection would not be."""
    assignment_id = await desk.submitted()
    await desk.books.approve_assignment(assignment_id)
    desk.line.expect(Trouble.RESET_BEFORE, None, None, Trouble.RESET_BEFORE)
    await desk.mturk.approve_assignment(assignment_id)
    with pytest.raises(InvalidAssignmentState) as caught:
        await desk.mturk.reject_assignment(assignment_id, requester_feedback="No.")
    assert caught.value.ambiguous


async def test_a_first_refusal_is_somebody_elses_doing(desk: Desk) -> None:
    """Approving what is approved already raises, unambiguously: our call did nothing (R3)."""
    assignment_id = await desk.submitted()
    await desk.books.approve_assignment(assignment_id)
    with pytest.raises(InvalidAssignmentState) as caught:
        await desk.mturk.approve_assignment(assignment_id)
    assert not caught.value.ambiguous


async def test_a_callers_token_protects_across_calls(desk: Desk) -> None:
    """The second call with one token raises with the first HIT's id, and makes nothing."""
    hit = await desk.create(unique_request_token="row-7")
    with pytest.raises(HITAlreadyExists) as caught:
        await desk.create(unique_request_token="row-7")
    assert caught.value.hit_id == hit.hit_id
    assert not caught.value.ambiguous
    assert len(await desk.hits()) == 1


@pytest.mark.parametrize("trouble", [Trouble.RESET_BEFORE, Trouble.RESET_AFTER])
async def test_a_callers_token_of_another_hit_is_not_taken_for_ours(desk: Desk, trouble: Trouble) -> None:
    """The token made another HIT before: after a lost reply that HIT is compared, found different, and raised (R6)."""
    other = await desk.create(desk.books, title="Another task", unique_request_token="row-7")
    desk.line.expect(trouble)
    with pytest.raises(HITAlreadyExists) as caught:
        await desk.create(unique_request_token="row-7")
    assert caught.value.hit_id == other.hit_id
    assert caught.value.ambiguous


async def test_a_callers_token_of_the_same_hit_is_ours(desk: Desk) -> None:
    """A call repeated after a crash, with its old token, gets the HIT when its replies are lost."""
    before = await desk.create(desk.books, unique_request_token="row-7")
    desk.line.expect(Trouble.RESET_BEFORE)
    assert (await desk.create(unique_request_token="row-7")).hit_id == before.hit_id


async def test_a_callers_bonus_token_used_for_another_sum(desk: Desk) -> None:
    """The token paid another sum before: after a lost reply that is found out, and raised (R6)."""
    assignment_id = await desk.submitted()
    token = {"reason": "r", "unique_request_token": "bonus-7"}
    await desk.books.send_bonus(WORKER, assignment_id, bonus_amount="2.00", **token)
    desk.line.expect(Trouble.RESET_BEFORE)
    with pytest.raises(DuplicateCall) as caught:
        await desk.mturk.send_bonus(WORKER, assignment_id, bonus_amount="1.00", **token)
    assert caught.value.ambiguous
    assert await desk.bonuses(assignment_id) == [Decimal("2.00")]


@pytest.mark.parametrize("lost", LOST)
async def test_extension_whose_reply_was_lost(desk: Desk, lost: Trouble) -> None:
    """The service refuses the same extension twice; the expiration shows that the first took effect."""
    hit = await desk.create(desk.books)
    later = hit.expiration.replace(microsecond=0) + 2 * hit.assignment_duration
    desk.line.expect(lost)
    await desk.mturk.update_expiration_for_hit(hit.hit_id, expire_at=later)
    assert (await desk.books.get_hit(hit.hit_id)).expiration == later


@pytest.mark.parametrize("lost", LOST)
async def test_deletion_whose_reply_was_lost(desk: Desk, lost: Trouble) -> None:
    """A HIT that is gone after our own attempt is deleted; deleting a live one is refused."""
    hit = await desk.create(desk.books)
    desk.line.expect(Trouble.RESET_BEFORE)
    with pytest.raises(InvalidHITState) as caught:
        await desk.mturk.delete_hit(hit.hit_id)
    assert caught.value.ambiguous
    await desk.mturk.update_expiration_for_hit(hit.hit_id, expire_at=0)
    desk.line.expect(lost)
    await desk.mturk.delete_hit(hit.hit_id)
    assert await desk.hits() == []


@pytest.mark.parametrize("trouble", [Trouble.CANCELLED_BEFORE, Trouble.CANCELLED_AFTER])
async def test_a_cancelled_call_is_repeated_with_its_token(desk: Desk, trouble: Trouble) -> None:
    """After a cancellation the caller's own token makes the repeat safe: one HIT, or its id (R7)."""
    desk.line.expect(trouble)
    with pytest.raises(asyncio.CancelledError):
        await desk.create(unique_request_token="row-7")
    try:
        hit_id: str | None = (await desk.create(unique_request_token="row-7")).hit_id
    except HITAlreadyExists as exists:
        hit_id = exists.hit_id
    assert [hit.hit_id for hit in await desk.hits()] == [hit_id]


async def test_many_callers_at_once_on_a_bad_line(desk: Desk) -> None:
    """Forty concurrent calls, half of them in trouble, make forty HITs."""
    troubles = [*LOST, *NEVER_ARRIVED, *HARMLESS, None, None] * 6
    desk.line.expect(*troubles)
    made = await asyncio.gather(*(desk.create(reward="0.01", max_assignments=1) for _ in range(40)))
    assert {hit.hit_id for hit in await desk.hits()} == {hit.hit_id for hit in made}
    assert len({hit.hit_id for hit in made}) == 40
