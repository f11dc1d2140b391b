"""
What the marketplace does in a second, and what size costs: ``python -m benchmarks.market [--quick]``.

Rates are of wall time here, because they are promises about a machine with two cores: the marketplace has one, in a
process of its own, and who calls has the other. What a store of 100,000 HITs costs beside one of 1,000 is a ratio of
one run.

The PostgreSQL server is that of the tests, with its writes to the disk switched on again.
"""

from __future__ import annotations

import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from aioturk import Client, Credentials, ExternalQuestion
from aioturk._generated.shapes import CreateHITRequest
from aioturk.errors import NoHITsAvailableInGroup
from aioturk.marketplace import Marketplace
from aioturk.marketplace.service import MarketService, RequesterContext
from aioturk.marketplace.store.inspection import problems

__all__ = ["main"]

_KEYS = Credentials("AKIABENCH", "bench")
_IN_FLIGHT = 16
_QUESTION = ExternalQuestion("https://example.org/task?item=7", frame_height=600)

_SERVE = """
import asyncio, sys
from aioturk.marketplace import Marketplace

async def main():
    async with Marketplace(sys.argv[1], access_key="AKIABENCH", secret_key="bench") as market:
        print(market.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


@contextmanager
def served(database: str) -> Iterator[str]:
    """Serve a market in another process; give its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


async def _rate(perform: Callable[[int], Awaitable[object]], *, seconds: float) -> float:
    """How often something is done in a second, so many at a time."""
    count = 0
    end = time.perf_counter() + seconds

    async def go_on() -> None:
        nonlocal count
        while time.perf_counter() < end:
            await perform(count)
            count += 1

    start = time.perf_counter()
    await asyncio.gather(*(go_on() for _ in range(_IN_FLIGHT)))
    return count / (time.perf_counter() - start)


async def over_loopback(url: str, *, seconds: float) -> tuple[float, float]:
    """CreateHIT and GetHIT in a second."""
    async with Client(url, credentials=_KEYS, timeout=60) as mturk:

        async def create(_: int) -> str:
            hit = await mturk.create_hit(
                title="Guess the age",
                description="Look at a picture.",
                reward="0.25",
                max_assignments=3,
                assignment_duration=timedelta(minutes=5),
                lifetime=timedelta(days=7),
                question=_QUESTION,
            )
            return hit.hit_id

        known = [await create(0) for _ in range(100)]
        created = await _rate(create, seconds=seconds)
        read = await _rate(lambda number: mturk.get_hit(known[number % len(known)]), seconds=seconds)
    return created, read


# Workers on PostgreSQL.

_WORK = """
import asyncio, sys
from benchmarks.market import work_for
asyncio.run(work_for(sys.argv[1], sys.argv[2], float(sys.argv[3])))
"""


async def work_for(database: str, name: str, seconds: float) -> None:
    """Accept and submit for so long, as one of the processes on a market; print how often."""
    async with Marketplace(database) as market:
        hits = sys.stdin.read().split()
        pairs = 0
        end = time.perf_counter() + seconds

        async def worker(number: int) -> None:
            nonlocal pairs
            tried = 0
            while time.perf_counter() < end:
                person = market.worker(f"A{name}{number}N{tried // len(hits)}")
                hit_id = hits[(tried + number * 37) % len(hits)]
                tried += 1
                try:
                    assignment_id = await person.accept(hit_id)
                except NoHITsAvailableInGroup:
                    continue
                await person.submit(assignment_id, {"age": "36"})
                pairs += 1

        start = time.perf_counter()
        await asyncio.gather(*(worker(number) for number in range(8)))
        print(pairs / (time.perf_counter() - start))


async def on_postgres(url: str, *, seconds: float) -> tuple[float, int]:
    """Pairs of accept and submit in a second, by two processes of four connections; and what was given too often."""
    most = 50
    async with Marketplace(url) as market, market.client() as mturk:
        hits = [
            (
                await mturk.create_hit(
                    title=f"Guess {number}",
                    description="Look.",
                    reward="0.01",
                    max_assignments=most,
                    assignment_duration=timedelta(minutes=5),
                    lifetime=timedelta(days=7),
                    question=_QUESTION,
                )
            ).hit_id
            for number in range(400)
        ]
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WORK, url, name, str(seconds), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for name in "XY"
    ]
    printed = await asyncio.gather(*(process.communicate(" ".join(hits).encode()) for process in processes))
    rates = [float(output) for output, _ in printed]
    async with Marketplace(url) as market, market.client() as mturk:
        over = 0
        for hit_id in hits:
            given = Counter([found.worker_id async for found in mturk.list_assignments_for_hit(hit_id)])
            over += max(0, given.total() - most) + sum(times - 1 for times in given.values())
    return sum(rates), over


# Size.


async def fill(database: str, *, hits: int) -> None:
    """Make so many HITs, with three submitted assignments each, past the network."""
    service = MarketService()
    async with Marketplace(database, access_key=_KEYS.access_key, secret_key=_KEYS.secret_key) as market:
        house = market._house
        key = await house.key(_KEYS.access_key)
        assert key is not None
        document = _QUESTION.to_xml()

        async def one(number: int) -> None:
            request = CreateHITRequest(
                title=f"Guess the age {number % 50}",
                description="Look at a picture.",
                reward=Decimal("0.25"),
                max_assignments=3,
                assignment_duration=timedelta(minutes=5),
                lifetime=timedelta(days=7),
                question=document,
            )

            def create(context: RequesterContext) -> str:
                return service.create_hit(context, request).hit.hit_id

            hit_id = await house.act_for(key, "sandbox", "fill", create)
            for name in ("A1ANNA", "A2BORIS", "A3CLARA"):
                worker = market.worker(name)
                await worker.submit(await worker.accept(hit_id), {"age": "36"})

        numbers = iter(range(hits))

        async def some() -> None:
            for number in numbers:
                await one(number)

        await asyncio.gather(*(some() for _ in range(_IN_FLIGHT)))


async def reads(url: str, *, rounds: int) -> dict[str, float]:
    """The median milliseconds of a read, one at a time."""
    async with Client(url, credentials=_KEYS, timeout=60) as mturk:
        page = await mturk.list_hits(max_results=100)
        # A page from the middle of the list, where keysets show what they are good for.
        for _ in range(4):
            page = await mturk.list_hits(max_results=100, next_token=page.next_token)
        hit_id, token = page.items[50].hit_id, page.next_token
        performed: dict[str, Callable[[], Awaitable[object]]] = {
            "GetHIT": lambda: mturk.get_hit(hit_id),
            "a page of ListHITs": lambda: _page(mturk.list_hits(max_results=100, next_token=token)),
            "a page of ListAssignmentsForHIT": lambda: _page(mturk.list_assignments_for_hit(hit_id, max_results=100)),
        }
        found: dict[str, float] = {}
        for name, perform in performed.items():
            times = []
            for _ in range(rounds):
                start = time.perf_counter()
                await perform()
                times.append(time.perf_counter() - start)
            found[name] = statistics.median(times) * 1000
        return found


async def _page(listing: Awaitable[object]) -> object:
    return await listing


def main(*, quick: bool) -> None:
    """Measure everything, and print it against the targets."""
    from tests import postgres

    seconds = 2.0 if quick else 10.0
    large = 5_000 if quick else 100_000
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="aioturk-bench-") as folder:
        with served(str(Path(folder) / "rates.db")) as url:
            created, read = asyncio.run(over_loopback(url, seconds=seconds))
        _show("CreateHIT into a SQLite file, a second", created, 800)
        _show("GetHIT from it, a second", read, 1500)
        with postgres.serve(Path(folder) / "postgres", durable=True) as server:
            pairs, over = asyncio.run(on_postgres(server.fresh(), seconds=seconds))
        _show("accept and submit on PostgreSQL, a second", pairs, 600)
        print(f"{'given too often':<48} {over:>9}   = 0        {'met' if over == 0 else 'MISSED'}")
        found: dict[int, dict[str, float]] = {}
        for hits in (1_000, large):
            database = str(Path(folder) / f"{hits}.db")
            start = time.perf_counter()
            asyncio.run(fill(database, hits=hits))
            print(f"{hits:,} HITs and {3 * hits:,} assignments took {time.perf_counter() - start:.0f} s to make")
            assert problems(database) == []
            with served(database) as url:
                found[hits] = asyncio.run(reads(url, rounds=300))
        for name, milliseconds in found[large].items():
            small = found[1_000][name]
            ratio, title = milliseconds / small, f"{name}, {large:,} HITs / 1,000"
            verdict = "met" if ratio <= 2 else "MISSED"
            print(f"{title:<48} {ratio:>9.2f}   <= 2       {verdict}   ({milliseconds:.2f} ms / {small:.2f} ms)")


def _show(name: str, value: float, target: float) -> None:
    print(f"{name:<48} {value:>9.0f}   >= {target:<8g}{'met' if value >= target else 'MISSED'}")


if __name__ == "__main__":
    main(quick="--quick" in sys.argv[1:])
