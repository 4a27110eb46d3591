"""One set of migrations for both databases, walked both ways."""

import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from app.store import (
    SchemaMismatch,
    SqlStore,
    create_engine,
    downgrade,
    head_revision,
    open_store,
    upgrade,
    verify_schema,
)
from app.store.guards import GUARDS, missing_guards
from app.store.schema import MIGRATIONS, migration_config
from tests.store.builders import publish


def schema_of(engine: Engine) -> tuple[dict[str, Any], list[Any]]:
    inspector = inspect(engine)
    tables = {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)],
            sorted(str(index["name"]) for index in inspector.get_indexes(name)),
        )
        for name in inspector.get_table_names()
    }
    with engine.connect() as connection:
        catalogue = {
            "postgresql": "SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal UNION ALL"
            " SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
            "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger'",
        }[engine.dialect.name]
        return tables, sorted(connection.scalars(text(catalogue)))


def test_up_down_and_up_again_leaves_the_same_schema(database_url: str) -> None:
    engine = create_engine(database_url)
    upgrade(engine)
    first = schema_of(engine)
    assert len(first[1]) >= len(GUARDS)

    downgrade(engine, "0001_records")
    with engine.connect() as connection:
        assert missing_guards(connection) >= GUARDS
    downgrade(engine, "base")
    assert schema_of(engine) == ({"alembic_version": first[0]["alembic_version"]}, [])

    upgrade(engine)
    assert schema_of(engine) == first
    verify_schema(engine)
    engine.dispose()


def test_a_database_with_records_can_be_walked_down(store: SqlStore) -> None:
    publish(store)
    downgrade(store.engine, "base")
    assert inspect(store.engine).get_table_names() == ["alembic_version"]


def test_the_tables_in_code_are_the_tables_in_the_database(store: SqlStore) -> None:
    with store.engine.connect() as connection:
        command.check(migration_config(connection))


def test_the_head_file_names_the_newest_migration() -> None:
    assert [head_revision()] == ScriptDirectory.from_config(migration_config()).get_heads()


def test_migrations_are_numbered_in_one_line() -> None:
    names = sorted(path.stem for path in (MIGRATIONS / "versions").glob("*.py"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    for before, name in zip([None, *names], names, strict=False):
        source = (MIGRATIONS / "versions" / f"{name}.py").read_text()
        assert f'revision = "{name}"' in source
        assert f"down_revision = {None if before is None else chr(34) + before + chr(34)}" in source


def test_upgrading_twice_changes_nothing(store: SqlStore) -> None:
    before = schema_of(store.engine)
    upgrade(store.engine)
    assert schema_of(store.engine) == before


def test_an_unmigrated_database_is_reported(database_url: str) -> None:
    with open_store(database_url) as empty, pytest.raises(SchemaMismatch, match="at migration none, not 0"):
        verify_schema(empty.engine)


def test_a_database_from_a_newer_version_is_reported(store: SqlStore) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    for use in (upgrade, verify_schema):
        with pytest.raises(SchemaMismatch, match="9999_later"):
            use(store.engine)


def test_a_database_that_lost_a_guard_is_reported(store: SqlStore) -> None:
    on_table = " ON audit_record" if store.engine.dialect.name == "postgresql" else ""
    with store.engine.begin() as connection:
        connection.execute(text(f"DROP TRIGGER audit_record_kept{on_table}"))
    with pytest.raises(SchemaMismatch, match="audit_record_kept"):
        verify_schema(store.engine)
    with store.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER audit_record_kept BEFORE DELETE ON audit_record FOR EACH ROW "
                + ("EXECUTE FUNCTION deadlines_refuse('x')" if on_table else "BEGIN SELECT 1; END")
            )
        )
    downgrade(store.engine, "0001_records")
    upgrade(store.engine)
    verify_schema(store.engine)


def test_a_guard_that_is_switched_off_is_reported(postgres_store: SqlStore) -> None:
    with postgres_store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE profile_version DISABLE TRIGGER profile_version_unchanged"))
    with pytest.raises(SchemaMismatch, match="profile_version_unchanged"):
        verify_schema(postgres_store.engine)


def test_an_installed_wheel_brings_its_migrations(tmp_path: Path) -> None:
    """The wheel is built and unpacked elsewhere: what it carries migrates a database and verifies it."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=MIGRATIONS.parent, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    assert not (tmp_path / "site" / "migrations").exists()
    program = (
        "import app, app.store as s; e = s.create_engine('sqlite:///elsewhere.db');"
        " s.upgrade(e); s.verify_schema(e); print(app.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(tmp_path))


def test_the_command_line_of_alembic_works_in_a_checkout(sqlite_url: str) -> None:
    """One process runs the commands, as the command line does each: most of the time goes into its imports."""
    program = (
        "import sys; from alembic.config import main;"
        " [main(words.split(), prog='alembic') for words in sys.argv[1:]]; print('ran')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "upgrade head", "check", "downgrade base", "upgrade head"],
        cwd=MIGRATIONS.parent,
        env=os.environ | {"DEADLINES_DATABASE_URL": sqlite_url},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["No new upgrade operations detected.", "ran"]
    with open_store(sqlite_url) as store:
        verify_schema(store.engine)


def test_replicas_that_migrate_together_wait_for_one_another(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        engines = [create_engine(database_url) for _ in range(4)]
        list(pool.map(upgrade, engines))
    verify_schema(engines[0])
    for engine in engines:
        engine.dispose()
