"""What work costs: the fees of the manual, exactness, and that a marketplace really charges it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterable, Sequence
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk import Client, ExternalQuestion, Requirement, pricing
from aioturk.errors import InvalidRequest
from aioturk.marketplace import AMAZON as AMAZONS_RULES
from aioturk.marketplace import HOUSE as RULES_OF_THE_HOUSE
from aioturk.marketplace import MarketplaceInThread, Rules
from aioturk.marketplace.money import fee_table
from aioturk.models import Comparator, QualificationRequirement
from aioturk.pricing import AMAZON, HOUSE, Cost, FeeTable
from aioturk.testing import CREDENTIALS, StubTransport, reply

MASTERS_IN_PRODUCTION = "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH"
BLOGGER = "37V1T9MUUQLS5X0CG7PBSP0508ANH0"
YOUNG = "3DWHSFAI6V6LLE6N73LD41NC328HA9"


@pytest.mark.parametrize(
    ("reward", "assignments", "masters", "fee"),
    [
        ("0.30", 9, False, "0.06"),  # 20 %
        ("0.30", 10, False, "0.12"),  # 40 %, as there are ten
        ("1.00", 1, True, "0.25"),  # 5 % more for Masters
        ("0.30", 10, True, "0.14"),  # the sum of 6, 6 and 1.5 cents is rounded, not each of them
        ("0.30", 1, True, "0.08"),  # 7.5 cents: half a cent is rounded up
        ("0.52", 1, False, "0.10"),  # 10.4 cents
        ("0.53", 1, False, "0.11"),  # 10.6 cents
        ("0.01", 1, False, "0.01"),  # 0.2 cents: at least one
        ("0", 1, False, "0.01"),
    ],
)
def test_amazons_fees(reward: str, assignments: int, masters: bool, fee: str) -> None:
    """20 % of the reward, 20 % more from ten assignments on, 5 % more for Masters; at least a cent an assignment."""
    cost = pricing.cost(reward, assignments, masters=masters)
    assert cost.worker_pay == assignments * Decimal(reward)
    assert cost.fee == assignments * Decimal(fee)
    assert cost.total == assignments * (Decimal(reward) + Decimal(fee))


def test_requirements_that_cost() -> None:
    """Masters are seen however they are written; a premium qualification costs its sum once, asked for twice or not."""

    def fee(*requirements: Any, **more: Any) -> Decimal:
        return pricing.cost("1.00", requirements=requirements, **more).fee

    blogger = Requirement.qualification(BLOGGER)
    assert fee() == fee(Requirement.percent_approved() >= 95) == Decimal("0.20")
    assert fee(Requirement.masters().exists()) == Decimal("0.25")
    assert fee({"QualificationTypeId": MASTERS_IN_PRODUCTION, "Comparator": "Exists"}) == Decimal("0.25")
    assert fee(Requirement.masters().exists(), masters=True) == Decimal("0.25")
    structure = QualificationRequirement(qualification_type_id=BLOGGER, comparator=Comparator.EXISTS)
    assert fee(structure) == fee(structure, blogger >= 1, blogger <= 5) == Decimal("0.45")
    assert fee(structure, Requirement.qualification(YOUNG).exists(), masters=True) == Decimal("1.00")
    assert fee(premium="0.30") == Decimal("0.50")


@pytest.mark.parametrize("required", [[BLOGGER], [BLOGGER, BLOGGER], iter([BLOGGER, YOUNG, BLOGGER])])
def test_a_premium_qualification_costs_once(required: Iterable[str]) -> None:
    """A table counts a type once, however often it is among those that are required."""
    required = list(required)
    fee = AMAZON.on_assignment(Decimal("1.00"), 1, required=iter(required))
    assert fee == (Decimal("0.95") if YOUNG in required else Decimal("0.45"))


def test_bonuses() -> None:
    """20 %, at least a cent; neither size nor requirements of the HIT matter."""
    fees = [pricing.bonus(amount).fee for amount in ("0.01", "0.10", "0.12", "0.13", 1, 0.25)]
    assert fees == [Decimal(fee) for fee in ("0.01", "0.02", "0.02", "0.03", "0.20", "0.05")]
    assert pricing.bonus("2.50") == Cost(Decimal("2.50"), Decimal("0.50"))
    assert pricing.bonus("2.50", fees=HOUSE) == Cost(Decimal("2.50"), Decimal("0.00"))


def test_many_hits() -> None:
    """HITs cost what one costs, as often as there are; none cost nothing."""
    one = pricing.cost("0.30", 10)
    assert pricing.cost("0.30", 10, hits=7) == one * 7 == 7 * one == sum([one] * 7)
    assert pricing.cost("0.30", 10, hits=0) == Cost()
    assert Cost().total == 0


def test_hits_that_grow() -> None:
    """What a HIT may come to have is paid for, with the fee on those that it was made with."""
    assert pricing.cost("0.30", 3, extended_to=25) == pricing.cost("0.30", 1) * 25
    assert pricing.cost("0.30", 3, extended_to=2) == pricing.cost("0.30", 3)
    assert pricing.cost("0.30", 10, hits=2, extended_to=12) == Cost(Decimal("7.20"), Decimal("2.88"))


def test_costs_add_up() -> None:
    """Costs can be added, summed and multiplied; nothing else can be added to them."""
    work, thanks = pricing.cost("0.30", 10), pricing.bonus("1.00")
    assert work + thanks == Cost(Decimal("4.00"), Decimal("1.40"))
    assert sum([work, thanks]) == sum([work, thanks], Cost()) == work + thanks
    assert (work + thanks).total == sum([work, thanks], Cost()).total == Decimal("5.40")
    assert sum([], Cost()).total == 0
    assert str(work * 1000) == "$4,200.00 (workers $3,000.00, fee $1,200.00)"
    anything: Any = work
    for wrong in (lambda: anything + 1, lambda: 1 + anything, lambda: anything * 0.5, lambda: anything * Decimal(2)):
        with pytest.raises(TypeError):
            wrong()  # type: ignore[no-untyped-call]


def test_values() -> None:
    """Costs and tables are values: equal, hashable, not to be changed; they can be pickled and copied."""
    assert pickle.loads(pickle.dumps(pricing.bonus(1))) == pricing.bonus(1)
    for table in (AMAZON, HOUSE, replace(AMAZON, premium={"3KIND": Decimal(2)})):
        for again in (pickle.loads(pickle.dumps(table)), copy.copy(table), copy.deepcopy(table)):
            assert again == table
            assert again.premium == table.premium
            with pytest.raises(TypeError):
                again.premium[BLOGGER] = Decimal(0)  # type: ignore[index]
    assert len({pricing.bonus(1), pricing.bonus("1.00"), pricing.bonus(2)}) == 2
    assert len({AMAZON, replace(AMAZON), HOUSE}) == 2
    with pytest.raises(FrozenInstanceError):
        AMAZON.share = Decimal(0)  # type: ignore[misc]
    with pytest.raises(TypeError):
        AMAZON.premium[BLOGGER] = Decimal(0)  # type: ignore[index]


def test_a_table_of_ones_own() -> None:
    """Made from another by replacing what differs."""
    fees = replace(AMAZON, share=Decimal("0.10"), large_from=3, premium={"3KIND": Decimal(2)}, minimum=Decimal("0.05"))
    assert pricing.cost("1.00", 2, fees=fees).fee == Decimal("0.20")
    assert pricing.cost("1.00", 3, fees=fees).fee == Decimal("0.90")
    assert pricing.cost("0.10", 1, fees=fees).fee == Decimal("0.05")
    assert pricing.cost("1.00", requirements=[Requirement.qualification("3KIND").exists()], fees=fees).fee == Decimal(
        "2.10"
    )


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: pricing.cost("0.301"), "reward"),
        (lambda: pricing.cost(0.1 + 0.2), "reward"),
        (lambda: pricing.cost("-1"), "reward"),
        (lambda: pricing.cost("one"), "reward"),
        (lambda: pricing.cost(1, 0), "assignments"),
        (lambda: pricing.cost(1, 10**9 + 1), "assignments"),
        (lambda: pricing.cost(1, True), "assignments"),
        (lambda: pricing.cost(1, 1.5), "assignments"),  # type: ignore[arg-type]
        (lambda: pricing.cost(1, hits=-1), "hits"),
        (lambda: pricing.cost(1, premium="0.005"), "premium"),
        (lambda: pricing.cost(1, requirements=[Requirement.masters()]), "requirements"),  # type: ignore[list-item]
        (lambda: pricing.cost(1, requirements=[{"Comparator": "Exists"}]), "requirements"),
        (lambda: pricing.bonus(0), "amount"),
        (lambda: pricing.bonus("0.005"), "amount"),
        (lambda: replace(AMAZON, share=0.2), "share"),  # type: ignore[arg-type]
        (lambda: replace(AMAZON, share=Decimal("NaN")), "share"),
        (lambda: replace(AMAZON, large_share=Decimal(-1)), "large_share"),
        (lambda: replace(AMAZON, masters_share=Decimal("1e100")), "masters_share"),
        (lambda: replace(AMAZON, large_from=-1), "large_from"),
        (lambda: replace(AMAZON, minimum=Decimal("0.005")), "minimum"),
        (lambda: replace(AMAZON, premium={"3KIND": Decimal("-1")}), "premium['3KIND']"),
    ],
)
def test_what_is_refused(make: Callable[[], Any], argument: str) -> None:
    """No amount, no number, nothing to pay: refused, with the argument's name."""
    with pytest.raises(InvalidRequest) as caught:
        make()
    assert caught.value.argument == argument


REWARDS = st.integers(0, 10**18 - 1).map(lambda cents: Decimal(cents).scaleb(-2))


@given(REWARDS, st.integers(1, 10**9), st.booleans(), st.integers(0, 10**9))
def test_exact_whatever_the_size(reward: Decimal, assignments: int, masters: bool, hits: int) -> None:
    """The largest sums are exact to the cent, rounded half up once an assignment, in any context of decimals."""
    share = Fraction(20 + 20 * (assignments >= 10) + 5 * masters, 100)
    fee = max(Fraction(1, 100), Fraction((Fraction(reward) * share * 100 + Fraction(1, 2)).__floor__(), 100))
    with localcontext(prec=3):
        found = pricing.cost(reward, assignments, masters=masters, hits=hits)
        total = found.total
    assert Fraction(found.worker_pay) == Fraction(reward) * assignments * hits
    assert Fraction(found.fee) == fee * assignments * hits
    assert total.as_tuple().exponent == -2
    assert Fraction(total) == Fraction(found.worker_pay) + Fraction(found.fee)


async def test_amounts_are_sent_exactly_in_any_context() -> None:
    """What was reckoned with is what is sent: a program's own precision of decimals does not round a reward."""
    transport = StubTransport(reply({"HITTypeId": "3TYPE"}))
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        with localcontext(prec=3):
            await mturk.create_hit_type(title="t", description="d", reward=Decimal("10.01"), assignment_duration=60)
    ((_, document),) = transport.calls
    assert document["Reward"] == "10.01"


SHARES = st.decimals(0, 100, allow_nan=False, allow_infinity=False, places=6)
DOLLARS = st.integers(0, 10**9).map(lambda cents: Decimal(cents).scaleb(-2))
TABLES = st.builds(
    FeeTable,
    share=SHARES,
    large_share=SHARES,
    large_from=st.integers(0, 10**9),
    masters_share=SHARES,
    premium=st.dictionaries(st.text(max_size=10), DOLLARS, max_size=5),
    minimum=DOLLARS,
)


@given(TABLES)
def test_a_table_as_text(table: FeeTable) -> None:
    """Written and read again, any table is the same to the last digit, and the text fits into a header's value."""
    text = table.to_text()
    assert text.isascii()
    assert text.isprintable()
    assert FeeTable.from_text(text) == table


def test_the_text_of_amazons_table() -> None:
    """The form is documented: other programs may read it, so it stays."""
    assert replace(AMAZON, premium={BLOGGER: Decimal("0.25")}).to_text() == (
        '{"share":"0.20","large_share":"0.20","large_from":10,"masters_share":"0.05",'
        f'"premium":{{"{BLOGGER}":"0.25"}},"minimum":"0.01"}}'
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "free",
        "null",
        "[]",
        "{}",
        "[" * 2000,
        HOUSE.to_text()[:-1],
        HOUSE.to_text() + " " * 2000,
        HOUSE.to_text().replace('"0"', "0", 1),
        HOUSE.to_text().replace('"0"', '"-1"', 1),
        HOUSE.to_text().replace('"0"', '"NaN"', 1),
        HOUSE.to_text().replace('"0"', '"1e999999"', 1),
        HOUSE.to_text().replace('"0"', '"little"', 1),
        HOUSE.to_text().replace("10", "1e1"),
        HOUSE.to_text().replace("10", "-1"),
        HOUSE.to_text().replace("{}", '{"3KIND":"0.005"}'),
        HOUSE.to_text().replace("{}", '{"3K\xefND":"0.05"}'),
        HOUSE.to_text().replace("{}", '{"3KIND":"\udc80"}'),
        HOUSE.to_text().replace("}", ',"holiday_share":"0.10"}', 1),
        HOUSE.to_text().replace('"minimum"', '"minimal"'),
    ],
)
def test_a_text_that_is_no_table(text: str) -> None:
    """What is missing, malformed, too long, or of a kind that is not known is refused, not guessed at."""
    with pytest.raises(InvalidRequest, match="no table of fees"):
        FeeTable.from_text(text)


def test_a_table_too_long_for_a_header() -> None:
    """It is refused when it is written, not by a proxy on the way."""
    long = replace(HOUSE, premium={f"3KIND{number:027}": Decimal("0.25") for number in range(60)})
    with pytest.raises(InvalidRequest, match="2,000 characters"):
        long.to_text()


def test_the_step() -> None:
    """There is one where large HITs cost a larger share."""
    assert (AMAZON.step, HOUSE.step, replace(AMAZON, large_from=4).step) == (10, None, 4)


def test_the_marketplace_has_the_same_tables() -> None:
    """Its two profiles of rules say what the two tables here say."""
    assert fee_table(AMAZONS_RULES) == AMAZON
    assert fee_table(RULES_OF_THE_HOUSE) == HOUSE


REQUIREMENTS = (
    Requirement.percent_approved() >= 95,
    Requirement.masters().exists(),
    Requirement.qualification(BLOGGER).exists(),
    Requirement.qualification(YOUNG) >= 1,
    Requirement.qualification(YOUNG) <= 5,
)
CENTS = st.integers(0, 100_00).map(lambda cents: Decimal(cents).scaleb(-2))
COUNTS = st.integers(1, 12) | st.integers(1, 500)
KINDS = st.sets(st.integers(0, len(REQUIREMENTS) - 1))
ODD = replace(
    AMAZONS_RULES,
    fee=Decimal("0.333"),
    large_fee=Decimal("0.0005"),
    small_below=7,
    minimum_fee=3,
    premium={BLOGGER: 99},
)


async def publish(
    mturk: Client, reward: Decimal, assignments: int, requirements: Sequence[QualificationRequirement] = ()
) -> str:
    """Publish a HIT; return its id."""
    hit = await mturk.create_hit(
        title="Guess the age",
        description="Look at a picture.",
        reward=reward,
        max_assignments=assignments,
        assignment_duration=timedelta(minutes=5),
        lifetime=timedelta(hours=1),
        question=ExternalQuestion("https://example.org/guess"),
        qualification_requirements=requirements,
    )
    return hit.hit_id


async def balance(mturk: Client) -> tuple[Decimal, Decimal]:
    """What is available, and what is held."""
    answer = await mturk.get_account_balance()
    return answer.available_balance, answer.on_hold_balance or Decimal(0)


@pytest.mark.parametrize(
    ("rules", "fees", "examples"),
    [
        (AMAZONS_RULES, AMAZON, 100),
        (RULES_OF_THE_HOUSE, HOUSE, 20),
        (ODD, fee_table(ODD), 40),
    ],
)
def test_what_hits_cost_is_what_a_marketplace_holds(rules: Rules, fees: FeeTable, examples: int) -> None:
    """For any reward, number of assignments and requirements, the hold is the cost, to the cent."""
    with MarketplaceInThread(rules=rules, balance=10**9) as market:
        client = market.client()

        @given(CENTS, COUNTS, KINDS)
        @settings(max_examples=examples, deadline=None)
        def compare(reward: Decimal, assignments: int, kinds: set[int]) -> None:
            requirements = [REQUIREMENTS[each] for each in kinds]
            available, held = market.run(balance(client))
            market.run(publish(client, reward, assignments, requirements))
            total = pricing.cost(reward, assignments, requirements=requirements, fees=fees).total
            assert market.run(balance(client)) == (available - total, held + total)

        try:
            compare()
        finally:
            market.run(client.close())


def test_what_work_and_bonuses_cost_is_what_a_marketplace_charges() -> None:
    """An approval charges a share of the HIT's cost, a bonus its own, and workers get exactly the pay."""
    with MarketplaceInThread(balance=10**6) as market:
        client = market.client()
        worker = market.worker("A1ANNA")

        async def work(reward: Decimal) -> str:
            hit_id = await publish(client, reward, 10)
            assignment_id = await worker.accept(hit_id)
            await worker.submit(assignment_id, {"age": "36"})
            await client.approve_assignment(assignment_id)
            return assignment_id

        async def charged() -> Cost:
            lines = await market.ledger()
            pay = sum(line.cents for line in lines if line.reason in ("reward", "bonus"))
            fee = sum(line.cents for line in lines if line.reason in ("fee", "bonus fee"))
            return Cost(Decimal(pay).scaleb(-2), Decimal(fee).scaleb(-2))

        @given(CENTS, CENTS.filter(bool))
        @settings(max_examples=40, deadline=None)
        def compare(reward: Decimal, thanks: Decimal) -> None:
            before = market.run(charged())
            assignment_id = market.run(work(reward))
            market.run(client.send_bonus("A1ANNA", assignment_id, bonus_amount=thanks, reason="Good."))
            whole = pricing.cost(reward, 10)
            share = Cost(whole.worker_pay / 10, whole.fee / 10)
            assert market.run(charged()) == before + share + pricing.bonus(thanks)

        try:
            compare()
        finally:
            market.run(client.close())
