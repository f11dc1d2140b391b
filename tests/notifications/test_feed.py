"""The way from a callback to a loop: whoever hands an event in learns whether the loop is done with it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from aioturk._core.webhooks import Secret, sign
from aioturk.errors import ConfigurationError, TurkError
from aioturk.notifications import Event, handler
from aioturk.notifications.feed import Feed
from tests.notifications.support import MOMENT, Clock, body
from tests.notifications.test_webhooks import SECRET


def event(number: int = 1) -> Event:
    """An event."""
    return Event(type="AssignmentSubmitted", time=MOMENT, document_id=f"doc-{number}")


async def settled() -> None:
    """Let everybody go on as far as they get."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_call_ends_when_the_loop_asks_for_the_next() -> None:
    """The loop gets events in order, and a call returns when its event is done with, and not before."""
    feed = Feed()
    calls = [asyncio.create_task(feed(event(number))) for number in range(3)]
    done = []
    async with aclosing(aiter(feed)) as events:
        for number in range(3):
            assert (await anext(events)).document_id == f"doc-{number}"
            await settled()
            done.append([call.done() for call in calls])
        waiting = asyncio.create_task(anext(events))
        await settled()
        done.append([call.done() for call in calls])
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert done == [[False] * 3, [True, False, False], [True, True, False], [True] * 3]


async def test_a_loop_that_waits_is_woken() -> None:
    """An event that comes while the loop waits reaches it."""
    feed = Feed()
    async with aclosing(aiter(feed)) as events:
        waiting = asyncio.create_task(anext(events))
        await settled()
        call = asyncio.create_task(feed(event()))
        assert (await waiting).document_id == "doc-1"
        assert not call.done()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)


async def test_what_a_loop_was_at_comes_to_the_next() -> None:
    """A loop that is left, by whatever, was not done with its event; the next one begins with it."""
    feed = Feed()
    calls = [asyncio.create_task(feed(event(number))) for number in range(2)]
    async with aclosing(aiter(feed)) as events:
        await anext(events)
    await settled()
    assert not any(call.done() for call in calls)
    async with aclosing(aiter(feed)) as events:
        assert [(await anext(events)).document_id for _ in range(2)] == ["doc-0", "doc-1"]
        await settled()
        assert [call.done() for call in calls] == [True, False]
    calls[1].cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_whoever_loses_patience_is_forgotten() -> None:
    """An event whose caller has gone, who will send it again, is neither kept nor handed out."""
    feed = Feed(most=2)
    calls = [asyncio.create_task(feed(event(number))) for number in range(2)]
    await settled()
    calls[0].cancel()
    await settled()
    third = asyncio.create_task(feed(event(2)))
    async with aclosing(aiter(feed)) as events:
        assert (await anext(events)).document_id == "doc-1"
        calls[1].cancel()
        await settled()
        assert (await anext(events)).document_id == "doc-2"
    third.cancel()
    await asyncio.gather(*calls, third, return_exceptions=True)


async def test_it_does_not_grow() -> None:
    """When nobody walks, so many calls wait, and a call more fails at once."""
    feed = Feed(most=2)
    calls = [asyncio.create_task(feed(event(number))) for number in range(2)]
    await settled()
    with pytest.raises(TurkError, match="2 events"):
        await feed(event(3))
    async with aclosing(aiter(feed)) as events:
        await anext(events)
        late = asyncio.create_task(feed(event(4)))
        assert [(await anext(events)).document_id for _ in range(2)] == ["doc-1", "doc-4"]
    for call in (*calls, late):
        call.cancel()
    await asyncio.gather(*calls, late, return_exceptions=True)


@pytest.mark.parametrize("most", [0, -1, True, 1.5, "10"])
def test_feeds_for_nothing(most: Any) -> None:
    """A feed for which nobody may wait would refuse everything, so it is refused itself."""
    with pytest.raises(ConfigurationError, match="most is"):
        Feed(most)


async def test_two_loops_share() -> None:
    """Each event comes to one of several loops."""
    feed = Feed()
    seen: list[str] = []

    async def walk() -> None:
        async for one in feed:
            seen.append(one.document_id)
            await asyncio.sleep(0)

    loops = [asyncio.create_task(walk()) for _ in range(2)]
    await asyncio.gather(*(feed(event(number)) for number in range(20)))
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    assert sorted(seen) == sorted(f"doc-{number}" for number in range(20))


async def test_behind_the_handler() -> None:
    """A marketplace that posts is told 204 when the loop is done with the event, and to come again if too many wait."""
    feed = Feed(most=1)
    app = web.Application()
    app.router.add_post("/", handler(feed, secret=SECRET, clock=Clock()))

    async def post(client: TestClient[Any, Any], doc: str) -> int:
        data = body(doc).encode()
        headers = dict(sign(Secret.parse(SECRET), doc, MOMENT, data))
        async with client.post("/", data=data, headers=headers) as answer:
            return answer.status

    async with TestClient(TestServer(app)) as client:
        posting = asyncio.create_task(post(client, "doc-1"))
        while not feed._handed_in:  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0)
        assert await post(client, "doc-2") == 500
        async with aclosing(aiter(feed)) as events:
            assert (await anext(events)).document_id == "doc-1"
            assert not posting.done()
            again = asyncio.create_task(post(client, "doc-2"))
            assert (await anext(events)).document_id == "doc-2"
            assert await posting == 204
            waiting = asyncio.create_task(anext(events))
            assert await again == 204
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
