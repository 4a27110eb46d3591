"""The stretches of a series: how it opens, each phase's interval, and what a phase says differently from its rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.engine.civil_time import Moment
from app.engine.conditions import Condition, label
from app.engine.counting import Limit, OutsideCalendar, count
from app.engine.facts import FactSpec, Situation
from app.engine.phase_ends import PhaseEnd
from app.engine.timing import BEYOND_CALENDAR, Missing, Timing
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
class Says:
    """What a part of a series says differently from its rule; what is empty is the rule's."""

    id: str = ""
    duty: str = ""
    title: str = ""
    strength: Strength | None = None
    responsible: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    reading: str = ""


AS_THE_RULE = Says()


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of a series: its interval, when it applies, what ends it, and whatever it says differently."""

    interval: Duration | PlanInterval
    when: Condition | None = None
    end: PhaseEnd | None = None
    says: Says = AS_THE_RULE
    times: int = 0
    _spoken: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_spoken", self._speak())

    def words(self) -> str:
        """The phase in plain words, put together once."""
        return self._spoken

    def _speak(self) -> str:
        if self.times:
            often = {1: "once", 2: "twice"}.get(self.times, f"{self.times} times")
            return f"{often} in {_every(self.interval)}"
        if isinstance(self.interval, PlanInterval):
            return str(self.interval)
        told = f"{_every(self.interval)}, counted from the one before"
        if self.when is not None:
            told += f", where {self.when.words()}"
        return f"{told}, {self.end.words()}" if self.end is not None else told


def _every(interval: Duration | PlanInterval) -> str:
    if not isinstance(interval, PlanInterval) and interval.amount == 1:
        return f"every {interval.singular}"
    return f"every {interval}"


@dataclass(frozen=True, slots=True)
class First:
    """How a series opens where its first limit differs from its interval."""

    timing: Timing
    says: Says = AS_THE_RULE


def noted(limit: Limit, notes: tuple[str, ...]) -> Limit:
    """A limit with something more to be said of it."""
    if not notes:
        return limit
    return Limit(limit.day, limit.at, (*limit.assumptions, *notes), limit.counted_to, limit.opens)


def next_limit(situation: Situation, base: Moment, phase: Phase) -> Limit | Missing:
    """One interval of the phase from a moment; the plan's own interval where it sets one, never longer than printed."""
    if not isinstance(phase.interval, PlanInterval):
        return interval_after(situation, base, phase.interval)
    try:
        return _planned(situation, base, phase.interval)
    except (OutsideCalendar, OverflowError):
        return BEYOND_CALENDAR


def interval_after(situation: Situation, base: Moment, interval: Duration) -> Limit | Missing:
    """One interval from a moment."""
    try:
        return count(base, interval, situation.calendar, situation.zone)
    except (OutsideCalendar, OverflowError):
        return BEYOND_CALENDAR


def _planned(situation: Situation, base: Moment, interval: PlanInterval) -> Limit | Missing:
    planned = situation.facts.get(interval.set_by.key)
    ceiling = None
    if interval.ceiling is not None:
        ceiling = count(base, interval.ceiling, situation.calendar, situation.zone)
    if planned is None:
        if ceiling is None:
            return Missing("facts_missing", frozenset((interval.set_by.key,)))
        return noted(ceiling, (f"{label(interval.set_by.key)}: not given, the longest interval printed was taken",))
    if not isinstance(planned, int):
        raise TypeError(f"{interval.set_by.key} must be a whole number of days")
    own = count(base, Days(planned), situation.calendar, situation.zone)
    return own if ceiling is None or own.at <= ceiling.at else ceiling
