"""Work out the due dates of each reading of a rule, once or one after another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.engine.compiled_profile import ApplicableRule, Rule
from app.engine.counting import DueDate
from app.engine.facts import Situation
from app.engine.series import Series, SeriesDueDate, SeriesStop
from app.engine.timing import Missing

Row = tuple[list[SeriesDueDate | None], SeriesStop | None]
"""Each reading's due date at one occurrence (None where it gives none), and where a series could not be followed."""


def missing_for_declared(prepared: ApplicableRule, situation: Situation) -> Missing | None:
    """Return what the declared timing would lack if the rule's condition were met."""
    timing = prepared.rule.readings[0].timing
    if isinstance(timing, Series):
        step = timing.next_due(situation, restarted=prepared.restarted)
        return step.missing if isinstance(step, SeriesStop) else None
    due = timing.due_date(situation, situation.moment)
    return due if isinstance(due, Missing) else None


def single_readings(rule: Rule, situation: Situation) -> list[DueDate | Missing]:
    """Return each reading's due date for a rule that is not recurring, or why this event cannot date it."""
    moment = situation.moment
    # A comprehension would be one call more, and takes a tenth longer.
    dues: list[DueDate | Missing] = []
    for reading in rule.readings:
        due = reading.timing.due_date(situation, moment)  # type: ignore[union-attr]  # none is a series here
        dues.append(due)
    return dues


def next_readings(prepared: ApplicableRule, situation: Situation) -> Row:
    """Return the first row that `successive_readings` would yield without a day."""
    restarted, condition = prepared.restarted, prepared.interval_condition
    return _row(
        [
            reading.timing.next_due(situation, restarted=restarted, interval_condition=condition)
            if isinstance(reading.timing, Series)
            else None
            for reading in prepared.rule.readings
        ]
    )


def successive_readings(prepared: ApplicableRule, situation: Situation, until: date | None) -> Iterator[Row]:
    """Yield row by row the next due date of each reading, each in a series of its own."""
    restarted, condition = prepared.restarted, prepared.interval_condition
    unfolded: list[Iterator[SeriesDueDate | SeriesStop]] = [
        reading.timing.unfold(situation, restarted=restarted, interval_condition=condition, until=until)
        if isinstance(reading.timing, Series)
        else iter(())
        for reading in prepared.rule.readings
    ]
    while True:
        yield _row([next(steps, None) for steps in unfolded])


def _row(steps: list[SeriesDueDate | SeriesStop | None]) -> Row:
    stop = next((step for step in steps if isinstance(step, SeriesStop)), None)
    return [step if isinstance(step, SeriesDueDate) else None for step in steps], stop
