"""What becomes of a HIT, from the market to its disposal: the reference's lines 47-66."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aioturk.marketplace import Marketplace
from tests.marketplace.support import ANNA, BERT, CARA, DORA, EMIL, HIT, Requester, done, post

HOUR = timedelta(hours=1)
MOMENT = timedelta(milliseconds=1)
REQUIREMENT: dict[str, Any] = {
    "QualificationTypeId": "00000000000000000040",
    "Comparator": "GreaterThanOrEqualTo",
    "IntegerValues": [0],
}
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/events"


def _out_of_range(seconds: int) -> str:
    return f"The value {seconds} is invalid for ExpirationIncrementInSeconds. Valid values range from 60 to 31536000. ("


async def test_47_the_documented_example(market: Marketplace, turk: Requester) -> None:
    """The table of the documentation, step by step: status, available, pending."""
    hit_id = (await turk.hit(MaxAssignments=5))["HITId"]
    workers = [market.worker(name) for name in (ANNA, BERT, CARA, DORA, EMIL)]
    assert await turk.counts(hit_id) == ("Assignable", 5, 0, 0)

    held = [await worker.accept(hit_id) for worker in workers[:3]]
    assert await turk.counts(hit_id) == ("Assignable", 2, 3, 0)

    held += [await worker.accept(hit_id) for worker in workers[3:]]
    for place in (0, 1):
        await workers[place].submit(held[place], {"a": "b"})
    assert await turk.counts(hit_id) == ("Unassignable", 0, 3, 0)

    await workers[2].return_assignment(held[2])
    assert await turk.counts(hit_id) == ("Assignable", 1, 2, 0)

    held[2] = await workers[2].accept(hit_id)
    for place in (2, 3, 4):
        await workers[place].submit(held[place], {"a": "b"})
    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 0)


async def test_48_expiry(market: Marketplace, turk: Requester) -> None:
    """With nothing open an expired HIT is Reviewable; with work open it is Unassignable until that ends."""
    members = {"MaxAssignments": 3, "AssignmentDurationInSeconds": 7200}
    idle, busy = [(await turk.hit(**members))["HITId"] for _ in range(2)]
    anna, bert = market.worker(ANNA), market.worker(BERT)
    submitted, returned = await anna.accept(busy), await bert.accept(busy)
    await market.advance(HOUR - MOMENT)
    assert await turk.counts(idle) == ("Assignable", 3, 0, 0)
    assert await turk.counts(busy) == ("Assignable", 1, 2, 0)

    await market.advance(MOMENT)
    assert await turk.counts(idle) == ("Reviewable", 3, 0, 0)
    assert await turk.counts(busy) == ("Unassignable", 1, 2, 0)
    await anna.submit(submitted, {"a": "b"})
    assert await turk.counts(busy) == ("Unassignable", 1, 1, 0)
    await bert.return_assignment(returned)
    assert await turk.counts(busy) == ("Reviewable", 2, 0, 0)


async def test_49_a_return_after_expiry(market: Marketplace, turk: Requester) -> None:
    """What is returned after expiry does not make the HIT Assignable, be it while others work or at the end."""
    hit_id = (await turk.hit(MaxAssignments=2, AssignmentDurationInSeconds=7200))["HITId"]
    anna, bert = market.worker(ANNA), market.worker(BERT)
    first, second = await anna.accept(hit_id), await bert.accept(hit_id)
    await market.advance(HOUR)

    await anna.return_assignment(first)
    assert (await turk.get(hit_id))["HITStatus"] == "Unassignable"
    await bert.return_assignment(second)
    assert (await turk.get(hit_id))["HITStatus"] == "Reviewable"


async def test_50_forced_expiry(market: Marketplace, turk: Requester) -> None:
    """ExpireAt 0 ends a HIT at once; again, it succeeds and changes nothing."""
    hit_id = (await turk.hit())["HITId"]
    await market.advance(timedelta(minutes=1))
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    hit = await turk.get(hit_id)
    await market.advance(timedelta(minutes=1))
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)

    assert hit["HITStatus"] == "Reviewable"
    assert hit["Expiration"] - hit["CreationTime"] == timedelta(minutes=1)
    assert await turk.get(hit_id) == hit


async def test_51_a_short_extension(market: Marketplace) -> None:
    """Eleven seconds more are refused with the range, and with the name of a member that no request has."""
    hit = (await post(market, "CreateHIT", HIT)).json["HIT"]
    answer = await post(
        market, "UpdateExpirationForHIT", {"HITId": hit["HITId"], "ExpireAt": round(hit["Expiration"] + 11, 3)}
    )

    assert answer.status == 400
    assert answer.json["__type"] == "ParameterValidationError"
    assert answer.json["Parameter"] == "ExpirationIncrementInSeconds"
    assert answer.json["Message"].startswith(_out_of_range(11))


async def test_52_no_hit_is_shortened(turk: Requester) -> None:
    """An earlier time that has not come yet is an extension by a negative number; Expiration stays."""
    hit = await turk.hit()
    earlier = hit["Expiration"] - timedelta(seconds=100)
    refusal = await turk.refused("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=earlier)

    assert refusal.type == "ParameterValidationError"
    assert refusal.message.startswith(_out_of_range(-100))
    assert await turk.get(hit["HITId"]) == hit


async def test_53_the_same_extension_twice(turk: Requester) -> None:
    """The hidden token of HIT and time is looked at before the range, and told as Java writes times."""
    hit = await turk.hit()
    until = datetime(2030, 3, 17, 19, 46, 40, tzinfo=UTC)
    await turk("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=until)
    assert (await turk.get(hit["HITId"]))["Expiration"] == until
    refusal = await turk.refused("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=until)

    token = f"{hit['HITId']}Sun Mar 17 19:46:40 UTC 2030"
    assert (refusal.status, refusal.code) == (400, "DuplicateCall")
    assert refusal.message.startswith(f'The idempotency token "{token}" has already been processed. (')
    assert (await turk.get(hit["HITId"]))["Expiration"] == until


async def test_54_extending_an_expired_hit(market: Marketplace, turk: Requester) -> None:
    """An expired HIT that is Reviewable with slots left is Assignable again; workers can accept it."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    await done(market, hit_id, ANNA)
    await market.advance(2 * HOUR)
    assert await turk.counts(hit_id) == ("Reviewable", 1, 0, 0)
    until = market.now() + HOUR
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=until)

    assert await turk.counts(hit_id) == ("Assignable", 1, 0, 0)
    assert (await turk.get(hit_id))["Expiration"] == until
    assert await market.worker(BERT).accept(hit_id)


async def test_55_additional_assignments(market: Marketplace, turk: Requester) -> None:
    """A Reviewable HIT that has not expired becomes Assignable; MaxAssignments and Available grow by as many."""
    hit_id = (await turk.hit())["HITId"]
    await done(market, hit_id, ANNA)
    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 0)
    await turk("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=2)

    assert await turk.counts(hit_id) == ("Assignable", 2, 0, 0)
    assert (await turk.get(hit_id))["MaxAssignments"] == 3


async def test_56_additional_assignments_of_an_expired_hit(market: Marketplace, turk: Requester) -> None:
    """They are counted as available, and the HIT stays Reviewable."""
    hit_id = (await turk.hit())["HITId"]
    await market.advance(2 * HOUR)
    assert await turk.counts(hit_id) == ("Reviewable", 1, 0, 0)
    await turk("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=2)

    assert await turk.counts(hit_id) == ("Reviewable", 3, 0, 0)
    assert (await turk.get(hit_id))["MaxAssignments"] == 3


async def test_57_small_hits_stay_small(turk: Requester) -> None:
    """From nine assignments to ten is refused; from five to nine, and from ten to fifteen, is not."""
    nine, five, ten = [(await turk.hit(MaxAssignments=most))["HITId"] for most in (9, 5, 10)]
    operation = "CreateAdditionalAssignmentsForHIT"
    refusal = await turk.refused(operation, HITId=nine, NumberOfAdditionalAssignments=1)
    await turk(operation, HITId=five, NumberOfAdditionalAssignments=4)
    await turk(operation, HITId=ten, NumberOfAdditionalAssignments=5)

    assert (refusal.type, refusal.code) == ("RequestError", "InvalidMaximumAssignmentsIncrease")
    assert [(await turk.get(hit_id))["MaxAssignments"] for hit_id in (nine, five, ten)] == [9, 9, 15]


async def test_58_additional_assignments_with_a_used_token(turk: Requester) -> None:
    """The second call with a token is refused and adds nothing."""
    hit_id = (await turk.hit())["HITId"]
    members = {"HITId": hit_id, "NumberOfAdditionalAssignments": 1, "UniqueRequestToken": "once"}
    await turk("CreateAdditionalAssignmentsForHIT", **members)
    refusal = await turk.refused("CreateAdditionalAssignmentsForHIT", **members)

    assert (refusal.status, refusal.code) == (400, "DuplicateCall")
    assert refusal.message.startswith('The idempotency token "once" has already been processed.')
    assert (await turk.get(hit_id))["MaxAssignments"] == 2


async def test_59_the_mark_of_being_reviewed(market: Marketplace, turk: Requester) -> None:
    """UpdateHITReviewStatus moves between Reviewable and Reviewing, and only there; HITReviewStatus never changes."""
    hit_id = (await turk.hit())["HITId"]

    async def both() -> tuple[str, str]:
        hit = await turk.get(hit_id)
        return hit["HITStatus"], hit["HITReviewStatus"]

    for revert in (False, True):
        refusal = await turk.refused("UpdateHITReviewStatus", HITId=hit_id, Revert=revert)
        assert refusal.code == "InvalidHITState"
        assert refusal.message.startswith("This HIT is currently in the state 'Assignable'.  ")
    assert await both() == ("Assignable", "NotReviewed")

    await done(market, hit_id, ANNA)
    await turk("UpdateHITReviewStatus", HITId=hit_id)
    assert await both() == ("Reviewing", "NotReviewed")
    await turk("UpdateHITReviewStatus", HITId=hit_id, Revert=True)
    assert await both() == ("Reviewable", "NotReviewed")
    await turk("UpdateHITReviewStatus", HITId=hit_id, Revert=False)
    assert await both() == ("Reviewing", "NotReviewed")


async def test_60_moving_a_hit_to_another_type(market: Marketplace, turk: Requester) -> None:
    """All that the type says follows, and nothing else; once somebody has accepted the HIT, it cannot be moved."""
    hit = await turk.hit(RequesterAnnotation="mine", MaxAssignments=3)
    properties: dict[str, Any] = {
        "Title": "Another title",
        "Description": "Another description.",
        "Keywords": "another",
        "Reward": "0.50",
        "AssignmentDurationInSeconds": 600,
        "AutoApprovalDelayInSeconds": 86_400,
        "QualificationRequirements": [{**REQUIREMENT, "RequiredToPreview": False, "ActionsGuarded": "Accept"}],
    }
    requested = {**properties, "QualificationRequirements": [REQUIREMENT]}
    type_id = (await turk("CreateHITType", **requested))["HITTypeId"]
    like_it = await turk.hit(**requested)
    await turk("UpdateHITTypeOfHIT", HITId=hit["HITId"], HITTypeId=type_id)

    group_id = like_it["HITGroupId"]
    assert group_id != hit["HITGroupId"]
    assert await turk.get(hit["HITId"]) == {**hit, **properties, "HITTypeId": type_id, "HITGroupId": group_id}

    await market.worker(ANNA).accept(hit["HITId"])
    refusal = await turk.refused("UpdateHITTypeOfHIT", HITId=hit["HITId"], HITTypeId=hit["HITTypeId"])
    assert refusal.type == "RequestError"
    assert (await turk.get(hit["HITId"]))["HITTypeId"] == type_id


async def test_61_a_hit_on_the_market_cannot_be_deleted(market: Marketplace, turk: Requester) -> None:
    """The refusal names the HIT's state and, after two blanks, the states that would do."""
    hit_id = (await turk.hit())["HITId"]
    assignable = await turk.refused("DeleteHIT", HITId=hit_id)
    await market.worker(ANNA).accept(hit_id)
    unassignable = await turk.refused("DeleteHIT", HITId=hit_id)

    for refusal, state in ((assignable, "Assignable"), (unassignable, "Unassignable")):
        assert (refusal.type, refusal.code) == ("RequestError", "InvalidHITState")
        assert refusal.message.startswith(
            f"This HIT is currently in the state '{state}'.  "
            "This operation can be called with a status of: Reviewing, Reviewable ("
        )


async def test_62_a_hit_with_undecided_work_cannot_be_deleted(market: Marketplace, turk: Requester) -> None:
    """The code is the same; when the work is approved or rejected, the HIT can be deleted."""
    for operation in ("ApproveAssignment", "RejectAssignment"):
        hit_id = (await turk.hit())["HITId"]
        (assignment_id,) = await done(market, hit_id, ANNA)
        refusal = await turk.refused("DeleteHIT", HITId=hit_id)
        assert refusal.code == "InvalidHITState"
        assert refusal.message.startswith("This HIT is currently in the state 'Reviewable'.  ")

        await turk(operation, AssignmentId=assignment_id, RequesterFeedback="so")
        await turk("DeleteHIT", HITId=hit_id)


async def test_63_deleting_in_review_and_twice(turk: Requester) -> None:
    """A HIT in review can be deleted; the second DeleteHIT is told that it is Disposed."""
    hit_id = (await turk.hit())["HITId"]
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    await turk("UpdateHITReviewStatus", HITId=hit_id)
    assert (await turk.get(hit_id))["HITStatus"] == "Reviewing"
    await turk("DeleteHIT", HITId=hit_id)
    refusal = await turk.refused("DeleteHIT", HITId=hit_id)

    assert refusal.code == "InvalidHITState"
    assert refusal.message.startswith("This HIT is currently in the state 'Disposed'.  ")


async def test_64_a_deleted_hit_is_in_no_list(turk: Requester) -> None:
    """A deleted HIT is in none of the three lists of HITs, though those of its kind still are."""
    lists: list[tuple[str, dict[str, Any]]] = [
        ("ListHITs", {}),
        ("ListReviewableHITs", {}),
        ("ListReviewableHITs", {"Status": "Reviewing"}),
        ("ListHITsForQualificationType", {"QualificationTypeId": REQUIREMENT["QualificationTypeId"]}),
    ]
    hits = [(await turk.hit(QualificationRequirements=[REQUIREMENT]))["HITId"] for _ in range(4)]
    reviewable, reviewing, *kept = hits
    for hit_id in hits:
        await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    for hit_id in (reviewing, kept[1]):
        await turk("UpdateHITReviewStatus", HITId=hit_id)

    async def listed() -> list[set[str]]:
        return [{hit["HITId"] for hit in (await turk(operation, **asked))["HITs"]} for operation, asked in lists]

    assert await listed() == [set(hits), {reviewable, kept[0]}, {reviewing, kept[1]}, set(hits)]
    for hit_id in (reviewable, reviewing):
        await turk("DeleteHIT", HITId=hit_id)
    assert await listed() == [set(kept), {kept[0]}, {kept[1]}, set(kept)]


async def test_65_reviewable_hits_are_ids(market: Marketplace) -> None:
    """Items of ListReviewableHITs have no other key; the state is Reviewable unless told; HITTypeId filters."""
    hits = [(await post(market, "CreateHIT", {**HIT, **more})).json["HIT"] for more in ({}, {"Title": "Other"}, {})]
    reviewable, other, reviewing = [{"HITId": hit["HITId"]} for hit in hits]
    on_the_market = {"HITId": (await post(market, "CreateHIT", HIT)).json["HIT"]["HITId"]}
    for hit in (reviewable, other, reviewing):
        await post(market, "UpdateExpirationForHIT", {**hit, "ExpireAt": 0})
    await post(market, "UpdateHITReviewStatus", reviewing)

    async def listed(**members: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await post(market, "ListReviewableHITs", members)).json["HITs"]
        assert on_the_market not in found
        return found

    assert await listed() == await listed(Status="Reviewable") == [reviewable, other]
    assert await listed(Status="Reviewing") == [reviewing]
    assert await listed(HITTypeId=hits[1]["HITTypeId"]) == [other]
    assert await listed(HITTypeId=hits[0]["HITTypeId"]) == [reviewable]
    assert await listed(HITTypeId=hits[0]["HITTypeId"], Status="Reviewing") == [reviewing]


async def test_66_disposal_after_120_days(market: Marketplace, turk: Requester) -> None:
    """120 days after it became Reviewable a HIT is Disposed, and the requester is told."""
    hit = await turk.hit()
    notification = {
        "Destination": QUEUE,
        "Transport": "SQS",
        "Version": "2014-08-15",
        "EventTypes": ["HITReviewable", "HITDisposed"],
    }
    await turk("UpdateNotificationSettings", HITTypeId=hit["HITTypeId"], Notification=notification)
    await market.advance(HOUR + timedelta(days=120) - MOMENT)
    assert (await turk.get(hit["HITId"]))["HITStatus"] == "Reviewable"
    assert [message.event for message in await market.notifications] == ["HITReviewable"]

    await market.advance(MOMENT)
    assert (await turk.get(hit["HITId"]))["HITStatus"] == "Disposed"
    _, message = await market.notifications
    assert (message.event, message.at, message.hit_id) == ("HITDisposed", market.now(), hit["HITId"])
