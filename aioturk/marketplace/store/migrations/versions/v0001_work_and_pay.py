"""The first tables: requesters and workers, HITs, assignments, bonuses, the ledger, the audit log."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("at", BigInteger(), nullable=False),
        Column("actor", String(length=64), nullable=False),
        Column("what", String(length=64), nullable=False),
        Column("subject", String(length=64), nullable=True),
        Column("request_id", String(length=64), nullable=True),
        Column("detail", Text(), nullable=True),
        PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "requester",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("name", Text(), nullable=False),
        Column("since", BigInteger(), nullable=False),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("name"),
    )
    op.create_table(
        "schema_version",
        Column("version", Integer(), autoincrement=False, nullable=False),
        Column("since", BigInteger(), nullable=False),
        PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "setting",
        Column("name", String(length=64), nullable=False),
        Column("value", Text(), nullable=False),
        PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "worker",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("id", String(length=64), nullable=False),
        Column("environment", String(length=16), nullable=False),
        Column("origin", String(length=16), nullable=False),
        Column("since", BigInteger(), nullable=False),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("id", "environment"),
    )
    op.create_table(
        "account",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("requester_seq", NUMBER, nullable=False),
        Column("environment", String(length=16), nullable=False),
        Column("requester_id", String(length=64), nullable=False),
        Column("available", BigInteger(), nullable=False),
        Column("held", BigInteger(), nullable=False),
        ForeignKeyConstraint(["requester_seq"], ["requester.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("requester_id"),
        UniqueConstraint("requester_seq", "environment"),
    )
    op.create_table(
        "key",
        Column("access_key", String(length=128), nullable=False),
        Column("secret_key", Text(), nullable=False),
        Column("requester_seq", NUMBER, nullable=False),
        Column("since", BigInteger(), nullable=False),
        Column("read_only", BigInteger(), nullable=False),
        Column("spending_cap", BigInteger(), nullable=True),
        ForeignKeyConstraint(["requester_seq"], ["requester.seq"]),
        PrimaryKeyConstraint("access_key"),
    )
    op.create_table(
        "person",
        Column("worker_seq", NUMBER, autoincrement=False, nullable=False),
        Column("name", Text(), nullable=True),
        Column("email", Text(), nullable=True),
        Column("address", Text(), nullable=True),
        ForeignKeyConstraint(["worker_seq"], ["worker.seq"]),
        PrimaryKeyConstraint("worker_seq"),
    )
    op.create_table(
        "hit_type",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("id", String(length=64), nullable=False),
        Column("group_id", String(length=64), nullable=False),
        Column("account_seq", NUMBER, nullable=False),
        Column("identity", String(length=64), nullable=False),
        Column("title", Text(), nullable=False),
        Column("description", Text(), nullable=False),
        Column("keywords", Text(), nullable=True),
        Column("reward", BigInteger(), nullable=False),
        Column("assignment_duration", BigInteger(), nullable=False),
        Column("auto_approval_delay", BigInteger(), nullable=False),
        Column("requirements", Text(), nullable=False),
        Column("masters", BigInteger(), nullable=False),
        Column("created_at", BigInteger(), nullable=False),
        ForeignKeyConstraint(["account_seq"], ["account.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("account_seq", "identity"),
        UniqueConstraint("group_id"),
        UniqueConstraint("id"),
    )
    op.create_table(
        "token",
        Column("account_seq", NUMBER, autoincrement=False, nullable=False),
        Column("space", String(length=64), nullable=False),
        Column("token", String(length=255), nullable=False),
        Column("used_at", BigInteger(), nullable=False),
        Column("request_id", String(length=64), nullable=False),
        Column("subject", String(length=64), nullable=True),
        ForeignKeyConstraint(["account_seq"], ["account.seq"]),
        PrimaryKeyConstraint("account_seq", "space", "token"),
    )
    op.create_table(
        "hit",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("id", String(length=64), nullable=False),
        Column("account_seq", NUMBER, nullable=False),
        Column("type_seq", NUMBER, nullable=False),
        Column("created_at", BigInteger(), nullable=False),
        Column("expires_at", BigInteger(), nullable=False),
        Column("max_assignments", BigInteger(), nullable=False),
        Column("annotation", Text(), nullable=True),
        Column("layout_id", String(length=64), nullable=True),
        Column("assignment_policy", Text(), nullable=True),
        Column("hit_policy", Text(), nullable=True),
        Column("status", String(length=16), nullable=False),
        Column("listed", BigInteger(), nullable=False),
        Column("in_work", BigInteger(), nullable=False),
        Column("submitted", BigInteger(), nullable=False),
        Column("approved", BigInteger(), nullable=False),
        Column("rejected", BigInteger(), nullable=False),
        Column("freed", BigInteger(), nullable=False),
        Column("fee", BigInteger(), nullable=False),
        Column("held", BigInteger(), nullable=False),
        Column("changed_at", BigInteger(), nullable=False),
        Column("due_at", BigInteger(), nullable=True),
        ForeignKeyConstraint(["account_seq"], ["account.seq"]),
        ForeignKeyConstraint(["type_seq"], ["hit_type.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("id"),
    )
    op.create_index("hit_by_status", "hit", ["account_seq", "status", "seq"], unique=False)
    op.create_index(
        "hit_due",
        "hit",
        ["due_at"],
        unique=False,
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    )
    op.create_index("hit_listed", "hit", ["account_seq", "listed", "seq"], unique=False)
    op.create_index("hit_of_type", "hit", ["type_seq", "status", "seq"], unique=False)
    op.create_index("hit_open", "hit", ["status", "seq"], unique=False)
    op.create_table(
        "assignment",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("id", String(length=64), nullable=True),
        Column("issued_id", String(length=64), nullable=False),
        Column("hit_seq", NUMBER, nullable=False),
        Column("worker_seq", NUMBER, nullable=False),
        Column("holder", BigInteger(), nullable=True),
        Column("status", String(length=16), nullable=False),
        Column("previewed_at", BigInteger(), nullable=True),
        Column("accepted_at", BigInteger(), nullable=False),
        Column("deadline", BigInteger(), nullable=False),
        Column("submitted_at", BigInteger(), nullable=True),
        Column("submission", BigInteger(), nullable=True),
        Column("auto_approval_at", BigInteger(), nullable=True),
        Column("approved_at", BigInteger(), nullable=True),
        Column("rejected_at", BigInteger(), nullable=True),
        Column("ended_at", BigInteger(), nullable=True),
        Column("seconds_of_work", BigInteger(), nullable=True),
        Column("answer", Text(), nullable=True),
        Column("feedback", Text(), nullable=True),
        Column("reusable", BigInteger(), nullable=False),
        Column("due_at", BigInteger(), nullable=True),
        ForeignKeyConstraint(["hit_seq"], ["hit.seq"]),
        ForeignKeyConstraint(["worker_seq"], ["worker.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("hit_seq", "holder"),
        UniqueConstraint("id"),
    )
    op.create_index(
        "assignment_due",
        "assignment",
        ["due_at"],
        unique=False,
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    )
    op.create_index("assignment_of_worker", "assignment", ["worker_seq", "hit_seq"], unique=False)
    op.create_index("assignment_submitted", "assignment", ["hit_seq", "submission"], unique=False)
    op.create_table(
        "question",
        Column("hit_seq", NUMBER, autoincrement=False, nullable=False),
        Column("text", Text(), nullable=False),
        ForeignKeyConstraint(["hit_seq"], ["hit.seq"]),
        PrimaryKeyConstraint("hit_seq"),
    )
    op.create_table(
        "bonus",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("hit_seq", NUMBER, nullable=False),
        Column("assignment_seq", NUMBER, nullable=False),
        Column("worker_seq", NUMBER, nullable=False),
        Column("amount", BigInteger(), nullable=False),
        Column("fee", BigInteger(), nullable=False),
        Column("reason", Text(), nullable=False),
        Column("granted_at", BigInteger(), nullable=False),
        ForeignKeyConstraint(["assignment_seq"], ["assignment.seq"]),
        ForeignKeyConstraint(["hit_seq"], ["hit.seq"]),
        ForeignKeyConstraint(["worker_seq"], ["worker.seq"]),
        PrimaryKeyConstraint("seq"),
    )
    op.create_index("bonus_of_assignment", "bonus", ["assignment_seq", "seq"], unique=False)
    op.create_index("bonus_of_hit", "bonus", ["hit_seq", "seq"], unique=False)
    op.create_table(
        "movement",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("at", BigInteger(), nullable=False),
        Column("account_seq", NUMBER, nullable=False),
        Column("reason", String(length=16), nullable=False),
        Column("debit", String(length=16), nullable=False),
        Column("credit", String(length=16), nullable=False),
        Column("cents", BigInteger(), nullable=False),
        Column("hit_seq", NUMBER, nullable=True),
        Column("assignment_seq", NUMBER, nullable=True),
        Column("worker_seq", NUMBER, nullable=True),
        ForeignKeyConstraint(["account_seq"], ["account.seq"]),
        ForeignKeyConstraint(["assignment_seq"], ["assignment.seq"]),
        ForeignKeyConstraint(["hit_seq"], ["hit.seq"]),
        ForeignKeyConstraint(["worker_seq"], ["worker.seq"]),
        PrimaryKeyConstraint("seq"),
    )
    op.create_index("movement_of_worker", "movement", ["worker_seq", "seq"], unique=False)
