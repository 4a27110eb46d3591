"""The words shared by all profiles: events, facts and duties, one definition each, kept as data in this folder."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import cast

from app.engine.compiled_profile import Vocabulary
from app.engine.facts import DutySpec, EventSpec, FactSpec, FactType, FactValue
from app.profiles.faults import InvalidProfile
from app.profiles.reader import Reader, Table, listed

TYPES: tuple[FactType, ...] = ("bool", "date", "int", "choice")
EVENT_KEYS = frozenset({"noun", "definition", "implies", "sets", "counterpart", "first_since", "brings"})
FACT_KEYS = frozenset(
    {"type", "definition", "values", "presumed", "history", "counterpart", "noun", "minimum", "maximum"}
)
DUTY_KEYS = frozenset({"definition"})


@cache
def shared_vocabulary() -> Vocabulary:
    """Every packaged word. Raises InvalidProfile naming every fault of the packaged data."""
    reader = Reader()
    events, facts, duties = (dict(_packaged(reader, folder)) for folder in ("events", "facts", "duties"))
    vocabulary = read_vocabulary(reader, {"events": events, "facts": facts, "duties": duties}, "")
    check_implied(reader, vocabulary, "")
    if reader.faults:
        raise InvalidProfile(tuple(reader.faults), "vocabulary")
    return vocabulary


def _packaged(reader: Reader, folder: str) -> Iterator[tuple[str, object]]:
    seen: set[str] = set()
    for file in sorted(resources.files(__package__).joinpath(folder).iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".toml"):
            continue
        for key, value in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if key in seen:
                reader.fault(f"{folder}/{file.name}: {key}", "this word is defined twice", "keep one definition")
            seen.add(key)
            yield key, value


def read_vocabulary(reader: Reader, tables: Mapping[str, Table], path: str) -> Vocabulary:
    """Events, facts and duties from their tables; an event may imply only facts that are defined."""
    found = {key: _fact(reader, key, value, f"{path}facts.{key}") for key, value in tables.get("facts", {}).items()}
    events = {key: _event(reader, key, value, f"{path}events.{key}") for key, value in tables.get("events", {}).items()}
    duties = {key: _duty(reader, key, value, f"{path}duties.{key}") for key, value in tables.get("duties", {}).items()}
    nouns = {fact: event.noun.replace("the last ", "the ") for event in events.values() for fact in event.sets}
    facts = {key: replace(spec, noun=spec.noun or nouns.get(key, "")) for key, spec in found.items()}
    return Vocabulary(events, facts, duties)


def check_implied(reader: Reader, vocabulary: Vocabulary, path: str) -> None:
    """What events imply must be facts of the vocabulary, with values of their types."""
    for event in vocabulary.events.values():
        for fact in [*event.implies, *event.sets]:
            reader.known(fact, f"{path}events.{event.key}", "fact", vocabulary.facts)
        for fact, since in event.first_since.items():
            reader.known(fact, f"{path}events.{event.key}.first_since", "fact", vocabulary.facts)
            reader.known(since, f"{path}events.{event.key}.first_since", "event", vocabulary.events)
        for other in event.brings:
            reader.known(other, f"{path}events.{event.key}.brings", "event", vocabulary.events)
        for fact in event.sets:
            if fact in vocabulary.facts and vocabulary.facts[fact].type != "date":
                reader.fault(f"{path}events.{event.key}.sets", f"{fact} is not a date", "name facts of type date")


def _fact(reader: Reader, key: str, value: object, path: str) -> FactSpec:
    table = reader.table(value, path, FACT_KEYS, frozenset({"type", "definition"}))
    kind = reader.text(table, "type", path, "bool")
    if kind not in TYPES:
        reader.fault(f"{path}.type", f"'{kind}' is no type", f"use one of {listed(TYPES)}")
        kind = "bool"
    values = reader.texts(table, "values", path)
    if (kind == "choice") != bool(values):
        reader.fault(
            f"{path}.values", "only a choice lists its values, and it must", "add values = [ … ] or another type"
        )
    history = reader.flag(table, "history", path)
    if history and kind != "date":
        reader.fault(f"{path}.history", "only a date can be one of history", "make it a date")
    presumed = cast(FactValue | None, table.get("presumed"))
    if presumed is not None and kind == "bool" and not isinstance(presumed, bool):
        reader.fault(f"{path}.presumed", "the value presumed has another type", "write true or false")
    return FactSpec(
        key=key,
        type=cast(FactType, kind),
        definition=reader.text(table, "definition", path),
        values=values,
        presumed=presumed,
        history=history,
        counterpart=reader.text(table, "counterpart", path) or None,
        noun=reader.text(table, "noun", path),
        minimum=reader.number(table, "minimum", path) if "minimum" in table else None,
        maximum=reader.number(table, "maximum", path) if "maximum" in table else None,
    )


def _event(reader: Reader, key: str, value: object, path: str) -> EventSpec:
    table = reader.table(value, path, EVENT_KEYS, frozenset({"noun", "definition"}))
    implies = (
        reader.table(table["implies"], f"{path}.implies", frozenset(cast(Table, table["implies"])))
        if "implies" in table
        else {}
    )
    return EventSpec(
        key=key,
        noun=reader.text(table, "noun", path),
        definition=reader.text(table, "definition", path),
        implies=cast(Mapping[str, FactValue], dict(implies)),
        sets=reader.texts(table, "sets", path),
        counterpart=reader.text(table, "counterpart", path) or None,
        first_since=_first_since(reader, table, path),
        brings=reader.texts(table, "brings", path),
    )


def _first_since(reader: Reader, table: Table, path: str) -> Mapping[str, str]:
    if "first_since" not in table:
        return {}
    inner = reader.table(table["first_since"], f"{path}.first_since", frozenset(cast(Table, table["first_since"])))
    return {fact: reader.text(inner, fact, f"{path}.first_since") for fact in inner}


def _duty(reader: Reader, key: str, value: object, path: str) -> DutySpec:
    table = reader.table(value, path, DUTY_KEYS, frozenset({"definition"}))
    return DutySpec(key, reader.text(table, "definition", path))
