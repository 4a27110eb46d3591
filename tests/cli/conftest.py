import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def loaded_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file as `deadlines load` makes it, to be copied and not used."""
    path = tmp_path_factory.mktemp("loaded") / "loaded.db"
    environment = {**os.environ, "DEADLINES_DATABASE_URL": f"sqlite:///{path}"}
    subprocess.run([sys.executable, "-m", "app.cli", "load"], env=environment, check=True, capture_output=True)
    return path


@pytest.fixture
def loaded(loaded_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of the test's own, with a loaded database there."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "deadlines.db"
    shutil.copyfile(loaded_database, path)
    monkeypatch.setenv("DEADLINES_DATABASE_URL", f"sqlite:///{path}")
    return tmp_path
