"""The government's list of bank holidays, in the shape of www.gov.uk/bank-holidays.json."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from app.calendars.document import MOST_DAYS
from app.calendars.faults import CalendarFaults, Fault
from app.calendars.reading import Reader

SOURCE = "GOV.UK bank-holidays.json"
JANUARY, DECEMBER = 1, 12


class PublishedList(NamedTuple):
    """What the government has published for one division: whole years, from one to another."""

    division: str
    first_year: int
    last_year: int
    names: Mapping[date, str]


def published_list(document: object, division: str) -> PublishedList:
    """The days that a document gives for `division`, be it the government's whole file or one division of it.

    Each year from the first to the last must be whole, since the list is taken as the authority for all of it: a
    year without a day in January or in December was cut off. A name is the title with the notes in brackets, `Boxing
    Day (substitute day)`. Two titles on one day are joined. Properties that are not needed are let pass, for the
    publisher may add some. Raises `CalendarFaults` with every fault, `division` being asked for but absent among them.
    """
    reader = Reader()
    chosen, prefix = _chosen_division(reader, document, division)
    names: dict[date, str] = {}
    events = () if chosen is None else reader.items(f"{prefix}events", chosen.get("events", ()), MOST_DAYS)
    for path, item in events:
        event = reader.mapping(path, item, ("title", "date"), None)
        if event is None or not event.keys() >= {"title", "date"}:
            continue
        title = reader.text(f"{path}.title", event["title"])
        day = reader.day(f"{path}.date", event["date"])
        notes = reader.text(f"{path}.notes", event["notes"]) if event.get("notes") else ""
        name = f"{title} ({notes[0].lower()}{notes[1:]})" if notes else title
        if day is None or not name:
            continue
        if day in names and name in names[day].split(" and "):
            reader.fault(f"{path}.date", f"{name} is already given for {day}", "keep one of the two")
        names[day] = f"{names[day]} and {name}" if day in names else name
    # Years are judged on what could be read: a misshapen event must not be reported a second time as a missing one.
    if chosen is not None and not reader.faults:
        if names:
            reader.faults += _cut_off_years(names, f"{prefix}events")
        else:
            reader.fault(f"{prefix}events", "no bank holiday is given", "give at least one whole year")
    if reader.faults:
        raise CalendarFaults(reader.faults)
    return PublishedList(division, min(names).year, max(names).year, dict(sorted(names.items())))


def _chosen_division(reader: Reader, document: object, division: str) -> tuple[Mapping[str, object] | None, str]:
    if isinstance(document, Mapping) and "events" not in document and "division" not in document:
        if division not in document:
            known = ", ".join(sorted(map(str, document))) or "none"
            reader.fault(division, f"this division is not in the file, which has {known}", "choose one that is")
            return None, ""
        document, prefix = document[division], f"{division}."
    else:
        prefix = ""
    chosen = reader.mapping(prefix.rstrip("."), document, ("division", "events"), None)
    if chosen is not None and "division" in chosen and chosen["division"] != division:
        remedy = f"give the list of {division}"
        reader.fault(f"{prefix}division", "the list is for another division", remedy)
    return chosen, prefix


def _cut_off_years(names: Mapping[date, str], path: str) -> list[Fault]:
    months = {(day.year, day.month) for day in names}
    return [
        Fault(path, f"{year} is not whole: nothing in {month_name}", "give every bank holiday of the year, or none")
        for year in range(min(names).year, max(names).year + 1)
        for month, month_name in ((JANUARY, "January"), (DECEMBER, "December"))
        if (year, month) not in months
    ]
