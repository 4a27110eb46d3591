"""Count working days for callers that only count: add, count and check on one calendar."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StrictInt

from app.calendars.index import BeyondCalendar
from app.services.calculation.response import Json
from app.services.calculation.versions import resolve_calendar
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import CalendarVersion, Snapshot
from app.services.validation import FROM_TEXT, Day, Explained, Faults, Maybe, QueryModel, VersionText

MAX_DAYS = 100_000
WorkingDays = Annotated[
    StrictInt,
    Field(ge=-MAX_DAYS, le=MAX_DAYS),
    Explained(
        "this must be a whole number of working days",
        f"send digits, with a minus to count back, up to {MAX_DAYS}",
    ),
    FROM_TEXT,
]


class CalendarQuery(QueryModel):
    """The calendar to count by."""

    calendar: str = Field(description="A key from /v1/calendars.", examples=["england-and-wales"])
    calendar_version: Maybe[VersionText] = Field(description="Absent: the latest version.")

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what only the published records can find wrong."""
        resolve_calendar(faults, snapshot, self.calendar, self.calendar_version, None, None, path)

    def resolve(self, snapshot: Snapshot) -> CalendarVersion:
        """Return the calendar's version. Raises Problem."""
        faults = Faults()
        calendar = resolve_calendar(faults, snapshot, self.calendar, self.calendar_version, None, None, "")
        faults.raise_any()
        assert calendar is not None
        return calendar


class AddQuery(CalendarQuery):
    """A start and a number of working days."""

    start: Day = Field(description="Day 0.", examples=["2025-12-18"])
    days: WorkingDays = Field(description="How many working days; negative counts back.", examples=[15])


class CountQuery(CalendarQuery):
    """Two dates."""

    start: Day = Field(description="Not counted.", examples=["2025-12-18"])
    end: Day = Field(description="Counted, if it is a working day.", examples=["2026-01-13"])


class CheckQuery(CalendarQuery):
    """One date."""

    date: Day = Field(description="The day asked about.", examples=["2025-12-25"])


def _stamp(snapshot: Snapshot, calendar: CalendarVersion, *days: date) -> Json:
    last_published, behind = calendar.calendar.published_until, snapshot.behind(calendar)
    return {
        "calendar": calendar.record.key,
        "calendar_version": calendar.version,
        "provisional": any(day > last_published for day in days),
        **({"warnings": behind} if behind is not None else {}),
    }


def _outside(calendar: CalendarVersion, field: str) -> Problem:
    reach = f"{calendar.calendar.first} to {calendar.calendar.last}"
    fault = Fault(field, "the calendar does not reach so far", f"stay within {reach}")
    return Problem("invalid-request", f"The calendar reaches from {reach}.", [fault])


def add(snapshot: Snapshot, query: AddQuery) -> Json:
    """Return the working day so many after a start (negative: before), the start being day 0."""
    calendar = query.resolve(snapshot)
    try:
        reached = calendar.calendar.add_working_days(query.start, query.days)
    except BeyondCalendar:
        raise _outside(calendar, "days" if calendar.calendar.covers(query.start) else "start") from None
    return {"date": reached.isoformat(), **_stamp(snapshot, calendar, query.start, reached)}


def count(snapshot: Snapshot, query: CountQuery) -> Json:
    """Return how many working days lie after the start, up to and including the end; negative if reversed."""
    calendar = query.resolve(snapshot)
    try:
        number = calendar.calendar.count_working_days(query.start, query.end)
    except BeyondCalendar:
        raise _outside(calendar, "end" if calendar.calendar.covers(query.start) else "start") from None
    return {"working_days": number, **_stamp(snapshot, calendar, query.start, query.end)}


def check(snapshot: Snapshot, query: CheckQuery) -> Json:
    """Return whether a day is a working day, and if not, why."""
    calendar = query.resolve(snapshot)
    try:
        reason = calendar.calendar.why_not_working(query.date)
    except BeyondCalendar:
        raise _outside(calendar, "date") from None
    return {"is_working_day": reason is None, "reason": reason, **_stamp(snapshot, calendar, query.date)}
