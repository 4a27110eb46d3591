"""Laws of working-day arithmetic, on the packaged calendars and on arbitrary ones, against numpy's calendar.

numpy rolls a start on a non-working day before it counts. Rolled backwards, a positive offset makes the next working
day day 1; rolled forwards, a negative one makes the working day before day -1: the convention that is kept here.
"""

from datetime import date, timedelta
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendars import BeyondCalendar, Calendar, WorkingDayIndex
from app.calendars.packaged import load_packaged

CALENDARS = load_packaged()
ORACLES = {key: np.busdaycalendar(holidays=[day.date for day in cal.days]) for key, cal in CALENDARS.items()}
ONE_DAY = timedelta(days=1)

keys = st.sampled_from(sorted(CALENDARS))
# Ten years inside each bound, so that 2,000 working days stay in the calendar.
dates = st.dates(date(1980, 1, 1), date(2046, 12, 31))
steps = st.integers(-2000, 2000)


def next_working_day(calendar: Calendar, day: date) -> date:
    return day if calendar.index.is_working(day) else calendar.add_working_days(day, 1)


def _numpy_add(key: str, start: date, days: int) -> date:
    roll: Literal["backward", "forward"] = "backward" if days > 0 else "forward"
    moved = np.busday_offset(start, days, roll=roll, busdaycal=ORACLES[key])
    result: date = moved.astype(object)
    return result


@given(keys, dates, steps.filter(bool))
def test_adding_agrees_with_numpy(key: str, start: date, days: int) -> None:
    assert CALENDARS[key].add_working_days(start, days) == _numpy_add(key, start, days)


@given(keys, dates, dates)
def test_counting_agrees_with_numpy(key: str, start: date, end: date) -> None:
    sign, first, last = (1, start, end) if end >= start else (-1, end, start)
    expected = sign * np.busday_count(first + ONE_DAY, last + ONE_DAY, busdaycal=ORACLES[key])
    assert CALENDARS[key].count_working_days(start, end) == expected


@pytest.mark.parametrize("key", sorted(CALENDARS))
def test_every_day_of_the_calendar_is_checked_as_numpy_checks_it(key: str) -> None:
    calendar = CALENDARS[key]
    days = np.arange(np.datetime64(calendar.first), np.datetime64(calendar.last + ONE_DAY))
    ours = [calendar.index.is_working(day) for day in days.astype(object)]
    assert ours == np.is_busday(days, busdaycal=ORACLES[key]).tolist()


@given(keys, dates, steps)
def test_what_was_added_is_what_is_counted(key: str, day: date, days: int) -> None:
    calendar = CALENDARS[key]
    start = day if days >= 0 else next_working_day(calendar, day)
    assert calendar.count_working_days(start, calendar.add_working_days(start, days)) == days


@given(keys, dates, steps)
def test_from_a_working_day_there_and_back_is_the_start(key: str, day: date, days: int) -> None:
    calendar = CALENDARS[key]
    start = next_working_day(calendar, day)
    assert calendar.add_working_days(calendar.add_working_days(start, days), -days) == start


@given(keys, dates, st.integers(1, 1000), st.integers(1, 1000))
def test_adding_in_two_steps_is_adding_at_once(key: str, start: date, one: int, other: int) -> None:
    calendar = CALENDARS[key]
    in_two = calendar.add_working_days(calendar.add_working_days(start, one), other)
    assert in_two == calendar.add_working_days(start, one + other)


@given(keys, dates, dates, dates)
def test_counts_add_up(key: str, one: date, two: date, three: date) -> None:
    first, middle, last = sorted((one, two, three))
    calendar = CALENDARS[key]
    halves = calendar.count_working_days(first, middle) + calendar.count_working_days(middle, last)
    assert halves == calendar.count_working_days(first, last)


@given(keys, dates)
def test_the_nearest_working_days_enclose_the_day(key: str, day: date) -> None:
    calendar = CALENDARS[key]
    before, after = calendar.last_working_day(day), next_working_day(calendar, day)
    assert calendar.index.is_working(before)
    assert calendar.index.is_working(after)
    assert before <= day <= after
    assert calendar.index.is_working(day) == (before == day == after)
    assert calendar.index.is_working(day) == (calendar.why_not_working(day) is None)


@given(keys, dates, st.integers(0, 400))
def test_days_between_are_working_or_named(key: str, after: date, length: int) -> None:
    calendar = CALENDARS[key]
    days = [after + timedelta(days=n) for n in range(1, length + 1)]
    named = [day for day in days if calendar.why_not_working(day)]
    assert calendar.count_working_days(after, after + timedelta(days=length)) + len(named) == length


@st.composite
def small_calendars(draw: st.DrawFn) -> tuple[WorkingDayIndex, list[date]]:
    """An index of up to three months with arbitrary days off, and its working days found one by one."""
    first = draw(st.dates(date(1970, 1, 1), date(2050, 1, 1)))
    days = [first + timedelta(days=n) for n in range(draw(st.integers(1, 90)))]
    off = draw(st.sets(st.sampled_from(days)))
    working = [day for day in days if day.weekday() < 5 and day not in off]
    return WorkingDayIndex(days[0], days[-1], off), working


@given(small_calendars(), st.integers(-10, 100), st.integers(-100, 100))
def test_any_calendar_adds_as_if_day_by_day_and_ends_at_its_bounds(
    built: tuple[WorkingDayIndex, list[date]], offset: int, days: int
) -> None:
    index, working = built
    start = index.first + timedelta(days=offset)
    known = index.first <= start <= index.last
    if not days:
        expected = start if known else None
    else:
        run = [day for day in working if day > start] if days > 0 else [day for day in working[::-1] if day < start]
        expected = run[abs(days) - 1] if known and len(run) >= abs(days) else None
    if expected is None:
        with pytest.raises(BeyondCalendar):
            index.add(start, days)
    else:
        assert index.add(start, days) == expected


@given(small_calendars(), st.integers(-3, 93), st.integers(-3, 93))
def test_any_calendar_counts_and_finds_as_if_day_by_day(
    built: tuple[WorkingDayIndex, list[date]], one: int, other: int
) -> None:
    index, working = built
    start, end = index.first + timedelta(days=one), index.first + timedelta(days=other)
    if not (index.first <= start <= index.last and index.first <= end <= index.last):
        with pytest.raises(BeyondCalendar):
            index.count(start, end)
        return
    expected = sum(start < day <= end for day in working) - sum(end < day <= start for day in working)
    assert index.count(start, end) == expected
    assert index.is_working(start) == (start in working)
    before = [day for day in working if day <= start]
    if before:
        assert index.last_on_or_before(start) == before[-1]
    else:
        with pytest.raises(BeyondCalendar):
            index.last_on_or_before(start)


def test_the_bounds_are_named() -> None:
    calendar: Calendar = CALENDARS["scotland"]
    with pytest.raises(BeyondCalendar, match="runs from 1970-01-01 to 2056-12-31") as beyond:
        calendar.add_working_days(date(2056, 12, 29), 5)
    assert (beyond.value.date, beyond.value.days) == (date(2056, 12, 29), 5)
    assert (beyond.value.first, beyond.value.last) == (calendar.first, calendar.last)
    for outside in (date(1969, 12, 31), date(2057, 1, 1), date.min, date.max):
        assert not calendar.covers(outside)
        for ask in (calendar.index.is_working, calendar.why_not_working, calendar.last_working_day):
            with pytest.raises(BeyondCalendar):
                ask(outside)
        with pytest.raises(BeyondCalendar):
            calendar.count_working_days(date(2026, 1, 1), outside)


@pytest.mark.parametrize("days", [10**30, -(10**30)])
def test_a_huge_number_of_days_is_beyond_the_calendar(days: int) -> None:
    with pytest.raises(BeyondCalendar):
        CALENDARS["scotland"].add_working_days(date(2026, 1, 5), days)


def test_at_both_ends_of_a_fortnight_every_addition_is_right_or_refused() -> None:
    days = [date(2025, 12, 22) + timedelta(days=n) for n in range(14)]
    off = {date(2025, 12, 25), date(2025, 12, 26), date(2026, 1, 1)}
    index = WorkingDayIndex(days[0], days[-1], off)
    working = [day for day in days if day.weekday() < 5 and day not in off]
    for start in days:
        reachable = dict(enumerate((day for day in working if day > start), start=1))
        reachable |= {-n: day for n, day in enumerate((day for day in working[::-1] if day < start), start=1)}
        reachable[0] = start
        for n in range(-10, 11):
            if n in reachable:
                assert index.add(start, n) == reachable[n]
            else:
                with pytest.raises(BeyondCalendar):
                    index.add(start, n)
