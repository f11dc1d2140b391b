"""The Crowd API over raw HTTP, and a look behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from yarl import URL

from aioturk import sigv4
from aioturk._core.keys import Credentials
from aioturk._core.messages import Request
from aioturk.marketplace import Marketplace
from aioturk.marketplace.crowd.tasks import Tasks

__all__ = ["ACCOUNT", "Answer", "Crowd", "tasks_of"]

ACCOUNT = "123456789012"
"""The number of the first requester's account."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """The sentence of a refusal, which is all that its document holds."""
        (text,) = self.json.values()
        return str(text)


@dataclass
class Crowd:
    """Requests of the Crowd API to a market, signed by hand."""

    market: Marketplace
    function: str = "sentiment-analysis-test"
    task: str = "t"
    account: str = ACCOUNT
    keys: Credentials | None = None
    service: str = "crowd"
    host: str | None = None
    signed: bool = True

    async def put(self, given: object, **members: Any) -> Answer:
        """Make a task with an input."""
        return await self.send("PUT", json.dumps({"input": given}).encode(), **members)

    async def get(self, **members: Any) -> Answer:
        """Read a task."""
        return await self.send("GET", **members)

    async def delete(self, **members: Any) -> Answer:
        """Delete a task."""
        return await self.send("DELETE", **members)

    async def send(
        self, method: str, body: bytes = b"", *, task: str | None = None, function: str | None = None, path: str = ""
    ) -> Answer:
        """Send a request; a path says all of it."""
        place = path or f"/{self.account}/functions/{function or self.function}/tasks/{task or self.task}"
        url = self.market.url + place
        request = Request(method, url, (("Host", self.host),) if self.host else (), body)
        if self.signed:
            keys = self.keys or self.market.credentials
            request = sigv4.sign(request, keys, service=self.service, region="us-east-1", now=datetime.now(UTC))
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, URL(url, encoded=True), data=body or None, headers=dict(request.headers)) as answer,
        ):
            return Answer(answer.status, answer.headers, await answer.read())


def tasks_of(market: Marketplace) -> Tasks:
    """The tasks behind a market's doors."""
    tasks: Tasks = market._tasks
    return tasks
