"""Write a condition in one cell, `section_47_initiated = yes; age under 1 years`, and read it again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.engine.facts import FactType
from app.services.workbook.cells import QUOTES, Unwritable, cell_text, code_text, day_of, flag_of, whole_number_of
from app.services.workbook.lengths import read_age, read_length, write_age, write_length

PARTS = re.compile(r"\s*(?:;|\n|\band\b)\s*", re.IGNORECASE)
OTHERS = re.compile(r"\s*(?:,|\bor\b)\s*", re.IGNORECASE)
AGE_PART = re.compile(r"(?:age|aged)\s+(at least|under)\s+(.+)", re.IGNORECASE)
HAPPENED = re.compile(r"(.+?)\s+(has not happened|not happened|has happened|happened)", re.IGNORECASE)
AGO = re.compile(r"(.+?)\s+(at least|less than)\s+(.+?)\s+ago", re.IGNORECASE)
COMPARED = re.compile(r"(.+?)\s*(>=|<=|≥|≤|\bat least\b|\bat most\b)\s*(\d+)", re.IGNORECASE)
UNEQUAL = re.compile(r"(.+?)\s*(?:<>|!=|\bis not\b)\s*(.+)", re.IGNORECASE)
EQUAL = re.compile(r"(.+?)\s*(?:=|\bis\b)\s*(.+)", re.IGNORECASE)
EXAMPLE = "write section_47_initiated = yes; several parts with a semicolon between them"


class UnreadableCondition(ValueError):
    """Raised with what is wrong, the remedy and, where a fact is unknown, its name."""

    def __init__(self, message: str, remedy: str, fact: str = "") -> None:
        super().__init__(message)
        self.message, self.remedy, self.fact = message, remedy, fact


def write_condition(condition: object) -> str:
    """Return a condition as text. Raises Unwritable where it combines any, all or not."""
    if not isinstance(condition, Mapping) or not condition:
        raise Unwritable
    return "; ".join(part for fact, test in condition.items() for part in _write_tests(str(fact), test))


def _write_tests(fact: str, test: object) -> list[str]:
    if fact in {"any", "all", "not"}:
        raise Unwritable
    if not isinstance(test, Mapping):
        return [f"{fact} = {_write_values(test)}"]
    return [_write_test(fact, str(operator), value) for operator, value in test.items()]


def _write_test(fact: str, operator: str, value: object) -> str:
    words = operator.replace("_", " ")
    if fact == "age":
        return f"age {words} {write_age(value)}"
    if operator == "not":
        return f"{fact} is not {_write_values(value)}"
    if operator == "happened":
        return f"{fact} {'has happened' if value else 'has not happened'}"
    if operator.endswith("_ago"):
        return f"{fact} {words.removesuffix(' ago')} {write_length(value)} ago"
    return f"{fact} {words} {value}"


def _write_values(value: object) -> str:
    values = value if isinstance(value, list) else [value]
    return " or ".join("yes" if item is True else "no" if item is False else str(item) for item in values)


def read_condition(value: object, facts: Mapping[str, FactType]) -> dict[str, Any]:
    """Return the condition of a cell. Raises UnreadableCondition."""
    condition: dict[str, Any] = {}
    for part in PARTS.split(cell_text(value)):
        if not part:
            continue
        fact, test = _read_part(part.strip(), facts)
        before = condition.get(fact)
        if before is None:
            condition[fact] = test
        elif isinstance(before, dict) and isinstance(test, dict) and not before.keys() & test.keys():
            condition[fact] = {**before, **test}
        else:
            raise UnreadableCondition(f"{fact} occurs twice", f"write {fact} = one or other, or keep one of them")
    return condition


def _read_part(part: str, facts: Mapping[str, FactType]) -> tuple[str, object]:
    if matched := AGE_PART.fullmatch(part):
        age = read_age(matched[2])
        if age is None:
            raise UnreadableCondition(f"'{matched[2][:60]}' is not an age", "write age under 16 years")
        return "age", {matched[1].lower().replace(" ", "_"): age}
    if matched := HAPPENED.fullmatch(part):
        return _fact(matched[1], facts), {"happened": "not" not in matched[2].lower()}
    if matched := AGO.fullmatch(part):
        length = read_length(matched[3])
        if length is None:
            raise UnreadableCondition(f"'{matched[3][:60]}' is not a length", "write at least 6 months ago")
        return _fact(matched[1], facts), {f"{matched[2].lower().replace(' ', '_')}_ago": length}
    if matched := COMPARED.fullmatch(part):
        operator = "at_least" if matched[2].lower() in {">=", "≥", "at least"} else "at_most"
        return _fact(matched[1], facts), {operator: int(matched[3])}
    if matched := UNEQUAL.fullmatch(part):
        fact = _fact(matched[1], facts)
        return fact, {"not": _read_values(fact, matched[2], facts)}
    if matched := EQUAL.fullmatch(part):
        fact = _fact(matched[1], facts)
        return fact, _read_values(fact, matched[2], facts)
    fact = _fact(part, facts)
    if facts[fact] != "bool":
        raise UnreadableCondition(f"it is not said what {fact} must be", f"write {fact} = value")
    return fact, True


def _fact(text: str, facts: Mapping[str, FactType]) -> str:
    fact = code_text(text)
    if fact not in facts:
        message = f"'{text[:60]}' is no fact, or the condition is not readable"
        raise UnreadableCondition(message, f"{EXAMPLE}; the sheet Words lists the facts", fact)
    return fact


def _read_values(fact: str, text: str, facts: Mapping[str, FactType]) -> object:
    values = [_read_value(fact, item.strip(QUOTES + " "), facts[fact]) for item in OTHERS.split(text) if item]
    return values[0] if len(values) == 1 else values


def _read_value(fact: str, text: str, kind: FactType) -> object:
    value: object = code_text(text)
    if kind == "bool":
        value = flag_of(text)
    elif kind == "int":
        value = whole_number_of(text)
    elif kind == "date":
        value = day_of(text)
    if value is None:
        wanted = {"bool": "yes or no", "int": "a whole number", "date": "a date such as 2027-04-01"}
        raise UnreadableCondition(f"{fact} cannot be '{text[:60]}'", f"write {wanted[kind]}")
    return value
