"""
A second marketplace, much simpler than the first: what states, counters, lists, refusals and sums of money have to be.

Written from the service's manual (https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/) and sharing nothing with
the marketplace, not even a constant, so that both are wrong only where the same mistake was made twice. It keeps no
counters and no balance but counts each time, and it looks at everything when the clock turns. It makes no ids either:
the service names what it has made, and the model checks that the name could be.

What drives both, and compares them, is in `test_machine`. The rules that workers and requesters do not meet in the
life of a HIT (tests, review policies, notifications, layouts) are not here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import ceil
from typing import NoReturn

__all__ = ["DAY", "HOUR", "MINUTE", "SECOND", "Bonus", "Hit", "Kind", "Model", "Properties", "Refusal", "Work"]

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_TOKENS_COUNT_FOR = 24 * HOUR
_REJECTIONS_CAN_BE_OVERRIDDEN_FOR = 30 * DAY
_DISPOSED_OF_AFTER = 120 * DAY
_UNUSED_KINDS_ARE_KEPT_FOR = 120 * DAY
_USE_IS_NOTED_ONCE_A = DAY
_LARGE = 10
_LIFETIME = (30, 365 * 24 * 60 * 60)
_EXTENSION = (60, 365 * 24 * 60 * 60)


class Refusal(Exception):
    """
    What the service has to answer instead.

    Args:
        code: The `TurkErrorCode`, without its prefix.
        text: The text, where the manual, or somebody who saw it, has one.
        whole: Whether that is all of it, or how it begins.
    """

    def __init__(self, code: str, text: str = "", *, whole: bool = True) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.whole = whole and bool(text)

    def fits(self, code: str | None, text: str) -> bool:
        """Say whether an error is this refusal."""
        same_text = text == self.text if self.whole else text.startswith(self.text)
        return code == f"AWS.MechanicalTurk.{self.code}" and same_text


@dataclass(frozen=True)
class Properties:
    """What HITs of one type have in common; money in cents, durations in seconds."""

    reward: int
    duration: int = 300
    delay: int = 2_592_000
    experience: bool = False
    """Whether workers need an approved assignment to accept."""


@dataclass(eq=False)
class Kind:
    """A HIT type."""

    properties: Properties
    used_at: int
    id: str = ""
    group_id: str = ""


@dataclass(eq=False)
class Work:
    """An assignment, as one worker has or had it."""

    hit: Hit
    worker: str
    accepted_at: int
    deadline: int
    id: str = ""
    status: str = "Accepted"
    answer: str = ""
    place: int = 0
    """How many were submitted before, and it: its place in lists."""
    submitted_at: int | None = None
    auto_approval_at: int | None = None
    approved_at: int | None = None
    rejected_at: int | None = None
    feedback: str | None = None


@dataclass(eq=False)
class Hit:
    """A HIT with all that was ever done of it."""

    number: int
    kind: Kind
    most: int
    created_at: int
    expires_at: int
    changed_at: int
    id: str = ""
    status: str = "Assignable"
    works: list[Work] = field(default_factory=list)
    freed: list[str] = field(default_factory=list)
    """Assignment ids that were returned or abandoned, for others to get."""

    def count(self, *statuses: str) -> int:
        """Count the assignments that are in any of these states."""
        return sum(work.status in statuses for work in self.works)

    @property
    def left(self) -> int:
        """How many are neither accepted nor submitted."""
        return self.most - self.count("Accepted", "Submitted", "Approved", "Rejected")

    @property
    def cost(self) -> int:
        """What one of its assignments costs."""
        return _cost(self.kind.properties.reward, self.most)


@dataclass(frozen=True)
class Bonus:
    """A bonus that was paid."""

    place: int
    work: Work
    amount: int
    reason: str
    granted_at: int


@dataclass(frozen=True)
class _Used:
    """A token that did its work."""

    at: int
    request: str
    hit: Hit | None = None


def _percent(amount: int, share: int) -> int:
    """A fee: rounded half up to the cent, and a cent at least."""
    return max(1, (amount * share + 50) // 100)


def _cost(reward: int, most: int) -> int:
    return reward + _percent(reward, 40 if most >= _LARGE else 20)


def _out_of_range(parameter: str, value: int, least: int, most: int) -> NoReturn:
    raise Refusal(
        "ParameterValueOutOfRange",
        f"The value {value} is invalid for {parameter}. Valid values range from {least} to {most}.",
    )


def _require(parameter: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        _out_of_range(parameter, value, least, most)


def _invalid(parameter: str, value: str) -> Refusal:
    return Refusal("InvalidParameterValue", f'The value "{value}" is not valid for the parameter {parameter}.')


def _no_hit(hit_id: str) -> Refusal:
    return Refusal("HITDoesNotExist", f"Hit {hit_id} does not exist.")


def _no_assignment(assignment_id: str) -> Refusal:
    return Refusal("AssignmentDoesNotExist", f"Assignment {assignment_id} does not exist.")


def _wrong_assignment_state(*allowed: str) -> Refusal:
    return Refusal(
        "InvalidAssignmentState", f"This operation can be called with a status of: {','.join(allowed)}", whole=True
    )


def _wrong_hit_state(hit: Hit, *allowed: str) -> Refusal:
    """The manual does not list the states that are allowed for every operation."""
    text = f"This HIT is currently in the state '{hit.status}'.  This operation can be called with a status of: "
    return Refusal("InvalidHITState", text + ", ".join(allowed), whole=bool(allowed))


def _insufficient_funds() -> Refusal:
    return Refusal(
        "InsufficientFunds",
        "This Requester has insufficient funds in their account to complete this transaction. "
        "Please visit https://requester.mturk.com/prepayments/new to purchase Prepaid HITs. ",
    )


class Model:
    """
    The marketplace of one requester.

    Every method is an operation, or an act of a worker: it returns what has to happen, after it has happened here, or
    raises `Refusal` and has changed nothing.

    Args:
        now: The time in milliseconds.
        balance: What the requester starts with, in cents.
    """

    def __init__(self, now: int, balance: int) -> None:
        self.now = now
        self.hits: list[Hit] = []
        self.kinds: list[Kind] = []
        self.bonuses: list[Bonus] = []
        self.blocks: dict[str, tuple[int, str]] = {}
        self.earned: Counter[str] = Counter()
        self.fees = 0
        self._start = balance
        self._blocked = 0
        self._tokens: dict[tuple[str, str], _Used] = {}

    # Money.

    @property
    def held(self) -> int:
        """What may yet have to be paid for what is on offer, in work, or waits for its decision."""
        return sum(map(self._liability, self.hits))

    @property
    def available(self) -> int:
        """What can be spent."""
        return self._start - self.earned.total() - self.fees - self.held

    def _liability(self, hit: Hit) -> int:
        if hit.status == "Disposed":
            return 0
        on_offer = 0 if self._is_expired(hit) else hit.left
        return (on_offer + hit.count("Accepted", "Submitted")) * hit.cost

    def _require_funds(self, amount: int) -> None:
        if amount > self.available:
            raise _insufficient_funds()

    def _pay(self, worker: str, amount: int, fee: int) -> None:
        self.earned[worker] += amount
        self.fees += fee

    # Time.

    def moments(self) -> Iterator[int]:
        """Yield the times at which something happens by itself, past ones included."""
        for hit in self.hits:
            if hit.status == "Disposed":
                continue
            yield hit.expires_at
            if hit.status in ("Reviewable", "Reviewing") and not hit.count("Submitted"):
                yield hit.changed_at + _DISPOSED_OF_AFTER
            for work in hit.works:
                if work.status == "Accepted":
                    yield work.deadline
                elif work.status == "Submitted" and work.auto_approval_at is not None:
                    yield work.auto_approval_at

    def boundaries(self) -> Iterator[int]:
        """Yield these times, and those at which something becomes possible, or no longer is."""
        yield from self.moments()
        for used in self._tokens.values():
            yield used.at + _TOKENS_COUNT_FOR
        for work in self._works():
            if work.status == "Rejected" and work.submitted_at is not None:
                yield work.submitted_at + _REJECTIONS_CAN_BE_OVERRIDDEN_FOR
        for kind in self.kinds:
            yield kind.used_at + _UNUSED_KINDS_ARE_KEPT_FOR

    def advance(self, milliseconds: int) -> None:
        """Turn the clock."""
        until = self.now + milliseconds
        while (due := min((at for at in self.moments() if self.now < at <= until), default=None)) is not None:
            self.now = due
            for hit in self.hits:
                self._let_happen(hit)
        self.now = until

    def _let_happen(self, hit: Hit) -> None:
        if hit.status == "Disposed":
            return
        for work in hit.works:
            if work.status == "Accepted" and work.deadline == self.now:
                self._free(work, "Abandoned")
            elif work.status == "Submitted" and work.auto_approval_at == self.now:
                self._approve(work, None)
        self._recompute(hit)
        idle = hit.status in ("Reviewable", "Reviewing") and not hit.count("Submitted")
        if idle and hit.changed_at + _DISPOSED_OF_AFTER == self.now:
            self._dispose(hit)

    # The state of a HIT.

    def _is_expired(self, hit: Hit) -> bool:
        return self.now >= hit.expires_at

    def _recompute(self, hit: Hit, *, extension: bool = False) -> None:
        if hit.status == "Disposed" or (hit.status == "Reviewing" and not extension):
            return
        before = hit.status
        if not self._is_expired(hit) and hit.left > 0:
            hit.status = "Assignable"
        else:
            hit.status = "Unassignable" if hit.count("Accepted") else "Reviewable"
        if hit.status == "Reviewable" != before:
            hit.changed_at = self.now

    def _dispose(self, hit: Hit) -> None:
        hit.status, hit.changed_at = "Disposed", self.now

    # Finding.

    def _works(self) -> Iterator[Work]:
        for hit in self.hits:
            yield from hit.works

    def hit(self, hit_id: str) -> Hit:
        """GetHIT."""
        for hit in self.hits:
            if hit.id == hit_id:
                return hit
        raise _no_hit(hit_id)

    def _work(self, assignment_id: str) -> Work:
        """Find who has an id now, as ids go from one worker to the next."""
        for work in self._works():
            if work.id == assignment_id and work.status not in ("Returned", "Abandoned"):
                return work
        raise _no_assignment(assignment_id)

    def kind(self, kind_id: str) -> Kind:
        """Find a HIT type that can still be used."""
        for kind in self.kinds:
            if kind.id == kind_id and not self._is_gone(kind):
                return kind
        raise Refusal("HITTypeDoesNotExist")

    def equal_kind(self, properties: Properties) -> Kind | None:
        """Find the HIT type that has exactly these properties."""
        for kind in self.kinds:
            if kind.properties == properties and not self._is_gone(kind):
                return kind
        return None

    def _idle_time(self, kind: Kind) -> int:
        hits = [hit for hit in self.hits if hit.kind is kind]
        if any(hit.status != "Disposed" for hit in hits):
            return 0
        return self.now - max([kind.used_at, *(hit.changed_at for hit in hits)])

    def _is_gone(self, kind: Kind) -> bool:
        return self._idle_time(kind) >= _UNUSED_KINDS_ARE_KEPT_FOR

    def is_doubtful(self, kind: Kind) -> bool:
        """Say whether a HIT type may be gone or not, as nobody notes its uses to the second."""
        return 0 <= _UNUSED_KINDS_ARE_KEPT_FOR - self._idle_time(kind) <= _USE_IS_NOTED_ONCE_A

    # Tokens.

    def _refuse_repeat(self, space: str, token: str | None) -> None:
        used = self._tokens.get((space, token or ""))
        if used is None or self.now - used.at >= _TOKENS_COUNT_FOR:
            return
        if used.hit is not None:
            text = f'The HIT with ID "{used.hit.id}" already exists for the idempotency token "{token}".'
            raise Refusal("HITAlreadyExists", text)
        text = f'The idempotency token "{token}" has already been processed.'
        raise Refusal("DuplicateCall", f"{text} {used.request}".strip())

    def _remember(self, space: str, token: str | None, request: str = "", hit: Hit | None = None) -> None:
        if token is not None:
            self._tokens[space, token] = _Used(self.now, request, hit)

    def used_at(self, space: str, token: str) -> int | None:
        """Say when a token did its work, if it did."""
        used = self._tokens.get((space, token))
        return None if used is None else used.at

    # HITs.

    def create_hit_type(self, properties: Properties) -> Kind:
        """CreateHITType."""
        kind = self.equal_kind(properties)
        if kind is None:
            kind = Kind(properties, self.now)
            self.kinds.append(kind)
        kind.used_at = self.now
        return kind

    def create_hit(self, what: Properties | str, most: int, lifetime: int, token: str | None) -> Hit:
        """CreateHIT, with properties, or CreateHITWithHITType, with the id of a HIT type."""
        self._refuse_repeat("HIT", token)
        if isinstance(what, str):
            properties, kind = None, self.kind(what)
        else:
            properties, kind = what, self.equal_kind(what) or Kind(what, self.now)
        _require("LifetimeInSeconds", lifetime, *_LIFETIME)
        _require("MaxAssignments", most, 1, 1_000_000_000)
        self._require_funds(most * _cost(kind.properties.reward, most))
        if properties is not None:
            kind = self.create_hit_type(properties)
        kind.used_at = self.now
        hit = Hit(len(self.hits), kind, most, self.now, self.now + lifetime * SECOND, self.now)
        self.hits.append(hit)
        self._remember("HIT", token, hit=hit)
        return hit

    def create_additional_assignments(self, hit_id: str, more: int, token: str | None, request: str) -> None:
        """CreateAdditionalAssignmentsForHIT."""
        self._refuse_repeat("more", token)
        _require("NumberOfAdditionalAssignments", more, 1, 1_000_000_000)
        hit = self.hit(hit_id)
        if hit.status == "Disposed":
            raise _wrong_hit_state(hit)
        if hit.most < _LARGE <= hit.most + more:
            raise Refusal("InvalidMaximumAssignmentsIncrease")
        if not self._is_expired(hit):
            self._require_funds(more * hit.cost)
        hit.most += more
        hit.changed_at = self.now
        self._recompute(hit, extension=True)
        self._remember("more", token, request)

    def update_expiration(self, hit_id: str, expire_at: int) -> None:
        """UpdateExpirationForHIT, with the time in milliseconds."""
        hit = self.hit(hit_id)
        if hit.status == "Disposed":
            raise _wrong_hit_state(hit)
        if expire_at > self.now:
            self._extend(hit, expire_at)
        elif not self._is_expired(hit):
            hit.expires_at = hit.changed_at = self.now
            self._recompute(hit)

    def _extend(self, hit: Hit, expire_at: int) -> None:
        token = f"{hit.id}{datetime.fromtimestamp(expire_at / SECOND, UTC):%a %b %d %H:%M:%S UTC %Y}"
        self._refuse_repeat("extension", token)
        step = expire_at - max(hit.expires_at, self.now)
        _require("ExpirationIncrementInSeconds", int(step / SECOND), *_EXTENSION)
        _require("LifetimeInSeconds", ceil((expire_at - hit.created_at) / SECOND), *_LIFETIME)
        if self._is_expired(hit):
            self._require_funds(hit.left * hit.cost)
        hit.expires_at, hit.changed_at = expire_at, self.now
        self._recompute(hit, extension=True)
        self._remember("extension", token)

    def update_review_status(self, hit_id: str, *, revert: bool) -> None:
        """UpdateHITReviewStatus."""
        hit = self.hit(hit_id)
        before, after = ("Reviewing", "Reviewable") if revert else ("Reviewable", "Reviewing")
        if hit.status != before:
            raise _wrong_hit_state(hit, before)
        hit.status, hit.changed_at = after, self.now

    def update_type(self, hit_id: str, kind_id: str) -> None:
        """UpdateHITTypeOfHIT."""
        hit, kind = self.hit(hit_id), self.kind(kind_id)
        if hit.status == "Disposed" or hit.works:
            raise _wrong_hit_state(hit)
        moved = replace(hit, kind=kind)
        self._require_funds(self._liability(moved) - self._liability(hit))
        hit.kind.used_at = kind.used_at = hit.changed_at = self.now
        hit.kind = kind

    def delete_hit(self, hit_id: str) -> None:
        """DeleteHIT."""
        hit = self.hit(hit_id)
        if hit.status not in ("Reviewing", "Reviewable") or hit.count("Submitted"):
            raise _wrong_hit_state(hit, "Reviewing", "Reviewable")
        self._dispose(hit)

    # Workers.

    def _has_or_had(self, worker: str, hit: Hit) -> bool:
        return any(work.worker == worker and work.status not in ("Returned", "Abandoned") for work in hit.works)

    def is_eligible(self, worker: str, kind: Kind) -> bool:
        """Say whether a worker meets what the HITs of a type require."""
        done = any(work.worker == worker and work.status == "Approved" for work in self._works())
        return done or not kind.properties.experience

    def offers(self, worker: str, kind: Kind) -> list[Hit]:
        """List the HITs of a type that are left for a worker, requirements aside."""
        return [
            hit
            for hit in self.hits
            if hit.kind is kind and hit.status == "Assignable" and not self._has_or_had(worker, hit)
        ]

    def accept(self, worker: str, hit_id: str) -> Work:
        """Accept a HIT."""
        hit = self.hit(hit_id)
        if worker in self.blocks:
            raise Refusal("PermissionDenied")
        if self._has_or_had(worker, hit):
            raise Refusal("AssignmentAlreadyExists")
        if hit.status != "Assignable":
            raise Refusal("NoHITsAvailableInGroupException")
        if not self.is_eligible(worker, hit.kind):
            raise Refusal("DoesNotMeetRequirements")
        work = Work(hit, worker, self.now, self.now + hit.kind.properties.duration * SECOND)
        hit.works.append(work)
        self._recompute(hit)
        return work

    def require_offer(self, worker: str, kind: Kind) -> None:
        """Refuse to let a worker accept any HIT of a group, unless there is one."""
        if worker in self.blocks:
            raise Refusal("PermissionDenied")
        if not self.is_eligible(worker, kind):
            raise Refusal("DoesNotMeetRequirements")
        if not any(hit.kind is kind and hit.status == "Assignable" for hit in self.hits):
            raise Refusal("NoHITsAvailableInGroupException")
        if not self.offers(worker, kind):
            raise Refusal("NoMoreWorkableHITsInGroupException")

    def _held_by(self, worker: str, assignment_id: str) -> Work:
        # The manual has no words for workers.
        for work in self._works():
            if work.id == assignment_id and work.worker == worker and work.status == "Accepted":
                return work
        if any(work.id == assignment_id and work.worker == worker and work.submitted_at for work in self._works()):
            raise Refusal("InvalidAssignmentState")
        raise Refusal("AssignmentDoesNotExist")

    def submit(self, worker: str, assignment_id: str, answer: str) -> None:
        """Submit an assignment."""
        work = self._held_by(worker, assignment_id)
        work.place = 1 + sum(other.submitted_at is not None for other in self._works())
        work.status, work.answer, work.submitted_at = "Submitted", answer, self.now
        work.auto_approval_at = self.now + work.hit.kind.properties.delay * SECOND
        if work.auto_approval_at == self.now:
            self._approve(work, None)
        self._recompute(work.hit)

    def return_assignment(self, worker: str, assignment_id: str) -> None:
        """Give an assignment back."""
        work = self._held_by(worker, assignment_id)
        self._free(work, "Returned")
        self._recompute(work.hit)

    def _free(self, work: Work, status: str) -> None:
        work.status = status
        work.hit.freed.append(work.id)

    # Decisions.

    def get_assignment(self, assignment_id: str) -> Work:
        """GetAssignment."""
        work = self._work(assignment_id)
        if work.status == "Accepted":
            raise _wrong_assignment_state("Reviewable", "Approved", "Rejected")
        return work

    def approve(self, assignment_id: str, feedback: str | None, *, override: bool) -> None:
        """ApproveAssignment."""
        work = self._work(assignment_id)
        if work.status == "Accepted":
            raise _wrong_assignment_state("null")
        if work.status == "Rejected" and override and self._can_be_overridden(work):
            self._require_funds(work.hit.cost)
        elif work.status != "Submitted":
            raise _wrong_assignment_state("Submitted")
        self._approve(work, feedback)

    def _can_be_overridden(self, work: Work) -> bool:
        assert work.submitted_at is not None
        return self.now <= work.submitted_at + _REJECTIONS_CAN_BE_OVERRIDDEN_FOR and work.hit.status != "Disposed"

    def _approve(self, work: Work, feedback: str | None) -> None:
        work.status, work.approved_at = "Approved", self.now
        work.feedback = work.feedback if feedback is None else feedback
        reward = work.hit.kind.properties.reward
        self._pay(work.worker, reward, work.hit.cost - reward)
        work.hit.changed_at = self.now

    def reject(self, assignment_id: str, feedback: str) -> None:
        """RejectAssignment, with feedback that may be empty, which is none at all."""
        work = self._work(assignment_id)
        if work.status == "Accepted":
            raise _wrong_assignment_state("null")
        if work.status != "Submitted":
            raise _wrong_assignment_state("Submitted")
        work.status, work.rejected_at, work.feedback = "Rejected", self.now, feedback or None
        work.hit.changed_at = self.now

    def send_bonus(self, worker: str, assignment_id: str, amount: int, token: str | None, request: str) -> None:
        """SendBonus."""
        self._refuse_repeat("bonus", token)
        if not amount:
            raise _invalid("BonusAmount", "0.00")
        work = self._work(assignment_id)
        if work.status == "Accepted":
            raise _no_assignment(assignment_id)
        if work.worker != worker:
            raise _invalid("WorkerId", worker)
        fee = _percent(amount, 20)
        self._require_funds(amount + fee)
        self._pay(worker, amount, fee)
        self.bonuses.append(Bonus(len(self.bonuses) + 1, work, amount, "Well done", self.now))
        self._remember("bonus", token, request)

    # Blocks.

    def block(self, worker: str, reason: str) -> None:
        """CreateWorkerBlock; doing it again only changes the reason."""
        self._blocked += 1
        place, _ = self.blocks.get(worker, (self._blocked, ""))
        self.blocks[worker] = place, reason

    def unblock(self, worker: str) -> None:
        """DeleteWorkerBlock, which is harmless where there is none."""
        self.blocks.pop(worker, None)

    # Lists: each item with its place, in order.

    def list_hits(self) -> list[tuple[int, Hit]]:
        """ListHITs, the newest first."""
        return [(-hit.number, hit) for hit in reversed(self.hits) if hit.status != "Disposed"]

    def list_reviewable_hits(self, kind_id: str | None, status: str) -> list[tuple[int, Hit]]:
        """ListReviewableHITs, the oldest first."""
        return [(hit.number, hit) for hit in self.hits if hit.status == status and kind_id in (None, hit.kind.id)]

    def list_assignments(self, hit_id: str, statuses: frozenset[str]) -> list[tuple[int, Work]]:
        """ListAssignmentsForHIT, in the order in which they were submitted."""
        shown = statuses or {"Submitted", "Approved", "Rejected"}
        found = [work for work in self.hit(hit_id).works if work.status in shown]
        return sorted(((work.place, work) for work in found), key=lambda item: item[0])

    def list_bonuses(self, hit_id: str | None, assignment_id: str | None) -> list[tuple[int, Bonus]]:
        """ListBonusPayments, in the order in which they were paid; the assignment wins."""
        if assignment_id is not None:
            work = self._work(assignment_id)
            if work.status == "Accepted":
                raise _no_assignment(assignment_id)
            return [(bonus.place, bonus) for bonus in self.bonuses if bonus.work is work]
        hit = self.hit(hit_id or "")
        return [(bonus.place, bonus) for bonus in self.bonuses if bonus.work.hit is hit]

    def list_blocks(self) -> list[tuple[int, tuple[str, str]]]:
        """ListWorkerBlocks, in the order in which they were blocked."""
        found = [(place, (worker, reason)) for worker, (place, reason) in self.blocks.items()]
        return sorted(found)

    def queue(self, worker: str) -> list[Work]:
        """List what a worker has in work, in the order in which it was accepted."""
        return [work for work in self._accepted() if work.worker == worker]

    def _accepted(self) -> list[Work]:
        found = [work for work in self._works() if work.status == "Accepted"]
        return sorted(found, key=lambda work: work.accepted_at)
