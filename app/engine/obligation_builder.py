"""Make a due date into an obligation: what the rule and its phase say, and how the date stands to the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.engine.compiled_profile import ApplicableRule, ObligationTemplate
from app.engine.conditions import Verdict
from app.engine.counting import DueDate
from app.engine.due_dates import ComputedDueDate
from app.engine.facts import Situation, WorkingCalendar
from app.engine.reading_selection import DatedReading
from app.engine.results import Alternative, Obligation
from app.engine.series import Series


def obligation(
    template: ObligationTemplate,
    due: DueDate,
    verdict: Verdict,
    situation: Situation,
    alternatives: tuple[Alternative, ...] = (),
    occurrence: int = 1,
    projected: bool = False,
) -> Obligation:
    """Return the main reading's due date as an obligation, with those of the other readings as alternatives."""
    day, at, assumptions, consulted, earliest = due
    last, provisional = last_working_day_and_provisional(day, consulted, situation.calendar)
    if situation.moment.assumptions or verdict.assumptions:
        assumptions = situation.moment.assumptions + verdict.assumptions + assumptions
    if len(assumptions) > 1:
        assumptions = tuple(dict.fromkeys(assumptions))
    return Obligation(template, occurrence, day, at, last, earliest, alternatives, assumptions, projected, provisional)


def last_working_day_and_provisional(
    day: date, latest_day_consulted: date | None, calendar: WorkingCalendar
) -> tuple[date | None, bool]:
    """Return the last working day on or before a due date, and whether anything rests on projected bank holidays."""
    published = calendar.published_until
    counted_on_projected = latest_day_consulted is not None and latest_day_consulted > published
    try:
        last = calendar.last_working_day(day)
    except ValueError:
        # Beyond the calendar, or before its first working day.
        outside = not calendar.first <= day <= calendar.last
        return None, (not outside and day > published) or counted_on_projected
    return last, day > published or counted_on_projected


def alternatives_for_series(
    prepared: ApplicableRule, main: DatedReading[ComputedDueDate], others: Sequence[DatedReading[ComputedDueDate]]
) -> tuple[Alternative, ...]:
    """Return the other readings of a series, and the due date on the other side of a boundary only projected."""
    alternatives = []
    for item in others:
        text = item.reading.text or prepared.descriptions[item.place]
        due = item.found.due if item.found is not None else None
        alternatives.append(_alternative(text, due, prepared.alternative_texts[item.place][1]))
    if main.found is not None and main.found.other is not None:
        alternatives.append(alternative_across_boundary(*main.found.other, prepared.alternative_texts[0][1]))
    return tuple(alternatives)


def differs_from_main(item: DatedReading[ComputedDueDate], main: DatedReading[ComputedDueDate]) -> bool:
    """Return True if an alternative reading gives a different date or phase at this occurrence.

    False once its series has ended.
    """
    if item.found is None:
        return not isinstance(item.reading.timing, Series)
    assert main.found is not None
    return item.found.due.day != main.found.due.day or item.found.phase != main.found.phase


def alternative_across_boundary(phase_id: str, due: DueDate, section: str | None) -> Alternative:
    """Return the due date on the other side of a boundary that is only projected."""
    text = f"the interval of the phase {phase_id}, on the other side of a boundary that is only projected"
    return _alternative(text, due, section)


def alternative_for_single(prepared: ApplicableRule, item: DatedReading[DueDate]) -> Alternative:
    """Return another reading of a rule with one due date."""
    text, section = prepared.alternative_texts[item.place]
    return _alternative(text, item.found, section)


def _alternative(text: str, due: DueDate | None, section: str | None) -> Alternative:
    return Alternative(text, None, None, section) if due is None else Alternative(text, due.day, due.at, section)
