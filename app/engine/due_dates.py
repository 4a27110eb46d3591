"""Work out the due dates of each reading of a rule, once or one after another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from app.engine.civil_time import Moment
from app.engine.compiled_profile import ApplicableRule, Reading, Rule
from app.engine.counting import DueDate
from app.engine.facts import Situation
from app.engine.phases import First, Phase
from app.engine.reading_selection import DatedReading
from app.engine.series import Series, SeriesDueDate, SeriesStop
from app.engine.timing import Missing


class ComputedDueDate(NamedTuple):
    """One due date of one reading of a series."""

    due: DueDate
    base: Moment
    """What it was counted from."""
    phase: Phase | First | None = None
    projected: bool = False
    other: tuple[str, DueDate] | None = None
    """Across a boundary that is only projected: the phase on its other side, and the due date of its interval."""


Row = tuple[list[DatedReading[ComputedDueDate]], SeriesStop | None]
"""Each reading's due date at one occurrence, and where a series could not be followed."""


def missing_for_declared(prepared: ApplicableRule, situation: Situation) -> Missing | None:
    """Return what the declared timing would lack if the rule's condition held."""
    timing = prepared.rule.readings[0].timing
    if isinstance(timing, Series):
        step = timing.next_due(situation, restarted=prepared.restarted)
        return step.missing if isinstance(step, SeriesStop) else None
    due = timing.due_date(situation, situation.moment)
    return due if isinstance(due, Missing) else None


def single_readings(rule: Rule, situation: Situation) -> list[DatedReading[DueDate]]:
    """Return each reading's due date for a rule that is not recurring."""
    dated: list[DatedReading[DueDate]] = []
    for place, reading in enumerate(rule.readings):
        due = reading.timing.due_date(situation, situation.moment)  # type: ignore[union-attr]  # none is a series here
        if isinstance(due, Missing):
            dated.append(DatedReading(reading, None, None, place))
        else:
            dated.append(DatedReading(reading, due, due.at, place))
    return dated


def next_readings(prepared: ApplicableRule, situation: Situation) -> Row:
    """Return the first row that `successive_readings` would yield where no day is given."""
    stop: SeriesStop | None = None
    dated: list[DatedReading[ComputedDueDate]] = []
    restarted, condition = prepared.restarted, prepared.interval_condition
    for place, reading in enumerate(prepared.rule.readings):
        timing = reading.timing
        step = (
            timing.next_due(situation, restarted=restarted, interval_condition=condition)
            if isinstance(timing, Series)
            else None
        )
        if isinstance(step, SeriesDueDate):
            due, phase, projected, other = step
            found = ComputedDueDate(due, situation.moment, phase, projected, other)
            dated.append(DatedReading(reading, found, due.at, place))
        else:
            stop = stop or step
            dated.append(DatedReading(reading, None, None, place))
    return dated, stop


def successive_readings(prepared: ApplicableRule, situation: Situation, until: date | None) -> Iterator[Row]:
    """Yield row by row the next due date of each reading, each in a series of its own."""
    series = [_series(reading, prepared, situation, until) for reading in prepared.rule.readings]
    while True:
        stop: SeriesStop | None = None
        dated: list[DatedReading[ComputedDueDate]] = []
        for place, (reading, steps) in enumerate(zip(prepared.rule.readings, series, strict=True)):
            item = next(steps)
            if isinstance(item, ComputedDueDate):
                dated.append(DatedReading(reading, item, item.due.at, place))
            else:
                stop = stop or item
                dated.append(DatedReading(reading, None, None, place))
        yield dated, stop


def _series(
    reading: Reading, prepared: ApplicableRule, situation: Situation, until: date | None
) -> Iterator[ComputedDueDate | SeriesStop | None]:
    """Yield one reading's due dates, then None for ever."""
    timing = reading.timing
    base = situation.moment
    if isinstance(timing, Series):
        restarted, condition = prepared.restarted, prepared.interval_condition
        for step in timing.unfold(situation, restarted=restarted, interval_condition=condition, until=until):
            if isinstance(step, SeriesStop):
                yield step
                break
            yield ComputedDueDate(step.due, base, step.phase, step.projected, step.other)
            base = Moment(step.due.day)
    while True:
        yield None
