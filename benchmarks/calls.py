"""What a call costs: `create_hit`, and a page of a hundred assignments, beside plain aiohttp and the rivals."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import aiohttp

from aioturk import Client, Credentials, sigv4
from benchmarks.canned import ASSIGNMENTS_PER_PAGE, HIT, serve
from benchmarks.stopwatch import best_async

__all__ = ["run"]

IN_FLIGHT = 10
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

CREATE_HIT: dict[str, Any] = {
    "MaxAssignments": 3,
    "LifetimeInSeconds": 86400,
    "AssignmentDurationInSeconds": 300,
    "Reward": "0.25",
    "Title": HIT["Title"],
    "Keywords": HIT["Keywords"],
    "Description": HIT["Description"],
    "Question": HIT["Question"],
}
LIST_ASSIGNMENTS: dict[str, Any] = {"HITId": HIT["HITId"], "MaxResults": ASSIGNMENTS_PER_PAGE}

Perform = Callable[[], Awaitable[object]]


def repeated(perform: Perform, in_flight: int) -> Callable[[int], Awaitable[None]]:
    """Perform an operation many times, so many at once."""

    async def many(operations: int) -> None:
        numbers = iter(range(operations))

        async def some() -> None:
            for _ in numbers:
                await perform()

        await asyncio.gather(*(some() for _ in range(in_flight)))

    return many


async def _plain(stack: AsyncExitStack, url: str) -> tuple[Perform, Perform]:
    """Nothing but aiohttp: a body that was signed beforehand is posted, and the answer read and left unparsed."""
    session = await stack.enter_async_context(aiohttp.ClientSession())

    def poster(operation: str, document: dict[str, Any]) -> Perform:
        import json

        headers = [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", f"MTurkRequesterServiceV20170117.{operation}"),
        ]
        request = sigv4.Request("POST", url, headers, json.dumps(document).encode())
        signed = sigv4.sign(request, KEYS, service="mturk-requester", region="us-east-1", now=datetime.now(UTC))

        async def post() -> bytes:
            async with session.post(url, data=signed.body, headers=signed.headers) as response:
                return await response.read()

        return post

    return poster("CreateHIT", CREATE_HIT), poster("ListAssignmentsForHIT", LIST_ASSIGNMENTS)


async def _aioturk(stack: AsyncExitStack, url: str) -> tuple[Perform, Perform]:
    mturk = await stack.enter_async_context(Client(url, credentials=KEYS))

    async def create() -> object:
        return await mturk.create_hit(
            title=HIT["Title"],
            description=HIT["Description"],
            reward="0.25",
            keywords=HIT["Keywords"],
            max_assignments=3,
            lifetime=86400,
            assignment_duration=300,
            question=HIT["Question"],
        )

    async def page() -> object:
        return await mturk.list_assignments_for_hit(HIT["HITId"])

    return create, page


async def _aiobotocore(stack: AsyncExitStack, url: str) -> tuple[Perform, Perform]:
    from aiobotocore.session import get_session

    client = await stack.enter_async_context(
        get_session().create_client(
            "mturk",
            region_name="us-east-1",
            endpoint_url=url,
            aws_access_key_id=KEYS.access_key,
            aws_secret_access_key=KEYS.secret_key,
        )
    )

    async def create() -> object:
        # Its callers have to make the token themselves; without one a lost reply makes two HITs.
        return await client.create_hit(**CREATE_HIT, UniqueRequestToken=next(_TOKENS))

    async def page() -> object:
        return await client.list_assignments_for_hit(**LIST_ASSIGNMENTS)

    return create, page


_TOKENS = map("token-{}".format, itertools.count())


async def _capo(stack: AsyncExitStack, url: str) -> tuple[Perform, Perform]:
    import capo_mturk

    keys = capo_mturk.Credentials(access_key=KEYS.access_key, secret_key=KEYS.secret_key)
    client = await stack.enter_async_context(
        capo_mturk.AsyncMTurkClient(region="us-east-1", endpoint=url, credentials=keys)
    )

    async def create() -> object:
        return await client.create_hit(
            lifetime_in_seconds=CREATE_HIT["LifetimeInSeconds"],
            assignment_duration_in_seconds=CREATE_HIT["AssignmentDurationInSeconds"],
            reward=CREATE_HIT["Reward"],
            title=CREATE_HIT["Title"],
            description=CREATE_HIT["Description"],
            keywords=CREATE_HIT["Keywords"],
            max_assignments=CREATE_HIT["MaxAssignments"],
            question=CREATE_HIT["Question"],
            unique_request_token=next(_TOKENS),
        )

    async def page() -> object:
        return await client.list_assignments_for_hit(HIT["HITId"], max_results=ASSIGNMENTS_PER_PAGE)

    return create, page


CANDIDATES = {"plain aiohttp": _plain, "aioturk": _aioturk, "aiobotocore": _aiobotocore, "capo-mturk": _capo}


async def run(*, in_flight: int, rounds: int = 15) -> dict[str, dict[str, float]]:
    """
    Return CPU seconds for ``create_hit`` and ``page``, for every candidate.

    Args:
        in_flight: How many calls are under way at once. One shows the cost of a single call, in which the event loop
            has the largest part; several are what bulk uploads look like.
        rounds: How often everybody takes a turn.
    """
    with serve() as url:
        async with AsyncExitStack() as stack:
            ready = {name: await prepare(stack, url) for name, prepare in CANDIDATES.items()}
            creating = {name: repeated(create, in_flight) for name, (create, _) in ready.items()}
            reading = {name: repeated(page, in_flight) for name, (_, page) in ready.items()}
            for candidates in (creating, reading):
                await best_async(candidates, operations=20, rounds=1)
            return {
                "create_hit": await best_async(creating, operations=200, rounds=rounds),
                "page": await best_async(reading, operations=50, rounds=rounds),
            }
