"""What comes with the application is published once, and never over what an authority decided."""

import dataclasses
from collections.abc import Collection, Sequence

import pytest

from app.services.ports import PACKAGE, NewCalendarVersion, NewProfileVersion, NotFound, VersionReference
from app.store import SqlStore
from tests.store.builders import NOON, by, packaged_calendar, packaged_profile, profile, publish, publish_calendar


def load(
    store: SqlStore,
    profiles: Sequence[NewProfileVersion] = (),
    calendars: Sequence[NewCalendarVersion] = (),
    version: str = "1.0.0",
    take_over: Collection[str] = (),
) -> list[tuple[str, str, int | None]]:
    report = store.load_packaged(profiles, calendars, at=NOON, application_version=version, take_over=take_over)
    return [(each.key, each.outcome, each.version) for each in report.outcomes]


def test_loading_twice_publishes_once(store: SqlStore) -> None:
    documents = [packaged_profile("york"), packaged_profile("barnet", 20)], [packaged_calendar()]
    assert load(store, *documents) == [
        ("scotland", "published", 1),
        ("york", "published", 1),
        ("barnet", "published", 1),
    ]
    before = store.load_everything(), store.list_audit()
    assert load(store, *documents) == [
        ("scotland", "unchanged", 1),
        ("york", "unchanged", 1),
        ("barnet", "unchanged", 1),
    ]
    assert (store.load_everything(), store.list_audit()) == before
    york = before[0].profiles[1]
    assert (york.published_by, york.reason) == (PACKAGE, "packaged with version 1.0.0")
    assert [each.actor for each in before[1].items] == [PACKAGE] * 3


def test_a_changed_document_becomes_the_next_version(store: SqlStore) -> None:
    load(store, [packaged_profile(days=45)], [packaged_calendar()])
    changed = [packaged_profile(days=40)], [packaged_calendar(day="2027-01-04")]
    assert load(store, *changed, version="1.1.0") == [("scotland", "published", 2), ("york", "published", 2)]
    assert [each.document for each in store.load_everything().profiles] == [profile(45), profile(40)]
    assert store.load_everything().profiles[1].reason == "packaged with version 1.1.0"


def test_an_older_application_starting_late_does_not_bring_its_documents_back(store: SqlStore) -> None:
    old, new = packaged_profile(days=45), packaged_profile(days=40)
    load(store, [old])
    load(store, [new])
    assert load(store, [old]) == [("york", "unchanged", 1)]
    assert len(store.load_everything().profiles) == 2


def test_what_an_authority_published_is_not_overridden(store: SqlStore) -> None:
    load(store, [packaged_profile(days=45)], [packaged_calendar()])
    publish(store, "york", days=30)
    publish_calendar(store, "scotland", expected_latest=1)
    before = store.load_everything()
    changed = [packaged_profile(days=40)], [packaged_calendar(day="2027-01-04")]
    assert load(store, *changed) == [("scotland", "held_back", None), ("york", "held_back", None)]
    assert store.load_everything() == before
    assert load(store, *changed, take_over={"york"}) == [("scotland", "held_back", None), ("york", "published", 3)]


def test_what_an_authority_withdrew_does_not_come_back(store: SqlStore) -> None:
    load(store, [packaged_profile(days=45)])
    store.withdraw_profile("york", 1, reason="ours differs", context=by("ann"))
    assert load(store, [packaged_profile(days=45)]) == [("york", "unchanged", 1)]
    assert load(store, [packaged_profile(days=40)]) == [("york", "held_back", None)]


def test_an_authoritys_own_key_is_not_taken(store: SqlStore) -> None:
    publish(store, "york")
    assert load(store, [packaged_profile("york")]) == [("york", "held_back", None)]


def test_a_load_that_fails_leaves_nothing(store: SqlStore) -> None:
    broken = dataclasses.replace(packaged_profile("barnet"), based_on=VersionReference("nowhere", 1))
    before = store.state_token()
    with pytest.raises(NotFound):
        load(store, [packaged_profile("york"), broken], [packaged_calendar()])
    assert store.load_everything().profiles == ()
    assert store.state_token() == before
