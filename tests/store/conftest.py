from collections.abc import Iterator

import pytest

from app.store import SqlStore, open_store, upgrade


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    """Give a migrated, empty store; a test that asks for it runs on both databases."""
    with open_store(database_url) as opened:
        upgrade(opened.engine)
        yield opened


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[SqlStore]:
    """Give a store for what only PostgreSQL can show."""
    with open_store(postgres_url) as opened:
        upgrade(opened.engine)
        yield opened
