from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.application import RunningApplication, filled_copy, running_application
from tests.api.conftest import filled_database

__all__ = ["filled_database"]


@pytest.fixture(scope="module")
def here(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApplication]:
    """Give the running application, shared by a module: nothing here writes."""
    with running_application(filled_copy(filled_database, tmp_path_factory.mktemp("fuzz"))) as running:
        yield running
