"""
`Plan`: what an upload would do, and cost, without sending anything.

Each row is made ready here as it is for the upload, so what a plan says of it is what the upload finds. Where rows come
from is in `aioturk.batch.rows`; how they are published in `aioturk.batch.uploading`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, TypeAlias, cast

from aioturk._core.accepted import Layout
from aioturk.annotations import Annotation
from aioturk.batch.rows import KeyedRow, Source, chunks
from aioturk.batch.units import Intent, Kind, State, annotation_for, check_batch, token_of
from aioturk.errors import TurkError
from aioturk.pricing import AMAZON, Cost, FeeTable
from aioturk.tasks.publishing import Asked, Key, column_aside, without_column
from aioturk.tasks.task import Task

__all__ = ["Judge", "Plan", "Prepared", "Preparer", "Problem", "make_plan"]

KEPT: Final = 100
"""How many problems a plan keeps."""
_SHOWN = 5
"""How many of them its text tells."""


@dataclass(frozen=True, slots=True)
class Problem:
    """
    A row that cannot be published.

    Attributes:
        number: Its number, from 1; None where only its key is known.
        key: What it is called in its batch; None if that cannot be told.
        error: Why it cannot be published.
    """

    number: int | None
    key: str | None
    error: TurkError

    def __str__(self) -> str:
        called = "" if self.key is None else f" ({self.key:.40})"
        number = "" if self.number is None else f" {self.number}"
        # Errors about rows begin with what is said here already.
        text = str(self.error).removeprefix("row: ").removeprefix(f"{self.number} ")
        return f"row{number}{called}: {text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    What an upload would do. Print it to read it.

    Attributes:
        batch: The batch's name.
        rows: How many rows there are.
        published: How many of them are published already, as far as the ledger knows.
        unknown: How many of them were left open for so long that nobody can tell; an upload leaves them alone.
        hits: How many HITs would be published now, one for each of the other rows that has no problem.
        assignments: How many assignments these HITs have together.
        max_assignments: How many assignments each of them has.
        per_hit: What one of them costs when all of its assignments are approved.
        cost: What all of them cost.
        surcharge: What of that is due only because the HITs have so many assignments, in dollars.
        fees: What the marketplace takes.
        problem_count: How many rows cannot be published.
        problems: These, in their order; at most the first hundred.
        columns: The columns of the rows, in the order in which they first come.
    """

    batch: str
    rows: int
    published: int
    unknown: int = 0
    hits: int
    assignments: int
    max_assignments: int
    per_hit: Cost
    cost: Cost
    surcharge: Decimal
    fees: FeeTable = field(repr=False)
    problem_count: int
    problems: tuple[Problem, ...]
    columns: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"Batch {self.batch}", f"  rows          {self.rows:>12,}"]
        if self.published:
            lines.append(f"  published     {self.published:>12,}  before, and not again")
        if self.unknown:
            lines.append(f"  unknown       {self.unknown:>12,}  whether they are published; left out")
        if self.problem_count:
            lines.append(f"  with problems {self.problem_count:>12,}  left out")
        lines += [
            f"  HITs          {self.hits:>12,}",
            f"  assignments   {self.assignments:>12,}  {self.max_assignments:,} for each HIT",
            *_amounts(self.cost),
        ]
        if self.surcharge:
            lines += ["", *self._about_the_step()]
        if self.problems:
            lines += ["", "Problems:", *(f"  {problem}" for problem in self.problems[:_SHOWN])]
        if self.problem_count > _SHOWN:
            lines.append(f"  and {self.problem_count - _SHOWN:,} more")
        return "\n".join(lines)

    def _about_the_step(self) -> list[str]:
        fees = self.fees
        large, small = _percent(fees.share + fees.large_share), _percent(fees.share)
        return [
            f"{fees.large_from} or more assignments for each HIT: the fee is {large} of the reward instead of {small}.",
            f"That is ${self.surcharge:,.2f} more than the same number in HITs of at most {fees.large_from - 1} costs.",
        ]


def _amounts(cost: Cost) -> list[str]:
    parts = {"worker pay": cost.worker_pay, "fees": cost.fee, "total": cost.total}
    return [f"  {name:<13} {f'${amount:,.2f}':>12}" for name, amount in parts.items()]


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    A row that is ready to be published.

    Attributes:
        intent: What the ledger keeps of it.
        question: What is asked: the document as it is sent, or a layout.
        annotation: The annotation of its HIT.
    """

    intent: Intent
    question: str | Layout
    annotation: Annotation


class Preparer:
    """
    Makes rows ready. What all of them have in common is looked at once.

    Args:
        task: What workers are asked to do.
        batch: The batch's name.
        key: What tells its rows apart.
        fees: What the marketplace takes.

    Raises:
        InvalidRequest: A batch cannot be called that.
    """

    def __init__(self, task: Task[Any], batch: str, *, key: Key = None, fees: FeeTable = AMAZON) -> None:
        check_batch(batch)
        self.per_hit: Cost = task.cost(fees=fees)
        self._task = task
        self._batch = batch
        self._asked = Asked(task)
        self._aside = column_aside(task, key)
        self._liability = self.per_hit.cents

    def prepare(self, row: KeyedRow) -> Prepared:
        """
        Make a row ready, and check it as the client would when it is sent.

        Args:
            row: The row.

        Raises:
            TurkError: It cannot be published; usually an `InvalidRequest`.
        """
        if row.error is not None:
            raise row.error
        assert row.key is not None
        # A copy, because the task's question may be a function, and what the ledger keeps is what was given.
        question = self._task.fill(without_column(dict(row.values), self._aside))
        members = self._asked.members(question)
        asked = self._asked.digest(members)
        token = token_of(Kind.PUBLISH, self._batch, row.key)
        intent = Intent(Kind.PUBLISH, row.key, token, asked, row.values, self._liability)
        # The document as it was written for the digest: nobody has to write it again.
        sent = cast("str | Layout", members.get("Question", question))
        return Prepared(intent, sent, annotation_for(self._batch, row.key, token, asked))


Judge: TypeAlias = Callable[[Sequence[Prepared]], Awaitable[Mapping[str, TurkError | State]]]
"""
Says, by their tokens, which of some rows are in the ledger: their state, done or unknown, or an error for one that
cannot be published any more. The others it leaves out.
"""


async def make_plan(
    task: Task[Any], source: Source, *, batch: str, key: Key = None, fees: FeeTable = AMAZON, judge: Judge | None = None
) -> Plan:
    """
    Read all rows and look at each. Nothing is sent, and nothing written.

    Args:
        task: What workers are asked to do.
        source: Where the rows come from.
        batch: The batch's name.
        key: What tells rows apart: see `aioturk.batch.rows.Keys`.
        fees: What the marketplace takes.
        judge: Says what the ledger knows of rows.

    Raises:
        InvalidRequest: The rows cannot be read at all, or the batch cannot be called that.
    """
    preparer = Preparer(task, batch, key=key, fees=fees)
    count = _Count()
    async with aclosing(chunks(source, key)) as found:
        async for rows in found:
            ready = count.look_at(rows, preparer)
            known = await judge([prepared for _, prepared in ready]) if judge is not None else {}
            for row, prepared in ready:
                count.judge(row, known.get(prepared.intent.token))
    cost = preparer.per_hit * count.hits
    small = task.cost(fees=replace(fees, large_share=Decimal(0))) * count.hits
    return Plan(
        batch=batch,
        rows=count.rows,
        published=count.published,
        unknown=count.unknown,
        hits=count.hits,
        assignments=count.hits * task.max_assignments,
        max_assignments=task.max_assignments,
        per_hit=preparer.per_hit,
        cost=cost,
        surcharge=cost.fee - small.fee,
        fees=fees,
        problem_count=count.problem_count,
        problems=tuple(sorted(count.problems, key=lambda problem: problem.number or 0)[:KEPT]),
        columns=tuple(count.columns),
    )


class _Count:
    """What was found so far."""

    def __init__(self) -> None:
        self.rows = 0
        self.hits = 0
        self.published = 0
        self.unknown = 0
        self.problem_count = 0
        self.problems: list[Problem] = []
        self.columns: dict[str, None] = {}

    def look_at(self, rows: Sequence[KeyedRow], preparer: Preparer) -> list[tuple[KeyedRow, Prepared]]:
        """Count rows and their problems; return those that are ready."""
        self.rows += len(rows)
        ready = []
        for row in rows:
            self.columns.update(dict.fromkeys(row.values))
            try:
                ready.append((row, preparer.prepare(row)))
            except TurkError as error:
                self._problem(row, error)
        return ready

    def judge(self, row: KeyedRow, known: TurkError | State | None) -> None:
        """Count a row that is ready, by what the ledger knows of it."""
        if isinstance(known, TurkError):
            self._problem(row, known)
        elif known is None:
            self.hits += 1
        elif known is State.UNKNOWN:
            self.unknown += 1
        else:
            self.published += 1

    def _problem(self, row: KeyedRow, error: TurkError) -> None:
        self.problem_count += 1
        if len(self.problems) < KEPT:
            # Without the rows and pages that a traceback would keep alive.
            self.problems.append(Problem(row.number, row.key, error.with_traceback(None)))
