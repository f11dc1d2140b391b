"""Troubles on purpose: reference section 14, lines 19 and 20."""

from __future__ import annotations

import time

import aiohttp
import pytest

from aioturk.errors import ConfigurationError
from aioturk.marketplace import Faults, Marketplace
from aioturk.marketplace.faults import Mischief

from .support import HIT, Requester, post


async def _made(market: Marketplace) -> int:
    """Count what was really executed, by asking the ledger: every HIT holds money."""
    return len(await market.ledger())


async def test_19_throttled_requests_are_not_executed() -> None:
    """The answer is 400 ThrottlingException, Rate exceeded, and nothing happens."""
    async with Marketplace(faults=Faults(throttle=1)) as market:
        answer = await post(market, "CreateHIT", HIT)

        assert answer.status == 400
        assert answer.json == {"__type": "ThrottlingException", "message": "Rate exceeded"}
        assert await _made(market) == 0


async def test_19_boto3_tries_again_when_throttled(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 gets through in the end."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # boto3 waits between its attempts
    async with Marketplace(faults=Faults(throttle=0.3, seed=6)) as market:
        turk = Requester(market, attempts=4)
        results = [await turk("GetAccountBalance") for _ in range(3)]

        assert max(result["ResponseMetadata"]["RetryAttempts"] for result in results) > 0


async def test_20_server_errors_come_before_and_after_the_effect() -> None:
    """The answer is 500 ServiceFault; about half of the requests were executed."""
    async with Marketplace(faults=Faults(server_error=1, seed=1)) as market:
        answers = [await post(market, "CreateHIT", HIT) for _ in range(40)]

        assert {answer.status for answer in answers} == {500}
        assert {answer.json["__type"] for answer in answers} == {"ServiceFault"}
        assert 10 <= await _made(market) <= 30


async def test_20_boto3_tries_again_after_a_server_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 takes it for a passing trouble: it used up its attempts."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    async with Marketplace(faults=Faults(server_error=1, seed=1)) as market:
        refusal = await Requester(market, attempts=2).refused("GetAccountBalance")

        assert (refusal.status, refusal.type, refusal.retries) == (500, "ServiceFault", 1)


async def test_a_dropped_reply_was_executed() -> None:
    """The connection closes without an answer, and the HIT is there."""
    async with Marketplace(faults=Faults(drop_reply=1)) as market:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await post(market, "CreateHIT", HIT)

        assert await _made(market) == 1


async def test_nothing_goes_wrong_without_faults(market: Marketplace, turk: Requester) -> None:
    """Fifty requests without faults are fifty answers."""
    for _ in range(50):
        await turk("GetAccountBalance")


def test_the_seed_decides() -> None:
    """The same seed deals out the same troubles; another one, others."""

    def dealt(seed: int) -> list[object]:
        mischief = Mischief(Faults(throttle=0.2, drop_reply=0.2, server_error=0.2, seed=seed))
        return [mischief.next() for _ in range(200)]

    assert dealt(7) == dealt(7)
    assert dealt(7) != dealt(8)


def test_troubles_are_as_frequent_as_asked_for() -> None:
    """Each probability holds on its own."""
    mischief = Mischief(Faults(throttle=0.2, drop_reply=0.1, server_error=0.3, seed=3))
    dealt = [mischief.next() for _ in range(20_000)]
    through = [trouble for trouble in dealt if not trouble.throttle]

    assert sum(trouble.throttle for trouble in dealt) / len(dealt) == pytest.approx(0.2, abs=0.02)
    assert sum(trouble.drop_reply for trouble in through) / len(through) == pytest.approx(0.1, abs=0.02)
    assert sum(trouble.fail_before for trouble in through) / len(through) == pytest.approx(0.15, abs=0.02)
    assert sum(trouble.fail_after for trouble in through) / len(through) == pytest.approx(0.15, abs=0.02)


@pytest.mark.parametrize("settings", [{"throttle": -0.1}, {"drop_reply": 1.1}, {"server_error": float("nan")}])
def test_probabilities_lie_between_zero_and_one(settings: dict[str, float]) -> None:
    """Anything else is refused, naming the setting."""
    with pytest.raises(ConfigurationError, match=next(iter(settings))):
        Faults(**settings)  # type: ignore[arg-type]
