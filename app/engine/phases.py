"""The parts of a series: how it opens, each phase's interval, and what a phase says differently from its rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from app.engine.civil_time import ONE_DAY, Moment
from app.engine.conditions import Condition, key_in_words
from app.engine.counting import DueDate
from app.engine.facts import FactSpec, Situation
from app.engine.phase_ends import PhaseEnd
from app.engine.timing import Counting, Missing, Timing, counted
from app.engine.units import Days, Duration

Strength = Literal["must", "should", "suggested"]


@dataclass(frozen=True, slots=True)
class PlanInterval:
    """An interval in days that the child's own plan sets, never longer than the ceiling that the document prints."""

    set_by: FactSpec
    ceiling: Duration | None

    def __str__(self) -> str:
        if self.ceiling is None:
            return "as often as the plan sets"
        return f"as often as the plan sets, at least every {self.ceiling}"


@dataclass(frozen=True, slots=True)
class PhaseOverrides:
    """What a part of a series says differently from its rule; an empty value is the rule's own."""

    id: str = ""
    duty: str = ""
    title: str = ""
    strength: Strength | None = None
    responsible: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    reading: str = ""


NO_OVERRIDES = PhaseOverrides()


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of a series."""

    interval: Duration | PlanInterval
    when: Condition | None = None
    """Tested on the day each interval starts."""
    end: PhaseEnd | None = None
    overrides: PhaseOverrides = NO_OVERRIDES
    times: int = 0
    """How many times the act is due in each interval, for a quota; 0 for every other series."""
    event_day: int = 0
    """1 where each interval includes its own first day: the day of the visit that it is counted from, or, of a
    quota, the first day of a period that ends the day before the next begins."""
    calendar_months: bool = False
    """True where an interval is reckoned from the first of its calendar month; the first may so be a part of one."""
    keeps_begun_interval: bool = False
    """True where an interval begun in this phase keeps its length, also where it ends beyond the phase."""
    _description: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_description", self._describe())

    def describe(self) -> str:
        """Return the phase in words."""
        return self._description

    def explanation(self) -> Counting | str:
        """Return how one interval is counted."""
        length = self.interval.ceiling if isinstance(self.interval, PlanInterval) else self.interval
        if self.calendar_months:
            return "the last day of the calendar month"
        return "the limit" if length is None else Counting(length, event_day=self.event_day)

    def _describe(self) -> str:
        if self.times:
            often = {1: "once", 2: "twice"}.get(self.times, f"{self.times} times")
            return f"{often} in {'each calendar month' if self.calendar_months else _every(self.interval)}"
        if isinstance(self.interval, PlanInterval):
            return str(self.interval)
        start = "and including the day of the one before" if self.event_day else "the one before"
        text = f"{_every(self.interval)}, counted from {start}"
        if self.when is not None:
            text += f", where {self.when.describe()}"
        if self.end is not None:
            text += f", {self.end.describe()}"
        return f"{text}, an interval begun before that keeping its length" if self.keeps_begun_interval else text


def _every(interval: Duration | PlanInterval) -> str:
    if not isinstance(interval, PlanInterval) and interval.amount == 1:
        return f"every {interval.singular}"
    return f"every {interval}"


@dataclass(frozen=True, slots=True)
class First:
    """How a series opens where its first due date differs from its interval."""

    timing: Timing
    overrides: PhaseOverrides = NO_OVERRIDES

    def explanation(self) -> Counting | str:
        """Return how the first due date is counted."""
        return self.timing.explanation()


def next_base(due: DueDate, phase: Phase | First) -> Moment:
    """Return what the interval after a due date is counted from."""
    # The periods of a quota follow one another; an interval between acts begins with the day of the act.
    follows = isinstance(phase, Phase) and phase.times and phase.event_day
    return Moment(due.day + ONE_DAY) if follows else Moment(due.day)


def with_assumptions(due: DueDate, assumptions: tuple[str, ...]) -> DueDate:
    """Return a due date with further assumptions."""
    if not assumptions:
        return due
    # Built anew and not by _replace, which costs three times as much for each due date of a long series.
    return DueDate(due.day, due.at, (*due.assumptions, *assumptions), due.latest_day_consulted, due.earliest_day)


def consulted_up_to(due: DueDate, latest: date | None) -> DueDate:
    """Return a due date that rests on the calendar up to `latest`: one of a series rests on those before it."""
    return DueDate(due.day, due.at, due.assumptions, latest, due.earliest_day)


def next_due_date(situation: Situation, base: Moment, phase: Phase) -> DueDate | Missing:
    """Count one interval of a phase from a moment; the plan's own where it sets one, never longer than printed."""
    if not isinstance(phase.interval, PlanInterval):
        start = Moment(base.day.replace(day=1)) if phase.calendar_months else base
        return counted(start, phase.interval, situation, event_day=phase.event_day)
    planned, ceiling = situation.facts.get(phase.interval.set_by.key), phase.interval.ceiling
    longest = counted(base, ceiling, situation) if ceiling is not None else None
    if planned is None:
        if longest is None:
            return Missing("facts_missing", frozenset((phase.interval.set_by.key,)))
        if isinstance(longest, Missing):
            return longest
        name = key_in_words(phase.interval.set_by.key)
        return with_assumptions(longest, (f"{name}: not given, the longest interval printed was taken",))
    if not isinstance(planned, int):
        raise TypeError(f"{phase.interval.set_by.key} must be a whole number of days")
    own = counted(base, Days(planned), situation)
    if isinstance(own, Missing) or longest is None:
        return own
    return longest if isinstance(longest, Missing) or longest.at < own.at else own
