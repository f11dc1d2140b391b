"""What the tests of the marketplace share: a clock that stands still, boto3 in a thread, raw signed HTTP."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from aioturk.marketplace import Marketplace

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"
QUESTION = (
    f'<ExternalQuestion xmlns="{SCHEMAS}/2006-07-14/ExternalQuestion.xsd">'
    "<ExternalURL>https://example.org/task</ExternalURL><FrameHeight>0</FrameHeight></ExternalQuestion>"
)
TARGET = "MTurkRequesterServiceV20170117."
PRODUCTION = "mturk-requester.us-east-1.amazonaws.com"

ANNA = "A1ANNA00000000"
BERT = "A2BERT00000000"
CARA = "A3CARA00000000"
DORA = "A4DORA00000000"
EMIL = "A5EMIL00000000"

HIT: Mapping[str, Any] = {
    "Title": "Guess the age",
    "Description": "Look at a picture.",
    "Reward": "0.25",
    "LifetimeInSeconds": 3600,
    "AssignmentDurationInSeconds": 300,
    "Question": QUESTION,
}
"""The least that CreateHIT needs."""

_SESSION = boto3.Session(region_name="us-east-1")  # one, because it keeps the service's model


class StillClock:
    """A clock that stands still, so that only `advance` turns the market's time."""

    def __init__(self, now: float = 1_900_000_000.054) -> None:
        self.now = now

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0)


class Refused(Exception):
    """What boto3 made of a refusal."""

    def __init__(self, error: ClientError) -> None:
        super().__init__(str(error))
        response: dict[str, Any] = error.response
        self.type: str = response["Error"]["Code"]
        self.message: str = response["Error"]["Message"]
        # boto3 drops the code of errors that the model does not have, ParameterValidationError among them.
        self.code: str = response.get("TurkErrorCode", "").rpartition(".")[2]
        self.status: int = response["ResponseMetadata"]["HTTPStatusCode"]
        self.retries: int = response["ResponseMetadata"]["RetryAttempts"]


class Requester:
    """A requester of a market, or of one at an address, with boto3: each call in a thread."""

    def __init__(
        self,
        market: Marketplace | None = None,
        *,
        attempts: int = 1,
        url: str = "",
        access_key: str = "",
        secret_key: str = "",
    ) -> None:
        config = Config(retries={"total_max_attempts": attempts, "mode": "standard"}, max_pool_connections=20)
        self.boto3: Any = _SESSION.client(
            "mturk",
            endpoint_url=market.url if market else url,
            aws_access_key_id=market.access_key if market else access_key,
            aws_secret_access_key=market.secret_key if market else secret_key,
            config=config,
        )

    async def __call__(self, operation: str, /, **members: Any) -> dict[str, Any]:
        """Call an operation by the service's name."""
        method = self.boto3.meta.method_to_api_mapping
        name = next(python for python, service in method.items() if service == operation)
        try:
            answer: dict[str, Any] = await asyncio.to_thread(getattr(self.boto3, name), **members)
        except ClientError as error:
            raise Refused(error) from None
        return answer

    async def refused(self, operation: str, /, **members: Any) -> Refused:
        """Call an operation that has to be refused."""
        try:
            answer = await self(operation, **members)
        except Refused as refusal:
            return refusal
        raise AssertionError(f"{operation} was not refused: {answer}")

    async def hit(self, **members: Any) -> dict[str, Any]:
        """Create a HIT."""
        hit: dict[str, Any] = (await self("CreateHIT", **{**HIT, **members}))["HIT"]
        return hit

    async def get(self, hit_id: str) -> dict[str, Any]:
        """Read a HIT."""
        hit: dict[str, Any] = (await self("GetHIT", HITId=hit_id))["HIT"]
        return hit

    async def counts(self, hit_id: str) -> tuple[str, int, int, int]:
        """Read a HIT's status, and how many are available, pending, completed."""
        hit = await self.get(hit_id)
        names = ("Available", "Pending", "Completed")
        available, pending, completed = (hit[f"NumberOfAssignments{name}"] for name in names)
        return hit["HITStatus"], available, pending, completed

    async def assignments(self, hit_id: str, **members: Any) -> list[dict[str, Any]]:
        """Read the first page of a HIT's assignments."""
        page = await self("ListAssignmentsForHIT", HITId=hit_id, MaxResults=100, **members)
        found: list[dict[str, Any]] = page["Assignments"]
        return found


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def post(
    market: Marketplace,
    operation: str,
    body: Any = None,
    *,
    target: str | None = None,
    region: str = "us-east-1",
    service: str = "mturk-requester",
    secret_key: str | None = None,
    access_key: str | None = None,
    host: str | None = None,
    signed: bool = True,
    target_signed: bool = True,
) -> Answer:
    """Send a request over raw HTTP, signed by botocore."""
    data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    named = {"X-Amz-Target": target or TARGET + operation}
    if target_signed:
        headers |= named
    if host is not None:
        headers["Host"] = host
    request = AWSRequest("POST", market.url + "/", headers, data)
    if signed:
        keys = Credentials(access_key or market.access_key, secret_key or market.secret_key)
        SigV4Auth(keys, service, region).add_auth(request)
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            market.url + "/", data=io.BytesIO(data), headers={**dict(request.headers.items()), **named}
        ) as answer,
    ):
        return Answer(answer.status, answer.headers, await answer.read())


async def done(market: Marketplace, hit_id: str, *workers: str) -> list[str]:
    """Let workers accept and submit a HIT; return the assignments' ids."""
    ids = []
    for name in workers:
        worker = market.worker(name)
        assignment_id = await worker.accept(hit_id)
        await worker.submit(assignment_id, {"age": "36"})
        ids.append(assignment_id)
    return ids
