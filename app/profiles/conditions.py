"""The `when` of a document, read into a condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, cast

from app.engine.conditions import AgeTest, All, Any, Compare, Condition, Elapsed, Happened, Not, OneOf
from app.engine.facts import FactSpec, FactValue
from app.engine.units import Duration
from app.profiles.durations import read_age, read_duration
from app.profiles.reader import Reader, describe, listed

OPERATORS = frozenset({"at_least", "at_most", "not", "happened", "at_least_ago", "less_than_ago"})
AGE_OPERATORS = frozenset({"at_least", "under"})
Ago = Literal["at_least_ago", "less_than_ago"]


def read_condition(reader: Reader, value: object, path: str, facts: Mapping[str, FactSpec]) -> Condition | None:
    """A table of facts and what each must be, all of which must hold; `any`, `all` and `not` combine such tables."""
    if not isinstance(value, Mapping):
        reader.fault(path, f"a condition must be a table, not {describe(value)}", "write { fact = value }")
        return None
    parts: list[Condition] = []
    for key, wanted in value.items():
        part = _part(reader, str(key), wanted, f"{path}.{key}", facts)
        if part is not None:
            parts.append(part)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts), any(part.moves for part in parts))


def _part(reader: Reader, key: str, wanted: object, path: str, facts: Mapping[str, FactSpec]) -> Condition | None:
    if key in {"any", "all"}:
        if not isinstance(wanted, list | tuple) or not wanted:
            reader.fault(path, f"'{key}' takes a list of conditions", f"write {key} = [{{ … }}, {{ … }}]")
            return None
        inner = [read_condition(reader, item, f"{path}[{n}]", facts) for n, item in enumerate(wanted)]
        kept = tuple(item for item in inner if item is not None)
        moves = any(item.moves for item in kept)
        return Any(kept, moves) if key == "any" else All(kept, moves)
    if key == "not":
        negated = read_condition(reader, wanted, path, facts)
        return Not(negated, negated.moves) if negated is not None else None
    if key == "age":
        return _age(reader, wanted, path)
    if not reader.known(key, path, "fact", facts):
        return None
    spec = facts[key]
    if isinstance(wanted, Mapping):
        return _operator(reader, spec, wanted, path)
    values = wanted if isinstance(wanted, list | tuple) else [wanted]
    return _one_of(reader, spec, values, path, negate=False)


def _age(reader: Reader, wanted: object, path: str) -> Condition | None:
    table = reader.table(wanted, path, AGE_OPERATORS)
    parts: list[Condition] = []
    for operator in ("at_least", "under"):
        age = read_age(reader, table[operator], f"{path}.{operator}") if operator in table else None
        if age is not None:
            parts.append(AgeTest(operator, age))
    if not table:
        reader.fault(path, "an age condition says nothing", "write age = { at_least = { years = 5 } } or { under = … }")
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts), moves=True)


def _operator(reader: Reader, spec: FactSpec, wanted: Mapping[str, object], path: str) -> Condition | None:
    parts: list[Condition] = []
    for operator, value in reader.table(wanted, path, OPERATORS).items():
        where = f"{path}.{operator}"
        if operator == "not":
            values = value if isinstance(value, list | tuple) else [value]
            part: Condition | None = _one_of(reader, spec, values, where, negate=True)
        elif operator == "happened":
            asked = reader.flag(wanted, "happened", path)
            part = Happened(spec, asked) if _dated(reader, spec, where) else None
        elif operator in {"at_least_ago", "less_than_ago"}:
            length = read_duration(reader, value, where)
            dated = _dated(reader, spec, where)
            part = Elapsed(spec, cast(Ago, operator), length) if dated and isinstance(length, Duration) else None
        elif operator in {"at_least", "at_most"}:
            number = reader.number(wanted, operator, path)
            if spec.type != "int":
                reader.fault(where, f"{spec.key} is not a whole number", "compare only whole numbers")
                part = None
            else:
                part = Compare(spec, cast(Literal["at_least", "at_most"], operator), number)
        else:
            part = None
        if part is not None:
            parts.append(part)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts), any(part.moves for part in parts))


def _dated(reader: Reader, spec: FactSpec, path: str) -> bool:
    if spec.type != "date":
        reader.fault(path, f"{spec.key} is not a date", "ask this only of a date")
        return False
    return True


def _one_of(reader: Reader, spec: FactSpec, values: Iterable[object], path: str, *, negate: bool) -> Condition | None:
    accepted: list[FactValue] = []
    for value in values:
        if _fits(spec, value):
            accepted.append(cast(FactValue, value))
        else:
            remedy = (
                f"use one of {listed(spec.values)}" if spec.type == "choice" else f"give a value of type {spec.type}"
            )
            reader.fault(path, f"{spec.key} cannot be {describe(value)}", remedy)
    return OneOf(spec, frozenset(accepted), negate) if accepted else None


def _fits(spec: FactSpec, value: object) -> bool:
    if spec.type == "bool":
        return isinstance(value, bool)
    if spec.type == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if spec.type == "choice":
        return isinstance(value, str) and value in spec.values
    return isinstance(value, date)
