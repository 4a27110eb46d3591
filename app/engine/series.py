"""Series: limits that follow one another, each counted from the one before, through phases that end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, NamedTuple

from app.engine.civil_time import Moment
from app.engine.conditions import HOLDS, Condition, fails_for_good, holds_for_good
from app.engine.counting import Limit, OutsideCalendar, is_elapsed
from app.engine.facts import FactSpec, Situation
from app.engine.phase_ends import NEVER, End, PhaseEnd
from app.engine.phases import First, Phase, PlanInterval, interval_after, next_limit, noted
from app.engine.timing import Kind, Missing, by_day
from app.engine.units import Duration


class ChainLimit(NamedTuple):
    """One limit of a series, the phase that set it and, across a projected boundary, the other interval's limit."""

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

    def by_day(self) -> bool:
        """Whether every limit hangs on the day of the event and the calendar alone."""
        return (
            not self.facts()
            and (self.first is None or by_day(self.first.timing))
            and not any(isinstance(phase.interval, PlanInterval) or is_elapsed(phase.interval) for phase in self.phases)
        )

    def opens_by_day(self, *, restarted: bool) -> bool:
        """Whether the next limit after the event, as `following` gives it, hangs on its day and the calendar alone."""
        if restarted and self.counter is not None:
            return False
        if not restarted and self.first is not None:
            return by_day(self.first.timing)
        phase = self.phases[0]
        plain = phase.when is None and phase.end is None
        return plain and not isinstance(phase.interval, PlanInterval) and not is_elapsed(phase.interval)

    def words(self, noun: str) -> str:
        opening = [self.first.timing.words(noun)] if self.first is not None else []
        return ", then ".join([*opening, *(phase.words() for phase in self.phases)])

    def unfold(
        self, situation: Situation, *, restarted: bool, gate: Condition | None = None, until: date | None = None
    ) -> Iterator[ChainLimit | ChainStop]:
        """Every limit in turn, each counted from the one before, as if each were met on its last day.

        `restarted` says that the event is one of the series itself (a visit, a review) and not its start. `gate` is
        what is asked on the day each interval starts (an age): an interval for which it does not hold goes by without
        a limit of its own, up to `until`, and ends the series where no day is given. Ends silently where the series
        ends; a ChainStop says where it could not be followed.
        """
        counting = self._counted(situation) if restarted else 0
        if counting is None:
            return iter((self._uncounted(),))
        steady = self._steady(situation) if gate is None or _lasts(gate, situation) else None
        if steady is not None:
            return self._steadily(situation, *steady, restarted=restarted)
        return self._asking(situation, counting, restarted=restarted, gate=gate, until=until)

    def _asking(
        self, situation: Situation, counting: int, *, restarted: bool, gate: Condition | None, until: date | None
    ) -> Iterator[ChainLimit | ChainStop]:
        base, projected = situation.moment, False
        looked: date | None = None
        while True:
            verdict = gate.test(situation, base.day) if gate is not None else HOLDS
            if verdict.holds is None:
                yield ChainStop(Missing("facts_missing", verdict.needs), base.day if projected else None)
                return
            step = self._step(situation, base, counting, opening=not restarted and not projected, chained=projected)
            if isinstance(step, Missing):
                yield ChainStop(step, base.day if projected else None)
                return
            if step is None or (verdict.holds is False and (until is None or step.limit.day > until)):
                return
            limit = step.limit
            if projected:
                if limit.counted_to is not None:
                    looked = max(looked or limit.counted_to, limit.counted_to)
                if looked != limit.counted_to:
                    limit = limit._replace(counted_to=looked)
            else:
                looked = limit.counted_to
            if verdict.holds:
                if projected or verdict.assumptions:
                    if verdict.assumptions:
                        limit = noted(limit, verdict.assumptions)
                    yield ChainLimit(limit, step.phase, step.projected or projected, step.other)
                else:
                    yield step
            base, projected = Moment(limit.day), True
            counting += 1

    def _steady(self, situation: Situation) -> tuple[Phase, Duration, tuple[str, ...]] | None:
        """The phase that sets every limit from here on, and what it takes for granted; None where that may change."""
        day = situation.moment.day
        for phase in self.phases:
            when, interval = phase.when, phase.interval
            if when is not None and self.counter is not None:
                # What is asked of a series' own count is answered otherwise at each step.
                return None
            if when is not None and fails_for_good(when, situation, day):
                continue
            if phase.end is not None or isinstance(interval, PlanInterval):
                return None
            if when is None:
                return phase, interval, ()
            holds = holds_for_good(when, situation, day)
            return (phase, interval, when.test(situation, day).assumptions) if holds else None
        return None

    def _steadily(
        self, situation: Situation, part: Phase, interval: Duration, notes: tuple[str, ...], *, restarted: bool
    ) -> Iterator[ChainLimit | ChainStop]:
        """What `unfold` comes to where one interval follows another to the end."""
        base, projected = situation.moment, False
        looked: date | None = None
        opening = None if restarted else self.first
        while True:
            found: Limit | Missing
            if opening is not None:
                found = opening.timing.limit(situation, base)
            else:
                found = interval_after(situation, base, interval)
            if isinstance(found, Missing):
                yield ChainStop(found, base.day if projected else None)
                return
            counted = found.counted_to
            if counted is not None and (looked is None or counted > looked):
                looked = counted
            if looked != counted:
                found = found._replace(counted_to=looked)
            if notes and opening is None:
                found = noted(found, notes)
            yield ChainLimit(found, opening or part, projected)
            base, projected, opening = Moment(found.day), True, None

    def following(
        self, situation: Situation, *, restarted: bool, gate: Condition | None = None
    ) -> ChainLimit | ChainStop | None:
        """The first that `unfold` would yield where no day is given."""
        counting = self._counted(situation) if restarted else 0
        if counting is None:
            return self._uncounted()
        base = situation.moment
        verdict = gate.test(situation, base.day) if gate is not None else HOLDS
        if verdict.holds is None:
            return ChainStop(Missing("facts_missing", verdict.needs), None)
        step = self._step(situation, base, counting, opening=not restarted, chained=False)
        if isinstance(step, Missing):
            return ChainStop(step, None)
        if step is None or not verdict.holds:
            return None
        return step._replace(limit=noted(step.limit, verdict.assumptions)) if verdict.assumptions else step

    def _counted(self, situation: Situation) -> int | None:
        """Which one of its kind the restarting event was: 0 where the series does not ask, None where nobody said."""
        if self.counter is None:
            return 0
        given = situation.facts.get(self.counter.key)
        return given if isinstance(given, int) else None

    def _uncounted(self) -> ChainStop:
        assert self.counter is not None
        return ChainStop(Missing("facts_missing", frozenset((self.counter.key,))), None)

    def _step(
        self, situation: Situation, base: Moment, counting: int, *, opening: bool, chained: bool
    ) -> ChainLimit | Missing | None:
        """The first limit of the series, or the next one after `base`."""
        if opening and self.first is not None:
            limit = self.first.timing.limit(situation, base)
            return limit if isinstance(limit, Missing) else ChainLimit(limit, self.first, projected=False)
        asked = situation if self.counter is None else situation.with_facts({self.counter.key: counting})
        return self._next(asked, base, 0, chained=chained)

    def _next(self, situation: Situation, base: Moment, start: int, *, chained: bool) -> ChainLimit | Missing | None:
        """The limit after `base`: set by the first phase from `start` on that applies and ends after it."""
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
            if phase.end is None:
                limit = next_limit(situation, base, phase)
                if isinstance(limit, Missing):
                    return limit
                return ChainLimit(noted(limit, notes) if notes else limit, phase, projected=False)
            end = _end(phase.end, situation)
            if end.day is not None and end.day <= base.day:
                continue
            limit = next_limit(situation, base, phase)
            if isinstance(limit, Missing):
                return limit
            return self._up_to(end, index, noted(limit, notes + end.assumptions), situation, base, chained)
        return None

    def _up_to(
        self, end: End, index: int, limit: Limit, situation: Situation, base: Moment, chained: bool
    ) -> ChainLimit | Missing | None:
        """What the end of the phase in force makes of the limit that its interval gives."""
        phase = self.phases[index]
        if end.missing:
            # An end that has not come leaves the next limit certain, but no further one; and one that is merely unknown
            # matters only where the phase after it would give another date.
            if (end.open and not chained) or self._same_after(situation, base, index, limit):
                return ChainLimit(limit, phase, projected=False)
            return Missing("facts_missing", end.missing)
        if end.day is None or limit.day <= end.day:
            return ChainLimit(limit, phase, end.projected)
        following = self._next(situation, base, index + 1, chained=chained)
        return _shorter(limit, phase, following, end) if end.projected else following

    def _same_after(self, situation: Situation, base: Moment, index: int, limit: Limit) -> bool:
        """Whether an end that is not known makes no difference: the phase after it gives the same date."""
        after = self._next(situation, base, index + 1, chained=True)
        return isinstance(after, ChainLimit) and after.limit.day == limit.day


def _lasts(gate: Condition, situation: Situation) -> bool:
    """Whether a gate lets every interval from the event on begin, and has nothing to say of it."""
    day = situation.moment.day
    return holds_for_good(gate, situation, day) and not gate.test(situation, day).assumptions


def _end(end: PhaseEnd, situation: Situation) -> End:
    try:
        return end.find(situation)
    except (OutsideCalendar, OverflowError):
        return NEVER


def _shorter(limit: Limit, phase: Phase, following: ChainLimit | Missing | None, end: End) -> ChainLimit | Missing:
    """Across a boundary that is only projected the shorter interval counts, the longer standing beside it.

    Nobody may wait longer because an event was assumed.
    """
    if isinstance(following, Missing):
        return following
    if following is None or following.limit.day == limit.day:
        return ChainLimit(limit, phase, projected=True)
    if following.limit.day > limit.day:
        return ChainLimit(limit, phase, projected=True, other=(following.phase.says.id, following.limit))
    return ChainLimit(
        noted(following.limit, end.assumptions), following.phase, projected=True, other=(phase.says.id, limit)
    )
