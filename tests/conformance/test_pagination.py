"""Lists, page by page: the reference's lines 43-46."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aioturk.marketplace import Marketplace
from tests.marketplace.support import Requester, done

WORKERS = [f"A{number}WORKER000000" for number in range(7)]

LISTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ListAssignmentsForHIT": ("Assignments", ("AssignmentId",)),
    "ListBonusPayments": ("BonusPayments", ("WorkerId",)),
    "ListHITs": ("HITs", ("HITId",)),
    "ListHITsForQualificationType": ("HITs", ("HITId",)),
    "ListQualificationRequests": ("QualificationRequests", ("WorkerId", "QualificationTypeId")),
    "ListQualificationTypes": ("QualificationTypes", ("QualificationTypeId",)),
    "ListReviewableHITs": ("HITs", ("HITId",)),
    "ListWorkerBlocks": ("WorkerBlocks", ("WorkerId",)),
    "ListWorkersWithQualificationType": ("Qualifications", ("WorkerId",)),
}
"""The nine lists: the member that holds the items, and what tells one item from another."""

Item = tuple[str, ...]
Filled = dict[str, tuple[dict[str, Any], list[Item]]]
"""By list: the request's members, and the items that are on it."""


async def _fill(market: Marketplace, turk: Requester) -> Filled:
    """Put seven items on each of the nine lists."""
    types = []
    for number in range(7):
        answer = await turk(
            "CreateQualificationType", Name=f"Type {number}", Description="One.", QualificationTypeStatus="Active"
        )
        types.append(answer["QualificationType"]["QualificationTypeId"])
    asked = types[0]
    requirements = [{"QualificationTypeId": asked, "Comparator": "DoesNotExist"}]
    hits = [(await turk.hit(MaxAssignments=9, QualificationRequirements=requirements))["HITId"] for _ in range(7)]
    assignments = await done(market, hits[0], *WORKERS)
    for assignment_id, worker_id in zip(assignments, WORKERS, strict=True):
        await turk("SendBonus", AssignmentId=assignment_id, WorkerId=worker_id, BonusAmount="1", Reason="r")
        await market.worker(worker_id).request_qualification(asked)
        await turk("AssociateQualificationWithWorker", QualificationTypeId=types[1], WorkerId=worker_id)
        await turk("CreateWorkerBlock", WorkerId=worker_id, Reason="r")
    for hit_id in hits:
        await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)

    def each(items: list[str]) -> list[Item]:
        return [(item,) for item in items]

    return {
        "ListAssignmentsForHIT": ({"HITId": hits[0]}, each(assignments)),
        "ListBonusPayments": ({"HITId": hits[0]}, each(WORKERS)),
        "ListHITs": ({}, each(hits)),
        "ListHITsForQualificationType": ({"QualificationTypeId": asked}, each(hits)),
        "ListQualificationRequests": ({}, [(worker_id, asked) for worker_id in WORKERS]),
        "ListQualificationTypes": ({"MustBeRequestable": True, "MustBeOwnedByCaller": True}, each(types)),
        "ListReviewableHITs": ({}, each(hits)),
        "ListWorkerBlocks": ({}, each(WORKERS)),
        "ListWorkersWithQualificationType": ({"QualificationTypeId": types[1]}, each(WORKERS)),
    }


async def test_43_every_page_with_items_has_a_token(turk: Requester) -> None:
    """25 HITs are pages of 10, 10, 5 and 0: a token on the first three, none on the fourth."""
    for _ in range(25):
        await turk.hit()
    pages = [await turk("ListHITs", MaxResults=10)]
    while "NextToken" in pages[-1]:
        pages.append(await turk("ListHITs", MaxResults=10, NextToken=pages[-1]["NextToken"]))

    assert [len(page["HITs"]) for page in pages] == [10, 10, 5, 0]
    assert ["NextToken" in page for page in pages] == [True, True, True, False]


async def test_44_num_results_is_what_is_on_the_page(market: Marketplace, turk: Requester) -> None:
    """On each page of each list, the empty one included, NumResults is the number of its items."""
    filled = await _fill(market, turk)
    for operation, (members, items) in filled.items():
        sizes = []
        while True:
            page = await turk(operation, **members, MaxResults=3)
            assert page["NumResults"] == len(page[LISTS[operation][0]]), operation
            sizes.append(page["NumResults"])
            if "NextToken" not in page:
                break
            members["NextToken"] = page["NextToken"]
        assert sizes == [3, 3, 1, 0], operation
        assert sum(sizes) == len(items)


async def test_45_boto3s_paginators_return_every_item_once(market: Marketplace, turk: Requester) -> None:
    """Each of the nine paginators of boto3 walks its list to the end, and misses and repeats nothing."""
    names = {service: python for python, service in turk.boto3.meta.method_to_api_mapping.items()}
    assert {operation for operation in names if turk.boto3.can_paginate(names[operation])} == set(LISTS)

    filled = await _fill(market, turk)
    for operation, (key, identity) in LISTS.items():
        members, items = filled[operation]
        walk = turk.boto3.get_paginator(names[operation]).paginate(**members, PaginationConfig={"PageSize": 3})
        pages = await asyncio.to_thread(list, walk)
        found = [tuple(item[name] for name in identity) for page in pages for item in page[key]]
        assert sorted(found) == sorted(items), operation


async def test_46_an_invalid_token(turk: Requester) -> None:
    """A NextToken that the service did not make is refused with 400, whatever it looks like."""
    await turk.hit()
    made: str = (await turk("ListHITs"))["NextToken"]
    for token in ("x", "MTIzNDU2Nzg5MDEyMTIz", made[:-1], made[::-1]):
        refusal = await turk.refused("ListHITs", NextToken=token)
        assert refusal.status == 400
        assert refusal.type == "ParameterValidationError"
