"""Read a list of closure days as offices keep it: a table from Excel, a JSON list, or days alone."""

from __future__ import annotations

import csv
import io
import re
from calendar import day_name, month_name
from collections.abc import Iterable
from datetime import date

from app.services.problems import Fault, Problem, summarise
from app.services.publishing.request import MAX_DAYS

DEFAULT_NAME = "Closed"
DAYS = frozenset({"date", "day", "closure date", "closed on", "from"})
NAMES = frozenset({"name", "description", "reason", "closure", "title", "note", "event"})
# A British spreadsheet writes the day first.
DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
SHORT_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
SERIAL = re.compile(r"\d{5}")
# As the page itself writes a day, and as a word processor does: 29 December 2026, 29th Dec 2026.
IN_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3,9})\.?,?\s+(\d{4})", re.IGNORECASE)
MONTHS = {name.lower(): number for number, name in enumerate(month_name) if name}
MONTHS |= {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}
WEEKDAY = re.compile(r"(mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+", re.IGNORECASE)
REMEDY = "write it as 29/12/2026 or 2026-12-29"


def read_table(text: str, name: str | None = None) -> list[dict[str, str]]:
    """Return the closure days of a table: a date in one column, what it is called in another, which may be missing.

    Commas, semicolons and tabs divide columns. A first row such as `Date,Name` names the columns. `name` is that of
    rows that give none. Raises Problem with every row that has no date.

    Example: `29/12/2026,Christmas closure` and `Tuesday 29 December 2026` are the same day; `Tuesday 29/12/2027` is a
    fault, since that day is a Wednesday: the year is last year's, or the weekday is.
    """
    rows = _rows(text)
    columns = (0, 1)
    if rows and any(_is_title(cell) for cell in rows[0][1]):
        columns = _columns(rows[0][1])
        rows = rows[1:]
    days: list[dict[str, str]] = []
    faults: list[Fault] = []
    for number, row in rows:
        cell = row[columns[0]] if columns[0] < len(row) else ""
        day = _day(cell)
        if day is None:
            faults.append(_unreadable(f"row {number}", cell))
            continue
        called = row[columns[1]] if columns[1] < len(row) else ""
        days.append({"date": day.isoformat(), "name": called or name or DEFAULT_NAME})
    return _checked(days, faults)


def read_days(days: Iterable[str], name: str | None = None) -> list[dict[str, str]]:
    """Return closure days that are sent one by one, all under one name. Raises Problem with every unreadable one."""
    dated = [(text, _day(text)) for text in days]
    faults = [_unreadable(text, text) for text, day in dated if day is None]
    return _checked(
        [{"date": day.isoformat(), "name": name or DEFAULT_NAME} for _, day in dated if day is not None], faults
    )


def is_day(text: str) -> bool:
    """Return whether a text is written as a day, be it one of the calendar or not."""
    text = WEEKDAY.sub("", text.strip())
    return any(form.fullmatch(text) for form in (DAY_FIRST, ISO, SHORT_YEAR, IN_WORDS))


def _rows(text: str) -> list[tuple[int, list[str]]]:
    sample = text.lstrip("\ufeff")
    first = sample.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        fault = Fault("(body)", f"this is not a table: {error}", "save the sheet as CSV")
        raise Problem("invalid-request", summarise([fault]), [fault]) from None
    return [(number, row) for number, row in enumerate(rows, start=1) if any(row)]


def _is_title(cell: str) -> bool:
    return cell.casefold() in DAYS | NAMES or "date" in cell.casefold()


def _columns(header: list[str]) -> tuple[int, int]:
    """Return the places of the date and of the name; where no name is a known one, the first two columns."""
    titles = [title.casefold() for title in header]
    day = next((place for place, title in enumerate(titles) if title in DAYS or "date" in title), 0)
    named = next((place for place, title in enumerate(titles) if title in NAMES), None)
    return day, named if named is not None else 1 if day == 0 else 0


def _day(text: str) -> date | None:
    """Return the day that a cell names, None where it names none, or a weekday that is not its own."""
    named, day = _named_weekday(text), _day_of_month(text)
    return None if day is not None and named not in {"", day_name[day.weekday()]} else day


def _named_weekday(text: str) -> str:
    match = WEEKDAY.match(text.strip())
    return next(name for name in day_name if name.lower().startswith(match[1][:3].lower())) if match else ""


def _day_of_month(text: str) -> date | None:
    text = WEEKDAY.sub("", text.strip())
    if (match := ISO.fullmatch(text)) is not None:
        year, month, day = (int(part) for part in match.groups())
    elif (match := DAY_FIRST.fullmatch(text)) is not None:
        day, month, year = (int(part) for part in match.groups())
    elif (match := IN_WORDS.fullmatch(text)) is not None:
        day, month, year = int(match[1]), MONTHS.get(match[2].lower(), 0), int(match[3])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _unreadable(where: str, text: str) -> Fault:
    shown = text[:40]
    if not text:
        return Fault(where, "this row has no date", REMEDY)
    day = _day_of_month(text)
    if day is not None:
        message = f"{day.day} {month_name[day.month]} {day.year} is a {day_name[day.weekday()]}"
        remedy = "correct the date or the weekday, or leave the weekday out"
        return Fault(where, f"{message}, not a {_named_weekday(text)}", remedy, shown)
    if SERIAL.fullmatch(text):
        return Fault(where, f"{shown} is the number that Excel has for a date", "format the column as a date", shown)
    if SHORT_YEAR.fullmatch(text):
        return Fault(where, f"{shown} has a year of two digits", REMEDY, shown)
    return Fault(where, f"'{shown}' is no date", REMEDY, shown)


def _checked(days: list[dict[str, str]], faults: list[Fault]) -> list[dict[str, str]]:
    if not days and not faults:
        faults.append(Fault("days", "no day is given", "give at least one"))
    if len(days) > MAX_DAYS:
        faults.append(Fault("days", f"{len(days)} days are given", f"give at most {MAX_DAYS}"))
    if faults:
        raise Problem("invalid-request", summarise(faults), faults)
    return days
