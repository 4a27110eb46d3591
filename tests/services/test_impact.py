"""What a draft or a version changes: words that one side alone has, and only what each side would really answer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.profiles.document import load_profile
from app.services.comparison import impact
from app.services.problems import Problem
from app.services.snapshot.snapshot import ProfileVersion, Snapshot
from tests.docs.test_example_councils import read as example_document
from tests.services.worlds import changed, document, snapshot_of, stored

STRATEGY = {"type": "strategy_discussion_held", "facts": {"section_47_initiated": True}}


def draft_of(body: dict[str, Any], version: int, in_force_from: date | None = None) -> ProfileVersion:
    return ProfileVersion(stored(body, version, in_force_from), load_profile(body).profile)


def highland() -> tuple[Snapshot, ProfileVersion]:
    old, new = example_document("highland-2014.toml"), example_document("highland-2024.toml")
    return snapshot_of(stored(old)), draft_of(new, 2, date(2024, 10, 1))


def compared(*events: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    snapshot, draft = highland()
    answer: Any = impact(snapshot, {"events": list(events), **more}, draft)
    return list(answer["events"])


def test_an_event_that_the_draft_adds_is_compared_with_a_side_that_starts_nothing() -> None:
    (event,) = compared({"type": "local_investigation_started", "occurred_at": "2025-03-03"})
    assert event["before"] is None
    assert event["after"]["profile_version"] == 2
    assert event["added"]
    assert (event["removed"], event["moved"], event["unchanged"]) == ([], [], [])
    assert event["notes"] == [
        "local_investigation_started starts nothing under version 1 of highland, which has no such event"
    ]


def test_an_event_that_the_draft_drops_is_shown_as_removed() -> None:
    new, old = example_document("highland-2024.toml"), example_document("highland-2014.toml")
    draft = draft_of(old, 2, date(2025, 1, 1))
    event = {"type": "local_investigation_started", "occurred_at": "2025-03-03"}
    answer: Any = impact(snapshot_of(stored(new)), {"events": [event]}, draft)
    assert answer["events"][0]["after"] is None
    assert answer["summary"]["removed"] > 0
    assert answer["summary"]["added"] == 0
    assert "version 2 of highland, which has no such event" in answer["events"][0]["notes"][0]


def test_a_fact_of_one_side_is_left_out_on_the_other_and_said() -> None:
    own = {"local_meeting_decided_against": False}
    (event,) = compared({"type": "local_investigation_started", "occurred_at": "2025-03-03"}, facts=own)
    assert event["after"] is not None
    (shared,) = compared({"type": "icpc_held", "occurred_at": "2025-03-03"}, facts=own)
    assert "version 1 of highland has no fact local_meeting_decided_against" in shared["notes"]
    assert shared["before"] is not None


def test_a_word_that_neither_side_has_is_still_a_fault() -> None:
    with pytest.raises(Problem) as refused:
        compared({"type": "local_nobody_has_it", "occurred_at": "2025-03-03"}, facts={"local_nor_this": True})
    assert {fault.path for fault in refused.value.faults} == {"events[0].type", "facts.local_nor_this"}


@pytest.mark.parametrize("events", [[], [{"type": "icpc_held", "occurred_at": "2025-03-03"}] * 3])
def test_what_holds_for_every_event_is_checked_once_whether_or_not_one_is_sent(events: list[dict[str, Any]]) -> None:
    with pytest.raises(Problem) as refused:
        compared(*events, facts={"x-unknown": 42, "local_meeting_decided_against": "perhaps"})
    paths = [fault.path for fault in refused.value.faults]
    assert sorted(paths) == ["facts.local_meeting_decided_against", "facts.x-unknown"]
    assert compared(facts={"local_meeting_decided_against": True, "section_47_initiated": True}) == []


def test_the_sides_are_checked_although_no_event_is_sent() -> None:
    snapshot, _ = highland()
    body = {"before": {"profile": "highlan"}, "after": {"profile": "highland", "profile_version": 9}, "events": []}
    with pytest.raises(Problem) as refused:
        impact(snapshot, body)
    assert {fault.path for fault in refused.value.faults} == {"before.profile", "after.profile_version"}


def test_a_draft_does_not_move_what_happened_before_its_first_day() -> None:
    before, after = compared(
        {"type": "icpc_held", "occurred_at": "2020-03-02"}, {"type": "icpc_held", "occurred_at": "2024-10-01"}
    )
    assert before["after"]["profile_version"] == 1
    assert (before["added"], before["removed"], before["moved"]) == ([], [], [])
    assert before["unchanged"]
    assert "from 2024-10-01: version 1 goes on answering this event" in before["notes"][0]
    assert "after.profile_version 2" in before["notes"][0]
    assert (after["after"]["profile_version"], after["notes"]) == (2, [])


def test_a_draft_that_is_pinned_is_counted_before_its_first_day_and_said() -> None:
    (event,) = compared({"type": "icpc_held", "occurred_at": "2020-03-02"}, after={"profile_version": 2})
    assert event["after"]["profile_version"] == 2
    assert event["notes"] == ["version 2 of highland, pinned by the request, is in force only from 2024-10-01"]


def test_two_published_versions_take_the_words_of_either() -> None:
    def with_own_event(body: dict[str, Any]) -> None:
        body["vocabulary"]["events"]["local_meeting"] = {
            "noun": "the meeting",
            "definition": "They meet.",
            "episode": "case",
        }
        body["rules"][0]["event"] = ["strategy_discussion_held", "local_meeting"]

    snapshot = snapshot_of(stored(document()), stored(changed(with_own_event), 2, date(2026, 1, 1)))
    sides = {
        "before": {"profile": "small", "profile_version": 1},
        "after": {"profile": "small", "profile_version": 2},
    }
    events = [{"type": "local_meeting", "occurred_at": "2026-03-02", "facts": {"section_47_initiated": True}}]
    answer: Any = impact(snapshot, {**sides, "events": events})
    assert answer["summary"] == {"added": 1, "removed": 0, "moved": 0, "unchanged": 0}
    backwards: Any = impact(snapshot, {"before": sides["after"], "after": sides["before"], "events": events})
    assert backwards["summary"]["removed"] == 1


def test_where_no_version_was_in_force_the_note_says_so() -> None:
    snapshot = snapshot_of(stored(document(), 1, date(2026, 1, 1)))
    draft = draft_of(document(), 2, date(2025, 1, 1))
    (event,) = list(impact(snapshot, {"events": [{**STRATEGY, "occurred_at": "2025-06-02"}]}, draft)["events"])  # type: ignore[call-overload]  # a list of JSON
    assert event["before"] is None
    assert event["notes"] == ["no version of small was in force on 2025-06-02"]
