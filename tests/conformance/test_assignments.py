"""What becomes of an assignment, and bonuses: the reference's lines 67-84, of which 80 is in `test_workers.py`."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import timedelta
from typing import Any

import pytest

from aioturk.marketplace import Marketplace
from tests.marketplace.support import ANNA, BERT, CARA, DORA, SCHEMAS, Requester, done, post

HOUR = timedelta(hours=1)
MOMENT = timedelta(milliseconds=1)
CALLED = "This operation can be called with a status of: "
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/events"


async def test_67_work_in_progress(market: Marketplace, turk: Requester) -> None:
    """What a worker has accepted is in no list and counted as pending; it is due the duration after the acceptance."""
    hit_id = (await turk.hit(AssignmentDurationInSeconds=300))["HITId"]
    accepted = market.now()
    assignment_id = await market.worker(ANNA).accept(hit_id)
    assert await turk.assignments(hit_id) == []
    assert (await turk.get(hit_id))["NumberOfAssignmentsPending"] == 1

    await market.advance(timedelta(seconds=300) - MOMENT)
    await market.worker(ANNA).submit(assignment_id, {"a": "b"})
    (assignment,) = await turk.assignments(hit_id)
    assert assignment["AcceptTime"] == accepted
    assert assignment["Deadline"] == accepted + timedelta(seconds=300)


async def test_68_work_in_progress_cannot_be_read_or_decided(market: Marketplace, turk: Requester) -> None:
    """GetAssignment refuses, and ApproveAssignment says that the status would have to be null."""
    hit_id = (await turk.hit())["HITId"]
    assignment_id = await market.worker(ANNA).accept(hit_id)
    read = await turk.refused("GetAssignment", AssignmentId=assignment_id)
    approve = await turk.refused("ApproveAssignment", AssignmentId=assignment_id)

    assert (read.type, read.code) == ("RequestError", "InvalidAssignmentState")
    assert read.message.startswith(f"{CALLED}Reviewable,Approved,Rejected (")
    assert (approve.type, approve.code) == ("RequestError", "InvalidAssignmentState")
    assert approve.message.startswith(f"{CALLED}null (")


async def test_69_no_bonus_for_work_in_progress(market: Marketplace, turk: Requester) -> None:
    """To SendBonus, an assignment in work does not exist."""
    hit_id = (await turk.hit())["HITId"]
    assignment_id = await market.worker(ANNA).accept(hit_id)
    refusal = await turk.refused("SendBonus", AssignmentId=assignment_id, WorkerId=ANNA, BonusAmount="1", Reason="r")

    assert (refusal.type, refusal.code) == ("RequestError", "AssignmentDoesNotExist")
    assert refusal.message.startswith(f"Assignment {assignment_id} does not exist. (")


async def test_70_submitted_work(market: Marketplace, turk: Requester) -> None:
    """A submission waits the delay for automatic approval, and its answer is XML in a string."""
    hit_id = (await turk.hit(AutoApprovalDelayInSeconds=600))["HITId"]
    assignment_id = await market.worker(ANNA).accept(hit_id)
    await market.advance(timedelta(seconds=42))
    await market.worker(ANNA).submit(assignment_id, {"age": "36"})
    (assignment,) = await turk.assignments(hit_id)

    assert assignment["AssignmentStatus"] == "Submitted"
    assert assignment["SubmitTime"] == market.now()
    assert assignment["AutoApprovalTime"] == market.now() + timedelta(seconds=600)
    root = ElementTree.fromstring(assignment["Answer"])
    space = f"{{{SCHEMAS}/2005-10-01/QuestionFormAnswers.xsd}}"
    assert root.tag == f"{space}QuestionFormAnswers"
    assert [(each.tag, each.text) for answer in root for each in answer] == [
        (f"{space}QuestionIdentifier", "age"),
        (f"{space}FreeText", "36"),
    ]


async def test_71_lists_by_state(market: Marketplace, turk: Requester) -> None:
    """Without a filter all three states are listed; with AssignmentStatuses, only those that it names."""
    hit_id = (await turk.hit(MaxAssignments=4))["HITId"]
    submitted, approved, rejected = await done(market, hit_id, ANNA, BERT, CARA)
    await market.worker(DORA).accept(hit_id)
    await turk("ApproveAssignment", AssignmentId=approved)
    await turk("RejectAssignment", AssignmentId=rejected, RequesterFeedback="no")

    async def listed(*statuses: str) -> dict[str, str]:
        members = {"AssignmentStatuses": list(statuses)} if statuses else {}
        found = await turk.assignments(hit_id, **members)
        return {assignment["AssignmentId"]: assignment["AssignmentStatus"] for assignment in found}

    every = {submitted: "Submitted", approved: "Approved", rejected: "Rejected"}
    assert await listed() == every
    for assignment_id, status in every.items():
        assert await listed(status) == {assignment_id: status}
    assert await listed("Rejected", "Submitted") == {submitted: "Submitted", rejected: "Rejected"}


async def test_72_an_assignment_comes_with_its_hit(market: Marketplace, turk: Requester) -> None:
    """GetAssignment answers the assignment, as it is listed, and the full HIT."""
    hit_id = (await turk.hit(Keywords="age", RequesterAnnotation="mine"))["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    answer = await turk("GetAssignment", AssignmentId=assignment_id)

    assert [answer["Assignment"]] == await turk.assignments(hit_id)
    assert answer["HIT"] == await turk.get(hit_id)
    assert {"Question", "Keywords", "RequesterAnnotation"} <= set(answer["HIT"])


async def test_73_approval(market: Marketplace, turk: Requester) -> None:
    """Approving sets time and feedback; the second time, the status would have to be Submitted."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await market.advance(HOUR)
    await turk("ApproveAssignment", AssignmentId=assignment_id, RequesterFeedback="Thanks, schön!")
    approved = await turk.assignments(hit_id)
    at = market.now()
    await market.advance(HOUR)
    again = await turk.refused("ApproveAssignment", AssignmentId=assignment_id, RequesterFeedback="Again.")

    (assignment,) = approved
    assert (assignment["AssignmentStatus"], assignment["ApprovalTime"]) == ("Approved", at)
    assert assignment["RequesterFeedback"] == "Thanks, schön!"
    assert (again.type, again.code) == ("RequestError", "InvalidAssignmentState")
    assert again.message.startswith(f"{CALLED}Submitted (")
    assert await turk.assignments(hit_id) == approved


async def test_74_rejection(market: Marketplace, turk: Requester) -> None:
    """Rejecting sets the time and frees no slot; what is approved cannot be rejected."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    first, second = await done(market, hit_id, ANNA, BERT)
    await turk("RejectAssignment", AssignmentId=first, RequesterFeedback="No.")
    await turk("ApproveAssignment", AssignmentId=second)
    rejected, _ = await turk.assignments(hit_id)
    refusal = await turk.refused("RejectAssignment", AssignmentId=second, RequesterFeedback="No.")

    assert (rejected["AssignmentStatus"], rejected["RejectionTime"]) == ("Rejected", market.now())
    assert "ApprovalTime" not in rejected
    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 2)
    assert refusal.code == "InvalidAssignmentState"
    assert (await turk.assignments(hit_id))[1]["AssignmentStatus"] == "Approved"


async def test_75_approving_after_all(market: Marketplace, turk: Requester) -> None:
    """Rejected work can be approved with OverrideRejection, within thirty days of submission, while the HIT exists."""
    hit_id = (await turk.hit(MaxAssignments=3))["HITId"]
    deleted = (await turk.hit())["HITId"]
    in_time, late = await done(market, hit_id, ANNA, BERT)
    (gone,) = await done(market, deleted, ANNA)
    for assignment_id in (in_time, late, gone):
        await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="No.")
    without = await turk.refused("ApproveAssignment", AssignmentId=in_time)
    await turk("DeleteHIT", HITId=deleted)
    after_deletion = await turk.refused("ApproveAssignment", AssignmentId=gone, OverrideRejection=True)

    await market.advance(timedelta(days=30))
    await turk("ApproveAssignment", AssignmentId=in_time, OverrideRejection=True)
    await market.advance(MOMENT)
    too_late = await turk.refused("ApproveAssignment", AssignmentId=late, OverrideRejection=True)

    assert {refusal.code for refusal in (without, after_deletion, too_late)} == {"InvalidAssignmentState"}
    assert [each["AssignmentStatus"] for each in await turk.assignments(hit_id)] == ["Approved", "Rejected"]
    assert [each["AssignmentStatus"] for each in await turk.assignments(deleted)] == ["Rejected"]


async def test_76_automatic_approval(market: Marketplace, turk: Requester) -> None:
    """Undecided work is approved at its AutoApprovalTime and not before; without a delay, as it is submitted."""
    hit_id = (await turk.hit(AutoApprovalDelayInSeconds=600))["HITId"]
    await done(market, hit_id, ANNA)
    await market.advance(timedelta(seconds=600) - MOMENT)
    assert (await turk.assignments(hit_id))[0]["AssignmentStatus"] == "Submitted"
    await market.advance(timedelta(days=1))
    (assignment,) = await turk.assignments(hit_id)
    assert assignment["AssignmentStatus"] == "Approved"
    assert assignment["ApprovalTime"] == assignment["AutoApprovalTime"]

    at_once = (await turk.hit(AutoApprovalDelayInSeconds=0))["HITId"]
    await done(market, at_once, ANNA)
    (assignment,) = await turk.assignments(at_once)
    assert assignment["AssignmentStatus"] == "Approved"
    assert assignment["ApprovalTime"] == assignment["SubmitTime"] == market.now()


@pytest.mark.parametrize("operation", ["ApproveAssignment", "RejectAssignment"])
async def test_77_feedback_that_cannot_be_given(market: Marketplace, turk: Requester, operation: str) -> None:
    """1,025 characters, and U+0001 among them, are refused, and nothing is decided; 1,024 can be given."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    for feedback in ("ü" * 1025, "a\x01b"):
        members = {"AssignmentId": assignment_id, "RequesterFeedback": feedback}
        answer = await post(market, operation, members)
        assert answer.status == 400
        assert (answer.json["__type"], answer.json["Parameter"]) == ("ParameterValidationError", "RequesterFeedback")
    assert (await turk.assignments(hit_id))[0]["AssignmentStatus"] == "Submitted"

    await turk(operation, AssignmentId=assignment_id, RequesterFeedback="ü" * 1024)


async def test_78_what_is_not_submitted(market: Marketplace, turk: Requester) -> None:
    """Returned and overdue work is gone, and told of; its slot is back unless the HIT has expired."""
    hit = await turk.hit(AssignmentDurationInSeconds=300)
    hit_id = hit["HITId"]
    events = ["AssignmentReturned", "AssignmentAbandoned"]
    notification = {"Destination": QUEUE, "Transport": "SQS", "Version": "2014-08-15", "EventTypes": events}
    await turk("UpdateNotificationSettings", HITTypeId=hit["HITTypeId"], Notification=notification)

    async def gone(assignment_id: str) -> None:
        for operation, members in (
            ("GetAssignment", {}),
            ("ApproveAssignment", {}),
            ("RejectAssignment", {"RequesterFeedback": "no"}),
        ):
            refusal = await turk.refused(operation, AssignmentId=assignment_id, **members)
            assert refusal.code == "AssignmentDoesNotExist"
        assert await turk.assignments(hit_id) == []

    worker = market.worker(ANNA)
    for expired in (False, True):
        after = ("Reviewable", 1, 0, 0) if expired else ("Assignable", 1, 0, 0)
        returned = await worker.accept(hit_id)
        abandoned_hit = (await turk.hit(AssignmentDurationInSeconds=300))["HITId"]
        abandoned = await worker.accept(abandoned_hit)
        if expired:
            for each in (hit_id, abandoned_hit):
                await turk("UpdateExpirationForHIT", HITId=each, ExpireAt=0)
        await worker.return_assignment(returned)
        assert await turk.counts(hit_id) == after
        await gone(returned)

        await market.advance(timedelta(seconds=300) - MOMENT)
        assert (await turk.counts(abandoned_hit))[2] == 1
        await market.advance(MOMENT)
        assert await turk.counts(abandoned_hit) == after
        await gone(abandoned)
        told = [(message.event, message.assignment_id) for message in await market.notifications]
        assert told[-2:] == list(zip(events, (returned, abandoned), strict=True))
    assert len(told) == 4


async def test_79_a_freed_id_goes_to_the_next_worker(market: Marketplace, turk: Requester) -> None:
    """The AssignmentId of what was returned or abandoned is the next worker's; nobody else gets it."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    anna, bert, cara = (market.worker(name) for name in (ANNA, BERT, CARA))
    freed = await anna.accept(hit_id)
    await anna.return_assignment(freed)
    assert await bert.accept(hit_id) == freed
    await market.advance(timedelta(seconds=300))
    assert await cara.accept(hit_id) == freed
    assert await bert.accept(hit_id) != freed

    await cara.submit(freed, {"a": "b"})
    assert (await turk("GetAssignment", AssignmentId=freed))["Assignment"]["WorkerId"] == CARA


async def test_81_completed_means_decided(market: Marketplace, turk: Requester) -> None:
    """Approved and rejected work is counted as completed, submitted work is not."""
    hit_id = (await turk.hit(MaxAssignments=5))["HITId"]
    first, second, _ = await done(market, hit_id, ANNA, BERT, CARA)
    assert (await turk.get(hit_id))["NumberOfAssignmentsCompleted"] == 0
    await turk("ApproveAssignment", AssignmentId=first)
    assert (await turk.get(hit_id))["NumberOfAssignmentsCompleted"] == 1
    await turk("RejectAssignment", AssignmentId=second, RequesterFeedback="no")
    assert (await turk.get(hit_id))["NumberOfAssignmentsCompleted"] == 2


async def test_82_bonuses(market: Marketplace, turk: Requester) -> None:
    """Without a token each call pays a bonus; of two calls with one token the first does, and the second fails."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    members = {"AssignmentId": assignment_id, "WorkerId": ANNA, "BonusAmount": "0.5", "Reason": "Good"}

    async def bonuses() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await turk("ListBonusPayments", AssignmentId=assignment_id))["BonusPayments"]
        return found

    await turk("SendBonus", **members)
    await turk("SendBonus", **members)
    assert await bonuses() == [{**members, "BonusAmount": "0.50", "GrantTime": market.now()}] * 2
    await turk("SendBonus", **members, UniqueRequestToken="once")
    refusal = await turk.refused("SendBonus", **members, UniqueRequestToken="once")
    assert (refusal.status, refusal.code) == (400, "DuplicateCall")
    assert len(await bonuses()) == 3


async def test_83_lists_of_bonuses(market: Marketplace, turk: Requester) -> None:
    """Bonuses are listed by HIT and by assignment; with neither of the two the request is refused."""
    hit_id, other = [(await turk.hit(MaxAssignments=2))["HITId"] for _ in range(2)]
    first, second = await done(market, hit_id, ANNA, BERT)
    (third,) = await done(market, other, CARA)
    for assignment_id, name in ((first, ANNA), (second, BERT), (third, CARA)):
        await turk("SendBonus", AssignmentId=assignment_id, WorkerId=name, BonusAmount="1", Reason="r")
    neither = await post(market, "ListBonusPayments")

    async def workers(**members: str) -> list[str]:
        return [bonus["WorkerId"] for bonus in (await turk("ListBonusPayments", **members))["BonusPayments"]]

    assert await workers(HITId=hit_id) == [ANNA, BERT]
    assert await workers(AssignmentId=second) == [BERT]
    assert (neither.status, neither.json["__type"]) == (400, "ParameterValidationError")


async def test_84_a_bonus_for_nobody_known(market: Marketplace, turk: Requester) -> None:
    """A bonus for an unknown worker is refused with the worker's id, and nothing is paid."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    members = {"AssignmentId": assignment_id, "BonusAmount": "1", "Reason": "r"}
    answer = await post(market, "SendBonus", {**members, "WorkerId": "A9UNKNOWN00000"})

    assert answer.status == 400
    assert (answer.json["__type"], answer.json["Parameter"]) == ("ParameterValidationError", "WorkerId")
    assert answer.json["Message"].startswith('The value "A9UNKNOWN00000" is not valid for the parameter WorkerId. (')
    assert (await turk("ListBonusPayments", HITId=hit_id))["BonusPayments"] == []
