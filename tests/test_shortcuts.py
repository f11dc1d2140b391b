"""
The shortcuts against the real marketplace, step by step: whatever fails, nothing is paid twice and nothing is lost.

Waiting on the client's clock turns the market's, so that nobody waits. Troubles happen on the line; where the service
itself has to say something that the marketplace cannot be brought to say, an answer is slipped in.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import pickle
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk import Client, InvalidRequest, TurkError
from aioturk._core import codec
from aioturk._core.messages import Request, Response
from aioturk.errors import (
    AccessDenied,
    CredentialsRefused,
    DoesNotMeetRequirements,
    DuplicateCall,
    HITDoesNotExist,
    InsufficientFunds,
    InvalidHITState,
    InvalidMaximumAssignmentsIncrease,
    InvalidParameterValue,
    NotRetired,
    ParameterValidationError,
    QualificationTypeAlreadyExists,
    RequestError,
)
from aioturk.marketplace import Faults, Marketplace
from aioturk.models import HIT, AssignmentStatus, Comparator, HITStatus, QualificationRequirement
from aioturk.shortcuts import Exclusion, Notified
from aioturk.testing import CREDENTIALS, FaultyTransport, JumpingClock, StubTransport, Trouble, error_reply, reply
from aioturk.transport import AiohttpTransport

ANNA, BERT, CARA = "A1ANNA00000000", "A2BERT00000000", "A3CARA00000000"
QUESTION = (
    '<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/'
    'ExternalQuestion.xsd"><ExternalURL>https://example.org/</ExternalURL><FrameHeight>0</FrameHeight>'
    "</ExternalQuestion>"
)
START = Decimal("100.00")
LOST = (Trouble.RESET_AFTER, Trouble.TIMEOUT_AFTER, Trouble.FAULT_AFTER, Trouble.UNREADABLE)
NEVER_ARRIVED = (Trouble.RESET_BEFORE, Trouble.TIMEOUT_BEFORE, Trouble.FAULT_BEFORE)
TROUBLES = st.lists(
    st.sampled_from([None, None, *LOST, *NEVER_ARRIVED, Trouble.REFUSED, Trouble.THROTTLED]), max_size=12
)


class MarketClock:
    """A clock whose waits turn the market's clock; the time of day, by which requests are signed, is the real one."""

    def __init__(self, market: Marketplace) -> None:
        self._market = market
        self._elapsed = 0.0
        self.slept: list[float] = []
        self.meanwhile: dict[int, Callable[[], Awaitable[Any]]] = {}
        """What happens during the wait of this number."""

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._elapsed += max(seconds, 0.0)
        happens = self.meanwhile.pop(len(self.slept) - 1, None)
        if happens is not None:
            await happens()
        await self._market.advance(timedelta(seconds=max(seconds, 0.0)))


class Line(FaultyTransport):
    """A faulty line on which some operations are answered by somebody else."""

    def __init__(self, *troubles: Trouble | None) -> None:
        super().__init__(AiohttpTransport(), *troubles)
        self.instead: dict[str, list[Response | None]] = {}
        """For each operation, the answers that its next requests get; None lets one through."""

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        answers = self.instead.get(operation_of(request))
        answer = answers.pop(0) if answers else None
        if answer is not None:
            self.requests.append(request)
            return answer
        return await super().send(request, timeout=timeout, fresh_connection=fresh_connection)

    @property
    def calls(self) -> list[str]:
        return [operation_of(request) for request in self.requests]


def operation_of(request: Request) -> str:
    return dict(request.headers).get("X-Amz-Target", "").rpartition(".")[2]


@dataclass
class Desk:
    """
    A requester's place.

    Attributes:
        market: The marketplace.
        mturk: A client whose line can be made faulty, on the market's clock.
        line: Its line.
        clock: Its clock.
        books: A client with a good line, for looking at what really happened.
    """

    market: Marketplace
    mturk: Client
    line: Line
    clock: MarketClock
    books: Client

    async def create(self, **changes: Any) -> HIT:
        values: dict[str, Any] = {
            "title": "Guess the age",
            "description": "Look and guess.",
            "reward": "0.50",
            "lifetime": 3600,
            "assignment_duration": 300,
            "max_assignments": 3,
            "question": QUESTION,
        }
        return await self.books.create_hit(**{**values, **changes})

    async def submit(self, hit_id: str, worker_id: str = ANNA) -> str:
        worker = self.market.worker(worker_id)
        assignment_id = await worker.accept(hit_id)
        await worker.submit(assignment_id, {"age": "36"})
        return assignment_id

    async def status(self, hit_id: str) -> HITStatus:
        return (await self.books.get_hit(hit_id)).hit_status

    async def work(self, hit_id: str) -> dict[str, AssignmentStatus]:
        return {
            each.assignment_id: each.assignment_status async for each in self.books.list_assignments_for_hit(hit_id)
        }

    async def spent(self) -> Decimal:
        """What has left the account for good."""
        balance = await self.books.get_account_balance()
        return START - balance.available_balance - (balance.on_hold_balance or 0)

    async def held(self) -> Decimal:
        return (await self.books.get_account_balance()).on_hold_balance or Decimal(0)


@contextlib.asynccontextmanager
async def new_desk(**options: Any) -> AsyncIterator[Desk]:
    async with Marketplace(**{"balance": START, **options}) as market:
        line, clock = Line(), MarketClock(market)
        mturk = Client(market.url, credentials=market.credentials, transport=line, clock=clock, timeout=600)
        async with mturk, market.client() as books:
            yield Desk(market, mturk, line, clock, books)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with new_desk() as made:
        yield made


def on_a_new_desk(test: Callable[[Desk], Awaitable[None]]) -> None:
    """Run a test at a desk of its own; for hypothesis, which has no asynchronous tests."""

    async def run() -> None:
        async with new_desk() as desk:
            await test(desk)

    asyncio.run(run())


def stub(*outcomes: Any, **options: Any) -> tuple[Client, StubTransport]:
    """A client that is answered from a script."""
    transport = StubTransport(*outcomes)
    return Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=JumpingClock(), **options), transport


def notes(error: BaseException) -> str:
    return " ".join(getattr(error, "__notes__", []))


# Expiring.


async def test_an_expired_hit_is_off_the_market(desk: Desk) -> None:
    """Nobody can accept it, whoever works may go on, and doing it again changes nothing."""
    hit = await desk.create()
    worker = desk.market.worker(ANNA)
    assignment_id = await worker.accept(hit.hit_id)
    await desk.mturk.expire_hit(hit.hit_id)
    assert await desk.status(hit.hit_id) == "Unassignable"
    with pytest.raises(TurkError):
        await desk.market.worker(BERT).accept(hit.hit_id)
    ended = (await desk.books.get_hit(hit.hit_id)).expiration
    await worker.submit(assignment_id, {"age": "36"})
    await desk.mturk.expire_hit(hit.hit_id)
    now = await desk.books.get_hit(hit.hit_id)
    assert (now.hit_status, now.expiration) == ("Reviewable", ended)
    assert await desk.spent() == 0


async def test_expiring_needs_no_clock() -> None:
    """The time that is sent is that of 1970, so that no clock can make it a future one."""
    mturk, transport = stub(reply())
    await mturk.expire_hit("3HIT")
    assert transport.calls == [("UpdateExpirationForHIT", {"HITId": "3HIT", "ExpireAt": 0})]


# Extending.


async def test_more_time_is_counted_from_the_present_expiration(desk: Desk) -> None:
    """Lifetime comes on top of what is left, and nothing else is changed."""
    hit = await desk.create()
    until = await desk.mturk.extend_hit(hit.hit_id, lifetime=timedelta(hours=2))
    now = await desk.books.get_hit(hit.hit_id)
    assert until == now.expiration == hit.expiration + timedelta(hours=2)
    assert now.max_assignments == 3
    assert desk.line.calls == ["GetHIT", "UpdateExpirationForHIT", "GetHIT"]


async def test_an_expired_hit_comes_back(desk: Desk) -> None:
    """For a HIT that has expired, lifetime is counted from now; even the shortest one arrives long enough."""
    hit = await desk.create()
    await desk.books.expire_hit(hit.hit_id)
    before = datetime.now(UTC)
    until = await desk.mturk.extend_hit(hit.hit_id, lifetime=60)
    now = await desk.books.get_hit(hit.hit_id)
    assert (now.hit_status, now.expiration) == ("Assignable", until)
    assert until is not None
    assert timedelta(seconds=61) <= until - before.replace(microsecond=0) <= timedelta(seconds=122)
    assert until.microsecond == 0


async def test_a_time_to_extend_to(desk: Desk) -> None:
    """`expire_at` is taken as it is; asking for the time that the HIT has already sends nothing."""
    hit = await desk.create()
    moment = hit.expiration.replace(microsecond=0) + timedelta(hours=5)
    for _ in range(2):
        assert await desk.mturk.extend_hit(hit.hit_id, expire_at=moment) == moment
    assert (await desk.books.get_hit(hit.hit_id)).expiration == moment
    assert desk.line.calls == ["GetHIT", "UpdateExpirationForHIT", "GetHIT", "GetHIT"]


async def test_more_assignments(desk: Desk) -> None:
    """Assignments alone are one call, which holds their rewards and fees; the expiration stays."""
    hit = await desk.create()
    held = await desk.held()
    assert await desk.mturk.extend_hit(hit.hit_id, assignments=4) is None
    now = await desk.books.get_hit(hit.hit_id)
    assert (now.max_assignments, now.expiration) == (7, hit.expiration)
    assert await desk.held() - held == 4 * Decimal("0.60")
    assert desk.line.calls == ["CreateAdditionalAssignmentsForHIT"]


async def test_the_same_second_again(desk: Desk) -> None:
    """
    A HIT that was extended to a second, and ended, is extended to the next free second, since the same is refused.

    Asking again for the same time finds it given.
    """
    hit = await desk.create()
    moment = hit.expiration.replace(microsecond=0) + timedelta(hours=1)
    for later in range(4):
        for _ in range(2):
            assert await desk.mturk.extend_hit(hit.hit_id, expire_at=moment) == moment + timedelta(seconds=later)
        assert await desk.status(hit.hit_id) == "Assignable"
        await desk.mturk.expire_hit(hit.hit_id)


async def test_other_words_for_the_same_second(desk: Desk) -> None:
    """The code of that refusal is not documented: a plain refusal that quotes the HIT's id counts as well."""
    hit = await desk.create()
    text = f'The idempotency token "{hit.hit_id}Wed Jul 14 20:26:06 UTC 2021" has already been processed. (1)'
    desk.line.instead["UpdateExpirationForHIT"] = [error_reply("Unheard", text)]
    until = await desk.mturk.extend_hit(hit.hit_id, lifetime=3600)
    assert until == hit.expiration + timedelta(seconds=3601)


async def test_seconds_run_out(desk: Desk) -> None:
    """After thirty refused seconds the refusal is raised."""
    hit = await desk.create()
    refusal = error_reply("DuplicateCall", "has already been processed")
    desk.line.instead["UpdateExpirationForHIT"] = [refusal] * 31
    with pytest.raises(DuplicateCall) as caught:
        await desk.mturk.extend_hit(hit.hit_id, lifetime=3600)
    assert not caught.value.ambiguous
    assert desk.line.calls.count("UpdateExpirationForHIT") == 30


@pytest.mark.parametrize(
    ("code", "kind"), [("InvalidHITState", InvalidHITState), ("InvalidParameterValue", InvalidParameterValue)]
)
async def test_other_refusals_are_raised(desk: Desk, code: str, kind: type[TurkError]) -> None:
    """Only that one refusal is answered with another second."""
    hit = await desk.create()
    wire = "ParameterValidationError" if code == "InvalidParameterValue" else "RequestError"
    desk.line.instead["UpdateExpirationForHIT"] = [error_reply(code, "No.", kind=wire)]
    with pytest.raises(kind):
        await desk.mturk.extend_hit(hit.hit_id, lifetime=3600)
    assert desk.line.calls.count("UpdateExpirationForHIT") == 1


async def test_a_refused_echo_is_not_taken_for_an_old_extension(desk: Desk) -> None:
    """When the reply is lost and the state cannot be read, no other second is tried: the error says that it is open."""
    hit = await desk.create()
    desk.line.expect(None, Trouble.RESET_AFTER)
    desk.line.instead["GetHIT"] = [None, error_reply("AccessDenied", "No.", kind="AccessDeniedException")]
    with pytest.raises(DuplicateCall) as caught:
        await desk.mturk.extend_hit(hit.hit_id, lifetime=3600)
    assert caught.value.ambiguous
    assert (await desk.books.get_hit(hit.hit_id)).expiration == hit.expiration + timedelta(hours=1)


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("arguments", "argument", "says"),
    [
        ({}, None, "asked for nothing"),
        ({"lifetime": 60, "expire_at": NOW}, None, "one of them"),
        ({"lifetime": 60, "unique_request_token": "t"}, "unique_request_token", "for added assignments"),
        ({"assignments": 0}, "assignments", "from 1 to"),
        ({"assignments": True}, "assignments", "whole number"),
        ({"assignments": 1, "unique_request_token": ""}, "unique_request_token", "empty"),
        ({"lifetime": 59}, "lifetime", "60 seconds to 365 days"),
        ({"lifetime": timedelta(days=365, seconds=1)}, "lifetime", "60 seconds to 365 days"),
        ({"lifetime": 10**30}, "lifetime", "60 seconds to 365 days"),
        ({"lifetime": "1 h"}, "lifetime", "whole seconds"),
        ({"lifetime": True}, "lifetime", "whole seconds"),
        ({"expire_at": datetime(2030, 1, 1)}, "expire_at", "time zone"),
        ({"expire_at": 1.0}, "expire_at", "time zone"),
    ],
)
async def test_senseless_extensions(arguments: dict[str, Any], argument: str | None, says: str) -> None:
    """What cannot be meant is refused before anything is sent, under the name that the caller used."""
    mturk, transport = stub()
    with pytest.raises(InvalidRequest, match=says) as caught:
        await mturk.extend_hit("3HIT", **arguments)
    assert caught.value.argument == argument
    assert transport.calls == []


@pytest.mark.parametrize("by", [timedelta(seconds=59), timedelta(hours=-1), timedelta(days=365, seconds=1)])
@pytest.mark.parametrize("ended", [False, True])
async def test_times_out_of_bounds(desk: Desk, by: timedelta, ended: bool) -> None:
    """A time less than a minute or more than a year after the present end, or after now, is refused before sending."""
    hit = await desk.create(lifetime=60 if ended else 7200)
    if ended:
        await desk.books.expire_hit(hit.hit_id)
    moment = (datetime.now(UTC) if ended else hit.expiration) + by
    with pytest.raises(InvalidRequest, match="counted from now" if ended else "counted from the present") as caught:
        await desk.mturk.extend_hit(hit.hit_id, assignments=1, expire_at=moment)
    assert caught.value.argument == "expire_at"
    assert desk.line.calls == ["GetHIT"]


async def ended_while_our_clock_stood_still(desk: Desk) -> HIT:
    """A HIT that has ended for the service, whose clock is 30 days ahead, and is still to end for us."""
    hit = await desk.create()
    await desk.market.advance(timedelta(days=30))
    return hit


@pytest.mark.parametrize("more", [{}, {"assignments": 2}])
async def test_a_time_that_the_service_takes_for_a_past_one(desk: Desk, more: dict[str, Any]) -> None:
    """A service whose clock is ahead says yes and does nothing: that is an error, and no assignments are added."""
    hit = await ended_while_our_clock_stood_still(desk)
    before = await desk.books.get_hit(hit.hit_id)
    with pytest.raises(
        TurkError, match="clock is ahead of this computer's, and it took that time for a past"
    ) as caught:
        await desk.mturk.extend_hit(hit.hit_id, lifetime=timedelta(days=1), **more)
    assert "The HIT is as it was. No assignments were added." in str(caught.value)
    assert f"its expiration is {hit.expiration}" in str(caught.value)
    assert not caught.value.ambiguous
    assert await desk.books.get_hit(hit.hit_id) == before
    assert desk.line.calls == ["GetHIT", "UpdateExpirationForHIT", "GetHIT"]


async def test_a_clock_that_is_minutes_behind(desk: Desk) -> None:
    """A few minutes, which signatures tolerate, are enough for a short time to be a past one."""
    hit = await desk.create()
    await desk.books.expire_hit(hit.hit_id)
    await desk.market.advance(timedelta(minutes=6))
    with pytest.raises(TurkError, match="took that time for a past one"):
        await desk.mturk.extend_hit(hit.hit_id, lifetime=60)
    assert await desk.mturk.extend_hit(hit.hit_id, lifetime=3600) is not None
    assert await desk.status(hit.hit_id) == "Assignable"


async def test_a_time_by_the_clock_of_the_service(desk: Desk) -> None:
    """What the error advises works: a time to come by the service's clock brings the HIT back."""
    hit = await ended_while_our_clock_stood_still(desk)
    moment = hit.expiration.replace(microsecond=0) + timedelta(days=31)
    assert await desk.mturk.extend_hit(hit.hit_id, expire_at=moment) == moment
    assert await desk.status(hit.hit_id) == "Assignable"


@pytest.mark.parametrize("reviewing", [False, True])
@pytest.mark.parametrize("by", [0, 59])
async def test_the_time_at_which_a_hit_has_ended(desk: Desk, reviewing: bool, by: int) -> None:
    """What is over by its state is not taken for given, although our clock says that its time is still to come."""
    hit = await ended_while_our_clock_stood_still(desk)
    if reviewing:
        await desk.books.update_hit_review_status(hit.hit_id)
    with pytest.raises(InvalidRequest, match="which has passed by the service's clock") as caught:
        await desk.mturk.extend_hit(hit.hit_id, expire_at=hit.expiration + timedelta(seconds=by))
    assert caught.value.argument == "expire_at"
    assert desk.line.calls == ["GetHIT"]


async def test_over_while_somebody_works(desk: Desk) -> None:
    """A HIT that somebody still works on, and nobody can accept although there is something left, is over as well."""
    hit = await desk.create(assignment_duration=timedelta(days=60))
    await desk.market.worker(ANNA).accept(hit.hit_id)
    await desk.market.advance(timedelta(days=30))
    assert await desk.status(hit.hit_id) == "Unassignable"
    with pytest.raises(InvalidRequest, match="which has passed by the service's clock"):
        await desk.mturk.extend_hit(hit.hit_id, expire_at=hit.expiration)


async def test_lifetime_on_top_of_what_is_over(desk: Desk) -> None:
    """By a slow clock, lifetime is counted from the expiration of what is over: the service's clock is beyond that."""
    hit = await desk.create()
    await desk.market.advance(timedelta(hours=2))
    until = await desk.mturk.extend_hit(hit.hit_id, lifetime=timedelta(hours=2))
    assert until == hit.expiration.replace(microsecond=0) + timedelta(hours=2, seconds=2)
    assert await desk.status(hit.hit_id) == "Assignable"


async def test_what_is_on_the_market_is_not_over(desk: Desk) -> None:
    """By a fast clock, too, lifetime is counted from the present expiration of what can be accepted."""
    hit = await desk.create()
    desk.clock.time = lambda: time.time() + 6000  # type: ignore[method-assign]
    moment = hit.expiration + timedelta(hours=5)
    desk.line.instead["UpdateExpirationForHIT"] = [reply()]
    desk.line.instead["GetHIT"] = [
        reply(await desk.books.call("GetHIT", {"HITId": hit.hit_id})),
        reply(
            {
                "HIT": {
                    **(await desk.books.call("GetHIT", {"HITId": hit.hit_id}))["HIT"],
                    "Expiration": moment.timestamp(),
                }
            }
        ),
    ]
    await desk.mturk.extend_hit(hit.hit_id, lifetime=timedelta(hours=5))
    asked = codec.read_document(desk.line.requests[1].body)["ExpireAt"]
    assert datetime.fromtimestamp(asked, UTC) == moment


async def full(desk: Desk) -> HIT:
    """A HIT with nothing left to accept, all of it submitted."""
    hit = await desk.create(max_assignments=1)
    await desk.submit(hit.hit_id)
    return hit


async def test_a_given_time_when_nothing_is_left(desk: Desk) -> None:
    """The state of a full HIT does not tell whether it is over; when it is not, its time is given, as it was."""
    hit = await full(desk)
    extend: dict[str, Any] = {"expire_at": hit.expiration, "assignments": 2}
    assert await desk.mturk.extend_hit(hit.hit_id, **extend) == hit.expiration
    now = await desk.books.get_hit(hit.hit_id)
    assert (now.hit_status, now.max_assignments, now.expiration) == ("Assignable", 3, hit.expiration)


@pytest.mark.parametrize("by", [0, 0.5])
async def test_a_past_time_when_nothing_is_left(desk: Desk, by: float) -> None:
    """When a full HIT is over for the service, and not for us, it is not told that its time is given."""
    hit = await full(desk)
    await desk.market.advance(timedelta(days=30))
    before = await desk.books.get_hit(hit.hit_id)
    with pytest.raises(TurkError, match="took that time for a past one"):
        await desk.mturk.extend_hit(hit.hit_id, expire_at=hit.expiration - timedelta(seconds=by), assignments=2)
    assert await desk.books.get_hit(hit.hit_id) == before


@pytest.mark.parametrize("trouble", [*LOST, *NEVER_ARRIVED])
async def test_a_given_time_in_spite_of_trouble(desk: Desk, trouble: Trouble) -> None:
    """A lost reply to the question whether a full HIT is over changes nothing about what is found out."""
    hit = await full(desk)
    desk.line.expect(None, trouble)
    assert await desk.mturk.extend_hit(hit.hit_id, expire_at=hit.expiration) == hit.expiration
    assert (await desk.books.get_hit(hit.hit_id)).expiration == hit.expiration


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(error_reply("DuplicateCall", "processed"), None), (error_reply("InvalidHITState", "No."), InvalidHITState)],
)
async def test_other_answers_when_nothing_is_left(desk: Desk, answer: Response, kind: type[TurkError] | None) -> None:
    """A refusal because of a second used before is as good as one because of a short time; any other is raised."""
    hit = await full(desk)
    desk.line.instead["UpdateExpirationForHIT"] = [answer]
    if kind is None:
        assert await desk.mturk.extend_hit(hit.hit_id, expire_at=hit.expiration) == hit.expiration
    else:
        with pytest.raises(kind):
            await desk.mturk.extend_hit(hit.hit_id, expire_at=hit.expiration)


async def test_a_hit_ended_meanwhile(desk: Desk) -> None:
    """When the HIT is found with another expiration than before or asked for, something did happen."""
    hit = await desk.create()
    found = await desk.books.call("GetHIT", {"HITId": hit.hit_id})
    found["HIT"]["Expiration"] -= 60
    desk.line.instead["GetHIT"] = [None, reply(found)]
    with pytest.raises(TurkError, match="somebody ended the HIT meanwhile") as caught:
        await desk.mturk.extend_hit(hit.hit_id, lifetime=3600)
    assert caught.value.ambiguous
    assert "as it was" not in str(caught.value)


async def test_a_look_that_fails(desk: Desk) -> None:
    """When the HIT was extended and cannot be looked at, the error tells what was done."""
    hit = await desk.create()
    desk.line.instead["GetHIT"] = [None, error_reply("AccessDenied", "No.", kind="AccessDeniedException")]
    with pytest.raises(AccessDenied) as caught:
        await desk.mturk.extend_hit(hit.hit_id, lifetime=3600)
    assert caught.value.ambiguous
    assert f"accepted that the HIT expires at {hit.expiration + timedelta(hours=1)}" in notes(caught.value)


async def test_the_step_at_ten(desk: Desk) -> None:
    """A small HIT cannot grow to ten; it keeps the time that it got, and the error tells."""
    hit = await desk.create(max_assignments=9)
    held = await desk.held()
    with pytest.raises(InvalidMaximumAssignmentsIncrease) as caught:
        await desk.mturk.extend_hit(hit.hit_id, assignments=1, lifetime=3600)
    now = await desk.books.get_hit(hit.hit_id)
    assert (now.max_assignments, now.expiration) == (9, hit.expiration + timedelta(hours=1))
    assert await desk.held() == held
    assert caught.value.ambiguous
    assert f"it expires at {now.expiration}" in notes(caught.value)


async def test_no_funds_for_more_assignments(desk: Desk) -> None:
    """Without time to give, a refusal for lack of funds is a clean one: nothing happened."""
    hit = await desk.create(max_assignments=10)
    with pytest.raises(InsufficientFunds) as caught:
        await desk.mturk.extend_hit(hit.hit_id, assignments=1000)
    assert not caught.value.ambiguous
    assert notes(caught.value) == ""


@settings(max_examples=30, deadline=None)
@given(troubles=TROUBLES, ended=st.booleans())
def test_a_hit_is_extended_once_whatever_happens(troubles: list[Trouble | None], ended: bool) -> None:
    """After any series of troubles the HIT has its time and its assignments, once, and so has the account."""

    async def test(desk: Desk) -> None:
        hit = await desk.create()
        if ended:
            await desk.books.expire_hit(hit.hit_id)
        desk.line.expect(*troubles)
        until = await desk.mturk.extend_hit(hit.hit_id, assignments=2, lifetime=7200)
        now = await desk.books.get_hit(hit.hit_id)
        assert (now.max_assignments, now.expiration, now.hit_status) == (5, until, "Assignable")
        assert ended or until == hit.expiration + timedelta(hours=2)
        assert await desk.held() == 5 * Decimal("0.60")

    on_a_new_desk(test)


@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize("trouble", [Trouble.CANCELLED_BEFORE, Trouble.CANCELLED_AFTER])
async def test_a_cancelled_extension_can_be_made_again(desk: Desk, step: int, trouble: Trouble) -> None:
    """With a time to extend to and a token, the whole call is made again until it is done, and done once."""
    hit = await desk.create()
    moment = hit.expiration.replace(microsecond=0) + timedelta(hours=1)
    desk.line.expect(*[None] * step, trouble)
    extend: dict[str, Any] = {"assignments": 2, "expire_at": moment, "unique_request_token": "mine"}
    with pytest.raises(asyncio.CancelledError):
        await desk.mturk.extend_hit(hit.hit_id, **extend)
    if (step, trouble) == (3, Trouble.CANCELLED_AFTER):
        with pytest.raises(DuplicateCall):
            await desk.mturk.extend_hit(hit.hit_id, **extend)
    else:
        assert await desk.mturk.extend_hit(hit.hit_id, **extend) == moment
    now = await desk.books.get_hit(hit.hit_id)
    assert (now.max_assignments, now.expiration) == (5, moment)
    assert await desk.held() == 5 * Decimal("0.60")


# Retiring.


async def test_an_untouched_hit_is_retired_at_once(desk: Desk) -> None:
    """Nobody took it: it is ended and deleted without any waiting, and what was held is free again."""
    hit = await desk.create()
    assert await desk.mturk.retire_hit(hit.hit_id) == ()
    assert await desk.status(hit.hit_id) == "Disposed"
    assert await desk.held() == await desk.spent() == 0
    assert desk.clock.slept == []


async def test_a_retired_hit_is_retired(desk: Desk) -> None:
    """Doing it again is a success that looks once and changes nothing."""
    hit = await desk.create()
    await desk.mturk.retire_hit(hit.hit_id)
    del desk.line.requests[:]
    assert await desk.mturk.retire_hit(hit.hit_id) == ()
    assert desk.line.calls == ["GetHIT"]


async def test_a_hit_that_never_was(desk: Desk) -> None:
    """An unknown id is a mistake, in the id or of the environment, and not a success."""
    with pytest.raises(HITDoesNotExist) as caught:
        await desk.mturk.retire_hit("3NEVERWAS000000000000000000000")
    assert not caught.value.ambiguous
    assert desk.line.calls == ["GetHIT"]


async def test_undecided_work_is_not_paid_and_not_lost(desk: Desk) -> None:
    """Without approve_pending the HIT is ended, but kept; the error counts, at once, and says how to go on."""
    hit = await desk.create()
    undecided = {await desk.submit(hit.hit_id, worker) for worker in (ANNA, BERT)}
    await desk.market.worker(CARA).accept(hit.hit_id)
    with pytest.raises(NotRetired) as caught:
        await desk.mturk.retire_hit(hit.hit_id)
    error = caught.value
    assert (error.hit_id, set(error.undecided), error.in_work, error.approved) == (hit.hit_id, undecided, 1, 0)
    assert str(error) == (
        f"The HIT {hit.hit_id} is kept: undecided work, 2 submitted assignments; still at work, 1 worker. It is "
        "expired: nobody can accept it any more. Approve or reject it and call again; approve_pending=True approves, "
        "and so pays, what is submitted."
    )
    assert error.ambiguous
    assert await desk.spent() == 0
    assert desk.clock.slept == []
    assert await desk.status(hit.hit_id) == "Unassignable"
    for assignment_id in undecided:
        await desk.books.reject_assignment(assignment_id, requester_feedback="No.")
    await desk.mturk.retire_hit(hit.hit_id)
    assert await desk.status(hit.hit_id) == "Disposed"
    assert await desk.spent() == 0


async def test_pending_work_is_approved_when_that_is_wanted(desk: Desk) -> None:
    """Every submitted assignment is paid once, its answer is handed over, and what was rejected stays rejected."""
    hit = await desk.create()
    first, second = [await desk.submit(hit.hit_id, worker) for worker in (ANNA, BERT)]
    rejected = await desk.submit(hit.hit_id, CARA)
    await desk.books.reject_assignment(rejected, requester_feedback="No.")
    found = await desk.mturk.retire_hit(hit.hit_id, approve_pending=True)
    assert {each.assignment_id for each in found} == {first, second}
    assert all("36" in (each.answer or "") for each in found)
    assert await desk.spent() == 2 * Decimal("0.60")
    assert await desk.work(hit.hit_id) == {first: "Approved", second: "Approved", rejected: "Rejected"}
    assert await desk.status(hit.hit_id) == "Disposed"


async def test_more_assignments_than_a_page(desk: Desk) -> None:
    """All pages of submitted work are approved, several at once."""
    hit = await desk.create(max_assignments=130, reward="0.01")
    await desk.market.work(lambda hit: {"age": "36"}, workers=130)
    assert len(await desk.mturk.retire_hit(hit.hit_id, approve_pending=True)) == 130
    assert desk.line.calls.count("ApproveAssignment") == 130
    assert set((await desk.work(hit.hit_id)).values()) == {"Approved"}


async def test_waiting_for_a_worker(desk: Desk) -> None:
    """It looks again, ever more rarely, until the last worker has submitted, approves that too and deletes."""
    hit = await desk.create()
    worker = desk.market.worker(ANNA)
    assignment_id = await worker.accept(hit.hit_id)
    desk.clock.meanwhile[6] = lambda: worker.submit(assignment_id, {"age": "36"})
    found = await desk.mturk.retire_hit(hit.hit_id, approve_pending=True)
    assert [each.assignment_id for each in found] == [assignment_id]
    assert desk.clock.slept == [1, 2, 4, 8, 16, 30, 30]
    assert await desk.status(hit.hit_id) == "Disposed"
    assert await desk.spent() == Decimal("0.60")


async def test_a_worker_who_never_submits(desk: Desk) -> None:
    """It waits by itself until the worker's time is up."""
    hit = await desk.create()
    await desk.market.worker(ANNA).accept(hit.hit_id)
    assert await desk.mturk.retire_hit(hit.hit_id) == ()
    assert 300 <= sum(desk.clock.slept) <= 330
    assert await desk.status(hit.hit_id) == "Disposed"


async def test_work_that_comes_in_while_waiting(desk: Desk) -> None:
    """Work that is submitted during the wait is undecided work like any other."""
    hit = await desk.create()
    worker = desk.market.worker(ANNA)
    assignment_id = await worker.accept(hit.hit_id)
    desk.clock.meanwhile[1] = lambda: worker.submit(assignment_id, {"age": "36"})
    with pytest.raises(NotRetired) as caught:
        await desk.mturk.retire_hit(hit.hit_id)
    assert (caught.value.undecided, caught.value.in_work) == ((assignment_id,), 0)
    assert await desk.work(hit.hit_id) == {assignment_id: "Submitted"}


async def test_work_that_comes_in_at_the_last_moment(desk: Desk) -> None:
    """Work that no look has shown yet is saved by the service, which refuses the deletion; the next look shows it."""
    hit = await desk.create()
    assignment_id = await desk.submit(hit.hit_id)
    desk.line.instead["ListAssignmentsForHIT"] = [reply({"NumResults": 0, "Assignments": []})]
    with pytest.raises(NotRetired) as caught:
        await desk.mturk.retire_hit(hit.hit_id)
    assert caught.value.undecided == (assignment_id,)
    assert desk.line.calls.count("DeleteHIT") == 1
    assert desk.clock.slept == [1]


@pytest.mark.parametrize(("timeout", "slept"), [(0, []), (5, [1, 2, 2]), (timedelta(seconds=3), [1, 2])])
async def test_patience_ends(desk: Desk, timeout: float | timedelta, slept: list[float]) -> None:
    """When the time is up the error tells who is still at work; the next call goes on from there."""
    hit = await desk.create()
    decided = await desk.submit(hit.hit_id, BERT)
    await desk.market.worker(ANNA).accept(hit.hit_id)
    with pytest.raises(NotRetired) as caught:
        await desk.mturk.retire_hit(hit.hit_id, approve_pending=True, timeout=timeout)
    error = caught.value
    assert (error.in_work, error.undecided, error.approved) == (1, (), 1)
    assert str(error) == (
        f"The HIT {hit.hit_id} is kept: still at work, 1 worker, after {sum(slept):.0f} seconds. It is expired: nobody "
        "can accept it any more. Approved so far: 1 assignment. Call again later: it goes on from here."
    )
    assert desk.clock.slept == slept
    await desk.market.advance(timedelta(minutes=6))
    assert await desk.mturk.retire_hit(hit.hit_id, timeout=0) == ()
    assert await desk.work(hit.hit_id) == {decided: "Approved"}
    assert await desk.spent() == Decimal("0.60")


async def test_a_service_that_does_not_let_go(desk: Desk) -> None:
    """A refusal that no look explains is tried again until the time is up, and is then the cause of the error."""
    hit = await desk.create()
    desk.line.instead["DeleteHIT"] = [error_reply("InvalidHITState", "Not now.")] * 4
    with pytest.raises(NotRetired, match="does not let it be deleted yet, after 5 seconds") as caught:
        await desk.mturk.retire_hit(hit.hit_id, timeout=5)
    assert isinstance(caught.value.__cause__, InvalidHITState)


async def test_a_hit_that_cannot_be_ended(desk: Desk) -> None:
    """The error does not claim that the HIT is expired when that was refused all the time."""
    hit = await desk.create()
    desk.line.instead["UpdateExpirationForHIT"] = [error_reply("InvalidHITState", "Not now.")] * 2
    with pytest.raises(NotRetired, match=r"after 1 second\. It could not be expired\. Call again later"):
        await desk.mturk.retire_hit(hit.hit_id, timeout=1)
    assert await desk.status(hit.hit_id) == "Assignable"


async def test_work_too_fresh_to_be_approved(desk: Desk) -> None:
    """An approval that the service refuses for the moment is tried again."""
    hit = await desk.create()
    await desk.submit(hit.hit_id)
    fresh = error_reply("InvalidAssignmentState", "This operation can be called with a status of: null")
    desk.line.instead["ApproveAssignment"] = [fresh, fresh]
    with pytest.raises(NotRetired, match="not to be approved yet, 1 submitted assignment, after 0 seconds"):
        await desk.mturk.retire_hit(hit.hit_id, approve_pending=True, timeout=0)
    assert len(await desk.mturk.retire_hit(hit.hit_id, approve_pending=True)) == 1
    assert await desk.spent() == Decimal("0.60")


async def test_work_decided_by_somebody_else(desk: Desk) -> None:
    """Work that is rejected between the look and the approval stays rejected, and is no obstacle."""
    hit = await desk.create()
    assignment_id = await desk.submit(hit.hit_id)
    submitted = await desk.books.call("ListAssignmentsForHIT", {"HITId": hit.hit_id})
    desk.line.instead["ListAssignmentsForHIT"] = [reply({**submitted, "NextToken": None})]
    await desk.books.reject_assignment(assignment_id, requester_feedback="No.")
    await desk.mturk.retire_hit(hit.hit_id, approve_pending=True)
    assert await desk.work(hit.hit_id) == {assignment_id: "Rejected"}
    assert await desk.spent() == 0


async def test_a_hit_that_is_extended_meanwhile(desk: Desk) -> None:
    """A HIT that comes back on the market during the wait is ended again."""
    hit = await desk.create()
    await desk.market.worker(ANNA).accept(hit.hit_id)
    desk.clock.meanwhile[0] = lambda: desk.books.extend_hit(hit.hit_id, lifetime=86400)
    await desk.mturk.retire_hit(hit.hit_id)
    assert desk.line.calls.count("UpdateExpirationForHIT") == 2
    assert await desk.status(hit.hit_id) == "Disposed"


@pytest.mark.parametrize("vanished", [False, True])
async def test_a_hit_that_is_deleted_meanwhile(desk: Desk, vanished: bool) -> None:
    """It is done when somebody else has done it, whether the service still knows the HIT or not."""
    hit = await desk.create()
    await desk.market.worker(ANNA).accept(hit.hit_id)

    async def by_somebody_else() -> None:
        await desk.market.advance(timedelta(minutes=6))
        await desk.books.retire_hit(hit.hit_id)
        if vanished:
            desk.line.instead["GetHIT"] = [error_reply("HITDoesNotExist", "Hit does not exist.")]

    desk.clock.meanwhile[0] = by_somebody_else
    assert await desk.mturk.retire_hit(hit.hit_id) == ()


async def test_two_at_once(desk: Desk) -> None:
    """Two programs that retire the same HIT at once both succeed, and pay once."""
    hit = await desk.create()
    await desk.submit(hit.hit_id)
    await asyncio.gather(*(desk.mturk.retire_hit(hit.hit_id, approve_pending=True) for _ in range(2)))
    assert await desk.status(hit.hit_id) == "Disposed"
    assert await desk.spent() == Decimal("0.60")


async def test_no_funds_for_an_approval(desk: Desk) -> None:
    """The refusal is raised with what was done before; nothing is deleted, and calling again goes on."""
    hit = await desk.create()
    await desk.submit(hit.hit_id, ANNA)
    desk.line.instead["ApproveAssignment"] = [error_reply("InsufficientFunds", "No money.")]
    with pytest.raises(InsufficientFunds) as caught:
        await desk.mturk.retire_hit(hit.hit_id, approve_pending=True)
    assert caught.value.ambiguous
    assert notes(caught.value) == "It is expired: nobody can accept it any more. Calling again goes on from here."
    await desk.mturk.retire_hit(hit.hit_id, approve_pending=True)
    assert await desk.spent() == Decimal("0.60")


async def test_a_failure_before_the_first_step(desk: Desk) -> None:
    """While nothing has been done, the error says nothing else."""
    hit = await desk.create()
    desk.line.instead["GetHIT"] = [error_reply("AccessDenied", "No.", kind="AccessDeniedException")]
    with pytest.raises(AccessDenied) as caught:
        await desk.mturk.retire_hit(hit.hit_id)
    assert not caught.value.ambiguous
    assert notes(caught.value) == ""
    assert await desk.status(hit.hit_id) == "Assignable"


@pytest.mark.parametrize("timeout", [-1, True, "5", float("nan")])
async def test_senseless_timeouts(timeout: Any) -> None:
    """A timeout is a number of seconds; nothing is sent for any other."""
    mturk, transport = stub()
    with pytest.raises(InvalidRequest, match="seconds, 0 or more"):
        await mturk.retire_hit("3HIT", timeout=timeout)
    assert transport.calls == []


@settings(max_examples=30, deadline=None)
@given(troubles=TROUBLES, after=st.integers(0, 8))
def test_a_hit_is_retired_whatever_happens(troubles: list[Trouble | None], after: int) -> None:
    """After any series of troubles, early or late, the HIT is gone, each piece of work paid once, none forgotten."""

    async def test(desk: Desk) -> None:
        hit = await desk.create()
        worker = desk.market.worker(CARA)
        submitted = {await desk.submit(hit.hit_id, ANNA), await desk.submit(hit.hit_id, BERT)}
        late = await worker.accept(hit.hit_id)
        desk.line.expect(*[None] * after, *troubles)
        desk.clock.meanwhile[0] = lambda: worker.submit(late, {"age": "36"})
        found = await desk.mturk.retire_hit(hit.hit_id, approve_pending=True)
        assert await desk.status(hit.hit_id) == "Disposed"
        assert await desk.work(hit.hit_id) == dict.fromkeys({*submitted, late}, "Approved")
        assert await desk.spent() == 3 * Decimal("0.60")
        assert {each.assignment_id for each in found} == {*submitted, late}

    on_a_new_desk(test)


@pytest.mark.parametrize("trouble", [Trouble.CANCELLED_BEFORE, Trouble.CANCELLED_AFTER])
@pytest.mark.parametrize("step", range(7))
async def test_a_cancelled_retirement_goes_on(desk: Desk, step: int, trouble: Trouble) -> None:
    """Wherever it is cancelled, nothing is deleted undecided, and calling again ends it with everything paid once."""
    hit = await desk.create()
    submitted = await desk.submit(hit.hit_id)
    desk.line.expect(*[None] * step, trouble)
    with pytest.raises(asyncio.CancelledError):
        await desk.mturk.retire_hit(hit.hit_id, approve_pending=True)
    await desk.mturk.retire_hit(hit.hit_id, approve_pending=True)
    assert await desk.status(hit.hit_id) == "Disposed"
    assert await desk.work(hit.hit_id) == {submitted: "Approved"}
    assert await desk.spent() == Decimal("0.60")


def test_the_error_travels() -> None:
    """`NotRetired` survives copying and pickling with all that it knows."""
    error = NotRetired("kept", hit_id="3HIT", undecided=("3A",), in_work=2, approved=1)
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (str(other), other.hit_id, other.undecided) == ("kept", "3HIT", ("3A",))
        assert (other.in_work, other.approved, other.ambiguous) == (2, 1, True)


# Qualification types.


async def test_a_type_is_made_once(desk: Desk) -> None:
    """The first call makes it, every later one finds it, among others whose names contain the same words."""
    for name in ("study 1 b", "my study 1"):
        await desk.books.create_qualification_type(name=name, description="Other.", qualification_type_status="Active")
    made = await desk.mturk.find_or_create_qualification_type("study 1", description="Took part.")
    again = await desk.mturk.find_or_create_qualification_type("study 1", description="Other words.", keywords=["new"])
    assert again == made
    assert (made.name, made.description, made.qualification_type_status) == ("study 1", "Took part.", "Active")
    assert desk.line.calls.count("CreateQualificationType") == 1


TEST = (
    '<QuestionForm xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2017-11-06/QuestionForm.xsd">'
    "<Question><QuestionIdentifier>q</QuestionIdentifier><QuestionContent><Text>Why?</Text></QuestionContent>"
    "<AnswerSpecification><FreeTextAnswer/></AnswerSpecification></Question></QuestionForm>"
)


async def test_a_type_that_is_found_has_to_be_the_one(desk: Desk) -> None:
    """Whatever decides who gets it has to be as asked for; what is not given is not compared."""
    given: dict[str, Any] = {"retry_delay": timedelta(hours=1), "test": TEST, "test_duration": 600}
    made = await desk.mturk.find_or_create_qualification_type("tested", description="A test.", **given)
    for same in (given, {"retry_delay": 3600}, {}):
        assert await desk.mturk.find_or_create_qualification_type("tested", description="A test.", **same) == made
    others: list[dict[str, Any]] = [
        {"retry_delay": 1},
        {"test": TEST.replace("Why", "Who"), "test_duration": 600},
        {"test_duration": 601},
        {"auto_granted": True},
        {"qualification_type_status": "Inactive"},
        {"answer_key": "<AnswerKey/>"},
    ]
    for other in others:
        with pytest.raises(
            InvalidRequest, match=f"not that of the qualification type 'tested' .* {made.qualification_type_id}"
        ) as caught:
            await desk.mturk.find_or_create_qualification_type("tested", description="A test.", **other)
        assert caught.value.argument == next(iter(other))
    assert desk.line.calls.count("CreateQualificationType") == 1


async def test_arguments_are_checked_first() -> None:
    """Wrong arguments are refused before the search."""
    mturk, transport = stub()
    with pytest.raises(InvalidRequest) as caught:
        await mturk.find_or_create_qualification_type("", description="Nameless.")
    assert caught.value.argument == "name"
    assert transport.calls == []


async def test_keywords_from_anywhere(desk: Desk) -> None:
    """Keywords that can be read only once are sent."""
    made = await desk.mturk.find_or_create_qualification_type("x", description="X.", keywords=iter(["a", "b"]))
    assert tuple(made.keywords) == ("a", "b")


async def test_a_type_that_is_not_listed_yet() -> None:
    """Programs that start at once get the same type, although lists lag behind: those who come too late wait for it."""
    async with new_desk(faults=Faults(lag=10)) as desk:
        made = await asyncio.gather(
            *(desk.mturk.find_or_create_qualification_type("study", description="Took part.") for _ in range(3))
        )
        assert len({each.qualification_type_id for each in made}) == 1
        assert sum(desk.clock.slept) >= 10


async def test_a_search_that_does_not_find(desk: Desk) -> None:
    """A taken name is looked for among all types, too, because the search promises little."""
    made = await desk.books.create_qualification_type(
        name="study", description="Took part.", qualification_type_status="Active"
    )
    nothing = reply({"NumResults": 0, "QualificationTypes": []})
    desk.line.instead["ListQualificationTypes"] = [nothing, nothing]
    assert await desk.mturk.find_or_create_qualification_type("study", description="Took part.") == made
    assert desk.clock.slept == []


async def test_the_name_of_a_deleted_type(desk: Desk) -> None:
    """It is taken for a while: after half a minute of looking the service's refusal is raised, with the reason."""
    made = await desk.mturk.find_or_create_qualification_type("study", description="Took part.")
    await desk.books.delete_qualification_type(made.qualification_type_id)
    with pytest.raises(QualificationTypeAlreadyExists) as caught:
        await desk.mturk.find_or_create_qualification_type("study", description="Took part.")
    assert "within the last 48 hours" in notes(caught.value)
    assert sum(desk.clock.slept) == 30


@settings(max_examples=20, deadline=None)
@given(troubles=TROUBLES)
def test_a_type_is_made_once_whatever_happens(troubles: list[Trouble | None]) -> None:
    """After any series of troubles there is one type, and it is returned."""

    async def test(desk: Desk) -> None:
        desk.line.expect(*troubles)
        made = await desk.mturk.find_or_create_qualification_type("study", description="Took part.")
        types = desk.books.list_qualification_types(must_be_requestable=False, must_be_owned_by_caller=True)
        assert [each async for each in types] == [made]

    on_a_new_desk(test)


# Excluding.


async def test_excluded_workers_stay_out(desk: Desk) -> None:
    """Who is excluded cannot accept a HIT that requires it, others can, and nobody gets an e-mail."""
    earlier = await desk.mturk.exclude_workers("study 1", [ANNA, BERT, ANNA])
    assert (earlier.excluded, earlier.failed) == ((ANNA, BERT), {})
    assert earlier.requirement == QualificationRequirement(
        qualification_type_id=earlier.qualification_type_id, comparator=Comparator.DOES_NOT_EXIST
    )
    hit = await desk.create(qualification_requirements=[earlier.requirement])
    with pytest.raises(DoesNotMeetRequirements):
        await desk.market.worker(ANNA).accept(hit.hit_id)
    assert await desk.market.worker(ANNA).messages() == []
    assert await desk.market.worker(CARA).accept(hit.hit_id)


async def test_excluding_more_workers(desk: Desk) -> None:
    """The same name adds to the same type; asynchronous iterables will do; HITs on the market keep them out, too."""
    earlier = await desk.mturk.exclude_workers("study 1", [])
    assert earlier == Exclusion(earlier.qualification_type_id)
    hit = await desk.create(qualification_requirements=[earlier.requirement])

    async def workers() -> AsyncIterator[str]:
        yield BERT
        yield ANNA

    later = await desk.mturk.exclude_workers("study 1", workers())
    assert later == Exclusion(earlier.qualification_type_id, (BERT, ANNA))
    with pytest.raises(DoesNotMeetRequirements):
        await desk.market.worker(BERT).accept(hit.hit_id)


async def test_workers_whom_nobody_knows() -> None:
    """Ids that the service refuses are set aside, each with the refusal; all others are excluded."""
    async with new_desk(strict_workers=True) as desk:
        await desk.market.add_worker(ANNA)
        await desk.market.add_worker(CARA)
        earlier = await desk.mturk.exclude_workers("study 1", [ANNA, BERT, CARA])
        assert earlier.excluded == (ANNA, CARA)
        assert list(earlier.failed) == [BERT]
        assert isinstance(earlier.failed[BERT], ParameterValidationError)


async def test_an_exclusion_that_fails(desk: Desk) -> None:
    """Whatever leaves open who is excluded is raised; no other grant is begun, and what was done is told."""
    workers = [f"A{number}WORKER" for number in range(60)]
    refused = error_reply("AccountNotLinked", "Not linked.")
    desk.line.instead["AssociateQualificationWithWorker"] = [*[None] * 30, refused]
    with pytest.raises(RequestError) as caught:
        await desk.mturk.exclude_workers("study 1", workers)
    assert caught.value.ambiguous
    granted = desk.line.calls.count("AssociateQualificationWithWorker") - 1
    assert 30 <= granted <= 40
    assert notes(caught.value).startswith(f"{granted} of 60 workers have the qualification 3")
    assert len((await desk.mturk.exclude_workers("study 1", workers)).excluded) == 60


async def test_a_grant_that_is_cancelled_by_itself(desk: Desk) -> None:
    """A grant that somebody cancelled is not passed over in silence: who has it and who has not would be unknown."""
    desk.line.expect(None, None, Trouble.CANCELLED_BEFORE)
    with pytest.raises(asyncio.CancelledError):
        await desk.mturk.exclude_workers("study 1", [ANNA, BERT])


@settings(max_examples=15, deadline=None)
@given(troubles=TROUBLES)
def test_workers_are_excluded_whatever_happens(troubles: list[Trouble | None]) -> None:
    """After any series of troubles every one of them has the qualification."""

    async def test(desk: Desk) -> None:
        desk.line.expect(*troubles)
        earlier = await desk.mturk.exclude_workers("study 1", [ANNA, BERT, CARA])
        assert earlier.excluded == (ANNA, BERT, CARA)
        holders = desk.books.list_workers_with_qualification_type(earlier.qualification_type_id)
        assert {each.worker_id async for each in holders} == {ANNA, BERT, CARA}

    on_a_new_desk(test)


# Notifying.


async def judged(desk: Desk, *workers: str) -> None:
    """Let workers do a HIT and approve it, so that they can be written to."""
    hit = await desk.create(max_assignments=9)
    for worker in workers:
        await desk.books.approve_assignment(await desk.submit(hit.hit_id, worker))


STRANGERS = [f"A{number}STRANGER" for number in range(1000)]


async def received(desk: Desk, worker_id: str) -> int:
    return sum(message.kind == "notice" for message in await desk.market.worker(worker_id).messages())


async def test_any_number_of_workers(desk: Desk) -> None:
    """Workers are written to in hundreds, each once, and each is told of: who was reached, and who not and why."""
    await judged(desk, ANNA, BERT)
    workers = [*STRANGERS[:150], ANNA, *STRANGERS[150:250], BERT, ANNA]
    outcome = await desk.mturk.notify(workers, subject="A new study", message="It begins on Monday.")
    assert outcome.sent == (ANNA, BERT)
    assert [failure.worker_id for failure in outcome.failed] == STRANGERS[:250]
    assert {failure.notify_workers_failure_code for failure in outcome.failed} == {"HardFailure"}
    assert (outcome.unknown, outcome.not_sent, outcome.errors) == ((), (), ())
    assert desk.line.calls == ["NotifyWorkers"] * 3
    assert (await received(desk, ANNA), await received(desk, BERT)) == (1, 1)


async def test_workers_from_an_asynchronous_iterable() -> None:
    """An asynchronous iterable is as good as a list, and duplicates count once."""

    async def workers() -> AsyncIterator[str]:
        for worker in (ANNA, BERT, ANNA):
            yield worker

    mturk, transport = stub(reply({"NotifyWorkersFailureStatuses": []}))
    assert await mturk.notify(workers(), subject="S", message="M") == Notified((ANNA, BERT))
    assert transport.calls == [("NotifyWorkers", {"Subject": "S", "MessageText": "M", "WorkerIds": [ANNA, BERT]})]


async def test_nobody_to_write_to() -> None:
    """Without workers nothing is sent."""
    mturk, transport = stub()
    assert await mturk.notify([], subject="S", message="M") == Notified()
    assert transport.calls == []


@pytest.mark.parametrize(
    ("arguments", "argument", "says"),
    [
        ({"worker_ids": ANNA}, "worker_ids", "a list of worker ids"),
        ({"worker_ids": 7}, "worker_ids", "a list of worker ids"),
        ({"worker_ids": [*STRANGERS[:150], "anna"]}, "worker_ids[150]", "does not look like an id"),
        ({"worker_ids": [None]}, "worker_ids[0]", "is missing"),
        ({"subject": "s" * 201}, "subject", "from 1 to 200"),
        ({"message": "m" * 4097}, "message", "from 1 to 4096"),
    ],
)
async def test_senseless_messages(arguments: dict[str, Any], argument: str, says: str) -> None:
    """What cannot be sent to all is sent to nobody, and the error uses the caller's names."""
    mturk, transport = stub()
    given: dict[str, Any] = {"worker_ids": [ANNA], "subject": "S", "message": "M", **arguments}
    with pytest.raises(InvalidRequest, match=says) as caught:
        await mturk.notify(given.pop("worker_ids"), **given)
    assert caught.value.argument == argument
    assert transport.calls == []


SENT = reply({"NotifyWorkersFailureStatuses": []})
UNKNOWN = error_reply("ServiceFault", "Try later.", kind="ServiceFault", status=500)


async def test_an_unknown_outcome_is_told_and_not_repeated() -> None:
    """A call that nobody knows of is not sent again; what came before is not lost, and what comes after is sent."""
    mturk, transport = stub(SENT, UNKNOWN, SENT)
    outcome = await mturk.notify(STRANGERS[:250], subject="S", message="M")
    assert outcome.sent == (*STRANGERS[:100], *STRANGERS[200:250])
    assert outcome.unknown == tuple(STRANGERS[100:200])
    assert outcome.not_sent == ()
    assert [error.ambiguous for error in outcome.errors] == [True]
    assert len(transport.requests) == 3


async def test_two_unknown_outcomes_in_a_row() -> None:
    """After two in a row nothing more is sent, so that no more workers become unknown."""
    mturk, transport = stub(UNKNOWN, SENT, UNKNOWN, UNKNOWN)
    outcome = await mturk.notify(STRANGERS[:600], subject="S", message="M")
    assert outcome.unknown == (*STRANGERS[:100], *STRANGERS[200:400])
    assert outcome.sent == tuple(STRANGERS[100:200])
    assert outcome.not_sent == tuple(STRANGERS[400:600])
    assert len(outcome.errors) == 3
    assert len(transport.requests) == 4


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error_reply("AccountNotLinked", "No account."), RequestError),
        (error_reply(message="bad keys", kind="UnrecognizedClientException"), CredentialsRefused),
        (error_reply(message="slow down", kind="ThrottlingException"), TurkError),
    ],
)
async def test_a_failure_that_concerns_all_to_come(answer: Response, kind: type[TurkError]) -> None:
    """It ends the sending: those before are told of, and all others were certainly not sent."""
    mturk, transport = stub(SENT, answer, retries=False)
    outcome = await mturk.notify(STRANGERS[:350], subject="S", message="M")
    assert (outcome.sent, outcome.not_sent) == (tuple(STRANGERS[:100]), tuple(STRANGERS[100:350]))
    assert isinstance(outcome.errors[0], kind)
    assert len(transport.requests) == 2


async def test_a_cancelled_message_tells_what_was_sent() -> None:
    """There is no result then, so the cancellation itself carries a note, and is not turned into anything else."""
    status = {"NotifyWorkersFailureCode": "HardFailure", "NotifyWorkersFailureMessage": "No.", "WorkerId": STRANGERS[3]}
    mturk, transport = stub(reply({"NotifyWorkersFailureStatuses": [status]}), UNKNOWN, asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError) as caught:
        await mturk.notify(STRANGERS[:450], subject="S", message="M")
    assert notes(caught.value) == (
        "notify() was cancelled at the workers 201 to 300 of 450, each counted once: to these it may have been sent, "
        "to those after them it was not. Those before them: 99 sent, 1 failed, 100 unknown."
    )
    assert len(transport.requests) == 3


async def test_a_failure_before_anything_was_sent() -> None:
    """It is raised, because there is nothing else to tell."""
    mturk, _ = stub(error_reply(message="bad keys", kind="UnrecognizedClientException"))
    with pytest.raises(CredentialsRefused) as caught:
        await mturk.notify(STRANGERS[:350], subject="S", message="M")
    assert not caught.value.ambiguous


@settings(max_examples=30, deadline=None)
@given(
    troubles=st.lists(st.sampled_from([None, *LOST, *NEVER_ARRIVED, Trouble.THROTTLED, Trouble.REFUSED]), max_size=6)
)
def test_what_is_told_of_a_message_is_true(troubles: list[Trouble | None]) -> None:
    """Whatever happens, every worker is told of once, nobody gets it twice, and who got it for certain has it."""

    async def test(desk: Desk) -> None:
        await judged(desk, ANNA, BERT, CARA)
        workers = [ANNA, *STRANGERS[:99], BERT, *STRANGERS[99:198], CARA]
        desk.line.expect(*troubles)
        outcome = await desk.mturk.notify(workers, subject="S", message="M")
        failed = [failure.worker_id for failure in outcome.failed]
        assert sorted([*outcome.sent, *failed, *outcome.unknown, *outcome.not_sent]) == sorted(workers)
        for worker in (ANNA, BERT, CARA):
            assert await received(desk, worker) <= 1
            assert worker not in outcome.sent or await received(desk, worker) == 1
            assert worker not in outcome.not_sent or await received(desk, worker) == 0
        assert set(outcome.sent) <= {ANNA, BERT, CARA}

    on_a_new_desk(test)
