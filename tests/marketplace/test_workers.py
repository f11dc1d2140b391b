"""Workers and robots."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from aioturk import errors
from aioturk._generated.shapes import HIT as Hit
from aioturk.answers import read_answers
from aioturk.marketplace import AMAZON, Marketplace

from .support import ANNA, BERT, Requester, StillClock, done


async def test_refusals_to_accept(market: Marketplace, turk: Requester) -> None:
    """What cannot be accepted says why, as a typed error."""
    anna, bert = market.worker(ANNA), market.worker(BERT)
    with pytest.raises(errors.HITDoesNotExist):
        await anna.accept("3NOSUCHHIT")

    taken = (await turk.hit())["HITId"]
    await anna.accept(taken)
    with pytest.raises(errors.AssignmentAlreadyExists):
        await anna.accept(taken)
    with pytest.raises(errors.NoHITsAvailableInGroup):
        await bert.accept(taken)

    over = (await turk.hit())["HITId"]
    await turk("UpdateExpirationForHIT", HITId=over, ExpireAt=0)
    with pytest.raises(errors.NoHITsAvailableInGroup, match="over"):
        await anna.accept(over)
    await turk("DeleteHIT", HITId=over)
    with pytest.raises(errors.NoHITsAvailableInGroup):
        await anna.accept(over)


async def test_refusals_to_submit_and_return(market: Marketplace, turk: Requester) -> None:
    """Only who holds an assignment can submit it or return it, and only once."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    anna, bert = market.worker(ANNA), market.worker(BERT)
    assignment_id = await anna.accept(hit_id)
    for thief in (bert.submit(assignment_id, {"a": "b"}), bert.return_assignment(assignment_id)):
        with pytest.raises(errors.AssignmentDoesNotExist):
            await thief
    with pytest.raises(errors.MissingParameter):
        await anna.submit(assignment_id, {"assignmentId": assignment_id})
    await anna.submit(assignment_id, {"a": "b"})
    for again in (anna.submit(assignment_id, {"a": "b"}), anna.return_assignment(assignment_id)):
        with pytest.raises(errors.InvalidAssignmentState):
            await again
    with pytest.raises(errors.AssignmentDoesNotExist):
        await anna.submit("3NOSUCH", {"a": "b"})


@pytest.mark.parametrize("name", ["", "B1234567890123", "a1234567890123", "A", "A 12", "A" * 65])
def test_ids_that_are_none(name: str) -> None:
    """A worker's id begins with an A and has capital letters and digits."""
    with pytest.raises(errors.InvalidRequest, match="worker"):
        Marketplace().worker(name)


def test_environments_that_are_none() -> None:
    """There are two environments."""
    with pytest.raises(errors.InvalidRequest, match="sandbox"):
        Marketplace().worker(ANNA, environment="moon")


async def test_many_workers_at_once_never_get_too_much(market: Marketplace, turk: Requester) -> None:
    """A HIT of three is given to three of fifty, whoever comes first."""
    hit_id = (await turk.hit(MaxAssignments=3))["HITId"]
    workers = [market.worker(f"A{number}") for number in range(100, 150)]
    results = await asyncio.gather(*(worker.accept(hit_id) for worker in workers), return_exceptions=True)

    assert len([result for result in results if isinstance(result, str)]) == 3
    assert all(isinstance(result, str | errors.NoHITsAvailableInGroup) for result in results)
    assert await turk.counts(hit_id) == ("Unassignable", 0, 3, 0)


async def test_one_worker_in_two_tabs_gets_one(market: Marketplace, turk: Requester) -> None:
    """Accepting one HIT twice at once succeeds once."""
    hit_id = (await turk.hit(MaxAssignments=3))["HITId"]
    worker = market.worker(ANNA)
    results = await asyncio.gather(worker.accept(hit_id), worker.accept(hit_id), return_exceptions=True)

    assert {type(result) for result in results} == {str, errors.AssignmentAlreadyExists}


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


async def test_arguments_of_robots(market: Marketplace) -> None:
    """Rates, mistakes and crowds that make no sense are refused."""
    for arguments in ({"workers": 0}, {"error_rate": 2.0}, {"error_rate": 0.1}):
        with pytest.raises(errors.InvalidRequest):
            await market.work(lambda hit: None, **arguments)


async def test_the_first_worker_to_submit_is_the_first_in_the_list(market: Marketplace, turk: Requester) -> None:
    """`done` in these tests does what a program would do."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    first, second = await done(market, hit_id, ANNA, BERT)

    assert [found["AssignmentId"] for found in await turk.assignments(hit_id)] == [first, second]


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
