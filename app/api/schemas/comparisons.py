"""Standards side by side, and dates that somebody else computed."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import ConfigDict, Field

from app.api.schemas.calculation import (
    CalculationRequest,
    Event,
    EventEcho,
    Facts,
    NotApplicable,
    Obligation,
    Undetermined,
)
from app.api.schemas.case_examples import CHECKS, COMPARISONS
from app.api.schemas.common import NEW_VALUES, Alternative, CalendarStamp, Closed, Open, ProfileStamp, SourceRef


class ProfileChoice(Closed):
    """A profile, or one version of it."""

    profile: str = Field(min_length=1)
    profile_version: int | None = Field(None, ge=1, description="Absent: the one in force on the event's day.")


class ProfileComparisonRequest(Closed):
    """One event and its facts under two to ten profiles or versions."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [COMPARISONS["profiles"]["value"]]})

    profiles: list[str | ProfileChoice] = Field(min_length=2, max_length=10, description="Keys from /v1/profiles.")
    event: Event
    facts: Facts | None = Field(None, description="Codes from /v1/facts; each profile reads those it knows.")
    calendar: str | None = Field(None, description="Absent: each profile's own.")
    calendar_version: int | None = Field(None, ge=1)
    until: date | None = Field(None, description="Unfold every recurring rule to this day.")
    as_known_on: date | None = Field(None, description="Answer with the versions published by the end of this day.")
    reference: str | None = Field(None, max_length=200, description="Given back as it came; kept nowhere.")


class ComparedSide(Closed):
    """One of the two sides; a side without a version takes the one in force on each event's day."""

    profile: str | None = Field(None, description="Needed in `before`; absent in `after`: the same profile.")
    profile_version: int | None = Field(None, ge=1)
    calendar: str | None = None
    calendar_version: int | None = Field(None, ge=1)
    as_known_on: date | None = None


class ComparedEvent(Closed):
    """One event that both sides are asked about."""

    id: str | None = Field(None, description="Yours; given back.")
    type: str
    occurred_at: str
    facts: Facts | None = Field(None, description="Facts of this event, over those that hold for all.")


class ImpactRequest(Closed):
    """Up to 1,000 events under two versions: what changes from the one to the other."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [COMPARISONS["versions"]["value"]]})

    before: ComparedSide
    after: ComparedSide
    events: list[ComparedEvent] = Field(max_length=1000)
    facts: Facts | None = Field(None, description="Facts that hold for every event.")
    until: date | None = None
    reference: str | None = Field(None, max_length=200)


class ComparedProfile(ProfileStamp):
    """Which profile version was compared, and by which calendar."""

    calendar: CalendarStamp


class ComparedLimit(Open):
    """One profile's limit for a duty."""

    profile: str
    profile_version: int
    rule: str
    title: str
    occurrence: int
    due_date: date
    due_at: datetime
    not_before: date | None
    timing: str
    strength: str = Field(description=f"must, should or suggested. {NEW_VALUES}")
    basis: str = Field(description=f"local, statute, regulations, statutory_guidance, court_rules. {NEW_VALUES}")
    source: list[SourceRef]
    alternatives: list[Alternative]
    provisional: bool
    compared: bool = Field(description="Whether it is its profile's earliest for the duty, which is compared.")
    days_after_strictest: int | None = Field(description="Null where it is not the one compared.")


class Strictest(Open):
    """A profile whose limit falls first."""

    profile: str
    profile_version: int
    rule: str
    due_date: date


class MissingSide(Open):
    """A profile that asks nothing of a duty."""

    profile: str
    profile_version: int


class LegalLimit(Open):
    """The limit that the law sets."""

    profile: str
    rule: str
    due_date: date
    basis: str
    source: list[SourceRef]


class LaxerThanLaw(Open):
    """A local standard whose limit falls later than the law's."""

    duty: str
    profile: str
    profile_version: int
    rule: str
    due_date: date
    law: LegalLimit
    days: int = Field(description="How many days later than the law's.")
    statement: str = Field(description="The same, said plainly.")


class ComparedDuty(Open):
    """One duty with every profile's limits."""

    duty: str
    title: str
    limits: list[ComparedLimit]
    strictest: list[Strictest] = Field(description="More than one where they fall together.")
    difference_in_days: int | None = Field(description="From the strictest to the laxest; null where only one has it.")
    missing_from: list[MissingSide]
    laxer_than_law: list[LaxerThanLaw]


class ComparedUndetermined(Undetermined):
    """What one profile cannot settle yet."""

    profile: str
    profile_version: int


class ProfileComparison(Open):
    """The event's obligations under each profile, aligned by duty."""

    event: EventEcho
    profiles: list[ComparedProfile]
    duties: list[ComparedDuty] = Field(description="In the order of their keys.")
    laxer_than_law: list[LaxerThanLaw] = Field(description="All those of the duties together.")
    undetermined: list[ComparedUndetermined]
    warnings: list[str]
    reference: str | None


class SideStamps(Open):
    """Every version that answered for one side."""

    profiles: list[ProfileStamp]
    calendars: list[CalendarStamp]


class SideVersions(Open):
    """The versions that answered for one event."""

    profile_version: int
    calendar_version: int


class SameLimit(Open):
    """An obligation whose date is the same on both sides."""

    rule: str
    old_rule: str = Field(description="Its rule before, where another one sets it now.")
    duty: str
    title: str
    occurrence: int
    due_date: date
    changed: list[str] = Field(description="The fields that differ although the date does not, such as `source`.")


class MovedLimit(SameLimit):
    """An obligation whose date differs."""

    old_due_date: date
    old_due_at: datetime
    new_due_date: date
    new_due_at: datetime
    days: int = Field(description="Positive: later than before.")


class EventImpact(Open):
    """What changes for one event."""

    index: int = Field(description="Its place in the list, from 0.")
    id: str | None
    type: str
    occurred_at: str
    before: SideVersions | None = Field(description="Null where no version was in force.")
    after: SideVersions | None
    added: list[Obligation]
    removed: list[Obligation]
    moved: list[MovedLimit]
    unchanged: list[SameLimit]


class ImpactSummary(Open):
    """How many obligations of all events changed."""

    added: int
    removed: int
    moved: int
    unchanged: int


class Impact(Open):
    """What changes for a list of events from one version to another."""

    before: SideStamps
    after: SideStamps
    events: list[EventImpact]
    summary: ImpactSummary
    reference: str | None


class CheckRequest(CalculationRequest):
    """A date that somebody else computed, for one duty, or one rule, that the event starts."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [CHECKS["early"]["value"]]})

    duty: str | None = Field(None, description="A key from /v1/duties; this or `rule` is needed.")
    rule: str | None = Field(None, description="A rule of the profile, where a duty has several.")
    date: str = Field(description="The date to be checked; a time as well, where hours are counted.")


class CheckedLimit(Open):
    """One limit that answers to the duty, and how the date stands to it."""

    rule: str
    occurrence: int
    due_date: date
    due_at: datetime
    verdict: str
    days: int


class Cause(Open):
    """Something that would have given the date sent."""

    kind: str = Field(description=f"reading, version or mistake. {NEW_VALUES}")
    codes: list[str] = Field(description=f"The mistakes, two where only both together give it. {NEW_VALUES}")
    text: str
    section: str | None = Field(None, description="Of a reading: where it stands.")
    profile_version: int | None = Field(None, description="Of another version: which.")


class CheckAnswer(Open):
    """Whether the date is right, and what would have given it."""

    profile: ProfileStamp
    calendar: CalendarStamp
    event: EventEcho
    date: str
    duty: str | None
    rule: str | None
    verdict: str = Field(
        description=f"right, early, late, undetermined (facts are missing) or not_applicable. {NEW_VALUES}"
    )
    days: int | None = Field(description="From the right date to the one sent; null without one.")
    hours: float | None = Field(description="Where the limit is one of hours and a time was sent.")
    expected: Obligation | None = Field(description="The limit nearest to the date sent.")
    limits: list[CheckedLimit] = Field(description="Every limit that answers to the duty.")
    explained_by: list[Cause] = Field(description="Empty for a right date, and where nothing tried gives it.")
    undetermined: list[Undetermined]
    not_applicable: list[NotApplicable]
    warnings: list[str]
    reference: str | None
