"""Read the members of a JSON object one by one, for requests that have no model yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from pydantic_core import PydanticCustomError

from app.engine.civil_time import Moment
from app.engine.facts import FactSpec, FactValue
from app.services.facts import describe_type, example_value, read_fact
from app.services.problems import Fault, redact_for_display
from app.services.validation import ABSENT, MAX_REFERENCE_LENGTH, MAX_VERSION, EventTime, Faults, join, parse_day
from app.services.zone import LONDON


def read_object(
    faults: Faults, value: object, path: str, known: frozenset[str], required: frozenset[str] = frozenset()
) -> Mapping[str, object]:
    """Return a JSON object; add a fault for each unknown key and each required one that is missing or empty."""
    if type(value) is not dict and not isinstance(value, Mapping):
        faults.add(
            path,
            "this must be a JSON object",
            f"send an object with {', '.join(sorted(known))}",
            redact_for_display(value),
        )
        return {}
    if value.keys() <= known:
        for key in required:
            if value.get(key) in ABSENT:
                break
        else:
            return value
    inner = "" if path in {"(body)", "(query)"} else path
    for key in value:
        if key not in known:
            faults.unknown(join(inner, str(key)[:100]), "field", str(key), known)
    for key in sorted(required):
        if value.get(key) in ABSENT:
            faults.add(join(inner, key), "this field is missing", f"add {key}")
    return value


def read_time(faults: Faults, value: object, path: str) -> Moment | None:
    """Return a date, an instant or a local date-time as a moment; None where absent or after a fault."""
    if value in ABSENT:
        return None
    try:
        return EventTime.read(value).moment
    except PydanticCustomError as error:
        _add(faults, error, path, value)
        return None


def read_known(faults: Faults, value: object, path: str) -> datetime | None:
    """Return the end of a day in London: what was published by then is what is known."""
    day = read_day(faults, value, path)
    return None if day is None else datetime.combine(day, time(23, 59, 59, 999_999), LONDON)


def read_day(faults: Faults, value: object, path: str) -> date | None:
    """Return a date written YYYY-MM-DD; None where absent or after a fault."""
    if value in ABSENT:
        return None
    try:
        day = parse_day(value)
    except PydanticCustomError as error:
        _add(faults, error, path, value)
        return None
    assert isinstance(day, date)
    return day


def _add(faults: Faults, error: PydanticCustomError, path: str, value: object) -> None:
    context = error.context or {}
    faults.add(path, context["message"], context["remedy"], value)


def read_reference(faults: Faults, value: object, path: str) -> str | None:
    """Return the caller's own reference; None where absent or after a fault. It is never repeated in a fault."""
    if value in ABSENT:
        return None
    if not isinstance(value, str) or len(value) > MAX_REFERENCE_LENGTH or not value.isprintable():
        remedy = f"send up to {MAX_REFERENCE_LENGTH} printable characters"
        faults.found.append(Fault(path, "a reference is a short text", remedy))
        return None
    return value


def read_version(faults: Faults, value: object, path: str) -> int | None:
    """Return a version number; None where absent or after a fault."""
    if value in ABSENT:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_VERSION:
        faults.add(path, "a version is a whole number from 1", "send the number alone, or leave it out", value)
        return None
    return value


def read_facts(faults: Faults, value: object, path: str, specs: Mapping[str, FactSpec]) -> dict[str, FactValue]:
    """Return the facts, each of its own type. A value that does not fit is never repeated: it is about a child."""
    if value in ABSENT:
        return {}
    if type(value) is not dict and not isinstance(value, Mapping):
        faults.found.append(Fault(path, "facts are a JSON object", 'send { "fact": value }'))
        return {}
    facts: dict[str, FactValue] = {}
    for key, item in value.items():
        spec = specs.get(key)
        if spec is None:
            faults.unknown(join(path, str(key)[:100]), "fact", str(key), set(specs))
            continue
        if item in ABSENT:
            continue
        read = read_fact(spec, item)
        if read is None:
            where = join(path, str(key)[:100])
            faults.found.append(Fault(where, f"this must be {describe_type(spec)}", f"send {example_value(spec)}"))
        else:
            facts[key] = read
    return facts
