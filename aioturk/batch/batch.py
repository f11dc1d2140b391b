"""
`Batch`: many rows of one task, published, collected, reviewed and paid, each exactly once.

Everything is done by the modules beside this one; here is what programs call, and what they are told of it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from aioturk._core.accepted import Duration, Money
from aioturk._core.money import amount_of
from aioturk._core.refusal import short
from aioturk.batch.collecting import Collector
from aioturk.batch.deciding import Decision
from aioturk.batch.delivering import Deliveries, Until
from aioturk.batch.desk import Desk
from aioturk.batch.export import (
    Label,
    long_table,
    read_review,
    to_pandas,
    write_csv,
    write_json_lines,
)
from aioturk.batch.extending import Extending
from aioturk.batch.ledger import batches, extensions, units
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.batch.ledger.results import Result, results
from aioturk.batch.paying import Bonus
from aioturk.batch.plan import Plan, Prepared, Preparer, make_plan
from aioturk.batch.progress import ProgressOption
from aioturk.batch.reconciling import Reconciliation, reconcile
from aioturk.batch.reviewing import BatchSubmission, Judge, Reviewer
from aioturk.batch.rows import Source, chunks, count
from aioturk.batch.run import Run
from aioturk.batch.running import Housekeeping, Status, Stopped, check_lifetime
from aioturk.batch.tally import Tally
from aioturk.batch.units import State, check_batch
from aioturk.batch.uploading import Publishing, Report, otherwise
from aioturk.batch.votes import Vote, majority
from aioturk.clock import Clock, SystemClock
from aioturk.errors import BudgetExceeded, InvalidRequest, TurkError
from aioturk.notifications import Event
from aioturk.pricing import FeeTable
from aioturk.tasks.publishing import Key

if TYPE_CHECKING:
    import pandas

    from aioturk.client import Client
    from aioturk.tasks import Task

__all__ = ["Batch", "Confirm"]

T = TypeVar("T")

_MOST_ASSIGNMENTS: Final = 1_000_000_000
"""So many assignments a HIT can have."""

Confirm = Callable[[Plan], bool | Awaitable[bool]]
"""Is shown the plan before real money is spent; False means that nothing is to be sent."""


class Batch(Generic[T]):
    """
    Many rows of one task, with a ledger that survives anything.

    ::

        batch = Batch(mturk, guess_age, name="ages-2026-11", ledger="ages.db", budget="500")
        print(await batch.plan("people.csv"))
        await batch.upload("people.csv")
        async for submission in batch.submissions():
            await submission.approve()
        await batch.export("results.csv")

    Whatever stops it, a crash, a power cut, the network, Ctrl-C: the same program run again goes on where it was, and
    nothing is published or paid twice. Several programs, on several computers with a ledger in PostgreSQL, may work on
    one batch at the same time.

    Creating it does nothing yet. `close` it in the end, or use it as an async context manager.

    Args:
        mturk: Where.
        task: What is asked.
        name: What the batch is called: one name for one set of rows, for as long as its HITs may be listed.
        ledger: The path of a SQLite file, which is made if it is not there, or the URL of a PostgreSQL database.
        budget: The most that the batch may cost, in US dollars: all rewards, fees and bonuses that may become due.
            None sets no limit.
        key: What tells rows apart: a column, or a function of the row. Without it, their content, equal rows being
            counted.
        fees: What the marketplace takes: plans, budgets and the status count with it. None takes what
            :meth:`Client.fees <aioturk.Client.fees>` tells, when it is first needed; a table, such as
            :data:`~aioturk.pricing.HOUSE`, counts whatever the marketplace really takes.
        confirm: Is shown the plan before anything is published in Amazon's production; False refuses.
        progress: None shows a bar on terminals (lines, if ``rich`` is missing) and writes lines to the log elsewhere;
            True is the same, but the lines go to the standard error stream; False shows nothing; a function gets each
            :class:`~aioturk.batch.progress.Progress`.
        clock: What tells the time and waits; for tests.

    Raises:
        InvalidRequest: The name or the budget cannot be used.
        ConfigurationError: The ledger is no database that can be used.
    """

    def __init__(
        self,
        mturk: Client,
        task: Task[T],
        *,
        name: str,
        ledger: str | os.PathLike[str],
        budget: Money | None = None,
        key: Key = None,
        fees: FeeTable | None = None,
        confirm: Confirm | None = None,
        progress: ProgressOption = None,
        clock: Clock | None = None,
    ) -> None:
        check_batch(name)
        cents = None if budget is None else int(amount_of(budget, "budget") * 100)
        self._task = task
        self._key = key
        self._confirm = confirm
        self._desk = Desk(mturk, name, LedgerThread(ledger), clock or SystemClock(), cents, progress, fees)
        self._reviewer = Reviewer(self._desk, task)
        self._housekeeping = Housekeeping(self._desk)
        self._deliveries: Deliveries[T] | None = None

    @property
    def name(self) -> str:
        """The batch's name."""
        return self._desk.name

    def __repr__(self) -> str:
        return f"<aioturk.Batch {self.name!r}, ledger {self._desk.ledger.title!r}>"

    async def __aenter__(self) -> Batch[T]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what was handed in, and let go of the ledger. Using the batch again opens it again."""
        if followers := set(self._desk.followers):
            for follower in followers:
                follower.cancel()
            await asyncio.wait(followers)
        await self._desk.holder.abandon()
        await self._desk.ledger.close()

    # Publishing.

    async def plan(self, source: Source) -> Plan:
        """
        Say what an upload would do and cost, and which rows have problems. Nothing is published.

        A marketplace that is not Amazon's is asked what it takes, once, by a read that is free; with `fees`, or at
        Amazon's, nothing is sent for that.

        Args:
            source: The rows: the name of a CSV or JSON Lines file, or an iterable or async iterable of mappings.

        Raises:
            InvalidRequest: The source cannot be read.
            ConfigurationError: The marketplace does not tell what it takes.
            TurkError: The marketplace was to be asked, and cannot be reached.
        """
        fees = await self._desk.fees()
        return await make_plan(self._task, source, batch=self.name, key=self._key, fees=fees, judge=self._what_is_there)

    async def upload(self, source: Source, *, resend_unknown: bool = False) -> Report:
        """
        Publish a HIT for every row that has none.

        A row that cannot be published is reported and does not stop the others. What concerns the whole account (no
        funds, bad keys), the budget, and a service that is not reached any more stop the upload; calling it again goes
        on. So does calling it after a crash.

        Args:
            source: The rows: the name of a CSV or JSON Lines file, or an iterable or async iterable of mappings.
            resend_unknown: Publish also rows that were left open for more than 100 days, of which nobody can tell
                whether they have a HIT. Make sure first that they have none.

        Raises:
            BudgetExceeded: The rest of the rows could cost more than the budget allows; they were not sent.
            InsufficientFunds: The balance does not cover the next HIT.
            ConfigurationError: The ledger belongs to another environment, or the marketplace does not tell what it
                takes.
            InvalidRequest: The source cannot be read.
        """
        await self._ask(source)
        return await self._upload(source, alone=False, resend_unknown=resend_unknown)

    async def upload_partition(self, rows: Source) -> Report:
        """
        Publish a HIT for every row of a part of the batch: for the workers of a distributed engine.

        Such engines run a part again when a worker has died, and sometimes twice at a time; each row still gets one
        HIT. What other parts have left open is left to them. Whoever is asked to confirm is asked for each part, and
        shown what the part would do.

        Args:
            rows: The rows of this part.

        Raises:
            InvalidRequest: The batch has no key: equal rows of different parts would be taken for one.
        """
        if self._key is None:
            raise InvalidRequest(
                "is missing: equal rows of different parts could not be told apart. Give the batch a column, or a "
                "function, that is different for every row.",
                argument="key",
            )
        await self._ask(rows)
        return await self._upload(rows, alone=True, resend_unknown=False)

    async def _upload(self, source: Source, *, alone: bool, resend_unknown: bool) -> Report:
        preparer = Preparer(self._task, self.name, key=self._key, fees=await self._desk.fees())
        publishing = Publishing(self._desk, self._task, preparer)
        total = None if self._desk.progress is False else await count(source)
        run = Run(self._desk, publishing, total=total, alone=alone, resend_unknown=resend_unknown)
        tally = await run.perform(publishing.intents(chunks(source, self._key)))
        tally += publishing.tally
        return Report(
            rows=publishing.rows,
            published=tally.done,
            found=tally.found,
            refused=tally.refused,
            open=tally.open,
            unknown=tally.unknown,
            problems=tuple(tally.problems),
            problem_count=tally.problem_count,
        )

    async def _ask(self, source: Source) -> None:
        if self._confirm is None or await self._desk.mturk.identify() != "production":
            return
        if not isinstance(source, str | os.PathLike | Sequence):
            raise InvalidRequest(
                "can be read only once, and confirming needs it twice: for the plan, and for the upload. Give a file, "
                "or a list.",
                argument="source",
            )
        answer = self._confirm(await self.plan(source))
        if not (await answer if isinstance(answer, Awaitable) else answer):
            raise BudgetExceeded(f"The plan of the batch {self.name!r} was not confirmed. Nothing was sent.")

    async def _what_is_there(self, prepared: Sequence[Prepared]) -> Mapping[str, TurkError | State]:
        tokens = [each.intent.token for each in prepared]
        if not await self._desk.perform(batches.belongs_to_somewhere):
            return {}  # nothing was ever done with this ledger
        await self._desk.known()
        known = await self._desk.perform(units.by_tokens(tokens))
        found: dict[str, TurkError | State] = {}
        for each in prepared:
            unit = known.get(each.intent.token)
            if unit is None or unit.state in (State.OPEN, State.REFUSED):
                continue
            other = unit.state is State.DONE and bool(unit.asked) and unit.asked != each.intent.asked
            found[unit.token] = otherwise(self.name, unit.key, unit.target) if other else unit.state
        return found

    # Submissions.

    async def submissions(
        self, *, until: Until = "complete", events: AsyncIterable[Event] | None = None
    ) -> AsyncGenerator[BatchSubmission[T], None]:
        """
        Walk every submission once, in the order in which they came in, those that were approved in time included.

        A submission counts as delivered when the next one is asked for. What the loop was at when the program stopped,
        or when the loop was left, is delivered again; what was approved or paid through it is not done twice. Deciding
        on submissions inside the loop hides none.

        Begin it when the upload has ended: rows that are not in the ledger yet are not waited for. Beside an upload,
        give ``until=None``, and leave the loop yourself.

        Args:
            until: ``"complete"`` ends when all HITs are published and have ended and everything was delivered,
                ``"now"`` when everything was delivered that is there now; None goes on for ever.
            events: What tells of submissions sooner than looks at the service do, such as
                :func:`aioturk.notifications.listen`. What an event of ``AssignmentSubmitted`` is about is read at once,
                and ``HITReviewable`` and ``HITExpired`` let the end be seen at once. They may be lost, doubled and out
                of order: looks go on, once a minute at least (in a large account, where a look takes longer than a
                quarter of that, after four times as long as it took), and each submission comes once. Should the events
                fail, that is logged, and `events_error` tells it; the work goes on. They are closed with the loop. With
                ``"now"`` they are not asked for.
        """
        deliveries = self._deliveries = Deliveries(self._desk, self._reviewer)
        async with aclosing(deliveries.walk(until, events)) as walked:
            async for submission in walked:
                yield submission

    @property
    def events_error(self) -> Exception | None:
        """Why the events that were last given to `submissions` cannot be followed any more; None if they can."""
        return None if self._deliveries is None else self._deliveries.events_error

    async def approve(
        self, assignment_id: str, feedback: str | None = None, *, override_rejection: bool = False
    ) -> None:
        """
        Approve an assignment of this batch, and pay its reward; that it is approved already is success.

        Args:
            assignment_id: The assignment.
            feedback: What to tell the worker.
            override_rejection: Approve it although it was rejected, within 30 days.
        """
        await self._reviewer.approve(assignment_id, feedback, override_rejection=override_rejection)

    async def reject(self, assignment_id: str, feedback: str) -> None:
        """
        Reject an assignment of this batch; that it is rejected already is success.

        Args:
            assignment_id: The assignment.
            feedback: Why, for the worker.
        """
        await self._reviewer.reject(assignment_id, feedback)

    async def bonus(self, assignment_id: str, amount: Money, reason: str, *, worker_id: str | None = None) -> None:
        """
        Pay a bonus for an assignment of this batch; one of the same amount and reason is paid once.

        Args:
            assignment_id: The assignment.
            amount: How much, in US dollars; a fee comes on top.
            reason: What for, for the worker.
            worker_id: The worker, if it is to be made sure that the assignment is theirs.
        """
        await self._reviewer.pay(Bonus(assignment_id, amount, reason, worker_id))

    async def bonus_once(
        self, assignment_id: str, amount: Money, reason: str, *, key: str, worker_id: str | None = None
    ) -> None:
        """
        Pay a bonus for an assignment of this batch that has a name of its own.

        Args:
            assignment_id: The assignment.
            amount: How much, in US dollars; a fee comes on top.
            reason: What for, for the worker.
            key: What the bonus is called: what has the same name is paid once for this assignment.
            worker_id: The worker, if it is to be made sure that the assignment is theirs.

        Raises:
            PaidOtherwise: The bonus of this name was another one.
        """
        await self._reviewer.pay(Bonus(assignment_id, amount, reason, worker_id, key))

    async def bonus_all(self, bonuses: Iterable[Bonus] | AsyncIterable[Bonus]) -> Tally:
        """
        Pay many bonuses, several at a time; calling it again pays what is missing.

        Args:
            bonuses: What to pay.
        """
        return await self._reviewer.pay_all(bonuses)

    async def approve_all(self, feedback: str | None = None) -> Tally:
        """
        Approve everything that is submitted now and undecided, and pay the bonuses that a review has left behind.

        Args:
            feedback: What to tell the workers.
        """
        return await self._reviewer.approve_all(feedback)

    async def review(self, judge: Judge[T] | str | os.PathLike[str]) -> Tally:
        """
        Decide on what is submitted now and undecided.

        When a function fails, or is broken off, what it has decided before is carried out first.

        Args:
            judge: A function that gets each submission and returns :func:`~aioturk.batch.approve`,
                :func:`~aioturk.batch.reject`, or None, which leaves it undecided; or the name of a result file that was
                filled in, with an ``X`` in the column Approve or a reason in the column Reject. A file is checked as a
                whole before anything is decided.
        """
        if not isinstance(judge, str | os.PathLike):
            return await self._reviewer.review(judge)
        await Collector(self._desk).collect()
        decisions = [(one.assignment_id, Decision(one.approve, one.feedback)) for one in await read_review(judge)]
        return await self._reviewer.decide(decisions)

    # Running.

    async def status(self, *, refresh: bool = True) -> Status:
        """
        Tell where the batch stands.

        Args:
            refresh: Ask the service for what is new first; else nothing but the ledger is read, and no call is made.
        """
        return await self._housekeeping.status(refresh=refresh)

    async def extend(self, *, max_assignments: int | None = None, lifetime: Duration | None = None) -> Tally:
        """
        Give all HITs more assignments, more time, or both. Asking for the same again adds nothing.

        Args:
            max_assignments: How many assignments each HIT is to have in all.
            lifetime: How long the HITs are to be offered from now on.

        Raises:
            InvalidRequest: HITs with fewer than ten assignments cannot get ten or more where the fees have that step.

        HITs that cannot get more time are told in the tally, and do not stop the others.
        """
        tally = Tally()
        if lifetime is not None:
            tally += await self._housekeeping.prolong(check_lifetime(lifetime))
        if max_assignments is not None:
            await self._check_extension(max_assignments)
            work = Extending(self._desk, max_assignments)
            number = await self._desk.perform(extensions.how_many_smaller(await self._desk.seq(), max_assignments))
            tally += await Run(self._desk, work, total=number).perform(work.intents())
        return tally

    async def _check_extension(self, most: object) -> None:
        if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= _MOST_ASSIGNMENTS:
            raise InvalidRequest(
                f"is {short(most, repr)}; give a whole number from 1 to {_MOST_ASSIGNMENTS:,}.",
                argument="max_assignments",
            )
        step = (await self._desk.fees()).step
        if step is None or most < step:
            return
        # The HITs count, which need not be those of the task as it is now.
        seq = await self._desk.seq()
        if await self._desk.perform(extensions.smaller_than(seq, step, after=0, portion=1)):
            raise InvalidRequest(
                f"is {most}, but by these fees HITs that were made with fewer than {step} assignments cannot get "
                f"{step} or more, as at Amazon's. Ask for fewer; or, if the batch was given other fees than the "
                f"marketplace takes, leave them out.",
                argument="max_assignments",
            )

    async def stop(self) -> Stopped:
        """
        End all HITs now: nobody can accept them any more. Who has one in work may still hand it in.

        HITs that the ledger does not know are looked for and ended, too.
        """
        return await self._housekeeping.stop()

    async def retire(self, *, approve_pending: bool = False, timeout: float | timedelta | None = None) -> int:
        """
        End all HITs, wait for the workers, read everything into the ledger, and delete the HITs.

        Nothing is ever rejected. Bonuses that were decided on, or left open, are paid first. When the HITs are gone, no
        rejection of their work can be taken back. Calling it again goes on.

        Args:
            approve_pending: Whether to approve, and so pay, what is undecided.
            timeout: How long to wait for workers; as long as they have and two minutes, unless given.

        Returns:
            How many HITs were deleted now.

        Raises:
            NotRetired: Submissions wait for a decision, bonuses could not be paid, or workers are still at it. All HITs
                are ended, and kept.
        """
        seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        decide = self.approve_all if approve_pending else self._reviewer.finish
        return await self._housekeeping.retire(decide, timeout=seconds)

    async def reconcile(self) -> Reconciliation:
        """
        Compare the ledger with the service, both ways, and settle what was left open as far as the service tells.

        Nothing is published, decided or paid.
        """
        return await reconcile(self._desk)

    # Results.

    async def export(
        self, path: str | os.PathLike[str], *, safe_for_spreadsheets: bool = False, refresh: bool = True
    ) -> int:
        """
        Write all submissions to a file: CSV with the requester site's columns, or JSON Lines.

        Args:
            path: The file; its name ends with ``.csv`` or ``.jsonl``.
            safe_for_spreadsheets: Put an apostrophe before cells that a spreadsheet would take for a formula.
            refresh: Ask the service for what is new first; else nothing but the ledger is read, and no call is made.

        Returns:
            How many submissions there are.

        Raises:
            InvalidRequest: The name ends otherwise.
        """
        suffix = Path(path).suffix.lower()
        if suffix not in (".csv", ".jsonl", ".ndjson"):
            raise InvalidRequest(f"is {os.fspath(path)}; give a name that ends with .csv or .jsonl.", argument="path")
        await self._refresh(refresh)
        if suffix == ".csv":
            columns = await self._columns()
            return await write_csv(self._results, path, columns, safe_for_spreadsheets=safe_for_spreadsheets)
        return await write_json_lines(self._results, path)

    async def to_pandas(self, *, refresh: bool = True) -> pandas.DataFrame:
        """
        Return all submissions as a table of pandas.

        Args:
            refresh: Ask the service for what is new first; else nothing but the ledger is read, and no call is made.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        await self._refresh(refresh)
        return await to_pandas(self._results, await self._columns())

    async def labels(
        self, question: str, *, separator: str | None = None, rejected: bool = False, refresh: bool = True
    ) -> list[Label]:
        """
        Return the answers to one question as (task, worker, label), as aggregation libraries take them.

        Args:
            question: The question.
            separator: What stands between several labels in a text, if anything does.
            rejected: Whether rejected work counts, too.
            refresh: Ask the service for what is new first; else nothing but the ledger is read, and no call is made.
        """
        await self._refresh(refresh)
        return await long_table(self._results, question, separator=separator, rejected=rejected)

    async def votes(
        self,
        question: str,
        *,
        minimum_votes: float = 0,
        minimum_share: float = 0,
        separator: str | None = None,
        rejected: bool = False,
        refresh: bool = True,
    ) -> list[Vote]:
        """
        Return the label that most workers gave, for each row.

        Args:
            question: The question.
            minimum_votes: How many votes a row needs, all labels together; with fewer it has no majority.
            minimum_share: Which part of them the label needs, 0-1; more than half for an absolute majority.
            separator: What stands between several labels in a text, if anything does: each is a vote.
            rejected: Whether rejected work counts, too.
            refresh: Ask the service for what is new first; else nothing but the ledger is read, and no call is made.
        """
        labels = await self.labels(question, separator=separator, rejected=rejected, refresh=refresh)
        return majority(labels, minimum_votes=minimum_votes, minimum_share=minimum_share)

    async def _refresh(self, wanted: bool) -> None:
        if wanted:
            await Collector(self._desk).collect(decisions=True)

    async def _results(self) -> AsyncGenerator[Result, None]:
        async with aclosing(results(self._desk.ledger, (await self._desk.as_written()).seq)) as found:
            async for result in found:
                yield result

    async def _columns(self) -> tuple[str, ...]:
        known = await self._desk.perform(batches.known_batch(self.name, self._desk.now()))
        return known.columns
