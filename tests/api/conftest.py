from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.application import RunningApplication, fill, filled_copy, running_application


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


@pytest.fixture
def here(filled_url: str) -> Iterator[RunningApplication]:
    """Give the running application with its ordinary settings."""
    with running_application(filled_url) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest) -> Iterator[RunningApplication]:
    """Give the running application on each database; a test that asks for it runs on both."""
    if request.param == "sqlite":
        url = request.getfixturevalue("filled_url")
    else:
        url = request.getfixturevalue("postgres_url")
        fill(url)
    with running_application(url) as running:
        yield running
