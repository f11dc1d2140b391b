"""Listings: every item once, one page ahead, and nothing left behind when the loop is left."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest

from aioturk import Client
from aioturk.errors import ServiceFault, UnexpectedResponse
from aioturk.paginate import Listing
from aioturk.testing import CREDENTIALS, StubTransport, reply

from .generators import closed_at_once, noticed


@dataclass(eq=False)
class Leaf:
    """A page of numbers."""

    items: tuple[int, ...]
    next_token: str | None
    name: str | None = None


@dataclass
class Book:
    """
    A list on a server, with pages of a fixed size; the last page with items carries a token, as the service's does.

    Attributes:
        asked: The token of every page that was asked for, in order.
        failing: Errors that come instead of pages, by the page's token.
        gate: When set, pages after the first wait for it.
    """

    size: int
    per_page: int = 2
    asked: list[str | None] = field(default_factory=list)
    finished: list[str | None] = field(default_factory=list)
    cancelled: list[str | None] = field(default_factory=list)
    failing: dict[str | None, Exception] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    leaves: list[weakref.ref[Leaf]] = field(default_factory=list)

    async def fetch(self, token: str | None) -> Leaf:
        """Return the page that starts at a token."""
        self.asked.append(token)
        try:
            await asyncio.sleep(0)
            if self.gate is not None and token is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.append(token)
            raise
        if token in self.failing:
            raise self.failing[token]
        start = int(token or 0)
        items = tuple(range(start, min(start + self.per_page, self.size)))
        leaf = Leaf(items, str(start + len(items)) if items else None)
        self.leaves.append(weakref.ref(leaf))
        self.finished.append(token)
        return leaf

    def listing(self, start: str | None = None) -> Listing[int, Leaf]:
        """Return the listing of this book."""
        return Listing(self.fetch, start)


@pytest.fixture(autouse=True)
async def nothing_left_behind() -> AsyncIterator[None]:
    """After every test no task is pending, and the loop heard of no exception that nobody looked at."""
    complaints: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    before = asyncio.all_tasks()
    yield
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()
    await asyncio.sleep(0)
    left = {task for task in asyncio.all_tasks() - before if task is not asyncio.current_task()}
    assert not left
    assert not complaints


async def settled() -> None:
    """Let everything that can run do so."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5])
async def test_every_item_once(size: int) -> None:
    """All items of all pages come in order, however full the last page is; the page without a token is the end."""
    book = Book(size)
    assert [item async for item in book.listing()] == list(range(size))
    last = book.asked[-1]
    assert book.asked == [None, *(str(token) for token in range(2, size + 1, 2)), *([last] if size % 2 else [])]
    assert last == (str(size) if size else None)


async def test_pages() -> None:
    """Page by page, the empty last one is there, too."""
    book = Book(3)
    assert [page.items async for page in book.listing().pages()] == [(0, 1), (2,), ()]


async def test_one_page() -> None:
    """Awaiting a listing is one page and one request."""
    book = Book(5)
    page = await book.listing()
    assert (page.items, page.next_token) == ((0, 1), "2")
    assert book.asked == [None]


async def test_starting_later() -> None:
    """A listing may start at a token, however it is used."""
    book = Book(5)
    assert [item async for item in book.listing("2")] == [2, 3, 4]
    assert (await book.listing("4")).items == (4,)


async def test_nothing_happens_until_it_is_used() -> None:
    """Making a listing, or an iterator over it, asks for nothing."""
    book = Book(5)
    listing = book.listing()
    aiter(listing)
    listing.pages()
    await settled()
    assert book.asked == []


async def test_one_page_ahead_and_no_more() -> None:
    """While the caller works on one page the next is fetched, and none after it."""
    book = Book(10)
    seen = []
    async with aclosing(book.listing().pages()) as pages:
        async for page in pages:
            await settled()
            seen.append((page.items[:1], list(book.finished)))
            if len(seen) == 3:
                break
    assert seen == [((0,), [None, "2"]), ((2,), [None, "2", "4"]), ((4,), [None, "2", "4", "6"])]


async def test_breaking_out_cancels_the_page_ahead() -> None:
    """Leaving the loop early cancels the fetch that is under way, and leaves no task behind."""
    book = Book(10, gate=asyncio.Event())
    async for item in book.listing():
        await settled()
        assert item == 0
        break
    await settled()
    assert book.asked == [None, "2"]
    assert book.cancelled == ["2"]


@pytest.mark.parametrize("gate", [None, asyncio.Event()])
async def test_an_error_in_the_loop_comes_out(gate: asyncio.Event | None) -> None:
    """The caller's own exception passes through, whether the page ahead is there or under way."""
    book = Book(10, gate=gate)

    async def stumble() -> None:
        async for item in book.listing():
            await settled()
            raise KeyError(item)

    with pytest.raises(KeyError):
        await stumble()
    await settled()
    assert book.cancelled == ([] if gate is None else ["2"])


async def test_a_failed_page_ahead_that_nobody_wants() -> None:
    """When the loop is left, a fetch ahead that failed meanwhile is nobody's business."""
    book = Book(10, failing={"2": ServiceFault("no")})
    async for _ in book.listing():
        await settled()
        break


@pytest.mark.parametrize("order", [1, -1], ids=["outer first", "inner first"])
@pytest.mark.parametrize("hanging", [False, True])
async def test_a_loop_that_shuts_down(order: int, hanging: bool) -> None:
    """It closes a walk, and the walk over pages within it, at once and in any order, and hears no complaint."""
    book = Book(10, gate=asyncio.Event() if hanging else None)
    with noticed() as generators:
        walk = aiter(book.listing())
        assert await anext(walk) == 0
        await settled()
    assert await closed_at_once(generators[::order]) == [None, None]
    await settled()
    assert book.cancelled == (["2"] if hanging else [])


@pytest.mark.parametrize("failing", [None, "2", "4", "6"])
async def test_errors_come_after_the_items_before_them(failing: str | None) -> None:
    """What was there before a page failed is delivered first."""
    book = Book(6, failing={failing: ServiceFault("no")})
    seen: list[int] = []
    with pytest.raises(ServiceFault):
        await collect(book.listing(), seen)
    assert seen == list(range(int(failing or 0)))


async def collect(listing: Listing[int, Leaf], seen: list[int]) -> None:
    """Put every item into a list as it comes."""
    async for item in listing:
        seen.append(item)


async def test_cancelling_the_reader_cancels_the_page() -> None:
    """A cancelled task is cancelled, and so is the page that it waits for."""
    book = Book(10, gate=asyncio.Event())
    reading = asyncio.create_task(count(book.listing()))
    await settled()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert book.cancelled == ["2"]


async def count(listing: Listing[int, Leaf]) -> int:
    """Return how many items there are."""
    return len([item async for item in listing])


async def test_readers_do_not_disturb_each_other() -> None:
    """Each use of a listing starts anew, also at the same time."""
    book = Book(7)
    listing = book.listing()
    assert await asyncio.gather(*(count(listing) for _ in range(5))) == [7] * 5
    assert await count(listing) == 7
    assert (await listing).items == (0, 1)


async def test_a_list_that_does_not_move_on() -> None:
    """A page that carries the token it was asked with would be read for ever, so it raises; what came before counts."""

    async def fetch(token: str | None) -> Leaf:
        return Leaf((1,) if token is None else (2,), "same")

    seen: list[int] = []
    with pytest.raises(UnexpectedResponse, match="does not move on"):
        await collect(Listing(fetch), seen)
    assert seen == [1]


async def test_an_empty_token_is_none() -> None:
    """An empty token leads nowhere; it is taken for the end."""

    async def fetch(token: str | None) -> Leaf:
        assert token is None
        return Leaf((1, 2), "")

    assert [item async for item in Listing[int, Leaf](fetch)] == [1, 2]


async def test_flat_memory() -> None:
    """However long the list, no more than the page in hand, the one before and the one ahead are alive."""
    book = Book(2_000, per_page=10)
    most = 0
    async for item in book.listing():
        if item % 10 == 5:
            most = max(most, sum(leaf() is not None for leaf in book.leaves))
    assert most <= 3
    await settled()
    assert sum(leaf() is not None for leaf in book.leaves) <= 1


# Through the client.


def pages_of(*pages: tuple[list[str], str | None]) -> StubTransport:
    """A transport that answers with pages of reviewable HITs."""
    replies: list[Callable[..., Awaitable[Any]] | Any] = []
    for ids, token in pages:
        document: dict[str, Any] = {"NumResults": len(ids), "HITs": [{"HITId": hit_id} for hit_id in ids]}
        replies.append(reply(document if token is None else {**document, "NextToken": token}))
    return StubTransport(*replies)


async def test_the_clients_lists() -> None:
    """The client asks for pages of 100 with the token of the page before, until no token comes."""
    transport = pages_of((["A", "B"], "t1"), (["C"], "t2"), ([], None))
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        found = [hit.hit_id async for hit in mturk.list_reviewable_hits(status="Reviewing")]
    assert found == ["A", "B", "C"]
    first = {"Status": "Reviewing", "MaxResults": 100}
    assert transport.calls == [
        ("ListReviewableHITs", first),
        ("ListReviewableHITs", {**first, "NextToken": "t1"}),
        ("ListReviewableHITs", {**first, "NextToken": "t2"}),
    ]


async def test_the_clients_single_page() -> None:
    """One page, of the size and from the token that were asked for."""
    transport = pages_of((["A"], "t2"))
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        page = await mturk.list_reviewable_hits(max_results=1, next_token="t1")
    assert [hit.hit_id for hit in page.items] == ["A"]
    assert (page.next_token, page.num_results) == ("t2", 1)
    assert transport.calls == [("ListReviewableHITs", {"MaxResults": 1, "NextToken": "t1"})]


async def test_details_of_reviews_come_in_order() -> None:
    """The items of review results are both reports' details in the order of the answer; the pages keep both reports."""
    result = {"ActionId": "1", "SubjectId": "A", "SubjectType": "Assignment", "Key": "Score", "Value": "1"}
    action = {"ActionId": "2", "ActionName": "approve", "Status": "Succeeded"}
    document = {
        "HITId": "3",
        "AssignmentReviewReport": {"ReviewResults": [result], "ReviewActions": [action]},
        "HITReviewReport": {"ReviewResults": [{**result, "ActionId": "3"}], "ReviewActions": []},
    }
    transport = StubTransport(reply({**document, "NextToken": "t1"}), reply({"HITId": "3"}))
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        found = [detail.action_id async for detail in mturk.list_review_policy_results_for_hit("3")]
        assert found == ["1", "2", "3"]
