"""Which attempts are repeated, and what an error says about the money: every operation under every trouble."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from aioturk import Client, RetryPolicy
from aioturk._core.messages import Request, Response
from aioturk._core.repetition import RETRY_CLASSES, RetryClass
from aioturk._generated.tables import OPERATIONS
from aioturk.errors import (
    AccessDenied,
    AttemptTimedOut,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    CredentialsError,
    CredentialsRefused,
    DeadlineExceeded,
    Fate,
    HITAlreadyExists,
    InsufficientFunds,
    ServiceFault,
    Throttled,
    TurkError,
    UnexpectedResponse,
    UnreadableResponse,
)
from aioturk.testing import CREDENTIALS, FaultyTransport, JumpingClock, StubTransport, Trouble, error_reply, reply

from .requests_table import REQUESTS

NOT_EXECUTED = (Trouble.REFUSED, Trouble.THROTTLED)
UNKNOWN = (
    Trouble.RESET_BEFORE,
    Trouble.RESET_AFTER,
    Trouble.TIMEOUT_BEFORE,
    Trouble.TIMEOUT_AFTER,
    Trouble.FAULT_BEFORE,
    Trouble.FAULT_AFTER,
    Trouble.UNREADABLE,
)
CANCELLED = (Trouble.CANCELLED_BEFORE, Trouble.CANCELLED_AFTER)


def client_over(transport: Any, **options: Any) -> Client:
    return Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=JumpingClock(), **options)


def succeed(request: Request) -> Response:
    return reply()


def documents(transport: StubTransport | FaultyTransport) -> list[dict[str, Any]]:
    return [msgspec.json.decode(request.body) for request in transport.requests]


def test_every_operation_is_tried_here() -> None:
    """There is a request for each operation, so the tests below leave none out; the classes have their own tests."""
    assert set(REQUESTS) == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("trouble", NOT_EXECUTED)
async def test_what_was_not_executed_is_repeated(name: str, trouble: Trouble) -> None:
    """A connection that never came about and throttling had no effect, so every class is repeated."""
    transport = FaultyTransport(StubTransport(succeed), trouble)
    async with client_over(transport) as mturk:
        assert await mturk.call(name, REQUESTS[name]) == {}
    assert len(transport.requests) == 2


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("trouble", UNKNOWN)
async def test_what_may_have_happened_is_repeated_unless_once(name: str, trouble: Trouble) -> None:
    """After an attempt that may have taken effect all classes but `once` are repeated."""
    transport = FaultyTransport(StubTransport(succeed), trouble)
    async with client_over(transport) as mturk:
        if RETRY_CLASSES[name] is not RetryClass.ONCE:
            assert await mturk.call(name, REQUESTS[name]) == {}
            assert len(transport.requests) == 2
            return
        with pytest.raises(TurkError) as caught:
            await mturk.call(name, REQUESTS[name])
    assert caught.value.ambiguous
    assert len(transport.requests) == 1


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("trouble", CANCELLED)
async def test_cancellation_is_never_wrapped_or_repeated(name: str, trouble: Trouble) -> None:
    """A cancelled call ends with the plain CancelledError after a single attempt."""
    transport = FaultyTransport(StubTransport(succeed), trouble)
    async with client_over(transport) as mturk:
        with pytest.raises(asyncio.CancelledError):
            await mturk.call(name, REQUESTS[name])
    assert len(transport.requests) == 1


@pytest.mark.parametrize("trouble", CANCELLED)
async def test_cancellation_during_a_repeat_passes_through(trouble: Trouble) -> None:
    """The library that waits between attempts does not wrap a cancellation either."""
    transport = FaultyTransport(StubTransport(succeed), Trouble.RESET_AFTER, trouble)
    async with client_over(transport) as mturk:
        with pytest.raises(asyncio.CancelledError):
            await mturk.call("CreateHIT", REQUESTS["CreateHIT"])
    assert len(transport.requests) == 2


@pytest.mark.parametrize("name", [name for name, kind in RETRY_CLASSES.items() if kind is RetryClass.TOKEN])
async def test_all_attempts_carry_one_token(name: str) -> None:
    """A token is made when there is none, and repeats the very same bytes."""
    troubles = (Trouble.RESET_AFTER, Trouble.THROTTLED, Trouble.FAULT_AFTER, Trouble.TIMEOUT_BEFORE)
    transport = FaultyTransport(StubTransport(succeed), *troubles)
    async with client_over(transport) as mturk:
        await mturk.call(name, REQUESTS[name])
        await mturk.call(name, REQUESTS[name])
    bodies = [request.body for request in transport.requests]
    assert len(set(bodies[:5])) == 1
    first, second = documents(transport)[0], documents(transport)[5]
    token = first["UniqueRequestToken"]
    assert token == token.lower()
    assert 1 <= len(token) <= 64
    assert second["UniqueRequestToken"] != token


async def test_a_token_of_the_caller_is_kept() -> None:
    """A token that the caller gave is sent as it is, and no other is made."""
    transport = StubTransport(succeed)
    async with client_over(transport) as mturk:
        await mturk.call("SendBonus", {**REQUESTS["SendBonus"], "UniqueRequestToken": "bonus-7"})
    assert documents(transport)[0]["UniqueRequestToken"] == "bonus-7"


@pytest.mark.parametrize("name", [name for name, kind in RETRY_CLASSES.items() if kind is not RetryClass.TOKEN])
async def test_other_operations_get_no_token(name: str) -> None:
    """Only operations that take a token get one."""
    transport = StubTransport(succeed)
    async with client_over(transport) as mturk:
        await mturk.call(name, REQUESTS[name])
    assert "UniqueRequestToken" not in documents(transport)[0]


@pytest.mark.parametrize("name", [name for name, kind in RETRY_CLASSES.items() if kind is RetryClass.ONCE])
async def test_once_never_uses_an_idle_connection(name: str) -> None:
    """A call that cannot be repeated does not gamble on a connection that the other side may have closed (R2)."""
    transport = StubTransport(succeed)
    async with client_over(transport) as mturk:
        await mturk.call(name, REQUESTS[name])
        await mturk.call("GetAccountBalance")
    assert transport.fresh == [True, False]


LATER_FAILURES = [
    error_reply("InsufficientFunds", "This Requester has insufficient funds."),
    error_reply(message="The security token included in the request is expired", kind="ExpiredTokenException"),
    error_reply(message="No.", kind="AccessDeniedException"),
    error_reply("SomethingNew", "Nobody has seen this code."),
    CredentialsError("the keys could not be fetched"),
]


@pytest.mark.parametrize("name", [name for name, kind in RETRY_CLASSES.items() if kind is not RetryClass.ONCE])
@pytest.mark.parametrize("failure", LATER_FAILURES, ids=lambda failure: str(getattr(failure, "body", failure))[:60])
async def test_ambiguity_outlives_a_later_refusal(name: str, failure: Response | TurkError) -> None:
    """Once an attempt may have taken effect, whatever ends the call is ambiguous; a read never is (R1)."""
    transport = FaultyTransport(
        StubTransport(failure, *[error_reply("Unreachable", "no reads")] * 9), Trouble.RESET_BEFORE
    )
    async with client_over(transport) as mturk:
        with pytest.raises(TurkError) as caught:
            await mturk.call(name, REQUESTS[name])
    error = caught.value
    assert error.ambiguous is (RETRY_CLASSES[name] is not RetryClass.READ)
    assert error.attempts == 2
    assert (error.unique_request_token is not None) is OPERATIONS[name].takes_token
    assert error.operation == name


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_first_refusal_is_certain(name: str) -> None:
    """The refusal of a first attempt is raised at once, and nothing about it is ambiguous."""
    transport = StubTransport(error_reply("InsufficientFunds", "No funds."))
    async with client_over(transport) as mturk:
        with pytest.raises(InsufficientFunds) as caught:
            await mturk.call(name, REQUESTS[name])
    assert not caught.value.ambiguous
    assert caught.value.attempts == 1


@pytest.mark.parametrize("trouble", NOT_EXECUTED)
async def test_attempts_that_did_not_happen_leave_a_refusal_certain(trouble: Trouble) -> None:
    """That it already exists, after attempts that had no effect, means somebody else's HIT, and raises (R3)."""
    script = error_reply("HITAlreadyExists", "The HIT 3X7837UUADRXYCA1K7JAJLKC66DJ60 exists.")
    transport = FaultyTransport(StubTransport(script), trouble)
    async with client_over(transport) as mturk:
        with pytest.raises(HITAlreadyExists) as caught:
            await mturk.call("CreateHIT", REQUESTS["CreateHIT"])
    assert not caught.value.ambiguous
    assert caught.value.hit_id == "3X7837UUADRXYCA1K7JAJLKC66DJ60"


FIRST_FAILURES: list[tuple[Any, type[TurkError], bool]] = [
    (ConnectFailed("no route"), ConnectFailed, False),
    (ConnectionLost("reset"), ConnectionLost, True),
    (AttemptTimedOut("slow"), AttemptTimedOut, True),
    (error_reply(message="Rate exceeded", kind="ThrottlingException"), Throttled, False),
    (reply({"message": "slow down"}, status=429), Throttled, False),
    (error_reply("ServiceFault", "Oops", kind="ServiceFault", status=500), ServiceFault, True),
    (error_reply(message="bad key", kind="UnrecognizedClientException"), CredentialsRefused, False),
    (error_reply(message="no", kind="AccessDeniedException"), AccessDenied, False),
    (Response(502, {}, b"<html>Bad gateway</html>"), UnreadableResponse, True),
    (Response(403, {}, b"<html>Blocked by policy</html>"), UnreadableResponse, True),
    (Response(302, {"location": "https://login.example"}, b""), UnreadableResponse, True),
    (Response(200, {}, b""), UnreadableResponse, True),
    (Response(200, {}, b"<html>Welcome</html>"), UnreadableResponse, True),
    (Response(200, {}, b'{"HIT": {"HITId": "3X'), UnreadableResponse, True),
    (Response(200, {}, b'{"HIT": {"HITId": 5}}'), UnexpectedResponse, True),
    (Response(200, {}, b"[]"), UnexpectedResponse, True),
]


@pytest.mark.parametrize(("failure", "kind", "ambiguous"), FIRST_FAILURES)
async def test_only_certain_failures_count_as_not_executed(
    failure: Any, kind: type[TurkError], ambiguous: bool
) -> None:
    """Without a connection, throttled, or with refused keys nothing happened; everything else is ambiguous (R2, R4)."""
    transport = StubTransport(failure)
    async with client_over(transport, retries=False) as mturk:
        with pytest.raises(kind) as caught:
            await mturk.create_hit(
                title="t", description="d", reward="0.01", lifetime=60, assignment_duration=60, question="<q/>"
            )
    assert type(caught.value) is kind
    assert caught.value.ambiguous is ambiguous
    assert len(transport.requests) == 1
    token = documents(transport)[0]["UniqueRequestToken"]
    assert caught.value.unique_request_token == token
    assert (token in str(caught.value)) is ambiguous


async def test_a_read_is_never_ambiguous() -> None:
    """A read has no effect to be in doubt about."""
    async with client_over(StubTransport(ConnectionLost("reset")), retries=False) as mturk:
        with pytest.raises(ConnectionLost) as caught:
            await mturk.get_account_balance()
    assert not caught.value.ambiguous


async def test_json_of_another_shape_was_executed_and_is_not_repeated() -> None:
    """The error carries the token and the raw body, and no decoder's exception gets out (R4)."""
    body = b'{"HIT": {"HITId": "3X7837UUADRXYCA1K7JAJLKC66DJ60"}}'
    transport = StubTransport(Response(200, {"x-amzn-requestid": "r-1"}, body))
    async with client_over(transport) as mturk:
        with pytest.raises(UnexpectedResponse) as caught:
            await mturk.create_hit(
                title="t", description="d", reward="0.01", lifetime=60, assignment_duration=60, question="<q/>"
            )
    error = caught.value
    assert (error.fate, error.body, error.request_id, error.ambiguous) == (Fate.EXECUTED, body, "r-1", True)
    assert error.unique_request_token == documents(transport)[0]["UniqueRequestToken"]
    assert "do not simply send it again" in str(error)


async def test_lasting_pages_of_strangers_are_not_repeated() -> None:
    """A page that says 403, or a redirect, will say the same next time."""
    for response in (Response(403, {}, b"<html/>"), Response(301, {"location": "/"}, b"")):
        transport = StubTransport(response)
        async with client_over(transport) as mturk:
            with pytest.raises(UnreadableResponse):
                await mturk.get_account_balance()
        assert len(transport.requests) == 1


async def test_the_deadline_ends_repeating_and_tells_the_last_failure() -> None:
    """There is no number of attempts: the timeout ends the call, waits included, with the last failure."""
    clock = JumpingClock()

    def lost(request: Request) -> Response:
        clock.advance(1)
        raise ConnectionLost("reset")

    transport = StubTransport(lost)
    mturk = Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=clock, timeout=90)
    with pytest.raises(ConnectionLost) as caught:
        await mturk.call("CreateHIT", REQUESTS["CreateHIT"])
    assert clock.monotonic() <= 91
    assert len(transport.requests) > 5
    assert caught.value.ambiguous
    assert caught.value.attempts == len(transport.requests)


async def test_an_attempt_gets_its_own_time_and_never_more_than_the_call_has() -> None:
    """A lost answer is noticed after `attempt_timeout`; near the end the rest of the deadline bounds the attempt."""
    transport = StubTransport(ConnectionLost("reset"), succeed)
    policy = RetryPolicy(attempt_timeout=5)
    async with client_over(transport, timeout=60, retries=policy) as mturk:
        await mturk.call("GetAccountBalance")
        await mturk.with_options(timeout=2).call("GetAccountBalance")
        await mturk.with_options(retries=False).call("GetAccountBalance")
    assert transport.timeouts == pytest.approx([5, 5, 2, 60])


async def test_waits_grow_with_full_jitter_up_to_the_longest() -> None:
    """Each wait is a random part of a span that doubles, and never more than the longest."""
    clock = JumpingClock()
    transport = StubTransport(*[ConnectionLost("reset")] * 12, succeed)
    policy = RetryPolicy(first_wait=1, longest_wait=8)
    mturk = Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=clock, retries=policy, timeout=500)
    await mturk.call("GetAccountBalance")
    assert len(clock.slept) == 12
    for number, wait in enumerate(clock.slept):
        assert 0 <= wait <= min(2**number, 8)
    assert len(set(clock.slept)) > 6


async def test_a_timeout_that_is_over_while_waiting_for_a_turn_is_told() -> None:
    """A call whose turn would come after its deadline is not sent, and says so."""
    transport = StubTransport(succeed)
    async with client_over(transport, rate=0.01, timeout=5) as mturk:
        await mturk.call("GetAccountBalance")
        with pytest.raises(DeadlineExceeded) as caught:
            await mturk.call("SendBonus", REQUESTS["SendBonus"])
    assert not caught.value.ambiguous
    assert len(transport.requests) == 1


async def test_ambiguity_survives_running_out_of_time_while_waiting() -> None:
    """A call that may have paid, and then ran out of time in the queue, is ambiguous and names its first failure."""
    transport = FaultyTransport(StubTransport(succeed), Trouble.RESET_AFTER)
    async with client_over(transport, rate=0.01, timeout=5) as mturk:
        with pytest.raises(DeadlineExceeded) as caught:
            await mturk.call("SendBonus", REQUESTS["SendBonus"])
    assert caught.value.ambiguous
    assert isinstance(caught.value.__cause__, ConnectionLost)
    assert caught.value.unique_request_token


async def test_expired_keys_are_renewed_and_the_call_repeated_once() -> None:
    """Keys that ran out in mid-call are fetched anew; a second refusal is raised."""
    fetched = []

    async def provider() -> Any:
        from aioturk import Credentials

        fetched.append(1)
        return Credentials(f"AKID{len(fetched)}", "secret", "token")

    expired = error_reply(message="The security token included in the request is expired", kind="ExpiredTokenException")
    transport = StubTransport(expired, reply({"AvailableBalance": "1.00"}), expired, expired)
    mturk = Client("sandbox", credentials=provider, transport=transport, clock=JumpingClock())
    await mturk.get_account_balance()
    assert len(fetched) == 2
    with pytest.raises(CredentialsRefused):
        await mturk.get_account_balance()
    assert len(transport.requests) == 4


async def test_a_wrong_clock_is_corrected_from_the_date_header() -> None:
    """A signature that is refused for its time is made again with the service's time, once, and from then on."""
    skewed = error_reply(
        message="Signature expired: 20231114T221320Z is now earlier than ...",
        kind="InvalidSignatureException",
        date="Wed, 15 Nov 2023 00:00:00 GMT",
    )
    transport = StubTransport(skewed, succeed)
    async with client_over(transport) as mturk:
        await mturk.call("GetAccountBalance")
        await mturk.call("GetAccountBalance")
    stamps = [dict(request.headers)["X-Amz-Date"] for request in transport.requests]
    assert stamps == ["20231114T221320Z", "20231115T000000Z", "20231115T000000Z"]


async def test_a_clock_that_cannot_be_corrected_is_raised() -> None:
    """Refused again for its time, or without a Date header, the call ends."""

    def refusal(**headers: str) -> Response:
        return error_reply(None, "Signature not yet current", kind="InvalidSignatureException", status=400, **headers)

    date = "Wed, 15 Nov 2023 00:00:00 GMT"
    transport = StubTransport(refusal(date=date), refusal(date=date), refusal(), reply())
    async with client_over(transport) as mturk:
        for _ in range(2):
            with pytest.raises(CredentialsRefused):
                await mturk.call("GetAccountBalance")
        await mturk.call("GetAccountBalance")
    stamps = [dict(request.headers)["X-Amz-Date"] for request in transport.requests]
    # The date that was of no use misleads no later call.
    assert stamps == ["20231114T221320Z", "20231115T000000Z", "20231114T221320Z", "20231114T221320Z"]


def test_a_policy_is_checked() -> None:
    """Waits and times have to be positive."""
    with pytest.raises(ConfigurationError, match="longest_wait"):
        RetryPolicy(longest_wait=0)


async def test_unreachable_amazon_hosts_tell_of_the_closure() -> None:
    """The error names the announced closure and the way on."""
    async with client_over(StubTransport(ConnectFailed("no such host")), retries=False) as mturk:
        with pytest.raises(ConnectFailed, match=r"30 September 2026.*aioturk marketplace serve"):
            await mturk.get_account_balance()


@pytest.mark.parametrize("name", ["DeleteHIT", "GetHIT", "CreateHIT"])
async def test_documents_that_are_nested_too_deeply_are_unreadable(name: str) -> None:
    """A success that no decoder can hold is unreadable, and ambiguous where something may have happened."""
    body = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    async with client_over(StubTransport(Response(200, {}, body)), retries=False) as mturk:
        with pytest.raises(UnreadableResponse) as caught:
            await mturk.call(name, REQUESTS[name])
    assert caught.value.ambiguous is (name != "GetHIT")


async def test_an_absurd_date_is_no_date() -> None:
    """A Date header beyond all calendars corrects nothing."""
    refusal = error_reply(
        message="Signature expired",
        kind="InvalidSignatureException",
        date="Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    )
    async with client_over(StubTransport(refusal)) as mturk:
        with pytest.raises(CredentialsRefused):
            await mturk.call("GetAccountBalance")


class Suspended(JumpingClock):
    """The clock of a computer that may be put to sleep: what measures durations then stands still."""

    def suspend(self, seconds: float) -> None:
        """Sleep like a laptop."""
        self._start += seconds


@pytest.mark.parametrize(("hours", "repeated"), [(19, True), (21, False)])
async def test_a_token_is_not_trusted_for_ever(hours: int, repeated: bool) -> None:
    """A repeat that comes so late that the service may have forgotten the token is not sent: it could pay twice."""
    clock = Suspended()

    def lose(request: Request) -> Response:
        clock.suspend(hours * 3600)
        raise ConnectionLost("reset when the computer woke up")

    transport = StubTransport(lose, reply())
    mturk = Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=clock)
    if repeated:
        await mturk.call("SendBonus", REQUESTS["SendBonus"])
        return
    with pytest.raises(DeadlineExceeded, match="24 hours") as caught:
        await mturk.call("SendBonus", REQUESTS["SendBonus"])
    assert caught.value.ambiguous
    assert isinstance(caught.value.__cause__, ConnectionLost)
    assert len(transport.requests) == 1


async def test_late_repeats_without_a_token_go_on() -> None:
    """The limit is the token's: what is settled by reading the state can be repeated at any time."""
    clock = Suspended()

    def lose(request: Request) -> Response:
        clock.suspend(30 * 3600)
        raise ConnectionLost("reset")

    transport = StubTransport(lose, reply())
    await Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=clock).delete_hit("3HIT")
    assert len(transport.requests) == 2


@pytest.mark.parametrize("status", [202, 307, 408])
async def test_errors_with_a_status_that_the_service_never_sends(status: int) -> None:
    """An error document with another status than 400 or 500 comes from somebody else, and proves nothing (R2)."""
    transport = StubTransport(reply({"__type": "RequestError", "Message": "?"}, status=status))
    async with client_over(transport, retries=False) as mturk:
        with pytest.raises(UnreadableResponse) as caught:
            await mturk.call("SendBonus", REQUESTS["SendBonus"])
    assert caught.value.ambiguous


@pytest.mark.parametrize("name", ["SendBonus", "CreateHIT"])
async def test_an_error_that_calls_itself_a_success(name: str) -> None:
    """An error document with status 200 is not an answer."""
    transport = StubTransport(reply({"__type": "ServiceFault", "Message": "?"}))
    async with client_over(transport) as mturk:
        with pytest.raises(UnexpectedResponse) as caught:
            await mturk.call(name, REQUESTS[name])
    assert caught.value.ambiguous


async def test_an_ambiguous_error_does_not_invite_to_pay_again() -> None:
    """The usual remedy is left out when an attempt may have taken effect, and "nothing was sent" is not claimed."""
    funds = error_reply("InsufficientFunds", "No funds.")
    for script in (funds, ConnectFailed("refused"), CredentialsError("gone")):
        transport = FaultyTransport(StubTransport(*[script] * 500), Trouble.RESET_AFTER)
        transport._inner = StubTransport(*[reply(), *[script] * 500])
        async with client_over(transport, timeout=2) as mturk:
            with pytest.raises(TurkError) as caught:
                await mturk.call("SendBonus", REQUESTS["SendBonus"])
        text = str(caught.value)
        assert "look before repeating" in text
        assert "run it again" not in text
        assert "Nothing was sent" not in text
    async with client_over(StubTransport(funds)) as mturk:
        with pytest.raises(InsufficientFunds, match="run it again"):
            await mturk.call("SendBonus", REQUESTS["SendBonus"])


async def test_a_request_that_expired_is_a_matter_of_the_clock() -> None:
    """RequestExpired speaks of the signature's time, and is mended with the service's."""
    expired = error_reply(message="Too old", kind="RequestExpired", date="Wed, 15 Nov 2023 00:00:00 GMT")
    transport = StubTransport(expired, succeed)
    async with client_over(transport) as mturk:
        await mturk.call("GetAccountBalance")
    assert dict(transport.requests[1].headers)["X-Amz-Date"] == "20231115T000000Z"


@pytest.mark.parametrize("status", [500, 503])
async def test_retry_after_is_heeded(status: int) -> None:
    """A failing service that names a time is not asked again before."""
    fault = error_reply("ServiceFault", "Busy", kind="ServiceFault", status=status, retry_after="30")
    clock = JumpingClock()
    transport = StubTransport(fault, succeed)
    await Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=clock).call("GetAccountBalance")
    assert clock.slept == [30]


async def test_throttling_with_retry_after_holds_everybody() -> None:
    """After a throttled call with Retry-After the client's other calls wait as well."""
    throttled = error_reply(message="Rate exceeded", kind="ThrottlingException", retry_after="30")
    clock = JumpingClock()
    transport = StubTransport(throttled, succeed)
    mturk = Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=clock)
    with pytest.raises(Throttled):
        await mturk.with_options(retries=False).call("GetAccountBalance")
    await mturk.call("GetAccountBalance")
    assert clock.monotonic() == pytest.approx(30, abs=0.1)


async def test_repeats_are_paid_from_a_budget_that_successes_fill() -> None:
    """In an outage repeats slow down to the budget's pace; a success lets them go on."""
    clock = JumpingClock()

    def lose(request: Request) -> Response:
        raise ConnectionLost("reset")

    transport = StubTransport(lose)
    policy = RetryPolicy(first_wait=1e-6, longest_wait=1e-6)
    mturk = Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=clock, retries=policy, timeout=20)
    with pytest.raises(DeadlineExceeded, match="reset") as caught:
        await mturk.call("GetAccountBalance")
    assert "Nothing was sent" not in str(caught.value)
    # A hundred at once, then five a second for twenty seconds.
    assert 190 <= len(transport.requests) <= 210
    with pytest.raises(TurkError):
        await mturk.with_options(timeout=0.1).call("GetAccountBalance")
    spent = len(transport.requests)
    budget = mturk._connection.budget
    transport._outcomes[:] = [reply()]
    before = budget._coins
    await mturk.call("GetAccountBalance")
    assert budget._coins > before
    assert len(transport.requests) == spent + 1


async def test_every_turn_is_given_back() -> None:
    """After losses, refusals and cancellations the throttle counts nobody as being under way."""
    transport = FaultyTransport(
        StubTransport(succeed), Trouble.RESET_AFTER, Trouble.CANCELLED_AFTER, Trouble.FAULT_BEFORE
    )
    async with client_over(transport) as mturk:
        with pytest.raises(asyncio.CancelledError):
            await mturk.call("GetAccountBalance")
        await mturk.call("GetAccountBalance")
        assert mturk._connection.throttle._learner.in_flight == 0
