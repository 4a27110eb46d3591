"""Read the government's list of bank holidays, in the shape of www.gov.uk/bank-holidays.json."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from app.calendars.document import MAX_DAYS
from app.calendars.faults import InvalidCalendar
from app.documents.faults import Fault, listed
from app.documents.reader import Reader, Table, join

SOURCE = "GOV.UK bank-holidays.json"
JANUARY, DECEMBER = 1, 12


class PublishedList(NamedTuple):
    """The bank holidays published for one division: whole years, from the first to the last."""

    division: str
    first_year: int
    last_year: int
    names: Mapping[date, str]


def published_list(document: object, division: str) -> PublishedList:
    """Return the days that a document lists for `division`, be it the government's whole file or one division of it.

    Each year from the first to the last must be whole, since the list is taken as the authority for all of it: a
    year without a day in January or in December was cut off. A name is the title with the notes in brackets, `Boxing
    Day (substitute day)`. Two titles on one day are joined. Unknown properties are ignored, for the publisher may add
    some. Raises `InvalidCalendar` with every fault, a missing `division` among them.
    """
    reader = Reader()
    chosen, path = _chosen_division(reader, document, division)
    names: dict[date, str] = {}
    for where, item in reader.tables(chosen, "events", path, MAX_DAYS):
        event = reader.table(item, where, None, ("title", "date"))
        title, day = reader.line(event, "title", where), reader.day(event, "date", where)
        notes = reader.line(event, "notes", where) if event.get("notes") else ""
        name = f"{title} ({notes[0].lower()}{notes[1:]})" if notes else title
        if day is None or not name:
            continue
        if day in names and name in names[day].split(" and "):
            reader.fault(f"{where}.date", f"{name} is already listed for {day}", "keep one of the two")
        names[day] = f"{names[day]} and {name}" if day in names else name
    # Years are judged on what could be read: an invalid event must not be reported a second time as a missing one.
    if not reader.faults:
        if names:
            reader.faults += _cut_off_years(names, join(path, "events"))
        else:
            reader.fault(join(path, "events"), "no bank holiday is listed", "give at least one whole year")
    if reader.faults:
        raise InvalidCalendar(reader.faults)
    return PublishedList(division, min(names).year, max(names).year, dict(sorted(names.items())))


def _chosen_division(reader: Reader, document: object, division: str) -> tuple[Table, str]:
    path = ""
    if isinstance(document, Mapping) and "events" not in document and "division" not in document:
        if division not in document:
            choices = listed(document) or "none"
            reader.fault(division, f"this division is not in the file, which has {choices}", "choose one that is")
            return {}, ""
        document, path = document[division], division
    chosen = reader.table(document, path, None, ("division", "events"))
    if chosen.get("division", division) != division:
        reader.fault(join(path, "division"), "the list is for another division", f"give the list of {division}")
    return chosen, path


def _cut_off_years(names: Mapping[date, str], path: str) -> list[Fault]:
    months = {(day.year, day.month) for day in names}
    return [
        Fault(path, f"{year} is not whole: nothing in {month_name}", "give every bank holiday of the year, or none")
        for year in range(min(names).year, max(names).year + 1)
        for month, month_name in ((JANUARY, "January"), (DECEMBER, "December"))
        if (year, month) not in months
    ]
