"""Read the `when` of a document into a condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, cast

from app.documents.faults import describe, listed
from app.documents.reader import TRUE_OR_FALSE, Reader
from app.engine.conditions import AgeTest, All, Any, Compare, Condition, Elapsed, Happened, Not, OneOf
from app.engine.facts import FactSpec, FactType, FactValue
from app.profiles.durations import read_age, read_stated_duration
from app.profiles.grammar import DAY, FLAG, Schema, list_of, number, one_of, one_or_more, ref, shape

AGE_TEST = shape(at_least=ref("age"), under=ref("age"))
OPERATORS: dict[FactType, dict[str, Schema]] = {
    "bool": {},
    "choice": {},
    "int": {"at_least": number(0), "at_most": number(0)},
    "date": {"happened": FLAG, "at_least_ago": ref("duration"), "less_than_ago": ref("duration")},
}
"""The tests for a fact of each type, besides its value and `not`."""
ALL_OPERATORS = {"not"}.union(*OPERATORS.values())
WRITTEN: dict[FactType, str] = {
    "bool": TRUE_OR_FALSE,
    "int": "write a whole number, without quotation marks, or { at_least = 2 }",
    "date": "write a date as 2020-01-31, or { happened = true }",
}
"""How the value of a fact of each type is written."""
Ago = Literal["at_least_ago", "less_than_ago"]


def read_condition(reader: Reader, value: object, path: str, facts: Mapping[str, FactSpec]) -> Condition | None:
    """Read a table of facts and what each must be, all of which must hold; `any`, `all` and `not` combine tables."""
    if not isinstance(value, Mapping):
        reader.fault(path, f"a condition must be a table, not {describe(value)}", "write { fact = value }")
        return None
    parts: list[Condition] = []
    for key, test in value.items():
        part = _part(reader, str(key), test, f"{path}.{key}", facts)
        if part is not None:
            parts.append(part)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts), any(part.depends_on_date for part in parts))


def _part(reader: Reader, key: str, test: object, path: str, facts: Mapping[str, FactSpec]) -> Condition | None:
    if key in {"any", "all"}:
        if not isinstance(test, list | tuple) or not test:
            reader.fault(path, f"'{key}' takes a list of conditions", f"write {key} = [{{ … }}, {{ … }}]")
            return None
        inner = [read_condition(reader, item, f"{path}[{n}]", facts) for n, item in enumerate(test)]
        readable = tuple(item for item in inner if item is not None)
        depends_on_date = any(item.depends_on_date for item in readable)
        return Any(readable, depends_on_date) if key == "any" else All(readable, depends_on_date)
    if key == "not":
        negated = read_condition(reader, test, path, facts)
        return Not(negated, negated.depends_on_date) if negated is not None else None
    if key == "age":
        return _age(reader, test, path)
    if not reader.name(key, path, "fact", facts):
        return None
    spec = facts[key]
    if isinstance(test, Mapping):
        return _operator(reader, spec, test, path)
    values = test if isinstance(test, list | tuple) else [test]
    return _one_of(reader, spec, values, path, negate=False)


def _age(reader: Reader, test: object, path: str) -> Condition | None:
    table = AGE_TEST.read(reader, test, path)
    parts: list[Condition] = []
    for operator in ("at_least", "under"):
        age = read_age(reader, table[operator], f"{path}.{operator}") if operator in table else None
        if age is not None:
            parts.append(AgeTest(operator, age))
    if not table:
        reader.fault(path, "an age condition is empty", "write age = { at_least = { years = 5 } } or { under = … }")
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts), depends_on_date=True)


def _operator(reader: Reader, spec: FactSpec, test: Mapping[str, object], path: str) -> Condition | None:
    parts: list[Condition] = []
    for operator, value in reader.table(test, path, ALL_OPERATORS).items():
        where = f"{path}.{operator}"
        if operator == "not":
            values = value if isinstance(value, list | tuple) else [value]
            part: Condition | None = _one_of(reader, spec, values, where, negate=True)
        elif operator == "happened":
            expected = reader.flag(test, "happened", path)
            part = Happened(spec, expected) if _is_date(reader, spec, where) else None
        elif operator in {"at_least_ago", "less_than_ago"}:
            length = read_stated_duration(reader, test, operator, path)
            dated = _is_date(reader, spec, where)
            part = Elapsed(spec, cast(Ago, operator), length) if dated and length is not None else None
        elif operator in {"at_least", "at_most"}:
            number = reader.number(test, operator, path)
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
    return parts[0] if len(parts) == 1 else All(tuple(parts), any(part.depends_on_date for part in parts))


def _is_date(reader: Reader, spec: FactSpec, path: str) -> bool:
    if spec.type != "date":
        reader.fault(path, f"{spec.key} is not a date", "use this only with a date")
        return False
    return True


def _one_of(reader: Reader, spec: FactSpec, values: Iterable[object], path: str, *, negate: bool) -> Condition | None:
    accepted: list[FactValue] = []
    for value in values:
        if _fits(spec, value):
            accepted.append(cast(FactValue, value))
        else:
            remedy = f"use one of {listed(spec.values)}" if spec.type == "choice" else WRITTEN[spec.type]
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


def condition_schema(facts: Iterable[FactSpec]) -> Schema:
    """Return the JSON Schema of a condition over these facts and a profile's own."""
    several = list_of(ref("condition"), 1)
    return {
        "type": "object",
        "description": "Facts and what each must be; all of it must hold.",
        "properties": {
            "any": several,
            "all": several,
            "not": ref("condition"),
            "age": {**AGE_TEST.schema(), "minProperties": 1},
            **{spec.key: _test_schema(spec) for spec in sorted(facts, key=lambda spec: spec.key)},
        },
        "patternProperties": {"^local_": {}},
        "additionalProperties": False,
    }


def _test_schema(spec: FactSpec) -> Schema:
    values: dict[FactType, Schema] = {
        "bool": FLAG,
        "int": {"type": "integer"},
        "date": DAY,
        "choice": one_of(spec.values),
    }
    value = one_or_more(values[spec.type], 1)
    operators = {**shape(**{"not": value, **OPERATORS[spec.type]}).schema(), "minProperties": 1}
    return {"description": spec.definition, "anyOf": [*value["anyOf"], operators]}
