"""
Batches that are killed: uploads and payments on a bad day, with SIGKILL again and again.

Each program is a process of its own, killed at a random act on its ledger or request to the service (see
`tests.batch.killed`); Dask's workers are killed from outside, at random moments. Afterwards it is counted what the
marketplace has: everything once, nothing twice, nothing lost.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Hashable, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aioturk import Client, Credentials
from aioturk.batch import Batch
from aioturk.marketplace import Faults, Marketplace
from aioturk.models import HIT
from aioturk.tasks.ahead import ahead, each
from tests import postgres
from tests.batch.killed import Job, perform, run
from tests.batch.tasks import NAME, all_hits, guess_age, rows, urls

__all__ = ["HEAD", "Killed", "scenarios"]

KILLS = 20
_DAY = timedelta(hours=25)


@dataclass(frozen=True)
class Killed:
    """
    What came of a scenario.

    Attributes:
        name: What was killed.
        wanted: How many HITs or bonuses there were to be.
        kills: How often something was killed.
        made: How many there are.
        twice: How many of them are there a second time.
        lost: How many are missing.
        seconds: How long it took.
    """

    name: str
    wanted: int
    kills: int
    made: int
    twice: int
    lost: int
    seconds: float

    @property
    def met(self) -> bool:
        """Whether everything is there once."""
        return self.made == self.wanted and not self.twice and not self.lost

    def __str__(self) -> str:
        verdict = "met" if self.met else "MISSED"
        return (
            f"{self.name:<36} {self.wanted:>7,} {self.kills:>6} {self.made:>7,} {self.twice:>6} {self.lost:>6} "
            f"{self.seconds:>8.0f} {verdict}"
        )


HEAD = f"{'':<36} {'wanted':>7} {'kills':>6} {'made':>7} {'twice':>6} {'lost':>6} {'seconds':>8}"


def scenarios(*, count: int) -> Iterator[Killed]:
    """Go through all scenarios, with so many rows or bonuses each."""
    with (
        tempfile.TemporaryDirectory(prefix="aioturk-bench-") as folder,
        postgres.serve(Path(folder) / "postgres") as server,
    ):
        yield asyncio.run(uploading("an uploader", str(Path(folder) / "1.db"), count))
        yield asyncio.run(paying(str(Path(folder) / "2.db"), count))
        yield asyncio.run(uploading("two uploaders, PostgreSQL", server.empty(), count, uploaders=2))
        yield asyncio.run(uploading("an uploader, 25 hours later", str(Path(folder) / "3.db"), count, later=_DAY))
        yield asyncio.run(on_dask(server.empty(), count))


@asynccontextmanager
async def _market() -> AsyncIterator[Marketplace]:
    async with Marketplace(faults=Faults(throttle=0.15, drop_reply=0.05, server_error=0.05, seed=11)) as market:
        yield market


def _job(market: Marketplace, ledger: str) -> Job:
    return Job(market.url, Credentials(market.access_key, market.secret_key), ledger)


async def _killed(job: Job, chance: random.Random, *, kills: int, events: int) -> int:
    """Run a job that is killed, so many times; return how often it really was."""
    ended = [await run(replace(job, deadly=chance.randrange(events))) for _ in range(kills)]
    return ended.count(False)


async def _finished(job: Job) -> None:
    if not await run(job):
        raise AssertionError("a job that was left alone was killed")


async def uploading(
    name: str, ledger: str, count: int, *, uploaders: int = 1, later: timedelta = timedelta(0)
) -> Killed:
    """
    Kill uploaders.

    Args:
        name: What to call it.
        ledger: The ledger.
        count: How many rows.
        uploaders: How many are at work on all of them at the same time.
        later: By how much the clocks of the uploader and of the marketplace are turned ahead in the middle.
    """
    begun = time.perf_counter()
    kills = KILLS // uploaders
    events = 2 * 2 * count // KILLS  # so that the last of the kills comes when most is done

    async with _market() as market:
        job = replace(_job(market, ledger), rows=rows(count))

        async def one(seed: int) -> int:
            chance = random.Random(seed)
            done = await _killed(job, chance, kills=kills // 2, events=events)
            if later:
                await market.advance(later)
            turned = replace(job, offset=later.total_seconds())
            done += await _killed(turned, chance, kills=kills - kills // 2, events=events)
            await _finished(turned)
            return done

        done = sum(await asyncio.gather(*(one(seed) for seed in range(uploaders))))
        return await _uploaded(name, market, count, done, begun)


async def _uploaded(name: str, market: Marketplace, count: int, kills: int, begun: float) -> Killed:
    async with market.client(timeout=600) as mturk:
        found = urls(await all_hits(mturk))
    return _counted(name, found, (row["url"] for row in rows(count)), kills, begun)


def _counted(name: str, found: Counter[Any], wanted: Iterable[Hashable], kills: int, begun: float) -> Killed:
    asked = set(wanted)
    return Killed(
        name,
        wanted=len(asked),
        kills=kills,
        made=found.total(),
        twice=sum(times - 1 for times in found.values()),
        lost=len(asked - set(found)),
        seconds=time.perf_counter() - begun,
    )


async def paying(ledger: str, count: int) -> Killed:
    """Kill a program that pays bonuses: two for each assignment, of which each HIT has two."""
    begun = time.perf_counter()
    async with _market() as market:
        job = _job(market, ledger)
        await _finished(replace(job, rows=rows(count // 4)))
        await market.work(lambda hit: {"age": "36"}, workers=4)
        async with market.client(timeout=600) as mturk:
            bonuses = [(one, amount) for one in await _assignments(mturk, ledger) for amount in ("0.10", "0.25")]
            paying = replace(job, bonuses=bonuses)
            kills = await _killed(paying, random.Random(5), kills=KILLS, events=4 * len(bonuses) // KILLS)
            await _finished(paying)
            paid = await _bonuses(mturk)
        return _counted("a payer of bonuses", paid, bonuses, kills, begun)


async def _assignments(mturk: Client, ledger: str) -> list[str]:
    async with Batch(mturk, guess_age(), name=NAME, ledger=ledger, progress=False) as batch:
        return [submission.assignment_id async for submission in batch.submissions(until="now")]


async def _bonuses(mturk: Client) -> Counter[tuple[str, str]]:
    """Count the bonuses that were paid, by their assignments and amounts."""
    paid = Counter[tuple[str, str]]()

    async def count(hit: HIT) -> None:
        async for payment in mturk.list_bonus_payments(hit_id=hit.hit_id):
            paid[payment.assignment_id, str(payment.bonus_amount)] += 1

    async with aclosing(ahead(each(await all_hits(mturk)), count, most=16)) as counted:
        async for _ in counted:
            pass
    return paid


# Dask.


async def on_dask(ledger: str, count: int, *, part: int = 100) -> Killed:
    """Kill the workers of a Dask cluster, of which there are two, while they upload the parts of a batch."""
    begun = time.perf_counter()
    async with _market() as market:
        job = replace(_job(market, ledger), key="url", part=True)
        everything = rows(count)
        parts = [replace(job, rows=everything[start : start + part]) for start in range(0, count, part)]
        kills = await asyncio.to_thread(_on_two_workers, parts)
        return await _uploaded("two workers of Dask, PostgreSQL", market, count, kills, begun)


def _on_two_workers(parts: list[Job]) -> int:
    import dask
    import distributed

    # Without types of its own.
    engines: Any = distributed
    chance = random.Random(7)
    kills = 0
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it tells of every worker that dies
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": KILLS}),
        engines.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        engines.Client(cluster) as engine,
    ):
        begun = engine.map(perform, parts, pure=False)
        while kills < KILLS and any(not future.done() for future in begun):
            time.sleep(chance.uniform(0.5, 3))
            cluster.scale(2)  # a worker that was given up with its nanny is replaced
            # One that dies before it has reported is given up by its nanny.
            there = cluster.scheduler.workers
            alive = [nanny.pid for nanny in cluster.workers.values() if nanny.worker_address in there and nanny.pid]
            if alive:
                os.kill(chance.choice(alive), signal.SIGKILL)
                kills += 1
        while not all(future.done() for future in begun):
            cluster.scale(2)
            time.sleep(1)
        engine.gather(begun)
    return kills
