from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import postgres as postgres_server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres_server.Postgres]:
    """A PostgreSQL server."""
    with postgres_server.serve(tmp_path_factory.mktemp("postgres")) as server:
        yield server
