"""Tasks of the Crowd API, and messages that wait for webhooks."""

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

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")
OPEN = text("state = 'processing'")
WAITING = text("next_at IS NOT NULL")


def upgrade() -> None:
    """Add the table, and an index."""
    op.create_table(
        "crowd_task",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("account_seq", NUMBER, nullable=False),
        Column("function", String(length=64), nullable=False),
        Column("name", String(length=64), nullable=False),
        Column("input", Text(), nullable=False),
        Column("state", String(length=16), nullable=False),
        Column("result", Text(), nullable=True),
        Column("problem", Text(), nullable=True),
        Column("hit_seq", NUMBER, nullable=True),
        Column("created_at", BigInteger(), nullable=False),
        Column("finished_at", BigInteger(), nullable=True),
        Column("claimed_until", BigInteger(), nullable=True),
        ForeignKeyConstraint(["account_seq"], ["account.seq"]),
        ForeignKeyConstraint(["hit_seq"], ["hit.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("account_seq", "function", "name"),
    )
    op.create_index("crowd_task_open", "crowd_task", ["seq"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(
        "notification_waiting_there",
        "notification",
        ["destination", "next_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
