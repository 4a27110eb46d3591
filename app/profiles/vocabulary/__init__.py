"""The words shared by all profiles: events, facts and duties, one definition each, as data in this folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import cast

from app.documents.reader import Reader, Table
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
from app.engine.vocabulary import Vocabulary
from app.profiles.conditions import read_condition
from app.profiles.faults import InvalidProfile
from app.profiles.grammar import FLAG, TEXT, TEXTS, VALUE, Schema, Shape, number, one_of, ref, shape
from app.profiles.vocabulary.subjects import word_files

TYPES: tuple[FactType, ...] = ("bool", "date", "int", "choice")
AFTER_END: tuple[AfterEnd, ...] = ("ends", "stays")
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
    episode=TEXT,
    includes=TEXTS,
    finding=FLAG,
)
FACT = shape(
    *("type", "definition", "scope"),
    type=one_of(TYPES),
    definition=TEXT,
    values=TEXTS,
    presumed=VALUE,
    history=FLAG,
    counterpart=TEXT,
    noun=TEXT,
    minimum=number(0),
    maximum=number(0),
    scope=TEXTS,
    counts=TEXTS,
    presumed_until_end=FLAG,
    not_after=TEXTS,
)
DUTY = shape(
    *("definition", "family", "after_end"), definition=TEXT, family=TEXT, after_end=one_of(AFTER_END), protection=TEXT
)
CONDITIONS = {"type": "object", "additionalProperties": ref("condition")}
EPISODE = shape(
    *("noun", "definition"),
    noun=TEXT,
    definition=TEXT,
    opened_by=TEXTS,
    opened_when=CONDITIONS,
    joined_by=TEXTS,
    closed_by=TEXTS,
    closed_when=CONDITIONS,
    within=TEXT,
    several=FLAG,
    unbroken=FLAG,
    outlasts_a_day=FLAG,
)


def _own_words(entry: Shape) -> Schema:
    names = {"pattern": "^local_[a-z0-9_]+$"}
    return {"type": "object", "propertyNames": names, "additionalProperties": entry.schema()}


VOCABULARY = shape(
    events=_own_words(EVENT),
    facts=_own_words(FACT),
    duties=_own_words(DUTY),
    episodes=_own_words(EPISODE),
    nouns={
        "type": "object",
        "description": "The council's own name of a shared event, with its article, such as 'the planning meeting'.",
        "propertyNames": ref("event"),
        "additionalProperties": TEXT,
    },
)


@cache
def shared_vocabulary() -> Vocabulary:
    """Return every packaged word. Raises InvalidProfile naming every fault of the packaged data."""
    reader = Reader()
    tables = {folder: dict(_packaged(reader, folder)) for folder in ("events", "facts", "duties", "episodes")}
    vocabulary = read_vocabulary(reader, tables, "")
    check_vocabulary(reader, vocabulary, "")
    if reader.faults:
        raise InvalidProfile(reader.faults, "vocabulary")
    return vocabulary


def _packaged(reader: Reader, folder: str) -> Iterator[tuple[str, object]]:
    seen: set[str] = set()
    for file, words in word_files(folder).items():
        for key, value in words.items():
            if key in seen:
                reader.fault(f"{folder}/{file}: {key}", "this word is defined twice", "keep one definition")
            seen.add(key)
            yield key, value


def read_vocabulary(reader: Reader, tables: Mapping[str, Table], path: str) -> Vocabulary:
    """Read events, facts, duties and episodes from their tables."""
    facts = {key: _fact(reader, key, value, f"{path}facts.{key}") for key, value in tables.get("facts", {}).items()}
    events = {key: _event(reader, key, value, f"{path}events.{key}") for key, value in tables.get("events", {}).items()}
    duties = {key: _duty(reader, key, value, f"{path}duties.{key}") for key, value in tables.get("duties", {}).items()}
    nouns = {fact: noun for event in events.values() for fact, noun in _nouns_of_dates(event)}
    facts = {key: replace(spec, noun=spec.noun or nouns.get(key, "")) for key, spec in facts.items()}
    episodes = {
        key: _episode(reader, key, value, f"{path}episodes.{key}", facts)
        for key, value in tables.get("episodes", {}).items()
    }
    return Vocabulary(events, facts, duties, episodes)


def _nouns_of_dates(event: EventSpec) -> Iterator[tuple[str, str]]:
    """Yield each date that an event sets, with what it is the date of."""
    for fact in event.sets:
        yield fact, event.noun.replace("the last ", "the ")


def with_own_nouns(reader: Reader, table: Table, vocabulary: Vocabulary, path: str) -> Vocabulary:
    """Return the vocabulary with a council's own names of events, and of the dates that are called after them."""
    events, facts = dict(vocabulary.events), dict(vocabulary.facts)
    for key in table:
        noun = reader.text(table, key, path)
        if not reader.name(key, f"{path}.{key}", "event", vocabulary.events) or not noun:
            continue
        before = vocabulary.events[key]
        events[key] = replace(before, noun=noun)
        for (fact, old), (_, new) in zip(_nouns_of_dates(before), _nouns_of_dates(events[key]), strict=True):
            if fact in facts and facts[fact].noun == old:
                facts[fact] = replace(facts[fact], noun=new)
    return replace(vocabulary, events=events, facts=facts)


def check_vocabulary(reader: Reader, vocabulary: Vocabulary, path: str, own: Vocabulary | None = None) -> None:
    """Check that every word which another one names is of the vocabulary; of `own` words alone, where there are any."""
    looked = own or vocabulary
    _check_implied(reader, looked, vocabulary, path)
    _check_facts(reader, looked, vocabulary, path)
    for duty in looked.duties.values():
        if duty.family:
            reader.name(duty.family, f"{path}duties.{duty.key}.family", "duty", vocabulary.duties)
    for kind in looked.episodes.values():
        _check_episode(reader, kind, vocabulary, f"{path}episodes.{kind.key}")
    for event in looked.events.values():
        where = f"{path}events.{event.key}"
        if event.episode is not None:
            reader.name(event.episode, f"{where}.episode", "episode", vocabulary.episodes)
        elif len(vocabulary.bounded_by(event.key)) != 1:
            remedy = "add episode, the kind of episode that the event speaks of"
            reader.fault(f"{where}.episode", "it is not said which episode this event belongs to", remedy)
        for other in event.includes:
            reader.name(other, f"{where}.includes", "event", vocabulary.events)


def _check_facts(reader: Reader, looked: Vocabulary, vocabulary: Vocabulary, path: str) -> None:
    for fact in looked.facts.values():
        where = f"{path}facts.{fact.key}"
        for scope in fact.scopes:
            if scope not in {CHILD, THIS_EVENT}:
                reader.name(scope, f"{where}.scope", "episode", vocabulary.episodes)
        for name in (*fact.counts, *fact.not_after):
            reader.name(name, where, "event", vocabulary.events)
        if fact.counts and fact.type != "int":
            reader.fault(f"{where}.counts", f"{fact.key} is not a whole number", "only a whole number counts events")
        if fact.presumed_until_end and (fact.presumed is None or fact.scope in {CHILD, THIS_EVENT}):
            remedy = "give the fact a value presumed, and an episode for its scope"
            reader.fault(f"{where}.presumed_until_end", "nothing is presumed up to an end", remedy)


def _check_episode(reader: Reader, kind: EpisodeSpec, vocabulary: Vocabulary, path: str) -> None:
    for event in (*kind.opened_by, *kind.joined_by, *kind.closed_by, *kind.opened_when):
        reader.name(event, path, "event", vocabulary.events)
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
        if outer in seen or not reader.name(outer, f"{path}.within", "episode", vocabulary.episodes):
            break
        seen.add(outer)
        outer = vocabulary.episodes[outer].within
    if outer is not None and outer in seen:
        reader.fault(f"{path}.within", "the episodes lie in one another in a circle", "name the wider one")


def _check_implied(reader: Reader, looked: Vocabulary, vocabulary: Vocabulary, path: str) -> None:
    """Check that what events refer to is in the vocabulary, and that the facts they set are dates."""
    for event in looked.events.values():
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
        episode=reader.text(table, "episode", path) or None,
        includes=reader.texts(table, "includes", path),
        finding=reader.flag(table, "finding", path),
    )


def _episode(reader: Reader, key: str, value: object, path: str, facts: Mapping[str, FactSpec]) -> EpisodeSpec:
    table = EPISODE.read(reader, value, path)
    return EpisodeSpec(
        key=key,
        noun=reader.text(table, "noun", path),
        definition=reader.text(table, "definition", path),
        opened_by=reader.texts(table, "opened_by", path),
        opened_when=_conditions_by_event(reader, table, "opened_when", path, facts),
        joined_by=reader.texts(table, "joined_by", path),
        closed_by=reader.texts(table, "closed_by", path),
        closed_when=_conditions_by_event(reader, table, "closed_when", path, facts),
        within=reader.text(table, "within", path) or None,
        several=reader.flag(table, "several", path),
        unbroken=reader.flag(table, "unbroken", path),
        outlasts_a_day=reader.flag(table, "outlasts_a_day", path),
    )


def _conditions_by_event(
    reader: Reader, table: Table, key: str, path: str, facts: Mapping[str, FactSpec]
) -> dict[str, Condition]:
    """Read the condition of each event under which it opens or closes an episode at all."""
    conditions: dict[str, Condition] = {}
    for event, written in reader.table(table.get(key, {}), f"{path}.{key}", None).items():
        condition = read_condition(reader, written, f"{path}.{key}.{event}", facts)
        if condition is not None:
            conditions[event] = condition
    return conditions


def _first_since(reader: Reader, table: Table, path: str) -> Mapping[str, str]:
    inner = reader.table(table.get("first_since", {}), f"{path}.first_since", None)
    return {fact: reader.text(inner, fact, f"{path}.first_since") for fact in inner}


def _duty(reader: Reader, key: str, value: object, path: str) -> DutySpec:
    table = DUTY.read(reader, value, path)
    after = reader.choice(table, "after_end", path, AFTER_END, "ends")
    return DutySpec(
        key,
        reader.text(table, "definition", path),
        reader.text(table, "family", path, key),
        cast(AfterEnd, after),
        reader.text(table, "protection", path),
    )
