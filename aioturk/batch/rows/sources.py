"""Where rows come from: files, and programs' own iterables, all of them read as streams."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Mapping, Sized
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any, Final, TypeAlias

from aioturk._core.refusal import described
from aioturk.batch.rows.files import FORMS, count_in_file, rows_of_file
from aioturk.batch.rows.keys import Keys
from aioturk.batch.rows.row import KeyedRow, RawRow
from aioturk.batch.rows.values import raw_row
from aioturk.errors import InvalidRequest
from aioturk.tasks.publishing import Key

__all__ = ["Source", "chunks", "count", "read"]

Source: TypeAlias = str | os.PathLike[str] | Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]]
"""Where rows come from: a file's name, or the rows themselves."""

CHUNK: Final = 200
"""How many rows are handled at once."""


async def chunks(source: Source, key: Key = None, *, size: int = CHUNK) -> AsyncGenerator[list[KeyedRow], None]:
    """
    Read rows and name them, some at a time: so many, or fewer when the next one is not there yet.

    Close it when you leave early: that closes the file, or your asynchronous generator, too.

    Args:
        source: Where they come from.
        key: What tells them apart: see `Keys`.
        size: How many are given at once at most.

    Raises:
        InvalidRequest: The file cannot be read as a whole, or there is no such source or key.
    """
    with closing(Keys(key)) as keys:
        async with aclosing(_slices(source, size)) as slices:
            async for rows in slices:
                yield keys.name(rows)


async def read(source: Source) -> AsyncGenerator[RawRow, None]:
    """
    Read rows one by one, without naming them.

    Args:
        source: Where they come from.

    Raises:
        InvalidRequest: The file cannot be read as a whole, or there is no such source.
    """
    async with aclosing(_slices(source, CHUNK)) as slices:
        async for rows in slices:
            for row in rows:
                yield row


async def count(source: Source) -> int | None:
    """Say how many rows there are, where that can be known before they are read."""
    if isinstance(source, str | os.PathLike):
        return await asyncio.to_thread(count_in_file, Path(source))
    return len(source) if isinstance(source, Sized) else None


def _slices(source: object, size: int) -> AsyncGenerator[list[RawRow], None]:
    if isinstance(source, str | os.PathLike):
        return rows_of_file(Path(source), size)
    if isinstance(source, AsyncIterable):
        return _numbered(_as_they_come(source, size))
    if type(source).__name__ == "DataFrame":
        raise InvalidRequest(
            'is a DataFrame; give its rows: df.to_dict("records") of pandas, df.iter_rows(named=True) of polars.',
            argument="source",
        )
    if isinstance(source, Iterable) and not isinstance(source, Mapping | bytes):
        return _numbered(_at_hand(source, size))
    raise InvalidRequest(
        f"is {described(source)}; give the name of a file ({FORMS}), or rows: mappings of columns to values, in a "
        "list, a generator or an asynchronous one.",
        argument="source",
    )


# Rows of a program.

_PATIENCE = 0.05
"""For how many seconds rows of a slow generator are gathered, which nobody can interrupt meanwhile."""


async def _numbered(slices: AsyncGenerator[list[Any], None]) -> AsyncGenerator[list[RawRow], None]:
    number = 0
    async with aclosing(slices):
        async for rows in slices:
            yield [raw_row(position, row) for position, row in enumerate(rows, number + 1)]
            number += len(rows)


async def _at_hand(source: Iterable[Any], size: int) -> AsyncGenerator[list[Any], None]:
    rows: list[Any] = []
    begun = time.monotonic()
    for row in source:
        rows.append(row)
        if len(rows) >= size or time.monotonic() - begun > _PATIENCE:
            yield rows
            rows = []
            await asyncio.sleep(0)  # others have their turn
            begun = time.monotonic()
    if rows:
        yield rows


async def _as_they_come(source: AsyncIterable[Any], size: int) -> AsyncGenerator[list[Any], None]:
    """
    Give what has come as soon as anybody asks, without waiting for more.

    The source is walked by a task of its own, from its beginning to its end: a task for each step would cost more, and
    would break sources that hold a timeout or a group of tasks open.
    """
    arrived: list[Any] = []
    news, room = asyncio.Event(), asyncio.Event()

    async def walk() -> None:
        rows = aiter(source)
        try:
            async for row in rows:
                arrived.append(row)
                news.set()
                if len(arrived) >= size:
                    room.clear()
                    await room.wait()
        finally:
            await _close(rows)

    walking = asyncio.create_task(walk(), name="aioturk-rows")
    walking.add_done_callback(lambda _: news.set())
    try:
        while arrived or not walking.done():
            if arrived:
                rows = arrived.copy()
                arrived.clear()
                room.set()
                yield rows
            else:
                news.clear()
                await news.wait()
        walking.result()
    finally:
        if not walking.done():
            walking.cancel()
            await asyncio.wait([walking])
            if not walking.cancelled():
                walking.result()


async def _close(rows: AsyncIterator[Any]) -> None:
    aclose = getattr(rows, "aclose", None)
    if aclose is not None:
        await aclose()
