"""A timeline asked for: read strictly from a JSON object, every fault kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from app.engine.facts import EventSpec, FactSpec, FactValue
from app.engine.months import add_months
from app.services.calculation.request import MAX_UNTIL_YEARS, check_implied
from app.services.calculation.versions import resolve_calendar, resolve_profile
from app.services.member_reading import (
    read_day,
    read_facts,
    read_known,
    read_object,
    read_reference,
    read_time,
    read_version,
)
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import CalendarVersion, Snapshot
from app.services.timelines.case import Asked, AsOf, Case, CaseEvent, Child
from app.services.validation import ABSENT, Faults, join

TIMELINE_KEYS = frozenset(
    {
        "profile",
        "profile_version",
        "profiles",
        "calendar",
        "calendar_version",
        "as_known_on",
        "children",
        "facts",
        "events",
        "as_of",
        "until",
        "explain",
        "reference",
    }
)
CHILD_KEYS = frozenset({"reference", "facts", "events"})
EVENT_KEYS = frozenset(
    {"id", "type", "occurred_at", "facts", "child", "replaces", "recorded_at", "discharges", "episode"}
)
PROFILE_KEYS = frozenset({"profile", "profile_version"})
MOST_EVENTS = 1_000
MOST_CHILDREN = 30
MOST_PROFILES = 10
MOST_FAULTS = 200
HORIZON_MONTHS = 12


@dataclass(slots=True)
class _Words:
    """Every event, fact and duty that one of the profiles asked knows."""

    events: dict[str, EventSpec] = field(default_factory=dict)
    facts: dict[str, FactSpec] = field(default_factory=dict)
    duties: set[str] = field(default_factory=set)


def read_timeline(snapshot: Snapshot, body: object, path: str = "") -> Case:
    """The case with its profiles and calendar resolved. Raises Problem with every fault at once."""
    faults = Faults()
    case = read_into(faults, snapshot, body, path)
    faults.found[MOST_FAULTS:] = []
    faults.raise_any()
    if case is None:
        raise Problem("invalid-request", "The request is incomplete.")
    return case


def read_into(faults: Faults, snapshot: Snapshot, body: object, path: str) -> Case | None:
    """The same, adding to the faults found elsewhere; None where it cannot be read."""
    before = len(faults.found)
    table = read_object(faults, body, path or "(body)", TIMELINE_KEYS, frozenset({"as_of", "events"}))
    known_at = read_known(faults, table.get("as_known_on"), join(path, "as_known_on"))
    asked = _profiles(faults, snapshot, table, path)
    words = _words(snapshot, asked)
    calendar = _calendar(faults, snapshot, table, known_at, path)
    children = _children(faults, table, words, path)
    events = _events(faults, table, words, [child.reference for child in children], path)
    as_of = read_time(faults, table.get("as_of"), join(path, "as_of"))
    until = read_day(faults, table.get("until"), join(path, "until"))
    if as_of is not None and until is not None:
        last = add_months(as_of.day, 12 * MAX_UNTIL_YEARS) if as_of.day.year < 9970 else as_of.day
        if until > last:
            text = f"until lies more than {MAX_UNTIL_YEARS} years after as_of"
            faults.add(join(path, "until"), text, f"send a date up to {last}", table.get("until"))
    explain = table.get("explain")
    if explain not in ABSENT and not isinstance(explain, bool):
        faults.add(join(path, "explain"), "this must be true or false", "send true or false", explain)
    reference = read_reference(faults, table.get("reference"), join(path, "reference"))
    _in_force(faults, snapshot, asked, events, calendar, known_at, path)
    if len(faults.found) > before or as_of is None or not asked:
        return None
    return Case(
        snapshot,
        tuple(asked),
        calendar,
        known_at,
        tuple(children),
        tuple(events),
        AsOf(as_of.day, as_of.at),
        str(table["as_of"]),
        _horizon(as_of.day, until),
        bool(explain),
        reference,
    )


def _horizon(as_of: date, until: date | None) -> date | None:
    """How far a case is projected: to the day sent; unsaid, for a year; None where that day is not still to come."""
    if until is None:
        until = add_months(as_of, HORIZON_MONTHS) if as_of.year < date.max.year else as_of
    return until if until > as_of else None


def _profiles(faults: Faults, snapshot: Snapshot, table: Mapping[str, object], path: str) -> list[Asked]:
    one, several = table.get("profile"), table.get("profiles")
    where = join(path, "profiles")
    if (one in ABSENT) == (several in ABSENT or several == []):
        faults.add(join(path, "profile"), "name one profile, or several", 'send "profile": "york" or "profiles": […]')
        return []
    if one not in ABSENT:
        found = _asked(faults, snapshot, one, table.get("profile_version"), path)
        return [found] if found is not None else []
    if table.get("profile_version") not in ABSENT:
        text = "a version is pinned beside its own profile"
        faults.add(join(path, "profile_version"), text, 'send {"profile": …, "profile_version": …} in profiles')
    if not isinstance(several, list) or len(several) > MOST_PROFILES:
        faults.add(where, f"profiles is a list of at most {MOST_PROFILES}", 'send "profiles": ["york", "swindon"]')
        return []
    asked: list[Asked] = []
    for index, item in enumerate(several):
        inner = f"{where}[{index}]"
        entry: Mapping[str, object] = {"profile": item}
        if not isinstance(item, str):
            entry = read_object(faults, item, inner, PROFILE_KEYS, frozenset({"profile"}))
        found = _asked(faults, snapshot, entry.get("profile"), entry.get("profile_version"), inner)
        if found is not None and any(other.key == found.key for other in asked):
            faults.add(inner, f"{found.key} stands twice", "name each profile once")
        elif found is not None:
            asked.append(found)
    return asked


def _asked(faults: Faults, snapshot: Snapshot, key: object, version: object, path: str) -> Asked | None:
    number = read_version(faults, version, join(path, "profile_version"))
    found = resolve_profile(faults, snapshot, key, number, None, None, path)
    if found is None:
        return None
    return Asked(found.record.key, found if version not in ABSENT else None)


def _words(snapshot: Snapshot, asked: list[Asked]) -> _Words:
    words = _Words()
    for item in asked:
        for version in snapshot.profiles[item.key]:
            words.events.update(version.profile.vocabulary.events)
            words.facts.update(version.profile.vocabulary.facts)
            words.duties |= set(version.profile.vocabulary.duties)
    return words


def _calendar(
    faults: Faults, snapshot: Snapshot, table: Mapping[str, object], known_at: datetime | None, path: str
) -> CalendarVersion | None:
    if table.get("calendar") in ABSENT:
        if table.get("calendar_version") not in ABSENT:
            text = "a version is pinned of a calendar that is named"
            faults.add(join(path, "calendar_version"), text, "add calendar")
        return None
    number = read_version(faults, table.get("calendar_version"), join(path, "calendar_version"))
    return resolve_calendar(faults, snapshot, table["calendar"], number, None, known_at, path)


def _children(faults: Faults, table: Mapping[str, object], words: _Words, path: str) -> list[Child]:
    shared = read_facts(faults, table.get("facts"), join(path, "facts"), words.facts)
    given = table.get("children")
    if given in ABSENT or given == []:
        return [Child(None, shared)]
    where = join(path, "children")
    if not isinstance(given, list) or len(given) > MOST_CHILDREN:
        faults.add(where, f"children is a list of at most {MOST_CHILDREN}", 'send [{"reference": "a", "facts": {…}}]')
        return [Child(None, shared)]
    children: list[Child] = []
    for index, item in enumerate(given):
        inner = f"{where}[{index}]"
        entry = read_object(faults, item, inner, CHILD_KEYS, frozenset({"reference"}))
        reference = read_reference(faults, entry.get("reference"), join(inner, "reference"))
        own = read_facts(faults, entry.get("facts"), join(inner, "facts"), words.facts)
        if reference is not None and any(child.reference == reference for child in children):
            faults.found.append(Fault(join(inner, "reference"), "two children have one reference", "give each its own"))
        children.append(Child(reference, {**shared, **own}))
    return children


def _events(
    faults: Faults, table: Mapping[str, object], words: _Words, names: list[str | None], path: str
) -> list[CaseEvent]:
    listed: list[tuple[str, object, str | None]] = []
    given = table.get("events")
    if isinstance(given, list):
        listed += [(join(path, f"events[{index}]"), item, None) for index, item in enumerate(given)]
    elif given not in ABSENT:
        faults.add(join(path, "events"), "events is a list", 'send [{"type": …, "occurred_at": …}]')
    children = table.get("children")
    for number, child in enumerate(children if isinstance(children, list) else []):
        own = child.get("events") if isinstance(child, Mapping) else None
        where = join(path, f"children[{number}].events")
        if isinstance(own, list):
            reference = child.get("reference")
            name = reference if isinstance(reference, str) else None
            listed += [(f"{where}[{index}]", item, name) for index, item in enumerate(own)]
        elif own not in ABSENT:
            faults.add(where, "events is a list", 'send [{"type": …, "occurred_at": …}]')
    if len(listed) > MOST_EVENTS:
        faults.add(join(path, "events"), f"{len(listed)} events were sent", f"send at most {MOST_EVENTS} in a timeline")
        return []
    events = [
        _event(faults, item, where, index, owner, words, names) for index, (where, item, owner) in enumerate(listed)
    ]
    found = [event for event in events if event is not None]
    _ids(faults, found, [where for where, _, _ in listed])
    return found


def _event(
    faults: Faults, item: object, path: str, index: int, owner: str | None, words: _Words, names: list[str | None]
) -> CaseEvent | None:
    entry = read_object(faults, item, path, EVENT_KEYS, frozenset({"type", "occurred_at"}))
    name = entry.get("type")
    if name not in ABSENT and (not isinstance(name, str) or name not in words.events) and words.events:
        faults.unknown(join(path, "type"), "event", name, set(words.events))
    moment = read_time(faults, entry.get("occurred_at"), join(path, "occurred_at"))
    recorded = read_time(faults, entry.get("recorded_at"), join(path, "recorded_at"))
    given = entry.get("facts")
    said = read_facts(faults, given, join(path, "facts"), words.facts)
    # A fact of null takes back what was said of it before.
    unsaid = (
        [key for key, value in given.items() if value is None and key in words.facts]
        if isinstance(given, Mapping)
        else []
    )
    facts: dict[str, FactValue | None] = {**said, **dict.fromkeys(unsaid)}
    episode = read_reference(faults, entry.get("episode"), join(path, "episode"))
    if isinstance(name, str) and name in words.events and moment is not None:
        check_implied(faults, words.events[name], moment, said, join(path, "facts"))
    identity = read_reference(faults, entry.get("id"), join(path, "id"))
    children = _named(faults, entry.get("child"), join(path, "child"), owner, names)
    replaces = entry.get("replaces")
    texts = None if replaces is None else _texts(faults, replaces, join(path, "replaces"), "an event's id")
    discharges = _texts(faults, entry.get("discharges"), join(path, "discharges"), "a duty")
    for duty in discharges:
        if words.duties and duty not in words.duties:
            faults.unknown(join(path, "discharges"), "duty", duty, words.duties)
    if not isinstance(name, str) or moment is None:
        return None
    return CaseEvent(
        index,
        identity,
        name,
        str(entry["occurred_at"]),
        moment,
        facts,
        children,
        texts,
        recorded,
        frozenset(discharges),
        episode,
    )


def _named(
    faults: Faults, value: object, path: str, owner: str | None, names: list[str | None]
) -> tuple[str | None, ...]:
    """The children whom an event is about: those named, or all."""
    if value in ABSENT:
        return (owner,) if owner is not None else tuple(names)
    if owner is not None:
        faults.found.append(Fault(path, "the event stands under its child already", "leave child out"))
        return (owner,)
    given = _texts(faults, value, path, "a child's reference")
    if any(name not in names for name in given):
        faults.found.append(Fault(path, "there is no such child", "name one of the references in children"))
    return tuple(dict.fromkeys(given))


def _texts(faults: Faults, value: object, path: str, what: str) -> tuple[str, ...]:
    if value in ABSENT:
        return ()
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and item for item in items):
        faults.found.append(Fault(path, f"this must be {what}, or a list of them", "send text"))
        return ()
    return tuple(items)


def _ids(faults: Faults, events: list[CaseEvent], paths: list[str]) -> None:
    seen: dict[str, CaseEvent] = {}
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
    asked: list[Asked],
    events: list[CaseEvent],
    calendar: CalendarVersion | None,
    known_at: datetime | None,
    path: str,
) -> None:
    """Some event needs a version in force on its day, and every event that has one, a calendar that reaches it.

    A history may begin before a profile does: what lies before it starts nothing under it, and is warned of.
    """
    days: dict[date, int] = {}
    for event in events:
        days.setdefault(event.moment.day, event.index)
    for item in asked:
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
