"""Make the next version of a calendar, and compare versions.

Each function returns the same calendar when it would change nothing, so that doing it twice makes one version.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from app.calendars.calendar import Calendar, Kind, NonWorkingDay
from app.calendars.document import MAX_NOTE_CHARACTERS
from app.calendars.faults import InvalidCalendar
from app.calendars.published import DECEMBER, SOURCE, published_list
from app.documents.faults import Fault
from app.documents.reader import MAX_KEY_CHARACTERS, Reader


def with_published(calendar: Calendar, document: object, source: str = SOURCE) -> Calendar:
    """Return the calendar with the government's list merged in; `document` is the whole file or this division of it.

    For the years that the list covers it is the authority: projected days give way, one-off days appear, moved days
    move, and names become the published ones. Other years stay as they are, so that what has vanished from the list
    since is not lost. Closures, and days added by hand that the list does not have yet, stay as well. `published_until`
    moves to the end of the list's last year and never back. Raises `InvalidCalendar`, also when the list would leave a
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
        raise InvalidCalendar(faults)

    days: list[NonWorkingDay] = []
    for day in calendar.days:
        covered = listed.first_year <= day.date.year <= listed.last_year
        added_by_hand = day.origin == "added" and day.date not in listed.names
        if day.kind == "closure" or not covered or added_by_hand:
            days.append(day)
    bank_holidays = {day.date: day for day in calendar.days if day.kind == "bank_holiday"}
    for date_, name in listed.names.items():
        before = bank_holidays.get(date_)
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
    """Return the calendar with days on which the authority is closed, each with its name, weekends included.

    A closure on a bank holiday is recorded as well: should the bank holiday move, the authority is still closed. A
    day that is a closure already takes the new name. Raises `InvalidCalendar`.
    """
    return _with_days(calendar, closures, "closure", source, "Closure days")


def closure_remarks(calendar: Calendar, closures: Iterable[tuple[date, str]]) -> list[str]:
    """Return a remark on each closure day that was no working day anyway: a Sunday, Christmas Day, a day closed before.

    Such a day is recorded all the same, and moves no date.
    """
    reasons = ((day, calendar.why_not_working(day)) for day, _ in closures if calendar.covers(day))
    return [f"{day} is no working day anyway: {why}" for day, why in reasons if why is not None]


def with_bank_holiday(calendar: Calendar, day: date, name: str, source: str) -> Calendar:
    """Return the calendar with a one-off bank holiday, announced before the government's list has it.

    Raises `InvalidCalendar`, also when the day is a bank holiday already.
    """
    already = next((each for each in calendar.days if each.date == day and each.kind == "bank_holiday"), None)
    if already and (already.name != name or already.origin != "added"):
        raise InvalidCalendar([Fault("date", f"{day} is {already.name} already", "give another day")])
    return _with_days(calendar, [(day, name)], "bank_holiday", source, "Bank holiday")


def without_day(calendar: Calendar, day: date, reason: str, kind: Kind = "bank_holiday") -> Calendar:
    """Return the calendar without a bank holiday that was cancelled or moved, or without a closure; the note says why.

    A later list from the government that has the day brings it back. Raises `InvalidCalendar`.
    """
    reader = Reader()
    reader.line({"reason": reason}, "reason")
    gone = [each for each in calendar.days if (each.date, each.kind) == (day, kind)]
    if not gone:
        what = kind.replace("_", " ")
        reader.fault("date", f"{day} is not a {what} of {calendar.key}", f"give the date of a {what} that it has")
    if reader.faults:
        raise InvalidCalendar(reader.faults)
    note = f"Removed {day} {gone[0].name}: {reason}"
    return _next_version(calendar, note, days=tuple(each for each in calendar.days if each not in gone))


def extended(calendar: Calendar, key: str, title: str) -> Calendar:
    """Return the first version of a calendar that starts from another, to which an authority adds its own days.

    Raises `InvalidCalendar`.
    """
    reader = Reader()
    own = {"key": key, "title": title}
    reader.key(own, "key", longest=MAX_KEY_CHARACTERS)
    reader.line(own, "title")
    if key == calendar.key:
        reader.fault("key", f"{key} is the calendar to be extended", "give the new calendar a key of its own")
    if reader.faults:
        raise InvalidCalendar(reader.faults)
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
    """Return an extending calendar moved from the version it was made from to a newer one of the same calendar.

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
    """What differs between two versions of a calendar. A day that moved is one removed and one added."""

    added: tuple[NonWorkingDay, ...]
    removed: tuple[NonWorkingDay, ...]
    renamed: tuple[Renamed, ...]
    confirmed: tuple[NonWorkingDay, ...]
    """Days that were projected and are published now."""
    published_until: tuple[date, date] | None
    """The old and the new one; None where it stayed."""

    def to_document(self) -> dict[str, Any]:
        """Return the changes as JSON."""
        until = self.published_until
        return {
            "added": [_dated(day._asdict()) for day in self.added],
            "removed": [_dated(day._asdict()) for day in self.removed],
            "renamed": [_dated(day._asdict()) for day in self.renamed],
            "confirmed": [_dated(day._asdict()) for day in self.confirmed],
            "published_until": until and {"old": until[0].isoformat(), "new": until[1].isoformat()},
        }


def changes_between(old: Calendar, new: Calendar) -> CalendarChanges:
    """Return what `new` changed against `old`, in order of date."""
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
    reader.line({"source": source}, "source")
    added: dict[date, NonWorkingDay] = {}
    for number, (day, name) in enumerate(named):
        where = f"days[{number}]"
        reader.line({"name": name}, "name", where)
        if not calendar.covers(day):
            remedy = f"give a date from {calendar.first} to {calendar.last}"
            reader.fault(f"{where}.date", f"{day} is outside the calendar", remedy)
        if day in added:
            reader.fault(f"{where}.date", f"{day} is listed twice", "keep one of the two")
        added[day] = NonWorkingDay(day, name, kind, "added", source)
    if not added:
        reader.fault("days", "no day is given", "give at least one")
    if reader.faults:
        raise InvalidCalendar(reader.faults)
    # The same day under the same name is no change, whoever says so the second time.
    unchanged = {
        each.date for each in calendar.days if each.kind == kind and added.get(each.date, each).name == each.name
    }
    new = {day: each for day, each in added.items() if day not in unchanged}
    others = (each for each in calendar.days if each.kind != kind or each.date not in new)
    note = f"{what}: " + ", ".join(f"{day} {each.name}" for day, each in sorted(new.items()))
    return _next_version(calendar, note, days=(*others, *new.values()))


def _next_version(calendar: Calendar, note: str, **changed: Any) -> Calendar:
    note = note if len(note) <= MAX_NOTE_CHARACTERS else note[: MAX_NOTE_CHARACTERS - 1] + "…"
    candidate = replace(calendar, version=calendar.version + 1, note=note, **changed)
    return calendar if candidate.checksum == calendar.checksum else candidate


def _dated(record: Mapping[str, Any]) -> dict[str, Any]:
    return {**record, "date": record["date"].isoformat()}
