"""How long an act took, in the unit in which its rule counts, and in calendar days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from app.engine.series import Series
from app.engine.timing import Counting
from app.engine.units import Hours, Minutes, Weekdays, WorkingDays
from app.services.timelines.tracked_obligation import TrackedObligation
from app.services.zone import LONDON

WORKING_DAYS, WEEKDAYS, HOURS, CALENDAR_DAYS = "working_days", "weekdays", "hours", "calendar_days"


class Taken(NamedTuple):
    """How long an act took: in the rule's own unit (None where only its day is known), and in calendar days."""

    unit: str
    own: int | None
    calendar_days: int


def unit_of(record: TrackedObligation) -> str:
    """Return the unit in which the main reading of a limit is counted; weeks, months and ages are calendar days."""
    length = None
    for reading in record.rule.readings:
        timing = reading.timing
        if isinstance(timing, Series):
            parts = [part for part in (*timing.phases, timing.first) if part is not None]
            explained = [part.explanation() for part in parts if part.overrides.id == (record.obligation.phase or "")]
        else:
            explained = [timing.explanation()]
        length = next((each.length for each in explained if isinstance(each, Counting)), None)
        if reading.explicit:
            break
    if isinstance(length, WorkingDays):
        return WORKING_DAYS
    if isinstance(length, Weekdays):
        return WEEKDAYS
    return HOURS if isinstance(length, Hours | Minutes) else CALENDAR_DAYS


def taken(record: TrackedObligation) -> Taken | None:
    """Count from the start to the act; None where the act is not done, or nobody knows when it was."""
    done = record.done
    if done is None:
        return None
    start = record.started_by.moment
    unit, calendar_days = unit_of(record), (done.day - start.day).days
    if unit == WORKING_DAYS:
        own = _counted(start.day, done.day, record)
        return Taken(unit, own, calendar_days)
    if unit == WEEKDAYS:
        return Taken(unit, _weekdays(start.day, done.day), calendar_days)
    if unit == HOURS:
        has_times = start.at is not None and done.at is not None
        elapsed = done.instant(LONDON) - start.instant(LONDON)
        return Taken(unit, round(elapsed.total_seconds() / 3600) if has_times else None, calendar_days)
    return Taken(unit, calendar_days, calendar_days)


def working_days_taken(record: TrackedObligation) -> int | None:
    """Count the working days of its calendar from the start to the act, whatever its rule counts in.

    None where the act is not done, where nobody knows when it was, or where the calendar does not reach.
    """
    return _counted(record.started_by.moment.day, record.done.day, record) if record.done is not None else None


def _counted(start: date, end: date, record: TrackedObligation) -> int | None:
    """Count the working days after a day up to another; backwards, as a negative number."""
    calendar = record.calendar.calendar
    if record.rule.closures_count:
        calendar = calendar.without_closures
    if not calendar.covers(start) or not calendar.covers(end):
        return None
    return calendar.count_working_days(start, end)


def _weekdays(start: date, end: date) -> int:
    step = 1 if end >= start else -1
    days = (start + timedelta(days=step * number) for number in range(1, abs((end - start).days) + 1))
    return step * sum(1 for day in days if day.weekday() < 5)
