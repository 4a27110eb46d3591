"""A backup, as the runbook makes it, is restored whole; one without its guards is noticed."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.services.ports import SchemaMismatch
from app.store import SqlStore, open_store, upgrade, verify_schema
from tests.postgres import Postgres
from tests.store.builders import api_key, by, publish, publish_calendar


def fill(store: SqlStore) -> None:
    publish(store)
    publish_calendar(store)
    store.create_key(api_key(), context=by("root"))


def libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def test_a_dump_of_postgresql_is_restored_whole_with_its_guards(
    postgres: Postgres, postgres_store: SqlStore, tmp_path: Path
) -> None:
    fill(postgres_store)
    before = postgres_store.load_everything(), postgres_store.list_audit()
    dump, empty = tmp_path / "deadlines.dump", postgres.create()
    source = libpq(postgres_store.engine.url.render_as_string(hide_password=False))
    subprocess.run([postgres.program("pg_dump"), "--format=custom", f"--file={dump}", source], check=True)
    restore = [postgres.program("pg_restore"), "--exit-on-error", "--no-owner", f"--dbname={libpq(empty)}", str(dump)]
    subprocess.run(restore, check=True)
    with open_store(empty) as restored:
        verify_schema(restored.engine)
        assert (restored.load_everything(), restored.list_audit()) == before
        publish(restored, days=9)
    postgres.drop(empty)


def test_a_restore_of_the_data_alone_is_noticed(postgres: Postgres, postgres_store: SqlStore, tmp_path: Path) -> None:
    fill(postgres_store)
    dump, empty = tmp_path / "deadlines.dump", postgres.create()
    source = libpq(postgres_store.engine.url.render_as_string(hide_password=False))
    subprocess.run([postgres.program("pg_dump"), "--format=custom", f"--file={dump}", source], check=True)
    restore = [postgres.program("pg_restore"), "--no-owner", "--section=pre-data", "--section=data"]
    subprocess.run([*restore, f"--dbname={libpq(empty)}", dump], check=True)
    with open_store(empty) as restored, pytest.raises(SchemaMismatch, match="profile_version_unchanged"):
        verify_schema(restored.engine)
    postgres.drop(empty)


def test_a_backup_of_sqlite_is_whole_while_it_is_served(sqlite_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "deadlines.backup.db"
    with open_store(sqlite_url) as store:
        upgrade(store.engine)
        fill(store)
        # What `.backup` of the command line does.
        with (
            closing(sqlite3.connect(str(store.engine.url.database))) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        before = store.load_everything(), store.list_audit()
        publish(store, days=9)
    with open_store(f"sqlite:///{copy}") as restored:
        verify_schema(restored.engine)
        assert (restored.load_everything(), restored.list_audit()) == before
