"""
Results in the ledger: every submission of a batch with its HIT and its row, read a page at a time.

What is made of them is in `aioturk.batch.export` and `aioturk.batch.votes`. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select

from aioturk.batch.documents import read_assignment, read_hit
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.batch.ledger.tables import hit, submission, unit
from aioturk.batch.units import Kind, State
from aioturk.models import HIT, Assignment

__all__ = ["Page", "Place", "Result", "page_of_results", "results"]

_PAGE = 300
"""How many submissions are read at once: some megabytes, where answers are long."""


@dataclass(frozen=True, slots=True)
class Result:
    """
    A submission, and what it was made for.

    Attributes:
        hit: Its HIT without the question, as it was seen last; None if it was never seen.
        assignment: The assignment as it was seen last.
        row: The values of the row that the HIT was made of; None where the ledger does not know them.
        key: What the row is called in its batch; None of a HIT that is for no row.
    """

    hit: HIT | None
    assignment: Assignment
    row: dict[str, Any] | None
    key: str | None


class Place(NamedTuple):
    """
    Up to where results were read.

    Attributes:
        stray: Whether that is among the HITs that are for no row, or for one that has a HIT already; they come last.
        hit: The number of the row's unit; of the others the HIT's id.
        submitted_at: When the last result was submitted.
        submission_id: Its assignment's id.
    """

    stray: bool
    hit: int | str
    submitted_at: int = -1
    submission_id: str = ""


class Page(NamedTuple):
    """
    Some results, and where the next ones begin.

    Attributes:
        results: The results.
        next: From where to go on; None at the end.
    """

    results: list[Result]
    next: Place | None


FIRST = Place(False, -1)
"""Where results begin."""
_FIRST_STRAY = Place(True, "")


def page_of_results(batch_seq: int, place: Place = FIRST, most: int = _PAGE) -> Callable[[Connection], Page]:
    """
    Read some results: in the order of their rows, then of their submission.

    Args:
        batch_seq: The batch.
        place: From where.
        most: How many at most.
    """
    statement = (_strays if place.stray else _of_rows)(batch_seq, place).limit(most)

    def act(connection: Connection) -> Page:
        found = connection.execute(statement).all()
        if len(found) == most:
            last = found[-1]
            following: Place | None = Place(place.stray, last.hit_place, last.submitted_at, last.id)
        else:
            following = None if place.stray else _FIRST_STRAY
        return Page(_read(found), following)

    return act


async def results(ledger: LedgerThread, batch_seq: int) -> AsyncGenerator[Result, None]:
    """
    Read all results of a batch, holding a page of them at a time.

    Args:
        ledger: The ledger.
        batch_seq: The batch.
    """
    place: Place | None = FIRST
    while place is not None:
        page = await ledger.perform(page_of_results(batch_seq, place))
        for result in page.results:
            yield result
        place = page.next


def _of_rows(batch_seq: int, place: Place) -> Select[Any]:
    """
    Select the submissions of rows' own HITs.

    All columns of the index of units are given, the last one as the place, so that a page costs the same wherever it
    is.
    """
    return (
        _columns(unit.c.seq)
        .select_from(unit)
        .join(hit, hit.c.id == unit.c.target)
        .join(submission, submission.c.hit_id == unit.c.target)
        .where(
            unit.c.batch_seq == batch_seq,
            unit.c.kind == Kind.PUBLISH.value,
            unit.c.state == State.DONE.value,
            _follows(unit.c.seq, place),
        )
        .order_by(unit.c.seq, submission.c.submitted_at, submission.c.id)
    )


def _strays(batch_seq: int, place: Place) -> Select[Any]:
    """Select the other submissions: nothing that was submitted is left out because a HIT should not be there."""
    other = or_(
        unit.c.seq.is_(None),
        unit.c.kind != Kind.PUBLISH.value,
        unit.c.state != State.DONE.value,
        unit.c.target.is_distinct_from(submission.c.hit_id),
    )
    # Adding nothing keeps SQLite from an index that begins with the batch: it would sort everything for each page.
    in_batch = submission.c.batch_seq + 0 == batch_seq
    return (
        _columns(submission.c.hit_id)
        .select_from(submission)
        .outerjoin(hit, hit.c.id == submission.c.hit_id)
        .outerjoin(unit, unit.c.seq == hit.c.unit_seq)
        .where(in_batch, other, _follows(submission.c.hit_id, place))
        .order_by(submission.c.hit_id, submission.c.submitted_at, submission.c.id)
    )


def _columns(hit_place: ColumnElement[Any]) -> Select[Any]:
    return select(
        hit_place.label("hit_place"),
        submission.c.submitted_at,
        submission.c.id,
        submission.c.document,
        submission.c.hit_id,
        hit.c.document.label("hit_document"),
        unit.c.key,
        unit.c.content,
    )


def _follows(hit_place: ColumnElement[Any], place: Place) -> ColumnElement[bool]:
    at, known = submission.c.submitted_at, submission.c.id
    later = or_(at > place.submitted_at, and_(at == place.submitted_at, known > place.submission_id))
    # The first condition says nothing new; it is the one by which a database finds where to begin.
    return and_(hit_place >= place.hit, or_(hit_place > place.hit, later))


def _read(found: Sequence[Row[Any]]) -> list[Result]:
    read: list[Result] = []
    hit_id: str | None = None
    seen: HIT | None = None
    row: dict[str, Any] | None = None
    for each in found:
        if each.hit_id != hit_id:  # the submissions of a HIT follow each other, and share it
            hit_id = each.hit_id
            seen = None if each.hit_document is None else read_hit(each.hit_document)
            row = None if each.content is None else msgspec.json.decode(each.content)
        read.append(Result(seen, read_assignment(each.document), row, each.key))
    return read
