"""Uploads and payments that are killed, again and again: each row has one HIT, each bonus is paid once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from aioturk._core.keys import Credentials
from aioturk.batch import Batch
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.client import Client
from aioturk.marketplace import Faults, Marketplace

from ..postgres import Postgres
from .killed import Job, run
from .tasks import NAME, all_hits, guess_age, rows, urls

KILLS = 20
ROWS = 1000


@pytest.fixture
async def market() -> AsyncIterator[Marketplace]:
    """A marketplace on a bad day."""
    async with Marketplace(faults=Faults(throttle=0.15, drop_reply=0.05, server_error=0.05, seed=11)) as market:
        yield market


def job(market: Marketplace, ledger: str) -> Job:
    """A job of which only what is to be done is missing."""
    return Job(market.url, Credentials(market.access_key, market.secret_key), ledger)


async def until_done(job: Job, chance: random.Random, *, kills: int, events: int) -> None:
    """Run a job, which is killed so many times, and then let it come to its end."""
    for _ in range(kills):
        await run(replace(job, deadly=chance.randrange(events)))
    assert await run(job)


async def published_once(mturk: Client, count: int) -> None:
    """Every row has one HIT."""
    assert urls(await all_hits(mturk)) == Counter({row["url"]: 1 for row in rows(count)})


async def test_an_upload_that_is_killed_twenty_times(market: Marketplace, ledger: str) -> None:
    """A thousand rows become a thousand HITs, whatever happens to the network, the service and the process."""
    uploading = replace(job(market, ledger), rows=rows(ROWS))
    await until_done(uploading, random.Random(1), kills=KILLS, events=400)
    market.faults = None  # what is looked at now is what came of it
    async with market.client(timeout=300) as mturk:
        await published_once(mturk, ROWS)
        async with Batch(mturk, guess_age(), name=NAME, ledger=ledger, progress=False) as batch:
            checked = await batch.reconcile()
    assert checked.is_clean
    assert (checked.hits, checked.found) == (ROWS, 0)


async def test_an_upload_that_goes_on_a_day_later(market: Marketplace, ledger: str) -> None:
    """Both clocks are turned by 25 hours in the middle, and all tokens are forgotten: no row has two HITs."""
    uploading = replace(job(market, ledger), rows=rows(300))
    chance = random.Random(6)
    for _ in range(4):
        await run(replace(uploading, deadly=chance.randrange(150)))
    await market.advance(timedelta(hours=25))
    await until_done(replace(uploading, offset=25 * 3600.0), chance, kills=4, events=150)
    market.faults = None
    async with market.client(timeout=300) as mturk:
        await published_once(mturk, 300)


async def test_two_uploaders_of_one_ledger(market: Marketplace, postgres: Postgres) -> None:
    """Two programs with one ledger, both killed again and again, publish every row once between them."""
    uploading = replace(job(market, postgres.empty()), rows=rows(ROWS))
    async with asyncio.TaskGroup() as group:
        for seed in (2, 3):
            group.create_task(until_done(uploading, random.Random(seed), kills=KILLS // 2, events=400))
    market.faults = None
    async with market.client(timeout=300) as mturk:
        await published_once(mturk, ROWS)


async def test_an_uploader_beside_others_that_are_killed(market: Marketplace, postgres: Postgres) -> None:
    """Who is left alone waits for what others take up and leave behind, again and again, and gets to the end."""
    uploading = replace(job(market, postgres.empty()), rows=rows(200))
    async with asyncio.TaskGroup() as group:
        for seed in (7, 8):
            group.create_task(until_done(uploading, random.Random(seed), kills=20, events=60))
        group.create_task(until_done(uploading, random.Random(9), kills=0, events=1))
    market.faults = None
    async with market.client(timeout=300) as mturk:
        await published_once(mturk, 200)


async def test_parts_of_a_batch(market: Marketplace, postgres: Postgres) -> None:
    """Parts that a distributed engine runs again, and sometimes twice at once, publish every row once."""
    uploading = replace(job(market, postgres.empty()), key="url", part=True)
    parts = [replace(uploading, rows=rows(200)[start : start + 50]) for start in range(0, 200, 50)]
    chance = random.Random(4)
    async with asyncio.TaskGroup() as group:
        for part in [*parts, parts[0]]:
            group.create_task(until_done(part, chance, kills=3, events=150))
    market.faults = None
    async with market.client(timeout=300) as mturk:
        await published_once(mturk, 200)


async def test_bonuses_that_are_killed_twenty_times(market: Marketplace, ledger: str) -> None:
    """Every bonus is paid once, two of the same assignment included."""
    count = 150
    faults, market.faults = market.faults, None
    await run(replace(job(market, ledger), rows=rows(count)))
    await market.work(lambda hit: {"age": "36"}, workers=4)
    async with market.client(timeout=300) as mturk:
        async with Batch(mturk, guess_age(), name=NAME, ledger=ledger, progress=False) as batch:
            assignments = [one.assignment_id async for one in batch.submissions()]
        assert len(assignments) == 2 * count
        market.faults = faults
        bonuses = [(one, amount) for one in assignments for amount in ("0.10", "0.25")]
        await until_done(replace(job(market, ledger), bonuses=bonuses), random.Random(5), kills=KILLS, events=300)
        market.faults = None
        paid = Counter[tuple[str, Decimal]]()
        for hit in await all_hits(mturk):
            async for payment in mturk.list_bonus_payments(hit_id=hit.hit_id):
                paid[payment.assignment_id, payment.bonus_amount] += 1
    assert paid == Counter({(one, Decimal(amount)): 1 for one, amount in bonuses})


async def test_killed_at_every_event(postgres: Postgres, tmp_path: Path) -> None:
    """A small upload that is killed at each of its steps in turn is finished by the next one."""
    event = 0
    while True:
        async with Marketplace() as market, market.client() as mturk:
            ledger = str(tmp_path / f"{event}.db")
            uploading = replace(job(market, ledger), rows=rows(3))
            survived = await run(replace(uploading, deadly=event))
            assert await run(uploading)
            await published_once(mturk, 3)
        if survived:
            break
        event += 1
    assert event > 20


async def test_a_ledger_thread_is_gone_with_its_batch(tmp_path: Path) -> None:
    """What was handed in is written when a ledger is closed, and a closed one opens again."""
    ledger = LedgerThread(tmp_path / "ledger.db")
    assert await ledger.perform(lambda connection: 1) == 1
    await ledger.close()
    assert await ledger.perform(lambda connection: 2) == 2
    await ledger.close()
