"""A stored version that cannot be read: its own key answers no more, all others do, and the operator is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest

from app.services.calculation.request import read_request
from app.services.ports import AlreadyRead, Store, StoredCalendarVersion, StoredProfileVersion, StoredState
from app.services.ports.packed import pack
from app.services.problems import Problem
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.packaged import packaged_calendars, packaged_profiles
from app.services.snapshot.snapshot import build_snapshot

AT = datetime(2026, 1, 1, tzinfo=UTC)


def state(number: str = "1") -> StoredState:
    profiles = tuple(
        StoredProfileVersion(
            item.key, 1, item.title, None, pack(item.resolved), item.checksum, item.in_force_from, None, True, AT,
            "package", None, None,
        )
        for item in packaged_profiles()
    )  # fmt: skip
    calendars = tuple(
        StoredCalendarVersion(
            item.key, 1, pack(item.document), item.checksum, None, item.published_until, AT, "package", None, None
        )
        for item in packaged_calendars()
    )
    return StoredState(number, profiles, calendars, ())


def spoilt(given: StoredState, key: str) -> StoredState:
    profiles = tuple(
        replace(item, packed=pack({**item.resolved, "title": "changed behind the service's back"}))
        if item.key == key
        else item
        for item in given.profiles
    )
    return StoredState("2", profiles, given.calendars, given.keys)


def ask(profile: str) -> dict[str, object]:
    return {"profile": profile, "event": {"type": "icpc_held", "occurred_at": "2026-01-05"}}


def test_a_changed_document_is_never_answered_by_and_stops_no_other() -> None:
    snapshot = build_snapshot(spoilt(state(), "york"))
    assert "does not match its checksum" in snapshot.unusable["york"]
    assert snapshot.ready
    assert read_request(snapshot, ask("swindon")).profile.version == 1
    with pytest.raises(Problem) as refused:
        read_request(snapshot, ask("york"))
    assert refused.value.kind == "not-ready"


def test_what_was_compiled_before_is_taken_over_and_mended_records_answer_again() -> None:
    first = build_snapshot(state())
    assert not first.unusable
    second = build_snapshot(spoilt(state(), "york"), first)
    assert set(second.unusable) <= {"york"}
    assert second.profiles["swindon"][0].profile is first.profiles["swindon"][0].profile
    third = build_snapshot(state("3"), second)
    assert not third.unusable
    assert read_request(third, ask("york")).profile.version == 1


class OneState:
    """A store that answers with whatever state it is given."""

    def __init__(self, stored: StoredState) -> None:
        self.stored = stored

    def verify(self) -> None:
        pass

    def write_failure(self) -> None:
        return None

    def state_token(self) -> str:
        return self.stored.token

    def load_everything(self, _: AlreadyRead) -> StoredState:
        return self.stored


def test_a_damaged_record_is_reported_until_it_is_mended_in_place() -> None:
    store = OneState(spoilt(state(), "york"))
    live = SnapshotHolder(cast(Store, store), 60)
    assert not live.refresh()
    standing = live.health()
    assert standing.ready
    assert standing.error is not None
    assert "york" in standing.error
    store.stored = state("2")  # the same token: a backup put back changes no version
    assert live.refresh()
    assert live.health().error is None
    assert read_request(live.snapshot, ask("york")).profile.version == 1
