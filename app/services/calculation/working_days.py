"""Working days for callers that only count: add, count and check on one calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.calendars.index import BeyondCalendar
from app.services.calculation.response import Json
from app.services.calculation.versions import resolve_calendar
from app.services.member_reading import read_day, read_object, read_version
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import CalendarVersion, Snapshot
from app.services.validation import ABSENT, Faults

MAX_DAYS = 100_000


def _asked(
    snapshot: Snapshot, given: Mapping[str, object], days: tuple[str, ...], numbers: tuple[str, ...]
) -> tuple[CalendarVersion, dict[str, date], dict[str, int]]:
    faults = Faults()
    known = frozenset({"calendar", "calendar_version", *days, *numbers})
    table = read_object(faults, given, "(query)", known, frozenset({"calendar", *days, *numbers}))
    version = table.get("calendar_version")
    if isinstance(version, str) and version.isascii() and version.isdigit() and len(version) < 7:
        version = int(version)
    number = read_version(faults, version, "calendar_version")
    calendar = resolve_calendar(faults, snapshot, table.get("calendar"), number, None, None, "")
    dates: dict[str, date] = {}
    for name in days:
        day = read_day(faults, table.get(name), name)
        if day is not None:
            dates[name] = day
    counts: dict[str, int] = {}
    for name in numbers:
        text = table.get(name)
        if text in ABSENT:
            continue
        plain = str(text).removeprefix("-")
        if plain.isascii() and plain.isdigit() and len(plain) <= 6 and int(plain) <= MAX_DAYS:
            counts[name] = int(str(text))
        else:
            remedy = f"send digits, with a minus to count back, up to {MAX_DAYS}"
            faults.add(name, "this must be a whole number of working days", remedy, text)
    faults.raise_any()
    if calendar is None:
        raise Problem("invalid-request", "The request names no calendar.")
    return calendar, dates, counts


def _stamp(calendar: CalendarVersion, *days: date) -> Json:
    known = calendar.calendar.published_until
    return {
        "calendar": calendar.record.key,
        "calendar_version": calendar.version,
        "provisional": any(day > known for day in days),
    }


def _outside(calendar: CalendarVersion, field: str) -> Problem:
    reach = f"{calendar.calendar.first} to {calendar.calendar.last}"
    fault = Fault(field, "the calendar does not reach so far", f"stay within {reach}")
    return Problem("invalid-request", f"The calendar reaches from {reach}.", [fault])


def add(snapshot: Snapshot, given: Mapping[str, object]) -> Json:
    """The working day so many after a start (negative: before), the start being day 0."""
    calendar, dates, counts = _asked(snapshot, given, ("start",), ("days",))
    try:
        found = calendar.calendar.add_working_days(dates["start"], counts["days"])
    except BeyondCalendar:
        raise _outside(calendar, "days" if calendar.calendar.covers(dates["start"]) else "start") from None
    return {"date": found.isoformat(), **_stamp(calendar, dates["start"], found)}


def count(snapshot: Snapshot, given: Mapping[str, object]) -> Json:
    """How many working days lie after the start, up to and including the end; negative if reversed."""
    calendar, dates, _ = _asked(snapshot, given, ("start", "end"), ())
    try:
        number = calendar.calendar.count_working_days(dates["start"], dates["end"])
    except BeyondCalendar:
        raise _outside(calendar, "end" if calendar.calendar.covers(dates["start"]) else "start") from None
    return {"working_days": number, **_stamp(calendar, dates["start"], dates["end"])}


def check(snapshot: Snapshot, given: Mapping[str, object]) -> Json:
    """Whether a day is a working day, and if not, why."""
    calendar, dates, _ = _asked(snapshot, given, ("date",), ())
    try:
        why = calendar.calendar.why_not_working(dates["date"])
    except BeyondCalendar:
        raise _outside(calendar, "date") from None
    return {"is_working_day": why is None, "reason": why, **_stamp(calendar, dates["date"])}
