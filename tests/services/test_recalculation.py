"""What changes when a case's events change."""

import copy
from typing import Any

import pytest

from app.services.problems import Problem, answer_too_long
from app.services.timelines import answer_case, recalculation
from app.services.timelines.case import Case
from tests.services.answers import recalculate, timeline
from tests.services.worlds import small

BODY: dict[str, Any] = {
    "profile": "small",
    "as_of": "2026-01-05",
    "until": "2026-01-05",
    "facts": {"section_47_initiated": True},
    "events": [
        {"id": "discussion", "type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
        {"id": "meeting", "type": "icpc_scheduled", "occurred_at": "2026-01-13"},
    ],
}


def moved(to: str) -> dict[str, Any]:
    body = copy.deepcopy(BODY)
    body["events"][1]["occurred_at"] = to
    return body


def test_a_meeting_that_moves_by_two_days_moves_just_what_hangs_on_it() -> None:
    earlier = timeline(small(), BODY)["obligations"]
    answer = recalculate(small(), {**moved("2026-01-15"), "earlier": earlier})
    (item,) = answer["moved"]
    assert (item["rule"], item["old_due_date"], item["new_due_date"], item["days"]) == (
        "report-to-chair",
        "2026-01-08",
        "2026-01-12",
        4,
    )
    assert [i["rule"] for i in answer["unchanged"]] == ["icpc-held"]
    assert (answer["added"], answer["withdrawn"]) == ([], [])


def test_the_events_as_they_were_serve_as_well_with_ids_or_without() -> None:
    ids = [item["id"] for item in timeline(small(), BODY)["obligations"]]
    usual = recalculate(small(), {**moved("2026-01-15"), "earlier_events": BODY["events"]})
    named = recalculate(small(), {**moved("2026-01-15"), "earlier_events": BODY["events"], "earlier": ids})
    assert usual == named
    assert usual["summary"] == {"added": 0, "moved": 1, "withdrawn": 0, "unchanged": 1, "kept": 0}


def test_ids_alone_tell_what_is_new_and_gone_but_not_what_moved() -> None:
    ids = [item["id"] for item in timeline(small(), BODY)["obligations"]]
    answer = recalculate(small(), {**moved("2026-01-15"), "earlier": [*ids, "small/old/event.1/1"]})
    assert answer["summary"] == {"added": 0, "moved": 0, "withdrawn": 1, "unchanged": 0, "kept": 2}


def test_an_event_taken_back_withdraws_what_it_started_and_a_new_one_adds() -> None:
    earlier = timeline(small(), BODY)["obligations"]
    body = copy.deepcopy(BODY)
    body["events"][1] = {"id": "enquiry", "type": "section_47_started", "occurred_at": "2026-01-02"}
    answer = recalculate(small(), {**body, "earlier": earlier})
    assert [i["rule"] for i in answer["withdrawn"]] == ["report-to-chair"]
    assert [i["rule"] for i in answer["added"]] == ["section-47-done"]


def test_a_limit_that_was_met_meanwhile_changes_its_status_and_not_its_date() -> None:
    earlier = timeline(small(), BODY)["obligations"]
    body = copy.deepcopy(BODY)
    body["events"].append({"type": "icpc_held", "occurred_at": "2026-01-05"})
    answer = recalculate(small(), {**body, "earlier": earlier})
    (change,) = [i for i in answer["status_changes"] if "icpc-held" in i["id"]]
    assert (change["old_status"], change["new_status"]) == ("outstanding", "met")


def test_a_conference_held_late_moves_the_chain_projected_from_it_and_withdraws_nothing_at_the_horizon() -> None:
    known = {"until": "2026-06-16", "facts": {**BODY["facts"], "plan_made_at_conference": True}}
    earlier = timeline(small(), {**BODY, **known})["obligations"]
    answer = recalculate(small(), {**moved("2026-01-15"), **known, "earlier": earlier})
    assert (answer["added"], answer["withdrawn"]) == ([], [])
    days = {item["id"]: item["days"] for item in answer["moved"]}
    assert days["small/rcpcs/icpc_held.1/1"] == 2
    assert {item["rule"] for item in answer["unchanged"]} == {"icpc-held"}
    # The last core group before the horizon has moved out beyond it.
    assert any(item["new_due_date"] > "2026-06-16" for item in answer["moved"])


def test_where_the_months_beyond_cannot_be_looked_at_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"until": "2026-06-16", "facts": {**BODY["facts"], "plan_made_at_conference": True}}
    earlier = timeline(small(), {**BODY, **known})["obligations"]

    def up_to_the_horizon(case: Case) -> object:
        if str(case.until) > "2026-06-16":
            raise answer_too_long("A timeline holds so many.", "until", "too many", "send an earlier until")
        return answer_case(case)

    monkeypatch.setattr(recalculation, "answer_case", up_to_the_horizon)
    answer = recalculate(small(), {**moved("2026-01-15"), **known, "earlier": earlier})
    assert answer["withdrawn"]
    assert recalculation.NOT_LOOKED_BEYOND in answer["warnings"]


def test_a_later_look_at_the_events_as_they_were_is_projected_to_the_same_day() -> None:
    body = {key: value for key, value in BODY.items() if key != "until"}
    changed = {**body, "as_of": "2026-01-12", "earlier_as_of": "2026-01-05", "earlier_events": BODY["events"]}
    answer = recalculate(small(), changed)
    assert (answer["added"], answer["withdrawn"], answer["moved"]) == ([], [], [])
    assert answer["unchanged"]


def test_every_fault_is_reported_at_once() -> None:
    body = {**BODY, "as_of": "soon", "earlier": [1, {"id": "x", "due_date": "2026-02-31"}], "extra": 1}
    with pytest.raises(Problem) as caught:
        recalculate(small(), body)
    assert {f.path for f in caught.value.faults} == {"as_of", "earlier[0]", "earlier[1].due_date", "extra"}
    with pytest.raises(Problem) as caught:
        recalculate(small(), BODY)
    assert {f.path for f in caught.value.faults} == {"earlier"}
