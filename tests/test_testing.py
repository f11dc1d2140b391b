"""The stand-ins do what tests rely on."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from aioturk import Client
from aioturk._core.messages import Request, Response
from aioturk.clock import SystemClock
from aioturk.errors import ConnectFailed, TransportError
from aioturk.testing import CREDENTIALS, FaultyTransport, JumpingClock, StubTransport, Trouble, error_reply, reply

REQUEST = Request("POST", "https://example.org/")


async def test_the_clock_jumps() -> None:
    """Waiting takes no time, moves both scales, and is remembered."""
    clock = JumpingClock(1000.0)
    await clock.sleep(5)
    clock.advance(60)
    assert (clock.time(), clock.monotonic(), clock.slept) == (1065.0, 65.0, [5])


async def test_the_real_clock_is_the_computers() -> None:
    """The system's clock tells the system's time, and waiting zero seconds only lets others run."""
    clock = SystemClock()
    assert abs(clock.time() - time.time()) < 60
    before = clock.monotonic()
    await clock.sleep(0)
    assert clock.monotonic() >= before


async def test_a_script_is_followed_in_order() -> None:
    """Responses, exceptions and functions come in their order; the last function serves the rest."""
    last = reply({"last": True})
    transport = StubTransport(reply(), ConnectFailed("no"), lambda request: last)
    assert (await transport.send(REQUEST, timeout=1)).body == b"{}"
    with pytest.raises(ConnectFailed):
        await transport.send(REQUEST, timeout=2)
    for _ in range(3):
        assert await transport.send(REQUEST, timeout=3, fresh_connection=True) is last
    assert transport.timeouts == [1, 2, 3, 3, 3]
    assert transport.fresh == [False, False, True, True, True]


async def test_a_script_that_ends_too_early_says_so() -> None:
    """A request that the script does not foresee fails the test that made it."""
    async with Client("sandbox", credentials=CREDENTIALS, transport=StubTransport()) as mturk:
        with pytest.raises(AssertionError, match="GetAccountBalance"):
            await mturk.get_account_balance()


def test_replies_look_like_the_services() -> None:
    """Errors of the marketplace and of the front end have their own spellings."""
    ours = error_reply("HITDoesNotExist", "Hit 3X does not exist. (1)", retry_after="3")
    assert ours.body == (
        b'{"__type":"RequestError","Message":"Hit 3X does not exist. (1)",'
        b'"TurkErrorCode":"AWS.MechanicalTurk.HITDoesNotExist"}'
    )
    assert ours.headers["retry-after"] == "3"
    front = error_reply(message="Rate exceeded", kind="ThrottlingException")
    assert front.body == b'{"__type":"ThrottlingException","message":"Rate exceeded"}'


@pytest.mark.parametrize("trouble", Trouble)
async def test_trouble_after_the_effect_lets_the_request_through(trouble: Trouble) -> None:
    """What is said to happen after the effect reaches the service, and nothing else does."""
    inner = StubTransport(lambda request: Response(200, {}, b"{}"))
    line = FaultyTransport(inner, trouble)
    with contextlib.suppress(TransportError, asyncio.CancelledError):
        await line.send(REQUEST, timeout=1)
    assert len(line.requests) == 1
    assert bool(inner.requests) is ("AFTER" in trouble.name or trouble is Trouble.UNREADABLE)
    await line.close()
    assert inner.closed
