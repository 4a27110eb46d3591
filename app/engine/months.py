"""Months, years, ages, gestation and school years on the calendar."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from app.engine.units import Age

FULL_TERM_DAYS = 40 * 7
SCHOOL_YEAR_START = (9, 1)
AGE_IN_YEAR_ZERO = 5


def add_months(day: date, months: int) -> date:
    """Return the corresponding date so many months on (or back, if negative), or the last day of a shorter month.

    31 August + 6 months = 28 February; from there + 6 months = 28 August: a chain drifts, a single step does not.
    Raises OverflowError outside the years 1 to 9999. Source: *Dodds v Walker* [1981] 1 WLR 1027.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("the date falls outside the years 1 to 9999")
    month += 1
    if day.day <= 28:
        return date(year, month, day.day)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def birthday(born: date, age: Age) -> date:
    """Return the day an age is reached, in one step: born on 29 February, 18 on 28 February of a common year."""
    return add_months(born, age.total_months)


def gestation_day(expected_delivery: date, weeks: int) -> date:
    """Return the day a pregnancy reaches N weeks + 0 days, counted back from the expected delivery date as 40 + 0."""
    return expected_delivery - timedelta(days=FULL_TERM_DAYS - weeks * 7)


def school_year_start(born: date, year: int) -> date:
    """Return the 1 September on which a pupil's school year N begins: Year 9 is the one in which the child turns 14.

    A birthday on 1 September belongs to the year that starts that day: born then in 2010, Year 9 starts then in 2024.
    """
    turns = year + AGE_IN_YEAR_ZERO
    reached = add_months(born, turns * 12)
    start = date(reached.year, *SCHOOL_YEAR_START)
    return start if reached >= start else date(reached.year - 1, *SCHOOL_YEAR_START)
