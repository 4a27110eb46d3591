"""One limit made into an obligation: what the rule and its phase say, and how the date stands to the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.engine.compiled_profile import Started, Terms
from app.engine.conditions import Verdict
from app.engine.counting import Limit
from app.engine.due_dates import Found
from app.engine.facts import Situation, WorkingCalendar
from app.engine.reading_selection import Dated
from app.engine.results import Alternative, Obligation
from app.engine.series import Series


def obligation(
    terms: Terms,
    limit: Limit,
    verdict: Verdict,
    situation: Situation,
    alternatives: tuple[Alternative, ...] = (),
    occurrence: int = 1,
    projected: bool = False,
) -> Obligation:
    """The main reading's limit as an obligation, the other readings' beside it."""
    day, at, notes, looked, opens = limit
    last, provisional = standing(day, looked, situation.calendar)
    if situation.moment.assumptions or verdict.assumptions:
        notes = situation.moment.assumptions + verdict.assumptions + notes
    if len(notes) > 1:
        notes = tuple(dict.fromkeys(notes))
    return Obligation(terms, occurrence, day, at, last, opens, alternatives, notes, projected, provisional)


def beside(started: Started, main: Dated[Found], others: Sequence[Dated[Found]]) -> tuple[Alternative, ...]:
    """The other readings, and the limit on the other side of a boundary that is only projected."""
    alternatives = [_alternative(started, item) for item in others]
    if main.found is not None and main.found.other is not None:
        alternatives.append(across(*main.found.other, started.asides[0][1]))
    return tuple(alternatives)


def standing(day: date, looked: date | None, calendar: WorkingCalendar) -> tuple[date | None, bool]:
    """The last working day on or before a limit, and whether anything rests on projected bank holidays.

    `looked` is the farthest day that the count looked at in the calendar.
    """
    published = calendar.published_until
    try:
        last = calendar.last_working_day(day)
    except ValueError:
        # Beyond the calendar, or before its first working day.
        outside = not calendar.first <= day <= calendar.last
        return None, (not outside and day > published) or (looked is not None and looked > published)
    return last, day > published or (looked is not None and looked > published)


def tells_more(item: Dated[Found], main: Dated[Found]) -> bool:
    """Whether another reading of a series says anything at this limit: not where its chain has ended or is the same."""
    if item.found is None:
        return not isinstance(item.reading.timing, Series)
    assert main.found is not None
    return item.found.limit.day != main.found.limit.day or item.found.phase != main.found.phase


def across(phase_id: str, limit: Limit, section: str | None) -> Alternative:
    """The limit on the other side of a boundary that is only projected."""
    reading = f"the interval of the phase {phase_id}, on the other side of a boundary that is only projected"
    return Alternative(reading, limit.day, limit.at, section)


def aside(started: Started, item: Dated[Limit]) -> Alternative:
    """Another reading of a rule with one limit."""
    text, section = started.asides[item.place]
    if item.found is None:
        return Alternative(text, None, None, section)
    return Alternative(text, item.found.day, item.found.at, section)


def _alternative(started: Started, item: Dated[Found]) -> Alternative:
    text, section = item.reading.text or started.words[item.place], started.asides[item.place][1]
    if item.found is None:
        return Alternative(text, None, None, section)
    return Alternative(text, item.found.limit.day, item.found.limit.at, section)
