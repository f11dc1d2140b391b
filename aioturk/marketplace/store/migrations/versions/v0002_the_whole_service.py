"""Qualifications, layouts, review policies, notifications, blocks and messages; what keys may spend; payouts."""

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

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Add the tables and columns."""
    op.create_table(
        "layout",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("id", String(length=64), nullable=False),
        Column("account_seq", NUMBER, nullable=False),
        Column("name", Text(), nullable=False),
        Column("html", Text(), nullable=False),
        Column("frame_height", BigInteger(), nullable=False),
        Column("created_at", BigInteger(), nullable=False),
        Column("used_at", BigInteger(), nullable=False),
        ForeignKeyConstraint(["account_seq"], ["account.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("id"),
    )
    op.create_table(
        "message",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("at", BigInteger(), nullable=False),
        Column("account_seq", NUMBER, nullable=False),
        Column("worker_seq", NUMBER, nullable=False),
        Column("kind", String(length=32), nullable=False),
        Column("subject", Text(), nullable=False),
        Column("text", Text(), nullable=False),
        ForeignKeyConstraint(["account_seq"], ["account.seq"]),
        ForeignKeyConstraint(["worker_seq"], ["worker.seq"]),
        PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("message") as batch:
        batch.create_index("message_of_worker", ["worker_seq", "seq"], unique=False)

    op.create_table(
        "notification",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("at", BigInteger(), nullable=False),
        Column("account_seq", NUMBER, nullable=False),
        Column("event", String(length=32), nullable=False),
        Column("transport", String(length=8), nullable=False),
        Column("destination", Text(), nullable=False),
        Column("body", Text(), nullable=False),
        Column("state", String(length=16), nullable=False),
        Column("attempts", BigInteger(), nullable=False),
        Column("next_at", BigInteger(), nullable=True),
        Column("trouble", Text(), nullable=True),
        ForeignKeyConstraint(["account_seq"], ["account.seq"]),
        PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("notification") as batch:
        batch.create_index(
            "notification_waiting",
            ["next_at"],
            unique=False,
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        )

    op.create_table(
        "qualification_type",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("id", String(length=64), nullable=False),
        Column("account_seq", NUMBER, nullable=True),
        Column("name", Text(), nullable=False),
        Column("name_taken", Text(), nullable=True),
        Column("description", Text(), nullable=False),
        Column("keywords", Text(), nullable=True),
        Column("status", String(length=16), nullable=False),
        Column("retry_delay", BigInteger(), nullable=True),
        Column("test", Text(), nullable=True),
        Column("answer_key", Text(), nullable=True),
        Column("test_duration", BigInteger(), nullable=True),
        Column("auto_granted", BigInteger(), nullable=False),
        Column("auto_granted_value", BigInteger(), nullable=True),
        Column("created_at", BigInteger(), nullable=False),
        Column("used_at", BigInteger(), nullable=False),
        Column("deleted_at", BigInteger(), nullable=True),
        ForeignKeyConstraint(["account_seq"], ["account.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("account_seq", "name_taken"),
        UniqueConstraint("id"),
    )
    with op.batch_alter_table("qualification_type") as batch:
        batch.create_index("qualification_type_by_name", ["name", "seq"], unique=False)

    op.create_table(
        "worker_block",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("account_seq", NUMBER, nullable=False),
        Column("worker_seq", NUMBER, nullable=False),
        Column("reason", Text(), nullable=False),
        Column("since", BigInteger(), nullable=False),
        ForeignKeyConstraint(["account_seq"], ["account.seq"]),
        ForeignKeyConstraint(["worker_seq"], ["worker.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("account_seq", "worker_seq"),
    )
    op.create_table(
        "qualification",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("type_seq", NUMBER, nullable=False),
        Column("worker_seq", NUMBER, nullable=False),
        Column("status", String(length=16), nullable=False),
        Column("value", BigInteger(), nullable=True),
        Column("country", String(length=8), nullable=True),
        Column("subdivision", String(length=8), nullable=True),
        Column("granted_at", BigInteger(), nullable=False),
        Column("reason", Text(), nullable=True),
        ForeignKeyConstraint(["type_seq"], ["qualification_type.seq"]),
        ForeignKeyConstraint(["worker_seq"], ["worker.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("type_seq", "worker_seq"),
    )
    with op.batch_alter_table("qualification") as batch:
        batch.create_index("qualification_by_grant", ["type_seq", "status", "granted_at"], unique=False)

    op.create_table(
        "qualification_request",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("id", String(length=64), nullable=False),
        Column("type_seq", NUMBER, nullable=False),
        Column("worker_seq", NUMBER, nullable=False),
        Column("asker", BigInteger(), nullable=True),
        Column("status", String(length=16), nullable=False),
        Column("asked_at", BigInteger(), nullable=False),
        Column("submitted_at", BigInteger(), nullable=True),
        Column("decided_at", BigInteger(), nullable=True),
        Column("test", Text(), nullable=True),
        Column("answer", Text(), nullable=True),
        Column("reason", Text(), nullable=True),
        Column("due_at", BigInteger(), nullable=True),
        ForeignKeyConstraint(["type_seq"], ["qualification_type.seq"]),
        ForeignKeyConstraint(["worker_seq"], ["worker.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("id"),
        UniqueConstraint("type_seq", "asker"),
    )
    with op.batch_alter_table("qualification_request") as batch:
        batch.create_index(
            "qualification_request_due",
            ["due_at"],
            unique=False,
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        )
        batch.create_index("qualification_request_of_worker", ["worker_seq", "type_seq"], unique=False)
        batch.create_index("qualification_request_open", ["status", "type_seq"], unique=False)

    op.create_table(
        "required",
        Column("qualification_type_seq", NUMBER, autoincrement=False, nullable=False),
        Column("type_seq", NUMBER, autoincrement=False, nullable=False),
        ForeignKeyConstraint(["qualification_type_seq"], ["qualification_type.seq"]),
        ForeignKeyConstraint(["type_seq"], ["hit_type.seq"]),
        PrimaryKeyConstraint("qualification_type_seq", "type_seq"),
    )
    with op.batch_alter_table("required") as batch:
        batch.create_index("required_by_type", ["type_seq"], unique=False)

    op.create_table(
        "review_detail",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("hit_seq", NUMBER, nullable=False),
        Column("level", String(length=16), nullable=False),
        Column("kind", String(length=16), nullable=False),
        Column("detail", Text(), nullable=False),
        ForeignKeyConstraint(["hit_seq"], ["hit.seq"]),
        PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("review_detail") as batch:
        batch.create_index("review_detail_of_hit", ["hit_seq", "seq"], unique=False)

    op.drop_table("schema_version")
    with op.batch_alter_table("assignment") as batch:
        batch.add_column(Column("known_score", BigInteger(), nullable=True))
        batch.create_index("assignment_by_status", ["worker_seq", "status"], unique=False)
    with op.batch_alter_table("hit_type") as batch:
        batch.add_column(Column("used_at", BigInteger(), nullable=True))
        batch.add_column(Column("notification", Text(), nullable=True))
        batch.add_column(Column("notifies", BigInteger(), server_default="0", nullable=False))
    with op.batch_alter_table("key") as batch:
        batch.add_column(Column("spent", BigInteger(), server_default="0", nullable=False))
        batch.add_column(Column("revoked_at", BigInteger(), nullable=True))
    with op.batch_alter_table("movement") as batch:
        batch.alter_column("account_seq", existing_type=NUMBER, nullable=True)
