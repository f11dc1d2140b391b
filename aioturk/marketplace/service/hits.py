"""HITs: making, reading, listing, extending, ending and deleting them."""

from __future__ import annotations

from datetime import datetime

from aioturk._generated import shapes
from aioturk._generated.service import Service
from aioturk.marketplace import identifiers, refusals
from aioturk.marketplace.lifecycle import (
    ASSIGNABLE,
    DISPOSED,
    HIT_MOVES,
    REVIEWABLE,
    REVIEWING,
    UNASSIGNABLE,
    is_expired,
    left,
    settled,
)
from aioturk.marketplace.rules import Range
from aioturk.marketplace.service import checks, layouts, pages, tokens
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.service.events import tell
from aioturk.marketplace.service.funds import (
    assignment_fee,
    commit_to_extensions,
    liability,
    require_countable,
    with_funds_held,
    with_more_assignments,
)
from aioturk.marketplace.service.hit_types import find_or_make, find_type, used
from aioturk.marketplace.service.policies import let_extend, most_assignments, policy_columns
from aioturk.marketplace.service.present import hit_shape, milliseconds, moment
from aioturk.marketplace.service.upkeep import keep
from aioturk.marketplace.store.hits import BEFORE_ALL
from aioturk.marketplace.store.records import Hit, HitType

__all__ = ["HitOperations", "dispose", "expire"]

_Creation = shapes.CreateHITRequest | shapes.CreateHITWithHITTypeRequest

_NOT_DISPOSED = (ASSIGNABLE, UNASSIGNABLE, REVIEWABLE, REVIEWING)


class HitOperations(Service[RequesterContext]):
    """The operations on HITs."""

    def create_hit(self, context: RequesterContext, request: shapes.CreateHITRequest, /) -> shapes.CreateHITResponse:
        """Make a HIT, and its type when there is no equal one."""
        tokens.refuse_repeat(context, tokens.HIT, request.unique_request_token)
        question = _question(context, request)
        return shapes.CreateHITResponse(hit=_publish(context, request, question, find_or_make(context, request)))

    def create_hit_with_hit_type(
        self, context: RequesterContext, request: shapes.CreateHITWithHITTypeRequest, /
    ) -> shapes.CreateHITWithHITTypeResponse:
        """Make a HIT of a type."""
        tokens.refuse_repeat(context, tokens.HIT, request.unique_request_token)
        kind = used(context, find_type(context, request.hit_type_id))
        question = _question(context, request)
        return shapes.CreateHITWithHITTypeResponse(hit=_publish(context, request, question, kind))

    def get_hit(self, context: RequesterContext, request: shapes.GetHITRequest, /) -> shapes.GetHITResponse:
        """Read a HIT, in whatever state."""
        hit = context.store.hits.read(context.account.seq, request.hit_id)
        if hit is None:
            raise refusals.hit_does_not_exist(request.hit_id)
        return shapes.GetHITResponse(hit=hit_shape(hit))

    def list_hits(self, context: RequesterContext, request: shapes.ListHITsRequest, /) -> shapes.ListHITsResponse:
        """List the HITs that are not disposed of, the newest first."""
        walk = "ListHITs"
        (before,) = pages.place(context, walk, request.next_token, (BEFORE_ALL,))
        size = pages.size(context, request.max_results)
        hits = context.store.hits.listed(context.account.seq, before, size, context.listed_until)
        return shapes.ListHITsResponse(
            next_token=pages.token(context, walk, (hits[-1].seq,) if hits else None),
            num_results=len(hits),
            hits=tuple(map(hit_shape, hits)),
        )

    def list_reviewable_hits(
        self, context: RequesterContext, request: shapes.ListReviewableHITsRequest, /
    ) -> shapes.ListReviewableHITsResponse:
        """List the ids of reviewable HITs, the oldest first."""
        status = request.status or REVIEWABLE
        walk = f"ListReviewableHITs {status} {request.hit_type_id}"
        (after,) = pages.place(context, walk, request.next_token, (0,))
        kind = None
        if request.hit_type_id is not None:
            kind = context.store.hit_types.read(context.account.seq, request.hit_type_id)
            if kind is None:
                return shapes.ListReviewableHITsResponse()
        size = pages.size(context, request.max_results)
        found = context.store.hits.with_status(
            context.account.seq, status, kind and kind.seq, after, size, context.listed_until
        )
        return shapes.ListReviewableHITsResponse(
            next_token=pages.token(context, walk, (found[-1][0],) if found else None),
            num_results=len(found),
            hits=tuple(shapes.ReviewableHIT(hit_id=hit_id) for _, hit_id in found),
        )

    def create_additional_assignments_for_hit(
        self, context: RequesterContext, request: shapes.CreateAdditionalAssignmentsForHITRequest, /
    ) -> None:
        """Let more workers do a HIT."""
        rules, more = context.rules, request.number_of_additional_assignments
        tokens.refuse_repeat(context, tokens.ADDITIONAL, request.unique_request_token)
        checks.number("NumberOfAdditionalAssignments", more, rules.max_assignments)
        hit = _to_change(context, request.hit_id)
        if hit.status == DISPOSED:
            raise refusals.hit_state(hit.status, *_NOT_DISPOSED)
        total = hit.max_assignments + more
        checks.growth(hit.max_assignments, total, rules)
        checks.number("NumberOfAdditionalAssignments", total, rules.max_assignments)
        grown = with_more_assignments(hit, more, rules)
        require_countable(grown, "NumberOfAdditionalAssignments", more)
        tell(context, "HITExtended", grown, assignments=more)
        keep(context, hit.status, grown, extended=True)
        tokens.remember(context, tokens.ADDITIONAL, request.unique_request_token)

    def update_expiration_for_hit(
        self, context: RequesterContext, request: shapes.UpdateExpirationForHITRequest, /
    ) -> None:
        """End a HIT now, or give it more time."""
        hit = _to_change(context, request.hit_id)
        if hit.status == DISPOSED:
            raise refusals.hit_state(hit.status, *_NOT_DISPOSED)
        until = milliseconds(request.expire_at)
        is_news = let_extend(context, hit, until > context.now)
        if until > context.now:
            _extend(context, hit, request.expire_at, until)
            return
        if not is_expired(hit, context.now):
            expire(context, hit._replace(expires_at=context.now, changed_at=context.now))
        elif not is_news:
            return
        context.note("HITEndedByRequester", hit.id)

    def update_hit_review_status(
        self, context: RequesterContext, request: shapes.UpdateHITReviewStatusRequest, /
    ) -> None:
        """Mark a HIT as being reviewed, or take the mark back."""
        _move(context, "revert" if request.revert else "review", request.hit_id)

    def delete_hit(self, context: RequesterContext, request: shapes.DeleteHITRequest, /) -> None:
        """Dispose of a HIT."""
        hit = _to_change(context, request.hit_id)
        moves = HIT_MOVES["delete"]
        if hit.status not in moves or hit.submitted:
            raise refusals.hit_state(hit.status, *moves)
        dispose(context, hit)


def _question(context: RequesterContext, request: _Creation) -> str:
    if request.question is not None and request.hit_layout_id is not None:
        raise refusals.both_given("Question", "HITLayoutId")
    if request.hit_layout_id is not None:
        return layouts.question_of(context, request.hit_layout_id, request.hit_layout_parameters)
    if request.question is None:
        raise refusals.missing("Question", ["Question", "HITLayoutId"])
    return checks.question(request.question, context.rules)


def _publish(context: RequesterContext, request: _Creation, question: str, kind: HitType) -> shapes.HIT:
    rules = context.rules
    policies = policy_columns(request, rules)
    lifetime = checks.seconds("LifetimeInSeconds", request.lifetime, rules.lifetime)
    most = 1 if request.max_assignments is None else request.max_assignments
    hit = Hit(
        seq=0,
        id=identifiers.entity_id(),
        account_seq=context.account.seq,
        type_seq=kind.seq,
        created_at=context.now,
        expires_at=context.now + lifetime * 1000,
        max_assignments=checks.number("MaxAssignments", most, rules.max_assignments),
        annotation=checks.annotation(request.requester_annotation, rules),
        layout_id=request.hit_layout_id,
        status=ASSIGNABLE,
        in_work=0,
        submitted=0,
        approved=0,
        rejected=0,
        freed=0,
        fee=assignment_fee(kind, most, rules),
        held=0,
        changed_at=context.now,
        due_at=None,
        has_policies=any(policies.values()),
        type=kind,
        question=question,
    )
    require_countable(hit, "MaxAssignments", most)
    hit = settled(hit, context.now, rules)
    seq = context.store.hits.add(_values(hit, policies, liability(hit, context.now)), question)
    hit = with_funds_held(context, hit._replace(seq=seq))
    if hit.has_policies:
        commit_to_extensions(context, hit, most_assignments(request, rules))
    tokens.remember(context, tokens.HIT, request.unique_request_token, hit.id)
    tell(context, "HITCreated", hit)
    return hit_shape(hit)


def _values(hit: Hit, policies: dict[str, str | None], held: int) -> dict[str, object]:
    values: dict[str, object] = hit._asdict()
    for name in ("seq", "has_policies", "type", "question"):
        del values[name]
    return {**values, "held": held, "listed": 1, **policies}


def _to_change(context: RequesterContext, hit_id: str) -> Hit:
    hit = context.store.hits.to_change(context.account.seq, hit_id)
    if hit is None:
        raise refusals.hit_does_not_exist(hit_id)
    return context.in_time(hit)


def _move(context: RequesterContext, act: str, hit_id: str) -> None:
    hit = _to_change(context, hit_id)
    moves = HIT_MOVES[act]
    if hit.status not in moves:
        raise refusals.hit_state(hit.status, *moves)
    keep(context, hit.status, hit._replace(status=moves[hit.status], changed_at=context.now))
    context.note("HITReviewStatusUpdated", hit.id, act=act)


def _extend(context: RequesterContext, hit: Hit, expire_at: datetime, until: int) -> None:
    # The service makes a token of each extension and looks at it before it looks at the range.
    token = hit.id + _java_date(expire_at)
    tokens.refuse_repeat(context, tokens.EXTENSION, token)
    increment = until - max(hit.expires_at, context.now)
    checks.number("ExpirationIncrementInSeconds", int(increment / 1000), context.rules.extension)
    if context.rules.total_lifetime is not None:
        # Text and parameter are unverified. Rounded up, so that the number that is told is out of the range.
        bounds = Range(context.rules.lifetime.least, context.rules.total_lifetime)
        checks.number("LifetimeInSeconds", -((hit.created_at - until) // 1000), bounds)
    tell(context, "HITExtended", hit, until=until)
    keep(context, hit.status, hit._replace(expires_at=until), extended=True)
    tokens.remember(context, tokens.EXTENSION, token)


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _java_date(when: datetime) -> str:
    # strftime would speak the language of the computer.
    when = moment(milliseconds(when))
    return f"{_DAYS[when.weekday()]} {_MONTHS[when.month - 1]} {when:%d %H:%M:%S} UTC {when.year}"


def expire(context: Context, hit: Hit) -> None:
    """Take a HIT off the market, its time being over. Whoever has it in work may go on."""
    if left(hit) or hit.in_work:
        tell(context, "HITExpired", hit)
    keep(context, hit.status, hit)


def dispose(context: Context, hit: Hit) -> None:
    """Delete a HIT: it stays known, and is in no list."""
    keep(context, hit.status, hit._replace(status=DISPOSED, changed_at=context.now))
    tell(context, "HITDisposed", hit)
