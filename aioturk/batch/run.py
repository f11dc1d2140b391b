"""
`Run`: carrying out many units, each exactly once, whatever happens meanwhile.

The order of things, for every unit:

1. its intent is written into the ledger, and it is ours, before the first byte of it leaves;
2. it is made sure that its token is still good; if it is not, the service is asked whether it has happened;
3. it is sent;
4. what became of it is written down. What may have happened stays open, and is taken up again: at the end of this run,
   or by whoever goes on after it.

How a unit is sent, and how the service is asked about it, is told by a `Work`; there is one for rows, in
`aioturk.batch.uploading`, and one for each kind of decision, in `aioturk.batch.reviewing`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Protocol

from sqlalchemy import Connection

from aioturk.batch.concurrency import Concurrency
from aioturk.batch.desk import Desk
from aioturk.batch.holding import TakenForDead
from aioturk.batch.ledger import batches, units
from aioturk.batch.ledger.holders import bury_the_dead
from aioturk.batch.ledger.units import Claim, Outcome, Standing
from aioturk.batch.plan import Problem
from aioturk.batch.progress import Meter, resume_line
from aioturk.batch.units import Intent, Kind, State, Unit
from aioturk.errors import BudgetExceeded, Fate, InvalidRequest, TurkError
from aioturk.tasks.publishing import ACCOUNT_LEVEL, UNREACHED

__all__ = ["Run", "Tally", "Work"]

_log = logging.getLogger("aioturk.batch")

_CHUNK = 200
"""How many units are taken up with one wait for the ledger."""
_ROUNDS = 3
"""How often in a row what stays open is tried again without any of it getting done."""
_PATIENCE = 20
"""How many calls in a row may fail to reach the service before it is given up for now."""
_GATHER = 0.05
"""For so many seconds outcomes are gathered, as long as calls are under way, before they are written down together."""
_WAIT = 1.0
"""Seconds between looks at what others have in hand."""
_LONGEST_WAIT = 900
"""How many such looks without any change."""
_LAST_CALLS = 60.0
"""Seconds that calls under way have to end when the run is broken off."""
_KEPT_PROBLEMS = 100
"""How many problems are told one by one."""


class Work(Protocol):
    """How units of one kind are carried out."""

    kind: Kind
    """Which units."""
    title: str
    """What to call it while it goes on: ``"publishing"``."""

    async def begin(self) -> None:
        """Prepare: settle by one look at the service what was left open long ago, where that can be done."""
        ...

    async def send(self, unit: Unit) -> Outcome:
        """
        Carry a unit out.

        Raises:
            TurkError: It has not happened, or, if that is ambiguous, may have.
        """
        ...

    async def look(self, unit: Unit) -> Outcome | None:
        """
        Ask the service about a unit whose token it may have forgotten; None means that it has not happened.

        Raises:
            TurkError: It cannot be found out now.
        """
        ...

    def otherwise(self, unit: Unit) -> TurkError:
        """Say of a unit that has happened that something else was asked for."""
        ...

    def forget(self, token: str) -> None:
        """Be told that a unit needs nothing any more."""
        ...


@dataclass(slots=True)
class Tally:
    """
    What became of the units of a run.

    Attributes:
        done: Carried out now.
        found: Carried out before.
        refused: Not carried out, for reasons of their own.
        open: Still open: they may have happened, or others have them in hand.
        unknown: Left open for so long that nobody can tell any more.
        problems: Why units were refused or left open, and which were done in another way before; the first hundred.
        problem_count: How many there are.
    """

    done: int = 0
    found: int = 0
    refused: int = 0
    open: int = 0
    unknown: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0

    def report(self, problem: Problem) -> None:
        """Count a problem, and keep it if there are not too many."""
        self.problem_count += 1
        if len(self.problems) < _KEPT_PROBLEMS:
            self.problems.append(problem)

    def __iadd__(self, other: Tally) -> Tally:
        self.done += other.done
        self.found += other.found
        self.refused += other.refused
        self.open += other.open
        self.unknown += other.unknown
        self.problems += other.problems[: _KEPT_PROBLEMS - len(self.problems)]
        self.problem_count += other.problem_count
        return self


class Run:
    """
    One run of work on a batch.

    Args:
        desk: Where.
        work: What is done.
        total: How many units there will be, if that is known.
        alone: Whether what others have left open is left to them: only what is given is carried out.
        resend_unknown: Whether units of which nobody can tell whether they happened are carried out again.
    """

    def __init__(
        self, desk: Desk, work: Work, *, total: int | None = None, alone: bool = False, resend_unknown: bool = False
    ) -> None:
        self._desk = desk
        self._work = work
        self._alone = alone
        self._resend_unknown = resend_unknown
        self._places = Concurrency(desk.clock)
        self._meter = Meter(work.title, total, desk.clock, desk.progress, desk.mturk.statistics)
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken: set[str] = set()
        """Tokens of what this run has in hand."""
        self._outcomes: list[Outcome] = []
        self._unwritten = 0
        self._something = asyncio.Event()
        self._written = asyncio.Event()
        self._stop: BaseException | None = None
        self._left: set[str] = set()
        """Tokens that were given to this run alone, and are still open."""
        self._unreached = 0
        self.tally = Tally()

    async def perform(self, intents: AsyncGenerator[Sequence[Intent], None]) -> Tally:
        """
        Carry out what is given, and what was left open before.

        Args:
            intents: What is to happen, in portions.

        Raises:
            TurkError: What concerns the whole account, or the budget: the rest was not tried.
        """
        self._seq = await self._desk.seq()
        async with self._desk.holder as holder:
            self._holder = holder
            writer = asyncio.create_task(self._write(), name="aioturk-batch-outcomes")
            try:
                await self._go_through(intents)
            except asyncio.CancelledError:
                self._stop = self._stop or asyncio.CancelledError()
                raise
            finally:
                await self._wind_up(writer)
        if self._stop is not None:
            raise self._stop
        return self.tally

    async def _go_through(self, intents: AsyncGenerator[Sequence[Intent], None]) -> None:
        await self._desk.perform(bury_the_dead)
        await self._work.begin()
        async with aclosing(intents) as portions:
            async for portion in portions:
                await self._take_up(portion)
                if self._stop is not None:
                    return
        await self._come_to_rest()
        await self._finish_what_is_open()

    async def once(self, intent: Intent) -> None:
        """
        Carry out a single unit, unless it has happened; whoever else has it in hand is waited for.

        Raises:
            TurkError: It has not happened, or, if that is ambiguous, may have; the next call finds out.
        """
        self._seq = await self._desk.seq()
        async with self._desk.holder as self._holder:
            while (claim := await self._claim_one(intent)).standing is Standing.ELSEWHERE:
                await self._desk.perform(bury_the_dead)
                await self._desk.clock.sleep(_WAIT)
            if claim.standing is Standing.DONE:
                return
            if claim.standing is Standing.TOO_DEAR or claim.unit is None:
                raise _over_budget(self._desk.budget or 0, intent)
            if claim.standing is Standing.OTHERWISE:
                raise self._work.otherwise(claim.unit)
            if claim.standing is Standing.UNKNOWN:
                raise _nobody_knows(claim.unit)
            await self._carry_out_one(claim.unit, self._holder.id)

    async def _claim_one(self, intent: Intent) -> Claim:
        if intent.token in self._desk.in_hand:
            return Claim(Standing.ELSEWHERE, None)
        self._desk.in_hand.add(intent.token)
        try:
            [claim] = await self._desk.perform(self._intend([intent], frozenset()))
        except BaseException:
            self._desk.in_hand.discard(intent.token)
            raise
        if claim.standing is not Standing.OURS:
            self._desk.in_hand.discard(intent.token)
        return claim

    async def _carry_out_one(self, unit: Unit, lease: str) -> None:
        try:
            await self._holder.sure(lease)
            outcome = await self._send(unit)
        except TurkError as error:
            await self._write_one(self._judged(unit, error))
            raise
        except BaseException:
            # Broken off: it may have happened, and is free for whoever asks for it again.
            await asyncio.shield(self._let_go([unit], lease))
            raise
        else:
            await self._write_one(outcome)
        finally:
            self._desk.in_hand.discard(unit.token)

    async def _write_one(self, outcome: Outcome) -> None:
        await self._desk.perform(units.write_outcomes(self._seq, [outcome], self._desk.now()))

    # Taking up.

    async def _take_up(self, intents: Sequence[Intent]) -> None:
        lease = self._holder.id
        intents = list({intent.token: intent for intent in intents}.values())
        claims = await self._desk.perform(self._intend(intents, frozenset(self._desk.in_hand)))
        ours = [claim.unit for claim in claims if claim.standing is Standing.OURS and claim.unit is not None]
        self._take(ours)
        # First what can be done: what stops the run, such as the budget, is among the others.
        await self._start(ours, lease)
        for intent, claim in zip(intents, claims, strict=True):
            if claim.standing is not Standing.OURS:
                self._count(intent, claim)

    def _intend(self, intents: Sequence[Intent], in_hand: frozenset[str]) -> Callable[[Connection], list[Claim]]:
        return units.intend(
            self._seq,
            intents,
            holder_id=self._holder.id,
            in_hand=in_hand,
            now=self._desk.now(),
            budget=self._desk.budget,
            resend_unknown=self._resend_unknown,
        )

    def _count(self, intent: Intent, claim: Claim) -> None:
        if claim.standing in (Standing.DONE, Standing.OTHERWISE):
            self.tally.found += 1
        elif claim.standing is Standing.UNKNOWN:
            self.tally.unknown += 1
        elif claim.standing is Standing.ELSEWHERE:
            self._leave_open(intent.token)
        else:
            self._break_off(_over_budget(self._desk.budget or 0, intent))
        if claim.standing is Standing.OTHERWISE and claim.unit is not None:
            self.tally.report(Problem(None, intent.key, self._work.otherwise(claim.unit)))
        self._work.forget(intent.token)
        self._meter.step(int(claim.standing in (Standing.DONE, Standing.OTHERWISE)))

    async def _start(self, ours: Sequence[Unit], lease: str) -> None:
        """Carry units out, as many at once as there are places."""
        for position, unit in enumerate(ours):
            await self._places.take()
            if self._stop is not None:
                self._places.free()
                await self._let_go(ours[position:], lease)
                return
            task = asyncio.create_task(self._carry_out(unit, lease))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._places.free()
        if not task.cancelled() and (trouble := task.exception()) is not None:
            self._break_off(trouble)

    async def _let_go(self, unsent: Sequence[Unit], lease: str) -> None:
        tokens = [unit.token for unit in unsent]
        await self._desk.perform(units.let_go(tokens, lease))
        self._put_down(tokens)

    def _take(self, ours: Sequence[Unit]) -> None:
        tokens = [unit.token for unit in ours]
        self._taken.update(tokens)
        self._desk.in_hand.update(tokens)

    def _put_down(self, tokens: Iterable[str]) -> None:
        for token in tokens:
            self._taken.discard(token)
            self._desk.in_hand.discard(token)

    # One unit.

    async def _carry_out(self, unit: Unit, lease: str) -> None:
        try:
            await self._holder.sure(lease)
            outcome = await self._send(unit)
            self._unreached = 0
        except TakenForDead:
            self._put_down([unit.token])
            self._leave_open(unit.token)
            return
        except TurkError as error:
            outcome = self._judged(unit, error)
            self.tally.report(Problem(None, unit.key, error))
        self._outcomes.append(outcome)
        self._unwritten += 1
        self._work.forget(unit.token)
        self._something.set()

    async def _send(self, unit: Unit) -> Outcome:
        if self._desk.trusts(unit):
            return await self._work.send(unit)
        found = await self._work.look(unit)
        if found is not None:
            return found
        now = self._desk.now()
        await self._desk.perform(units.start_anew([unit.seq], now))
        return await self._work.send(replace(unit, first_attempt=now))

    def _judged(self, unit: Unit, error: TurkError) -> Outcome:
        """Say what a failure means for its unit, and for all the others."""
        if isinstance(error, ACCOUNT_LEVEL):
            self._break_off(error)
        self._unreached = self._unreached + 1 if isinstance(error, UNREACHED) else 0
        if self._unreached >= _PATIENCE:
            self._break_off(error)
        certain = isinstance(error, InvalidRequest) or error.fate is Fate.REFUSED
        final = certain and not error.ambiguous and not isinstance(error, ACCOUNT_LEVEL)
        return Outcome(unit, State.REFUSED if final else State.OPEN, error=f"{type(error).__name__}: {error}")

    def _break_off(self, reason: BaseException) -> None:
        """Begin nothing more; what is under way comes to its end."""
        self._stop = self._stop or reason

    # What became of units.

    async def _write(self) -> None:
        """Write outcomes down, all that have come while the last ones were written."""
        while True:
            await self._something.wait()
            if self._tasks:
                # Each wait for the disk costs about as much as ten rows.
                await asyncio.sleep(_GATHER)
            self._something.clear()
            outcomes, self._outcomes = self._outcomes, []
            try:
                await self._desk.perform(units.write_outcomes(self._seq, outcomes, self._desk.now()))
            except Exception as trouble:
                # What is not written down stays open in the ledger, so nothing is lost; but it cannot go on like this.
                self._break_off(trouble)
            self._tell(outcomes)
            self._unwritten -= len(outcomes)
            self._written.set()

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        done = refused = cents = 0
        self._put_down(outcome.unit.token for outcome in outcomes)
        for outcome in outcomes:
            if outcome.state is State.DONE:
                done += 1
                cents += outcome.unit.liability
            elif outcome.state is State.REFUSED:
                refused += 1
            else:
                self._leave_open(outcome.unit.token)
        self.tally.done += done
        self.tally.refused += refused
        self._meter.step(done, refused=refused, cost=Decimal(cents).scaleb(-2))

    def _leave_open(self, token: str) -> None:
        if self._alone:
            self._left.add(token)

    async def _come_to_rest(self) -> None:
        """Wait until nothing is under way, and all of it is written down."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))
        while self._unwritten:
            self._written.clear()
            await self._written.wait()

    # What is open at the end.

    async def _finish_what_is_open(self) -> None:
        """Try again what is open, and wait for what others have in hand, as long as that gets anywhere."""
        rounds = waits = 0
        before: int | None = None
        while self._stop is None:
            await self._desk.perform(bury_the_dead)
            left, elsewhere = await self._left_open()
            self.tally.open = left
            if not left:
                return
            moved = left != before
            before = left
            if left > elsewhere:
                rounds = 0 if moved else rounds + 1
                if rounds < _ROUNDS:
                    await self._retry()
                    continue
            if not elsewhere:
                return
            waits = 0 if moved else waits + 1
            if waits > _LONGEST_WAIT:
                return
            await self._desk.clock.sleep(_WAIT)

    async def _retry(self) -> None:
        await self._work.begin()
        for only in self._portions():
            after = 0
            while self._stop is None:
                lease = self._holder.id
                taken = await self._desk.perform(
                    units.claim_open(
                        self._seq,
                        self._work.kind,
                        holder_id=lease,
                        in_hand=frozenset(self._desk.in_hand),
                        now=self._desk.now(),
                        after=after,
                        most=_CHUNK,
                        only=only,
                    )
                )
                if not taken:
                    break
                after = taken[-1].seq
                self._take(taken)
                await self._start(taken, lease)
        await self._come_to_rest()

    async def _left_open(self) -> tuple[int, int]:
        left = elsewhere = 0
        for only in self._portions():
            counted = await self._desk.perform(units.left_open(self._seq, self._work.kind, only=only))
            left += counted[0]
            elsewhere += counted[1]
        if not left:
            self._left.clear()
        return left, elsewhere

    def _portions(self) -> list[list[str] | None]:
        """The tokens that what is open is looked for among; None means everywhere in the batch."""
        if not self._alone:
            return [None]
        tokens = sorted(self._left)
        return [tokens[start : start + _CHUNK] for start in range(0, len(tokens), _CHUNK)]

    # The end.

    async def _wind_up(self, writer: asyncio.Task[None]) -> None:
        """Let what is under way come to its end, write it down, and say where things stand."""
        try:
            if self._tasks:
                await asyncio.wait(set(self._tasks), timeout=_LAST_CALLS)
            for task in self._tasks:
                task.cancel()
            await self._come_to_rest()
            # What was not begun, or was broken off, is free for others, and for this program.
            await self._desk.perform(units.let_go(sorted(self._taken), self._holder.id))
            await self._desk.perform(batches.remember_rate(self._desk.mturk.learned_rate))
        finally:
            for task in self._tasks:
                task.cancel()
            writer.cancel()
            await asyncio.gather(writer, *self._tasks, return_exceptions=True)
            self._put_down(list(self._taken))
            self._meter.finish()
        if self._stop is not None:
            line = resume_line(
                self._desk.name, self._desk.ledger.title, self._work.title, self._meter.done, self._meter.total
            )
            if isinstance(self._stop, asyncio.CancelledError):
                self._meter.say(line)
            else:
                self._stop.add_note(line)


def _over_budget(budget: int, intent: Intent) -> BudgetExceeded:
    return BudgetExceeded(
        f"The batch may cost {budget / 100:.2f} dollars at most, fees included, and with {intent.key!r}, which can "
        f"cost {intent.liability / 100:.2f}, it could come to more. Nothing was sent for it."
    )


def _nobody_knows(unit: Unit) -> TurkError:
    error = TurkError(
        f"{unit.kind.value} {unit.key!r} was left open for more than 100 days, and nobody can tell any more whether it "
        "has happened. Nothing was sent now. Look for yourself, and do it by hand if it has not."
    )
    error.ambiguous = True
    return error
