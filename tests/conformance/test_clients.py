"""
Other people's clients as judges of the marketplace: boto3, aiobotocore and capo-mturk, unpatched.

The AWS SDK for JavaScript is a fourth; it is in `tests/javascript`, because it wants Node.js.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiobotocore.session
import boto3
import botocore.exceptions
import capo_mturk
import pytest

from aioturk.marketplace import Marketplace
from tests.conformance.all39 import ALWAYS, CHAPTERS, SERVICE, Chapter, Recorder, World, wire_faults
from tests.conformance.scenario import Judge, Refusal, whole_business
from tests.marketplace.support import StillClock

Connect = Callable[[Recorder, Marketplace], AbstractAsyncContextManager[Judge]]


# The judges.


def _refusal(error: botocore.exceptions.ClientError) -> Refusal:
    response: dict[str, Any] = error.response
    said = response["Error"]
    # The model's errors keep their code; errors that the model does not know lose it.
    return Refusal(
        said["Code"], said["Message"], response["ResponseMetadata"]["HTTPStatusCode"], response.get("TurkErrorCode")
    )


def _bare(response: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


def _method(client: Any, operation: str) -> str:
    methods: Mapping[str, str] = client.meta.method_to_api_mapping
    return next(method for method, name in methods.items() if name == operation)


class Boto3:
    """boto3, each call in a thread."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def call(self, operation: str, members: Mapping[str, Any]) -> dict[str, Any]:
        method = getattr(self._client, _method(self._client, operation))
        try:
            return _bare(await asyncio.to_thread(method, **members))
        except botocore.exceptions.ClientError as error:
            raise _refusal(error) from None

    async def pages(self, operation: str, members: Mapping[str, Any], size: int) -> list[dict[str, Any]]:
        paginator = self._client.get_paginator(_method(self._client, operation))
        pages = await asyncio.to_thread(list, paginator.paginate(**members, PaginationConfig={"PageSize": size}))
        return [_bare(page) for page in pages]


_BOTO3 = boto3.Session(region_name="us-east-1")  # one, because it keeps the service's model


@asynccontextmanager
async def _boto3(recorder: Recorder, market: Marketplace) -> AsyncIterator[Judge]:
    client = _BOTO3.client(
        "mturk",
        endpoint_url=recorder.url,
        aws_access_key_id=market.access_key,
        aws_secret_access_key=market.secret_key,
    )
    yield Boto3(client)
    client.close()


class AioBotocore:
    """aiobotocore."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def call(self, operation: str, members: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return _bare(await getattr(self._client, _method(self._client, operation))(**members))
        except botocore.exceptions.ClientError as error:
            raise _refusal(error) from None

    async def pages(self, operation: str, members: Mapping[str, Any], size: int) -> list[dict[str, Any]]:
        paginator = self._client.get_paginator(_method(self._client, operation))
        return [_bare(page) async for page in paginator.paginate(**members, PaginationConfig={"PageSize": size})]


_AIOBOTOCORE = aiobotocore.session.get_session()


@asynccontextmanager
async def _aiobotocore(recorder: Recorder, market: Marketplace) -> AsyncIterator[Judge]:
    async with _AIOBOTOCORE.create_client(
        "mturk",
        region_name="us-east-1",
        endpoint_url=recorder.url,
        aws_access_key_id=market.access_key,
        aws_secret_access_key=market.secret_key,
    ) as client:
        yield AioBotocore(client)


class Capo:
    """capo-mturk; the functions beside its types turn wire names into its own and back."""

    def __init__(self, client: capo_mturk.AsyncMTurkClient) -> None:
        self._client = client
        # Its names are cut from the service's by a rule of its own ("list_hi_ts").
        self._names = {name.replace("_", ""): name for name in dir(client) if not name.startswith(("_", "iter_"))}

    async def call(self, operation: str, members: Mapping[str, Any]) -> dict[str, Any]:
        name = self._names[operation.lower()]
        try:
            return self._wire(name, await getattr(self._client, name)(**self._arguments(name, members)))
        except capo_mturk.errors.ServiceError as error:
            code = error.data.get("turk_error_code") if isinstance(error, capo_mturk.errors.RequestError) else None
            raise Refusal(error.code or "", error.message or "", error.response.status, code) from None

    async def pages(self, operation: str, members: Mapping[str, Any], size: int) -> list[dict[str, Any]]:
        name = self._names[operation.lower()]
        walk = getattr(self._client, f"iter_{name}")(**self._arguments(name, members), max_results=size)
        return [self._wire(name, page) async for page in walk]

    @staticmethod
    def _arguments(name: str, members: Mapping[str, Any]) -> dict[str, Any]:
        module = importlib.import_module(f"capo_mturk.types.{name}_request")
        times = {key: value.timestamp() for key, value in members.items() if hasattr(value, "timestamp")}
        arguments: dict[str, Any] = module.deserialize_aws_json_1_1({**members, **times})
        return arguments

    @staticmethod
    def _wire(name: str, response: Any) -> dict[str, Any]:
        module = importlib.import_module(f"capo_mturk.types.{name}_response")
        members: dict[str, Any] = module.serialize_aws_json_1_1(response)
        return members


@asynccontextmanager
async def _capo(recorder: Recorder, market: Marketplace) -> AsyncIterator[Judge]:
    keys = capo_mturk.Credentials(access_key=market.access_key, secret_key=market.secret_key)
    client = capo_mturk.AsyncMTurkClient(region="us-east-1", endpoint=recorder.url, credentials=keys)
    async with client:
        yield Capo(client)


JUDGES: Mapping[str, Connect] = {"boto3": _boto3, "aiobotocore": _aiobotocore, "capo-mturk": _capo}


@pytest.fixture(params=JUDGES)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A client at a marketplace in memory whose clock stands still."""
    connect = JUDGES[request.param]
    async with (
        Marketplace(clock=StillClock()) as market,
        Recorder(market) as recorder,
        connect(recorder, market) as judge,
    ):
        yield World(market, judge, recorder)


# What they say.


async def test_one_and_the_same_scenario_passes_with_every_client(world: World) -> None:
    """Create, work, review, bonus, delete, with the client's own paginators and errors."""
    await whole_business(world, world.market)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.__name__)
async def test_08_every_operation_is_answered_with_exactly_its_members(world: World, chapter: Chapter) -> None:
    """Every answer parses; on the wire no member is missing, extra, or of the wrong type."""
    await chapter(world)

    assert CHAPTERS[chapter] <= world.called


def test_the_run_has_all_39_operations() -> None:
    """The chapters leave no operation out."""
    covered = [operation for operations in CHAPTERS.values() for operation in operations]

    assert sorted(covered) == sorted(SERVICE.operation_names)
    assert len(covered) == 39


def test_the_table_of_members_knows_every_structure_of_the_answers() -> None:
    """No structure of any answer is left unchecked, and nothing is asked for that the model does not have."""
    outputs = [SERVICE.operation_model(name).output_shape for name in SERVICE.operation_names]
    structures = {shape.name: set(shape.members) for output in outputs for shape in _structures(output)}

    assert {name for name, members in structures.items() if members} - ALWAYS.keys() == _INSIDE_POLICIES
    for name, members in ALWAYS.items():
        assert members <= structures[name], name


_INSIDE_POLICIES = {"PolicyParameter", "ParameterMapEntry"}
"""What answers could hold by the model, and do not."""


def _structures(shape: Any) -> Iterator[Any]:
    if shape.type_name == "list":
        yield from _structures(shape.member)
    elif shape.type_name == "structure":
        yield shape
        for member in shape.members.values():
            yield from _structures(member)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"BonusAmount": ...}, "BonusAmount is missing"),
        ({"Currency": "USD"}, "Currency does not belong there"),
        ({"Reason": None}, "Reason: None is no string"),
        ({"BonusAmount": 1.5}, "BonusAmount: 1.5 is no string"),
        ({"BonusAmount": "1.5"}, "BonusAmount: '1.5' does not fit"),
        ({"GrantTime": "2030-03-17T17:46:40Z"}, "GrantTime: '2030-03-17T17:46:40Z' is no timestamp"),
        ({"WorkerId": "anna"}, "WorkerId: 'anna' does not fit"),
    ],
)
def test_the_checks_find_what_is_wrong(change: dict[str, Any], fault: str | None) -> None:
    """An answer that deviates in one member is found out, and one that does not is not."""
    payment = {"WorkerId": "A1", "BonusAmount": "1.50", "AssignmentId": "3A", "GrantTime": 1.5, **change}
    answer = {"NumResults": 1, "BonusPayments": [{name: it for name, it in payment.items() if it is not ...}]}

    found = list(wire_faults(answer, SERVICE.operation_model("ListBonusPayments").output_shape, "ListBonusPayments"))

    assert [text.startswith(f"ListBonusPayments.BonusPayments[0].{fault}") for text in found] == [True] * bool(fault)
