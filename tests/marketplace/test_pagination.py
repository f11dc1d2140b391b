"""Pages: finer points than those of the conformance tests."""

from __future__ import annotations

from typing import Any

import pytest

from aioturk.marketplace import Marketplace

from .support import ANNA, BERT, PRODUCTION, Requester, done, post


async def test_the_default_page_has_ten_items(turk: Requester) -> None:
    """Without MaxResults a page has ten."""
    for _ in range(11):
        await turk.hit()

    assert (await turk("ListHITs"))["NumResults"] == 10


async def test_the_order_of_lists(market: Marketplace, turk: Requester) -> None:
    """HITs are listed from the newest on, all else from the earliest; the tokens in between fit the data model."""
    hits = [(await turk.hit(MaxAssignments=9))["HITId"] for _ in range(7)]
    workers = [f"A{number}WORKER000000" for number in range(7)]
    assignments = await done(market, hits[0], *workers)
    for assignment_id, worker in zip(assignments, workers, strict=True):
        await turk("SendBonus", AssignmentId=assignment_id, WorkerId=worker, BonusAmount="1", Reason="r")
    for hit_id in hits:
        await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)

    async def walked(operation: str, key: str, item: str, **members: Any) -> list[str]:
        found = []
        while True:
            page = await turk(operation, **members, MaxResults=3)
            found += [each[item] for each in page[key]]
            if "NextToken" not in page:
                return found
            assert 1 <= len(page["NextToken"]) <= 255
            members["NextToken"] = page["NextToken"]

    assert await walked("ListHITs", "HITs", "HITId") == hits[::-1]
    assert await walked("ListReviewableHITs", "HITs", "HITId") == hits
    assert await walked("ListAssignmentsForHIT", "Assignments", "AssignmentId", HITId=hits[0]) == assignments
    assert await walked("ListBonusPayments", "BonusPayments", "WorkerId", HITId=hits[0]) == workers


@pytest.mark.parametrize("token", ["x", "AAAA", "ü", "MTIzNDU2Nzg5MDEyMTIz", "=", "x" * 255])
async def test_unreadable_tokens(turk: Requester, token: str) -> None:
    """A token that was not made here is refused."""
    refusal = await turk.refused("ListHITs", NextToken=token)

    assert refusal.status == 400
    assert refusal.type == "ParameterValidationError"
    assert refusal.message.endswith("s)")
    assert f'The value "{token}" is not valid for the parameter NextToken.' in refusal.message


async def test_tokens_are_good_for_one_list(market: Marketplace, turk: Requester) -> None:
    """A token of one list does not open another, nor the same with another filter."""
    first, second = [(await turk.hit())["HITId"] for _ in range(2)]
    await done(market, first, ANNA)
    token = (await turk("ListAssignmentsForHIT", HITId=first))["NextToken"]

    for operation, members in (
        ("ListHITs", {}),
        ("ListAssignmentsForHIT", {"HITId": second}),
        ("ListAssignmentsForHIT", {"HITId": first, "AssignmentStatuses": ["Submitted"]}),
    ):
        refusal = await turk.refused(operation, NextToken=token, **members)
        assert refusal.type == "ParameterValidationError"


async def test_items_that_come_and_go_neither_hide_nor_repeat_others(turk: Requester) -> None:
    """A list is walked by place, not by count."""
    hits = [(await turk.hit())["HITId"] for _ in range(6)]
    page = await turk("ListHITs", MaxResults=2)
    assert [hit["HITId"] for hit in page["HITs"]] == [hits[5], hits[4]]

    await turk.hit()
    for gone in (hits[5], hits[4], hits[2]):
        await turk("UpdateExpirationForHIT", HITId=gone, ExpireAt=0)
        await turk("DeleteHIT", HITId=gone)
    page = await turk("ListHITs", MaxResults=2, NextToken=page["NextToken"])

    assert [hit["HITId"] for hit in page["HITs"]] == [hits[3], hits[1]]


async def test_submissions_of_one_millisecond_are_all_listed(market: Marketplace, turk: Requester) -> None:
    """Assignments that were submitted at the very same time are told apart."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    made = await done(market, hit_id, ANNA, BERT)
    first = await turk("ListAssignmentsForHIT", HITId=hit_id, MaxResults=1)
    second = await turk("ListAssignmentsForHIT", HITId=hit_id, MaxResults=1, NextToken=first["NextToken"])

    assert first["Assignments"][0]["SubmitTime"] == second["Assignments"][0]["SubmitTime"]
    assert [page["Assignments"][0]["AssignmentId"] for page in (first, second)] == made


async def test_later_submissions_of_one_millisecond_are_not_hidden(market: Marketplace, turk: Requester) -> None:
    """What is submitted after a page was read is on a later page, even if it was accepted first and the clock stood."""
    hit_id = (await turk.hit(MaxAssignments=3))["HITId"]
    anna, bert = market.worker(ANNA), market.worker(BERT)
    early, late = await anna.accept(hit_id), await bert.accept(hit_id)
    await bert.submit(late, {"a": "b"})
    first = await turk("ListAssignmentsForHIT", HITId=hit_id)
    await anna.submit(early, {"a": "b"})
    second = await turk("ListAssignmentsForHIT", HITId=hit_id, NextToken=first["NextToken"])

    assert [found["AssignmentId"] for found in first["Assignments"]] == [late]
    assert [found["AssignmentId"] for found in second["Assignments"]] == [early]


async def test_tokens_are_good_for_one_account_and_one_operation(market: Marketplace, turk: Requester) -> None:
    """The same list of another account, or another list with places of the same form, refuses a token."""
    hit_id = (await turk.hit())["HITId"]
    token = (await turk("ListHITs"))["NextToken"]
    for operation, members, host in (
        ("ListHITs", {}, PRODUCTION),
        ("ListReviewableHITs", {}, None),
        ("ListBonusPayments", {"HITId": hit_id}, None),
        ("ListAssignmentsForHIT", {"HITId": hit_id}, None),
    ):
        answer = await post(market, operation, {"NextToken": token, **members}, host=host)
        assert (answer.status, answer.json.get("Parameter")) == (400, "NextToken"), operation
    assert (await post(market, "ListHITs", {"NextToken": token})).status == 200
