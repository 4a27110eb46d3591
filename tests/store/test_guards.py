"""What is published cannot be changed: not by this program, and not by SQL typed at the database."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.store import SqlStore, create_engine, open_store, upgrade
from tests.store.builders import api_key, by, draft, publish, publish_calendar


def refused(store: SqlStore, statement: str, match: str, **values: Any) -> None:
    before = store.load_everything(), store.list_audit(limit=500)
    with pytest.raises(IntegrityError, match=match), store.engine.begin() as connection:
        connection.execute(text(statement), values)
    assert (store.load_everything(), store.list_audit(limit=500)) == before


@pytest.mark.parametrize(
    "change",
    [
        "key = 'york'",
        "version = 7",
        "title = 'Other'",
        "document = '{}'",
        "resolved = '{}'",
        "checksum = 'sha256:0'",
        "in_force_from = '2020-01-01'",
        "based_on_key = 'swindon', based_on_version = 1",
        "published_at = '2020-01-01 00:00:00'",
        "published_by = 'mallory'",
        "reason = 'none'",
        # Also when it comes along with what is allowed.
        "title = 'Other', withdrawn_at = '2026-01-01 00:00:00', withdrawn_by = 'm', withdrawn_reason = 'm'",
        # And a change that changes nothing is no change to make.
        "title = title",
    ],
)
def test_no_column_of_a_published_profile_can_be_changed(store: SqlStore, change: str) -> None:
    publish(store)
    refused(store, f"UPDATE profile_version SET {change}", "never changes")


def test_the_spelling_of_a_document_cannot_be_changed_either(store: SqlStore) -> None:
    publish(store)
    respelt = {"sqlite": "' ' || document", "postgresql": "CAST(' ' || CAST(document AS text) AS json)"}
    refused(store, f"UPDATE profile_version SET document = {respelt[store.engine.dialect.name]}", "never changes")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("calendar_version", "checksum = 'x'"),
        ("calendar_version", "report = '{}'"),
        ("calendar_version", "document = '{}'"),
        ("audit_record", "actor = 'nobody'"),
        ("audit_record", "after = NULL"),
    ],
)
def test_calendars_and_the_record_of_changes_cannot_be_changed(store: SqlStore, table: str, column: str) -> None:
    publish_calendar(store)
    refused(store, f"UPDATE {table} SET {column}", "never changes")


@pytest.mark.parametrize("table", ["profile_version", "calendar_version", "audit_record", "api_key", "publication"])
def test_nothing_can_be_deleted(store: SqlStore, table: str) -> None:
    publish(store)
    publish_calendar(store)
    store.create_key(api_key(), context=by("root"))
    refused(store, f"DELETE FROM {table}", "for ever|revoked, not removed|has one row")


@pytest.mark.parametrize("table", ["profile_version", "calendar_version", "audit_record", "api_key", "publication"])
def test_nothing_can_be_emptied(postgres_store: SqlStore, table: str) -> None:
    publish(postgres_store)
    refused(postgres_store, f"TRUNCATE {table} CASCADE", "never emptied")


def test_the_guards_hold_for_a_session_that_says_it_replicates(postgres_store: SqlStore) -> None:
    publish(postgres_store)
    with postgres_store.engine.connect() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        with pytest.raises(IntegrityError, match="never changes"):
            connection.execute(text("UPDATE profile_version SET title = 'Other'"))


def test_a_withdrawal_is_once_and_whole(store: SqlStore) -> None:
    publish(store)
    refused(store, "UPDATE profile_version SET withdrawn_at = '2026-01-01 00:00:00'", "withdrawn_whole")
    store.withdraw_profile("swindon", 1, reason="printed wrongly", context=by("cat"))
    for change in ("withdrawn_reason = 'other'", "withdrawn_at = NULL, withdrawn_by = NULL, withdrawn_reason = NULL"):
        refused(store, f"UPDATE profile_version SET {change}", "never changes")


@pytest.mark.parametrize("version", [0, 1, 3, 99])
def test_a_version_number_can_be_neither_skipped_nor_taken_twice(store: SqlStore, version: int) -> None:
    publish(store)
    publish_calendar(store)
    for table in ("profile_version", "calendar_version"):
        columns = {
            "profile_version": "title, document, resolved, checksum, published_at, published_by",
            "calendar_version": "document, checksum, published_at, published_by",
        }[table]
        refused(
            store,
            f"INSERT INTO {table} (key, version, {columns}) SELECT key, {version}, {columns} FROM {table}",
            "without gaps",
        )


def test_a_version_cannot_arrive_withdrawn(store: SqlStore) -> None:
    publish(store)
    columns = "title, document, resolved, checksum, published_at, published_by"
    refused(
        store,
        f"INSERT INTO profile_version (key, version, {columns}, withdrawn_at, withdrawn_by, withdrawn_reason)"
        f" SELECT key, 2, {columns}, published_at, 'm', 'm' FROM profile_version",
        "before they are withdrawn",
    )


@pytest.mark.parametrize("number", [0, 1, 4])
def test_a_record_of_change_can_be_neither_skipped_nor_taken_twice(store: SqlStore, number: int) -> None:
    publish(store)  # a draft and its publication: two records
    refused(
        store,
        "INSERT INTO audit_record (id, at, actor, action, subject_kind, subject, detail)"
        f" SELECT {number}, at, actor, action, subject_kind, subject, detail FROM audit_record WHERE id = 1",
        "without gaps",
    )


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_sqlite_cannot_replace_what_it_cannot_change(sqlite_url: str, recursive: str) -> None:
    with open_store(sqlite_url) as store:
        upgrade(store.engine)
        publish(store)
        publish_calendar(store)
        store.create_key(api_key(), context=by("root"))
        for table in ("profile_version", "calendar_version", "audit_record", "api_key", "publication"):
            with closing(sqlite3.connect(str(store.engine.url.database))) as connection:
                connection.execute(f"PRAGMA recursive_triggers = {recursive}")
                with pytest.raises(sqlite3.IntegrityError):
                    connection.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
                if table != "api_key":  # of which an update may change the end
                    first = connection.execute(f"PRAGMA table_info({table})").fetchall()[0][1]
                    with pytest.raises(sqlite3.IntegrityError):
                        connection.execute(f"UPDATE OR REPLACE {table} SET {first} = {first}")


def test_a_key_can_be_neither_widened_nor_revived(store: SqlStore) -> None:
    store.create_key(api_key(), context=by("root"))
    for change in ("scopes = '[\"admin\"]'", "profile_keys = NULL", "hash = 'x'", "name = 'other'", "prefix = 'x'"):
        refused(store, f"UPDATE api_key SET {change}", "only its end")
    store.revoke_key(api_key().id, context=by("root"))
    refused(store, "UPDATE api_key SET revoked_at = NULL", "stays revoked")
    refused(store, "UPDATE api_key SET expires_at = '2099-01-01 00:00:00'", "stays revoked")


def test_a_published_draft_is_frozen(store: SqlStore) -> None:
    publish(store)
    refused(store, "UPDATE draft SET published_version = NULL", "frozen")
    refused(store, "UPDATE draft SET document = '{}'", "frozen")
    refused(store, "DELETE FROM draft", "keeps its draft")


def test_a_draft_keeps_its_key(store: SqlStore) -> None:
    draft(store)
    refused(store, "UPDATE draft SET key = 'york'", "keeps its key")


def test_the_counter_only_rises(store: SqlStore) -> None:
    publish(store)
    refused(store, "UPDATE publication SET counter = 0", "only rises")
    refused(store, "UPDATE publication SET counter = counter", "only rises")
    refused(store, "INSERT INTO publication (id, counter) VALUES (2, 0)", "one row")


def test_sql_that_publishes_by_hand_changes_the_state_too(store: SqlStore) -> None:
    publish(store)
    before = store.state_token()
    columns = "title, document, resolved, checksum, published_at, published_by"
    with store.engine.begin() as connection:
        connection.execute(
            text(f"INSERT INTO profile_version (key, version, {columns}) SELECT key, 2, {columns} FROM profile_version")
        )
    assert store.state_token() != before


def test_a_parameter_is_never_in_an_error_message(database_url: str) -> None:
    engine = create_engine(database_url)
    with pytest.raises(DBAPIError) as caught, engine.connect() as connection:
        connection.execute(text("SELECT nothing FROM nowhere WHERE x = :fact"), {"fact": "2019-04-02"})
    assert "2019-04-02" not in str(caught.value)
    engine.dispose()
