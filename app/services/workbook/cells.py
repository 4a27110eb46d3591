"""Read single cells as an Excel user fills them in: no-break spaces, curly quotes, yes and TRUE, dates as texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from app.documents.faults import Fault, Location, nearest_names
from app.documents.reader import MAX_NEAREST_SEARCHES
from app.services.validation import integer_from_text

Grid = Sequence[Sequence[object]]
"""The rows of a sheet, the first being its headings."""
MAX_TEXT = 32_000
"""Excel cuts off a cell's text after 32,767 characters."""
QUOTES = "\"'\u201c\u201d\u2018\u2019\u201e\u201a"
SEPARATOR = re.compile(r"\s*[;\n]\s*")
BLANKS = re.compile(r"[\u00a0\u2007\u202f]")
YES, NO = frozenset({"yes", "y", "true", "x", "1"}), frozenset({"no", "n", "false", "0"})
DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What openpyxl gives for a cell that holds no value: a formula, or an error of Excel's such as #REF!."""

    what: str


class Unwritable(ValueError):
    """Raised where a value does not fit into cells; it is then written as TOML."""


@dataclass(slots=True)
class CellFaults:
    """Collects the faults of cells; `paths` are the parts of the document that the faulty cells stand for."""

    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)

    def add(
        self,
        place: str,
        path: str,
        message: str,
        remedy: str,
        names: Sequence[str] = (),
        value: str = "",
        rule: str | None = None,
    ) -> None:
        """Add a fault; with `names`, the nearest of them to `value` are proposed."""
        # A search for near names takes a millisecond; a sheet with more unknown names has another mistake.
        nearest = nearest_names(value, names) if names and len(self.errors) < MAX_NEAREST_SEARCHES else ()
        self.errors.append(Fault(path, message, remedy, nearest=nearest, rule=rule, location=location_of(place)))
        self.paths.add(path)

    def warn(self, place: str, path: str, message: str, remedy: str) -> None:
        """Add a warning."""
        self.warnings.append(Fault(path, message, remedy, location=location_of(place)))


def location_of(place: str) -> Location:
    """Return an address such as `Rules!E7` as a place in a file."""
    sheet, _, cell = place.rpartition("!")
    return Location(sheet=sheet, cell=cell)


def column_letter(index: int) -> str:
    """Return the letters of a column, counted from 0: A, B, …, Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_text(value: object) -> str:
    """Return a cell as text without spaces at its ends: midnight is a date, a whole number has no decimals."""
    if value is None or value == "" or isinstance(value, Unreadable):  # most are empty
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = BLANKS.sub(" ", str(value)).replace("\r\n", "\n").replace("\r", "\n").strip()
    # A leading apostrophe is how Excel is made to take a cell as text; other programs show and save it.
    return text[1:] if text.startswith(("'=", "'+", "'-", "'@")) else text


def code_text(value: object) -> str:
    """Return a word of the vocabulary as it is declared: `Strategy discussion held` is strategy_discussion_held."""
    return re.sub(r"\s+", "_", cell_text(value).strip(QUOTES + " ")).lower()


def label_text(value: object) -> str:
    """Return a choice from a list in small letters, single spaces and no quotation marks."""
    return " ".join(cell_text(value).strip(QUOTES + " ").lower().replace("_", " ").split())


def parts_of(value: object) -> list[str]:
    """Return what a cell lists, divided by semicolons or line breaks."""
    return [part for part in SEPARATOR.split(cell_text(value)) if part]


def flag_of(value: object) -> bool | None:
    """Return yes or no however it is written, None for anything else."""
    text = label_text(value)
    return True if text in YES else False if text in NO else None


def day_of(value: object) -> str | None:
    """Return a day as 2027-04-01, from an Excel date or a text that puts the day first; None for anything else."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else None
    if isinstance(value, date):
        return value.isoformat()
    text = cell_text(value).strip(QUOTES)
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def whole_number_of(value: object) -> int | None:
    """Return a whole number, also one that is text; None for anything else."""
    number = integer_from_text(cell_text(value))
    return number if isinstance(number, int) and not isinstance(value, bool) else None
