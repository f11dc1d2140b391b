"""Rows: files and generators are read as streams, values stay what they are, and keys tell rows apart."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aioturk import HTMLTemplate
from aioturk.batch.rows import KeyedRow, Keys, RawRow, Source, chunks, count, files, read
from aioturk.errors import InvalidRequest
from aioturk.questions import Raw

_texts = st.text(st.characters(codec="utf-8"))
_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
_rows = st.dictionaries(_texts, _values, max_size=4)


async def all_of(source: Source) -> list[RawRow]:
    """Every row."""
    return [row async for row in read(source)]


async def keyed(source: Source, key: Any = None, size: int = 200) -> list[KeyedRow]:
    """Every row with its key."""
    return [row async for some in chunks(source, key, size=size) for row in some]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file as it stands."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# Files.


@pytest.mark.parametrize(
    ("name", "content", "values"),
    [
        ("a.csv", "id,text\n1,x\n2,y\n", [{"id": "1", "text": "x"}, {"id": "2", "text": "y"}]),
        ("a.CSV", "\ufeffid,text\r\n1,x\r\n", [{"id": "1", "text": "x"}]),
        ("a.csv", 'id,text\n1,"a, ""b""\nc\r\nd\re"\n', [{"id": "1", "text": 'a, "b"\nc\r\nd\re'}]),
        ("a.csv", "id,text\n1,\n\n2,é😀", [{"id": "1", "text": ""}, {"id": "2", "text": "é😀"}]),
        ("a.csv", "id\n", []),
        ("a.tsv", "id\ttext\n1\ta, b\n", [{"id": "1", "text": "a, b"}]),
        ("a.jsonl", '\ufeff{"id": 1, "a": [null, true]}\r\n\n{"id": 2.5}', [{"id": 1, "a": [None, True]}, {"id": 2.5}]),
        ("a.ndjson", '{"id": "\\u0000"}\n', [{"id": "\0"}]),
        ("a.json", "", []),
    ],
)
async def test_files(tmp_path: Path, name: str, content: str, values: list[dict[str, Any]]) -> None:
    """What is in a file comes in its order; a byte order mark and empty lines say nothing."""
    path = write(tmp_path, name, content)
    assert await all_of(path) == [RawRow(number, each) for number, each in enumerate(values, 1)]
    assert await all_of(str(path)) == await all_of(path)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", "id\n", "call it .csv, .tsv, .jsonl, .ndjson, .json"),
        ("a.csv", "", "no first line that names its columns"),
        ("a.csv", "\n1\n", "no first line that names its columns"),
        ("a.csv", "id,text,id\n", "several columns called 'id'"),
        (
            "a.csv",
            "id;text\n1;x\n",
            "called 'id;text': its cells seem to be separated by semicolons. Save it with commas",
        ),
        ("a.csv", "id\ttext\n1\tx\n", "seem to be separated by tabs"),
        ("a.csv", "id,, \n", "no name for column 2, 3 of 3"),
        ("a.csv", "id,text\r1,x\r", "carriage returns alone"),
        ("a.csv", 'id,"text"s\n', "line 1: the row cannot be read"),
        ("a.csv", b"id\n1\n\xe9\n", "not in UTF-8 (line 3)"),
        ("a.csv", b"id\n1\xc3", "not in UTF-8 (line 2)"),
        ("a.jsonl", b'{"id": "\xff"}\n', "not in UTF-8 (line 1)"),
        ("a.json", '\n[{"id": 1}]', "one object on each line"),
        ("a.json", '{\n  "of": [\n    {"id": 1}\n  ]\n}\n', "has an object over several lines"),
    ],
)
async def test_files_that_are_not_rows(tmp_path: Path, name: str, content: str | bytes, says: str) -> None:
    """They are refused as a whole, before the first of their rows is given to anybody."""
    found = read(write(tmp_path, name, content))
    with pytest.raises(InvalidRequest) as refused:
        await anext(found)
    assert says in str(refused.value)
    assert str(refused.value).endswith("Nothing was sent.")


async def test_what_is_wrong_far_behind_is_told_before_the_first_row(tmp_path: Path) -> None:
    """Or thousands of HITs would be there when a file turns out to be in another encoding."""
    path = write(tmp_path, "a.csv", b"id\n" + b"some text of a row\n" * 100_000 + b"caf\xe9\n")
    with pytest.raises(InvalidRequest, match=r"line 100002"):
        await anext(read(path))


async def test_files_that_are_not_there(tmp_path: Path) -> None:
    """A missing file, and a folder, are told from each other."""
    with pytest.raises(InvalidRequest, match=r"rows\.csv is not there"):
        await all_of(tmp_path / "rows.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InvalidRequest, match=r"folder\.csv is no file"):
        await all_of(tmp_path / "folder.csv")


@pytest.mark.parametrize(
    ("name", "bad", "says"),
    [
        ("a.csv", "1,2,3", "line 3: there are 3 cells, and the first line names 2 columns"),
        ("a.csv", "1", "line 3: there are 1 cells"),
        ("a.csv", '"1"x,2', "line 3: the row cannot be read"),
        ("a.csv", "1\r2,3", "line 3: there is a carriage return alone"),
        ("a.csv", "1," + "x" * 200_000, "line 3: the row cannot be read"),
        ("a.jsonl", '{"id": 1', "line 3: this is not JSON"),
        ("a.jsonl", '{"id": 1e999}', "line 3: this is not JSON"),
        ("a.jsonl", '{"id": "\\ud800"}', "line 3: this is not JSON"),
        ("a.jsonl", "[1]", "line 3: this is list [1]; write an object"),
        ("a.jsonl", '{"id": 123456789012345678901234567890}', "id is a number of more than 64 bits"),
    ],
)
async def test_rows_that_are_broken_stop_no_others(tmp_path: Path, name: str, bad: str, says: str) -> None:
    """Each is told with its line, and those before and behind it come."""
    first, good = ("id,text\n", "1,2") if name == "a.csv" else ("\n", '{"id": 1}')
    rows = await all_of(write(tmp_path, name, f"{first}{good}\n{bad}\n{good}\n"))
    assert [(row.number, row.error is None) for row in rows] == [(1, True), (2, False), (3, True)]
    assert says in str(rows[1].error)
    assert rows[0].values == rows[2].values != rows[1].values == {}


async def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    """It may not swallow the rest of a file as if that were one cell."""
    rows = await all_of(write(tmp_path, "a.csv", 'id,text\n1,a\n2,"b\n3,c\n'))
    assert [row.error is None for row in rows] == [True, False]
    assert "A cell that begins with a quote ends with one" in str(rows[1].error)


ARTICLE = "One line of a long article.\n" * 6000


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        (f'"{ARTICLE}",1', "lines 3 to 6003"),
        (f'"{ARTICLE}He said ""hi"", and left.",1', "lines 3 to 6003"),
        (f'"{ARTICLE}","Another\ncell"', "lines 3 to 6004"),
        ('"He said "hi" and\nhe left,\nearly",1', "lines 3 to 5"),
        ('"5" disk","Another\ncell"', "lines 3 to 4"),
        ('"5" disk,1', "line 3"),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["a,1", '"a","1"', '"a",1\n\n'])
async def test_the_lines_of_a_broken_row_are_no_rows(
    tmp_path: Path, bad: str, where: str, ends: str, last: str
) -> None:
    """What cannot be read ends where its last cell ends, or the rest of an article would be published line by line."""
    text = f"text,n\na,1\n{bad}\n{last}\n{last}\n".replace("\n", ends)
    rows = await all_of(write(tmp_path, "a.csv", text))
    assert [row.error is None for row in rows] == [True, False, True, True]
    assert rows[0].values == rows[2].values == rows[3].values == {"text": "a", "n": "1"}
    assert f"a.csv, {where}: the row cannot be read" in str(rows[1].error)


async def test_files_are_closed_early(tmp_path: Path) -> None:
    """Leaving after the first row leaves nothing open, which would be a warning here, and so an error."""
    path = write(tmp_path, "a.csv", "id\n" + "1\n" * 1000)
    found = chunks(path)
    assert [row.number for row in await anext(found)] == list(range(1, 201))
    await found.aclose()


async def test_files_that_change_while_they_are_read(tmp_path: Path) -> None:
    """It is told, and not that nothing was sent, because rows before it may have been."""
    path = write(tmp_path, "a.csv", "id\n" + "some text of a row\n" * 100_000)
    found = read(path)
    await anext(found)
    with path.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\xff")
    with pytest.raises(InvalidRequest, match="cannot be read to its end any more") as refused:
        await counted(found)
    assert "Nothing was sent" not in str(refused.value)


async def counted(rows: AsyncIterator[Any]) -> int:
    """How many there are."""
    return len([None async for _ in rows])


async def test_disks_that_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system says is passed on."""
    path = write(tmp_path, "a.csv", "id\n")

    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", broken)
    with pytest.raises(InvalidRequest, match=r"a\.csv cannot be read: Input/output error\."):
        await all_of(path)


async def test_cancelled_while_a_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that reads is waited for, because nobody may close the file under its hands."""
    reading, go_on = threading.Event(), threading.Event()
    read_some = files._some

    def slowly(*given: Any) -> list[RawRow]:
        reading.set()
        go_on.wait()
        return read_some(*given)

    monkeypatch.setattr(files, "_some", slowly)
    collecting = asyncio.create_task(all_of(write(tmp_path, "a.csv", "id\n1\n")))
    await asyncio.to_thread(reading.wait)
    collecting.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not collecting.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await collecting


# Sources in a program.


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ({"id": 1}, "is dict {'id': 1}; give the name of a file"),
        (b"rows.csv", "is bytes b'rows.csv'; give the name of a file"),
        (7, "is int 7; give the name of a file"),
        (None, "is NoneType None; give the name of a file"),
        (type("DataFrame", (), {"__iter__": lambda self: iter(["id"])})(), 'df.to_dict("records")'),
    ],
)
async def test_what_holds_no_rows(source: Any, says: str) -> None:
    """A single row, a file's content and tables of other libraries are refused, with what to give instead."""
    with pytest.raises(InvalidRequest) as refused:
        await all_of(source)
    assert says in str(refused.value)


async def test_rows_of_any_kind_of_mapping() -> None:
    """They are copied, so changing them later changes nothing."""
    row = {"id": "1"}
    (found,) = await all_of([MappingProxyType(row)])
    row["id"] = "2"
    assert found == RawRow(1, {"id": "1"})


async def test_what_is_no_row_stops_no_others() -> None:
    """As somebody gives who walks a table by its columns."""
    rows = await all_of(["id", {"id": 1}])  # type: ignore[list-item]
    assert [row.error is None for row in rows] == [False, True]
    assert "row: 1 is str 'id'; give a mapping" in str(rows[0].error)


async def test_an_object_is_no_row() -> None:
    """How to make one of it is said."""

    @dataclass
    class Photograph:
        id: str

    (row,) = await all_of([Photograph("1")])  # type: ignore[list-item]
    assert "give a mapping of columns to values, such as dataclasses.asdict(row)." in str(row.error)


class Feed:
    """An asynchronous generator that gives what it is told to, and knows whether it was closed."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.closed = False
        self.given = 0

    async def rows(self) -> AsyncIterator[dict[str, Any]]:
        """What was put into the queue, until there is None."""
        try:
            async with asyncio.timeout(None):  # which may be left only by the task that entered it
                while (row := await self.queue.get()) is not None:
                    self.given += 1
                    yield row
        finally:
            self.closed = True


async def test_slow_sources_are_not_waited_for() -> None:
    """What has come is given, though the chunk is not full; and what comes later is given then."""
    feed = Feed()
    found = chunks(feed.rows(), "id", size=3)
    numbers = []
    for batch in ([1], [2, 3], [4, 5, 6], [7, 8, 9, 10]):
        for number in batch:
            feed.queue.put_nowait({"id": number})
        got: list[KeyedRow] = []
        while len(got) < len(batch):
            some = await anext(found)
            assert len(some) <= 3
            got += some
        numbers.append([row.values["id"] for row in got])
    assert numbers == [[1], [2, 3], [4, 5, 6], [7, 8, 9, 10]]
    feed.queue.put_nowait(None)
    assert [some async for some in found] == []
    assert feed.closed


async def test_fast_sources_fill_chunks_and_wait() -> None:
    """Nobody who is slow has all rows in memory: a source is at most a chunk ahead."""
    feed = Feed()
    for number in range(1000):
        feed.queue.put_nowait({"id": number})
    found = chunks(feed.rows(), size=10)
    assert len(await anext(found)) == 10
    for _ in range(50):
        await asyncio.sleep(0)
    assert feed.given <= 20
    await found.aclose()
    assert feed.closed


async def test_cancelled_while_waiting() -> None:
    """The source is closed, and every row that came before was given."""
    feed = Feed()
    got: list[KeyedRow] = []
    came = asyncio.Event()

    async def collect() -> None:
        async for some in chunks(feed.rows(), size=10):
            got.extend(some)
            came.set()

    collecting = asyncio.create_task(collect())
    feed.queue.put_nowait({"id": 1})
    await came.wait()
    collecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await collecting
    assert feed.closed
    assert [row.number for row in got] == [1]


async def test_sources_that_fail() -> None:
    """What came before is given, and the failure is the caller's."""

    async def failing() -> AsyncIterator[dict[str, Any]]:
        yield {"id": 1}
        raise LookupError("gone")

    found = read(failing())
    assert (await anext(found)).number == 1
    with pytest.raises(LookupError, match="gone"):
        await anext(found)


async def test_sources_that_fail_when_they_are_closed() -> None:
    """It is not hidden from whoever closes them."""

    async def failing() -> AsyncIterator[dict[str, Any]]:
        try:
            yield {"id": 1}
            await asyncio.Event().wait()
        finally:
            raise LookupError("not closed")

    found = chunks(failing())
    await anext(found)
    with pytest.raises(LookupError, match="not closed"):
        await found.aclose()


async def test_sources_that_are_no_generators() -> None:
    """Anything that can be walked will do, closable or not."""

    class Walk:
        def __init__(self) -> None:
            self.left = iter([{"id": 1}, {"id": 2}])

        def __aiter__(self) -> Walk:
            return self

        async def __anext__(self) -> Mapping[str, Any]:
            try:
                return next(self.left)
            except StopIteration:
                raise StopAsyncIteration from None

    assert [row.values for row in await all_of(Walk())] == [{"id": 1}, {"id": 2}]


async def test_sources_that_take_no_time_let_others_run() -> None:
    """Between chunks of a plain generator."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    running = asyncio.create_task(other())
    async for _ in chunks({"id": str(number)} for number in range(1000)):
        pass
    running.cancel()
    assert turns >= 4


# Values.


@given(row=_rows)
def test_values_are_as_json_gives_them_back(row: dict[str, Any]) -> None:
    """What is kept in the ledger is what the question was made of."""
    (found,) = asyncio.run(all_of([row]))
    assert found == RawRow(1, row)
    assert repr(msgspec.json.decode(msgspec.json.encode(found.values))) == repr(found.values)


class Kind(IntEnum):
    """A number with a name."""

    CAT = 1


class Word(StrEnum):
    """A text with a name."""

    CAT = "cat"


class Scalar:
    """A scalar as libraries of numbers have them."""

    shape = ()

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def item(self) -> object:
        """The plain value."""
        return self._inner


class Text(str):
    """A text of a library's own type."""


class Whole(int):
    """A number of a library's own type."""


class Broken(float):
    """Another."""


NAType = type("NAType", (), {})
_itself: list[Any] = []
_itself.append(_itself)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (("a", 1), ["a", 1]),
        (MappingProxyType({"a": (1,)}), {"a": [1]}),
        (Text("a"), "a"),
        (Whole(3), 3),
        (Broken(0.5), 0.5),
        (Scalar(3), 3),
        (Scalar("é"), "é"),
        ([Scalar(0.5)], [0.5]),
    ],
)
async def test_values_that_become_plain(value: object, kept: object) -> None:
    """Other libraries' texts and numbers, tuples and mappings, whose meaning stays."""
    (row,) = await all_of([{"v": value}])
    assert row.error is None
    assert row.values == {"v": kept}
    assert repr(row.values["v"]) == repr(kept)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (float("nan"), "v is not a number (NaN), as libraries for tables write an empty cell: give an empty string"),
        (float("nan"), 'df.fillna("")'),
        ([{"a": float("nan")}], "v is not a number"),
        (Scalar(float("nan")), "v is not a number"),
        (NAType(), "v is not a number"),
        (float("inf"), "v is infinite"),
        (10**30, "v is a number of more than 64 bits: make a text of it"),
        (datetime(2026, 1, 1), "v is datetime datetime.datetime(2026, 1, 1, 0, 0), which has no form in JSON"),
        (date(2026, 1, 1), "make a text of it"),
        (Decimal("0.1"), "make a text of it"),
        (UUID(int=1), "make a text of it"),
        (Kind.CAT, "make a text of it"),
        (Word.CAT, "make a text of it"),
        (Scalar(datetime(2026, 1, 1)), "make a text of it"),
        (b"a", "v is bytes b'a'"),
        ({1}, "v is set {1}"),
        (object, "make a text of it"),
        ({1: "a"}, "give a string"),
        ("\ud800", "half a character"),
        ({"\ud800": 1}, "half a character"),
        (Raw("<b>"), "HTMLTemplate(..., raw=[...])"),
        (_itself, "v holds itself"),
    ],
)
async def test_values_that_are_refused(value: object, says: str) -> None:
    """With what to do; and the rows beside it come."""
    rows = await all_of([{"v": value}, {"v": 1}])
    assert [row.error is None for row in rows] == [False, True]
    assert says in str(rows[0].error)
    assert rows[0].values == {}


@pytest.mark.parametrize("name", [None, 1, ("a", "b"), "\ud800"])
async def test_names_that_are_refused(name: Any) -> None:
    """As csv.DictReader and pandas give them."""
    (row,) = await all_of([{name: "a"}])
    assert row.error is not None
    str(row.error).encode()


async def test_all_of_a_rows_problems_are_told() -> None:
    """Or they would be found one a run."""
    (row,) = await all_of([{"a": float("nan"), "b": 1, "c": b""}])
    assert "a is not a number" in str(row.error)
    assert "; c is bytes" in str(row.error)


# Keys.


async def test_keys_of_content() -> None:
    """Of the sorted content; equal rows are different rows. These may never change, or batches could not be resumed."""
    rows = await keyed([{"a": "1", "b": "é\n"}, {"a": 1, "b": [0.5, 1e22, None]}, {"b": "é\n", "a": "1"}, {}])
    assert [row.key for row in rows] == KEYS_OF_CONTENT


KEYS_OF_CONTENT = [
    "cf99019b352fdd07",
    "a9586486b7d9eef8",
    "cf99019b352fdd07-2",
    "44136fa355b3678a",
]


@given(texts=st.dictionaries(_texts, _texts, max_size=4))
def test_the_quick_way_writes_the_same(texts: dict[str, str]) -> None:
    """Rows of texts have the keys that they would have if their JSON were written like that of all others."""
    assume(not texts or any(text.strip() for text in texts.values()))  # empty rows have no keys
    written = json.dumps(texts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    (row,) = asyncio.run(keyed([texts]))
    assert row.key == sha256(written.encode()).hexdigest()[:16]


_few = st.lists(st.sampled_from([{"a": "1"}, {"a": "2"}, {"a": 1}, {"a": "1", "b": ""}]), max_size=12)


@given(rows=_few, order=st.randoms(use_true_random=False), size=st.integers(1, 5))
def test_keys_tell_rows_apart_in_any_order(rows: list[dict[str, Any]], order: Any, size: int) -> None:
    """They are unique; the same when read again, however it is cut into chunks; and the same set in another order."""
    keys = [row.key for row in asyncio.run(keyed(rows))]
    assert len(set(keys)) == len(rows)
    assert [row.key for row in asyncio.run(keyed(iter(rows), size=size))] == keys
    order.shuffle(rows)
    again = asyncio.run(keyed(rows, size=size))
    assert Counter(row.key for row in again) == Counter(keys)
    contents = {row.key and row.key[:16]: row.values for row in again}
    assert len(contents) == len({json.dumps(row, sort_keys=True) for row in rows})


async def test_many_equal_rows() -> None:
    """Counted over all chunks."""
    rows = await keyed([{"a": "1"}] * 450)
    first = rows[0].key
    assert [row.key for row in rows] == [first, *(f"{first}-{number}" for number in range(2, 451))]


@pytest.mark.parametrize("key", ["id", lambda row: row.pop("id")])
async def test_keys_of_a_column_or_a_function(key: Any) -> None:
    """As text, whatever it was; a function may do with the row what it likes."""
    rows = await keyed([{"id": "a"}, {"id": 7}, {"id": True}], key)
    assert [row.key for row in rows] == ["a", "7", "True"]
    assert rows[0].values == {"id": "a"}


@pytest.mark.parametrize("key", ["id", lambda row: row["id"]])
@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"id": ""}, "empty key"),
        ({"id": " "}, "empty key"),
        ({"id": None}, "empty key"),
        ({"other": "1"}, "'id'"),
        ({"id": "a\0b"}, "with a NUL in it"),
        ({"id": "a"}, "has the key 'a', as a row before it has"),
        ({"id": float("nan")}, "id is not a number"),
    ],
)
async def test_rows_without_a_key(key: Any, row: dict[str, Any], says: str) -> None:
    """They are the row's own problem; of two rows with one key it is the later one's."""
    rows = await keyed([{"id": "a"}, row, {"id": "b"}], key, size=2)
    assert [(each.key, each.error is None) for each in rows] == [("a", True), (None, False), ("b", True)]
    assert says in str(rows[1].error)
    assert "row" in str(rows[1].error)


async def test_half_a_character_in_a_key() -> None:
    """Which only a function can make, since rows have none."""
    (row,) = await keyed([{"id": "a"}], lambda row: "\ud800")
    assert "half a character" in str(row.error)


async def test_keys_that_came_in_an_earlier_chunk() -> None:
    """A row is known by its key for as long as the batch is read."""
    rows = await keyed(({"id": str(number % 500)} for number in range(1000)), "id")
    assert [row.error is None for row in rows] == [True] * 500 + [False] * 500


async def test_equal_rows_with_keys_of_their_own() -> None:
    """Their content does not matter then."""
    numbers: Iterator[int] = iter(range(10))
    rows = await keyed([{"a": "1"}] * 3, lambda row: next(numbers))
    assert [row.key for row in rows] == ["0", "1", "2"]


@pytest.mark.parametrize("key", ["", 7, ["id"]])
def test_what_is_no_key(key: Any) -> None:
    """It is refused before anything is read."""
    with pytest.raises(InvalidRequest, match="key"):
        Keys(key)


async def test_rows_with_problems_have_no_key() -> None:
    """Nor do they count when equal rows are counted."""
    rows = await keyed([{"a": b""}, {"a": "1"}, {"a": b""}, {"a": "1"}])
    first = rows[1].key
    assert [row.key for row in rows] == [None, first, None, f"{first}-2"]


async def test_values_fill_templates_alike_after_json() -> None:
    """A number, a list or a text: the page of a row that was kept is the page of the row that came."""
    template = HTMLTemplate("<p>${a}</p><script>let a = ${a}</script>")
    for value in ("<&>", 1, 0.1, 1e22, True, [1, "x"], {"k": 0.5}, Scalar(2.5), ("t",)):
        (row,) = await all_of([{"a": value}])
        again = msgspec.json.decode(msgspec.json.encode(row.values))
        assert template.fill(again) == template.fill(row.values)


async def test_rows_are_counted_beforehand(tmp_path: Path) -> None:
    """Of files and lists it is known how many rows there are, of generators not; rows with faults are rows, too."""
    table = tmp_path / "rows.csv"
    table.write_text('url\na\n"b\nb"\n\nc,d\n')
    lines = tmp_path / "rows.jsonl"
    lines.write_text('{"url": "a"}\n\n{"url": "b"}\nnot JSON\n')
    assert await count(table) == 3
    assert await count(str(lines)) == 3
    assert await count([{"url": "a"}]) == 1
    assert await count(iter([{"url": "a"}])) is None
    assert await count(tmp_path / "missing.csv") is None


async def test_a_row_of_empty_cells_is_a_problem() -> None:
    """What spreadsheets leave behind is not published and paid for; a row without columns is no such row."""
    lines = [("1", ""), ("", " "), ("", None), ("0", "")]
    found = await keyed([dict(zip("ab", line, strict=True)) for line in lines])
    assert [row.error is None for row in found] == [True, False, False, True]
    assert "2 is empty" in str(found[1].error)
    assert [row.error for row in await keyed([{}, {"n": 0}, {"b": False}])] == [None] * 3
