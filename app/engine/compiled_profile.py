"""A profile compiled for calculation: its rules by the event that starts or restarts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from app.engine.conditions import All, Condition, Unless, parted
from app.engine.episodes import EpisodeSpec
from app.engine.facts import CASE, AfterEnd, DutySpec, EventSpec, FactSpec
from app.engine.phases import AS_THE_RULE, First, Phase, Says, Strength
from app.engine.series import Series
from app.engine.timing import Kind, Timing, by_day

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
    """One compiled rule. `readings[0]` is the one declared; `settled` keeps it the main one whatever the dates.

    For whole cases: `episodes` are the kinds that an obligation lies in where it is not its starting event's;
    `not_owed_when` takes it back; `excused_when` is asked of an act that was tried; with `after_end` it ends with its
    episode or stays; `done_before` is the enclosing kind back to whose beginning an act counts; `occasion` marks the
    limits of one duty and start that each want an act of their own; a series rests while an episode of `rests_during`
    runs.
    """

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
    episodes: tuple[str, ...] = ()
    not_owed_when: Condition | None = None
    excused_when: Condition | None = None
    after_end: AfterEnd = "ends"
    done_before: str | None = None
    occasion: bool = False
    rests_during: tuple[str, ...] = ()

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
        for condition in (self.when, self.restart_when, self.not_owed_when):
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


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What an obligation says whatever its date: its rule's words, or those of the phase that set the limit.

    Put together once for each event that starts the rule, and so one and the same object in every answer.
    """

    rule: Rule
    phase: str | None
    duty: str
    title: str
    responsible: tuple[str, ...]
    kind: Kind
    timing: str
    strength: Strength
    basis: Basis
    sources: tuple[Source, ...]
    reading: str | None


@dataclass(frozen=True, slots=True)
class Started:
    """A rule as one event meets it: at its start, or at a restart of its series.

    Whatever is the same for every child is put together once. `words` are its readings put in words for this event,
    `opening` the first limits of those that are series, `terms` what an obligation of each reading says; the phases of
    a series, known by their identity, have terms of their own. `test` is what must hold for this event, `gate` what a
    series asks again on the day each interval starts (an age). `exceptions` are the rules that it would give way to.
    `asides` are its readings as they stand beside another, each with its section; `single` or `chain` is the timing of
    a rule with one reading. `by_day` says that, once it applies, its limits hang on the event's day alone,
    `opens_by_day` that the next one does, and `always` that it applies whenever its event happens.
    """

    rule: Rule
    restarted: bool
    words: tuple[str, ...]
    opening: tuple[str, ...]
    terms: tuple[Terms, ...]
    phases: tuple[Mapping[int, Terms], ...]
    test: Condition | None
    gate: Condition | None
    exceptions: tuple[str, ...] = ()
    asides: tuple[tuple[str, str], ...] = field(init=False)
    single: Timing | None = field(init=False)
    chain: Series | None = field(init=False)
    by_day: bool = field(init=False)
    opens_by_day: bool = field(init=False)
    always: bool = field(init=False)

    def __post_init__(self) -> None:
        only = self.rule.readings[0].timing if len(self.rule.readings) == 1 else None
        section = self.rule.sources[0].section if self.rule.sources else ""
        asides = (
            (r.text or said, r.section or section) for r, said in zip(self.rule.readings, self.words, strict=True)
        )
        object.__setattr__(self, "asides", tuple(asides))
        object.__setattr__(self, "single", None if isinstance(only, Series) else only)
        object.__setattr__(self, "chain", only if isinstance(only, Series) else None)
        timings = [reading.timing for reading in self.rule.readings]
        still = all(each.by_day() if isinstance(each, Series) else by_day(each) for each in timings)
        opening = all(
            each.opens_by_day(restarted=self.restarted) if isinstance(each, Series) else by_day(each)
            for each in timings
        )
        object.__setattr__(self, "by_day", still and self.gate is None)
        object.__setattr__(self, "opens_by_day", opening and self.gate is None)
        always = self.test is None and not self.exceptions and not self.rule.dated
        object.__setattr__(self, "always", always)

    def terms_of(self, place: int, phase: Phase | First | None) -> Terms:
        """What an obligation of one reading says, in the phase that set its limit."""
        return self.terms[place] if phase is None else self.phases[place][id(phase)]


def start(rule: Rule, noun: str, *, restarted: bool, exceptions: tuple[str, ...] = ()) -> Started:
    """A rule made ready for one event, which is spoken of by its noun."""
    words = tuple(reading.timing.words(noun) for reading in rule.readings)
    opening = tuple(
        reading.timing.first.timing.words(noun)
        if isinstance(reading.timing, Series) and reading.timing.first is not None
        else ""
        for reading in rule.readings
    )
    terms = tuple(_terms(rule, reading, said) for reading, said in zip(rule.readings, words, strict=True))
    phases = tuple(_phases(rule, reading, said) for reading, said in zip(rule.readings, opening, strict=True))
    still, gate = parted(rule.when) if rule.recurring else (rule.when, None)
    owed = Unless(rule.not_owed_when) if rule.not_owed_when is not None else None
    parts = tuple(part for part in (still, rule.restart_when if restarted else None, owed) if part is not None)
    test = All(parts, any(part.moves for part in parts)) if len(parts) > 1 else parts[0] if parts else None
    return Started(rule, restarted, words, opening, terms, phases, test, gate, exceptions)


def _phases(rule: Rule, reading: Reading, opening: str) -> dict[int, Terms]:
    series = reading.timing
    if not isinstance(series, Series):
        return {}
    found = {id(phase): _terms(rule, reading, phase.words(), phase.says) for phase in series.phases}
    if series.first is not None:
        found[id(series.first)] = _terms(rule, reading, opening, series.first.says)
    return found


def _terms(rule: Rule, reading: Reading, words: str, says: Says = AS_THE_RULE) -> Terms:
    understood = says.reading or rule.reading
    if reading.text:
        understood = f"{reading.text}; {understood}" if understood else reading.text
    document = rule.sources[0].document if rule.sources else ""
    return Terms(
        rule=rule,
        phase=says.id or None,
        duty=says.duty or rule.duty,
        title=says.title or rule.title,
        responsible=says.responsible or rule.responsible,
        kind=reading.timing.kind,
        timing=words,
        strength=says.strength or rule.strength,
        basis=rule.basis,
        sources=tuple(Source(document, section) for section in says.sections) if says.sections else rule.sources,
        reading=understood or None,
    )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every event, fact and duty that profiles may use."""

    events: Mapping[str, EventSpec]
    facts: Mapping[str, FactSpec]
    duties: Mapping[str, DutySpec]
    episodes: Mapping[str, EpisodeSpec] = field(default_factory=dict)

    def family(self, duty: str) -> str:
        """The general duty that a duty is a kind of, itself where it is none."""
        spec = self.duties.get(duty)
        return (spec.family if spec is not None else "") or duty

    def kinds(self, duty: str) -> frozenset[str]:
        """A duty with the duties that are kinds of it, for whoever asks by the general one."""
        return frozenset((duty, *(spec.key for spec in self.duties.values() if spec.family == duty)))

    def episode_of(self, event: str) -> str:
        """The kind of episode that an event speaks of: said, or the one it opens, or closes; the case failing that."""
        spec = self.events.get(event)
        if spec is not None and spec.episode is not None:
            return spec.episode
        for kind in self.episodes.values():
            if event in kind.opened_by:
                return kind.key
        return next((kind.key for kind in self.episodes.values() if event in kind.closed_by and kind.key != CASE), CASE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one event starts, in the order of the document; `order` is that of the rules' ids, as answers have it.

    `contested` says that some rule among them gives way to an exception, and so needs the others' verdicts.
    """

    started: tuple[Started, ...]
    order: tuple[int, ...] = field(init=False)
    contested: bool = field(init=False)

    def __post_init__(self) -> None:
        places = sorted(range(len(self.started)), key=lambda place: self.started[place].rule.id)
        object.__setattr__(self, "order", tuple(places))
        object.__setattr__(self, "contested", any(each.exceptions for each in self.started))


NOTHING = Plan(())


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
    plans: Mapping[str, Plan] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "plans", {event: Plan(started) for event, started in self.by_event.items()})

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
        if rule.exception_to is not None:
            exceptions.setdefault(rule.exception_to, []).append(rule.id)
    for rule in rules:
        others = tuple(exceptions.get(rule.id, ()))
        for events, restarted in ((rule.events, False), (rule.restarts, True)):
            for event in events:
                noun = vocabulary.events[event].noun
                started = start(rule, noun, restarted=restarted, exceptions=others)
                by_event.setdefault(event, []).append(started)
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
