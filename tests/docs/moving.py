"""
The pages for people who come from another library, and the lines in them, run against a marketplace.

A table of such a page is a ``list-table`` with a heading, of which the second column is called "aioturk"::

    * - ``MTurkConnection.grant_bonus``
      - ::

           await mturk.send_bonus(worker_id, assignment_id, bonus_amount="0.50", reason="Very good work.")

        Words about it, ``with literals`` that nobody runs.
    * - ``Price``
      - ``Decimal("0.50")``
    * - ``Flash``
      - *Withdrawn.* Where there is no line, an emphasised word says why. It may also stand before a line.

* The literals of the first cell are the names on the other side.
* The line, or lines, of a row are all literal blocks of its second cell, or the first paragraph if it is one literal.
  ``await`` and ``async for`` stand where they would in a coroutine.
* Further cells are words.

Where the other side has lines, too, they are set against each other under a word for what they do::

    Paying a bonus
       boto3::

          mturk.send_bonus(WorkerId=worker_id, ...)

       aioturk::

          await mturk.send_bonus(worker_id, ...)

The names that lines use are those of the page's first Python block, which holds imports, and those of `prepared`: a
marketplace with a HIT that somebody has worked on. What a line's last expression is worth is called ``_`` afterwards,
and what it printed ``printed``.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from aioturk import HTMLQuestion
from aioturk.marketplace import Marketplace
from tests.docs.pages import blocks

__all__ = ["PAGE", "Row", "imports", "pairs", "prepared", "rows", "run"]

PAGE = """<!DOCTYPE html>
<form method="post">
  <p>Which animal is this?</p>
  <input name="assignmentId" type="hidden">
  <input name="animal" required>
  <input name="age" type="number">
  <button>Send</button>
</form>
"""


@dataclass(frozen=True, slots=True)
class Row:
    """
    A row of a table, or a pair of lines.

    Attributes:
        names: What it is called on the other side, or what it does.
        code: The lines of aioturk; empty where there is none.
        mark: Why there is none, or a word of caution: what is emphasised at the beginning.
        other: The lines of the other side, if they stand there.
    """

    names: tuple[str, ...]
    code: str
    mark: str = ""
    other: str = ""

    def __str__(self) -> str:
        return self.names[0]


def rows(page: Path) -> list[Row]:
    """
    Return the rows of a page's tables.

    Raises:
        ValueError: A row has no name, or neither a line nor a mark; or its line is in a block with a language, which
            would be a part of the page's program.
    """
    found = []
    for heading, *others in _tables(page.read_text(encoding="utf-8").splitlines()):
        if [cell.strip() for cell in heading.cells][1:2] == ["aioturk"]:
            found += [_row(page, item) for item in others]
    return found


def pairs(page: Path, other: str) -> list[Row]:
    """
    Return the lines of a page that are set against those of another library.

    Args:
        page: The page.
        other: What stands above the other library's lines.

    Raises:
        ValueError: Lines of one side have no lines of the other one after, or before, them.
    """
    text = page.read_text(encoding="utf-8")
    pair = re.compile(rf"^(\S.*)\n   {other}::\n\n{_INDENTED}   aioturk::\n\n{_INDENTED}", re.M)
    found = [Row((name,), _dedented(ours), other=_dedented(theirs)) for name, theirs, ours in pair.findall(f"{text}\n")]
    if not len(found) == text.count(f"   {other}::\n") == text.count("   aioturk::\n"):
        raise ValueError(f"{page.name}: lines of {other} and of aioturk stand under a word, in this order.")
    return found


def imports(page: Path) -> dict[str, Any]:
    """Return the names that a page's first Python block makes."""
    names: dict[str, Any] = {}
    exec(blocks(page, "python")[0], names)
    return names


@asynccontextmanager
async def prepared() -> AsyncIterator[dict[str, Any]]:
    """
    Open a marketplace in which something has happened, and return what it takes to speak of it.

    * ``market``, its client ``mturk``, and what it takes to make another one: ``url``, ``access_key``, ``secret_key``.
    * ``hit``, for three workers, and its ``hit_id`` and ``hit_type_id``. ``worker`` has submitted it, as ``worker_id``,
      with the answers ``{"animal": "otter", "age": "7"}``: ``assignment``, ``assignment_id``.
    * ``qualification_type_id``, for which ``worker`` has asked: ``request_id``. ``other_worker_id`` has it, with 70.
    * ``PAGE``, the page that the HIT shows, and ``layout_id``, a page with places for ``image`` and ``number``.
    """
    async with Marketplace() as market, market.client() as mturk:
        hit = await mturk.create_hit(
            title="Name an animal",
            description="Look at one picture and write the name of the animal.",
            keywords=["picture", "animal", "name"],
            reward="0.05",
            max_assignments=3,
            assignment_duration=timedelta(minutes=5),
            lifetime=timedelta(days=1),
            question=HTMLQuestion(PAGE),
            requester_annotation="animals #1",
        )
        worker = market.worker("A1EXAMPLEANNA")
        assignment_id = await worker.accept(hit.hit_id)
        await worker.submit(assignment_id, {"animal": "otter", "age": "7"})
        kind = await mturk.create_qualification_type(
            name="Knows animals", description="Has named animals before.", qualification_type_status="Active"
        )
        asked = await worker.request_qualification(kind.qualification_type_id)
        other_worker_id = "A2EXAMPLEBORIS"
        await mturk.associate_qualification_with_worker(kind.qualification_type_id, other_worker_id, integer_value=70)
        yield {
            "market": market,
            "mturk": mturk,
            "url": market.url,
            "access_key": market.access_key,
            "secret_key": market.secret_key,
            "hit": hit,
            "hit_id": hit.hit_id,
            "hit_type_id": hit.hit_type_id,
            "worker": worker,
            "worker_id": worker.worker_id,
            "assignment": (await mturk.get_assignment(assignment_id)).assignment,
            "assignment_id": assignment_id,
            "qualification_type_id": kind.qualification_type_id,
            "request_id": asked.request_id,
            "other_worker_id": other_worker_id,
            "PAGE": PAGE,
            "layout_id": await market.add_layout(PAGE.replace("this?", "this? ${image} ${number}")),
        }


async def run(code: str, names: dict[str, Any]) -> Any:
    """
    Run lines with these names, add to the names what the lines make, and return what the last expression is worth.

    Args:
        code: The lines, as in a coroutine.
        names: The names; the last expression's value is there as ``_`` afterwards, and what was printed as ``printed``.
    """
    tree = ast.parse(textwrap.dedent(code))
    if tree.body and isinstance(last := tree.body[-1], ast.Expr):
        tree.body[-1] = ast.copy_location(ast.Assign([ast.Name("_", ast.Store())], last.value), last)
        ast.fix_missing_locations(tree)
    else:
        names["_"] = None
    program = compile(tree, f"<{code.strip()}>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    output = StringIO()
    with redirect_stdout(output):
        under_way = eval(program, names)
        if inspect.iscoroutine(under_way):
            await under_way
    names["printed"] = output.getvalue()
    return names["_"]


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of a ``list-table``, taken apart into cells."""

    line: int
    cells: list[str]


def _tables(lines: list[str]) -> Iterator[list[_Item]]:
    """Walk the tables of a page; each is the list of its items, the heading first."""
    items: list[_Item] = []
    within = False
    for number, line in enumerate(lines, 1):
        if line.startswith(".. list-table::"):
            within = True
        elif line and not line.startswith(" "):
            if items:
                yield items
            within, items = False, []
        elif within and line.startswith("   * - "):
            items.append(_Item(number, [line[7:]]))
        elif items and line.startswith("     - "):
            items[-1].cells.append(line[7:])
        elif items:
            items[-1].cells[-1] += f"\n{line[7:]}"
    if items:
        yield items


def _row(page: Path, item: _Item) -> Row:
    first, second = item.cells[:2]
    names, code, mark = tuple(_LITERAL.findall(first)), _code(second), _MARK.match(second)
    if not names or not (code or mark) or ".. code" in second:
        raise ValueError(f"{page.name}, line {item.line}: a row is names, and a line or the reason why there is none.")
    return Row(names, code, "" if mark is None else mark[1])


def _code(cell: str) -> str:
    alone, _, _ = cell.partition("\n\n")
    if inline := _ALONE.fullmatch(alone.strip()):
        return inline[1]
    return "\n".join(_dedented(block) for block in _BLOCK.findall(f"{cell}\n"))


def _dedented(block: str) -> str:
    return textwrap.dedent(block).strip("\n")


_INDENTED = r"((?: {6}.*\n|\n)+)"
_LITERAL = re.compile(r"``(.+?)``", re.S)
_ALONE = re.compile(r"``((?:(?!``).)+)``")
_BLOCK = re.compile(r"::\n\n((?:(?: +\S.*)?\n)+)")
_MARK = re.compile(r"\*([^*\n]+)\.\*")
