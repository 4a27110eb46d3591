"""Ambiguity is data: which reading is main, and what the others say."""

from __future__ import annotations

from datetime import date

from app.engine.citations import Source
from tests.engine.builders import due, profile_of, run


def others(answer: object) -> list[date | None]:
    return [item.due_date for item in answer.obligations[0].alternatives]  # type: ignore[attr-defined]  # a calculation


def test_bare_days_after_an_event_are_calendar_days_with_working_days_as_alternative() -> None:
    rules = '[[rules]]\nevent = "section_47_started"\ntiming = { within = { days_unstated = 5 } }\n'
    answer = run(profile_of(rules), "section_47_started", "2026-01-05")
    assert due(answer) == ["2026-01-10"]
    assert others(answer) == [date(2026, 1, 12)]
    assert answer.obligations[0].template.reading


def test_bare_days_before_a_meeting_are_working_days_with_calendar_days_as_alternative() -> None:
    rules = '[[rules]]\nevent = "icpc_scheduled"\ntiming = { before = { days_unstated = 3 } }\n'
    answer = run(profile_of(rules), "icpc_scheduled", "2026-01-13T10:00")
    assert due(answer) == ["2026-01-08"]
    assert others(answer) == [date(2026, 1, 10)]


def test_a_stated_unit_wins_over_an_earlier_date_in_an_unstated_one() -> None:
    rules = """
[[rules]]
event = "referral_accepted"
timing = { within = { working_days = 45 } }
[[rules.alternatives]]
timing = { within = { days_unstated = 45 } }
reading = "45 days"
section = "Standards 2 and 3"
"""
    answer = run(profile_of(rules), "referral_accepted", "2026-01-05")
    assert due(answer) == ["2026-03-09"]
    assert others(answer) == [date(2026, 2, 19)]
    assert answer.obligations[0].alternatives[0].section == "Standards 2 and 3"


def test_between_two_stated_limits_the_stricter_is_chosen_for_each_date_anew() -> None:
    rules = """
[[rules]]
event = "referral_received"
timing = { within = { hours = 48 } }
[[rules.alternatives]]
timing = { within = { working_days = 1 } }
reading = "one working day"
"""
    profile = profile_of(rules)
    monday = run(profile, "referral_received", "2026-01-05T09:00").obligations[0]
    assert (monday.due_date, monday.template.timing) == (date(2026, 1, 6), "within 1 working day of the referral")
    friday = run(profile, "referral_received", "2026-01-09T09:00").obligations[0]
    assert (friday.due_at.isoformat(), friday.template.timing) == (
        "2026-01-11T09:00:00+00:00",
        "within 48 hours of the referral",
    )


def test_wording_that_says_the_reverse_takes_its_intent() -> None:
    rules = """
[[rules]]
event = "icpc_scheduled"
keep_declared = true
timing = { before = { working_days = 3 } }
[[rules.alternatives]]
timing = { before = { working_days = 5 } }
reading = "stricter, but not what is meant"
"""
    assert due(run(profile_of(rules), "icpc_scheduled", "2026-01-13")) == ["2026-01-08"]


def test_an_alternative_that_this_event_cannot_date_stands_without_a_date() -> None:
    rules = """
[[rules]]
event = "section_47_started"
timing = { within = { working_days = 15 } }
[[rules.alternatives]]
timing = { undated = "15 days from the strategy discussion" }
reading = "15 days from the strategy discussion"
section = "9.7"
"""
    answer = run(profile_of(rules), "section_47_started", "2026-01-05")
    assert others(answer) == [None]


def test_in_a_series_each_reading_is_a_chain_of_its_own() -> None:
    rules = """
[[rules]]
event = "cp_plan_started"
timing = { every = { working_days = 10 } }
[[rules.alternatives]]
timing = { every = { months = 1 } }
reading = "monthly"
"""
    answer = run(profile_of(rules), "cp_plan_started", "2026-01-05", until=date(2026, 2, 28))
    assert due(answer) == ["2026-01-19", "2026-02-02", "2026-02-16"]
    assert [item.alternatives[0].due_date for item in answer.obligations] == [
        date(2026, 2, 5),
        date(2026, 3, 5),
        date(2026, 4, 5),
    ]


def test_a_range_in_one_phase_of_a_series_gives_its_stricter_end() -> None:
    rules = """
[[rules]]
event = "cin_plan_started"
restarts_on = ["cin_review_held"]
[rules.timing]
first = { within = { days_unstated = 7 } }
[[rules.timing.phases]]
every = { weeks = 4 }
alternatives = [{ every = { weeks = 6 }, reading = "six weeks" }]
"""
    profile = profile_of(rules)
    answer = run(profile, "cin_review_held", "2026-01-05")
    assert due(answer) == ["2026-02-02"]
    assert date(2026, 2, 16) in others(answer)
    start = run(profile, "cin_plan_started", "2026-01-05")
    assert due(start) == ["2026-01-12"]
    assert date(2026, 1, 14) in others(start)


def test_reversed_wording_is_never_taken_where_its_intent_cannot_be_dated() -> None:
    rules = """
[[rules]]
event = "icpc_scheduled"
keep_declared = true
timing = { before = { working_days = 3 } }
[[rules.alternatives]]
timing = { within = { working_days = 3 } }
reading = "as printed"
"""
    answer = run(profile_of(rules), "icpc_scheduled", "1970-01-02")
    assert not answer.obligations
    assert answer.undetermined[0].reason == "beyond_calendar"


def test_an_alternative_in_a_series_says_which_series_it_stands_in() -> None:
    rules = """
[[rules]]
event = "cin_plan_started"
[rules.timing]
first = { within = { days_unstated = 7 } }
[[rules.timing.phases]]
every = { weeks = 4 }
"""
    answer = run(profile_of(rules), "cin_plan_started", "2026-01-05", until=date(2026, 3, 1))
    second = answer.obligations[1]
    assert second.alternatives[0].reading.startswith(
        "within 7 working days of the start of the child in need plan, then every 4 weeks"
    )
    assert second.alternatives[0].section == "1"


TWO_PAPERS = """
[[rules]]
event = "referral_accepted"
timing = { within = { working_days = 45 } }
source = [{ document = "a", section = "3.2" }]
[[rules.alternatives]]
timing = { within = { working_days = 20 } }
reading = "20 working days"
section = "Appendix A"
document = "b"
"""


def test_an_alternative_that_leads_cites_the_paragraph_and_the_paper_that_print_it() -> None:
    profile = profile_of(TWO_PAPERS, documents={"a": {"title": "Paper A"}, "b": {"title": "Paper B"}})
    item = run(profile, "referral_accepted", "2026-01-05").obligations[0]
    assert item.template.timing == "within 20 working days of the acceptance of the referral"
    assert item.template.sources == (Source("Paper B", "Appendix A"),)
    other = item.alternatives[0]
    assert (other.section, other.document, other.due_date) == ("3.2", "Paper A", date(2026, 3, 9))


def test_an_alternative_without_a_section_is_cited_by_its_rule() -> None:
    rules = TWO_PAPERS.replace('section = "Appendix A"\ndocument = "b"\n', "").replace('document = "a", ', "")
    item = run(profile_of(rules), "referral_accepted", "2026-01-05").obligations[0]
    assert [source.section for source in item.template.sources] == ["3.2"]


def test_in_a_series_only_the_phase_of_the_leading_alternative_cites_its_paragraph() -> None:
    rules = """
[[rules]]
event = "cin_plan_started"
reading = "the stricter"
source = [{ section = "1" }]
[rules.timing]
first = { within = { days = 10 } }
phases = [{ every = { weeks = 6 }, section = "2", alternatives = [{ every = { weeks = 4 }, reading = "4", section = "8" }] }]
"""
    items = run(profile_of(rules), "cin_plan_started", "2026-01-05", until=date(2026, 3, 31)).obligations
    assert [[source.section for source in item.template.sources] for item in items[:2]] == [["1"], ["8"]]
    assert items[1].alternatives[0].section == "2"


def test_readings_of_one_text_say_their_timing_and_one_without_a_date_what_would_date_it() -> None:
    rules = """
[[rules]]
event = "icpc_scheduled"
timing = { before = { hours = 24 } }
[[rules.alternatives]]
timing = { before = { days_unstated = 2 } }
reading = "the other paper"
[[rules.alternatives]]
timing = { within = { days = 3 }, from = "strategy_discussion_held_on" }
reading = "three days after the strategy discussion"
"""
    item = run(profile_of(rules), "icpc_scheduled", "2026-01-13T10:00").obligations[0]
    said = [other.reading for other in item.alternatives]
    assert len(set(said)) == len(said) == 3
    assert "the other paper: at least 2 working days before" in said[1]
    assert [other.needs for other in item.alternatives] == [(), (), ("strategy_discussion_held_on",)]
