"""The kinds of timing a rule can have: from the event's moment and the facts to one limit, and to its plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, Protocol

from app.engine.civil_time import ONE_DAY, Moment, last_second
from app.engine.conditions import called
from app.engine.counting import Limit, OutsideCalendar, count, is_elapsed
from app.engine.facts import DATE_OF_BIRTH, EXPECTED_DELIVERY, FactSpec, Situation
from app.engine.months import birthday, gestation_day, school_year_start
from app.engine.units import Age, Duration, WorkingDays

Kind = Literal["deadline", "lead_time", "recurring", "milestone"]

ALREADY_PAST = "this date was already past on the day of the event"
NO_TIME_ORDER = "only the date of the event is known: its first moment, 00:00, stands for it"
BORN_ON_LEAP_DAY = "born on a day that the month reached does not have: its last day stands for the birthday"


@dataclass(frozen=True, slots=True)
class Missing:
    """The limit cannot be worked out: facts are missing, or the calendar ends before it."""

    reason: Literal["facts_missing", "beyond_calendar", "no_interval_printed"]
    needs: frozenset[str] = frozenset()


BEYOND_CALENDAR = Missing("beyond_calendar")


class Timing(Protocol):
    """What every one-off timing answers."""

    @property
    def kind(self) -> Kind: ...
    def limit(self, situation: Situation, base: Moment) -> Limit | Missing: ...
    def words(self, noun: str) -> str: ...
    def facts(self) -> frozenset[str]: ...


def _none() -> frozenset[str]:
    return frozenset()


def _whole_day(day: date, situation: Situation, *notes: str) -> Limit:
    return Limit(day, last_second(day, situation.zone), notes)


@dataclass(frozen=True, slots=True)
class Within:
    """So long after the event, or after a dated fact; `point`: the document names the day itself ("at day 5")."""

    length: Duration
    since: FactSpec | None = None
    event_day: int = 0
    point: bool = False
    kind: ClassVar[Kind] = "deadline"

    def limit(self, situation: Situation, base: Moment) -> Limit | Missing:
        start = base
        if self.since is not None:
            value = situation.facts.get(self.since.key)
            if not isinstance(value, date):
                return Missing("facts_missing", frozenset((self.since.key,)))
            start = Moment(value)
        try:
            return count(start, self.length, situation.calendar, situation.zone, 1, self.event_day)
        except (OutsideCalendar, OverflowError):
            return BEYOND_CALENDAR

    def words(self, noun: str) -> str:
        start = noun if self.since is None else called(self.since)
        if self.event_day:
            return f"within {self.length} beginning with the day of {start}"
        return f"{self.length} after {start}" if self.point else f"within {self.length} of {start}"

    def facts(self) -> frozenset[str]:
        return frozenset((self.since.key,)) if self.since is not None else _none()


@dataclass(frozen=True, slots=True)
class SameDay:
    """The event's own civil day; `at_once` where the document says immediately."""

    at_once: bool = False
    kind: ClassVar[Kind] = "deadline"

    def limit(self, situation: Situation, base: Moment) -> Limit | Missing:
        return _whole_day(base.day, situation)

    def words(self, noun: str) -> str:
        return f"at once, on the day of {noun}" if self.at_once else f"on the day of {noun}"

    def facts(self) -> frozenset[str]:
        return _none()


@dataclass(frozen=True, slots=True)
class Before:
    """So long before the event, its own day being day 0; without a length, merely before its instant."""

    length: Duration | None
    kind: ClassVar[Kind] = "lead_time"

    def limit(self, situation: Situation, base: Moment) -> Limit | Missing:
        if self.length is None:
            notes = () if base.at is not None else (NO_TIME_ORDER,)
            return Limit(base.day, base.instant(situation.zone), notes)
        try:
            return count(base, self.length, situation.calendar, situation.zone, -1)
        except (OutsideCalendar, OverflowError):
            return BEYOND_CALENDAR

    def words(self, noun: str) -> str:
        return f"before {noun}" if self.length is None else f"at least {self.length} before {noun}"

    def facts(self) -> frozenset[str]:
        return _none()


@dataclass(frozen=True, slots=True)
class LookBack:
    """The day on which a window that ends with the event opened: twelve months back from a contact."""

    length: Duration
    kind: ClassVar[Kind] = "lead_time"

    def limit(self, situation: Situation, base: Moment) -> Limit | Missing:
        try:
            return count(base, self.length, situation.calendar, situation.zone, -1)
        except (OutsideCalendar, OverflowError):
            return BEYOND_CALENDAR

    def words(self, noun: str) -> str:
        return f"looking back {self.length} from {noun}: the day the window opens"

    def facts(self) -> frozenset[str]:
        return _none()


@dataclass(frozen=True, slots=True)
class NotBefore:
    """The earliest day on which something may be done: so long after the event has gone by."""

    length: Duration
    event_day: int = 0
    kind: ClassVar[Kind] = "deadline"

    def limit(self, situation: Situation, base: Moment) -> Limit | Missing:
        try:
            end = count(base, self.length, situation.calendar, situation.zone, 1, self.event_day)
        except (OutsideCalendar, OverflowError):
            return BEYOND_CALENDAR
        return Limit(end.day, end.at, end.assumptions, end.counted_to, end.day)

    def words(self, noun: str) -> str:
        start = f"beginning with the day of {noun}" if self.event_day else f"from {noun}"
        return f"not until {self.length} {start} {'has' if self.length.amount == 1 else 'have'} gone by"

    def facts(self) -> frozenset[str]:
        return _none()


@dataclass(frozen=True, slots=True)
class Window:
    """Between one point after the event and another: due at its close, not before its opening."""

    opens: Duration
    closes: Duration
    kind: ClassVar[Kind] = "deadline"

    def limit(self, situation: Situation, base: Moment) -> Limit | Missing:
        try:
            opening = count(base, self.opens, situation.calendar, situation.zone)
            end = count(base, self.closes, situation.calendar, situation.zone)
        except (OutsideCalendar, OverflowError):
            return BEYOND_CALENDAR
        return Limit(end.day, end.at, end.assumptions, end.counted_to, opening.day)

    def words(self, noun: str) -> str:
        opening = noun if self.opens.amount == 0 else f"{self.opens}"
        return f"between {opening} and {self.closes} after {'it' if self.opens.amount == 0 else noun}"

    def facts(self) -> frozenset[str]:
        return _none()


Edge = Literal["at", "by", "before", "not_before"]


@dataclass(frozen=True, slots=True)
class AtAge:
    """The day an age is reached, or the day before it where the document says before a birthday."""

    age: Age
    edge: Edge = "by"
    kind: ClassVar[Kind] = "milestone"

    def limit(self, situation: Situation, base: Moment) -> Limit | Missing:
        born = situation.facts.get(DATE_OF_BIRTH)
        if not isinstance(born, date):
            return Missing("facts_missing", frozenset((DATE_OF_BIRTH,)))
        try:
            day = birthday(born, self.age)
        except OverflowError:
            return BEYOND_CALENDAR
        notes = () if day.day == born.day else (BORN_ON_LEAP_DAY,)
        if self.edge == "before":
            day -= ONE_DAY
        if day < base.day:
            notes = (*notes, ALREADY_PAST)
        return Limit(day, last_second(day, situation.zone), notes, None, day if self.edge == "not_before" else None)

    def words(self, noun: str) -> str:
        if self.edge == "before":
            return f"before the child is {self.age} old"
        return {"at": "when", "by": "by the day", "not_before": "not before"}[
            self.edge
        ] + f" the child is {self.age} old"

    def facts(self) -> frozenset[str]:
        return frozenset((DATE_OF_BIRTH,))


@dataclass(frozen=True, slots=True)
class AtGestation:
    """The day a pregnancy reaches N weeks + 0 days, counted back from the expected delivery date as 40 + 0."""

    weeks: int
    edge: Edge = "by"
    kind: ClassVar[Kind] = "milestone"

    def limit(self, situation: Situation, base: Moment) -> Limit | Missing:
        expected = situation.facts.get(EXPECTED_DELIVERY)
        if not isinstance(expected, date):
            return Missing("facts_missing", frozenset((EXPECTED_DELIVERY,)))
        try:
            day = gestation_day(expected, self.weeks)
        except OverflowError:
            return BEYOND_CALENDAR
        return _whole_day(day, situation, *((ALREADY_PAST,) if day < base.day else ()))

    def words(self, noun: str) -> str:
        return f"{'at' if self.edge == 'at' else 'by'} {self.weeks} weeks of the pregnancy ({self.weeks}+0)"

    def facts(self) -> frozenset[str]:
        return frozenset((EXPECTED_DELIVERY,))


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """1 September on which the pupil's school year N begins."""

    year: int
    kind: ClassVar[Kind] = "milestone"

    def limit(self, situation: Situation, base: Moment) -> Limit | Missing:
        born = situation.facts.get(DATE_OF_BIRTH)
        if not isinstance(born, date):
            return Missing("facts_missing", frozenset((DATE_OF_BIRTH,)))
        try:
            day = school_year_start(born, self.year)
        except OverflowError:
            return BEYOND_CALENDAR
        return _whole_day(day, situation, *((ALREADY_PAST,) if day < base.day else ()))

    def words(self, noun: str) -> str:
        return f"at the start of school Year {self.year} (1 September)"

    def facts(self) -> frozenset[str]:
        return frozenset((DATE_OF_BIRTH,))


@dataclass(frozen=True, slots=True)
class Extreme:
    """The earlier, or the later, of several limits for one act."""

    parts: tuple[Timing, ...]
    earliest: bool

    @property
    def kind(self) -> Kind:
        kinds = {part.kind for part in self.parts}
        return kinds.pop() if len(kinds) == 1 else "deadline"

    def limit(self, situation: Situation, base: Moment) -> Limit | Missing:
        limits: list[Limit] = []
        missing: list[Missing] = []
        for part in self.parts:
            found = part.limit(situation, base)
            if isinstance(found, Missing):
                missing.append(found)
            else:
                limits.append(found)
        if missing:
            if any(item.reason == "beyond_calendar" for item in missing):
                return BEYOND_CALENDAR
            return Missing("facts_missing", frozenset().union(*(item.needs for item in missing)))
        pick = min if self.earliest else max
        chosen = pick(limits, key=lambda item: item.at.timestamp())
        looked = max((item.counted_to for item in limits if item.counted_to is not None), default=None)
        return Limit(chosen.day, chosen.at, chosen.assumptions, looked, chosen.opens)

    def words(self, noun: str) -> str:
        return f"{'whichever is earlier' if self.earliest else 'whichever is later'}: " + ", or ".join(
            part.words(noun) for part in self.parts
        )

    def facts(self) -> frozenset[str]:
        return frozenset().union(*(part.facts() for part in self.parts))


@dataclass(frozen=True, slots=True)
class Undated:
    """A printed limit that this event cannot date: it stands among the alternatives with no date."""

    text: str
    kind: ClassVar[Kind] = "deadline"

    def limit(self, situation: Situation, base: Moment) -> Limit | Missing:
        return Missing("facts_missing")

    def words(self, noun: str) -> str:
        return self.text

    def facts(self) -> frozenset[str]:
        return _none()


def by_day(timing: Timing) -> bool:
    """Whether the limit hangs on the day it is counted from and the calendar alone: on no fact, and no time of day."""
    if isinstance(timing, SameDay | Undated):
        return True
    if isinstance(timing, Within | NotBefore | LookBack):
        return not is_elapsed(timing.length) and not timing.facts()
    if isinstance(timing, Before):
        return timing.length is not None and not is_elapsed(timing.length)
    if isinstance(timing, Window):
        return not is_elapsed(timing.opens) and not is_elapsed(timing.closes)
    return isinstance(timing, Extreme) and all(by_day(part) for part in timing.parts)


def uses_working_days(timing: Timing) -> bool:
    """Whether the calendar decides the date."""
    if isinstance(timing, Within | NotBefore | Before | LookBack):
        return isinstance(timing.length, WorkingDays)
    if isinstance(timing, Window):
        return isinstance(timing.opens, WorkingDays) or isinstance(timing.closes, WorkingDays)
    return isinstance(timing, Extreme) and any(uses_working_days(part) for part in timing.parts)
