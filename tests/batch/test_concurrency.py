"""How many calls are under way at once: simulated services on a loop whose time is virtual."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk.batch.concurrency import Concurrency
from aioturk.testing import JumpingClock
from aioturk.throttle import Pacer

from ..test_throttle import VirtualClock, run

Latency = Callable[[random.Random], float]
"""How long an answer takes apart from standing in line, in parts of what is usual."""

LATENCIES: dict[str, Latency] = {
    "constant": lambda chance: 1.0,
    "uneven": lambda chance: chance.uniform(0.5, 1.5),
    "exponential": lambda chance: chance.expovariate(1.0),
}
MOST = 50


class Log:
    """When calls ended, and how many could be under way then."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, int]] = []
        self.most_taken = 0

    def pace(self, start: float, end: float) -> float:
        return len(self._part(start, end)) / (end - start)

    def limit(self, start: float, end: float) -> float:
        part = self._part(start, end)
        return sum(part) / len(part)

    def _part(self, start: float, end: float) -> list[int]:
        return [limit for at, limit in self.calls if start <= at < end]


def simulate(
    stages: list[tuple[float, float, float]],
    *,
    seconds: float,
    latency: Latency = LATENCIES["constant"],
    paced: float | None = None,
    seed: int = 1,
) -> Log:
    """
    Make calls, as many at once as there are places.

    Args:
        stages: From which moment on the service does how many calls a second, and how long an answer takes.
        seconds: How long, in virtual seconds.
        latency: How answers differ.
        paced: A rate at which the client itself lets calls go, in line.
        seed: Which chance.
    """
    log, clock, chance = Log(), VirtualClock(), random.Random(seed)
    places = Concurrency(clock, most=MOST)
    pacer = None if paced is None else Pacer(paced, clock=clock)
    idle_from = 0.0

    async def call() -> None:
        nonlocal idle_from
        if pacer is not None:
            await pacer.acquire()
        _, rate, usual = max(stage for stage in stages if stage[0] <= clock.monotonic())
        way = usual * latency(chance) / 2
        await asyncio.sleep(way)
        idle_from = max(idle_from, clock.monotonic()) + 1 / rate
        await asyncio.sleep(idle_from - clock.monotonic() + way)
        log.calls.append((clock.monotonic(), places.limit))
        places.free()

    async def main() -> None:
        under_way: set[asyncio.Task[None]] = set()
        while clock.monotonic() < seconds:
            await places.take()
            log.most_taken = max(log.most_taken, places.taken)
            task = asyncio.create_task(call())
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)

    run(main())
    return log


# The search.


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize(
    ("rate", "seconds"), [(5, 0.3), (20, 0.3), (40, 0.5), (100, 0.2), (300, 0.05), (300, 0.01)], ids=str
)
def test_settles(rate: float, seconds: float, latency: str) -> None:
    """A service is kept busy, to within 10 %, by a number within a factor of 3 of what it takes."""
    end = 8000 / rate
    log = simulate([(0, rate, seconds)], seconds=end, latency=LATENCIES[latency])
    assert log.pace(end / 4, end) >= 0.9 * rate
    needed = max(rate * seconds, 4)
    assert needed / 3 <= log.limit(end / 4, end) <= 3 * needed


@pytest.mark.parametrize("latency", LATENCIES)
def test_a_service_beyond_us(latency: str) -> None:
    """Where even the most is not enough, it is close to the most."""
    log = simulate([(0, 1000, 0.5)], seconds=240, latency=LATENCIES[latency])
    assert log.limit(80, 240) >= 0.85 * MOST
    assert log.most_taken <= MOST


@pytest.mark.parametrize(("before", "after"), [(10, 80), (80, 10), (20, 40), (40, 20)])
@pytest.mark.parametrize("latency", LATENCIES)
def test_follows_the_rate(before: float, after: float, latency: str) -> None:
    """When the service becomes faster or slower, the number follows within some thousand calls."""
    turn = 6000 / before
    end = turn + 9000 / after
    late = turn + 3000 / after
    stages = [(0, before, 0.4), (turn, after, 0.4)]
    log = simulate(stages, seconds=end, latency=LATENCIES[latency])
    assert log.pace(turn / 3, turn) >= 0.9 * before
    assert log.pace(late, end) >= 0.9 * after
    for rate, limit in ((before, log.limit(turn / 3, turn)), (after, log.limit(late, end))):
        assert max(rate * 0.4, 4) / 3 <= limit <= 3 * max(rate * 0.4, 4)


def test_follows_the_latency() -> None:
    """Answers that take longer need more calls under way at the same rate."""
    log = simulate([(0, 50, 0.1), (120, 50, 0.6)], seconds=360)
    assert log.limit(40, 120) <= 15
    assert log.limit(240, 360) >= 25
    assert log.pace(240, 360) >= 45


@pytest.mark.parametrize("rate", [2, 20])
def test_paced_calls_need_no_crowd(rate: float) -> None:
    """Where the client lets calls go at a rate, there are hardly more than are on their way."""
    end = 6000 / rate
    log = simulate([(0, 1000, 0.2)], seconds=end, paced=rate)
    assert log.pace(end / 2, end) == pytest.approx(rate, rel=0.03)
    assert log.limit(end / 2, end) <= 3 * max(rate * 0.2, 4)


async def test_idle_time_says_nothing() -> None:
    """A source of rows that pauses between calls is not taken for a slow service."""
    clock = JumpingClock()
    room = Concurrency(clock)
    limits = []
    for _ in range(3000):
        await room.take()
        clock.advance(0.1)
        room.free()
        clock.advance(1000 / room.limit)  # were it counted, more places would seem to be faster
        limits.append(room.limit)
    # One call at a time has the same pace with any number of places, so the least is enough.
    assert set(limits[-1000:]) <= {4, 6}


# Places.


def places(*, least: int = 4, most: int = 4) -> Concurrency:
    return Concurrency(JumpingClock(), least=least, most=most)


async def settled() -> None:
    """Let everybody run who can."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("least", "most", "limit"), [(4, 50, 8), (1, 1, 1), (20, 50, 20), (2, 5, 5)], ids=["usual", "one", "many", "few"]
)
def test_beginning(least: int, most: int, limit: int) -> None:
    """It begins with eight places, as far as the bounds allow."""
    assert places(least=least, most=most).limit == limit


@pytest.mark.parametrize(("least", "most"), [(0, 5), (5, 4)])
def test_bounds_must_make_sense(least: int, most: int) -> None:
    """No places at all, or more at least than at most, are a mistake."""
    with pytest.raises(ValueError, match="at least"):
        places(least=least, most=most)


async def test_first_come_first_served() -> None:
    """Who waits longest gets the next place, also before somebody who comes just when it gets free."""
    room, order = places(), list[int]()

    async def come(number: int) -> None:
        await room.take()
        order.append(number)

    tasks = [asyncio.create_task(come(number)) for number in range(10)]
    await settled()
    assert order == [0, 1, 2, 3]
    room.free()
    tasks.append(asyncio.create_task(come(10)))
    for _ in range(6):
        await settled()
        assert room.taken == 4
        room.free()
    await asyncio.gather(*tasks)
    assert order == list(range(11))


async def test_a_place_that_nobody_has() -> None:
    """More places cannot be given back than were taken."""
    room = places()
    await room.take()
    room.free()
    with pytest.raises(RuntimeError, match="nobody had taken"):
        room.free()


async def test_cancelled_while_being_given_a_place() -> None:
    """Somebody who is cancelled at the moment in which a place gets free leaves it to the next one."""
    room = places(least=1, most=1)
    await room.take()
    first, second = (asyncio.create_task(room.take()) for _ in range(2))
    await settled()
    room.free()
    first.cancel()
    await asyncio.wait_for(second, 10)
    with pytest.raises(asyncio.CancelledError):
        await first
    assert room.taken == 1


@given(st.lists(st.tuples(st.sampled_from(["come", "go", "cancel", "run"]), st.integers(0, 30)), max_size=80))
def test_places_are_never_lost(steps: list[tuple[str, int]]) -> None:
    """Who comes, goes and is cancelled, in whatever order: never too many have a place, and nobody waits in vain."""

    async def main() -> None:
        room = places(least=3, most=3)
        coming: list[asyncio.Task[None]] = []
        inside = 0

        def count() -> None:
            nonlocal inside
            for task in list(coming):
                if task.done():
                    coming.remove(task)
                    inside += not task.cancelled()

        for step, number in steps:
            count()
            if step == "come":
                coming.append(asyncio.create_task(room.take()))
            elif step == "go" and inside:
                inside -= 1
                room.free()
            elif step == "cancel" and coming:
                coming[number % len(coming)].cancel()
            else:
                await settled()
            assert room.taken <= 3
        await settled()
        count()
        assert inside == room.taken
        assert inside == 3 or not coming
        for task in coming:
            task.cancel()
        await asyncio.gather(*coming, return_exceptions=True)
        assert room.taken == inside

    run(main())


def test_fewer_places_take_nothing_away() -> None:
    """When the number falls, those under way go on, and nobody new comes in until there is room."""
    clock = VirtualClock()
    room = Concurrency(clock, most=16)

    async def main() -> list[tuple[int, int]]:
        seen: list[tuple[int, int]] = []

        async def call(number: int) -> None:
            # Always the same pace, however many are under way.
            await asyncio.sleep(ends[number] - clock.monotonic())
            seen.append((room.taken, room.limit))
            room.free()

        ends = list(accumulate([0.1] * 3000))
        async with asyncio.TaskGroup() as group:
            for number in range(3000):
                await room.take()
                assert room.taken <= room.limit
                group.create_task(call(number))
        return seen

    seen = run(main())
    assert any(taken > limit for taken, limit in seen)
    assert seen[2000][1] <= 6
