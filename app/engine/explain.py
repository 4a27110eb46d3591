"""The counting written out, line by line, so that it can be followed with a wall calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from app.engine.civil import Moment
from app.engine.conditions import Checked
from app.engine.counting import ONE_DAY, Limit
from app.engine.facts import WorkingCalendar
from app.engine.outcome import Explanation, Step
from app.engine.phases import First, Phase, PlanInterval
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


def spelt(day: date) -> str:
    """A day as it stands on a wall calendar: Thursday 18 December 2025."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def explain(
    timing: Timing | Series,
    phase: Phase | First | None,
    base: Moment,
    limit: Limit,
    calendar: WorkingCalendar,
    noun: str,
    checked: tuple[Checked, ...],
) -> Explanation:
    """How the limit came about: day 0, each day counted or passed over and why, and where it landed."""
    length, direction, event_day = _length(timing, phase)
    counted_in = length.plural if length is not None else timing.words(noun)
    if length is None or isinstance(length, Hours | Minutes):
        steps: tuple[Step, ...] = tuple(_pointed(timing, base, limit, length))
    elif isinstance(length, WorkingDays | Weekdays):
        steps = tuple(_walked(base.day, limit.day, length, calendar, direction, event_day))
    else:
        steps = tuple(_jumped(base.day, limit.day, length, direction, event_day))
    return Explanation(base.day, counted_in, steps, limit.day, checked)


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


def _walked(
    start: date, end: date, length: Duration, calendar: WorkingCalendar, direction: int, event_day: int
) -> Iterator[Step]:
    working = isinstance(length, WorkingDays)
    counted = 0
    day = start
    if event_day and _open(day, calendar, working=working):
        counted = 1
        yield Step(day, 1, f"{spelt(day)}: the day itself counts as day 1")
    else:
        yield Step(day, 0, f"{spelt(day)}: day 0, not counted")
    for _ in range(min(abs((end - start).days), LONGEST_LISTING)):
        day += direction * ONE_DAY
        why = calendar.why_not_working(day) if working else (day.strftime("%A") if day.weekday() > 4 else None)
        if why is None:
            counted += 1
            yield Step(day, counted, f"{spelt(day)}: {length.singular} {counted}")
        else:
            yield Step(day, None, f"{spelt(day)}: not counted ({why})")
    if day != end:
        yield Step(end, length.amount, f"{spelt(end)}: {length.singular} {length.amount} (days between not listed)")


def _open(day: date, calendar: WorkingCalendar, *, working: bool) -> bool:
    return calendar.why_not_working(day) is None if working else day.weekday() < 5


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
