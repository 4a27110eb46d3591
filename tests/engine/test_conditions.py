"""Three values: a rule holds, does not hold, or waits for facts; exceptions give way as section 3 of the design says."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from app.engine.calculate import ContradictedFact
from tests.engine.builders import due, profile_of, run

STRATEGY = """
[[rules]]
id = "general"
event = "referral_received"
timing = { within = { hours = 48 } }
[[rules]]
id = "serious"
event = "referral_received"
when = { serious_risk = true }
exception_to = "general"
timing = { same_day = true }
[[rules]]
id = "complex"
event = "referral_received"
when = { complex_concerns = true }
exception_to = "general"
timing = { within = { working_days = 5 } }
"""


def names(items: object) -> set[str]:
    return {item.rule.id for item in items}  # type: ignore[attr-defined]  # any part of an answer


@pytest.mark.parametrize(("serious", "complex_"), list(product([None, True, False], repeat=2)))
def test_the_general_limit_stands_unless_an_exception_is_known_to_hold(
    serious: bool | None, complex_: bool | None
) -> None:
    facts = {
        key: value for key, value in (("serious_risk", serious), ("complex_concerns", complex_)) if value is not None
    }
    answer = run(profile_of(STRATEGY), "referral_received", "2026-01-05T09:00", facts)
    facts_true = {name for name, value in (("serious", serious), ("complex", complex_)) if value}
    unknown = {name for name, value in (("serious", serious), ("complex", complex_)) if value is None}
    assert names(answer.obligations) == (facts_true or {"general"})
    assert names(answer.undetermined) == unknown
    assert ("general" in names(answer.not_applicable)) is bool(facts_true)


@pytest.mark.parametrize(
    ("says", "when", "facts", "outcome"),
    [
        ("a part that fails settles it, whatever else is unknown", "{ disability_team = true, overnight_short_breaks = true }", {"disability_team": False}, "no"),
        ("both parts unknown ask for both", "{ disability_team = true, overnight_short_breaks = true }", {}, "disability_team,overnight_short_breaks"),
        ("only what is still open is asked for", "{ disability_team = true, overnight_short_breaks = true }", {"disability_team": True}, "overnight_short_breaks"),
        ("one part that holds settles an either-or", "{ any = [{ serious_risk = true }, { complex_concerns = true }] }", {"serious_risk": True}, "yes"),
        ("an either-or with one part false asks for the other", "{ any = [{ serious_risk = true }, { complex_concerns = true }] }", {"serious_risk": False}, "complex_concerns"),
        ("a negation of what is unknown is unknown", "{ not = { serious_risk = true } }", {}, "serious_risk"),
        ("a presumed fact takes its default", "{ plan_made_at_conference = true }", {}, "yes"),
        ("and what is said overrides it", "{ plan_made_at_conference = true }", {"plan_made_at_conference": False}, "no"),
        ("a history date that is absent has not happened", "{ first_review_held_on = { happened = false } }", {}, "yes"),
        ("one after the event has not happened by then", "{ first_review_held_on = { happened = true } }", {"first_review_held_on": date(2026, 3, 1)}, "no"),
        ("a child of exactly three is three", "{ age = { at_least = { years = 3 } } }", {"child_date_of_birth": date(2023, 1, 5)}, "yes"),
        ("a child one day short is not", "{ age = { at_least = { years = 3 } } }", {"child_date_of_birth": date(2023, 1, 6)}, "no"),
        ("born 29 February, one on 28 February", "{ age = { under = { years = 2 } } }", {"child_date_of_birth": date(2024, 2, 29)}, "yes"),
        ("one of several values", '{ placement_type = ["foster", "residential"] }', {"placement_type": "residential"}, "yes"),
        ("anything but", '{ legal_status = { not = "remand" } }', {"legal_status": "remand"}, "no"),
        ("numbers compare", "{ review_number = { at_least = 2 } }", {"review_number": 2}, "yes"),
        ("a year ago to the day is at least a year ago", "{ placement_started_on = { at_least_ago = { years = 1 } } }", {"placement_started_on": date(2025, 1, 5)}, "yes"),
        ("a day less is not", "{ placement_started_on = { at_least_ago = { years = 1 } } }", {"placement_started_on": date(2025, 1, 6)}, "no"),
        ("and lies less than a year back", "{ placement_started_on = { less_than_ago = { years = 1 } } }", {"placement_started_on": date(2025, 1, 6)}, "yes"),
    ],
)  # fmt: skip
def test_a_condition_holds_fails_or_asks(says: str, when: str, facts: dict[str, object], outcome: str) -> None:
    rules = f'[[rules]]\nevent = "referral_received"\nwhen = {when}\ntiming = {{ same_day = true }}\n'
    answer = run(profile_of(rules), "referral_received", "2026-01-05", facts)  # type: ignore[arg-type]  # values as listed
    found = "yes" if answer.obligations else "no" if answer.not_applicable else ",".join(answer.undetermined[0].needs)
    assert found == outcome, says


def test_what_was_presumed_is_said() -> None:
    rules = '[[rules]]\nevent = "icpc_held"\nwhen = { plan_made_at_conference = true }\ntiming = { same_day = true }\n'
    answer = run(profile_of(rules), "icpc_held", "2026-01-05")
    assert any("plan made at conference" in note for note in answer.obligations[0].assumptions)


def test_an_event_implies_what_it_says() -> None:
    rules = '[[rules]]\nevent = "core_group_held"\nwhen = { child_protection_plan = true }\ntiming = { within = { weeks = 4 } }\n'
    assert due(run(profile_of(rules), "core_group_held", "2026-01-05")) == ["2026-02-02"]


def test_a_fact_that_contradicts_its_event_is_refused() -> None:
    rules = '[[rules]]\nevent = "core_group_held"\ntiming = { within = { weeks = 4 } }\n'
    with pytest.raises(ContradictedFact):
        run(profile_of(rules), "core_group_held", "2026-01-05", {"child_protection_plan": False})


def test_a_rule_waits_for_the_facts_of_its_date_as_well() -> None:
    rules = '[[rules]]\nevent = "became_looked_after"\nwhen = { disability_team = true }\ntiming = { by_age = { years = 16 } }\n'
    answer = run(profile_of(rules), "became_looked_after", "2026-01-05")
    assert answer.undetermined[0].needs == ("child_date_of_birth", "disability_team")


def test_a_rule_of_its_own_dates_applies_only_between_them() -> None:
    rules = '[[rules]]\nevent = "referral_received"\nin_force = { from = 2026-01-01, to = 2026-12-31 }\ntiming = { same_day = true }\n'
    profile = profile_of(rules)
    assert due(run(profile, "referral_received", "2026-01-01")) == ["2026-01-01"]
    assert due(run(profile, "referral_received", "2026-12-31")) == ["2026-12-31"]
    assert not due(run(profile, "referral_received", "2027-01-01"))
    assert not due(run(profile, "referral_received", "2025-12-31"))


def test_what_was_presumed_of_an_exception_is_said_with_the_general_limit() -> None:
    rules = """
[[rules]]
id = "general"
event = "icpc_held"
timing = { within = { working_days = 10 } }
[[rules]]
id = "pre-birth"
event = "icpc_held"
when = { pre_birth_conference = true }
exception_to = "general"
timing = { within = { working_days = 20 } }
"""
    answer = run(profile_of(rules), "icpc_held", "2026-01-05")
    assert names(answer.obligations) == {"general"}
    assert answer.obligations[0].assumptions == ("pre birth conference: not given, taken as no",)


AWAKE = """
[[rules]]
event = "cin_plan_started"
restarts_on = ["cin_visit_made"]
when = { age = { under = { years = 1 } } }
restart_when = { child_was_awake = true }
timing = { every = { weeks = 3 } }
"""


def test_a_child_past_the_age_is_not_asked_about() -> None:
    profile = profile_of(AWAKE)
    old = {"child_date_of_birth": date(2010, 1, 1)}
    for until in (None, date(2027, 1, 1)):
        answer = run(profile, "cin_visit_made", "2026-01-05", old, until)
        assert not answer.undetermined
        assert answer.not_applicable[0].because == "the child is under 1 year old"
    assert run(profile, "cin_visit_made", "2026-01-05").undetermined[0].needs == (
        "child_date_of_birth",
        "child_was_awake",
    )
