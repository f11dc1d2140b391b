"""Events: submissions come at once, each exactly once, whatever becomes of the events."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk._core.messages import Request, Response
from aioturk.batch.collecting import Collector
from aioturk.batch.ledger.opening import LedgerFailed
from aioturk.batch.watching import _PAUSES, Watch
from aioturk.client import Client
from aioturk.errors import InvalidRequest
from aioturk.marketplace import Delivery, Marketplace
from aioturk.models import HIT
from aioturk.notifications import Event, listen
from aioturk.testing import JumpingClock, error_reply

from .. import queues as queue_server
from ..queues import KEYS, Queues
from .batches import (
    Line,
    Send,
    batch_of,
    deleted,
    hits_of,
    instead,
    operation_of,
    performed,
    rerouted,
    submissions_of,
    until,
    worked,
)
from .tasks import Guess, guess_age, rows
from .told import ANNA, BERT, StandingClock, Told, at, following, hand_in, happened, of_log, soon

ALL = [
    *("AssignmentAccepted", "AssignmentReturned", "AssignmentAbandoned", "AssignmentSubmitted", "AssignmentApproved"),
    *("AssignmentRejected", "HITReviewable", "HITExpired", "HITExtended", "HITDisposed"),
]
ASSIGNMENT = "GetAssignment"


@pytest.fixture
def standing() -> StandingClock:
    """A clock that only the test turns: whoever waits for a look waits for ever."""
    return StandingClock()


async def published(mturk: Client, ledger: str, count: int, **options: Any) -> list[HIT]:
    """Publish rows; return their HITs."""
    async with batch_of(mturk, ledger, **options) as batch:
        await batch.upload(rows(count))
    return sorted(await hits_of(mturk), key=lambda hit: str(hit.question))


def noted(ledger: str) -> set[str]:
    """The assignments in a ledger."""
    return {row.id for row in performed(ledger, "SELECT id FROM submission")}


async def turned(clock: StandingClock, seconds: float, happened: Callable[[], object]) -> None:
    """Turn a clock whenever somebody sleeps, until something has happened."""

    def turning() -> object:
        if clock.sleeping:
            clock.turn(seconds)
        return happened()

    await soon(until(turning))


NOT_YET = error_reply("AssignmentDoesNotExist", "There is no such assignment.")


# What events are good for.


async def test_a_submission_comes_without_a_look(
    market: Marketplace, mturk: Client, line: Line, ledger: str, standing: StandingClock
) -> None:
    """What an event tells of is read with one call and delivered, while the clock stands still."""
    hits = await published(mturk, ledger, 3)
    told = Told()
    async with batch_of(mturk, ledger, clock=standing) as batch, following(batch, told, standing) as program:
        line.clear()
        events = []
        for hit, worker in [(hits[0], ANNA), (hits[1], ANNA), (hits[1], BERT), (hits[0], BERT)]:
            events.append(await hand_in(market, hit, worker))
            told.tell(events[-1])
            assert await program.has(len(events)) == [each.assignment_id for each in events]
        assert line.counts == {ASSIGNMENT: 4}
        assert [one.answer for one in program.seen] == [Guess(36)] * 4


async def test_the_last_submission_is_the_end(
    market: Marketplace, mturk: Client, line: Line, file: str, standing: StandingClock
) -> None:
    """When the service shows with the last submission that the HIT has ended, nothing more is waited for."""
    task = guess_age(max_assignments=1)
    hits = await published(mturk, file, 2, task=task)
    told = Told()
    async with batch_of(mturk, file, clock=standing, task=task) as batch, following(batch, told, standing) as program:
        line.clear()
        told.tell(*[await hand_in(market, hit) for hit in hits])
        await soon(program.task)
        assert len(program.seen) == 2
        assert line.counts == {ASSIGNMENT: 2}
        assert told.closed


@pytest.mark.parametrize("what", ["HITReviewable", "HITExpired", "HITDisposed"])
async def test_a_hit_that_ends_is_the_end(
    market: Marketplace, mturk: Client, line: Line, file: str, standing: StandingClock, what: str
) -> None:
    """A HIT that has come to its end with fewer submissions than it could have had is not waited for any longer."""
    [hit] = await published(mturk, file, 1)
    told = Told()
    async with batch_of(mturk, file, clock=standing) as batch, following(batch, told, standing) as program:
        told.tell(await hand_in(market, hit))
        await program.has(1)
        await mturk.expire_hit(hit.hit_id)
        line.clear()
        told.tell(happened(what, hit.hit_id))
        await soon(program.task)
        assert (line.counts["GetHIT"], line.counts["ListHITs"]) == (1, 0)


async def test_events_of_an_ended_hit_bring_what_was_lost(
    market: Marketplace, mturk: Client, file: str, standing: StandingClock
) -> None:
    """An event of a HIT that has ended brings all of its submissions, those of which no event came included."""
    [hit] = await published(mturk, file, 1)
    told = Told()
    async with batch_of(mturk, file, clock=standing) as batch, following(batch, told, standing) as program:
        lost, event = await hand_in(market, hit), await hand_in(market, hit, BERT)
        told.tell(event)
        await soon(program.task)
        assert {one.assignment_id for one in program.seen} == {lost.assignment_id, event.assignment_id}


async def test_work_that_was_approved_in_time_comes(
    market: Marketplace, mturk: Client, file: str, standing: StandingClock
) -> None:
    """An approval of which no submission is known tells of one."""
    [hit] = await published(mturk, file, 1)
    told = Told()
    async with batch_of(mturk, file, clock=standing) as batch, following(batch, told, standing) as program:
        event = await hand_in(market, hit)
        assert event.assignment_id is not None
        await mturk.approve_assignment(event.assignment_id)
        told.tell(replace(event, type="AssignmentApproved"))
        await program.has(1)
        assert program.seen[0].status == "Approved"


async def test_a_hit_that_was_over_comes_back(
    market: Marketplace, mturk: Client, file: str, standing: StandingClock
) -> None:
    """Work on assignments that were added behind the batch's back comes, too, and then the HIT is over again."""
    [hit] = await published(mturk, file, 1, task=guess_age(max_assignments=1))
    await worked(market, [ANNA])
    async with batch_of(mturk, file) as batch:
        assert len(await submissions_of(batch, "complete")) == 1
    await mturk.create_additional_assignments_for_hit(hit.hit_id, number_of_additional_assignments=1)
    told = Told()
    async with batch_of(mturk, file, clock=standing) as batch, following(batch, told, standing, None) as program:
        told.tell(await hand_in(market, hit, BERT))
        await program.has(1)
        assert (await batch.status(refresh=False)).over == 1


async def test_work_on_a_deleted_hit_is_saved(
    market: Marketplace, mturk: Client, file: str, standing: StandingClock
) -> None:
    """The last work on a HIT that was deleted before it was read is read as long as the service has it."""
    [hit, other] = await published(mturk, file, 2)
    await mturk.expire_hit(other.hit_id)
    event = await hand_in(market, hit)
    assert event.assignment_id is not None
    await mturk.approve_assignment(event.assignment_id)
    await deleted(mturk, hit.hit_id)
    performed(file, "UPDATE hit SET state = 'gone'")
    told = Told()
    async with batch_of(mturk, file, clock=standing) as batch, following(batch, told, standing, None) as program:
        told.tell(event)
        await program.has(1)
    assert {row.state for row in performed(file, "SELECT state FROM hit")} == {"gone"}


# What events cannot do.


async def test_events_of_others_cost_nothing(
    market: Marketplace, mturk: Client, line: Line, ledger: str, standing: StandingClock
) -> None:
    """What is about HITs of nobody's, of other batches, or of no use, makes no call, and does not hold others up."""
    async with batch_of(mturk, ledger, name="another") as other:
        await other.upload(rows(1))
    [strange] = await hits_of(mturk, "another")
    [hit] = await published(mturk, ledger, 1)
    told = Told()
    async with batch_of(mturk, ledger, clock=standing) as batch, following(batch, told, standing) as program:
        line.clear()
        forged = ["3NOBODYS", "", "3\0NUL", "\ud800", "3" * 65, "'; DROP TABLE hit; --", None]
        told.tell(await hand_in(market, strange))
        told.tell(*[happened("AssignmentSubmitted", made_up, "3X") for made_up in forged])
        told.tell(*[happened("AssignmentSubmitted", hit.hit_id, made_up) for made_up in forged[1:]])
        told.tell(*[happened("HITReviewable", made_up) for made_up in forged])
        told.tell(*[happened(what, hit.hit_id, "3X") for what in ("Ping", "HITExtended", "SomethingNew", "")])
        await told.heard()
        assert line.counts == {}
        event = await hand_in(market, hit)
        told.tell(event)
        assert await program.has(1) == [event.assignment_id]


async def test_what_is_known_costs_nothing(
    market: Marketplace, mturk: Client, line: Line, ledger: str, standing: StandingClock
) -> None:
    """Events that come again, or after a look has found what they tell of, make no call and deliver nothing again."""
    [hit, over] = await published(mturk, ledger, 2)
    events = [await hand_in(market, over, worker) for worker in (ANNA, BERT)]
    told = Told()
    async with batch_of(mturk, ledger, clock=standing) as batch, following(batch, told, standing) as program:
        assert len(program.seen) == 2
        line.clear()
        told.tell(*events, happened("HITReviewable", over.hit_id))
        await told.heard()
        assert line.counts == {}
        event = await hand_in(market, hit)
        told.tell(event, event, replace(event, document_id="2"), replace(event, type="AssignmentApproved"))
        await told.heard()
        assert line.counts == {ASSIGNMENT: 1}
        assert len(await program.has(3)) == 3
        standing.turn(300)
        await soon(until(lambda: standing.sleeping))
        assert len(program.seen) == 3


async def test_an_assignment_of_another_hit(
    market: Marketplace, mturk: Client, ledger: str, standing: StandingClock
) -> None:
    """An event that names one of our HITs and somebody else's work puts nothing into the ledger."""
    async with batch_of(mturk, ledger, name="another") as other:
        await other.upload(rows(1))
    [strange] = await hits_of(mturk, "another")
    [hit] = await published(mturk, ledger, 1)
    told = Told()
    async with batch_of(mturk, ledger, clock=standing) as batch, following(batch, told, standing):
        forged = await hand_in(market, strange)
        told.tell(at(replace(forged, hit_id=hit.hit_id), 0))
        await told.heard()
        assert noted(ledger) == set()


@pytest.mark.parametrize("seconds", [60, -3600])
async def test_lost_events_cost_a_minute(
    market: Marketplace, mturk: Client, file: str, standing: StandingClock, seconds: int
) -> None:
    """However long events have told of everything, and whatever they tell now, a look comes within a minute."""
    hits = await published(mturk, file, 12, task=guess_age(max_assignments=1))
    told = Told()
    task = guess_age(max_assignments=1)
    async with batch_of(mturk, file, clock=standing, task=task) as batch, following(batch, told, standing) as program:
        for number, hit in enumerate(hits[:10]):
            told.tell(await hand_in(market, hit))
            await program.has(number + 1)
            await soon(until(lambda: standing.sleeping))
            standing.turn(60)
            await soon(until(lambda: standing.sleeping))
        await hand_in(market, hits[10])
        told.tell(happened("AssignmentSubmitted", hits[11].hit_id, "3X", moment=standing.time() - 3600))
        await told.heard()
        await soon(until(lambda: standing.sleeping))
        assert len(program.seen) == 10
        standing.turn(60)
        await program.has(11)
        await soon(until(lambda: standing.sleeping))
        assert standing.slept[-1] <= 3  # something was missed: looks are frequent again


async def test_looks_are_not_put_off(market: Marketplace, mturk: Client, file: str, standing: StandingClock) -> None:
    """When events never cease to bring something, a look that is due comes nevertheless."""
    hits = await published(mturk, file, 30, task=guess_age(max_assignments=1))
    told = Told()
    task = guess_age(max_assignments=1)
    async with batch_of(mturk, file, clock=standing, task=task) as batch, following(batch, told, standing) as program:
        lost = await hand_in(market, hits[0])
        for number, hit in enumerate(hits[1:]):
            standing.turn(0.3)
            told.tell(await hand_in(market, hit))
            await program.has(number + 1)
        assert lost.assignment_id in {one.assignment_id for one in program.seen}


# Readers who do not know yet.


async def test_an_event_before_its_time(
    market: Marketplace, mturk: Client, line: Line, file: str, standing: StandingClock
) -> None:
    """What readers do not see yet is read again, after growing pauses, long before the next look."""
    [hit] = await published(mturk, file, 1)
    told = Told()
    async with batch_of(mturk, file, clock=standing) as batch, following(batch, told, standing) as program:
        standing.turn(5)
        await soon(until(lambda: standing.sleeping))
        event = await hand_in(market, hit)
        line.clear()
        with rerouted(line, instead(ASSIGNMENT, NOT_YET, times=2)):
            told.tell(at(event, standing.time()))
            for pause in _PAUSES[:2]:
                await soon(until(lambda: standing.sleeping == 2))
                assert standing.slept[-1] == pause
                standing.turn(pause)
            assert await program.has(1) == [event.assignment_id]
        assert line.counts == {ASSIGNMENT: 3}


async def test_an_event_long_before_its_time(
    market: Marketplace, mturk: Client, line: Line, file: str, standing: StandingClock
) -> None:
    """What readers do not see for long is left to looks, and the next event is heard; neither comes twice."""
    [hit, other] = await published(mturk, file, 2)
    told = Told()
    async with batch_of(mturk, file, clock=standing) as batch, following(batch, told, standing, None) as program:
        late, event = await hand_in(market, hit), await hand_in(market, other)
        empty = Response(200, {}, b'{"NumResults": 0, "Assignments": []}')
        number = 0

        async def stale(request: Request, send: Send) -> Response:
            nonlocal number
            if operation_of(request) == ASSIGNMENT and str(late.assignment_id) in request.body.decode():
                number += 1
                return NOT_YET
            if operation_of(request) == "ListAssignmentsForHIT" and hit.hit_id in request.body.decode():
                return empty
            return await send(request)

        with rerouted(line, stale):
            told.tell(at(late, standing.time()))
            await turned(standing, 0.5, lambda: told.asked > 1)
            assert number == len(_PAUSES) + 1
            told.tell(event)
            assert await program.has(1) == [event.assignment_id]
        await turned(standing, 10, lambda: len(program.seen) >= 2)
        assert await program.has(2) == [event.assignment_id, late.assignment_id]


async def test_old_events_are_read_once(
    market: Marketplace, mturk: Client, line: Line, file: str, standing: StandingClock
) -> None:
    """A queue full of events that are not true any more is gone through without waiting."""
    hits = await published(mturk, file, 5)
    told = Told()
    async with batch_of(mturk, file, clock=standing) as batch, following(batch, told, standing) as program:
        line.clear()
        old = standing.time() - 61
        told.tell(*[happened("HITReviewable", hit.hit_id, moment=old) for hit in hits])
        await told.heard()
        assert line.counts == {"GetHIT": 5}
        assert not program.seen


async def test_a_look_that_is_faster(
    market: Marketplace, mturk: Client, line: Line, file: str, standing: StandingClock
) -> None:
    """An event that waits for readers is done with when a look has found what it tells of."""
    [hit] = await published(mturk, file, 1)
    told = Told()
    async with batch_of(mturk, file, clock=standing) as batch, following(batch, told, standing) as program:
        event = await hand_in(market, hit)
        with rerouted(line, instead(ASSIGNMENT, NOT_YET, times=9)):
            told.tell(at(event, standing.time()))
            await soon(until(lambda: standing.sleeping == 2))
            line.clear()
            standing.turn(4)
            assert await program.has(1) == [event.assignment_id]
            await turned(standing, 0.5, lambda: told.asked > 1)
        assert line.counts[ASSIGNMENT] <= 1


# Safe before the next.


async def test_the_next_event_is_asked_for_when_this_one_is_written(
    market: Marketplace, mturk: Client, ledger: str, standing: StandingClock
) -> None:
    """At each time that an event is asked for, what the events before told of is in the ledger."""
    hits = await published(mturk, ledger, 4)
    there: list[int] = []
    told = Told(before=lambda: there.append(len(noted(ledger))))
    async with batch_of(mturk, ledger, clock=standing) as batch, following(batch, told, standing) as program:
        told.tell(*[await hand_in(market, hit, worker) for hit in hits for worker in (ANNA, BERT)])
        await program.has(8)
        await told.heard()
    assert there == sorted(there)
    assert all(count >= number for number, count in enumerate(there))
    assert len(there) == 9


async def test_a_program_that_dies_between_event_and_ledger(
    market: Marketplace, mturk: Client, line: Line, ledger: str, standing: StandingClock
) -> None:
    """An event that was heard and not written down is not done with; the next program delivers its submission once."""
    [hit] = await published(mturk, ledger, 1)
    told = Told()
    reading = asyncio.Event()

    async def never(request: Request, send: Send) -> Response:
        if operation_of(request) == ASSIGNMENT:
            reading.set()
            await asyncio.Event().wait()
        return await send(request)

    async with batch_of(mturk, ledger, clock=standing) as batch, following(batch, told, standing):
        event = await hand_in(market, hit)
        with rerouted(line, never):
            told.tell(event)
            await soon(reading.wait())
    assert (told.asked, told.closed, noted(ledger)) == (1, True, set())
    again = Told()
    clock = StandingClock()
    async with batch_of(mturk, ledger, clock=clock) as batch, following(batch, again, clock) as program:
        again.tell(event)
        await again.heard()
        assert await program.has(1) == [event.assignment_id]


async def test_a_slow_program_holds_no_events(
    market: Marketplace, mturk: Client, ledger: str, standing: StandingClock
) -> None:
    """While the loop is busy with one submission, events go into the ledger and are done with; none is kept."""
    hits = await published(mturk, ledger, 25)
    told = Told()
    async with batch_of(mturk, ledger, clock=standing) as batch:
        async with aclosing(batch.submissions(events=told)) as coming:
            first = asyncio.ensure_future(anext(coming))
            await soon(until(lambda: standing.sleeping))
            events = [await hand_in(market, hit, worker) for hit in hits for worker in (ANNA, BERT)]
            told.tell(*events)
            seen = [(await soon(first)).assignment_id]
            await told.heard()  # and nothing more was asked of the loop
            assert noted(ledger) == {event.assignment_id for event in events}
            seen += [one.assignment_id async for one in coming]
        assert sorted(seen) == sorted(str(event.assignment_id) for event in events)


# Events that fail.


async def broken() -> AsyncIterator[Event]:
    """Events of a queue that is gone after the first."""
    yield happened("Ping", None)
    raise LookupError("the queue is gone")


class Unwalkable:
    """Events that cannot even be begun."""

    def __aiter__(self) -> AsyncIterator[Event]:
        raise LookupError("the queue is gone")


class Unclosable(Told):
    """Events that cannot be closed."""

    async def aclose(self) -> None:
        raise LookupError("the queue is gone")


def cancelled() -> Told:
    """Events that somebody else has cancelled."""
    told = Told()
    told.tell(asyncio.CancelledError())
    return told


def nonsense() -> Told:
    """Events that are none."""
    told = Told()
    told.tell("AssignmentSubmitted")
    return told


@pytest.mark.parametrize("events", [broken, Unwalkable, cancelled, nonsense])
async def test_events_that_fail(
    market: Marketplace,
    mturk: Client,
    file: str,
    clock: JumpingClock,
    caplog: pytest.LogCaptureFixture,
    events: Any,
) -> None:
    """Events that fail are told of once, in the log and by the batch; all submissions come nevertheless."""
    await published(mturk, file, 3)
    async with batch_of(mturk, file, clock=clock) as batch:
        async with aclosing(batch.submissions(events=events())) as coming:
            waiting = asyncio.ensure_future(anext(coming))
            await soon(until(lambda: len(clock.slept) > 3))
            await worked(market, 2)
            found = [await soon(waiting), *[one async for one in coming]]
        assert len({one.assignment_id for one in found}) == 6
        assert batch.events_error is not None
        [told] = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert told.name == "aioturk.batch"
        assert str(batch.events_error) in told.getMessage()
        assert await submissions_of(batch) == []
        assert batch.events_error is None  # of the last walk


async def test_events_that_end(market: Marketplace, mturk: Client, file: str, clock: JumpingClock) -> None:
    """That there are no more events is no failure, and no end."""
    await published(mturk, file, 3)
    told = Told()
    told.tell(None)
    async with batch_of(mturk, file, clock=clock) as batch:
        async with aclosing(batch.submissions(events=told)) as coming:
            waiting = asyncio.ensure_future(anext(coming))
            await soon(until(lambda: told.closed and len(clock.slept) > 3))
            await worked(market, 2)
            found = [await soon(waiting), *[one async for one in coming]]
        assert len(found) == 6
        assert batch.events_error is None


async def test_events_that_cannot_be_closed(
    market: Marketplace, mturk: Client, file: str, clock: JumpingClock, caplog: pytest.LogCaptureFixture
) -> None:
    """What goes wrong with their end is told, and ends nothing else."""
    await published(mturk, file, 1)
    await worked(market, 2)
    async with batch_of(mturk, file, clock=clock) as batch:
        assert len([one async for one in batch.submissions(events=Unclosable())]) == 2
        assert isinstance(batch.events_error, LookupError)
    assert "the queue is gone" in caplog.text


async def test_a_service_that_does_not_answer_to_events(
    market: Marketplace, mturk: Client, line: Line, file: str, standing: StandingClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Where single assignments may not be read, that is told once, and looks find what the events told of."""
    hits = await published(mturk, file, 2)
    denied = error_reply(message="You may not.", kind="AccessDeniedException")
    told = Told()
    async with batch_of(mturk, file, clock=standing) as batch, following(batch, told, standing) as program:
        with rerouted(line, instead(ASSIGNMENT, denied)):
            old = standing.time() - 3600
            told.tell(*[at(await hand_in(market, hit), old) for hit in hits])
            await told.heard()
            assert noted(file) == set()
            await soon(until(lambda: standing.sleeping))
            standing.turn(60)
            await program.has(2)
        assert batch.events_error is None
    assert [record.name for record in caplog.records if record.levelno >= logging.WARNING] == ["aioturk.batch"]


async def test_a_ledger_that_fails(market: Marketplace, mturk: Client, file: str, standing: StandingClock) -> None:
    """When nothing can be written down any more, the loop is told at once, and the event is not done with."""
    [hit] = await published(mturk, file, 1)
    told = Told()
    async with batch_of(mturk, file, clock=standing) as batch, following(batch, told, standing) as program:
        performed(
            file, "CREATE TRIGGER full BEFORE INSERT ON submission BEGIN SELECT raise(ABORT, 'disk is full'); END"
        )
        told.tell(await hand_in(market, hit))
        with pytest.raises(LedgerFailed, match="disk is full"):
            await soon(program.task)
        assert (told.asked, told.closed) == (1, True)


# Leaving.


def others() -> set[asyncio.Task[Any]]:
    """All tasks but this one."""
    return asyncio.all_tasks() - {task for task in [asyncio.current_task()] if task is not None}


@pytest.mark.parametrize("leave", ["break", "cancel", "close", "end", "now"])
async def test_nothing_is_left_behind(
    market: Marketplace, mturk: Client, file: str, standing: StandingClock, leave: str
) -> None:
    """However the loop ends, the events are closed, and no task goes on."""
    [hit] = await published(mturk, file, 1)
    told = Told()
    before = others()
    async with batch_of(mturk, file, clock=standing) as batch:
        if leave == "now":
            assert await _walked(batch.submissions(until="now", events=told)) == 0
            assert told.asked == 0
        elif leave == "break":
            told.tell(await hand_in(market, hit), happened("HITReviewable", hit.hit_id))
            async for _ in batch.submissions(events=told):
                break
        elif leave == "end":
            await worked(market, 2)
            assert await _walked(batch.submissions(events=told)) == 2
            assert told.closed
        else:
            program = asyncio.create_task(_walked(batch.submissions(events=told)))
            await soon(until(lambda: standing.sleeping))
            if leave == "close":
                await batch.close()
                assert told.closed
            program.cancel()
            await asyncio.gather(program, return_exceptions=True)
            assert told.closed
    gc.collect()
    assert told.closed == (leave != "now")
    assert {task.get_name() for task in others() - before} <= {"aioturk-ledger-heartbeat"}


async def _walked(submissions: AsyncIterator[Any]) -> int:
    return len([one async for one in submissions])


async def test_what_was_hardly_begun_is_closed(mturk: Client, file: str) -> None:
    """Events that were given and never asked for are closed as well."""
    told = Told()
    async with batch_of(mturk, file) as batch:
        watch = Watch(batch._desk, Collector(batch._desk), told)
        watch.start()
        await watch.stop()
    assert (told.asked, told.closed) == (0, True)


async def test_events_end_before_the_ledger_is_closed(mturk: Client, file: str, standing: StandingClock) -> None:
    """A batch that is closed waits until nothing writes into its ledger any more."""
    await published(mturk, file, 1)
    open_at_the_end: list[bool] = []

    class Slow(Told):
        async def aclose(self) -> None:
            for _ in range(10):
                await asyncio.sleep(0)
            open_at_the_end.append(not batch._desk.ledger._closing)

    async with batch_of(mturk, file, clock=standing) as batch, following(batch, Slow(), standing):
        await batch.close()
        assert open_at_the_end == [True]


async def test_what_can_be_followed(mturk: Client, file: str) -> None:
    """A list is no stream of events."""
    async with batch_of(mturk, file) as batch:
        events: Any = []
        with pytest.raises(InvalidRequest, match="events"):
            await _walked(batch.submissions(events=events))


# Several programs.


async def test_two_programs_follow(market: Marketplace, mturk: Client, ledger: str) -> None:
    """Of two programs that hear the same events, each submission is delivered to one of them."""
    hits = await published(mturk, ledger, 10)
    clocks = [StandingClock(), StandingClock()]
    streams = [Told(), Told()]
    async with (
        batch_of(mturk, ledger, clock=clocks[0]) as one,
        batch_of(mturk, ledger, clock=clocks[1]) as other,
        following(one, streams[0], clocks[0]) as first,
        following(other, streams[1], clocks[1]) as second,
    ):
        events = [await hand_in(market, hit, worker) for hit in hits for worker in (ANNA, BERT)]
        streams[0].tell(*events)
        streams[1].tell(*reversed(events))
        await soon(until(lambda: len(first.seen) + len(second.seen) >= 20))
        for told in streams:
            await told.heard()
        seen = [one.assignment_id for one in first.seen + second.seen]
        assert sorted(seen) == sorted(str(event.assignment_id) for event in events)


# Whatever becomes of events.


STORY = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.integers(0, 40)),
        st.tuples(st.just("forge"), st.sampled_from(ALL)),
        st.tuples(st.just("work"), st.integers(0, 1)),
        st.tuples(st.just("turn"), st.sampled_from([0.5, 2.0, 60.0])),
        st.tuples(st.just("late"), st.integers(1, 3)),
    ),
    max_size=25,
)


@settings(max_examples=15, deadline=None)
@given(STORY, st.booleans())
async def test_each_exactly_once(story: list[tuple[str, Any]], ends: bool) -> None:
    """Lost, doubled, reordered and forged events, readers that know later: every submission comes exactly once."""
    line = Line()
    with TemporaryDirectory() as folder:
        async with Marketplace() as market, market.client(retries=False, transport=line) as mturk:
            seen = await _lived_through(story, ends, market, mturk, line, Path(folder) / "ledger.db")
            there = [
                assignment.assignment_id
                for hit in await hits_of(mturk)
                async for assignment in mturk.list_assignments_for_hit(hit.hit_id)
            ]
    assert sorted(seen) == sorted(there)
    assert len(there) == 6


async def _lived_through(
    story: list[tuple[str, Any]], ends: bool, market: Marketplace, mturk: Client, line: Line, ledger: Path
) -> list[str]:
    """Tell events as a story goes, and then let everything be done; return what was delivered."""
    hits = await published(mturk, str(ledger), 3)
    await mturk.update_notification_settings(
        hits[0].hit_type_id,
        notification={
            "Destination": "https://sqs.us-east-1.amazonaws.com/123456789012/events",
            "Transport": "SQS",
            "Version": "2014-08-15",
            "EventTypes": ALL,
        },
    )
    clock, told, late = StandingClock(), Told(), 0

    async def stale(request: Request, send: Send) -> Response:
        nonlocal late
        if operation_of(request) == ASSIGNMENT and late:
            late -= 1
            return NOT_YET
        return await send(request)

    with rerouted(line, stale):
        async with batch_of(mturk, str(ledger), clock=clock) as batch, following(batch, told, clock) as program:
            for what, value in story:
                if what == "tell":
                    log = [of_log(message) for message in await market.notifications]
                    told.tell(*log[value % len(log) : value % len(log) + 1] if log else ())
                elif what == "forge":
                    told.tell(happened(value, hits[0].hit_id, "3FORGED"), happened(value, "3FORGED", "3FORGED"))
                elif what == "work":
                    await worked(market, [(ANNA, BERT)[value]])
                elif what == "turn":
                    clock.turn(value)
                else:
                    late = value
                await asyncio.sleep(0)
            await worked(market, [ANNA, BERT])
            if ends:
                told.tell(None)
            await turned(clock, 10, program.task.done)
            await program.task
            return [one.assignment_id for one in program.seen]


# The whole way.


@pytest.fixture(scope="module")
def queues() -> Iterator[Queues]:
    """Amazon's queues, as moto plays them."""
    with queue_server.serve() as queues:
        yield queues


async def test_by_way_of_a_queue(queues: Queues, file: str, standing: StandingClock) -> None:
    """From the worker's submission through a queue to the loop, while the batch's clock stands still."""
    queue = await queues.queue()
    async with (
        Marketplace(delivery=Delivery(sqs=queues.url, credentials=KEYS)) as market,
        market.client() as mturk,
        batch_of(mturk, file, clock=standing) as batch,
    ):
        await mturk.notify_on(
            await guess_age().hit_type(mturk),
            queue=queue,
            events=["AssignmentSubmitted", "AssignmentApproved", "HITReviewable", "HITExpired"],
        )
        await batch.upload(rows(4))
        hits = await hits_of(mturk)
        events = listen(queue, credentials=KEYS, endpoint=queues.url, wait=1, visibility=5)
        seen = []
        async with aclosing(batch.submissions(events=events)) as coming:
            waiting = asyncio.ensure_future(anext(coming))
            await soon(until(lambda: standing.sleeping))
            for hit in hits:
                for worker in (ANNA, BERT):
                    event = await hand_in(market, hit, worker)
                    submission = await soon(waiting)
                    assert submission.assignment_id == event.assignment_id
                    await submission.approve()
                    seen.append(submission.assignment_id)
                    waiting = asyncio.ensure_future(anext(coming))
            with pytest.raises(StopAsyncIteration):
                await soon(waiting)
        assert len(set(seen)) == 8
        assert batch.events_error is None


DOOMED = """
import asyncio, os, signal, sys
from aioturk import Batch, Client, Credentials
from aioturk.notifications import listen
from aioturk.transport import AiohttpTransport
from tests.batch.tasks import NAME, guess_age
from tests.batch.told import StandingClock

url, access_key, secret_key, ledger, queue = sys.argv[1:]

class Deadly(AiohttpTransport):
    async def send(self, request, **options):
        answer = await super().send(request, **options)
        if dict(request.headers)["X-Amz-Target"].endswith(".GetAssignment"):
            print("read", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

async def events():
    print("listening", flush=True)
    async for event in listen(queue, credentials=Credentials("AKIDEXAMPLE", "x"), wait=1, visibility=1):
        yield event

async def main():
    async with (
        Client(url, credentials=Credentials(access_key, secret_key), transport=Deadly()) as mturk,
        Batch(mturk, guess_age(), name=NAME, ledger=ledger, clock=StandingClock(), progress=False) as batch,
    ):
        async for submission in batch.submissions(events=events()):
            print("delivered", flush=True)

asyncio.run(main())
"""


async def test_a_program_that_is_killed_between_event_and_ledger(
    queues: Queues, file: str, standing: StandingClock
) -> None:
    """Killed between reading what an event told of and writing it down: it comes again, and nothing is lost."""
    queue = await queues.queue()
    async with (
        Marketplace(delivery=Delivery(sqs=queues.url, credentials=KEYS)) as market,
        market.client() as mturk,
    ):
        [hit] = await published(mturk, file, 1)
        await mturk.notify_on(hit.hit_type_id or "", queue=queue, events=["AssignmentSubmitted"])
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)]),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", DOOMED, market.url, market.access_key, market.secret_key, file, queue),
            stdout=asyncio.subprocess.PIPE,
            env=environment,
        )
        assert process.stdout is not None
        assert await soon(process.stdout.readline()) == b"listening\n"
        event = await hand_in(market, hit)
        assert await soon(process.stdout.read()) == b"read\n"
        assert await process.wait() == -signal.SIGKILL
        assert noted(file) == set()
        async with asyncio.timeout(60), listen(queue, credentials=KEYS, wait=1) as again:
            async for one in again:
                assert one.assignment_id == event.assignment_id
                break
        events = listen(queue, credentials=KEYS, wait=1)
        async with batch_of(mturk, file, clock=standing) as batch, following(batch, events, standing) as program:
            assert await program.has(1) == [event.assignment_id]
        assert len(program.seen) == 1
