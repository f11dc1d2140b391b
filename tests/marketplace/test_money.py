"""Money: fees, holds and the ledger, beyond the conformance tests."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioturk._core import codec
from aioturk._generated.service import ROUTES
from aioturk._generated.tables import OPERATIONS
from aioturk.errors import ConfigurationError, ServiceError
from aioturk.marketplace import AMAZON, HOUSE, Marketplace
from aioturk.marketplace.house import House
from aioturk.marketplace.market import cents_of
from aioturk.marketplace.money import bonus_fee, cents, dollars, reward_fee
from aioturk.marketplace.robots import Manners
from aioturk.marketplace.robots import run as work
from aioturk.marketplace.rules import Rules
from aioturk.marketplace.service import Context, MarketService
from aioturk.marketplace.service.funds import liability
from aioturk.marketplace.store import Store
from aioturk.marketplace.store.records import Key
from aioturk.marketplace.workers import Worker

from .support import ANNA, BERT, CARA, HIT, Requester, StillClock, done

MASTERS = [{"QualificationTypeId": "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6", "Comparator": "Exists"}]


@pytest.fixture
async def rich() -> AsyncIterator[Marketplace]:
    """A market with accounting: ten dollars each."""
    async with Marketplace(balance="10", clock=StillClock()) as market:
        yield market


async def _balance(turk: Requester) -> tuple[str, str | None]:
    answer = await turk("GetAccountBalance")
    return answer["AvailableBalance"], answer.get("OnHoldBalance")


async def test_a_token_is_looked_at_before_the_funds(rich: Marketplace) -> None:
    """A repeat learns that the first call worked, even when nothing is left to pay a second one."""
    turk = Requester(rich)
    await turk.hit(Reward="8.33", UniqueRequestToken="once")
    repeat = await turk.refused("CreateHIT", **{**HIT, "Reward": "8.33"}, UniqueRequestToken="once")
    assert repeat.code == "HITAlreadyExists"


@pytest.mark.parametrize(
    ("reward", "assignments", "masters", "fee"),
    [
        ("0.30", 9, True, 8),  # 7.5 cents
        ("0.53", 1, False, 11),  # 10.6 cents
        ("0.02", 1, False, 1),
        ("0.00", 1, False, 1),
    ],
)
def test_fees(reward: str, assignments: int, masters: bool, fee: int) -> None:
    """What Amazon takes for an assignment, and that the house takes nothing."""
    assert reward_fee(cents(Decimal(reward)), assignments, masters, AMAZON) == fee
    assert reward_fee(cents(Decimal(reward)), assignments, masters, HOUSE) == 0


def test_fees_on_bonuses() -> None:
    """20 %, at least a cent."""
    assert [bonus_fee(amount, AMAZON) for amount in (1, 10, 12, 13, 100)] == [1, 2, 2, 3, 20]


@given(st.integers(0, 10**12))
def test_cents_and_dollars(amount: int) -> None:
    """Every sum survives the way to dollars and back."""
    assert cents(dollars(amount)) == amount


@given(st.integers(0, 10**18))
def test_cents_and_dollars_in_any_context(amount: int) -> None:
    """A program's own precision of decimals rounds nothing of what is in the books."""
    with localcontext(prec=3):
        assert cents(dollars(amount)) == amount
        assert dollars(amount).as_tuple().exponent == -2
        assert amount >= 10**17 or cents_of(dollars(amount)) == amount
        assert bonus_fee(amount, replace(AMAZON, fee=Decimal(1))) == max(amount, 1)


async def test_holds_and_charges(rich: Marketplace) -> None:
    """A HIT holds what it may cost; approval charges it, rejection and expiry release it; a bonus is charged."""
    turk = Requester(rich)
    hit_id = (await turk.hit(Reward="0.50", MaxAssignments=4))["HITId"]
    assert await _balance(turk) == ("7.60", "2.40")
    first, second = await done(rich, hit_id, ANNA, BERT)
    assert await _balance(turk) == ("7.60", "2.40")
    await turk("ApproveAssignment", AssignmentId=first)
    assert await _balance(turk) == ("7.60", "1.80")
    await turk("RejectAssignment", AssignmentId=second, RequesterFeedback="no")
    assert await _balance(turk) == ("8.20", "1.20")
    await turk("SendBonus", AssignmentId=first, WorkerId=ANNA, BonusAmount="1.00", Reason="r")
    assert await _balance(turk) == ("7.00", "1.20")
    held = await rich.worker(CARA).accept(hit_id)
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    assert await _balance(turk) == ("7.60", "0.60")
    await rich.worker(CARA).return_assignment(held)
    assert await _balance(turk) == ("8.20", None)
    await turk("ApproveAssignment", AssignmentId=second, OverrideRejection=True)
    assert await _balance(turk) == ("7.60", None)


async def test_extensions_hold_more(rich: Marketplace) -> None:
    """More assignments, and more time for a HIT that had expired, need funds."""
    turk = Requester(rich)
    hit_id = (await turk.hit(Reward="2.00", MaxAssignments=2))["HITId"]
    assert await _balance(turk) == ("5.20", "4.80")
    refusal = await turk.refused("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=3)
    assert refusal.code == "InsufficientFunds"
    assert (await turk.get(hit_id))["MaxAssignments"] == 2
    await turk("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=2)
    assert await _balance(turk) == ("0.40", "9.60")

    await rich.advance(timedelta(hours=2))
    assert await _balance(turk) == ("10.00", None)
    await turk.hit(Reward="1.00")
    late = {"HITId": hit_id, "ExpireAt": rich.now() + timedelta(hours=1)}
    assert (await turk.refused("UpdateExpirationForHIT", **late)).code == "InsufficientFunds"
    assert (await turk.get(hit_id))["HITStatus"] == "Reviewable"


async def test_bonuses_and_late_approvals_need_funds(rich: Marketplace) -> None:
    """Nothing changes when there is not enough."""
    turk = Requester(rich)
    hit_id = (await turk.hit(Reward="1.00"))["HITId"]
    (assignment_id,) = await done(rich, hit_id, ANNA)
    await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="no")
    await turk.hit(Reward="8.00")
    bonus = {"AssignmentId": assignment_id, "WorkerId": ANNA, "BonusAmount": "1", "Reason": "r"}

    assert (await turk.refused("SendBonus", **bonus)).code == "InsufficientFunds"
    late = await turk.refused("ApproveAssignment", AssignmentId=assignment_id, OverrideRejection=True)
    assert late.code == "InsufficientFunds"
    assert (await turk("ListBonusPayments", HITId=hit_id))["NumResults"] == 0
    assert (await turk.assignments(hit_id))[0]["AssignmentStatus"] == "Rejected"


async def test_automatic_approval_is_paid_from_the_hold(rich: Marketplace) -> None:
    """It needs nothing that is not held already."""
    turk = Requester(rich)
    hit_id = (await turk.hit(Reward="8.33"))["HITId"]
    await done(rich, hit_id, ANNA)
    await rich.advance(timedelta(days=31))

    assert (await turk.assignments(hit_id))[0]["AssignmentStatus"] == "Approved"
    assert await _balance(turk) == ("0.00", None)


async def test_masters_cost_more(rich: Marketplace) -> None:
    """The requirement is seen in what is held."""
    turk = Requester(rich)
    await turk.hit(Reward="1.00", QualificationRequirements=MASTERS)
    assert await _balance(turk) == ("8.75", "1.25")


async def test_the_balance_is_paid_in_once(tmp_path: Any) -> None:
    """A file that is opened again is not given the money again."""
    for _ in range(2):
        async with Marketplace(tmp_path / "market.db", balance=5) as market:
            assert await _balance(Requester(market)) == ("5.00", None)


ACTS = (
    *("create", "more", "accept", "submit", "return", "approve", "reject"),
    *("override", "bonus", "expire", "extend", "delete", "advance", "retype"),
)
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), max_size=40)


class _Player:
    """Does steps through the house's own acts, without a network; refusals are fine, crashes are not."""

    def __init__(self, house: House, key: Key) -> None:
        self.house = house
        self.key = key
        self.service = MarketService()
        self.hits: list[str] = []
        self.held: list[tuple[str, str]] = []
        self.submitted: list[tuple[str, str]] = []

    async def call(self, operation: str, document: dict[str, Any]) -> Any:
        route = ROUTES[operation]
        request = codec.from_wire(route.request, document)
        method = getattr(self.service, OPERATIONS[operation].python)
        try:
            return await self.house.act_for(self.key, "sandbox", "r", lambda context: method(context, request))
        except ServiceError:
            return None

    async def step(self, what: str, number: int) -> None:
        hit_id = self.hits[number % len(self.hits)] if self.hits else "3NONE"
        worker_id, assignment_id = self.submitted[number % len(self.submitted)] if self.submitted else (ANNA, "3NONE")
        seconds = self.house.now() / 1000
        decide = {"AssignmentId": assignment_id, "RequesterFeedback": "so"}
        calls: dict[str, tuple[str, dict[str, Any]]] = {
            "more": (
                "CreateAdditionalAssignmentsForHIT",
                {"HITId": hit_id, "NumberOfAdditionalAssignments": 1 + number % 4},
            ),
            "approve": ("ApproveAssignment", decide),
            "override": ("ApproveAssignment", {**decide, "OverrideRejection": True}),
            "reject": ("RejectAssignment", decide),
            "bonus": ("SendBonus", {**decide, "WorkerId": worker_id, "BonusAmount": f"0.{number:02}", "Reason": "r"}),
            "expire": ("UpdateExpirationForHIT", {"HITId": hit_id, "ExpireAt": 0}),
            "extend": ("UpdateExpirationForHIT", {"HITId": hit_id, "ExpireAt": seconds + 4000 + number}),
            "delete": ("DeleteHIT", {"HITId": hit_id}),
        }
        try:
            if what in calls:
                await self.call(*calls[what])
            elif what == "create":
                reward = f"0.{number:02}"
                made = await self.call("CreateHIT", {**HIT, "Reward": reward, "MaxAssignments": 1 + number % 12})
                self.hits += [made.hit.hit_id] if made is not None else []
            elif what == "retype":
                kind = await self.call("CreateHITType", {**HIT, "Reward": f"0.{number:02}", "Title": "Other"})
                await self.call("UpdateHITTypeOfHIT", {"HITId": hit_id, "HITTypeId": kind.hit_type_id})
            elif what == "accept":
                name = (ANNA, BERT, CARA)[number % 3]
                self.held.append((name, await Worker(self.house, name).accept(hit_id)))
            elif what in ("submit", "return") and self.held:
                name, held = self.held.pop(number % len(self.held))
                if what == "submit":
                    await Worker(self.house, name).submit(held, {"a": "b"})
                    self.submitted.append((name, held))
                else:
                    await Worker(self.house, name).return_assignment(held)
            elif what == "advance":
                await self.house.advance(timedelta(hours=number))
        except ServiceError:
            pass


@pytest.mark.parametrize("rules", [AMAZON, HOUSE])
@given(steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_books_always_balance(rules: Rules, steps: list[tuple[str, int]]) -> None:
    """After anything at all: purses sum to zero, balances are the ledger's, and what is held is what may yet be due."""
    asyncio.run(_play(rules, steps))


async def _play(rules: Rules, steps: list[tuple[str, int]]) -> None:
    house = House(Store(), rules, clock=StillClock(), balance=2000)
    await house.open()
    try:
        player = _Player(house, await _key(house))
        for what, number in steps:
            await player.step(what, number)
        await house.act(lambda context: _check(context, len(player.hits)))
        await work(
            house,
            lambda hit: {"a": "b"},
            workers=2,
            environment="sandbox",
            manners=Manners(),
            seed=1,
            clock=None,
        )
        await house.advance(timedelta(days=200))
        await house.act(lambda context: _check(context, len(player.hits)))
    finally:
        await house.close()


async def _key(house: House) -> Key:
    keys = await house.add_requester("default", None)
    key = await house.key(keys.access_key)
    assert key is not None
    return key


def _check(context: Context, hits: int) -> None:
    purses: dict[int, Counter[str]] = {}
    for movement in context.store.money.movements():
        assert movement.cents > 0
        assert movement.account_seq is not None
        purse = purses.setdefault(movement.account_seq, Counter())
        purse[movement.debit] += movement.cents
        purse[movement.credit] -= movement.cents
    for account in map(context.store.requesters.account_by_seq, (1, 2)):
        purse = purses[account.seq]
        available, held = context.store.money.balance(account.seq)
        assert sum(purse.values()) == 0
        assert (purse["available"], purse["held"]) == (available, held)
        assert available >= 0
        assert held >= 0
        assert purse["outside"] == -2000
        if account.environment == "sandbox":
            owed = [context.store.hits.read_by_seq(seq + 1) for seq in range(hits)]
            assert held == sum(hit.held for hit in owed) == sum(liability(hit, context.now) for hit in owed)


async def test_growing_beyond_the_step_costs_the_higher_fee() -> None:
    """Where a small HIT may grow large, all that is not yet paid for has the fee of a large one."""
    rules = replace(AMAZON, small_stays_small=False)
    async with Marketplace(rules=rules, balance="14", clock=StillClock()) as market:
        turk = Requester(market)
        hit_id = (await turk.hit(Reward="1.00", MaxAssignments=9))["HITId"]
        first, second = await done(market, hit_id, ANNA, BERT)
        await turk("ApproveAssignment", AssignmentId=first)
        assert await _balance(turk) == ("3.20", "9.60")
        refusal = await turk.refused("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=2)
        assert refusal.code == "InsufficientFunds"
        await turk("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=1)
        assert await _balance(turk) == ("0.20", "12.60")
        await turk("ApproveAssignment", AssignmentId=second)
        assert await _balance(turk) == ("0.20", "11.20")


async def test_sums_that_cannot_be_counted_are_refused(market: Marketplace, turk: Requester) -> None:
    """A HIT that could cost more than databases count exactly is refused; the ledger has whole cents only."""
    most = {**HIT, "Reward": "1000000.00", "MaxAssignments": 10**9}
    refusal = await turk.refused("CreateHIT", **most)
    assert (refusal.type, refusal.status) == ("ParameterValidationError", 400)
    assert 'The value "1000000000" is not valid for the parameter MaxAssignments.' in refusal.message

    hit_id = (await turk.hit(**{**most, "MaxAssignments": 10**7}))["HITId"]
    grown = await turk.refused("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=10**8)
    assert "NumberOfAdditionalAssignments" in grown.message
    cheap = (await turk.hit(Reward="0.01", MaxAssignments=10**9))["HITId"]
    kind = (await turk("GetHIT", HITId=hit_id))["HIT"]["HITTypeId"]
    assert "HITTypeId" in (await turk.refused("UpdateHITTypeOfHIT", HITId=cheap, HITTypeId=kind)).message
    assert all(type(movement.cents) is int for movement in await market.ledger())


async def test_what_is_held_in_all_stays_countable() -> None:
    """Many HITs that each could be counted cannot add up to more than can be, even where money never runs out."""
    house = House(Store(), AMAZON, clock=StillClock(), balance=None)
    await house.open()
    try:
        player = _Player(house, await _key(house))
        document = {**HIT, "Reward": "1000000.00", "MaxAssignments": 71_000_000}
        made = [await player.call("CreateHIT", document) for _ in range(105)]
        available, held = await house.act(lambda context: context.store.money.balance(1))
    finally:
        await house.close()

    assert made[99] is not None
    assert made[104] is None
    assert type(available) is type(held) is int
    assert -available == held <= 10**18


async def test_a_balance_belongs_to_the_database(tmp_path: Any) -> None:
    """Left out, it stays; another one is refused with the one that it is; so is one for a file without accounting."""
    path = tmp_path / "market.db"
    async with Marketplace(path, balance="5") as market:
        await Requester(market).hit(Reward="1.00")
    with pytest.raises(ConfigurationError, match=r"balance='6\.00': the database was made with balance='5\.00'"):
        await Marketplace(path, balance=6).start()
    async with Marketplace(path) as market:
        turk = Requester(market)
        assert await _balance(turk) == ("3.80", "1.20")
        assert (await turk.refused("CreateHIT", **{**HIT, "Reward": "9.00"})).code == "InsufficientFunds"

    free = tmp_path / "free.db"
    async with Marketplace(free):
        pass
    with pytest.raises(ConfigurationError, match="without a balance"):
        await Marketplace(free, balance=6).start()
    async with Marketplace(free) as market:
        assert await _balance(Requester(market)) == ("10000.00", None)
