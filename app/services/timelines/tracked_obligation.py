"""One obligation of a timeline while it is being worked out: what started it, and what has become of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.engine.civil_time import Moment
from app.engine.compiled_profile import Rule
from app.engine.conditions import All, Condition, OneOf
from app.engine.facts import THIS_EVENT, FactValue
from app.engine.phases import Phase
from app.engine.results import Obligation
from app.engine.series import Series
from app.engine.vocabulary import Vocabulary
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion
from app.services.timelines.case import Event, situation
from app.services.timelines.episode import Episode
from app.services.zone import LONDON

Fate = Literal["open", "done", "ended", "superseded"]
Json = dict[str, object]


@dataclass(slots=True)
class TrackedObligation:
    """An obligation with the event that started it and whatever happened to it since.

    It is `trackable` where some event could show it done: one that its rule names, or one that names its duty. It lies
    in an `episode`. `observable` says that the case's source could have shown it done, and `in_window` that it was
    started, due or done on a day that the source covers. `latest_limits` are the latest ends of readings that could not
    be dated but cannot end later; `excused` says that an act was tried and refused, `taken_back` that a later word
    settled that it was never owed.
    """

    id: str
    child: str | None
    version: ProfileVersion
    calendar: CalendarVersion
    obligation: Obligation
    started_by: Event
    number: int
    episode: Episode
    fate: Fate = "open"
    closed_by: Event | None = None
    done: Moment | None = None
    superseded_by: str | None = None
    also_started_by: list[str] = field(default_factory=list)
    rests_on: tuple[str, ...] = ()
    scheduled: Event | None = None
    trackable: bool = True
    observable: bool = True
    in_window: bool = True
    latest_limits: tuple[datetime, ...] = ()
    excused: bool = False
    taken_back: bool = False
    counted: int = 0
    history: list[Json] = field(default_factory=list)

    @property
    def rule(self) -> Rule:
        """Return the rule as it stood on the day of the start."""
        return self.obligation.rule

    @property
    def series(self) -> str:
        """Return what the names of all limits of its series have in common."""
        return self.id.rsplit("/", 1)[0]

    @property
    def family(self) -> str:
        """Return the general duty that it is a kind of."""
        return self.version.profile.vocabulary.family(self.obligation.duty)

    @property
    def earliest_only(self) -> bool:
        """Return whether the rule says from when, not by when: not before a day, or back to when a window opens."""
        if self.rule.readings[0].timing.completion == "once_open":
            return True
        return self.obligation.not_before is not None and self.obligation.not_before == self.obligation.due_date

    @property
    def undated(self) -> bool:
        """Return whether some reading of the paragraph could not be dated, so that nobody can say that it has passed.

        Wording that says the reverse of its evident intent does not count: what is meant is known.
        """
        undated = sum(1 for item in self.obligation.alternatives if item.due_at is None)
        return not self.rule.keeps_declared and undated > 0 and not self.latest_limits

    @property
    def needed(self) -> int:
        """Return how many times the act is due by the limit: a quota's times, otherwise once."""
        timing = self.rule.readings[0].timing
        if isinstance(timing, Series):
            phase = next((p for p in timing.phases if p.overrides.id == (self.obligation.phase or "")), None)
            return max(phase.times, 1) if isinstance(phase, Phase) else 1
        return 1

    def add_history(self, what: str, event: Event | None = None, note: str | None = None) -> None:
        """Add a line to the history."""
        entry: Json = {"what": what, "event": None, "type": None, "occurred_at": None}
        if event is not None:
            entry.update(event=event.key, type=event.type, occurred_at=written(event.moment))
        self.history.append({**entry, "note": note})

    def discharge(self, event: Event) -> bool:
        """Take an event as showing the act done; false where it came too early or a quota wants more of it."""
        opens = self.obligation.not_before
        if opens is not None and event.moment.day < opens:
            self.add_history("too_early", event, f"not before {opens.isoformat()}")
            return False
        self.counted += 1
        if self.counted < self.needed:
            self.add_history("counted", event, f"{self.counted} of {self.needed}")
            return False
        self.fate, self.closed_by, self.done = "done", event, event.done
        self.add_history("discharged", event)
        return True

    def end(self, event: Event) -> None:
        """End it: the plan or placement that it belonged to is over."""
        self.fate, self.closed_by = "ended", event
        self.add_history("ended", event)

    def excuse(self, event: Event) -> None:
        """Excuse it: the act was tried and refused; this occasion is excused, and the next is counted from it."""
        self.fate, self.closed_by, self.excused = "ended", event, True
        self.add_history("excused", event)

    def take_back(self, event: Event, fact: str) -> None:
        """Take it back: a later word settled that it was not owed."""
        self.fate, self.closed_by, self.taken_back = "ended", event, True
        self.add_history("not_owed", event, f"{fact.replace('_', ' ')} became known")

    def reopen(self) -> None:
        """Forget what met it, ended it or took its place."""
        self.fate, self.closed_by, self.done, self.excused, self.superseded_by = "open", None, None, False, None

    def supersede(self, event: Event | None, by: str | None, note: str) -> None:
        """Supersede it: the clock was started again, or the meeting was moved."""
        self.fate, self.closed_by, self.superseded_by = "superseded", event, by
        self.add_history("superseded", event, note)

    def limits(self) -> list[datetime]:
        """Return the end by each reading, the main one first."""
        others = [item.due_at for item in self.obligation.alternatives if item.due_at is not None]
        return [self.obligation.due_at, *others, *self.latest_limits]


def precedence(rule: Rule, event: Event) -> int:
    """Return which of a rule's events comes first where two fall together: its starts as listed, then its restarts."""
    return [*rule.events, *rule.restarts].index(event.type)


def discharging_types(rule: Rule) -> tuple[str, ...]:
    """Return the events that may discharge a rule; a series without any is discharged by what restarts it."""
    return rule.discharged_by or rule.restarts


def shown_by(rule: Rule, event: Event, vocabulary: Vocabulary) -> bool:
    """Return whether an event is an act that discharges a rule, or includes one by its definition."""
    kinds = discharging_types(rule)
    if event.type in kinds:
        return True
    spec = vocabulary.events.get(event.type)
    return spec is not None and any(act in kinds for act in spec.includes)


def discharges(
    record: TrackedObligation, event: Event, facts: Callable[[Event], Mapping[str, FactValue]]
) -> bool | None:
    """Return whether an event discharges an obligation; None where a fact about the event would settle it.

    What a series' restart asks of the event itself ("seen awake") holds for the act too; what it asks of the
    circumstances holds for the restart alone.
    """
    rule = record.rule
    if {record.obligation.duty, rule.duty, record.family} & event.discharges:
        return True
    if not shown_by(rule, event, record.version.profile.vocabulary):
        return False
    conditions = conditions_on_the_act(record, event)
    if not conditions:
        return True
    at_event = situation(event, facts(event), record.calendar)
    verdicts = [condition.test(at_event, event.moment.day).holds for condition in conditions]
    if any(holds is False for holds in verdicts):
        return False
    return None if any(holds is None for holds in verdicts) and not event.assumed else True


def conditions_on_the_act(record: TrackedObligation, event: Event) -> list[Condition]:
    """Return what an event must say to show the act done."""
    rule, facts = record.rule, record.version.profile.vocabulary.facts
    conditions = [rule.discharged_when] if rule.discharged_when is not None else []
    restart = rule.restart_when
    if event.type in rule.restarts and restart is not None and rule.discharged_when is None:
        parts = restart.parts if isinstance(restart, All) else (restart,)
        conditions += [part for part in parts if all(facts[fact].scope == THIS_EVENT for fact in part.facts())]
    return conditions


def excuses(record: TrackedObligation, event: Event, facts: Callable[[Event], Mapping[str, FactValue]]) -> bool:
    """Return whether an event says that the act was tried and refused."""
    condition = record.rule.excused_when
    if condition is None or event.type not in (*discharging_types(record.rule), *record.rule.restarts):
        return False
    return condition.test(situation(event, facts(event), record.calendar), event.moment.day).holds is True


def required_event_facts(rule: Rule) -> dict[str, FactValue]:
    """Return the facts that an event has to say for it to discharge a rule, where the rule leaves no choice of them."""
    facts: dict[str, FactValue] = {}
    for condition in (rule.discharged_when, rule.restart_when):
        for part in condition.parts if isinstance(condition, All) else (condition,):
            if isinstance(part, OneOf) and not part.negate and len(part.values) == 1:
                facts[part.spec.key] = next(iter(part.values))
    return facts


def in_time(done: Moment, limit: datetime) -> bool:
    """Return whether an act was done by a limit; a day without a time is late only if the whole day is."""
    return done.instant(LONDON) <= limit


def written(moment: Moment) -> str:
    """Return a moment as an answer writes it."""
    return moment.day.isoformat() if moment.at is None else moment.at.isoformat()
