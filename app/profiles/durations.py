"""Lengths of time and ages in a document: the unit is the key, and a bare number is not valid."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from app.documents.faults import describe, listed
from app.documents.reader import Reader
from app.engine.units import UNITS, Age, Days, Duration, Hours, Minutes, Months, Weekdays, Weeks, WorkingDays, Years
from app.profiles.grammar import Schema, number, shape

UNSTATED = "days_unstated"
LENGTHS = frozenset({*UNITS, UNSTATED})
IN_WORDS = re.compile(r"\s*([1-9]\d{0,3})\s*([a-z]+(?: [a-z]+)?)\s*")
AGE = shape(years=number(0), months=number(0, 11))


DAYS_OF_UNIT: Mapping[type[Duration], float] = {
    Minutes: 1 / 1440,
    Hours: 1 / 24,
    Days: 1,
    Weekdays: 7 / 5,
    WorkingDays: 7 / 5,
    Weeks: 7,
    Months: 365.25 / 12,
    Years: 365.25,
}
"""How many calendar days a unit takes, bank holidays apart."""


def usual_days(length: Duration) -> float:
    """Return how many calendar days a length usually takes, to compare two of different units."""
    return length.amount * DAYS_OF_UNIT[type(length)]


def length_schema(units: Iterable[str], text: str) -> Schema:
    """Return the JSON Schema of a length in exactly one of the units."""
    one = {"minProperties": 1, "maxProperties": 1, "description": text}
    return {**shape(**{unit: number(1) for unit in units}).schema(), **one}


@dataclass(frozen=True, slots=True)
class UnstatedDays:
    """Days of which the document does not say whether they are calendar or working days: two readings, no guess."""

    amount: int


def read_duration(
    reader: Reader, value: object, path: str, *, unstated: bool = False
) -> Duration | UnstatedDays | None:
    """Read a length with its unit as the key: { working_days = 15 }. `unstated` allows days_unstated."""
    units = LENGTHS if unstated else frozenset(UNITS)
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        remedy = f"write it with its unit: {_with_unit(value, units)}; units: {listed(units)}"
        reader.fault(path, f"{describe(value)} has no unit", remedy)
        return None
    if not isinstance(value, Mapping) or len(value) != 1:
        remedy = f"write one of {listed(units)}, as {{ weeks = 6 }}"
        reader.fault(path, "a length of time must have exactly one unit", remedy)
        return None
    table = reader.table(value, path, units)
    unit = next(iter(table), "")
    if unit not in units:
        return None
    if table[unit] == 0 and not isinstance(table[unit], bool):
        remedy = "at least 1; on the same day: { same_day = true }, at once: { immediately = true }"
        reader.fault(f"{path}.{unit}", "a length of time cannot be 0", remedy)
        return None
    amount = reader.number(table, unit, path, 1, 1)
    return UnstatedDays(amount) if unit == UNSTATED else UNITS[unit](amount)


def _with_unit(value: float | str, units: Collection[str]) -> str:
    """Return a length as it is written, of the number and the unit that a text says; else an example."""
    said = IN_WORDS.fullmatch(value.casefold()) if isinstance(value, str) else None
    unit = said[2].replace(" ", "_") if said is not None else ""
    unit = unit if unit in units else f"{unit}s"
    return f"{{ {unit} = {said[1]} }}" if said is not None and unit in units else "{ working_days = 15 }"


def read_stated_duration(reader: Reader, table: Mapping[str, object], key: str, path: str) -> Duration | None:
    """Read a length whose unit must be stated; None where absent or not valid."""
    length = read_duration(reader, table[key], f"{path}.{key}") if key in table else None
    return None if isinstance(length, UnstatedDays) else length


def read_age(reader: Reader, value: object, path: str) -> Age | None:
    """Read an age in years and months: { years = 16, months = 3 }."""
    if not isinstance(value, Mapping):
        reader.fault(path, f"{describe(value)} is not an age", "write { years = 16, months = 3 }")
        return None
    table = AGE.read(reader, value, path)
    years, months = reader.number(table, "years", path), reader.number(table, "months", path)
    if not (years or months) or months > 11:
        reader.fault(path, "an age must have years, and months from 0 to 11", "write { years = 15, months = 6 }")
        return None
    return Age(years, months)
