"""
`async for` over any list operation.

A `Listing` is what every ``list_*`` method returns, at once and without I/O. It knows nothing of the service: it is
handed a function that fetches the page for a token. Iterating prefetches one page ahead, so that the caller's work
and the network overlap.

The service's last page with items carries a token; the end is the page without one (see the manual's
operation pages). So a listing goes on until no token is left, whatever the number of items.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import aclosing
from typing import Any, Generic, Protocol, TypeVar

from aioturk.errors import UnexpectedResponse

__all__ = ["Listing", "Page"]

I = TypeVar("I")  # noqa: E741 - the item
I_co = TypeVar("I_co", covariant=True)
P = TypeVar("P", bound="Page[Any]")


class Page(Protocol[I_co]):
    """One page of a list, as the service answers."""

    @property
    def items(self) -> tuple[I_co, ...]:
        """The items of the page."""
        ...

    @property
    def next_token(self) -> str | None:
        """Where the next page starts; None at the end."""
        ...


class Listing(Generic[I, P]):
    """
    A list on the service, which can be walked item by item, page by page, or read one page at a time.

    ::

        async for hit in mturk.list_hits(): ...              # every item of every page
        page = await mturk.list_hits(max_results=10)         # one page: page.items, page.next_token
        async for page in mturk.list_hits().pages(): ...     # every page

    Each use starts anew from the beginning. Leaving a loop early cancels the page that is being fetched ahead.

    Args:
        fetch: Fetches the page that starts at a token; None is the first page.
        start: The token of the page to start with.
    """

    __slots__ = ("_fetch", "_start")

    def __init__(self, fetch: Callable[[str | None], Awaitable[P]], start: str | None = None) -> None:
        self._fetch = fetch
        self._start = start

    def __await__(self) -> Generator[Any, None, P]:
        return self._fetch(self._start).__await__()

    async def __aiter__(self) -> AsyncGenerator[I, None]:
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for item in page.items:
                    yield item

    async def pages(self) -> AsyncGenerator[P, None]:
        """Walk the list page by page; empty pages, such as the service's last one, are included."""
        page = await self._fetch(self._start)
        here = self._start
        while page.next_token:  # stand-ins have been seen to write an empty one for none
            if page.next_token == here:
                raise UnexpectedResponse(f"the list does not move on: the same token came twice ({here}).")
            here = page.next_token
            ahead = asyncio.ensure_future(self._fetch(here))
            ahead.add_done_callback(_seen)
            try:
                yield page
                page = await ahead
            finally:
                # Without waiting for its end: while a generator closes, nobody else may close it, and an event loop
                # that shuts down closes all of them at once, this one and those around it.
                ahead.cancel()
        yield page


def _seen(page: asyncio.Future[Any]) -> None:
    """Look at what became of a page, which is nobody's when the loop was left early: it is not logged as forgotten."""
    if not page.cancelled():
        page.exception()
