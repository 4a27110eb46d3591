"""What there is to ask for."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from app.api.schemas.common import Answer, Instant, NotComputable, SourceRef


class EventType(Answer):
    """One event of the vocabulary."""

    type: str
    noun: str
    definition: str
    counterpart: str | None = Field(description="Its counterpart in the sector's data standards.")
    implies: dict[str, Any] = Field(description="What the event says by itself; not asked for again.")
    facts: list[str] = Field(description="The facts that matter to it.")
    profiles: list[str] = Field(description="The profiles in which it starts something.")


class EventTypes(Answer):
    """Every event."""

    event_types: list[EventType]


class Fact(Answer):
    """One fact of the vocabulary."""

    fact: str
    type: str = Field(description="bool, date, int or choice.")
    values: list[str]
    definition: str
    deciding: bool
    when_absent: str = Field(description="undetermined, presumed or not_yet_happened.")
    default: bool | int | str | None = Field(description="What a presumed fact is taken as.")
    minimum: int | None
    maximum: int | None
    counterpart: str | None


class FactList(Answer):
    """Every fact."""

    facts: list[Fact]


class Duty(Answer):
    """One duty of the vocabulary."""

    duty: str
    definition: str
    profiles: list[str]


class DutyList(Answer):
    """Every duty."""

    duties: list[Duty]


class ProfileSummary(Answer):
    """One profile."""

    key: str
    title: str
    authority: str | None
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
