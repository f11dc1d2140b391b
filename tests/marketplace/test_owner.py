"""What the owner does: requesters, keys with limits, money in and out."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from aioturk import Credentials
from aioturk.errors import ConfigurationError, InvalidRequest
from aioturk.marketplace import Marketplace

from ..postgres import Postgres
from .support import ANNA, BERT, HIT, Requester, StillClock, done


def using(market: Marketplace, keys: Credentials) -> Requester:
    """A requester with these keys."""
    return Requester(url=market.url, access_key=keys.access_key, secret_key=keys.secret_key)


async def test_requesters_see_nothing_of_each_other(market: Marketplace, turk: Requester) -> None:
    """HITs, types and assignments of one do not exist for another."""
    other = using(market, await market.add_requester("other"))
    hit = await turk.hit()
    (assignment_id,) = await done(market, hit["HITId"], ANNA)

    assert (await other("ListHITs"))["HITs"] == []
    assert (await other("ListReviewableHITs"))["HITs"] == []
    for operation, members in (
        ("GetHIT", {"HITId": hit["HITId"]}),
        ("DeleteHIT", {"HITId": hit["HITId"]}),
        ("ListAssignmentsForHIT", {"HITId": hit["HITId"]}),
        ("GetAssignment", {"AssignmentId": assignment_id}),
        ("ApproveAssignment", {"AssignmentId": assignment_id}),
        ("CreateHITWithHITType", {"HITTypeId": hit["HITTypeId"], "LifetimeInSeconds": 60, "Question": hit["Question"]}),
    ):
        assert (await other.refused(operation, **members)).code.endswith("DoesNotExist")
    assert (await other.hit())["HITTypeId"] != hit["HITTypeId"]
    assert len((await turk("ListHITs"))["HITs"]) == 1


async def test_a_requester_is_added_once(market: Marketplace) -> None:
    """Added again, it has the keys that it had; other keys can be given; keys of others cannot."""
    keys = await market.add_requester("other")
    assert await market.add_requester("other") == keys
    await market.add_requester("other", access_key="AKIANEW", secret_key="new")
    assert await using(market, Credentials("AKIANEW", "new"))("GetAccountBalance")
    assert await using(market, keys)("GetAccountBalance")
    with pytest.raises(ConfigurationError, match="another requester"):
        await market.add_requester("third", access_key="AKIANEW", secret_key="new")
    with pytest.raises(ConfigurationError, match="both"):
        await market.add_requester("third", access_key="AKIANEW")


async def test_read_only_keys(market: Marketplace, turk: Requester) -> None:
    """They get and list; everything else is denied, and nothing happens."""
    reader = using(market, await market.add_key(read_only=True))
    hit_id = (await turk.hit())["HITId"]

    assert (await reader.get(hit_id))["HITId"] == hit_id
    assert len((await reader("ListHITs"))["HITs"]) == 1
    for operation, members in (
        ("UpdateExpirationForHIT", {"HITId": hit_id, "ExpireAt": 0}),
        ("NotifyWorkers", {"Subject": "s", "MessageText": "t", "WorkerIds": [ANNA]}),
    ):
        assert (await reader.refused(operation, **members)).type == "AccessDeniedException"
    assert (await turk.get(hit_id))["HITStatus"] == "Assignable"


async def test_revoked_keys(market: Marketplace, turk: Requester) -> None:
    """From the next request on a revoked key is unknown; given again, it is good again."""
    keys = await market.add_key()
    other = using(market, keys)
    await other.hit()
    await market.revoke_key(keys.access_key)
    assert (await other.refused("ListHITs")).type == "UnrecognizedClientException"
    assert len((await turk("ListHITs"))["HITs"]) == 1
    with pytest.raises(ConfigurationError, match="no access key"):
        await market.revoke_key(keys.access_key)

    await market.add_key(access_key=keys.access_key, secret_key=keys.secret_key)
    assert await other("ListHITs")


async def test_a_new_secret_counts_at_once(market: Marketplace) -> None:
    """The old one is refused from then on."""
    old = await market.add_key()
    await using(market, old)("GetAccountBalance")
    new = await market.add_key(access_key=old.access_key, secret_key="changed")
    assert await using(market, new)("GetAccountBalance")
    assert (await using(market, old).refused("GetAccountBalance")).type == "InvalidSignatureException"


async def test_keys_changed_by_another_process(postgres: Postgres) -> None:
    """Two processes on one store: what one revokes or changes is revoked and changed in the other."""
    url = postgres.fresh()
    async with Marketplace(url) as one, Marketplace(url) as two:
        assert (one.access_key, one.secret_key) == (two.access_key, two.secret_key)
        keys = await one.add_key()
        there = using(two, keys)
        await there.hit()
        await one.add_key(access_key=keys.access_key, secret_key="changed")
        assert await using(two, Credentials(keys.access_key, "changed"))("GetAccountBalance")
        assert (await there.refused("GetAccountBalance")).type == "InvalidSignatureException"
        await one.revoke_key(keys.access_key)
        refusal = await using(two, Credentials(keys.access_key, "changed")).refused("GetAccountBalance")
        assert refusal.type == "UnrecognizedClientException"


async def test_keys_with_a_cap(market: Marketplace, turk: Requester) -> None:
    """A capped key commits no more than its cap, whatever it does: new HITs, more assignments, bonuses."""
    keys = await market.add_key(spending_cap="1.00")
    capped = using(market, keys)
    hit = await capped.hit(Reward="0.20", MaxAssignments=2)  # 0.48
    assert (await capped("GetAccountBalance"))["AvailableBalance"] == "0.52"
    (assignment_id,) = await done(market, hit["HITId"], ANNA)
    bonus = {"WorkerId": ANNA, "AssignmentId": assignment_id, "Reason": "r"}

    for operation, members in (
        ("CreateAdditionalAssignmentsForHIT", {"HITId": hit["HITId"], "NumberOfAdditionalAssignments": 3}),
        ("SendBonus", {**bonus, "BonusAmount": "0.50"}),
    ):
        refusal = await capped.refused(operation, **members)
        assert refusal.code == "InsufficientFunds"
        assert "may commit $1.00 in all and has committed $0.48" in refusal.message
    await capped("SendBonus", **bonus, BonusAmount="0.20")  # 0.24
    await capped("CreateAdditionalAssignmentsForHIT", HITId=hit["HITId"], NumberOfAdditionalAssignments=1)  # 0.24
    assert (await capped("GetAccountBalance"))["AvailableBalance"] == "0.04"
    assert (await capped.refused("SendBonus", **bonus, BonusAmount="0.04")).code == "InsufficientFunds"
    # Approving costs nothing more; what the key's requester does with another key does not count.
    await capped("ApproveAssignment", AssignmentId=assignment_id)
    await turk.hit(Reward="5.00")
    await capped("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=0)
    assert (await capped("GetAccountBalance"))["AvailableBalance"] == "0.04"
    # A higher cap is no gift of what was spent.
    await market.add_key(access_key=keys.access_key, secret_key=keys.secret_key, spending_cap=2)
    assert (await capped("GetAccountBalance"))["AvailableBalance"] == "1.04"


async def test_a_cap_below_what_was_spent(market: Marketplace) -> None:
    """A cap can be lowered to anything: then nothing is left."""
    keys = await market.add_key(spending_cap=5)
    await using(market, keys).hit(Reward="1.00")
    await market.add_key(access_key=keys.access_key, secret_key=keys.secret_key, spending_cap=1)
    assert (await using(market, keys)("GetAccountBalance"))["AvailableBalance"] == "0.00"


async def test_a_dearer_type_does_not_pass_a_cap(market: Marketplace, turk: Requester) -> None:
    """A HIT that its policies may extend is counted with all that they may add, at the price of its new type."""
    capped = using(market, await market.add_key(spending_cap=5))
    policy = {
        "PolicyName": "ScoreMyKnownAnswers/2011-09-01",
        "Parameters": [
            {"Key": "AnswerKey", "MapEntries": [{"Key": "q", "Values": ["a"]}]},
            {"Key": "ExtendIfKnownAnswerScoreIsLessThan", "Values": ["100"]},
            {"Key": "ExtendMaximumAssignments", "Values": ["9"]},
        ],
    }
    hit = await capped.hit(Reward="0.01", MaxAssignments=2, AssignmentReviewPolicy=policy)
    for reward, fits in (("2.00", False), ("0.40", True)):
        kind = await turk("CreateHITType", Title="b", Description="b", Reward=reward, AssignmentDurationInSeconds=60)
        members = {"HITId": hit["HITId"], "HITTypeId": kind["HITTypeId"]}
        if fits:
            await capped("UpdateHITTypeOfHIT", **members)
        else:
            assert (await capped.refused("UpdateHITTypeOfHIT", **members)).code == "InsufficientFunds"


async def test_policies_cannot_pass_a_cap(market: Marketplace) -> None:
    """What a HIT's policies may add to it counts when it is made: they ask nobody later."""
    capped = using(market, await market.add_key(spending_cap="1.00"))
    policy = {
        "PolicyName": "ScoreMyKnownAnswers/2011-09-01",
        "Parameters": [
            {"Key": "AnswerKey", "MapEntries": [{"Key": "q", "Values": ["a"]}]},
            {"Key": "ExtendIfKnownAnswerScoreIsLessThan", "Values": ["100"]},
            {"Key": "ExtendMaximumAssignments", "Values": ["5"]},
        ],
    }
    refusal = await capped.refused("CreateHIT", **{**HIT, "Reward": "0.20"}, AssignmentReviewPolicy=policy)
    assert "needs $0.96" in refusal.message
    await capped.hit(Reward="0.15", AssignmentReviewPolicy=policy)
    assert (await capped("GetAccountBalance"))["AvailableBalance"] == "0.10"


async def test_a_cap_holds_when_calls_come_at_once(market: Marketplace) -> None:
    """Of twenty HITs at once, as many are made as the cap pays for."""
    capped = using(market, await market.add_key(spending_cap="1.00"))
    made = await asyncio.gather(
        *(capped.hit(Reward="0.10", RequesterAnnotation=str(number)) for number in range(20)), return_exceptions=True
    )
    assert len([hit for hit in made if isinstance(hit, dict)]) == 8
    assert len((await capped("ListHITs", MaxResults=100))["HITs"]) == 8


async def test_money_in(tmp_path: Path) -> None:
    """Each account starts with the balance, or its own; more can be put in; without accounting it makes no sense."""
    async with Marketplace(balance="5", clock=StillClock()) as market:
        rich = using(market, await market.add_requester("rich", balance="100.50"))
        assert (await rich("GetAccountBalance"))["AvailableBalance"] == "100.50"
        poor = using(market, await market.add_requester("poor"))
        assert (await poor("GetAccountBalance"))["AvailableBalance"] == "5.00"
        await market.add_money("1.25", requester="poor")
        assert (await poor("GetAccountBalance"))["AvailableBalance"] == "6.25"
        with pytest.raises(ConfigurationError, match="no requester 'nobody'"):
            await market.add_money(1, requester="nobody")
        for _ in range(5):
            await market.add_money("999999999999999.99")
        with pytest.raises(InvalidRequest, match="counted"):
            await asyncio.gather(*(market.add_money("999999999999999.99") for _ in range(10)))
    async with Marketplace() as market:
        with pytest.raises(InvalidRequest, match="never runs out"):
            await market.add_money(1)


async def test_money_out(market: Marketplace, turk: Requester) -> None:
    """What a worker has earned, may yet earn, was paid and is owed; no more can be paid than that."""
    hit = await turk.hit(Reward="0.30", MaxAssignments=3)
    first, second = await done(market, hit["HITId"], ANNA, BERT)
    other = await turk.hit(Reward="1.00")
    await done(market, other["HITId"], ANNA)
    await turk("ApproveAssignment", AssignmentId=first)
    await turk("RejectAssignment", AssignmentId=second, RequesterFeedback="no")
    await turk("SendBonus", WorkerId=ANNA, AssignmentId=first, BonusAmount="0.05", Reason="r")

    anna = await market.earnings(ANNA)
    assert (anna.earned, anna.paid, anna.owed, anna.pending) == tuple(map(Decimal, ("0.35", "0", "0.35", "1")))
    with pytest.raises(InvalidRequest, match=r"owed \$0\.35"):
        await market.pay_out(ANNA, "0.36")
    assert await market.pay_out(ANNA, "0.10") == Decimal("0.10")
    assert (await market.earnings(ANNA)).owed == Decimal("0.25")
    assert await market.pay_out(ANNA) == Decimal("0.25")
    assert await market.pay_out(ANNA) == 0
    assert (await market.earnings(BERT)).earned == 0
    with pytest.raises(InvalidRequest, match="nobody of the name"):
        await market.pay_out("AZZZ")
    assert [line.cents for line in await market.ledger() if line.reason == "payout"] == [10, 25]


async def test_nobody_is_paid_twice_at_once(market: Marketplace, turk: Requester) -> None:
    """Ten payouts of everything at once pay it once."""
    hit = await turk.hit(Reward="0.30")
    (assignment_id,) = await done(market, hit["HITId"], ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    paid = await asyncio.gather(*(market.pay_out(ANNA) for _ in range(10)))
    assert sum(paid) == Decimal("0.30")
