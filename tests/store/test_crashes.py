"""A publisher that is killed leaves all of its version or nothing."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from sqlalchemy import text

from app.services.ports import StoreUnavailable
from app.store import SqlStore, open_store, upgrade, verify_schema
from tests.store.builders import draft, publish, publish_draft
from tests.store.processes import go, publishers, waiting_for_a_lock


def eventually(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _has_versions(store: SqlStore, number: int) -> bool:
    return len(store.load_everything().profiles) >= number


# Where the publisher stands still is decided from outside: by a lock on what it needs next.
FREEZE = {
    "before it reads": ("SELECT 1 FROM publication FOR UPDATE", "SELECT publication"),
    "before the version is written": ("LOCK TABLE profile_version IN SHARE MODE", "INSERT INTO profile_version"),
    "between version and audit": ("LOCK TABLE audit_record IN SHARE MODE", "INSERT INTO audit_record"),
    "before the draft is marked": ("SELECT 1 FROM draft FOR UPDATE", "UPDATE draft"),
}


@pytest.mark.parametrize("point", FREEZE)
def test_killed_while_it_publishes_nothing_remains(postgres_store: SqlStore, postgres_url: str, point: str) -> None:
    store = postgres_store
    publish(store)
    made = draft(store, days=12)
    before = store.load_everything(), store.list_audit()
    lock, stuck_at = FREEZE[point]

    with publishers(1, postgres_url, "draft", made.id) as (process,):
        with store.engine.connect() as holder:
            holder.execute(text(lock))
            go(process)
            eventually(lambda: any(query.startswith(stuck_at) for query in waiting_for_a_lock(store.engine)))
            process.kill()
            process.wait()
            holder.rollback()

        # Nothing of it is there, and nothing of it is in the way.
        published = publish_draft(store, made, in_force_from=date(2026, 4, 1))
    assert published.version == 2
    after = store.load_everything()
    assert after.profiles[:1] == (replace(before[0].profiles[0], in_force_to=date(2026, 3, 31)),)
    assert int(after.token) == int(before[0].token) + 1
    assert [each.id for each in store.list_audit().items] == [4, 3, 2, 1]
    assert store.list_audit().items[1:] == before[1].items


@pytest.mark.parametrize("pause", [0.0, 0.029])
def test_killed_at_any_moment_what_is_there_is_whole(database_url: str, pause: float) -> None:
    with open_store(database_url) as store:
        upgrade(store.engine)
        for _ in range(2):
            with publishers(1, database_url, "for-ever") as (process,):
                start = len(store.load_everything().profiles)
                go(process)
                eventually(partial(_has_versions, store, start + 3))
                time.sleep(pause)
                process.kill()
                process.wait()
        publish(store)  # nobody holds a lock any more
        state = store.load_everything()
        versions = [each.version for each in state.profiles]
        assert versions == list(range(1, len(versions) + 1))
        assert int(state.token) == len(versions)
        records = store.list_audit(limit=10_000).items
        published = [each.subject for each in records if each.action == "profile.published"]
        assert sorted(published) == sorted(f"swindon/{version}" for version in versions)
        for record in records:
            if record.action == "profile.published":
                assert f"swindon/{store.get_draft(record.detail['draft']).published_version}" == record.subject
        assert len(store.list_drafts(limit=100).items) <= 2
        verify_schema(store.engine)


def test_a_writer_that_hangs_makes_the_others_say_so_and_not_hang(store: SqlStore) -> None:
    made = draft(store)
    with store.engine.connect().execution_options(deadlines_writes=True) as hanging:
        for_update = " FOR UPDATE" if hanging.dialect.name == "postgresql" else ""
        hanging.execute(text(f"SELECT counter FROM publication{for_update}"))
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            publish_draft(store, made)
        assert time.monotonic() - started < 60
        assert store.load_everything().profiles == ()
    assert publish_draft(store, made).version == 1
