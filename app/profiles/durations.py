"""Lengths of time in a document: the unit is the key, and a bare number is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.engine.units import UNITS, Age, Duration
from app.profiles.reader import Reader, describe, listed

UNSTATED = "days_unstated"
LENGTHS = frozenset({*UNITS, UNSTATED})


@dataclass(frozen=True, slots=True)
class UnstatedDays:
    """Days of which the document does not say whether they are calendar or working days: two readings, no guess."""

    amount: int


def read_duration(
    reader: Reader, value: object, path: str, *, unstated: bool = False
) -> Duration | UnstatedDays | None:
    """A length with its unit as the key: { working_days = 15 }. `unstated` allows days_unstated."""
    units = LENGTHS if unstated else frozenset(UNITS)
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        reader.fault(
            path,
            f"{describe(value)} has no unit",
            f"write it with its unit: {{ working_days = 15 }}; units: {listed(units)}",
        )
        return None
    if not isinstance(value, Mapping) or len(value) != 1:
        reader.fault(
            path, "a length of time takes exactly one unit", f"write one of {listed(units)}, as {{ weeks = 6 }}"
        )
        return None
    table = reader.table(value, path, units)
    unit = next(iter(table), "")
    if unit not in units:
        return None
    amount = reader.number(table, unit, path, 1, 1)
    return UnstatedDays(amount) if unit == UNSTATED else UNITS[unit](amount)


def read_age(reader: Reader, value: object, path: str) -> Age | None:
    """An age in years and months: { years = 16, months = 3 }."""
    if not isinstance(value, Mapping):
        reader.fault(path, f"{describe(value)} is no age", "write { years = 16, months = 3 }")
        return None
    table = reader.table(value, path, frozenset({"years", "months"}))
    years, months = reader.number(table, "years", path), reader.number(table, "months", path)
    if not (years or months) or months > 11:
        reader.fault(path, "an age needs years, and months from 0 to 11", "write { years = 15, months = 6 }")
        return None
    return Age(years, months)
