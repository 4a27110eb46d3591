"""The next version of a calendar, and what it changed: pure functions from calendar to calendar.

Each gives the same calendar back when it would change nothing, so that doing it twice makes one version.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from app.calendars.calendar import Calendar, Kind, NonWorkingDay
from app.calendars.faults import CalendarFaults, Fault
from app.calendars.published import DECEMBER, SOURCE, published_list
from app.calendars.reading import Reader


def with_published(calendar: Calendar, document: object, source: str = SOURCE) -> Calendar:
    """The calendar with the government's list taken in; `document` is the whole file or this division of it.

    For the years that the list covers it is the authority: projected days give way, one-off days appear, moved days
    move, and names become the published ones. Other years stay as they are, so that what has vanished from the list
    since is not lost. Closures, and days added by hand that the list does not have yet, stay too. `published_until`
    moves to the end of the list's last year and never back. Raises `CalendarFaults`, also when the list would leave a
    projected year behind it.
    """
    listed = published_list(document, calendar.key)
    faults = [
        Fault("events", f"{day} is outside the calendar", f"give dates from {calendar.first} to {calendar.last}")
        for day in listed.names
        if not calendar.covers(day)
    ]
    next_unpublished = calendar.published_until.year + 1
    if listed.first_year > next_unpublished:
        remedy = f"begin the list in {next_unpublished} or before"
        faults.append(Fault("events", f"nothing published from {next_unpublished} to {listed.first_year - 1}", remedy))
    if faults:
        raise CalendarFaults(faults)

    days: list[NonWorkingDay] = []
    for day in calendar.days:
        covered = listed.first_year <= day.date.year <= listed.last_year
        added_by_hand = day.origin == "added" and day.date not in listed.names
        if day.kind == "closure" or not covered or added_by_hand:
            days.append(day)
    known = {day.date: day for day in calendar.days if day.kind == "bank_holiday"}
    for date_, name in listed.names.items():
        before = known.get(date_)
        # A day that was published already keeps the source it was first read from.
        if before and before.origin == "published" and before.name == name:
            days.append(before)
        else:
            days.append(NonWorkingDay(date_, name, "bank_holiday", "published", source))
    end_of_list = min(date(listed.last_year, DECEMBER, 31), calendar.last)
    note = f"Bank holidays as published for {listed.first_year} to {listed.last_year}"
    until = max(calendar.published_until, end_of_list)
    return _next_version(calendar, note, days=tuple(days), published_until=until)


def with_closure_days(calendar: Calendar, closures: Iterable[tuple[date, str]], source: str) -> Calendar:
    """The calendar with days on which the authority is shut, each with its name, weekends and bank holidays included.

    A closure on a bank holiday is kept beside it: should the bank holiday move, the authority is still shut. A day
    that is a closure already takes the new name. Raises `CalendarFaults`.
    """
    return _with_days(calendar, closures, "closure", source, "Closure days")


def with_bank_holiday(calendar: Calendar, day: date, name: str, source: str) -> Calendar:
    """The calendar with a one-off bank holiday, announced before the government's list has it.

    Raises `CalendarFaults`, also when the day is a bank holiday already.
    """
    already = next((known for known in calendar.days if known.date == day and known.kind == "bank_holiday"), None)
    if already and (already.name != name or already.origin != "added"):
        raise CalendarFaults([Fault("date", f"{day} is {already.name} already", "give another day")])
    return _with_days(calendar, [(day, name)], "bank_holiday", source, "Bank holiday")


def without_day(calendar: Calendar, day: date, reason: str, kind: Kind = "bank_holiday") -> Calendar:
    """The calendar without a bank holiday that was cancelled or moved, or without a closure; the note keeps why.

    A later list from the government that has the day brings it back. Raises `CalendarFaults`.
    """
    reader = Reader()
    reader.text("reason", reason)
    gone = [known for known in calendar.days if (known.date, known.kind) == (day, kind)]
    if not gone:
        what = kind.replace("_", " ")
        reader.fault("date", f"{day} is not a {what} of {calendar.key}", f"give the date of a {what} that it has")
    if reader.faults:
        raise CalendarFaults(reader.faults)
    note = f"Removed {day} {gone[0].name}: {reason}"
    return _next_version(calendar, note, days=tuple(known for known in calendar.days if known not in gone))


def extended(calendar: Calendar, key: str, title: str) -> Calendar:
    """The first version of a calendar that starts from another, to take an authority's own days.

    Raises `CalendarFaults`.
    """
    reader = Reader()
    reader.key("key", key)
    reader.text("title", title)
    if key == calendar.key:
        reader.fault("key", f"{key} is the calendar to be extended", "give the new calendar a key of its own")
    if reader.faults:
        raise CalendarFaults(reader.faults)
    note = f"Extends {calendar.key} version {calendar.version}"
    return replace(
        calendar,
        key=key,
        version=1,
        title=title,
        extends=calendar.key,
        extends_version=calendar.version,
        note=note,
    )


def rebased(calendar: Calendar, old: Calendar, new: Calendar) -> Calendar:
    """An extending calendar carried over from the version it was made from to a newer one of the same calendar.

    What it had added to `old` it adds to `new`, and what it had removed it removes. Raises `ValueError` unless
    `calendar` extends just that version, and `new` is of the same key.
    """
    if (calendar.extends, calendar.extends_version) != (old.key, old.version) or new.key != old.key:
        raise ValueError(f"{calendar.key} does not extend {old.key} version {old.version}, or {new.key} is another")
    inherited = {(day.date, day.kind): day for day in old.days}
    own = {(day.date, day.kind): day for day in calendar.days if inherited.get((day.date, day.kind)) != day}
    removed = inherited.keys() - {(day.date, day.kind) for day in calendar.days}
    merged = {(day.date, day.kind): day for day in new.days if (day.date, day.kind) not in removed} | own
    return _next_version(
        calendar,
        f"Follows {new.key} to version {new.version}",
        days=tuple(merged.values()),
        first=new.first,
        last=new.last,
        published_until=max(calendar.published_until, new.published_until),
        extends_version=new.version,
    )


class Renamed(NamedTuple):
    """A day that stayed under another name."""

    date: date
    kind: Kind
    old_name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class CalendarChanges:
    """What differs between two versions of a calendar.

    `confirmed` are days that were projected and are published now; `published_until` is the old and the new one, None
    when it stayed. A day that moved is one removed and one added.
    """

    added: tuple[NonWorkingDay, ...]
    removed: tuple[NonWorkingDay, ...]
    renamed: tuple[Renamed, ...]
    confirmed: tuple[NonWorkingDay, ...]
    published_until: tuple[date, date] | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed that a date could depend on or an answer shows."""
        return not (self.added or self.removed or self.renamed or self.confirmed or self.published_until)

    def to_document(self) -> dict[str, Any]:
        """The report, ready for JSON."""
        until = self.published_until
        return {
            "added": [_dated(day._asdict()) for day in self.added],
            "removed": [_dated(day._asdict()) for day in self.removed],
            "renamed": [_dated(day._asdict()) for day in self.renamed],
            "confirmed": [_dated(day._asdict()) for day in self.confirmed],
            "published_until": until and {"old": until[0].isoformat(), "new": until[1].isoformat()},
        }


def changes_between(old: Calendar, new: Calendar) -> CalendarChanges:
    """What `new` changed against `old`, in order of date."""
    before = {(day.date, day.kind): day for day in old.days}
    after = {(day.date, day.kind): day for day in new.days}
    stayed = [(before[key], after[key]) for key in sorted(before.keys() & after.keys())]
    return CalendarChanges(
        added=tuple(after[key] for key in sorted(after.keys() - before.keys())),
        removed=tuple(before[key] for key in sorted(before.keys() - after.keys())),
        renamed=tuple(Renamed(b.date, b.kind, b.name, a.name) for b, a in stayed if b.name != a.name),
        confirmed=tuple(a for b, a in stayed if b.origin == "projected" and a.origin == "published"),
        published_until=(
            (old.published_until, new.published_until) if old.published_until != new.published_until else None
        ),
    )


def _with_days(calendar: Calendar, named: Iterable[tuple[date, str]], kind: Kind, source: str, what: str) -> Calendar:
    reader = Reader()
    reader.text("source", source)
    added: dict[date, NonWorkingDay] = {}
    for number, (day, name) in enumerate(named):
        reader.text(f"days[{number}].name", name)
        if not calendar.covers(day):
            remedy = f"give a date from {calendar.first} to {calendar.last}"
            reader.fault(f"days[{number}].date", f"{day} is outside the calendar", remedy)
        if day in added:
            reader.fault(f"days[{number}].date", f"{day} is given twice", "keep one of the two")
        added[day] = NonWorkingDay(day, name, kind, "added", source)
    if not added:
        reader.fault("days", "no day is given", "give at least one")
    if reader.faults:
        raise CalendarFaults(reader.faults)
    # The same day under the same name is no change, whoever says so the second time.
    unchanged = {
        known.date for known in calendar.days if known.kind == kind and added.get(known.date, known).name == known.name
    }
    new = {day: given for day, given in added.items() if day not in unchanged}
    kept = (known for known in calendar.days if known.kind != kind or known.date not in new)
    note = f"{what}: " + ", ".join(f"{day} {given.name}" for day, given in sorted(new.items()))
    return _next_version(calendar, note, days=(*kept, *new.values()))


def _next_version(calendar: Calendar, note: str, **changed: Any) -> Calendar:
    longest = 1000
    note = note if len(note) <= longest else note[: longest - 1] + "…"
    candidate = replace(calendar, version=calendar.version + 1, note=note, **changed)
    return calendar if candidate.checksum == calendar.checksum else candidate


def _dated(record: Mapping[str, Any]) -> dict[str, Any]:
    return {**record, "date": record["date"].isoformat()}
