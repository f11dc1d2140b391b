"""
Submissions: what a worker has handed in for a task, typed, and what may be done about it.

`Task.submissions` makes them; how HITs are walked and read ahead is here, too.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, cast

from aioturk._core.accepted import Money
from aioturk._core.money import amount_of
from aioturk.annotations import annotation_of
from aioturk.answers import Answers
from aioturk.errors import AnswerError, HITDoesNotExist, RequestError, TurkError
from aioturk.models import HIT, Assignment, AssignmentStatus
from aioturk.settlement import token_was_used
from aioturk.tasks.ahead import ahead

if TYPE_CHECKING:
    from aioturk.client import Client

__all__ = ["Submission", "assignments_of"]

T = TypeVar("T")

_log = logging.getLogger(__name__)

_AHEAD = 8
"""How many HITs are read ahead of the one that is being looked at."""


@dataclass(frozen=True, slots=True)
class Submission(Generic[T]):
    """
    What a worker has submitted, with what may be done about it.

    Attributes:
        assignment: The assignment as it was when it was read.
        hit: Its HIT.
        error: Why the answer does not fit the task's type; None when it does.
    """

    _mturk: Client = field(repr=False)
    assignment: Assignment
    hit: HIT
    _answer: T | None
    error: AnswerError | None

    @property
    def answer(self) -> T:
        """
        The answer, of the task's type.

        Raises:
            AnswerError: It does not fit: look at `error` first, or at `answers`, which takes every readable document.
        """
        if self.error is not None:
            raise self.error
        return cast("T", self._answer)

    @property
    def answers(self) -> Answers:
        """The answers as they came, texts and selections by question."""
        return self.assignment.answers

    @property
    def assignment_id(self) -> str:
        """The assignment's id."""
        return self.assignment.assignment_id

    @property
    def worker_id(self) -> str:
        """The worker's id."""
        return self.assignment.worker_id

    @property
    def status(self) -> AssignmentStatus:
        """Whether it was decided, when it was read, and how."""
        return self.assignment.assignment_status

    @property
    def batch(self) -> str | None:
        """The batch that the HIT's annotation names."""
        note = annotation_of(self.hit)
        return None if note is None else note.batch

    @property
    def key(self) -> str | None:
        """What the row is called that the HIT is for, as its annotation says."""
        note = annotation_of(self.hit)
        return None if note is None else note.row

    async def approve(self, feedback: str | None = None, *, override_rejection: bool = False) -> None:
        """
        Approve the work, and pay its reward.

        Args:
            feedback: What to tell the worker, at most 1,024 characters.
            override_rejection: Approve it although it was rejected, within 30 days.
        """
        await self._mturk.approve_assignment(
            self.assignment_id, requester_feedback=feedback, override_rejection=override_rejection or None
        )

    async def reject(self, feedback: str) -> None:
        """
        Reject the work; nothing is paid.

        Args:
            feedback: Why, for the worker: 1 to 1,024 characters.
        """
        await self._mturk.reject_assignment(self.assignment_id, requester_feedback=feedback)

    async def bonus(self, amount: Money, reason: str, *, unique_request_token: str | None = None) -> None:
        """
        Pay the worker something on top of the reward, once.

        A bonus is known by its assignment, its amount and its reason. Paying the same one again, in a loop that was
        broken off and is run once more, does nothing: what was paid is looked up first, and two calls at the same time
        carry the same token. For a second bonus give another reason.

        Args:
            amount: How much, in US dollars; a fee comes on top.
            reason: What for, for the worker.
            unique_request_token: A token of your own; then nothing is looked up, and a call with a token that was used
                is refused.

        Raises:
            InsufficientFunds: The balance does not cover it. Nothing was paid.
        """
        if unique_request_token is not None:
            await self._send_bonus(amount, reason, unique_request_token)
            return
        dollars = amount_of(amount, "amount")
        if await self._was_paid(dollars, reason):
            return
        known = f"aioturk.tasks bonus\0{self.assignment_id}\0{dollars}\0{reason}"
        token = sha256(known.encode(errors="surrogatepass")).hexdigest()
        try:
            await self._send_bonus(dollars, reason, token)
        except RequestError as refused:
            if not token_was_used(refused, token):
                raise
            # The token is this bonus and no other. Whether it was paid is seen in the list, when that is up to date.
            refused.ambiguous = True
            try:
                was_paid = await self._was_paid(dollars, reason)
            except TurkError as failure:
                raise refused from failure
            if not was_paid:
                raise

    async def _was_paid(self, dollars: Decimal, reason: str) -> bool:
        async with aclosing(aiter(self._mturk.list_bonus_payments(assignment_id=self.assignment_id))) as payments:
            async for paid in payments:
                # A list that tells no reasons leaves open which bonus it was: then it was this one.
                same_reason = paid.reason is None or paid.reason.split() == reason.split()
                if (paid.worker_id, paid.bonus_amount) == (self.worker_id, dollars) and same_reason:
                    return True
        return False

    async def _send_bonus(self, amount: Money, reason: str, token: str) -> None:
        await self._mturk.send_bonus(
            worker_id=self.worker_id,
            assignment_id=self.assignment_id,
            bonus_amount=amount,
            reason=reason,
            unique_request_token=token,
        )


# Walking.


class _Beginning(NamedTuple):
    """The first assignments of a HIT, and where the others follow, if there are any."""

    assignments: tuple[Assignment, ...]
    next_token: str | None


async def assignments_of(mturk: Client, hits: AsyncIterable[HIT]) -> AsyncGenerator[tuple[HIT, Assignment], None]:
    """
    Walk all assignments of HITs, several of which are read ahead.

    A HIT that is deleted meanwhile has none any more.
    """

    async def begin(hit: HIT) -> _Beginning:
        try:
            page = await mturk.list_assignments_for_hit(hit.hit_id)
        except HITDoesNotExist:
            return _Beginning((), None)
        if not page.next_token:
            return _Beginning(page.items, None)
        try:
            # The service tells the end by a page without items; that is worth reading ahead as well.
            following = await mturk.list_assignments_for_hit(hit.hit_id, next_token=page.next_token)
        except HITDoesNotExist:
            return _Beginning(page.items, None)
        return _Beginning((*page.items, *following.items), following.next_token or None)

    async with aclosing(ahead(hits, begin, most=_AHEAD)) as found:
        async for hit, beginning in found:
            for assignment in beginning.assignments:
                yield hit, assignment
            if beginning.next_token is not None:
                rest = mturk.list_assignments_for_hit(hit.hit_id, next_token=beginning.next_token)
                try:
                    async with aclosing(aiter(rest)) as assignments:
                        async for assignment in assignments:
                            yield hit, assignment
                except HITDoesNotExist as gone:
                    _log.info("the HIT %s was deleted while its assignments were read: %s", hit.hit_id, gone)
