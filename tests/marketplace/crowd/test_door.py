"""The door of the Crowd API: paths, methods, signatures, bodies, statuses, troubles on purpose."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from aioturk._core.keys import Credentials
from aioturk.marketplace import Faults, Marketplace
from aioturk.marketplace.house import House

from ..acts import audited
from ..support import Requester, StillClock
from .support import ACCOUNT, Crowd, tasks_of

HAPPY = {"text": "Everything is wonderful."}


@pytest.fixture
def crowd(market: Marketplace) -> Crowd:
    """The first requester."""
    return Crowd(market)


async def test_a_task_from_its_beginning_to_its_end(crowd: Crowd) -> None:
    """Each step has its status, and tells the whole task in the documented members and their order."""
    made = await crowd.put(HAPPY)
    assert (made.status, made.headers["Content-Type"]) == (201, "application/json")
    assert made.body == (
        b'{"taskName":"t","input":{"text":"Everything is wonderful."},"problemDetails":null,'
        b'"state":"processing","result":null}'
    )
    again = await crowd.put(HAPPY)
    assert (again.status, again.body) == (200, made.body)

    done = await crowd.get()
    finished = made.json | {"state": "completed", "result": {"sentiment": "positive"}}
    assert (done.status, done.json) == (200, finished)
    assert (await crowd.put(HAPPY)).json == finished

    gone = await crowd.delete()
    assert (gone.status, gone.body) == (204, b"")
    assert [(await crowd.delete()).status, (await crowd.get()).status] == [404, 404]
    assert (await crowd.put({"text": "Something else."})).status == 201


async def test_it_is_reached_under_amazons_host(crowd: Crowd) -> None:
    """The Crowd API has a host of its own, whose requests are signed for its name; other paths there lead nowhere."""
    amazon = replace(crowd, host="crowd.us-east-1.amazonaws.com")
    assert (await amazon.put(HAPPY)).status == 201
    assert (await crowd.get()).json["state"] == "completed"
    nothing = await amazon.send("GET", path="/")
    assert (nothing.status, nothing.headers["x-amzn-ErrorType"]) == (404, "ResourceNotFoundException")
    assert nothing.message == (
        "There is nothing here: paths are /{account}/functions/{function}/tasks/{task}, "
        "with twelve digits for the account."
    )


async def test_every_answer_names_its_request_and_the_market(crowd: Crowd) -> None:
    """The id of the request is always told; which market it is, to those alone who have proven who they are."""
    known, unknown = await crowd.get(), await replace(crowd, signed=False).get()
    assert known.headers["x-amzn-RequestId"] != unknown.headers["x-amzn-RequestId"]
    assert "x-aioturk-marketplace" in known.headers
    assert "x-aioturk-marketplace" not in unknown.headers


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"signed": False}, "MissingAuthenticationTokenException"),
        ({"keys": Credentials("AKIANOBODY", "secret")}, "UnrecognizedClientException"),
        ({"service": "mturk-requester"}, "InvalidSignatureException"),
    ],
)
async def test_strangers_are_refused(crowd: Crowd, wrong: dict[str, Any], code: str) -> None:
    """Who cannot prove who they are gets a 403 with a sentence, and nothing is done."""
    for send in (replace(crowd, **wrong).put(HAPPY), replace(crowd, **wrong).delete()):
        refused = await send
        assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (403, code)
        assert refused.message
    assert (await crowd.get()).status == 404


async def test_a_wrong_secret_is_refused(market: Marketplace, crowd: Crowd) -> None:
    """The signature of another secret is no signature."""
    crowd.keys = Credentials(market.access_key, "another")
    refused = await crowd.put(HAPPY)
    assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (403, "InvalidSignatureException")


async def test_others_accounts_are_closed(market: Marketplace, crowd: Crowd) -> None:
    """Everybody has their own tasks: another's account is refused, whether it exists or not."""
    assert (await crowd.put(HAPPY)).status == 201
    other = replace(crowd, keys=await market.add_requester("other"))
    for account in (ACCOUNT, "000000000000"):
        refused = await replace(other, account=account).get()
        assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    own = replace(other, account="123456789013")
    assert (await own.get()).status == 404
    assert (await own.put({"text": "x"})).status == 201


async def test_read_only_keys_read(market: Marketplace, crowd: Crowd) -> None:
    """A key that is good for reading reads tasks, and neither makes nor deletes any."""
    await crowd.put(HAPPY)
    curious = replace(crowd, keys=await market.add_key(read_only=True))
    assert (await curious.get()).json["state"] == "completed"
    for refused in (await curious.put(HAPPY, task="u"), await curious.delete()):
        assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
        assert "read-only" in refused.message
    assert (await crowd.get()).status == 200


async def test_a_key_that_became_read_only_meanwhile(
    market: Marketplace, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a key is good for is looked at within the act, whatever was known of it before."""
    keys = await market.add_key()
    before = await market._house.key(keys.access_key)

    async def key(self: House, access_key: str, *, fresh: bool = False) -> Any:
        return before

    await market.add_key(read_only=True, access_key=keys.access_key, secret_key=keys.secret_key)
    monkeypatch.setattr(House, "key", key)
    late = replace(crowd, keys=keys)
    assert [(await late.put(HAPPY)).status, (await late.get()).status] == [403, 404]


async def test_signatures_are_judged_by_real_time(market: Marketplace, crowd: Crowd) -> None:
    """The market's clock may be months ahead: requests that are signed now are of now."""
    await market.advance(timedelta(days=60))
    assert (await crowd.put(HAPPY)).status == 201


@pytest.mark.parametrize(
    "path",
    [
        "/123456789012/functions/sentiment-analysis-test/tasks",
        "/123456789012/functions/sentiment-analysis-test/tasks/",
        "/123456789012/functions/sentiment-analysis-test/tasks/a/b",
        "/123456789012/functions/sentiment-analysis-test/tasks/a/",
        "/12345678901/functions/sentiment-analysis-test/tasks/a",
        "/x/functions/sentiment-analysis-test/tasks/a",
    ],
)
async def test_other_paths_lead_nowhere(crowd: Crowd, path: str) -> None:
    """What is not the path of a task is not found, at either host."""
    for host in (None, "crowd.us-east-1.amazonaws.com"):
        assert (await replace(crowd, host=host).send("PUT", b'{"input":{"text":"x"}}', path=path)).status == 404


@pytest.mark.parametrize("account", ["1234-5678-9012", "12345678901", "%EF%BC%91", "me"])
async def test_a_number_that_is_no_accounts(crowd: Crowd, account: str) -> None:
    """An account that cannot be one is refused in the API's manner at either host, with what it should be."""
    for host in (None, "crowd.us-east-1.amazonaws.com"):
        refused = await replace(crowd, account=account, host=host).get()
        assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (404, "ResourceNotFoundException")
        assert "twelve digits for the account" in refused.message


@pytest.mark.parametrize("method", ["POST", "PATCH", "OPTIONS", "HEAD"])
async def test_other_methods(crowd: Crowd, method: str) -> None:
    """Tasks have three methods, which are told to whoever tries another."""
    refused = await crowd.send(method)
    assert (refused.status, refused.headers["Allow"]) == (405, "PUT, GET, DELETE")


@pytest.mark.parametrize("name", ["a" * 65, "%C3%A4", "a%20b", "a%2Fb", "a~b", "a%00"])
async def test_names_of_tasks(crowd: Crowd, name: str) -> None:
    """A name with other characters, or too many, is refused with what names are made of, by every method."""
    for refused in (await crowd.put(HAPPY, task=name), await crowd.get(task=name), await crowd.delete(task=name)):
        assert refused.status == 400
        assert "1 to 64 letters, digits, periods, hyphens and underscores" in refused.message


@pytest.mark.parametrize("name", ["%2E", "%2e%2e"])
async def test_names_that_paths_read_otherwise(crowd: Crowd, name: str) -> None:
    """One or two periods name no task, in whatever way they are written: on the way they would become another path."""
    refused = await crowd.put(HAPPY, path=f"/{ACCOUNT}/functions/{crowd.function}/tasks/{name}")
    assert refused.status in (400, 403, 404)
    assert await audited_of(crowd.market) == []


@pytest.mark.parametrize("name", ["a" * 64, "A.b-c_9", "...", "0"])
async def test_names_that_are_taken(crowd: Crowd, name: str) -> None:
    """Up to 64 letters, digits, periods, hyphens and underscores are a name."""
    assert (await crowd.put(HAPPY, task=name)).json["taskName"] == name


@pytest.mark.parametrize("function", ["sentiment-analyses", "sentiment%20analysis", "sentiment-analysis-test-test"])
async def test_unknown_functions(crowd: Crowd, function: str) -> None:
    """A function that does not exist is not found, also when its name had to be quoted in the path."""
    refused = await crowd.put(HAPPY, function=function)
    assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (404, "ResourceNotFoundException")
    assert refused.message.startswith("There is no function")
    assert (await crowd.get(function=function)).status == 404


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"input":{"a":NaN}}', "not JSON"),
        (b'{"input":{"a":1e999}}', "not JSON"),
        (b'{"input":{"a":"\\ud800"}}', "not JSON"),
        (b'{"input":{"a":"\xff"}}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", 'no object "input"'),
        (b"{}", 'no object "input"'),
        (b'{"input":null}', 'no object "input"'),
        (b'{"input":["text"]}', 'no object "input"'),
        (b'{"input":"text"}', 'no object "input"'),
        (b'{"input":{"a":' + b"[" * 50 + b"]" * 50 + b"}}", "50 levels"),
        (b'{"input":{"a":[' + b"0," * 60_000 + b"0]}}", "too many values"),
        (b'{"input":{"a":"' + b"x" * 262_144 + b'"}}', "at most 262144"),
    ],
)
async def test_bodies_that_make_no_sense(crowd: Crowd, body: bytes, says: str) -> None:
    """Each is a 400 whose sentence says what is wrong, and no task is made."""
    refused = await crowd.send("PUT", body)
    assert refused.status == 400
    assert says in refused.message
    assert (await crowd.get()).status == 404


async def test_nesting_up_to_the_bound(crowd: Crowd) -> None:
    """As many levels as the rules allow are taken; members beside the input do not matter."""
    crowd.market.add_crowd_function("echo", answer=dict)
    deep = b'{"input":{"a":' + b"[" * 49 + b"]" * 49 + b'},"more":1}'
    assert (await crowd.send("PUT", deep, function="echo")).status == 201


async def test_an_input_of_bytes_of_zero(crowd: Crowd) -> None:
    """U+0000 is a character like any other in JSON, and comes back as it went in."""
    crowd.market.add_crowd_function("echo", answer=dict)
    await crowd.put({"a": "\0"}, function="echo-test")
    done = await crowd.get(function="echo-test")
    assert (done.json["input"], done.json["result"]) == ({"a": "\0"}, {"a": "\0"})


@pytest.mark.parametrize(
    ("one", "other", "status"),
    [
        ('{"a":1,"b":[{"c":2,"d":3}]}', '{"b":[{"d":3,"c":2}],"a":1}', 200),
        ('{"a":1}', '{"a":1.0}', 200),
        ('{"a":100}', '{"a":1e2}', 200),
        ('{"a":9007199254740993}', '{"a":9007199254740992.0}', 400),
        ('{"a":123456789012345678901234567890}', '{"a":123456789012345678901234567890}', 200),
        ('{"a":123456789012345678901234567890}', '{"a":123456789012345678901234567891}', 400),
        ('{"a":1}', '{"a":true}', 400),
        ('{"a":0}', '{"a":false}', 400),
        ('{"a":null}', "{}", 400),
        ('{"a":"1"}', '{"a":1}', 400),
        ('{"a":[1,2]}', '{"a":[2,1]}', 400),
        ('{"a":"\\u00e4"}', '{"a":"ä"}', 200),
    ],
)
async def test_the_same_input(market: Marketplace, one: str, other: str, status: int) -> None:
    """Inputs are compared as values: order, spelling and kind of number do not matter, everything else does."""
    market.add_crowd_function("echo", answer=dict)
    crowd = Crowd(market, "echo-test")
    assert (await crowd.send("PUT", f'{{"input":{one}}}'.encode())).status == 201
    again = await crowd.send("PUT", f'{{"input":{other}}}'.encode())
    assert again.status == status
    if status == 400:
        assert again.message == (
            "There is a task 't' already, with another input: choose another name. Nothing was done."
        )
    assert (await crowd.get()).json["input"] == json.loads(one)


async def test_one_of_many_at_the_same_moment_is_first(market: Marketplace, crowd: Crowd) -> None:
    """Of requests that come at the same moment one makes the task, and all others find it."""
    answers = await asyncio.gather(*(crowd.put(HAPPY) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert [line[1] for line in await audited_of(market)] == ["CrowdTaskCreated"]


async def test_of_two_inputs_at_the_same_moment_one_is_taken(crowd: Crowd) -> None:
    """Two inputs under one name, at the same moment: one makes the task, the other is refused."""
    statuses = [answer.status for answer in await asyncio.gather(crowd.put({"text": "a"}), crowd.put({"text": "b"}))]
    assert sorted(statuses) == [201, 400]


async def test_what_is_written_down(market: Marketplace, crowd: Crowd) -> None:
    """The audit log says who made, finished and deleted which task of which function."""
    await crowd.put(HAPPY)
    await crowd.get()
    await crowd.delete()
    lines = await audited_of(market)
    detail = '{"function":"sentiment-analysis-test"}'
    assert [line[1:] for line in lines] == [
        ("CrowdTaskCreated", "t", detail),
        ("CrowdTaskCompleted", "t", detail),
        ("CrowdTaskDeleted", "t", detail),
    ]
    requester, crowd_itself, again = (line[0] for line in lines)
    assert requester == again != "crowd" == crowd_itself


async def audited_of(market: Marketplace) -> list[tuple[str, str, str | None, str | None]]:
    """What the audit log says of tasks."""
    return [line for line in await audited(market) if line[1].startswith("Crowd")]


class TestTroubles:
    """Troubles on purpose, as with the API."""

    async def test_throttling(self) -> None:
        """The answer is 429, and nothing was done."""
        async with Marketplace(faults=Faults(throttle=1)) as market:
            refused = await Crowd(market).put(HAPPY)
            assert (refused.status, refused.message) == (429, "Rate exceeded")
            assert refused.headers["x-amzn-ErrorType"] == "ThrottlingException"
            market.faults = None
            assert (await Crowd(market).get()).status == 404

    async def test_a_dropped_reply_was_executed_once(self, database: str | None) -> None:
        """The connection ends without an answer; the request is repeated, and there is one HIT."""
        async with Marketplace(database, clock=StillClock(), faults=Faults(drop_reply=1)) as market:
            crowd = Crowd(market, "sentiment-analysis")
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await crowd.put(HAPPY)
            market.faults = None
            assert (await crowd.put(HAPPY)).status == 200
            assert len((await Requester(market)("ListHITs"))["HITs"]) == 1

    @pytest.mark.parametrize(("setting", "status"), [("server_error_before", 404), ("server_error_after", 200)])
    async def test_server_errors(self, setting: str, status: int) -> None:
        """A 500 comes before the request is executed, or after it."""
        async with Marketplace(faults=Faults(**{setting: 1})) as market:  # type: ignore[arg-type]
            failed = await Crowd(market).put(HAPPY)
            assert (failed.status, failed.headers["x-amzn-ErrorType"]) == (500, "ServiceFault")
            market.faults = None
            assert (await Crowd(market).get()).status == status

    async def test_some_methods_only(self) -> None:
        """Troubles can be ordered for the methods of tasks by their names."""
        async with Marketplace(faults=Faults(throttle=1, only={"GetTask"})) as market:
            assert (await Crowd(market).put(HAPPY)).status == 201
            assert (await Crowd(market).get()).status == 429

    async def test_a_reset(self) -> None:
        """The connection is reset, and nothing was done."""
        async with Marketplace(faults=Faults(reset=1)) as market:
            with pytest.raises(aiohttp.ClientOSError):
                await Crowd(market).put(HAPPY)
            market.faults = None
            assert (await Crowd(market).get()).status == 404

    async def test_failures_of_its_own(self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        """When it fails by itself the answer is a 500 without details, which are in the log."""
        async with Marketplace() as market:

            async def fail(*_: object) -> None:
                raise OSError("the disk is full")

            monkeypatch.setattr(tasks_of(market), "get", fail)
            failed = await Crowd(market).get()
            assert (failed.status, failed.message) == (500, "The service failed by itself.")
            assert f"request {failed.headers['x-amzn-RequestId']} failed" in caplog.text


async def test_calls_are_counted() -> None:
    """The observer is told of each call, with what was done to a task and the status."""
    told: list[tuple[str, int | None]] = []
    async with Marketplace(observer=lambda call, status: told.append((call, status))) as market:
        crowd = Crowd(market)
        await crowd.put(HAPPY)
        await crowd.get()
        await crowd.delete(task="other")
        await crowd.send("POST")
    assert told == [
        ("Crowd PutTask", 201),
        ("Crowd GetTask", 200),
        ("Crowd DeleteTask", 404),
        ("Crowd unknown operation", 405),
    ]
