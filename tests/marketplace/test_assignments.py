"""Assignments and bonuses: finer points than those of the conformance tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aioturk import errors
from aioturk.marketplace import AMAZON, Marketplace

from .support import ANNA, BERT, CARA, Requester, StillClock, done


async def test_work_in_progress_cannot_be_rejected(market: Marketplace, turk: Requester) -> None:
    """RejectAssignment says the same null as ApproveAssignment."""
    hit_id = (await turk.hit())["HITId"]
    assignment_id = await market.worker(ANNA).accept(hit_id)
    refusal = await turk.refused("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="no")

    assert refusal.code == "InvalidAssignmentState"
    assert refusal.message.startswith("This operation can be called with a status of: null (")


async def test_submitted_work(market: Marketplace, turk: Requester) -> None:
    """A submission has all its members and no others, and its answer is written as the service writes it."""
    hit = await turk.hit(AutoApprovalDelayInSeconds=600)
    worker = market.worker(ANNA)
    assignment_id = await worker.accept(hit["HITId"])
    accepted = market.now()
    await market.advance(timedelta(seconds=42))
    await worker.submit(assignment_id, {"cats": ["x", "y"], "note": "a < b & ü ]]>", "blank": "", "hitId": "ignored"})
    (assignment,) = await turk.assignments(hit["HITId"])
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


async def test_the_earliest_submission_is_listed_first(market: Marketplace, turk: Requester) -> None:
    """Whatever became of it, and however often a state is asked for."""
    hit_id = (await turk.hit(MaxAssignments=4))["HITId"]
    made = await done(market, hit_id, CARA, ANNA, BERT)
    await turk("ApproveAssignment", AssignmentId=made[1])
    await turk("RejectAssignment", AssignmentId=made[0], RequesterFeedback="no")
    listed = await turk.assignments(hit_id, AssignmentStatuses=["Submitted", "Submitted", "Approved", "Rejected"])

    assert [assignment["AssignmentId"] for assignment in listed] == made


async def test_what_is_rejected_cannot_be_rejected_again(market: Marketplace, turk: Requester) -> None:
    """The status would have to be Submitted; the first reason stays."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="No.")
    refusal = await turk.refused("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="Never.")

    assert refusal.message.startswith("This operation can be called with a status of: Submitted (")
    assert (await turk.assignments(hit_id))[0]["RequesterFeedback"] == "No."


async def test_a_rejection_is_remembered(market: Marketplace, turk: Requester) -> None:
    """What was approved after all has both times."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="No.")
    rejected = market.now()
    await market.advance(timedelta(hours=1))
    await turk("ApproveAssignment", AssignmentId=assignment_id, OverrideRejection=True)
    (assignment,) = await turk.assignments(hit_id)

    assert (assignment["RejectionTime"], assignment["ApprovalTime"]) == (rejected, market.now())


async def test_automatic_approval_says_nothing(market: Marketplace, turk: Requester) -> None:
    """It is counted like any other, and has no feedback."""
    hit_id = (await turk.hit(AutoApprovalDelayInSeconds=600))["HITId"]
    await done(market, hit_id, ANNA)
    await market.advance(timedelta(seconds=600))

    assert "RequesterFeedback" not in (await turk.assignments(hit_id))[0]
    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 1)


@pytest.mark.parametrize("feedback", ["\x1f", "a\x0bb"])
async def test_control_characters_in_feedback(market: Marketplace, turk: Requester, feedback: str) -> None:
    """No control character but tab and the ends of lines can be given."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    refusal = await turk.refused("ApproveAssignment", AssignmentId=assignment_id, RequesterFeedback=feedback)
    assert refusal.type == "ParameterValidationError"

    await turk("ApproveAssignment", AssignmentId=assignment_id, RequesterFeedback="a\tb\r\nc")
    assert (await turk.assignments(hit_id))[0]["RequesterFeedback"] == "a\tb\r\nc"


async def test_the_reason_of_a_rejection_may_be_empty(market: Marketplace, turk: Requester) -> None:
    """A program, psiTurk, sends an empty feedback with every rejection, so it is taken, as a missing one is not."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="")

    (found,) = await turk.assignments(hit_id)
    assert found["AssignmentStatus"] == "Rejected"
    assert "RequesterFeedback" not in found


async def test_a_missed_deadline(market: Marketplace, turk: Requester) -> None:
    """What is overdue can no longer be submitted."""
    hit_id = (await turk.hit())["HITId"]
    worker = market.worker(ANNA)
    assignment_id = await worker.accept(hit_id)
    await market.advance(timedelta(seconds=300))

    with pytest.raises(errors.AssignmentDoesNotExist):
        await worker.submit(assignment_id, {"a": "b"})


async def test_who_returned_an_assignment_cannot_submit_it(market: Marketplace, turk: Requester) -> None:
    """Not even when its id has become somebody else's."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    anna, bert = market.worker(ANNA), market.worker(BERT)
    freed = await anna.accept(hit_id)
    await anna.return_assignment(freed)
    assert await bert.accept(hit_id) == freed

    with pytest.raises(errors.AssignmentDoesNotExist):
        await anna.submit(freed, {"a": "b"})


@pytest.mark.parametrize("decision", ["ApproveAssignment", "RejectAssignment"])
async def test_bonuses_do_not_mind_decisions(market: Marketplace, turk: Requester, decision: str) -> None:
    """Approved and rejected work can be rewarded, after the HIT was deleted, too."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk(decision, AssignmentId=assignment_id, RequesterFeedback="so")
    await turk("DeleteHIT", HITId=hit_id)
    await turk("SendBonus", AssignmentId=assignment_id, WorkerId=ANNA, BonusAmount="0.01", Reason="r")


async def test_of_hit_and_assignment_the_assignment_counts(market: Marketplace, turk: Requester) -> None:
    """Bonuses that are asked for by both are the assignment's, which has to exist."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    first, second = await done(market, hit_id, ANNA, BERT)
    for assignment_id, name in ((first, ANNA), (second, BERT)):
        await turk("SendBonus", AssignmentId=assignment_id, WorkerId=name, BonusAmount="1", Reason="r")
    (bonus,) = (await turk("ListBonusPayments", HITId=hit_id, AssignmentId=first))["BonusPayments"]

    assert bonus["WorkerId"] == ANNA
    assert (await turk.refused("ListBonusPayments", AssignmentId="3NOSUCH")).code == "AssignmentDoesNotExist"


async def test_a_bonus_for_somebody_else(market: Marketplace, turk: Requester) -> None:
    """A worker who is known, and did not submit the assignment, is refused like one who is not."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await done(market, (await turk.hit())["HITId"], BERT)
    refusal = await turk.refused("SendBonus", AssignmentId=assignment_id, WorkerId=BERT, BonusAmount="1", Reason="r")

    assert refusal.type == "ParameterValidationError"
    assert refusal.message.startswith(f'The value "{BERT}" is not valid for the parameter WorkerId. (')
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


async def test_empty_feedback_is_left_out(market: Marketplace, turk: Requester) -> None:
    """An approval with empty feedback reads back without any."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id, RequesterFeedback="")

    assert "RequesterFeedback" not in (await turk.assignments(hit_id))[0]


async def test_there_are_no_uploaded_files(market: Marketplace, turk: Requester) -> None:
    """No question takes files, so that every question is a wrong one; unknown assignments are refused before."""
    (assignment_id,) = await done(market, (await turk.hit())["HITId"], ANNA)
    await market.add_requester("other", access_key="AKIAOTHER", secret_key="other")
    other = Requester(url=market.url, access_key="AKIAOTHER", secret_key="other")

    refusal = await turk.refused("GetFileUploadURL", AssignmentId=assignment_id, QuestionIdentifier="age")
    unknown = await turk.refused("GetFileUploadURL", AssignmentId="3NOSUCH", QuestionIdentifier="age")
    foreign = await other.refused("GetFileUploadURL", AssignmentId=assignment_id, QuestionIdentifier="age")

    assert refusal.type == "ParameterValidationError"
    assert refusal.message.startswith('The value "age" is not valid for the parameter QuestionIdentifier. (')
    assert unknown.code == foreign.code == "AssignmentDoesNotExist"


async def test_a_rejection_may_have_to_have_a_reason(database: str | None) -> None:
    """A rule decides whether an empty feedback is refused with a rejection; with an approval it never is."""
    rules = replace(AMAZON, empty_rejections=False)
    async with Marketplace(database, rules=rules, clock=StillClock()) as market:
        turk = Requester(market)
        hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
        first, second = await done(market, hit_id, ANNA, BERT)
        refusal = await turk.refused("RejectAssignment", AssignmentId=first, RequesterFeedback="")
        assert refusal.type == "ParameterValidationError"
        assert refusal.message.startswith("Your request parameter RequesterFeedback  has a minimum length of 1. (")
        assert {each["AssignmentStatus"] for each in await turk.assignments(hit_id)} == {"Submitted"}
        await turk("RejectAssignment", AssignmentId=first, RequesterFeedback="No.")
        await turk("ApproveAssignment", AssignmentId=second, RequesterFeedback="")
