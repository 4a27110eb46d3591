"""`deadlines load` and `deadlines serve` verify the database, and say what is missing by name."""

from pathlib import Path

import pytest

from app.store import open_store, upgrade
from tests.api.test_readiness import drop_guards
from tests.cli.running import run


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/deadlines.db"


def test_a_database_that_lost_its_guards_is_neither_loaded_nor_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEADLINES_DATABASE_URL", url(tmp_path))
    with open_store(url(tmp_path)) as store:
        upgrade(store.engine)
        drop_guards(store)
    for command in (["load"], ["serve", "--port", "1"]):
        done = run(capfd, *command)
        assert done.status == 1
        assert "has lost the triggers api_key_change_counted" in done.err
        assert "Traceback" not in done.err


def test_a_database_of_a_later_version_is_reported_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEADLINES_DATABASE_URL", url(tmp_path))
    with open_store(url(tmp_path)) as store:
        upgrade(store.engine)
        with store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_later'")
    done = run(capfd, "load")
    assert done.status == 1
    assert "9999_later" in done.err
    assert "Traceback" not in done.err


def test_a_role_is_for_postgresql_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEADLINES_DATABASE_URL", url(tmp_path))
    monkeypatch.setenv("DEADLINES_SERVICE_ROLE", "service")
    done = run(capfd, "load")
    assert done.status != 0
    assert "needs PostgreSQL" in done.err
