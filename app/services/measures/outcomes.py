"""What one measure finds in one case: an act or a child that is counted, or left out, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from app.calendars.calendar import Calendar
from app.engine.months import add_months
from app.services.measures.definitions import Step

IN_NO_BAND = "in the total, in no band"
"""What is said of an act that counts as late and has no length."""


@dataclass(frozen=True, slots=True)
class Year:
    """A collection year, from 1 April to 31 March, or any other span of days; both days included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        """Return whether a day lies in it."""
        return self.first <= day <= self.last


class Outcome(NamedTuple):
    """One act or one child under a measure.

    `in_time` None means that it is left out, for the `reason`; `days` are working days, None where an act lies
    before its start, or where no length is counted. `month` is that of the act.
    """

    in_time: bool | None
    reason: str | None = None
    days: int | None = None
    start: date | None = None
    act: date | None = None

    @property
    def month(self) -> str | None:
        """Return the month of the act, None where a child is counted and no act."""
        return self.act.isoformat()[:7] if self.act is not None else None


class DatedEvent(NamedTuple):
    """An event of a case by its day, and what ties it to others where the source says so.

    `episode` is the name of its episode, `row` the key of the row that it comes from.
    """

    type: str
    day: date
    episode: str | None = None
    row: str | None = None


def step_on(day: date, step: Step, calendar: Calendar) -> date:
    """Return the day that lies one step on. Raises BeyondCalendar where its working days are not known."""
    unit, number = step
    if unit == "working_days":
        return calendar.add_working_days(day, number)
    return add_months(day, number) if unit == "months" else day + timedelta(weeks=number)
