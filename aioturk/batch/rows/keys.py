"""Keys: what rows are called in their batch."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from struct import Struct
from typing import Any

import msgspec

from aioturk.batch.rows.row import KeyedRow, RawRow
from aioturk.batch.rows.values import TEXTS
from aioturk.errors import InvalidRequest
from aioturk.tasks.publishing import Key, key_of

__all__ = ["Keys"]


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
        # With a key such a row has none.
        rows = [_blank(row) if row.error is None and _says_nothing(row.values) else row for row in rows]
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


def _says_nothing(values: Mapping[str, Any]) -> bool:
    """Whether all cells of a row are empty; a row without columns has none that could be."""
    for value in values.values():
        if value is not None and not (isinstance(value, str) and not value.strip()):
            return False
    return bool(values)


def _blank(row: RawRow) -> RawRow:
    error = InvalidRequest(
        f"{row.number} is empty, as spreadsheets leave rows behind: all of its cells are. Leave it out.", argument="row"
    )
    return RawRow(row.number, {}, error)


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
    if TEXTS.issuperset(map(type, values.values())):
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
