"""Two at once: one version, one clear refusal; and readers never see half of anything."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.services.ports import AlreadyPublished, Draft, DraftContent, LoadReport, StaleRevision
from app.store import SqlStore, open_store, upgrade
from tests.store.builders import (
    NOON,
    by,
    checksum,
    draft,
    packaged_calendar,
    packaged_profile,
    publish,
    publish_calendar,
    publish_draft,
)
from tests.store.processes import go, outcome, publishers


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        except (AlreadyPublished, StaleRevision) as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_one_draft_published_by_several_threads_is_one_version(store: SqlStore) -> None:
    made = draft(store)
    results = at_once(*[lambda: publish_draft(store, made)] * 6)
    refusals = [each for each in results if isinstance(each, AlreadyPublished)]
    assert len(refusals) == 5
    assert {(each.key, each.version) for each in refusals} == {("swindon", 1)}
    assert [each.version for each in store.load_everything().profiles] == [1]


def test_one_draft_published_by_several_processes_is_one_version(database_url: str) -> None:
    with open_store(database_url) as store:
        upgrade(store.engine)
        made = draft(store)
        with publishers(3, database_url, "draft", made.id) as processes:
            for process in processes:
                go(process)
            assert sorted(map(outcome, processes)) == ["AlreadyPublished", "AlreadyPublished", "version 1"]
        assert [each.version for each in store.load_everything().profiles] == [1]
        assert [each.action for each in store.list_audit().items] == ["profile.published", "draft.created"]


def test_two_processes_that_load_the_package_publish_it_once(database_url: str) -> None:
    with open_store(database_url) as store:
        upgrade(store.engine)
        with publishers(2, database_url, "package") as processes:
            for process in processes:
                go(process)
            assert sorted(map(outcome, processes)) == [
                "published published published",
                "unchanged unchanged unchanged",
            ]
        assert len(store.load_everything().profiles) == 2


def test_threads_that_load_the_package_publish_it_once(store: SqlStore) -> None:
    def load() -> LoadReport:
        return store.load_packaged([packaged_profile()], [packaged_calendar()], at=NOON, application_version="1.0.0")

    reports = at_once(load, load, load, load)
    assert sum(len(report.published) for report in reports) == 2


def test_different_drafts_of_one_key_are_numbered_without_gaps(store: SqlStore) -> None:
    drafts = [draft(store, days=days) for days in range(1, 9)]
    at_once(*[lambda made=made: publish_draft(store, made) for made in drafts])
    assert [each.version for each in store.load_everything().profiles] == list(range(1, 9))
    assert {each.checksum for each in store.load_everything().profiles} == {each.checksum for each in drafts}


def test_of_two_replacements_one_is_lost_update_and_says_so(store: SqlStore) -> None:
    made = draft(store)

    def replace(who: str) -> Draft:
        document = {"by": who}
        content = DraftContent(document, checksum(document))
        return store.replace_draft(made.id, content, expected_revision=1, context=by(who))

    results = at_once(lambda: replace("ann"), lambda: replace("bea"))
    assert sorted(type(each).__name__ for each in results) == ["Draft", "StaleRevision"]


def test_of_two_calendar_versions_made_from_one_the_second_is_refused(store: SqlStore) -> None:
    results = at_once(lambda: publish_calendar(store), lambda: publish_calendar(store))
    assert sorted(type(each).__name__ for each in results) == ["StaleRevision", "StoredCalendarVersion"]


def test_a_reader_never_sees_half_of_a_publication(store: SqlStore) -> None:
    """Each load publishes a calendar and a profile together; whoever reads has as many of the one as of the other."""
    done = threading.Event()
    seen = []

    def read() -> None:
        while not done.is_set():
            state = store.load_everything()
            seen.append((state.token, len(state.profiles), len(state.calendars)))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(1, 16):
            store.load_packaged(
                [packaged_profile(days=number)],
                [packaged_calendar(day=f"2027-01-{number:02}")],
                at=NOON,
                application_version="1.0.0",
            )
    finally:
        done.set()
        reader.join()
    assert all(profiles == calendars for _, profiles, calendars in seen)
    # One token is one state.
    assert len(set(seen)) == len({token for token, _, _ in seen})


def test_another_replica_sees_a_publication_at_once(database_url: str) -> None:
    with open_store(database_url) as one, open_store(database_url) as other:
        upgrade(one.engine)
        before = other.state_token()
        publish(one)
        assert other.state_token() != before
        assert [each.version for each in other.load_everything().profiles] == [1]
