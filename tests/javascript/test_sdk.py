"""
The AWS SDK for JavaScript as a judge of the marketplace: the scenario and the run of `tests/conformance`, once more.

`run.mjs` makes the SDK's calls in a Node.js of its own; everything that is said about them is said in Python. The SDK
comes from npm (``make javascript``), or is taken from the folder that AIOTURK_JAVASCRIPT_SDK names: the one that holds
its `node_modules`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from aioturk.marketplace import Marketplace
from tests.conformance.all39 import CHAPTERS, Chapter, Recorder, World
from tests.conformance.scenario import Judge, Refusal, whole_business
from tests.marketplace.support import StillClock

HERE = Path(__file__).parent
FOLDER = Path(os.environ.get("AIOTURK_JAVASCRIPT_SDK") or HERE)
NODE = shutil.which("node")
LONGEST_ANSWER = 16 * 1024 * 1024

if NODE is None:
    pytest.skip("Node.js is not on PATH: install it, then `make javascript`", allow_module_level=True)
if not (FOLDER / "node_modules" / "@aws-sdk" / "client-mturk").is_dir():
    pytest.skip(f"the AWS SDK for JavaScript is not in {FOLDER}: `make javascript`", allow_module_level=True)


class JavaScript:
    """The SDK in its Node.js."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def call(self, operation: str, members: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = await self._ask({"operation": operation, "members": members})
        return answer

    async def pages(self, operation: str, members: Mapping[str, Any], size: int) -> list[dict[str, Any]]:
        pages: list[dict[str, Any]] = await self._ask({"operation": operation, "members": members, "size": size})
        return pages

    async def _ask(self, question: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question, default=_date).encode() + b"\n")
        await self._process.stdin.drain()
        reply = json.loads(await self._process.stdout.readline() or '{"broken": "Node.js has ended; see its stderr"}')
        if "refusal" in reply:
            raise Refusal(**{"code": None, **reply["refusal"]})
        assert "broken" not in reply, reply["broken"]
        return reply["answer"]


def _date(value: object) -> dict[str, int]:
    assert isinstance(value, datetime)
    return {"$date": round(value.timestamp() * 1000)}


@asynccontextmanager
async def _javascript(recorder: Recorder, market: Marketplace, home: Path) -> AsyncIterator[Judge]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_MTURK": recorder.url,
        "AWS_ACCESS_KEY_ID": market.access_key,
        "AWS_SECRET_ACCESS_KEY": market.secret_key,
    }
    assert NODE is not None
    process = await asyncio.create_subprocess_exec(
        NODE, str(HERE / "run.mjs"), str(FOLDER), stdin=PIPE, stdout=PIPE, env=environment, limit=LONGEST_ANSWER
    )
    try:
        yield JavaScript(process)
    finally:
        await process.communicate(b"")  # the end of its input ends it


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The SDK at a marketplace in memory whose clock stands still."""
    async with (
        Marketplace(clock=StillClock()) as market,
        Recorder(market) as recorder,
        _javascript(recorder, market, tmp_path) as judge,
    ):
        yield World(market, judge, recorder)


async def test_the_scenario_of_all_clients_passes(world: World) -> None:
    """Create, work, review, bonus, delete, with the SDK's own paginators and errors."""
    await whole_business(world, world.market)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.__name__)
async def test_every_operation_is_answered_with_exactly_its_members(world: World, chapter: Chapter) -> None:
    """Every answer is read by the SDK as it was sent: nothing is lost, nothing is added."""
    await chapter(world)

    assert CHAPTERS[chapter] <= world.called
