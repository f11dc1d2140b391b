"""A bonus has two names in the ledger, with its approval and by itself; it is written down under one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from aioturk._databases import database_url
from aioturk.batch import Bonus
from aioturk.batch.ledger import batches, claims, holders
from aioturk.batch.ledger.alike import as_written
from aioturk.batch.ledger.claims import Claim, Standing
from aioturk.batch.ledger.in_hand import InHand
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.batch.ledger.planned import plan
from aioturk.batch.ledger.processes import own_process
from aioturk.batch.paying import payment, payment_with_approval
from aioturk.batch.units import Intent
from aioturk.pricing import AMAZON

from ..postgres import Postgres

NOW = 1_900_000_000.0
HOLDER = "a" * 32
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
WRITTEN = "SELECT key FROM unit"

Act = Callable[[Connection], Any]


@pytest.fixture
async def ledger(postgres: Postgres) -> tuple[str, int]:
    """A ledger on a server, with somebody at work on its batch."""
    url = postgres.empty()
    thread = LedgerThread(url)
    await thread.perform(holders.register(HOLDER, own_process()))
    known = await thread.perform(batches.known_batch("ages", NOW))
    await thread.close()
    return url, known.seq


@pytest.fixture
def engine(ledger: tuple[str, int]) -> Iterator[Engine]:
    """What makes connections to it."""
    engine = create_engine(database_url(ledger[0]), poolclass=NullPool)
    yield engine
    engine.dispose()


def bonus(make: Callable[..., Intent], amount: str = "0.10", **options: Any) -> Intent:
    """Return the intent of a bonus."""
    return make("ages", Bonus("A1", amount, "Good", **options), "W1", AMAZON)


def paid(seq: int, *intents: Intent) -> Act:
    """Make an act that is about to pay."""
    return claims.intend(seq, intents, holder_id=HOLDER, in_hand=InHand(), taken=set(), now=NOW, budget=None)


def planned(seq: int, *intents: Intent) -> Act:
    """Make an act that plans what is to be paid with an approval."""
    return plan(seq, intents, now=NOW, budget=None)


async def until_it_waits(later: asyncio.Future[None], looking: Connection) -> None:
    """Let an act go on until it waits for a lock, or has ended."""
    while not later.done() and not looking.execute(text(WAITING)).scalar_one():
        looking.rollback()
        await asyncio.sleep(0)


async def both(engine: Engine, first: Act, second: Act) -> None:
    """Perform two acts, the second of which begins before the first is written."""

    def late() -> None:
        with engine.begin() as connection:
            second(connection)

    with engine.connect() as connection, engine.connect() as looking:
        first(connection)
        later = asyncio.ensure_future(asyncio.to_thread(late))
        await until_it_waits(later, looking)
        connection.commit()
        await later


def keys(engine: Engine) -> list[str]:
    """Return what is in the ledger."""
    with engine.connect() as connection:
        return list(connection.execute(text(WRITTEN)).scalars())


async def test_one_that_is_paid_and_planned_at_once_is_one(engine: Engine, ledger: tuple[str, int]) -> None:
    """Who plans the bonus that somebody is just writing down to be paid has it paid once."""
    await both(engine, paid(ledger[1], bonus(payment)), planned(ledger[1], bonus(payment_with_approval)))
    assert keys(engine) == ["A1 0.10 Good"]


async def test_one_that_is_planned_and_paid_at_once_is_one(engine: Engine, ledger: tuple[str, int]) -> None:
    """Who pays the bonus that somebody is just planning pays that one."""
    await both(engine, planned(ledger[1], bonus(payment_with_approval)), paid(ledger[1], bonus(payment)))
    assert keys(engine) == ["A1 with its approval"]


async def test_others_are_others(engine: Engine, ledger: tuple[str, int]) -> None:
    """Bonuses of other amounts, and those with a key, are bonuses of their own."""
    seq = ledger[1]
    await both(engine, planned(seq, bonus(payment_with_approval)), paid(seq, bonus(payment, "0.20")))
    await both(engine, paid(seq, bonus(payment, key="more")), planned(seq, bonus(payment_with_approval)))
    assert sorted(keys(engine)) == ["A1 0.20 Good", "A1 = more", "A1 with its approval"]


async def test_both_names_in_one_list_are_in_hand_once(engine: Engine, ledger: tuple[str, int]) -> None:
    """When two of a list turn out to be one, it is carried out once."""
    seq = ledger[1]
    with engine.begin() as connection:
        planned(seq, bonus(payment_with_approval))(connection)
    with engine.begin() as connection:
        found: list[Claim] = paid(seq, bonus(payment), bonus(payment, key="more"), bonus(payment_with_approval))(
            connection
        )
    assert [claim.standing for claim in found] == [Standing.OURS, Standing.OURS, Standing.ELSEWHERE]


async def test_who_plans_holds_no_money_back_while_waiting_for_a_name(engine: Engine, ledger: tuple[str, int]) -> None:
    """Who plans waits for the names before anything is reserved, as who pays does: neither waits for the other."""
    one = bonus(payment)

    def late() -> None:
        with engine.begin() as connection:
            plan(ledger[1], [bonus(payment_with_approval)], now=NOW, budget=1000)(connection)

    with engine.connect() as connection, engine.connect() as looking:
        as_written(connection, [one])
        later = asyncio.ensure_future(asyncio.to_thread(late))
        await until_it_waits(later, looking)
        try:
            connection.execute(text("SELECT reserved FROM batch FOR UPDATE NOWAIT"))
        finally:
            connection.rollback()
            await later
