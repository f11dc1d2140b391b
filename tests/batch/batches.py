"""What tests of batches do again and again: making one, disturbing its calls, looking into its ledger."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from aioturk import Task
from aioturk._core.messages import Request, Response
from aioturk._databases import database_url
from aioturk.annotations import belongs_to
from aioturk.batch import Batch, BatchSubmission, Bonus
from aioturk.batch.ledger.planned import plan
from aioturk.batch.paying import payment_with_approval
from aioturk.client import Client
from aioturk.errors import TurkError
from aioturk.marketplace import Marketplace
from aioturk.models import HIT
from aioturk.pricing import AMAZON
from aioturk.testing import FaultyTransport, JumpingClock, Trouble
from aioturk.transport import AiohttpTransport

from .tasks import NAME, Guess, all_hits, guess_age, rows

__all__ = [
    "CREATE",
    "EXTEND",
    "LOST",
    "Disturb",
    "Impatient",
    "Line",
    "Send",
    "Sleep",
    "attempt",
    "batch_of",
    "before",
    "deleted",
    "hits_of",
    "instead",
    "lost",
    "only_first",
    "operation_of",
    "performed",
    "planned_bonus",
    "rerouted",
    "submissions_of",
    "submitted",
    "turn",
    "until",
    "worked",
]

CREATE = "CreateHITWithHITType"
EXTEND = "CreateAdditionalAssignmentsForHIT"
LOST = Trouble.RESET_AFTER
"""The request takes effect, and its answer never comes."""

Disturb = Callable[[str], Trouble | None]


def quiet(operation: str) -> Trouble | None:
    """Make no trouble."""
    return None


class Line:
    """
    Carries requests, and makes the troubles that a test asks for.

    Attributes:
        disturb: Says for each request, by its operation, what happens to it.
        calls: The operations of all requests, with their documents.
    """

    def __init__(self, disturb: Disturb = quiet) -> None:
        self._faulty = FaultyTransport(AiohttpTransport())
        self.disturb = disturb
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        """Send a request, or let it come to grief."""
        operation = operation_of(request)
        self.calls.append((operation, json.loads(request.body)))
        self._faulty.expect(self.disturb(operation))
        return await self._faulty.send(request, timeout=timeout, fresh_connection=fresh_connection)

    async def close(self) -> None:
        """Close the connections."""
        await self._faulty.close()

    def clear(self) -> None:
        """Forget what was sent, and make no more trouble."""
        self.calls.clear()
        self.disturb = quiet

    @property
    def counts(self) -> Counter[str]:
        """How often each operation was sent."""
        return Counter(operation for operation, _ in self.calls)

    @property
    def walks(self) -> int:
        """How often a walk through the list of all HITs was begun."""
        return sum(operation == "ListHITs" and not document.get("NextToken") for operation, document in self.calls)

    def documents(self, operation: str) -> list[dict[str, Any]]:
        """What was sent with an operation."""
        return [document for name, document in self.calls if name == operation]


def lost(*operations: str) -> Disturb:
    """Lose the answers of operations."""
    return lambda operation: LOST if operation in operations else None


def before(*operations: str) -> Disturb:
    """Let operations never arrive."""
    return lambda operation: Trouble.RESET_BEFORE if operation in operations else None


def only_first(*operations: str, trouble: Trouble) -> Disturb:
    """Make trouble for the first request of operations."""
    left = [trouble]
    return lambda operation: left.pop() if operation in operations and left else None


Send = Callable[[Request], Awaitable[Response]]
Way = Callable[[Request, Send], Awaitable[Response]]


@contextmanager
def rerouted(line: Line, way: Way) -> Iterator[None]:
    """Let requests take another way, which may send them on."""
    inner = line._faulty._inner
    send = inner.send

    async def other(request: Request, **options: Any) -> Response:
        async def on(request: Request) -> Response:
            return await send(request, **options)

        return await way(request, on)

    inner.send = other  # type: ignore[method-assign]
    try:
        yield
    finally:
        inner.send = send  # type: ignore[method-assign]


def instead(operation: str, answer: Response, *, times: int | None = None) -> Way:
    """Answer an operation with something else, always or so many times."""
    left = times

    async def way(request: Request, send: Send) -> Response:
        nonlocal left
        if operation_of(request) != operation or left == 0:
            return await send(request)
        left = None if left is None else left - 1
        return answer

    return way


def operation_of(request: Request) -> str:
    """Return the operation that a request asks for."""
    return dict(request.headers).get("X-Amz-Target", "").rpartition(".")[2]


def batch_of(
    mturk: Client, ledger: str, *, task: Task[Guess] | None = None, name: str = NAME, **options: Any
) -> Batch[Guess]:
    """Make a batch."""
    return Batch(mturk, task or guess_age(), name=name, ledger=ledger, **{"progress": False, **options})


async def hits_of(mturk: Client, name: str = NAME) -> list[HIT]:
    """List a batch's HITs."""
    return [hit for hit in await all_hits(mturk) if belongs_to(hit.requester_annotation, name)]


async def until(happened: Callable[[], object]) -> None:
    """Wait for something that nobody announces."""
    while not happened():  # noqa: ASYNC110
        await asyncio.sleep(0)


async def turn(market: Marketplace, clock: JumpingClock, *, hours: float) -> None:
    """Turn both clocks."""
    await market.advance(timedelta(hours=hours))
    clock.advance(hours * 3600)


async def attempt(batch: Batch[Guess], rows: Sequence[dict[str, str]]) -> None:
    """Upload as far as it gets."""
    with suppress(TurkError):
        await batch.upload(rows)


async def worked(market: Marketplace, workers: int | Sequence[str] = 2, *, age: int = 36) -> None:
    """Let workers do everything that there is."""
    await market.work(lambda hit: {"age": str(age)}, workers=workers)


async def submissions_of(batch: Batch[Guess], until: Any = "now") -> list[BatchSubmission[Guess]]:
    """Walk submissions."""
    return [submission async for submission in batch.submissions(until=until)]


async def submitted(
    batch: Batch[Guess], market: Marketplace, count: int = 3, workers: int = 1
) -> list[BatchSubmission[Guess]]:
    """Publish rows, let them be answered, and walk the answers."""
    await batch.upload(rows(count))
    await worked(market, workers)
    return await submissions_of(batch)


async def deleted(mturk: Client, hit_id: str) -> None:
    """Delete a HIT, of which the batch is not told."""
    await mturk.expire_hit(hit_id)
    await mturk.delete_hit(hit_id)


async def planned_bonus(batch: Batch[Guess], submission: BatchSubmission[Guess], amount: str) -> set[str]:
    """Do what a review does before it approves with a bonus, and go no further."""
    desk = batch._desk
    bonus = Bonus(submission.assignment_id, amount, "Good")
    intent = payment_with_approval(batch.name, bonus, submission.worker_id, AMAZON)
    return await desk.perform(plan(await desk.seq(), [intent], now=desk.now(), budget=None))


def performed(ledger: str, act: str | Callable[[Connection], Any], **values: Any) -> Any:
    """Do something to a ledger behind everybody's back; return the rows of a statement."""
    engine = create_engine(database_url(ledger), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            if not isinstance(act, str):
                return act(connection)
            found = connection.execute(text(act), values)
            return found.all() if found.returns_rows else found.rowcount
    finally:
        engine.dispose()


class Sleep:
    """The computer's clocks, as holders see them; `wake` lets time have passed in which nothing ran."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.slept = 0.0
        clocks = SimpleNamespace(time=lambda: time.time() + self.slept, monotonic=time.monotonic)
        monkeypatch.setattr("aioturk.batch.holding.time", clocks)
        monkeypatch.setattr("aioturk.batch.ledger.holders.time", clocks)

    def wake(self) -> None:
        """A minute has passed, in which the monotonic clock stood still, as Linux has it."""
        self.slept += 60


class Impatient(JumpingClock):
    """A clock that gives up when something waits on and on."""

    def __init__(self, most: int = 200) -> None:
        super().__init__(time.time())
        self._most = most

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if len(self.slept) > self._most:
            raise AssertionError("it waits for ever")
