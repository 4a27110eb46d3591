"""One type for each unit of time, so that none can be mistaken for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class _Amount:
    amount: int
    singular: ClassVar[str] = ""
    plural: ClassVar[str] = ""

    def __post_init__(self) -> None:
        if type(self.amount) is not int or self.amount < 0:
            raise ValueError(f"{type(self).__name__} takes a whole number from 0, not {self.amount!r}")

    def __str__(self) -> str:
        return f"{self.amount} {self.singular if self.amount == 1 else self.plural}"


class WorkingDays(_Amount):
    """Mondays to Fridays that the calendar does not close; the day counted from is day 0."""

    singular, plural = "working day", "working days"


class Weekdays(_Amount):
    """Mondays to Fridays, bank holidays counted like any other: a unit of its own, needing no calendar."""

    singular, plural = "weekday", "weekdays"


class Days(_Amount):
    """Calendar days; the day counted from is day 0."""

    singular, plural = "day", "days"


class Weeks(_Amount):
    """Seven calendar days each; the due date falls on the weekday it was counted from."""

    singular, plural = "week", "weeks"


class Months(_Amount):
    """Calendar months by the corresponding-date rule of *Dodds v Walker*: 31 January + 1 = 28 February."""

    singular, plural = "month", "months"


class Years(_Amount):
    """Twelve calendar months each, by the same rule: 29 February + 1 year = 28 February."""

    singular, plural = "year", "years"


class Hours(_Amount):
    """Elapsed time: 24 hours over a clock change are 24 hours, not the same time next day."""

    singular, plural = "hour", "hours"


class Minutes(_Amount):
    """Elapsed time, as hours are."""

    singular, plural = "minute", "minutes"


Duration = WorkingDays | Weekdays | Days | Weeks | Months | Years | Hours | Minutes

UNITS: dict[str, type[Duration]] = {
    "working_days": WorkingDays,
    "weekdays": Weekdays,
    "days": Days,
    "weeks": Weeks,
    "months": Months,
    "years": Years,
    "hours": Hours,
    "minutes": Minutes,
}


@dataclass(frozen=True, slots=True)
class Age:
    """An age in whole years and months, added to a date of birth in one step: 16 years 3 months."""

    years: int
    months: int = 0

    def __post_init__(self) -> None:
        if self.years < 0 or not 0 <= self.months <= 11 or (self.years, self.months) == (0, 0):
            raise ValueError("an age takes years from 0 and months from 0 to 11, not both 0")

    @property
    def total_months(self) -> int:
        return self.years * 12 + self.months

    def __str__(self) -> str:
        years = f"{self.years} year{'' if self.years == 1 else 's'}" if self.years else ""
        months = f"{self.months} month{'' if self.months == 1 else 's'}" if self.months else ""
        return " ".join(part for part in (years, months) if part)
