"""Forms on pages that know an assignment's id, and nobody's name."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from aioturk.answers import read_answers
from aioturk.errors import AssignmentDoesNotExist, InvalidAssignmentState, MissingParameter, TurkError
from aioturk.marketplace import Marketplace
from aioturk.marketplace.service import Context
from aioturk.marketplace.service.work import submit_held

from .acts import act, audited, house_of
from .support import ANNA, BERT, HIT, Requester

FIELDS = {"age": "36"}


async def test_the_id_decides(market: Marketplace, turk: Requester) -> None:
    """Whoever holds the assignment has submitted it, says the audit log, too; a page learns what it needs to go on."""
    hit = await turk.hit(MaxAssignments=2)
    await market.worker(BERT).accept(hit["HITId"])
    assignment_id = await market.worker(ANNA).accept(hit["HITId"])
    fields = {"assignmentId": assignment_id, "hitId": "other", **FIELDS}
    done = await act(market, submit_held, assignment_id, fields)

    assert done == (ANNA, assignment_id, hit["HITId"], hit["HITGroupId"], HIT["Title"], Decimal("0.25"))
    (found,) = await turk.assignments(hit["HITId"])
    assert (found["WorkerId"], found["AssignmentStatus"]) == (ANNA, "Submitted")
    assert dict(read_answers(found["Answer"])) == FIELDS
    assert [line[0] for line in await audited(market) if line[1] == "AssignmentSubmitted"] == [ANNA]
    assert len(await market.worker(BERT).queue()) == 1


async def test_what_nobody_holds(market: Marketplace, turk: Requester) -> None:
    """Unknown, returned, abandoned, submitted, empty: refused as other submissions are, and nothing is recorded."""
    hits = [(await turk.hit())["HITId"] for _ in range(4)]
    anna = market.worker(ANNA)
    submitted, returned, abandoned, empty = [await anna.accept(hit_id) for hit_id in hits]
    with pytest.raises(MissingParameter):
        await act(market, submit_held, empty, {"assignmentId": empty})
    await act(market, submit_held, submitted, FIELDS)
    await anna.return_assignment(returned)
    await market.advance(timedelta(minutes=5))
    with pytest.raises(InvalidAssignmentState):
        await act(market, submit_held, submitted, FIELDS)
    for gone in (returned, abandoned, "ASSIGNMENT_ID_NOT_AVAILABLE", "", "\0", "3\udc00"):
        with pytest.raises(AssignmentDoesNotExist):
            await act(market, submit_held, gone, FIELDS)
    assert [len(await turk.assignments(hit_id)) for hit_id in hits] == [1, 0, 0, 0]


async def test_the_environment_decides_too(market: Marketplace, turk: Requester) -> None:
    """What is held in the sandbox cannot be submitted, or returned, by the same worker's id in production."""
    hit_id = (await turk.hit())["HITId"]
    assignment_id = await market.worker(ANNA).accept(hit_id)

    def submit(context: Context) -> object:
        return submit_held(context, assignment_id, FIELDS)

    with pytest.raises(AssignmentDoesNotExist):
        await house_of(market).act(submit, environment="production")
    stranger = market.worker(ANNA, environment="production")
    for refused in (stranger.submit(assignment_id, FIELDS), stranger.return_assignment(assignment_id)):
        with pytest.raises(AssignmentDoesNotExist):
            await refused
    assert await turk.assignments(hit_id) == []
    assert len(await market.worker(ANNA).queue()) == 1


async def test_a_form_that_is_sent_twice(market: Marketplace, turk: Requester) -> None:
    """Of ten that come at once, one counts."""
    hit_id = (await turk.hit())["HITId"]
    assignment_id = await market.worker(ANNA).accept(hit_id)
    results = await asyncio.gather(
        *(act(market, submit_held, assignment_id, {"age": str(age)}) for age in range(10)), return_exceptions=True
    )
    assert sum(isinstance(result, tuple) for result in results) == 1
    assert sum(isinstance(result, InvalidAssignmentState) for result in results) == 9
    assert all(isinstance(result, (tuple, TurkError)) for result in results)
    assert len(await turk.assignments(hit_id)) == 1
