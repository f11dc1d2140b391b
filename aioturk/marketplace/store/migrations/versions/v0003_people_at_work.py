"""How people sign in, the links by which they are invited, and what a browser tells of the time that work took."""

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
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Add the tables and columns."""
    op.create_table(
        "login",
        Column("worker_seq", NUMBER, autoincrement=False, nullable=False),
        Column("address", String(length=254), nullable=False),
        Column("password", Text(), nullable=True),
        Column("generation", BigInteger(), server_default="0", nullable=False),
        Column("failures", BigInteger(), server_default="0", nullable=False),
        Column("locked_until", BigInteger(), nullable=True),
        Column("since", BigInteger(), nullable=False),
        ForeignKeyConstraint(["worker_seq"], ["worker.seq"]),
        PrimaryKeyConstraint("worker_seq"),
        UniqueConstraint("address"),
    )
    op.create_table(
        "invitation",
        Column("seq", NUMBER, autoincrement=True, nullable=False),
        Column("digest", String(length=64), nullable=False),
        Column("worker_seq", NUMBER, nullable=False),
        Column("created_at", BigInteger(), nullable=False),
        Column("expires_at", BigInteger(), nullable=False),
        Column("used_at", BigInteger(), nullable=True),
        ForeignKeyConstraint(["worker_seq"], ["worker.seq"]),
        PrimaryKeyConstraint("seq"),
        UniqueConstraint("digest"),
    )
    with op.batch_alter_table("invitation") as batch:
        batch.create_index("invitation_of_worker", ["worker_seq"], unique=False)
    with op.batch_alter_table("assignment") as batch:
        batch.add_column(Column("first_input_at", BigInteger(), nullable=True))
        batch.add_column(Column("active_seconds", BigInteger(), nullable=True))
