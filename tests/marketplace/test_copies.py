"""Backups, what is restored of them, and the looking through of stores."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from aioturk.errors import ConfigurationError
from aioturk.marketplace import Marketplace
from aioturk.marketplace.store.copies import back_up, restore
from aioturk.marketplace.store.inspection import problems

from ..postgres import Postgres
from .support import ANNA, BERT, Requester, StillClock, done


@pytest.fixture(params=["file", "postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Names databases that are not there yet, or empty: of both kinds."""
    if request.param == "file":
        return lambda: str(tmp_path / f"market{len(list(tmp_path.iterdir()))}.db")
    server: Postgres = request.getfixturevalue("postgres")
    return server.empty


async def fill(market: Marketplace) -> list[str]:
    """Do a bit of everything; return the HITs."""
    turk = Requester(market)
    hits = [(await turk.hit(MaxAssignments=2, RequesterAnnotation=str(number)))["HITId"] for number in range(5)]
    for hit_id in hits:
        first, second = await done(market, hit_id, ANNA, BERT)
        await turk("ApproveAssignment", AssignmentId=first)
        await turk("SendBonus", WorkerId=ANNA, AssignmentId=first, BonusAmount="0.10", Reason="r")
        await turk("RejectAssignment", AssignmentId=second, RequesterFeedback="no")
    held = (await turk.hit())["HITId"]
    await market.worker(ANNA).accept(held)
    return [*hits, held]


async def told(market: Marketplace) -> list[object]:
    """Everything that a requester can see, and the ledger."""
    turk = Requester(market)
    hits = (await turk("ListHITs", MaxResults=100))["HITs"]
    return [hits, [await turk.assignments(hit["HITId"]) for hit in hits], await market.ledger()]


async def test_a_backup_becomes_a_store_again(new: Callable[[], str], tmp_path: Path) -> None:
    """Of either kind, into either kind: all is as it was, keys included, and life goes on."""
    source, copy = new(), tmp_path / "backup.db"
    async with Marketplace(source, clock=StillClock(), balance=100) as market:
        await fill(market)
        before, keys = await told(market), market.credentials
        size = await asyncio.to_thread(back_up, source, copy)
        await Requester(market).hit()

    assert size == copy.stat().st_size
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    for target in (new(), str(tmp_path / "restored.db")):
        restore(copy, target)
        assert problems(target) == []
        async with Marketplace(target, clock=StillClock()) as market:
            assert market.credentials == keys
            assert await told(market) == before
            await fill(market)
        assert problems(target) == []


async def test_backups_are_of_one_moment(new: Callable[[], str], tmp_path: Path) -> None:
    """Taken while HITs are made and worked on as fast as can be, each of them is whole."""
    source = new()
    async with Marketplace(source, balance=10_000) as market:
        turk = Requester(market)
        begun, stop = asyncio.Event(), asyncio.Event()

        async def keep_busy(name: str) -> None:
            while not stop.is_set():
                hit_id = (await turk.hit())["HITId"]
                (assignment_id,) = await done(market, hit_id, name)
                await turk("ApproveAssignment", AssignmentId=assignment_id)
                begun.set()

        busy = [asyncio.ensure_future(keep_busy(name)) for name in (ANNA, BERT)]
        copies = [tmp_path / f"backup{number}.db" for number in range(3)]
        await begun.wait()
        for copy in copies:
            await asyncio.to_thread(back_up, source, copy)
        stop.set()
        await asyncio.gather(*busy)

    for copy in copies:
        assert problems(copy) == []
    with closing(sqlite3.connect(copies[-1])) as connection:
        assert connection.execute("SELECT count(*) FROM hit").fetchone()[0] > 0


async def test_what_is_there_is_never_written_over(new: Callable[[], str], tmp_path: Path) -> None:
    """Neither a file by a backup, nor a store by what is restored."""
    source, copy = new(), tmp_path / "backup.db"
    async with Marketplace(source):
        pass
    back_up(source, copy)
    before = copy.read_bytes()
    with pytest.raises(ConfigurationError, match="already"):
        back_up(source, copy)
    with pytest.raises(ConfigurationError, match="already"):
        restore(copy, source)
    assert copy.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


async def test_nothing_of_another_file_is_taken_for_a_part(tmp_path: Path) -> None:
    """A log that a killed server has left beside a file which was removed would ruin what is restored in its place."""
    source, copy = tmp_path / "market.db", tmp_path / "copy.db"
    await _make(source)
    back_up(source, copy)
    source.unlink()
    leftover = tmp_path / "market.db-wal"
    leftover.write_bytes(b"somebody's work")
    with pytest.raises(ConfigurationError, match=r"market\.db-wal already"):
        restore(copy, source)
    with pytest.raises(ConfigurationError, match=r"market\.db-wal already"):
        back_up(copy, source)
    assert leftover.read_bytes() == b"somebody's work"
    leftover.unlink()
    restore(copy, source)
    assert problems(source) == []


async def test_file_systems_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There a copy takes its name another way, and still never somebody else's."""

    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    source, copy = tmp_path / "market.db", tmp_path / "copy.db"
    await _make(source)
    monkeypatch.setattr(os, "link", refuse)
    back_up(source, copy)
    with pytest.raises(ConfigurationError, match="already"):
        back_up(source, copy)
    restore(copy, tmp_path / "again.db")
    assert problems(tmp_path / "again.db") == []
    assert not list(tmp_path.glob(".*"))


async def test_a_restoration_that_fails_leaves_nothing(postgres: Postgres, tmp_path: Path) -> None:
    """A row that PostgreSQL does not take undoes it all, and a second try can follow."""
    source, copy, target = tmp_path / "market.db", tmp_path / "copy.db", postgres.empty()
    async with Marketplace(source) as market:
        await market.add_key(access_key="A" * 129, secret_key="long")
    back_up(source, copy)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"cannot be restored: .*too long"):
            restore(copy, target)


def test_postgres_stores_of_other_revisions_are_not_copied(postgres: Postgres, tmp_path: Path) -> None:
    """What a newer schema holds besides would be lost."""
    database = postgres.fresh()
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(ConfigurationError, match="revision 0999"):
        back_up(database, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_copied(tmp_path: Path) -> None:
    """A store that is not there, one in memory, a backup that is none: told in a sentence, and nothing is left."""
    text = tmp_path / "text"
    text.write_text("no database" * 100)
    for act, reason in (
        (lambda: back_up(tmp_path / "none.db", tmp_path / "b"), "no database"),
        (lambda: back_up("sqlite://", tmp_path / "b"), "in memory"),
        (lambda: back_up(tmp_path / "none.db", tmp_path / "nowhere" / "b"), "cannot be written"),
        (lambda: back_up(text, tmp_path / "b"), "cannot be copied"),
        (lambda: restore(tmp_path / "none", tmp_path / "m.db"), "no backup"),
        (lambda: restore(text, tmp_path / "m.db"), "cannot be copied"),
        (lambda: restore(text, "sqlite://"), "memory"),
        (lambda: problems(text), "cannot be read"),
    ):
        with pytest.raises(ConfigurationError, match=reason):
            act()
    assert list(tmp_path.iterdir()) == [text]


DAMAGE = {
    "UPDATE account SET available = available + 1 WHERE environment = 'sandbox'": "cents are available, and the ledger",
    "UPDATE hit SET approved = approved + 1 WHERE seq = 1": "counts 2 approved assignments, and there are 1",
    "UPDATE hit SET held = held + 1 WHERE seq = 1": "cents are held, and its HITs",
    "INSERT INTO movement (at, account_seq, reason, debit, credit, cents, hit_seq, assignment_seq, worker_seq) "
    "SELECT at, account_seq, reason, debit, credit, cents, hit_seq, assignment_seq, worker_seq FROM movement "
    "WHERE reason = 'reward' AND assignment_seq = 1": "was paid 2 times",
}


@pytest.mark.parametrize(("damage", "sentence"), DAMAGE.items())
async def test_what_does_not_agree_is_found(new: Callable[[], str], damage: str, sentence: str) -> None:
    """A balance, a counter, a hold or a payment that is not what it has to be is told."""
    database = new()
    async with Marketplace(database, balance=100) as market:
        await fill(market)
    assert problems(database) == []
    if database.startswith("postgres"):
        with psycopg.connect(database.replace("+psycopg", "")) as server:
            server.execute(damage.encode())
    else:
        with closing(sqlite3.connect(database)) as file, file:
            file.execute(damage)
    assert any(sentence in problem for problem in problems(database))


def test_references_to_nothing_are_found(tmp_path: Path) -> None:
    """SQLite does not look at them by itself when somebody else writes."""
    database = tmp_path / "market.db"
    asyncio.run(_make(database))
    with closing(sqlite3.connect(database)) as file, file:
        file.execute("DELETE FROM account WHERE environment = 'production'")
        file.execute("INSERT INTO worker_block (account_seq, worker_seq, reason, since) VALUES (99, 99, '', 0)")
    assert sum("refers to a row" in problem for problem in problems(database)) == 2


async def _make(database: Path) -> None:
    async with Marketplace(database):
        pass


async def test_stores_of_other_versions_are_not_looked_through(tmp_path: Path) -> None:
    """What a newer or an older schema means is not known here."""
    database = tmp_path / "market.db"
    await _make(database)
    with closing(sqlite3.connect(database)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(ConfigurationError, match="revision 0001"):
        problems(database)
