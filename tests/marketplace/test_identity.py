"""By what a marketplace, and an account in it, are told from all others."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from aioturk._core.endpoints import MARKETPLACE_HEADER
from aioturk.marketplace import Faults, Marketplace
from aioturk.marketplace.store.copies import back_up

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
    unsigned = await exchange(market, message([("Host", "x"), ("X-Amz-Target", "y")], b"{}"))
    assert MARKETPLACE_HEADER.encode() not in unsigned.lower()


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
