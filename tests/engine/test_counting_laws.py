"""Laws of counting, each against a formulation of its own: numpy for working days and weekdays, plain steps for the rest."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.civil_time import Moment
from app.engine.counting import OutsideCalendar, add_duration, count
from app.engine.facts import WorkingCalendar
from app.engine.months import add_months, birthday, gestation_day, school_year_start
from app.engine.units import Age, Days, Hours, Months, Weekdays, Weeks, WorkingDays, Years
from app.services.zone import LONDON
from tests.engine.builders import england

days_in_calendar = st.dates(date(1975, 1, 1), date(2050, 12, 31))
ORACLE = np.busdaycalendar(holidays=[day.date for day in england().days])
CALENDAR: WorkingCalendar = england()


def by_numpy(start: date, amount: int, calendar: np.busdaycalendar | None) -> date:
    """From a non-working day, day 1 is the next working day: roll back first when counting on, forward when back."""
    roll: Literal["backward", "forward"] = "backward" if amount > 0 else "forward"
    found: date = np.busday_offset(
        np.datetime64(start), amount, roll=roll, busdaycal=calendar or np.busdaycalendar()
    ).astype(date)
    return found


@given(days_in_calendar, st.integers(1, 400), st.sampled_from([1, -1]))
def test_working_days_agree_with_numpy(start: date, amount: int, direction: int) -> None:
    assert add_duration(start, WorkingDays(amount), CALENDAR, direction) == by_numpy(start, direction * amount, ORACLE)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(1, 2000), st.sampled_from([1, -1]))
def test_weekdays_agree_with_numpy_without_holidays(start: date, amount: int, direction: int) -> None:
    assert add_duration(start, Weekdays(amount), CALENDAR, direction) == by_numpy(start, direction * amount, None)


@given(days_in_calendar, st.integers(0, 200))
def test_a_week_is_seven_days_and_keeps_its_weekday(start: date, amount: int) -> None:
    end = add_duration(start, Weeks(amount), CALENDAR, 1)
    assert end == add_duration(start, Days(7 * amount), CALENDAR, 1)
    assert end.weekday() == start.weekday()


@given(st.dates(date(1600, 1, 1), date(2400, 1, 1)), st.integers(-1200, 1200))
def test_months_agree_with_stepping_from_first_to_first(start: date, months: int) -> None:
    first = start.replace(day=1)
    for _ in range(abs(months)):
        first = (
            (first + timedelta(days=32)).replace(day=1) if months > 0 else (first - timedelta(days=1)).replace(day=1)
        )
    following = (first + timedelta(days=32)).replace(day=1)
    expected = min(first + timedelta(days=start.day - 1), following - timedelta(days=1))
    assert add_months(start, months) == expected


@given(st.dates(date(1600, 1, 1), date(2400, 1, 1)), st.integers(0, 100))
def test_a_year_is_twelve_months(start: date, years: int) -> None:
    assert add_duration(start, Years(years), CALENDAR, 1) == add_duration(start, Months(12 * years), CALENDAR, 1)


@given(days_in_calendar, days_in_calendar, st.integers(0, 60))
def test_a_later_start_never_gives_an_earlier_limit(one: date, other: date, amount: int) -> None:
    first, second = sorted((one, other))
    for unit in (WorkingDays, Weekdays, Days, Weeks, Months, Years):
        assert add_duration(first, unit(amount), CALENDAR, 1) <= add_duration(second, unit(amount), CALENDAR, 1)


@given(days_in_calendar, st.integers(1, 60))
def test_counting_the_event_as_day_one_ends_one_step_earlier(start: date, amount: int) -> None:
    for unit in (Days, Weeks):
        zero = count(Moment(start), unit(amount), CALENDAR, LONDON)
        one = count(Moment(start), unit(amount), CALENDAR, LONDON, 1, 1)
        assert zero.day - one.day == timedelta(days=1)
    if CALENDAR.why_not_working(start) is None:
        one = count(Moment(start), WorkingDays(amount), CALENDAR, LONDON, 1, 1)
        expected = start if amount == 1 else by_numpy(start, amount - 1, ORACLE)
        assert one.day == expected


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(0, 25), st.integers(0, 11))
def test_an_age_is_added_in_one_step(born: date, years: int, months: int) -> None:
    if (years, months) == (0, 0):
        return
    reached = birthday(born, Age(years, months))
    assert reached == add_months(born, 12 * years + months)
    assert reached.day == born.day or (reached + timedelta(days=1)).day == 1


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(0, 13))
def test_in_a_school_year_the_child_turns_the_right_age(born: date, year: int) -> None:
    start = school_year_start(born, year)
    turns = add_months(born, 12 * (year + 5))
    assert (start.month, start.day) == (9, 1)
    assert start <= turns < date(start.year + 1, 9, 1)


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(1, 40))
def test_gestation_counts_back_from_forty_weeks(due: date, weeks: int) -> None:
    assert gestation_day(due, weeks) + timedelta(weeks=40 - weeks) == due


EXAMPLES = [
    ("31 January and a month is the last of February", "2026-01-31", Months(1), "2026-02-28"),
    ("31 January and a month in a leap year", "2028-01-31", Months(1), "2028-02-29"),
    ("29 February and a year", "2028-02-29", Years(1), "2029-02-28"),
    ("30 September and four months (Dodds v Walker)", "2025-09-30", Months(4), "2026-01-30"),
    ("15 working days over Christmas", "2025-12-18", WorkingDays(15), "2026-01-13"),
    ("10 working days over Easter 2026", "2026-03-27", WorkingDays(10), "2026-04-14"),
    ("from a Sunday, day 1 is Monday", "2026-01-11", WorkingDays(1), "2026-01-12"),
    ("from Good Friday, day 1 is Tuesday", "2026-04-03", WorkingDays(1), "2026-04-07"),
    ("ten weekdays count Christmas Day", "2025-12-18", Weekdays(10), "2026-01-01"),
    ("five days end on a bank holiday and stay there", "2025-12-20", Days(5), "2025-12-25"),
]


@pytest.mark.parametrize(("says", "start", "length", "end"), EXAMPLES, ids=[item[0] for item in EXAMPLES])
def test_awkward_counts(says: str, start: str, length: Days, end: str) -> None:
    assert add_duration(date.fromisoformat(start), length, CALENDAR, 1) == date.fromisoformat(end)


BACK = [
    ("two working days before a Monday is Thursday", "2026-01-12", WorkingDays(2), "2026-01-08"),
    ("three working days before the Tuesday after Easter", "2026-04-07", WorkingDays(3), "2026-03-31"),
    ("from a Sunday back, day 1 is Friday", "2026-01-11", WorkingDays(1), "2026-01-09"),
]


@pytest.mark.parametrize(("says", "start", "length", "end"), BACK, ids=[item[0] for item in BACK])
def test_awkward_counts_back(says: str, start: str, length: Days, end: str) -> None:
    assert add_duration(date.fromisoformat(start), length, CALENDAR, -1) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("says", "start", "hours", "direction", "end"),
    [
        (
            "24 hours over the autumn change end an hour early by the clock",
            "2026-10-24T14:30",
            24,
            1,
            "2026-10-25T13:30:00+00:00",
        ),
        (
            "24 hours over the spring change end an hour late by the clock",
            "2026-03-28T14:30",
            24,
            1,
            "2026-03-29T15:30:00+01:00",
        ),
        (
            "48 hours back from a Monday conference reach Saturday",
            "2026-01-12T10:00",
            48,
            -1,
            "2026-01-10T10:00:00+00:00",
        ),
    ],
)
def test_hours_over_the_changes_of_the_clock(says: str, start: str, hours: int, direction: int, end: str) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=LONDON)
    found = count(Moment(at.date(), at), Hours(hours), CALENDAR, LONDON, direction)
    assert found.at.isoformat() == end, says


def test_a_date_alone_counts_its_hours_from_its_first_moment_and_says_so() -> None:
    found = count(Moment(date(2026, 10, 25)), Hours(24), CALENDAR, LONDON)
    assert found.at.isoformat() == "2026-10-25T23:00:00+00:00"
    assert "first moment" in found.assumptions[0]


def test_working_days_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(OutsideCalendar):
        add_duration(date(2056, 12, 20), WorkingDays(60), CALENDAR, 1)


@pytest.mark.parametrize("amount", [-1, True, 1.5, "3"])
def test_a_length_takes_only_whole_numbers(amount: object) -> None:
    with pytest.raises(ValueError, match="whole number"):
        Days(amount)  # type: ignore[arg-type]  # the point of the test
