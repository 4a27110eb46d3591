"""The counting written out, line by line, so that it can be followed with a wall calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from app.engine.civil_time import ONE_DAY, Moment
from app.engine.conditions import Checked
from app.engine.counting import Limit
from app.engine.facts import WorkingCalendar
from app.engine.phases import First, Phase, PlanInterval
from app.engine.results import Explanation, Step
from app.engine.series import Series
from app.engine.timing import (
    AtAge,
    AtGestation,
    Before,
    Extreme,
    LookBack,
    NotBefore,
    SchoolYear,
    Timing,
    Window,
    Within,
)
from app.engine.units import Days, Duration, Hours, Minutes, Months, Weekdays, Weeks, WorkingDays, Years

LONGEST_LISTING = 400
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@lru_cache(maxsize=1 << 12)
def spelt(day: date) -> str:
    """A day as it stands on a wall calendar: Thursday 18 December 2025."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


class Walks:
    """Writes out the counting of one event's limits; those counted in one unit from one day share one walk."""

    __slots__ = ("_begun", "_calendar", "_noun")

    def __init__(self, calendar: WorkingCalendar, noun: str) -> None:
        self._calendar = calendar
        self._noun = noun
        self._begun: dict[tuple[date, type[Duration], int, int], _Walk] = {}

    def explain(
        self,
        timing: Timing | Series,
        phase: Phase | First | None,
        base: Moment,
        limit: Limit,
        checked: tuple[Checked, ...],
    ) -> Explanation:
        """How the limit came about: day 0, each day counted or passed over and why, and where it landed."""
        length, direction, event_day = _length(timing, phase)
        counted_in = length.plural if length is not None else timing.words(self._noun)
        if length is None or isinstance(length, Hours | Minutes):
            steps: tuple[Step, ...] = tuple(_pointed(timing, base, limit, length))
        elif isinstance(length, WorkingDays | Weekdays):
            steps = self._walked(base.day, limit.day, length, direction, event_day)
        else:
            steps = tuple(_jumped(base.day, limit.day, length, direction, event_day))
        return Explanation(base.day, counted_in, steps, limit.day, checked)

    def _walked(self, start: date, end: date, length: Duration, direction: int, event_day: int) -> tuple[Step, ...]:
        key = (start, type(length), direction, event_day)
        walk = self._begun.get(key)
        if walk is None:
            walk = self._begun[key] = _Walk(start, length, self._calendar, direction, event_day)
        days = abs((end - start).days)
        steps = walk.up_to(min(days, LONGEST_LISTING))
        if days > LONGEST_LISTING:
            far = f"{spelt(end)}: {length.singular} {length.amount} (days between not listed)"
            steps = (*steps, Step(end, length.amount, far))
        return steps


class _Walk:
    """Day after day from one day, each one counted or passed over, as far as anybody has asked."""

    __slots__ = ("_calendar", "_counted", "_day", "_direction", "_singular", "_steps", "_working")

    def __init__(
        self, start: date, length: Duration, calendar: WorkingCalendar, direction: int, event_day: int
    ) -> None:
        self._calendar = calendar
        self._working = isinstance(length, WorkingDays)
        self._singular = length.singular
        self._direction = direction * ONE_DAY
        self._day = start
        self._counted = 1 if event_day and self._why_not(start) is None else 0
        said = "the day itself counts as day 1" if self._counted else "day 0, not counted"
        self._steps = [Step(start, self._counted, f"{spelt(start)}: {said}")]

    def up_to(self, days: int) -> tuple[Step, ...]:
        """The first day and so many after it."""
        steps = self._steps
        while len(steps) <= days:
            day = self._day = self._day + self._direction
            why = self._why_not(day)
            if why is None:
                self._counted += 1
                steps.append(Step(day, self._counted, f"{spelt(day)}: {self._singular} {self._counted}"))
            else:
                steps.append(Step(day, None, f"{spelt(day)}: not counted ({why})"))
        return tuple(steps[: days + 1])

    def _why_not(self, day: date) -> str | None:
        if self._working:
            return self._calendar.why_not_working(day)
        return WEEKDAYS[day.weekday()] if day.weekday() > 4 else None


def _length(timing: Timing | Series, phase: Phase | First | None) -> tuple[Duration | None, int, int]:
    if isinstance(phase, Phase):
        interval = phase.interval
        return (interval.ceiling if isinstance(interval, PlanInterval) else interval), 1, 0
    if isinstance(phase, First):
        return _length(phase.timing, None)
    if isinstance(timing, Within | NotBefore):
        if isinstance(timing, Within) and timing.since is not None:
            return None, 1, 0
        return timing.length, 1, timing.event_day
    if isinstance(timing, Before | LookBack):
        return timing.length, -1, 0
    if isinstance(timing, Window):
        return timing.closes, 1, 0
    return None, 1, 0


def _pointed(timing: Timing | Series, base: Moment, limit: Limit, length: Duration | None) -> Iterator[Step]:
    if isinstance(length, Hours | Minutes):
        start = base.at.strftime("%H:%M") if base.at is not None else "00:00 (only the date is known)"
        yield Step(base.day, 0, f"counted from {start} on {spelt(base.day)}")
        yield Step(
            limit.day,
            length.amount,
            f"{length} of elapsed time later or earlier: {limit.at:%H:%M %z} on {spelt(limit.day)}",
        )
        return
    yield Step(base.day, 0, f"{spelt(base.day)}: the day of the event")
    what = {
        AtAge: "added to the date of birth in one step",
        AtGestation: "counted back from the expected delivery date as 40 weeks + 0 days",
        SchoolYear: "1 September of the school year, from the date of birth",
        Extreme: "the limit chosen among several",
    }.get(type(timing), "the limit")
    yield Step(limit.day, None, f"{spelt(limit.day)}: {what}")


def _jumped(start: date, end: date, length: Duration, direction: int, event_day: int) -> Iterator[Step]:
    note = "counts as day 1" if event_day else "day 0, not counted"
    yield Step(start, event_day, f"{spelt(start)}: {note}")
    way = "later" if direction > 0 else "earlier"
    if isinstance(length, Days | Weeks):
        days = length.amount * (7 if isinstance(length, Weeks) else 1)
        how = f"{days} calendar days {way}" + (", the first day being counted" if event_day else "")
        if event_day:
            days -= 1
        if start + timedelta(days=direction * days) != end:
            how = f"as the plan's own interval sets, no later than {length}"
    elif isinstance(length, Months | Years):
        how = f"the same day number {length} {way}"
        if event_day:
            how += ", less one day because the first day is counted"
        elif end.day != start.day:
            how += ", or the last day of a shorter month"
    else:
        how = f"{length} {way}"
    yield Step(end, length.amount, f"{spelt(end)}: {how}")
