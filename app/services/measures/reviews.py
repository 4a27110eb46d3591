"""Count the children on a plan, or in care, at the end of a year whose reviews in it were all held on time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.calendars.calendar import Calendar
from app.calendars.index import BeyondCalendar
from app.services.measures.definitions import ReviewsMeasure
from app.services.measures.outcomes import DatedEvent, Outcome, Year, step_on

NO_START = "the start is not in the data, so that the number of the review is not known"
TOO_SHORT = "it had not been open for long enough at the end of the year"
NONE_DUE = "no review fell due in the year"
OUT_OF_CALENDAR = "its days lie outside the calendar"


def reviews_outcome(
    measure: ReviewsMeasure, events: Sequence[DatedEvent], year: Year, calendar: Calendar
) -> Outcome | None:
    """Return the outcome of one child; None where the case was not open on the last day of the year.

    `events` are in order of their days. A review that was due before the year and not held by its start is late too.
    """
    until = [event for event in events if event.day <= year.last]
    openings = [event.day for event in until if event.type in measure.opened_by]
    ends = [event.day for event in until if event.type in measure.closed_by]
    reviews = [event.day for event in until if event.type in measure.reviews]
    if not openings:
        running = bool(reviews) and (not ends or max(ends) < max(reviews))
        return Outcome(None, NO_START) if running else None
    opening = openings[-1]
    if any(end >= opening for end in ends):
        return None
    try:
        if step_on(opening, measure.open_for, calendar) > year.last:
            return Outcome(None, TOO_SHORT, start=opening)
        first = [event.day for event in until if event.type in measure.counted_from and event.day <= opening]
        return _judged(measure, first[-1] if first else opening, opening, reviews, year, calendar)
    except BeyondCalendar:
        return Outcome(None, OUT_OF_CALENDAR, start=opening)


def _judged(
    measure: ReviewsMeasure, counted_from: date, opening: date, reviews: Sequence[date], year: Year, calendar: Calendar
) -> Outcome:
    reviewed = [day for day in reviews if day >= opening]
    anchor, due_in_year = counted_from, False
    for place in range(len(reviewed) + 1):
        due = step_on(anchor, measure.steps[min(place, len(measure.steps) - 1)], calendar)
        review = reviewed[place] if place < len(reviewed) else None
        in_year = due in year or (due < year.first and (review is None or review >= year.first))
        if in_year and (review is None or review > due):
            return Outcome(in_time=False, start=opening)
        due_in_year = due_in_year or in_year
        if review is None:
            break
        anchor = review
    return Outcome(True, start=opening) if due_in_year else Outcome(None, NONE_DUE, start=opening)
