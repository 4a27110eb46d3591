from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.application import RunningApplication, fill, running_application


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApplication]:
    """Give the running application with everything packaged."""
    url = f"sqlite:///{tmp_path_factory.mktemp('returns') / 'filled.db'}"
    fill(url)
    with running_application(url) as running:
        yield running


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder that temporary files of this test are made in."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path
