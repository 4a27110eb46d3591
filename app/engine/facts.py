"""Facts: what a rule may ask about a child or the circumstances, and the situation that a rule is applied to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Literal, NamedTuple, Protocol

from app.engine.civil_time import Moment

FactValue = bool | int | str | date
FactType = Literal["bool", "date", "int", "choice"]
AfterEnd = Literal["ends", "stays"]

DATE_OF_BIRTH = "child_date_of_birth"
EXPECTED_DELIVERY = "expected_delivery_date"

CHILD = "child"
THIS_EVENT = "event"
CASE = "case"


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact of the vocabulary: its type, and what its absence means.

    A *deciding* fact (`presumed` is None and not `history`) leaves a rule that reads it undetermined while absent.
    A *presumed* one takes its default, and the answer says so. A *history* date is presumed not to have come yet.
    `noun` is what a date is the date of. `scope` says how long a value holds: for the `child` always, for one `event`
    and what it starts, or to the end of an episode of a kind (`also`: or of one of these). `counts` names the events
    that an int numbers, each kind within its own episode. `presumed_until_end` makes a presumed fact a deciding one
    once its episode is over. `not_after` names events that a date can never lie after: no enquiry begins before its
    strategy discussion.
    """

    key: str
    type: FactType
    definition: str
    values: tuple[str, ...] = ()
    presumed: FactValue | None = None
    history: bool = False
    counterpart: str | None = None
    noun: str = ""
    minimum: int | None = None
    maximum: int | None = None
    scope: str = CASE
    also: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    presumed_until_end: bool = False
    not_after: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """Return the kinds of episode that a value may hold for: the one that the event speaks of, of several."""
        return (self.scope, *self.also)

    @property
    def deciding(self) -> bool:
        return self.presumed is None and not self.history


@dataclass(frozen=True, slots=True)
class EventSpec:
    """One event of the vocabulary: its noun, and the facts that its happening implies.

    For a list of events: `first_since` gives the date facts that the first of its kind since another event sets, and
    `brings` names what ordinarily happens with it the same day, assumed only where the event itself is assumed;
    `episode` is the kind of episode that it speaks of; `includes` names the acts that it is by its definition (a
    protection plan visit is a sighting of the child); a `finding` only happens if something is found, and so is never
    assumed.
    """

    key: str
    noun: str
    definition: str
    implies: Mapping[str, FactValue] = field(default_factory=dict)
    sets: tuple[str, ...] = ()
    counterpart: str | None = None
    first_since: Mapping[str, str] = field(default_factory=dict)
    brings: tuple[str, ...] = ()
    episode: str | None = None
    includes: tuple[str, ...] = ()
    finding: bool = False


@dataclass(frozen=True, slots=True)
class DutySpec:
    """One duty of the vocabulary shared by all profiles, so that they can be compared.

    `family` is the general duty that it is a kind of, or its own key; `after_end` says whether it stops being due when
    its episode ends. `protection` says why it protects a child from harm, with the source, empty where it does not: an
    authority's own closure days do not put off such a duty.
    """

    key: str
    definition: str
    family: str = ""
    after_end: AfterEnd = "ends"
    protection: str = ""


class WorkingCalendar(Protocol):
    """What the engine needs of a calendar."""

    @property
    def key(self) -> str: ...
    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date: ...
    @property
    def published_until(self) -> date: ...
    @property
    def add_working_days(self) -> Callable[[date, int], date]: ...
    @property
    def last_working_day(self) -> Callable[[date], date]: ...
    @property
    def without_closures(self) -> WorkingCalendar:
        """Return the same calendar, in which only bank holidays and weekends stop a count."""
        ...

    def why_not_working(self, day: date) -> str | None: ...


class Situation(NamedTuple):
    """What a rule is applied to: the event's moment, the facts, the calendar and the zone."""

    moment: Moment
    facts: Mapping[str, FactValue]
    calendar: WorkingCalendar
    zone: tzinfo

    def with_facts(self, extra: Mapping[str, FactValue]) -> Situation:
        return Situation(self.moment, {**self.facts, **extra}, self.calendar, self.zone)

    def without_closures(self) -> Situation:
        """Return the situation with a calendar in which a council's own closures do not stop a count."""
        calendar = self.calendar.without_closures
        return self if calendar is self.calendar else self._replace(calendar=calendar)
