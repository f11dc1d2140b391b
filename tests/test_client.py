"""The client as a whole: where it sends, what it sends, what it tells, and how it ends."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aioturk import (
    Client,
    ConfigurationError,
    Credentials,
    CredentialsError,
    ExternalQuestion,
    InvalidRequest,
    RetryPolicy,
    pricing,
)
from aioturk._core.endpoints import LocalMarketplace
from aioturk._core.messages import Request, Response
from aioturk.errors import (
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    HITAlreadyExists,
    HITDoesNotExist,
    ServiceError,
)
from aioturk.marketplace import AMAZON as RULES_OF_AMAZON
from aioturk.marketplace import HOUSE as RULES_OF_THE_HOUSE
from aioturk.marketplace import Marketplace, Rules
from aioturk.marketplace.money import fee_table
from aioturk.models import HITStatus, ReviewableHIT
from aioturk.pricing import AMAZON, HOUSE
from aioturk.testing import CREDENTIALS, JumpingClock, StubTransport, error_reply, reply
from aioturk.throttle import Throttle

from .requests_table import HIT_ID, REQUESTS

BALANCE = reply({"AvailableBalance": "10000.00"})
TOLD = "0123456789abcdef/A1EXAMPLE"
WIRE_HIT: dict[str, Any] = {
    "HITId": HIT_ID,
    "HITTypeId": "3T",
    "HITGroupId": "3G",
    "CreationTime": 1514773612.054,
    "Title": "t",
    "Description": "d",
    "HITStatus": "Assignable",
    "MaxAssignments": 1,
    "Reward": "0.01",
    "AutoApprovalDelayInSeconds": 0,
    "Expiration": 1514860012.054,
    "AssignmentDurationInSeconds": 900,
    "QualificationRequirements": [],
    "HITReviewStatus": "NotReviewed",
    "NumberOfAssignmentsPending": 0,
    "NumberOfAssignmentsAvailable": 1,
    "NumberOfAssignmentsCompleted": 0,
}


def stubbed(*outcomes: Any, **options: Any) -> tuple[Client, StubTransport]:
    transport = StubTransport(*outcomes)
    options.setdefault("clock", JumpingClock())
    return Client("sandbox", credentials=CREDENTIALS, transport=transport, **options), transport


@pytest.fixture
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing in the environment says where to send; returns where a local marketplace would be announced."""
    for name in ("AIOTURK_ENVIRONMENT", "AWS_ENDPOINT_URL_MTURK", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "marketplace.json"
    monkeypatch.setenv("AIOTURK_LOCAL_FILE", str(file))
    return file


class TestWhereTo:
    """Real money is opt-in, and everything else has to be named."""

    @pytest.mark.parametrize(
        ("environment", "host"),
        [
            ("production", "mturk-requester.us-east-1.amazonaws.com"),
            ("sandbox", "mturk-requester-sandbox.us-east-1.amazonaws.com"),
        ],
    )
    async def test_amazon(self, environment: str, host: str) -> None:
        """The words lead to Amazon's hosts, and the signature is for their region and service."""
        transport = StubTransport(BALANCE)
        async with Client(environment, credentials=CREDENTIALS, transport=transport) as mturk:
            await mturk.get_account_balance()
        (request,) = transport.requests
        headers = dict(request.headers)
        assert request.url == f"https://{host}/"
        assert headers["Host"] == host
        assert "/us-east-1/mturk-requester/aws4_request" in headers["Authorization"]

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"environment": "prod"}, "production"),
            ({"environment": "https://mturk-requester.us-east-1.amazonaws.com"}, '"production"'),
            ({"environment": "http://example.org"}, "allow_http"),
            ({"environment": "sandbox", "region": "eu-west-1"}, "us-east-1"),
            ({"environment": "sandbox", "timeout": 0}, "timeout"),
            ({"environment": "sandbox", "timeout": True}, "timeout"),
            ({"environment": "sandbox", "timeout": timedelta(seconds=-1)}, "timeout"),
            ({"environment": "sandbox", "rate": 0}, "rate"),
            ({"environment": "sandbox", "rate": float("nan")}, "rate"),
            ({"environment": "sandbox", "retries": 3}, "RetryPolicy"),
            ({"environment": "sandbox", "max_connections": 0}, "max_connections"),
            ({"environment": "sandbox", "credentials": CREDENTIALS, "profile": "p"}, "profile"),
        ],
    )
    def test_what_cannot_work_is_refused_at_once(self, options: dict[str, Any], told: str) -> None:
        """A wrong environment, region or setting is a ConfigurationError that names it."""
        with pytest.raises(ConfigurationError, match=told):
            Client(**options)

    async def test_nothing_chosen(self, no_environment: Path) -> None:
        """Without any choice, and without a local marketplace, the error names the choices."""
        mturk = Client()
        with pytest.raises(ConfigurationError, match="AIOTURK_ENVIRONMENT"):
            await mturk.get_account_balance()

    @pytest.mark.parametrize("environment", ["local", None])
    async def test_local(self, no_environment: Path, environment: str | None) -> None:
        """The address and the keys of the local marketplace come from its file, read on first use."""
        transport = StubTransport(BALANCE, BALANCE)
        mturk = Client(environment, transport=transport)
        local = LocalMarketplace("http://127.0.0.1:7700", "AKLOCAL", "local-secret")
        no_environment.write_bytes(local.to_json())
        no_environment.chmod(0o600)
        await mturk.get_account_balance()
        await mturk.get_account_balance()
        request = transport.requests[0]
        assert request.url == "http://127.0.0.1:7700/"
        assert "Credential=AKLOCAL/" in dict(request.headers)["Authorization"]

    async def test_no_credentials(self, no_environment: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Without keys anywhere nothing is sent, and the error tells where they may come from."""
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        transport = StubTransport()
        async with Client("sandbox", transport=transport) as mturk:
            with pytest.raises(CredentialsError) as caught:
                await mturk.get_account_balance()
        assert "AWS_ACCESS_KEY_ID" in str(caught.value)
        assert not transport.requests


class TestWhatComesBack:
    """Results are the member that matters, typed."""

    async def test_one_member(self) -> None:
        """An answer with one member is that member."""
        mturk, _ = stubbed(reply({"HIT": WIRE_HIT}))
        hit = await mturk.get_hit(HIT_ID)
        assert hit.hit_id == HIT_ID
        assert hit.reward == Decimal("0.01")
        assert hit.assignment_duration == timedelta(minutes=15)
        assert hit.hit_status is HITStatus.ASSIGNABLE
        assert hit.keywords == ()
        assert hit.creation_time.utcoffset() == timedelta(0)

    async def test_no_member(self) -> None:
        """An answer without members is None; an empty body will do."""
        mturk, _ = stubbed(Response(200, {}, b""), reply())
        assert await mturk.delete_hit(HIT_ID) is None  # type: ignore[func-returns-value]
        assert await mturk.delete_hit(HIT_ID) is None  # type: ignore[func-returns-value]

    async def test_several_members(self) -> None:
        """An answer with several members is an object."""
        mturk, _ = stubbed(reply({"AvailableBalance": "1.50", "OnHoldBalance": "0.25"}))
        balance = await mturk.get_account_balance()
        assert (balance.available_balance, balance.on_hold_balance) == (Decimal("1.50"), Decimal("0.25"))

    async def test_lists(self) -> None:
        """A list goes on until there is no token, asks for 100 a page, and can be read one page at a time."""
        mturk, transport = stubbed(
            reply({"HITs": [{"HITId": "3A"}], "NumResults": 1, "NextToken": "two"}),
            reply({"HITs": [{"HITId": "3B"}], "NumResults": 1, "NextToken": "three"}),
            reply({"NumResults": 0}),
            reply({"HITs": [{"HITId": "3C"}], "NumResults": 1, "NextToken": "four"}),
        )
        assert [hit async for hit in mturk.list_reviewable_hits()] == [
            ReviewableHIT(hit_id="3A"),
            ReviewableHIT(hit_id="3B"),
        ]
        page = await mturk.list_reviewable_hits(max_results=10, next_token="three")
        assert (page.items, page.next_token, page.num_results) == ((ReviewableHIT(hit_id="3C"),), "four", 1)
        assert [document for _, document in transport.calls] == [
            {"MaxResults": 100},
            {"MaxResults": 100, "NextToken": "two"},
            {"MaxResults": 100, "NextToken": "three"},
            {"MaxResults": 10, "NextToken": "three"},
        ]

    def test_a_wrong_page_size_is_refused_before_iterating(self) -> None:
        """The listing is made at once, and so is the refusal."""
        mturk, _ = stubbed()
        with pytest.raises(InvalidRequest, match=r"max_results.*1 to 100"):
            mturk.list_hits(max_results=101)

    async def test_errors_are_typed(self) -> None:
        """An error has its class and all the facts of the wire."""
        mturk, _ = stubbed(error_reply("HITDoesNotExist", "Hit 3X does not exist. (1)"))
        with pytest.raises(HITDoesNotExist) as caught:
            await mturk.get_hit(HIT_ID)
        error = caught.value
        assert (error.operation, error.status, error.request_id) == ("GetHIT", 400, "stub")
        assert error.turk_error_code == "AWS.MechanicalTurk.HITDoesNotExist"
        assert isinstance(error, ServiceError)


class TestCall:
    """The escape hatch speaks the service's names."""

    async def test_wire_in_and_out(self) -> None:
        """The answer comes as it was sent, and every operation can be called."""
        mturk, transport = stubbed(reply({"HIT": WIRE_HIT}))
        assert await mturk.call("GetHIT", {"HITId": HIT_ID}) == {"HIT": WIRE_HIT}
        assert transport.calls == [("GetHIT", {"HITId": HIT_ID})]

    @pytest.mark.parametrize(
        ("operation", "request_", "told"),
        [
            ("get_hit", {}, "'GetHIT'"),
            ("GetHIT", {}, "HITId"),
            ("GetHIT", {"HITid": HIT_ID}, "HITId"),
            ("GetHIT", [("HITId", HIT_ID)], "mapping"),
            ("CreateHIT", {**REQUESTS["CreateHIT"], "MaxAssigments": 3}, "MaxAssigments"),
        ],
    )
    async def test_typos_are_refused(self, operation: str, request_: Any, told: str) -> None:
        """A misspelled name would be ignored by the service and cost money, so it is refused."""
        mturk, transport = stubbed()
        with pytest.raises(InvalidRequest, match=told):
            await mturk.call(operation, request_)
        assert not transport.requests


class TestOptions:
    """A view has settings of its own, and everything else in common."""

    async def test_a_view_shares_the_connections(self) -> None:
        """Views send over the same transport and are counted together; closing one closes nothing."""
        mturk, transport = stubbed(BALANCE, BALANCE)
        view = mturk.with_options(timeout=5)
        await view.get_account_balance()
        await view.close()
        assert not transport.closed
        await mturk.get_account_balance()
        assert transport.timeouts == [5, 20]
        assert mturk.statistics is view.statistics
        assert mturk.statistics.calls == 2
        await mturk.close()
        assert transport.closed

    async def test_retries_can_be_switched(self) -> None:
        """False makes a single attempt; True is the usual patience, for a client and for a view."""
        Client("sandbox", credentials=CREDENTIALS, retries=True)
        mturk, transport = stubbed(ConnectionLost("1"), ConnectionLost("2"), BALANCE, retries=False)
        with pytest.raises(ConnectionLost):
            await mturk.get_account_balance()
        await mturk.with_options(retries=True).get_account_balance()
        assert len(transport.requests) == 3
        assert mturk.statistics.retries == 1

    async def test_a_rate_spaces_calls(self) -> None:
        """A ceiling of two a second puts half a second between calls."""
        clock = JumpingClock()
        mturk, _ = stubbed(lambda request: BALANCE, clock=clock)
        slow = mturk.with_options(rate=2)
        for _ in range(5):
            await slow.get_account_balance()
        assert 1.98 <= clock.monotonic() <= 2.0  # turns may catch up with 20 ms

    @pytest.mark.parametrize(
        "options",
        [{"timeout": -1}, {"retries": 5}, {"rate": -1}, {"timeout": "soon"}],
        ids=lambda found: next(iter(found)),
    )
    def test_wrong_options(self, options: dict[str, Any]) -> None:
        """A view's settings are checked like a client's."""
        mturk, _ = stubbed()
        with pytest.raises(ConfigurationError, match=next(iter(options))):
            mturk.with_options(**options)


class TestLife:
    """Clients are made anywhere, and end cleanly."""

    def test_constructing_needs_no_event_loop(self) -> None:
        """A module may make its client at import time."""
        assert repr(Client("sandbox", credentials=CREDENTIALS)) == "<aioturk.Client 'sandbox'>"

    async def test_a_closed_client_opens_again(self) -> None:
        """A call after close works; closing twice is nothing."""
        mturk, _ = stubbed(lambda request: BALANCE)
        await mturk.get_account_balance()
        await mturk.close()
        await mturk.close()
        await mturk.get_account_balance()

    async def test_closing_ends_calls_that_wait_for_a_repeat(self) -> None:
        """A call that was waiting when the client was closed does not open connections again."""

        def close_meanwhile(request: Request) -> Any:
            async def answer() -> Response:
                await mturk.close()
                raise ConnectionLost("closed under our feet")

            return answer()

        mturk, transport = stubbed(close_meanwhile)
        with pytest.raises(ConnectFailed, match="client was closed") as caught:
            await mturk.call("SendBonus", REQUESTS["SendBonus"])
        assert caught.value.ambiguous
        assert len(transport.requests) == 1

    @pytest.mark.parametrize("waits_for", ["turn", "credentials"])
    async def test_closing_ends_calls_that_have_not_been_sent(self, waits_for: str) -> None:
        """A paid call that waited for its turn, or for keys, when the client was closed is never sent."""
        gate = asyncio.Event()

        class Clock(JumpingClock):
            async def sleep(self, seconds: float) -> None:
                await gate.wait()
                await super().sleep(seconds)

        async def provider() -> Credentials:
            if waits_for == "credentials":
                await gate.wait()
            return CREDENTIALS

        transport = StubTransport(lambda request: BALANCE)
        mturk = Client("sandbox", credentials=provider, transport=transport, clock=Clock(), rate=5)
        if waits_for == "turn":
            await mturk.get_account_balance()
        paying = asyncio.ensure_future(mturk.call("SendBonus", REQUESTS["SendBonus"]))
        for _ in range(5):
            await asyncio.sleep(0)
        await mturk.close()
        gate.set()
        with pytest.raises((ConnectFailed, CredentialsError)) as caught:
            await paying
        assert not caught.value.ambiguous
        assert "SendBonus" not in [name for name, _ in transport.calls]

    async def test_closing_ends_read_backs(self) -> None:
        """What is looked up for a call does not open connections again either."""

        def refuse_and_close(request: Request) -> Any:
            async def answer() -> Response:
                await mturk.close()
                return error_reply("HITAlreadyExists", f"HIT {HIT_ID} exists.")

            return answer()

        mturk, transport = stubbed(ConnectionLost("reset"), refuse_and_close)
        with pytest.raises(HITAlreadyExists) as caught:
            await mturk.call("CreateHIT", REQUESTS["CreateHIT"])
        assert caught.value.hit_id == HIT_ID
        assert len(transport.requests) == 2

    async def test_closing_ends_a_renewal_of_keys(self) -> None:
        """No task is left behind when keys were being fetched."""
        cancelled = asyncio.Event()

        async def provider() -> Credentials:
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            raise AssertionError

        mturk = Client("sandbox", credentials=provider, transport=StubTransport())
        asking = asyncio.ensure_future(mturk.get_account_balance())
        for _ in range(5):
            await asyncio.sleep(0)
        await mturk.close()
        assert cancelled.is_set()
        with pytest.raises(CredentialsError):
            await asking

    def test_one_client_serves_one_loop_after_another(self) -> None:
        """Nothing in a client is bound to the first event loop that used it."""
        mturk, transport = stubbed(lambda request: BALANCE, rate=1000)

        async def use() -> None:
            await asyncio.gather(*(mturk.get_account_balance() for _ in range(5)))

        for _ in range(2):
            asyncio.run(use())
        assert len(transport.requests) == 10

    async def test_slow_credentials_count_against_the_timeout(self) -> None:
        """A provider that hangs does not hold the call beyond its deadline."""

        async def never() -> Credentials:
            await asyncio.Event().wait()
            raise AssertionError

        mturk = Client("sandbox", credentials=never, transport=StubTransport(), timeout=0.01)
        with pytest.raises(DeadlineExceeded, match="credentials"):
            await mturk.get_account_balance()
        await mturk.close()


class TestIdentity:
    """What a client says of the place and the account it talks to."""

    async def test_a_marketplace(self) -> None:
        """The name has the ids that the market told; other markets and other accounts have other names."""
        one, other = (Marketplace(access_key="AKIASAME", secret_key="same") for _ in range(2))
        async with one, other:
            lab = await one.add_requester("lab-b")
            names = set()
            for market, credentials in ((one, one.credentials), (one, lab), (other, other.credentials)):
                async with market.client(credentials=credentials) as mturk:
                    name = await mturk.identify()
                    assert re.fullmatch(r"the marketplace [0-9a-f]{16} \(account A[0-9A-Z]+\)", name)
                    names.add(name)
            assert len(names) == 3

    async def test_a_market_that_moved(self, tmp_path: Path) -> None:
        """A database that is opened again is the same place, whatever its address is by then."""
        names, urls = set(), set()
        async with Marketplace(tmp_path / "market.db") as first:
            urls.add(first.url)
            async with first.client() as mturk:
                names.add(await mturk.identify())
                async with Marketplace() as neighbour:
                    urls.add(neighbour.url)
        async with Marketplace(tmp_path / "market.db") as second, second.client() as mturk:
            names.add(await mturk.identify())
        assert len(names) == 1

    async def test_answers_so_far_are_enough(self) -> None:
        """Nobody is asked who has answered already; else the balance is asked for, once, by all the views."""
        told = reply({"AvailableBalance": "10000.00"}, x_aioturk_marketplace="0123456789abcdef/A1EXAMPLE")
        transport = StubTransport(told)
        async with Client("http://127.0.0.1:7700", credentials=CREDENTIALS, transport=transport) as mturk:
            for client in (mturk, mturk.with_options(retries=False)):
                assert await client.identify() == "the marketplace 0123456789abcdef (account A1EXAMPLE)"
        assert transport.calls == [("GetAccountBalance", {})]

        transport = StubTransport(told)
        async with Client("http://127.0.0.1:7700", credentials=CREDENTIALS, transport=transport) as mturk:
            await mturk.get_account_balance()
            assert await mturk.identify() == "the marketplace 0123456789abcdef (account A1EXAMPLE)"

    async def test_the_last_answer_counts(self) -> None:
        """A market that takes another's place is noticed with its first answer."""
        answers = [
            reply({"AvailableBalance": "1.00"}, x_aioturk_marketplace=f"{market * 16}/A1EXAMPLE") for market in "ab"
        ]
        async with Client("http://127.0.0.1:7700", credentials=CREDENTIALS, transport=StubTransport(*answers)) as mturk:
            assert "aaaa" in await mturk.identify()
            await mturk.get_account_balance()
            assert "bbbb" in await mturk.identify()

    @pytest.mark.parametrize("environment", ["production", "sandbox"])
    async def test_amazon(self, environment: str) -> None:
        """Amazon's places have names, for which nobody is called."""
        transport = StubTransport()
        async with Client(environment, credentials=CREDENTIALS, transport=transport) as mturk:
            assert await mturk.identify() == environment
        assert transport.requests == []

    @pytest.mark.parametrize("header", [{}, {"x-aioturk-marketplace": "or so it says\n"}])
    async def test_another_service(self, header: dict[str, str]) -> None:
        """A service that says nothing, or nothing that makes sense, is its address."""
        transport = StubTransport(Response(200, header, BALANCE.body))
        async with Client("https://turk.example.org:8443/api", credentials=CREDENTIALS, transport=transport) as mturk:
            assert await mturk.identify() == "https://turk.example.org:8443"
            assert await mturk.identify() == "https://turk.example.org:8443"
        assert len(transport.requests) == 1

    async def test_nobody_there(self) -> None:
        """A service that cannot be asked is not guessed at."""
        transport = StubTransport(ConnectFailed("connection refused"))
        async with Client(
            "http://127.0.0.1:7700", credentials=CREDENTIALS, transport=transport, retries=False
        ) as mturk:
            with pytest.raises(ConnectFailed):
                await mturk.identify()


class TestFees:
    """What a client says of what is taken where it is."""

    @pytest.mark.parametrize("environment", ["production", "sandbox"])
    async def test_amazon(self, environment: str) -> None:
        """Amazon's fees are known, and nobody is called for them."""
        transport = StubTransport()
        async with Client(environment, credentials=CREDENTIALS, transport=transport) as mturk:
            assert await mturk.fees() is AMAZON
        assert transport.requests == []

    @pytest.mark.parametrize("rules", [RULES_OF_AMAZON, RULES_OF_THE_HOUSE, replace(RULES_OF_AMAZON, fee=Decimal("1"))])
    async def test_a_marketplace(self, rules: Rules) -> None:
        """A marketplace takes what its rules say; it is asked once, by all views together."""
        async with Marketplace(rules=rules) as market, market.client() as mturk:
            for client in (mturk, mturk.with_options(retries=False)):
                assert await client.fees() == fee_table(rules)
            assert "the marketplace" in await mturk.identify()
            assert mturk.statistics.calls == 1

    async def test_what_it_says_is_what_it_takes(self) -> None:
        """By the table that a marketplace tells, a HIT costs what the marketplace holds for it."""
        rules = replace(RULES_OF_THE_HOUSE, fee=Decimal("0.15"), minimum_fee=2, premium={"3KIND": 7})
        async with Marketplace(rules=rules, balance=100) as market, market.client() as mturk:
            expected = pricing.cost("0.30", 12, fees=await mturk.fees()).total
            await mturk.create_hit(
                title="Guess the age",
                description="Look at a picture.",
                reward="0.30",
                max_assignments=12,
                assignment_duration=60,
                lifetime=3600,
                question=ExternalQuestion("https://example.org/guess"),
            )
            assert (await mturk.get_account_balance()).on_hold_balance == expected

    async def test_the_last_answer_counts(self) -> None:
        """A market that takes another's place, or is served by other rules, is noticed with its first answer."""
        answers = [
            reply({"AvailableBalance": "1.00"}, x_aioturk_marketplace=TOLD, x_aioturk_fees=table.to_text())
            for table in (HOUSE, AMAZON)
        ]
        async with Client("http://127.0.0.1:7700", credentials=CREDENTIALS, transport=StubTransport(*answers)) as mturk:
            assert await mturk.fees() == HOUSE
            await mturk.get_account_balance()
            assert await mturk.fees() == AMAZON

    @pytest.mark.parametrize(
        "headers",
        [{}, {"x_aioturk_fees": HOUSE.to_text()}, {"x_aioturk_fees": "?", "x_aioturk_marketplace": "or so it says"}],
    )
    async def test_another_service(self, headers: dict[str, Any]) -> None:
        """A service that is no marketplace of ours costs what Amazon's does, whatever else it says."""
        transport = StubTransport(reply({"AvailableBalance": "1.00"}, **headers))
        async with Client("https://turk.example.org", credentials=CREDENTIALS, transport=transport) as mturk:
            assert await mturk.fees() is AMAZON

    @pytest.mark.parametrize("headers", [{}, {"x_aioturk_fees": ""}, {"x_aioturk_fees": '{"share":"0.10"}'}])
    async def test_a_marketplace_that_does_not_say(self, headers: dict[str, Any]) -> None:
        """Prices of its own that cannot be read are not guessed at; the error says what to do."""
        transport = StubTransport(reply({"AvailableBalance": "1.00"}, x_aioturk_marketplace=TOLD, **headers))
        async with Client("https://turk.example.org", credentials=CREDENTIALS, transport=transport) as mturk:
            with pytest.raises(ConfigurationError, match="Give the fees yourself"):
                await mturk.fees()

    async def test_nobody_there(self) -> None:
        """A service that cannot be asked is not guessed at."""
        transport = StubTransport(ConnectFailed("connection refused"))
        async with Client(
            "http://127.0.0.1:7700", credentials=CREDENTIALS, transport=transport, retries=False
        ) as mturk:
            with pytest.raises(ConnectFailed):
                await mturk.fees()


class TestLearnedRate:
    """What one client learns of the service's limit, another one may begin with."""

    async def test_handed_on(self) -> None:
        """There is none at first; the one that is given concerns all views, and later ones change nothing."""
        clock = JumpingClock()
        mturk, _ = stubbed(lambda request: BALANCE, clock=clock)
        view = mturk.with_options(retries=False)
        rates = [mturk.learned_rate]
        view.resume_pace(Throttle(clock=clock, rate=2.0).memory())
        mturk.resume_pace(Throttle(clock=clock, rate=50.0).memory())
        rates += [mturk.learned_rate, view.learned_rate]
        assert rates == [None, 2.0, 2.0]
        other, _ = stubbed(lambda request: BALANCE, clock=clock)
        other.resume_pace(view.learned_pace)
        assert other.learned_rate == 2.0
        for _ in range(5):
            await mturk.get_account_balance()
        assert clock.monotonic() == pytest.approx(2.0, abs=0.1)

    @pytest.mark.parametrize("pace", ["", "5", "{}", '{"rate": 5}', "null"])
    def test_nonsense(self, pace: str) -> None:
        """What no client has learned is refused."""
        mturk, _ = stubbed()
        with pytest.raises(ConfigurationError, match="learned_pace"):
            mturk.resume_pace(pace)

    def test_impossible_rate(self) -> None:
        """A rate that lets nobody go is refused, too."""
        mturk, _ = stubbed()
        pace = re.sub('"rate":[^,]*', '"rate":0', mturk.learned_pace)
        with pytest.raises(ConfigurationError, match="calls a second"):
            mturk.resume_pace(pace)


async def test_logs_tell_the_attempts_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """The log has operation, attempt, outcome and request id; neither bodies nor keys nor signatures."""
    caplog.set_level(logging.DEBUG)
    mturk, transport = stubbed(
        ConnectionLost("reset"), error_reply("InsufficientFunds", "No funds.", x_amzn_requestid="r-2")
    )
    with pytest.raises(ServiceError):
        await mturk.call("SendBonus", REQUESTS["SendBonus"])
    lines = [record.getMessage() for record in caplog.records if record.name == "aioturk"]
    assert lines[0] == "SendBonus attempt 1: ConnectionLost in 0 ms, request unknown"
    assert lines[1] == "SendBonus attempt 2: InsufficientFunds in 0 ms, request r-2"
    everything = caplog.text + str([record.__dict__ for record in caplog.records])
    signature = dict(transport.requests[0].headers)["Authorization"].rpartition("=")[2]
    for secret in (CREDENTIALS.secret_key, signature, "Very careful work", json.dumps("1.00")):
        assert secret not in everything


def test_a_policy_can_be_given() -> None:
    """A policy of one's own is taken as it is."""
    Client("sandbox", credentials=CREDENTIALS, retries=RetryPolicy(longest_wait=1))
