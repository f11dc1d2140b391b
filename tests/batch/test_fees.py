"""What the marketplace takes, as batches hear it from the marketplace itself."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aioturk import Client
from aioturk.batch import approve
from aioturk.errors import BudgetExceeded, ConfigurationError, ConnectFailed
from aioturk.marketplace import HOUSE as RULES_OF_THE_HOUSE
from aioturk.marketplace import Marketplace
from aioturk.pricing import AMAZON, HOUSE
from aioturk.testing import CREDENTIALS, StubTransport

from .batches import Line, batch_of, hits_of, submissions_of, worked
from .tasks import guess_age, rows

BALANCE = Decimal("100.00")
SILENT = {"premium": {f"3KIND{number:027}": 25 for number in range(60)}}
"""So many fees that they are not told."""
PAY = guess_age().cost(2, fees=HOUSE).total
"""What the workers of two rows get."""


def market_of(**rules: Any) -> Marketplace:
    """A marketplace of one's own, with fees of its own or none, and money that counts."""
    return Marketplace(rules=replace(RULES_OF_THE_HOUSE, **rules), balance=BALANCE)


async def committed(mturk: Client) -> Decimal:
    """What the marketplace has taken, and holds."""
    return BALANCE - (await mturk.get_account_balance()).available_balance


async def test_without_fees_a_budget_is_for_workers_alone(file: str) -> None:
    """Where nothing is taken, a budget of what workers get is enough; not so where it is said that fees are taken."""
    async with market_of() as market, market.client() as mturk:
        async with batch_of(mturk, file, budget=PAY) as batch:
            assert (await batch.upload(rows(2))).is_complete
            assert (await batch.status()).held == await committed(mturk) == PAY
        async with batch_of(mturk, file, name="another", budget=PAY, fees=AMAZON) as batch:
            with pytest.raises(BudgetExceeded):
                await batch.upload(rows(2))


async def test_higher_fees_are_counted(file: str) -> None:
    """Where more is taken than Amazon does, no budget is passed: what is reserved is what the marketplace holds."""
    async with market_of(fee=Decimal("1.00")) as market, market.client() as mturk:
        amazons = guess_age().cost(2).total
        assert PAY < amazons < PAY * 2
        async with batch_of(mturk, file, budget=amazons) as batch:
            with pytest.raises(BudgetExceeded):
                await batch.upload(rows(2))
            assert len(await hits_of(mturk)) == 1
            assert await committed(mturk) == (await batch.status()).reserved == PAY


async def test_bonuses_are_counted_with_the_same_fees(file: str) -> None:
    """The fee on a bonus is the marketplace's too, one at a time, many, and decided on in a review."""
    double = market_of(fee=Decimal("1.00"))
    async with double as market, market.client() as mturk, batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        await worked(market, 2)
        one, other, *_ = await submissions_of(batch)
        await batch.review(lambda submission: approve(bonus="0.10", reason="Good"))
        await batch.bonus(one.assignment_id, "1.00", "Very good")
        await batch.bonus_once(other.assignment_id, "1.00", "Very good", key="best")
        assert (await batch.status()).spent == await committed(mturk) == 2 * (PAY + Decimal("2.40"))


async def test_more_than_nine_where_there_is_no_step(file: str) -> None:
    """In the house HITs grow beyond nine, and cost no more for it."""
    async with market_of() as market, market.client() as mturk, batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        assert (await batch.extend(max_assignments=12)).done == 1
        assert [hit.max_assignments for hit in await hits_of(mturk)] == [12]
        assert (
            (await batch.status()).reserved
            == await committed(mturk)
            == guess_age(max_assignments=12).cost(fees=HOUSE).total
        )


async def test_hits_that_are_found_count_with_the_same_fees(file: str, tmp_path: Path) -> None:
    """With a new ledger, the HITs that are found again cost what the marketplace holds for them."""
    async with market_of(fee=Decimal("0.50")) as market, market.client() as mturk:
        async with batch_of(mturk, file) as batch:
            await batch.upload(rows(2))
        async with batch_of(mturk, str(tmp_path / "new.db")) as batch:
            assert (await batch.upload(rows(2))).found == 2
            assert (await batch.status()).reserved == await committed(mturk)


async def test_what_was_reserved_stays(file: str) -> None:
    """What stands in the ledger is not reckoned anew when a program with other fees goes on."""
    async with market_of() as market, market.client() as mturk:
        async with batch_of(mturk, file, fees=AMAZON) as batch:
            await batch.upload(rows(2))
        async with batch_of(mturk, file) as batch:
            assert (await batch.upload(rows(3))).published == 1
            reserved = (await batch.status()).reserved
        assert reserved == guess_age().cost(2, fees=AMAZON).total + guess_age().cost(1, fees=HOUSE).total


# Asking, and who is not asked.


async def test_a_plan_asks_once(file: str) -> None:
    """A plan counts with the marketplace's fees after one read, and later plans need none; with fees it needs none."""
    async with market_of() as market:
        line = Line()
        async with market.client(transport=line) as mturk, batch_of(mturk, file) as batch:
            for _ in range(2):
                assert (await batch.plan(rows(2))).cost == guess_age().cost(2, fees=HOUSE)
            assert line.counts == {"GetAccountBalance": 1}
        line.clear()
        async with market.client(transport=line) as mturk, batch_of(mturk, file, fees=AMAZON) as batch:
            assert (await batch.plan(rows(2))).cost == guess_age().cost(2)
        assert line.calls == []


@pytest.mark.parametrize("environment", ["sandbox", "production"])
async def test_amazon_is_not_asked(file: str, environment: str) -> None:
    """What Amazon takes is known: a first plan there sends nothing."""
    transport = StubTransport()
    async with Client(environment, credentials=CREDENTIALS, transport=transport) as mturk:
        async with batch_of(mturk, file) as batch:
            assert (await batch.plan(rows(2))).cost == guess_age().cost(2)
    assert transport.requests == []


async def test_a_plan_for_a_marketplace_that_is_not_there(file: str) -> None:
    """Costs are not guessed at: the error says what is missing, and with fees the plan is made all the same."""
    transport = StubTransport(ConnectFailed("connection refused"))
    async with Client("http://127.0.0.1:7700", credentials=CREDENTIALS, transport=transport, retries=False) as mturk:
        async with batch_of(mturk, file) as batch:
            with pytest.raises(ConnectFailed) as caught:
                await batch.plan(rows(2))
        assert "give the batch fees=" in caught.value.__notes__[0]
        async with batch_of(mturk, file, fees=HOUSE) as batch:
            assert (await batch.plan(rows(2))).hits == 2


async def test_a_marketplace_that_does_not_tell(file: str) -> None:
    """Nothing is published, and nothing written down, before it is known what is taken; with fees given, it is."""
    async with market_of(**SILENT) as market, market.client() as mturk:
        async with batch_of(mturk, file) as batch:
            with pytest.raises(ConfigurationError, match="Give the fees yourself"):
                await batch.upload(rows(2))
            assert not Path(file).exists()
        assert await hits_of(mturk) == []
        async with batch_of(mturk, file, fees=HOUSE) as batch:
            assert (await batch.upload(rows(2))).is_complete


async def test_nobody_decides_before_the_fees_are_known(file: str) -> None:
    """Whoever reviews is not asked for decisions that could not be carried out; what costs nothing goes on."""

    def judge(submission: object) -> None:
        raise AssertionError("asked")

    async with market_of(**SILENT) as market, market.client() as mturk:
        async with batch_of(mturk, file, fees=HOUSE) as batch:
            await batch.upload(rows(2))
        await worked(market, 2)
        async with batch_of(mturk, file) as batch:
            with pytest.raises(ConfigurationError):
                await batch.review(judge)
            with pytest.raises(ConfigurationError):
                await batch.bonus((await submissions_of(batch))[0].assignment_id, "0.10", "Good")
            assert (await batch.approve_all()).done == 4
            assert (await batch.status()).approved == 4
