"""The lines of the conformance list about review policies."""

from __future__ import annotations

from aioturk.marketplace import Marketplace

from ..marketplace.policies import actions, known_answers, plurality, results, submit
from ..marketplace.support import ANNA, BERT, CARA, HIT, Requester


async def test_109_the_manuals_example_of_a_plurality(market: Marketplace, turk: Requester) -> None:
    """Three workers, four questions: 66, 66, 100, none; the HIT has 75, the workers 100, 66 and 66."""
    policy = plurality("what", "colour", "size", "surface")
    hit_id = (await turk.hit(MaxAssignments=3, HITReviewPolicy=policy))["HITId"]
    anna = await submit(market, hit_id, ANNA, what="coat", colour="blue", size="large", surface="furry")
    bert = await submit(market, hit_id, BERT, what="sweater", colour="blue", size="large", surface="fur")
    cara = await submit(market, hit_id, CARA, what="coat", colour="green", size="large", surface="furr")

    found = await results(turk, hit_id, "HIT")

    shares = {question: value for _, question, key, value in found if key == "AnswerAgreementScore"}
    agreed = {question: value for _, question, key, value in found if key == "AgreedAnswer"}
    workers = {subject: value for subject, _, key, value in found if key == "WorkerAgreementScore"}
    assert shares == {"what": "66", "colour": "66", "size": "100"}
    assert agreed == {"what": "coat", "colour": "blue", "size": "large"}
    assert (hit_id, "", "HitAgreementScore", "75") in found
    assert workers == {anna: "100", bert: "66", cara: "66"}


async def test_110_known_answers_decide_and_extend(market: Marketplace, turk: Requester) -> None:
    """At the thresholds work is approved, rejected and asked for again; what cannot be done is Failed, with a code."""
    known = known_answers(
        {"q": "right", "r": "right"},
        ApproveIfKnownAnswerScoreIsAtLeast="100",
        RejectIfKnownAnswerScoreIsLessThan="50",
        RejectReason="Please read the instructions.",
        ExtendIfKnownAnswerScoreIsLessThan="50",
        ExtendMaximumAssignments="4",
    )
    compare = plurality("q", RejectIfWorkerAgreementScoreIsLessThan="101", DisregardAssignmentIfRejected="F")
    hit = await turk.hit(MaxAssignments=2, AssignmentReviewPolicy=known, HITReviewPolicy=compare)
    hit_id = hit["HITId"]
    anna = await submit(market, hit_id, ANNA, q="right", r="right")
    bert = await submit(market, hit_id, BERT, q="wrong", r="wrong")
    cara = await submit(market, hit_id, CARA, q="right", r="wrong")

    by_answers = [(act, target, status) for act, target, status, *_ in await actions(turk, hit_id, "Assignment")]
    assert by_answers == [
        ("review", anna, "Succeeded"),
        ("approve", anna, "Succeeded"),
        ("review", bert, "Succeeded"),
        ("reject", bert, "Succeeded"),
        ("extend", hit_id, "Succeeded"),
        ("review", cara, "Succeeded"),
    ]
    by_comparison = {target: action for _, target, *action in await actions(turk, hit_id, "HIT")}
    wrong_state = "Assignment was in an invalid state for this operation."
    assert by_comparison[anna] == ["Failed", wrong_state, "AWS.MechanicalTurk.InvalidAssignmentState"]
    assert by_comparison[bert] == ["Succeeded", "Already rejected", ""]
    assert by_comparison[cara] == ["Succeeded", "Rejected", ""]
    assert (await turk.get(hit_id))["MaxAssignments"] == 3
    states = [(each["AssignmentStatus"], each.get("RequesterFeedback")) for each in await turk.assignments(hit_id)]
    assert states == [("Approved", None), ("Rejected", "Please read the instructions."), ("Rejected", None)]


async def test_111_policies_are_not_seen_and_make_no_type(turk: Requester) -> None:
    """A HIT shows nothing of its policies, and has the type of one without any."""
    plain = await turk.hit()
    reviewed = await turk.hit(AssignmentReviewPolicy=known_answers({"q": "a"}), HITReviewPolicy=plurality("q"))
    of_type = {name: HIT[name] for name in ("LifetimeInSeconds", "Question")}
    made = await turk("CreateHITWithHITType", HITTypeId=plain["HITTypeId"], HITReviewPolicy=plurality("q"), **of_type)

    for hit in (reviewed, made["HIT"], await turk.get(reviewed["HITId"])):
        assert hit["HITTypeId"] == plain["HITTypeId"]
        assert set(hit) == set(plain)
