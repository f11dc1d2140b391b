"""How fast the client goes: simulated services on a loop whose time is virtual, so hours pass in seconds."""

from __future__ import annotations

import asyncio
import json
import random
import selectors
from collections.abc import Callable, Coroutine
from statistics import mean
from typing import Any, Protocol, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk.throttle import Pacer, RetryBudget, Throttle

LATENCY = 0.05


class JumpingSelector(selectors.SelectSelector):
    """Never waits: tells the loop how long it would have waited."""

    slept = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        assert timeout is not None, "everybody waits, and nothing will ever happen"
        self.slept += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which time passes only while everybody sleeps, and then at once."""

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.slept


class VirtualClock:
    """The time of the running loop; without one, the time that was last set."""

    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.monotonic()

    def monotonic(self) -> float:
        try:
            return self.now + asyncio.get_running_loop().time()
        except RuntimeError:
            return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a loop of its own, on virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


class Turnstile(Protocol):
    async def acquire(self, deadline: float | None = None) -> bool: ...


Service = Callable[[float], bool]
"""Whether a call that arrives at a moment is let through."""


def bucket(rate: float, burst: float) -> Service:
    """Let through `rate` a second, and `burst` at once after a rest; refused calls cost nothing."""
    tokens, counted = burst, 0.0

    def service(now: float) -> bool:
        nonlocal tokens, counted
        tokens, counted = min(burst, tokens + (now - counted) * rate), now
        if tokens < 1 - 1e-6:
            return False
        tokens -= 1
        return True

    return service


def by_the_second(rate: int) -> Service:
    """Let through the first `rate` calls of every second of the clock."""
    second, calls = -1, 0

    def service(now: float) -> bool:
        nonlocal second, calls
        if int(now) != second:
            second, calls = int(now), 0
        calls += 1
        return calls <= rate

    return service


def at_random(share: float, seed: int) -> Service:
    """Refuse this share of the calls, however many there are."""
    chance = random.Random(seed)
    return lambda now: chance.random() >= share


def both(first: Service, second: Service) -> Service:
    """Let through what both let through; what the first one refuses does not reach the second."""
    return lambda now: first(now) and second(now)


class Log:
    """When calls arrived, and which were let through."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, bool]] = []

    def goodput(self, start: float, end: float) -> float:
        return sum(passed for at, passed in self.calls if start <= at < end) / (end - start)

    def throttled(self, start: float, end: float) -> float:
        part = [passed for at, passed in self.calls if start <= at < end]
        return part.count(False) / len(part)


def simulate(
    service: Service | list[tuple[float, Service]],
    *,
    callers: int,
    seconds: float,
    limited: bool = True,
    jitter: float = 0.0,
    backoff: float = 0.0,
    rate: float | None = None,
    memory: str | None = None,
) -> tuple[Log, Throttle]:
    """
    Let `callers` call as fast as they may.

    Args:
        service: The service, or several with the moments at which they take over.
        callers: How many call at the same time.
        seconds: How long, in virtual seconds.
        limited: Whether they go through the throttle.
        jitter: Random seconds on top of the latency.
        backoff: The first step of full-jitter exponential backoff after a refusal.
        rate: The rate to start with.
        memory: What another throttle has learned before.
    """
    log, clock, chance = Log(), VirtualClock(), random.Random(20_260_930)
    throttle = Throttle(clock=clock, rate=rate)
    if memory is not None:
        throttle.recall(memory)
    stages = list(service) if isinstance(service, list) else [(0.0, service)]

    async def call() -> bool:
        await asyncio.sleep(LATENCY / 2 + jitter * chance.random())
        now = clock.monotonic()
        while len(stages) > 1 and stages[1][0] <= now:
            stages.pop(0)
        passed = stages[0][1](now)
        log.calls.append((now, passed))
        await asyncio.sleep(LATENCY / 2)
        return passed

    async def caller() -> None:
        refusals = 0
        while True:
            if limited:
                assert await throttle.acquire()
            passed = await call()
            if passed:
                throttle.succeeded()
                refusals = 0
            else:
                throttle.throttled()
                if backoff:
                    await asyncio.sleep(chance.uniform(0, min(20.0, backoff * 2**refusals)))
                refusals += 1

    async def main() -> None:
        tasks = [asyncio.create_task(caller()) for _ in range(callers)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run(main())
    return log, throttle


# A service that does not throttle, and one that throttles whatever we do.


def test_unlimited_until_throttled() -> None:
    """Without throttling nobody ever waits."""
    throttle = Throttle(clock=VirtualClock())

    async def main() -> float:
        for _ in range(10_000):
            assert await throttle.acquire(deadline=0.0)
            throttle.succeeded()
        return asyncio.get_running_loop().time()

    assert run(main()) == 0.0
    assert throttle.rate is None


def test_turn_at_once_needs_no_loop_turn() -> None:
    """A turn without a limit costs no task, no future and no turn of the loop."""
    turn = Throttle(clock=VirtualClock()).acquire()
    with pytest.raises(StopIteration) as stop:
        turn.send(None)
    assert stop.value.value is True


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("callers", [4, 20])
@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.8])
def test_random_throttling_costs_at_most_half_the_speed(share: float, callers: int, seed: int) -> None:
    """Throttling that does not depend on the rate leaves at least half of the speed without a limiter."""
    log, _ = simulate(at_random(share, seed), callers=callers, seconds=60)
    free, _ = simulate(at_random(share, seed), callers=callers, seconds=60, limited=False)
    assert log.goodput(0, 60) >= 0.5 * free.goodput(0, 60)


@pytest.mark.parametrize("share", [0.03, 0.2, 0.8])
def test_random_throttling_costs_little_in_the_long_run(share: float) -> None:
    """The longer throttling is found independent of the rate, the more rarely that is tried again."""
    log, _ = simulate(at_random(share, 5), callers=4, seconds=600)
    assert log.goodput(300, 600) >= 0.85 * 4 / LATENCY * (1 - share)


# Services with a limit.


def services(rate: int) -> dict[str, Service]:
    """Return services that allow `rate` calls a second, by the way they count."""
    return {
        "burst 1": bucket(rate, 1),
        "burst 10": bucket(rate, 10),
        "burst 100": bucket(rate, 100),
        "by the second": by_the_second(rate),
    }


@pytest.mark.parametrize("kind", services(1))
@pytest.mark.parametrize(
    ("rate", "callers"), [(1, 50), (1, 200), (3, 50), (3, 200), (10, 50), (10, 200), (50, 200), (200, 50)]
)
def test_settles_at_the_limit(rate: int, kind: str, callers: int) -> None:
    """After a minute the speed is within a tenth of the limit, and under one call in twenty is throttled."""
    # A bucket without any depth tells calls apart that arrive a hair too early, so there the network is exact.
    jitter = 0.0 if kind == "burst 1" else 0.01
    seconds = 360.0 if rate <= 10 else 150.0
    log, _ = simulate(services(rate)[kind], callers=callers, seconds=seconds, jitter=jitter)
    assert log.goodput(60, seconds) == pytest.approx(rate, rel=0.1)
    assert log.throttled(60, seconds) < 0.05


@pytest.mark.parametrize("rate", [3, 10, 50])
def test_settles_with_backoff(rate: int) -> None:
    """Callers that back off by themselves do not mislead it."""
    log, _ = simulate(bucket(rate, 10), callers=50, seconds=300, jitter=0.01, backoff=0.5)
    assert log.goodput(60, 300) == pytest.approx(rate, rel=0.1)
    assert log.throttled(60, 300) < 0.05


@pytest.mark.parametrize(("before", "after", "patience"), [(10, 50, 60), (50, 10, 10), (200, 3, 40)])
def test_follows_the_limit(before: int, after: int, patience: float) -> None:
    """When the limit moves, the rate follows: down within seconds, up within a minute."""
    stages = [(0.0, bucket(before, 10)), (120.0, bucket(after, 10))]
    log, _ = simulate(stages, callers=50, seconds=120 + patience + 60, jitter=0.01)
    assert log.goodput(60, 120) == pytest.approx(before, rel=0.1)
    assert log.goodput(120 + patience, 120 + patience + 60) == pytest.approx(after, rel=0.1)


def test_starts_from_a_learned_rate() -> None:
    """A rate learned before is where the next client starts, without a storm of throttled calls."""
    _, teacher = simulate(bucket(10, 10), callers=50, seconds=120)
    assert teacher.rate == pytest.approx(10, rel=0.15)
    log, taught = simulate(bucket(10, 10), callers=50, seconds=120, memory=teacher.memory())
    assert log.throttled(0, 120) < 0.05
    assert log.goodput(0, 120) == pytest.approx(10, rel=0.1)
    assert taught.rate == pytest.approx(10, rel=0.15)


def test_memory_of_a_throttle() -> None:
    """A throttle that is there already, and was not held back, knows from then on what the other one knew."""
    throttle = Throttle(clock=VirtualClock())
    assert throttle.enter()
    throttle.succeeded()
    throttle.recall(Throttle(clock=VirtualClock(), rate=10).memory())
    assert throttle.rate == 10
    assert not throttle.enter()


def test_all_of_it_is_handed_on() -> None:
    """Whatever a throttle has learned comes back the same out of its memory, in the middle of a trial too."""
    for seconds in range(2, 30):
        _, throttle = simulate(both(at_random(0.2, seconds), bucket(20, 20)), callers=10, seconds=seconds)
        other = Throttle(clock=VirtualClock())
        other.recall(throttle.memory())
        assert json.loads(other.memory()) == json.loads(throttle.memory())


@pytest.mark.parametrize("share", [0.05, 0.15, 0.4])
@pytest.mark.parametrize("seconds", [2, 5, 10])
def test_short_lives_do_not_strangle_each_other(share: float, seconds: float) -> None:
    """Random throttling does not slow down throttles of a few seconds each, every one going on where the last ended."""
    chance = at_random(share, 7)
    _, throttle = simulate(chance, callers=4, seconds=seconds)
    goodputs = []
    for _ in range(100):
        log, throttle = simulate(chance, callers=4, seconds=seconds, memory=throttle.memory())
        goodputs.append(log.goodput(0, seconds))
    free, _ = simulate(at_random(share, 7), callers=4, seconds=60, limited=False)
    assert mean(goodputs[-30:]) > 0.7 * free.goodput(0, 60)


def test_what_was_learned_since_counts_more() -> None:
    """A throttle that has learned a rate, or that throttling is random, does not go back to what was known before."""
    _, limited = simulate(bucket(10, 10), callers=50, seconds=60)
    learned = limited.rate
    limited.recall(Throttle(clock=VirtualClock(), rate=500).memory())
    assert limited.rate == learned
    _, unlimited = simulate(at_random(0.15, 1), callers=50, seconds=60)
    learned = unlimited.rate
    unlimited.recall(Throttle(clock=VirtualClock(), rate=1).memory())
    assert unlimited.rate == learned


def test_rate_does_not_grow_unused() -> None:
    """Callers that stay below the rate give no reason to raise it."""
    _, throttle = simulate(lambda now: True, callers=1, seconds=600, rate=100.0)
    assert throttle.rate == 100.0


@pytest.mark.parametrize("rate", [10, 50])
def test_limit_and_random_throttling_together(rate: int) -> None:
    """A limit is found behind throttling at random, which is not taken for it."""
    log, _ = simulate(both(at_random(0.2, 3), bucket(rate, 10)), callers=50, seconds=300, jitter=0.01)
    assert log.goodput(60, 300) >= 0.7 * rate
    assert log.throttled(60, 300) < 0.5


@pytest.mark.parametrize("rest", [3600, 0.2])
def test_idle_time_says_nothing(rest: float) -> None:
    """Neither a rest of an hour nor many short ones are taken for slowness of the service."""
    clock = VirtualClock()
    throttle = Throttle(clock=clock)

    async def calls(number: int, *, throttled: bool) -> None:
        for _ in range(number):
            assert await throttle.acquire()
            clock.now += 0.01
            if throttled:
                throttle.throttled()
            else:
                throttle.succeeded()
        clock.now += rest

    async def work() -> None:
        for _ in range(6):
            await calls(20, throttled=False)
            await calls(10, throttled=True)

    asyncio.run(work())
    assert throttle.rate is not None
    assert throttle.rate > 50


@settings(max_examples=200, deadline=None)
@given(
    start=st.none() | st.floats(0.5, 1000),
    phases=st.lists(
        st.tuples(st.integers(1, 300), st.floats(0.0005, 3), st.floats(0, 1), st.integers(0, 2**32)), max_size=8
    ),
)
def test_rate_falls_once_a_window(start: float | None, phases: list[tuple[int, float, float, int]]) -> None:
    """Whatever happens, a second or more lies between two falls of the rate, and it never falls below the least."""
    clock = VirtualClock()
    throttle = Throttle(clock=clock, rate=start)
    fell = 0.0
    for calls, gap, share, seed in phases:
        chance = random.Random(seed)
        for _ in range(calls):
            before = throttle.rate
            clock.now += gap
            outcome = chance.random()
            if outcome < share:
                throttle.throttled()
            elif outcome < 0.95:
                throttle.succeeded()
            else:
                throttle.ended()
            after = throttle.rate
            if after is not None and (before is None or after < before):
                assert clock.now - fell >= 1.0 - 1e-9
                assert after >= 0.5
                fell = clock.now


# Turns.


def limited() -> list[Callable[[VirtualClock], Turnstile]]:
    """Return ways to make a turnstile with ten turns a second."""
    return [
        lambda clock: Pacer(10, clock=clock),
        lambda clock: Throttle(clock=clock, rate=10),
        lambda clock: RetryBudget(clock=clock, capacity=1, per_second=10),
    ]


paced = pytest.mark.parametrize("make", limited(), ids=["pacer", "throttle", "budget"])


@settings(max_examples=100, deadline=None)
@given(rate=st.floats(0.1, 5000), gaps=st.lists(st.floats(0, 5) | st.just(0.0), min_size=1, max_size=60))
def test_pacer_is_never_faster(rate: float, gaps: list[float]) -> None:
    """In any stretch of time there are no more turns than the rate allows, and the small burst."""
    clock = VirtualClock()
    pacer = Pacer(rate, clock=clock)
    turns: list[float] = []

    async def turn() -> None:
        assert await pacer.acquire()
        turns.append(clock.monotonic())

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for gap in gaps:
                await asyncio.sleep(gap)
                group.create_task(turn())

    run(main())
    assert len(turns) == len(gaps)
    assert turns == sorted(turns)
    for first in range(len(turns)):
        for last in range(first, len(turns)):
            assert last - first + 1 <= rate * (turns[last] - turns[first] + 0.02) + 1 + 1e-3


def test_pacer_keeps_its_rate() -> None:
    """Callers in plenty get the whole of the rate."""
    clock = VirtualClock()
    pacer = Pacer(250, clock=clock)

    async def main() -> float:
        async with asyncio.TaskGroup() as group:
            for _ in range(2500):
                group.create_task(pacer.acquire())
        return clock.monotonic()

    assert run(main()) == pytest.approx(10, rel=0.01)


@pytest.mark.parametrize("rate", [0, -1, float("inf"), float("nan")])
def test_rate_must_be_positive(rate: float) -> None:
    """A rate that means nothing is refused."""
    with pytest.raises(ValueError, match="positive number of calls a second"):
        Pacer(rate, clock=VirtualClock())
    with pytest.raises(ValueError, match="positive number of calls a second"):
        Throttle(clock=VirtualClock(), rate=rate)


@paced
def test_first_come_first_served(make: Callable[[VirtualClock], Turnstile]) -> None:
    """Turns come in the order in which they were asked for, ten thousand of them too."""
    turnstile, order = make(VirtualClock()), []

    async def turn(number: int) -> None:
        assert await turnstile.acquire()
        order.append(number)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(10_000):
                group.create_task(turn(number))

    run(main())
    assert order == list(range(10_000))


@pytest.mark.parametrize("make", limited()[:2], ids=["pacer", "throttle"])
def test_turn_after_the_deadline_is_refused_at_once(make: Callable[[VirtualClock], Turnstile]) -> None:
    """Who would get a turn too late is told so without waiting, and takes nobody's place."""
    clock = VirtualClock()
    turnstile = make(clock)

    async def main() -> list[tuple[bool, float]]:
        async def turn() -> tuple[bool, float]:
            return await turnstile.acquire(deadline=1.05), clock.monotonic()

        return list(await asyncio.gather(*(turn() for _ in range(30))))

    turns = run(main())
    assert [won for won, _ in turns] == [True] * 11 + [False] * 19
    assert {at for won, at in turns if not won} == {0.0}


@paced
def test_deadline_of_who_waits_already(make: Callable[[VirtualClock], Turnstile]) -> None:
    """Nobody waits beyond the deadline, whatever happens to the pace."""
    clock = VirtualClock()
    turnstile = make(clock)

    async def turn() -> None:
        if not await turnstile.acquire(deadline=3.0):
            assert clock.monotonic() <= 3.2
            return
        if isinstance(turnstile, Throttle):
            turnstile.throttled(retry_after=0.5)

    async def main() -> None:
        await asyncio.gather(*(turn() for _ in range(100)))

    run(main())


@paced
def test_cancelled_waiters_give_their_turns_back(make: Callable[[VirtualClock], Turnstile]) -> None:
    """Those behind a cancelled waiter move up, whether it stood at the head or was just being called."""
    clock = VirtualClock()
    turnstile = make(clock)

    async def main() -> float:
        tasks = [asyncio.create_task(turnstile.acquire()) for _ in range(100)]
        await asyncio.sleep(0.25)
        chance = random.Random(1)
        left = [task for task in tasks if not task.done()]
        chance.shuffle(left)
        for task in left[:50]:
            task.cancel()
            await asyncio.sleep(0)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert results.count(True) == 50
        return clock.monotonic()

    assert run(main()) == pytest.approx(4.9, abs=0.15)


@paced
def test_every_waiter_may_vanish(make: Callable[[VirtualClock], Turnstile]) -> None:
    """After all waiters were cancelled, the next one is served."""
    turnstile = make(VirtualClock())

    async def main() -> bool:
        tasks = [asyncio.create_task(turnstile.acquire()) for _ in range(20)]
        await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return await turnstile.acquire()

    assert run(main())


@paced
def test_second_loop(make: Callable[[VirtualClock], Turnstile]) -> None:
    """A second event loop takes up where the first one, left with waiters, was abandoned."""
    clock = VirtualClock()
    turnstile = make(clock)

    async def leave() -> None:
        waiting = [asyncio.create_task(turnstile.acquire()) for _ in range(20)]
        await asyncio.sleep(0.5)
        assert not all(task.done() for task in waiting)

    async def serve() -> list[bool]:
        return await asyncio.gather(*(turnstile.acquire() for _ in range(20)))

    run(leave())
    clock.now = 1.0
    assert all(run(serve()))


# What the service asks for.


def test_retry_after_holds_everybody() -> None:
    """Nobody gets a turn before the time that the service named; who cannot wait so long is told at once."""
    clock = VirtualClock()
    throttle = Throttle(clock=clock)

    async def main() -> None:
        assert await throttle.acquire()
        throttle.throttled(retry_after=5)
        assert not await throttle.acquire(deadline=4.9)
        assert clock.monotonic() == 0.0
        assert await asyncio.gather(*(throttle.acquire(deadline=6.0) for _ in range(100))) == [True] * 100
        assert clock.monotonic() == pytest.approx(5.0)
        assert await throttle.acquire(deadline=5.0)

    run(main())
    assert throttle.rate is None


def test_retry_after_dismisses_waiters() -> None:
    """Waiters whose deadline comes before the end of the pause are told so when the pause is asked for."""
    clock = VirtualClock()
    throttle = Throttle(clock=clock, rate=1)

    async def turn() -> tuple[bool, float]:
        return await throttle.acquire(deadline=8.0), clock.monotonic()

    async def main() -> None:
        tasks = [asyncio.create_task(turn()) for _ in range(8)]
        await asyncio.sleep(1.5)
        throttle.throttled(retry_after=30)
        turns = await asyncio.gather(*tasks)
        assert [won for won, _ in turns] == [True] * 2 + [False] * 6
        # The one at the head of the line sleeps until its turn would have been.
        assert [at for _, at in turns] == pytest.approx([0.0, 1.0, 2.0] + [1.5] * 5, abs=0.03)

    run(main())


def test_retry_after_is_bounded() -> None:
    """A service that asks for a day gets a minute."""
    clock = VirtualClock()
    throttle = Throttle(clock=clock)

    async def main() -> float:
        throttle.throttled(retry_after=86_400)
        assert await throttle.acquire()
        return clock.monotonic()

    assert run(main()) == pytest.approx(60)


@pytest.mark.parametrize("retry_after", [None, 0.0, -3.0])
def test_no_pause_was_asked_for(retry_after: float | None) -> None:
    """Throttling without a time holds nobody."""
    throttle = Throttle(clock=VirtualClock())

    async def main() -> bool:
        throttle.throttled(retry_after)
        return await throttle.acquire(deadline=0.0)

    assert run(main())


# The budget for repeats.


def with_budget(
    broken: Callable[[float], bool], *, callers: int, seconds: float, latency: float = LATENCY
) -> tuple[list[float], list[float]]:
    """Let callers repeat failed calls at once, if the budget allows; return the moments of repeats and of successes."""
    clock = VirtualClock()
    budget = RetryBudget(clock=clock)
    repeats: list[float] = []
    successes: list[float] = []

    async def caller() -> None:
        while True:
            await asyncio.sleep(latency)
            while broken(clock.monotonic()):
                assert await budget.acquire()
                repeats.append(clock.monotonic())
                await asyncio.sleep(latency)
            successes.append(clock.monotonic())
            budget.succeeded()

    async def main() -> None:
        tasks = [asyncio.create_task(caller()) for _ in range(callers)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run(main())
    return repeats, successes


def test_outage_is_no_storm() -> None:
    """In an outage a thousand callers make a hundred repeats and then five a second, and all are back soon after."""
    repeats, successes = with_budget(lambda now: 10 <= now < 70, callers=1000, seconds=85, latency=0.5)
    outage = [at for at in repeats if 10 <= at < 70]
    assert len(outage) <= 100 + 5 * 60
    assert len([at for at in outage if at >= 15]) == pytest.approx(5 * 55, abs=10)
    before = [at for at in successes if 4.75 <= at < 9.75]
    after = [at for at in successes if 79.75 <= at < 84.75]
    assert len(after) == pytest.approx(len(before), rel=0.02)


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_budget_is_not_felt_while_the_service_works(share: float) -> None:
    """While at least one attempt in six succeeds, repeats never wait."""
    chance = random.Random(4)
    repeats, successes = with_budget(lambda now: chance.random() < share, callers=50, seconds=30)
    assert len(repeats) + len(successes) == pytest.approx(50 * 30 / LATENCY, rel=0.01)


def test_budget_waits_until_the_deadline() -> None:
    """An empty budget does not refuse a repeat, for the service may be back any moment: it waits to the end."""
    budget = RetryBudget(clock=VirtualClock(), capacity=1, per_second=5)

    async def turn(deadline: float | None) -> tuple[bool, float]:
        return await budget.acquire(deadline), asyncio.get_running_loop().time()

    async def main() -> list[tuple[bool, float]]:
        ahead = [asyncio.create_task(turn(None)) for _ in range(101)]
        waiting = [asyncio.create_task(turn(deadline)) for deadline in (9.0, 4.0, 2.0, 3.0, 1.0)]
        turns = list(await asyncio.gather(*waiting))
        await asyncio.gather(*ahead)
        return turns

    turns = run(main())
    assert [won for won, _ in turns] == [False] * 5
    assert [at for _, at in turns] == pytest.approx([9.0, 4.0, 2.0, 3.0, 1.0], abs=0.2)


def test_budget_of_who_stands_at_the_head() -> None:
    """The first in the line gives up at its deadline, not when the next coin comes."""
    budget = RetryBudget(clock=VirtualClock(), capacity=1, per_second=0.01)

    async def main() -> float:
        assert await budget.acquire()
        assert not await budget.acquire(deadline=7.0)
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(7.0)


def test_budget_is_bounded() -> None:
    """Success in plenty does not pile up repeats for an outage."""
    clock = VirtualClock()
    budget = RetryBudget(clock=clock, capacity=10, per_second=1)
    for _ in range(1000):
        budget.succeeded()

    async def main() -> float:
        for _ in range(15):
            assert await budget.acquire()
        return clock.monotonic()

    assert run(main()) == pytest.approx(5.0)


def test_lost_outcomes_are_not_waited_for() -> None:
    """Turns whose outcome is never told hold the learning up for seconds, not for ever."""
    clock = VirtualClock()
    throttle = Throttle(clock=clock)
    service = bucket(10, 10)

    async def main() -> None:
        for _ in range(1000):
            await throttle.acquire()
        for _ in range(4000):
            await asyncio.sleep(0.005)
            await throttle.acquire()
            if service(clock.monotonic()):
                throttle.succeeded()
            else:
                throttle.throttled()

    run(main())
    assert throttle.rate == pytest.approx(10, rel=0.25)


def test_served_waiters_are_forgotten() -> None:
    """However many are served before their far deadlines, nothing of them is kept, and near deadlines still count."""
    pacer = Pacer(100, clock=VirtualClock())

    async def visitor(deadline: float) -> bool:
        return await pacer.acquire(deadline)

    async def main() -> None:
        tasks = []
        for number in range(1000):
            tasks.append(asyncio.create_task(visitor(1e6 - number)))
            await asyncio.sleep(0.0099)
            assert sum(len(line.deadlines) for line in pacer._lines.values()) < 200
        assert all(await asyncio.gather(*tasks))
        (line,) = pacer._lines.values()
        assert not line.busy
        assert not line.waiting
        assert not line.deadlines

    run(main())


def test_cancelled_while_being_called() -> None:
    """Who is cancelled in the very moment of being called to the head lets the next one go there."""
    pacer = Pacer(10, clock=VirtualClock())

    async def main() -> list[bool | BaseException]:
        async def second() -> bool:
            turn = await pacer.acquire()
            # The third has just been called, and did not notice yet.
            third.cancel()
            return turn

        tasks = [asyncio.create_task(turn) for turn in (pacer.acquire(), second(), pacer.acquire(), pacer.acquire())]
        third = tasks[2]
        return await asyncio.gather(*tasks, return_exceptions=True)

    results = run(main())
    assert [result is True for result in results] == [True, True, False, True]
    assert isinstance(results[2], asyncio.CancelledError)


def test_least_rate() -> None:
    """A service that refuses everything is still asked now and then, so that its return is noticed."""
    stages = [(0.0, bucket(0.01, 1)), (600.0, bucket(20, 10))]
    log, throttle = simulate(stages, callers=20, seconds=1200, rate=0.5)
    assert throttle.rate is not None
    assert log.goodput(1100, 1200) == pytest.approx(20, rel=0.1)
