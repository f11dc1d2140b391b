"""
The schema: tables, keys and indices. What is asked of them is in the other modules of this package.

Whoever changes it writes a revision in `migrations/versions`, too: a new store is made from this module, an old one is
brought to the same form step by step.

Money is whole cents, time is whole milliseconds since 1970, ids of the service are text; every table has an own running
number `seq`, by which the others refer to it and lists are walked.

Who somebody is stands apart from what they have done: in `person`, `login` and `invitation`, which nothing else refers
to.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

__all__ = [
    "account",
    "assignment",
    "audit",
    "bonus",
    "crowd_task",
    "hit",
    "hit_type",
    "invitation",
    "key",
    "layout",
    "login",
    "message",
    "metadata",
    "movement",
    "notification",
    "person",
    "qualification",
    "qualification_request",
    "qualification_type",
    "question",
    "requester",
    "required",
    "review_detail",
    "setting",
    "token",
    "worker",
    "worker_block",
]

metadata: MetaData = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts rows by itself only in columns called INTEGER
_ID = String(64)


def _seq() -> Column[int]:
    return Column("seq", _NUMBER, primary_key=True, autoincrement=True)


def _refers(name: str, target: Table, *, optional: bool = False) -> Column[int]:
    return Column(name, _NUMBER, ForeignKey(target.c.seq), nullable=optional)


def _number(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=optional)


def _count(name: str) -> Column[int]:
    """A number that begins with 0, in rows that were there before the column, too."""
    return Column(name, BigInteger, nullable=False, server_default="0")


def _text(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Text, nullable=optional)


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
    _count("spent"),
    _number("revoked_at", optional=True),
)
"""
What requests are signed with. Spent: cents that calls signed with it have committed, which its cap bounds. A key that
was revoked is kept, so that the audit log can be read.
"""

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

login: Table = Table(
    "login",
    metadata,
    Column("worker_seq", _NUMBER, ForeignKey(worker.c.seq), primary_key=True, autoincrement=False),
    Column("address", String(254), nullable=False, unique=True),
    _text("password", optional=True),
    _count("generation"),
    _count("failures"),
    _number("locked_until", optional=True),
    _number("since"),
)
"""
How a person signs in. Address: of e-mail, casefolded. Password: its argon2 hash, null until the person has set one.
Generation: counts what ends all sessions that were begun before. Failures: attempts in a row with a wrong password.
"""

invitation: Table = Table(
    "invitation",
    metadata,
    _seq(),
    Column("digest", String(64), nullable=False, unique=True),
    _refers("worker_seq", worker),
    _number("created_at"),
    _number("expires_at"),
    _number("used_at", optional=True),
)
"""
Links by which people set their passwords. Digest: SHA-256 of the token in the link, which itself is kept nowhere.
"""

Index("invitation_of_worker", invitation.c.worker_seq)

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
    _number("used_at", optional=True),
    _text("notification", optional=True),
    _count("notifies"),
    UniqueConstraint("account_seq", "identity"),
)
"""
What a group of HITs shares. Identity: a digest of everything that makes two types the same. Notification: where its
events are sent, as the API writes it; notifies: 1 while they are.
"""

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
    _number("first_input_at", optional=True),
    _number("deadline"),
    _number("submitted_at", optional=True),
    _number("submission", optional=True),
    _number("auto_approval_at", optional=True),
    _number("approved_at", optional=True),
    _number("rejected_at", optional=True),
    _number("ended_at", optional=True),
    _number("seconds_of_work", optional=True),
    _number("active_seconds", optional=True),
    _text("answer", optional=True),
    _text("feedback", optional=True),
    _number("known_score", optional=True),
    _number("reusable"),
    _number("due_at", optional=True),
    UniqueConstraint("hit_seq", "holder"),
)
"""
One acceptance of a HIT by a worker, whatever came of it. Once it is returned or abandoned its id and holder are null,
so that the id is free for the next worker and the worker for the HIT; `issued_id` keeps the id. The unique key on HIT
and holder is what keeps a worker from having one HIT twice, however many processes serve the store. Submission: the
how-manieth of its HIT it was to be submitted. First input and active seconds are what the worker's browser tells, as
far as it can be true.
"""

Index("assignment_submitted", assignment.c.hit_seq, assignment.c.submission)
Index("assignment_of_worker", assignment.c.worker_seq, assignment.c.hit_seq)
Index("assignment_by_status", assignment.c.worker_seq, assignment.c.status)
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
    _refers("account_seq", account, optional=True),
    Column("reason", String(16), nullable=False),
    Column("debit", String(16), nullable=False),
    Column("credit", String(16), nullable=False),
    _number("cents"),
    _refers("hit_seq", hit, optional=True),
    _refers("assignment_seq", assignment, optional=True),
    _refers("worker_seq", worker, optional=True),
)
"""
The ledger. Every line takes cents from one purse (credit) and puts them into another (debit): it sums to zero. Lines of
no account are between the house and a worker.
"""

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

layout: Table = Table(
    "layout",
    metadata,
    _seq(),
    Column("id", _ID, nullable=False, unique=True),
    _refers("account_seq", account),
    _text("name"),
    _text("html"),
    _number("frame_height"),
    _number("created_at"),
    _number("used_at"),
)
"""A page with ``${name}`` in it, which HITs are made of."""

qualification_type: Table = Table(
    "qualification_type",
    metadata,
    _seq(),
    Column("id", _ID, nullable=False, unique=True),
    _refers("account_seq", account, optional=True),
    _text("name"),
    _text("name_taken", optional=True),
    _text("description"),
    _text("keywords", optional=True),
    Column("status", String(16), nullable=False),
    _number("retry_delay", optional=True),
    _text("test", optional=True),
    _text("answer_key", optional=True),
    _number("test_duration", optional=True),
    _number("auto_granted"),
    _number("auto_granted_value", optional=True),
    _number("created_at"),
    _number("used_at"),
    _number("deleted_at", optional=True),
    UniqueConstraint("account_seq", "name_taken"),
)
"""
A qualification type. Those of the service itself have no account. Name taken: the name for as long as no other type of
the account may bear it; null once it is free again.
"""

Index("qualification_type_by_name", qualification_type.c.name, qualification_type.c.seq)

required: Table = Table(
    "required",
    metadata,
    Column(
        "qualification_type_seq", _NUMBER, ForeignKey(qualification_type.c.seq), primary_key=True, autoincrement=False
    ),
    Column("type_seq", _NUMBER, ForeignKey(hit_type.c.seq), primary_key=True, autoincrement=False),
)
"""Which qualification types the requirements of a HIT type name."""

Index("required_by_type", required.c.type_seq)

qualification: Table = Table(
    "qualification",
    metadata,
    _seq(),
    Column("type_seq", _NUMBER, ForeignKey(qualification_type.c.seq), nullable=False),
    _refers("worker_seq", worker),
    Column("status", String(16), nullable=False),
    _number("value", optional=True),
    Column("country", String(8), nullable=True),
    Column("subdivision", String(8), nullable=True),
    _number("granted_at"),
    _text("reason", optional=True),
    UniqueConstraint("type_seq", "worker_seq"),
)
"""What a worker has, or had. Reason: why it was revoked, for the worker."""

Index("qualification_by_grant", qualification.c.type_seq, qualification.c.status, qualification.c.granted_at)

qualification_request: Table = Table(
    "qualification_request",
    metadata,
    _seq(),
    Column("id", _ID, nullable=False, unique=True),
    Column("type_seq", _NUMBER, ForeignKey(qualification_type.c.seq), nullable=False),
    _refers("worker_seq", worker),
    _number("asker", optional=True),
    Column("status", String(16), nullable=False),
    _number("asked_at"),
    _number("submitted_at", optional=True),
    _number("decided_at", optional=True),
    _text("test", optional=True),
    _text("answer", optional=True),
    _text("reason", optional=True),
    _number("due_at", optional=True),
    UniqueConstraint("type_seq", "asker"),
)
"""
A worker's asking for a qualification, with the test as it was then. Asker: the worker for as long as the request is
open, so that there is one at a time. Due: when the time for its test is over.
"""

Index("qualification_request_open", qualification_request.c.status, qualification_request.c.type_seq)
Index("qualification_request_of_worker", qualification_request.c.worker_seq, qualification_request.c.type_seq)
Index(
    "qualification_request_due",
    qualification_request.c.due_at,
    sqlite_where=qualification_request.c.due_at.isnot(None),
    postgresql_where=qualification_request.c.due_at.isnot(None),
)

worker_block: Table = Table(
    "worker_block",
    metadata,
    _seq(),
    _refers("account_seq", account),
    _refers("worker_seq", worker),
    _text("reason"),
    _number("since"),
    UniqueConstraint("account_seq", "worker_seq"),
)
"""Workers that a requester does not want."""

message: Table = Table(
    "message",
    metadata,
    _seq(),
    _number("at"),
    _refers("account_seq", account),
    _refers("worker_seq", worker),
    Column("kind", String(32), nullable=False),
    _text("subject"),
    _text("text"),
)
"""What requesters tell workers: notices, and the reasons of what was done."""

Index("message_of_worker", message.c.worker_seq, message.c.seq)

review_detail: Table = Table(
    "review_detail",
    metadata,
    _seq(),
    _refers("hit_seq", hit),
    Column("level", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    _text("detail"),
)
"""What review policies found (kind ``result``) and did (``action``), each as the API shows it."""

Index("review_detail_of_hit", review_detail.c.hit_seq, review_detail.c.seq)

notification: Table = Table(
    "notification",
    metadata,
    _seq(),
    _number("at"),
    _refers("account_seq", account),
    Column("event", String(32), nullable=False),
    Column("transport", String(8), nullable=False),
    _text("destination"),
    _text("body"),
    Column("state", String(16), nullable=False),
    _number("attempts"),
    _number("next_at", optional=True),
    _text("trouble", optional=True),
)
"""
Every message about an event, sent or not. State: ``waiting``, ``delivered``, ``failed``, or ``logged`` when there is
nowhere to send it. Next: real time in milliseconds, when it is to be tried again; trouble: what went wrong the last
time.
"""

Index(
    "notification_waiting",
    notification.c.next_at,
    sqlite_where=notification.c.next_at.isnot(None),
    postgresql_where=notification.c.next_at.isnot(None),
)
# Webhooks are looked after one by one; without this, a look costs as much as the longest queue of any of them is long.
Index(
    "notification_waiting_there",
    notification.c.destination,
    notification.c.next_at,
    sqlite_where=notification.c.next_at.isnot(None),
    postgresql_where=notification.c.next_at.isnot(None),
)

crowd_task: Table = Table(
    "crowd_task",
    metadata,
    _seq(),
    _refers("account_seq", account),
    Column("function", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    _text("input"),
    Column("state", String(16), nullable=False),
    _text("result", optional=True),
    _text("problem", optional=True),
    _refers("hit_seq", hit, optional=True),
    _number("created_at"),
    _number("finished_at", optional=True),
    _number("claimed_until", optional=True),
    UniqueConstraint("account_seq", "function", "name"),
)
"""
Tasks of the Crowd API. Input, result and problem are objects in JSON. State: ``processing``, ``completed`` or
``failed``. HIT: the one that it has become, if people answer it. Claimed: real time in milliseconds until when some
process is working out the answer, if code answers it.
"""

Index(
    "crowd_task_open",
    crowd_task.c.seq,
    sqlite_where=crowd_task.c.state == "processing",
    postgresql_where=crowd_task.c.state == "processing",
)
