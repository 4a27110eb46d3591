"""Laws that every timeline keeps, whatever the case."""

import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.calculation.request import read_request
from tests.services.answers import calculate_response, timeline
from tests.services.worlds import packaged, small

TYPES = (
    "strategy_discussion_held",
    "section_47_started",
    "icpc_scheduled",
    "icpc_held",
    "cp_plan_started",
    "core_group_held",
    "cp_visit_made",
    "rcpc_held",
    "became_looked_after",
    "placement_started",
    "cla_visit_made",
    "cla_review_held",
    "dental_check_held",
    "contact_received",
    "referral_accepted",
    "cp_plan_ended",
    "placement_ended",
)
FACTS = {"section_47_initiated": True, "child_date_of_birth": "2023-11-03", "child_was_awake": True}
days = st.dates(date(2024, 1, 1), date(2027, 6, 30))
times = st.one_of(
    days.map(date.isoformat),
    st.tuples(days, st.integers(3, 22), st.integers(0, 59)).map(lambda t: f"{t[0]}T{t[1]:02}:{t[2]:02}:00"),
)
events = st.builds(lambda kind, at: {"type": kind, "occurred_at": at}, st.sampled_from(TYPES), times)
known = st.sets(st.sampled_from(sorted(FACTS))).map(lambda keys: {key: FACTS[key] for key in keys})
AS_OF = "2027-09-01"
Event = dict[str, str]
Facts = dict[str, str | bool]


def as_like(item: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    return {key: item[key] for key in like}


def without_identity(answered: dict[str, Any]) -> str:
    unchanged = ("obligations", "undetermined", "projected_events", "summary", "warnings")
    return json.dumps({key: answered[key] for key in unchanged}, sort_keys=True)


@given(events, known, st.none() | st.integers(0, 900))
@settings(max_examples=40)
def test_a_timeline_of_one_event_is_the_calculation_of_that_event(
    event: Event, facts: Facts, reach: int | None
) -> None:
    """Unsaid, the horizon is a year: what rests on nothing else is then the calculation."""
    day = date.fromisoformat(event["occurred_at"][:10])
    until = None if reach is None else (day + timedelta(days=reach)).isoformat()
    body = {"profile": "small", "facts": facts, "until": until}
    alone = calculate_response(read_request(small(), {**body, "event": event}))
    if not reach:
        alone = calculate_response(read_request(small(), {**body, "until": None, "event": event, "explain": True}))
        # What an age lets begin only later is not asked for by a calculation that looks no further than what is next.
        not_yet = {item["rule"] for item in alone["not_applicable"]}
        alone = calculate_response(read_request(small(), {**body, "until": None, "event": event}))
        answered = timeline(small(), {**body, "events": [event], "as_of": day.isoformat()})
        mine = [item for item in answered["obligations"] if not item["rests_on"] and item["rule"] not in not_yet]
        assert [as_like(item, alone["obligations"][0]) for item in mine] == alone["obligations"]
        assert reach is None or all(item["rule"] in not_yet for item in answered["obligations"] if item not in mine)
        return
    answered = timeline(small(), {**body, "events": [event], "as_of": day.isoformat()})
    mine = [item for item in answered["obligations"] if item["started_by"]["event"] == f"{event['type']}.1"]
    if until is not None:
        # A calculation with until leaves out what a series would first ask for beyond it.
        mine = [item for item in mine if item["kind"] != "recurring" or item["due_date"] <= until]
    assert [as_like(item, alone["obligations"][0]) for item in mine] == alone["obligations"]
    waiting = [item for item in answered["undetermined"] if not item["started_by"]["assumed"]]
    assert {item["rule"] for item in waiting} == {item["rule"] for item in alone["undetermined"]}


@given(st.lists(events, max_size=12), known, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_the_list_changes_nothing(listed: list[Event], facts: Facts, random: Random) -> None:
    body = {"profile": "small", "facts": facts, "as_of": AS_OF, "until": "2028-03-01"}
    shuffled = list(listed)
    random.shuffle(shuffled)
    one = timeline(small(), {**body, "events": listed})
    other = timeline(small(), {**body, "events": shuffled})
    assert json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@given(st.lists(events, max_size=10), known, times)
@settings(max_examples=40)
def test_an_unrelated_event_changes_nothing_and_is_named(listed: list[Event], facts: Facts, at: str) -> None:
    body = {"profile": "small", "facts": facts, "as_of": AS_OF, "until": "2028-03-01"}
    one = timeline(small(), {**body, "events": listed})
    unrelated = {"type": "fostering_enquiry_received", "occurred_at": at}
    other = timeline(small(), {**body, "events": [*listed, unrelated]})
    silent = [text for text in other["warnings"] if text.startswith("small starts nothing from fostering_enquiry")]
    assert len(silent) == (other["left_out"] == one["left_out"])
    other["warnings"] = [text for text in other["warnings"] if text not in silent]
    assert without_identity(one) == without_identity(other)


@given(
    st.sampled_from(["icpc_held", "became_looked_after", "placement_started"]),
    st.dates(date(2025, 1, 1), date(2026, 6, 30)),
    st.integers(30, 500),
)
@settings(max_examples=25)
def test_a_chain_projected_and_then_fulfilled_on_the_projected_dates_is_all_met(
    kind: str, day: date, reach: int
) -> None:
    horizon = day + timedelta(days=reach)
    # The first review is held already: where it is not, a series of visits is followed only as far as that is known.
    held_on = (day + timedelta(days=20)).isoformat()
    body = {
        "profile": "small",
        "facts": {**FACTS, **({"first_review_held_on": held_on} if "placement" in kind else {})},
    }
    first = [{"type": kind, "occurred_at": day.isoformat()}]
    plan = timeline(small(), {**body, "events": first, "as_of": day.isoformat(), "until": horizon.isoformat()})
    done = [{"type": e["type"], "occurred_at": e["occurred_at"]} for e in plan["projected_events"]]
    end = (horizon + timedelta(days=1)).isoformat()
    after = timeline(small(), {**body, "events": [*first, *done], "as_of": end, "until": end})
    past = [item for item in after["obligations"] if item["due_date"] <= horizon.isoformat()]
    assert {item["status"] for item in past} <= {"met"}
    # Two series that one visit serves are projected each by itself, and so meet earlier once they are one.
    alone = [item for item in past if item["rule"] not in {"cp-visits", "baby-awake"}]
    promised = {
        (item["id"], item["due_at"])
        for item in plan["obligations"]
        if item["due_date"] <= horizon.isoformat() and item["rule"] not in {"cp-visits", "baby-awake"}
    }
    assert promised == {(item["id"], item["due_at"]) for item in alone}


@given(st.lists(events, max_size=10), known)
@settings(max_examples=40)
def test_ids_name_one_obligation_each(listed: list[Event], facts: Facts) -> None:
    answered = timeline(
        small(), {"profile": "small", "facts": facts, "events": listed, "as_of": AS_OF, "until": "2028-01-01"}
    )
    ids = [item["id"] for item in answered["obligations"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("key", sorted(packaged().profiles))
def test_every_event_of_a_packaged_profile_alone_is_its_calculation(key: str) -> None:
    profile = packaged().profiles[key][-1].profile
    for number, kind in enumerate(sorted(profile.by_event)):
        day = (date(2025, 1, 6) + timedelta(days=11 * number % 400)).isoformat()
        event = {"type": kind, "occurred_at": day}
        spec = profile.vocabulary.events[kind]
        facts = {"child_date_of_birth": "2016-02-29", "section_47_initiated": True}
        said = {fact: value for fact, value in facts.items() if fact not in spec.implies and fact not in spec.sets}
        body = {"profile": key, "facts": said}
        alone = calculate_response(read_request(packaged(), {**body, "event": event}))
        answered = timeline(packaged(), {**body, "events": [event], "as_of": day, "until": day})
        assert [
            as_like(item, found) for item, found in zip(answered["obligations"], alone["obligations"], strict=True)
        ] == (alone["obligations"])
        assert [item["rule"] for item in answered["undetermined"]] == [item["rule"] for item in alone["undetermined"]]


@pytest.mark.parametrize("key", ["swindon", "york"])
def test_what_a_year_ahead_adds_rests_on_what_comes_before_or_begins_at_an_age(key: str) -> None:
    profile = packaged().profiles[key][-1].profile
    for kind in ("became_looked_after", "cp_plan_started"):
        event = {"type": kind, "occurred_at": "2026-01-05"}
        spec = profile.vocabulary.events[kind]
        facts = {"child_date_of_birth": "2010-09-20", "section_47_initiated": True, "placement_type": "foster"}
        said = {fact: value for fact, value in facts.items() if fact not in spec.implies and fact not in spec.sets}
        body = {"profile": key, "facts": said}
        alone = calculate_response(read_request(packaged(), {**body, "event": event}))["obligations"]
        unfolded = calculate_response(read_request(packaged(), {**body, "event": event, "until": "2027-01-05"}))[
            "obligations"
        ]
        answered = timeline(packaged(), {**body, "events": [event], "as_of": "2026-01-05"})
        assert answered["until"] == "2027-01-05"
        mine = [as_like(item, alone[0]) for item in answered["obligations"] if not item["rests_on"]]
        assert [item for item in mine if item in alone] == alone
        assert all(item in unfolded for item in mine)
        assert any(item["rests_on"] for item in answered["obligations"])


@pytest.mark.parametrize("key", ["swindon", "york", "wiltshire"])
@pytest.mark.parametrize("kind", ["cp_plan_started", "became_looked_after", "child_in_need_identified"])
def test_a_packaged_chain_fulfilled_on_the_projected_dates_leaves_nothing_late(key: str, kind: str) -> None:
    profile = packaged().profiles[key][-1].profile
    spec = profile.vocabulary.events[kind]
    facts = {"section_47_initiated": True, "placement_type": "foster", "icpc_likely": False}
    said = {fact: value for fact, value in facts.items() if fact not in spec.implies and fact not in spec.sets}
    body = {"profile": key, "facts": said}
    first = [{"type": kind, "occurred_at": "2026-01-05"}]
    plan = timeline(packaged(), {**body, "events": first, "as_of": "2026-01-05", "until": "2026-06-30"})
    done = [{name: e[name] for name in ("type", "occurred_at", "facts")} for e in plan["projected_events"]]
    assert done
    after = timeline(packaged(), {**body, "events": [*first, *done], "as_of": "2026-07-01", "until": "2026-07-01"})
    past = [item for item in after["obligations"] if item["due_date"] <= "2026-06-30" and item["trackable"]]
    # A report for a meeting ends with the meeting, where both were assumed for one day.
    assert {item["status"] for item in past} <= {"met", "ended"}
    assert not any(item["missed"] for item in past)
    promised = {item["id"] for item in plan["obligations"]}
    assert {item["id"] for item in past} <= promised


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python a piece of work runs: a measure of it that no other work on the machine disturbs."""
    count = 0

    def line(*_: object) -> Any:
        nonlocal count
        count += 1
        return line

    before = sys.gettrace()
    sys.settrace(line)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    ("key", "kinds"),
    [
        ("swindon", ["placement_started"]),
        ("swindon", ["placement_started", "dental_check_held"]),
        ("york", ["section_47_started", "section_47_completed"]),
        ("barnet", ["rcpc_scheduled", "rcpc_held"]),
    ],
)
@pytest.mark.parametrize("spread", [0, 1], ids=["on one day", "day after day"])
def test_the_work_for_many_events_grows_with_their_number_and_not_with_its_square(
    key: str, kinds: list[str], spread: int
) -> None:
    def work(number: int) -> int:
        events = [
            {"type": kind, "occurred_at": (date(2025, 1, 6) + timedelta(days=spread * place)).isoformat()}
            for place in range(number // len(kinds))
            for kind in kinds
        ]
        body = {"profile": key, "as_of": "2026-06-01", "until": "2026-06-01", "events": events}
        return lines_run(lambda: timeline(packaged(), body))

    assert work(200) < 6 * work(50)
