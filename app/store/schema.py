"""The database schema: migrate it up or down, and verify it.

A wheel contains the migrations next to this module, so that an installed package can migrate. Alembic is imported only
when there is something to migrate.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from app.services.ports import SchemaMismatch
from app.store.failures import translate_errors
from app.store.guards import missing_guards

if TYPE_CHECKING:
    from alembic.config import Config

# In a wheel the migrations are installed inside this package; in a checkout they are at the top level.
_INSTALLED = Path(__file__).resolve().parent / "migrations"
MIGRATIONS = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[2] / "migrations"
# Any number will do, as long as every process that migrates takes the same.
_MIGRATION_LOCK = 6_840_211


def migration_config(connection: Connection | None = None) -> "Config":
    """Build Alembic's configuration, with the connection that it must use."""
    from alembic.config import Config

    # Alembic's own default is what standard output was when it was imported.
    config = Config(stdout=sys.stdout)
    # ConfigParser reads a percent sign as the start of a reference.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """Return the name of the newest migration."""
    return (MIGRATIONS / "HEAD").read_text(encoding="utf-8").strip()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up, all or nothing. Replicas that start together wait for one another.

    Raises `SchemaMismatch` if a newer version of the application has migrated the database further.
    """
    with translate_errors():
        with engine.connect() as connection:
            if revision == "head" and _current_revision(connection) == head_revision():
                return
        from alembic import command

        with _migrating(engine) as connection, connection.begin():
            _lock(connection)
            current = _current_revision(connection)
            if current is not None and not _has_migration(current):
                raise SchemaMismatch(
                    f"the database is at migration {current}, unknown to this version; run the version that made it"
                )
            command.upgrade(migration_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate down, all or nothing. Below the first migration nothing is left, including the records."""
    from alembic import command

    with translate_errors(), _migrating(engine) as connection, connection.begin():
        _lock(connection)
        command.downgrade(migration_config(connection), revision)


def verify_schema(engine: Engine, *, newer: bool = False) -> None:
    """Raise `SchemaMismatch` unless the schema is at the newest migration and no trigger is missing.

    `newer` accepts a database that a later version has migrated further: migrations only add, so that the replicas of
    the earlier version go on until they are replaced.
    """
    with translate_errors(), engine.connect() as connection:
        current = _current_revision(connection)
        wanted = head_revision()
        if current != wanted and not (newer and current is not None and not _has_migration(current)):
            raise SchemaMismatch(f"the database is at migration {current or 'none'}, not {wanted}; migrate it")
        if missing := missing_guards(connection):
            raise SchemaMismatch(
                f"the database has lost the triggers {', '.join(sorted(missing))}, without which records can be"
                " changed; compare the records with a backup, then migrate down to 0001_records and up again"
            )


def _current_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _has_migration(revision: str) -> bool:
    return any((MIGRATIONS / "versions").glob(f"{revision}.py"))


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    """Open a connection to migrate on, which waits for other replicas and for long statements without end."""
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        before = getattr(driver, "answer_seconds", None)
        if before is not None:
            driver.answer_seconds = None  # type: ignore[union-attr]  # it has the attribute
        try:
            yield connection.execution_options(deadlines_writes=True)
        finally:
            if before is not None:
                driver.answer_seconds = before  # type: ignore[union-attr]  # as above


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
