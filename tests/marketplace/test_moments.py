"""What browsers tell of the time that work took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk.errors import AssignmentDoesNotExist, InvalidAssignmentState
from aioturk.marketplace import Marketplace
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.moments import Piece, _between, keep, moments, submitted
from aioturk.marketplace.store.assignments import Assignments
from aioturk.marketplace.store.session import Session

from .acts import act, act_for, milliseconds
from .support import ANNA, BERT, Requester

SECOND = timedelta(seconds=1)


async def test_all_moments_of_an_assignment(market: Marketplace, turk: Requester) -> None:
    """From the preview to the approval, with what the browser told in between; the owner and the requester see it."""
    hit_id, anna = (await turk.hit())["HITId"], market.worker(ANNA)
    previewed = (await anna.preview(hit_id)).previewed
    await market.advance(10 * SECOND)
    accepted = market.now()
    assignment_id = await anna.accept(hit_id)
    await market.advance(30 * SECOND)
    first = milliseconds(market) - 5000
    await act(market, keep, ANNA, assignment_id, first_input_at=first, active_seconds=20)
    before = await act(market, moments, assignment_id)
    await market.advance(30 * SECOND)
    await anna.submit(assignment_id, {"a": "b"})
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    found = await act(market, moments, assignment_id)

    assert (before.submitted, before.duration, before.approved) == (None, None, None)
    assert found.worker_id == ANNA
    assert (found.previewed, found.accepted) == (previewed, accepted)
    assert found.first_input == accepted + 25 * SECOND
    assert found.active == 20 * SECOND
    assert found.deadline == accepted + 300 * SECOND
    assert (found.submitted, found.duration) == (accepted + 60 * SECOND, 60 * SECOND)
    assert (found.approved, found.rejected) == (accepted + 60 * SECOND, None)
    account = await act_for(market, lambda context: context.account.seq)
    assert await act(market, moments, assignment_id, account_seq=account) == found
    with pytest.raises(AssignmentDoesNotExist):
        await act(market, moments, assignment_id, account_seq=account + 1)


async def test_nobody_has_to_tell_anything(market: Marketplace, turk: Requester) -> None:
    """Work that came without a browser has no such moments."""
    anna = market.worker(ANNA)
    assignment_id = await anna.accept((await turk.hit())["HITId"])
    await act(market, keep, ANNA, assignment_id)
    found = await act(market, moments, assignment_id)
    assert (found.previewed, found.first_input, found.active) == (None, None, None)


async def test_what_is_told_again_and_late(market: Marketplace, turk: Requester) -> None:
    """The earliest first input and the most active seconds are kept, in whatever order they come."""
    assignment_id = await market.worker(ANNA).accept((await turk.hit())["HITId"])
    start = milliseconds(market)
    await market.advance(100 * SECOND)
    for first, active in ((50_000, 10), (70_000, 40), (20_000, 30), (None, None)):
        at = None if first is None else start + first
        await act(market, keep, ANNA, assignment_id, first_input_at=at, active_seconds=active)
    found = await act(market, moments, assignment_id)
    assert (found.first_input, found.active) == (found.accepted + 20 * SECOND, 40 * SECOND)


@pytest.mark.parametrize(("first", "active"), [(-(10**6), -5), (10**9, 10**9), (-(10**18), 10**18)])
async def test_what_cannot_be(market: Marketplace, turk: Requester, first: int, active: int) -> None:
    """A browser whose clock is wrong, or who lies, is believed as far as it can be true: from accepting until now."""
    assignment_id = await market.worker(ANNA).accept((await turk.hit())["HITId"])
    start = milliseconds(market)
    await market.advance(60 * SECOND)
    await act(market, keep, ANNA, assignment_id, first_input_at=start + first, active_seconds=active)
    found = await act(market, moments, assignment_id)
    assert found.first_input == found.accepted + (0 if first < 0 else 60) * SECOND
    assert found.active == (0 if active < 0 else 60) * SECOND


@given(st.integers(), st.integers(), st.integers(min_value=0))
def test_bounds(least: int, told: int, length: int) -> None:
    """Whatever is told comes to lie between the bounds, and stays what it is if it lies there."""
    kept = _between(least, told, least + length)
    assert least <= kept <= least + length
    assert kept == told or not least <= told <= least + length


async def test_only_of_what_one_holds(market: Marketplace, turk: Requester) -> None:
    """Strangers, and the worker who has submitted, returned or abandoned it, are refused; nothing changes."""
    hits = [(await turk.hit())["HITId"] for _ in range(3)]
    anna = market.worker(ANNA)
    submitted, returned, abandoned = [await anna.accept(hit_id) for hit_id in hits]
    await act(market, keep, ANNA, submitted, active_seconds=0)
    for name in (BERT, "A9", ""):
        with pytest.raises(AssignmentDoesNotExist):
            await act(market, keep, name, submitted, active_seconds=1)
    await anna.submit(submitted, {"a": "b"})
    await anna.return_assignment(returned)
    await market.advance(300 * SECOND)
    with pytest.raises(InvalidAssignmentState):
        await act(market, keep, ANNA, submitted, active_seconds=1)
    for gone in (returned, abandoned, "3NOSUCH"):
        with pytest.raises(AssignmentDoesNotExist):
            await act(market, keep, ANNA, gone, active_seconds=1)
        with pytest.raises(AssignmentDoesNotExist):
            await act(market, moments, gone)
    assert (await act(market, moments, submitted)).active == timedelta(0)


async def test_who_takes_the_id_over_begins_anew(market: Marketplace, turk: Requester) -> None:
    """Ids of returned assignments are given out again, and what was told before belongs to the other worker."""
    hit_id = (await turk.hit())["HITId"]
    first = await market.worker(ANNA).accept(hit_id)
    await market.advance(9 * SECOND)
    await act(market, keep, ANNA, first, first_input_at=milliseconds(market), active_seconds=5)
    await market.worker(ANNA).return_assignment(first)
    assert await market.worker(BERT).accept(hit_id) == first
    found = await act(market, moments, first)
    assert (found.worker_id, found.first_input, found.active) == (BERT, None, None)
    assert found.accepted == market.now().astimezone(UTC)
    assert isinstance(found.accepted, datetime)


async def test_all_that_was_submitted_to_somebody(market: Marketplace, turk: Requester) -> None:
    """
    A requester's own work is listed, once each, however few at a time, whatever was decided and deleted since.

    What is in work, returned, or somebody else's is not in it; it can be asked for by HIT and by HIT type.
    """
    keys = await market.add_requester("other")
    other = Requester(url=market.url, access_key=keys.access_key, secret_key=keys.secret_key)
    first, second, theirs = await turk.hit(MaxAssignments=3), await turk.hit(Title="Second"), await other.hit()
    anna, bert = market.worker(ANNA), market.worker(BERT)
    wanted: list[tuple[str, str]] = []
    for worker, hit in ((anna, first), (bert, first), (bert, second)):
        assignment_id = await worker.accept(hit["HITId"])
        await market.advance(SECOND)
        await worker.submit(assignment_id, {"a": "b"})
        wanted.append((assignment_id, worker.worker_id))
    await anna.submit(await anna.accept(theirs["HITId"]), {"a": "b"})
    await market.worker("A3CARA").accept(first["HITId"])
    await turk("ApproveAssignment", AssignmentId=wanted[1][0])
    await turk("RejectAssignment", AssignmentId=wanted[2][0], RequesterFeedback="No.")
    await turk("DeleteHIT", HITId=second["HITId"])

    async def listed(limit: int = 1000, **only: str) -> list[Piece]:
        found: list[Piece] = []
        account = await act_for(market, lambda context: context.account.seq)
        while pieces := await act(market, submitted, account, found[-1].place if found else 0, limit=limit, **only):
            assert len(pieces) <= limit
            found += pieces
        return found

    everything = await listed()
    assert [(piece.assignment_id, piece.moments.worker_id) for piece in everything] == wanted
    assert [piece.status for piece in everything] == ["Submitted", "Approved", "Rejected"]
    assert [piece.hit_id for piece in everything] == [first["HITId"], first["HITId"], second["HITId"]]
    assert [piece.hit_type_id for piece in everything][1:] == [first["HITTypeId"], second["HITTypeId"]]
    for piece in everything:
        assert piece.moments == await act(market, moments, piece.assignment_id)
        assert piece.moments.duration == SECOND
    assert await listed(1) == everything
    assert await listed(hit_id=first["HITId"]) == everything[:2]
    assert await listed(hit_type_id=second["HITTypeId"]) == everything[2:]
    assert await listed(hit_id=theirs["HITId"]) == await listed(hit_type_id="3NOSUCH") == []


async def test_a_part_of_a_long_list_costs_what_is_in_it(market: Marketplace) -> None:
    """
    SQLite goes on where the part before has ended, and neither collects nor sorts the others for each part.

    Of one HIT, it looks at that one alone.
    """
    plans: list[str] = []

    class Explaining:
        def __init__(self, connection: Any) -> None:
            self._connection = connection

        def execute(self, text: str, values: Any) -> Any:
            told = self._connection.execute(f"EXPLAIN QUERY PLAN {text}", values)
            plans.append(" / ".join(row[3] for row in told.fetchall()))
            return self._connection.execute(text, values)

    def explain(context: Context) -> None:
        store = context.store.assignments
        if store._session._dialect.name == "postgresql":
            pytest.skip("PostgreSQL plans by the numbers of rows, of which there are none here")
        explained = Assignments(Session(Explaining(store._session._connection), store._session._dialect))
        explained.all_of_account(1, 0, 10)
        explained.all_of_account(1, 0, 10, type_id="3T")
        explained.all_of_account(1, 0, 10, hit_id="3H")

    await act(market, explain)
    *long, of_hit = plans
    for plan in long:
        assert plan.startswith("SEARCH assignment USING INTEGER PRIMARY KEY (rowid>?)")
        assert "ORDER BY" not in plan
    assert "SEARCH assignment USING INDEX assignment_submitted (hit_seq=?" in of_hit
