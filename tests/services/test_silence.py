"""Nothing is silent: what starts nothing, what has no date, what is superseded and what is not certain says so, in every form."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
import pytest

from app.services.bulk import Plan, answer_block, heading
from app.services.calculation.batch import answer_one
from app.services.calculation.calculator import Calculator
from app.services.calculation.flat import due_date
from app.services.calculation.request import read_request
from app.services.calculation.response import calculate_response
from app.services.comparison.profiles import compare_profiles
from app.services.date_check import check_date
from app.services.exports.csv_table import obligations_csv
from app.services.exports.icalendar import obligations_icalendar
from app.services.problems import Problem
from app.services.snapshot.offline import packaged_snapshot
from app.services.timelines import timeline
from app.web.forms import ExplorerForm
from app.web.results import Result, calculate_result
from tests.profiles.packaged import KEYS, profiles

SUPERSEDED = "Working Together to Safeguard Children 2023 was superseded on 2026-03-18"
SNAPSHOT = packaged_snapshot()


def asked(profile: str, event: str, at: str = "2026-02-02", **more: Any) -> dict[str, Any]:
    return {"profile": profile, "event": {"type": event, "occurred_at": at}, "reference": "case 1", **more}


def answer(profile: str, event: str, at: str = "2026-02-02", **more: Any) -> dict[str, Any]:
    return dict(calculate_response(read_request(SNAPSHOT, asked(profile, event, at, **more))))


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_an_event_that_starts_nothing_names_the_events_that_date_the_same_duties() -> None:
    warning = answer("wiltshire", "pathway_plan_started")["warnings"]
    assert warning == answer("wiltshire", "pathway_plan_started", explain=True)["warnings"]
    warned = answer("cin-chapter", "assessment_started")["warnings"][0]
    assert warned.startswith("cin-chapter starts nothing from assessment_started")


@pytest.mark.parametrize("key", KEYS)
def test_every_event_from_which_a_profile_starts_nothing_is_answered_with_a_reason(key: str) -> None:
    started = {event for profile in profiles().values() for event in profile.by_event}
    for event in sorted(started - set(profiles()[key].by_event)):
        found = answer(key, event, "2026-02-02")
        assert found["warnings"][0].startswith(f"{key} starts nothing from {event}"), event
        own = {duty for prepared in profiles()[key].by_event.values() for each in prepared for duty in each.rule.duties}
        other = {
            duty
            for profile in profiles().values()
            for prepared in profile.by_event.get(event, ())
            for duty in prepared.rule.duties
        }
        if own & other:
            assert f"{key} dates " in found["warnings"][0], event


def test_every_way_in_gives_the_warning() -> None:
    body = asked("york", "went_missing")
    expected = "york starts nothing from went_missing"
    for answered in (
        answer("york", "went_missing"),
        orjson.loads(answer_one(Calculator(SNAPSHOT), orjson.dumps(body))),
    ):
        assert answered["warnings"] == [expected]
    case: Any = timeline(
        SNAPSHOT,
        {
            "profile": "york",
            "as_of": "2026-03-01",
            "events": [
                {"type": "went_missing", "occurred_at": "2026-02-02"},
                {"type": "went_missing", "occurred_at": "2026-02-03"},
                {"type": "became_looked_after", "occurred_at": "2026-02-01"},
            ],
        },
    )
    assert [text for text in case["warnings"] if "starts nothing" in text] == [expected]
    block = b"profile,event,at\nyork,went_missing,2026-02-02\n"
    plan = Plan("csv", "csv", header=("profile", "event", "at"))
    written = answer_block(Calculator(SNAPSHOT), plan, block.split(b"\n", 1)[1], 2)
    table = rows(heading(plan) + written.output)
    assert (table[0]["status"], table[0]["warnings"]) == ("nothing_due", expected)


def test_a_file_without_a_date_says_why() -> None:
    silent = answer("york", "went_missing")
    [row] = rows(obligations_csv(silent))
    assert (row["reference"], row["status"]) == ("case 1", "nothing_due")
    assert row["warnings"] == "york starts nothing from went_missing"
    calendar = obligations_icalendar(silent).decode().replace("\r\n ", "")
    assert "DESCRIPTION:Warning: york starts nothing from went_missing." in calendar
    assert "X-WR-CALDESC:Warning: york starts nothing from went_missing." in calendar


def test_what_has_no_date_is_in_the_answer_where_it_is_all_there_is_and_on_request() -> None:
    alone = answer("swindon", "icpc_requested")
    assert [item["duty"] for item in alone["not_computable"]] == [
        item.duty for item in profiles()["swindon"].not_computable if "icpc_requested" in item.events
    ]
    event = next(
        event
        for item in profiles()["swindon"].not_computable
        for event in item.events
        if event in profiles()["swindon"].by_event
    )
    assert "not_computable" not in answer("swindon", event)
    assert answer("swindon", event, explain=True)["not_computable"]


def test_a_duty_that_a_profile_lacks_is_not_called_unknown() -> None:
    with pytest.raises(Problem) as lacking:
        due_date(
            SNAPSHOT, {"profile": "cin-chapter", "event": "referral_accepted", "at": "2026-02-02", "duty": "hold_icpc"}
        )
    assert lacking.value.faults[0].message.startswith("cin-chapter sets no timescale for hold_icpc (Hold the initial")
    with pytest.raises(Problem) as unknown:
        due_date(
            SNAPSHOT, {"profile": "cin-chapter", "event": "referral_accepted", "at": "2026-02-02", "duty": "hold_it"}
        )
    assert unknown.value.faults[0].message == "unknown duty"
    with pytest.raises(Problem) as checked:
        check_date(SNAPSHOT, {**asked("cin-chapter", "referral_accepted"), "duty": "hold_icpc", "date": "2026-02-23"})
    assert checked.value.faults == lacking.value.faults
    with pytest.raises(Problem) as elsewhere:
        check_date(SNAPSHOT, {**asked("swindon", "icpc_held"), "duty": "hold_icpc", "date": "2026-02-23"})
    assert "strategy_discussion_held" in elsewhere.value.faults[0].remedy


def test_a_duty_that_is_listed_without_a_date_is_reported_with_its_reason() -> None:
    listed = next(
        (key, item)
        for key, profile in profiles().items()
        for item in profile.not_computable
        if item.duty is not None and not profile.vocabulary.kinds(item.duty) & profile.duties
    )
    key, item = listed
    event = next(iter(profiles()[key].by_event))
    with pytest.raises(Problem) as lacking:
        due_date(SNAPSHOT, {"profile": key, "event": event, "at": "2026-02-02", "duty": item.duty})
    assert f"not computable ({item.sources[0].section}" in lacking.value.faults[0].message


def test_a_document_superseded_between_the_event_and_the_due_date_is_warned_of() -> None:
    found = answer("statutory-england", "referral_received", "2026-03-16")
    warned = {item["rule"]: bool(item["warnings"]) for item in found["obligations"]}
    assert warned == {"referral-acknowledged": False, "referral-decision": False, "assessment-complete": True}
    assert [text for text in found["warnings"] if text.startswith(SUPERSEDED)]
    before = answer("statutory-england", "referral_received", "2025-12-01")
    assert not [text for text in before["warnings"] if text.startswith(SUPERSEDED)]


def test_every_form_has_the_superseded_source_and_the_certainty() -> None:
    found = answer("statutory-england", "referral_received", "2026-04-20")
    for row in rows(obligations_csv(found)):
        assert row["warnings"].startswith(SUPERSEDED)
        assert row["certainty"] in {"verified", "secondary"}
    calendar = obligations_icalendar(found).decode().replace("\r\n ", "")
    assert calendar.count(f"\\nWarning: {SUPERSEDED}") == len(found["obligations"])
    flat: Any = due_date(
        SNAPSHOT,
        {
            "profile": "statutory-england",
            "event": "referral_received",
            "at": "2026-03-16",
            "duty": "complete_assessment",
        },
    )
    assert SUPERSEDED in flat["warnings"]


def test_a_calendar_entry_of_secondary_certainty_says_so() -> None:
    secondary = {
        (event, prepared.rule.id)
        for event, started in profiles()["statutory-england"].by_event.items()
        for prepared in started
        if prepared.rule.certainty == "secondary" and prepared.condition is None
    }
    event, rule = min(secondary)
    found = answer("statutory-england", event)
    calendar = obligations_icalendar(found).decode().replace("\r\n ", "")
    assert "Certainty: secondary: the text itself was seen only in part" in calendar, rule
    assert rule in {item["rule"] for item in found["obligations"] if item["certainty"] == "secondary"}


def test_a_case_warns_of_a_source_superseded_before_a_limit_that_is_still_to_come() -> None:
    case: Any = timeline(
        SNAPSHOT,
        {
            "profile": "statutory-england",
            "as_of": "2026-05-30",
            "events": [{"type": "referral_received", "occurred_at": "2026-03-10"}],
        },
    )
    assert [text for text in case["warnings"] if text.startswith(SUPERSEDED)]
    [item] = [each for each in case["obligations"] if each["rule"] == "assessment-complete"]
    assert item["warnings"]
    [row] = [
        each for each in rows(obligations_csv({**case, "reference": "a"})) if each["rule"] == "assessment-complete"
    ]
    assert row["warnings"].startswith(SUPERSEDED)


def test_a_comparison_says_of_which_side_nothing_comes() -> None:
    body = {
        "profiles": ["york", "statutory-england"],
        "event": {"type": "returned_from_missing", "occurred_at": "2026-02-02"},
    }
    compared: Any = compare_profiles(SNAPSHOT, body)
    assert [text for text in compared["warnings"] if "york starts nothing" in text] or profiles()["york"].by_event.get(
        "returned_from_missing"
    )


def test_a_page_shows_why_nothing_comes_and_what_has_no_date() -> None:
    entered = ExplorerForm(profile="swindon", event="icpc_requested", date="2026-02-02")
    result = calculate_result(SNAPSHOT, entered, "swindon", {}, "http://localhost")
    assert isinstance(result, Result)
    assert result.warnings[0].startswith("swindon starts nothing from icpc_requested")
    assert result.undated
