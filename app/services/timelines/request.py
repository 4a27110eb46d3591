"""The requests about whole cases: their models, and how they are resolved to the versions that answer them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from app.engine.civil_time import Moment
from app.engine.facts import EventSpec, FactSpec
from app.engine.months import add_months
from app.services.calculation.request import check_implied, check_until, end_of_day
from app.services.calculation.versions import resolve_calendar, resolve_profile
from app.services.comparison.request import ProfileOrKey
from app.services.facts import Facts, resolve_facts
from app.services.problems import Fault
from app.services.snapshot.snapshot import CalendarVersion, Snapshot
from app.services.timelines import case as cases
from app.services.validation import (
    Day,
    EventTime,
    Explained,
    Faults,
    FromText,
    Maybe,
    OneOrMany,
    Reference,
    RequestModel,
    VersionNumber,
    join,
    read,
    unchecked,
)

MAX_EVENTS = 1_000
MAX_CHILDREN = 30
MAX_PROFILES = 10
MAX_EARLIER = 5_000
MAX_TIMELINES = 200
HORIZON_MONTHS = 12


def _texts(what: str) -> Any:
    """Return the type of one text or a list of them. They may name a child, so they are not repeated in a fault."""
    fault = Explained(f"this must be {what}, or a list of them", "send text", private=True)
    return Annotated[list[Annotated[str, Field(min_length=1)]], OneOrMany(), fault]


class CaseEvent(RequestModel):
    """One event of a case. Facts sent with it hold from then on."""

    id: Maybe[Reference] = Field(description="Yours; keeps an obligation's id when the event moves.")
    type: str = Field(description="A code from /v1/event-types.")
    occurred_at: EventTime = Field(description="A date, an RFC 3339 instant, or a local London date-time.")
    facts: Maybe[Facts] = Field(description="Codes from /v1/facts.")
    child: Maybe[_texts("a child's reference")] = Field(  # type: ignore[valid-type]  # made of its wording
        description="The child or children it is about; absent: every child."
    )
    replaces: Maybe[_texts("an event's id")] = Field(  # type: ignore[valid-type]  # made of its wording
        description="The id of the event that this one takes the place of. Absent: a meeting arranged again before it "
        "was held replaces the one before; an empty list: it replaces none.",
    )
    recorded_at: Maybe[EventTime] = Field(description="When it was learnt; it is left out of a case looked at before.")
    discharges: Maybe[_texts("a duty")] = Field(  # type: ignore[valid-type]  # made of its wording
        description="Duties that this event shows done, as well as those of the rules that name it."
    )


class Child(RequestModel):
    """One child of the family."""

    reference: Reference
    facts: Maybe[Facts] = Field(description="Facts of this child, over those that hold for all.")
    events: Maybe[list[CaseEvent]] = Field(description="Events of this child alone.")


class CaseDefaults(RequestModel):
    """What a case may leave to the whole request."""

    profile: Maybe[str] = Field(description="A key from /v1/profiles.")
    profile_version: Maybe[VersionNumber] = Field(description="Absent: the one in force on each event's day.")
    profiles: Maybe[list[ProfileOrKey]] = Field(max_length=MAX_PROFILES)
    calendar: Maybe[str] = Field(description="Absent: each profile's own.")
    calendar_version: Maybe[VersionNumber]
    as_known_on: Maybe[Day] = Field(description="Answer with the versions published by the end of this day.")
    as_of: Maybe[EventTime] = Field(description="The day or instant at which the case is looked at.")
    explain: Maybe[bool] = Field(description="Add the counting to each obligation, step by step.")
    reference: Maybe[Reference] = Field(description="Returned; needed for text/calendar.")


class SharedTimeline(CaseDefaults):
    """One case; what it leaves out is taken from what the request says for every case."""

    children: Maybe[list[Child]] = Field(max_length=MAX_CHILDREN, description="Absent: one child, without a reference.")
    facts: Maybe[Facts] = Field(description="Facts that hold from before the first event, for every child.")
    events: list[CaseEvent] = Field(max_length=MAX_EVENTS)
    until: Maybe[Day] = Field(description="Not needed: nothing projected is counted.")


class TimelineRequest(SharedTimeline):
    """One case: events in any order, facts, and the day it is looked at. Either `profile` or `profiles` is needed."""

    as_of: EventTime = Field(description="The day or instant at which the case is looked at.")
    until: Maybe[Day] = Field(
        description="How far what is still to come is projected, at most 25 years after as_of. Absent: 12 months after "
        "it. The day of as_of or an earlier one: nothing is projected.",
    )

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what only the published records can find wrong."""
        resolve_case(faults, snapshot, self, path)


class EarlierObligation(RequestModel):
    """An obligation as it was answered before. Send it whole; these fields are read."""

    model_config = ConfigDict(extra="allow")

    id: str
    due_date: Maybe[Day]
    due_at: Maybe[str]
    status: Maybe[str]


class RecalculationRequest(TimelineRequest):
    """A timeline's request as it is now, with what was answered before: `earlier`, `earlier_events`, or both."""

    earlier: Maybe[list[Annotated[EarlierObligation, FromText("id")]]] = Field(
        max_length=MAX_EARLIER, description="The earlier answer's obligations, or only their ids."
    )
    earlier_events: Maybe[list[CaseEvent]] = Field(max_length=MAX_EVENTS, description="The events as they were.")
    earlier_as_of: Maybe[EventTime] = Field(description="The day they were looked at. Absent: as_of.")

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what only the published records can find wrong."""
        resolve_recalculation(faults, snapshot, self, path)


class TimelinessRequest(CaseDefaults):
    """Up to 200 cases to be summed up; what is said for all holds for each that does not say it."""

    timelines: list[SharedTimeline] = Field(min_length=1, max_length=MAX_TIMELINES)
    duties: Maybe[list[str]] = Field(description="Absent: every duty that the cases meet.")

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:  # noqa: ARG002 - the base's
        """Add what only the published records can find wrong."""
        resolve_cases(faults, snapshot, self)


# --- resolved ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Words:
    """Every event, fact and duty that one of the profiles knows."""

    events: dict[str, EventSpec] = field(default_factory=dict)
    facts: dict[str, FactSpec] = field(default_factory=dict)
    duties: set[str] = field(default_factory=set)


def read_timeline(snapshot: Snapshot, body: object) -> cases.Case:
    """Resolve a TimelineRequest, or the JSON value of one. Raises Problem with every fault at once."""
    request = read(TimelineRequest, body, snapshot)
    faults = Faults()
    case = resolve_case(faults, snapshot, request, "")
    faults.raise_any()
    assert case is not None
    return case


def resolve_cases(faults: Faults, snapshot: Snapshot, request: TimelinessRequest) -> list[cases.Case]:
    """Resolve each of many cases with what holds for all of them."""
    shared = {name: getattr(request, name) for name in CaseDefaults.model_fields if name != "reference"}
    resolved = []
    for index, item in enumerate(request.timelines or ()):
        if item is None:
            continue
        own = {name: getattr(item, name) for name in SharedTimeline.model_fields}
        named = {name: value for name, value in own.items() if value is not None}
        inherited = shared
        if named.keys() & {"profile", "profiles"}:
            inherited = {k: v for k, v in shared.items() if k not in {"profile", "profiles", "profile_version"}}
        path = f"timelines[{index}]"
        joined = unchecked(TimelineRequest, **{"as_of": None, **inherited, **named})
        if joined.as_of is None:
            faults.add(join(path, "as_of"), "this field is missing", "add as_of")
        case = resolve_case(faults, snapshot, joined, path)
        if case is not None:
            resolved.append(case)
    return resolved


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
    for fault in own.found:
        if fault.path.startswith("events"):
            faults.add(f"earlier_{fault.path}", fault.message, fault.remedy, fault.value, fault.nearest)
    return now, before


def resolve_case(faults: Faults, snapshot: Snapshot, request: TimelineRequest, path: str) -> cases.Case | None:
    """Resolve one case, or find the faults of a sound part, in which any field may be None. None after a fault."""
    before = len(faults.found)
    known_at = end_of_day(request.as_known_on) if request.as_known_on is not None else None
    chosen = _profiles(faults, snapshot, request, path)
    words = _words(snapshot, chosen)
    calendar = _calendar(faults, snapshot, request, known_at, path)
    children = _children(faults, request, words, path)
    events = _events(faults, request, words, [child.reference for child in children], path)
    as_of = request.as_of
    if as_of is not None and request.until is not None:
        check_until(faults, request.until, as_of.moment.day, join(path, "until"), "as_of")
    _in_force(faults, snapshot, chosen, events, calendar, known_at, path)
    if len(faults.found) > before or as_of is None or not chosen:
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
    )


def _horizon(as_of: date, until: date | None) -> date | None:
    """Return how far a case is projected: to the day sent, else for a year; None where that day has come."""
    if until is None:
        until = add_months(as_of, HORIZON_MONTHS) if as_of.year < date.max.year else as_of
    return until if until > as_of else None


def _profiles(faults: Faults, snapshot: Snapshot, request: TimelineRequest, path: str) -> list[cases.Asked]:
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
    chosen: list[cases.Asked] = []
    for index, choice in enumerate(request.profiles or ()):
        if choice is None:
            continue
        where = f"{join(path, 'profiles')}[{index}]"
        found = _choice(faults, snapshot, choice.profile, choice.profile_version, where)
        if found is not None and any(other.key == found.key for other in chosen):
            faults.add(where, f"{found.key} is named twice", "name each profile once")
        elif found is not None:
            chosen.append(found)
    return chosen


def _choice(faults: Faults, snapshot: Snapshot, key: str, version: int | None, path: str) -> cases.Asked | None:
    found = resolve_profile(faults, snapshot, key, version, None, None, path)
    return None if found is None else cases.Asked(found.record.key, found if version is not None else None)


def _words(snapshot: Snapshot, chosen: list[cases.Asked]) -> _Words:
    words = _Words()
    for item in chosen:
        for version in snapshot.profiles[item.key]:
            words.events.update(version.profile.vocabulary.events)
            words.facts.update(version.profile.vocabulary.facts)
            words.duties |= set(version.profile.vocabulary.duties)
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


def _children(faults: Faults, request: TimelineRequest, words: _Words, path: str) -> list[cases.Child]:
    shared = resolve_facts(faults, request.facts, words.facts, join(path, "facts"))
    if not request.children:
        return [cases.Child(None, shared)]
    children: list[cases.Child] = []
    for index, child in enumerate(request.children):
        if child is None:
            continue
        where = f"{join(path, 'children')}[{index}]"
        own = resolve_facts(faults, child.facts, words.facts, join(where, "facts"))
        if child.reference is not None and any(other.reference == child.reference for other in children):
            faults.found.append(Fault(join(where, "reference"), "two children have one reference", "give each its own"))
        children.append(cases.Child(child.reference, {**shared, **own}))
    return children


def _events(
    faults: Faults, request: TimelineRequest, words: _Words, names: list[str | None], path: str
) -> list[cases.CaseEvent]:
    listed: list[tuple[str, CaseEvent, str | None]] = [
        (f"{join(path, 'events')}[{index}]", event, None) for index, event in enumerate(request.events or ())
    ]
    for number, child in enumerate(request.children or ()):
        if child is None:
            continue
        where = join(path, f"children[{number}].events")
        listed += [(f"{where}[{index}]", event, child.reference) for index, event in enumerate(child.events or ())]
    if len(listed) > MAX_EVENTS:
        text = f"{len(listed)} events were sent"
        faults.add(join(path, "events"), text, f"send at most {MAX_EVENTS} in a timeline")
        return []
    events = [
        _event(faults, item, where, index, owner, words, names)
        for index, (where, item, owner) in enumerate(listed)
        if item is not None
    ]
    found = [event for event in events if event is not None]
    _ids(faults, found, [where for where, _, _ in listed])
    return found


def _event(
    faults: Faults, event: CaseEvent, path: str, index: int, owner: str | None, words: _Words, names: list[str | None]
) -> cases.CaseEvent | None:
    if event.type is not None and event.type not in words.events and words.events:
        faults.unknown(join(path, "type"), "event", event.type, words.events)
    moment: Moment | None = event.occurred_at.moment if event.occurred_at is not None else None
    facts = resolve_facts(faults, event.facts, words.facts, join(path, "facts")) if words.facts else {}
    if moment is not None and event.type in words.events:
        check_implied(faults, words.events[event.type], moment, facts, join(path, "facts"))
    children = _named(faults, event.child, join(path, "child"), owner, names)
    for duty in event.discharges or ():
        if words.duties and duty not in words.duties:
            faults.unknown(join(path, "discharges"), "duty", duty, words.duties)
    if moment is None or event.type is None:
        return None
    return cases.CaseEvent(
        index,
        event.id,
        event.type,
        event.occurred_at.text,
        moment,
        facts,
        children,
        None if event.replaces is None else tuple(event.replaces),
        event.recorded_at.moment if event.recorded_at is not None else None,
        frozenset(event.discharges or ()),
    )


def _named(
    faults: Faults, sent: list[str] | None, path: str, owner: str | None, names: list[str | None]
) -> tuple[str | None, ...]:
    """Return the children whom an event is about: those named, or all."""
    if sent is None:
        return (owner,) if owner is not None else tuple(names)
    if owner is not None:
        faults.found.append(Fault(path, "the event is listed under its child already", "leave child out"))
        return (owner,)
    if any(name not in names for name in sent):
        faults.found.append(Fault(path, "there is no such child", "name one of the references in children"))
    return tuple(dict.fromkeys(sent))


def _ids(faults: Faults, events: list[cases.CaseEvent], paths: list[str]) -> None:
    seen: dict[str, cases.CaseEvent] = {}
    for event in events:
        if event.id is not None and event.id in seen:
            faults.add(join(paths[event.index], "id"), "two events have one id", "give each its own", event.id)
        elif event.id is not None:
            seen[event.id] = event
    for event in events:
        for name in event.replaces or ():
            if name not in seen or seen[name] is event:
                remedy = "name the id of another event in the list"
                faults.add(join(paths[event.index], "replaces"), "there is no such event", remedy, name)


def _in_force(
    faults: Faults,
    snapshot: Snapshot,
    chosen: list[cases.Asked],
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
