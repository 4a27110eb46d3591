"""Count acts by the working days from their start: conferences from their enquiry, assessments from theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.calendars.calendar import Calendar
from app.services.measures.definitions import IntervalMeasure
from app.services.measures.outcomes import DatedEvent, Outcome, Year

NO_START = "its start is not in the data"
BEFORE_START = "it lies before its start"
LATER_ACT = "it is not the first since its start"
OUT_OF_CALENDAR = "its days lie outside the calendar"


def interval_outcomes(
    measure: IntervalMeasure, events: Sequence[DatedEvent], year: Year, calendar: Calendar
) -> Iterator[Outcome]:
    """Yield an outcome for each act of a case that falls in the year. `events` are in order of their days.

    An act belongs to the start that its source ties it to, by the name of the episode, else to the latest one before
    it that has no act yet. A conference of 1 June whose enquiry began on 3 June was held before its start.
    """
    starts = _of_first_type(measure.starts, events)
    free = list(starts)
    for act in _of_first_type(measure.acts, events):
        tied = [each for each in free if act.episode is not None and each.episode == act.episode] or free
        before = [each for each in tied if each.day <= act.day]
        start = before[-1] if before else next(iter(tied), None)
        if start is not None:
            free.remove(start)
        if act.day in year:
            yield _outcome(measure, start, act, calendar, known=bool(starts))


def _outcome(
    measure: IntervalMeasure, start: DatedEvent | None, act: DatedEvent, calendar: Calendar, *, known: bool
) -> Outcome:
    if start is None:
        return Outcome(None, LATER_ACT if known and measure.first_only else NO_START, act=act.day)
    if not calendar.covers(start.day) or not calendar.covers(act.day):
        return Outcome(None, OUT_OF_CALENDAR, start=start.day, act=act.day)
    if act.day < start.day:
        counted = False if measure.before_start == "in_total" else None
        return Outcome(counted, BEFORE_START, start=start.day, act=act.day)
    days = calendar.count_working_days(start.day, act.day)
    return Outcome(days <= measure.limit, None, days, start.day, act.day)


def _of_first_type(types: Sequence[str], events: Sequence[DatedEvent]) -> list[DatedEvent]:
    """Return the events of the first of the types that the case has: the others say the same in other words."""
    for type_ in types:
        if found := [event for event in events if event.type == type_]:
            return found
    return []
