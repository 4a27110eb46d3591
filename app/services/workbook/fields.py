"""The keys of an entry that take one column: texts, words of the vocabulary, choices, flags, days, conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.services.workbook.cells import (
    Unwritable,
    cell_text,
    code_text,
    day_of,
    flag_of,
    label_text,
    parts_of,
    whole_number_of,
)
from app.services.workbook.conditions import UnreadableCondition, read_condition, write_condition
from app.services.workbook.rows import Column, Row

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class OneColumn:
    """A key with one column; the kinds below say how it is written and read."""

    key: str
    column: Column
    required: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the one column."""
        return (self.column,)

    @property
    def heading(self) -> str:
        """Return its heading."""
        return self.column.heading


class Text(OneColumn):
    """A text as it stands."""

    def write(self, value: object) -> list[object]:
        """Return the text."""
        if not isinstance(value, str):
            raise Unwritable
        return [value]

    def read(self, row: Row) -> object:
        """Return the text; a date that Excel made of it is refused."""
        value = row.value(self.heading)
        if isinstance(value, date):
            message = f"Excel has made the date {cell_text(value)} of what was typed"
            row.fault(self.heading, self.key, message, "type it again with an apostrophe before it: '3.2")
            return None
        return row.text(self.heading)


class Word(OneColumn):
    """A word of the vocabulary."""

    def write(self, value: object) -> list[object]:
        """Return the word."""
        if not isinstance(value, str):
            raise Unwritable
        return [value]

    def read(self, row: Row) -> object:
        """Return the word with underscores, whatever stands between its parts."""
        return code_text(row.text(self.heading))


@dataclass(frozen=True, slots=True)
class Listed(OneColumn):
    """Several texts or words in one cell, with semicolons between them."""

    words: bool = False
    one_as_text: bool = False
    """True where the packaged profiles write a single one without a list."""
    nothing: bool = False
    """True where an empty list says something: that there is none."""
    commas_divide: bool = False
    """True where a comma is hardly part of a text, so that one is remarked on: `Social worker, Team Manager`."""

    def write(self, value: object) -> list[object]:
        """Return the parts with semicolons between them."""
        parts = [value] if isinstance(value, str) else value
        if self.nothing and parts == []:
            return [NOTHING]
        if not isinstance(parts, list) or not parts or not all(isinstance(part, str) for part in parts):
            raise Unwritable
        return ["; ".join(parts)]

    def read(self, row: Row) -> object:
        """Return the parts."""
        parts = parts_of(row.text(self.heading))
        joined = next((part for part in parts if "," in part), "") if self.commas_divide else ""
        if joined:
            message = f"'{joined[:60]}' is one entry, with a comma in it"
            row.warn(self.heading, self.key, message, "put a semicolon between several, as in Social worker; Manager")
        if self.nothing and [part.lower() for part in parts] == [NOTHING]:
            return []
        if self.words:
            parts = [code_text(part) for part in parts]
        return parts[0] if self.one_as_text and len(parts) == 1 else parts


@dataclass(frozen=True, slots=True)
class Choice(OneColumn):
    """One of a few values."""

    choices: Sequence[str] = ()

    def write(self, value: object) -> list[object]:
        """Return the value."""
        if value not in self.choices:
            raise Unwritable
        return [value]

    def read(self, row: Row) -> object:
        """Return the value, whatever its capitals."""
        label = label_text(row.text(self.heading))
        for choice in self.choices:
            if label == label_text(choice):
                return choice
        message = f"'{label[:60]}' is not one of the choices"
        row.fault(self.heading, self.key, message, f"choose one of {', '.join(self.choices)}", self.choices, label)
        return None


class Flag(OneColumn):
    """Yes or no; the cell is empty where the profile says nothing."""

    def write(self, value: object) -> list[object]:
        """Return yes or no."""
        if not isinstance(value, bool):
            raise Unwritable
        return ["yes" if value else "no"]

    def read(self, row: Row) -> object:
        """Return true or false."""
        return read_flag(row, self.heading, self.key)


class Day(OneColumn):
    """A day, as an Excel date."""

    def write(self, value: object) -> list[object]:
        """Return the date of a text such as 2027-04-01."""
        try:
            if isinstance(value, str) and len(value) == 10:
                return [date.fromisoformat(value)]
        except ValueError:
            pass
        raise Unwritable

    def read(self, row: Row) -> object:
        """Return the day; a text puts the day first."""
        return read_day(row, self.heading, self.key)


class TextOrDay(Text):
    """A text, or the day that Excel has made of it."""

    def read(self, row: Row) -> object:
        """Return the text, a date as 2027-04-01."""
        return row.text(self.heading)


class WholeNumber(OneColumn):
    """A whole number."""

    def write(self, value: object) -> list[object]:
        """Return the number."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise Unwritable
        return [value]

    def read(self, row: Row) -> object:
        """Return the number, also one that is text."""
        number = whole_number_of(row.value(self.heading))
        if number is None:
            row.fault(self.heading, self.key, "this is not a whole number", "write digits only")
        return number


class Presumed(OneColumn):
    """The value that a fact has where nobody says: yes or no, a number, or one of the choices."""

    def write(self, value: object) -> list[object]:
        """Return the value."""
        if isinstance(value, bool):
            return ["yes" if value else "no"]
        return [value]

    def read(self, row: Row) -> object:
        """Return the value by the type that the row states."""
        value, kind = row.value(self.heading), label_text(row.value("Type"))
        if kind == "bool":
            return read_flag(row, self.heading, self.key)
        number = whole_number_of(value)
        return number if kind == "int" and number is not None else code_text(value)


class When(OneColumn):
    """A condition."""

    def write(self, value: object) -> list[object]:
        """Return the condition as text."""
        return [write_condition(value)]

    def read(self, row: Row) -> object:
        """Return the condition."""
        try:
            return read_condition(row.text(self.heading), row.facts)
        except UnreadableCondition as error:
            row.fault(self.heading, self.key, error.message, error.remedy, tuple(row.facts), error.fact)
            return None


def read_day(row: Row, heading: str, part: str) -> str | None:
    """Return the day of a cell, None after a fault."""
    value = row.value(heading)
    day = day_of(value) if isinstance(value, datetime) else day_of(row.text(heading))
    if day is None:
        row.fault(heading, part, f"'{row.text(heading)[:60]}' is not a date", "write it as 2027-04-01 or 1/4/2027")
    return day


def read_flag(row: Row, heading: str, part: str) -> bool | None:
    """Return the yes or no of a cell, None after a fault."""
    value = flag_of(row.text(heading))
    if value is None:
        row.fault(heading, part, "this is neither yes nor no", "write yes or no, or empty the cell")
    return value
