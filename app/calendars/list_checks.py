"""Judge a list of bank holidays before it is taken in: one that was shortened, or is another nation's, is not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from app.calendars.calendar import SATURDAY, Calendar
from app.calendars.published import PublishedList
from app.documents.faults import Fault

IMPORT = "if it is right all the same, save the list as a file and import it"


def list_faults(calendar: Calendar, listed: PublishedList, others: Iterable[Calendar], today: date) -> list[Fault]:
    """Return why a list cannot be the next one of a calendar; empty where it can.

    What was published does not vanish: a list without years or days that the calendar has as published was cut off (in
    2025 five years of history were missing from it for five months), and one that moves a day already past is wrong.
    """
    published = _published_days(calendar)
    if not published:
        return []
    days = set(listed.names)
    faults = _other_nation(calendar, published, days, others)
    if faults:
        return faults
    path = "events"
    first, last = min(published).year, max(published).year
    if listed.first_year > first:
        text = f"the list begins in {listed.first_year}; {calendar.key} has published days from {first}"
        faults.append(Fault(path, f"it was shortened: {text}", IMPORT))
    if listed.last_year < last:
        text = f"the list ends in {listed.last_year}; {calendar.key} has published days to {last}"
        faults.append(Fault(path, f"it was shortened: {text}", IMPORT))
    for year in range(max(first, listed.first_year), min(last, listed.last_year) + 1):
        before, now = (sum(1 for day in each if day.year == year) for each in (published, days))
        if now < before:
            faults.append(
                Fault(path, f"it was shortened: {year} has {now} days, where {before} were published", IMPORT)
            )
    faults += [
        Fault(path, f"{day} is past, was published as a bank holiday and is missing from the list", IMPORT)
        for day in sorted(published - days)
        if day < today and listed.first_year <= day.year <= listed.last_year
    ]
    return faults


def _published_days(calendar: Calendar) -> set[date]:
    return {
        day.date
        for day in calendar.days
        if day.kind == "bank_holiday" and day.origin == "published" and day.date.weekday() < SATURDAY
    }


def _other_nation(calendar: Calendar, published: set[date], days: set[date], others: Iterable[Calendar]) -> list[Fault]:
    """Return a fault where the list is nearer to another calendar's published days than to this one's."""
    own = _distance(published, days)
    if not own:
        return []
    near = min(((_distance(_published_days(other), days), other.key) for other in others), default=(own, ""))
    if near[0] >= own:
        return []
    remedy = f"see that each division has its own list; this one is nearer to {near[1]}"
    return [Fault("events", f"this is not the list of {calendar.key}: it fits {near[1]} better", remedy)]


def _distance(published: set[date], days: set[date]) -> int:
    """Return how many days differ in the years that both have; everything where they have none in common."""
    years = {day.year for day in published} & {day.year for day in days}
    if not years:
        return len(published) + len(days)
    return sum(1 for day in published ^ days if day.year in years)
