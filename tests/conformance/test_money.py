"""Funds, and what they are held for: the reference's lines 42, 115 and 116."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from aioturk.marketplace import Marketplace
from tests.marketplace.support import ANNA, BERT, CARA, HIT, Requester, StillClock, done

MASTERS = [{"QualificationTypeId": "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6", "Comparator": "Exists"}]


@pytest.fixture
async def ten_dollars(database: str | None) -> AsyncIterator[Marketplace]:
    """A market with accounting, whose requester has ten dollars."""
    async with Marketplace(database, balance="10", clock=StillClock()) as market:
        yield market


async def _balance(turk: Requester) -> tuple[Decimal | int, Decimal | int]:
    """What is available, and what is on hold."""
    answer = await turk("GetAccountBalance")
    return Decimal(answer["AvailableBalance"]), Decimal(answer.get("OnHoldBalance", "0"))


async def test_42_no_hit_without_funds(ten_dollars: Marketplace) -> None:
    """A HIT that costs a cent more than there is is refused, and is not there; without that cent it is made."""
    turk = Requester(ten_dollars)
    refusal = await turk.refused("CreateHIT", **{**HIT, "Reward": "8.34"})

    assert (refusal.type, refusal.status, refusal.code) == ("RequestError", 400, "InsufficientFunds")
    assert refusal.message.startswith(
        "This Requester has insufficient funds in their account to complete this transaction. "
        "Please visit https://requester.mturk.com/prepayments/new to purchase Prepaid HITs. "
    )
    assert (await turk("ListHITs"))["HITs"] == []
    assert await _balance(turk) == (10, 0)

    await turk.hit(Reward="8.33")
    assert await _balance(turk) == (0, 10)


async def test_115_the_balance_of_the_sandbox(market: Marketplace, turk: Requester) -> None:
    """It is 10000.00, whatever was promised, approved and paid."""
    sandbox = {"AvailableBalance": "10000.00"}
    hit_id = (await turk.hit(Reward="9999.99", MaxAssignments=9))["HITId"]
    for assignment_id in await done(market, hit_id, ANNA, BERT, CARA):
        await turk("ApproveAssignment", AssignmentId=assignment_id)
        answer = await turk("GetAccountBalance")
        del answer["ResponseMetadata"]
        assert answer == sandbox
    await turk("SendBonus", AssignmentId=assignment_id, WorkerId=CARA, BonusAmount="50000", Reason="r")
    assert (await turk("GetAccountBalance"))["AvailableBalance"] == "10000.00"


async def test_116_fees_and_holds(ten_dollars: Marketplace) -> None:
    """Each fee is seen in what a HIT holds; approval turns a hold into a charge, rejection releases it."""
    turk = Requester(ten_dollars)
    fees = [
        ("0.30", 9, False, "0.06"),  # 20 %
        ("0.30", 10, False, "0.12"),  # 40 %, as there are ten
        ("1.00", 1, True, "0.25"),  # 5 % more for Masters
        ("0.30", 10, True, "0.14"),  # the reference's example: 13.5 cents
        ("0.01", 1, False, "0.01"),  # 0.2 cents: at least one
        ("0.52", 1, False, "0.10"),  # 10.4 cents
        ("0.30", 1, True, "0.08"),  # 7.5 cents: half a cent is rounded up
    ]
    for reward, assignments, masters, fee in fees:
        requirements = MASTERS if masters else []
        hit = await turk.hit(Reward=reward, MaxAssignments=assignments, QualificationRequirements=requirements)
        held = assignments * (Decimal(reward) + Decimal(fee))
        assert await _balance(turk) == (10 - held, held), (reward, assignments, masters)
        await turk("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=0)
        assert await _balance(turk) == (10, 0), "nobody can accept it any more"

    hit = await turk.hit(Reward="2.00", MaxAssignments=2)
    first, second = await done(ten_dollars, hit["HITId"], ANNA, BERT)
    assert await _balance(turk) == (Decimal("5.20"), Decimal("4.80"))
    await turk("ApproveAssignment", AssignmentId=first)
    assert await _balance(turk) == (Decimal("5.20"), Decimal("2.40"))
    await turk("RejectAssignment", AssignmentId=second, RequesterFeedback="no")
    assert await _balance(turk) == (Decimal("7.60"), 0)
