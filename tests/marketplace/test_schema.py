"""The schema and its revisions: new stores, old ones, and both kinds of databases."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from aioturk._databases import database_url
from aioturk.errors import ConfigurationError
from aioturk.marketplace import Marketplace
from aioturk.marketplace.service.inviting import invite
from aioturk.marketplace.service.moments import keep, moments
from aioturk.marketplace.store import Store
from aioturk.marketplace.store.database import REVISION
from aioturk.marketplace.store.inspection import problems
from aioturk.marketplace.store.tables import metadata

from ..postgres import Postgres
from .acts import act
from .support import Requester, StillClock

MIGRATIONS = Path(__file__).parents[2] / "aioturk/marketplace/store/migrations"


@pytest.fixture(params=["file", "postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Names databases without anything in them, of both kinds."""
    if request.param == "file":
        return lambda: str(tmp_path / f"market{len(list(tmp_path.iterdir()))}.db")
    server: Postgres = request.getfixturevalue("postgres")
    return server.empty


@contextmanager
def connected(database: str) -> Iterator[Connection]:
    """Open a database, past the store."""
    engine = create_engine(database_url(database), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def migrate(database: str, revision: str) -> None:
    """Bring a database to a revision."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with connected(database) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def schema(database: str) -> dict[str, Any]:
    """Everything that can be said of a schema."""
    with connected(database) as connection:
        found = inspect(connection)
        return {
            name: {
                "columns": {
                    column["name"]: (str(column["type"]), column["nullable"]) for column in found.get_columns(name)
                },
                "key": found.get_pk_constraint(name)["constrained_columns"],
                "unique": sorted(tuple(key["column_names"]) for key in found.get_unique_constraints(name)),
                "references": sorted(
                    (tuple(key["constrained_columns"]), key["referred_table"]) for key in found.get_foreign_keys(name)
                ),
                "indices": sorted(
                    (str(index["name"]), tuple(index["column_names"]))
                    for index in found.get_indexes(name)
                    if not index.get("duplicates_constraint")
                ),
            }
            for name in found.get_table_names()
        }


def opened(database: str) -> None:
    """Open a store once."""
    Store(database).prepare()


def test_the_newest_revision_is_the_one_that_new_stores_get() -> None:
    """There is one line of revisions, and its end is what `tables` describes."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_both_ways_lead_to_one_schema(new: Callable[[], str]) -> None:
    """A store that was made at once and one that took every step are the same, and are what `tables` says."""
    at_once, by_steps = new(), new()
    opened(at_once)
    migrate(by_steps, "head")
    assert schema(at_once) == schema(by_steps)
    with connected(by_steps) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


OLD_ROWS: dict[str, list[dict[str, object]]] = {
    "requester": [{"seq": 1, "name": "default", "since": 1}],
    "key": [{"access_key": "AKIAOLD", "secret_key": "old", "requester_seq": 1, "since": 1, "read_only": 0}],
    "account": [
        {"seq": 1, "requester_seq": 1, "environment": "sandbox", "requester_id": "A1", "available": 1000, "held": 0},
        {"seq": 2, "requester_seq": 1, "environment": "production", "requester_id": "A2", "available": 0, "held": 0},
    ],
    "movement": [
        {"seq": 1, "at": 1, "account_seq": 1, "reason": "deposit", "debit": "available", "credit": "outside"}
        | {"cents": 1000}
    ],
    "setting": [{"name": "balance", "value": "1000"}],
    "schema_version": [{"version": 2, "since": 1}],
}


async def test_a_store_of_the_first_form_is_brought_up_to_date(new: Callable[[], str]) -> None:
    """Opened by this version, it has its old keys and money, and everything that is new works in it."""
    database = new()
    migrate(database, "0001")
    with connected(database) as connection:
        connection.execute(text("DROP TABLE alembic_version"))  # there was none then
        for name, rows in OLD_ROWS.items():
            columns = ", ".join(rows[0])
            values = ", ".join(f":{column}" for column in rows[0])
            for row in rows:
                connection.execute(text(f"INSERT INTO {name} ({columns}) VALUES ({values})"), row)
        if connection.dialect.name == "postgresql":
            for name in ("requester", "account", "movement"):
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'seq'), 10)"))

    async with Marketplace(database, clock=StillClock()) as market:
        assert (market.access_key, market.secret_key) == ("AKIAOLD", "old")
        turk = Requester(market)
        assert (await turk("GetAccountBalance"))["AvailableBalance"] == "10.00"
        hit_id = (await turk.hit(Reward="1.00"))["HITId"]
        assignment_id = await market.worker("A123").accept(hit_id)
        await market.worker("A123").submit(assignment_id, {"a": "b"})
        await turk("ApproveAssignment", AssignmentId=assignment_id)
        await market.pay_out("A123")
        await turk("ListQualificationTypes", MustBeRequestable=False)
    assert problems(database) == []
    with connected(database) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == REVISION


async def test_what_old_hit_types_require_is_known(new: Callable[[], str]) -> None:
    """The first revision did not write it down apart; HITs are found by the types that they require all the same."""
    database = new()
    migrate(database, "0001")
    locale, adult = "00000000000000000071", "00000000000000000060"
    required = [{"QualificationTypeId": locale, "Comparator": "Exists", "ActionsGuarded": "Accept"}]
    required += [required[0] | {"Comparator": "DoesNotExist"}, required[0] | {"QualificationTypeId": adult}]
    kind = {"seq": 1, "id": "3T", "group_id": "3G", "account_seq": 1, "identity": "i", "title": "t", "created_at": 1}
    kind |= {"description": "d", "reward": 5, "assignment_duration": 60, "auto_approval_delay": 60, "masters": 0}
    hit = {"seq": 1, "id": "3H", "account_seq": 1, "type_seq": 1, "created_at": 1, "expires_at": 2, "listed": 1}
    hit |= {"max_assignments": 1, "status": "Reviewable", "fee": 1, "changed_at": 1_899_999_000_000}
    hit |= dict.fromkeys(("in_work", "submitted", "approved", "rejected", "freed", "held"), 0)
    rows = {name: OLD_ROWS[name] for name in ("requester", "key", "account")}
    rows["hit_type"] = [
        {**kind, "requirements": json.dumps(required)},
        {**kind, "seq": 2, "id": "3U", "group_id": "3V", "identity": "j", "requirements": "[]"},
    ]
    rows["hit"] = [hit, {**hit, "seq": 2, "id": "3I", "type_seq": 2}]
    with connected(database) as connection:
        old = MetaData()
        old.reflect(connection)
        for name, some in rows.items():
            connection.execute(old.tables[name].insert(), some)

    async with Marketplace(database, clock=StillClock()) as market:
        turk = Requester(market)
        for type_id, found in ((locale, ["3H"]), (adult, ["3H"]), ("00000000000000000040", [])):
            page = await turk("ListHITsForQualificationType", QualificationTypeId=type_id)
            assert [each["HITId"] for each in page["HITs"]] == found
    opened(database)


async def test_work_that_is_under_way_goes_on(new: Callable[[], str]) -> None:
    """What workers hold in a store of the second form is theirs in the newest, with room for what browsers tell."""
    database = new()
    async with Marketplace(database, clock=StillClock()) as market:
        hit_id = (await Requester(market).hit())["HITId"]
        assignment_id = await market.worker("A123").accept(hit_id)
    with connected(database) as connection:
        for statement in (
            "DROP TABLE crowd_task",
            "DROP INDEX notification_waiting_there",
            "DROP TABLE invitation",
            "DROP TABLE login",
            "ALTER TABLE assignment DROP COLUMN first_input_at",
            "ALTER TABLE assignment DROP COLUMN active_seconds",
            "UPDATE alembic_version SET version_num = '0002'",
        ):
            connection.execute(text(statement))
    second = new()
    migrate(second, "0002")
    assert schema(database) == schema(second)

    async with Marketplace(database, clock=StillClock()) as market:
        await act(market, keep, "A123", assignment_id, active_seconds=0)
        await market.worker("A123").submit(assignment_id, {"a": "b"})
        found = await act(market, moments, assignment_id)
        assert (found.active, found.first_input) == (timedelta(0), None)
        assert (await act(market, invite, "a@example.org", worker_id="A123")).is_new
    assert problems(database) == []
    first = new()
    opened(first)
    assert schema(database) == schema(first)


def test_stores_of_newer_versions_are_left_alone(new: Callable[[], str]) -> None:
    """They are refused with the reason, and nothing in them is changed."""
    database = new()
    opened(database)
    with connected(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    before = schema(database)
    with pytest.raises(ConfigurationError, match=r"revision 0999.*newer"):
        opened(database)
    assert schema(database) == before


def test_what_holds_other_tables_is_left_alone(new: Callable[[], str]) -> None:
    """A database of somebody else's is refused."""
    database = new()
    with connected(database) as connection:
        connection.execute(text("CREATE TABLE cats (name TEXT)"))
    with pytest.raises(ConfigurationError, match="other tables"):
        opened(database)
    assert set(schema(database)) == {"cats"}


async def test_many_open_a_new_store_at_once(postgres: Postgres) -> None:
    """Of several processes that find an empty PostgreSQL database, one makes the tables, and all agree on the keys."""
    url = postgres.empty()
    markets = [Marketplace(url) for _ in range(4)]
    await asyncio.gather(*(market.start() for market in markets))
    try:
        assert len({market.credentials for market in markets}) == 1
    finally:
        for market in markets:
            await market.close()


def test_passwords_are_not_told(postgres: Postgres) -> None:
    """What is said of a PostgreSQL database that cannot be used names everything but the password."""
    with pytest.raises(ConfigurationError) as refusal:
        opened("postgresql://nobody:sesame@127.0.0.1:1/none")
    assert "nobody:***@127.0.0.1" in str(refusal.value)
    assert "sesame" not in str(refusal.value)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    """When a step cannot be taken, the store is as it was before all of them."""
    database = str(tmp_path / "market.db")
    migrate(database, "0001")
    with closing(sqlite3.connect(database)) as file, file:
        file.execute("DROP TABLE alembic_version")
        file.execute("INSERT INTO schema_version VALUES (2, 1)")
        file.execute("CREATE TABLE review_detail (seq INTEGER)")  # in the way
    before = schema(database)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        opened(database)
    assert schema(database) == before
