"""
Review policies at work: what they find and do is done here, kept, and listed.

Known answers are asked at each submission, before anybody hears that the HIT is Reviewable; the submissions of a HIT
are compared whenever it becomes so. What a policy says is worked out in :mod:`aioturk.marketplace.review`; what it does
is done as the operations do it, with the same events and payments. An act that is refused is kept as ``Failed``, and
changes nothing else: neither the submission nor the other acts depend on it.

Nobody's key has signed what a policy does, so that it counts against no key's spending cap. An extension needs funds
like any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from aioturk._core.codec import encode, reader, to_wire
from aioturk._generated import shapes
from aioturk._generated.service import Service
from aioturk._generated.shapes import ReviewActionDetail, ReviewPolicyLevel, ReviewResultDetail
from aioturk.answers import Answers, read_answers
from aioturk.errors import AnswerError, ServiceError
from aioturk.marketplace import identifiers, refusals, review
from aioturk.marketplace.lifecycle import APPROVED, REJECTED, SUBMITTED
from aioturk.marketplace.review import Act, Decision, Extension, Submission
from aioturk.marketplace.service import checks, pages
from aioturk.marketplace.service.assignments import approve, reject
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.service.events import tell
from aioturk.marketplace.service.funds import require_countable, with_more_assignments
from aioturk.marketplace.service.policies import policies_of
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.service.settling import settle
from aioturk.marketplace.store.records import Assignment, Hit
from aioturk.marketplace.store.reviews import ACTION, RESULT, ReviewDetail

__all__ = ["ReviewOperations", "review_hit", "review_submission"]

_ACTOR = "review policy"

_ASSIGNMENT = ReviewPolicyLevel.ASSIGNMENT.value
_HIT = ReviewPolicyLevel.HIT.value

_action = reader(ReviewActionDetail)
_result = reader(ReviewResultDetail)


class ReviewOperations(Service[RequesterContext]):
    """ListReviewPolicyResultsForHIT."""

    def list_review_policy_results_for_hit(
        self, context: RequesterContext, request: shapes.ListReviewPolicyResultsForHITRequest, /
    ) -> shapes.ListReviewPolicyResultsForHITResponse:
        """List what the policies of a HIT found and did, the earliest first."""
        hit = context.store.hits.read(context.account.seq, request.hit_id)
        if hit is None:
            raise refusals.hit_does_not_exist(request.hit_id)
        policies = policies_of(context, hit)
        names = {}
        if policies.known_answers is not None:
            names[_ASSIGNMENT] = shapes.ReviewPolicy(policy_name=review.SCORE_MY_KNOWN_ANSWERS)
        if policies.plurality is not None:
            names[_HIT] = shapes.ReviewPolicy(policy_name=review.SIMPLE_PLURALITY)
        asked = {str(level) for level in request.policy_levels} or {_ASSIGNMENT, _HIT}
        levels = sorted(asked & names.keys())
        found, token = _page(context, hit, levels, request)
        reports = {level: _report(detail for detail in found if detail.level == level) for level in levels}
        return shapes.ListReviewPolicyResultsForHITResponse(
            hit_id=hit.id,
            assignment_review_policy=names.get(_ASSIGNMENT),
            hit_review_policy=names.get(_HIT),
            assignment_review_report=reports.get(_ASSIGNMENT),
            hit_review_report=reports.get(_HIT),
            next_token=token,
        )


def _page(
    context: RequesterContext, hit: Hit, levels: list[str], request: shapes.ListReviewPolicyResultsForHITRequest
) -> tuple[list[ReviewDetail], str | None]:
    """Return a page, on which actions and results count alike, and the token for the next one."""
    wanted = {ACTION: request.retrieve_actions, RESULT: request.retrieve_results}
    kinds = [kind for kind, choice in wanted.items() if choice is not False]
    walk = f"ListReviewPolicyResultsForHIT {hit.id} {' '.join(levels + kinds)}"
    (after,) = pages.place(context, walk, request.next_token, (0,))
    if not levels or not kinds:
        return [], None
    found = context.store.reviews.listed(hit.seq, levels, kinds, after, pages.size(context, request.max_results))
    return found, pages.token(context, walk, (found[-1].seq,) if found else None)


def _report(details: Iterable[ReviewDetail]) -> shapes.ReviewReport:
    found = list(details)
    return shapes.ReviewReport(
        review_results=tuple(_result(each.detail.encode()) for each in found if each.kind == RESULT),
        review_actions=tuple(_action(each.detail.encode()) for each in found if each.kind == ACTION),
    )


def review_submission(context: Context, assignment: Assignment, hit: Hit) -> tuple[Assignment, Hit]:
    """
    Hold a submission against the answers that its requester knows, and do what follows.

    Args:
        context: When.
        assignment: The assignment, submitted.
        hit: Its HIT, settled.

    Returns:
        Both as they are now.
    """
    policy = policies_of(context, hit).known_answers
    if policy is None:
        return assignment, hit
    context = _by_policy(context)
    found = review.review_assignment(policy, _answers(assignment), max_assignments=hit.max_assignments)
    context.store.assignments.change(assignment.seq, known_score=found.score)
    action_id, at = identifiers.entity_id(), moment(context.now)
    _keep(context, hit, _ASSIGNMENT, *review.assignment_results(action_id, assignment.issued_id, found))
    _keep(context, hit, _ASSIGNMENT, review.assignment_reviewed(action_id, assignment.issued_id, at, found))
    if found.decision is not None:
        assignment, hit = _decide(context, _ASSIGNMENT, found.decision, assignment, hit)
    if found.extend and policy.extension is not None:
        hit = _extend(context, _ASSIGNMENT, policy.extension, hit)
    return assignment, hit


def review_hit(context: Context, hit: Hit) -> Hit:
    """Compare the submissions of a HIT that has become Reviewable, and do what follows; return it as it is then."""
    policy = policies_of(context, hit).plurality
    if policy is None:
        return hit
    context = _by_policy(context)
    assignments = {each.issued_id: each for each in context.store.assignments.all_submitted(hit.seq)}
    submissions = [
        Submission(
            assignment_id=assignment_id,
            answers=_answers(each),
            rejected=each.status == REJECTED,
            known_answer_score=each.known_score,
        )
        for assignment_id, each in assignments.items()
    ]
    found = review.review_hit(policy, submissions, context.rules, max_assignments=hit.max_assignments)
    action_id, at = identifiers.entity_id(), moment(context.now)
    _keep(context, hit, _HIT, *review.hit_results(action_id, hit.id, found))
    _keep(context, hit, _HIT, review.hit_reviewed(action_id, hit.id, at, found))
    for worker in found.workers:
        if worker.decision is not None:
            _, hit = _decide(context, _HIT, worker.decision, assignments[worker.assignment_id], hit)
    if found.extend and policy.extension is not None:
        hit = _extend(context, _HIT, policy.extension, hit)
    return hit


def _by_policy(context: Context) -> Context:
    return replace(context, actor=_ACTOR, key=None)


def _answers(assignment: Assignment) -> Answers:
    try:
        return read_answers(assignment.answer or "").original  # policies know no crowd-form, only what it sends
    except AnswerError:
        # Only a submission of many megabytes is not read. It was handed in and is not lost; it answers nothing.
        return Answers({})


def _decide(
    context: Context, level: str, decision: Decision, assignment: Assignment, hit: Hit
) -> tuple[Assignment, Hit]:
    act, target, at = decision.act, assignment.issued_id, moment(context.now)
    wanted = APPROVED if act is Act.APPROVE else REJECTED
    if assignment.status == SUBMITTED:
        # What the work costs is held for it, so that neither can fail.
        decide = approve if act is Act.APPROVE else reject
        hit = decide(context, assignment, hit, decision.reason)
        assignment = assignment._replace(status=wanted)
        detail = review.succeeded(act, identifiers.entity_id(), target, at)
    elif assignment.status == wanted:
        detail = review.succeeded(act, identifiers.entity_id(), target, at, already=True)
    else:
        detail = review.failed(act, identifiers.entity_id(), target, at, refusals.assignment_state(SUBMITTED))
    _keep(context, hit, level, detail)
    return assignment, hit


def _extend(context: Context, level: str, extension: Extension, hit: Hit) -> Hit:
    at = moment(context.now)
    grown = with_more_assignments(hit, 1, context.rules)
    grown = grown._replace(expires_at=extension.until(hit.expires_at, context.now))
    try:
        checks.growth(hit.max_assignments, grown.max_assignments, context.rules)
        require_countable(grown, "ExtendMaximumAssignments", grown.max_assignments)
        extended = settle(context, grown, extended=True)
    except ServiceError as refusal:  # raised before anything was written
        _keep(context, hit, level, review.failed(Act.EXTEND, identifiers.entity_id(), hit.id, at, refusal))
        return hit
    tell(context, "HITExtended", extended, assignments=1)
    _keep(context, hit, level, review.succeeded(Act.EXTEND, identifiers.entity_id(), hit.id, at))
    return extended


def _keep(context: Context, hit: Hit, level: str, *details: ReviewResultDetail | ReviewActionDetail) -> None:
    for detail in details:
        kind = ACTION if isinstance(detail, ReviewActionDetail) else RESULT
        context.store.reviews.add(hit.seq, level, kind, encode(to_wire(detail)).decode())
