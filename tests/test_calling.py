"""A service of which a few requests are needed: the same rules as everywhere, and what it may set for a call."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from aioturk import calling
from aioturk._core.codec import read_document
from aioturk._core.faults import decipher
from aioturk._core.messages import Request, Response
from aioturk._core.repetition import RetryClass
from aioturk.calling import Neighbour, service_time
from aioturk.credentials import keyring
from aioturk.errors import (
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    RequestError,
    ServiceError,
    TurkError,
    UnexpectedResponse,
    UnreadableResponse,
)
from aioturk.testing import CREDENTIALS, FaultyTransport, JumpingClock, StubTransport, Trouble, error_reply, reply

ASKED = Request("POST", "https://queue.example.org/q", (("X-Own", "1"),), b"{}")


def error_of(response: Response, operation: str) -> TurkError:
    return decipher(response, operation=operation)


def document(response: Response) -> dict[str, Any]:
    return read_document(response.body)


def neighbour(transport: Any, **options: Any) -> Neighbour:
    given: dict[str, Any] = {"clock": JumpingClock(), **options}
    return Neighbour("sqs", errors=error_of, keys=keyring(CREDENTIALS), transport=transport, **given)


async def test_a_request_is_signed_for_its_service() -> None:
    """What is sent is the request, with our name and a signature for service and region."""
    transport = StubTransport(reply({"a": 1}))
    async with neighbour(transport, region="eu-west-1") as queue:
        assert await queue.exchange("Receive", ASKED, retry_class=RetryClass.READ, read=document) == {"a": 1}
    (sent,) = transport.requests
    headers = dict(sent.headers)
    assert (sent.method, sent.url, sent.body, headers["X-Own"]) == ("POST", ASKED.url, b"{}", "1")
    assert headers["User-Agent"].startswith("aioturk/")
    assert "/eu-west-1/sqs/aws4_request" in headers["Authorization"]
    assert transport.closed


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_success_is_anything_with_two_hundred(status: int) -> None:
    """Whatever 2xx it is, the answer is read."""
    async with neighbour(StubTransport(Response(status, {}, b""))) as queue:
        assert (
            await queue.exchange("Put", ASKED, retry_class=RetryClass.HARMLESS, read=lambda response: response.status)
            == status
        )


@pytest.mark.parametrize("trouble", [Trouble.RESET_AFTER, Trouble.THROTTLED, Trouble.FAULT_BEFORE, Trouble.REFUSED])
async def test_troubles_are_repeated(trouble: Trouble) -> None:
    """The rules are those of the requester API."""
    transport = FaultyTransport(StubTransport(lambda request: reply({"a": 1})), trouble)
    async with neighbour(transport) as queue:
        assert await queue.exchange("Put", ASKED, retry_class=RetryClass.HARMLESS, read=document) == {"a": 1}
        assert queue.statistics.retries == 1
    assert len(transport.requests) == 2


async def test_what_must_not_be_repeated_is_not() -> None:
    """A call of the class `once` is made on a new connection, and ends ambiguous after a lost answer."""
    transport = StubTransport(ConnectionLost("reset"))
    async with neighbour(transport) as queue:
        with pytest.raises(ConnectionLost) as caught:
            await queue.exchange("Send", ASKED, retry_class=RetryClass.ONCE, read=document)
    assert caught.value.ambiguous
    assert caught.value.operation == "Send"
    assert transport.fresh == [True]


@pytest.mark.parametrize(
    ("body", "expected"), [(b"<html>", UnreadableResponse), (b"[]", UnexpectedResponse), (b"", UnreadableResponse)]
)
async def test_answers_that_cannot_be_read(body: bytes, expected: type[TurkError]) -> None:
    """A reader's complaint becomes an error of ours, ambiguous when something may have been changed."""
    async with neighbour(StubTransport(Response(200, {}, body)), retries=False) as queue:
        with pytest.raises(expected) as caught:
            await queue.exchange("Put", ASKED, retry_class=RetryClass.HARMLESS, read=document)
    assert caught.value.ambiguous


async def test_settling() -> None:
    """The refusal of a repeat is judged by the call itself; that of a first attempt never is."""
    judged: list[TurkError] = []

    async def settle(refusal: TurkError) -> dict[str, Any]:
        judged.append(refusal)
        return {"settled": True}

    gone = error_reply("HITDoesNotExist", "Gone.")
    async with neighbour(StubTransport(ConnectionLost("reset"), gone, gone, ConnectionLost("reset"), gone)) as queue:
        call: dict[str, Any] = {"retry_class": RetryClass.SETTLED, "read": document}
        assert await queue.exchange("Delete", ASKED, settle=settle, **call) == {"settled": True}
        with pytest.raises(RequestError) as caught:
            await queue.exchange("Delete", ASKED, settle=settle, **call)
        assert not caught.value.ambiguous
        with pytest.raises(RequestError) as caught:
            await queue.exchange("Delete", ASKED, **call)
        assert caught.value.ambiguous
    assert len(judged) == 1


async def test_times_of_a_call() -> None:
    """A call may have a timeout of its own, and its attempts too, as a long poll needs."""
    transport = StubTransport(reply(), reply(), reply(), *[ConnectionLost("reset")] * 100)
    async with neighbour(transport, timeout=50) as queue:
        read: dict[str, Any] = {"retry_class": RetryClass.READ, "read": document}
        await queue.exchange("Receive", ASKED, **read)
        await queue.exchange("Receive", ASKED, attempt_timeout=30, **read)
        await queue.exchange("Receive", ASKED, attempt_timeout=30, timeout=timedelta(seconds=25), **read)
        assert transport.timeouts == [20, 30, 25]
        began = queue.clock.monotonic()
        with pytest.raises(TurkError):
            await queue.exchange("Receive", ASKED, timeout=200, **read)
        assert 50 < queue.clock.monotonic() - began <= 200
        with pytest.raises(ConfigurationError, match="positive"):
            await queue.exchange("Receive", ASKED, timeout=-1, **read)


async def test_services_beside_each_other() -> None:
    """Another service has the keys and the transport of the first, its own signature, errors, pace and counts."""

    def other_errors(response: Response, operation: str) -> TurkError:
        return ServiceError("of the other", operation=operation)

    transport = StubTransport(reply(), reply({}, status=400))
    async with neighbour(transport) as queue:
        other = queue.beside("sts", other_errors)
        await queue.exchange("Receive", ASKED, retry_class=RetryClass.READ, read=document)
        with pytest.raises(ServiceError, match="of the other"):
            await other.exchange("Ask", ASKED, retry_class=RetryClass.READ, read=document)
        assert (queue.statistics.calls, other.statistics.calls) == (1, 1)
        await other.close()
        assert not transport.closed
    assert "/sqs/" in dict(transport.requests[0].headers)["Authorization"]
    assert "/sts/" in dict(transport.requests[1].headers)["Authorization"]


async def test_closing_ends_what_is_under_way() -> None:
    """A call that is repeated after the neighbour was closed opens no connection again; a later call does."""
    queue = neighbour(StubTransport())

    async def fail(request: Request) -> Response:
        await queue.close()
        raise ConnectionLost("reset")

    transport = StubTransport(fail, reply({"a": 1}))
    queue._connection.transport = transport
    with pytest.raises(ConnectFailed, match="closed meanwhile") as caught:
        await queue.exchange("Put", ASKED, retry_class=RetryClass.HARMLESS, read=document)
    assert caught.value.ambiguous
    assert await queue.exchange("Put", ASKED, retry_class=RetryClass.HARMLESS, read=document) == {"a": 1}


async def test_cancellation_goes_through() -> None:
    """A cancelled call ends with the plain CancelledError."""
    transport = FaultyTransport(StubTransport(reply()), Trouble.CANCELLED_AFTER)
    async with neighbour(transport) as queue:
        with pytest.raises(asyncio.CancelledError):
            await queue.exchange("Put", ASKED, retry_class=RetryClass.HARMLESS, read=document)


async def test_a_ceiling_holds_for_a_view() -> None:
    """A view with a rate waits for its turn, and says so when there is no turn within the timeout."""
    clock = JumpingClock()
    transport = StubTransport(lambda request: reply())
    async with neighbour(transport, clock=clock) as queue:
        slow = queue.with_options(rate=0.1, timeout=5)
        assert type(slow) is Neighbour
        await slow.exchange("Receive", ASKED, retry_class=RetryClass.READ, read=document)
        with pytest.raises(DeadlineExceeded, match="turn"):
            await slow.exchange("Receive", ASKED, retry_class=RetryClass.READ, read=document)


async def test_the_time_of_a_service() -> None:
    """What the service said last counts, however wrong our clock is; until it has said something, our clock does."""
    dated = reply(date="Sun, 22 Nov 2026 12:00:00 GMT")
    transport = StubTransport(reply(), reply(date="yesterday"), dated, ConnectionLost("reset"))
    clock = JumpingClock(1_700_000_000.0)
    async with neighbour(transport, clock=clock, retries=False) as queue:
        assert service_time(queue) == 1_700_000_000.0
        for _ in range(2):
            await queue.exchange("Receive", ASKED, retry_class=RetryClass.READ, read=document)
            assert service_time(queue) == 1_700_000_000.0
        await queue.exchange("Receive", ASKED, retry_class=RetryClass.READ, read=document)
        assert service_time(queue) == 1_795_348_800.0
        with pytest.raises(ConnectionLost):
            await queue.exchange("Receive", ASKED, retry_class=RetryClass.READ, read=document)
        assert service_time(queue.with_options(timeout=5)) == 1_795_348_800.0


def test_names() -> None:
    """What the package offers is there under its own name, in order, and is told where it is written."""
    assert calling.__all__ == sorted(calling.__all__)
    for name in calling.__all__:
        offered = getattr(calling, name)
        assert offered.__name__ == name
        assert offered.__module__.startswith("aioturk.calling.")
        assert offered.__doc__
