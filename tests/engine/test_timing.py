"""Every kind of timing, and what an answer says of each date."""

from __future__ import annotations

from datetime import date

import pytest

from tests.engine.builders import due, profile_of, run

BORN = {"child_date_of_birth": date(2010, 5, 31)}

KINDS = [
    ("within", "{ within = { working_days = 15 } }", {}, "2025-12-18", ["2026-01-13"], "deadline"),
    ("from a dated fact", '{ within = { months = 3 }, from = "placement_started_on" }', {"placement_started_on": date(2025, 11, 30)}, "2025-12-18", ["2026-02-28"], "deadline"),
    ("26 weeks beginning with the day of issue", "{ within = { weeks = 26 }, event_day = 1 }", {}, "2026-01-05", ["2026-07-05"], "deadline"),
    ("two months beginning with a day", "{ within = { months = 2 }, event_day = 1 }", {}, "2026-04-29", ["2026-06-28"], "deadline"),
    ("a working day beginning with a Sunday is Monday", "{ within = { working_days = 1 }, event_day = 1 }", {}, "2026-01-11", ["2026-01-12"], "deadline"),
    ("the same day", "{ same_day = true }", {}, "2026-01-05T23:59", ["2026-01-05"], "deadline"),
    ("before a meeting", "{ before = { working_days = 2 } }", {}, "2026-01-12T10:00", ["2026-01-08"], "lead_time"),
    ("looking back twelve months", "{ lookback = { months = 12 } }", {}, "2026-02-28", ["2025-02-28"], "lead_time"),
    ("by an age", "{ by_age = { years = 16, months = 3 } }", BORN, "2026-01-05", ["2026-08-31"], "milestone"),
    ("before a birthday is the day before", "{ before_age = { years = 16 } }", BORN, "2026-01-05", ["2026-05-30"], "milestone"),
    ("by a stage of pregnancy", "{ by_gestation = { weeks = 25 } }", {"expected_delivery_date": date(2026, 6, 1)}, "2026-01-05", ["2026-02-16"], "milestone"),
    ("at the start of a school year", "{ school_year = { year = 9 } }", {"child_date_of_birth": date(2012, 9, 1)}, "2026-01-05", ["2026-09-01"], "milestone"),
    ("the earlier of two", "{ earliest_of = [{ within = { days = 14 } }, { within = { working_days = 10 } }] }", {}, "2025-12-18", ["2026-01-01"], "deadline"),
    ("the later of two", "{ latest_of = [{ within = { days = 14 } }, { within = { working_days = 10 } }] }", {}, "2025-12-18", ["2026-01-06"], "deadline"),
    ("a window is due at its close", "{ window = { opens = { working_days = 0 }, closes = { working_days = 10 } } }", {}, "2026-01-05", ["2026-01-19"], "deadline"),
    ("not before", "{ not_before = { days = 15 }, event_day = 1 }", {}, "2026-01-05", ["2026-01-19"], "earliest"),
    (
        "before 15 February of the year of the event",
        "{ before_day_of_year = { month = 2, day = 15 } }",
        {},
        "2026-09-01",
        ["2026-02-14"],
        "lead_time",
    ),
    (
        "before 1 March of a leap year",
        "{ before_day_of_year = { month = 3, day = 1 } }",
        {},
        "2028-01-10",
        ["2028-02-29"],
        "lead_time",
    ),
    (
        "to noon after Christmas, Boxing Day's substitute and the Sunday",
        "{ noon_after_holiday = { days = 8 } }",
        {},
        "2026-12-17",
        ["2026-12-29"],
        "deadline",
    ),
    (
        "a Saturday is no public holiday",
        "{ noon_after_holiday = { days = 8 } }",
        {},
        "2026-02-06",
        ["2026-02-14"],
        "deadline",
    ),
    (
        "a Christmas Day on a Saturday is one",
        "{ noon_after_holiday = { days = 8 } }",
        {},
        "2027-12-17",
        ["2027-12-29"],
        "deadline",
    ),
    ("a quota falls at the end of its period", "{ quota = { times = 3, per = { years = 1 } } }", {}, "2026-01-05", ["2027-01-05"], "recurring"),
]  # fmt: skip


@pytest.mark.parametrize(("says", "timing", "facts", "at", "expected", "kind"), KINDS, ids=[item[0] for item in KINDS])
def test_a_kind_of_timing(
    says: str, timing: str, facts: dict[str, date], at: str, expected: list[str], kind: str
) -> None:
    profile = profile_of(f'[[rules]]\nevent = "icpc_scheduled"\ntiming = {timing}\n')
    answer = run(profile, "icpc_scheduled", at, dict(facts), explained=True)
    assert due(answer) == expected, says
    assert answer.obligations[0].kind == kind
    explanation = answer.obligations[0].explanation
    assert explanation is not None
    assert explanation.landed_on == answer.obligations[0].due_date
    assert explanation.steps[-1].date == explanation.landed_on


def test_order_alone_is_due_at_the_instant_of_the_meeting() -> None:
    profile = profile_of('[[rules]]\nevent = "icpc_scheduled"\ntiming = { before = { nothing = true } }\n')
    assert (
        run(profile, "icpc_scheduled", "2026-01-13T10:00").obligations[0].due_at.isoformat()
        == "2026-01-13T10:00:00+00:00"
    )
    dated = run(profile, "icpc_scheduled", "2026-01-13").obligations[0]
    assert dated.due_at.isoformat() == "2026-01-13T00:00:00+00:00"
    assert dated.assumptions


def test_a_milestone_already_past_is_returned_all_the_same_and_says_so() -> None:
    profile = profile_of('[[rules]]\nevent = "became_looked_after"\ntiming = { by_age = { years = 15, months = 6 } }\n')
    answer = run(profile, "became_looked_after", "2026-01-05", BORN)
    assert due(answer) == ["2025-11-30"]
    assert any("already past" in note for note in answer.obligations[0].assumptions)


def test_a_leap_day_birthday_falls_on_28_february_and_says_so() -> None:
    profile = profile_of('[[rules]]\nevent = "became_looked_after"\ntiming = { by_age = { years = 18 } }\n')
    answer = run(profile, "became_looked_after", "2026-01-05", {"child_date_of_birth": date(2012, 2, 29)})
    assert due(answer) == ["2030-02-28"]
    assert answer.obligations[0].assumptions


def test_a_limit_on_a_sunday_stays_there_with_the_friday_before_it_as_alternative() -> None:
    profile = profile_of('[[rules]]\nevent = "referral_received"\ntiming = { within = { days = 6 } }\n')
    item = run(profile, "referral_received", "2026-01-05").obligations[0]
    assert (item.due_date, item.last_working_day) == (date(2026, 1, 11), date(2026, 1, 9))


@pytest.mark.parametrize(
    ("says", "timing", "at", "provisional"),
    [
        ("before the list's end", "{ within = { weeks = 1 } }", "2028-12-20", False),
        (
            "a limit after the list's end rests on projected days for its last working day",
            "{ within = { weeks = 1 } }",
            "2028-12-28",
            True,
        ),
        ("counted back from after the list's end", "{ before = { working_days = 10 } }", "2029-01-08", True),
        ("calendar days back to before it", "{ before = { days = 20 } }", "2029-01-08", False),
    ],
)
def test_what_rests_on_projected_bank_holidays_is_provisional(
    says: str, timing: str, at: str, provisional: bool
) -> None:
    profile = profile_of(f'[[rules]]\nevent = "icpc_scheduled"\ntiming = {timing}\n')
    assert run(profile, "icpc_scheduled", at).obligations[0].provisional is provisional, says


def test_beyond_the_calendar_working_days_are_undetermined_and_ages_lose_only_their_last_working_day() -> None:
    rules = """
[[rules]]
event = "became_looked_after"
timing = { within = { working_days = 20 } }
[[rules]]
event = "became_looked_after"
timing = { by_age = { years = 18 } }
"""
    answer = run(profile_of(rules), "became_looked_after", "2056-12-20", {"child_date_of_birth": date(2050, 1, 1)})
    assert [item.reason for item in answer.undetermined] == ["beyond_calendar"]
    assert due(answer) == ["2068-01-01"]
    assert answer.obligations[0].last_working_day is None


def test_obligations_are_sorted_by_their_exact_end_then_by_rule() -> None:
    rules = """
[[rules]]
id = "b"
event = "referral_received"
timing = { same_day = true }
[[rules]]
id = "a"
event = "referral_received"
timing = { same_day = true }
[[rules]]
id = "c"
event = "referral_received"
timing = { within = { hours = 2 } }
"""
    answer = run(profile_of(rules), "referral_received", "2026-01-05T09:00")
    assert [item.rule.id for item in answer.obligations] == ["c", "a", "b"]


def test_warnings_are_judged_on_the_day_of_the_event() -> None:
    profile = profile_of(
        '[[rules]]\nevent = "referral_received"\ntiming = { same_day = true }\n', review_due=date(2022, 1, 31)
    )
    assert not run(profile, "referral_received", "2022-01-31").warnings
    assert run(profile, "referral_received", "2022-02-01").warnings


def test_the_explanation_names_each_bank_holiday_that_was_passed_over() -> None:
    profile = profile_of(
        '[[rules]]\nevent = "strategy_discussion_held"\nwhen = { section_47_initiated = true }\ntiming = { within = { working_days = 15 } }\n'
    )
    answer = run(
        profile, "strategy_discussion_held", "2025-12-18T14:30", {"section_47_initiated": True}, explained=True
    )
    explanation = answer.obligations[0].explanation
    assert explanation is not None
    notes = [step.note for step in explanation.steps]
    for name in ("Christmas Day", "Boxing Day", "New Year"):
        assert any(name in note and "not counted" in note for note in notes)
    counted = [step.counted for step in explanation.steps if step.counted]
    assert counted == list(range(1, 16))
    assert explanation.conditions[0].holds
