from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.application import RunningApplication, fill, filled_copy, running_application
from tests.postgres import Postgres


@pytest.fixture(scope="session")
def filled_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file with everything packaged, to be copied and not used."""
    path = tmp_path_factory.mktemp("filled") / "filled.db"
    fill(f"sqlite:///{path}")
    return path


@pytest.fixture
def filled_url(filled_database: Path, tmp_path: Path) -> str:
    """Give a database of the test's own with everything packaged."""
    return filled_copy(filled_database, tmp_path)


@pytest.fixture(scope="session")
def filled_postgres_database(postgres: Postgres) -> Iterator[str]:
    """Give a PostgreSQL database with everything packaged, to be copied and not used."""
    url = postgres.create()
    fill(url)
    yield url
    postgres.drop(url)


@pytest.fixture
def filled_postgres_url(postgres: Postgres, filled_postgres_database: str) -> Iterator[str]:
    """Give a PostgreSQL database of the test's own with everything packaged."""
    url = postgres.create(copy_of=filled_postgres_database)
    yield url
    postgres.drop(url)


@pytest.fixture
def here(filled_url: str) -> Iterator[RunningApplication]:
    """Give the running application with its ordinary settings."""
    with running_application(filled_url) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest) -> Iterator[RunningApplication]:
    """Give the running application on each database; a test that asks for it runs on both."""
    filled = {"sqlite": "filled_url", "postgresql": "filled_postgres_url"}[request.param]
    with running_application(request.getfixturevalue(filled)) as running:
        yield running
