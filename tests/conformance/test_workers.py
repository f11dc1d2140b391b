"""What workers may see and do, blocks and notices: the reference's lines 80, 92-95, 107 and 108."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from aioturk.errors import AssignmentAlreadyExists, DoesNotMeetRequirements, PermissionDenied
from aioturk.marketplace import Marketplace
from aioturk.marketplace.workers import Worker
from tests.marketplace.support import ANNA, BERT, CARA, Requester, done, post

ADULT = "00000000000000000060"
LOCALE = "00000000000000000071"
MASTERS = "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6"


def requirement(type_id: str, comparator: str, **members: Any) -> dict[str, Any]:
    """A requirement in wire names."""
    return {"QualificationTypeId": type_id, "Comparator": comparator, **members}


async def allowed(act: Awaitable[object]) -> bool:
    """Whether the worker may."""
    try:
        await act
    except DoesNotMeetRequirements:
        return False
    return True


async def test_80_once_submitted_is_once_and_for_all(market: Marketplace, turk: Requester) -> None:
    """A worker who submitted a HIT cannot accept it again; one who returned it can."""
    hit_id = (await turk.hit(MaxAssignments=3))["HITId"]
    await done(market, hit_id, ANNA)
    with pytest.raises(AssignmentAlreadyExists):
        await market.worker(ANNA).accept(hit_id)
    bert = market.worker(BERT)
    await bert.return_assignment(await bert.accept(hit_id))

    assert await bert.accept(hit_id)


@pytest.mark.parametrize(
    ("guarded", "found", "previewed"),
    [
        ({}, True, True),
        ({"ActionsGuarded": "Accept"}, True, True),
        ({"RequiredToPreview": True}, True, False),
        ({"ActionsGuarded": "PreviewAndAccept"}, True, False),
        ({"ActionsGuarded": "DiscoverPreviewAndAccept"}, False, False),
    ],
)
async def test_92_requirements_guard_actions(
    market: Marketplace, turk: Requester, guarded: dict[str, Any], found: bool, previewed: bool
) -> None:
    """A requirement hides exactly the actions that it guards; who meets it may do everything."""
    hit = await turk.hit(QualificationRequirements=[requirement(MASTERS, "Exists", **guarded)])

    async def may(worker: Worker) -> list[bool]:
        return [
            bool(await worker.find()),
            await allowed(worker.preview(hit["HITId"])),
            await allowed(worker.accept(hit["HITId"])),
        ]

    assert await may(market.worker(ANNA)) == [found, previewed, False]
    await market.worker(BERT).configure(masters=True)
    assert await may(market.worker(BERT)) == [True, True, True]


async def test_93_who_lacks_a_qualification(market: Marketplace, turk: Requester) -> None:
    """NotEqualTo and NotIn fail without the qualification, as all do but DoesNotExist."""
    type_id = (
        await turk("CreateQualificationType", Name="Reading", Description="d", QualificationTypeStatus="Active")
    )["QualificationType"]["QualificationTypeId"]
    await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=BERT, IntegerValue=7)
    await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=CARA, IntegerValue=7)
    await turk("DisassociateQualificationFromWorker", QualificationTypeId=type_id, WorkerId=CARA, Reason="-")

    async def who_may(comparator: str, *values: int) -> list[str]:
        members = {"IntegerValues": list(values)} if values else {}
        hit = await turk.hit(MaxAssignments=3, QualificationRequirements=[requirement(type_id, comparator, **members)])
        return [name for name in (ANNA, BERT, CARA) if await allowed(market.worker(name).accept(hit["HITId"]))]

    for comparator, values in {
        "NotEqualTo": (5,),
        "NotIn": (5, 6),
        "LessThan": (8,),
        "LessThanOrEqualTo": (7,),
        "GreaterThan": (6,),
        "GreaterThanOrEqualTo": (7,),
        "EqualTo": (7,),
        "In": (6, 7),
        "Exists": (),
    }.items():
        assert await who_may(comparator, *values) == [BERT], comparator
    assert await who_may("DoesNotExist") == [ANNA, CARA]


async def test_94_countries_and_states(market: Marketplace, turk: Requester) -> None:
    """EqualTo US matches a worker in US-WA; EqualTo US-WA does not match US-NY."""
    await market.worker(ANNA).configure(locale="US-WA")
    await market.worker(BERT).configure(locale="US-NY")
    await market.worker(CARA).configure(locale="DE")

    async def who_may(comparator: str, **place: str) -> list[str]:
        required = requirement(LOCALE, comparator, LocaleValues=[place])
        hit = await turk.hit(MaxAssignments=3, QualificationRequirements=[required])
        return [name for name in (ANNA, BERT, CARA) if await allowed(market.worker(name).accept(hit["HITId"]))]

    assert await who_may("EqualTo", Country="US") == [ANNA, BERT]
    assert await who_may("EqualTo", Country="US", Subdivision="WA") == [ANNA]
    assert await who_may("NotEqualTo", Country="US") == [CARA]
    assert await who_may("NotEqualTo", Country="US", Subdivision="WA") == [BERT, CARA]


async def test_95_blocked_workers_see_nothing(market: Marketplace, turk: Requester) -> None:
    """A blocked worker sees no HIT of that requester; after DeleteWorkerBlock again."""
    hit_id = (await turk.hit())["HITId"]
    anna = market.worker(ANNA)
    acts: list[Callable[[str], Awaitable[object]]] = [anna.preview, anna.accept]
    await turk("CreateWorkerBlock", WorkerId=ANNA, Reason="Copied.")

    assert await anna.find() == []
    for act in acts:
        with pytest.raises(PermissionDenied):
            await act(hit_id)
    await turk("DeleteWorkerBlock", WorkerId=ANNA)
    assert len(await anna.find()) == 1
    for act in acts:
        assert await act(hit_id)


async def test_107_strangers_cannot_be_written_to(market: Marketplace, turk: Requester) -> None:
    """NotifyWorkers reports strangers with HardFailure and the service's sentence, in an answer that is a success."""
    (assignment_id,) = await done(market, (await turk.hit())["HITId"], ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    body = {"Subject": "More work", "MessageText": "There is more to do.", "WorkerIds": [ANNA, BERT]}
    answer = await post(market, "NotifyWorkers", body)

    assert answer.status == 200
    assert answer.json == {
        "NotifyWorkersFailureStatuses": [
            {
                "NotifyWorkersFailureCode": "HardFailure",
                "NotifyWorkersFailureMessage": (
                    "Cannot send a notification to a worker who has not done any work for you"
                ),
                "WorkerId": BERT,
            }
        ]
    }
    assert [message.text for message in await market.worker(ANNA).messages()] == ["There is more to do."]
    known = await post(market, "NotifyWorkers", {**body, "WorkerIds": [ANNA]})
    assert known.json == {"NotifyWorkersFailureStatuses": []}


async def test_108_nobody_has_to_be_blocked_to_be_let_in(market: Marketplace) -> None:
    """DeleteWorkerBlock of a worker who is not blocked succeeds."""
    answer = await post(market, "DeleteWorkerBlock", {"WorkerId": ANNA})

    assert (answer.status, answer.json) == (200, {})
