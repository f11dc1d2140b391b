"""Where exports go: a file is whole or as it was before, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import io
import os
import stat
import threading
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TextIO

import pytest

from aioturk.batch.export import write_csv, write_json_lines
from aioturk.batch.export.files import writing
from aioturk.batch.ledger.results import Result

from .results import a_result, told


class Broken(Exception):
    """What goes wrong in these tests."""


async def breaking() -> AsyncGenerator[Result, None]:
    """Read a thousand results, and break off."""
    for _ in range(1000):
        yield a_result({"age": "36"})
    raise Broken


@pytest.mark.parametrize("before", [None, "precious"])
async def test_a_broken_export_destroys_nothing(tmp_path: Path, before: str | None) -> None:
    """When the reading breaks off, the earlier file is as it was, and no draft is left."""
    path = tmp_path / "results.jsonl"
    if before is not None:
        path.write_text(before)
    with pytest.raises(Broken):
        await write_json_lines(breaking, path)
    assert [each.read_text() for each in tmp_path.iterdir()] == ([] if before is None else [before])


async def test_a_cancelled_export_destroys_nothing(tmp_path: Path) -> None:
    """When it is cancelled in the middle of a write, the thread's write ends first, and the draft is removed."""
    path = tmp_path / "results.csv"
    path.write_text("precious")
    writes, goes_on = threading.Event(), threading.Event()

    def slow(file: TextIO) -> None:
        writes.set()
        goes_on.wait(10)
        file.write("half")

    async def export() -> None:
        async with writing(path) as write:
            await asyncio.to_thread(write, slow)

    task = asyncio.create_task(export())
    await asyncio.to_thread(writes.wait, 10)
    task.cancel()
    await asyncio.sleep(0)
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [each.read_text() for each in tmp_path.iterdir()] == ["precious"]


async def test_the_earlier_file_stands_until_the_end(tmp_path: Path) -> None:
    """While an export is being written, others still read the earlier file."""
    path = tmp_path / "results.csv"
    path.write_text("earlier")

    def write_new(file: TextIO) -> None:
        file.write("new")
        file.flush()

    async with writing(path) as write:
        await asyncio.to_thread(write, write_new)
        assert path.read_text() == "earlier"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


async def test_rights_and_links(tmp_path: Path) -> None:
    """A replaced file keeps its rights, and a link goes on leading to the file."""
    target, link = tmp_path / "kept.csv", tmp_path / "link.csv"
    target.write_text("earlier")
    target.chmod(0o640)
    link.symlink_to(target)
    await write_csv(told(), link)
    assert link.is_symlink()
    assert target.read_text().startswith('"HITId"')
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


async def test_a_new_file_has_the_usual_rights(tmp_path: Path) -> None:
    """A new file has the rights that files have here."""
    (tmp_path / "usual").touch()
    await write_csv(told(), tmp_path / "results.csv")
    rights = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert len(rights) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
async def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """A pipe is written to, and not replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        await write_json_lines(told(a_result({"age": "36"})), pipe)
        assert b'"answers": {"age": "36"}' in os.read(reader, 10_000)
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


async def test_an_open_file_stays_open(tmp_path: Path) -> None:
    """A file that is open already is written to where it is, and left open."""
    file = io.StringIO()
    file.write("# mine\n")
    await write_json_lines(told(a_result({})), file)
    assert file.getvalue().startswith("# mine\n{")
    assert not file.closed


async def test_no_such_folder(tmp_path: Path) -> None:
    """A path that cannot be written is an error of the operating system, which names it."""
    with pytest.raises(FileNotFoundError, match="nowhere"):
        await write_csv(told(), tmp_path / "nowhere" / "results.csv")
