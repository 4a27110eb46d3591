"""Standards side by side, and what a new version would change."""

from datetime import date
from typing import Any

import pytest

from app.profiles.document import load_profile
from app.services.comparison import compare, impact
from app.services.ports import StoredState
from app.services.ports.packed import pack
from app.services.problems import Problem
from app.services.snapshot.snapshot import ProfileVersion, Snapshot, build_snapshot
from tests.services.worlds import calendars, changed, document, rule, small, snapshot_of, stored

EVENT = {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"}
FACTS = {"section_47_initiated": True}


def law(body: dict[str, Any]) -> None:
    body.update(key="law", title="The law", basis="statutory_guidance")
    rule(body, "icpc-held")["timing"] = {"within": {"working_days": 12}}


def both() -> Snapshot:
    return snapshot_of(stored(document()), stored(changed(law)))


def test_a_local_standard_that_is_laxer_than_the_law_is_said_to_be() -> None:
    answer: dict[str, Any] = compare(both(), {"profiles": ["small", "law"], "event": EVENT, "facts": FACTS})
    (duty,) = [item for item in answer["duties"] if item["duty"] == "hold_icpc"]
    assert [item["profile"] for item in duty["strictest"]] == ["law"]
    assert duty["difference_in_days"] == 5
    (laxer,) = answer["laxer_than_law"]
    assert (laxer["profile"], laxer["days"], laxer["law"]["due_date"]) == ("small", 5, "2026-01-08")
    assert laxer["statement"].startswith("small is later than the statutory timescale")


def test_a_local_standard_that_is_stricter_is_not() -> None:
    def strict(body: dict[str, Any]) -> None:
        law(body)
        rule(body, "icpc-held")["timing"] = {"within": {"working_days": 20}}

    answer: dict[str, Any] = compare(
        snapshot_of(stored(document()), stored(changed(strict))),
        {"profiles": ["small", {"profile": "law", "profile_version": 1}], "event": EVENT, "facts": FACTS},
    )
    assert answer["laxer_than_law"] == []
    assert answer["duties"][0]["strictest"][0]["profile"] == "small"


def test_a_duty_that_one_profile_does_not_know_is_missing_from_it() -> None:
    def without(body: dict[str, Any]) -> None:
        law(body)
        body["rules"] = [item for item in body["rules"] if item["id"] != "section-47-done"]

    answer: dict[str, Any] = compare(
        snapshot_of(stored(document()), stored(changed(without))),
        {"profiles": ["small", "law"], "event": {"type": "section_47_started", "occurred_at": "2026-01-05"}},
    )
    (duty,) = answer["duties"]
    assert [item["profile"] for item in duty["missing_from"]] == ["law"]
    assert duty["difference_in_days"] is None


def test_faults_of_a_comparison_stand_once_each() -> None:
    with pytest.raises(Problem) as caught:
        compare(both(), {"profiles": ["smal", "law", "law"], "event": {"type": "x"}, "facts": {"y": 1}, "z": 1})
    paths = [fault.path for fault in caught.value.faults]
    assert sorted(paths) == sorted(set(paths))
    assert {"z", "profiles[0].profile", "event.type", "event.occurred_at", "facts.y", "profiles[2]"} >= set(paths)
    assert {"z", "profiles[0].profile", "event.type", "event.occurred_at", "facts.y"} <= set(paths)


def shorter(body: dict[str, Any]) -> None:
    rule(body, "icpc-held")["timing"] = {"within": {"working_days": 10}}
    rule(body, "section-47-done")["strength"] = "should"
    body["rules"] = [item for item in body["rules"] if item["id"] != "report-to-chair"]
    body["rules"].append(
        {
            "id": "decide",
            "duty": "decide_on_icpc",
            "title": "Decide",
            "event": "section_47_started",
            "timing": {"within": {"days": 2}},
            "strength": "must",
            "source": [{"section": "1.9"}],
        }
    )


EVENTS = [
    {**EVENT, "facts": FACTS},
    {"type": "section_47_started", "occurred_at": "2026-01-05"},
    {"type": "icpc_scheduled", "occurred_at": "2026-01-13"},
]


def check_answer(answer: dict[str, Any]) -> None:
    assert answer["summary"] == {"added": 1, "removed": 1, "moved": 1, "unchanged": 1}
    (move,) = answer["events"][0]["moved"]
    assert (move["old_due_date"], move["new_due_date"], move["days"]) == ("2026-01-13", "2026-01-06", -7)
    assert [item["rule"] for item in answer["events"][1]["added"]] == ["decide"]
    assert answer["events"][1]["unchanged"][0]["changed"] == ["strength"]
    assert [item["rule"] for item in answer["events"][2]["removed"]] == ["report-to-chair"]


def test_two_versions_of_a_profile_are_compared_event_by_event() -> None:
    snapshot = snapshot_of(stored(document()), stored(changed(shorter), 2, date(2030, 1, 1)))
    sides = {
        "before": {"profile": "small", "profile_version": 1},
        "after": {"profile": "small", "profile_version": 2},
    }
    check_answer(compare(snapshot, {**sides, "events": EVENTS}))


def test_a_draft_is_compared_with_what_is_in_force_without_being_saved() -> None:
    body = changed(shorter)
    draft = ProfileVersion(stored(body, 2), load_profile(body).profile)
    check_answer(impact(small(), {"events": EVENTS}, draft))
    assert len(small().profiles["small"]) == 1


def test_a_draft_for_a_new_key_adds_everything() -> None:
    body = changed(law)
    draft = ProfileVersion(stored(body, 1), load_profile(body).profile)
    answer: dict[str, Any] = impact(small(), {"events": EVENTS}, draft)
    assert answer["summary"]["added"] == 3
    assert answer["summary"]["removed"] == 0


def test_a_new_bank_holiday_moves_what_is_counted_over_it() -> None:
    england = next(item for item in calendars() if item.key == "england-and-wales")
    day = {"date": "2026-01-07", "name": "A day off", "kind": "bank_holiday", "origin": "added", "source": "test"}
    from app.calendars.document import from_document

    new = from_document(
        {k: v for k, v in england.document.items() if k != "checksum"}
        | {
            "version": 2,
            "days": [*england.document["days"], day],
        }
    )
    state = StoredState("tests", (stored(document()),), (*calendars(), stored_calendar(england, new)), ())
    sides = {
        "before": {"profile": "small", "calendar": "england-and-wales", "calendar_version": 1},
        "after": {"calendar_version": 2},
    }
    answer: dict[str, Any] = compare(build_snapshot(state), {**sides, "events": EVENTS})
    (move,) = answer["events"][0]["moved"]
    assert (move["new_due_date"], move["days"]) == ("2026-01-14", 1)


def stored_calendar(record: Any, calendar: Any) -> Any:
    from dataclasses import replace

    return replace(record, version=2, packed=pack(calendar.to_document()), checksum=calendar.checksum)


def test_faults_of_an_impact_name_the_side_or_the_event() -> None:
    with pytest.raises(Problem) as caught:
        compare(
            small(),
            {
                "before": {"profile": "small", "profile_version": 7},
                "after": {"profile": "none"},
                "events": [{"type": "x", "occurred_at": "2026-01-05"}, {"type": "icpc_held", "occurred_at": "?"}],
            },
        )
    paths = {fault.path for fault in caught.value.faults}
    assert {"before.profile_version", "after.profile", "events[1].occurred_at"} <= paths
