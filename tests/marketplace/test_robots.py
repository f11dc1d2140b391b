"""Robots: scripted workers."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aioturk import errors
from aioturk._generated.shapes import HIT as Hit
from aioturk.answers import read_answers
from aioturk.marketplace import AMAZON, Faults, Marketplace
from aioturk.marketplace.robots import WorkDone
from aioturk.testing import JumpingClock

from .support import ANNA, BERT, Requester, StillClock

MASTERS_ONLY = [{"QualificationTypeId": "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6", "Comparator": "Exists"}]


def fields(hit: Hit) -> dict[str, str]:
    """What most robots here answer."""
    return {"title": hit.title}


async def test_robots_do_everything(market: Marketplace, turk: Requester) -> None:
    """Every assignment of every HIT is submitted, each worker at most once for each HIT, spread over the crowd."""
    hits = [(await turk.hit(MaxAssignments=3, RequesterAnnotation=str(number)))["HITId"] for number in range(20)]
    done = await market.work(lambda hit: {"echo": hit.requester_annotation}, workers=6, seed=1)

    assert (done.submitted, done.returned, len(done.by_worker)) == (60, 0, 6)
    assert min(done.by_worker.values()) >= 5
    for number, hit_id in enumerate(hits):
        assignments = await turk.assignments(hit_id)
        assert len({assignment["WorkerId"] for assignment in assignments}) == 3
        assert {read_answers(assignment["Answer"])["echo"] for assignment in assignments} == {str(number)}
    assert (await market.work(lambda hit: {"a": "b"}, workers=3, seed=2)).submitted == 0


async def test_the_seed_decides_what_robots_do() -> None:
    """The same seed leads to the same submissions."""

    async def run(seed: int) -> dict[str, int]:
        async with Marketplace() as market:
            turk = Requester(market)
            for _ in range(5):
                await turk.hit(MaxAssignments=2)
            return (await market.work(lambda hit: {"a": "b"}, workers=4, seed=seed)).by_worker

    assert await run(1) == await run(1)
    assert await run(1) != await run(2)


async def test_scripts_may_be_coroutines_and_may_know_the_worker(market: Marketplace, turk: Requester) -> None:
    """answer(hit, worker_id), async, is a script, too."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]

    async def answer(hit: Hit, worker_id: str) -> dict[str, str]:
        await asyncio.sleep(0)
        return {"me": worker_id, "title": hit.title}

    await market.work(answer, workers=[ANNA, BERT])
    for assignment in await turk.assignments(hit_id):
        answers = read_answers(assignment["Answer"])
        assert answers == {"me": assignment["WorkerId"], "title": "Guess the age"}


async def test_what_a_script_does_not_want_is_returned(market: Marketplace, turk: Requester) -> None:
    """None returns the HIT; the robot does not take it again, and others may."""
    hit_id = (await turk.hit(MaxAssignments=1))["HITId"]
    other = (await turk.hit(MaxAssignments=1))["HITId"]
    asked: Counter[tuple[str, str]] = Counter()

    def answer(hit: Hit, worker_id: str) -> dict[str, str] | None:
        asked[hit.hit_id, worker_id] += 1
        return {"a": "b"} if worker_id == BERT or hit.hit_id == other else None

    done = await market.work(answer, workers=[ANNA, BERT])

    assert done.submitted == 2
    assert max(asked.values()) == 1
    assert (await turk.assignments(hit_id))[0]["WorkerId"] == BERT


async def test_robots_that_all_refuse_come_to_an_end(market: Marketplace, turk: Requester) -> None:
    """When nobody wants a HIT, the work ends and the HIT is as it was."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    done = await market.work(lambda hit: None, workers=3)

    assert (done.submitted, done.returned) == (0, 3)
    assert await turk.counts(hit_id) == ("Assignable", 2, 0, 0)


async def test_mistakes_are_made_as_often_as_asked_for(market: Marketplace, turk: Requester) -> None:
    """error_rate and mistake decide what is submitted."""
    hit_ids = [(await turk.hit(MaxAssignments=4))["HITId"] for _ in range(25)]
    done = await market.work(
        lambda hit: {"digit": "7"},
        workers=5,
        error_rate=0.3,
        mistake=lambda hit, fields, source: {"digit": "1"},
        seed=3,
    )
    answers = [read_answers(found["Answer"])["digit"] for hit in hit_ids for found in await turk.assignments(hit)]

    assert done.submitted == len(answers) == 100
    assert 15 <= answers.count("1") <= 45
    assert set(answers) == {"1", "7"}


async def test_a_broken_script_ends_the_work(market: Marketplace, turk: Requester) -> None:
    """Its exception comes out, and what the robots held is returned."""
    hit_id = (await turk.hit(MaxAssignments=3))["HITId"]

    def answer(hit: Hit) -> dict[str, str]:
        raise LookupError("no idea")

    with pytest.raises(LookupError, match="no idea"):
        await market.work(answer, workers=3)
    assert await turk.counts(hit_id) == ("Assignable", 3, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"workers": 0}, "workers"),
        ({"error_rate": 2.0}, "error_rate"),
        ({"error_rate": 0.1}, "mistake"),
        ({"abandonment": -0.1}, "abandonment"),
        ({"no_shows": 1.1}, "no_shows"),
        ({"think_time": -1}, "think_time"),
        ({"think_time": float("inf")}, "think_time"),
        ({"think_time": (2, 1)}, "think_time"),
        ({"think_time": (1, 2, 3)}, "think_time"),
    ],
)
async def test_arguments_of_robots(arguments: dict[str, Any], name: str) -> None:
    """Rates, mistakes, durations and crowds that make no sense are refused."""
    with pytest.raises(errors.InvalidRequest, match=name):
        await Marketplace().work(fields, **arguments)


async def test_robots_keep_to_the_rule_on_accepting_again() -> None:
    """Where a returned HIT cannot be accepted again, robots do not take it again either."""
    async with Marketplace(rules=replace(AMAZON, accept_again=False), clock=StillClock()) as market:
        hit_id = (await Requester(market).hit())["HITId"]
        await market.work(lambda hit: None, workers=[ANNA])
        again = await market.work(lambda hit: {"a": "b"}, workers=[ANNA])
        other = await market.work(lambda hit: {"a": "b"}, workers=[BERT])

        assert (again.submitted, other.submitted) == (0, 1)
        assert (await Requester(market).get(hit_id))["HITStatus"] == "Reviewable"


async def test_robots_that_are_too_slow_go_on(market: Marketplace, turk: Requester) -> None:
    """What runs into its deadline while the script thinks is lost, whether it would be submitted or returned."""
    hits = [(await turk.hit(AssignmentDurationInSeconds=60))["HITId"] for _ in range(3)]

    async def answer(hit: Hit) -> dict[str, str] | None:
        if hit.hit_id != hits[2]:
            await market.advance(timedelta(minutes=2))
        return {"a": "b"} if hit.hit_id != hits[1] else None

    done = await market.work(answer, workers=[ANNA])

    assert (done.submitted, done.returned) == (1, 0)
    assert [(await turk.get(hit_id))["HITStatus"] for hit_id in hits] == ["Assignable", "Assignable", "Reviewable"]


async def test_a_broken_script_is_told_even_if_its_work_is_lost(market: Marketplace, turk: Requester) -> None:
    """The script's own error comes out, not that its assignment could not be returned any more."""
    await turk.hit(AssignmentDurationInSeconds=60)

    async def answer(hit: Hit) -> dict[str, str]:
        await market.advance(timedelta(minutes=2))
        raise LookupError("no idea")

    with pytest.raises(LookupError, match="no idea"):
        await market.work(answer, workers=[ANNA])


async def test_what_robots_may_not_accept_they_leave(market: Marketplace, turk: Requester) -> None:
    """Requirements and blocks hold for robots; what lies behind is found all the same."""
    for _ in range(9):
        await turk.hit(Title="For Masters", QualificationRequirements=MASTERS_ONLY)
    await turk.hit(Title="For all", MaxAssignments=3)
    await market.worker(ANNA).configure(masters=True)
    await turk("CreateWorkerBlock", WorkerId="A9BLOCKED", Reason="-")
    done = await market.work(fields, workers=[BERT, ANNA, "A9BLOCKED"])

    assert done.by_worker == {BERT: 1, ANNA: 10, "A9BLOCKED": 0}


# Time.


async def times(turk: Requester, hit_id: str) -> list[timedelta]:
    """How long each assignment of a HIT took."""
    return [found["SubmitTime"] - found["AcceptTime"] for found in await turk.assignments(hit_id)]


@pytest.mark.parametrize(
    "think_time", [60, 60.0, timedelta(minutes=1), (60, timedelta(minutes=1)), lambda hit, source: 60]
)
async def test_thinking_turns_the_clock(market: Marketplace, turk: Requester, think_time: Any) -> None:
    """However it is said how long a robot thinks, so much time passes, and nobody waits for it."""
    hit_ids = [(await turk.hit())["HITId"] for _ in range(3)]
    before = market.now()
    done = await market.work(fields, workers=[ANNA], think_time=think_time)

    assert done.submitted == 3
    assert market.now() - before == timedelta(minutes=3)
    assert [await times(turk, hit_id) for hit_id in hit_ids] == [[timedelta(minutes=1)]] * 3


async def test_robots_think_side_by_side(market: Marketplace, turk: Requester) -> None:
    """Five who think for up to a minute each are done after one; they end in the order of their moments."""
    hit_id = (await turk.hit(MaxAssignments=5))["HITId"]
    before = market.now()
    await market.work(fields, workers=5, think_time=(30, 60), seed=5)
    taken = await times(turk, hit_id)

    assert taken == sorted(taken)
    assert timedelta(seconds=30) <= taken[0] < taken[-1] <= timedelta(seconds=60)
    assert market.now() - before == taken[-1]


async def test_scripts_that_wait_do_so_side_by_side(market: Marketplace, turk: Requester) -> None:
    """While robots think, their scripts run, all at once: a script may wait for another robot's."""
    await turk.hit(MaxAssignments=3)
    waiting, all_there = 0, asyncio.Event()

    async def answer(hit: Hit) -> dict[str, str]:
        nonlocal waiting
        waiting += 1
        if waiting == 3:
            all_there.set()
        await all_there.wait()
        return {"a": "b"}

    assert (await market.work(answer, workers=3, think_time=(10, 20), seed=1)).submitted == 3


async def test_what_becomes_due_happens_while_robots_think(market: Marketplace, turk: Requester) -> None:
    """The clock stops at everything on its way: work is approved at its own moment."""
    hits = [(await turk.hit(AutoApprovalDelayInSeconds=30))["HITId"] for _ in range(2)]
    await market.work(fields, workers=[ANNA], think_time=60)
    first, second = [(await turk.assignments(hit_id))[0] for hit_id in hits]

    assert first["ApprovalTime"] - first["SubmitTime"] == timedelta(seconds=30)
    assert second["AssignmentStatus"] == "Submitted"


async def test_who_thinks_for_too_long_loses_the_hit(market: Marketplace, turk: Requester) -> None:
    """Past its deadline an assignment is gone, and the other robot may take the HIT."""
    hit_id = (await turk.hit(AssignmentDurationInSeconds=60))["HITId"]
    slow = iter([90, 30])
    done = await market.work(fields, workers=[ANNA, BERT], think_time=lambda hit, source: next(slow))

    assert (done.submitted, done.returned, done.abandoned) == (1, 0, 0)
    assert await times(turk, hit_id) == [timedelta(seconds=30)]


async def test_robots_can_really_wait() -> None:
    """With turn_clock=False the clock is waited by, and not turned."""
    clock = JumpingClock()
    async with Marketplace(clock=clock) as market:
        hit_id = (await Requester(market).hit(MaxAssignments=2))["HITId"]
        await market.work(fields, workers=[ANNA], think_time=2.5, turn_clock=False)

        assert clock.slept == [2.5]
        assert await times(Requester(market), hit_id) == [timedelta(seconds=2.5)]


async def test_robots_that_find_nothing_wait_for_new_hits_to_be_listed() -> None:
    """Where lists lag behind, robots come back when the newest HITs can be found."""
    async with Marketplace(clock=StillClock(), faults=Faults(lag=2)) as market:
        turk = Requester(market)
        await turk.hit()
        before = market.now()

        assert (await market.work(fields, workers=2)).submitted == 1
        assert market.now() - before == timedelta(seconds=2)

    clock = JumpingClock()
    async with Marketplace(clock=clock, faults=Faults(lag=2)) as market:
        await Requester(market).hit()

        assert (await market.work(fields, workers=2, turn_clock=False)).submitted == 1
        assert clock.slept == [2]


# Bad manners.


async def test_what_is_abandoned_others_do(market: Marketplace, turk: Requester) -> None:
    """An abandoned HIT goes to another robot after its deadline; everything is done in the end."""
    hit_ids = [(await turk.hit(MaxAssignments=2, LifetimeInSeconds=86400))["HITId"] for _ in range(10)]
    before = market.now()
    done = await market.work(fields, workers=12, abandonment=0.3, think_time=(5, 10), seed=3)

    assert (done.submitted, done.returned) == (20, 0)
    assert done.abandoned >= 3
    assert market.now() - before >= timedelta(minutes=5)
    assert [await turk.counts(hit_id) for hit_id in hit_ids] == [("Reviewable", 0, 0, 0)] * 10


async def test_who_abandons_everything_comes_to_an_end(market: Marketplace, turk: Requester) -> None:
    """Each robot abandons a HIT once, which frees it at its deadline, and takes it no more."""
    hit_id = (await turk.hit())["HITId"]
    before = market.now()
    done = await market.work(fields, workers=3, abandonment=1.0)

    assert (done.submitted, done.abandoned) == (0, 3)
    assert market.now() - before == timedelta(minutes=15)
    assert await turk.counts(hit_id) == ("Assignable", 1, 0, 0)


async def test_what_is_abandoned_is_left_when_robots_really_wait() -> None:
    """Nobody waits for deadlines in real time."""
    clock = JumpingClock()
    async with Marketplace(clock=clock) as market:
        hit_id = (await Requester(market).hit())["HITId"]
        done = await market.work(fields, workers=[ANNA, BERT], abandonment=1.0, turn_clock=False)

        assert (done.abandoned, clock.slept) == (1, [])
        assert await Requester(market).counts(hit_id) == ("Unassignable", 0, 1, 0)


async def test_some_never_turn_up(market: Marketplace, turk: Requester) -> None:
    """Those who do not turn up do nothing; everybody is in the list."""
    for _ in range(20):
        await turk.hit()
    # They think, so that nobody can take everything before the others have had their first turn.
    done = await market.work(fields, workers=10, no_shows=0.5, think_time=(5, 10), seed=4)

    assert done.submitted == 20
    assert len(done.by_worker) == 10
    assert 2 <= list(done.by_worker.values()).count(0) <= 8
    await turk.hit()
    assert (await market.work(fields, workers=5, no_shows=1.0)).submitted == 0


async def test_limits_end_a_robots_work() -> None:
    """Who may hold no more HITs takes no more."""
    async with Marketplace(rules=replace(AMAZON, queue=2), clock=JumpingClock()) as market:
        for _ in range(5):
            await Requester(market).hit()
        done = await market.work(fields, workers=[ANNA], abandonment=1.0, turn_clock=False)

        assert done.abandoned == 2


async def test_robots_are_no_strangers() -> None:
    """Where workers have to be made known, robots that the market itself names are."""
    async with Marketplace(strict_workers=True) as market:
        await Requester(market).hit(MaxAssignments=3)

        assert (await market.work(fields, workers=2)).submitted == 2
        with pytest.raises(errors.InvalidParameterValue, match="add_worker"):
            await market.work(fields, workers=[ANNA])


MANNERS: dict[str, Any] = {
    "error_rate": 0.2,
    "mistake": lambda hit, fields, source: {"wrong": str(source.random())},
    "think_time": (1, 250),
    "abandonment": 0.2,
    "no_shows": 0.2,
}


@pytest.mark.parametrize("manners", [{}, MANNERS], ids=["good", "bad"])
async def test_the_seed_decides_everything(manners: dict[str, Any]) -> None:
    """The same seed leads to the same robots doing the same HITs in the same way, by a clock that runs."""

    async def run(seed: int) -> tuple[WorkDone, list[Any]]:
        async with Marketplace() as market:
            turk = Requester(market)
            hits = [(await turk.hit(MaxAssignments=3))["HITId"] for _ in range(6)]
            done = await market.work(fields, workers=8, seed=seed, **manners)
            return done, [
                [(found["WorkerId"], read_answers(found["Answer"])) for found in await turk.assignments(hit_id)]
                for hit_id in hits
            ]

    assert await run(1) == await run(1)
    assert await run(1) != await run(2)


# Coming to a bad end.


async def test_a_broken_script_loses_nobodys_assignments(market: Marketplace, turk: Requester) -> None:
    """What other robots are just accepting when a script breaks is returned, too."""
    hit_id = (await turk.hit(MaxAssignments=40))["HITId"]

    def answer(hit: Hit) -> dict[str, str]:
        raise LookupError("no idea")

    for _ in range(3):
        with pytest.raises(LookupError, match="no idea"):
            await market.work(answer, workers=40)
        assert await turk.counts(hit_id) == ("Assignable", 40, 0, 0)


@pytest.mark.parametrize("turns", [1, 2, 3, 5, 8, 13, 40])
async def test_cancelled_work_returns_everything(market: Marketplace, turk: Requester, turns: int) -> None:
    """Whenever it is cancelled, nothing is left accepted when the work has ended."""
    hit_ids = [(await turk.hit(MaxAssignments=3))["HITId"] for _ in range(3)]
    working = asyncio.ensure_future(
        market.work(fields, workers=8, think_time=lambda hit, source: source.choice([0, 1]))
    )
    for _ in range(turns):
        await asyncio.sleep(0)
    working.cancel()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert {pending for hit_id in hit_ids for pending in [(await turk.get(hit_id))["NumberOfAssignmentsPending"]]} == {
        0
    }
