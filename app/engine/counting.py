"""Count from a day by a length of time, forwards or back: the conventions of docs/counting.md, each in one place."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from app.engine.civil_time import ONE_DAY, Moment, add_elapsed, last_second
from app.engine.facts import WorkingCalendar
from app.engine.months import add_months
from app.engine.new_tuple import new_tuple
from app.engine.units import Days, Duration, Hours, Minutes, Months, Weekdays, Weeks, WorkingDays, Years

MINUTES_OF_DAY = 24 * 60
DATE_ONLY = "only the date of the event is known: {unit} are counted from its first moment, 00:00"


class OutsideCalendar(ValueError):
    """Working days would have to be counted beyond the days the calendar knows."""


def add_duration(day: date, length: Duration, calendar: WorkingCalendar, direction: int) -> date:
    """Return the day so long after (`direction` 1) or before (-1) a day, the day itself being day 0.

    Working days from a non-working day: day 1 is the next working day (back: the previous one). Raises OutsideCalendar
    for working days beyond the calendar, OverflowError beyond the years 1 to 9999, TypeError for hours and minutes,
    which are counted from an instant and not from a day.
    """
    unit = type(length)
    if unit is WorkingDays:
        try:
            return calendar.add_working_days(day, direction * length.amount)
        except ValueError as error:
            raise OutsideCalendar(str(error)) from error
    if unit is Days:
        return day + _minutes(direction * length.amount * MINUTES_OF_DAY)
    if unit is Months:
        return add_months(day, direction * length.amount)
    if unit is Weeks:
        return day + _minutes(7 * direction * length.amount * MINUTES_OF_DAY)
    if unit is Years:
        return add_months(day, direction * 12 * length.amount)
    if unit is Weekdays:
        return _weekdays(day, direction * length.amount)
    raise TypeError(f"{type(length).__name__} are counted from an instant")


@lru_cache(maxsize=1 << 10)
def _minutes(number: int) -> timedelta:
    """Return a length of time: the few lengths of the rules, each of which takes longer to make than to add."""
    return timedelta(minutes=number)


def _weekdays(day: date, count: int) -> date:
    if count == 0:
        return day
    if count > 0:
        anchor = day - timedelta(days=max(day.weekday() - 4, 0))
        whole, rest = divmod(anchor.weekday() + count, 5)
        return anchor + timedelta(days=whole * 7 + rest - anchor.weekday())
    anchor = day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
    whole, rest = divmod(anchor.weekday() + count, 5)
    return anchor + timedelta(days=whole * 7 + rest - anchor.weekday())


class DueDate(NamedTuple):
    """Where a count ended."""

    day: date
    at: datetime
    """The exact end, with the offset in force then."""
    assumptions: tuple[str, ...] = ()
    latest_day_consulted: date | None = None
    """The latest day looked up in the calendar; decides whether the date is provisional. None where none was."""
    earliest_day: date | None = None
    """The first day on which the act may be done, where the rule names one."""


def is_elapsed(length: Duration) -> bool:
    """Return True if the length is counted on the clock (hours, minutes) and not in days."""
    return isinstance(length, Hours | Minutes)


def count(
    moment: Moment, length: Duration, calendar: WorkingCalendar, zone: tzinfo, direction: int = 1, event_day: int = 0
) -> DueDate:
    """Return the due date so long after or before a moment.

    `event_day` 1 counts the day itself as day 1 ("beginning with the day"): 26 weeks beginning with a Monday end on a
    Sunday. Hours and minutes run from the instant, or from 00:00 of a date without a time (25 October 2026 + 24 hours =
    23:00 the same day). Everything else ends with the last second of the day reached.
    """
    unit = type(length)
    if unit is Hours or unit is Minutes:
        span = _minutes(direction * length.amount * (60 if unit is Hours else 1))
        at = add_elapsed(moment.instant(zone), span, zone)
        assumptions = () if moment.at is not None else (DATE_ONLY.format(unit=length.plural),)
        return new_tuple(DueDate, (at.date(), at, assumptions, None, None))
    start = moment.day
    if not event_day:
        day = add_duration(start, length, calendar, direction)
    elif unit is Months or unit is Years:
        day = add_duration(start, length, calendar, direction) - direction * ONE_DAY
    else:
        day = add_duration(start - direction * ONE_DAY, length, calendar, direction)
    consulted = max(start, day) if unit is WorkingDays else None
    return new_tuple(DueDate, (day, last_second(day, zone), (), consulted, None))
