"""Write a count out line by line, so that it can be followed with a wall calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from app.engine.civil_time import ONE_DAY, Moment
from app.engine.conditions import Checked
from app.engine.counting import DueDate
from app.engine.facts import WorkingCalendar
from app.engine.phases import First, Phase
from app.engine.results import Explanation, Step
from app.engine.series import Series
from app.engine.timing import Counting, Direction, Timing
from app.engine.units import Days, Duration, Hours, Minutes, Months, Weekdays, Weeks, WorkingDays, Years

MAX_DAYS_LISTED = 400
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@lru_cache(maxsize=1 << 12)
def format_long_date(day: date) -> str:
    """Return a day as a wall calendar shows it: Thursday 18 December 2025."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


class ExplanationBuilder:
    """Explains the due dates of one event; those counted in one unit from one day share one list of days."""

    __slots__ = ("_counts", "_noun")

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._counts: dict[tuple[int, date, type[Duration], Direction, int], _DayCount] = {}

    def explain(
        self,
        timing: Timing | Series,
        phase: Phase | First | None,
        base: Moment,
        due: DueDate,
        checked: tuple[Checked, ...],
        calendar: WorkingCalendar,
    ) -> Explanation:
        """Return how a due date came about: day 0, each day counted or passed over and why, and the day reached."""
        how = (phase or timing).explanation()
        if isinstance(how, str):
            counted_in, steps = timing.describe(self._noun), tuple(_direct(base, due, how))
        elif isinstance(how.length, Hours | Minutes):
            counted_in, steps = how.length.plural, tuple(_elapsed(base, due, how))
        elif isinstance(how.length, WorkingDays | Weekdays):
            counted_in, steps = how.length.plural, self._day_by_day(base.day, due.day, how, calendar)
        else:
            counted_in, steps = how.length.plural, tuple(_calendar_arithmetic(base.day, due.day, how))
        return Explanation(base.day, counted_in, steps, due.day, checked)

    def _day_by_day(self, start: date, end: date, how: Counting, calendar: WorkingCalendar) -> tuple[Step, ...]:
        length = how.length
        key = (id(calendar), start, type(length), how.direction, how.event_day)
        count = self._counts.get(key)
        if count is None:
            count = self._counts[key] = _DayCount(start, how, calendar)
        days = abs((end - start).days)
        steps = count.up_to(min(days, MAX_DAYS_LISTED))
        if days > MAX_DAYS_LISTED:
            far = f"{format_long_date(end)}: {length.singular} {length.amount} (days between not listed)"
            steps = (*steps, Step(end, length.amount, far))
        return steps


class _DayCount:
    """Day after day from one day, each counted or passed over, as far as has been requested."""

    __slots__ = ("_calendar", "_counted", "_day", "_direction", "_singular", "_steps", "_working")

    def __init__(self, start: date, how: Counting, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self._working = isinstance(how.length, WorkingDays)
        self._singular = how.length.singular
        self._direction = how.direction * ONE_DAY
        self._day = start
        self._counted = 1 if how.event_day and self._why_not(start) is None else 0
        note = "the day itself counts as day 1" if self._counted else "day 0, not counted"
        self._steps = [Step(start, self._counted, f"{format_long_date(start)}: {note}")]

    def up_to(self, days: int) -> tuple[Step, ...]:
        """Return the first day and so many after it."""
        steps = self._steps
        while len(steps) <= days:
            day = self._day = self._day + self._direction
            why = self._why_not(day)
            if why is None:
                self._counted += 1
                note = f"{format_long_date(day)}: {self._singular} {self._counted}"
                steps.append(Step(day, self._counted, note))
            else:
                steps.append(Step(day, None, f"{format_long_date(day)}: not counted ({why})"))
        return tuple(steps[: days + 1])

    def _why_not(self, day: date) -> str | None:
        if self._working:
            return self._calendar.why_not_working(day)
        return WEEKDAYS[day.weekday()] if day.weekday() > 4 else None


def _elapsed(base: Moment, due: DueDate, how: Counting) -> Iterator[Step]:
    start = base.at.strftime("%H:%M") if base.at is not None else "00:00 (only the date is known)"
    yield Step(base.day, 0, f"counted from {start} on {format_long_date(base.day)}")
    end = f"{due.at:%H:%M %z} on {format_long_date(due.day)}"
    way = "later" if how.direction > 0 else "earlier"
    yield Step(due.day, how.length.amount, f"{how.length} of elapsed time {way}: {end}")


def _direct(base: Moment, due: DueDate, what: str) -> Iterator[Step]:
    yield Step(base.day, 0, f"{format_long_date(base.day)}: the day of the event")
    yield Step(due.day, None, f"{format_long_date(due.day)}: {what}")


def _calendar_arithmetic(start: date, end: date, how: Counting) -> Iterator[Step]:
    length, direction, event_day = how
    note = "counts as day 1" if event_day else "day 0, not counted"
    yield Step(start, event_day, f"{format_long_date(start)}: {note}")
    way = "later" if direction > 0 else "earlier"
    if isinstance(length, Days | Weeks):
        days = length.amount * (7 if isinstance(length, Weeks) else 1)
        text = f"{days} calendar days {way}" + (", the first day being counted" if event_day else "")
        if event_day:
            days -= 1
        if start + timedelta(days=direction * days) != end:
            text = f"as the plan's own interval sets, no later than {length}"
    elif isinstance(length, Months | Years):
        text = f"the same day number {length} {way}"
        if event_day:
            text += ", less one day because the first day is counted"
        elif end.day != start.day:
            text += ", or the last day of a shorter month"
    else:
        text = f"{length} {way}"
    yield Step(end, length.amount, f"{format_long_date(end)}: {text}")
