"""Series: due dates that follow one another, each counted from the one before, through phases that end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, NamedTuple

from app.engine.civil_time import Moment
from app.engine.conditions import HOLDS, Condition
from app.engine.counting import DueDate, OutsideCalendar, is_elapsed
from app.engine.facts import FactSpec, Situation
from app.engine.lasting_conditions import becomes_true_on, is_permanently_false, is_permanently_true
from app.engine.new_tuple import new_tuple
from app.engine.phase_ends import NEVER, End, PhaseEnd
from app.engine.phases import (
    First,
    Phase,
    PlanInterval,
    consulted_up_to,
    next_base,
    next_due_date,
    with_assumptions,
)
from app.engine.timing import FORWARDS, Completion, Counting, Direction, Kind, Missing


class SeriesDueDate(NamedTuple):
    """One due date of a series, and the phase that set it."""

    due: DueDate
    phase: Phase | First
    projected: bool
    """True where an event that has not happened yet was assumed."""
    base: Moment
    """What it was counted from."""
    other: tuple[str, DueDate] | None = None
    """Across a boundary that is only projected: the phase on its other side, and the due date of its interval."""


@dataclass(frozen=True, slots=True)
class SeriesStop:
    """Where a series can be followed no further, and why."""

    missing: Missing
    from_date: date | None


@dataclass(frozen=True, slots=True)
class Series:
    """A recurring timing. Answers what `Timing` asks, except for a single due date."""

    phases: tuple[Phase, ...]
    first: First | None = None
    counter: FactSpec | None = None
    """The fact that says which one of its kind the restarting event was."""
    kind: ClassVar[Kind] = "recurring"
    direction: ClassVar[Direction] = FORWARDS
    completion: ClassVar[Completion] = "after_the_event"
    counts_from: ClassVar[FactSpec | None] = None

    @property
    def depends_only_on_day(self) -> bool:
        """Return whether every due date follows from the day of the event and the calendar alone."""
        return (
            not self.facts()
            and (self.first is None or self.first.timing.depends_only_on_day)
            and all(_is_counted_in_days(phase) for phase in self.phases)
        )

    def next_depends_only_on_day(self, *, restarted: bool) -> bool:
        """Return True if the due date that `next_due` gives follows from the event's day and the calendar alone."""
        if restarted and self.counter is not None:
            return False
        if not restarted and self.first is not None:
            return self.first.timing.depends_only_on_day
        phase = self.phases[0]
        return phase.when is None and phase.end is None and _is_counted_in_days(phase)

    def facts(self) -> frozenset[str]:
        """Return the keys of the facts that its due dates depend on."""
        parts: list[frozenset[str]] = [self.first.timing.facts()] if self.first is not None else []
        for phase in self.phases:
            parts += [part.facts() for part in (phase.when, phase.end) if part is not None]
            if isinstance(phase.interval, PlanInterval):
                parts.append(frozenset((phase.interval.set_by.key,)))
        if self.counter is not None:
            parts.append(frozenset((self.counter.key,)))
        return frozenset().union(*parts)

    def explanation(self) -> Counting | str:
        """Return how its opening is counted; each later due date is explained by its phase."""
        return (self.first or self.phases[0]).explanation()

    def describe(self, noun: str, *, restarted: bool = False) -> str:
        """Return the series in words for an event, without its opening where the event restarts it."""
        opening = [self.first.timing.describe(noun)] if self.first is not None and not restarted else []
        return ", then ".join([*opening, *(phase.describe() for phase in self.phases)])

    def unfold(
        self,
        situation: Situation,
        *,
        restarted: bool,
        interval_condition: Condition | None = None,
        until: date | None = None,
    ) -> Iterator[SeriesDueDate | SeriesStop]:
        """Return every due date in turn, each counted from the one before, as if each were met on its last day.

        `restarted` says that the event is one of the series itself (a visit, a review) and not its start.
        `interval_condition` is tested on the day each interval starts (an age): an interval for which it does not hold
        passes without a due date of its own, up to `until`, and ends the series without a day. Stops silently
        where the series ends; a SeriesStop says where it could not be followed.
        """
        # Most series have one interval from here on. Unfolding it alone costs half of asking every phase each time,
        # and nothing else unfolds the long answers fast enough; tests/services/test_steady_series.py compares the two.
        if interval_condition is None or _always_holds(interval_condition, situation):
            constant = self._constant_phase(situation)
            if constant is not None and (not restarted or self.counter is None):
                return self._unfold_constant(situation, *constant, restarted=restarted)
        return self._unfold_phases(situation, restarted=restarted, interval_condition=interval_condition, until=until)

    def next_due(
        self, situation: Situation, *, restarted: bool, interval_condition: Condition | None = None
    ) -> SeriesDueDate | SeriesStop | None:
        """Return the first due date after the event, or where the series could not be followed; None if it ends."""
        steps = self._unfold_phases(situation, restarted=restarted, interval_condition=interval_condition, until=None)
        return next(steps, None)

    def _unfold_phases(
        self, situation: Situation, *, restarted: bool, interval_condition: Condition | None, until: date | None
    ) -> Iterator[SeriesDueDate | SeriesStop]:
        """Unfold the series, asking at each step which phase is in force."""
        number = self._event_number(situation) if restarted else 0
        if number is None:
            assert self.counter is not None
            yield SeriesStop(Missing("facts_missing", frozenset((self.counter.key,))), None)
            return
        base, projected = situation.moment, False
        latest_consulted: date | None = None
        while True:
            verdict = interval_condition.test(situation, base.day) if interval_condition is not None else HOLDS
            if verdict.holds is None:
                yield SeriesStop(Missing("facts_missing", verdict.needs), base.day if projected else None)
                return
            step = self._step(situation, base, number, opening=not restarted and not projected, chained=projected)
            if isinstance(step, Missing):
                yield SeriesStop(step, base.day if projected else None)
                return
            if step is None or (verdict.holds is False and (until is None or step.due.day > until)):
                return
            opens = becomes_true_on(interval_condition, situation) if verdict.holds is False else None
            if opens is not None and base.day < opens:
                # Nothing is due before the age: the first interval begins on the birthday.
                base, projected = Moment(opens), True
                continue
            due = step.due
            if due.latest_day_consulted is not None:
                latest_consulted = max(latest_consulted or due.latest_day_consulted, due.latest_day_consulted)
            if latest_consulted != due.latest_day_consulted:
                due = consulted_up_to(due, latest_consulted)
            if verdict.holds:
                if projected or verdict.assumptions:
                    due = with_assumptions(due, verdict.assumptions)
                    yield SeriesDueDate(due, step.phase, step.projected or projected, base, step.other)
                else:
                    yield step
            base, projected = next_base(due, step.phase), True
            number += 1

    def _constant_phase(self, situation: Situation) -> tuple[Phase, tuple[str, ...]] | None:
        """Return the phase that sets every due date from here on, and its assumptions.

        None where another phase may set a later one.
        """
        day = situation.moment.day
        for phase in self.phases:
            when, interval = phase.when, phase.interval
            if when is not None and self.counter is not None:
                # The number of the event rises at each step, and a condition may ask for it.
                return None
            if when is not None and is_permanently_false(when, situation, day):
                continue
            if phase.end is not None or isinstance(interval, PlanInterval):
                return None
            if when is None:
                return phase, ()
            holds = is_permanently_true(when, situation, day)
            return (phase, when.test(situation, day).assumptions) if holds else None
        return None

    def _unfold_constant(
        self, situation: Situation, phase: Phase, assumptions: tuple[str, ...], *, restarted: bool
    ) -> Iterator[SeriesDueDate | SeriesStop]:
        """Unfold the series where one interval follows another to the end."""
        base, projected = situation.moment, False
        latest_consulted: date | None = None
        opening = None if restarted else self.first
        while True:
            if opening is not None:
                due = opening.timing.due_date(situation, base)
            else:
                due = next_due_date(situation, base, phase)
            if isinstance(due, Missing):
                yield SeriesStop(due, base.day if projected else None)
                return
            consulted = due.latest_day_consulted
            if consulted is not None and (latest_consulted is None or consulted > latest_consulted):
                latest_consulted = consulted
            if latest_consulted != consulted:
                due = consulted_up_to(due, latest_consulted)
            if assumptions and opening is None:
                due = with_assumptions(due, assumptions)
            yield _step(due, opening or phase, projected=projected, base=base)
            base, projected, opening = next_base(due, opening or phase), True, None

    def _event_number(self, situation: Situation) -> int | None:
        """Return which one of its kind the restarting event was; 0 where no phase asks, None where it is missing."""
        if self.counter is None:
            return 0
        number = situation.facts.get(self.counter.key)
        return number if isinstance(number, int) else None

    def _step(
        self, situation: Situation, base: Moment, number: int, *, opening: bool, chained: bool
    ) -> SeriesDueDate | Missing | None:
        """Return the first due date of the series, or the next one after `base`."""
        if opening and self.first is not None:
            due = self.first.timing.due_date(situation, base)
            return due if isinstance(due, Missing) else _step(due, self.first, projected=False, base=base)
        numbered = situation if self.counter is None else situation.with_facts({self.counter.key: number})
        return self._next(numbered, base, 0, chained=chained)

    def _next(self, situation: Situation, base: Moment, start: int, *, chained: bool) -> SeriesDueDate | Missing | None:
        """Return the due date after `base`, set by the first phase from `start` on that applies and ends after it."""
        for index in range(start, len(self.phases)):
            phase = self.phases[index]
            assumptions: tuple[str, ...] = ()
            if phase.when is not None:
                verdict = phase.when.test(situation, base.day)
                if verdict.holds is False:
                    continue
                if verdict.holds is None:
                    return Missing("facts_missing", verdict.needs)
                assumptions = verdict.assumptions
            if phase.end is None:
                due = next_due_date(situation, base, phase)
                if isinstance(due, Missing):
                    return due
                return _step(with_assumptions(due, assumptions), phase, projected=False, base=base)
            end = _end(phase.end, situation)
            if end.day is not None and end.day <= base.day:
                continue
            due = next_due_date(situation, base, phase)
            if isinstance(due, Missing):
                return due
            return self._up_to(
                end, index, with_assumptions(due, assumptions + end.assumptions), situation, base, chained
            )
        return None

    def _up_to(
        self, end: End, index: int, due: DueDate, situation: Situation, base: Moment, chained: bool
    ) -> SeriesDueDate | Missing | None:
        """Return the due date that the interval gives, as far as the end of the phase in force lets it stand."""
        phase = self.phases[index]
        if end.missing:
            # An end that has not come leaves the next due date certain, but no further one; and one that is merely
            # missing matters only where the phase after it would give another date.
            if (end.open and not chained) or self._same_after(situation, base, index, due):
                return SeriesDueDate(due, phase, projected=False, base=base)
            return Missing("facts_missing", end.missing)
        if end.day is None or due.day <= end.day or phase.keeps_begun_interval:
            return SeriesDueDate(due, phase, end.projected, base)
        next_due = self._next(situation, base, index + 1, chained=chained)
        return (
            _shorter_interval(SeriesDueDate(due, phase, projected=True, base=base), next_due, end)
            if end.projected
            else next_due
        )

    def _same_after(self, situation: Situation, base: Moment, index: int, due: DueDate) -> bool:
        """Return True if a missing end makes no difference: the phase after it gives the same date."""
        after = self._next(situation, base, index + 1, chained=True)
        return isinstance(after, SeriesDueDate) and after.due.day == due.day


def _step(due: DueDate, phase: Phase | First, *, projected: bool, base: Moment) -> SeriesDueDate:
    return new_tuple(SeriesDueDate, (due, phase, projected, base, None))


def _is_counted_in_days(phase: Phase) -> bool:
    return not isinstance(phase.interval, PlanInterval) and not is_elapsed(phase.interval)


def _always_holds(condition: Condition, situation: Situation) -> bool:
    """Return True if a condition holds for every interval from the event on, without an assumption."""
    day = situation.moment.day
    return is_permanently_true(condition, situation, day) and not condition.test(situation, day).assumptions


def _end(end: PhaseEnd, situation: Situation) -> End:
    try:
        return end.find(situation)
    except (OutsideCalendar, OverflowError):
        return NEVER


def _shorter_interval(
    step: SeriesDueDate, next_due: SeriesDueDate | Missing | None, end: End
) -> SeriesDueDate | Missing:
    """Return the shorter of the two intervals at a boundary that is only projected, with the longer as the other.

    Nobody may wait longer because an event was assumed.
    """
    if isinstance(next_due, Missing):
        return next_due
    if next_due is None or next_due.due.day == step.due.day:
        return step
    if next_due.due.day > step.due.day:
        return step._replace(other=(next_due.phase.overrides.id, next_due.due))
    due = with_assumptions(next_due.due, end.assumptions)
    return next_due._replace(due=due, projected=True, other=(step.phase.overrides.id, step.due))
