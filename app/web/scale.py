"""The timeline's axis: which days it shows, how wide a day is, what is shaded and labelled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.calendars.calendar import Calendar

ONE_DAY = timedelta(days=1)
NEAR_DAYS = 190
FARTHEST_DAYS = 3 * 366
SPANS = {"42": "6 weeks", "92": "3 months", "183": "6 months", "366": "1 year", "1096": "3 years", "all": "everything"}
MARGIN = 100.0
# (number of days, width of a day): more days than the last are fitted into FITTED pixels.
WIDTHS = ((30, 26.0), (49, 18.0), (100, 9.0), (200, 5.0), (400, 2.6))
FITTED = 1040.0


@dataclass(frozen=True, slots=True)
class Band:
    """A shaded run of days: `weekend`, `holiday`, or `projected` for a bank holiday not yet published."""

    x: float
    width: float
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A label below the axis."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps days to x positions. `a_day` is the width of a day in pixels."""

    first: date
    last: date
    a_day: float

    @property
    def width(self) -> float:
        """Return the width of the drawing."""
        return 2 * MARGIN + ((self.last - self.first).days + 1) * self.a_day

    @property
    def left(self) -> float:
        """Return where the first day begins."""
        return MARGIN

    @property
    def right(self) -> float:
        """Return where the last day ends."""
        return self.width - MARGIN

    def day(self, day: date) -> float:
        """Return where a day begins."""
        return round(MARGIN + (day - self.first).days * self.a_day, 1)

    def instant(self, at: datetime) -> float:
        """Return the position of an instant within its day."""
        passed = (at.hour * 3600 + at.minute * 60 + at.second) / 86_400
        return round(self.day(at.date()) + passed * self.a_day, 1)

    def shows(self, day: date) -> bool:
        """Return True if a day is drawn."""
        return self.first <= day <= self.last


def scale(start: date, dates: Sequence[date], until: date | None, span: str) -> Scale:
    """Choose the axis for a day and the dates around it.

    Without a chosen span it reaches `until`, else the last date within about six months, so that a birthday years away
    does not squeeze the next weeks. Dates beyond are labelled at the edge.
    """
    if span.isdigit() and span in SPANS:
        reach = int(span)
    elif span == "all":
        reach = max((abs((day - start).days) for day in dates), default=0)
    elif until is not None:
        reach = min(max((until - start).days, 14), FARTHEST_DAYS)
    else:
        near = [abs((day - start).days) for day in dates if abs((day - start).days) <= NEAR_DAYS]
        reach = max(near or [abs((day - start).days) for day in dates] or [14])
    shown = [day for day in (start, *dates) if abs((day - start).days) <= reach]
    first, last = min(shown), max(shown)
    if last - first < timedelta(days=6):
        last = first + timedelta(days=6)
    first, last = _moved(first, -1), _moved(last, 1)
    days = (last - first).days + 1
    return Scale(first, last, next((width for most, width in WIDTHS if days <= most), FITTED / days))


def _moved(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return day


def bands(axis: Scale, calendar: Calendar) -> Iterator[Band]:
    """Yield weekends, if they are wide enough to see, and bank holidays with their names."""
    if axis.a_day < 0.9:
        return
    named = {day.date: day for day in calendar.days if axis.shows(day.date)}
    day = axis.first
    while day <= axis.last:
        if day.weekday() > 4 and axis.a_day >= 2:
            yield Band(axis.day(day), axis.a_day, "weekend", f"{day:%A}")
        holiday = named.get(day)
        if holiday is not None:
            kind = "projected" if holiday.origin == "projected" else "holiday"
            yield Band(axis.day(day), max(axis.a_day, 2.0), kind, f"{holiday.name}, {day.day} {day:%B %Y}")
        day += ONE_DAY


def ticks(axis: Scale) -> Iterator[Tick]:
    """Yield labels for Mondays, months, quarters or years, whichever leaves space for the text."""
    day = axis.first
    mondays = 0
    while day <= axis.last:
        if axis.a_day >= 5:
            if day.weekday() == 0:
                mondays += 1
                if axis.a_day >= 9 or mondays % 2:
                    yield Tick(axis.day(day), f"{day.day} {day:%b}")
        elif day.day == 1 and _starts_label(day, axis.a_day):
            yield Tick(axis.day(day), f"{day.year}" if axis.a_day < 0.6 else f"{day:%b %Y}")
        day += ONE_DAY


def _starts_label(day: date, a_day: float) -> bool:
    """Return True if the first of this month has a label: every month, quarter, year or several years."""
    if a_day >= 2.2:
        return True
    if a_day >= 0.8:
        return day.month % 3 == 1
    years = max(1, round(45 / (a_day * 365.25) + 0.5))
    return day.month == 1 and day.year % years == 0
