"""The protocol that every kind of timing answers, and the kinds counted from the event or from a dated fact.

A new kind is one class here (or in `milestones.py` or `fixed_days.py`) and one entry in
`app/profiles/one_off_timings.py`. The type checker asks for every member of `Timing`, so that no kind can lack its
explanation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, NamedTuple, Protocol

from app.engine.civil_time import Moment, last_second
from app.engine.conditions import fact_label
from app.engine.counting import DueDate, OutsideCalendar, count, is_elapsed
from app.engine.facts import FactSpec, Situation
from app.engine.new_tuple import new_tuple
from app.engine.units import Duration

Kind = Literal["deadline", "lead_time", "recurring", "milestone", "earliest"]
Direction = Literal[1, -1]
Completion = Literal["after_the_event", "at_once", "on_its_day", "by_the_event", "once_open"]
"""When the act is to be done: from the event on, at once, some time on the event's day, by the event, from a day on."""

FORWARDS: Direction = 1
BACK: Direction = -1
NO_FACTS: frozenset[str] = frozenset()
NO_TIME_ORDER = "only the date of the event is known: its first moment, 00:00, stands for it"


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a due date cannot be worked out, and the facts that would settle it."""

    reason: Literal["facts_missing", "beyond_calendar", "no_interval_printed"]
    needs: frozenset[str] = NO_FACTS


BEYOND_CALENDAR = Missing("beyond_calendar")
NO_DATE = Missing("facts_missing")
"""For what no fact alone would date."""


class Counting(NamedTuple):
    """How a due date is explained when it is counted: a length, forwards or back, from day 0 or from day 1."""

    length: Duration
    direction: Direction = FORWARDS
    event_day: int = 0


class Timing(Protocol):
    """What every timing that gives one due date must answer."""

    @property
    def kind(self) -> Kind: ...

    @property
    def direction(self) -> Direction:
        """Return whether the due date lies after the event (1) or before it (-1)."""
        ...

    @property
    def completion(self) -> Completion:
        """Return when the act is to be done; decides which events of a case can discharge it."""
        ...

    @property
    def counts_from(self) -> FactSpec | None:
        """Return the dated fact that it counts from instead of the event."""
        ...

    @property
    def depends_only_on_day(self) -> bool:
        """Return whether the due date follows from the event's day and the calendar alone: no fact, no time of day."""
        ...

    def facts(self) -> frozenset[str]:
        """Return the keys of the facts that the due date depends on."""
        ...

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        """Return the due date counted from `base`, or why it cannot be worked out."""
        ...

    def explanation(self) -> Counting | str:
        """Return how the due date is counted, or, where it is not counted, what happens on its day."""
        ...

    def describe(self, noun: str) -> str:
        """Return the timing in words; `noun` names the event, as in `the strategy discussion`."""
        ...


def whole_day(day: date, situation: Situation, *assumptions: str) -> DueDate:
    """Return a due date that ends with the last second of a day."""
    return new_tuple(DueDate, (day, last_second(day, situation.zone), assumptions, None, None))


def counted(
    base: Moment, length: Duration, situation: Situation, direction: Direction = FORWARDS, event_day: int = 0
) -> DueDate | Missing:
    """Count a length from a moment; BEYOND_CALENDAR where the calendar or the years 1 to 9999 end first."""
    try:
        return count(base, length, situation.calendar, situation.zone, direction, event_day)
    except (OutsideCalendar, OverflowError):
        return BEYOND_CALENDAR


@dataclass(frozen=True, slots=True)
class Within:
    """So long after the event, or after a dated fact."""

    length: Duration
    since: FactSpec | None = None
    event_day: int = 0
    point: bool = False
    """True where the document names the day itself ("at day 5")."""
    kind: ClassVar[Kind] = "deadline"
    direction: ClassVar[Direction] = FORWARDS
    completion: ClassVar[Completion] = "after_the_event"

    @property
    def counts_from(self) -> FactSpec | None:
        return self.since

    @property
    def depends_only_on_day(self) -> bool:
        return self.since is None and not is_elapsed(self.length)

    def facts(self) -> frozenset[str]:
        return frozenset((self.since.key,)) if self.since is not None else NO_FACTS

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        if self.since is not None:
            value = situation.facts.get(self.since.key)
            if not isinstance(value, date):
                return Missing("facts_missing", self.facts())
            base = Moment(value)
        try:
            return count(base, self.length, situation.calendar, situation.zone, FORWARDS, self.event_day)
        except (OutsideCalendar, OverflowError):
            return BEYOND_CALENDAR

    def explanation(self) -> Counting | str:
        return Counting(self.length, FORWARDS, self.event_day) if self.since is None else "the limit"

    def describe(self, noun: str) -> str:
        start = noun if self.since is None else fact_label(self.since)
        if self.event_day:
            return f"within {self.length} beginning with the day of {start}"
        return f"{self.length} after {start}" if self.point else f"within {self.length} of {start}"


@dataclass(frozen=True, slots=True)
class SameDay:
    """The event's own civil day."""

    at_once: bool = False
    """True where the document says immediately."""
    kind: ClassVar[Kind] = "deadline"
    direction: ClassVar[Direction] = FORWARDS
    counts_from: ClassVar[FactSpec | None] = None
    depends_only_on_day: ClassVar[bool] = True

    @property
    def completion(self) -> Completion:
        return "at_once" if self.at_once else "on_its_day"

    def facts(self) -> frozenset[str]:
        return NO_FACTS

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        return whole_day(base.day, situation)

    def explanation(self) -> Counting | str:
        return "the limit"

    def describe(self, noun: str) -> str:
        return f"at once, on the day of {noun}" if self.at_once else f"on the day of {noun}"


@dataclass(frozen=True, slots=True)
class Before:
    """So long before the event, its own day being day 0; without a length, any time before its instant."""

    length: Duration | None
    kind: ClassVar[Kind] = "lead_time"
    direction: ClassVar[Direction] = BACK
    completion: ClassVar[Completion] = "by_the_event"
    counts_from: ClassVar[FactSpec | None] = None

    @property
    def depends_only_on_day(self) -> bool:
        return self.length is not None and not is_elapsed(self.length)

    def facts(self) -> frozenset[str]:
        return NO_FACTS

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        if self.length is not None:
            return counted(base, self.length, situation, BACK)
        assumptions = () if base.at is not None else (NO_TIME_ORDER,)
        return DueDate(base.day, base.instant(situation.zone), assumptions)

    def explanation(self) -> Counting | str:
        return "the limit" if self.length is None else Counting(self.length, BACK)

    def describe(self, noun: str) -> str:
        return f"before {noun}" if self.length is None else f"at least {self.length} before {noun}"


@dataclass(frozen=True, slots=True)
class LookBack:
    """The day on which a window that ends with the event opened: twelve months back from a contact."""

    length: Duration
    kind: ClassVar[Kind] = "lead_time"
    direction: ClassVar[Direction] = BACK
    completion: ClassVar[Completion] = "once_open"
    counts_from: ClassVar[FactSpec | None] = None

    @property
    def depends_only_on_day(self) -> bool:
        return not is_elapsed(self.length)

    def facts(self) -> frozenset[str]:
        return NO_FACTS

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        return counted(base, self.length, situation, BACK)

    def explanation(self) -> Counting | str:
        return Counting(self.length, BACK)

    def describe(self, noun: str) -> str:
        return f"looking back {self.length} from {noun}: the day the window opens"


@dataclass(frozen=True, slots=True)
class NotBefore:
    """The earliest day on which something may be done: so long after the event has gone by."""

    length: Duration
    event_day: int = 0
    kind: ClassVar[Kind] = "earliest"
    direction: ClassVar[Direction] = FORWARDS
    completion: ClassVar[Completion] = "once_open"
    counts_from: ClassVar[FactSpec | None] = None

    @property
    def depends_only_on_day(self) -> bool:
        return not is_elapsed(self.length)

    def facts(self) -> frozenset[str]:
        return NO_FACTS

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        end = counted(base, self.length, situation, FORWARDS, self.event_day)
        return end if isinstance(end, Missing) else end._replace(earliest_day=end.day)

    def explanation(self) -> Counting | str:
        return Counting(self.length, FORWARDS, self.event_day)

    def describe(self, noun: str) -> str:
        start = f"beginning with the day of {noun}" if self.event_day else f"from {noun}"
        return f"not until {self.length} {start} {'has' if self.length.amount == 1 else 'have'} gone by"


@dataclass(frozen=True, slots=True)
class Window:
    """Between one point after the event and another: due at its close, not before its opening."""

    opens: Duration
    closes: Duration
    kind: ClassVar[Kind] = "deadline"
    direction: ClassVar[Direction] = FORWARDS
    completion: ClassVar[Completion] = "after_the_event"
    counts_from: ClassVar[FactSpec | None] = None

    @property
    def depends_only_on_day(self) -> bool:
        return not is_elapsed(self.opens) and not is_elapsed(self.closes)

    def facts(self) -> frozenset[str]:
        return NO_FACTS

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        opening, end = (counted(base, length, situation) for length in (self.opens, self.closes))
        if isinstance(opening, Missing) or isinstance(end, Missing):
            return BEYOND_CALENDAR
        return end._replace(earliest_day=opening.day)

    def explanation(self) -> Counting | str:
        return Counting(self.closes)

    def describe(self, noun: str) -> str:
        opening = noun if self.opens.amount == 0 else f"{self.opens}"
        return f"between {opening} and {self.closes} after {'it' if self.opens.amount == 0 else noun}"


@dataclass(frozen=True, slots=True)
class Extreme:
    """The earlier, or the later, of several due dates for one act."""

    parts: tuple[Timing, ...]
    earliest: bool
    completion: ClassVar[Completion] = "after_the_event"
    counts_from: ClassVar[FactSpec | None] = None

    @property
    def kind(self) -> Kind:
        kinds = {part.kind for part in self.parts}
        return kinds.pop() if len(kinds) == 1 else "deadline"

    @property
    def direction(self) -> Direction:
        return BACK if all(part.direction == BACK for part in self.parts) else FORWARDS

    @property
    def depends_only_on_day(self) -> bool:
        return all(part.depends_only_on_day for part in self.parts)

    def facts(self) -> frozenset[str]:
        return NO_FACTS.union(*(part.facts() for part in self.parts))

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        results = [part.due_date(situation, base) for part in self.parts]
        missing = [result for result in results if isinstance(result, Missing)]
        if missing:
            if any(item.reason == "beyond_calendar" for item in missing):
                return BEYOND_CALENDAR
            return Missing("facts_missing", NO_FACTS.union(*(item.needs for item in missing)))
        dates = [result for result in results if isinstance(result, DueDate)]
        pick = min if self.earliest else max
        chosen = pick(dates, key=lambda item: item.at.timestamp())
        consulted = [item.latest_day_consulted for item in dates if item.latest_day_consulted is not None]
        return chosen._replace(latest_day_consulted=max(consulted, default=None))

    def explanation(self) -> Counting | str:
        return "the limit chosen among several"

    def describe(self, noun: str) -> str:
        opening = "whichever is earlier" if self.earliest else "whichever is later"
        return f"{opening}: " + ", or ".join(part.describe(noun) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Undated:
    """A printed timescale that this event cannot date: it stands among the alternatives with no date."""

    text: str
    kind: ClassVar[Kind] = "deadline"
    direction: ClassVar[Direction] = FORWARDS
    completion: ClassVar[Completion] = "after_the_event"
    counts_from: ClassVar[FactSpec | None] = None
    depends_only_on_day: ClassVar[bool] = True

    def facts(self) -> frozenset[str]:
        return NO_FACTS

    def due_date(self, situation: Situation, base: Moment) -> DueDate | Missing:
        return NO_DATE

    def explanation(self) -> Counting | str:
        return "no date"

    def describe(self, noun: str) -> str:
        return self.text
