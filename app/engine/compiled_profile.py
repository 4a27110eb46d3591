"""A profile compiled for calculation: its rules by the event that starts or restarts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from app.engine.citations import CitedReading, DatedWarning, NotComputable, Source
from app.engine.conditions import Condition
from app.engine.facts import AfterEnd
from app.engine.phases import First, Phase, Strength
from app.engine.series import Series
from app.engine.timing import Kind, Timing
from app.engine.vocabulary import Vocabulary

Basis = Literal["local", "statute", "regulations", "statutory_guidance", "court_rules"]
Certainty = Literal["verified", "secondary"]
"""Whether a timescale was read in its own text or a sound report of it, or only in part or in a counterpart of it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a rule's paragraph."""

    timing: Timing | Series
    text: str = ""
    """How the author puts it."""
    section: str | None = None
    """The section shown for it: its own, else the one that the rule cites first."""
    explicit: bool = True
    """False where the document does not state the unit."""
    source: Source | None = None
    """The paragraph that prints it, where it is not the rule's own."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a profile, as its document declares it."""

    id: str
    duty: str
    title: str
    events: tuple[str, ...]
    """The events that start it."""
    restarts: tuple[str, ...]
    """The events that restart its series."""
    when: Condition | None
    restart_when: Condition | None
    """What must hold of the event that restarts it."""
    readings: tuple[Reading, ...]
    """The declared reading first."""
    reading: str | None
    """How an ambiguous paragraph was understood, and why."""
    keeps_declared: bool
    """True where the declared reading stays the main one whatever the dates."""
    responsible: tuple[str, ...]
    strength: Strength
    basis: Basis
    sources: tuple[Source, ...]
    exception_to: str | None
    """The id of the general rule that gives way to this one."""
    discharged_by: tuple[str, ...]
    discharged_when: Condition | None
    ends_on: tuple[str, ...]
    in_force_from: date | None
    in_force_to: date | None
    note: str | None
    documents: tuple[str, ...] = ()
    """The keys of the documents cited."""
    episodes: tuple[str, ...] = ()
    """The kinds of episode that an obligation lies in, where it is not what its starting event speaks of."""
    not_owed_when: Condition | None = None
    """What takes the obligation back once it is known to hold."""
    excused_when: Condition | None = None
    """Tested on an act that was tried: where it holds, this occasion is excused."""
    after_end: AfterEnd = "ends"
    """Whether the obligation ends with its episode, or stays due."""
    done_before: str | None = None
    """The enclosing kind of episode back to whose beginning an act counts."""
    occasion: bool = False
    """True where each limit of the duty from one start wants an act of its own."""
    rests_during: tuple[str, ...] = ()
    """The kinds of episode during which a series rests."""
    certainty: Certainty = "verified"
    closures_count: bool = False
    """True where a council's own closure days count as working days: a visit to a child at risk does not wait."""
    closures_stated: bool = False
    """True where the document itself says whether they count, and it does not follow from the duty."""

    duties: frozenset[str] = field(init=False)
    """Its own duty, and those of its phases that have another."""
    recurring: bool = field(init=False)
    dated: bool = field(init=False)
    """True where the rule has dates in force of its own."""
    _facts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "duties", frozenset((self.duty, *duties_of_phases(self.readings))))
        object.__setattr__(self, "recurring", isinstance(self.readings[0].timing, Series))
        object.__setattr__(self, "dated", self.in_force_from is not None or self.in_force_to is not None)
        read = (self.when, self.restart_when, self.not_owed_when)
        parts = (*(reading.timing for reading in self.readings), *(each for each in read if each is not None))
        object.__setattr__(self, "_facts", frozenset().union(*(part.facts() for part in parts)))

    @property
    def kind(self) -> Kind:
        return self.readings[0].timing.kind

    def facts(self) -> frozenset[str]:
        """Return every fact that the rule's conditions or timing may read."""
        return self._facts

    def describe(self, noun: str) -> str:
        """Return the declared timing in words, for the event that a noun names."""
        return self.readings[0].timing.describe(noun)


def duties_of_phases(readings: tuple[Reading, ...]) -> set[str]:
    """Return the duties that phases of a series have instead of their rule's."""
    series = [reading.timing for reading in readings if isinstance(reading.timing, Series)]
    parts = [part for each in series for part in (each.first, *each.phases) if part is not None]
    return {part.overrides.duty for part in parts if part.overrides.duty}


@dataclass(frozen=True, slots=True, eq=False)
class ObligationTemplate:
    """What an obligation says whatever its date: its rule's words, or those of the phase that set the due date.

    Prepared once for each event that starts the rule, so that every answer holds one and the same object.
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
    warnings: tuple[DatedWarning, ...] = ()
    """The warnings about the documents that the rule cites."""


@dataclass(frozen=True, slots=True)
class ApplicableRule:
    """A rule prepared for one event type, either as its start or as a restart of its series.

    Everything that does not depend on the child is worked out here, once.
    """

    rule: Rule
    restarted: bool
    """True where the event restarts the series and does not start it."""
    descriptions: tuple[str, ...]
    """Each reading's timing in words, for this event."""
    templates: tuple[ObligationTemplate, ...]
    """What an obligation of each reading says."""
    phase_templates: tuple[Mapping[int, ObligationTemplate], ...]
    """For each reading that is a series: what an obligation of each phase says, by the phase's identity."""
    condition: Condition | None
    """What must hold on the day of the event."""
    interval_condition: Condition | None
    """What a series tests again on the day each interval starts, such as an age."""
    exceptions: tuple[str, ...] = ()
    """The ids of the rules that it gives way to."""
    cited_readings: tuple[CitedReading, ...] = field(init=False)
    """Each reading as an alternative shows it."""
    only_timing: Timing | None = field(init=False)
    """The timing of a one-off rule with one reading."""
    only_series: Series | None = field(init=False)
    """The series of a recurring rule with one reading."""
    depends_only_on_day: bool = field(init=False)
    """True where every due date, once the rule applies, follows from the event's day and the calendar alone."""
    next_depends_only_on_day: bool = field(init=False)
    """True where at least the next due date does."""
    always_applies: bool = field(init=False)
    """True where the rule applies whenever its event happens."""

    def __post_init__(self) -> None:
        rule = self.rule
        timings = [reading.timing for reading in rule.readings]
        only = timings[0] if len(timings) == 1 else None
        cited = tuple(
            CitedReading(text or description, reading.section or "", _document(rule, reading))
            for text, reading, description in zip(
                reading_texts(rule, self.descriptions), rule.readings, self.descriptions, strict=True
            )
        )
        every = all(timing.depends_only_on_day for timing in timings)
        following = all(
            timing.next_depends_only_on_day(restarted=self.restarted)
            if isinstance(timing, Series)
            else timing.depends_only_on_day
            for timing in timings
        )
        always = self.condition is None and not self.exceptions and not rule.dated
        object.__setattr__(self, "cited_readings", cited)
        object.__setattr__(self, "only_timing", None if isinstance(only, Series) else only)
        object.__setattr__(self, "only_series", only if isinstance(only, Series) else None)
        object.__setattr__(self, "depends_only_on_day", every and self.interval_condition is None)
        object.__setattr__(self, "next_depends_only_on_day", following and self.interval_condition is None)
        object.__setattr__(self, "always_applies", always)

    def template_of(self, place: int, phase: Phase | First | None) -> ObligationTemplate:
        """Return what an obligation of one reading says, in the phase that set its due date."""
        return self.templates[place] if phase is None else self.phase_templates[place][id(phase)]


def reading_texts(rule: Rule, descriptions: tuple[str, ...]) -> tuple[str, ...]:
    """Return how the author puts each reading, with its timing where several are put alike; empty where not at all.

    Example: a bare "2 days" is read as calendar days and as working days, under one text.
    """
    texts = [reading.text for reading in rule.readings]
    return tuple(
        f"{text}: {description}" if text and texts.count(text) > 1 else text
        for text, description in zip(texts, descriptions, strict=True)
    )


def _document(rule: Rule, reading: Reading) -> str:
    source = reading.source or next(iter(rule.sources), None)
    return source.document if source is not None else ""


@dataclass(frozen=True, slots=True)
class EventRules:
    """The rules that one event starts or restarts, in the order of the document."""

    rules: tuple[ApplicableRule, ...]
    in_order: tuple[tuple[int, ApplicableRule], ...] = field(init=False)
    """Each rule with its position, in the order of the rules' ids, as answers have them."""
    exceptions: tuple[ApplicableRule, ...] = field(init=False)
    """Those to which another rule among them gives way, and whose verdicts it so needs."""
    closures_count: bool = field(init=False)
    """True where a council's own closure days count as working days for one of them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "in_order", tuple(sorted(enumerate(self.rules), key=lambda each: each[1].rule.id)))
        named = {name for each in self.rules for name in each.exceptions}
        object.__setattr__(self, "exceptions", tuple(each for each in self.rules if each.rule.id in named))
        object.__setattr__(self, "closures_count", any(each.rule.closures_count for each in self.rules))


NO_RULES = EventRules(())


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
    by_event: Mapping[str, tuple[ApplicableRule, ...]] = field(default_factory=dict)
    exceptions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The ids of the exceptions to each general rule, by its id."""
    event_rules: Mapping[str, EventRules] = field(init=False)
    duties: frozenset[str] = field(init=False)
    """Every duty that one of its rules sets a timescale for."""
    general_warnings: tuple[DatedWarning, ...] = field(init=False)
    """The warnings that are about no single document."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "general_warnings", tuple(item for item in self.warnings if item.document is None))
        object.__setattr__(self, "event_rules", {event: EventRules(rules) for event, rules in self.by_event.items()})
        object.__setattr__(self, "duties", frozenset().union(*(rule.duties for rule in self.rules)))

    def rule(self, rule_id: str) -> Rule | None:
        """Return a rule by its id."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)
