"""Reading from the service: looks that cross with extensions, lists of before, and counters that are wrong."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aioturk.batch import Batch
from aioturk.batch.collecting import Collector
from aioturk.batch.ledger import hits
from aioturk.batch.ledger.hits import OPEN, OVER
from aioturk.client import Client
from aioturk.marketplace import Marketplace
from aioturk.testing import JumpingClock

from .batches import Line, batch_of, hits_of, performed, submissions_of, worked
from .tasks import Guess, guess_age, rows


async def seen_before(batch: Batch[Guess]) -> list[hits.Seen]:
    """What a look of before would write down of a batch's HITs: that all of them are over."""
    desk = batch._desk
    known = await desk.perform(hits.in_states(await desk.seq(), (OPEN, OVER), after="", most=100))
    return [hits.Seen(one.id, OVER, 0, 2, 0.0, one.generation, 1, None) for one in known]


@pytest.mark.parametrize("more", [{"max_assignments": 4}, {"lifetime": timedelta(days=14)}])
async def test_a_look_of_before_does_not_end_a_hit(mturk: Client, ledger: str, more: Any) -> None:
    """What was seen before a HIT got more assignments, or more time, makes it neither over nor smaller."""
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(2))
        old = await seen_before(batch)
        await batch.extend(**more)
        await batch._desk.perform(hits.write_seen(old, time.time()))
        states = {row.state for row in performed(ledger, "SELECT state FROM hit")}
        most = {row.most for row in performed(ledger, "SELECT most FROM hit")}
        assert (states, most) == ({"open"}, {more.get("max_assignments", 2)})
        await batch._desk.perform(hits.write_seen(await seen_before(batch), time.time()))
        assert {row.state for row in performed(ledger, "SELECT state FROM hit")} == {"over"}


async def test_a_list_of_before_does_not_end_a_hit(
    market: Marketplace, mturk: Client, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A HIT that was extended after the list was read, and before the ledger was, stays open."""
    monkeypatch.setattr("aioturk.batch.collecting._FEW", 0)
    async with batch_of(mturk, file, task=guess_age(max_assignments=1)) as batch:
        await batch.upload(rows(3))
        await worked(market, ["A1WORKER"])
        listed = {hit.hit_id: hit for hit in await hits_of(mturk)}
        await batch.extend(max_assignments=2)
        await Collector(batch._desk)._look_at(listed, decisions=False)
        assert {row.state for row in performed(file, "SELECT state FROM hit")} == {"open"}
        await worked(market, ["A2WORKER"])
        assert len(await submissions_of(batch)) == 6


async def test_hits_that_were_seen_in_the_future_are_unseen(mturk: Client, file: str, clock: JumpingClock) -> None:
    """After the clock was set back by a day, HITs that no list shows are asked for."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(2))
        now = clock.time()
        seq = await batch._desk.seq()

        async def unseen() -> int:
            return len(await batch._desk.perform(hits.unseen(seq, since=now, until=now + 300, after="", most=10)))

        performed(file, "UPDATE hit SET seen_at = :moment", moment=int(now * 1000) + 1000)
        assert await unseen() == 0
        performed(file, "UPDATE hit SET seen_at = :moment", moment=int(now * 1000) + 86_400_000)
        assert await unseen() == 2


async def test_a_hit_whose_counters_are_wrong_comes_to_its_end(
    market: Marketplace, mturk: Client, line: Line, file: str, clock: JumpingClock
) -> None:
    """Of an ended HIT whose counters tell of work that never shows, two minutes are waited, and then it is over."""
    async with batch_of(mturk, file, clock=clock, task=guess_age(max_assignments=1)) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        inner = line._faulty._inner
        send = inner.send

        async def never(request: Any, **options: Any) -> Any:
            response = await send(request, **options)
            if dict(request.headers)["X-Amz-Target"].endswith("ListAssignmentsForHIT"):
                response = type(response)(response.status, response.headers, b'{"NumResults": 0, "Assignments": []}')
            return response

        inner.send = never  # type: ignore[method-assign]
        began = clock.time()
        assert await submissions_of(batch, "complete") == []
        assert 120 <= clock.time() - began < 300


async def test_an_extension_while_hits_are_looked_at_is_not_forgotten(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """A HIT that is extended between being read and being written down as ended is asked about again."""
    async with batch_of(mturk, file, task=guess_age(max_assignments=1)) as batch:
        await batch.upload(rows(1))
        await worked(market, ["A1WORKER"])
        inner = line._faulty._inner
        send = inner.send

        async def extending(request: Any, **options: Any) -> Any:
            response = await send(request, **options)
            if dict(request.headers)["X-Amz-Target"].endswith("ListAssignmentsForHIT"):
                inner.send = send  # type: ignore[method-assign]
                await batch.extend(max_assignments=2)
            return response

        inner.send = extending  # type: ignore[method-assign]
        first = await submissions_of(batch)
        await worked(market, ["A2WORKER"])
        second = await submissions_of(batch)
    assert (len(first), len(second)) == (1, 1)


async def test_looks_in_quick_succession_do_not_end_a_hit_that_has_more(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """A HIT whose counters tell of work that no list shows yet is not given up after a moment."""
    async with batch_of(mturk, file, task=guess_age(max_assignments=1)) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        inner = line._faulty._inner
        send = inner.send

        async def lagging(request: Any, **options: Any) -> Any:
            response = await send(request, **options)
            if dict(request.headers)["X-Amz-Target"].endswith("ListAssignmentsForHIT"):
                return replace(response, body=b'{"NumResults": 0, "Assignments": []}')
            return response

        inner.send = lagging  # type: ignore[method-assign]
        for _ in range(4):
            await batch.status()
        inner.send = send  # type: ignore[method-assign]
        assert len(await submissions_of(batch)) == 1
