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

    An act belongs to the start that its source ties it to, by the name of the episode or by the row; else to the latest
    one before it that has no act yet. Only what is then left over was held before its start: a conference of 1 June
    whose enquiry began on 3 June.
    """
    free = _of_first_type(measure.starts, events)
    acts = _of_first_type(measure.acts, events)
    has_starts = bool(free)
    started: dict[int, DatedEvent] = {}
    for belongs in (_same_episode, _same_row if measure.same_row else _same_episode, _before, _any):
        for place, act in enumerate(acts):
            fitting = [start for start in free if belongs(start, act)] if place not in started else []
            if fitting:
                # Of several starts of one source the latest that lies before the act.
                start = ([each for each in fitting if each.day <= act.day] or fitting[:1])[-1]
                started[place] = start
                free.remove(start)
    for place, act in enumerate(acts):
        if act.day in year:
            yield _outcome(measure, started.get(place), act, calendar, has_starts=has_starts)


def _same_episode(start: DatedEvent, act: DatedEvent) -> bool:
    return act.episode is not None and start.episode == act.episode


def _same_row(start: DatedEvent, act: DatedEvent) -> bool:
    return act.row is not None and start.row == act.row


def _before(start: DatedEvent, act: DatedEvent) -> bool:
    return start.day <= act.day


def _any(start: DatedEvent, act: DatedEvent) -> bool:
    del start, act
    return True


def _outcome(
    measure: IntervalMeasure, start: DatedEvent | None, act: DatedEvent, calendar: Calendar, *, has_starts: bool
) -> Outcome:
    if start is None:
        return Outcome(None, LATER_ACT if has_starts and measure.first_only else NO_START, act=act.day)
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
        if of_type := [event for event in events if event.type == type_]:
            return of_type
    return []
