"""
The ledger's tables.

Whoever changes them writes a revision in `migrations/versions`, too: a new ledger is made from this module, an old one
is brought to the same form step by step.

Money is whole cents, time is whole milliseconds since 1970.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, text
from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["batch", "hit", "holder", "insert_into", "metadata", "setting", "submission", "unit"]

metadata: MetaData = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts rows by itself only in columns called INTEGER


def _seq() -> Column[int]:
    return Column("seq", _NUMBER, primary_key=True, autoincrement=True)


def _batch() -> Column[int]:
    return Column("batch_seq", _NUMBER, ForeignKey("batch.seq"), nullable=False)


def _number(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=optional)


def _text(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Text, nullable=optional)


def _held(name: str, column: str) -> Index:
    """An index of the few rows that somebody has in hand."""
    held = text(f"{column} IS NOT NULL")
    return Index(f"{name}_in_hand", column, sqlite_where=held, postgresql_where=held)


setting: Table = Table("setting", metadata, Column("name", String(64), primary_key=True), _text("value"))
"""What the ledger remembers of itself: the environment that it belongs to, the rate that was learned there."""

holder: Table = Table(
    "holder",
    metadata,
    Column("id", String(32), primary_key=True),
    _text("host"),
    _number("pid"),
    _number("started", optional=True),
    _number("beat"),
)
"""
Who is at work: one row for each run of an upload, a review and so on, with its process. Leases name it; when it is
dead, they are void.
"""

batch: Table = Table(
    "batch",
    metadata,
    _seq(),
    Column("name", Text, nullable=False, unique=True),
    _number("created_at"),
    _number("reserved"),
    _number("searched_at", optional=True),
    _text("columns"),
)
"""
A batch. Reserved: the most that all of its units can cost, fees included. Searched: when the service was last asked for
HITs of this batch that the ledger does not know. Columns: those of its rows, a list in JSON.
"""

unit: Table = Table(
    "unit",
    metadata,
    _seq(),
    _batch(),
    Column("kind", String(16), nullable=False),
    Column("token", String(32), nullable=False, unique=True),
    _text("key"),
    Column("state", String(8), nullable=False),
    Column("holder_id", String(32), nullable=True),
    _number("first_attempt", optional=True),
    _number("attempts"),
    _number("liability"),
    Column("asked", String(8), nullable=False),
    _text("content", optional=True),
    Column("target", String(64), nullable=True),
    _text("error", optional=True),
    _number("changed_at"),
    Index("unit_of_batch", "batch_seq", "kind", "state", "seq"),
    Index("unit_of_target", "target", "kind"),
    _held("unit", "holder_id"),
)
"""
One thing that is to happen once. Kind, state: see `aioturk.batch.units`. Token: what the service knows it by, made of
the batch, the kind and the key. First attempt: when the service may first have heard of the token as it remembers it.
Liability: the most that it can cost. Asked: a digest of what is asked. Content: what is asked for, in JSON. Target: the
HIT or assignment that it is about; of a published row its HIT, once that is known.
"""

hit: Table = Table(
    "hit",
    metadata,
    Column("id", String(64), primary_key=True),
    _batch(),
    Column("unit_seq", _NUMBER, ForeignKey("unit.seq"), nullable=True),
    Column("state", String(8), nullable=False),
    _number("most"),
    _number("cents"),
    _number("read"),
    _number("quiet"),
    _number("quiet_since", optional=True),
    _number("seen_at"),
    Column("generation", BigInteger, nullable=False, default=0),
    _text("document", optional=True),
    Index("hit_of_batch", "batch_seq", "state", "id"),
    Index("hit_of_unit", "unit_seq"),
)
"""
A HIT of a batch. State: ``open`` while submissions may come, ``over`` when all of them have been read, ``gone`` when it
was deleted here, ``lost`` when it was found deleted. Most: how many assignments it may have. Cents: what each of them
costs, fees included. Read: how many of them were read. Quiet: how often nothing new was read of it after it had ended;
quiet since: when that began. Seen: when the service was asked for it last. Generation: how often it was given more
assignments or time, so that nobody who looked before that overwrites it. Document: the HIT as it was seen last, in the
service's JSON.
"""

submission: Table = Table(
    "submission",
    metadata,
    Column("id", String(64), primary_key=True),
    _batch(),
    Column("hit_id", String(64), nullable=False),
    Column("worker_id", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    _number("submitted_at"),
    _number("delivered_at", optional=True),
    Column("holder_id", String(32), nullable=True),
    _text("document"),
    Index("submission_to_deliver", "batch_seq", "delivered_at", "submitted_at", "id"),
    Index("submission_of_hit", "hit_id"),
    _held("submission", "holder_id"),
)
"""
An assignment that was submitted. Delivered: when the program was done with it. Document: the assignment as it was seen
last, in the service's JSON.
"""


def insert_into(table: Table, database: str) -> Any:
    """Return an insertion in the dialect of a database; it can say what is to be done ``ON CONFLICT``."""
    return postgresql.insert(table) if database == "postgresql" else sqlite.insert(table)
