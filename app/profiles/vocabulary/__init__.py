"""The words shared by all profiles: events, facts and duties, one definition each, as data in this folder."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import cast

from app.documents.reader import Reader, Table
from app.engine.compiled_profile import Vocabulary
from app.engine.facts import DutySpec, EventSpec, FactSpec, FactType, FactValue
from app.profiles.faults import InvalidProfile
from app.profiles.grammar import FLAG, TEXT, TEXTS, VALUE, Schema, Shape, number, one_of, shape

TYPES: tuple[FactType, ...] = ("bool", "date", "int", "choice")
WORD = re.compile(r"[a-z][a-z0-9_]*")
EVENT = shape(
    *("noun", "definition"),
    noun=TEXT,
    definition=TEXT,
    implies={"type": "object", "additionalProperties": VALUE},
    sets=TEXTS,
    counterpart=TEXT,
    first_since={"type": "object", "additionalProperties": TEXT},
    brings=TEXTS,
)
FACT = shape(
    *("type", "definition"),
    type=one_of(TYPES),
    definition=TEXT,
    values=TEXTS,
    presumed=VALUE,
    history=FLAG,
    counterpart=TEXT,
    noun=TEXT,
    minimum=number(0),
    maximum=number(0),
)
DUTY = shape("definition", definition=TEXT)


def _own_words(entry: Shape) -> Schema:
    names = {"pattern": "^local_[a-z0-9_]+$"}
    return {"type": "object", "propertyNames": names, "additionalProperties": entry.schema()}


VOCABULARY = shape(events=_own_words(EVENT), facts=_own_words(FACT), duties=_own_words(DUTY))


@cache
def shared_vocabulary() -> Vocabulary:
    """Return every packaged word. Raises InvalidProfile naming every fault of the packaged data."""
    reader = Reader()
    events, facts, duties = (dict(_packaged(reader, folder)) for folder in ("events", "facts", "duties"))
    vocabulary = read_vocabulary(reader, {"events": events, "facts": facts, "duties": duties}, "")
    check_implied(reader, vocabulary, "")
    if reader.faults:
        raise InvalidProfile(reader.faults, "vocabulary")
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
    """Read events, facts and duties from their tables."""
    found = {key: _fact(reader, key, value, f"{path}facts.{key}") for key, value in tables.get("facts", {}).items()}
    events = {key: _event(reader, key, value, f"{path}events.{key}") for key, value in tables.get("events", {}).items()}
    duties = {key: _duty(reader, key, value, f"{path}duties.{key}") for key, value in tables.get("duties", {}).items()}
    nouns = {fact: event.noun.replace("the last ", "the ") for event in events.values() for fact in event.sets}
    facts = {key: replace(spec, noun=spec.noun or nouns.get(key, "")) for key, spec in found.items()}
    return Vocabulary(events, facts, duties)


def check_implied(reader: Reader, vocabulary: Vocabulary, path: str) -> None:
    """Check that what events refer to is in the vocabulary, and that the facts they set are dates."""
    for event in vocabulary.events.values():
        for fact in [*event.implies, *event.sets]:
            reader.name(fact, f"{path}events.{event.key}", "fact", vocabulary.facts)
        for fact, since in event.first_since.items():
            reader.name(fact, f"{path}events.{event.key}.first_since", "fact", vocabulary.facts)
            reader.name(since, f"{path}events.{event.key}.first_since", "event", vocabulary.events)
        for other in event.brings:
            reader.name(other, f"{path}events.{event.key}.brings", "event", vocabulary.events)
        for fact in event.sets:
            if fact in vocabulary.facts and vocabulary.facts[fact].type != "date":
                reader.fault(f"{path}events.{event.key}.sets", f"{fact} is not a date", "name facts of type date")


def _fact(reader: Reader, key: str, value: object, path: str) -> FactSpec:
    table = FACT.read(reader, value, path)
    kind = reader.choice(table, "type", path, TYPES, "bool")
    values = reader.texts(table, "values", path)
    if (kind == "choice") != bool(values):
        reader.fault(
            f"{path}.values",
            "a choice must list its values, and no other type may",
            "add values = [ … ] or another type",
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
    table = EVENT.read(reader, value, path)
    implies = reader.table(table.get("implies", {}), f"{path}.implies", None)
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
    inner = reader.table(table.get("first_since", {}), f"{path}.first_since", None)
    return {fact: reader.text(inner, fact, f"{path}.first_since") for fact in inner}


def _duty(reader: Reader, key: str, value: object, path: str) -> DutySpec:
    table = DUTY.read(reader, value, path)
    return DutySpec(key, reader.text(table, "definition", path))
