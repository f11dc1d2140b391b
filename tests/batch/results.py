"""Batches with results, made by workers of a real marketplace and written down in a real ledger."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, Table, insert, update

from aioturk import Client, ExternalQuestion
from aioturk.answers import write_answers
from aioturk.batch.documents import assignment_document, hit_document
from aioturk.batch.export import Results
from aioturk.batch.ledger.batches import known_batch
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.batch.ledger.results import Result, results
from aioturk.batch.ledger.tables import hit as hits
from aioturk.batch.ledger.tables import submission as submissions
from aioturk.batch.ledger.tables import unit as units
from aioturk.batch.units import Kind, token_of
from aioturk.marketplace import Marketplace
from aioturk.models import HIT, Assignment, AssignmentStatus, HITReviewStatus, HITStatus

from ..marketplace.support import StillClock

__all__ = ["ANNA", "BERT", "CARL", "Filled", "a_result", "all_of", "answering", "filled", "filled_from", "told"]

ANNA, BERT, CARL = "A1ANNAANNAANNA", "A1BERTBERTBERT", "A1CARLCARLCARL"

BATCH = "ages-1"


@dataclass
class Filled:
    """
    A ledger with a batch in it, and the marketplace that it was filled from.

    Attributes:
        ledger: The ledger.
        batch_seq: The batch's number in it.
        mturk: A client of the marketplace.
        market: The marketplace.
        units: The numbers of the rows' units, by key.
    """

    ledger: LedgerThread
    batch_seq: int
    mturk: Client
    market: Marketplace
    units: dict[str, int] = field(default_factory=dict)

    def results(self) -> AsyncGenerator[Result, None]:
        """Read all of its results."""
        return results(self.ledger, self.batch_seq)

    async def publish(self, key: str, row: Mapping[str, Any] | None = None, **changes: Any) -> HIT:
        """Publish a row, and write it down."""
        hit = await self.make_hit(key, **changes)
        content = None if row is None else msgspec.json.encode(row).decode()

        def act(connection: Connection) -> int:
            values = {
                "batch_seq": self.batch_seq,
                "kind": "publish",
                "token": token_of(Kind.PUBLISH, BATCH, key),
                "key": key,
                "state": "done",
                "asked": "",
                "content": content,
                "target": hit.hit_id,
            }
            return int(
                connection.execute(insert(units).values(_complete(units, values)).returning(units.c.seq)).scalar_one()
            )

        self.units[key] = await self.ledger.perform(act)
        await self.write_hit(hit, self.units[key])
        return hit

    async def make_hit(self, note: str, **changes: Any) -> HIT:
        """Make a HIT, and write nothing down."""
        wanted: dict[str, Any] = {
            "title": "Guess the age",
            "description": "Look at a picture.",
            "keywords": "image, age",
            "reward": "0.05",
            "max_assignments": 5,
            "assignment_duration": timedelta(minutes=5),
            "lifetime": timedelta(days=7),
            "auto_approval_delay": timedelta(days=30),
            "question": ExternalQuestion("https://example.org/", frame_height=600),
            "requester_annotation": f"{BATCH} #{note}",
        }
        return await self.mturk.create_hit(**{**wanted, **changes})

    async def write_hit(self, hit: HIT, unit_seq: int | None) -> None:
        """Write a HIT down."""
        values = {
            "id": hit.hit_id,
            "batch_seq": self.batch_seq,
            "unit_seq": unit_seq,
            "state": "open",
            "document": hit_document(hit),
        }
        await self._run(insert(hits).values(_complete(hits, values)))

    async def submit(self, hit: HIT, worker: str, answers: Mapping[str, str | Sequence[str]]) -> str:
        """Have a worker do a HIT."""
        assignment_id = await self.market.worker(worker).accept(hit.hit_id)
        await self.market.worker(worker).submit(assignment_id, answers)
        return assignment_id

    async def collect(self, *those: HIT) -> None:
        """Write down what was submitted."""
        for hit in those:
            async for assignment in self.mturk.list_assignments_for_hit(hit.hit_id):
                await self.write_assignment(assignment)

    async def write_assignment(self, assignment: Assignment) -> None:
        """Write an assignment down."""
        values = {
            "id": assignment.assignment_id,
            "batch_seq": self.batch_seq,
            "hit_id": assignment.hit_id,
            "worker_id": assignment.worker_id,
            "status": str(assignment.assignment_status),
            "submitted_at": int(assignment.submit_time.timestamp() * 1000),
            "document": assignment_document(assignment),
        }
        await self._run(insert(submissions).values(_complete(submissions, values)))

    async def change_unit(self, key: str, **values: Any) -> None:
        """Change what the ledger has of a row."""
        await self._run(update(units).where(units.c.seq == self.units[key]).values(values))

    async def _run(self, statement: Any) -> None:
        def act(connection: Connection) -> None:
            connection.execute(statement)

        await self.ledger.perform(act)


def _complete(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """Add zeros for the counters and moments that results do not depend on."""
    counters = (column for column in table.columns if not column.nullable and isinstance(column.type, BigInteger))
    return {**{column.name: 0 for column in counters if not column.primary_key}, **values}


@asynccontextmanager
async def filled(database: Path | str, market: Marketplace) -> AsyncGenerator[Filled, None]:
    """Open a ledger with an empty batch."""
    ledger = LedgerThread(database)
    async with market.client() as mturk:
        try:
            known = await ledger.perform(known_batch(BATCH, 0))
            yield Filled(ledger, known.seq, mturk, market)
        finally:
            await ledger.close()


@asynccontextmanager
async def filled_from(folder: Path, url: str | None = None) -> AsyncGenerator[Filled, None]:
    """
    Open a ledger in a folder, or in a database, with a marketplace whose clock stands still.

    It is Friday, 1 March 2019, 12:34:56 UTC.
    """
    async with Marketplace(clock=StillClock(1_551_443_696.25)) as market:
        async with filled(url or folder / "ledger.db", market) as batch:
            yield batch


async def all_of(read: Results) -> list[Result]:
    """Read all results."""
    return [result async for result in read()]


def a_result(answers: Mapping[str, str | Sequence[str]] | str = "", **changes: Any) -> Result:
    """Make a result by hand, for tests that need very many."""
    now = datetime(2019, 3, 1, 12, 34, 56, tzinfo=UTC)
    hit = HIT(
        hit_id="3HIT",
        hit_type_id="3TYPE",
        hit_group_id="3GROUP",
        creation_time=now,
        title="Guess the age",
        description="Look at a picture.",
        hit_status=HITStatus.ASSIGNABLE,
        max_assignments=1,
        reward=Decimal("0.05"),
        auto_approval_delay=timedelta(days=30),
        expiration=now,
        assignment_duration=timedelta(minutes=5),
        hit_review_status=HITReviewStatus.NOT_REVIEWED,
        number_of_assignments_pending=0,
        number_of_assignments_available=0,
        number_of_assignments_completed=0,
    )
    assignment = Assignment(
        assignment_id="3ASSIGNMENT",
        worker_id=ANNA,
        hit_id="3HIT",
        assignment_status=AssignmentStatus.SUBMITTED,
        auto_approval_time=now + timedelta(days=30),
        accept_time=now,
        submit_time=now,
        answer="",
    )
    assignment = msgspec.structs.replace(assignment, **{k: v for k, v in changes.items() if k in _MEMBERS})
    others = {name: value for name, value in changes.items() if name not in _MEMBERS}
    return answering(replace(Result(hit, assignment, {}, "row"), **others), answers)


_MEMBERS = frozenset(Assignment.__struct_fields__)


def told(*those: Result) -> Results:
    """Return what reads these results, any number of times."""

    async def read() -> AsyncGenerator[Result, None]:
        for result in those:
            yield result

    return read


def answering(result: Result, answers: Mapping[str, str | Sequence[str]] | str, **changes: Any) -> Result:
    """Return a result with other answers: fields of a form, or a whole document."""
    document = answers if isinstance(answers, str) else write_answers(answers)
    return replace(result, assignment=msgspec.structs.replace(result.assignment, answer=document), **changes)
