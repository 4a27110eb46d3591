"""One case as it was sent: its children, its events in time, the profiles that judge it, and the day of the look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.engine.civil_time import Moment, first_moment
from app.engine.facts import FactValue, Situation
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion, Snapshot
from app.services.timelines.coverage import Coverage
from app.services.zone import LONDON

SCHEDULED = "_scheduled"
HAPPENED = ("_held", "_started", "_made", "_completed")


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day, or the instant, at which a case is looked at.

    Of a day alone, what is due that day is not overdue yet, and what happened that day has happened.
    """

    day: date
    at: datetime | None

    @property
    def instant(self) -> datetime:
        """Return what limits are compared with: of a day alone, its first moment."""
        return self.at if self.at is not None else first_moment(self.day, LONDON)

    def reached(self, moment: Moment) -> bool:
        """Return whether a moment has come."""
        if moment.day != self.day or moment.at is None or self.at is None:
            return moment.day <= self.day
        return moment.at <= self.at


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One event of the request. `replaces` None leaves it to the rule for moved meetings.

    A fact of None takes back what was said of it; `episode` is the caller's own name of the episode that it belongs to.
    """

    index: int
    id: str | None
    type: str
    occurred_at: str
    moment: Moment
    facts: Mapping[str, FactValue | None]
    children: tuple[str | None, ...]
    replaces: tuple[str, ...] | None
    recorded: Moment | None
    discharges: frozenset[str]
    episode: str | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """One child of the case, with the facts that hold from before its first event."""

    reference: str | None
    facts: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True)
class ProfileSelection:
    """One profile that a case is judged by: its key, and the version pinned if there is one."""

    key: str
    pinned: ProfileVersion | None


@dataclass(frozen=True, slots=True)
class Case:
    """A whole request for a timeline.

    `until` is the horizon of its projection, None where nothing is projected; `coverage` is what the source of the
    events could have shown, None where it could have shown everything.
    """

    snapshot: Snapshot
    selections: tuple[ProfileSelection, ...]
    calendar: CalendarVersion | None
    known_at: datetime | None
    children: tuple[Child, ...]
    events: tuple[CaseEvent, ...]
    as_of: AsOf
    as_of_text: str
    until: date | None
    explain: bool
    reference: str | None
    coverage: Coverage | None = None

    def version(self, selection: ProfileSelection, day: date) -> ProfileVersion | None:
        """Return the version that answers for a day."""
        return selection.pinned or self.snapshot.profile_in_force(selection.key, day, self.known_at)

    def calendar_of(self, version: ProfileVersion) -> CalendarVersion | None:
        """Return the calendar of the request, or the profile's own as it was known."""
        return self.calendar or self.snapshot.calendar(version.profile.calendar, None, self.known_at)


@dataclass(frozen=True, slots=True)
class Event:
    """One event as one child and one profile meet it, real or assumed.

    `key` names it for as long as the events before it of its type stay as many: its own id, or `icpc_held.1`.
    `done` is when it shows an act to be done; None where a meeting's arranging has no date.
    """

    key: str
    type: str
    moment: Moment
    own: Mapping[str, FactValue | None]
    done: Moment | None
    discharges: frozenset[str] = frozenset()
    replaced_by: str | None = None
    assumed: bool = False
    episode: str | None = None

    @property
    def scheduled(self) -> bool:
        """Return whether the event is the arranging of a meeting, dated with the meeting."""
        return self.type.endswith(SCHEDULED)

    @property
    def corrected(self) -> bool:
        """Return whether another event says rightly what this one said wrongly: it did not happen as it was sent.

        A meeting that was arranged anew had been arranged all the same.
        """
        return self.replaced_by is not None and not self.scheduled


def order(moment: Moment) -> tuple[date, datetime]:
    """Return where events stand in time: a day without a time stands at its first moment."""
    return moment.day, moment.instant(LONDON)


def not_before(later: Moment, earlier: Moment) -> bool:
    """Return whether one moment may lie at or after another: on one day, only two times can say that it does not."""
    if later.day != earlier.day or later.at is None or earlier.at is None:
        return later.day >= earlier.day
    return later.at >= earlier.at


def surely_after(later: Moment, earlier: Moment) -> bool:
    """Return whether one moment lies after another for certain."""
    if later.day != earlier.day:
        return later.day > earlier.day
    return later.at is not None and earlier.at is not None and later.at > earlier.at


def meeting(event_type: str, events: Iterable[str] | Mapping[str, object]) -> str | None:
    """Return the event that a scheduled one becomes when it happens: `icpc_scheduled`, `icpc_held`."""
    if not event_type.endswith(SCHEDULED):
        return None
    stem = event_type.removesuffix(SCHEDULED)
    return next((stem + ending for ending in HAPPENED if stem + ending in events), None)


def scheduling(event_type: str, events: Mapping[str, object]) -> str | None:
    """Return the event by which a meeting is arranged: `icpc_held`, `icpc_scheduled`."""
    for ending in HAPPENED:
        name = event_type.removesuffix(ending) + SCHEDULED
        if event_type.endswith(ending) and name in events:
            return name
    return None


def situation(event: Event, facts: Mapping[str, FactValue], calendar: CalendarVersion) -> Situation:
    """Return what a condition on an event is tested against."""
    return Situation(event.moment, facts, calendar.calendar, LONDON)
