"""Count the children on a plan, or in care, at the end of a year whose reviews in it were all held on time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from app.calendars.calendar import Calendar
from app.calendars.index import BeyondCalendar
from app.services.measures.definitions import ReviewsMeasure
from app.services.measures.outcomes import DatedEvent, Outcome, Year, step_on

NO_START = "the start is not in the data, so that the number of the review is not known"
TOO_SHORT = "it had not been open for long enough at the end of the year"
NONE_DUE = "no review fell due in the year"
EARLIER_UNSEEN = "no review before the year is in the data, so that it is not known when the next was due"
OUT_OF_CALENDAR = "its days lie outside the calendar"


def reviews_outcome(
    measure: ReviewsMeasure,
    events: Sequence[DatedEvent],
    year: Year,
    calendar: Calendar,
    seen_from: date | None = None,
) -> Outcome | None:
    """Return the outcome of one child; None where the case was not open on the last day of the year.

    `events` are in order of their days. A review that was due before the year and not held by its start is late too.
    `seen_from` is the first day whose reviews would be in the data, where that is known.
    """
    until = [event for event in events if event.day <= year.last]
    openings = [event.day for event in until if event.type in measure.opened_by]
    ends = [event.day for event in until if event.type in measure.closed_by]
    reviews = [event.day for event in until if event.type in measure.reviews]
    if not openings:
        running = bool(reviews) and (not ends or max(ends) < max(reviews))
        return Outcome(None, NO_START) if running else None
    opening = openings[-1]
    before = openings[-2] if len(openings) > 1 else None
    if sum(end >= opening for end in ends) > _ends_of_another(before, opening, ends):
        return None
    try:
        if step_on(opening, measure.open_for, calendar) > year.last:
            return Outcome(None, TOO_SHORT, start=opening)
        # The conference of an earlier plan is not that of this one.
        first = [
            event.day
            for event in until
            if event.type in measure.counted_from and event.day <= opening and (before is None or event.day > before)
        ]
        anchor = first[-1] if first else opening
        reviewed = [day for day in reviews if day >= opening]
        seen = seen_from is not None and seen_from <= opening
        if not seen and not any(day < year.first for day in reviewed):
            unseen = _unseen(measure, anchor, opening, reviewed, year, calendar)
            if unseen is not None:
                return unseen
        return _judged(measure, anchor, opening, reviewed, year, calendar)
    except BeyondCalendar:
        return Outcome(None, OUT_OF_CALENDAR, start=opening)


def _ends_of_another(before: date | None, opening: date, ends: Sequence[date]) -> int:
    """Return how many of the ends on the day of an opening end what was open before it: a plan renewed on one day."""
    still_open = before is not None and not any(before <= end < opening for end in ends)
    return int(still_open and opening in ends)


def _unseen(
    measure: ReviewsMeasure, anchor: date, opening: date, reviewed: Sequence[date], year: Year, calendar: Calendar
) -> Outcome | None:
    """Return the outcome where a review was due before the year, and none of before the year is in the data.

    A return of one year has the reviews of that year alone. Late is then what would be late even if one had been held
    on the last day before the year; the rest is not known. None: no review was due before the year.
    """
    if step_on(anchor, measure.steps[0], calendar) >= year.first:
        return None
    last = year.first - timedelta(days=1)
    for review in (*reviewed, None):
        due = step_on(last, measure.steps[-1], calendar)
        if due <= year.last and (review is None or review > due):
            return Outcome(in_time=False, start=opening)
        last = review or last
    return Outcome(None, EARLIER_UNSEEN, start=opening)


def _judged(
    measure: ReviewsMeasure, anchor: date, opening: date, reviewed: Sequence[date], year: Year, calendar: Calendar
) -> Outcome:
    due_in_year = False
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
