"""By what a marketplace, and an account in it, are told from all others."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aioturk._core.endpoints import FEES_HEADER, MARKETPLACE_HEADER
from aioturk.errors import ConfigurationError
from aioturk.marketplace import AMAZON, HOUSE, Faults, Marketplace
from aioturk.marketplace.money import fee_table
from aioturk.marketplace.store.copies import back_up
from aioturk.pricing import FeeTable

from .raw import exchange, message
from .support import PRODUCTION, post


async def identity(market: Marketplace, *, host: str | None = None) -> str:
    """What a marketplace says of itself."""
    return (await post(market, "GetAccountBalance", host=host)).headers[MARKETPLACE_HEADER]


def twin(database: str | None = None) -> Marketplace:
    """A marketplace with the same keys as its twins."""
    return Marketplace(database, access_key="AKIASAME", secret_key="same")


async def test_answers_name_market_and_account(market: Marketplace) -> None:
    """Good answers and refusals say the same, and the account is the one that owns the HITs."""
    place = await identity(market)
    assert re.fullmatch("[0-9a-f]{16}/A[0-9A-Z]+", place)
    for operation, body in (("GetHIT", {"HITId": "3" * 30}), ("GetHIT", b"not JSON")):
        refused = await post(market, operation, body)
        assert refused.status == 400
        assert refused.headers[MARKETPLACE_HEADER] == place


async def test_throttled_from_the_start(market: Marketplace) -> None:
    """The very first answer says it, even if nothing was done for the account before."""
    market.faults = Faults(throttle=1)
    answer = await post(market, "GetAccountBalance")
    assert answer.status == 400
    assert MARKETPLACE_HEADER in answer.headers


async def test_nobody_else_is_told(market: Marketplace) -> None:
    """A request that is not signed, or badly, learns nothing, nor does who asks for an operation that is none."""
    for answer in (
        await post(market, "GetAccountBalance", secret_key="wrong"),
        await post(market, "GetAccountBalance", access_key="AKIANOBODY"),
        await post(market, "MakeMoney"),
    ):
        assert answer.status >= 400
        assert MARKETPLACE_HEADER not in answer.headers
        assert FEES_HEADER not in answer.headers
    unsigned = await exchange(market, message([("Host", "x"), ("X-Amz-Target", "y")], b"{}"))
    assert MARKETPLACE_HEADER.encode() not in unsigned.lower()
    assert FEES_HEADER.encode() not in unsigned.lower()


async def test_two_markets_differ() -> None:
    """Another market is another place, though keys and everything else may be the same."""
    async with twin() as one, twin() as other:
        assert (await identity(one))[:16] != (await identity(other))[:16]


async def test_reopened_in_memory() -> None:
    """A market in memory that is opened again is empty, and so another place."""
    market = twin()
    seen = []
    for _ in range(2):
        async with market:
            seen.append(await identity(market))
    assert seen[0][:16] != seen[1][:16]


async def test_a_file_is_one_market(tmp_path: Path) -> None:
    """A market keeps its name in its database: over restarts, and in copies."""
    path, copy = tmp_path / "market.db", tmp_path / "copy.db"
    async with Marketplace(path) as market:
        first = await identity(market)
        await asyncio.to_thread(back_up, path, copy)
    for database in (path, copy):
        async with Marketplace(database) as market:
            assert await identity(market) == first


async def test_processes_of_one_market(database: str | None) -> None:
    """Two that serve one PostgreSQL database are one place; two in memory are not."""
    async with twin(database) as one, twin(database) as other:
        assert (await identity(one) == await identity(other)) is (database is not None)


async def test_accounts_of_one_market_differ(market: Marketplace) -> None:
    """Two requesters have two accounts, and one requester has another one in production; the market is one."""
    lab = await market.add_requester("lab-b")
    mine, production = await identity(market), await identity(market, host=PRODUCTION)
    theirs = await post(market, "GetAccountBalance", access_key=lab.access_key, secret_key=lab.secret_key)
    places = {mine, production, theirs.headers[MARKETPLACE_HEADER]}
    assert len(places) == 3
    assert len({place[:16] for place in places}) == 1


async def test_keys_of_one_account(market: Marketplace) -> None:
    """It is the account that counts, not the key."""
    key = await market.add_key("default", read_only=True)
    answer = await post(market, "GetAccountBalance", access_key=key.access_key, secret_key=key.secret_key)
    assert answer.headers[MARKETPLACE_HEADER] == await identity(market)


async def test_answers_tell_the_fees(market: Marketplace) -> None:
    """Good answers and refusals tell what is taken, as soon as they tell who takes it."""
    for operation, body in (("GetAccountBalance", b"{}"), ("GetHIT", b"not JSON")):
        answer = await post(market, operation, body)
        assert FeeTable.from_text(answer.headers[FEES_HEADER]) == fee_table(AMAZON)


async def test_fees_follow_the_rules(tmp_path: Path) -> None:
    """A database that is opened by other rules takes, and tells, other fees; without a word, those of last time."""
    path = tmp_path / "market.db"
    for rules, expected in ((None, AMAZON), (HOUSE, HOUSE), (None, HOUSE)):
        async with Marketplace(path, rules=rules, access_key="AKIASAME", secret_key="same") as market:
            answer = await post(market, "GetAccountBalance")
            assert FeeTable.from_text(answer.headers[FEES_HEADER]) == fee_table(expected)


async def test_fees_that_take_too_many_words(caplog: pytest.LogCaptureFixture) -> None:
    """A table that is too long for a header is not told, and the owner is."""
    premium = {f"3KIND{number:027}": 25 for number in range(60)}
    async with Marketplace(rules=replace(HOUSE, premium=premium)) as market:
        answer = await post(market, "GetAccountBalance")
    assert answer.status == 200
    assert MARKETPLACE_HEADER in answer.headers
    assert FEES_HEADER not in answer.headers
    assert "have to say it themselves" in caplog.text


@pytest.mark.parametrize("wrong", [{"fee": Decimal(-1)}, {"fee": 0.2}, {"small_below": -1}, {"premium": {"3KIND": -5}}])
async def test_fees_that_are_none(wrong: dict[str, Any], tmp_path: Path) -> None:
    """Rules by which nothing can be charged are refused when the marketplace is opened, and nothing is kept of them."""
    path = tmp_path / "market.db"
    with pytest.raises(ConfigurationError, match="fees of these rules"):
        async with Marketplace(path, rules=replace(HOUSE, **wrong)):
            pass
    async with Marketplace(path) as market:
        assert market.rules == AMAZON
