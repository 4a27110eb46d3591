"""Series: limits that follow one another, each counted from the one before, through phases that end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Protocol

from app.engine.civil import Moment
from app.engine.conditions import Condition, called, label
from app.engine.counting import Limit, OutsideCalendar, count, moved
from app.engine.facts import DATE_OF_BIRTH, FactSpec, FactValue, Situation
from app.engine.months import birthday
from app.engine.timing import BEYOND_CALENDAR, Kind, Missing, Timing
from app.engine.units import Age, Days, Duration


@dataclass(frozen=True, slots=True)
class End:
    """Where a phase ends, as far as it is known on the day asked about.

    `day` None with `open` says that the end has not come and cannot be projected; None without it, that it is presumed
    not reached. `missing` names the facts that would place it.
    """

    day: date | None = None
    projected: bool = False
    open: bool = False
    missing: frozenset[str] = frozenset()
    assumptions: tuple[str, ...] = ()


NEVER = End()


class PhaseEnd(Protocol):
    """What every end of a phase answers."""

    def find(self, situation: Situation) -> End: ...
    def facts(self) -> frozenset[str]: ...
    def words(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Projection:
    """The limit by which an event that has not been held is assumed to be: a rule's own timing, from a dated fact."""

    timing: Timing
    since: FactSpec


@dataclass(frozen=True, slots=True)
class UntilHeld:
    """Until a dated event of the child's history; not yet held, it is projected at its own limit where that can be."""

    held_on: FactSpec
    projection: Projection | None = None
    counts_from: FactSpec | None = None

    def find(self, situation: Situation) -> End:
        held = situation.facts.get(self.held_on.key)
        if isinstance(held, date) and not self._too_early(situation, held):
            return End(held)
        note = f"{label(self.held_on.key)}: not given, taken as not yet happened"
        if self.projection is None:
            return End(open=True, missing=frozenset((self.held_on.key,)), assumptions=(note,))
        since = situation.facts.get(self.projection.since.key)
        needs = frozenset((self.held_on.key, self.projection.since.key))
        if not isinstance(since, date):
            return End(open=True, missing=needs, assumptions=(note,))
        limit = self.projection.timing.limit(situation, Moment(since))
        if isinstance(limit, Missing):
            return End(open=True, missing=needs, assumptions=(note,))
        # The event is presumed not held on the event's day, so it can be assumed on the day after at the earliest.
        day = max(limit.day, situation.moment.day + timedelta(days=1))
        when = f"{called(self.held_on)}: projected at its own limit, {day.isoformat()}"
        return End(day, projected=True, assumptions=(when,))

    def _too_early(self, situation: Situation, held: date) -> bool:
        """One held before the dated fact it counts from (an adoptive placement) is not the one meant."""
        since = situation.facts.get(self.counts_from.key) if self.counts_from is not None else None
        return isinstance(since, date) and held < since

    def facts(self) -> frozenset[str]:
        return frozenset((self.held_on.key,)) | (
            frozenset((self.projection.since.key,)) if self.projection is not None else frozenset()
        )

    def words(self) -> str:
        return f"until {called(self.held_on)}"


@dataclass(frozen=True, slots=True)
class UntilAfter:
    """Until so long after a dated fact: the first year of a placement."""

    length: Duration
    since: FactSpec

    def find(self, situation: Situation) -> End:
        since = situation.facts.get(self.since.key)
        if not isinstance(since, date):
            return End(missing=frozenset((self.since.key,)))
        return End(moved(since, self.length, situation.calendar, 1))

    def facts(self) -> frozenset[str]:
        return frozenset((self.since.key,))

    def words(self) -> str:
        return f"until {self.length} after {called(self.since)}"


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

    def words(self) -> str:
        return f"until the age of {self.age}"


@dataclass(frozen=True, slots=True)
class UntilDate:
    """Until a dated fact; without it, presumed not reached."""

    on: FactSpec

    def find(self, situation: Situation) -> End:
        value = situation.facts.get(self.on.key)
        if isinstance(value, date):
            return End(value)
        return End(assumptions=(f"{label(self.on.key)}: not given, taken as not yet reached",))

    def facts(self) -> frozenset[str]:
        return frozenset((self.on.key,))

    def words(self) -> str:
        return f"until {called(self.on)}"


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
class Phase:
    """One stretch of a series: its interval, when it applies, what ends it, and whatever it says differently."""

    interval: Duration | PlanInterval
    when: Condition | None = None
    end: PhaseEnd | None = None
    id: str = ""
    duty: str = ""
    title: str = ""
    strength: str = ""
    responsible: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    reading: str = ""
    times: int = 0

    def words(self) -> str:
        if self.times:
            return f"{self.times} times in every {self.interval}"
        if isinstance(self.interval, PlanInterval):
            return str(self.interval)
        amount = self.interval.amount
        every = f"every {self.interval.singular}" if amount == 1 else f"every {self.interval}"
        return f"{every}, counted from the one before" + (f", {self.end.words()}" if self.end is not None else "")


@dataclass(frozen=True, slots=True)
class First:
    """How a series opens where its first limit differs from its interval."""

    timing: Timing
    id: str = ""
    duty: str = ""
    title: str = ""
    strength: str = ""
    responsible: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    reading: str = ""


@dataclass(frozen=True, slots=True)
class ChainLimit:
    """One limit of a series, with the phase that set it and, across a projected boundary, the other interval's limit."""

    limit: Limit
    phase: Phase | First
    projected: bool
    other: tuple[str, Limit] | None = None


@dataclass(frozen=True, slots=True)
class ChainStop:
    """Where a series can be followed no further, and why."""

    missing: Missing
    from_date: date | None


@dataclass(frozen=True, slots=True)
class Series:
    """A recurring timing. `counter` is the fact that says which one of its kind the restarting event was."""

    phases: tuple[Phase, ...]
    first: First | None = None
    counter: FactSpec | None = None
    kind: ClassVar[Kind] = "recurring"

    def facts(self) -> frozenset[str]:
        found: set[str] = set(self.first.timing.facts()) if self.first is not None else set()
        for phase in self.phases:
            found |= phase.when.facts() if phase.when is not None else frozenset()
            found |= phase.end.facts() if phase.end is not None else frozenset()
            if isinstance(phase.interval, PlanInterval):
                found.add(phase.interval.set_by.key)
        if self.counter is not None:
            found.add(self.counter.key)
        return frozenset(found)

    def words(self, noun: str) -> str:
        opening = [self.first.timing.words(noun)] if self.first is not None else []
        return ", then ".join([*opening, *(phase.words() for phase in self.phases)])

    def unfold(
        self, situation: Situation, *, restarted: bool, gate: Condition | None = None
    ) -> Iterator[ChainLimit | ChainStop]:
        """Every limit in turn, each counted from the one before, as if each were met on its last day.

        `restarted` says that the event is one of the series itself (a visit, a review) and not its start. `gate` is the
        rule's own condition where it moves with the day (an age): it is asked again on the day each interval starts.
        Ends silently where the series ends; a ChainStop says where it could not be followed.
        """
        counting = 0
        if self.counter is not None and restarted:
            given = situation.facts.get(self.counter.key)
            if not isinstance(given, int):
                yield ChainStop(Missing("facts_missing", frozenset((self.counter.key,))), None)
                return
            counting = given
        base = situation.moment
        projected = False
        looked: date | None = None
        while True:
            if not restarted and not projected and self.first is not None:
                opening = self.first.timing.limit(situation, base)
                step: ChainLimit | Missing | None = (
                    opening if isinstance(opening, Missing) else ChainLimit(opening, self.first, False)
                )
            else:
                if projected and gate is not None:
                    verdict = gate.test(situation, base.day)
                    if verdict.holds is False:
                        return
                    if verdict.holds is None:
                        yield ChainStop(Missing("facts_missing", verdict.needs), base.day)
                        return
                asked = situation.with_facts(self._counted(counting))
                step = self._next(asked, base, 0, chained=projected)
            if step is None:
                return
            if isinstance(step, Missing):
                yield ChainStop(step, base.day if projected else None)
                return
            if step.limit.counted_to is not None:
                looked = max(looked or step.limit.counted_to, step.limit.counted_to)
            limit = step.limit
            if looked is not None and looked != limit.counted_to:
                limit = Limit(limit.day, limit.at, limit.assumptions, looked, limit.opens)
            yield ChainLimit(limit, step.phase, step.projected or projected, step.other)
            base = Moment(limit.day)
            projected = True
            counting += 1

    def _counted(self, number: int) -> dict[str, FactValue]:
        return {} if self.counter is None else {self.counter.key: number}

    def _next(self, situation: Situation, base: Moment, start: int, *, chained: bool) -> ChainLimit | Missing | None:
        for index in range(start, len(self.phases)):
            phase = self.phases[index]
            notes: tuple[str, ...] = ()
            if phase.when is not None:
                verdict = phase.when.test(situation, base.day)
                if verdict.holds is False:
                    continue
                if verdict.holds is None:
                    return Missing("facts_missing", verdict.needs)
                notes = verdict.assumptions
            try:
                end = phase.end.find(situation) if phase.end is not None else NEVER
            except (OutsideCalendar, OverflowError):
                end = NEVER
            if end.day is not None and end.day <= base.day:
                continue
            limit = _interval(situation, base, phase)
            if isinstance(limit, Missing):
                return limit
            if end.missing and not end.open:
                if self._same_after(situation, base, index, limit):
                    return ChainLimit(_noted(limit, notes), phase, False)
                return Missing("facts_missing", end.missing)
            limit = _noted(limit, (*notes, *end.assumptions))
            if end.open:
                if chained and not self._same_after(situation, base, index, limit):
                    return Missing("facts_missing", end.missing)
                return ChainLimit(limit, phase, False)
            if end.day is None or limit.day <= end.day:
                return ChainLimit(limit, phase, end.projected)
            following = self._next(situation, base, index + 1, chained=chained)
            if not end.projected:
                return following
            if following is None:
                return None
            if isinstance(following, Missing):
                return following
            if following.limit.day == limit.day:
                return ChainLimit(limit, phase, True)
            if following.limit.day > limit.day:
                return ChainLimit(limit, phase, True, (following.phase.id, following.limit))
            return ChainLimit(_noted(following.limit, end.assumptions), following.phase, True, (phase.id, limit))
        return None

    def _same_after(self, situation: Situation, base: Moment, index: int, limit: Limit) -> bool:
        """Whether an end that is not known makes no difference: the phase after it gives the same date."""
        after = self._next(situation, base, index + 1, chained=True)
        return isinstance(after, ChainLimit) and after.limit.day == limit.day


def _noted(limit: Limit, notes: tuple[str, ...]) -> Limit:
    if not notes:
        return limit
    return Limit(limit.day, limit.at, (*limit.assumptions, *notes), limit.counted_to, limit.opens)


def _interval(situation: Situation, base: Moment, phase: Phase) -> Limit | Missing:
    interval = phase.interval
    try:
        if not isinstance(interval, PlanInterval):
            return count(base, interval, situation.calendar, situation.zone)
        planned = situation.facts.get(interval.set_by.key)
        if planned is None:
            if interval.ceiling is None:
                return Missing("facts_missing", frozenset((interval.set_by.key,)))
            ceiling = count(base, interval.ceiling, situation.calendar, situation.zone)
            return _noted(
                ceiling, (f"{label(interval.set_by.key)}: not given, the longest interval printed was taken",)
            )
        if not isinstance(planned, int):
            raise TypeError(f"{interval.set_by.key} must be a whole number of days")
        own = count(base, Days(planned), situation.calendar, situation.zone)
        if interval.ceiling is None:
            return own
        ceiling = count(base, interval.ceiling, situation.calendar, situation.zone)
        return own if own.at <= ceiling.at else ceiling
    except (OutsideCalendar, OverflowError):
        return BEYOND_CALENDAR
