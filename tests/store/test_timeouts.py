"""A database that stands still, or that fails in another way: the store says which, and soon."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import event, make_url, text

from app.services.ports import StoreUnavailable
from app.store import SqlStore, open_store, upgrade
from app.store.transactions import reading
from tests.postgres import Postgres
from tests.store.builders import draft

SECONDS = 0.5
PATIENCE = 10
"""What a query that has no end would exceed, and a slow machine does not: two tries to connect are among it."""


def outage_of(use: Callable[[], object]) -> str:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        use()
    assert time.monotonic() - started < PATIENCE
    return caught.value.outage


@pytest.fixture
def hurried(postgres_url: str) -> Iterator[SqlStore]:
    with open_store(postgres_url, SECONDS) as store:
        upgrade(store.engine)
        yield store


def test_a_server_that_stands_still_is_given_up_by_readers_and_writers(
    postgres_outage: Postgres, hurried: SqlStore
) -> None:
    hurried.state_token()
    with postgres_outage.suspended():
        for use in (hurried.state_token, hurried.load_everything, hurried.verify, lambda: draft(hurried)):
            assert outage_of(use) == "hangs"
    assert hurried.state_token() == "0"


def test_a_statement_that_takes_too_long_is_ended_by_the_server_for_readers_too(hurried: SqlStore) -> None:
    def sleep() -> None:
        with reading(hurried.engine) as session:
            session.execute(text("SELECT pg_sleep(60)"))

    assert outage_of(sleep) == "hangs"
    with hurried.engine.connect() as connection:
        sleeping = connection.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
                                          " AND state = 'active'"))  # fmt: skip
    assert sleeping == 0


def test_another_write_that_does_not_end_is_a_lock(hurried: SqlStore) -> None:
    with psycopg.connect(
        hurried.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    ) as other:
        other.execute("SELECT * FROM publication FOR UPDATE")
        assert outage_of(lambda: draft(hurried)) == "locked"
        assert str(hurried.write_failure()) == "the database is locked by another write"
        other.rollback()
    draft(hurried)
    assert hurried.write_failure() is None


def test_a_role_that_may_not_connect_is_refused(postgres: Postgres, postgres_url: str) -> None:
    nobody = make_url(postgres_url).set(username="nobody_here")
    with open_store(nobody, SECONDS) as store:
        assert outage_of(store.state_token) == "refused"
    nowhere = make_url(postgres_url).set(database="nowhere")
    with open_store(nowhere, SECONDS) as store:
        assert outage_of(store.state_token) == "refused"


def test_a_server_that_is_stopped_is_distinguished_from_one_that_refuses(
    postgres_outage: Postgres, hurried: SqlStore
) -> None:
    hurried.state_token()
    postgres_outage.stop()
    assert outage_of(hurried.state_token) == "stopped"
    postgres_outage.start()
    assert hurried.state_token() == "0"


def test_a_sqlite_file_that_is_locked_is_given_up(sqlite_url: str) -> None:
    with open_store(sqlite_url, SECONDS) as store:
        upgrade(store.engine)
        with closing(sqlite3.connect(str(store.engine.url.database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert outage_of(lambda: draft(store)) == "locked"
            assert store.state_token() == "0"
            other.execute("ROLLBACK")
        draft(store)


def test_a_disk_that_is_full_is_reported(sqlite_url: str) -> None:
    with open_store(sqlite_url, SECONDS) as store:
        upgrade(store.engine)
        with store.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        # What a full disk is to SQLite: the file may not grow.
        event.listen(store.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {pages}"))
        store.close()

        def fill() -> None:
            for _ in range(200):
                draft(store, days=1, who="x" * 5000)

        assert outage_of(fill) == "full"
        assert str(store.write_failure()) == "the disk of the database is full"
        assert store.state_token() == "0"


def test_a_database_that_may_not_be_written_is_reported(sqlite_url: str) -> None:
    with open_store(sqlite_url, SECONDS) as store:
        upgrade(store.engine)
        event.listen(store.engine, "connect", lambda raw, _: raw.execute("PRAGMA query_only = ON"))
        store.close()
        assert outage_of(lambda: draft(store)) == "read_only"


def test_every_connection_in_use_is_reported(hurried: SqlStore) -> None:
    hurried.engine.pool._timeout = 0.1  # type: ignore[attr-defined]  # of the pool that is in use
    taken = [hurried.engine.connect() for _ in range(15)]
    try:
        assert outage_of(hurried.state_token) == "busy"
    finally:
        for connection in taken:
            connection.close()


def test_a_migration_waits_for_another_one_however_long_that_takes(postgres_url: str) -> None:
    with open_store(postgres_url, SECONDS) as store:
        without_driver = store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(without_driver) as other:
            other.execute("SELECT pg_advisory_xact_lock(6840211)")
            release = threading.Timer(4 * SECONDS, other.rollback)
            release.start()
            upgrade(store.engine)
            release.join()
        store.verify()
