"""Rows of files: CSV, tab-separated, and JSON Lines."""

from __future__ import annotations

import asyncio
import csv
from codecs import getincrementaldecoder
from collections.abc import AsyncGenerator, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from aioturk._core import codec
from aioturk._core.refusal import described
from aioturk.batch.rows.lines import Lines
from aioturk.batch.rows.row import RawRow
from aioturk.batch.rows.values import raw_row
from aioturk.errors import InvalidRequest

__all__ = ["FORMS", "count_in_file", "rows_of_file"]

_SEPARATORS: Final = {".csv": ",", ".tsv": "\t"}
_OBJECTS: Final = (".jsonl", ".ndjson", ".json")
FORMS: Final = ", ".join([*_SEPARATORS, *_OBJECTS])
_BLOCK = 1 << 20


async def rows_of_file(path: Path, size: int) -> AsyncGenerator[list[RawRow], None]:
    """
    Read the rows of a file, so many at a time.

    Raises:
        InvalidRequest: It cannot be read as a whole.
    """
    suffix = path.suffix.lower()
    if suffix not in _SEPARATORS and suffix not in _OBJECTS:
        raise InvalidRequest(
            f"is {str(path)!r}, whose name does not say what is in it: call it {FORMS} (the last three with one "
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


def count_in_file(path: Path) -> int | None:
    """Count the rows of a file; None if it cannot be read, which is for others to report."""
    suffix = path.suffix.lower()
    if suffix not in _SEPARATORS:
        rows = _of_objects
    else:

        def rows(path: Path, file: Iterable[str]) -> Iterator[RawRow]:
            return _of_csv(path, file, _SEPARATORS[suffix])

    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            return sum(1 for _ in rows(path, file))
    except (OSError, UnicodeDecodeError, InvalidRequest):
        return None


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
    lines = Lines(file, separator)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        header = next(reader, None)
    except csv.Error as error:
        raise InvalidRequest(_broken(path, lines.where(), error)) from None
    _check_header(path, header)
    assert header is not None
    width = len(header)
    number = 0
    while True:
        number += 1
        try:
            cells: list[str] = []
            while not cells:  # an empty line
                lines.row.clear()
                cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.pass_over(is_long=_is_long(error))
            yield RawRow(number, {}, InvalidRequest(_broken(path, lines.where(), error)))
            continue
        if len(cells) == width:
            yield RawRow(number, dict(zip(header, cells, strict=True)))
        else:
            yield RawRow(number, {}, InvalidRequest(_wrong_width(path, lines.number, len(cells), width)))


def _check_header(path: Path, header: list[str] | None) -> None:
    if not header:
        raise InvalidRequest(f"{path} has no first line that names its columns.")
    unnamed = [str(position) for position, name in enumerate(header, 1) if not name.strip()]
    if unnamed:
        raise InvalidRequest(
            f"{path} has no name for column {', '.join(unnamed)} of {len(header)}: name it in the first line, or "
            "leave it out."
        )
    if len(header) == 1 and path.suffix.lower() == ".csv":
        for separator, word in ((";", "semicolons"), ("\t", "tabs")):
            if separator in header[0]:
                raise InvalidRequest(
                    f"{path} has one column, called {header[0]!r}: its cells seem to be separated by {word}. Save it "
                    f"with commas, or read it yourself, with csv.DictReader(file, delimiter={separator!r}), and give "
                    "its rows."
                )
    twice = list(dict.fromkeys(repr(name) for name in header if header.count(name) > 1))
    if twice:
        raise InvalidRequest(f"{path} has several columns called {', '.join(twice)}: give each a name of its own.")


def _wrong_width(path: Path, line: int, cells: int, width: int) -> str:
    return (
        f"{path}, line {line}: there are {cells} cells, and the first line names {width} columns. A cell with a comma "
        "(or whatever separates cells) in it has to be in quotes."
    )


def _is_long(error: csv.Error) -> bool:
    return "field limit" in str(error)


def _broken(path: Path, where: str, error: csv.Error) -> str:
    if "new-line character" in str(error):
        return (
            f"{path}, {where}: there is a carriage return alone, outside of quotes: save the file with line feeds at "
            "the ends of its lines."
        )
    if _is_long(error):
        return (
            f"{path}, {where}: the row cannot be read: a cell is longer than {csv.field_size_limit():,} characters, "
            "and no page holds that much. If it is not, its closing quote is missing."
        )
    return (
        f"{path}, {where}: the row cannot be read ({error}). A cell that begins with a quote ends with one, and "
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
        if number == 1 and text.strip() == "{":
            raise InvalidRequest(
                f"{path} has an object over several lines; it has to be JSON Lines: one object on each line, as jq "
                "writes them with -c, and nothing around them."
            )
        try:
            row = codec.decode(text.encode())
        except codec.Malformed as error:
            yield RawRow(number, {}, InvalidRequest(f"{path}, line {line}: this is not JSON ({error})."))
            continue
        if isinstance(row, dict):
            yield raw_row(number, row)
        else:
            text = f"{path}, line {line}: this is {described(row)}; write an object, with a value for each column."
            yield RawRow(number, {}, InvalidRequest(text))
