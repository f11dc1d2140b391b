"""Troubles on purpose."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import time
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from aioturk.clock import SystemClock
from aioturk.errors import ConfigurationError
from aioturk.marketplace import Faults, Marketplace
from aioturk.marketplace.faults import Mischief, Trouble
from aioturk.testing import JumpingClock

from .raw import exchange, message, signed_headers
from .support import HIT, Requester, post


async def _made(market: Marketplace) -> int:
    """Count what was really executed, by asking the ledger: every HIT holds money."""
    return len(await market.ledger())


async def test_throttled_requests_are_not_executed() -> None:
    """The answer is 400 ThrottlingException, Rate exceeded, and nothing happens."""
    async with Marketplace(faults=Faults(throttle=1)) as market:
        answer = await post(market, "CreateHIT", HIT)

        assert answer.status == 400
        assert answer.json == {"__type": "ThrottlingException", "message": "Rate exceeded"}
        assert await _made(market) == 0


async def test_boto3_gets_through_when_throttled_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 gets through in the end."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # boto3 waits between its attempts
    async with Marketplace(faults=Faults(throttle=0.3, seed=6)) as market:
        turk = Requester(market, attempts=4)
        results = [await turk("GetAccountBalance") for _ in range(3)]

        assert max(result["ResponseMetadata"]["RetryAttempts"] for result in results) > 0


async def test_server_errors_come_before_and_after_the_effect() -> None:
    """The answer is 500 ServiceFault; about half of the requests were executed."""
    async with Marketplace(faults=Faults(server_error=1, seed=1)) as market:
        answers = [await post(market, "CreateHIT", HIT) for _ in range(40)]

        assert {answer.status for answer in answers} == {500}
        assert {answer.json["__type"] for answer in answers} == {"ServiceFault"}
        assert 10 <= await _made(market) <= 30


@pytest.mark.parametrize(("setting", "executed"), [("server_error_before", 0), ("server_error_after", 1)])
async def test_server_errors_come_before_or_after_the_effect(setting: str, executed: int) -> None:
    """Either can be asked for alone."""
    async with Marketplace(faults=Faults(**{setting: 1})) as market:  # type: ignore[arg-type]
        answer = await post(market, "CreateHIT", HIT)

        assert (answer.status, answer.json["__type"]) == (500, "ServiceFault")
        assert await _made(market) == executed


async def test_a_dropped_reply_was_executed() -> None:
    """The connection closes without an answer, and the HIT is there."""
    async with Marketplace(faults=Faults(drop_reply=1)) as market:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await post(market, "CreateHIT", HIT)

        assert await _made(market) == 1


async def test_a_reset_request_was_not_executed() -> None:
    """The client sees "connection reset by peer", and nothing happened."""
    async with Marketplace(faults=Faults(reset=1)) as market:
        with pytest.raises(aiohttp.ClientOSError) as caught:
            await post(market, "CreateHIT", HIT)

        assert caught.value.errno == errno.ECONNRESET
        assert await _made(market) == 0


async def test_a_truncated_reply_was_executed() -> None:
    """The answer says how long it is and ends in the middle; the HIT is there."""
    async with Marketplace(faults=Faults(truncate_reply=1)) as market:
        with pytest.raises(aiohttp.ClientPayloadError, match="Not enough data"):
            await post(market, "CreateHIT", HIT)
        assert await _made(market) == 1

        cut = await exchange(market, message(signed_headers(market, "GetAccountBalance"), b"{}"))
        head, _, body = cut.partition(b"\r\n\r\n")
        whole = b'{"AvailableBalance":"10000.00"}'

        assert head.startswith(b"HTTP/1.1 200 OK")
        assert f"Content-Length: {len(whole)}".encode() in head.splitlines()
        assert body == whole[: len(whole) // 2]


async def test_latency_is_waited_for_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request waits before it is executed, and is executed all the same."""
    slept: list[float] = []

    async def sleep(_clock: SystemClock, seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    async with Marketplace(faults=Faults(latency=(20, 30), seed=1)) as market:
        answers = [await post(market, "CreateHIT", HIT) for _ in range(3)]

        assert [answer.status for answer in answers] == [200, 200, 200]
        assert len(set(slept)) == 3
        assert all(20 <= seconds <= 30 for seconds in slept)


async def test_who_does_not_wait_has_their_request_executed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that gives up while the request waits does not take it back."""
    arrived, released = asyncio.Event(), asyncio.Event()

    async def sleep(_clock: SystemClock, _seconds: float) -> None:
        arrived.set()
        await released.wait()

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    async with Marketplace(faults=Faults(latency=60)) as market, asyncio.timeout(30):
        impatient = asyncio.create_task(post(market, "CreateHIT", HIT))
        await arrived.wait()
        impatient.cancel()
        await asyncio.gather(impatient, return_exceptions=True)
        assert await _made(market) == 0
        released.set()
        while await _made(market) == 0:  # noqa: ASYNC110 - each look is a turn of the loop, and of the house
            await asyncio.sleep(0)


async def test_only_the_named_operations_meet_trouble() -> None:
    """Faults can be kept to the operations that matter."""
    async with Marketplace(faults=Faults(drop_reply=1, only={"SendBonus", "CreateHIT"})) as market:
        assert (await post(market, "CreateHITType", HIT)).status == 200
        assert (await post(market, "GetAccountBalance")).status == 200
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await post(market, "CreateHIT", HIT)


async def test_strangers_meet_no_trouble() -> None:
    """Whoever has no good signature is refused for that, and takes nothing from the rate."""
    async with Marketplace(faults=Faults(throttle_rate=0.0001, throttle_burst=1)) as market:
        refusals = [await post(market, "GetAccountBalance", secret_key="x" * 40) for _ in range(3)]

        assert {answer.json["__type"] for answer in refusals} == {"InvalidSignatureException"}
        assert (await post(market, "GetAccountBalance")).status == 200


async def test_nothing_goes_wrong_without_faults(market: Marketplace, turk: Requester) -> None:
    """Fifty requests without faults are fifty answers."""
    for _ in range(50):
        await turk("GetAccountBalance")


def _deal(faults: Faults, count: int = 200) -> list[Trouble]:
    mischief = Mischief(faults)
    return [mischief.next("CreateHIT") for _ in range(count)]


_ALL: dict[str, Any] = {
    "drop_reply": 0.3,
    "server_error_before": 0.3,
    "server_error_after": 0.3,
    "reset": 0.3,
    "truncate_reply": 0.3,
    "latency": (1, 2),
}


def test_the_seed_decides() -> None:
    """The same seed deals out the same troubles; another one, others; without one, no two runs are alike."""
    assert _deal(Faults(**_ALL, throttle=0.2, seed=7)) == _deal(Faults(**_ALL, throttle=0.2, seed=7))
    assert _deal(Faults(**_ALL, seed=7)) != _deal(Faults(**_ALL, seed=8))
    assert _deal(Faults(**_ALL)) != _deal(Faults(**_ALL))


def test_old_seeds_deal_out_what_they_always_did() -> None:
    """What a seed does to a run stays as it is from version to version, whatever else can go wrong by now."""

    def letters(trouble: Trouble) -> str:
        words = {"t": trouble.throttle, "b": trouble.fail_before, "a": trouble.fail_after, "d": trouble.drop_reply}
        return "".join(letter for letter, struck in words.items() if struck) or "."

    dealt = _deal(Faults(throttle=0.2, drop_reply=0.2, server_error=0.2, seed=7, reset=0.5), 30)

    assert " ".join(map(letters, dealt)) == "ad . t . . a t t b . . . d . t . . . . . t t t . d t . . d ."


_ATTRIBUTES = {
    "drop_reply": "drop_reply",
    "server_error_before": "fail_before",
    "server_error_after": "fail_after",
    "reset": "reset",
    "truncate_reply": "truncate_reply",
    "latency": "latency",
}


@pytest.mark.parametrize(("setting", "attribute"), _ATTRIBUTES.items())
def test_changing_one_trouble_leaves_the_others(setting: str, attribute: str) -> None:
    """Each trouble strikes the same requests, whatever else can go wrong."""
    before = _deal(Faults(**_ALL, seed=5))
    changed = {"latency": (5, 9)} if setting == "latency" else {setting: 0.9}
    after = _deal(Faults(**{**_ALL, **changed}, seed=5))
    blank = dataclasses.asdict(Trouble())[attribute]

    assert [dataclasses.replace(trouble, **{attribute: blank}) for trouble in before] == [
        dataclasses.replace(trouble, **{attribute: blank}) for trouble in after
    ]
    assert before != after


def test_throttling_leaves_the_others() -> None:
    """Who gets through meets what they would have met without throttling."""
    free = _deal(Faults(**_ALL, seed=5))
    throttled = _deal(Faults(**_ALL, seed=5, throttle=0.5))

    assert all(one == other or other == Trouble(throttle=True) for one, other in zip(free, throttled, strict=True))


def test_restricting_leaves_the_troubles_where_they_were() -> None:
    """The n-th request meets the same trouble, or none."""
    operations = ["CreateHIT", "GetHIT", "SendBonus", "GetHIT"] * 50
    free, kept = Mischief(Faults(**_ALL, seed=5)), Mischief(Faults(**_ALL, seed=5, only={"SendBonus"}))

    for operation in operations:
        trouble = free.next(operation)
        assert kept.next(operation) == (trouble if operation == "SendBonus" else Trouble())


def test_troubles_are_as_frequent_as_asked_for() -> None:
    """Each probability holds on its own."""
    dealt = _deal(Faults(throttle=0.2, drop_reply=0.1, server_error=0.3, reset=0.4, truncate_reply=0.5, seed=3), 20_000)
    through = [trouble for trouble in dealt if not trouble.throttle]

    def share(attribute: str, troubles: list[Trouble]) -> Any:
        return sum(getattr(trouble, attribute) for trouble in troubles) / len(troubles)

    assert share("throttle", dealt) == pytest.approx(0.2, abs=0.02)
    assert share("drop_reply", through) == pytest.approx(0.1, abs=0.02)
    assert share("fail_before", through) == pytest.approx(0.15, abs=0.02)
    assert share("fail_after", through) == pytest.approx(0.15, abs=0.02)
    assert share("reset", through) == pytest.approx(0.4, abs=0.02)
    assert share("truncate_reply", through) == pytest.approx(0.5, abs=0.02)


def test_the_rate_is_a_bucket() -> None:
    """A full bucket lets a burst through, then as many as the clock fills in; it never holds more."""
    clock = JumpingClock()
    mischief = Mischief(Faults(throttle_rate=10, throttle_burst=100), clock=clock)

    def through(tries: int) -> int:
        return sum(not mischief.next("CreateHIT").throttle for _ in range(tries))

    assert through(150) == 100
    clock.advance(0.5)
    assert through(150) == 5
    clock.advance(3600)
    assert through(150) == 100


@pytest.mark.parametrize(("rate", "burst"), [(10, 10), (2.5, 3), (0.01, 1)])
def test_the_burst_is_a_seconds_worth_when_not_given(rate: float, burst: int) -> None:
    """One second's worth, and one request at least."""
    assert sum(not trouble.throttle for trouble in _deal(Faults(throttle_rate=rate))) in {burst, burst + 1}


def test_operations_that_meet_no_trouble_are_not_counted() -> None:
    """What is not named takes nothing out of the bucket."""
    mischief = Mischief(Faults(throttle_rate=1, throttle_burst=1, only={"CreateHIT"}), clock=JumpingClock())

    assert not any(mischief.next("GetHIT").throttle for _ in range(10))
    assert [mischief.next("CreateHIT").throttle for _ in range(2)] == [False, True]


@pytest.mark.parametrize("latency", [0.25, timedelta(seconds=0.25), (0.25, 0.25)])
async def test_latency_may_be_fixed(latency: Any) -> None:
    """One number, or a duration, means always the same; without latency nobody waits."""
    clock = JumpingClock()
    mischief = Mischief(Faults(latency=latency), clock=clock)
    await mischief.wait(mischief.next("CreateHIT"))
    mischief.faults = None
    await mischief.wait(mischief.next("CreateHIT"))

    assert clock.slept == [0.25]


def test_faults_can_change_while_the_market_runs() -> None:
    """New faults begin with their seed's first throws and a full bucket; None ends all trouble."""
    faults = Faults(**_ALL, throttle_rate=1, throttle_burst=150, seed=7)
    mischief = Mischief(Faults(throttle=1), clock=JumpingClock())
    assert mischief.next("CreateHIT").throttle
    mischief.faults = faults
    first = [mischief.next("CreateHIT") for _ in range(200)]
    mischief.faults = faults

    assert mischief.faults is faults
    assert [mischief.next("CreateHIT") for _ in range(200)] == first
    assert sum(trouble.throttle for trouble in first) == 50
    mischief.faults = None
    assert mischief.next("CreateHIT") == Trouble()


@pytest.mark.parametrize(
    ("lag", "milliseconds"), [(0, 0), (1.5, 1500), (timedelta(minutes=1), 60_000), (timedelta(microseconds=900), 1)]
)
def test_lag_is_kept_in_milliseconds(lag: Any, milliseconds: int) -> None:
    """Seconds or a duration, for the store to subtract."""
    assert Faults(lag=lag).lag_milliseconds == milliseconds


@pytest.mark.parametrize(
    "settings",
    [
        {"throttle": -0.1},
        {"drop_reply": 1.1},
        {"server_error": float("nan")},
        {"server_error_before": 2},
        {"server_error_after": -1},
        {"reset": "often"},
        {"truncate_reply": True},
        {"seed": "seven"},
        {"throttle_rate": 0},
        {"throttle_rate": float("inf")},
        {"throttle_rate": float("nan")},
        {"throttle_burst": 0, "throttle_rate": 1},
        {"throttle_burst": 1.5, "throttle_rate": 1},
        {"throttle_burst": 100},
        {"latency": -1},
        {"latency": (2, 1)},
        {"latency": (1, 2, 3)},
        {"latency": ("1", 2)},
        {"latency": float("inf")},
        {"lag": -1},
        {"lag": timedelta(seconds=-1)},
        {"lag": "5 seconds"},
        {"only": "CreateHIT"},
        {"only": ()},
        {"only": {"CreateHit", "Nonsense"}},
    ],
)
def test_senseless_faults_are_refused(settings: dict[str, Any]) -> None:
    """What makes no sense is refused, naming the setting."""
    with pytest.raises(ConfigurationError, match=rf"^Faults\({next(iter(settings))}="):
        Faults(**settings)


@pytest.mark.parametrize(
    ("given", "meant"), [("create_hit", "'CreateHIT'"), ("CreateHit", "'CreateHIT'"), ("GetBonus", "'SendBonus'")]
)
def test_unknown_operations_are_told_with_what_may_be_meant(given: str, meant: str) -> None:
    """A typing error is a typing error, not an operation that never meets trouble."""
    with pytest.raises(ConfigurationError, match=f"no operation '{given}'; did you mean {meant}"):
        Faults(only={given})


def test_faults_are_values() -> None:
    """They can be compared, hashed and changed a little; nobody can change what they were made with."""
    wanted = {"CreateHIT"}
    faults = Faults(only=wanted, lag=2, latency=(1, 2))
    wanted.add("SendBonus")

    assert faults == Faults(only=["CreateHIT"], lag=2, latency=(1, 2))
    assert hash(faults) == hash(dataclasses.replace(faults))
    assert dataclasses.replace(faults, throttle=0.5).lag_milliseconds == 2000
