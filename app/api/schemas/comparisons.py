"""Standards side by side, and dates that somebody else computed."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.api.schemas.calculation import (
    EventEcho,
    NotApplicable,
    Obligation,
    Undetermined,
)
from app.api.schemas.common import (
    NEW_VALUES,
    Alternative,
    Answer,
    CalendarStamp,
    Instant,
    ProfileStamp,
    SourceRef,
)


class ComparedProfile(ProfileStamp):
    """Which profile version was compared, and by which calendar."""

    calendar: CalendarStamp


class ComparedLimit(Answer):
    """One profile's limit for a duty."""

    profile: str
    profile_version: int
    rule: str
    title: str
    occurrence: int
    due_date: date
    due_at: Instant
    not_before: date | None
    timing: str
    strength: str = Field(description=f"must, should or suggested. {NEW_VALUES}")
    basis: str = Field(description=f"local, statute, regulations, statutory_guidance, court_rules. {NEW_VALUES}")
    source: list[SourceRef]
    alternatives: list[Alternative]
    provisional: bool
    compared: bool = Field(description="Whether it is its profile's earliest for the duty, which is compared.")
    days_after_strictest: int | None = Field(description="Null where it is not the one compared.")


class Strictest(Answer):
    """A profile whose limit falls first."""

    profile: str
    profile_version: int
    rule: str
    due_date: date


class MissingSide(Answer):
    """A profile that asks nothing of a duty."""

    profile: str
    profile_version: int


class LegalLimit(Answer):
    """The limit that the law sets."""

    profile: str
    rule: str
    due_date: date
    basis: str
    source: list[SourceRef]


class LaxerThanLaw(Answer):
    """A local standard whose limit falls later than the law's."""

    duty: str
    profile: str
    profile_version: int
    rule: str
    due_date: date
    law: LegalLimit
    days: int = Field(description="How many days later than the law's.")
    statement: str = Field(description="The same, said plainly.")


class ComparedDuty(Answer):
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


class ProfileComparison(Answer):
    """The event's obligations under each profile, aligned by duty."""

    event: EventEcho
    profiles: list[ComparedProfile]
    duties: list[ComparedDuty] = Field(description="In the order of their keys.")
    laxer_than_law: list[LaxerThanLaw] = Field(description="All those of the duties together.")
    undetermined: list[ComparedUndetermined]
    warnings: list[str]
    reference: str | None


class SideStamps(Answer):
    """Every version that answered for one side."""

    profiles: list[ProfileStamp]
    calendars: list[CalendarStamp]


class SideVersions(Answer):
    """The versions that answered for one event."""

    profile_version: int
    calendar_version: int


class SameLimit(Answer):
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
    old_due_at: Instant
    new_due_date: date
    new_due_at: Instant
    days: int = Field(description="Positive: later than before.")


class EventImpact(Answer):
    """What changes for one event."""

    index: int = Field(description="Its place in the list, from 0.")
    id: str | None
    type: str
    occurred_at: str
    before: SideVersions | None = Field(
        description="Null where it starts nothing: no version was in force, or the one that was has no such event."
    )
    after: SideVersions | None = Field(description="Likewise.")
    added: list[Obligation]
    removed: list[Obligation]
    moved: list[MovedLimit]
    unchanged: list[SameLimit]
    notes: list[str] = Field([], description="Why a side starts nothing, or is not answered by the draft.")


class ImpactSummary(Answer):
    """How many obligations of all events changed."""

    added: int
    removed: int
    moved: int
    unchanged: int


class Impact(Answer):
    """What changes for a list of events from one version to another."""

    before: SideStamps
    after: SideStamps
    events: list[EventImpact]
    summary: ImpactSummary
    reference: str | None


class CheckedLimit(Answer):
    """One limit that answers to the duty, and how the date stands to it."""

    rule: str
    occurrence: int
    due_date: date
    due_at: Instant
    verdict: str
    days: int


class Cause(Answer):
    """Something that would give the date sent."""

    kind: str = Field(description=f"reading, version or mistake. {NEW_VALUES}")
    codes: list[str] = Field(description=f"The mistakes, two where only both together give it. {NEW_VALUES}")
    text: str
    section: str | None = Field(None, description="Of a reading: where it stands.")
    profile_version: int | None = Field(None, description="Of another version: which.")


class CheckAnswer(Answer):
    """Whether the date is right, and what would give it."""

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
