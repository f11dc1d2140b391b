"""The first tables: batches and their units of work, HITs and submissions, who is at work."""

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
IN_HAND = text("holder_id IS NOT NULL")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "setting",
        Column("name", String(length=64), nullable=False),
        Column("value", Text(), nullable=False),
        PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "holder",
        Column("id", String(length=32), nullable=False),
        Column("host", Text(), nullable=False),
        Column("pid", BigInteger(), nullable=False),
        Column("started", BigInteger(), nullable=True),
        Column("beat", BigInteger(), nullable=False),
        PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "batch",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("name", Text(), nullable=False),
        Column("created_at", BigInteger(), nullable=False),
        Column("reserved", BigInteger(), nullable=False),
        Column("searched_at", BigInteger(), nullable=True),
        Column("columns", Text(), nullable=False),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("name"),
    )
    op.create_table(
        "unit",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("batch_seq", NUMBER, nullable=False),
        Column("kind", String(length=16), nullable=False),
        Column("token", String(length=32), nullable=False),
        Column("key", Text(), nullable=False),
        Column("state", String(length=8), nullable=False),
        Column("holder_id", String(length=32), nullable=True),
        Column("first_attempt", BigInteger(), nullable=True),
        Column("attempts", BigInteger(), nullable=False),
        Column("liability", BigInteger(), nullable=False),
        Column("asked", String(length=8), nullable=False),
        Column("content", Text(), nullable=True),
        Column("target", String(length=64), nullable=True),
        Column("error", Text(), nullable=True),
        Column("changed_at", BigInteger(), nullable=False),
        ForeignKeyConstraint(["batch_seq"], ["batch.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("token"),
    )
    op.create_index("unit_of_batch", "unit", ["batch_seq", "kind", "state", "seq"])
    op.create_index("unit_of_target", "unit", ["target", "kind"])
    op.create_index("unit_in_hand", "unit", ["holder_id"], sqlite_where=IN_HAND, postgresql_where=IN_HAND)
    op.create_table(
        "hit",
        Column("id", String(length=64), nullable=False),
        Column("batch_seq", NUMBER, nullable=False),
        Column("unit_seq", NUMBER, nullable=True),
        Column("state", String(length=8), nullable=False),
        Column("most", BigInteger(), nullable=False),
        Column("cents", BigInteger(), nullable=False),
        Column("read", BigInteger(), nullable=False),
        Column("quiet", BigInteger(), nullable=False),
        Column("quiet_since", BigInteger(), nullable=True),
        Column("seen_at", BigInteger(), nullable=False),
        Column("generation", BigInteger(), nullable=False),
        Column("document", Text(), nullable=True),
        ForeignKeyConstraint(["batch_seq"], ["batch.seq"]),
        ForeignKeyConstraint(["unit_seq"], ["unit.seq"]),
        PrimaryKeyConstraint("id"),
    )
    op.create_index("hit_of_batch", "hit", ["batch_seq", "state", "id"])
    op.create_index("hit_of_unit", "hit", ["unit_seq"])
    op.create_table(
        "submission",
        Column("id", String(length=64), nullable=False),
        Column("batch_seq", NUMBER, nullable=False),
        Column("hit_id", String(length=64), nullable=False),
        Column("worker_id", String(length=64), nullable=False),
        Column("status", String(length=16), nullable=False),
        Column("submitted_at", BigInteger(), nullable=False),
        Column("delivered_at", BigInteger(), nullable=True),
        Column("holder_id", String(length=32), nullable=True),
        Column("document", Text(), nullable=False),
        ForeignKeyConstraint(["batch_seq"], ["batch.seq"]),
        PrimaryKeyConstraint("id"),
    )
    op.create_index("submission_to_deliver", "submission", ["batch_seq", "delivered_at", "submitted_at", "id"])
    op.create_index("submission_of_hit", "submission", ["hit_id"])
    op.create_index("submission_in_hand", "submission", ["holder_id"], sqlite_where=IN_HAND, postgresql_where=IN_HAND)
