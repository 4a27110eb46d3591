"""The kinds of timing that follow from a date of birth or an expected delivery date, whatever day the event fell on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from app.engine.civil_time import ONE_DAY, Moment
from app.engine.counting import DueDate
from app.engine.facts import DATE_OF_BIRTH, EXPECTED_DELIVERY, FactSpec, Situation
from app.engine.months import birthday, gestation_day, school_year_start
from app.engine.timing import BEYOND_CALENDAR, FORWARDS, Completion, Counting, Direction, Kind, Missing, whole_day
from app.engine.units import Age

Edge = Literal["at", "by", "before", "not_before"]

ALREADY_PAST = "this date was already past on the day of the event"
BORN_ON_LEAP_DAY = "born on a day that the month reached does not have: its last day stands for the birthday"


@dataclass(frozen=True, slots=True)
class AtAge:
    """The day an age is reached, or the day before it where the document says before a birthday."""

    age: Age
    edge: Edge = "by"
    direction: ClassVar[Direction] = FORWARDS
    completion: ClassVar[Completion] = "after_the_event"
    counts_from: ClassVar[FactSpec | None] = None
    depends_only_on_day: ClassVar[bool] = False

    @property
    def kind(self) -> Kind:
        return "earliest" if self.edge == "not_before" else "milestone"

    def facts(self) -> frozenset[str]:
        return frozenset((DATE_OF_BIRTH,))

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        born = situation.facts.get(DATE_OF_BIRTH)
        if not isinstance(born, date):
            return Missing("facts_missing", self.facts())
        try:
            day = birthday(born, self.age)
        except OverflowError:
            return BEYOND_CALENDAR
        leap = () if day.day == born.day else (BORN_ON_LEAP_DAY,)
        if self.edge == "before":
            day -= ONE_DAY
        due = whole_day(day, situation, *leap, *_if_past(day, base))
        return due._replace(earliest_day=day) if self.edge == "not_before" else due

    def explanation(self) -> Counting | str:
        return "added to the date of birth in one step"

    def describe(self, noun: str) -> str:
        opening = {"at": "when", "by": "by the day", "before": "before", "not_before": "not before"}[self.edge]
        return f"{opening} the child is {self.age} old"


@dataclass(frozen=True, slots=True)
class AtGestation:
    """The day a pregnancy reaches N weeks + 0 days, counted back from the expected delivery date as 40 + 0."""

    weeks: int
    edge: Edge = "by"
    kind: ClassVar[Kind] = "milestone"
    direction: ClassVar[Direction] = FORWARDS
    completion: ClassVar[Completion] = "after_the_event"
    counts_from: ClassVar[FactSpec | None] = None
    depends_only_on_day: ClassVar[bool] = False

    def facts(self) -> frozenset[str]:
        return frozenset((EXPECTED_DELIVERY,))

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        expected = situation.facts.get(EXPECTED_DELIVERY)
        if not isinstance(expected, date):
            return Missing("facts_missing", self.facts())
        try:
            day = gestation_day(expected, self.weeks)
        except OverflowError:
            return BEYOND_CALENDAR
        return whole_day(day, situation, *_if_past(day, base))

    def explanation(self) -> Counting | str:
        return "counted back from the expected delivery date as 40 weeks + 0 days"

    def describe(self, noun: str) -> str:
        return f"{'at' if self.edge == 'at' else 'by'} {self.weeks} weeks of the pregnancy ({self.weeks}+0)"


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """1 September on which the pupil's school year N begins."""

    year: int
    kind: ClassVar[Kind] = "milestone"
    direction: ClassVar[Direction] = FORWARDS
    completion: ClassVar[Completion] = "after_the_event"
    counts_from: ClassVar[FactSpec | None] = None
    depends_only_on_day: ClassVar[bool] = False

    def facts(self) -> frozenset[str]:
        return frozenset((DATE_OF_BIRTH,))

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        born = situation.facts.get(DATE_OF_BIRTH)
        if not isinstance(born, date):
            return Missing("facts_missing", self.facts())
        try:
            day = school_year_start(born, self.year)
        except OverflowError:
            return BEYOND_CALENDAR
        return whole_day(day, situation, *_if_past(day, base))

    def explanation(self) -> Counting | str:
        return "1 September of the school year, from the date of birth"

    def describe(self, noun: str) -> str:
        return f"at the start of school Year {self.year} (1 September)"


def _if_past(day: date, base: Moment) -> tuple[str, ...]:
    return (ALREADY_PAST,) if day < base.day else ()
