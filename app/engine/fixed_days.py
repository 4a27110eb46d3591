"""The kinds of timing that end with a day of the year: before a date, or at noon after a run of public holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from app.engine.civil_time import ONE_DAY, Moment
from app.engine.counting import DueDate, OutsideCalendar
from app.engine.facts import FactSpec, Situation
from app.engine.timing import (
    BACK,
    BEYOND_CALENDAR,
    FORWARDS,
    NO_FACTS,
    Completion,
    Counting,
    Direction,
    Kind,
    Missing,
    Within,
    whole_day,
)

NOON = time(12)
CHRISTMAS = {(12, 25), (12, 26)}
"""Holidays by the Acts themselves, also on a Saturday; published lists name only the Mondays that stand in for them."""
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class BeforeDayOfYear:
    """Before a fixed day of the calendar year in which the event falls: the day before it is the last.

    "Before 15 February in the calendar year of the transfer" ends with 14 February, also for a transfer in January.
    """

    month: int
    day: int
    kind: ClassVar[Kind] = "lead_time"
    direction: ClassVar[Direction] = BACK
    completion: ClassVar[Completion] = "by_the_event"
    counts_from: ClassVar[FactSpec | None] = None
    depends_only_on_day: ClassVar[bool] = True

    def facts(self) -> frozenset[str]:
        return NO_FACTS

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        return whole_day(date(base.day.year, self.month, self.day) - ONE_DAY, situation)

    def explanation(self) -> Counting | str:
        return f"the day before {self._named()}"

    def describe(self, noun: str) -> str:
        return f"before {self._named()} of the year of {noun}"

    def _named(self) -> str:
        return f"{self.day} {MONTHS[self.month - 1]}"


@dataclass(frozen=True, slots=True)
class NoonAfterHoliday:
    """So long after the event; where the last day is a Sunday or a public holiday, to noon of the next that is neither.

    Section 45(2) of the Children Act 1989: a Saturday is no such day, unless it is Christmas Day or 26 December, a bank
    holiday by the Act of 1971. An order of 17 December 2026, its eight days ending on Friday 25 December, may run to
    noon on Tuesday 29 December.
    """

    period: Within
    kind: ClassVar[Kind] = "deadline"
    direction: ClassVar[Direction] = FORWARDS
    completion: ClassVar[Completion] = "after_the_event"
    depends_only_on_day: ClassVar[bool] = False

    @property
    def counts_from(self) -> FactSpec | None:
        return self.period.counts_from

    def facts(self) -> frozenset[str]:
        return self.period.facts()

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        end = self.period.due_date(situation, base)
        if isinstance(end, Missing):
            return end
        day = end.day
        try:
            while _is_public_holiday(day, situation):
                day += ONE_DAY
        except (OutsideCalendar, OverflowError):
            return BEYOND_CALENDAR
        if day == end.day:
            return end._replace(latest_day_consulted=day)
        noon = datetime.combine(day, NOON, situation.zone)
        return DueDate(day, noon, end.assumptions, day)

    def explanation(self) -> Counting | str:
        return "the last day, or noon of the next day that is neither a Sunday nor a public holiday"

    def describe(self, noun: str) -> str:
        return f"{self.period.describe(noun)}; from a Sunday or a public holiday on to noon of the next other day"


def _is_public_holiday(day: date, situation: Situation) -> bool:
    if day.weekday() == 6 or (day.month, day.day) in CHRISTMAS:
        return True
    return situation.calendar.why_not_working(day) not in {None, "Saturday"}
