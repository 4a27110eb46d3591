"""Series with phases: boundaries known and projected, restarts, ends, and where they cannot be followed."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.engine.facts import FactValue
from app.engine.months import add_months
from tests.engine.builders import due, england, profile_of, run

VISITS = """
[[rules]]
id = "reviews"
duty = "hold_cla_review"
event = "became_looked_after"
restarts_on = ["cla_review_held"]
[rules.timing]
counter = "review_number"
first = { within = { working_days = 20 } }
[[rules.timing.phases]]
when = { review_number = { at_most = 1 } }
every = { months = 3 }
[[rules.timing.phases]]
every = { months = 6 }

[[rules]]
id = "visits"
duty = "visit_looked_after_child"
event = "placement_started"
restarts_on = ["cla_visit_made"]
[rules.timing]
first = { within = { working_days = 5 } }
[[rules.timing.phases]]
id = "weekly"
every = { weeks = 1 }
until = { held = "first_review_held_on", projected_by = "reviews" }
[[rules.timing.phases]]
id = "first-year"
every = { weeks = 6 }
until = { after = { years = 1 }, from = "placement_started_on" }
[[rules.timing.phases]]
id = "long-term"
when = { long_term_placement_agreed = true }
every = { months = 3 }
until = { age = { years = 18 } }
[[rules.timing.phases]]
id = "other"
when = { long_term_placement_agreed = false }
every = { weeks = 6 }
"""
PROFILE = profile_of(VISITS)
STARTED = date(2026, 1, 5)
KNOWN = {"placement_started_on": STARTED, "became_looked_after_on": STARTED, "first_review_held_on": date(2026, 1, 30)}


def test_reviews_unfold_from_entry_to_care() -> None:
    answer = run(PROFILE, "became_looked_after", "2026-01-05", until=date(2027, 6, 1))
    assert due(answer) == ["2026-02-02", "2026-05-02", "2026-11-02", "2027-05-02"]
    assert [item.projected for item in answer.obligations] == [False, True, True, True]
    assert [item.occurrence for item in answer.obligations] == [1, 2, 3, 4]


def test_the_review_just_held_says_which_comes_next() -> None:
    assert due(run(PROFILE, "cla_review_held", "2026-02-02", {"review_number": 1})) == ["2026-05-02"]
    assert due(run(PROFILE, "cla_review_held", "2026-05-02", {"review_number": 2})) == ["2026-11-02"]
    assert run(PROFILE, "cla_review_held", "2026-05-02").undetermined[0].needs == ("review_number",)


def test_a_month_end_series_drifts_because_each_limit_is_counted_from_the_one_before() -> None:
    answer = run(PROFILE, "cla_review_held", "2025-08-31", {"review_number": 2}, until=date(2026, 12, 31))
    assert due(answer) == ["2026-02-28", "2026-08-28"]


def test_without_until_a_series_yields_its_next_limit_only() -> None:
    assert due(run(PROFILE, "placement_started", "2026-01-05")) == ["2026-01-12"]


def test_a_boundary_not_yet_held_is_projected_at_its_own_limit() -> None:
    answer = run(
        PROFILE, "placement_started", "2026-01-05", {"became_looked_after_on": STARTED}, until=date(2026, 3, 31)
    )
    assert due(answer) == ["2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02", "2026-03-16"]
    assert all(item.projected for item in answer.obligations[1:])


def test_an_interval_across_a_projected_boundary_keeps_the_shorter_with_the_longer_as_alternative() -> None:
    facts: dict[str, FactValue] = {"placement_started_on": STARTED, "became_looked_after_on": STARTED}
    answer = run(PROFILE, "cla_visit_made", "2026-01-29", facts)
    assert due(answer) == ["2026-02-05"]
    assert answer.obligations[0].projected
    assert [item.due_date for item in answer.obligations[0].alternatives] == [date(2026, 3, 12)]


def test_an_interval_across_a_known_boundary_is_the_next_phases() -> None:
    facts: dict[str, FactValue] = {**KNOWN, "first_review_held_on": date(2026, 2, 2)}
    answer = run(PROFILE, "cla_visit_made", "2026-01-29", facts)
    assert due(answer) == ["2026-03-12"]
    assert not answer.obligations[0].alternatives
    assert not answer.obligations[0].projected


def test_a_limit_on_the_boundary_day_itself_is_not_beyond_it() -> None:
    facts: dict[str, FactValue] = {**KNOWN, "first_review_held_on": date(2026, 2, 5)}
    assert due(run(PROFILE, "cla_visit_made", "2026-01-29", facts)) == ["2026-02-05"]


def test_a_visit_on_the_boundary_day_already_belongs_to_the_next_phase() -> None:
    facts: dict[str, FactValue] = {**KNOWN, "first_review_held_on": date(2026, 1, 29)}
    assert due(run(PROFILE, "cla_visit_made", "2026-01-29", facts)) == ["2026-03-12"]


def test_without_what_would_project_the_boundary_the_series_stops_there() -> None:
    answer = run(PROFILE, "placement_started", "2026-01-05", until=date(2026, 6, 1))
    assert due(answer) == ["2026-01-12"]
    stopped = answer.undetermined[0]
    assert stopped.needs == ("became_looked_after_on", "first_review_held_on")
    assert stopped.from_date == date(2026, 1, 12)


def test_whether_a_placement_is_long_term_is_asked_only_once_the_first_year_is_over() -> None:
    within = run(PROFILE, "cla_visit_made", "2026-06-01", KNOWN)
    assert due(within) == ["2026-07-13"]
    assert not within.undetermined
    after = run(PROFILE, "cla_visit_made", "2027-02-01", KNOWN)
    assert after.undetermined[0].needs == ("long_term_placement_agreed",)
    crossing = run(PROFILE, "cla_visit_made", "2026-12-20", KNOWN)
    assert crossing.undetermined[0].needs == ("long_term_placement_agreed",)


def test_an_unknown_boundary_is_not_asked_for_where_both_sides_agree() -> None:
    facts: dict[str, FactValue] = {"first_review_held_on": date(2026, 1, 30), "long_term_placement_agreed": False}
    assert due(run(PROFILE, "cla_visit_made", "2026-06-01", facts)) == ["2026-07-13"]


def test_a_long_term_placement_is_visited_quarterly_until_eighteen() -> None:
    facts: dict[str, FactValue] = {
        **KNOWN,
        "long_term_placement_agreed": True,
        "child_date_of_birth": date(2009, 9, 15),
    }
    answer = run(PROFILE, "cla_visit_made", "2027-02-01", facts, until=date(2029, 1, 1))
    assert due(answer) == ["2027-05-01", "2027-08-01"]


def test_a_review_not_recorded_long_after_its_limit_keeps_the_shorter_interval() -> None:
    facts: dict[str, FactValue] = {"placement_started_on": STARTED, "became_looked_after_on": STARTED}
    answer = run(PROFILE, "cla_visit_made", "2026-04-01", facts)
    assert due(answer) == ["2026-04-08"]
    assert [item.due_date for item in answer.obligations[0].alternatives] == [date(2026, 5, 13)]


AGES = """
[[rules]]
event = "became_looked_after"
restarts_on = ["cla_visit_made"]
[rules.timing]
[[rules.timing.phases]]
id = "under-five"
when = { age = { under = { years = 5 } } }
every = { months = 6 }
[[rules.timing.phases]]
id = "five-and-over"
every = { years = 1 }
"""


def test_an_age_is_asked_on_the_day_each_interval_starts() -> None:
    answer = run(
        profile_of(AGES),
        "became_looked_after",
        "2026-01-05",
        {"child_date_of_birth": date(2021, 6, 1)},
        date(2028, 1, 1),
    )
    assert due(answer) == ["2026-07-05", "2027-07-05"]


def test_a_recurring_rule_with_an_age_ends_once_the_age_no_longer_fits() -> None:
    rules = '[[rules]]\nevent = "cin_visit_made"\nwhen = { age = { under = { years = 1 } } }\ntiming = { every = { weeks = 3 } }\n'
    facts: dict[str, FactValue] = {"child_date_of_birth": date(2025, 3, 1)}
    answer = run(profile_of(rules), "cin_visit_made", "2026-01-05", facts, date(2027, 1, 1))
    assert due(answer) == ["2026-01-26", "2026-02-16", "2026-03-09"]


PLANNED = """
[[rules]]
event = "cp_visit_made"
[rules.timing]
[[rules.timing.phases]]
as_planned = { fact = "plan_visit_interval_days", at_least_every = { working_days = 10 } }
"""


def test_the_plan_may_set_a_shorter_interval_but_no_longer_one() -> None:
    profile = profile_of(PLANNED)
    assert due(run(profile, "cp_visit_made", "2026-01-05", {"plan_visit_interval_days": 7})) == ["2026-01-12"]
    assert due(run(profile, "cp_visit_made", "2026-01-05", {"plan_visit_interval_days": 60})) == ["2026-01-19"]
    silent = run(profile, "cp_visit_made", "2026-01-05")
    assert due(silent) == ["2026-01-19"]
    assert silent.obligations[0].assumptions


def test_only_the_restart_that_counts_restarts() -> None:
    rules = """
[[rules]]
event = "cp_plan_started"
restarts_on = ["cp_visit_made"]
restart_when = { child_was_awake = true }
timing = { every = { weeks = 2 } }
"""
    profile = profile_of(rules)
    assert due(run(profile, "cp_visit_made", "2026-01-05", {"child_was_awake": True})) == ["2026-01-19"]
    assert not due(run(profile, "cp_visit_made", "2026-01-05", {"child_was_awake": False}))
    assert run(profile, "cp_visit_made", "2026-01-05").undetermined[0].needs == ("child_was_awake",)


@given(st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.integers(0, 40), st.booleans())
def test_phases_agree_with_walking_them_by_hand(start: date, review_after: int, long_term: bool) -> None:
    """The same series written as a plain loop over known boundaries."""
    review = start + timedelta(days=review_after)
    year_end = add_months(start, 12)
    facts: dict[str, FactValue] = {
        "became_looked_after_on": start,
        "first_review_held_on": review,
        "long_term_placement_agreed": long_term,
    }
    until = add_months(start, 36)
    expected = [england().add_working_days(start, 5)]
    while True:
        last = expected[-1]
        after = add_months(last, 3) if long_term else last + timedelta(weeks=6)
        if last < review and last + timedelta(weeks=1) <= review:
            following = last + timedelta(weeks=1)
        elif last < year_end and last + timedelta(weeks=6) <= year_end:
            following = last + timedelta(weeks=6)
        else:
            following = after
        if following > until:
            break
        expected.append(following)
    answer = run(PROFILE, "placement_started", start.isoformat(), facts, until=until)
    assert due(answer) == [day.isoformat() for day in expected]


def test_the_first_interval_of_a_series_for_an_age_begins_on_the_birthday() -> None:
    rules = '[[rules]]\nevent = "cin_plan_started"\nwhen = { age = { at_least = { years = 3 } } }\ntiming = { every = { weeks = 4 } }\n'
    profile = profile_of(rules)
    facts: dict[str, FactValue] = {"child_date_of_birth": date(2023, 2, 20)}
    answer = run(profile, "cin_plan_started", "2026-01-05", facts, date(2026, 5, 1))
    assert due(answer) == ["2026-03-20", "2026-04-17"]
    assert [item.occurrence for item in answer.obligations] == [1, 2]
    assert not due(run(profile, "cin_plan_started", "2026-01-05", facts))
    early = run(profile, "cin_plan_started", "2026-01-05", facts, date(2026, 2, 1))
    assert not early.obligations
    assert not early.undetermined
    assert early.not_applicable[0].because == "the child is at least 3 years old"
    assert run(profile, "cin_plan_started", "2026-01-05").undetermined[0].needs == ("child_date_of_birth",)


def test_a_child_not_yet_born_has_no_age() -> None:
    rules = '[[rules]]\nevent = "cp_plan_started"\nwhen = { age = { under = { years = 1 } } }\ntiming = { every = { weeks = 2 } }\n'
    answer = run(
        profile_of(rules), "cp_plan_started", "2026-01-05", {"child_date_of_birth": date(2026, 2, 1)}, date(2026, 3, 10)
    )
    assert due(answer) == ["2026-02-16", "2026-03-02"]


def test_an_open_boundary_does_not_stop_a_series_where_both_sides_agree() -> None:
    rules = """
[[rules]]
event = "cp_plan_started"
[rules.timing]
[[rules.timing.phases]]
every = { working_days = 10 }
until = { held = "first_rcpc_held_on" }
[[rules.timing.phases]]
every = { working_days = 10 }
"""
    answer = run(profile_of(rules), "cp_plan_started", "2026-01-05", until=date(2026, 2, 20))
    assert due(answer) == ["2026-01-19", "2026-02-02", "2026-02-16"]
    assert not answer.undetermined


def test_a_visit_on_the_day_of_the_projected_review_already_belongs_to_the_next_phase() -> None:
    facts: dict[str, FactValue] = {"placement_started_on": STARTED, "became_looked_after_on": STARTED}
    answer = run(PROFILE, "cla_visit_made", "2026-02-02", facts)
    assert due(answer) == ["2026-03-16"]


def test_a_review_whose_limit_has_passed_is_said_not_to_be_recorded() -> None:
    facts: dict[str, FactValue] = {"placement_started_on": STARTED, "became_looked_after_on": STARTED}
    answer = run(PROFILE, "cla_visit_made", "2026-06-01", facts)
    assert any(
        "not recorded although its own limit, 2026-02-02, has passed" in note
        for note in answer.obligations[0].assumptions
    )
