"""The database goes away and comes back; the store says so at once and recovers by itself."""

import time
from pathlib import Path

import pytest

from app.services.ports import StoreUnavailable
from app.store import SqlStore, open_store, upgrade, verify_schema
from tests.postgres import Postgres
from tests.store.builders import draft, publish, publish_draft

# Four times what a server that says nothing would cost, and more than a busy machine needs.
LONG = 30


@pytest.mark.parametrize("crash", [False, True])
def test_a_stopped_server_is_reported_at_once_and_a_started_one_is_used_again(
    postgres_outage: Postgres, postgres_store: SqlStore, crash: bool
) -> None:
    store = postgres_store
    publish(store)
    made = draft(store, days=12)
    before = store.load_everything()

    postgres_outage.stop(crash=crash)
    started = time.monotonic()
    for use in (
        store.state_token,
        store.load_everything,
        lambda: publish_draft(store, made),
        lambda: verify_schema(store.engine),
    ):
        with pytest.raises(StoreUnavailable) as caught:
            use()
        assert caught.value.outage == "stopped"
    assert time.monotonic() - started < LONG

    postgres_outage.start()
    assert store.load_everything() == before
    assert publish_draft(store, made).version == 2


def test_connections_cut_under_the_store_are_replaced_unnoticed(
    postgres_outage: Postgres, postgres_store: SqlStore
) -> None:
    publish(postgres_store)
    postgres_outage.stop()
    postgres_outage.start()
    assert postgres_store.state_token() == "1"


def test_a_server_that_never_was_is_reported_quickly() -> None:
    with open_store("postgresql://user:secret@127.0.0.1:1/none") as store:
        started = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            store.state_token()
        assert time.monotonic() - started < LONG
        assert "secret" not in str(caught.value)


def test_a_database_without_tables_is_unavailable_and_says_so(database_url: str) -> None:
    with open_store(database_url) as store:
        with pytest.raises(StoreUnavailable):
            store.state_token()
        upgrade(store.engine)
        assert store.state_token() == "0"


def test_a_file_that_is_no_database_or_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    scribble = tmp_path / "scribble.db"
    scribble.write_text("this is no database\n" * 100)
    for path in (scribble, tmp_path / "no" / "such" / "folder.db"):
        with open_store(f"sqlite:///{path}") as store, pytest.raises(StoreUnavailable):
            store.state_token()
