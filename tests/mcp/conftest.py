from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import filled_database, filled_url, here
from tests.serving import Serving, serving

__all__ = ["filled_database", "filled_url", "here"]


@pytest.fixture(scope="module")
def two_workers(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Serve assistants, and everybody else, from two processes."""
    log = tmp_path_factory.mktemp("served") / "log"
    with serving(
        f"sqlite:///{filled_database}",
        log,
        workers=2,
        mcp="true",
        log_level="DEBUG",
        allowed_origins='["https://case.example"]',
        mcp_hosts='["deadlines.example"]',
    ) as served:
        yield served
