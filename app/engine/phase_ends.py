"""What ends a phase of a series: an event that happened or is projected, elapsed time, an age, a dated fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from app.engine.civil_time import Moment
from app.engine.conditions import fact_label, key_in_words
from app.engine.counting import add_duration
from app.engine.facts import DATE_OF_BIRTH, FactSpec, Situation
from app.engine.months import birthday
from app.engine.timing import Missing, Timing
from app.engine.units import Age, Duration


class End(NamedTuple):
    """Where a phase ends, as far as that can be said on the day of the event."""

    day: date | None = None
    """None where the end has not come: see `open`."""
    projected: bool = False
    open: bool = False
    """True where the end has not come and cannot be projected; otherwise it is presumed not reached."""
    missing: frozenset[str] = frozenset()
    """The facts that would place it."""
    assumptions: tuple[str, ...] = ()


NEVER = End()


class PhaseEnd(Protocol):
    """What every end of a phase must answer."""

    def find(self, situation: Situation) -> End:
        """Return where the phase ends. Raises OutsideCalendar, OverflowError."""
        ...

    def facts(self) -> frozenset[str]:
        """Return the keys of the facts it reads."""
        ...

    def describe(self) -> str:
        """Return it in words, beginning with `until`."""
        ...


@dataclass(frozen=True, slots=True)
class Projection:
    """The due date at which an event that has not happened is assumed: another rule's timing, from a dated fact."""

    timing: Timing
    since: FactSpec


@dataclass(frozen=True, slots=True)
class UntilHeld:
    """Until a dated event of the child's history; before it has happened, projected at its own due date if possible."""

    held_on: FactSpec
    projection: Projection | None = None
    counts_from: FactSpec | None = None

    def find(self, situation: Situation) -> End:
        happened_on = situation.facts.get(self.held_on.key)
        if isinstance(happened_on, date) and not self._too_early(situation, happened_on):
            return End(happened_on)
        name = key_in_words(self.held_on.key)
        note = f"{name}: not given, taken as not yet happened"
        if isinstance(happened_on, date):
            note = f"{name}: the one given lies before what it counts from, and is not the one meant"
        if self.projection is None:
            return End(open=True, missing=frozenset((self.held_on.key,)), assumptions=(note,))
        since = situation.facts.get(self.projection.since.key)
        needs = frozenset((self.held_on.key, self.projection.since.key))
        if not isinstance(since, date):
            return End(open=True, missing=needs, assumptions=(note,))
        due = self.projection.timing.due_date(situation, Moment(since))
        if isinstance(due, Missing):
            return End(open=True, missing=needs, assumptions=(note,))
        if due.day >= situation.moment.day:
            when = f"{fact_label(self.held_on)}: projected at its own limit, {due.day.isoformat()}"
            return End(due.day, projected=True, assumptions=(when,))
        # Its due date has passed and it is presumed not to have happened: the day after the event is the earliest.
        when = f"{fact_label(self.held_on)}: not recorded although its own limit, {due.day.isoformat()}, has passed"
        return End(situation.moment.day + timedelta(days=1), projected=True, assumptions=(when,))

    def _too_early(self, situation: Situation, happened_on: date) -> bool:
        """Return True if it happened before the fact it counts from (an adoptive placement): another one is meant."""
        since = situation.facts.get(self.counts_from.key) if self.counts_from is not None else None
        return isinstance(since, date) and happened_on < since

    def facts(self) -> frozenset[str]:
        return frozenset((self.held_on.key,)) | (
            frozenset((self.projection.since.key,)) if self.projection is not None else frozenset()
        )

    def describe(self) -> str:
        return f"until {fact_label(self.held_on)}"


@dataclass(frozen=True, slots=True)
class UntilAfter:
    """Until so long after a dated fact: the first year of a placement."""

    length: Duration
    since: FactSpec

    def find(self, situation: Situation) -> End:
        since = situation.facts.get(self.since.key)
        if not isinstance(since, date):
            return End(missing=frozenset((self.since.key,)))
        return End(add_duration(since, self.length, situation.calendar, 1))

    def facts(self) -> frozenset[str]:
        return frozenset((self.since.key,))

    def describe(self) -> str:
        return f"until {self.length} after {fact_label(self.since)}"


@dataclass(frozen=True, slots=True)
class UntilAge:
    """Until a birthday; without a date of birth it is presumed not reached."""

    age: Age

    def find(self, situation: Situation) -> End:
        born = situation.facts.get(DATE_OF_BIRTH)
        if not isinstance(born, date):
            return End(assumptions=(f"date of birth not given: {self.age} of age taken as not yet reached",))
        return End(birthday(born, self.age))

    def facts(self) -> frozenset[str]:
        return frozenset((DATE_OF_BIRTH,))

    def describe(self) -> str:
        return f"until the age of {self.age}"


@dataclass(frozen=True, slots=True)
class UntilDate:
    """Until a dated fact; without it, presumed not reached."""

    on: FactSpec

    def find(self, situation: Situation) -> End:
        value = situation.facts.get(self.on.key)
        if isinstance(value, date):
            return End(value)
        return End(assumptions=(f"{key_in_words(self.on.key)}: not given, taken as not yet reached",))

    def facts(self) -> frozenset[str]:
        return frozenset((self.on.key,))

    def describe(self) -> str:
        return f"until {fact_label(self.on)}"
