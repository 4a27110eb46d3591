"""Fixtures of the tests of how the service runs."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.application import filled_copy
from tests.api.conftest import filled_database, filled_url, here
from tests.operations.virtual_server import VirtualServer

__all__ = ["filled_database", "filled_url", "here"]


@pytest.fixture(scope="session")
def virtual(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualServer]:
    """Serve to callers without a network, on a clock that jumps."""
    running = VirtualServer(filled_copy(filled_database, tmp_path_factory.mktemp("virtual")))
    running.run(running.start())
    yield running
    running.stop()


@pytest.fixture
def no_errors(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Verify that nothing that callers do is an error of the server."""
    yield
    # Either for a terminal or as JSON, whatever a test before this one has chosen.
    assert re.findall(r".*(?:\[error|\[warning|\"error\"|\"warning\").*", "".join(capsys.readouterr())) == []
    assert [each for each in caplog.get_records("call") if each.levelno >= logging.WARNING] == []
