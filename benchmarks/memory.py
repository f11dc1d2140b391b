"""Whether iterating over a million HITs keeps memory flat."""

from __future__ import annotations

import asyncio
import tracemalloc

from aioturk import Client, Credentials
from aioturk._core.codec import encode
from aioturk._core.messages import Request, Response
from benchmarks.canned import HIT

__all__ = ["run"]

_PAGE = 100


class _Pages:
    """A transport that answers with page after page of HITs."""

    def __init__(self, pages: int) -> None:
        self._left = pages
        self._full = encode({"HITs": [HIT] * _PAGE, "NumResults": _PAGE, "NextToken": "{}"})

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        self._left -= 1
        if self._left < 0:
            return Response(200, {}, b'{"HITs": [], "NumResults": 0}')
        return Response(200, {}, self._full.replace(b"{}", b"%d" % self._left))

    async def close(self) -> None:
        return None


def run(*, items: int) -> float:
    """Return by how many MiB memory grew from half of the items to the end."""
    return asyncio.run(_iterate(items))


async def _iterate(items: int) -> float:
    keys = Credentials("AKIDEXAMPLE", "secret")
    tracemalloc.start()
    at_half, count = 0, 0
    async with Client("sandbox", credentials=keys, transport=_Pages(items // _PAGE)) as mturk:
        async for _ in mturk.list_hits():
            count += 1
            if count == items // 2:
                at_half = tracemalloc.get_traced_memory()[0]
        at_end = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    if count != items:
        raise AssertionError(f"{count} items came instead of {items}")
    return max(0, at_end - at_half) / 2**20
