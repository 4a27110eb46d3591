"""What two further councils' papers needed: intervals that include their first day, closures that do not stop a count, open ends."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.calendars.changes import with_closure_days
from app.engine.calculate import calculate
from app.engine.civil_time import read_moment
from app.engine.facts import WorkingCalendar
from app.engine.results import Calculation
from app.services.zone import LONDON
from tests.engine.builders import due, england, profile_of, run

CLOSED = with_closure_days(england(), [(date(2026, 12, day), "closure") for day in (24, 29, 30, 31)], "cabinet")


def visits(timing: str, more: str = "") -> str:
    return f'[[rules]]\nevent = "cp_plan_started"\nrestarts_on = ["cp_visit_made"]\ntiming = {timing}\n{more}'


def test_ten_working_days_from_and_including_the_day_of_the_visit_are_the_paper_s_own_number() -> None:
    profile = profile_of(visits("{ every = { working_days = 10 }, event_day = 1 }"))
    answer = run(profile, "cp_visit_made", "2026-03-02", until=date(2026, 4, 10), explained=True)
    # Each visit is day 1 of the interval that follows it: nine working days on. Good Friday is the 3rd of April.
    assert due(answer) == ["2026-03-13", "2026-03-26", "2026-04-10"]
    first = answer.obligations[0]
    assert first.template.timing == "every 10 working days, counted from and including the day of the one before"
    assert first.explanation is not None
    assert (first.explanation.steps[0].counted, first.explanation.steps[-1].counted) == (1, 10)


def test_a_visit_on_a_sunday_has_its_first_day_on_monday() -> None:
    profile = profile_of(visits("{ every = { working_days = 10 }, event_day = 1 }"))
    assert due(run(profile, "cp_visit_made", "2026-03-01")) == ["2026-03-13"]


def test_a_phase_may_include_its_first_day_and_the_next_one_not() -> None:
    phases = (
        '{ phases = [{ every = { weeks = 1 }, event_day = 1, until = { after = { weeks = 2 }, from = "cp_plan_started_on" } '
        "}, { every = { weeks = 4 } }] }"
    )
    answer = run(profile_of(visits(phases)), "cp_plan_started", "2026-03-02", until=date(2026, 4, 30))
    assert due(answer) == ["2026-03-08", "2026-03-14", "2026-04-11"]


@given(st.dates(date(2020, 1, 1), date(2027, 1, 1)), st.integers(2, 60), st.sampled_from(["days", "working_days"]))
def test_an_interval_that_includes_its_first_day_ends_one_day_of_its_unit_sooner(
    day: date, length: int, unit: str
) -> None:
    one = profile_of(visits(f"{{ every = {{ {unit} = {length} }}, event_day = 1 }}"))
    other = profile_of(visits(f"{{ every = {{ {unit} = {length - 1} }} }}"))
    start = england().add_working_days(day, 1)
    assert due(run(one, "cp_visit_made", start.isoformat())) == due(run(other, "cp_visit_made", start.isoformat()))


def on(rule: str, calendar: WorkingCalendar = CLOSED, at: str = "2026-12-23") -> Calculation:
    profile = profile_of(f'[[rules]]\nevent = "significant_harm_suspected"\nduty = "acknowledge_referral"\n{rule}')
    return calculate(
        profile, "significant_harm_suspected", read_moment(at, LONDON), {}, calendar, LONDON, explained=True
    )


def test_a_council_s_closure_puts_off_what_may_wait_and_not_what_counts_it() -> None:
    waits = on("timing = { within = { working_days = 1 } }")
    counts = on('timing = { within = { working_days = 1 } }\nclosures = "count"')
    assert (due(waits), due(counts)) == (["2027-01-04"], ["2026-12-24"])
    item = counts.obligations[0]
    assert item.last_working_day == date(2026, 12, 24)
    assert item.template.timing.endswith(", the council's own closure days counted")
    assert item.explanation is not None
    assert [step.counted for step in item.explanation.steps] == [0, 1]


def test_bank_holidays_stop_the_count_of_closures_all_the_same() -> None:
    assert due(on('timing = { within = { working_days = 2 } }\nclosures = "count"')) == ["2026-12-29"]


@given(st.dates(date(2026, 11, 1), date(2027, 2, 1)), st.integers(1, 40))
def test_a_count_that_closures_do_not_stop_is_the_count_of_a_calendar_without_them(day: date, length: int) -> None:
    rule = f'timing = {{ within = {{ working_days = {length} }} }}\nclosures = "count"'
    assert due(on(rule, at=day.isoformat())) == due(on(rule, england(), day.isoformat()))


def test_a_calendar_without_closures_is_its_own_and_the_closures_of_another_are_left_out() -> None:
    assert england().without_closures is england()
    assert [day.kind for day in CLOSED.without_closures.days if day.kind == "closure"] == []


OPEN = """
[[rules]]
duty = "visit_looked_after_child"
event = "placement_started"
restarts_on = ["cla_visit_made"]
[rules.timing]
first = { within = { working_days = 5 } }
[[rules.timing.phases]]
every = { weeks = 1 }
until = { held = "first_review_held_on" }
[[rules.timing.phases]]
every = { weeks = 6 }
"""


def test_weekly_until_a_review_that_no_rule_dates_gives_the_visit_of_next_week_and_waits_for_the_rest() -> None:
    answer = run(profile_of(OPEN), "cla_visit_made", "2026-01-12", until=date(2026, 3, 1))
    assert due(answer) == ["2026-01-19"]
    waiting = answer.undetermined[0]
    assert (waiting.needs, waiting.from_date) == (("first_review_held_on",), date(2026, 1, 19))


def test_once_that_review_was_held_the_series_goes_on_without_end() -> None:
    facts = {"first_review_held_on": date(2026, 1, 15)}
    answer = run(profile_of(OPEN), "cla_visit_made", "2026-01-12", facts, until=date(2026, 4, 30))
    assert due(answer) == ["2026-02-23", "2026-04-06"]


def test_a_council_s_own_name_of_an_event_is_in_every_sentence_about_it() -> None:
    rules = """
[vocabulary.nouns]
icpc_held = "the planning meeting"
placement_started = "the move in"
[[rules]]
event = "icpc_held"
timing = { within = { days = 15 } }
[[rules]]
event = "cla_visit_made"
timing = { within = { weeks = 6 }, from = "placement_started_on" }
"""
    profile = profile_of(rules)
    assert profile.by_event["icpc_held"][0].descriptions == ("within 15 days of the planning meeting",)
    assert profile.by_event["cla_visit_made"][0].descriptions == ("within 6 weeks of the move in",)
