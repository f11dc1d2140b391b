"""Workers: what they find, see, accept, and are told."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aioturk import errors
from aioturk.marketplace import AMAZON, Faults, Marketplace

from .support import ANNA, BERT, CARA, HIT, QUESTION, Requester, StillClock, done

MINUTE = timedelta(minutes=1)
MASTERS = "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6"
LOCALE = "00000000000000000071"


def masters(action: str) -> list[dict[str, Any]]:
    """Only Masters may do this with a HIT."""
    return [{"QualificationTypeId": MASTERS, "Comparator": "Exists", "ActionsGuarded": action}]


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


def test_workers_are_recognised_in_a_log() -> None:
    """Their representation says who they are, and where."""
    assert repr(Marketplace().worker(ANNA)) == f"<Worker {ANNA} in sandbox>"


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


async def test_the_first_worker_to_submit_is_the_first_in_the_list(market: Marketplace, turk: Requester) -> None:
    """`done` in these tests does what a program would do."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    first, second = await done(market, hit_id, ANNA, BERT)

    assert [found["AssignmentId"] for found in await turk.assignments(hit_id)] == [first, second]


async def test_who_lacks_a_qualification_is_told_which(market: Marketplace, turk: Requester) -> None:
    """The refusal names the requirements that are not met, and only those."""
    required = [
        *masters("Accept"),
        {
            "QualificationTypeId": LOCALE,
            "Comparator": "In",
            "LocaleValues": [{"Country": "DE"}, {"Country": "US", "Subdivision": "WA"}],
        },
        {"QualificationTypeId": "000000000000000000L0", "Comparator": "GreaterThan", "IntegerValues": [95]},
    ]
    hit_id = (await turk.hit(QualificationRequirements=required))["HITId"]
    anna = market.worker(ANNA)
    with pytest.raises(errors.DoesNotMeetRequirements) as refusal:
        await anna.accept(hit_id)
    assert "requires Masters Exists, Worker_Locale In DE, US-WA." in str(refusal.value)

    await anna.configure(locale="US-WA", masters=True)
    assert await anna.accept(hit_id)


async def test_requirements_are_judged_when_the_worker_acts(market: Marketplace, turk: Requester) -> None:
    """Who has accepted may submit, whatever is revoked meanwhile."""
    hit_id = (await turk.hit(QualificationRequirements=masters("Accept"), MaxAssignments=2))["HITId"]
    anna = market.worker(ANNA)
    await anna.configure(masters=True)
    assignment_id = await anna.accept(hit_id)
    await anna.configure(masters=False)
    await anna.submit(assignment_id, {"a": "b"})

    assert (await turk.counts(hit_id))[1] == 1


# Finding work.


async def test_groups_are_found_with_what_the_site_lists(market: Marketplace, turk: Requester) -> None:
    """HITs of one type are one group, with its properties and its requester's name."""
    hits = [await turk.hit(Keywords="image, age", AssignmentDurationInSeconds=600) for _ in range(3)]
    await turk.hit(Title="Something else", MaxAssignments=5)
    other, group = await market.worker(ANNA).find()

    assert (other.title, other.available) == ("Something else", 1)
    assert group.group_id == hits[0]["HITGroupId"]
    assert group.hit_type_id == hits[0]["HITTypeId"]
    assert (group.title, group.description, group.keywords) == (HIT["Title"], HIT["Description"], ("image", "age"))
    assert (group.reward, group.available, group.assignment_duration) == (Decimal("0.25"), 3, timedelta(minutes=10))
    assert group.requester_name == "default"
    assert group.requester_id.startswith("A")
    assert (group.updated, group.expiration) == (hits[2]["CreationTime"], hits[2]["Expiration"])
    assert (group.requirements, group.can_preview, group.can_accept) == ((), True, True)


async def test_only_what_is_left_for_the_worker_is_found(market: Marketplace, turk: Requester) -> None:
    """What the worker has in work or has submitted does not count, nor what nobody can accept."""
    hits = [(await turk.hit(MaxAssignments=2))["HITId"] for _ in range(4)]
    anna, bert = market.worker(ANNA), market.worker(BERT)
    await done(market, hits[0], ANNA)
    held = await anna.accept(hits[1])
    await turk("UpdateExpirationForHIT", HITId=hits[3], ExpireAt=0)

    assert [group.available for group in await anna.find()] == [1]
    assert [group.available for group in await bert.find()] == [3]
    await anna.return_assignment(held)
    assert [group.available for group in await anna.find()] == [2]
    await done(market, hits[1], ANNA)
    await done(market, hits[2], ANNA)
    assert await anna.find() == []


async def test_searching(market: Marketplace, turk: Requester) -> None:
    """Words are looked for in all texts; the least reward, and being qualified, narrow the list."""
    await turk.hit(Title="Read a receipt", Description="Bills of shops", Keywords="OCR, money", Reward="0.05")
    await turk.hit(Title="Guess the age", Description="Of people", Keywords="image", Reward="0.50")
    await turk.hit(Title="Draw", Description="A Box", Reward="1.00", QualificationRequirements=masters("Accept"))
    anna = market.worker(ANNA)

    async def titles(*query: str, **wish: Any) -> list[str]:
        return [group.title for group in await anna.find(*query, sort="reward_asc", **wish)]

    assert await titles() == ["Read a receipt", "Guess the age", "Draw"]
    assert await titles("receipt shops OCR") == ["Read a receipt"]
    assert await titles("receipt people") == []
    assert await titles("DEFAULT box") == ["Draw"]
    assert await titles(min_reward="0.50") == ["Guess the age", "Draw"]
    assert await titles(qualified=True) == ["Read a receipt", "Guess the age"]
    assert await titles(limit=1) == ["Read a receipt"]
    await anna.configure(masters=True)
    assert len(await titles(qualified=True, limit=None)) == 3


async def test_sorting(market: Marketplace, turk: Requester) -> None:
    """Lists are sorted by the newest HIT, the reward or the number of HITs, either way; other orders are refused."""
    for title, reward, count in (("a", "0.30", 1), ("b", "0.10", 3), ("c", "0.20", 2)):
        for _ in range(count):
            await turk.hit(Title=title, Reward=reward)
        await market.advance(MINUTE)
    anna = market.worker(ANNA)
    orders = {"updated_asc": "abc", "updated_desc": "cba", "reward_asc": "bca", "available_desc": "bca"}
    for order, expected in orders.items():
        assert "".join([group.title for group in await anna.find(sort=order)]) == expected

    with pytest.raises(errors.InvalidRequest, match="updated_asc"):
        await anna.find(sort="price")
    with pytest.raises(errors.InvalidRequest, match="dollars"):
        await anna.find(min_reward="much")


async def test_what_a_group_requires_is_shown(market: Marketplace, turk: Requester) -> None:
    """Each requirement comes with its name, the worker's own value, and whether it is met."""
    place = {"QualificationTypeId": LOCALE, "Comparator": "EqualTo", "LocaleValues": [{"Country": "US"}]}
    await turk.hit(QualificationRequirements=[*masters("PreviewAndAccept"), place])
    anna = market.worker(ANNA)
    await anna.configure(locale="US-WA")
    (group,) = await anna.find()
    shown = {demand.name: (demand.value, demand.is_met) for demand in group.requirements}

    assert shown["Masters"] == (None, False)
    where, is_met = shown["Worker_Locale"]
    assert (str(where.country), where.subdivision, is_met) == ("US", "WA", True)  # type: ignore[union-attr]
    assert (group.can_preview, group.can_accept) == (False, False)


async def test_new_hits_are_listed_later_where_lists_lag() -> None:
    """For as long as lists lag behind, a new HIT is found by its id alone, and a new one in an old group not at all."""
    async with Marketplace(clock=StillClock(), faults=Faults(lag=60)) as market:
        turk, anna = Requester(market), market.worker(ANNA)
        hit = await turk.hit()

        assert await anna.find() == []
        with pytest.raises(errors.NoHITsAvailableInGroup):
            await anna.accept_from(hit["HITGroupId"])
        assert (await anna.preview(hit["HITId"])).hit_id == hit["HITId"]
        await market.advance(MINUTE)
        await turk.hit()
        assert [group.available for group in await anna.find()] == [1]
        assert await anna.accept(hit["HITId"])
        assert await anna.find() == []


# Looking.


async def test_a_preview_shows_the_task(market: Marketplace, turk: Requester) -> None:
    """It has what a worker sees, and reserves nothing."""
    hit = await turk.hit(RequesterAnnotation="secret", Keywords="age")
    shown = await market.worker(ANNA).preview(hit["HITId"])

    assert (shown.hit_id, shown.group_id, shown.question) == (hit["HITId"], hit["HITGroupId"], QUESTION)
    assert (shown.title, shown.reward, shown.expiration) == (HIT["Title"], Decimal("0.25"), hit["Expiration"])
    assert shown.can_accept
    assert "secret" not in repr(shown)
    assert await turk.counts(hit["HITId"]) == ("Assignable", 1, 0, 0)
    assert (await market.worker(BERT).preview_from(hit["HITTypeId"])).hit_id == hit["HITId"]


async def test_the_moment_of_the_preview_is_kept(tmp_path: Path) -> None:
    """An assignment knows when its worker first looked at the HIT, as far as the same object was used."""
    path = tmp_path / "market.db"
    async with Marketplace(path, clock=StillClock()) as market:
        turk, anna = Requester(market), market.worker(ANNA)
        first, second = (await turk.hit())["HITId"], (await turk.hit())["HITId"]
        await anna.preview(first)
        await market.advance(MINUTE)
        await anna.preview(first)
        await anna.accept(first)
        await anna.accept(second)
    with closing(sqlite3.connect(path)) as database:
        moments = database.execute("SELECT accepted_at - previewed_at FROM assignment ORDER BY seq").fetchall()

    assert moments == [(60_000,), (None,)]


async def test_refusals_to_show(market: Marketplace, turk: Requester) -> None:
    """What is not there, taken or over cannot be previewed, by HIT or by group."""
    hit, anna = await turk.hit(), market.worker(ANNA)
    await market.worker(BERT).accept(hit["HITId"])
    with pytest.raises(errors.HITDoesNotExist):
        await anna.preview("3NOSUCHHIT")
    with pytest.raises(errors.HITTypeDoesNotExist):
        await anna.preview_from("3NOSUCHGROUP")
    with pytest.raises(errors.NoHITsAvailableInGroup, match="others are at work"):
        await anna.preview(hit["HITId"])
    with pytest.raises(errors.NoHITsAvailableInGroup):
        await anna.preview_from(hit["HITGroupId"])


async def test_environments_are_worlds_apart(market: Marketplace, turk: Requester) -> None:
    """Workers in production see nothing of the sandbox."""
    hit, anna = await turk.hit(), market.worker(ANNA, environment="production")

    assert await anna.find() == []
    with pytest.raises(errors.HITDoesNotExist):
        await anna.preview(hit["HITId"])
    with pytest.raises(errors.HITTypeDoesNotExist):
        await anna.accept_from(hit["HITGroupId"])


# Accepting from a group.


async def test_any_hit_of_a_group(market: Marketplace, turk: Requester) -> None:
    """A group, or its HIT type, gives the oldest HIT that is left for the worker, until none is."""
    hits = [await turk.hit(MaxAssignments=2) for _ in range(3)]
    ids = [hit["HITId"] for hit in hits]
    anna, bert = market.worker(ANNA), market.worker(BERT)
    await bert.accept(ids[0])
    await market.worker(CARA).accept(ids[0])
    first = await anna.accept_from(hits[0]["HITGroupId"])
    second = await anna.accept_from(hits[0]["HITTypeId"])

    assert (first.hit_id, second.hit_id, first.question) == (ids[1], ids[2], QUESTION)
    assert first.deadline - first.accepted == timedelta(minutes=5)
    await anna.submit(first.assignment_id, {"a": "b"})
    with pytest.raises(errors.NoMoreWorkableHITsInGroup):
        await anna.accept_from(hits[0]["HITGroupId"])
    for hit_id in ids[1:]:
        await bert.accept(hit_id)
    with pytest.raises(errors.NoHITsAvailableInGroup):
        await market.worker("A6").accept_from(hits[0]["HITGroupId"])


async def test_refusals_of_a_group(market: Marketplace, turk: Requester) -> None:
    """Who may not accept any HIT of a group is told why."""
    hit = await turk.hit(QualificationRequirements=masters("Accept"))
    anna = market.worker(ANNA)
    with pytest.raises(errors.HITTypeDoesNotExist):
        await anna.accept_from("3NOSUCHGROUP")
    with pytest.raises(errors.DoesNotMeetRequirements, match="Masters"):
        await anna.accept_from(hit["HITGroupId"])
    await turk("CreateWorkerBlock", WorkerId=ANNA, Reason="-")
    with pytest.raises(errors.PermissionDenied, match="blocked"):
        await anna.accept_from(hit["HITGroupId"])


async def test_many_workers_at_once_share_a_group(market: Marketplace, turk: Requester) -> None:
    """Twenty who ask a group of ten at once get one each, or nothing."""
    hits = [await turk.hit() for _ in range(10)]
    workers = [market.worker(f"A{number}") for number in range(100, 120)]
    results = await asyncio.gather(
        *(worker.accept_from(hits[0]["HITGroupId"]) for worker in workers), return_exceptions=True
    )
    got = [result.hit_id for result in results if not isinstance(result, BaseException)]

    assert sorted(got) == sorted(hit["HITId"] for hit in hits)
    assert sum(isinstance(result, errors.NoHITsAvailableInGroup) for result in results) == 10


async def test_the_queue(market: Marketplace, turk: Requester) -> None:
    """It holds what is accepted and neither submitted, returned nor abandoned."""
    hits = [(await turk.hit(MaxAssignments=2))["HITId"] for _ in range(4)]
    anna = market.worker(ANNA)
    assignments = [await anna.accept(hit_id) for hit_id in hits]
    await market.worker(BERT).accept(hits[0])
    await anna.submit(assignments[0], {"a": "b"})
    await anna.return_assignment(assignments[1])

    assert [(task.hit_id, task.assignment_id) for task in await anna.queue()] == list(
        zip(hits[2:], assignments[2:], strict=True)
    )
    assert await anna.queue() == [await anna.task(assignments[2]), await anna.task(assignments[3])]
    assert (await anna.queue())[0].question == QUESTION
    for mine_no_more in (assignments[0], assignments[1], "3NOSUCH"):
        with pytest.raises(errors.AssignmentDoesNotExist):
            await anna.task(mine_no_more)
    await market.advance(5 * MINUTE)
    assert await anna.queue() == []


# Limits, and strangers.


async def test_a_limited_queue() -> None:
    """Where a queue has a limit, one more is refused until there is room."""
    async with Marketplace(rules=replace(AMAZON, queue=2)) as market:
        turk, anna = Requester(market), market.worker(ANNA)
        hits = [await turk.hit() for _ in range(3)]
        held = [await anna.accept(hit["HITId"]) for hit in hits[:2]]
        for refused in (anna.accept(hits[2]["HITId"]), anna.accept_from(hits[2]["HITGroupId"])):
            with pytest.raises(errors.ExceedsMaxAssignmentsPerWorker, match="2 HITs in work"):
                await refused
        await anna.return_assignment(held[0])
        assert await anna.accept(hits[2]["HITId"])


async def test_limited_days() -> None:
    """Where there is a limit to what is accepted in a day, it is lower for new workers, and returning does not help."""
    rules = replace(AMAZON, daily_accepts=3, early_daily_accepts=1)
    async with Marketplace(rules=rules, clock=StillClock()) as market:
        turk, anna = Requester(market), market.worker(ANNA)
        hits = [(await turk.hit(LifetimeInSeconds=30 * 86400))["HITId"] for _ in range(6)]
        await anna.return_assignment(await anna.accept(hits[0]))
        with pytest.raises(errors.ExceedsMaxAssignmentsPerWorker, match="1 HITs within 24 hours"):
            await anna.accept(hits[1])
        await market.advance(timedelta(days=1))
        assert await anna.accept(hits[1])
        await market.advance(timedelta(days=9))
        for hit_id in hits[2:5]:
            await anna.accept(hit_id)
        with pytest.raises(errors.ExceedsMaxAssignmentsPerWorker, match="3 HITs"):
            await anna.accept(hits[5])


async def test_strangers_are_refused_where_workers_have_to_be_known() -> None:
    """Until they are made known, workers can do nothing and nothing can be done to them."""
    async with Marketplace(strict_workers=True) as market:
        turk, anna = Requester(market), market.worker(ANNA)
        hit = await turk.hit()
        for refused in (
            anna.find(),
            anna.preview(hit["HITId"]),
            anna.accept(hit["HITId"]),
            anna.accept_from(hit["HITGroupId"]),
            anna.queue(),
            anna.messages(),
            anna.configure(adult=True),
        ):
            with pytest.raises(errors.InvalidParameterValue, match=rf'market.add_worker\("{ANNA}"\)'):
                await refused
        for operation in ("CreateWorkerBlock", "DeleteWorkerBlock"):
            refusal = await turk.refused(operation, WorkerId=ANNA, Reason="-")
            assert refusal.message.startswith(f'The value "{ANNA}" is not valid for the parameter WorkerId.')

        assert (await market.add_worker(ANNA)).worker_id == ANNA
        assert await anna.accept(hit["HITId"])
        with pytest.raises(errors.InvalidParameterValue):
            await market.worker(ANNA, environment="production").find()


async def test_origins(market: Marketplace) -> None:
    """Workers are persons unless it is said that they are not; there are three origins."""
    await market.worker(ANNA).find()
    for origin in ("model", "person", "script"):
        assert (await market.add_worker(ANNA, origin=origin)).worker_id == ANNA
    with pytest.raises(errors.InvalidRequest, match="'model'"):
        await market.add_worker(BERT, origin="alien")
    with pytest.raises(errors.InvalidRequest, match="worker"):
        await market.add_worker("nobody")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"locale": "USA"}, "locale"),
        ({"locale": "us"}, "locale"),
        ({"locale": "DE-BY"}, "locale"),
        ({"approved": -1}, "approved"),
        ({"percent_approved": 101}, "percent_approved"),
    ],
)
async def test_what_cannot_be_said_of_workers(values: dict[str, Any], name: str) -> None:
    """Places are countries or states of the US, numbers are not negative, percentages end at 100."""
    async with Marketplace() as market:
        with pytest.raises(errors.InvalidRequest, match=name):
            await market.worker(ANNA).configure(**values)
