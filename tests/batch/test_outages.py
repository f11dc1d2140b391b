"""Ledgers that fail for a moment, and programs that are broken off: nothing stays in anybody's hands because of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text

from aioturk._databases import engine_of
from aioturk.batch import Report
from aioturk.batch.holding import Holder
from aioturk.batch.ledger import opening
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.client import Client
from aioturk.errors import ConfigurationError, TurkError
from aioturk.testing import JumpingClock

from ..postgres import Postgres
from .batches import CREATE, Line, batch_of, hits_of, performed, until
from .tasks import rows, urls

HOLDERS = "SELECT id FROM holder"
HELD = "SELECT token FROM unit WHERE holder_id IS NOT NULL"


class Impatient(JumpingClock):
    """A clock that gives up when something waits on and on."""

    def __init__(self) -> None:
        super().__init__(time.time())

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if len(self.slept) > 100:
            raise AssertionError("it waits for ever")


def fill(ledger: str) -> None:
    """Let a ledger refuse all changes of units, and of who is at work."""
    for table, change in (("unit", "UPDATE"), ("holder", "DELETE")):
        performed(
            ledger,
            f"CREATE TRIGGER full_{table} BEFORE {change} ON {table} BEGIN SELECT raise(ABORT, 'disk is full'); END",
        )


def make_room(ledger: str) -> None:
    """Let it take them again."""
    for table in ("unit", "holder"):
        performed(ledger, f"DROP TRIGGER full_{table}")


async def breaks(batch: Any, line: Line, ledger: str) -> TurkError:
    """Begin an upload in the middle of which the ledger fails."""
    await batch.upload([])

    def disturb(operation: str) -> None:
        if operation == CREATE and line.counts[CREATE] == 1:
            fill(ledger)

    line.disturb = disturb
    with pytest.raises(TurkError) as caught:
        await batch.upload(rows(60))
    line.clear()
    return caught.value


# A ledger that fails at the end of a run.


async def test_the_same_batch_goes_on_when_the_ledger_is_well_again(mturk: Client, line: Line, file: str) -> None:
    """A full disk ends the upload; when there is room again, calling it again publishes the rest, each row once."""
    async with batch_of(mturk, file, clock=Impatient()) as batch:
        await breaks(batch, line, file)
        make_room(file)
        report = await batch.upload(rows(60))
        assert report.is_complete
    assert performed(file, HOLDERS) == performed(file, HELD) == []
    assert urls(await hits_of(mturk)) == Counter({row["url"]: 1 for row in rows(60)})


@pytest.mark.parametrize("closed", [False, True])
async def test_another_batch_of_the_program_goes_on(mturk: Client, line: Line, file: str, *, closed: bool) -> None:
    """As in a notebook: what one batch object could not let go of does not keep the next one waiting."""
    first = batch_of(mturk, file)
    await breaks(first, line, file)
    if closed:
        await first.close()
    make_room(file)
    async with batch_of(mturk, file, clock=Impatient()) as batch:
        assert (await batch.upload(rows(60))).is_complete
    await first.close()
    assert performed(file, HOLDERS) == performed(file, HELD) == []
    assert urls(await hits_of(mturk)) == Counter({row["url"]: 1 for row in rows(60)})


async def test_a_program_that_lives_on_lets_go_for_others(
    mturk: Client, line: Line, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other programs need not wait for its next work: it tells the ledger as soon as that can be done."""
    monkeypatch.setattr("aioturk.batch.holding.BEAT", 0.01)
    async with batch_of(mturk, file) as batch:
        await breaks(batch, line, file)
        assert len(performed(file, HOLDERS)) == 1
        assert performed(file, HELD) != []
        make_room(file)
        async with asyncio.timeout(20):
            await until(lambda: not performed(file, HOLDERS))
        assert performed(file, HELD) == []


async def test_who_cannot_let_go_of_a_unit_puts_it_down(mturk: Client, line: Line, file: str) -> None:
    """Broken off while the ledger fails, a program thinks of nothing that it still has it in hand."""
    running: asyncio.Task[Any]

    def cancel(operation: str) -> None:
        if operation == CREATE and line.counts[CREATE] == 1:
            fill(file)
            running.cancel()

    async with batch_of(mturk, file, clock=Impatient()) as batch:
        await batch.upload([])
        line.disturb = cancel
        running = asyncio.ensure_future(batch.upload(rows(60)))
        with suppress(asyncio.CancelledError, TurkError):
            await running
        line.clear()
        await batch._desk.perform(lambda connection: None)
        assert len(batch._desk.in_hand) == 0
        make_room(file)
        assert (await batch.upload(rows(60))).is_complete


async def test_what_could_not_be_written_is_not_called_published(mturk: Client, line: Line, file: str) -> None:
    """When the ledger fails, the line that says how to go on does not count rows that are open in it."""
    async with batch_of(mturk, file) as batch:
        error = await breaks(batch, line, file)
        make_room(file)
    [note] = [note for note in error.__notes__ if "Run the same program again" in note]
    assert "Stopped: 0 rows" in note


# A connection that breaks.


class Server:
    """A database server that can be down."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.down = 0
        self.tried = 0

        def watched(*given: Any, **options: Any) -> Any:
            engine = engine_of(*given, **options)
            event.listen(engine, "do_connect", self._connect)
            return engine

        monkeypatch.setattr(opening, "engine_of", watched)
        monkeypatch.setattr(opening, "_PAUSE", 0)

    def _connect(self, *_: Any) -> None:
        self.tried += 1
        if self.down:
            self.down -= 1
            raise psycopg.OperationalError("connection refused")


async def works(thread: LedgerThread) -> bool:
    """Perform an act."""
    return bool(await thread.perform(lambda connection: connection.execute(text("SELECT 1")).scalar()))


async def broken(thread: LedgerThread, ledger: str) -> None:
    """Let the server end the connection, and the thread see it."""

    def gone(connection: Any) -> None:
        performed(ledger, "SELECT pg_terminate_backend(:pid)", pid=connection.execute(text(PID)).scalar())
        connection.invalidate()

    with suppress(Exception):
        await thread.perform(gone)


PID = "SELECT pg_backend_pid()"


async def test_a_server_that_restarts_is_waited_for(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that are refused for a moment cost no act."""
    server = Server(monkeypatch)
    ledger = postgres.empty()
    thread = LedgerThread(ledger)
    assert await works(thread)
    await broken(thread, ledger)
    server.down = 5
    assert await works(thread)
    await thread.close()


async def test_a_server_that_is_gone_is_waited_for_once(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was waited for in vain is not waited for again by every act, but tried again by each."""
    server = Server(monkeypatch)
    ledger = postgres.empty()
    thread = LedgerThread(ledger)
    assert await works(thread)
    await broken(thread, ledger)
    server.down = 10_000
    with pytest.raises(ConfigurationError, match="connection refused"):
        await works(thread)
    tried = server.tried
    for _ in range(3):
        with pytest.raises(ConfigurationError, match="connection refused"):
            await works(thread)
    assert server.tried == tried + 3
    server.down = 0
    assert await works(thread)
    await thread.close()


# Broken off.


@pytest.mark.parametrize("pause", [0, 0.005, 0.01, 0.03])
async def test_an_upload_that_is_cancelled_twice(mturk: Client, line: Line, file: str, pause: float) -> None:
    """The second Ctrl-C, while the first one is seen to, leaves nothing in hand, and loses no outcome."""
    running: asyncio.Task[Any]

    def cancel(operation: str) -> None:
        if operation == CREATE and line.counts[CREATE] == 20:
            running.cancel()
            asyncio.get_running_loop().call_later(pause, running.cancel)

    async with batch_of(mturk, file, clock=Impatient()) as batch:
        line.disturb = cancel
        running = asyncio.ensure_future(batch.upload(rows(60)))
        with suppress(asyncio.CancelledError):
            await running
        line.clear()
        await batch._desk.perform(lambda connection: None)  # what was handed in is done
        assert len(batch._desk.in_hand) == 0
        assert performed(file, HELD) == []
        report = await batch.upload(rows(60))
        assert report.is_complete
    assert urls(await hits_of(mturk)) == Counter({row["url"]: 1 for row in rows(60)})


# A batch that is closed while it is at work.


@pytest.mark.parametrize("cancelled", [False, True])
async def test_closing_during_an_upload_leaves_nobody_at_work(
    mturk: Client, line: Line, file: str, *, cancelled: bool
) -> None:
    """Whether the upload goes on or is cancelled then, its name is gone from the ledger with it."""
    batch = batch_of(mturk, file, clock=Impatient())
    running = asyncio.ensure_future(batch.upload(rows(400)))
    await until(lambda: line.counts[CREATE] >= 50)
    await batch.close()
    if cancelled:
        running.cancel()
    outcome = (await asyncio.gather(running, return_exceptions=True))[0]
    await batch.close()
    assert performed(file, HOLDERS) == performed(file, HELD) == []
    assert cancelled or (isinstance(outcome, Report) and outcome.is_complete)
    async with batch_of(mturk, file, clock=Impatient()) as other:
        assert (await other.upload(rows(400))).is_complete
    assert urls(await hits_of(mturk)) == Counter({row["url"]: 1 for row in rows(400)})


async def test_who_leaves_late_does_not_end_the_work_of_others(file: str) -> None:
    """After closing, somebody who was at work before and ends now does not let go of what is in hand since."""
    thread = LedgerThread(file)
    holder = Holder(thread)
    await holder.__aenter__()
    await holder.abandon()
    async with holder:
        await holder.__aexit__(None, None, None)  # the one from before
        assert performed(file, HOLDERS) == [(holder.id,)]
    await holder.abandon()
    await thread.close()
    assert performed(file, HOLDERS) == []
