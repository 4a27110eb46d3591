"""The requests about whole cases: their models, and how they are resolved to the versions that answer them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, SkipValidation

from app.engine.months import add_months
from app.services.calculation.request import MAX_UNTIL_YEARS, check_until, end_of_day
from app.services.calculation.versions import resolve_calendar, resolve_profile
from app.services.snapshot.snapshot import CalendarVersion, Snapshot
from app.services.timelines import case as cases
from app.services.timelines.request_coverage import resolve_coverage
from app.services.timelines.request_events import Words, resolve_children, resolve_events
from app.services.timelines.request_parts import MAX_EVENTS, CaseDefaults, CaseEvent, EarlierObligation, SharedTimeline
from app.services.validation import (
    Day,
    EventTime,
    Faults,
    FromText,
    Maybe,
    RequestModel,
    join,
    read,
    unchecked,
)

MAX_EARLIER = 5_000
MAX_TIMELINES = 200
HORIZON_MONTHS = 12


class TimelineRequest(SharedTimeline):
    """One case: events in any order, facts, and the day it is looked at. Either `profile` or `profiles` is needed."""

    as_of: EventTime = Field(description="The day or instant at which the case is looked at.")
    until: Maybe[Day] = Field(
        description=f"How far what is still to come is projected, at most {MAX_UNTIL_YEARS} years after as_of. Absent: "
        f"{HORIZON_MONTHS} months after it. The day of as_of or an earlier one: nothing is projected.",
    )

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what only the published records can find wrong."""
        resolve_case(faults, snapshot, self, path)


class RecalculationRequest(TimelineRequest):
    """A timeline's request as it is now, with what was answered before: `earlier`, `earlier_events`, or both."""

    earlier: Maybe[list[Annotated[EarlierObligation, FromText("id")]]] = Field(
        max_length=MAX_EARLIER,
        description="The earlier answer's obligations; their ids alone may also be sent, as texts.",
    )
    earlier_events: Maybe[list[CaseEvent]] = Field(max_length=MAX_EVENTS, description="The events as they were.")
    earlier_as_of: Maybe[EventTime] = Field(description="The day they were looked at. Absent: as_of.")

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what only the published records can find wrong."""
        resolve_recalculation(faults, snapshot, self, path)


class Period(RequestModel):
    """The due dates that are counted, both days included: a collection year."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")


class CountingRequest(CaseDefaults):
    """A request about many cases; what is said here holds for each case that does not say it."""

    duties: Maybe[list[str]] = Field(
        description="Absent: every duty that the cases meet. A general duty counts all its kinds."
    )
    period: Maybe[Period] = Field(description="Count only what falls due in it. Absent: whatever fell due.")
    group_by: Maybe[Literal["month", "profile_version", "responsible"]] = Field(
        description="Give the figures for each month of the due date, each version, or each person responsible."
    )
    rows: Maybe[bool] = Field(description="Give each obligation counted as a row, with its case's reference.")

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what the fields find wrong with one another, and duties that no profile knows."""
        duties = {
            duty
            for versions in (snapshot.profiles.values() if self.duties else ())
            for version in versions
            for duty in version.vocabulary.duties
        }
        for place, duty in enumerate(self.duties or ()):
            if duty not in duties:
                faults.unknown(f"{join(path, 'duties')}[{place}]", "duty", duty, duties)
        period = self.period
        if period is not None and period.first is not None and period.last is not None and period.last < period.first:
            faults.add(join(path, "period.to"), "the period ends before it begins", "send a later day")


class TimelinessRequest(CountingRequest):
    """Cases to be counted. A case that cannot be read is refused in its place, and fails no other."""

    # Each case is validated by itself.
    timelines: list[SkipValidation[SharedTimeline]] = Field(min_length=1, max_length=MAX_TIMELINES)


# --- resolved ------------------------------------------------------------------------------------------------------


def read_timeline(snapshot: Snapshot, body: object) -> cases.Case:
    """Resolve a TimelineRequest, or the JSON value of one. Raises Problem with every fault at once."""
    request = read(TimelineRequest, body, snapshot)
    faults = Faults()
    case = resolve_case(faults, snapshot, request, "")
    faults.raise_any()
    assert case is not None
    return case


def resolve_counted_case(
    snapshot: Snapshot, request: CountingRequest, item: object, path: str = "", *, whole: str = "(body)"
) -> cases.Case:
    """Resolve one of many cases with what holds for all of them. Raises Problem with its faults."""
    shared = {name: getattr(request, name) for name in CaseDefaults.model_fields if name != "reference"}
    sent = read(SharedTimeline, item, path=path, whole=whole)
    own = {name: getattr(sent, name) for name in SharedTimeline.model_fields}
    named = {name: value for name, value in own.items() if value is not None}
    if named.keys() & {"profile", "profiles"}:
        shared = {k: v for k, v in shared.items() if k not in {"profile", "profiles", "profile_version"}}
    if named.keys() & {"source", "observed_events"}:
        shared = {k: v for k, v in shared.items() if k not in {"source", "observed_events"}}
    joined = unchecked(TimelineRequest, **{"as_of": None, **shared, **named})
    faults = Faults()
    if joined.as_of is None:
        faults.add(join(path, "as_of"), "this field is missing", "add as_of")
    case = resolve_case(faults, snapshot, joined, path)
    faults.raise_any()
    assert case is not None
    return case


def resolve_recalculation(
    faults: Faults, snapshot: Snapshot, request: RecalculationRequest, path: str = ""
) -> tuple[cases.Case | None, cases.Case | None]:
    """Resolve the case as it is now and as it was, None where only its obligations were sent."""
    if request.earlier is None and request.earlier_events is None:
        remedy = "send earlier (obligations or ids) or earlier_events"
        faults.add(join(path, "earlier"), "there is nothing to compare with", remedy)
    now = resolve_case(faults, snapshot, request, path)
    if request.earlier_events is None:
        return now, None
    then = {"events": request.earlier_events, "as_of": request.earlier_as_of or request.as_of}
    own = Faults()
    before = resolve_case(own, snapshot, request.model_copy(update=then), "")
    for fault in own.collected:
        if fault.path.startswith("events"):
            faults.add(f"earlier_{fault.path}", fault.message, fault.remedy, fault.value, fault.nearest)
    return now, before


def resolve_case(faults: Faults, snapshot: Snapshot, request: TimelineRequest, path: str) -> cases.Case | None:
    """Resolve one case, or find the faults of a sound part, in which any field may be None. None after a fault."""
    before = len(faults.collected)
    known_at = end_of_day(request.as_known_on) if request.as_known_on is not None else None
    chosen = _profiles(faults, snapshot, request, path)
    words = _words(snapshot, chosen)
    calendar = _calendar(faults, snapshot, request, known_at, path)
    children = resolve_children(faults, request, words, path)
    events = resolve_events(faults, request, words, [child.reference for child in children], path)
    coverage = resolve_coverage(faults, request, words.events.keys(), path)
    as_of = request.as_of
    if as_of is not None and request.until is not None:
        check_until(faults, request.until, as_of.moment.day, join(path, "until"), "as_of")
    _in_force(faults, snapshot, chosen, events, calendar, known_at, path)
    if len(faults.collected) > before or as_of is None or not chosen:
        return None
    return cases.Case(
        snapshot,
        tuple(chosen),
        calendar,
        known_at,
        tuple(children),
        tuple(events),
        cases.AsOf(as_of.moment.day, as_of.moment.at),
        as_of.text,
        _horizon(as_of.moment.day, request.until),
        bool(request.explain),
        request.reference,
        coverage,
    )


def _horizon(as_of: date, until: date | None) -> date | None:
    """Return how far a case is projected: to the day sent, else for a year; None where that day has come."""
    if until is None:
        until = add_months(as_of, HORIZON_MONTHS) if as_of.year < date.max.year else as_of
    return until if until > as_of else None


def _profiles(faults: Faults, snapshot: Snapshot, request: TimelineRequest, path: str) -> list[cases.ProfileSelection]:
    if (request.profile is None) == (not request.profiles):
        remedy = 'send "profile": "york" or "profiles": […]'
        faults.add(join(path, "profile"), "name one profile, or several", remedy)
        return []
    if request.profile is not None:
        one = _choice(faults, snapshot, request.profile, request.profile_version, path)
        return [one] if one is not None else []
    if request.profile_version is not None:
        remedy = 'send {"profile": …, "profile_version": …} in profiles'
        faults.add(join(path, "profile_version"), "a version is pinned with its own profile", remedy)
    chosen: list[cases.ProfileSelection] = []
    for index, choice in enumerate(request.profiles or ()):
        if choice is None:
            continue
        where = f"{join(path, 'profiles')}[{index}]"
        selection = _choice(faults, snapshot, choice.profile, choice.profile_version, where)
        if selection is not None and any(other.key == selection.key for other in chosen):
            faults.add(where, f"{selection.key} is named twice", "name each profile once")
        elif selection is not None:
            chosen.append(selection)
    return chosen


def _choice(
    faults: Faults, snapshot: Snapshot, key: str, version: int | None, path: str
) -> cases.ProfileSelection | None:
    resolved = resolve_profile(faults, snapshot, key, version, None, None, path)
    return (
        None
        if resolved is None
        else cases.ProfileSelection(resolved.record.key, resolved if version is not None else None)
    )


def _words(snapshot: Snapshot, chosen: list[cases.ProfileSelection]) -> Words:
    words = Words()
    for item in chosen:
        for version in snapshot.profiles[item.key]:
            words.events.update(version.vocabulary.events)
            words.facts.update(version.vocabulary.facts)
            words.duties |= set(version.vocabulary.duties)
    return words


def _calendar(
    faults: Faults, snapshot: Snapshot, request: TimelineRequest, known_at: datetime | None, path: str
) -> CalendarVersion | None:
    if request.calendar is None:
        if request.calendar_version is not None:
            text = "a version is pinned of a calendar that is named"
            faults.add(join(path, "calendar_version"), text, "add calendar")
        return None
    return resolve_calendar(faults, snapshot, request.calendar, request.calendar_version, None, known_at, path)


def _in_force(
    faults: Faults,
    snapshot: Snapshot,
    chosen: list[cases.ProfileSelection],
    events: list[cases.CaseEvent],
    calendar: CalendarVersion | None,
    known_at: datetime | None,
    path: str,
) -> None:
    """Check that some event has a version in force on its day, and that every such event lies within the calendar.

    A history may begin before a profile does: what lies before it starts nothing under it, and is warned of.
    """
    days: dict[date, int] = {}
    for event in events:
        days.setdefault(event.moment.day, event.index)
    for item in chosen:
        versions = {day: item.pinned or snapshot.profile_in_force(item.key, day, known_at) for day in days}
        if days and not any(versions.values()):
            day = max(days)
            resolve_profile(faults, snapshot, item.key, None, day, known_at, join(path, f"events[{days[day]}]"))
        for day, version in versions.items():
            if version is None:
                continue
            counted = calendar or snapshot.calendar(version.profile.calendar, None, known_at)
            if counted is None:
                text = f"the profile's calendar {version.profile.calendar} is not here"
                faults.add(join(path, "calendar"), text, "name a calendar")
            elif not counted.calendar.covers(day):
                reach = f"{counted.calendar.first} to {counted.calendar.last}"
                where = join(path, f"events[{days[day]}].occurred_at")
                faults.add(where, "the date lies outside the calendar", f"send a date from {reach}", day.isoformat())
