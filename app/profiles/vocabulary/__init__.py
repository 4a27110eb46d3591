"""The words shared by all profiles: events, facts and duties, one definition each, kept as data in this folder."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import cast

from app.engine.compiled_profile import Vocabulary
from app.engine.conditions import Condition
from app.engine.episodes import EpisodeSpec
from app.engine.facts import (
    CASE,
    CHILD,
    THIS_EVENT,
    AfterEnd,
    DutySpec,
    EventSpec,
    FactSpec,
    FactType,
    FactValue,
)
from app.profiles.conditions import read_condition
from app.profiles.faults import InvalidProfile
from app.profiles.reader import Reader, Table, listed

TYPES: tuple[FactType, ...] = ("bool", "date", "int", "choice")
AFTER_END: tuple[AfterEnd, ...] = ("ends", "stays")
EVENT_KEYS = frozenset(
    {
        "noun",
        "definition",
        "implies",
        "sets",
        "counterpart",
        "first_since",
        "brings",
        "episode",
        "includes",
        "finding",
    }
)
FACT_KEYS = frozenset(
    {
        "type",
        "definition",
        "values",
        "presumed",
        "history",
        "counterpart",
        "noun",
        "minimum",
        "maximum",
        "scope",
        "counts",
        "presumed_until_end",
        "not_after",
    }
)
DUTY_KEYS = frozenset({"definition", "family", "after_end"})
EPISODE_KEYS = frozenset(
    {
        "noun",
        "definition",
        "opened_by",
        "opened_when",
        "joined_by",
        "closed_by",
        "closed_when",
        "within",
        "several",
        "unbroken",
    }
)
FACT_REQUIRED = frozenset({"type", "definition"})
DUTY_REQUIRED = frozenset({"definition"})


@cache
def shared_vocabulary() -> Vocabulary:
    """Every packaged word. Raises InvalidProfile naming every fault of the packaged data."""
    reader = Reader()
    tables = {folder: dict(_packaged(reader, folder)) for folder in ("events", "facts", "duties", "episodes")}
    vocabulary = read_vocabulary(reader, tables, "")
    check_vocabulary(reader, vocabulary, "")
    if reader.faults:
        raise InvalidProfile(tuple(reader.faults), "vocabulary")
    return vocabulary


def _packaged(reader: Reader, folder: str) -> Iterator[tuple[str, object]]:
    seen: set[str] = set()
    if not resources.files(__package__).joinpath(folder).is_dir():
        return
    for file in sorted(resources.files(__package__).joinpath(folder).iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".toml"):
            continue
        for key, value in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if key in seen:
                reader.fault(f"{folder}/{file.name}: {key}", "this word is defined twice", "keep one definition")
            seen.add(key)
            yield key, value


def read_vocabulary(reader: Reader, tables: Mapping[str, Table], path: str) -> Vocabulary:
    """Events, facts, duties and episodes from their tables; an event may imply only facts that are defined."""
    found = {key: _fact(reader, key, value, f"{path}facts.{key}") for key, value in tables.get("facts", {}).items()}
    events = {key: _event(reader, key, value, f"{path}events.{key}") for key, value in tables.get("events", {}).items()}
    duties = {key: _duty(reader, key, value, f"{path}duties.{key}") for key, value in tables.get("duties", {}).items()}
    nouns = {fact: event.noun.replace("the last ", "the ") for event in events.values() for fact in event.sets}
    facts = {key: replace(spec, noun=spec.noun or nouns.get(key, "")) for key, spec in found.items()}
    episodes = {
        key: _episode(reader, key, value, f"{path}episodes.{key}", facts)
        for key, value in tables.get("episodes", {}).items()
    }
    return Vocabulary(events, facts, duties, episodes)


def check_vocabulary(reader: Reader, vocabulary: Vocabulary, path: str, own: Vocabulary | None = None) -> None:
    """Every word that another one names must be of the vocabulary; `own` are the only words to look at, where given."""
    looked = own or vocabulary
    _check_implied(reader, looked, vocabulary, path)
    _check_facts(reader, looked, vocabulary, path)
    for duty in looked.duties.values():
        if duty.family:
            reader.known(duty.family, f"{path}duties.{duty.key}.family", "duty", vocabulary.duties)
    for kind in looked.episodes.values():
        _check_episode(reader, kind, vocabulary, f"{path}episodes.{kind.key}")
    for event in looked.events.values():
        where = f"{path}events.{event.key}"
        if event.episode is not None:
            reader.known(event.episode, f"{where}.episode", "episode", vocabulary.episodes)
        for other in event.includes:
            reader.known(other, f"{where}.includes", "event", vocabulary.events)


def _check_facts(reader: Reader, looked: Vocabulary, vocabulary: Vocabulary, path: str) -> None:
    for fact in looked.facts.values():
        where = f"{path}facts.{fact.key}"
        for scope in fact.scopes:
            if scope not in {CHILD, THIS_EVENT, CASE}:
                reader.known(scope, f"{where}.scope", "episode", vocabulary.episodes)
        for name in (*fact.counts, *fact.not_after):
            reader.known(name, where, "event", vocabulary.events)
        if fact.counts and fact.type != "int":
            reader.fault(f"{where}.counts", f"{fact.key} is not a whole number", "only a whole number counts events")
        if fact.presumed_until_end and (fact.presumed is None or fact.scope in {CHILD, THIS_EVENT}):
            remedy = "give the fact a value presumed, and an episode for its scope"
            reader.fault(f"{where}.presumed_until_end", "nothing is presumed up to an end", remedy)


def _check_episode(reader: Reader, kind: EpisodeSpec, vocabulary: Vocabulary, path: str) -> None:
    for event in (*kind.opened_by, *kind.joined_by, *kind.closed_by, *kind.opened_when):
        reader.known(event, path, "event", vocabulary.events)
    for event in (*kind.joined_by, *kind.opened_when):
        if event not in kind.opened_by:
            reader.fault(path, f"{event} does not open this episode", "name it under opened_by too")
    for event in kind.closed_when:
        if event not in kind.closed_by:
            reader.fault(path, f"{event} does not close this episode", "name it under closed_by too")
    if kind.key == CASE:
        return
    if kind.within is None:
        reader.fault(path, "it is not said what this episode lies in", f'add within = "{CASE}", or a narrower one')
        return
    seen = {kind.key}
    outer: str | None = kind.within
    while outer is not None and outer != CASE:
        if outer in seen or not reader.known(outer, f"{path}.within", "episode", vocabulary.episodes):
            break
        seen.add(outer)
        outer = vocabulary.episodes[outer].within
    if outer is not None and outer in seen:
        reader.fault(f"{path}.within", "the episodes lie in one another in a circle", "name the wider one")


def _check_implied(reader: Reader, looked: Vocabulary, vocabulary: Vocabulary, path: str) -> None:
    """What events imply must be facts of the vocabulary, with values of their types."""
    for event in looked.events.values():
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
    table = reader.table(value, path, FACT_KEYS, FACT_REQUIRED)
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
    scopes = reader.texts(table, "scope", path) or (CASE,)
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
        scope=scopes[0],
        also=scopes[1:],
        counts=reader.texts(table, "counts", path),
        presumed_until_end=reader.flag(table, "presumed_until_end", path),
        not_after=reader.texts(table, "not_after", path),
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
        episode=reader.text(table, "episode", path) or None,
        includes=reader.texts(table, "includes", path),
        finding=reader.flag(table, "finding", path),
    )


def _episode(reader: Reader, key: str, value: object, path: str, facts: Mapping[str, FactSpec]) -> EpisodeSpec:
    table = reader.table(value, path, EPISODE_KEYS, frozenset({"noun", "definition"}))
    return EpisodeSpec(
        key=key,
        noun=reader.text(table, "noun", path),
        definition=reader.text(table, "definition", path),
        opened_by=reader.texts(table, "opened_by", path),
        opened_when=_asked(reader, table, "opened_when", path, facts),
        joined_by=reader.texts(table, "joined_by", path),
        closed_by=reader.texts(table, "closed_by", path),
        closed_when=_asked(reader, table, "closed_when", path, facts),
        within=reader.text(table, "within", path) or None,
        several=reader.flag(table, "several", path),
        unbroken=reader.flag(table, "unbroken", path),
    )


def _asked(reader: Reader, table: Table, key: str, path: str, facts: Mapping[str, FactSpec]) -> dict[str, Condition]:
    """The condition of each event under which it opens or closes an episode at all."""
    told = table.get(key, {})
    found: dict[str, Condition] = {}
    for event, asked in reader.table(told, f"{path}.{key}", frozenset(cast(Table, told))).items():
        condition = read_condition(reader, asked, f"{path}.{key}.{event}", facts)
        if condition is not None:
            found[event] = condition
    return found


def _first_since(reader: Reader, table: Table, path: str) -> Mapping[str, str]:
    if "first_since" not in table:
        return {}
    inner = reader.table(table["first_since"], f"{path}.first_since", frozenset(cast(Table, table["first_since"])))
    return {fact: reader.text(inner, fact, f"{path}.first_since") for fact in inner}


def _duty(reader: Reader, key: str, value: object, path: str) -> DutySpec:
    table = reader.table(value, path, DUTY_KEYS, DUTY_REQUIRED)
    after = reader.text(table, "after_end", path, AFTER_END[0])
    if after not in AFTER_END:
        reader.fault(f"{path}.after_end", f"'{after}' says nothing of an end", f"use one of {listed(AFTER_END)}")
    family = reader.text(table, "family", path, key)
    return DutySpec(key, reader.text(table, "definition", path), family, cast(AfterEnd, after))
