"""Several processes that serve one market, and what happens when one of them, or a connection, dies."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from botocore.exceptions import BotoCoreError

import aioturk
from aioturk import errors
from aioturk.marketplace import Marketplace
from aioturk.marketplace.store import CommitError, Raced, Store
from aioturk.marketplace.store.connections import PostgresConnection
from aioturk.marketplace.store.inspection import problems

from ..postgres import Postgres
from .support import ANNA, HIT, Refused, Requester, StillClock

_SERVE = """
import asyncio, sys
from aioturk.marketplace import Marketplace

async def main():
    async with Marketplace(sys.argv[1], access_key="AKIAMINE", secret_key="mine") as market:
        print(market.url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""

_WORK = """
import asyncio, sys
from aioturk import errors
from aioturk.marketplace import Marketplace

async def main():
    database, *hits = sys.argv[1:]
    async with Marketplace(database) as market:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

        async def work(name):
            for hit_id in hits:
                try:
                    assignment_id = await market.worker(name).accept(hit_id)
                except (errors.NoHITsAvailableInGroup, errors.AssignmentAlreadyExists):
                    continue
                await market.worker(name).submit(assignment_id, {"by": name})

        await asyncio.gather(*(work(f"A{number}") for number in range(10)))

asyncio.run(main())
"""


def environment() -> dict[str, str]:
    """What a process of ours needs to find the package."""
    return {**os.environ, "PYTHONPATH": str(Path(aioturk.__file__).parent.parent)}


@asynccontextmanager
async def processes(count: int, program: str, *arguments: str) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """Run a program several times at once; kill what is left of it."""
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            program,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment(),
        )
        for _ in range(count)
    ]
    try:
        yield started
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def line(process: asyncio.subprocess.Process) -> str:
    """Read a line that a process prints."""
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def test_one_worker_in_two_tabs_on_two_processes(postgres: Postgres) -> None:
    """Ten workers, each at work in three processes at once: none has a HIT twice, and no HIT has too many."""
    url = postgres.fresh()
    async with Marketplace(url) as market:
        turk = Requester(market)
        hits = [(await turk.hit(MaxAssignments=4, RequesterAnnotation=str(n)))["HITId"] for n in range(12)]
        async with processes(3, _WORK, url, *hits) as working:
            assert [await line(process) for process in working] == ["ready"] * 3
            for process in working:
                assert process.stdin is not None
                process.stdin.write(b"go\n")
            for process in working:
                assert await process.wait() == 0
        for hit_id in hits:
            workers = [found["WorkerId"] for found in await turk.assignments(hit_id)]
            assert len(workers) == len(set(workers)) == 4
    assert problems(url) == []


async def test_what_is_due_happens_once(postgres: Postgres) -> None:
    """Four markets on one store whose clocks all reach the moment: HITs expire once, and work is approved once."""
    url = postgres.fresh()
    clock = StillClock()
    markets = [Marketplace(url, clock=clock, balance=1000) for _ in range(4)]
    for market in markets:
        await market.start()
    try:
        turk = Requester(markets[0])
        for number in range(20):
            hit = await turk.hit(MaxAssignments=2, AutoApprovalDelayInSeconds=60, RequesterAnnotation=str(number))
            worker = markets[number % 4].worker(ANNA)
            await worker.submit(await worker.accept(hit["HITId"]), {"a": "b"})
        clock.now += 7200
        await asyncio.gather(*(market.advance(timedelta(0)) for market in markets))
        ledger = await markets[0].ledger()
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            told = Counter(what for (what,) in connection.execute("SELECT what FROM audit").fetchall())
    finally:
        for market in markets:
            await market.close()

    assert (told["HITExpired"], told["HITReviewable"], told["AssignmentApproved"]) == (20, 20, 20)
    assert [movement.reason for movement in ledger].count("reward") == 20
    assert problems(url) == []


async def test_the_clock_is_one_for_all(postgres: Postgres) -> None:
    """Turned in one process, it is turned in the others."""
    url = postgres.fresh()
    clock = StillClock()
    async with Marketplace(url, clock=clock) as one, Marketplace(url, clock=clock) as other:
        hit_id = (await Requester(one).hit())["HITId"]
        await asyncio.gather(one.advance(timedelta(hours=1)), other.advance(timedelta(hours=1)))
        assert (await Requester(other).get(hit_id))["HITStatus"] == "Reviewable"
        await Requester(one)("GetAccountBalance")
        assert one.now() == other.now()


@pytest.mark.parametrize("kind", ["file", "postgresql"])
async def test_a_killed_process_has_lost_nothing_that_it_acknowledged(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Killed under load: every HIT that was answered is there, and another process goes on at once."""
    url = str(tmp_path / "market.db") if kind == "file" else request.getfixturevalue("postgres").fresh()
    acknowledged: list[str] = []
    async with processes(1, _SERVE, url) as (server,):
        turk = Requester(url=await line(server), access_key="AKIAMINE", secret_key="mine")

        async def create() -> None:
            while True:
                acknowledged.append((await turk.hit())["HITId"])
                if len(acknowledged) == 60:
                    server.kill()

        ends = await asyncio.gather(*(create() for _ in range(4)), return_exceptions=True)
        await server.wait()

    assert all(isinstance(end, BotoCoreError) for end in ends)
    async with Marketplace(url) as market:
        for hit_id in acknowledged:
            assert (await Requester(market).get(hit_id))["HITStatus"] == "Assignable"
    assert problems(url) == []


async def test_connections_that_break_are_made_again(postgres: Postgres) -> None:
    """The database ends all connections, again and again, under load: what was answered has happened, once."""
    url = postgres.fresh()
    async with Marketplace(url, balance=1000) as market:
        turk = Requester(market)
        made, failed = [], []

        async def create(name: int) -> None:
            for number in range(15):
                try:
                    made.append((await turk.hit(RequesterAnnotation=f"{name} {number}"))["HITId"])
                except Refused as refusal:
                    failed.append(refusal.type)

        creating = asyncio.gather(*(create(name) for name in range(4)))
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            while not creating.done():
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                for _ in range(10):
                    await turk("GetAccountBalance") if not creating.done() else None
        await creating
        listed = [hit["HITId"] for hit in (await turk("ListHITs", MaxResults=100))["HITs"]]

    assert set(made) <= set(listed)
    assert set(failed) <= {"ServiceFault"}
    assert len(listed) <= 60
    assert problems(url) == []


async def test_a_lost_commit_is_not_known(postgres: Postgres) -> None:
    """When the connection breaks at the commit itself, it is told as what it is, and never done again by itself."""
    store = Store(postgres.fresh())
    first, second, *others = store.open()
    assert isinstance(second, PostgresConnection)

    def broken_at_the_end() -> None:
        with first.transaction() as transaction:
            transaction.settings.put({"x": "1"})
            killer.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in%'"
            )

    def broken_before() -> None:
        with second.transaction() as transaction:
            second._driver.close()
            transaction.settings.get("x")

    with psycopg.connect(store._url.render_as_string(hide_password=False).replace("+psycopg", "")) as killer:
        killer.autocommit = True
        with pytest.raises(CommitError, match="may have happened"):
            broken_at_the_end()
    with pytest.raises(Raced):
        broken_before()
    with first.transaction() as transaction:
        assert transaction.settings.get("x") is None
    for connection in (first, second, *others):
        connection.close()
    store.close()


async def test_races_for_one_key_end_well(market: Marketplace) -> None:
    """The same type, token, worker and setting wanted by many at once: one makes it, the others find it."""
    turk = Requester(market)
    made = await asyncio.gather(
        *(turk.hit(UniqueRequestToken="once", Title="the same") for _ in range(10)), return_exceptions=True
    )
    hits = [hit for hit in made if isinstance(hit, dict)]
    refusals = [refusal for refusal in made if isinstance(refusal, Refused)]
    assert len(hits) == 1
    assert {refusal.code for refusal in refusals} == {"HITAlreadyExists"}
    types = await asyncio.gather(
        *(turk("CreateHITType", **{k: v for k, v in HIT.items() if k in TYPE}, Keywords="new") for _ in range(10))
    )
    assert len({kind["HITTypeId"] for kind in types}) == 1
    more = await turk.hit(MaxAssignments=9, Title="for one worker")
    worker = market.worker("A0NEW")
    results = await asyncio.gather(*(worker.accept(more["HITId"]) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 1
    assert {type(result) for result in results} == {str, errors.AssignmentAlreadyExists}


TYPE = {"Title", "Description", "Reward", "AssignmentDurationInSeconds", "Keywords"}
