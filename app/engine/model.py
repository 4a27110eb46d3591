"""A profile compiled for calculation: its rules by the event that starts or restarts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from app.engine.conditions import All, Condition, parted
from app.engine.facts import DutySpec, EventSpec, FactSpec
from app.engine.phases import Strength
from app.engine.series import Series
from app.engine.timing import Kind, Timing

Basis = Literal["local", "statute", "regulations", "statutory_guidance", "court_rules"]


@dataclass(frozen=True, slots=True)
class Source:
    """The paragraph a rule stands on: the document's title and its own number, as printed."""

    document: str
    section: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a rule's paragraph: its timing, how it is put, and where that stands.

    `explicit` is false where the document does not state the unit.
    """

    timing: Timing | Series
    text: str = ""
    section: str | None = None
    explicit: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule. `readings[0]` is the one declared; `settled` keeps it the main one whatever the dates."""

    id: str
    duty: str
    title: str
    events: tuple[str, ...]
    restarts: tuple[str, ...]
    when: Condition | None
    restart_when: Condition | None
    readings: tuple[Reading, ...]
    reading: str | None
    settled: bool
    responsible: tuple[str, ...]
    strength: Strength
    basis: Basis
    sources: tuple[Source, ...]
    exception_to: str | None
    discharged_by: tuple[str, ...]
    discharged_when: Condition | None
    ends_on: tuple[str, ...]
    in_force_from: date | None
    in_force_to: date | None
    note: str | None
    documents: tuple[str, ...] = ()

    recurring: bool = field(init=False)
    dated: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "recurring", isinstance(self.readings[0].timing, Series))
        object.__setattr__(self, "dated", self.in_force_from is not None or self.in_force_to is not None)

    @property
    def kind(self) -> Kind:
        return self.readings[0].timing.kind

    def facts(self) -> frozenset[str]:
        """Every fact that the rule's condition or timing may read."""
        found: frozenset[str] = frozenset().union(*(reading.timing.facts() for reading in self.readings))
        for condition in (self.when, self.restart_when):
            if condition is not None:
                found |= condition.facts()
        return found

    def words(self, noun: str) -> str:
        return self.readings[0].timing.words(noun)


@dataclass(frozen=True, slots=True)
class DatedWarning:
    """Something to be said of answers about events from a day on (`document`: only where that document is cited)."""

    starts: date
    text: str
    document: str | None = None


@dataclass(frozen=True, slots=True)
class NotComputable:
    """A time-bound standard of the document that no date can be given for, and why."""

    id: str
    title: str
    reason: str
    sources: tuple[Source, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A rule as one event meets it: at its start, or at a restart of its series.

    `words` are its readings put in words for this event, and `opening` the first limits of those that are series: put
    together once, because a calculation needs them every time. `test` is what must hold for this event, `gate` what a
    series asks again on the day each interval starts (an age).
    """

    rule: Rule
    restarted: bool
    words: tuple[str, ...]
    opening: tuple[str, ...]
    test: Condition | None
    gate: Condition | None


def start(rule: Rule, noun: str, *, restarted: bool) -> Started:
    """A rule made ready for one event, which is spoken of by its noun."""
    words = tuple(reading.timing.words(noun) for reading in rule.readings)
    opening = tuple(
        reading.timing.first.timing.words(noun)
        if isinstance(reading.timing, Series) and reading.timing.first is not None
        else ""
        for reading in rule.readings
    )
    still, gate = parted(rule.when) if rule.recurring else (rule.when, None)
    parts = tuple(part for part in (still, rule.restart_when if restarted else None) if part is not None)
    test = All(parts, any(part.moves for part in parts)) if len(parts) > 1 else parts[0] if parts else None
    return Started(rule, restarted, words, opening, test, gate)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every event, fact and duty that profiles may use."""

    events: Mapping[str, EventSpec]
    facts: Mapping[str, FactSpec]
    duties: Mapping[str, DutySpec]


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile version, compiled once: nothing is looked up by name during a calculation."""

    key: str
    title: str
    calendar: str
    rules: tuple[Rule, ...]
    vocabulary: Vocabulary
    warnings: tuple[DatedWarning, ...] = ()
    not_computable: tuple[NotComputable, ...] = ()
    in_force_from: date | None = None
    by_event: Mapping[str, tuple[Started, ...]] = field(default_factory=dict)
    exceptions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def rule(self, rule_id: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == rule_id), None)


def compile_profile(
    *,
    key: str,
    title: str,
    calendar: str,
    rules: tuple[Rule, ...],
    vocabulary: Vocabulary,
    warnings: tuple[DatedWarning, ...] = (),
    not_computable: tuple[NotComputable, ...] = (),
    in_force_from: date | None = None,
) -> Profile:
    """Index the rules by event, and each general rule by its exceptions."""
    by_event: dict[str, list[Started]] = {}
    exceptions: dict[str, list[str]] = {}
    for rule in rules:
        for event in rule.events:
            by_event.setdefault(event, []).append(start(rule, vocabulary.events[event].noun, restarted=False))
        for event in rule.restarts:
            by_event.setdefault(event, []).append(start(rule, vocabulary.events[event].noun, restarted=True))
        if rule.exception_to is not None:
            exceptions.setdefault(rule.exception_to, []).append(rule.id)
    return Profile(
        key=key,
        title=title,
        calendar=calendar,
        rules=rules,
        vocabulary=vocabulary,
        warnings=warnings,
        not_computable=not_computable,
        in_force_from=in_force_from,
        by_event={event: tuple(started) for event, started in by_event.items()},
        exceptions={general: tuple(ids) for general, ids in exceptions.items()},
    )
