"""Pages: finer points than those of the conformance tests."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from aioturk.marketplace import Faults, Marketplace

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


LIKED = {"QualificationTypeId": "00000000000000000040", "Comparator": "Exists"}
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("ListHITs", {}),
        ("ListHITsForQualificationType", {"QualificationTypeId": LIKED["QualificationTypeId"]}),
        ("ListReviewableHITs", {}),
        ("ListReviewableHITs", {"HITTypeId": "that of the HITs"}),
    ],
)
async def test_new_hits_are_listed_after_the_lag(
    market: Marketplace, turk: Requester, operation: str, members: dict[str, str]
) -> None:
    """With listing lag a HIT can be read at once, and is in every list once it is as old as the lag, not before."""
    made = [await turk.hit(QualificationRequirements=[LIKED]) for _ in range(2)]
    hits = {hit["HITId"] for hit in made}
    for hit_id in hits:
        await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    if "HITTypeId" in members:
        members = {"HITTypeId": made[0]["HITTypeId"]}

    async def listed() -> set[str]:
        return {hit["HITId"] for hit in (await turk(operation, **members))["HITs"]}

    assert await listed() == hits, "without a lag they are there at once"
    market.faults = Faults(lag=60)
    assert (await turk.get(made[0]["HITId"]))["HITStatus"] == "Reviewable"
    assert await listed() == set()
    await market.advance(SECOND * 60 - timedelta(milliseconds=1))
    assert await listed() == set()
    await market.advance(timedelta(milliseconds=1))
    assert await listed() == hits


@pytest.mark.parametrize("operation", ["ListHITs", "ListReviewableHITs"])
async def test_a_list_that_lags_loses_no_hit(market: Marketplace, turk: Requester, operation: str) -> None:
    """What is too new for a page comes up in a later walk: the hidden ones are neither passed over nor repeated."""
    market.faults = Faults(lag=10)
    hits = []
    for _ in range(6):
        hits.append((await turk.hit())["HITId"])
        await turk("UpdateExpirationForHIT", HITId=hits[-1], ExpireAt=0)
        await market.advance(SECOND * 4)

    async def walked(pause: timedelta) -> list[list[str]]:
        pages: list[list[str]] = []
        token: dict[str, str] = {}
        while not pages or token:
            page = await turk(operation, MaxResults=2, **token)
            pages.append([hit["HITId"] for hit in page["HITs"]])
            token = {"NextToken": page["NextToken"]} if "NextToken" in page else {}
            await market.advance(pause)
        return pages

    newest_first = operation == "ListHITs"
    listed = hits[3::-1] if newest_first else hits[:4]
    assert await walked(timedelta(0)) == [listed[:2], listed[2:], []], "two are younger than ten seconds"
    # While this walk goes on, the others grow old enough: a walk from the newest on has begun below them.
    in_time = listed if newest_first else hits
    assert list(chain.from_iterable(await walked(SECOND * 4))) == in_time
    assert list(chain.from_iterable(await walked(timedelta(0)))) == (hits[::-1] if newest_first else hits)
