"""Every pair of event and duty under every packaged profile: calculation, check, flat call and timeline agree."""

from __future__ import annotations

import random
from datetime import date, datetime
from itertools import product
from typing import Any

import pytest

from app.engine.duties import duties_started
from app.services.calculation.flat import due_date
from app.services.calculation.request import read_request
from app.services.calculation.response import calculate
from app.services.catalogue import duties_of_rule
from app.services.date_check import check_date
from app.services.problems import Problem
from app.services.timelines import timeline
from tests.services.worlds import packaged

AT = "2026-01-05T10:00:00+00:00"
UNTIL = "2029-01-05"
WORLD = packaged()
LATEST = {key: WORLD.latest_profile(key) for key in sorted(WORLD.profiles)}
PROFILES = {key: version.profile for key, version in LATEST.items() if version is not None}
PAIRS = sorted(
    {
        (key, event, duty)
        for key, profile in PROFILES.items()
        for event, rules in profile.by_event.items()
        for item in rules
        for duty in duties_started(item)
    }
)
OFFERED = {key: {duty for profile_key, _, duty in PAIRS if profile_key == key} for key in PROFILES}
NEVER = random.Random(5).sample(  # noqa: S311 - a sample of tests
    sorted(
        {(key, event, duty) for key in PROFILES for event in PROFILES[key].by_event for duty in OFFERED[key]}
        - set(PAIRS)
    ),
    300,
)


def flat(key: str, event: str, duty: str, **more: Any) -> dict[str, Any]:
    """Give the flat answer for one pair, with facts."""
    return due_date(WORLD, {"profile": key, "event": event, "at": AT, "duty": duty, **more})


def calculated(key: str, event: str, until: str | None = None, **facts: Any) -> Any:
    """Give the calculation of the same event."""
    body = {"profile": key, "event": {"type": event, "occurred_at": AT}, "facts": facts, "until": until}
    return calculate(read_request(WORLD, body))


def test_there_are_as_many_pairs_as_the_standards_have() -> None:
    assert len(PAIRS) > 600


@pytest.mark.parametrize("key", PROFILES)
def test_a_flat_call_gives_the_earliest_due_date_of_the_calculation(key: str) -> None:
    for _, event, duty in [pair for pair in PAIRS if pair[0] == key]:
        answer = flat(key, event, duty)
        results = [calculated(key, event), calculated(key, event, UNTIL)]
        kinds = PROFILES[key].vocabulary.kinds(duty)
        dated = [[item for item in result.obligations if item.duty in kinds] for result in results]
        own = dated[0] or dated[1]
        waiting = [item for result in results for item in result.undetermined if kinds & duties_of_rule(item.rule)]
        if own and answer["status"] == "earliest":
            assert answer["not_before"] == min(item.not_before for item in own).isoformat(), (event, duty)
        elif own:
            assert answer["status"] in {"due", "due_unless"}, (event, duty)
            assert answer["due_at"] == min(item.due_at for item in own).isoformat(), (event, duty)
        else:
            assert answer["status"] == ("undetermined" if waiting else "not_applicable"), (event, duty)
            assert answer["title"], (event, duty)
            assert bool(answer["needs"] or answer["reason"]) or waiting, (event, duty)


@pytest.mark.parametrize("key", PROFILES)
def test_a_check_calls_the_flat_date_right(key: str) -> None:
    for _, event, duty in [pair for pair in PAIRS if pair[0] == key]:
        answer = flat(key, event, duty)
        body = {"profile": key, "event": {"type": event, "occurred_at": AT}, "duty": duty}
        checked = check_date(WORLD, {**body, "date": answer["due_at"] or answer["not_before"] or "2026-01-05"})
        expected = "right" if answer["due_at"] or answer["not_before"] else answer["status"]
        assert checked["verdict"] == expected, (event, duty)


@pytest.mark.parametrize("key", PROFILES)
def test_a_timeline_of_the_event_alone_has_the_same_date(key: str) -> None:
    by_event: dict[str, Any] = {}
    for _, event, duty in [pair for pair in PAIRS if pair[0] == key]:
        answer = flat(key, event, duty)
        if answer["due_at"] is None or answer["projected"]:
            continue
        if event not in by_event:
            body = {"profile": key, "events": [{"type": event, "occurred_at": AT}], "as_of": "2026-01-05"}
            by_event[event] = timeline(WORLD, body)
        kinds = PROFILES[key].vocabulary.kinds(duty)
        dates = {item["due_at"] for item in by_event[event]["obligations"] if item["duty"] in kinds}
        assert answer["due_at"] in dates, (event, duty)


@pytest.mark.parametrize("key", PROFILES)
def test_what_is_called_due_is_never_made_earlier_by_a_fact(key: str) -> None:
    facts = PROFILES[key].vocabulary.facts
    for _, event, duty in [pair for pair in PAIRS if pair[0] == key]:
        answer = flat(key, event, duty)
        names = [name for name in answer["needs"].split(", ") if name]
        if not answer["due_at"] or not names:
            continue
        choices = [[None, True, False] if facts[name].type == "bool" else [None, *facts[name].values] for name in names]
        earliest = datetime.fromisoformat(answer["earliest_due_at"] or answer["due_at"])
        for values in product(*choices):
            decided = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            other = flat(key, event, duty, **decided)["due_at"]
            assert other is None or datetime.fromisoformat(other) >= earliest, (event, duty, decided)


@pytest.mark.parametrize(
    ("key", "event", "duty", "general", "earliest"),
    [
        ("swindon", "contact_received", "decide_contact", "2026-01-06T10:00:00+00:00", "2026-01-05T14:00:00+00:00"),
        ("swindon", "referral_received", "hold_strategy_discussion", "2026-01-07T10:00:00+00:00", "2026-01-05"),
        ("wiltshire", "referral_accepted", "complete_assessment", "2026-03-02", "2026-01-15"),
        ("swindon", "assessment_authorised", "update_assessment", "2027-01-05", "2026-07-05"),
    ],
)
def test_a_date_that_a_fact_could_bring_forward_is_due_unless(
    key: str, event: str, duty: str, general: str, earliest: str
) -> None:
    answer = flat(key, event, duty)
    assert answer["status"] == "due_unless"
    assert answer["needs"]
    assert answer["due_at"].startswith(general)
    assert answer["earliest_due_at"].startswith(earliest)


def test_a_pair_that_no_rule_joins_is_refused_with_the_events_that_start_the_duty() -> None:
    for key, event, duty in NEVER:
        body = {"profile": key, "event": {"type": event, "occurred_at": AT}, "duty": duty, "date": "2026-01-05"}
        flat_body = {"profile": key, "event": event, "at": AT, "duty": duty}
        kinds = PROFILES[key].vocabulary.kinds(duty)
        starting = {other for profile, other, started in PAIRS if profile == key and started in kinds}
        if event in starting:
            continue
        for ask in (due_date, check_date):
            with pytest.raises(Problem) as refused:
                ask(WORLD, flat_body if ask is due_date else body)
            assert refused.value.kind == "event-does-not-start-duty", (key, event, duty)
            (fault,) = refused.value.faults
            assert fault.path == "duty"
            assert fault.nearest
            assert set(fault.nearest) <= starting
        assert duty not in {item.duty for item in calculated(key, event, UNTIL).obligations}


def test_without_a_duty_everything_that_the_event_starts_is_listed() -> None:
    for key, event in sorted({pair[:2] for pair in PAIRS}):
        answer: Any = due_date(WORLD, {"profile": key, "event": event, "at": AT})
        result = calculated(key, event)
        rows = answer["due_dates"]
        dated = [row["due_at"] for row in rows if row["due_at"]]
        assert dated == sorted(dated, key=datetime.fromisoformat)
        earliest = [item for item in result.obligations if item.template.kind == "earliest"]
        assert sum(row["status"] == "earliest" for row in rows) == len(earliest)
        assert sorted(dated) == sorted(item.due_at.isoformat() for item in result.obligations if item not in earliest)
        assert {row["duty"] for row in rows} == {
            *(item.duty for item in result.obligations),
            *(item.duty for item in result.undetermined),
        }


def test_a_later_due_date_of_a_duty_is_asked_for_by_its_number() -> None:
    found = [
        flat("york", "assessment_allocated", "review_assessment_progress", occurrence=number)["due_date"]
        for number in (1, 2, 3, 4)
    ]
    assert found == sorted(found)
    assert len(set(found)) == 4
    assert all(date.fromisoformat(day) > date(2026, 1, 5) for day in found)
    with pytest.raises(Problem) as refused:
        flat("york", "assessment_allocated", "review_assessment_progress", occurrence=900)
    assert refused.value.faults[0].path == "occurrence"


def test_an_occurrence_is_counted_for_one_duty() -> None:
    with pytest.raises(Problem) as refused:
        due_date(WORLD, {"profile": "york", "event": "assessment_allocated", "at": AT, "occurrence": 2})
    assert refused.value.faults[0].path == "occurrence"
