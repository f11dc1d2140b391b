"""
Moments as files, for whoever compares pay with time: CSV, and JSON Lines.

What they are is in `aioturk.marketplace.service.moments`. Requesters download them, and owners have them printed.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from aioturk.marketplace.service.moments import Piece

__all__ = ["COLUMNS", "FORMATS", "beginning", "lines"]

FORMATS: Final = {"csv": "text/csv", "jsonl": "application/jsonl"}
"""The formats, by the ends of files' names, with what they are called on the web."""

COLUMNS: Final = (
    "assignment_id",
    "hit_id",
    "hit_type_id",
    "worker_id",
    "status",
    "previewed",
    "accepted",
    "first_input",
    "active_seconds",
    "deadline",
    "submitted",
    "duration_seconds",
    "approved",
    "rejected",
)
"""The names in both of them. What did not happen, or nobody told, is empty in CSV and null in JSON."""


def beginning(form: str) -> str:
    """Return what a file of this format begins with."""
    return ",".join(COLUMNS) + "\n" if form == "csv" else ""


def lines(form: str, pieces: Iterable[Piece]) -> str:
    """Return a line for each, with its end."""
    rows = map(_row, pieces)
    if form == "csv":
        # Neither ids nor times begin with what makes a formula of them in a spreadsheet.
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue()
    return "".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in rows)


def _row(piece: Piece) -> tuple[str | int | None, ...]:
    told = piece.moments
    return (
        piece.assignment_id,
        piece.hit_id,
        piece.hit_type_id,
        told.worker_id,
        piece.status,
        _time(told.previewed),
        _time(told.accepted),
        _time(told.first_input),
        _seconds(told.active),
        _time(told.deadline),
        _time(told.submitted),
        _seconds(told.duration),
        _time(told.approved),
        _time(told.rejected),
    )


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())
