"""What there is to ask for."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from app.api.schemas.common import Answer, Instant, NotComputable, SourceRef

NEXT = Field(description="Send it as `after` for the page that follows; null at the end of the list.", examples=[None])
ADVICE = Field(
    description="What to do next where the words of a search found nothing; else null.",
    examples=["No word of the lists has 'zebra'. Try another name for it."],
)


class StartedDuty(Answer):
    """A duty that an event starts, and the facts that its rules read."""

    duty: str = Field(description="The duty's key.", examples=["hold_icpc"])
    title: str = Field(description="What is to be done.", examples=["Hold the initial child protection conference"])
    facts: list[str] = Field(
        description="The facts that decide it, by their keys.", examples=[["section_47_initiated"]]
    )


class EventType(Answer):
    """One event of the vocabulary."""

    type: str = Field(description="The code to send as the event's type.", examples=["strategy_discussion_held"])
    title: str = Field(description="The event as the entry of a list.", examples=["Strategy discussion"])
    noun: str = Field(description="The event within a sentence.", examples=["the strategy discussion"])
    definition: str = Field(description="What has happened, or is to happen.")
    counterpart: str | None = Field(description="Its counterpart in the sector's data standards.")
    implies: dict[str, Any] = Field(description="What the event says by itself; not asked for again.")
    facts: list[str] = Field(description="The facts that matter to it.", examples=[["section_47_initiated"]])
    profiles: list[str] = Field(description="The profiles in which it starts something.", examples=[["swindon"]])
    starts: list[StartedDuty] = Field(
        description="The duties that it starts in the profile that was asked about; empty without `profile`."
    )


class EventTypes(Answer):
    """The events."""

    event_types: list[EventType] = Field(description="By their titles; with `q` the best found first.")
    next: str | None = NEXT
    advice: str | None = ADVICE


class Fact(Answer):
    """One fact of the vocabulary."""

    fact: str = Field(description="The name to send it by.", examples=["section_47_initiated"])
    title: str = Field(description="The fact as the label of a field.", examples=["Section 47 initiated"])
    type: str = Field(description="bool, date, int or choice.", examples=["bool"])
    values: list[str] = Field(description="What a choice may be.", examples=[[]])
    definition: str = Field(description="What it means that the fact is true, or what its value says.")
    deciding: bool = Field(description="True where a rule cannot be applied without it.", examples=[True])
    when_absent: str = Field(description="undetermined, presumed or not_yet_happened.", examples=["undetermined"])
    default: bool | int | str | None = Field(description="What a presumed fact is taken as.", examples=[None])
    minimum: int | None = Field(description="The least that a number may be.", examples=[None])
    maximum: int | None = Field(description="The most that a number may be.", examples=[None])
    counterpart: str | None = Field(description="Its counterpart in the sector's data standards.", examples=[None])


class FactList(Answer):
    """The facts."""

    facts: list[Fact] = Field(description="By their titles; with `q` the best found first.")
    next: str | None = NEXT
    advice: str | None = ADVICE


class Duty(Answer):
    """One duty of the vocabulary."""

    duty: str = Field(description="The duty's key.", examples=["hold_icpc"])
    title: str = Field(description="What is to be done, as the entry of a list.")
    definition: str = Field(description="What is to be done.")
    protection: str | None = Field(
        description="Why it protects a child from harm, with the source: an authority's own closure days do not put it "
        "off, unless a rule says so. Null for any other duty."
    )
    profiles: list[str] = Field(description="The profiles that set a timescale for it.", examples=[["swindon"]])


class DutyList(Answer):
    """The duties."""

    duties: list[Duty] = Field(description="By their titles; with `q` the best found first.")
    next: str | None = NEXT
    advice: str | None = ADVICE


class Form(Answer):
    """A JSON Schema of the facts that matter: an object with a property for each."""

    dialect: str = Field(alias="$schema", description="The dialect of JSON Schema.")
    title: str = Field(description="The event.", examples=["Strategy discussion"])
    type: str = Field(description="Always object.", examples=["object"])
    properties: dict[str, Any] = Field(description="The facts by name, each with type, title and description.")
    required: list[str] = Field(description="Empty: an answer that misses a deciding fact names it.", examples=[[]])
    closed: bool = Field(alias="additionalProperties", description="Always false: no other facts.", examples=[False])


class FoundWord(Answer):
    """An event, a fact or a duty that a search found."""

    kind: str = Field(description="event, fact or duty.", examples=["event"])
    key: str = Field(description="The name to send it by.", examples=["cla_review_held"])
    title: str = Field(description="It as the entry of a list.", examples=["Looked-after review"])
    definition: str = Field(description="What it means.")
    profiles: list[str] = Field(description="The profiles whose rules use it.", examples=[["swindon"]])
    matched: list[str] = Field(
        description="The expressions found, one for each part of the query.", examples=[["lac review"]]
    )


class WordList(Answer):
    """What a search found, the best first."""

    words: list[FoundWord] = Field(description="The best first.")
    advice: str | None = ADVICE


class ProfileSummary(Answer):
    """One profile."""

    key: str = Field(description="The key to send.", examples=["swindon"])
    title: str = Field(description="The document's title.")
    name: str = Field(description="The authority first, then the title: the entry of a list.")
    authority: str | None = Field(description="Whose standards they are.", examples=["Swindon"])
    latest_version: int
    in_force_from: date | None
    calendar: str
    rules: int
    events: list[str]


class ProfileList(Answer):
    """Every profile."""

    profiles: list[ProfileSummary]


class VersionRef(Answer):
    """One version of a profile."""

    key: str
    version: int


class Published(Answer):
    """What never changes of a published version."""

    key: str
    version: int
    title: str
    checksum: str
    in_force_from: date | None
    published_at: Instant
    published_by: str
    reason: str | None
    based_on: VersionRef | None


class VersionStanding(Published):
    """A version as it stands today."""

    in_force_to: date | None
    has_force: bool
    withdrawn_at: Instant | None
    withdrawn_by: str | None
    withdrawn_reason: str | None


class ProfileDetail(ProfileSummary):
    """One profile with every version."""

    versions: list[VersionStanding]


class RuleReading(Answer):
    """Another reading of a rule."""

    reading: str
    section: str | None
    document: str = Field(description="The title of the document that prints it.")


class RuleSummary(Answer):
    """One rule in words."""

    rule: str
    duty: str
    duties: list[str]
    title: str
    events: list[str]
    restarts_on: list[str]
    when: str | None
    timing: str
    kind: str
    certainty: str
    closures: str = Field(description="skip, or count: whether a council's own closure days count as working days.")
    in_force_from: date | None
    in_force_to: date | None
    responsible: list[str]
    strength: str
    basis: str
    source: list[SourceRef]
    reading: str | None
    alternatives: list[RuleReading]
    exception_to: str | None
    discharged_by: list[str]
    ends_on: list[str]
    facts: list[str]
    note: str | None


class ProfileVersionAnswer(Published):
    """One version: its document as data, and its rules in words."""

    document: dict[str, Any]
    rules: list[RuleSummary]
    not_computable: list[NotComputable]


class RulePhase(Answer):
    """One phase of a series."""

    phase: str
    duty: str
    timing: str


class RuleAnswer(RuleSummary):
    """One rule with its data as written."""

    profile: str
    version: int
    phases: list[RulePhase]
    data: dict[str, Any]


class CalendarSummary(Answer):
    """One version of a calendar."""

    key: str
    version: int
    title: str
    checksum: str
    extends: str | None
    first: date
    last: date
    published_until: date
    published_at: Instant
    published_by: str
    reason: str | None


class CalendarList(Answer):
    """Every calendar, in its latest version."""

    calendars: list[CalendarSummary]


class CalendarDetail(CalendarSummary):
    """One calendar with every version."""

    versions: list[CalendarSummary]


class NonWorkingDay(Answer):
    """One day that does not count, and where it came from."""

    date: date
    name: str
    kind: str
    origin: str
    source: str


class CalendarVersionAnswer(CalendarSummary):
    """One version of a calendar with its days."""

    report: dict[str, Any] | None
    days: list[NonWorkingDay]
