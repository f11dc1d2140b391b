"""
`Run`: carrying out many units, each exactly once, whatever happens meanwhile.

The order of things, for every unit:

1. its intent is written into the ledger, and it is ours, before the first byte of it leaves;
2. it is made sure that its token is still good; if it is not, the service is asked whether it has happened;
3. it is sent;
4. what became of it is written down. What may have happened stays open, and is taken up again: at the end of this run,
   or by whoever goes on after it.

How a unit is sent, and how the service is asked about it, is told by a `aioturk.batch.work.Work`.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from decimal import Decimal

from aioturk.batch.concurrency import Concurrency
from aioturk.batch.desk import LONGEST_WAIT, PORTION, Desk
from aioturk.batch.holding import TakenForDead
from aioturk.batch.ledger import batches, claims, units
from aioturk.batch.ledger.claims import Claim, Standing
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.outcomes import Outcomes
from aioturk.batch.plan import Problem
from aioturk.batch.progress import Meter, resume_line
from aioturk.batch.reasons import over_budget, refused_to_others, still_open
from aioturk.batch.tally import Tally
from aioturk.batch.units import Intent, Kind, State, Unit
from aioturk.batch.work import Work, attempt
from aioturk.errors import TurkError, UnexpectedResponse
from aioturk.tasks.publishing import ACCOUNT_LEVEL, UNREACHED

__all__ = ["Run"]

_ROUNDS = 3
"""How often in a row what stays open is tried again without any of it getting done."""
_PATIENCE = 20
"""How many calls in a row may fail to reach the service before it is given up for now."""
_LAST_CALLS = 60.0
"""Seconds that calls under way have to end when the run is broken off."""


class Run:
    """
    One run of work on a batch.

    Args:
        desk: Where.
        work: What is done.
        total: How many units there will be, if that is known.
        alone: Whether what others have left open is left to them: only what is given is carried out. Decisions and
            payments always are like that.
        resend_unknown: Whether units of which nobody can tell whether they happened are carried out again.
        meter: Where it is counted, if it is a part of something larger that shows its progress.
    """

    def __init__(
        self,
        desk: Desk,
        work: Work,
        *,
        total: int | None = None,
        alone: bool = False,
        resend_unknown: bool = False,
        meter: Meter | None = None,
    ) -> None:
        self._desk = desk
        self._work = work
        self._alone = alone or work.kind is not Kind.PUBLISH
        self._resend_unknown = resend_unknown
        self._places = Concurrency(desk.clock)
        self._is_part = meter is not None
        self._meter = meter or Meter(work.title, total, desk.clock, desk.progress, desk.mturk.statistics)
        self._outcomes = Outcomes(desk, self._count_outcomes, self._break_off)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop: BaseException | None = None
        self._left: set[str] = set()
        """Tokens that were given to this run alone, and are still open."""
        self._postponed: dict[str, Intent] = {}
        """What could not be written down yet, because others are just now at it."""
        self._unsettled = array("q")
        """Numbers of the units that were given, and left open here or in others' hands; there may be half a million."""
        self._settled: set[int] = set()
        """Numbers of the units that this run has come to an end with when it took up what was open."""
        self._other: set[str] = set()
        """Tokens of units that were left open with something else in them than is asked for."""
        self._unreached = 0
        self.tally: Tally = Tally()

    async def perform(self, intents: AsyncGenerator[Sequence[Intent], None]) -> Tally:
        """
        Carry out what is given, and what was left open before.

        Args:
            intents: What is to happen, in portions.

        Raises:
            TurkError: What concerns the whole account, or the budget: the rest was not tried.
        """
        self._seq = await self._desk.seq()
        async with self._desk.holder, self._outcomes:
            try:
                await self._go_through(intents)
            except (asyncio.CancelledError, TurkError) as reason:
                self._stop = self._stop or reason
                raise
            finally:
                await self._wind_up()
        if self._stop is not None:
            raise self._stop
        return self.tally

    async def _go_through(self, intents: AsyncGenerator[Sequence[Intent], None]) -> None:
        await self._desk.tidy_up()
        await self._work.begin()
        async with aclosing(intents) as portions:
            async for portion in portions:
                self._meter.step(0, refused=self._work.unfit())
                await self._take_up(portion)
                if self._stop is not None:
                    return
        self._meter.step(0, refused=self._work.unfit())
        await self._come_to_rest()
        await self._finish_what_is_open()

    # Taking up.

    async def _take_up(self, given: Sequence[Intent]) -> None:
        wanted: dict[str, Intent] = {}
        # What has one name is done once; who asks for something else under it is told so.
        others = [intent for intent in given if wanted.setdefault(intent.token, intent).asked != intent.asked]
        intents = list(wanted.values())
        found, lease = await self._desk.take_in_hand(
            lambda lease, taken: claims.intend(
                self._seq,
                intents,
                holder_id=lease,
                in_hand=self._desk.in_hand,
                taken=taken,
                now=self._desk.now(),
                budget=self._desk.budget,
                resend_unknown=self._resend_unknown,
            )
        )
        ours = [claim.unit for claim in found if claim.standing is Standing.OURS and claim.unit is not None]
        self._other.update(
            claim.unit.token for claim in found if claim.other and claim.standing is Standing.OURS and claim.unit
        )
        # First what can be done: what stops the run, such as the budget, is among the others.
        await self._start(ours, lease)
        for intent, claim in zip(intents, found, strict=True):
            if claim.standing is not Standing.OURS:
                self._count(intent, claim)
        if others:
            units_of = {intent.token: claim.unit for intent, claim in zip(intents, found, strict=True)}
            for intent in others:
                self.tally.found += 1
                self._meter.step(1)
                self._tell_otherwise(intent.key, units_of[intent.token] or _unit_of(wanted[intent.token]))

    def _count(self, intent: Intent, claim: Claim) -> None:
        if claim.standing is Standing.ELSEWHERE:
            if claim.unit is None:
                self._leave_open(intent.token)
                self._postponed[intent.token] = intent
            else:
                self._leave_open(claim.unit.token)
                self._unsettled.append(claim.unit.seq)
                if claim.other:
                    self._tell_otherwise(intent.key, claim.unit)
            # It can be made again of what is in the ledger; others may have a million rows in hand.
            self._work.forget(intent.token)
            return
        if claim.standing in (Standing.DONE, Standing.OTHERWISE):
            self.tally.found += 1
            self._meter.step(1)
        elif claim.standing is Standing.UNKNOWN:
            self.tally.unknown += 1
        else:
            self._break_off(over_budget(self._desk.budget or 0, intent))
        if claim.standing is Standing.OTHERWISE and claim.unit is not None:
            self.tally.report(Problem(None, intent.key, self._work.otherwise(claim.unit)))
        self._work.forget(intent.token)

    def _tell_otherwise(self, key: str, unit: Unit) -> None:
        """Report that what is open, and carried out if anything is, is not what is asked for; rows are as asked now."""
        if unit.kind is not Kind.PUBLISH:
            self.tally.report(Problem(None, key, self._work.otherwise(unit)))

    async def _start(self, ours: Sequence[Unit], lease: str) -> None:
        """Carry units out, as many at once as there are places."""
        begun = 0
        try:
            for unit in ours:
                await self._places.take()
                if self._stop is not None:
                    self._places.free()
                    return
                task = asyncio.create_task(self._carry_out(unit, lease))
                begun += 1
                self._tasks.add(task)
                task.add_done_callback(self._ended)
        finally:
            if begun < len(ours):
                self._desk.let_go({unit.token for unit in ours[begun:]}, lease, unsent=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._places.free()
        if not task.cancelled() and (trouble := task.exception()) is not None:
            self._break_off(trouble)

    async def _carry_out(self, unit: Unit, lease: str) -> None:
        try:
            outcome, error = await attempt(self._desk, self._work, unit, lease)
        except TakenForDead:
            self._desk.in_hand.put_down([unit.token])
            self._left_unsettled(unit)
            self._work.forget(unit.token)
            return
        except BaseException:
            # It may have happened, and is free for whoever goes on.
            self._desk.let_go({unit.token}, lease, unsent=False)
            raise
        if error is None:
            self._unreached = 0
            if unit.token in self._other:
                self._tell_otherwise(unit.key, unit)
        else:
            self._look_at(error)
            if outcome.state is State.REFUSED:
                self.tally.report(Problem(None, unit.key, error))
        self._other.discard(unit.token)
        self._work.forget(unit.token)
        self._outcomes.add(outcome, lease)

    def _look_at(self, error: TurkError) -> None:
        """Stop for what concerns all units: the account; or a service that is not reached or understood any more."""
        self._unreached = self._unreached + 1 if isinstance(error, (*UNREACHED, UnexpectedResponse)) else 0
        if isinstance(error, ACCOUNT_LEVEL) or self._unreached >= _PATIENCE:
            self._break_off(error)

    def _break_off(self, reason: BaseException) -> None:
        """Begin nothing more; what is under way comes to its end."""
        self._stop = self._stop or reason

    def _count_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        done = refused = cents = 0
        for outcome in outcomes:
            if outcome.state is State.DONE:
                done += 1
                cents += outcome.unit.liability
            elif outcome.state is State.REFUSED:
                refused += 1
            else:
                self._left_unsettled(outcome.unit)
        self.tally.done += done
        self.tally.refused += refused
        self._meter.step(done, refused=refused, cost=Decimal(cents).scaleb(-2))

    def _leave_open(self, token: str) -> None:
        if self._alone:
            self._left.add(token)

    def _left_unsettled(self, unit: Unit) -> None:
        self._leave_open(unit.token)
        if unit.seq in self._settled:
            self._settled.discard(unit.seq)
        else:
            self._unsettled.append(unit.seq)

    async def _come_to_rest(self) -> None:
        """Wait until nothing is under way, and all of it is written down."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))
        await self._outcomes.flush()

    # What is open at the end.

    async def _finish_what_is_open(self) -> None:
        """Try again what is open, and wait for what others have in hand, as long as that gets anywhere."""
        await self._try_again()
        if self._stop is None:
            await self._count_what_others_settled()
        if self._stop is None and self.tally.open:
            for only in self._portions():
                for unit in await self._desk.perform(units.open_ones(self._seq, self._work.kind, only=only)):
                    self.tally.report(Problem(None, unit.key, still_open(unit)))

    async def _count_what_others_settled(self) -> None:
        """Count what was given, and what others have come to an end with."""
        for start in range(0, len(self._unsettled), PORTION):
            given = [seq for seq in self._unsettled[start : start + PORTION] if seq not in self._settled]
            found = await self._desk.perform(units.by_numbers(given))
            for unit in (found[seq] for seq in given):
                if unit.state is State.DONE:
                    self.tally.found += 1
                    self._meter.step(1)
                elif unit.state is State.REFUSED:
                    self.tally.refused += 1
                    self._meter.step(0, refused=1)
                    self.tally.report(Problem(None, unit.key, refused_to_others(unit)))
                elif unit.state is State.UNKNOWN:
                    self.tally.unknown += 1

    async def _try_again(self) -> None:
        rounds = waits = 0
        before: int | None = None
        await self._desk.tidy_up()
        while self._stop is None:
            await self._take_up_postponed()
            left, elsewhere = await self._left_open()
            self.tally.open = left
            if not left:
                return
            if left != before:
                rounds = waits = 0
            before = left
            if left > elsewhere and rounds < _ROUNDS and await self._retry():
                rounds += 1
                continue
            # What nobody had in hand, and could not be taken, is just now being taken by somebody else.
            if (not elsewhere and rounds == _ROUNDS) or waits == LONGEST_WAIT:
                return
            waits += 1
            await self._desk.wait_for_others()

    async def _take_up_postponed(self) -> None:
        postponed, self._postponed = list(self._postponed.values()), {}
        if postponed:
            await self._work.begin()  # it may have been long
        for start in range(0, len(postponed), PORTION):
            await self._take_up(postponed[start : start + PORTION])
        await self._come_to_rest()

    async def _retry(self) -> bool:
        """Carry out what is open and in nobody's hands; return whether there was any of it to be had."""
        await self._work.begin()
        tried = False
        for only in self._portions():
            after = 0
            while self._stop is None:
                taken, lease = await self._desk.take_in_hand(self._open_after(after, only))
                if not taken:
                    break
                tried = True
                after = taken[-1].seq
                self._settled.update(unit.seq for unit in taken)
                await self._start(taken, lease)
        await self._come_to_rest()
        return tried

    def _open_after(self, after: int, only: list[str] | None) -> claims.Claiming[list[Unit]]:
        return lambda lease, taken: claims.claim_open(
            self._seq,
            self._work.kind,
            holder_id=lease,
            in_hand=self._desk.in_hand,
            taken=taken,
            now=self._desk.now(),
            after=after,
            most=PORTION,
            only=only,
        )

    async def _left_open(self) -> tuple[int, int]:
        """Count what is open, and how much of it others have in hand."""
        left = elsewhere = 0
        for only in self._portions():
            counted = await self._desk.perform(units.left_open(self._seq, self._work.kind, only=only))
            left += counted[0]
            elsewhere += counted[1]
        if not left:
            self._left.clear()
        return left + len(self._postponed), elsewhere + len(self._postponed)

    def _portions(self) -> list[list[str] | None]:
        """The tokens that what is open is looked for among; None means everywhere in the batch."""
        if not self._alone:
            return [None]
        tokens = sorted(self._left)
        return [tokens[start : start + PORTION] for start in range(0, len(tokens), PORTION)]

    # The end.

    async def _wind_up(self) -> None:
        """Let what is under way come to its end, write it down, and say where things stand."""
        try:
            if self._tasks:
                await asyncio.wait(set(self._tasks), timeout=_LAST_CALLS)
            for task in self._tasks:
                task.cancel()
            await self._come_to_rest()
            await self._desk.perform(batches.remember_pace(self._desk.mturk.learned_pace))
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if not self._is_part:
                self._meter.finish()
        if self._stop is not None:
            line = resume_line(
                self._desk.name, self._desk.ledger.title, self._meter.what, self._meter.done, self._meter.total
            )
            if isinstance(self._stop, asyncio.CancelledError):
                self._meter.say(line)
            else:
                self._stop.add_note(line)


def _unit_of(intent: Intent) -> Unit:
    """Return the unit that an intent becomes."""
    return Unit(
        0,
        intent.kind,
        intent.key,
        intent.token,
        State.OPEN,
        None,
        0,
        intent.liability,
        intent.asked,
        intent.content,
        intent.target,
        None,
    )
