"""
Rows: where they come from, in which form they are kept, and what each is called.

Rows are read as a stream, so that a million of them takes no more memory than a thousand. Each comes with its number;
one that cannot be used comes with its problem, and the others come all the same. Since the ledger keeps rows as JSON,
their values are made such that JSON gives them back as they are, or are refused.

What becomes of a row is in `aioturk.batch.plan`.
"""

from __future__ import annotations

import asyncio
import csv
import json
import math
import os
import sqlite3
import time
from codecs import getincrementaldecoder
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, closing
from dataclasses import dataclass
from datetime import date
from datetime import time as time_of_day
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from itertools import islice
from pathlib import Path
from struct import Struct
from typing import Any, Final, TypeAlias, cast
from uuid import UUID

import msgspec

from aioturk._core import codec
from aioturk._core.refusal import described
from aioturk.errors import InvalidRequest
from aioturk.questions.template import Raw
from aioturk.tasks.publishing import Key, key_of

__all__ = ["KeyedRow", "Keys", "RawRow", "Source", "chunks", "read"]

Source: TypeAlias = str | os.PathLike[str] | Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]]
"""Where rows come from: a file's name, or the rows themselves."""

CHUNK: Final = 200
"""How many rows are handled at once."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """
    A row as it came.

    Attributes:
        number: Its number, from 1.
        values: Its values by column, as values of JSON; none if it has a problem.
        error: Why it cannot be used.
    """

    number: int
    values: dict[str, Any]
    error: InvalidRequest | None = None


@dataclass(frozen=True, slots=True)
class KeyedRow:
    """
    A row with its name.

    Attributes:
        number: Its number, from 1.
        key: What it is called in its batch; None if that cannot be told.
        values: Its values by column.
        error: Why it cannot be used.
    """

    number: int
    key: str | None
    values: dict[str, Any]
    error: InvalidRequest | None = None


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


def _slices(source: object, size: int) -> AsyncGenerator[list[RawRow], None]:
    if isinstance(source, str | os.PathLike):
        return _of_file(Path(source), size)
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
        f"is {described(source)}; give the name of a file ({_FORMS}), or rows: mappings of columns to values, in a "
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
            yield [_raw(position, row) for position, row in enumerate(rows, number + 1)]
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


# Values.

_WRITTEN_OUT = "{} has no form in JSON: make a text of it, as you want it to be shown, such as str(value)"
_TEXTS: Final = frozenset([str])
_PLAIN: Final = frozenset([str, bool, type(None)])
_EMPTY_CELLS: Final = frozenset(["NAType", "NaTType"])
_MOST_BITS = 64


class _Unfit(Exception):
    """A value cannot be kept; the text says why, as the rest of a sentence about it."""


def _raw(number: int, row: object) -> RawRow:
    if not isinstance(row, Mapping):
        error = InvalidRequest(f"{number} is {described(row)}; give a mapping of columns to values.", argument="row")
        return RawRow(number, {}, error)
    values = dict(row)
    # Rows of nothing but ASCII, such as most files have, are as good as checked.
    texts = _TEXTS.issuperset(map(type, values)) and _TEXTS.issuperset(map(type, values.values()))
    if texts and "".join(values).isascii() and "".join(values.values()).isascii():
        return RawRow(number, values)
    problems = []
    for name, value in values.items():
        try:
            values[_column(name)] = _plain(value)
        except _Unfit as unfit:
            problems.append(f"{name!a:.80} {unfit}" if not isinstance(name, str) else f"{_shown(name)} {unfit}")
        except RecursionError:
            problems.append(f"{_shown(name)} holds itself, or too many lists in lists")
    if problems:
        return RawRow(number, {}, InvalidRequest("; ".join(problems) + ".", argument="row"))
    return RawRow(number, values)


def _shown(name: str) -> str:
    return name if name.isprintable() else ascii(name)


def _column(name: object) -> str:
    if type(name) is not str:
        raise _Unfit(f"is the name of a column, and of the type {type(name).__name__}: give a string")
    return _carried(name)


def _carried(words: str) -> str:
    if not words.isascii():
        try:
            words.encode()
        except UnicodeEncodeError:
            raise _Unfit(f"holds half a character ({words!a:.40}), which UTF-8 cannot carry: leave it out") from None
    return words


def _plain(value: object) -> Any:
    """Return a value as JSON gives it back."""
    kind = type(value)
    if kind in _PLAIN:
        return _carried(value) if isinstance(value, str) else value
    if kind is int or kind is float:
        return _number(cast("float", value))
    if isinstance(value, Raw):
        raise _Unfit(
            "is Raw, which the ledger could not tell from other texts any more: name the column in "
            "HTMLTemplate(..., raw=[...]) and give its text"
        )
    if type(value).__name__ in _EMPTY_CELLS:
        raise _Unfit(_EMPTY)
    if isinstance(value, Enum | date | time_of_day | Decimal | UUID):
        raise _Unfit(f"is {_WRITTEN_OUT.format(described(value))}")
    if isinstance(value, Mapping):
        return {_column(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return _of_another_type(value)


def _of_another_type(value: object) -> Any:
    """Numbers and texts as other libraries have them, of which the plain one is kept."""
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "shape", None) == ():
        inner = item()
        if type(inner) in _PLAIN or type(inner) in (int, float):
            return _plain(inner)
    elif isinstance(value, str):
        return _carried(str.__str__(value))
    elif isinstance(value, int):
        return _number(int.__int__(value))
    elif isinstance(value, float):
        return _number(float.__float__(value))
    raise _Unfit(f"is {_WRITTEN_OUT.format(described(value))}")


_EMPTY = (
    "is not a number (NaN), as libraries for tables write an empty cell: give an empty string instead, with pandas by "
    'df.fillna("")'
)


def _number(value: float) -> float:
    if isinstance(value, int):
        if value.bit_length() > _MOST_BITS:
            raise _Unfit("is a number of more than 64 bits: make a text of it")
    elif math.isnan(value):
        raise _Unfit(_EMPTY)
    elif math.isinf(value):
        raise _Unfit("is infinite: make a text of it")
    return value


# Rows of files.

_SEPARATORS: Final = {".csv": ",", ".tsv": "\t"}
_OBJECTS: Final = (".jsonl", ".ndjson", ".json")
_FORMS: Final = ", ".join([*_SEPARATORS, *_OBJECTS])
_BLOCK = 1 << 20


async def _of_file(path: Path, size: int) -> AsyncGenerator[list[RawRow], None]:
    suffix = path.suffix.lower()
    if suffix not in _SEPARATORS and suffix not in _OBJECTS:
        raise InvalidRequest(
            f"is {str(path)!r}, whose name does not say what is in it: call it {_FORMS} (the last three with one "
            "object on each line), or read it yourself and give its rows.",
            argument="source",
        )
    await asyncio.to_thread(_check, path)
    # Without translating line ends: quoted cells keep theirs, and a carriage return alone ends no line.
    file = path.open(encoding="utf-8-sig", newline="\n")
    rows = _of_csv(path, file, _SEPARATORS[suffix]) if suffix in _SEPARATORS else _of_objects(path, file)
    reading: asyncio.Future[list[RawRow]] | None = None
    try:
        while True:
            reading = asyncio.ensure_future(asyncio.to_thread(_some, path, rows, size))
            found = await asyncio.shield(reading)
            if not found:
                return
            yield found
    finally:
        # A thread cannot be cancelled, and a file that is being read must not be closed.
        if reading is not None and not reading.done():
            await asyncio.wait([reading])
        file.close()


def _some(path: Path, rows: Iterator[RawRow], size: int) -> list[RawRow]:
    try:
        return list(islice(rows, size))
    except (OSError, UnicodeDecodeError) as error:
        # It was read from end to end before, so this says nothing about the rows before it.
        raise InvalidRequest(f"{path} cannot be read to its end any more: {error}.", sending=False) from error


def _check(path: Path) -> None:
    """
    Read a file once from end to end, before anything is done with its first row.

    Raises:
        InvalidRequest: It cannot be read, is not in UTF-8, or ends its lines with carriage returns.
    """
    decode = getincrementaldecoder("utf-8")().decode
    lines = 0
    try:
        if not path.is_file():
            raise InvalidRequest(f"{path} is {'no file' if path.exists() else 'not there'}: look at its name.")
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decode(block)
                if not lines and b"\r" in block and b"\n" not in block:
                    raise InvalidRequest(
                        f"{path} ends its lines with carriage returns alone, as very old programs do: save it with "
                        "line feeds."
                    )
                lines += block.count(b"\n")
            decode(b"", True)
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        line = lines + error.object.count(b"\n", 0, error.start) + 1
        raise InvalidRequest(
            f"{path} is not in UTF-8 (line {line}): save it in that encoding; spreadsheets call it CSV UTF-8."
        ) from None


def _of_csv(path: Path, file: Iterable[str], separator: str) -> Iterator[RawRow]:
    reader = csv.reader(file, delimiter=separator, strict=True)
    try:
        header = next(reader, None)
    except csv.Error as error:
        raise InvalidRequest(_broken(path, reader.line_num, error)) from None
    _check_header(path, header)
    assert header is not None
    width = len(header)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
            while not cells:  # an empty line
                cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RawRow(number, {}, InvalidRequest(_broken(path, reader.line_num, error)))
            continue
        if len(cells) == width:
            yield RawRow(number, dict(zip(header, cells, strict=True)))
        else:
            yield RawRow(number, {}, InvalidRequest(_wrong_width(path, reader.line_num, len(cells), width)))


def _check_header(path: Path, header: list[str] | None) -> None:
    if not header:
        raise InvalidRequest(f"{path} has no first line that names its columns.")
    unnamed = [str(position) for position, name in enumerate(header, 1) if not name.strip()]
    if unnamed:
        raise InvalidRequest(
            f"{path} has no name for column {', '.join(unnamed)} of {len(header)}: name it in the first line, or "
            "leave it out."
        )
    twice = list(dict.fromkeys(repr(name) for name in header if header.count(name) > 1))
    if twice:
        raise InvalidRequest(f"{path} has several columns called {', '.join(twice)}: give each a name of its own.")


def _wrong_width(path: Path, line: int, cells: int, width: int) -> str:
    return (
        f"{path}, line {line}: there are {cells} cells, and the first line names {width} columns. A cell with a comma "
        "(or whatever separates cells) in it has to be in quotes."
    )


def _broken(path: Path, line: int, error: csv.Error) -> str:
    if "new-line character" in str(error):
        return (
            f"{path}, line {line}: there is a carriage return alone, outside of quotes: save the file with line feeds "
            "at the ends of its lines."
        )
    return (
        f"{path}, line {line}: the row cannot be read ({error}). A cell that begins with a quote ends with one, and "
        "quotes inside of it are written twice."
    )


def _of_objects(path: Path, file: Iterable[str]) -> Iterator[RawRow]:
    number = 0
    for line, text in enumerate(file, 1):
        if not text.strip():
            continue
        number += 1
        if number == 1 and text.lstrip().startswith("["):
            raise InvalidRequest(
                f"{path} is one list; it has to be JSON Lines: one object on each line, and nothing around them."
            )
        try:
            row = codec.decode(text.encode())
        except codec.Malformed as error:
            yield RawRow(number, {}, InvalidRequest(f"{path}, line {line}: this is not JSON ({error})."))
            continue
        if isinstance(row, dict):
            yield _raw(number, row)
        else:
            text = f"{path}, line {line}: this is {described(row)}; write an object, with a value for each column."
            yield RawRow(number, {}, InvalidRequest(text))


# Names.


class Keys:
    """
    Gives the rows of a batch their keys. Close it when the last row has its own.

    A column, or the result of a function, is the key as text; rows with a key that another row before them has are
    refused. Without either, a row's key is a digest of its content, and the second of equal rows gets ``-2``, the third
    ``-3``: so rows may come in another order the next time, and a row that was changed is another row.

    Which keys there were is kept on disk, by 64 bits of their digests, since a million would fill the memory. By
    chance one of a million different keys would be taken for another's once in thirty million batches, and be refused.

    Args:
        key: A column, a function of the row, or None.

    Raises:
        InvalidRequest: It is none of these.
    """

    def __init__(self, key: Key = None) -> None:
        given: object = key
        if not (key is None or callable(key) or (isinstance(given, str) and given)):
            raise InvalidRequest(
                f"is {given!r}; give the name of a column, a function of a row, or None.", argument="key"
            )
        self._key = key
        self._seen = _Seen()

    def close(self) -> None:
        """Forget all keys."""
        self._seen.close()

    def name(self, rows: Sequence[RawRow]) -> list[KeyedRow]:
        """
        Return rows with their keys.

        Args:
            rows: The next rows of the batch, in their order.
        """
        return self._by_content(rows) if self._key is None else self._by_key(rows, self._key)

    def _by_content(self, rows: Sequence[RawRow]) -> list[KeyedRow]:
        digests = {row.number: _digest(_canonical(row.values)) for row in rows if row.error is None}
        again = self._seen.count(digests)
        named = []
        for row in rows:
            digest = digests.get(row.number)
            key = None if digest is None else digest.hex()
            if row.number in again:
                key = f"{key}-{again[row.number]}"
            named.append(KeyedRow(row.number, key, row.values, row.error))
        return named

    def _by_key(self, rows: Sequence[RawRow], key: str | Callable[[Mapping[str, Any]], object]) -> list[KeyedRow]:
        named = []
        digests = {}
        for row in rows:
            called, error = None, row.error
            if error is None:
                try:
                    # A function gets a copy, so that it may do with it what it likes.
                    called = _keepable(
                        key_of(row.values if isinstance(key, str) else dict(row.values), row.number, key)
                    )
                    digests[row.number] = _digest(called.encode())
                except InvalidRequest as problem:
                    error = problem
            named.append(KeyedRow(row.number, called, row.values, error))
        again = self._seen.count(digests)
        return [_refused(row) if row.number in again else row for row in named] if again else named


def _keepable(key: str) -> str:
    if "\0" in key or not key.isascii():
        try:
            key.encode()
        except UnicodeEncodeError:
            raise InvalidRequest(
                f"has the key {key!a:.80}, with half a character in it: leave it out.", argument="row"
            ) from None
        if "\0" in key:
            raise InvalidRequest(f"has the key {key!a:.80}, with a NUL in it: leave it out.", argument="row")
    return key


def _refused(row: KeyedRow) -> KeyedRow:
    error = InvalidRequest(
        f"{row.number} has the key {row.key!r:.80}, as a row before it has: one of them is too many, or something else "
        "has to tell rows apart.",
        argument="row",
    )
    return KeyedRow(row.number, None, row.values, error)


def _digest(content: bytes) -> bytes:
    return sha256(content).digest()[:8]


_write_sorted = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
_write_texts = msgspec.json.Encoder(order="deterministic").encode


def _canonical(values: Mapping[str, Any]) -> bytes:
    """
    Return a row as JSON, sorted by column.

    The keys of rows are made of it, so it may never change. Of texts there is but one form; numbers are written as
    Python writes them, which costs more.
    """
    if _TEXTS.issuperset(map(type, values.values())):
        return _write_texts(values)
    return _write_sorted(values).encode()


class _Seen:
    """Counts how often digests of eight bytes came, in a file that SQLite makes, and removes by itself."""

    # Rows with a digest's number as theirs are the smallest that there are.
    _TABLE = "CREATE TABLE seen (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, times INTEGER NOT NULL DEFAULT 1)"

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -8000"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute(self._TABLE)
        # Never ended, because nobody is to find anything of it later.
        self._database.execute("BEGIN")

    def close(self) -> None:
        self._database.close()

    def count(self, digests: Mapping[int, bytes]) -> dict[int, int]:
        """
        Count the digests of rows, by the rows' numbers.

        Returns:
            By the numbers of rows whose digest came before, how many times it has come by now.
        """
        if not digests:
            return {}
        # Sorted, since neighbours are found and written together.
        ids = sorted((_as_number(digest)[0], number) for number, digest in digests.items())
        new = self._database.executemany("INSERT OR IGNORE INTO seen (id, first) VALUES (?, ?)", ids).rowcount
        if new == len(ids):
            return {}
        again = {}
        for digest, number in ids:
            changed = self._database.execute(
                "UPDATE seen SET times = times + 1 WHERE id = ? AND first <> ?", (digest, number)
            )
            if changed.rowcount:
                (again[number],) = self._database.execute("SELECT times FROM seen WHERE id = ?", (digest,)).fetchone()
        return again


_as_number = Struct(">q").unpack
