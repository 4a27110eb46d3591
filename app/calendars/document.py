"""Read a calendar's own document strictly: every unknown, missing or invalid part is a fault, all at once."""

from __future__ import annotations

from typing import cast

from app.calendars.calendar import KINDS, ORIGINS, Calendar, Kind, NonWorkingDay, Origin, day_faults, span_faults
from app.calendars.faults import InvalidCalendar
from app.documents.faults import Fault
from app.documents.reader import MAX_KEY_CHARACTERS, Reader, Table

# An index is built for each day of the span, so that an unbounded one would cost unbounded memory.
MAX_SPAN_YEARS = 200
MAX_DAYS = 20_000
MAX_VERSION = 1_000_000
MAX_NOTE_CHARACTERS = 1_000

REQUIRED = ("key", "version", "title", "first", "last", "published_until", "days")
KEYS = (*REQUIRED, "extends", "extends_version", "note", "checksum")


def from_document(document: object) -> Calendar:
    """Return the calendar that a document describes, as `Calendar.to_document` writes it.

    `extends`, `extends_version`, `note` and `checksum` may be left out; a checksum that is there must be right.
    Raises `InvalidCalendar` with every fault.
    """
    reader = Reader()
    table = reader.table(document, "", KEYS, REQUIRED)
    # What is empty or null is left out.
    table = {key: value for key, value in table.items() if key in REQUIRED or value not in (None, "")}
    key, extends = (reader.key(table, name, longest=MAX_KEY_CHARACTERS) for name in ("key", "extends"))
    version, extends_version = (
        reader.number(table, name, default=1, least=1, most=MAX_VERSION) for name in ("version", "extends_version")
    )
    title, note = reader.line(table, "title"), reader.line(table, "note", longest=MAX_NOTE_CHARACTERS)
    first, last, published_until = (reader.day(table, name) for name in ("first", "last", "published_until"))
    if "extends_version" in table and "extends" not in table:
        reader.fault("extends_version", "a version is given but no calendar", "name the calendar in extends")
    days = _read_days(reader, table)
    if first and last and published_until:
        reader.faults += span_faults(first, last, published_until)
        if last.year - first.year > MAX_SPAN_YEARS:
            reader.fault("last", f"{first} to {last} is too long", f"span at most {MAX_SPAN_YEARS} years")
    if first and last and first <= last:
        reader.faults += day_faults(days, first, last)
    if reader.faults or not (first and last and published_until):
        raise InvalidCalendar(reader.faults)
    calendar = Calendar(
        key=key,
        version=version,
        title=title,
        first=first,
        last=last,
        published_until=published_until,
        days=tuple(day for _, day in days),
        extends=extends or None,
        extends_version=extends_version if "extends_version" in table else None,
        note=note,
    )
    if table.get("checksum", calendar.checksum) != calendar.checksum:
        remedy = f"leave it out, or give {calendar.checksum}"
        raise InvalidCalendar([Fault("checksum", "the checksum does not match the content", remedy)])
    return calendar


def _read_days(reader: Reader, table: Table) -> list[tuple[str, NonWorkingDay]]:
    days: list[tuple[str, NonWorkingDay]] = []
    for path, item in reader.tables(table, "days", most=MAX_DAYS):
        before = len(reader.faults)
        entry = reader.table(item, path, NonWorkingDay._fields, NonWorkingDay._fields)
        day = reader.day(entry, "date", path)
        name, source = reader.line(entry, "name", path), reader.line(entry, "source", path)
        kind, origin = reader.choice(entry, "kind", path, KINDS, ""), reader.choice(entry, "origin", path, ORIGINS, "")
        if day and len(reader.faults) == before:
            days.append((path, NonWorkingDay(day, name, cast(Kind, kind), cast(Origin, origin), source)))
    return days
