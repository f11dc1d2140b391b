"""The Crowd API: the reference's lines 117 and 118."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from aioturk.marketplace import Marketplace
from tests.marketplace.support import ANNA, Requester

HOST = "crowd.us-east-1.amazonaws.com"
PATH = "/123456789012/functions/{function}/tasks/{task}"
TEXT = {"text": "Everything is wonderful."}


async def _ask(
    market: Marketplace,
    method: str,
    given: object = None,
    *,
    function: str = "sentiment-analysis",
    task: str = "review-17",
    service: str = "crowd",
    secret_key: str | None = None,
    host: str = HOST,
) -> tuple[int, Any]:
    """Send a request for the Crowd API's host, signed by botocore; return the status and the document."""
    url = market.url + PATH.format(function=function, task=task)
    data = b"" if given is None else json.dumps({"input": given}).encode()
    request = AWSRequest(method, url, {"Host": host}, data)
    SigV4Auth(Credentials(market.access_key, secret_key or market.secret_key), service, "us-east-1").add_auth(request)
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, data=data or None, headers=dict(request.headers.items())) as answer,
    ):
        body = await answer.read()
        return answer.status, json.loads(body) if body else None


async def test_117_a_crowd_tasks_life(market: Marketplace, turk: Requester) -> None:
    """Made once, the same again, refused with another input; processing, completed, deleted, and its name is free."""
    task = {"taskName": "review-17", "input": TEXT, "problemDetails": None, "state": "processing", "result": None}
    assert await _ask(market, "PUT", TEXT) == (201, task)
    assert await _ask(market, "PUT", TEXT) == (200, task)
    status, refusal = await _ask(market, "PUT", {"text": "Nothing is."})
    assert (status, list(refusal)) == (400, ["message"])
    assert (await _ask(market, "PUT", TEXT, function="sentiment-analyses"))[0] == 404
    assert (await _ask(market, "GET", function="sentiment-analyses"))[0] == 404

    assert await _ask(market, "GET") == (200, task)
    assert (await _ask(market, "DELETE"))[0] == 400
    (hit,) = (await turk("ListHITs"))["HITs"]
    worker = market.worker(ANNA)
    await worker.submit(await worker.accept(hit["HITId"]), {"sentiment": "positive"})
    done = task | {"state": "completed", "result": {"sentiment": "positive"}}
    assert await _ask(market, "GET") == (200, done)
    assert await _ask(market, "PUT", TEXT) == (200, done)

    assert await _ask(market, "DELETE") == (204, None)
    assert [(await _ask(market, method))[0] for method in ("DELETE", "GET")] == [404, 404]
    assert (await _ask(market, "PUT", {"text": "Nothing is."}))[0] == 201

    # The twin needs no worker.
    assert await _ask(market, "PUT", TEXT, function="sentiment-analysis-test") == (201, task)
    assert await _ask(market, "GET", function="sentiment-analysis-test") == (200, done)


@pytest.mark.parametrize("host", [HOST, ""])
async def test_118_the_signing_name_of_the_crowd_api(market: Marketplace, host: str) -> None:
    """Requests are verified with the service name ``crowd``; those that are signed for another, or wrongly, are not."""
    host = host or market.url.removeprefix("http://")
    wrong: list[dict[str, Any]] = [{"service": "mturk-requester"}, {"service": "sts"}, {"secret_key": "another"}]
    for members in wrong:
        status, refusal = await _ask(market, "PUT", TEXT, host=host, **members)
        assert (status, list(refusal)) == (403, ["message"])
    assert (await _ask(market, "GET", host=host))[0] == 404
    assert (await _ask(market, "PUT", TEXT, host=host))[0] == 201
