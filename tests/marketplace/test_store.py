"""What survives: files, keys, clocks, tokens."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from aioturk.errors import ConfigurationError
from aioturk.marketplace import Marketplace
from aioturk.marketplace.store import CommitError, Store, StoreConnection, Transaction
from aioturk.marketplace.store.connections import SqliteConnection

from .support import ANNA, BERT, HIT, Requester, StillClock, done


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    """HITs, work, keys, the turned clock, request tokens and page tokens are all in the file."""
    path = tmp_path / "market.db"
    async with Marketplace(path, clock=StillClock()) as market:
        turk = Requester(market)
        hit = await turk.hit(MaxAssignments=2, UniqueRequestToken="once")
        await turk.hit()
        await done(market, hit["HITId"], ANNA)
        held = await market.worker(BERT).accept(hit["HITId"])
        await market.advance(timedelta(seconds=10))
        before = await turk.get(hit["HITId"]), await turk.assignments(hit["HITId"]), market.now()
        page = await turk("ListHITs", MaxResults=1)
        keys = market.access_key, market.secret_key

    async with Marketplace(path, clock=StillClock()) as market:
        turk = Requester(market)
        after = await turk.get(hit["HITId"]), await turk.assignments(hit["HITId"]), market.now()
        repeat = await turk.refused("CreateHIT", **HIT, UniqueRequestToken="once")
        rest = await turk("ListHITs", MaxResults=1, NextToken=page["NextToken"])
        await market.worker(BERT).submit(held, {"a": "b"})

        assert (market.access_key, market.secret_key) == keys
        assert after == before
        assert hit["HITId"] in repeat.message
        assert [found["HITId"] for found in rest["HITs"]] == [hit["HITId"]]
        assert len(await turk.assignments(hit["HITId"])) == 2


async def test_what_became_due_meanwhile_happens_on_return(tmp_path: Path) -> None:
    """A market that was closed over a deadline catches up."""
    clock = StillClock()
    async with Marketplace(tmp_path / "market.db", clock=clock) as market:
        hit_id = (await Requester(market).hit())["HITId"]
        await market.worker(ANNA).accept(hit_id)
    clock.now += 86_400
    async with Marketplace(tmp_path / "market.db", clock=clock) as market:
        assert await Requester(market).counts(hit_id) == ("Reviewable", 1, 0, 0)


async def test_every_change_leaves_a_line_in_the_audit_log(tmp_path: Path) -> None:
    """Who did what, when, by which request: requesters, workers and the clock."""
    path = tmp_path / "market.db"
    async with Marketplace(path, clock=StillClock()) as market:
        turk = Requester(market)
        created = await turk("CreateHIT", **HIT, AutoApprovalDelayInSeconds=60)
        hit_id = created["HIT"]["HITId"]
        (assignment_id,) = await done(market, hit_id, ANNA)
        start = int(market.now().timestamp() * 1000)
        await market.advance(timedelta(hours=2))
    with sqlite3.connect(path) as connection:
        lines = connection.execute("SELECT at - ?, actor, what, subject, request_id FROM audit ORDER BY seq", (start,))
        found = lines.fetchall()
        (requester,) = connection.execute("SELECT requester_id FROM account WHERE environment = 'sandbox'").fetchone()
    connection.close()

    request_id = created["ResponseMetadata"]["RequestId"]
    assert [line for line in found if line[2] not in ("HITTypeCreated", "KeyAdded")] == [
        (0, requester, "HITCreated", hit_id, request_id),
        (0, ANNA, "AssignmentAccepted", assignment_id, None),
        (0, ANNA, "AssignmentSubmitted", assignment_id, None),
        (0, ANNA, "HITReviewable", hit_id, None),
        (60_000, "clock", "AssignmentApproved", assignment_id, None),
    ]


async def test_keys_can_be_chosen(tmp_path: Path) -> None:
    """Given keys are accepted, replace the secret, and stay in the file."""
    path = tmp_path / "market.db"
    async with Marketplace(path, access_key="AKIAMINE", secret_key="one") as market:
        assert (market.access_key, market.secret_key) == ("AKIAMINE", "one")
        hit_id = (await Requester(market).hit())["HITId"]
    async with Marketplace(path, access_key="AKIAMINE", secret_key="two") as market:
        assert await Requester(market).get(hit_id)
    async with Marketplace(path) as market:
        assert (market.access_key, market.secret_key) == ("AKIAMINE", "two")


async def test_new_keys_are_different_every_time() -> None:
    """Two markets in memory do not share their keys."""
    async with Marketplace() as one, Marketplace() as other:
        assert one.access_key != other.access_key
        assert one.secret_key != other.secret_key
        assert one.secret_key not in repr(one.credentials)


async def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """It holds keys."""
    path = tmp_path / "market.db"
    async with Marketplace(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_an_url_names_a_file_too(tmp_path: Path) -> None:
    """sqlite:/// and a path is the same as the path."""
    async with Marketplace(f"sqlite:///{tmp_path / 'market.db'}"):
        assert (tmp_path / "market.db").exists()


async def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    """What is no database, somebody else's, of another version, or not there is refused with a reason, unchanged."""
    text = tmp_path / "text.db"
    text.write_text("certainly not a database, but long enough to look at" * 20)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE cats (name TEXT)")
    connection.close()
    later = tmp_path / "later.db"
    async with Marketplace(later):
        pass
    with sqlite3.connect(later) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    connection.close()

    for path, reason in (
        (text, "not a database"),
        (other, "other tables"),
        (later, "revision 0099"),
        (tmp_path / "nowhere" / "market.db", "cannot be opened"),
    ):
        with pytest.raises(ConfigurationError, match=reason):
            await Marketplace(path).start()
    assert text.read_text().startswith("certainly")


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense://x", "://"])
def test_other_databases(url: str) -> None:
    """Other databases cannot be used."""
    with pytest.raises(ConfigurationError, match="SQLite"):
        Marketplace(url)


@pytest.mark.parametrize(
    "arguments",
    [{"access_key": "AKIA"}, {"secret_key": "x"}, {"rules": "nobody's"}, {"balance": "1.234"}, {"balance": "x"}],
)
def test_arguments_that_cannot_work(arguments: dict[str, str]) -> None:
    """Half of the keys, unknown rules and sums that are none are refused at once."""
    with pytest.raises(ConfigurationError):
        Marketplace(**arguments)  # type: ignore[arg-type]


async def test_a_port_that_is_taken() -> None:
    """It is refused with a remedy, and nothing stays open."""
    async with Marketplace() as market:
        port = int(market.url.rpartition(":")[2])
        with pytest.raises(ConfigurationError, match="port"):
            await Marketplace(port=port).start()


async def test_a_market_works_only_while_it_is_open() -> None:
    """Before and after, it says so."""
    market = Marketplace()
    with pytest.raises(ConfigurationError, match="async with"):
        _ = market.url
    with pytest.raises(ConfigurationError, match="async with"):
        _ = market.access_key
    await market.start()
    with pytest.raises(ConfigurationError, match="already"):
        await market.start()
    await market.close()
    await market.close()
    with pytest.raises(ConfigurationError, match="not open"):
        await market.worker(ANNA).accept("3A")


def _settings(path: Path) -> dict[str, str]:
    with sqlite3.connect(path) as connection:
        found = dict(connection.execute("SELECT name, value FROM setting").fetchall())
    connection.close()
    return found


def _fail(store: StoreConnection, act: Callable[[Transaction], None]) -> None:
    with store.transaction() as transaction:
        act(transaction)
        raise LookupError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteConnection]:
    """The connection to the file ``market.db``."""
    with closing(Store(tmp_path / "market.db")) as opened:
        (connection,) = opened.open()
        assert isinstance(connection, SqliteConnection)
        yield connection


def test_files_wait_for_the_disk(store: SqliteConnection) -> None:
    """A commit to a file returns when the disk has it, so that a power cut loses nothing that was acknowledged."""
    assert store._driver.execute("PRAGMA synchronous").fetchone() == (2,)
    store.close()


def test_transactions_of_one_commit_fail_one_by_one(tmp_path: Path, store: SqliteConnection) -> None:
    """One that raises is undone, the others stay; nothing is in the file before the commit, everything after it."""
    path = tmp_path / "market.db"
    for name in ("first", "second"):
        with store.transaction() as transaction:
            transaction.settings.put({name: ""})
    with pytest.raises(LookupError):
        _fail(store, lambda transaction: transaction.settings.put({"broken": ""}))
    with store.transaction() as transaction:
        transaction.settings.put({"third": ""})
    assert _settings(path) == {}
    store.commit()
    assert set(_settings(path)) == {"first", "second", "third"}
    with pytest.raises(LookupError):
        _fail(store, lambda transaction: transaction.settings.put({"alone": ""}))
    with store.transaction() as transaction:
        transaction.settings.put({"last": ""})
    store.close()

    assert set(_settings(path)) == {"first", "second", "third", "last"}


def test_transactions_that_were_lost_are_told(tmp_path: Path, store: SqliteConnection) -> None:
    """When the database gives up what was not committed yet, the commit says so, and nothing is done before that."""
    path = tmp_path / "market.db"
    with store.transaction() as transaction:
        transaction.settings.put({"first": ""})
    with pytest.raises(LookupError):
        _fail(store, lambda _: store._driver.rollback())  # what SQLite does by itself when the disk is full
    with pytest.raises(CommitError), store.transaction():
        pass
    with pytest.raises(CommitError, match="has not happened"):
        store.commit()
    assert _settings(path) == {}
    with store.transaction() as transaction:
        transaction.settings.put({"second": ""})
    store.commit()
    store.close()

    assert set(_settings(path)) == {"second"}


async def test_acts_that_cannot_be_kept_are_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A HIT that could not be written to the disk is answered with a fault, and is not there."""
    async with Marketplace(tmp_path / "market.db", clock=StillClock()) as market:
        turk = Requester(market)

        def refuse(connection: SqliteConnection) -> None:
            connection._driver.rollback()
            raise CommitError("the disk is full")

        await turk("GetAccountBalance")
        with monkeypatch.context() as patch:
            patch.setattr(SqliteConnection, "commit", refuse)
            refusal = await turk.refused("CreateHIT", **HIT)
        assert (refusal.type, refusal.status) == ("ServiceFault", 500)
        assert (await turk("ListHITs"))["NumResults"] == 0
        await turk.hit()
        assert (await turk("ListHITs"))["NumResults"] == 1
