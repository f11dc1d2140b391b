"""Calling functions that people answer: on a marketplace, and when the network loses what it carries."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from aioturk import Credentials
from aioturk._core.endpoints import LocalMarketplace
from aioturk._core.messages import Request, Response
from aioturk.crowd import (
    CrowdClient,
    CrowdFunctionDoesNotExist,
    CrowdRefused,
    CrowdTask,
    CrowdTaskAlreadyExists,
    CrowdTaskDoesNotExist,
    CrowdTaskFailed,
    CrowdTaskUnfinished,
    TaskState,
)
from aioturk.errors import (
    AccessDenied,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    CredentialsRefused,
    InvalidRequest,
    ServiceFault,
    Throttled,
    TurkError,
    UnexpectedResponse,
    UnreadableResponse,
)
from aioturk.marketplace import Faults, Marketplace
from aioturk.testing import CREDENTIALS, FaultyTransport, JumpingClock, StubTransport, Trouble, reply
from aioturk.transport import AiohttpTransport

TEXT = {"text": "Everything is wonderful."}
ACCOUNT = "123456789012"


def told(state: str = "processing", **members: Any) -> dict[str, Any]:
    """A task as the service writes it."""
    return {"taskName": "t", "input": TEXT, "problemDetails": None, "state": state, "result": None, **members}


def client_over(transport: Any, **options: Any) -> CrowdClient:
    """A client that knows its account and talks to a script."""
    given = {"account_id": ACCOUNT, "credentials": CREDENTIALS, "clock": JumpingClock(), **options}
    return CrowdClient("https://turk.example.org", transport=transport, **given)


async def test_a_test_function_answers_at_once(crowd: CrowdClient) -> None:
    """The task is made, is processing, and is completed when it is looked at."""
    made = await crowd.put_task("sentiment-analysis-test", "review-17", TEXT)
    assert made == CrowdTask(name="review-17", input=TEXT, state=TaskState.PROCESSING)
    assert not made.is_finished
    task = await crowd.wait_for_task("sentiment-analysis-test", "review-17")
    assert task.state is TaskState.COMPLETED
    assert task.is_finished
    assert set(task.result or {}) == {"sentiment"}
    assert task.problem_details is None


async def test_putting_again_finds_the_task(crowd: CrowdClient) -> None:
    """The same name with the same input, however it is written, is the same task."""
    await crowd.put_task("sentiment-analysis-test", "t", TEXT)
    done = await crowd.wait_for_task("sentiment-analysis-test", "t")
    assert await crowd.put_task("sentiment-analysis-test", "t", dict(TEXT)) == done


async def test_a_name_in_use(crowd: CrowdClient) -> None:
    """Another input under the same name is refused, with the task that has the name and what to do."""
    await crowd.put_task("sentiment-analysis-test", "t", TEXT)
    with pytest.raises(CrowdTaskAlreadyExists, match="Choose another name") as caught:
        await crowd.put_task("sentiment-analysis-test", "t", {"text": "Something else."})
    assert caught.value.task is not None
    assert caught.value.task.input == TEXT
    assert not caught.value.ambiguous


async def test_an_input_that_the_function_does_not_take(crowd: CrowdClient) -> None:
    """A refused input is told from a name in use, although both have the status 400."""
    with pytest.raises(CrowdRefused) as caught:
        await crowd.put_task("sentiment-analysis-test", "t", {"words": 3})
    assert type(caught.value) is CrowdRefused
    assert caught.value.status == 400


async def test_what_does_not_exist(crowd: CrowdClient) -> None:
    """Unknown functions and unknown tasks have errors of their own."""
    with pytest.raises(CrowdFunctionDoesNotExist, match="-test"):
        await crowd.put_task("no-such-function", "t", TEXT)
    with pytest.raises(CrowdTaskDoesNotExist):
        await crowd.get_task("sentiment-analysis-test", "t")
    with pytest.raises(CrowdTaskDoesNotExist):
        await crowd.delete_task("sentiment-analysis-test", "t")
    with pytest.raises(CrowdTaskDoesNotExist):
        await crowd.wait_for_task("sentiment-analysis-test", "t")


async def test_deleting(crowd: CrowdClient) -> None:
    """A finished task is deleted, and its name is free; one that is being processed is not."""
    await crowd.put_task("sentiment-analysis", "t", TEXT)
    with pytest.raises(CrowdRefused, match="wait for it first"):
        await crowd.delete_task("sentiment-analysis", "t")
    await crowd.put_task("sentiment-analysis-test", "t", TEXT)
    await crowd.wait_for_task("sentiment-analysis-test", "t")
    await crowd.delete_task("sentiment-analysis-test", "t")
    with pytest.raises(CrowdTaskDoesNotExist):
        await crowd.get_task("sentiment-analysis-test", "t")
    assert (await crowd.put_task("sentiment-analysis-test", "t", {"text": "Anew."})).input == {"text": "Anew."}


async def test_a_function_that_fails(market: Marketplace, crowd: CrowdClient) -> None:
    """A task without a result raises, with what the service says about it."""

    def broken(given: Mapping[str, Any]) -> dict[str, Any]:
        raise ValueError("not today")

    market.add_crowd_function("broken", answer=broken)
    await crowd.put_task("broken", "t", {})
    with pytest.raises(CrowdTaskFailed, match="take another name") as caught:
        await crowd.wait_for_task("broken", "t")
    assert caught.value.task is not None
    assert caught.value.task.state is TaskState.FAILED
    assert caught.value.problem_details


@pytest.mark.parametrize(
    ("details", "says"),
    [
        ({"code": "X", "message": "0 of 1 answers were given."}, "failed: 0 of 1 answers were given. To try again"),
        ({"title": "No funds", "status": 403, "detail": "There is 1 USD."}, "failed: No funds: There is 1 USD. To try"),
        ({"detail": " Nobody. ", "message": 7}, "failed: Nobody. To try again"),
        ({"message": ""}, "failed: {'message': ''}. To try again"),
        ({"message": "a\x1b[31m\nb"}, "failed: a [31m b. To try again"),
        ({"detail": "x" * 10_000}, "xxx…. To try again"),
        ({}, "failed: no details. To try again"),
        (None, "failed: no details. To try again"),
    ],
)
async def test_problem_details(details: dict[str, Any] | None, says: str) -> None:
    """The error says in a line what the service says, in whichever of the usual members; all of it goes with it."""
    async with client_over(StubTransport(reply(told("failed", problemDetails=details)))) as crowd:
        with pytest.raises(CrowdTaskFailed) as caught:
            await crowd.wait_for_task("f", "t")
    assert says in str(caught.value)
    assert len(str(caught.value)) < 700
    assert caught.value.problem_details == details


async def test_what_is_not_permitted(market: Marketplace) -> None:
    """Whoever may not reach a task is told to look at the account, and of permissions in the Crowd API's words."""
    async with CrowdClient(market.url, credentials=market.credentials, account_id="000000000000") as crowd:
        with pytest.raises(AccessDenied, match=r"look at account_id\..* crowd:GetTask") as caught:
            await crowd.get_task("sentiment-analysis-test", "t")
    assert "mechanicalturk" not in str(caught.value)


async def test_the_account_is_asked_once(market: Marketplace) -> None:
    """However many calls want to know it, whose keys these are is asked once; a client that was told never asks."""
    transport = FaultyTransport(AiohttpTransport())
    async with CrowdClient(endpoint=market.url, credentials=market.credentials, transport=transport) as crowd:
        await asyncio.gather(*(crowd.put_task("sentiment-analysis-test", f"t{n}", TEXT) for n in range(8)))
        assert await crowd.account_id() == ACCOUNT
    asked = [request for request in transport.requests if request.method == "POST"]
    assert [request.body for request in asked] == [b"Action=GetCallerIdentity&Version=2011-06-15"]
    assert len(transport.requests) == 9


async def test_faults_of_every_kind(market: Marketplace) -> None:
    """Throttled, lost, cut and failed requests are repeated; every task is made once, answered, and deleted."""
    market.faults = Faults(throttle=0.2, drop_reply=0.1, server_error=0.1, reset=0.1, truncate_reply=0.05, seed=11)
    async with CrowdClient(endpoint=market.url, credentials=market.credentials, clock=JumpingClock()) as crowd:
        for number in range(12):
            await crowd.put_task("sentiment-analysis-test", f"t{number}", TEXT)
            assert (await crowd.wait_for_task("sentiment-analysis-test", f"t{number}")).result
            await crowd.delete_task("sentiment-analysis-test", f"t{number}")
        assert crowd.statistics.retries > 0
        assert crowd.statistics.throttled > 0


@pytest.mark.parametrize("trouble", [Trouble.RESET_AFTER, Trouble.TIMEOUT_AFTER, Trouble.FAULT_AFTER])
async def test_a_lost_answer_to_a_deletion(market: Marketplace, trouble: Trouble) -> None:
    """When the repeat finds no task, the attempt before it has deleted it: that is success."""
    transport = FaultyTransport(AiohttpTransport())
    async with CrowdClient(
        endpoint=market.url, credentials=market.credentials, transport=transport, clock=JumpingClock()
    ) as crowd:
        await crowd.put_task("sentiment-analysis-test", "t", TEXT)
        await crowd.wait_for_task("sentiment-analysis-test", "t")
        transport.expect(trouble)
        await crowd.delete_task("sentiment-analysis-test", "t")
        assert [request.method for request in transport.requests[-2:]] == ["DELETE", "DELETE"]
        # The same refusal of a first attempt, or after one that certainly did nothing, is no success.
        transport.expect(Trouble.REFUSED, Trouble.THROTTLED)
        with pytest.raises(CrowdTaskDoesNotExist) as caught:
            await crowd.delete_task("sentiment-analysis-test", "t")
        assert not caught.value.ambiguous


async def test_a_deletion_that_is_refused_after_a_lost_answer() -> None:
    """Any other refusal of the repeat is raised, and says that the attempt before it may have taken effect."""
    transport = StubTransport(ConnectionLost("reset"), reply({"message": "It is being processed."}, status=400))
    async with client_over(transport) as crowd:
        with pytest.raises(CrowdRefused) as caught:
            await crowd.delete_task("f", "t")
    assert caught.value.ambiguous
    assert caught.value.attempts == 2


async def test_putting_is_safe_to_repeat() -> None:
    """After a lost answer the very same request is made again, and 200 is as good as 201."""
    transport = StubTransport(ConnectionLost("reset"), reply(told(), status=200))
    async with client_over(transport) as crowd:
        await crowd.put_task("f", "t", TEXT)
    first, second = transport.requests
    assert (first.method, first.url, first.body) == (second.method, second.url, second.body)
    assert first.url == f"https://turk.example.org/{ACCOUNT}/functions/f/tasks/t"
    assert msgspec.json.decode(first.body) == {"input": TEXT}


async def test_a_task_may_have_been_made() -> None:
    """A call that ends without an answer says that the task may be there, because it may cost something."""
    transport = StubTransport(ConnectionLost("reset"))
    async with client_over(transport, retries=False) as crowd:
        with pytest.raises(ConnectionLost) as caught:
            await crowd.put_task("f", "t", TEXT)
    assert caught.value.ambiguous
    assert caught.value.operation == "PutTask"


async def test_a_refusal_that_cannot_be_explained() -> None:
    """When it cannot be looked up why a task was refused, the refusal is raised, with the reason why not."""
    transport = StubTransport(reply({"message": "No."}, status=400), reply({"message": "Denied."}, status=403))
    async with client_over(transport) as crowd:
        with pytest.raises(CrowdRefused) as caught:
            await crowd.put_task("f", "t", TEXT)
    assert type(caught.value) is CrowdRefused
    assert isinstance(caught.value.__cause__, AccessDenied)


@pytest.mark.parametrize("other", [{"n": 10**40}, json.loads('{"a":' + "[" * 60 + "]" * 60 + "}")])
async def test_a_name_in_use_by_what_we_would_not_send(other: dict[str, Any]) -> None:
    """The other input may be one that this client would refuse to send: it is another one all the same."""
    body = json.dumps({"taskName": "t", "input": other, "state": "processing"}).encode()
    transport = StubTransport(reply({"message": "No."}, status=400), Response(200, {}, body))
    async with client_over(transport) as crowd:
        with pytest.raises(CrowdTaskAlreadyExists) as caught:
            await crowd.put_task("f", "t", TEXT)
    assert caught.value.task is not None
    assert caught.value.task.input == other


async def test_a_refusal_of_the_same_input() -> None:
    """A task with the same input in another order is not taken for the reason of a refusal."""
    given = {"a": 1, "b": [1.0, "x"]}
    there = told(input={"b": [1, "x"], "a": 1})
    transport = StubTransport(reply({"message": "No."}, status=400), reply(there))
    async with client_over(transport) as crowd:
        with pytest.raises(CrowdRefused) as caught:
            await crowd.put_task("f", "t", given)
    assert type(caught.value) is CrowdRefused


async def test_throttling_waits_as_long_as_it_is_asked_to() -> None:
    """429 means that nothing was done, and that its Retry-After is kept."""
    clock = JumpingClock()
    transport = StubTransport(reply({"message": "Slow down."}, status=429, retry_after="7"), reply(told()))
    async with client_over(transport, clock=clock) as crowd:
        await crowd.get_task("f", "t")
        assert crowd.statistics.throttled == 1
    assert max(clock.slept) >= 7


async def test_keys_are_renewed() -> None:
    """Keys that ran out are fetched anew and the request is repeated, as everywhere."""
    fetched = 0

    async def provider() -> Any:
        nonlocal fetched
        fetched += 1
        return Credentials(f"KEY{fetched}", "secret")

    expired = reply({"message": "The security token included in the request is expired"}, status=403)
    transport = StubTransport(expired, reply(told()))
    async with client_over(transport, credentials=provider) as crowd:
        await crowd.get_task("f", "t")
    assert fetched == 2
    assert "KEY2" in dict(transport.requests[1].headers)["Authorization"]


async def test_what_is_signed() -> None:
    """Requests are signed for the service `crowd`, those that ask for the account for `sts`, both in the region."""
    identity = b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>"
    identity += b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
    transport = StubTransport(Response(200, {}, identity), reply(told()))
    async with client_over(transport, account_id=None) as crowd:
        await crowd.get_task("f", "t")
    scopes = [dict(request.headers)["Authorization"].split("/", 1)[1] for request in transport.requests]
    assert ["/us-east-1/sts/" in scopes[0], "/us-east-1/crowd/" in scopes[1]] == [True, True]


async def test_amazon_is_asked_at_its_own_hosts() -> None:
    """In production the account is asked at STS, and tasks at the Crowd API's host; only that word leads there."""
    identity = b"<R><Account>123456789012</Account></R>"
    transport = StubTransport(Response(200, {}, identity), reply(told()))
    async with CrowdClient("production", credentials=CREDENTIALS, transport=transport) as crowd:
        await crowd.get_task("sentiment-analysis-test", "t")
    assert [request.url for request in transport.requests] == [
        "https://sts.us-east-1.amazonaws.com/",
        f"https://crowd.us-east-1.amazonaws.com/{ACCOUNT}/functions/sentiment-analysis-test/tasks/t",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://crowd.us-east-1.amazonaws.com",
        "https://CROWD.us-east-1.amazonaws.com./",
        "https://crowd.us-east-1.amazonaws.com:443/x",
        "https://crowd.eu-west-1.amazonaws.com",
        "https://crowd-fips.us-east-1.amazonaws.com",
        "https://crowd.us-east-1.api.aws",
        "https://vpce-1a2b.crowd.us-east-1.vpce.amazonaws.com",
    ],
)
def test_amazon_is_never_chosen_by_a_url(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL of Amazon's host is refused wherever it comes from, and the remedy is the word."""
    remedy = r'CrowdClient\("production"\)'
    with pytest.raises(ConfigurationError, match=remedy):
        CrowdClient(url, credentials=CREDENTIALS)
    with pytest.raises(ConfigurationError, match=remedy):
        CrowdClient(endpoint=url, credentials=CREDENTIALS)
    for variable in ("AIOTURK_ENVIRONMENT", "AWS_ENDPOINT_URL_CROWD", "AWS_ENDPOINT_URL"):
        with monkeypatch.context() as environ:
            environ.setenv(variable, url)
            with pytest.raises(ConfigurationError, match=variable):
                CrowdClient(credentials=CREDENTIALS)


async def test_amazon_is_not_this_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A local marketplace's file that names Amazon's host leads nowhere, too."""
    file = tmp_path / "marketplace.json"
    file.touch(mode=0o600)
    file.write_bytes(LocalMarketplace("https://crowd.us-east-1.amazonaws.com/", "AKIA", "secret").to_json())
    monkeypatch.setenv("AIOTURK_LOCAL_FILE", str(file))
    transport = StubTransport()
    async with CrowdClient("local", account_id=ACCOUNT, transport=transport) as crowd:
        with pytest.raises(ConfigurationError, match="the local marketplace's file"):
            await crowd.get_task("f", "t")
    assert transport.requests == []


async def test_a_host_that_is_gone() -> None:
    """When Amazon's host cannot be reached, the error says what to write instead, for whichever client."""
    transport = StubTransport(ConnectFailed("no such host"))
    keys: Any = {"account_id": ACCOUNT, "credentials": CREDENTIALS, "retries": False}
    async with CrowdClient("production", transport=transport, **keys) as crowd:
        with pytest.raises(ConnectFailed, match='write "local" instead of "production"'):
            await crowd.get_task("f", "t")


def test_where_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program says comes first, then the variables in their order, then the local marketplace."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://all.example.org")
    assert repr(CrowdClient(credentials=CREDENTIALS)) == "<aioturk.CrowdClient 'https://all.example.org'>"
    monkeypatch.setenv("AWS_ENDPOINT_URL_CROWD", "https://crowd.example.org")
    assert "crowd.example.org" in repr(CrowdClient(credentials=CREDENTIALS))
    monkeypatch.setenv("AIOTURK_ENVIRONMENT", "local")
    assert "local" in repr(CrowdClient(credentials=CREDENTIALS))
    monkeypatch.setenv("AIOTURK_ENVIRONMENT", "https://env.example.org")
    assert "env.example.org" in repr(CrowdClient(credentials=CREDENTIALS))
    assert "said.example.org" in repr(CrowdClient(endpoint="https://said.example.org", credentials=CREDENTIALS))
    assert "'production'" in repr(CrowdClient("production", credentials=CREDENTIALS))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"environment": "sandbox"}, "has none"),
        ({"environment": "moon"}, "is not the name of an environment"),
        ({"environment": "local", "endpoint": "https://turk.example.org"}, "one of the two"),
        ({"endpoint": "turk.example.org"}, "is not a URL"),
        ({"endpoint": "http://turk.example.org"}, "plain http"),
        ({"endpoint": "https://mturk-requester-sandbox.us-east-1.amazonaws.com"}, "does not have the Crowd API"),
        ({"environment": "production", "region": "eu-west-1"}, "us-east-1 only"),
        ({"environment": "https://turk.example.org", "timeout": 0}, "positive number"),
    ],
)
def test_set_up_wrongly(options: dict[str, Any], says: str) -> None:
    """What cannot work is refused when the client is made, with the remedy."""
    with pytest.raises(ConfigurationError, match=says):
        CrowdClient(credentials=CREDENTIALS, **options)


@pytest.mark.parametrize("account", ["", "12345678901", "12345678901x", "\u0661" * 12, 123456789012])
def test_no_account(account: Any) -> None:
    """An account is twelve digits in a string."""
    with pytest.raises(InvalidRequest, match="twelve digits"):
        CrowdClient("https://turk.example.org", account_id=account, credentials=CREDENTIALS)


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 65, "a/b", "..", ".", "a\n", None, 7])
async def test_names_are_looked_at_first(name: Any) -> None:
    """A name that cannot stand in a request is refused before anything is sent."""
    async with client_over(StubTransport()) as crowd:
        with pytest.raises(InvalidRequest, match="Nothing was sent"):
            await crowd.put_task("f", name, TEXT)
        with pytest.raises(InvalidRequest, match="function"):
            await crowd.get_task(name, "t")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, b'{"message": "Bad."}', CrowdRefused),
        (405, b'{"message": "Bad."}', CrowdRefused),
        (404, b'{"message": "None."}', CrowdTaskDoesNotExist),
        (404, b"<html>nothing here</html>", UnreadableResponse),
        (404, b"", UnreadableResponse),
        (302, b'{"message": "There."}', UnreadableResponse),
        (403, b'{"message": "Denied."}', AccessDenied),
        (403, b'{"message": "The request signature we calculated does not match"}', CredentialsRefused),
        (403, b'{"message": "x", "__type": "UnrecognizedClientException"}', CredentialsRefused),
        (500, b'{"message": "Oh."}', ServiceFault),
        (502, b"<html>", UnreadableResponse),
        (429, b"", Throttled),
        (200, b'{"message": "Fine."}', UnexpectedResponse),
        (200, b'["x"]', UnexpectedResponse),
        (200, b'{"taskName": 7, "input": {}, "state": "completed"}', UnexpectedResponse),
        (200, b'{"taskName": "t", "input": {}, "state": "completed", "result": []}', UnexpectedResponse),
        (200, b"<html>", UnreadableResponse),
        (200, b"", UnreadableResponse),
    ],
)
async def test_answers_that_are_no_task(status: int, body: bytes, expected: type[TurkError]) -> None:
    """Every other answer is an error of ours; what something in between says is not taken for the service's word."""
    async with client_over(StubTransport(Response(status, {}, body)), retries=False) as crowd:
        with pytest.raises(expected) as caught:
            await crowd.get_task("f", "t")
    assert type(caught.value) is expected
    assert not caught.value.ambiguous


async def test_states_of_the_future() -> None:
    """A state that is not known is kept as it stands, and is not taken for the end."""
    transport = StubTransport(reply(told("pondering")), reply(told("completed", result={"a": 1})))
    async with client_over(transport) as crowd:
        task = await crowd.wait_for_task("f", "t")
    assert task.result == {"a": 1}
    assert len(transport.requests) == 2


async def test_waiting_becomes_slower() -> None:
    """Looks come quickly at first, and never further apart than the longest wait."""
    clock = JumpingClock()
    answers = [reply(told()) for _ in range(30)]
    transport = StubTransport(*answers, reply(told("completed", result={})))
    async with client_over(transport, clock=clock) as crowd:
        await crowd.wait_for_task("f", "t", longest_wait=20)
    assert clock.slept[0] <= 0.5
    assert max(clock.slept) <= 20
    assert all(wait >= 10 for wait in clock.slept[-10:])


async def test_time_is_up() -> None:
    """The wait ends at its deadline with a last look, and tells the task as it was seen."""
    clock = JumpingClock()

    def processing(request: Request) -> Response:
        return reply(told())

    async with client_over(StubTransport(processing), clock=clock) as crowd:
        with pytest.raises(CrowdTaskUnfinished, match="wait again") as caught:
            await crowd.wait_for_task("f", "t", timeout=90)
    assert caught.value.task == CrowdTask(name="t", input=TEXT, state=TaskState.PROCESSING)
    assert clock.monotonic() == pytest.approx(90)


async def test_an_outage_does_not_end_the_wait() -> None:
    """The service may be away for longer than a call may take; the wait goes on until its own deadline."""
    clock = JumpingClock()

    def away_for_ten_minutes(request: Request) -> Response:
        if clock.monotonic() < 600:
            raise ConnectionLost("reset")
        return reply(told("completed", result={"a": 1}))

    async with client_over(StubTransport(away_for_ten_minutes), clock=clock, timeout=30) as crowd:
        assert (await crowd.wait_for_task("f", "t", timeout=3600)).result == {"a": 1}


@pytest.mark.parametrize("endless", [True, False])
async def test_an_outage_until_the_end(endless: bool) -> None:
    """When the service stays away, the wait ends as any other that took too long; endless ones endure it."""
    clock = JumpingClock()

    def away(request: Request) -> Response:
        if clock.monotonic() < 7000:
            raise ConnectionLost("reset")
        return reply(told("completed", result={}))

    async with client_over(StubTransport(away), clock=clock) as crowd:
        if endless:
            assert (await crowd.wait_for_task("f", "t", timeout=None)).is_finished
            return
        for _ in range(10):
            with pytest.raises(CrowdTaskUnfinished) as caught:
                await crowd.wait_for_task("f", "t", timeout=60)
            assert caught.value.task is None
            assert isinstance(caught.value.__cause__, TurkError)
        single = crowd.with_options(retries=False)
        with pytest.raises(ConnectionLost):
            await single.wait_for_task("f", "t", timeout=60)


async def test_views_share_the_account() -> None:
    """A view of a client knows the account that the client asked for."""
    identity = Response(200, {}, b"<R><Account>123456789012</Account></R>")
    transport = StubTransport(identity, reply(told()), reply(told()))
    async with client_over(transport, account_id=None) as crowd:
        await crowd.with_options(timeout=5).get_task("f", "t")
        await crowd.get_task("f", "t")
    assert [request.method for request in transport.requests] == ["POST", "GET", "GET"]


async def test_whoever_is_cancelled_leaves_the_question_to_the_others() -> None:
    """Cancelling the call that asks for the account does not disturb those that wait for it too."""
    asked = asyncio.Event()
    answered = asyncio.Event()

    async def identity(request: Request) -> Response:
        if request.method != "POST":
            return reply(told())
        asked.set()
        await answered.wait()
        return Response(200, {}, b"<R><Account>123456789012</Account></R>")

    transport = StubTransport(identity)
    async with client_over(transport, account_id=None) as crowd:
        first = asyncio.create_task(crowd.get_task("f", "t"))
        await asked.wait()
        second = asyncio.create_task(crowd.get_task("f", "t"))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        answered.set()
        assert (await second).name == "t"
    assert [request.method for request in transport.requests] == ["POST", "GET"]


async def test_the_marketplace_of_this_computer(
    market: Marketplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Address and keys come from the file that a served marketplace keeps, when the first call is made."""
    file = tmp_path / "marketplace.json"
    monkeypatch.setenv("AIOTURK_LOCAL_FILE", str(file))
    async with CrowdClient("local") as crowd:
        with pytest.raises(ConfigurationError, match="marketplace serve"):
            await crowd.get_task("sentiment-analysis-test", "t")
        file.touch(mode=0o600)
        file.write_bytes(LocalMarketplace(market.url, market.access_key, market.secret_key).to_json())
        assert (await crowd.put_task("sentiment-analysis-test", "t", TEXT)).name == "t"
        assert repr(crowd) == "<aioturk.CrowdClient 'local'>"
    for variable in ("AIOTURK_ENVIRONMENT", "AWS_ENDPOINT_URL_CROWD", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(variable, raising=False)
    async with CrowdClient() as crowd:
        assert await crowd.account_id() == ACCOUNT
