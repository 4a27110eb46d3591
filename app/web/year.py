"""One year of a calendar, month by month."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date

from app.calendars.calendar import Calendar, NonWorkingDay


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what kind it is, and its names."""

    date: date
    kind: str
    named: tuple[NonWorkingDay, ...]

    @property
    def words(self) -> str:
        """Describe the day for a reader who does not see the shading."""
        if self.named:
            how = " (projected)" if self.kind == "projected" else ""
            return " and ".join(day.name for day in self.named) + how
        return "weekend" if self.kind == "weekend" else ""


@dataclass(frozen=True, slots=True)
class Month:
    """One month in weeks from Monday. None is outside the month or the calendar."""

    name: str
    weeks: tuple[tuple[Day | None, ...], ...]
    working_days: int


@dataclass(frozen=True, slots=True)
class Year:
    """One year of a calendar."""

    year: int
    months: tuple[Month, ...]
    named: tuple[NonWorkingDay, ...]
    working_days: int


def years(calendar: Calendar) -> range:
    """Return the years that a calendar covers."""
    return range(calendar.first.year, calendar.last.year + 1)


def sheet(calendar: Calendar, year: int) -> Year:
    """Build a year: each day is working, weekend, or closed as published or projected."""
    named: dict[date, list[NonWorkingDay]] = {}
    for day in calendar.days:
        if day.date.year == year:
            named.setdefault(day.date, []).append(day)
    months = tuple(_month(calendar, year, month, named) for month in range(1, 13))
    return Year(
        year=year,
        months=months,
        named=tuple(day for days in named.values() for day in days),
        working_days=sum(month.working_days for month in months),
    )


def _month(calendar: Calendar, year: int, month: int, named: dict[date, list[NonWorkingDay]]) -> Month:
    weeks = []
    working = 0
    for week in months.Calendar().monthdatescalendar(year, month):
        row: list[Day | None] = []
        for day in week:
            if day.month != month or not calendar.covers(day):
                row.append(None)
                continue
            entry = _day(day, tuple(named.get(day, ())))
            working += entry.kind == "working"
            row.append(entry)
        weeks.append(tuple(row))
    return Month(f"{date(year, month, 1):%B}", tuple(weeks), working)


def _day(day: date, named: tuple[NonWorkingDay, ...]) -> Day:
    if named:
        kind = "projected" if all(item.origin == "projected" for item in named) else named[0].kind
        return Day(day, kind, named)
    return Day(day, "weekend" if day.weekday() > 4 else "working", ())
