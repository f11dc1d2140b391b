"""
Publishing rows: `Publishing`, the work of an upload, and the `Report` on it.

Which row is called what, and what is asked for it, is told by `aioturk.batch.rows` and `aioturk.batch.plan`; that each
HIT is made once is seen to by `aioturk.batch.run`. Here is how a row is sent, and how HITs that were made before are
known again: by the token in their annotations.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aioturk.batch.desk import AHEAD, TRUSTED, Desk
from aioturk.batch.documents import hit_document
from aioturk.batch.ledger import batches, units
from aioturk.batch.ledger.purse import reserve_more
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.plan import Prepared, Preparer, Problem
from aioturk.batch.reasons import over_budget
from aioturk.batch.rows import KeyedRow
from aioturk.batch.searching import cost_of, search
from aioturk.batch.tally import Tally
from aioturk.batch.units import Intent, Kind, State, Unit, token_in
from aioturk.batch.work import Work
from aioturk.errors import HITAlreadyExists, PublishedOtherwise, TurkError
from aioturk.models import HIT
from aioturk.tasks.publishing import Publisher

if TYPE_CHECKING:
    from aioturk.tasks import Task

__all__ = ["Publishing", "Report", "otherwise"]


@dataclass(frozen=True, slots=True)
class Report:
    """
    What came of an upload.

    Attributes:
        rows: How many rows there were.
        published: HITs made now.
        found: Rows that had their HIT already, or got it from another program meanwhile.
        refused: Rows without a HIT, each for a reason of its own.
        open: Rows of which it is not known yet whether they have a HIT; the next upload goes on with them.
        unknown: Rows that were left open for so long that nobody can tell any more: look for yourself, and give
            ``resend_unknown=True`` if they are to be published.
        problems: Why rows were refused, were left open, or have a HIT that asks something else; the first hundred.
        problem_count: How many there are.
    """

    rows: int
    published: int
    found: int
    refused: int
    open: int
    unknown: int
    problems: tuple[Problem, ...]
    problem_count: int

    @property
    def is_complete(self) -> bool:
        """Whether every row has its HIT."""
        return not (self.refused or self.open or self.unknown)

    def __str__(self) -> str:
        parts = [f"{self.rows:,} rows", f"{self.published:,} published"]
        for number, name in (
            (self.found, "published before"),
            (self.refused, "refused"),
            (self.open, "open"),
            (self.unknown, "unknown"),
            (self.problem_count - self.refused - self.open, "asking something else"),
        ):
            if number > 0:
                parts.append(f"{number:,} {name}")
        return ", ".join(parts)


class Publishing(Work):
    """
    The work of an upload.

    Args:
        desk: Where.
        task: What is asked.
        preparer: Makes intents of rows.
    """

    kind = Kind.PUBLISH
    title = "publishing"
    reads_state = False

    def __init__(self, desk: Desk, task: Task[Any], preparer: Preparer) -> None:
        self._desk = desk
        self._publisher = Publisher(task, desk.patient)
        self._preparer = preparer
        self._prepared: dict[str, Prepared] = {}
        self._unfit = 0
        self.rows: int = 0
        self.tally: Tally = Tally()
        """What became of rows that did not even become intents."""

    # Rows.

    async def intents(
        self, portions: AsyncGenerator[Sequence[KeyedRow], None]
    ) -> AsyncGenerator[Sequence[Intent], None]:
        """Make intents of rows; those that cannot be published are reported, and do not stop the others."""
        columns: dict[str, None] = {}
        async with aclosing(portions) as walked:
            async for portion in walked:
                self.rows += len(portion)
                ready = []
                for row in portion:
                    prepared = self._prepare(row)
                    if prepared is not None:
                        ready.append(prepared.intent)
                        self._prepared[prepared.intent.token] = prepared
                known = len(columns)
                for row in portion:
                    columns.update(dict.fromkeys(row.values))
                if len(columns) > known:
                    await self._desk.perform(batches.write_columns(await self._desk.seq(), list(columns)))
                if ready:
                    if not self._is_fresh(self._desk.searched_at):
                        await self.begin()  # an upload may last for days
                    yield ready

    def _prepare(self, row: KeyedRow) -> Prepared | None:
        try:
            return self._preparer.prepare(row)
        except TurkError as error:
            self._unfit += 1
            self.tally.refused += 1
            self.tally.report(Problem(row.number, row.key, error))
            return None

    # What `aioturk.batch.run` asks for.

    async def begin(self) -> None:
        """Look for HITs that the ledger does not know, if there may be any: one walk through the list of all HITs."""
        seq = await self._desk.seq()
        now = self._desk.now()
        trusted = self._desk.trusted()
        at = (await self._desk.perform(batches.known_batch(self._desk.name, now))).searched_at
        stale = await self._desk.perform(units.count_stale(seq, self.kind, trusted))
        if stale or not self._is_fresh(at):
            await search(self._desk)
            await self._desk.perform(units.not_there(seq, self.kind, trusted))
            await self._desk.perform(batches.searched(seq, now))
            at = now
        self._desk.searched_at = at

    def _is_fresh(self, searched_at: float | None) -> bool:
        """Say whether the service still knows the tokens of what other ledgers have published since it was searched."""
        return searched_at is not None and -AHEAD <= self._desk.now() - searched_at <= TRUSTED

    async def send(self, unit: Unit) -> Outcome:
        """Publish a row, or find the HIT that an earlier attempt has made."""
        prepared = self._prepared.get(unit.token) or self._again(unit)
        await self._reserve(unit, prepared.intent)
        mturk = self._desk.client_for(unit)
        try:
            hit = await self._publisher.publish(prepared.question, prepared.annotation, unit.token, mturk)
        except HITAlreadyExists as already:
            return await self._found(unit, prepared, await self._existing(already))
        if hit.requester_annotation not in (None, str(prepared.annotation)):
            # The answer to a repeat tells of the HIT that there is, and an earlier program may have made that one.
            return await self._found(unit, prepared, hit)
        intent = prepared.intent
        is_new = intent.asked != unit.asked
        return _done(
            unit,
            hit,
            asked=intent.asked if is_new else None,
            content=intent.content if is_new else None,
            cents=intent.liability if intent.liability != unit.liability else None,
        )

    async def look(self, unit: Unit) -> Outcome | None:
        """
        Leave a unit open whose token has grown old since all HITs were looked through.

        To look for one HIT takes as long as to look for all; `begin` does that, before what is open is tried again.
        """
        error = "Its request token has grown old: upload again, and it is looked for."
        return Outcome(unit, State.OPEN, error=error, counts=False)

    def otherwise(self, unit: Unit) -> TurkError:
        """Say that a row has a HIT which asks something else."""
        return otherwise(self._desk.name, unit.key, unit.target)

    def unfit(self) -> int:
        """Return how many rows, since this was last asked, cannot be published."""
        unfit, self._unfit = self._unfit, 0
        return unfit

    def forget(self, token: str) -> None:
        """Let go of a row's question."""
        self._prepared.pop(token, None)

    async def _reserve(self, unit: Unit, intent: Intent) -> None:
        """Reserve what a row costs more than when it was written down."""
        if intent.liability <= unit.liability:
            return
        desk = self._desk
        if not await desk.perform(reserve_more(await desk.seq(), unit.seq, intent.liability, desk.budget)):
            raise over_budget(desk.budget or 0, intent)

    def _again(self, unit: Unit) -> Prepared:
        """Prepare a row that stands in the ledger."""
        return self._preparer.prepare(KeyedRow(0, unit.key, unit.content or {}, None))

    async def _existing(self, already: HITAlreadyExists) -> HIT:
        """Read the HIT that a token stands for."""
        # Unless it can be read, nobody can tell whether it is the row's own: so the row may be published.
        already.ambiguous = True
        if already.hit_id is None:
            raise already
        try:
            return await self._desk.patient.get_hit(already.hit_id)
        except TurkError as failure:
            raise already from failure

    async def _found(self, unit: Unit, prepared: Prepared, hit: HIT) -> Outcome:
        """Compare what was found with what was asked."""
        known = token_in(hit, self._desk.name)
        if known is None or known[0] != unit.token:
            error = otherwise(self._desk.name, unit.key, hit.hit_id)
            self.tally.report(Problem(None, unit.key, error))
            return Outcome(unit, State.REFUSED, error=f"{type(error).__name__}: {error}")
        cents = cost_of(hit, await self._desk.fees())
        if known[1] == prepared.intent.asked:
            return _done(unit, hit, asked=known[1], content=prepared.intent.content, cents=cents)
        # It is published, though not as it is asked now.
        self.tally.report(Problem(None, unit.key, otherwise(self._desk.name, unit.key, hit.hit_id)))
        return _done(unit, hit, asked=known[1], cents=cents)


def _done(
    unit: Unit,
    hit: HIT,
    *,
    asked: str | None = None,
    content: dict[str, Any] | None = None,
    cents: int | None = None,
) -> Outcome:
    return Outcome(
        unit,
        State.DONE,
        hit.hit_id,
        hit=hit_document(hit),
        most=hit.max_assignments,
        asked=asked,
        content=content,
        cents=cents,
    )


def otherwise(batch: str, key: str, hit_id: str | None) -> PublishedOtherwise:
    """Return the error of a row that has a HIT which asks something else."""
    return PublishedOtherwise(
        f"The row {key!r} of the batch {batch!r} was published before, as HIT {hit_id}, with another question or task. "
        "That HIT stands. Take another name for the batch if you mean a new set of HITs.",
        hit_id=hit_id or "",
    )
