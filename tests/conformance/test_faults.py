"""Troubles on purpose: the reference's lines 19 and 20."""

from __future__ import annotations

import time

import pytest

from aioturk.marketplace import Faults, Marketplace
from tests.marketplace.support import HIT, Requester, post


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 waits between its attempts."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


async def test_19_throttling(database: str | None) -> None:
    """The call that is one too many is declined with 400 and not executed; boto3 tries it again."""
    faults = Faults(throttle_rate=0.0001, throttle_burst=3)
    async with Marketplace(database, faults=faults) as market:
        answers = [await post(market, "CreateHIT", HIT) for _ in range(5)]
        refusal = await Requester(market, attempts=3).refused("ListHITs")
        ledger = await market.ledger()

    assert [answer.status for answer in answers] == [200, 200, 200, 400, 400]
    assert answers[3].json == {"__type": "ThrottlingException", "message": "Rate exceeded"}
    assert len(ledger) == 3, "every HIT holds money"
    assert (refusal.type, refusal.message, refusal.retries) == ("ThrottlingException", "Rate exceeded", 2)


async def test_20_faults_of_the_service(database: str | None) -> None:
    """A request may be answered with 500 ServiceFault; boto3 tries it again, and gets through when it can."""
    async with Marketplace(database, faults=Faults(server_error_before=1)) as market:
        answer = await post(market, "GetAccountBalance")
        refusal = await Requester(market, attempts=3).refused("GetAccountBalance")
    assert (answer.status, answer.json["__type"]) == (500, "ServiceFault")
    assert (refusal.status, refusal.type, refusal.retries) == (500, "ServiceFault", 2)

    async with Marketplace(faults=Faults(server_error_before=0.5, seed=1)) as market:
        turk = Requester(market, attempts=10)
        retries = [(await turk("GetAccountBalance"))["ResponseMetadata"]["RetryAttempts"] for _ in range(5)]
    assert max(retries) > 0
