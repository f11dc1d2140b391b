"""
The schema: tables, keys and indices. What is asked of them is in the other modules of this package.

Money is whole cents, time is whole milliseconds since 1970, ids of the service are text; every table has an own running
number `seq`, by which the others refer to it and lists are walked.

Columns that nothing fills yet are here because a column is cheap now and a migration is not: persons apart from
workers, the moments of an assignment, the origin of a worker, limits of keys.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

__all__ = [
    "SCHEMA_VERSION",
    "account",
    "assignment",
    "audit",
    "bonus",
    "hit",
    "hit_type",
    "key",
    "metadata",
    "movement",
    "person",
    "question",
    "requester",
    "schema_version",
    "setting",
    "token",
    "worker",
]

SCHEMA_VERSION = 2
"""The version that this module describes."""

metadata: MetaData = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts rows by itself only in columns called INTEGER
_ID = String(64)


def _seq() -> Column[int]:
    return Column("seq", _NUMBER, primary_key=True, autoincrement=True)


def _refers(name: str, target: Table, *, optional: bool = False) -> Column[int]:
    return Column(name, _NUMBER, ForeignKey(target.c.seq), nullable=optional)


def _number(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=optional)


def _text(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Text, nullable=optional)


schema_version: Table = Table(
    "schema_version", metadata, Column("version", Integer, primary_key=True, autoincrement=False), _number("since")
)

setting: Table = Table("setting", metadata, Column("name", String(64), primary_key=True), _text("value"))
"""What a store remembers of itself: how far its clock was turned, the key of its page tokens."""

requester: Table = Table(
    "requester", metadata, _seq(), Column("name", Text, nullable=False, unique=True), _number("since")
)

key: Table = Table(
    "key",
    metadata,
    Column("access_key", String(128), primary_key=True),
    _text("secret_key"),
    _refers("requester_seq", requester),
    _number("since"),
    _number("read_only"),
    _number("spending_cap", optional=True),
)

account: Table = Table(
    "account",
    metadata,
    _seq(),
    _refers("requester_seq", requester),
    Column("environment", String(16), nullable=False),
    Column("requester_id", _ID, nullable=False, unique=True),
    _number("available"),
    _number("held"),
    UniqueConstraint("requester_seq", "environment"),
)
"""A requester in one environment: owner of everything there, with the money."""

worker: Table = Table(
    "worker",
    metadata,
    _seq(),
    Column("id", _ID, nullable=False),
    Column("environment", String(16), nullable=False),
    Column("origin", String(16), nullable=False),
    _number("since"),
    UniqueConstraint("id", "environment"),
)
"""An id that works. Origin: ``person``, ``script`` or ``model``."""

person: Table = Table(
    "person",
    metadata,
    Column("worker_seq", _NUMBER, ForeignKey(worker.c.seq), primary_key=True, autoincrement=False),
    _text("name", optional=True),
    _text("email", optional=True),
    _text("address", optional=True),
)
"""Who is behind an id. Apart from it, so that it can be kept from others, and forgotten."""

hit_type: Table = Table(
    "hit_type",
    metadata,
    _seq(),
    Column("id", _ID, nullable=False, unique=True),
    Column("group_id", _ID, nullable=False, unique=True),
    _refers("account_seq", account),
    Column("identity", String(64), nullable=False),
    _text("title"),
    _text("description"),
    _text("keywords", optional=True),
    _number("reward"),
    _number("assignment_duration"),
    _number("auto_approval_delay"),
    _text("requirements"),
    _number("masters"),
    _number("created_at"),
    UniqueConstraint("account_seq", "identity"),
)
"""What a group of HITs shares. Identity: a digest of everything that makes two types the same."""

hit: Table = Table(
    "hit",
    metadata,
    _seq(),
    Column("id", _ID, nullable=False, unique=True),
    _refers("account_seq", account),
    _refers("type_seq", hit_type),
    _number("created_at"),
    _number("expires_at"),
    _number("max_assignments"),
    _text("annotation", optional=True),
    Column("layout_id", _ID, nullable=True),
    _text("assignment_policy", optional=True),
    _text("hit_policy", optional=True),
    Column("status", String(16), nullable=False),
    _number("listed"),
    _number("in_work"),
    _number("submitted"),
    _number("approved"),
    _number("rejected"),
    _number("freed"),
    _number("fee"),
    _number("held"),
    _number("changed_at"),
    _number("due_at", optional=True),
)
"""
A HIT. Its counters are kept with it, so that reading it costs the same whatever has been done to it. Listed: 0 once it
is Disposed. Freed: ids of its assignments that wait for the next worker. Fee: cents per assignment. Held: cents kept
back for it. Due: when the clock has to look at it next.
"""

Index("hit_listed", hit.c.account_seq, hit.c.listed, hit.c.seq)
Index("hit_by_status", hit.c.account_seq, hit.c.status, hit.c.seq)
Index("hit_of_type", hit.c.type_seq, hit.c.status, hit.c.seq)
Index("hit_open", hit.c.status, hit.c.seq)
Index("hit_due", hit.c.due_at, sqlite_where=hit.c.due_at.isnot(None), postgresql_where=hit.c.due_at.isnot(None))

question: Table = Table(
    "question",
    metadata,
    Column("hit_seq", _NUMBER, ForeignKey(hit.c.seq), primary_key=True, autoincrement=False),
    _text("text"),
)
"""The question of a HIT, apart from it, because it is long and never changes; the HIT is short and changes often."""

assignment: Table = Table(
    "assignment",
    metadata,
    _seq(),
    Column("id", _ID, nullable=True, unique=True),
    Column("issued_id", _ID, nullable=False),
    _refers("hit_seq", hit),
    _refers("worker_seq", worker),
    _number("holder", optional=True),
    Column("status", String(16), nullable=False),
    _number("previewed_at", optional=True),
    _number("accepted_at"),
    _number("deadline"),
    _number("submitted_at", optional=True),
    _number("submission", optional=True),
    _number("auto_approval_at", optional=True),
    _number("approved_at", optional=True),
    _number("rejected_at", optional=True),
    _number("ended_at", optional=True),
    _number("seconds_of_work", optional=True),
    _text("answer", optional=True),
    _text("feedback", optional=True),
    _number("reusable"),
    _number("due_at", optional=True),
    UniqueConstraint("hit_seq", "holder"),
)
"""
One acceptance of a HIT by a worker, whatever came of it. Once it is returned or abandoned its id and holder are null,
so that the id is free for the next worker and the worker for the HIT; `issued_id` keeps the id. The unique key on HIT
and holder is what keeps a worker from having one HIT twice, however many processes serve the store. Submission: the
how-manieth of its HIT it was to be submitted.
"""

Index("assignment_submitted", assignment.c.hit_seq, assignment.c.submission)
Index("assignment_of_worker", assignment.c.worker_seq, assignment.c.hit_seq)
Index(
    "assignment_due",
    assignment.c.due_at,
    sqlite_where=assignment.c.due_at.isnot(None),
    postgresql_where=assignment.c.due_at.isnot(None),
)

bonus: Table = Table(
    "bonus",
    metadata,
    _seq(),
    _refers("hit_seq", hit),
    _refers("assignment_seq", assignment),
    _refers("worker_seq", worker),
    _number("amount"),
    _number("fee"),
    _text("reason"),
    _number("granted_at"),
)

Index("bonus_of_hit", bonus.c.hit_seq, bonus.c.seq)
Index("bonus_of_assignment", bonus.c.assignment_seq, bonus.c.seq)

token: Table = Table(
    "token",
    metadata,
    Column("account_seq", _NUMBER, ForeignKey(account.c.seq), primary_key=True, autoincrement=False),
    Column("space", String(64), primary_key=True),
    Column("token", String(255), primary_key=True),
    _number("used_at"),
    Column("request_id", String(64), nullable=False),
    Column("subject", _ID, nullable=True),
)
"""Request tokens that did their work; the space says for which operations they count."""

movement: Table = Table(
    "movement",
    metadata,
    _seq(),
    _number("at"),
    _refers("account_seq", account),
    Column("reason", String(16), nullable=False),
    Column("debit", String(16), nullable=False),
    Column("credit", String(16), nullable=False),
    _number("cents"),
    _refers("hit_seq", hit, optional=True),
    _refers("assignment_seq", assignment, optional=True),
    _refers("worker_seq", worker, optional=True),
)
"""The ledger. Every line takes cents from one purse (credit) and puts them into another (debit): it sums to zero."""

Index("movement_of_worker", movement.c.worker_seq, movement.c.seq)

audit: Table = Table(
    "audit",
    metadata,
    _seq(),
    _number("at"),
    Column("actor", _ID, nullable=False),
    Column("what", String(64), nullable=False),
    Column("subject", _ID, nullable=True),
    Column("request_id", String(64), nullable=True),
    _text("detail", optional=True),
)
"""Who did what, when, by which request. Lines are only ever added."""
