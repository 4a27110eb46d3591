"""The request of a calculation: its model, and how it is resolved to the versions that answer it.

The model serves HTTP, the command line and bulk files alike. What only the published records can decide is found by
`resolve`, also in the sound part of a request whose shape has faults, so that one answer lists every fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from pydantic import ConfigDict, Field

from app.engine.civil_time import Moment
from app.engine.facts import EventSpec, FactValue
from app.engine.months import add_months
from app.profiles.vocabulary import shared_vocabulary
from app.services.calculation.json_body import parse_json
from app.services.calculation.versions import resolve_calendar, resolve_profile
from app.services.facts import Facts, resolve_facts
from app.services.problems import Fault
from app.services.silence import silent_event
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion, Snapshot
from app.services.validation import (
    Day,
    EventTime,
    Faults,
    Maybe,
    Reference,
    RequestModel,
    VersionNumber,
    join,
    read,
    read_fields,
)
from app.services.zone import LONDON

MAX_UNTIL_YEARS = 25
MAX_SHORT_BYTES = 16 * 1024
"""No sound request is longer. Of the many unknown members of a longer one, the model looks at the first alone."""
LAST_YEAR_WITH_HORIZON = date.max.year - MAX_UNTIL_YEARS - 4

REQUEST_EXAMPLE: dict[str, Any] = {
    "profile": "swindon",
    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"},
    "facts": {"section_47_initiated": True},
}


class Event(RequestModel):
    """Something that happened, or is scheduled, that starts one or more timescales."""

    type: str = Field(description="A code from /v1/event-types.", examples=["strategy_discussion_held"])
    occurred_at: EventTime = Field(
        description="A date, an RFC 3339 instant, or a local London date-time; up to nine fractional digits.",
        examples=["2025-12-18T14:30:00+00:00"],
    )


class CalculationRequest(RequestModel):
    """An event under a profile. Everything but `profile` and `event` may be left out; null and "" are absent."""

    model_config = ConfigDict(json_schema_extra={"examples": [REQUEST_EXAMPLE]})

    profile: str = Field(description="A key from /v1/profiles.", examples=["swindon"], min_length=1)
    profile_version: Maybe[VersionNumber] = Field(description="Absent: the version in force on the event's date.")
    calendar: Maybe[str] = Field(description="A key from /v1/calendars. Absent: the profile's own.")
    calendar_version: Maybe[VersionNumber] = Field(description="Absent: the latest.")
    event: Event
    facts: Maybe[Facts] = Field(description="Codes from /v1/facts.")
    until: Maybe[Day] = Field(
        description=f"Unfold every recurring rule to this day, at most {MAX_UNTIL_YEARS} years on."
    )
    explain: Maybe[bool] = Field(description="Add the counting, step by step, and what does not apply.")
    reference: Maybe[Reference]
    as_known_on: Maybe[Day] = Field(description="Answer with the versions published by the end of this day.")

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what only the published records can find wrong, in this request or the sound part of one."""
        resolve(faults, snapshot, self, path)


@dataclass(slots=True)
class ResolvedRequest:
    """One calculation, its names resolved to the versions that answer it.

    Its fields are read thirty times for an answer: Python reads a slot ten times as fast as the field of a named tuple.
    Not frozen, which takes three times as long to make; nothing changes one.
    """

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
    silence: str | None = None
    """Why nothing comes of the event, where the profile starts nothing from it."""
    behind: str | None = None
    """That the calendar does not follow the one that it extends, where it does not."""


def read_request(snapshot: Snapshot, body: object, *, whole: str = "(body)", short: bool = False) -> ResolvedRequest:
    """Validate and resolve a JSON value. Raises Problem with every fault of its shape and of the domain at once.

    `whole` names the request itself in a fault. `short` says that it has some kilobytes at most.
    """
    reader = read_fields if short else read
    return resolve_request(snapshot, reader(CalculationRequest, body, snapshot, whole=whole))


def read_json_request(snapshot: Snapshot, text: bytes, what: str = "body") -> ResolvedRequest:
    """Parse, validate and resolve a request. Raises Problem, which names the text as `what`: a body, a line."""
    return read_request(snapshot, parse_json(text, what), whole=f"({what})", short=len(text) <= MAX_SHORT_BYTES)


def resolve_request(snapshot: Snapshot, sent: CalculationRequest | Mapping[str, Any]) -> ResolvedRequest:
    """Resolve a request of a valid shape. Raises Problem with every fault of the domain."""
    faults = Faults()
    resolved = resolve(faults, snapshot, sent)
    if resolved is None:
        raise faults.problem()
    return resolved


def resolve(
    faults: Faults, snapshot: Snapshot, sent: CalculationRequest | Mapping[str, Any], path: str = ""
) -> ResolvedRequest | None:
    """Resolve a request, or find the faults of its sound part, in which any field may be None. None after a fault."""
    # Pydantic takes ten times as long to read a field as a dictionary does.
    field = (sent if type(sent) is dict else vars(sent)).get
    event, number, facts_sent = field("event"), field("profile_version"), field("facts")
    until, as_known_on = field("until"), field("as_known_on")
    kind: Any = None
    time_sent: Any = None
    if event is not None:
        of_event = (event if type(event) is dict else vars(event)).get
        kind, time_sent = of_event("type"), of_event("occurred_at")
    moment = time_sent.moment if time_sent is not None else None
    day = moment.day if moment is not None else None
    known_at = end_of_day(as_known_on) if as_known_on is not None else None
    version = resolve_profile(faults, snapshot, field("profile"), number, day, known_at, path)
    calendar = resolve_calendar(faults, snapshot, field("calendar"), field("calendar_version"), version, known_at, path)
    vocabulary = version.profile.vocabulary if version is not None else shared_vocabulary()
    spec = vocabulary.events.get(kind) if kind is not None else None
    if spec is None and kind is not None:
        faults.unknown(join(path, "event.type"), "event", kind, vocabulary.events)
    facts: dict[str, FactValue] = {}
    if facts_sent:
        facts_path = join(path, "facts")
        facts = resolve_facts(faults, facts_sent, vocabulary.facts, facts_path)
        if spec is not None and moment is not None:
            check_implied(faults, spec, moment, facts, facts_path)
    if day is not None and calendar is not None and not calendar.calendar.covers(day):
        remedy = f"send a date from {calendar.calendar.first} to {calendar.calendar.last}"
        faults.add(join(path, "event.occurred_at"), "the date lies outside the calendar", remedy, time_sent.text)
    if until is not None and day is not None:
        check_until(faults, until, day, join(path, "until"))
    if faults.collected or version is None or calendar is None or spec is None or moment is None:
        return None
    return ResolvedRequest(
        version,
        calendar,
        kind,
        time_sent.text,
        moment,
        facts,
        until,
        bool(field("explain")),
        field("reference"),
        number is not None,
        None if kind in version.profile.event_rules else silent_event(snapshot, version.profile, kind),
        snapshot.behind(calendar) if known_at is None else None,
    )


def end_of_day(day: date) -> datetime:
    """Return the last microsecond of a day in London: what was published by then is what was known on it."""
    return datetime.combine(day, time(23, 59, 59, 999_999), LONDON)


def check_until(faults: Faults, until: date, start: date, path: str, after: str = "the event") -> None:
    """Add a fault where series would be unfolded for more than 25 years."""
    last = add_months(start, 12 * MAX_UNTIL_YEARS) if start.year < LAST_YEAR_WITH_HORIZON else start
    if until > last:
        message = f"until lies more than {MAX_UNTIL_YEARS} years after {after}"
        faults.add(path, message, f"send a date up to {last}", until.isoformat())


def check_implied(faults: Faults, event: EventSpec, moment: Moment, facts: Mapping[str, FactValue], path: str) -> None:
    """Add a fault for each fact that contradicts what the event says by itself.

    Example: with `placement_started` on 5 January, `placement_started_on` cannot be another day.
    """
    if facts.keys().isdisjoint(event.implies) and facts.keys().isdisjoint(event.sets):
        return
    implied: dict[str, FactValue] = {**event.implies, **dict.fromkeys(event.sets, moment.day)}
    for fact, value in implied.items():
        if fact in facts and facts[fact] != value:
            said = value.isoformat() if isinstance(value, date) else str(value).lower()
            message = f"{event.key} means that this is {said}"
            faults.collected.append(Fault(join(path, fact), message, "leave the fact out, or send another event"))


def canonical_moment(moment: Moment) -> str:
    """Return one spelling of a moment, however it was sent."""
    return moment.day.isoformat() if moment.at is None else moment.at.isoformat()
