"""Keep calendars true: take in the government's list, make one for a neighbour, find where one differs from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from app.calendars.calendar import SATURDAY, Calendar
from app.calendars.changes import with_published
from app.calendars.faults import InvalidCalendar
from app.calendars.list_checks import list_faults
from app.calendars.published import published_list
from app.services.calculation.response import Json
from app.services.catalogue import SentName, not_found_problem
from app.services.ports import PACKAGE
from app.services.problems import Fault, Problem, summarise
from app.services.publishing.calendar_versions import Change, apply_change
from app.services.publishing.holidays_package import (
    NEIGHBOURS,
    calendar_from_package,
    named_days,
    package_version,
    provenance,
)
from app.services.publishing.request import CalendarFromPackage
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import CalendarVersion, PublishedCalendar, Snapshot

FIRST = date(1970, 1, 1)
YEARS_AHEAD = 30
LIST, HOLIDAYS = "the government's list", "the holidays package"


def division_of(document: object, key: str) -> object:
    """Return the part of the government's whole list that is about a calendar, to be proposed and stored alone."""
    division = document.get(key) if isinstance(document, Mapping) else None
    return {**division, "division": division.get("division", key)} if isinstance(division, Mapping) else document


def published_calendars(snapshot: Snapshot) -> list[str]:
    """Return the keys of the calendars whose days the government publishes: those that have such a day."""
    return [
        key
        for key, versions in sorted(snapshot.calendars.items())
        if versions[-1].extends is None and any(day.origin == "published" for day in versions[-1].calendar.days)
    ]


def update_calendar(holder: SnapshotHolder, key: str, document: object, change: Change) -> Json:
    """Take in the government's list as it was fetched, unless it was shortened, cut off or is another nation's.

    Raises Problem list-not-taken with every reason; then nothing is changed.
    """
    today = change.context.at.date()

    def updated(snapshot: Snapshot, current: CalendarVersion | None) -> Calendar:
        if current is None:
            raise not_found_problem(SentName("calendar", key, snapshot.calendars))
        calendar = current.calendar
        if calendar.extends is not None:
            fault = Fault("key", f"{key} extends {calendar.extends}", f"update {calendar.extends}: {key} follows it")
            raise Problem("invalid-request", summarise([fault]), [fault])
        others = (
            versions[-1].calendar
            for name, versions in sorted(snapshot.calendars.items())
            if name != key and versions[-1].extends is None
        )
        try:
            faults = list_faults(calendar, published_list(document, key), others, today)
            new = with_published(calendar, document)
        except InvalidCalendar as invalid:
            raise _not_taken(key, invalid.faults) from None
        if faults:
            raise _not_taken(key, faults)
        return new

    return apply_change(holder, key, change, updated)


def create_calendar(holder: SnapshotHolder, key: str, request: CalendarFromPackage, change: Change) -> Json:
    """Make a calendar for a neighbour from the `holidays` package. Raises Problem where the key exists."""
    today = change.context.at.date()
    until = request.published_until or date(today.year, 12, 31)
    title = request.title or NEIGHBOURS[request.from_holidays]

    def made(_: Snapshot, current: CalendarVersion | None) -> Calendar:
        if current is not None:
            raise Problem("conflict", f"There is a calendar {key} already.")
        last = date(today.year + YEARS_AHEAD, 12, 31)
        return calendar_from_package(key, title, request.from_holidays, FIRST, last, until)

    return apply_change(holder, key, change.because(request.reason), made)


class Difference(NamedTuple):
    """A day on which a calendar and a source of it do not agree."""

    against: str
    date: date
    stored: str | None
    """What the calendar calls it, None where it is a working day there."""
    listed: str | None


def verify_calendars(snapshot: Snapshot, keys: Iterable[str], document: object = None) -> Json:
    """Return where calendars differ from the `holidays` package and, where it was fetched, the government's list.

    A calendar that extends another is compared by way of that one. Raises Problem for an unknown key.
    """
    verified: list[Json] = []
    for key in sorted(keys):
        item = snapshot.calendar(key)
        if item is None:
            raise not_found_problem(SentName("calendar", key, snapshot.calendars))
        made_from = provenance(item.calendar)
        own = item.calendar.extends is None
        differences = _against_package(item.calendar) if own else []
        unread: str | None = None
        if own and document is not None:
            try:
                differences += _against_list(item.calendar, document)
            except InvalidCalendar as invalid:
                unread = str(invalid.faults[0])
        verified.append(
            {
                "key": key,
                "version": item.version,
                "extends": item.calendar.extends,
                "code": made_from[1] if made_from is not None else None,
                "behind": snapshot.behind(item),
                "list_unread": unread,
                "differences": [each._asdict() | {"date": each.date.isoformat()} for each in differences],
            }
        )
    return {"package": f"holidays {package_version()}", "calendars": verified}


def upkeep_warnings(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return what an operator should look at in each calendar, by its key: it is behind, or differs from the package.

    One that was packaged with this very version of the package is its copy, and is not compared again.
    """
    warnings: dict[str, list[str]] = {}
    for key, versions in sorted(snapshot.calendars.items()):
        item = versions[-1]
        texts = [behind] if (behind := snapshot.behind(item)) else []
        if item.extends is None and not _is_copied(item):
            days = _against_package(item.calendar)
            texts += [f"the calendar {key} differs from {HOLIDAYS} on {_dates(days)}"] if days else []
        warnings[key] = texts
    return warnings


def _is_copied(item: PublishedCalendar) -> bool:
    made_from = provenance(item.calendar) if item.record.published_by == PACKAGE else None
    return made_from is not None and made_from[0] == package_version()


def _dates(days: list[Difference]) -> str:
    shown = ", ".join(each.date.isoformat() for each in days[:5])
    return shown + (f" and {len(days) - 5} more days" if len(days) > 5 else "")


def _against_package(calendar: Calendar) -> list[Difference]:
    made_from = provenance(calendar)
    if made_from is None:
        return []
    listed = named_days(made_from[1], calendar.first.year, calendar.last.year)
    return _differences(HOLIDAYS, calendar, listed, calendar.first, calendar.last)


def _against_list(calendar: Calendar, document: object) -> list[Difference]:
    if isinstance(document, Mapping) and "events" not in document and calendar.key not in document:
        return []
    listed = published_list(document, calendar.key)
    first, last = date(listed.first_year, 1, 1), date(listed.last_year, 12, 31)
    return _differences(LIST, calendar, listed.names, max(first, calendar.first), min(last, calendar.last))


def _differences(
    against: str, calendar: Calendar, listed: Mapping[date, str], first: date, last: date
) -> list[Difference]:
    """Return the weekdays that are a bank holiday in one of two alone; names may differ."""
    stored = {day.date: day.name for day in calendar.days if day.kind == "bank_holiday"}
    days = (day for day in stored.keys() ^ listed.keys() if first <= day <= last and day.weekday() < SATURDAY)
    return [Difference(against, day, stored.get(day), listed.get(day)) for day in sorted(days)]


def _not_taken(key: str, faults: Iterable[Fault]) -> Problem:
    listed = list(faults)
    text = listed[0].message if listed else ""
    return Problem("list-not-taken", f"The list was not taken for {key}: {text}. Nothing was changed.", listed)
