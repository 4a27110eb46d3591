"""Facts: what a rule may ask about a child or the circumstances, and the situation that a rule is applied to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Literal, NamedTuple, Protocol

from app.engine.civil_time import Moment

FactValue = bool | int | str | date
FactType = Literal["bool", "date", "int", "choice"]

DATE_OF_BIRTH = "child_date_of_birth"
EXPECTED_DELIVERY = "expected_delivery_date"


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact of the vocabulary: its type, and what its absence means.

    A *deciding* fact (`presumed` is None and not `history`) leaves a rule that reads it undetermined while absent.
    A *presumed* one takes its default, and the answer says so. A *history* date is presumed not to have come yet.
    `noun` is what a date is the date of.
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

    @property
    def deciding(self) -> bool:
        return self.presumed is None and not self.history


@dataclass(frozen=True, slots=True)
class EventSpec:
    """One event of the vocabulary: its noun, and the facts that its happening implies.

    For a list of events: `first_since` gives the date facts that the first of its kind since another event sets, and
    `brings` names what ordinarily happens with it the same day, assumed only where the event itself is assumed.
    """

    key: str
    noun: str
    definition: str
    implies: Mapping[str, FactValue] = field(default_factory=dict)
    sets: tuple[str, ...] = ()
    counterpart: str | None = None
    first_since: Mapping[str, str] = field(default_factory=dict)
    brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DutySpec:
    """One duty of the vocabulary shared by all profiles, so that they can be compared."""

    key: str
    definition: str


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
    def add_working_days(self, start: date, days: int) -> date: ...
    def last_working_day(self, on_or_before: date) -> date: ...
    def why_not_working(self, day: date) -> str | None: ...


class Situation(NamedTuple):
    """What a rule is applied to: the event's moment, the facts, the calendar and the zone."""

    moment: Moment
    facts: Mapping[str, FactValue]
    calendar: WorkingCalendar
    zone: tzinfo

    def with_facts(self, extra: Mapping[str, FactValue]) -> Situation:
        return Situation(self.moment, {**self.facts, **extra}, self.calendar, self.zone)
