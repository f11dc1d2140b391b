"""
Running a batch: where it stands, ending it, giving it more time, taking it away for good.

That ledger and service agree is looked at in `aioturk.batch.reconciling`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from aioturk._core.refusal import short
from aioturk.batch.collecting import Collector
from aioturk.batch.desk import PORTION, Desk
from aioturk.batch.documents import read_hit
from aioturk.batch.extending import settle_seen
from aioturk.batch.ledger import extensions, hits, submissions, units
from aioturk.batch.ledger.hits import GONE, LOST, OPEN, OVER, Watched
from aioturk.batch.ledger.money import money
from aioturk.batch.plan import Problem
from aioturk.batch.searching import search
from aioturk.batch.tally import Tally
from aioturk.batch.units import Kind, State
from aioturk.errors import HITDoesNotExist, InvalidHITState, InvalidRequest, NotRetired, TurkError
from aioturk.models import AssignmentStatus, HITStatus
from aioturk.tasks.ahead import ahead, each
from aioturk.tasks.publishing import ACCOUNT_LEVEL

__all__ = ["Housekeeping", "Status", "Stopped", "check_lifetime"]

_AT_ONCE: Final = 32
"""How many HITs are ended or deleted at once."""
_FIRST_LOOK: Final = 1.0
_LAST_LOOK: Final = 30.0
"""Seconds between looks whether workers are still at it."""
_LONGEST_LIFETIME: Final = 365 * 86400
"""Seconds that a HIT may be offered."""
_SAME: Final = timedelta(minutes=2)
"""Expirations that differ by less are the same; the service takes no smaller steps than a minute."""
_GRACE: Final = 120.0
"""Seconds that are waited for workers beyond the longest time that they have."""


@dataclass(frozen=True, slots=True)
class Status:
    """
    Where a batch stands.

    Attributes:
        published: Rows that have their HIT.
        refused: Rows that were refused.
        pending: Rows whose HITs are on the way, or may be: the next upload goes on with them.
        unknown: Rows that were left open for so long that nobody can tell any more.
        open: HITs of which submissions may come.
        over: HITs that have ended, and whose submissions have all been read.
        gone: HITs that were deleted.
        submitted: Submissions that wait for a decision.
        approved: Submissions that were approved, by you or in time.
        rejected: Submissions that were rejected.
        spent: What was paid so far, fees and bonuses included, in US dollars.
        held: What may still have to be paid for what is published, in US dollars, fees included.
        reserved: The most that everything in the ledger can cost: what a budget is compared with.
    """

    published: int
    refused: int
    pending: int
    unknown: int
    open: int
    over: int
    gone: int
    submitted: int
    approved: int
    rejected: int
    spent: Decimal
    held: Decimal
    reserved: Decimal

    @property
    def is_complete(self) -> bool:
        """Whether all HITs are published and have ended."""
        return not (self.pending or self.open)

    def __str__(self) -> str:
        rows = [f"{self.published:,} published"]
        for number, name in ((self.pending, "pending"), (self.refused, "refused"), (self.unknown, "unknown")):
            if number:
                rows.append(f"{number:,} {name}")
        return (
            f"{', '.join(rows)}, {self.open:,} open; {self.submitted:,} submitted, "
            f"{self.approved:,} approved, {self.rejected:,} rejected; ${self.spent:,.2f} spent, ${self.held:,.2f} held"
        )


@dataclass(frozen=True, slots=True)
class Stopped:
    """
    What came of stopping a batch.

    Attributes:
        ended: HITs that nobody can accept any more.
        gone: HITs that were deleted before.
        in_work: Assignments that workers have in hand, and may still hand in.
        failed: HITs that could not be ended, with the reasons.
        pending: Rows that are being published, or may be: their HITs may be too new for the list that they were looked
            for in. If there are any, upload or reconcile, and stop once more.
    """

    ended: int
    gone: int
    in_work: int
    failed: tuple[tuple[str, TurkError], ...]
    pending: int


class Housekeeping:
    """
    Looks after the HITs of a batch.

    Args:
        desk: Where.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def status(self, *, refresh: bool) -> Status:
        """Tell where the batch stands."""
        if refresh:
            await Collector(self._desk).collect(decisions=True)
        seq = (await self._desk.as_written()).seq
        counted = await self._desk.perform(units.counts(seq))
        states = await self._desk.perform(hits.count_hits(seq))
        work = await self._desk.perform(submissions.count_submissions(seq))
        costs = await self._desk.perform(money(seq))

        def rows(state: State) -> int:
            return counted.get((Kind.PUBLISH, state), 0)

        return Status(
            published=rows(State.DONE),
            refused=rows(State.REFUSED),
            pending=rows(State.OPEN),
            unknown=rows(State.UNKNOWN),
            open=states.get(OPEN, 0),
            over=states.get(OVER, 0),
            gone=states.get(GONE, 0) + states.get(LOST, 0),
            submitted=work.get("Submitted", 0),
            approved=work.get("Approved", 0),
            rejected=work.get("Rejected", 0),
            spent=_dollars(costs.spent),
            held=_dollars(costs.held),
            reserved=_dollars(costs.reserved),
        )

    async def prolong(self, lifetime: timedelta) -> Tally:
        """
        Give all HITs time until a moment, which is the same for all.

        Raises:
            TurkError: What concerns the whole account; the rest was not tried.
        """
        moment = datetime.fromtimestamp(self._desk.now(), UTC) + lifetime

        async def give(hit_id: str) -> bool:
            # One that has as much time already, of this call when it was broken off or of another, needs none.
            hit = await self._desk.patient.get_hit(hit_id)
            if hit.hit_status == HITStatus.DISPOSED:
                gone.append(hit_id)
            elif hit.expiration < moment - _SAME:
                await self._desk.patient.extend_hit(hit_id, expire_at=moment)
            return True

        tally = Tally()
        seq = await self._desk.seq()
        async for portion in self._hits((OPEN, OVER)):
            gone: list[str] = []
            outcomes = await self._each(portion, give)
            gone += [hit_id for hit_id, error in outcomes if isinstance(error, HITDoesNotExist)]
            # Also those of which it is not known whether they have more time now: they are looked at again.
            await self._desk.perform(hits.reopen([hit_id for hit_id in portion if hit_id not in gone]))
            await self._desk.perform(hits.write_lost(seq, gone))
            for hit_id, error in outcomes:
                if isinstance(error, ACCOUNT_LEVEL):
                    raise error
                if hit_id in gone:
                    continue
                if error is None:
                    tally.done += 1
                else:
                    tally.refused += 1
                    tally.report(Problem(None, hit_id, error))
        return tally

    async def stop(self) -> Stopped:
        """End all HITs, those that the ledger does not know included."""
        ended: set[str] = set()
        failed: list[tuple[str, TurkError]] = []
        gone = 0
        for round_ in range(2):
            if round_ and not await search(self._desk):
                break
            async for portion in self._hits((OPEN, OVER)):
                portion = [hit_id for hit_id in portion if hit_id not in ended]
                for hit_id, error in await self._each(portion, self._desk.patient.expire_hit):
                    if error is None:
                        ended.add(hit_id)
                    elif isinstance(error, HITDoesNotExist | InvalidHITState):
                        gone += 1
                    else:
                        failed.append((hit_id, error))
        in_work = await self._in_work()
        counted = await self._desk.perform(units.counts(await self._desk.seq()))
        return Stopped(len(ended), gone, in_work, tuple(failed), counted.get((Kind.PUBLISH, State.OPEN), 0))

    async def retire(
        self,
        decide: Callable[[], Awaitable[object]],
        *,
        timeout: float | None,
    ) -> int:
        """
        End all HITs, wait for the workers, see to what is undecided, and delete the HITs.

        Args:
            decide: Decides on what is undecided, or does not; pays what was decided on before.
            timeout: How long to wait for workers.
        """
        seq = await self._desk.seq()
        pause = _FIRST_LOOK
        async with self._desk.holder:
            await search(self._desk)
            if left := (await self._desk.perform(units.counts(seq))).get((Kind.PUBLISH, State.OPEN)):
                raise TurkError(
                    f"{left} rows of the batch {self._desk.name!r} are still being published, or may be. Nothing was "
                    "ended or deleted: upload again first, so that nothing is left behind that nobody knows of."
                )
            stopped = await self.stop()
            if stopped.failed:
                raise stopped.failed[0][1]
            started = self._desk.clock.monotonic()
            while in_work := await self._in_work():
                longest = await self._longest()
                limit = longest + _GRACE if timeout is None else timeout
                left_seconds = started + limit - self._desk.clock.monotonic()
                if left_seconds <= 0:
                    raise NotRetired(
                        f"{in_work} assignments of the batch {self._desk.name!r} are still in work. All HITs are "
                        "ended, and kept: call again later.",
                        in_work=in_work,
                    )
                await self._desk.clock.sleep(min(pause, left_seconds))
                pause = min(2 * pause, _LAST_LOOK)
            # Before anything is deleted, all of it is in the ledger.
            await self._read_everything()
            await decide()
            undecided = (await self._desk.perform(submissions.count_submissions(seq))).get("Submitted", 0)
            if undecided:
                raise NotRetired(
                    f"{undecided} submissions of the batch {self._desk.name!r} wait for a decision. All HITs are "
                    "ended, and kept: decide, or give approve_pending=True, and call again.",
                    undecided=await self._some_undecided(),
                )
            # Of work that is gone, nothing can be paid, and nobody can tell what was.
            if unpaid := await self._unpaid():
                raise NotRetired(
                    f"{unpaid} bonuses of the batch {self._desk.name!r} were decided on or asked for, and may not be "
                    "paid. All HITs are ended, and kept: ask for the same bonuses again, and then call again."
                )
            await settle_seen(self._desk)
            return await self._delete()

    async def _unpaid(self) -> int:
        counted = await self._desk.perform(units.counts(await self._desk.seq()))
        return sum(counted.get((Kind.BONUS, state), 0) for state in (State.PLANNED, State.OPEN))

    async def _read_everything(self) -> None:
        collector = Collector(self._desk)
        seq = await self._desk.seq()
        pause = _FIRST_LOOK
        await collector.collect(decisions=True)
        while (await self._desk.perform(hits.count_hits(seq))).get(OPEN):
            await self._desk.clock.sleep(pause)
            pause = min(2 * pause, _LAST_LOOK)
            await collector.collect()

    async def _delete(self) -> int:
        seq = await self._desk.seq()
        deleted = 0
        async for portion in self._hits((OPEN, OVER)):
            gone = []
            trouble: TurkError | None = None
            for hit_id, error in await self._each(portion, self._desk.patient.delete_hit):
                if error is None or isinstance(error, HITDoesNotExist):
                    gone.append(hit_id)
                else:
                    trouble = error
            deleted += len(gone)
            await self._desk.perform(hits.write_gone(seq, gone))
            await self._desk.perform(extensions.give_up_of_gone(seq, gone, now=self._desk.now()))
            if trouble is not None:
                raise trouble
        return deleted

    async def _some_undecided(self) -> tuple[str, ...]:
        seq = await self._desk.seq()
        state = AssignmentStatus.SUBMITTED.value
        found = await self._desk.perform(submissions.submissions_in(seq, state, after=(-1, ""), most=100))
        return tuple(one.id for one in found)

    async def _in_work(self) -> int:
        """Ask the service how many assignments workers have in hand."""

        async def ask(one: str) -> int:
            try:
                hit = await self._desk.patient.get_hit(one)
            except HITDoesNotExist:
                return 0
            return (hit.number_of_assignments_pending or 0) if hit.hit_status != HITStatus.DISPOSED else 0

        total = 0
        async for portion in self._hits((OPEN,)):
            async with aclosing(ahead(each(portion), ask, most=_AT_ONCE)) as found:
                async for _, number in found:
                    total += number
        return total

    async def _longest(self) -> float:
        seq = await self._desk.seq()
        document = await self._desk.perform(hits.any_document(seq))
        return 0.0 if document is None else read_hit(document).assignment_duration.total_seconds()

    async def _hits(self, states: Sequence[str]) -> AsyncGenerator[list[str], None]:
        seq = await self._desk.seq()
        after = ""
        while True:
            found: list[Watched] = await self._desk.perform(hits.in_states(seq, states, after=after, most=PORTION))
            if not found:
                return
            after = found[-1].id
            yield [one.id for one in found]

    async def _each(
        self, hit_ids: Sequence[str], act: Callable[[str], Awaitable[object]]
    ) -> list[tuple[str, TurkError | None]]:
        async def attempt(hit_id: str) -> TurkError | None:
            try:
                await act(hit_id)
            except TurkError as error:
                return error
            return None

        async with aclosing(ahead(each(hit_ids), attempt, most=_AT_ONCE)) as outcomes:
            return [outcome async for outcome in outcomes]


def check_lifetime(lifetime: object) -> timedelta:
    """
    Refuse what is no length of time.

    Raises:
        InvalidRequest: It is none.
    """
    seconds = lifetime.total_seconds() if isinstance(lifetime, timedelta) else lifetime
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds <= _LONGEST_LIFETIME:
        return timedelta(seconds=seconds)
    raise InvalidRequest(
        f"is {short(lifetime, repr)}; give a timedelta or seconds, more than zero, and a year at most.",
        argument="lifetime",
    )


def _dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
