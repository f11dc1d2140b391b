"""
HITs: ending one, extending one, and taking one away for good.

Whom to keep out of HITs, and writing to workers: :mod:`aioturk.shortcuts.workers`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from aioturk._core.accepted import Duration
from aioturk._generated import tables
from aioturk._generated.operations import Operations
from aioturk.errors import (
    DuplicateCall,
    HITDoesNotExist,
    InvalidAssignmentState,
    InvalidHITState,
    InvalidRequest,
    NotRetired,
    ParameterValidationError,
    RequestError,
    TurkError,
)
from aioturk.models import HIT, Assignment, AssignmentStatus, HITStatus
from aioturk.shortcuts._steps import Steps, checked, count, several_at_once, tell

__all__ = ["HITShortcuts"]


class HITShortcuts(Steps):
    """What is done with a HIT in several steps."""

    __slots__ = ()

    async def expire_hit(self, hit_id: str) -> None:
        """
        Take a HIT off the market now.

        Nobody can accept it any more. Workers who have it keep their assignments, and may submit them until their own
        deadlines. It is brought back with `extend_hit`.

        Money: nothing is paid and nothing is lost. Work that is or will be submitted still waits for your decision, or
        approves itself in time.

        It may be called any number of times, and no clock can be wrong about it: the time that is sent is that of 1970.

        Args:
            hit_id: The HIT's id.

        Raises:
            HITDoesNotExist: The id is unknown in this environment.
            InvalidHITState: The HIT has been deleted.
        """
        await self.update_expiration_for_hit(hit_id, expire_at=0)

    async def extend_hit(
        self,
        hit_id: str,
        *,
        assignments: int | None = None,
        lifetime: Duration | None = None,
        expire_at: datetime | None = None,
        unique_request_token: str | None = None,
    ) -> datetime | None:
        """
        Give a HIT more time, more assignments, or both; an expired one comes back on the market.

        Time comes first, because it can be given twice without harm; assignments, which cannot, come last. When they
        fail, the HIT has its time, and the error says so.

        Whether a HIT has expired is for the service's clock to say, and the HIT's state tells it: nobody can accept it,
        although assignments are left. Only when none are left it is reckoned by this computer's clock. The service
        takes a time that is past by its own clock as the wish to end the HIT, and calls that a success; so the HIT is
        looked at afterwards. Nothing tells how far the service's clock is ahead (that of a marketplace which was turned
        with ``advance`` may be by days), so that is an error, and not tried again: give `expire_at` by its clock.

        Money: more time alone is free, but an expired HIT that comes back has rewards and fees of what is left held
        again. Those for more assignments are held at once, and never twice by one call: every attempt carries the same
        token. With `expire_at` and a token of your own, the whole call may be made again after a crash: `DuplicateCall`
        then means that all of it has been done.

        Args:
            hit_id: The HIT's id.
            assignments: How many assignments to add. A HIT made with fewer than ten can never grow to ten or more. An
                expired HIT needs more time as well before anybody can accept them.
            lifetime: How much more time, 60 seconds to 365 days: a timedelta, or seconds. It is counted from the
                present expiration, or from now if the HIT has expired (then with a second or two on top, so that 60
                seconds do not become 59 on the way). Calling twice adds it twice.
            expire_at: Until when, instead of `lifetime`: an aware datetime, 60 seconds to 365 days after the present
                expiration, or after now if the HIT has expired. A HIT that is not over, and ends then already or up to
                half a minute later, is left as it is.
            unique_request_token: 1 to 64 characters that keep the assignments from being added twice within 24 hours.
                Left out, aioturk makes one for this call.

        Returns:
            When the HIT expires now, if its time was to change. The service never extends a HIT to the same second
            twice, even if it was ended in between; then the next free second is taken.

        Raises:
            InvalidRequest: The arguments ask for nothing, for two ends, or for a time out of bounds. A HIT cannot be
                shortened: `expire_hit` ends it at once.
            HITDoesNotExist: The id is unknown in this environment.
            InvalidMaximumAssignmentsIncrease: The HIT has fewer than ten assignments and would get ten or more.
            InsufficientFunds: The balance does not cover the added assignments; none were added.
            DuplicateCall: The token was used within the last 24 hours; no assignments were added now.
            TurkError: The service took the time for a past one, and did not extend the HIT; none were added.
            ParameterValidationError: The service finds the extension too short or too long.
            InvalidHITState: The HIT has been deleted, or is only seconds old.
        """
        if assignments is None and lifetime is None and expire_at is None:
            raise InvalidRequest("extend_hit is asked for nothing: give assignments, lifetime or expire_at.")
        if lifetime is not None and expire_at is not None:
            raise InvalidRequest("lifetime and expire_at both say how long: give one of them.")
        if assignments is None and unique_request_token is not None:
            raise InvalidRequest("is for added assignments, and none are.", argument="unique_request_token")
        span = None if lifetime is None else _span(lifetime)
        _check_until(expire_at)
        if assignments is not None:
            checked(
                tables.CREATE_ADDITIONAL_ASSIGNMENTS_FOR_HIT,
                {
                    "HITId": hit_id,
                    "NumberOfAdditionalAssignments": assignments,
                    "UniqueRequestToken": unique_request_token,
                },
                called={"number_of_additional_assignments": "assignments"},
            )
        until = None
        if span is not None or expire_at is not None:
            until = await self._give_time(hit_id, span, expire_at)
        if assignments is not None:
            try:
                await self.create_additional_assignments_for_hit(
                    hit_id, number_of_additional_assignments=assignments, unique_request_token=unique_request_token
                )
            except TurkError as error:
                if until is not None:
                    tell(error, f"The HIT has its time: it expires at {until}. Only the assignments failed.")
                raise
        return until

    async def _give_time(self, hit_id: str, span: timedelta | None, expire_at: datetime | None) -> datetime:
        hit = await self.get_hit(hit_id)
        now = self._now()
        is_over = _is_over(hit, now)
        # Our clock may be behind: for the service it is not earlier than the expiration of what is over.
        start = max(hit.expiration, now) if is_over else hit.expiration
        if expire_at is None:
            assert span is not None
            if is_over:
                # Whole seconds, and enough of them that the way to the service does not use up what was asked for.
                start = start.replace(microsecond=0) + timedelta(seconds=2)
            return await self._extend_to(hit, start + span)
        if not is_over and -_ROUNDING <= hit.expiration - expire_at < timedelta(seconds=_SECONDS_TO_TRY):
            # Given before, perhaps with the next free second.
            if hit.hit_status != HITStatus.ASSIGNABLE:
                await self._make_sure_of(hit)
            return hit.expiration
        if not _SHORTEST <= expire_at - start <= _LONGEST:
            raise InvalidRequest(
                f"is {expire_at}; the service lets a HIT be extended by 60 seconds to 365 days, counted from "
                f"{_called(start, hit, now)}. It cannot be shortened: expire_hit() ends it at once.",
                argument="expire_at",
            )
        return await self._extend_to(hit, expire_at)

    async def _make_sure_of(self, hit: HIT) -> None:
        """
        Make sure that a HIT's expiration is still to come for the service, when its state does not tell.

        An extension by half of the shortest one is refused. But if the expiration has passed for the service, so has
        that time, and the service has nothing against it. Either way nothing is changed.
        """
        moment = hit.expiration + _SHORTEST / 2
        try:
            await self.update_expiration_for_hit(hit.hit_id, expire_at=moment)
        except ParameterValidationError:
            return
        except RequestError as error:
            if not _says_used_before(error, hit.hit_id):
                raise
            return
        raise _taken_for_past(moment, hit, hit)

    async def _extend_to(self, hit: HIT, moment: datetime) -> datetime:
        """Extend a HIT to a moment, or to the first second after it that it was not extended to before."""
        last = moment + timedelta(seconds=_SECONDS_TO_TRY - 1)
        while True:
            try:
                await self.update_expiration_for_hit(hit.hit_id, expire_at=moment)
            except RequestError as error:
                # An ambiguous refusal may be the echo of our own attempt, whose outcome could not be read.
                if error.ambiguous or moment >= last or not _says_used_before(error, hit.hit_id):
                    raise
            else:
                return await self._look_at_time(hit, moment)
            moment += timedelta(seconds=1)

    async def _look_at_time(self, before: HIT, moment: datetime) -> datetime:
        """Return when a HIT expires that was extended to a moment, if it was."""
        try:
            hit = await self.get_hit(before.hit_id)
        except TurkError as error:
            tell(error, f"The service has accepted that the HIT expires at {moment}; looking whether it does failed.")
            raise
        if hit.expiration < moment - _ROUNDING:
            raise _taken_for_past(moment, before, hit)
        return hit.expiration

    async def retire_hit(
        self, hit_id: str, *, approve_pending: bool = False, timeout: float | timedelta | None = None
    ) -> tuple[Assignment, ...]:
        """
        End a HIT, wait until nobody is working on it any more, decide what is left, and delete it.

        Every step may be done again: after an error, a crash or a cancellation, call it again and it goes on. A HIT
        that has been deleted already is a success.

        Collect the answers first: Amazon's marketplace does not give them back after the deletion.

        Money: submitted work is approved, and so paid, only with `approve_pending`; nothing is ever rejected. Without
        it a HIT with undecided work is kept, and the error counts that work. Assignments that nobody took cost nothing.

        Args:
            hit_id: The HIT's id.
            approve_pending: Whether to approve submitted work that you have not decided on, including what is submitted
                while waiting.
            timeout: How long to wait for the workers: seconds or a timedelta. 0 does what can be done at once. Unless
                given, as long as a worker may take, which is the HIT's assignment duration, and two minutes. Each call
                to the service has the client's own timeout.

        Returns:
            The submitted work that was found undecided, as it was submitted, with its answers; without
            `approve_pending` there is none.

        Raises:
            NotRetired: Submitted work waits for a decision, or the time ran out. The HIT is expired, and kept.
            HITDoesNotExist: The id is unknown in this environment.
            InsufficientFunds: The balance does not cover an approval.
        """
        patience = None if timeout is None else _patience(timeout)
        started, pause = self._clock.monotonic(), _FIRST_LOOK
        work = _Retirement(self, hit_id, approve_pending)
        while not await work.go_on():
            if work.undecided and not approve_pending:
                raise work.obstacle()
            limit = work.longest + _GRACE if patience is None else patience
            left = started + limit - self._clock.monotonic()
            if left <= 0:
                raise work.obstacle(after=limit) from work.refusal
            await self._clock.sleep(min(pause, left))
            pause = min(2 * pause, _LAST_LOOK)
        return tuple(work.found.values())


@dataclass(slots=True)
class _Retirement:
    """
    A HIT on its way out.

    Attributes:
        found: The submitted work that was found while it may be approved, by assignment ids.
        approved: The ids of the assignments that were approved.
        undecided: The ids of the submitted assignments that waited for a decision after the last look.
        in_work: How many workers had the HIT in work at the last look.
        longest: How many seconds a worker may have it in work.
        refusal: What the service had against the last step, when the HIT's state was not what it had been a moment ago.
    """

    mturk: Operations
    hit_id: str
    approve_pending: bool
    found: dict[str, Assignment] = field(default_factory=dict)
    approved: set[str] = field(default_factory=set)
    undecided: tuple[str, ...] = ()
    in_work: int = 0
    longest: float = 0.0
    refusal: InvalidHITState | None = None
    _seen: bool = False
    _ended: bool = False

    async def go_on(self) -> bool:
        """Do what can be done now; return whether the HIT is gone."""
        self.refusal = None
        try:
            return await self._go_on()
        except HITDoesNotExist:
            # What was there a moment ago has been deleted by somebody else. An id that never was is a mistake.
            if not self._seen:
                raise
            return True
        except InvalidHITState as refusal:
            # Something has happened meanwhile: the next look tells what.
            self.refusal = refusal
            return False
        except TurkError as error:
            if self._ended:
                tell(error, f"{self._done()} Calling again goes on from here.")
            raise

    async def _go_on(self) -> bool:
        hit = await self.mturk.get_hit(self.hit_id)
        self._seen = True
        if hit.hit_status == HITStatus.DISPOSED:
            return True
        if not self._ended or hit.hit_status == HITStatus.ASSIGNABLE:
            await self.mturk.update_expiration_for_hit(self.hit_id, expire_at=0)
            self._ended = True
            hit = await self.mturk.get_hit(self.hit_id)
        self.in_work = hit.number_of_assignments_pending
        self.longest = hit.assignment_duration.total_seconds()
        # Looked for after the state: once nobody works any more, nothing is submitted after this look.
        await self._decide()
        if self.undecided or hit.hit_status not in _DELETABLE:
            return False
        await self.mturk.delete_hit(self.hit_id)
        return True

    async def _decide(self) -> None:
        submitted = {
            each.assignment_id: each
            async for each in self.mturk.list_assignments_for_hit(
                self.hit_id, assignment_statuses=[AssignmentStatus.SUBMITTED]
            )
        }
        if self.approve_pending and submitted:
            self.found.update(submitted)
            await several_at_once(submitted, self._approve)
        self.undecided = tuple(each for each in submitted if each not in self.approved)

    async def _approve(self, assignment_id: str) -> None:
        try:
            await self.mturk.approve_assignment(assignment_id)
        except InvalidAssignmentState:
            # Decided by somebody else meanwhile, or so fresh that it cannot be decided yet: the next look tells.
            return
        self.approved.add(assignment_id)

    def obstacle(self, *, after: float | None = None) -> NotRetired:
        """Say why the HIT is kept: because of undecided work, or because it is not gone after so many seconds."""
        workers, waiting = count(self.in_work, "worker"), count(len(self.undecided), "submitted assignment")
        if after is None:
            why = f"undecided work, {waiting}" + (f"; still at work, {workers}." if self.in_work else ".")
            remedy = (
                "Approve or reject it and call again; approve_pending=True approves, and so pays, what is submitted."
            )
        else:
            reasons = [f"still at work, {workers}"] if self.in_work else []
            reasons += [f"not to be approved yet, {waiting}"] if self.undecided else []
            why = "; ".join(reasons) or "the service does not let it be deleted yet"
            why = f"{why}, after {count(round(after), 'second')}."
            remedy = "Call again later: it goes on from here."
        return NotRetired(
            f"The HIT {self.hit_id} is kept: {why} {self._done()} {remedy}",
            hit_id=self.hit_id,
            undecided=self.undecided,
            in_work=self.in_work,
            approved=len(self.approved),
        )

    def _done(self) -> str:
        ended = "It is expired: nobody can accept it any more." if self._ended else "It could not be expired."
        return f"{ended} Approved so far: {count(len(self.approved), 'assignment')}." if self.approved else ended


# What arguments have to be.


def _span(lifetime: Duration) -> timedelta:
    is_number = isinstance(lifetime, int) and not isinstance(lifetime, bool)
    if not is_number and not isinstance(lifetime, timedelta):
        raise InvalidRequest(f"is {lifetime!r}; give a timedelta, or whole seconds.", argument="lifetime")
    seconds = lifetime.total_seconds() if isinstance(lifetime, timedelta) else lifetime
    if not _SHORTEST.total_seconds() <= seconds <= _LONGEST.total_seconds():
        raise InvalidRequest(
            f"is {lifetime!r:.40}; the service lets a HIT be extended by 60 seconds to 365 days at a time.",
            argument="lifetime",
        )
    return timedelta(seconds=seconds)


def _check_until(expire_at: object) -> None:
    if expire_at is None:
        return
    if not isinstance(expire_at, datetime) or expire_at.utcoffset() is None:
        raise InvalidRequest(
            f"is {expire_at!r:.60}; give a datetime with a time zone, for example datetime.now(timezone.utc).",
            argument="expire_at",
        )


def _patience(timeout: float | timedelta) -> float:
    seconds: Any = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
        raise InvalidRequest(f"is {timeout!r:.40}; give seconds, 0 or more, or a timedelta.", argument="timeout")
    return float(seconds)


def _is_over(hit: HIT, now: datetime) -> bool:
    """Whether a HIT has expired: by its state, which knows the service's clock, or by our clock if that tells not."""
    if hit.hit_status == HITStatus.ASSIGNABLE:
        return False
    return hit.number_of_assignments_available > 0 or hit.expiration <= now


def _called(start: datetime, hit: HIT, now: datetime) -> str:
    """Say what an extension is counted from."""
    if start != hit.expiration:
        return f"now, {start.replace(microsecond=0)}"
    if not _is_over(hit, now):
        return f"the present expiration, {start}"
    return f"its expiration, {start}, which has passed by the service's clock (it is ahead of this computer's)"


def _taken_for_past(moment: datetime, before: HIT, after: HIT) -> TurkError:
    moved = after.expiration != before.expiration
    error = TurkError(
        f"The HIT {after.hit_id} was to expire at {moment}, and its expiration is {after.expiration}: the service's "
        "clock is ahead of this computer's, and it took that time for a past one; or somebody ended the HIT meanwhile. "
        f"{'' if moved else 'The HIT is as it was. '}No assignments were added. Set this computer's clock, or give "
        "expire_at a time to come by the service's clock.",
        operation="UpdateExpirationForHIT",
    )
    error.ambiguous = moved
    return error


def _says_used_before(error: RequestError, hit_id: str) -> bool:
    """Whether an extension is refused because the HIT was extended to this very second before."""
    # The code is not documented; the text that was seen is: The idempotency token "<HIT id><time>" has already been ...
    return isinstance(error, DuplicateCall) or (type(error) is RequestError and f'"{hit_id}' in error.message)


_SHORTEST: Final = timedelta(seconds=60)
_LONGEST: Final = timedelta(days=365)
"""By how much one extension moves an expiration, at least and at most.

https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_UpdateExpirationForHITOperation.html
"""

_ROUNDING: Final = timedelta(seconds=1)
"""By how much an expiration may be earlier than it was asked for: the service may drop fractions."""

_SECONDS_TO_TRY: Final = 30
"""How many seconds to try, the one asked for included, when a HIT was extended to it before."""

_DELETABLE: Final = frozenset({HITStatus.REVIEWABLE, HITStatus.REVIEWING})
"""https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_DeleteHITOperation.html"""

_FIRST_LOOK: Final = 1.0
_LAST_LOOK: Final = 30.0
"""Seconds between looks at a HIT that is still in work: the first wait, which doubles each time, and the longest."""

_GRACE: Final = 120.0
"""Seconds for which a HIT is waited for beyond the time that its workers have."""
