"""Assignments and bonuses: reference section 14, lines 67-84."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aioturk import errors
from aioturk.marketplace import Marketplace

from .support import ANNA, BERT, CARA, Requester, done, post

MONTH = timedelta(days=30)


async def test_67_work_in_progress_is_invisible(market: Marketplace, turk: Requester) -> None:
    """An accepted assignment is counted as pending, and is in no list."""
    hit_id = (await turk.hit())["HITId"]
    await market.worker(ANNA).accept(hit_id)

    assert await turk.assignments(hit_id) == []
    assert await turk.counts(hit_id) == ("Unassignable", 0, 1, 0)


async def test_68_work_in_progress_cannot_be_read_or_decided(market: Marketplace, turk: Requester) -> None:
    """GetAssignment names the states it wants, Approve and Reject say null."""
    hit_id = (await turk.hit())["HITId"]
    assignment_id = await market.worker(ANNA).accept(hit_id)
    read = await turk.refused("GetAssignment", AssignmentId=assignment_id)
    approve = await turk.refused("ApproveAssignment", AssignmentId=assignment_id)
    reject = await turk.refused("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="no")

    assert {refusal.code for refusal in (read, approve, reject)} == {"InvalidAssignmentState"}
    called = "This operation can be called with a status of: "
    assert read.message.startswith(f"{called}Reviewable,Approved,Rejected (")
    assert approve.message.startswith(f"{called}null (")
    assert reject.message.startswith(f"{called}null (")


async def test_69_no_bonus_for_work_in_progress(market: Marketplace, turk: Requester) -> None:
    """To SendBonus, an assignment in work does not exist."""
    hit_id = (await turk.hit())["HITId"]
    assignment_id = await market.worker(ANNA).accept(hit_id)
    refusal = await turk.refused("SendBonus", AssignmentId=assignment_id, WorkerId=ANNA, BonusAmount="1", Reason="r")

    assert refusal.code == "AssignmentDoesNotExist"
    assert refusal.message.startswith(f"Assignment {assignment_id} does not exist. (")


async def test_70_72_submitted_work(market: Marketplace, turk: Requester) -> None:
    """A submission has its times, its answer, and is read together with its full HIT."""
    hit = await turk.hit(AutoApprovalDelayInSeconds=600)
    worker = market.worker(ANNA)
    assignment_id = await worker.accept(hit["HITId"])
    accepted = market.now()
    await market.advance(timedelta(seconds=42))
    await worker.submit(assignment_id, {"cats": ["x", "y"], "note": "a < b & ü ]]>", "blank": "", "hitId": "ignored"})
    (assignment,) = await turk.assignments(hit["HITId"])
    read = await turk("GetAssignment", AssignmentId=assignment_id)
    answer = assignment.pop("Answer")

    assert assignment == {
        "AssignmentId": assignment_id,
        "WorkerId": ANNA,
        "HITId": hit["HITId"],
        "AssignmentStatus": "Submitted",
        "AcceptTime": accepted,
        "SubmitTime": accepted + timedelta(seconds=42),
        "AutoApprovalTime": accepted + timedelta(seconds=642),
        "Deadline": accepted + timedelta(seconds=300),
    }
    assert answer.startswith('<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<QuestionFormAnswers ')
    assert "<QuestionIdentifier>cats</QuestionIdentifier>\n<FreeText>x|y</FreeText>" in answer
    assert "<FreeText>a &lt; b &amp; ü ]]&gt;</FreeText>" in answer
    assert "<FreeText/>" in answer
    assert "hitId" not in answer
    assert read["Assignment"] == {**assignment, "Answer": answer}
    assert read["HIT"] == await turk.get(hit["HITId"])


async def test_71_filters(market: Marketplace, turk: Requester) -> None:
    """Without a filter all three states are listed, the earliest submission first."""
    hit_id = (await turk.hit(MaxAssignments=4))["HITId"]
    first, second, third = await done(market, hit_id, ANNA, BERT, CARA)
    await turk("ApproveAssignment", AssignmentId=first)
    await turk("RejectAssignment", AssignmentId=second, RequesterFeedback="no")

    async def ids(*statuses: str) -> list[str]:
        members = {"AssignmentStatuses": list(statuses)} if statuses else {}
        return [assignment["AssignmentId"] for assignment in await turk.assignments(hit_id, **members)]

    assert await ids() == [first, second, third]
    assert await ids("Approved") == [first]
    assert await ids("Rejected", "Submitted") == [second, third]
    assert await ids("Submitted", "Submitted", "Approved", "Rejected") == [first, second, third]


async def test_73_approval(market: Marketplace, turk: Requester) -> None:
    """Approving sets time and feedback, once."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id, RequesterFeedback="Thanks!")
    (assignment,) = await turk.assignments(hit_id)
    again = await turk.refused("ApproveAssignment", AssignmentId=assignment_id)

    assert (assignment["AssignmentStatus"], assignment["ApprovalTime"]) == ("Approved", market.now())
    assert assignment["RequesterFeedback"] == "Thanks!"
    assert again.code == "InvalidAssignmentState"
    assert again.message.startswith("This operation can be called with a status of: Submitted (")


async def test_74_rejection(market: Marketplace, turk: Requester) -> None:
    """Rejecting sets time and feedback and frees no slot; what is approved cannot be rejected."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    first, second = await done(market, hit_id, ANNA, BERT)
    await turk("RejectAssignment", AssignmentId=first, RequesterFeedback="No.")
    await turk("ApproveAssignment", AssignmentId=second)
    rejected = (await turk.assignments(hit_id))[0]

    assert (rejected["AssignmentStatus"], rejected["RejectionTime"]) == ("Rejected", market.now())
    assert rejected["RequesterFeedback"] == "No."
    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 2)
    for assignment_id in (first, second):
        refusal = await turk.refused("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="No.")
        assert refusal.message.startswith("This operation can be called with a status of: Submitted (")


async def test_75_approving_after_all(market: Marketplace, turk: Requester) -> None:
    """What was rejected can be approved within thirty days of its submission, with OverrideRejection only."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    first, second = await done(market, hit_id, ANNA, BERT)
    for assignment_id in (first, second):
        await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="No.")
    assert (await turk.refused("ApproveAssignment", AssignmentId=first)).code == "InvalidAssignmentState"

    await market.advance(MONTH)
    await turk("ApproveAssignment", AssignmentId=first, OverrideRejection=True)
    await market.advance(timedelta(milliseconds=1))
    late = await turk.refused("ApproveAssignment", AssignmentId=second, OverrideRejection=True)
    approved = (await turk.assignments(hit_id))[0]

    assert approved["AssignmentStatus"] == "Approved"
    assert {"ApprovalTime", "RejectionTime"} <= set(approved)
    assert late.code == "InvalidAssignmentState"


async def test_75_not_after_deletion(market: Marketplace, turk: Requester) -> None:
    """Rejections of a deleted HIT stand."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="No.")
    await turk("DeleteHIT", HITId=hit_id)

    refusal = await turk.refused("ApproveAssignment", AssignmentId=assignment_id, OverrideRejection=True)
    assert refusal.code == "InvalidAssignmentState"


async def test_76_automatic_approval(market: Marketplace, turk: Requester) -> None:
    """Undecided work is approved at its AutoApprovalTime, exactly."""
    hit_id = (await turk.hit(AutoApprovalDelayInSeconds=600))["HITId"]
    await done(market, hit_id, ANNA)
    await market.advance(timedelta(seconds=600) - timedelta(milliseconds=1))
    assert (await turk.assignments(hit_id))[0]["AssignmentStatus"] == "Submitted"
    await market.advance(timedelta(days=1))
    (assignment,) = await turk.assignments(hit_id)

    assert assignment["AssignmentStatus"] == "Approved"
    assert assignment["ApprovalTime"] == assignment["AutoApprovalTime"]
    assert "RequesterFeedback" not in assignment
    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 1)


async def test_76_a_delay_of_zero_approves_at_once(market: Marketplace, turk: Requester) -> None:
    """Without a delay, work is approved as it is submitted."""
    hit_id = (await turk.hit(AutoApprovalDelayInSeconds=0))["HITId"]
    await done(market, hit_id, ANNA)
    (assignment,) = await turk.assignments(hit_id)

    assert assignment["AssignmentStatus"] == "Approved"
    assert assignment["ApprovalTime"] == assignment["SubmitTime"]


@pytest.mark.parametrize("feedback", ["x" * 1025, "a\x01b", "\x1f"])
async def test_77_feedback_that_cannot_be_given(market: Marketplace, turk: Requester, feedback: str) -> None:
    """Too long a feedback, or one with control characters, is refused; nothing is decided."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    for operation in ("ApproveAssignment", "RejectAssignment"):
        refusal = await turk.refused(operation, AssignmentId=assignment_id, RequesterFeedback=feedback)
        assert refusal.type == "ParameterValidationError"
        assert refusal.message.startswith("The value ")

    assert (await turk.assignments(hit_id))[0]["AssignmentStatus"] == "Submitted"


async def test_77_a_rejection_needs_a_reason(market: Marketplace, turk: Requester) -> None:
    """An empty feedback is too short for a rejection."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    refusal = await turk.refused("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="")

    assert refusal.message.startswith("Your request parameter RequesterFeedback  has a minimum length of 1. (")


async def test_78_a_return(market: Marketplace, turk: Requester) -> None:
    """A returned assignment is gone, and its slot is back."""
    hit_id = (await turk.hit())["HITId"]
    worker = market.worker(ANNA)
    assignment_id = await worker.accept(hit_id)
    await worker.return_assignment(assignment_id)

    assert await turk.counts(hit_id) == ("Assignable", 1, 0, 0)
    for operation in ("GetAssignment", "ApproveAssignment"):
        assert (await turk.refused(operation, AssignmentId=assignment_id)).code == "AssignmentDoesNotExist"


async def test_78_an_abandonment(market: Marketplace, turk: Requester) -> None:
    """A missed deadline takes the assignment away: exactly at the deadline, and not before."""
    hit_id = (await turk.hit())["HITId"]
    worker = market.worker(ANNA)
    assignment_id = await worker.accept(hit_id)
    await market.advance(timedelta(seconds=300) - timedelta(milliseconds=1))
    assert await turk.counts(hit_id) == ("Unassignable", 0, 1, 0)
    await market.advance(timedelta(milliseconds=1))

    assert await turk.counts(hit_id) == ("Assignable", 1, 0, 0)
    assert (await turk.refused("GetAssignment", AssignmentId=assignment_id)).code == "AssignmentDoesNotExist"
    with pytest.raises(errors.AssignmentDoesNotExist):
        await worker.submit(assignment_id, {"a": "b"})


async def test_79_a_freed_id_goes_to_the_next_worker(market: Marketplace, turk: Requester) -> None:
    """The id of a returned assignment is used again; a second acceptance gets an id of its own."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    anna, bert, cara = (market.worker(name) for name in (ANNA, BERT, CARA))
    freed = await anna.accept(hit_id)
    await anna.return_assignment(freed)

    assert await bert.accept(hit_id) == freed
    assert await cara.accept(hit_id) != freed
    with pytest.raises(errors.AssignmentDoesNotExist):
        await anna.submit(freed, {"a": "b"})
    await bert.submit(freed, {"a": "b"})
    assert (await turk("GetAssignment", AssignmentId=freed))["Assignment"]["WorkerId"] == BERT


async def test_80_one_submission_for_each_worker(market: Marketplace, turk: Requester) -> None:
    """Who submitted a HIT cannot accept it again; who returned it can."""
    hit_id = (await turk.hit(MaxAssignments=5))["HITId"]
    anna, bert = market.worker(ANNA), market.worker(BERT)
    assignment_id = await anna.accept(hit_id)
    with pytest.raises(errors.AssignmentAlreadyExists):
        await anna.accept(hit_id)
    await anna.submit(assignment_id, {"a": "b"})
    with pytest.raises(errors.AssignmentAlreadyExists):
        await anna.accept(hit_id)
    await bert.return_assignment(await bert.accept(hit_id))
    assert await bert.accept(hit_id)


async def test_81_completed_means_decided(market: Marketplace, turk: Requester) -> None:
    """Submitted work is in none of the three counters."""
    hit_id = (await turk.hit(MaxAssignments=5))["HITId"]
    first, _ = await done(market, hit_id, ANNA, BERT)
    await market.worker(CARA).accept(hit_id)
    await turk("ApproveAssignment", AssignmentId=first)

    assert await turk.counts(hit_id) == ("Assignable", 2, 1, 1)


async def test_82_bonuses(market: Marketplace, turk: Requester) -> None:
    """Without a token every call pays; with one, the first only."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    members = {"AssignmentId": assignment_id, "WorkerId": ANNA, "BonusAmount": "0.5", "Reason": "Good"}
    await turk("SendBonus", **members)
    await turk("SendBonus", **members)
    await turk("SendBonus", **members, UniqueRequestToken="once")
    refusal = await turk.refused("SendBonus", **members, UniqueRequestToken="once")
    bonuses = (await turk("ListBonusPayments", AssignmentId=assignment_id))["BonusPayments"]

    assert refusal.code == "DuplicateCall"
    assert refusal.message.startswith('The idempotency token "once" has already been processed.')
    assert (
        bonuses
        == [
            {
                "WorkerId": ANNA,
                "BonusAmount": "0.50",
                "AssignmentId": assignment_id,
                "Reason": "Good",
                "GrantTime": market.now(),
            }
        ]
        * 3
    )


@pytest.mark.parametrize("decision", ["ApproveAssignment", "RejectAssignment"])
async def test_82_bonuses_do_not_mind_decisions(market: Marketplace, turk: Requester, decision: str) -> None:
    """Approved and rejected work can be rewarded, after the HIT was deleted, too."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk(decision, AssignmentId=assignment_id, RequesterFeedback="so")
    await turk("DeleteHIT", HITId=hit_id)
    await turk("SendBonus", AssignmentId=assignment_id, WorkerId=ANNA, BonusAmount="0.01", Reason="r")


async def test_83_lists_of_bonuses(market: Marketplace, turk: Requester) -> None:
    """They are listed by HIT and by assignment; one of the two must be given."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    first, second = await done(market, hit_id, ANNA, BERT)
    for assignment_id, name in ((first, ANNA), (second, BERT)):
        await turk("SendBonus", AssignmentId=assignment_id, WorkerId=name, BonusAmount="1", Reason="r")
    neither = await post(market, "ListBonusPayments")

    async def workers(**members: str) -> list[str]:
        return [bonus["WorkerId"] for bonus in (await turk("ListBonusPayments", **members))["BonusPayments"]]

    assert await workers(HITId=hit_id) == [ANNA, BERT]
    assert await workers(AssignmentId=second) == [BERT]
    assert await workers(HITId=hit_id, AssignmentId=first) == [ANNA]
    assert neither.json["__type"] == "ParameterValidationError"
    assert (await turk.refused("ListBonusPayments", AssignmentId="3NOSUCH")).code == "AssignmentDoesNotExist"


async def test_84_bonuses_to_others(market: Marketplace, turk: Requester) -> None:
    """A bonus to anybody but the assignment's worker is refused."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    members = {"AssignmentId": assignment_id, "BonusAmount": "1", "Reason": "r"}
    await market.worker(BERT).return_assignment(await market.worker(BERT).accept((await turk.hit())["HITId"]))

    for stranger in (BERT, "A9UNKNOWN00000"):
        refusal = await turk.refused("SendBonus", **members, WorkerId=stranger)
        assert refusal.type == "ParameterValidationError"
        assert refusal.message.startswith(f'The value "{stranger}" is not valid for the parameter WorkerId. (')
    assert (await turk("ListBonusPayments", HITId=hit_id))["BonusPayments"] == []


async def test_a_bonus_needs_a_reason(market: Marketplace, turk: Requester) -> None:
    """An empty reason is too short."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    refusal = await turk.refused("SendBonus", AssignmentId=assignment_id, WorkerId=ANNA, BonusAmount="1", Reason="")
    assert refusal.message.startswith("Your request parameter Reason  has a minimum length of 1. (")


@pytest.mark.parametrize("amount", ["0", "0.00"])
async def test_a_bonus_of_nothing_is_refused(market: Marketplace, turk: Requester, amount: str) -> None:
    """A bonus must be more than nothing."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    refusal = await turk.refused("SendBonus", AssignmentId=assignment_id, WorkerId=ANNA, BonusAmount=amount, Reason="r")
    assert refusal.type == "ParameterValidationError"


@pytest.mark.parametrize("operation", ["GetAssignment", "ApproveAssignment", "RejectAssignment", "SendBonus"])
async def test_unknown_assignments(turk: Requester, operation: str) -> None:
    """Whatever takes an assignment's id refuses one that does not exist."""
    members = {
        "RejectAssignment": {"RequesterFeedback": "no"},
        "SendBonus": {"WorkerId": ANNA, "BonusAmount": "1", "Reason": "r"},
    }
    refusal = await turk.refused(operation, AssignmentId="3NOSUCH", **members.get(operation, {}))

    assert refusal.code == "AssignmentDoesNotExist"
    assert refusal.message.startswith("Assignment 3NOSUCH does not exist. (")


async def test_12_empty_feedback_is_left_out(market: Marketplace, turk: Requester) -> None:
    """An approval with empty feedback reads back without any."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id, RequesterFeedback="")

    assert "RequesterFeedback" not in (await turk.assignments(hit_id))[0]
