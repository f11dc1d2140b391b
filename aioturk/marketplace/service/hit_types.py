"""
HIT types: what a group of HITs shares.

Two requests with equal properties get one type. What counts as equal: the reward as a number, texts byte for byte, the
requirements as a set, defaults as if they had been given.
"""

from __future__ import annotations

from hashlib import sha256

from aioturk._core.codec import encode
from aioturk._generated import shapes
from aioturk._generated.service import Service
from aioturk.marketplace import identifiers, refusals
from aioturk.marketplace.lifecycle import DISPOSED
from aioturk.marketplace.service import checks, requirements, retention
from aioturk.marketplace.service.context import RequesterContext
from aioturk.marketplace.service.funds import assignment_fee, commit_to_extensions, require_countable
from aioturk.marketplace.service.policies import most_of, policies_of
from aioturk.marketplace.service.upkeep import keep
from aioturk.marketplace.store.records import HitType

__all__ = ["HitTypeOperations", "find_or_make", "find_type", "used"]


def find_or_make(context: RequesterContext, wanted: shapes.CreateHITRequest | shapes.CreateHITTypeRequest) -> HitType:
    """
    Return the type with the request's properties, made now if there is none.

    Raises:
        ParameterValidationError: A property breaks a rule.
        QualificationTypeDoesNotExist: A requirement names an unknown type.
        InvalidQualificationTypeState: A requirement names a type that is inactive or deleted.
    """
    rules = context.rules
    delay = rules.default_auto_approval_delay
    if wanted.auto_approval_delay is not None:
        delay = checks.seconds("AutoApprovalDelayInSeconds", wanted.auto_approval_delay, rules.auto_approval_delay)
    required = requirements.checked(context, wanted.qualification_requirements)
    new = HitType(
        seq=0,
        id=identifiers.entity_id(),
        group_id=identifiers.entity_id(),
        title=checks.text("Title", wanted.title, rules.title),
        description=checks.text("Description", wanted.description, rules.description),
        keywords=None if wanted.keywords is None else checks.text("Keywords", wanted.keywords.text, rules.keywords),
        reward=checks.amount("Reward", wanted.reward, rules.reward),
        assignment_duration=checks.seconds(
            "AssignmentDurationInSeconds", wanted.assignment_duration, rules.assignment_duration
        ),
        auto_approval_delay=delay,
        requirements=requirements.write(required),
        masters=int(requirements.wants_masters(required)),
        used_at=context.now,
    )
    identity = _identity(new, required)
    found = context.store.hit_types.equal_to(context.account.seq, identity)
    if found is not None:
        if not retention.is_gone(context, found):
            return used(context, found)
        # Its properties are free for a new one; the unique key on them keeps that single.
        context.store.hit_types.change(found.seq, identity=f"gone {found.id}")
    made = context.store.hit_types.add(context.account.seq, identity, context.now, new)
    for type_id in requirements.types_in(required):
        context.store.qualification_types.require(type_id, made.seq)
    context.note("HITTypeCreated", made.id)
    return made


def _identity(kind: HitType, required: tuple[shapes.QualificationRequirement, ...]) -> str:
    properties = [
        kind.title,
        kind.description,
        kind.keywords or "",
        kind.reward,
        kind.assignment_duration,
        kind.auto_approval_delay,
        requirements.canonical(required),
    ]
    return sha256(encode(properties)).hexdigest()


def used(context: RequesterContext, kind: HitType) -> HitType:
    """Write down that a type is in use, if that is news; return it so."""
    if not retention.is_news(context, kind.used_at):
        return kind
    context.store.hit_types.change(kind.seq, used_at=context.now)
    return kind._replace(used_at=context.now)


def find_type(context: RequesterContext, type_id: str) -> HitType:
    """
    Find one of the caller's types for a HIT.

    Raises:
        HITTypeDoesNotExist: The caller has no such type, has not used it for too long, or has deleted a qualification
            type that it requires, and it with that.
        InvalidQualificationTypeState: It requires a type that is inactive.
    """
    found = context.store.hit_types.read(context.account.seq, type_id)
    if found is None or retention.is_gone(context, found):
        raise refusals.hit_type_does_not_exist(type_id)
    required = requirements.read(found.requirements)
    if requirements.are_gone(context, required):
        raise refusals.hit_type_does_not_exist(type_id)
    requirements.require_active(context, required)
    return found


class HitTypeOperations(Service[RequesterContext]):
    """CreateHITType and UpdateHITTypeOfHIT."""

    def create_hit_type(
        self, context: RequesterContext, request: shapes.CreateHITTypeRequest, /
    ) -> shapes.CreateHITTypeResponse:
        """Make a type, or find an equal one."""
        return shapes.CreateHITTypeResponse(hit_type_id=find_or_make(context, request).id)

    def update_hit_type_of_hit(self, context: RequesterContext, request: shapes.UpdateHITTypeOfHITRequest, /) -> None:
        """Move a HIT that nobody has accepted to another type."""
        hit = context.store.hits.to_change(context.account.seq, request.hit_id)
        if hit is None:
            raise refusals.hit_does_not_exist(request.hit_id)
        context.in_time(hit)
        kind = used(context, find_type(context, request.hit_type_id))
        # Accepted is accepted, even if it was returned: somebody has seen what it pays.
        if hit.status == DISPOSED or context.store.assignments.any_of(hit.seq):
            raise refusals.hit_state(hit.status, "Assignable")  # code and text are unverified
        fee = assignment_fee(kind, hit.max_assignments, context.rules)
        used(context, hit.type)  # until now
        requirements.used(context, requirements.read(hit.type.requirements))
        moved = hit._replace(type_seq=kind.seq, type=kind, fee=fee, changed_at=context.now)
        require_countable(moved, "HITTypeId", kind.id)
        keep(context, hit.status, moved)
        # Counted against a key's cap once more, at the new price: what was counted at the old one stays so.
        commit_to_extensions(context, moved, most_of(policies_of(context, hit)))
        context.note("HITTypeOfHITUpdated", hit.id, hit_type=kind.id)
