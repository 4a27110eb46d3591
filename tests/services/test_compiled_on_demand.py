"""Versions are compiled when somebody wants them, and let go again; no answer, and no refusal, depends on it."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, cast

import pytest

from app.profiles.document import load_profile
from app.profiles.vocabulary import shared_vocabulary
from app.services.calculation.calculator import CalculationService, Calculator
from app.services.calculation.fact_parsing import fact_specs
from app.services.calculation.request import read_request
from app.services.catalogue import describe_profile, list_profiles
from app.services.event_loop import NeedsThread, on_event_loop
from app.services.ports import AlreadyRead, Store, StoredProfileVersion, StoredState
from app.services.problems import Problem
from app.services.snapshot import holder as holding
from app.services.snapshot.compiled import CompiledVersions
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.offline import packaged_state
from app.services.snapshot.published import ProfileVersion
from app.services.snapshot.snapshot import Snapshot, build_snapshot
from app.services.words import find_words
from tests.services.worlds import calendars, changed, document, stored

STATE = packaged_state()
REFUSED = {**document(), "rules": [{"id": "what this version of the application does not read"}]}


def ask(key: str = "small", **more: Any) -> dict[str, Any]:
    return {"profile": key, "event": {"type": "strategy_discussion_held", "occurred_at": "2026-03-02"}, **more}


def numbered(number: int) -> list[StoredProfileVersion]:
    """So many versions of the small profile."""

    def title(version: int) -> dict[str, Any]:
        return changed(lambda body: body.update(title=f"The small profile, {version}"))

    return [stored(title(version), version, date(2000 + version, 1, 1)) for version in range(1, number + 1)]


def snapshot_of(*versions: StoredProfileVersion, most: int = 256) -> Snapshot:
    return build_snapshot(
        StoredState("tests", versions, calendars(), ()), Snapshot("", compiled=CompiledVersions(most))
    )


def answered(snapshot: Snapshot, body: dict[str, Any]) -> bytes:
    return Calculator(snapshot).answer(read_request(snapshot, {**body, "explain": True}))


class Stored:
    """A store whose state is set, and which notes what it was to read."""

    def __init__(self, *versions: StoredProfileVersion) -> None:
        self.state = StoredState("1", versions, calendars(), ())
        self.read: list[tuple[str, int]] = []
        self.loads = 0

    def verify(self) -> None:
        """Find nothing wrong."""

    def write_failure(self) -> None:
        """No write failed."""

    def state_token(self) -> str:
        return self.state.token

    def load_everything(self, already: AlreadyRead) -> StoredState:
        self.loads += 1
        self.read = [each for each in self._names() if each not in {*already.profiles, *already.calendars}]
        return self.state

    def _names(self) -> Iterator[tuple[str, int]]:
        yield from ((each.key, each.version) for each in self.state.profiles)
        yield from ((each.key, each.version) for each in self.state.calendars)

    def publish(self, *versions: StoredProfileVersion) -> None:
        self.state = replace(
            self.state, token=str(int(self.state.token) + 1), profiles=(*self.state.profiles, *versions)
        )


def test_compiled_when_wanted_is_what_it_would_be_compiled_at_once() -> None:
    snapshot = build_snapshot(STATE)
    for versions in snapshot.profiles.values():
        for item in versions:
            assert not item.is_compiled
            whole = load_profile(item.record.resolved).profile
            assert item.calendar == whole.calendar
            assert item.vocabulary == whole.vocabulary
            assert item.outline.rules == len(whole.rules)
            assert item.outline.duties.keys() == whole.by_event.keys()
            at_once = snapshot.with_profile(ProfileVersion(item.record, whole))
            for event in whole.by_event:
                sent = {"type": event, "occurred_at": "2026-01-05T10:00:00+00:00"}
                body = {"profile": whole.key, "profile_version": item.version, "event": sent, "until": "2026-12-31"}
                assert answered(snapshot, body) == answered(at_once, body)


def test_a_profiles_own_words_stay_when_it_is_let_go() -> None:
    body = document()
    snapshot = build_snapshot(StoredState("tests", (stored(body), *STATE.profiles), STATE.calendars, ()))
    (item,) = snapshot.profiles["small"]
    whole = load_profile(body).profile.vocabulary
    assert whole.events.keys() - shared_vocabulary().events.keys()
    assert item.vocabulary == whole
    item.let_go()
    assert item.vocabulary == whole
    assert fact_specs(snapshot, "small").keys() == whole.facts.keys()
    assert not item.is_compiled


def test_lists_of_profiles_and_versions_compile_each_latest_version_once_and_no_other() -> None:
    snapshot = snapshot_of(*numbered(5))
    listed = list_profiles(snapshot)
    assert [item.is_compiled for item in snapshot.profiles["small"]] == [False, False, False, False, True]
    snapshot.profiles["small"][-1].let_go()
    assert list_profiles(snapshot) == listed
    versions: Any = describe_profile(snapshot, "small")["versions"]
    assert len(versions) == 5
    assert not any(item.is_compiled for item in snapshot.profiles["small"])


def test_no_more_versions_are_compiled_at_once_than_there_may_be_and_those_not_wanted_for_longest_go() -> None:
    snapshot = snapshot_of(*numbered(12), most=8)
    compiled = snapshot.compiled
    for version in range(1, 9):
        assert snapshot.profile_version("small", version) is not None
    assert len(compiled) == 8
    snapshot.profile_version("small", 1)
    snapshot.profile_version("small", 9)
    left = [item.version for item in snapshot.profiles["small"] if item.is_compiled]
    assert left == [1, 4, 5, 6, 7, 8, 9]
    assert len(compiled) == 7


def test_what_is_let_go_is_freed_with_everything_that_was_made_of_it() -> None:
    snapshot = snapshot_of(*numbered(4), most=2)
    calculator = Calculator(snapshot)
    _fill(calculator, 1)
    version = snapshot.profile_version("small", 1)
    assert version is not None
    freed = weakref.ref(version)
    del version
    for other in (2, 3):
        _fill(calculator, other)
    assert freed() is None
    gc.collect()
    profiles = _number_of("Profile")
    _fill(calculator, 4)
    gc.collect()
    assert _number_of("Profile") == profiles


def _fill(calculator: Calculator, version: int) -> None:
    """Put what a cache may hold of a version into it."""
    for day in ("2026-03-02", "2026-03-03"):
        body = ask(profile_version=version)
        body["event"]["occurred_at"] = day
        calculator.answer(read_request(calculator.snapshot, body))


def _number_of(kind: str) -> int:
    return sum(type(each).__name__ == kind for each in gc.get_objects())


def test_whoever_still_answers_from_a_version_that_was_let_go_shares_it_with_the_next() -> None:
    snapshot = snapshot_of(*numbered(1))
    first = snapshot.profile_version("small", 1)
    snapshot.profiles["small"][0].let_go()
    assert snapshot.profile_version("small", 1) is first


def test_a_version_is_compiled_once_however_many_threads_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = snapshot_of(*numbered(1))
    compilations: list[str] = []

    def slowly(read: Any, file: str) -> Any:
        compilations.append(file)
        time.sleep(0.05)
        return load_profile(read, file)

    monkeypatch.setattr("app.profiles.document.load_profile", slowly)
    together = threading.Barrier(8)
    versions: list[ProfileVersion | None] = []

    def want() -> None:
        together.wait()
        versions.append(snapshot.profile_version("small", 1))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert compilations == ["small/1"]
    assert len({id(each) for each in versions}) == 1


def test_answers_stay_the_same_while_threads_take_versions_from_one_another() -> None:
    snapshot = snapshot_of(*numbered(6), most=2)
    service = CalculationService(cast(SnapshotHolder, _Holder(snapshot)))
    right = {number: _answer(Calculator(snapshot_of(*numbered(6))), number) for number in range(1, 7)}
    wrong: list[int] = []

    def work(first: int) -> None:
        for turn in range(12):
            number = 1 + (first + turn) % 6
            if _answer(service.current(), number) != right[number]:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(snapshot.compiled) <= 3


class _Holder:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot


def _answer(calculator: Calculator, number: int) -> bytes:
    return calculator.answer(read_request(calculator.snapshot, ask(profile_version=number)))


def test_nothing_is_compiled_on_the_event_loop() -> None:
    snapshot = snapshot_of(*numbered(1))
    with on_event_loop(), pytest.raises(NeedsThread):
        read_request(snapshot, ask())
    read_request(snapshot, ask())
    with on_event_loop():
        assert read_request(snapshot, ask()).profile.version == 1


def test_a_version_that_cannot_be_compiled_is_refused_at_once_and_left_out_of_lists() -> None:
    snapshot = snapshot_of(stored(REFUSED), stored({**document(), "key": "other"}))
    for _ in range(2):
        with pytest.raises(Problem) as refused:
            read_request(snapshot, ask())
        assert refused.value.kind == "not-ready"
        assert "small" in refused.value.detail
    assert read_request(snapshot, ask("other")).profile.version == 1
    profiles: Any = list_profiles(snapshot)["profiles"]
    assert [each["key"] for each in profiles] == ["other"]
    assert {key for each in find_words(snapshot, "conference") for key in each.profiles} == {"other"}


def test_a_version_that_cannot_be_compiled_is_named_though_nobody_wants_it() -> None:
    store = Stored(*numbered(4), stored({**REFUSED, "key": "refused"}))
    live = SnapshotHolder(cast(Store, store), 0.02, max_compiled=2)
    live.start()
    try:
        deadline = time.monotonic() + 10
        while "refused" not in (live.health().error or "") or not _all_checked(live.snapshot):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        live.stop()
    assert set(live.snapshot.unusable) == {"refused"}
    assert "refused" not in live.snapshot.profiles
    assert len(live.snapshot.compiled) <= 2
    assert live.health().ready
    with pytest.raises(Problem):
        read_request(live.snapshot, ask("refused"))


def _all_checked(snapshot: Snapshot) -> bool:
    return all(item.checked for item in snapshot.profiles["small"])


def test_a_fault_is_forgotten_with_the_record_that_had_it() -> None:
    first = snapshot_of(stored(REFUSED))
    with pytest.raises(Problem):
        read_request(first, ask())
    second = build_snapshot(StoredState("2", (stored(REFUSED),), calendars(), ()), first)
    assert set(second.unusable) == {"small"}
    third = build_snapshot(StoredState("3", (stored(document()),), calendars(), ()), second)
    assert not third.unusable
    assert not third.compiled.faults
    assert read_request(third, ask()).profile.version == 1


def test_after_a_publication_only_what_is_new_is_read_and_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "READ_AGAIN", 0)
    first, second, third = numbered(3)
    store = Stored(first, second)
    live = SnapshotHolder(cast(Store, store), 60)
    assert live.refresh()
    assert len(store.read) == 2 + len(calendars())
    before = live.snapshot.profile_version("small", 2)
    store.publish(third)
    assert live.refresh()
    assert store.read == [("small", 3)]
    assert live.snapshot.profile_version("small", 2) is before
    assert not live.snapshot.profiles["small"][-1].is_compiled


def test_every_stored_document_is_compared_again_in_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "READ_AGAIN", 2)
    monkeypatch.setattr(holding, "VERIFY_SECONDS", -1.0)
    store = Stored(*numbered(4))
    live = SnapshotHolder(cast(Store, store), 60)
    assert live.refresh()
    seen: list[tuple[str, int]] = []
    for _ in range(4):
        assert live.refresh()
        seen += store.read
    assert len(set(seen)) == 4 + len(calendars())
    altered = replace(store.state.profiles[2], packed=stored(document()).packed)
    store.state = replace(store.state, profiles=(*store.state.profiles[:2], altered, *store.state.profiles[3:]))
    assert not live.refresh()
    assert "altered after it was loaded" in str(live.health().error)


def test_a_withdrawal_compiles_nothing_again_and_keeps_what_is_compiled() -> None:
    one, two = numbered(2)
    before = snapshot_of(one, two)
    compiled = before.profile_version("small", 2)
    assert compiled is not None
    gone = replace(two, has_force=False, withdrawn_at=two.published_at, withdrawn_by="x", withdrawn_reason="x")
    after = build_snapshot(StoredState("2", (one, gone), calendars(), ()), before)
    withdrawn = after.profile_version("small", 2)
    assert withdrawn is not None
    assert withdrawn.profile is compiled.profile
    assert withdrawn.withdrawn_at is not None
    assert after.profiles["small"][0] is before.profiles["small"][0]
    assert len(after.compiled) == 1
