"""Write lengths of time, ages and whole timings as an Excel user reads them, and read them again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.services.workbook.cells import Unwritable, cell_text, label_text, whole_number_of

UNITS: Mapping[str, str] = {
    "working_days": "working days",
    "weekdays": "weekdays",
    "days": "calendar days",
    "days_unstated": "days (kind not printed)",
    "weeks": "weeks",
    "months": "months",
    "years": "years",
    "hours": "hours",
    "minutes": "minutes",
}
"""The units of the format as the drop-down list names them. Bare `days` is refused: which days is left open."""
SHORT_UNITS = {
    "wd": "working_days",
    "w/d": "working_days",
    "workdays": "working_days",
    "days unstated": "days_unstated",
}
FLAGS: Mapping[str, dict[str, Any]] = {
    "same day": {"same_day": True},
    "at once": {"immediately": True},
    "before, no interval": {"before": {"nothing": True}},
}
COUNTED: Mapping[str, str] = {
    "within": "within",
    "exactly": "at",
    "before": "before",
    "not before": "not_before",
    "every": "every",
    "looking back": "lookback",
    "to noon after a holiday": "noon_after_holiday",
}
AGES: Mapping[str, str] = {
    "by age": "by_age",
    "at age": "at_age",
    "before age": "before_age",
    "not before age": "not_before_age",
}
NUMBERED: Mapping[str, tuple[str, str]] = {
    "by week of pregnancy": ("by_gestation", "weeks"),
    "at week of pregnancy": ("at_gestation", "weeks"),
    "start of school year": ("school_year", "year"),
}
BETWEEN = "between"
KINDS = (*FLAGS, *COUNTED, BETWEEN, *AGES, *NUMBERED)
"""What the drop-down list of the column Timing offers."""
SAME_KINDS = {"immediately": "at once", "at": "exactly", "lookback": "looking back"}
LENGTH = re.compile(r"(\d+)\s*(\D.*)")
AGE = re.compile(r"(?:(\d+) ?(?:years?|y))? ?(?:(\d+) ?(?:months?|m))?")
SPAN = re.compile(r"(\d+)\s*(?:to|-|\u2013)\s*(\d+)")
NUMBER_REMEDY = "write a whole number from 1, in digits"
UNIT_REMEDY = f"choose one of {', '.join(UNITS.values())}"


class UnreadableTiming(ValueError):
    """Raised with the column that is wrong (0 Timing, 1 Number, 2 Unit), what is wrong and the remedy."""

    def __init__(self, column: int, message: str, remedy: str) -> None:
        super().__init__(message)
        self.column, self.message, self.remedy = column, message, remedy


def unit_of(text: str) -> str | None:
    """Return the unit that a text names, in the singular or the plural; None where it names none."""
    label = label_text(text)
    for unit, name in UNITS.items():
        if label in {name, name.replace("days", "day", 1), name.removesuffix("s")}:
            return unit
    if label in {"day", "days"}:
        return None
    return SHORT_UNITS.get(label)


def write_length(length: object) -> str:
    """Return `15 working days`."""
    number, unit = _length(length)
    return f"{number} {UNITS[unit]}"


def read_length(text: str) -> dict[str, int] | None:
    """Return the length that a text says; None where it says none."""
    matched = LENGTH.fullmatch(label_text(text))
    unit = unit_of(matched[2]) if matched else None
    return {unit: int(matched[1])} if matched and unit else None


def write_age(age: object) -> str:
    """Return `16 years 3 months`."""
    if not isinstance(age, Mapping) or not age or not set(age) <= {"years", "months"}:
        raise Unwritable
    words = [f"{age[unit]} {unit}" for unit in ("years", "months") if unit in age]
    return " ".join(words)


def read_age(text: str) -> dict[str, int] | None:
    """Return the age that a text says, a bare number being years; None where it says none."""
    label = label_text(text)
    if label.isdigit():
        return {"years": int(label)}
    matched = AGE.fullmatch(label)
    if not label or matched is None:
        return None
    return {unit: int(value) for unit, value in zip(("years", "months"), matched.groups(), strict=True) if value}


def write_timing(timing: object) -> tuple[str, int | str, str]:
    """Return the cells Timing, Number and Unit of a timing of one kind. Raises Unwritable where they do not hold it."""
    for label, value in FLAGS.items():
        if value == timing:
            return label, "", ""
    if not isinstance(timing, Mapping) or len(timing) != 1:
        raise Unwritable
    ((kind, value),) = timing.items()
    for label, key in COUNTED.items():
        if key == kind:
            number, unit = _length(value)
            return label, number, UNITS[unit]
    for label, key in AGES.items():
        if key == kind and isinstance(value, Mapping):
            return (label, value["years"], "years") if set(value) == {"years"} else (label, write_age(value), "")
    for label, (key, unit) in NUMBERED.items():
        if key == kind and isinstance(value, Mapping) and set(value) == {unit}:
            return label, value[unit], "weeks" if unit == "weeks" else ""
    if kind == "window" and isinstance(value, Mapping) and set(value) == {"opens", "closes"}:
        (opens, unit), (closes, other) = _length(value["opens"]), _length(value["closes"])
        if unit == other:
            return BETWEEN, f"{opens} to {closes}", UNITS[unit]
    raise Unwritable


def read_timing(kind: object, number: object, unit: object) -> dict[str, Any]:
    """Return the timing of the cells Timing, Number and Unit. Raises UnreadableTiming."""
    label, moved = split_kind(label_text(kind))
    number_text, unit_text = label_text(number) or moved, label_text(unit)
    if label in FLAGS:
        if number_text or unit_text:
            raise UnreadableTiming(1, f"'{label}' has no number", "empty Number and Unit, or choose another Timing")
        return dict(FLAGS[label])
    if label in AGES:
        return {AGES[label]: _age(number_text, unit_text)}
    if label == BETWEEN:
        return {"window": _window(number_text, unit_text)}
    if not unit_text and (matched := LENGTH.fullmatch(number_text)):
        number_text, unit_text = matched[1], matched[2]
    if label in COUNTED:
        return {COUNTED[label]: {_unit(unit_text): _number(number_text, unit_text)}}
    if label in NUMBERED:
        key, inner = NUMBERED[label]
        if unit_text not in {"", "week", "weeks", "year", "years"}:
            raise UnreadableTiming(2, f"'{label}' takes no {unit_text}", "empty Unit")
        return {key: {inner: _number(number_text, unit_text)}}
    message = f"'{label[:60]}' is not a kind of timing" if label else "the row does not say when"
    raise UnreadableTiming(0, message, f"choose one of {', '.join(KINDS)}")


def _age(number: str, unit: str) -> dict[str, int]:
    age = read_age(number if unit in {"", "years"} else f"{number} {unit}")
    if age is None:
        raise UnreadableTiming(1, "this is not an age", "write 16, or 16 years 3 months")
    return age


def _window(number: str, unit: str) -> dict[str, dict[str, int]]:
    matched = SPAN.fullmatch(number)
    if matched is None:
        raise UnreadableTiming(1, "a window has two ends", "write 0 to 10, and its unit under Unit")
    chosen = _unit(unit)
    return {"opens": {chosen: int(matched[1])}, "closes": {chosen: int(matched[2])}}


def split_kind(label: str) -> tuple[str, str]:
    """Return the kind of timing that a text begins with, and what follows it: `within 45 days`."""
    for kind in sorted((*KINDS, *SAME_KINDS), key=len, reverse=True):
        if label == kind or label.startswith(f"{kind} "):
            return SAME_KINDS.get(kind, kind), label[len(kind) :].strip()
    return label, ""


def write_phrase(timing: object) -> str:
    """Return a whole timing in one cell: `within 45 calendar days`."""
    return " ".join(str(part) for part in write_timing(timing) if part != "")


def read_phrase(text: object) -> dict[str, Any]:
    """Return the timing of one cell. Raises UnreadableTiming."""
    kind, rest = split_kind(label_text(text))
    if kind == BETWEEN and (matched := re.fullmatch(rf"({SPAN.pattern})\s+(.+)", rest)):
        return read_timing(kind, matched[1], matched[4])
    return read_timing(kind, rest, "")


def _length(length: object) -> tuple[int, str]:
    if not isinstance(length, Mapping) or len(length) != 1:
        raise Unwritable
    ((unit, number),) = length.items()
    if unit not in UNITS or not isinstance(number, int) or isinstance(number, bool):
        raise Unwritable
    return number, unit


def _unit(text: str) -> str:
    unit = unit_of(text)
    if unit is not None:
        return unit
    if text in {"day", "days"}:
        message = "it is not said which days"
        remedy = f"choose working days, calendar days or, if the paper says only days, {UNITS['days_unstated']}"
        raise UnreadableTiming(2, message, remedy)
    raise UnreadableTiming(2, f"'{text[:60]}' is not a unit" if text else "the unit is missing", UNIT_REMEDY)


def _number(text: str, unit: str) -> int:
    number = whole_number_of(text)
    if number is None:
        raise UnreadableTiming(
            1, f"'{text[:60]}' is not a whole number" if text else "the number is missing", NUMBER_REMEDY
        )
    if number < 1 and unit not in {"", "year", "years"}:
        remedy = "write at least 1; for the day itself choose 'same day' or 'at once' under Timing"
        raise UnreadableTiming(1, f"{cell_text(number)} is no length of time", remedy)
    return number
