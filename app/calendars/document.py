"""A calendar's own document, read strictly: what is unknown, missing or misshapen is refused, all at once."""

from typing import cast

from app.calendars.calendar import KINDS, ORIGINS, Calendar, Kind, NonWorkingDay, Origin, day_faults, span_faults
from app.calendars.faults import CalendarFaults, Fault
from app.calendars.reading import Reader

# An index is built for each day of the span, so that an unbounded one would cost unbounded memory.
LONGEST_SPAN_YEARS = 200
MOST_DAYS = 20_000

_DAY_KEYS = NonWorkingDay._fields
_REQUIRED = ("key", "version", "title", "first", "last", "published_until", "days")
_OPTIONAL = ("extends", "extends_version", "note", "checksum")


def from_document(document: object) -> Calendar:
    """The calendar that a document describes, as `Calendar.to_document` writes it.

    `extends`, `extends_version`, `note` and `checksum` may be left out; a checksum that is given has to be right.
    Raises `CalendarFaults` with every fault.
    """
    reader = Reader()
    mapping = reader.mapping("", document, _REQUIRED, _OPTIONAL)
    if mapping is None:
        raise CalendarFaults(reader.faults)
    key = reader.key("key", mapping.get("key")) if "key" in mapping else ""
    version = reader.number("version", mapping.get("version")) if "version" in mapping else 1
    title = reader.text("title", mapping.get("title")) if "title" in mapping else ""
    first, last, published_until = (
        reader.day(name, mapping[name]) if name in mapping else None for name in ("first", "last", "published_until")
    )
    extends = None if mapping.get("extends") is None else reader.key("extends", mapping["extends"])
    extends_version = (
        None if mapping.get("extends_version") is None else reader.number("extends_version", mapping["extends_version"])
    )
    if extends_version is not None and extends is None:
        reader.fault("extends_version", "a version is given but no calendar", "name the calendar in extends")
    note = reader.text("note", mapping["note"], long=True) if mapping.get("note") else ""
    days = _read_days(reader, mapping.get("days")) if "days" in mapping else []
    if first and last and published_until:
        reader.faults += span_faults(first, last, published_until)
        if last.year - first.year > LONGEST_SPAN_YEARS:
            reader.fault("last", f"{first} to {last} is too long", f"span at most {LONGEST_SPAN_YEARS} years")
    if first and last and first <= last:
        reader.faults += day_faults(days, first, last)
    if reader.faults or not (first and last and published_until):
        raise CalendarFaults(reader.faults)
    calendar = Calendar(
        key=key,
        version=version,
        title=title,
        first=first,
        last=last,
        published_until=published_until,
        days=tuple(day for _, day in days),
        extends=extends,
        extends_version=extends_version,
        note=note,
    )
    stated = mapping.get("checksum")
    if stated is not None and stated != calendar.checksum:
        message = "the checksum does not match the content"
        raise CalendarFaults([Fault("checksum", message, f"leave it out, or give {calendar.checksum}")])
    return calendar


def _read_days(reader: Reader, value: object) -> list[tuple[str, NonWorkingDay]]:
    days: list[tuple[str, NonWorkingDay]] = []
    for path, item in reader.items("days", value, MOST_DAYS):
        mapping = reader.mapping(path, item, _DAY_KEYS, ())
        if mapping is None or not mapping.keys() >= set(_DAY_KEYS):
            continue
        before = len(reader.faults)
        day = reader.day(f"{path}.date", mapping["date"])
        name = reader.text(f"{path}.name", mapping["name"])
        kind = cast(Kind, reader.choice(f"{path}.kind", mapping["kind"], KINDS))
        origin = cast(Origin, reader.choice(f"{path}.origin", mapping["origin"], ORIGINS))
        source = reader.text(f"{path}.source", mapping["source"])
        if day and len(reader.faults) == before:
            days.append((path, NonWorkingDay(day, name, kind, origin, source)))
    return days
