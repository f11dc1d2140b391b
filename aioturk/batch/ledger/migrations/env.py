"""What Alembic runs: the revisions, on the connection that the ledger has opened."""

from __future__ import annotations

from alembic import context

from aioturk.batch.ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
