"""What two do at the same moment in PostgreSQL, where acts wait for locks: each case by hand, step by step."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from aioturk._generated import shapes
from aioturk.marketplace import AMAZON, Marketplace, Rules
from aioturk.marketplace.service import Context, MarketService, RequesterContext, work
from aioturk.marketplace.store.inspection import problems

from ..postgres import Postgres
from .support import ANNA, BERT, QUESTION, Requester, StillClock

DAY = 86_400


class Standstill:
    """An act that stands still at one point until it is told to go on."""

    def __init__(self) -> None:
        self._there = threading.Event()
        self._go = threading.Event()

    def before(self, act: Callable[[Context], Any]) -> Callable[[Context], Any]:
        """Stand still when the act has its time, before it does anything."""

        def standing(context: Context) -> Any:
            if not self._there.is_set():
                self._there.set()
                assert self._go.wait(20)
            return act(context)

        return standing

    def after(self, act: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Stand still when everything is done but the commit."""

        def standing(context: Any) -> Any:
            result = act(context)
            if not self._there.is_set():
                self._there.set()
                assert self._go.wait(20)
            return result

        return standing

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._there.wait, 20)

    def go_on(self) -> None:
        self._go.set()


async def waiting_for_a_lock(url: str) -> None:
    """Return when somebody waits for a row."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while connection.execute(query).fetchone() == (0,):  # noqa: ASYNC110
            await asyncio.sleep(0)  # what it waits for is in the database


def audit(url: str, like: str) -> list[str]:
    """What was done, by name."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT what FROM audit WHERE what LIKE %s ORDER BY seq", (like,)).fetchall()
    return [what for (what,) in rows]


async def test_work_submitted_at_its_deadline_is_not_approved_by_it(postgres: Postgres) -> None:
    """The clock, waiting for a submission to end, finds a deadline that no longer counts: nothing is paid."""
    url, clock = postgres.fresh(), StillClock()
    async with Marketplace(url, clock=clock, balance=100) as market:
        turk = Requester(market)
        hit = await turk.hit(AutoApprovalDelayInSeconds=30 * DAY, AssignmentDurationInSeconds=300)
        assignment_id = await market.worker(ANNA).accept(hit["HITId"])
        clock.now += 299.5
        standstill = Standstill()
        act = standstill.after(lambda context: work.submit(context, ANNA, assignment_id, {"a": "b"}))
        submitting = asyncio.create_task(market._house.act(act, actor=ANNA))
        await standstill.reached()
        clock.now += 1
        turning = asyncio.create_task(market.advance(timedelta(0)))
        await waiting_for_a_lock(url)
        standstill.go_on()
        await submitting
        await turning

        assert (await turk("GetAssignment", AssignmentId=assignment_id))["Assignment"][
            "AssignmentStatus"
        ] == "Submitted"
        assert (await market.earnings(ANNA)).earned == 0
        await market.advance(timedelta(days=30))
        assert (await market.earnings(ANNA)).earned == Decimal("0.25")
    assert problems(url) == []


async def test_an_act_from_before_the_end_does_not_undo_the_end(postgres: Postgres) -> None:
    """A submission that began before the HIT expired, and was done after it, leaves it expired, told of once."""
    url, clock = postgres.fresh(), StillClock()
    async with Marketplace(url, clock=clock, balance="3.00") as market:
        turk = Requester(market)
        hit_id = (await turk.hit(MaxAssignments=5, LifetimeInSeconds=60))["HITId"]
        assignment_id = await market.worker(ANNA).accept(hit_id)
        clock.now += 59.9
        standstill = Standstill()
        act = standstill.before(lambda context: work.submit(context, ANNA, assignment_id, {"a": "b"}))
        submitting = asyncio.create_task(market._house.act(act, actor=ANNA))
        await standstill.reached()
        clock.now += 0.2
        await market.advance(timedelta(0))
        # What the expiry has set free is spent, so that holding it again would fail.
        await turk.hit(MaxAssignments=9, Reward="0.25", Title="other")
        standstill.go_on()
        await submitting

        assert await turk.counts(hit_id) == ("Reviewable", 4, 0, 0)
    assert audit(url, "HIT%able") + audit(url, "HITExpired") == ["HITReviewable", "HITExpired"]
    assert problems(url) == []


@pytest.mark.parametrize("other", ["extend", "accept", "take"])
async def test_a_hit_that_moves_to_another_type_meanwhile_is_found(postgres: Postgres, other: str) -> None:
    """Whoever waited for it gets it, with its new type."""
    url, clock = postgres.fresh(), StillClock()
    async with Marketplace(url, clock=clock) as market:
        turk = Requester(market)
        hit_id = (await turk.hit())["HITId"]
        kind = await turk("CreateHITType", Title="b", Description="b", Reward="0.10", AssignmentDurationInSeconds=60)
        key = await market._house.key(market.access_key)
        assert key is not None
        request = shapes.UpdateHITTypeOfHITRequest(hit_id=hit_id, hit_type_id=kind["HITTypeId"])
        standstill = Standstill()
        moving = asyncio.create_task(
            market._house.act_for(
                key,
                "sandbox",
                "r",
                standstill.after(lambda context: MarketService().update_hit_type_of_hit(context, request)),
            )
        )
        await standstill.reached()
        later = datetime.fromtimestamp(clock.now + 7200, UTC)
        others: dict[str, Callable[[], Any]] = {
            "extend": lambda: turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=later),
            "accept": lambda: market.worker(ANNA).accept(hit_id),
            "take": lambda: market._house.act(lambda context: work.take(context, BERT, 0, frozenset(), "script")),
        }
        doing = asyncio.create_task(others[other]())
        await waiting_for_a_lock(url)
        standstill.go_on()
        await moving
        result = await doing

        assert (await turk.get(hit_id))["Reward"] == "0.10"
        if other == "accept":
            assert isinstance(result, str)
    assert problems(url) == []


async def test_types_that_many_require_at_once(postgres: Postgres) -> None:
    """HITs that require one qualification type are made side by side, from two processes, without a deadlock."""
    url, clock = postgres.fresh(), StillClock()
    async with Marketplace(url, clock=clock) as one, Marketplace(url, clock=clock) as two:
        turk = Requester(one)
        kind = await turk("CreateQualificationType", Name="q", Description="d", QualificationTypeStatus="Active")
        type_id = kind["QualificationType"]["QualificationTypeId"]
        key = await one._house.key(one.access_key)
        assert key is not None
        request = shapes.CreateHITRequest(
            title="x",
            description="x",
            reward=Decimal("0.10"),
            lifetime=timedelta(days=200),
            assignment_duration=timedelta(seconds=60),
            question=QUESTION,
            qualification_requirements=(
                shapes.QualificationRequirement(
                    qualification_type_id=type_id, comparator=shapes.Comparator.DOES_NOT_EXIST
                ),
            ),
        )
        before = deadlocks(url)

        def create(context: RequesterContext) -> None:
            MarketService().create_hit(context, request)

        for day in range(3):
            clock.now += 1.1 * DAY  # the use of a type is written down once a day
            making = [market._house.act_for(key, "sandbox", "r", create) for market in (one, two) for _ in range(12)]
            await asyncio.gather(*making)
            workers = [market.worker(f"A{day}{place}{n}") for place, market in enumerate((one, two)) for n in range(6)]
            await asyncio.gather(*(worker.request_qualification(type_id) for worker in workers))
        assert deadlocks(url) == before
        assert (await turk("ListHITs", MaxResults=100))["NumResults"] == 72


def deadlocks(url: str) -> int:
    """How many PostgreSQL has had to break in this database."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SELECT pg_stat_clear_snapshot()")
        row = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    assert row is not None
    return int(row[0])


async def test_limits_hold_when_a_worker_accepts_everywhere_at_once(postgres: Postgres) -> None:
    """A queue of one is one, however many tabs there are."""
    rules = Rules(queue=1)
    assert rules != AMAZON
    async with Marketplace(postgres.fresh(), clock=StillClock(), rules=rules) as market:
        turk = Requester(market)
        hits = [(await turk.hit(Title=f"title {number}"))["HITId"] for number in range(8)]
        worker = market.worker(ANNA)
        await worker.return_assignment(await worker.accept(hits[0]))
        await asyncio.gather(*(worker.accept(hit_id) for hit_id in hits), return_exceptions=True)
        assert len(await worker.queue()) == 1
