"""The ledger: its tables, its thread, who holds what, and what happens when somebody is dead."""

from __future__ import annotations

import asyncio
import stat
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.pool import NullPool

from aioturk._databases import database_url
from aioturk.batch import Batch
from aioturk.batch.holding import Holder, TakenForDead
from aioturk.batch.ledger import batches, claims, submissions, units
from aioturk.batch.ledger.adoption import Adopted, adopt
from aioturk.batch.ledger.claims import Standing
from aioturk.batch.ledger.holders import SILENCE, beat, bury_the_dead, leave, register
from aioturk.batch.ledger.in_hand import Buried, InHand
from aioturk.batch.ledger.opening import SCHEMA, LedgerThread
from aioturk.batch.ledger.processes import Process, is_dead, own_process
from aioturk.batch.ledger.submissions import Submitted
from aioturk.batch.ledger.tables import metadata
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.units import Intent, Kind, State, Unit, token_of
from aioturk.client import Client
from aioturk.errors import ConfigurationError, TurkError
from aioturk.marketplace import Marketplace
from aioturk.testing import CREDENTIALS, JumpingClock, StubTransport

from ..postgres import Postgres
from .batches import Line, batch_of, hits_of, lost, performed, submissions_of, worked
from .tasks import Guess, guess_age, rows, urls

NOW = 1_900_000_000.0
ELSEWHERE = Process("another computer", 1, 1)

Opener = Callable[[], Awaitable[LedgerThread]]


# Tables.


def migrate(ledger: str, revision: str) -> None:
    """Bring a database to a revision."""

    def act(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(SCHEMA.migrations))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    performed(ledger, act)


def schema(ledger: str) -> dict[str, Any]:
    """Everything that can be said of a schema."""

    def act(connection: Connection) -> dict[str, Any]:
        found = inspect(connection)
        return {
            name: {
                "columns": {each["name"]: (str(each["type"]), each["nullable"]) for each in found.get_columns(name)},
                "key": found.get_pk_constraint(name)["constrained_columns"],
                "unique": sorted(tuple(each["column_names"]) for each in found.get_unique_constraints(name)),
                "references": sorted(
                    (tuple(each["constrained_columns"]), each["referred_table"])
                    for each in found.get_foreign_keys(name)
                ),
                "indices": sorted(
                    (str(each["name"]), tuple(each["column_names"]), bool(each.get("dialect_options")))
                    for each in found.get_indexes(name)
                    if not each.get("duplicates_constraint")
                ),
            }
            for name in found.get_table_names()
        }

    found: dict[str, Any] = performed(ledger, act)
    return found


async def opened(ledger: str) -> None:
    """Open a ledger once."""
    thread = LedgerThread(ledger)
    try:
        await thread.perform(lambda connection: None)
    finally:
        await thread.close()


def test_the_newest_revision_is_the_one_that_new_ledgers_get() -> None:
    """There is one line of revisions, and its end is what `tables` describes."""
    config = Config()
    config.set_main_option("script_location", str(SCHEMA.migrations))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA.revision]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_both_ways_lead_to_one_schema(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A ledger that was made at once and one that took every step are the same, and are what `tables` says."""
    if kind == "sqlite":
        at_once, by_steps = str(tmp_path / "at_once.db"), str(tmp_path / "by_steps.db")
    else:
        server: Postgres = request.getfixturevalue("postgres")
        at_once, by_steps = server.empty(), server.empty()
    await opened(at_once)
    migrate(by_steps, "head")
    assert schema(at_once) == schema(by_steps)

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert performed(by_steps, differences) == []


async def test_ledgers_of_newer_versions_are_left_alone(ledger: str) -> None:
    """They are refused with the reason, and nothing in them is changed."""
    await opened(ledger)
    performed(ledger, "UPDATE alembic_version SET version_num = '0999'")
    before = schema(ledger)
    with pytest.raises(ConfigurationError, match=r"revision 0999.*newer"):
        await opened(ledger)
    assert schema(ledger) == before


async def test_what_holds_other_tables_is_left_alone(ledger: str) -> None:
    """A database of somebody else's, a marketplace's too, is refused, as often as it is tried."""
    performed(ledger, "CREATE TABLE cats (name TEXT)")
    thread = LedgerThread(ledger)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="other tables than a ledger's"):
            await thread.perform(lambda connection: None)
    await thread.close()
    assert set(schema(ledger)) == {"cats"}


async def test_many_open_a_new_ledger_at_once(ledger: str) -> None:
    """Of several that find an empty database, one makes the tables."""
    await asyncio.gather(*(opened(ledger) for _ in range(5)))
    assert set(schema(ledger)) == {*metadata.tables, "alembic_version"}


async def test_a_file_is_its_owners_alone_and_safe(file: str) -> None:
    """Nobody else may read it; what is committed survives a fall of the computer, and readers do not wait."""
    thread = LedgerThread(file)
    kept = await thread.perform(
        lambda connection: [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        ]
    )
    await thread.close()
    assert kept == ["wal", 2]
    assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600


@pytest.mark.parametrize("wrong", ["mysql://localhost/a", "", ":memory:", "sqlite://", "sqlite:///:memory:"])
def test_what_cannot_be_a_ledger(wrong: str) -> None:
    """Other databases, and memory that forgets, are refused before anything is done."""
    with pytest.raises(ConfigurationError):
        LedgerThread(wrong)


async def test_a_ledger_that_cannot_be_opened(tmp_path: Path, postgres: Postgres) -> None:
    """It is said what is wrong, without passwords."""
    with pytest.raises(ConfigurationError, match="directory that exists"):
        await opened(str(tmp_path / "nowhere" / "ledger.db"))
    (tmp_path / "text.db").write_text("not a database, but long enough to be looked at as one" * 30)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        await opened(str(tmp_path / "text.db"))
    with pytest.raises(ConfigurationError) as refusal:
        await opened("postgresql://nobody:sesame@127.0.0.1:1/none")
    assert "nobody:***@127.0.0.1" in str(refusal.value)
    assert "sesame" not in str(refusal.value)


async def test_it_belongs_to_one_environment(ledger: str) -> None:
    """The first one is kept; the same again is right, and another one is refused, with both names."""
    thread = LedgerThread(ledger)
    await thread.perform(batches.belong("sandbox", "ages.db"))
    await thread.perform(batches.belong("sandbox", "ages.db"))
    with pytest.raises(ConfigurationError, match=r"ages\.db belongs to sandbox, and the client talks to production"):
        await thread.perform(batches.belong("production", "ages.db"))
    await thread.close()


# The thread.


@pytest.fixture
async def thread(ledger: str) -> Any:
    """An open ledger."""
    thread = LedgerThread(ledger)
    await thread.perform(lambda connection: None)
    yield thread
    await thread.close()


async def test_acts_share_a_wait_for_the_disk(thread: LedgerThread) -> None:
    """What comes while the thread is busy is committed together, in its order."""
    commits = 0

    def counted(connection: Connection) -> None:
        nonlocal commits
        commits += 1

    busy, go_on = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        event.listen(connection.engine, "commit", counted)
        busy.set()
        go_on.wait()

    order: list[int] = []
    holding = thread.submit(hold)
    await asyncio.to_thread(busy.wait)
    many = [thread.submit(lambda connection, number=number: order.append(number)) for number in range(60)]  # type: ignore[misc]
    go_on.set()
    await asyncio.gather(*map(asyncio.wrap_future, [holding, *many]))
    assert commits == 2
    assert order == list(range(60))


async def test_an_act_that_fails_is_undone_alone(thread: LedgerThread, ledger: str) -> None:
    """Whoever shares a transaction with it keeps what they did, each once."""
    busy, go_on = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        busy.set()
        go_on.wait()

    def put(name: str, fail: bool) -> Callable[[Connection], None]:
        def act(connection: Connection) -> None:
            connection.execute(text("INSERT INTO setting VALUES (:name, 'x')"), {"name": name})
            if fail:
                raise LookupError(name)

        return act

    thread.submit(hold)
    await asyncio.to_thread(busy.wait)
    acts = [thread.submit(put(str(number), number == 2)) for number in range(5)]
    go_on.set()
    outcomes = await asyncio.gather(*map(asyncio.wrap_future, acts), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), type(None), LookupError, type(None), type(None)]
    found = {row.name for row in performed(ledger, "SELECT name FROM setting")}
    assert found == {"0", "1", "3", "4"}


async def test_whoever_gives_up_waiting_undoes_nothing(thread: LedgerThread, ledger: str) -> None:
    """An act that was handed in is performed, whatever becomes of who waited for it."""
    busy, go_on = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        busy.set()
        go_on.wait()

    thread.submit(hold)
    await asyncio.to_thread(busy.wait)
    act = lambda connection: connection.execute(text("INSERT INTO setting VALUES ('a', 'x')"))  # noqa: E731
    waiting = asyncio.create_task(thread.perform(act))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    await thread.close()
    assert len(performed(ledger, "SELECT name FROM setting")) == 1


async def test_a_connection_that_breaks_is_made_anew(postgres: Postgres) -> None:
    """When the server ends the connection, the next act is done over a new one."""
    ledger = postgres.empty()
    thread = LedgerThread(ledger)
    pid = await thread.perform(lambda connection: connection.execute(text("SELECT pg_backend_pid()")).scalar())
    performed(ledger, "SELECT pg_terminate_backend(:pid)", pid=pid)
    outcomes = [await thread.perform(lambda connection: connection.execute(text("SELECT 1")).scalar()) for _ in "ab"]
    assert outcomes == [1, 1]
    await thread.close()


# Units.


def intents(count: int, kind: Kind = Kind.PUBLISH, *, liability: int = 12) -> list[Intent]:
    """Make intents."""
    keys = [f"row {number}" for number in range(count)]
    return [Intent(kind, key, token_of(kind, "ages", key), "01234567", {"key": key}, liability) for key in keys]


async def begun(thread: LedgerThread, *holders: str, process: Process | None = None) -> int:
    """Write a batch down, and holders; return the batch's number."""
    for holder in holders:
        await thread.perform(register(holder, process or own_process()))
    return (await thread.perform(batches.known_batch("ages", NOW))).seq


def intend(seq: int, some: list[Intent], holder: str, **options: Any) -> Any:
    """Return the act of taking intents in hand."""
    values: dict[str, Any] = {"in_hand": InHand(), "taken": set(), "now": NOW, "budget": None, **options}
    return claims.intend(seq, some, holder_id=holder, **values)


def claim(seq: int, holder: str, *, most: int = 100, kind: Kind = Kind.PUBLISH) -> Any:
    """Return the act of taking open units in hand."""
    return claims.claim_open(seq, kind, holder_id=holder, in_hand=InHand(), taken=set(), now=NOW, after=0, most=most)


def let_go(some: list[Intent], holder: str) -> Any:
    """Return the act of letting go of what was taken in hand."""
    return claims.give_up({each.token for each in some}, InHand(), holder, unsent=False)


def deliveries(seq: int, holder: str) -> Any:
    """Return the act of taking submissions in hand."""
    return submissions.claim_deliveries(seq, holder_id=holder, in_hand=InHand(), taken=set(), most=5)


async def test_an_intent_is_written_once(thread: LedgerThread, ledger: str) -> None:
    """Whoever is first has the unit in hand; the other one is told, until it is let go; then it is theirs."""
    seq = await begun(thread, "a", "b")
    first = await thread.perform(intend(seq, intents(3), "a"))
    assert [each.standing for each in first] == [Standing.OURS] * 3
    second = await thread.perform(intend(seq, intents(4), "b"))
    assert [each.standing for each in second] == [Standing.ELSEWHERE] * 3 + [Standing.OURS]
    await thread.perform(let_go(intents(1), "a"))
    third = await thread.perform(intend(seq, intents(4), "b"))
    assert [each.standing for each in third] == [Standing.OURS, Standing.ELSEWHERE, Standing.ELSEWHERE, Standing.OURS]
    assert third[0].unit is not None
    assert third[0].unit.attempts == 2
    assert len(performed(ledger, "SELECT seq FROM unit")) == 4
    [row] = performed(ledger, "SELECT reserved FROM batch")
    assert row.reserved == 48


async def test_what_is_done_stays_done(thread: LedgerThread) -> None:
    """A unit that has happened is never in anybody's hands again, and what was refused is begun anew."""
    seq = await begun(thread, "a")
    claims = await thread.perform(intend(seq, intents(3), "a"))
    done, refused, still = [each.unit for each in claims]
    await thread.perform(
        units.write_outcomes(
            seq,
            [
                (Outcome(done, State.DONE, "3HIT", hit="{}", most=2), "a"),
                (Outcome(refused, State.REFUSED, error="no"), "a"),
                (Outcome(still, State.OPEN, error="lost"), "a"),
            ],
            NOW,
        )
    )
    assert (await thread.perform(batches.known_batch("ages", NOW))).reserved == 24
    assert [unit.key for unit in await thread.perform(claim(seq, "a"))] == ["row 2"]
    changed = [replace(each, asked="ffffffff") for each in intents(2)]
    again = await thread.perform(intend(seq, changed, "a"))
    assert [each.standing for each in again] == [Standing.OTHERWISE, Standing.OURS]
    assert again[1].unit is not None
    assert again[1].unit.asked == "ffffffff"
    assert (await thread.perform(batches.known_batch("ages", NOW))).reserved == 36


async def test_units_are_taken_past_those_that_are_locked(postgres: Postgres) -> None:
    """Two that take open units at the same moment do not wait for each other, and take different ones."""
    ledger = postgres.empty()
    thread = LedgerThread(ledger)
    seq = await begun(thread, "a", "b")
    await thread.perform(intend(seq, intents(10), "a"))
    await thread.perform(let_go(intents(10), "a"))
    engine = create_engine(database_url(ledger), poolclass=NullPool)
    with engine.connect() as other, other.begin():
        theirs = claim(seq, "b", most=4)(other)
        ours = await asyncio.wait_for(thread.perform(claim(seq, "a")), 10)
        assert (await asyncio.wait_for(thread.perform(intend(seq, intents(1), "a")), 10))[0].standing is (
            Standing.ELSEWHERE
        )
    engine.dispose()
    await thread.close()
    assert len(theirs) == 4
    assert len(ours) == 6
    assert {unit.token for unit in theirs}.isdisjoint(unit.token for unit in ours)


@pytest.mark.parametrize("first", ["taken up", "written down"])
async def test_extensions_of_one_hit_wait_for_each_other(postgres: Postgres, first: str) -> None:
    """One that is taken up again and one that is written down at that moment are not both in hand."""
    ledger = postgres.empty()
    thread = LedgerThread(ledger)
    seq = await begun(thread, "a", "b")
    performed(
        ledger,
        "INSERT INTO hit (id, batch_seq, state, most, cents, read, quiet, seen_at, generation) "
        "VALUES ('3HIT', :seq, 'open', 3, 10, 0, 0, 0, 0)",
        seq=seq,
    )
    [five, seven] = [replace(each, target="3HIT") for each in intents(2, kind=Kind.EXTEND)]
    await thread.perform(intend(seq, [five], "a"))
    await thread.perform(let_go([five], "a"))
    acts = {
        "taken up": claim(seq, "a", kind=Kind.EXTEND),
        "written down": intend(seq, [seven], "b"),
    }
    engine = create_engine(database_url(ledger), poolclass=NullPool)
    with engine.connect() as other, other.begin():
        assert acts.pop(first)(other)
        [(_, later)] = acts.items()
        waiting = asyncio.create_task(thread.perform(later))
        await asyncio.wait([waiting], timeout=0.2)
        assert not waiting.done()
    found = await waiting
    engine.dispose()
    await thread.close()
    assert [each.standing for each in found] == ([Standing.ELSEWHERE] if first == "taken up" else [])
    held = performed(ledger, "SELECT key FROM unit WHERE holder_id IS NOT NULL")
    assert [row.key for row in held] == ["row 0" if first == "taken up" else "row 1"]


async def test_of_two_open_extensions_of_one_hit_one_is_taken_up(thread: LedgerThread) -> None:
    """Both would be made of the number of assignments that the HIT has now."""
    seq = await begun(thread, "a", "b")
    some = [replace(each, target="3HIT") for each in intents(2, kind=Kind.EXTEND)]
    await thread.perform(intend(seq, some, "a"))
    await thread.perform(let_go(some, "a"))
    assert [each.key for each in await thread.perform(claim(seq, "a", kind=Kind.EXTEND))] == ["row 0"]
    assert await thread.perform(claim(seq, "b", kind=Kind.EXTEND)) == []


async def test_the_budget_is_waited_for(postgres: Postgres) -> None:
    """With a limit, whoever reserves waits for the one before: two cannot both have the rest."""
    ledger = postgres.empty()
    thread = LedgerThread(ledger)
    seq = await begun(thread, "a", "b")
    engine = create_engine(database_url(ledger), poolclass=NullPool)
    with engine.connect() as other, other.begin():
        theirs = intend(seq, intents(3), "b", budget=50)(other)
        waiting = asyncio.create_task(thread.perform(intend(seq, intents(6)[3:], "a", budget=50)))
        await asyncio.wait([waiting], timeout=0.2)
        assert not waiting.done()
    ours = await waiting
    engine.dispose()
    await thread.close()
    standings = [each.standing for each in [*theirs, *ours]]
    assert standings == [Standing.OURS] * 4 + [Standing.TOO_DEAR] * 2


async def test_who_beats_at_the_last_moment_is_not_buried(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """A heartbeat between the look at somebody silent and the burial counts: who was told to be alive is."""
    ledger = postgres.empty()
    thread = LedgerThread(ledger)
    await begun(thread, "a", process=ELSEWHERE)
    performed(ledger, "UPDATE holder SET beat = beat - :silence", silence=int(SILENCE * 1000) + 1000)
    told = []

    def beats(process: Process) -> bool | None:
        told.append(performed(ledger, beat("a")))
        return is_dead(process)

    monkeypatch.setattr("aioturk.batch.ledger.holders.is_dead", beats)
    assert await thread.perform(bury_the_dead) == 0
    assert told == [True]
    assert await thread.perform(beat("a"))
    await thread.close()


async def test_what_is_begun_anew_is_in_the_right_hands(thread: LedgerThread, ledger: str) -> None:
    """Only who has a unit in hand writes down that it certainly has not happened yet."""
    seq = await begun(thread, "a", "b")
    [one] = await thread.perform(intend(seq, intents(1), "a"))
    assert one.unit is not None
    assert not await thread.perform(units.start_anew(one.unit.seq, "b", NOW + 100))
    assert performed(ledger, "SELECT first_attempt FROM unit") == [(int(NOW * 1000),)]
    assert await thread.perform(units.start_anew(one.unit.seq, "a", NOW + 100))
    assert performed(ledger, "SELECT first_attempt FROM unit") == [(int((NOW + 100) * 1000),)]


async def test_what_was_not_sent_was_no_attempt(thread: LedgerThread, ledger: str) -> None:
    """Who lets go of a unit without having sent it leaves it as it was: an earlier attempt still counts."""
    seq = await begun(thread, "a")
    [one] = intents(1)
    for moment, sent in ((NOW, False), (NOW + 10, True), (NOW + 20, False)):
        await thread.perform(intend(seq, [one], "a", now=moment))
        await thread.perform(claims.give_up({one.token}, InHand(), "a", unsent=not sent))
        expected = (1, int((NOW + 10) * 1000)) if moment > NOW else (0, None)
        assert performed(ledger, "SELECT attempts, first_attempt FROM unit") == [expected]


async def test_what_is_found_is_adopted_once(thread: LedgerThread) -> None:
    """HITs of the service become rows, and done ones stay what they are, however often they are found."""
    seq = await begun(thread, "a")
    [one] = intents(1)
    await thread.perform(intend(seq, [one], "a"))
    found = [
        Adopted(one.token, "row 0", "01234567", "3A", 12, 2, "{}"),
        Adopted(token_of(Kind.PUBLISH, "ages", "else"), "else", "01234567", "3B", 12, 2, "{}"),
    ]
    assert await thread.perform(adopt(seq, found, NOW)) == 2
    assert await thread.perform(adopt(seq, found, NOW)) == 0
    assert (await thread.perform(batches.known_batch("ages", NOW))).reserved == 24
    counted = await thread.perform(units.counts(seq))
    assert counted == {(Kind.PUBLISH, State.DONE): 2}


async def test_old_units_are_given_up(thread: LedgerThread) -> None:
    """What is open since before a moment is unknown, unless somebody has it in hand."""
    seq = await begun(thread, "a")
    await thread.perform(intend(seq, intents(3), "a"))
    await thread.perform(let_go(intents(2), "a"))
    assert await thread.perform(units.give_up_old(seq, before=NOW - 1, now=NOW)) == 0
    assert await thread.perform(units.give_up_old(seq, before=NOW + 1, now=NOW)) == 2
    unsure = await thread.perform(intend(seq, intents(2), "a"))
    assert [each.standing for each in unsure] == [Standing.UNKNOWN] * 2
    sure = await thread.perform(intend(seq, intents(2), "a", resend_unknown=True))
    assert [each.standing for each in sure] == [Standing.OURS] * 2


async def test_the_pace_is_remembered(thread: LedgerThread) -> None:
    """What a client learned last is there for the next program."""
    assert await thread.perform(batches.learned_pace) is None
    for pace in ("brisk", "slow"):
        await thread.perform(batches.remember_pace(pace))
        assert await thread.perform(batches.learned_pace) == pace


async def test_columns_keep_their_order(thread: LedgerThread) -> None:
    """New columns come behind those that were there."""
    seq = await begun(thread)
    for columns in (["b", "a"], ["a", "c"], []):
        await thread.perform(batches.write_columns(seq, columns))
    assert (await thread.perform(batches.known_batch("ages", NOW))).columns == ("b", "a", "c")


async def test_decisions_are_not_undone_by_older_lists(thread: LedgerThread) -> None:
    """A list that lags does not make decided work undecided; a rejection that is taken back does become an approval."""
    seq = await begun(thread)
    one = Submitted("3A", "3H", "A1", "Submitted", NOW, '{"AssignmentStatus":"Submitted"}')
    assert await thread.perform(submissions.put(seq, [one])) == 1
    await thread.perform(submissions.decide(seq, "3A", "Rejected"))
    assert await thread.perform(submissions.put(seq, [one])) == 0
    assert await thread.perform(submissions.count_submissions(seq)) == {"Rejected": 1}
    await thread.perform(submissions.put(seq, [replace(one, status="Approved")]))
    assert await thread.perform(submissions.count_submissions(seq)) == {"Approved": 1}


# Holders.


async def test_a_dead_process_of_this_computer_is_known_at_once(thread: LedgerThread, ledger: str) -> None:
    """What a program had in hand that has ended is free at once; that of a living one is not."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await child.wait()
    gone = replace(own_process(), pid=child.pid, started=1)
    seq = await begun(thread, "alive", "other")
    await begun(thread, "dead", process=gone)
    await thread.perform(intend(seq, intents(3), "dead"))
    await thread.perform(intend(seq, intents(5)[3:], "alive"))
    assert await thread.perform(claim(seq, "other")) == []
    assert await thread.perform(bury_the_dead) == 1
    assert len(await thread.perform(claim(seq, "other"))) == 3
    assert [row.id for row in performed(ledger, "SELECT id FROM holder ORDER BY id")] == ["alive", "other"]


async def test_a_number_that_was_given_again(thread: LedgerThread) -> None:
    """A process with the same number that began at another time is another one: the first is dead."""
    ours = own_process()
    assert is_dead(ours) is False
    if ours.started is None:
        pytest.skip("this computer does not tell when a process began")
    assert is_dead(replace(ours, started=ours.started - 1)) is True
    assert is_dead(replace(ours, host="elsewhere")) is None
    assert is_dead(replace(ours, started=None)) is None


async def test_somebody_elsewhere_is_dead_after_thirty_seconds(thread: LedgerThread, ledger: str) -> None:
    """Of another computer's process only its heartbeat tells; after thirty seconds of silence its leases are void."""
    seq = await begun(thread, "far", process=ELSEWHERE)
    await begun(thread, "near")
    await thread.perform(intend(seq, intents(2), "far"))
    performed(ledger, "UPDATE holder SET beat = beat - :back WHERE id = 'far'", back=int(SILENCE * 1000) - 5000)
    assert await thread.perform(bury_the_dead) == 0
    assert await thread.perform(claim(seq, "near")) == []
    assert await thread.perform(beat("far"))
    performed(ledger, "UPDATE holder SET beat = beat - :back WHERE id = 'far'", back=int(SILENCE * 1000) + 1000)
    assert await thread.perform(bury_the_dead) == 1
    assert len(await thread.perform(claim(seq, "near"))) == 2
    assert not await thread.perform(beat("far"))


async def test_the_buried_take_nothing(thread: LedgerThread) -> None:
    """Who was taken for dead takes nothing in hand under the old name."""
    seq = await begun(thread, "a")
    await thread.perform(leave("a"))
    for act in (intend(seq, intents(1), "a"), claim(seq, "a"), deliveries(seq, "a")):
        with pytest.raises(Buried):
            await thread.perform(act)
    assert await thread.perform(units.counts(seq)) == {}


async def test_deliveries_in_dead_hands_are_free(thread: LedgerThread, ledger: str) -> None:
    """Submissions that a dead program had in hand are delivered to the next one."""
    seq = await begun(thread, "a")
    await thread.perform(intend(seq, intents(1), "a"))
    [unit] = (await thread.perform(units.by_tokens([intents(1)[0].token]))).values()
    await thread.perform(units.write_outcomes(seq, [(Outcome(unit, State.DONE, "3H", hit="{}", most=1), "a")], NOW))
    await thread.perform(submissions.put(seq, [Submitted("3A", "3H", "A1", "Submitted", NOW, "{}")]))
    assert len(await thread.perform(deliveries(seq, "a"))) == 1
    await begun(thread, "b")
    assert await thread.perform(deliveries(seq, "b")) == []
    performed(ledger, "UPDATE holder SET host = 'elsewhere', beat = 0 WHERE id = 'a'")
    await thread.perform(bury_the_dead)
    assert len(await thread.perform(deliveries(seq, "b"))) == 1


async def test_leaving_lets_go(thread: LedgerThread, ledger: str) -> None:
    """Who leaves has nothing in hand any more, and is not there."""
    seq = await begun(thread, "a")
    await thread.perform(intend(seq, intents(2), "a"))
    await thread.perform(leave("a"))
    assert performed(ledger, "SELECT id FROM holder") == []
    await begun(thread, "b")
    assert len(await thread.perform(claim(seq, "b"))) == 2


async def test_a_holder_is_there_while_it_is_used(thread: LedgerThread, ledger: str) -> None:
    """Used within itself it is one, and gone with the last use."""
    holder = Holder(thread)
    async with holder:
        first = holder.id
        async with holder:
            assert holder.id == first
        assert [row.id for row in performed(ledger, "SELECT id FROM holder")] == [first]
        await holder.sure(first)
    assert performed(ledger, "SELECT id FROM holder") == []
    async with holder:
        assert holder.id != first


async def test_who_was_taken_for_dead_does_not_send(
    thread: LedgerThread, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that slept for too long finds out before it sends, and goes on under another name."""
    holder = Holder(thread)
    async with holder:
        lease = holder.id
        performed(ledger, "DELETE FROM holder")
        await holder.sure(lease)  # the last heartbeat was just now
        later = time.monotonic() + 25
        monkeypatch.setattr("aioturk.batch.holding.time.monotonic", lambda: later)
        with pytest.raises(TakenForDead):
            await holder.sure(lease)
        assert holder.id != lease
        await holder.sure(holder.id)
        assert [row.id for row in performed(ledger, "SELECT id FROM holder")] == [holder.id]


async def test_a_program_goes_on_where_a_dead_one_was(market: Marketplace, ledger: str) -> None:
    """An upload takes over at once what a dead program of this computer had in hand."""
    line = Line(lost("CreateHITWithHITType"))
    async with market.client(retries=False, transport=line) as mturk:
        async with batch_of(mturk, ledger) as batch:
            await batch.upload(rows(4))
        line.clear()
        dead = own_process()
        performed(
            ledger,
            "INSERT INTO holder (id, host, pid, started, beat) VALUES ('dead', :host, :pid, 1, :beat)",
            host=dead.host,
            pid=dead.pid,
            beat=int(time.time() * 1000),
        )
        performed(ledger, "UPDATE unit SET holder_id = 'dead'")
        async with batch_of(mturk, ledger) as batch:
            report = await batch.upload(rows(4))
        assert (report.published, report.open) == (4, 0)
        assert urls(await hits_of(mturk)).total() == 4


async def test_what_a_living_one_has_in_hand_is_waited_for(market: Marketplace, ledger: str) -> None:
    """An upload waits for what somebody elsewhere has in hand, and takes it over when nothing is heard of them."""
    clock = _Waiting(time.time())
    async with market.client() as mturk, batch_of(mturk, ledger, clock=clock) as batch:
        await batch.upload(rows(2))
        performed(
            ledger,
            "INSERT INTO holder (id, host, pid, started, beat) VALUES ('far', 'elsewhere', 1, 1, :beat)",
            beat=int(time.time() * 1000),
        )
        performed(ledger, "UPDATE unit SET holder_id = 'far', state = 'open', target = NULL")
        clock.after = lambda: performed(ledger, "UPDATE holder SET beat = 0 WHERE id = 'far'")
        report = await batch.upload(rows(2))
        assert (report.published, report.open) == (2, 0)
        assert len(clock.slept) >= 3
        assert urls(await hits_of(mturk)).total() == 2


class _Waiting(JumpingClock):
    """A clock on which something happens after a few waits."""

    after: Callable[[], Any] | None = None

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if len(self.slept) == 3 and self.after is not None:
            self.after()


async def test_the_ledger_of_a_batch_opens_again(market: Marketplace, ledger: str) -> None:
    """After `close` a batch can be used again, and no thread is left behind."""
    async with market.client() as mturk:
        before = set(threading.enumerate())
        batch: Batch[Guess] = batch_of(mturk, ledger)
        await batch.upload(rows(1))
        await batch.close()
        await batch.close()
        assert not [each for each in set(threading.enumerate()) - before if each.name == "aioturk-ledger"]
        assert (await batch.upload(rows(1))).found == 1
        await batch.close()


async def test_a_walk_that_is_left_after_its_batch(market: Marketplace, file: str) -> None:
    """A loop over submissions that ends after its batch was closed leaves no thread and no connection behind."""
    before = set(threading.enumerate())
    async with market.client() as mturk:
        async with batch_of(mturk, file) as batch:
            await batch.upload(rows(2))
            await worked(market)
            walking = batch.submissions(until="now")
            await anext(walking)
        await walking.aclose()
    left = [each for each in set(threading.enumerate()) - before if each.name == "aioturk-ledger"]
    await batch.close()
    assert left == []


async def test_creating_a_batch_does_nothing(file: str) -> None:
    """No file is made and no request sent before it is used."""
    transport = StubTransport()
    async with batch_of(Client("sandbox", credentials=CREDENTIALS, transport=transport), file):
        pass
    assert not Path(file).exists()
    assert transport.requests == []


def test_a_unit_is_what_the_ledger_has() -> None:
    """Values of units cannot be changed by mistake."""
    unit = Unit(1, Kind.PUBLISH, "a", "b", State.OPEN, None, 1, 1, "", None, None, None)
    with pytest.raises(AttributeError):
        unit.state = State.DONE  # type: ignore[misc]


async def test_a_stopped_program_does_not_keep_others_waiting(postgres: Postgres) -> None:
    """On PostgreSQL, who stands still in the middle of an act is thrown out, and who waits for a lock gives up."""
    ledger = LedgerThread(postgres.empty())

    def settings(connection: Connection) -> list[str]:
        names = ("lock_timeout", "idle_in_transaction_session_timeout")
        return [connection.execute(text(f"SHOW {name}")).scalar_one() for name in names]

    assert await ledger.perform(settings) == ["30s", "1min"]
    await ledger.close()


async def test_programs_that_begin_with_a_new_file_at_once(tmp_path: Path) -> None:
    """None of them finds it locked: who comes second waits until the first has made it what it has to be."""
    for number in range(30):
        ledgers = [LedgerThread(tmp_path / f"{number}.db") for _ in range(4)]
        assert await asyncio.gather(*(ledger.perform(lambda connection: 1) for ledger in ledgers)) == [1, 1, 1, 1]
        for ledger in ledgers:
            await ledger.close()


async def test_what_has_happened_is_not_made_unhappened(mturk: Client, file: str) -> None:
    """The late outcome of somebody who was taken for dead does not overwrite that the unit is done."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        [[token]] = performed(file, "SELECT token FROM unit")
        [found] = (await batch._desk.perform(units.by_tokens([token]))).values()
        late = Outcome(replace(found, state=State.OPEN), State.REFUSED, error="late")
        await batch._desk.perform(units.write_outcomes(await batch._desk.seq(), [(late, "somebody")], time.time()))
        status = await batch.status()
    assert performed(file, "SELECT state FROM unit") == [("done",)]
    assert status.reserved == guess_age().cost().total


async def test_a_ledger_that_breaks_after_the_payment_does_not_say_that_nothing_was_sent(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """The error says that the bonus may be paid."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        one, _ = await submissions_of(batch)

        def breaks(operation: str) -> None:
            if operation == "SendBonus":
                performed(
                    file,
                    "CREATE TRIGGER full BEFORE UPDATE ON unit BEGIN SELECT raise(ABORT, 'disk is full'); END",
                )

        line.disturb = breaks
        with pytest.raises(TurkError) as caught:
            await batch.bonus(one.assignment_id, "0.10", "Well done")
        performed(file, "DROP TRIGGER full")
    assert caught.value.ambiguous
    assert "Nothing was sent" not in str(caught.value)
