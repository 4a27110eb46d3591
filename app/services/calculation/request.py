"""A calculation asked for: read strictly from a JSON object, every fault kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import NamedTuple

from app.engine.civil_time import Moment, UnreadableTime, read_moment
from app.engine.facts import EventSpec, FactSpec, FactValue
from app.engine.months import add_months
from app.profiles.vocabulary import shared_vocabulary
from app.services.problems import Fault, Problem, nearest_names, redact_for_display, summarise
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion, Snapshot
from app.services.zone import LONDON

REQUEST_KEYS = frozenset(
    {
        "profile",
        "profile_version",
        "calendar",
        "calendar_version",
        "event",
        "facts",
        "until",
        "explain",
        "reference",
        "as_known_on",
    }
)
EVENT_KEYS = frozenset({"type", "occurred_at"})
LONGEST_REFERENCE = 200
LONGEST_UNTIL_YEARS = 25
MOST_NUMBER = 1_000_000
FIRST_FACT, LAST_FACT = date(1900, 1, 1), date(2200, 12, 31)
ABSENT = (None, "")
# Looking for near names takes time; who sends more wrong names than this has another mistake.
MOST_HELPED = 50
LOST_PLUS = re.compile(r".*T[\d:.]+ \d\d:?\d\d", re.ASCII)
MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00(:00(\.0{1,9})?)?(Z|\+00:00)?", re.ASCII)


class Request(NamedTuple):
    """One calculation, its names resolved to the versions that answer it."""

    profile: ProfileVersion
    calendar: CalendarVersion
    event: str
    occurred_at: str
    moment: Moment
    facts: dict[str, FactValue]
    until: date | None
    explain: bool
    reference: str | None
    pinned: bool


class Faults:
    """The faults found so far in one request."""

    def __init__(self) -> None:
        self.found: list[Fault] = []
        self.kind = "invalid-request"

    def add(self, path: str, message: str, remedy: str, value: object = None, near: tuple[str, ...] = ()) -> None:
        """Keep a fault."""
        self.found.append(Fault(path, message, remedy, None if value is None else redact_for_display(value), near))

    def unknown(self, path: str, what: str, name: object, known: frozenset[str] | set[str]) -> None:
        """Keep a fault about a name that is not known, with the nearest known ones."""
        near = nearest_names(name, known) if len(self.found) < MOST_HELPED else ()
        remedy = f"use one of: {', '.join(near)}" if near else f"use a known {what}; the catalogue lists them"
        self.add(path, f"unknown {what}", remedy, name, near)

    def raise_any(self) -> None:
        """Raise Problem with every fault found, if any was."""
        if self.found:
            raise Problem(self.kind, summarise(self.found), self.found)


def read_request(snapshot: Snapshot, body: object, path: str = "") -> Request:
    """The request with its versions resolved. Raises Problem with every fault at once."""
    faults = Faults()
    table = read_object(faults, body, path or "(body)", REQUEST_KEYS, frozenset({"profile", "event"}))
    event_table = read_object(
        faults,
        table.get("event", {}),
        join(path, "event"),
        EVENT_KEYS,
        frozenset({"type", "occurred_at"}) if "event" in table else frozenset(),
    )
    moment = read_time(faults, event_table.get("occurred_at"), join(path, "event.occurred_at"))
    known_at = read_known(faults, table.get("as_known_on"), join(path, "as_known_on"))
    version = resolve_profile(
        faults,
        snapshot,
        table.get("profile"),
        table.get("profile_version"),
        moment.day if moment else None,
        known_at,
        path,
    )
    calendar = resolve_calendar(
        faults, snapshot, table.get("calendar"), table.get("calendar_version"), version, known_at, path
    )
    event = event_table.get("type")
    vocabulary = version.profile.vocabulary if version is not None else shared_vocabulary()
    if event not in ABSENT and (not isinstance(event, str) or event not in vocabulary.events):
        faults.unknown(join(path, "event.type"), "event", event, set(vocabulary.events))
    facts = read_facts(faults, table.get("facts"), join(path, "facts"), vocabulary.facts)
    if isinstance(event, str) and event in vocabulary.events and moment is not None:
        check_implied(faults, vocabulary.events[event], moment, facts, join(path, "facts"))
    if moment is not None and calendar is not None and not calendar.calendar.covers(moment.day):
        reach = f"{calendar.calendar.first} to {calendar.calendar.last}"
        faults.add(
            join(path, "event.occurred_at"),
            "the date lies outside the calendar",
            f"send a date from {reach}",
            event_table.get("occurred_at"),
        )
    until = read_until(faults, table.get("until"), join(path, "until"), moment)
    explain = table.get("explain")
    if explain not in ABSENT and not isinstance(explain, bool):
        faults.add(join(path, "explain"), "this must be true or false", "send true or false", explain)
    reference = read_reference(faults, table.get("reference"), join(path, "reference"))
    faults.raise_any()
    if version is None or calendar is None or moment is None or not isinstance(event, str):
        raise Problem("invalid-request", "The request is incomplete.")
    return Request(
        version,
        calendar,
        event,
        str(event_table["occurred_at"]),
        moment,
        facts,
        until,
        bool(explain),
        reference,
        table.get("profile_version") not in ABSENT,
    )


def join(path: str, name: str) -> str:
    """A field's path below another's."""
    return f"{path}.{name}" if path else name


def read_object(
    faults: Faults, value: object, path: str, known: frozenset[str], required: frozenset[str] = frozenset()
) -> Mapping[str, object]:
    """A JSON object with no unknown key and every required one present and not empty."""
    if type(value) is not dict and not isinstance(value, Mapping):
        faults.add(
            path,
            "this must be a JSON object",
            f"send an object with {', '.join(sorted(known))}",
            redact_for_display(value),
        )
        return {}
    if value.keys() <= known:
        for key in required:
            if value.get(key) in ABSENT:
                break
        else:
            return value
    inner = "" if path in {"(body)", "(query)"} else path
    for key in value:
        if key not in known:
            faults.unknown(join(inner, str(key)[:100]), "field", str(key), known)
    for key in sorted(required):
        if value.get(key) in ABSENT:
            faults.add(join(inner, key), "this field is missing", f"add {key}")
    return value


def read_time(faults: Faults, value: object, path: str) -> Moment | None:
    """A date, an instant or a local date-time; None after a fault."""
    if value in ABSENT:
        return None
    if not isinstance(value, str):
        faults.add(path, "a time is sent as text", "send 2026-01-13, 2026-01-13T10:00 or an RFC 3339 instant", value)
        return None
    try:
        return read_moment(value, LONDON)
    except UnreadableTime as error:
        remedy = error.remedy
        if LOST_PLUS.fullmatch(value):
            remedy = "the plus of the offset was read as a space: write it as %2B in a URL, or send Z"
        faults.add(path, str(error), remedy, value)
        return None


def read_known(faults: Faults, value: object, path: str) -> datetime | None:
    """The end of a day: what was published by then is what is known."""
    day = read_day(faults, value, path)
    if day is None:
        return None
    return datetime.combine(day, time(23, 59, 59, 999_999), LONDON)


def read_day(faults: Faults, value: object, path: str) -> date | None:
    """A date written YYYY-MM-DD; None where absent or after a fault."""
    if value in ABSENT:
        return None
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    faults.add(path, "this must be a date", "send it as YYYY-MM-DD", value)
    return None


def read_until(faults: Faults, value: object, path: str, moment: Moment | None) -> date | None:
    """The day to which series are unfolded: not more than 25 years on."""
    until = read_day(faults, value, path)
    if until is not None and moment is not None:
        last = add_months(moment.day, 12 * LONGEST_UNTIL_YEARS) if moment.day.year < 9970 else moment.day
        if until > last:
            remedy = f"send a date up to {last}"
            faults.add(path, f"until lies more than {LONGEST_UNTIL_YEARS} years after the event", remedy, value)
            return None
    return until


def read_reference(faults: Faults, value: object, path: str) -> str | None:
    """The caller's own reference, given back as it came and kept nowhere."""
    if value in ABSENT:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_REFERENCE or not value.isprintable():
        remedy = f"send up to {LONGEST_REFERENCE} printable characters"
        faults.found.append(Fault(path, "a reference is a short text", remedy))
        return None
    return value


def read_version(faults: Faults, value: object, path: str) -> int | None:
    """A version number; None where absent or after a fault."""
    if value in ABSENT:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_NUMBER:
        faults.add(path, "a version is a whole number from 1", "send the number alone, or leave it out", value)
        return None
    return value


def resolve_profile(
    faults: Faults,
    snapshot: Snapshot,
    key: object,
    version: object,
    day: date | None,
    known_at: datetime | None,
    path: str,
) -> ProfileVersion | None:
    """The version pinned, or the one in force on the event's day."""
    where = join(path, "profile")
    number = read_version(faults, version, join(path, "profile_version"))
    if key in ABSENT:
        return None
    refuse_unusable(snapshot, key)
    if not isinstance(key, str) or key not in snapshot.profiles:
        faults.unknown(where, "profile", key, set(snapshot.profiles))
        return None
    versions = snapshot.profiles[key]
    if version not in ABSENT:
        found = snapshot.profile_version(key, number) if number is not None else None
        if found is None and number is not None:
            offered = ", ".join(str(item.version) for item in versions)
            faults.add(join(path, "profile_version"), f"{key} has no such version", f"use one of: {offered}", number)
        return found
    if day is None:
        return snapshot.latest_profile(key)
    found = snapshot.profile_in_force(key, day, known_at)
    if found is None:
        if not faults.found:
            faults.kind = "no-version-in-force"
        listed = "; ".join(describe_version(item) for item in versions)
        faults.add(
            where,
            f"no version of {key} was in force on {day.isoformat()}",
            f"send an event's date on which one was, or pin one with profile_version: {listed}",
            key,
        )
    return found


def refuse_unusable(snapshot: Snapshot, key: object) -> None:
    """Raise Problem for a key of which a stored version cannot be read: an older version would be the wrong answer."""
    if isinstance(key, str) and key in snapshot.unusable:
        detail = f"A stored version of {key} cannot be read, so that nothing is answered by it until it is mended."
        raise Problem("not-ready", detail, headers={"Retry-After": "60"})


def describe_version(item: ProfileVersion) -> str:
    """A version and the day its force began, as it is named in a refusal."""
    start = item.in_force_from.isoformat() if item.in_force_from else "the beginning"
    return f"version {item.version} from {start}" + (" (withdrawn)" if item.withdrawn_at else "")


def resolve_calendar(
    faults: Faults,
    snapshot: Snapshot,
    key: object,
    version: object,
    profile: ProfileVersion | None,
    known_at: datetime | None,
    path: str,
) -> CalendarVersion | None:
    """The calendar asked for, or the profile's own; its latest version unless one is pinned."""
    number = read_version(faults, version, join(path, "calendar_version"))
    if key in ABSENT:
        if profile is None:
            return None
        key = profile.profile.calendar
    refuse_unusable(snapshot, key)
    if not isinstance(key, str) or key not in snapshot.calendars:
        faults.unknown(join(path, "calendar"), "calendar", key, set(snapshot.calendars))
        return None
    found = snapshot.calendar(key, number, known_at)
    if found is None:
        offered = ", ".join(str(item.version) for item in snapshot.calendars[key])
        faults.add(join(path, "calendar_version"), f"{key} has no such version", f"use one of: {offered}", number)
    return found


def read_facts(faults: Faults, value: object, path: str, specs: Mapping[str, FactSpec]) -> dict[str, FactValue]:
    """The facts given, each of its own type. A value that does not fit is never repeated: it is about a child."""
    if value in ABSENT:
        return {}
    if type(value) is not dict and not isinstance(value, Mapping):
        faults.found.append(Fault(path, "facts are a JSON object", 'send { "fact": value }'))
        return {}
    facts: dict[str, FactValue] = {}
    for key, item in value.items():
        spec = specs.get(key)
        if spec is None:
            faults.unknown(join(path, str(key)[:100]), "fact", str(key), set(specs))
            continue
        if item in ABSENT:
            continue
        read = read_fact(spec, item)
        if read is None:
            where = join(path, str(key)[:100])
            faults.found.append(Fault(where, f"this must be {wanted(specs[key])}", f"send {example(specs[key])}"))
        else:
            facts[key] = read
    return facts


def read_fact(spec: FactSpec, value: object) -> FactValue | None:
    """A fact's value from JSON, or None where it does not fit the fact's type."""
    if spec.type == "bool":
        return value if isinstance(value, bool) else None
    if spec.type == "int":
        low = spec.minimum if spec.minimum is not None else 0
        high = spec.maximum if spec.maximum is not None else MOST_NUMBER
        return value if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high else None
    if spec.type == "choice":
        return value if isinstance(value, str) and value in spec.values else None
    if not isinstance(value, str):
        return None
    if len(value) > 10 and (midnight := MIDNIGHT.fullmatch(value)):
        value = midnight[1]  # a date as low-code tools write it: it is a day, and no zone moves it
    if len(value) != 10:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if FIRST_FACT <= day <= LAST_FACT else None


def wanted(spec: FactSpec) -> str:
    """A fact's type in words."""
    if spec.type == "choice":
        return "one of " + ", ".join(spec.values)
    if spec.type == "int":
        return f"a whole number from {spec.minimum or 0} to {spec.maximum or MOST_NUMBER}"
    return {"bool": "true or false", "date": "a date from 1900 to 2200"}[spec.type]


def example(spec: FactSpec) -> str:
    """A value that fits, for a remedy."""
    if spec.type == "choice":
        return f'"{spec.values[0]}"'
    return {"bool": "true", "date": '"2019-04-02"', "int": "1"}[spec.type]


def check_implied(faults: Faults, event: EventSpec, moment: Moment, facts: Mapping[str, FactValue], path: str) -> None:
    """A fact given must not say other than what the event's happening says by itself."""
    if not facts or (facts.keys().isdisjoint(event.implies) and facts.keys().isdisjoint(event.sets)):
        return
    implied: dict[str, FactValue] = {**event.implies, **dict.fromkeys(event.sets, moment.day)}
    for fact, value in implied.items():
        if fact in facts and facts[fact] != value:
            said = value.isoformat() if isinstance(value, date) else str(value).lower()
            faults.found.append(
                Fault(
                    join(path, fact),
                    f"{event.key} means that this is {said}",
                    "leave the fact out, or send another event",
                )
            )


def canonical_moment(moment: Moment) -> str:
    """One spelling of a moment, however it was sent."""
    return moment.day.isoformat() if moment.at is None else moment.at.isoformat()
