"""What a change of a calendar makes, and which limits it moves."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from app.api.schemas.catalogue import VersionRef
from app.api.schemas.common import NEW_VALUES, Answer


class ExtendingCalendar(Answer):
    """A calendar that extends an older version of this one."""

    key: str
    version: int
    extends_version: int | None


class LimitExample(Answer):
    """One limit from a sample day, under the calendar as it is and as it would be."""

    event: str
    occurred_on: date = Field(description="The sample day on which the event happens.")
    before: date = Field(description="When the limit falls now.")
    after: date = Field(description="When it would fall; the same for a limit that is not put off.")
    days: int = Field(description="Positive: later than now.")


class LimitMoved(Answer):
    """A limit that a change of the calendar moves, or that it would move if the rule did not count closure days."""

    profile: str
    profile_version: int
    rule: str
    duty: str
    title: str
    timing: str = Field(description="Of the reading that leads.")
    reading: str | None = Field(description="Another reading of the rule, which counts as a limit of its own.")
    strength: str = Field(description=f"must, should or suggested. {NEW_VALUES}")
    basis: str = Field(description=f"local, statute, regulations, statutory_guidance, court_rules. {NEW_VALUES}")
    protection: str | None = Field(description="Why it protects a child, with the source; null for any other limit.")
    closures: str = Field(description="skip, or count: whether a council's own closure days count as working days.")
    moved: bool = Field(description="False: closure days do not put it off.")
    sample_days: int = Field(description="On how many of the sample days an event's limit is, or would be, moved.")
    examples: list[LimitExample] = Field(description="The furthest moves first.")


class LimitNotShown(Answer):
    """A rule that cannot be counted without facts of a child."""

    profile: str
    rule: str
    title: str
    needs: list[str]


class MovesSummary(Answer):
    """How many limits move, in all and by strength."""

    moved: int
    not_moved: int = Field(description="Limits that closure days would put off if they did not count them.")
    protection_moved: int = Field(description="Moved ones that protect a child.")
    must: int
    should: int
    suggested: int


class LimitsMoved(Answer):
    """Which limits a change of a calendar moves: each rule counted as if it applied, from days around the change."""

    profiles: list[VersionRef] = Field(description="Those that count by the calendar, and the one of its key.")
    sampled_from: date | None
    sampled_to: date | None
    limits: list[LimitMoved] = Field(description="Moved ones first, and of those the ones that protect a child.")
    not_shown: list[LimitNotShown]
    summary: MovesSummary
    warnings: list[str]


class CalendarChange(Answer):
    """A version of a calendar that was made, or would be, and what it changes."""

    key: str
    version: int
    changed: bool = Field(description="False: it was so already, and no version was made.")
    preview: bool = Field(description="True: nothing was kept.")
    checksum: str
    extends: str | None
    extends_version: int | None
    published_until: date
    note: str
    report: dict[str, Any] = Field(description="Days added, removed, renamed and confirmed.")
    followed_by: list[ExtendingCalendar] = Field(
        [], description="Calendars that extend this one and follow the version at once."
    )
    extended_by: list[ExtendingCalendar] = Field(
        description="Calendars that could not follow: what they add does not fit. Their answers warn of it."
    )
    moves: LimitsMoved | None = Field(None, description="Of a preview: which limits it moves. Null otherwise.")
    remarks: list[str] = Field([], description="Closure days that are no working days anyway, such as a Sunday.")


class CalendarDifference(Answer):
    """A day that is a bank holiday in the calendar or in a source of it, and not in both."""

    against: str = Field(description=f"the holidays package, or the government's list. {NEW_VALUES}")
    date: date
    stored: str | None = Field(description="What the calendar calls it; null where it has no such bank holiday.")
    listed: str | None = Field(description="What the source calls it; null where it has none.")


class VerifiedCalendar(Answer):
    """One calendar, compared."""

    key: str
    version: int
    extends: str | None = Field(description="A calendar that extends another is compared by way of that one.")
    code: str | None = Field(description="The place whose holidays it was made from; null where none is named.")
    behind: str | None = Field(description="That it does not follow the one that it extends.")
    list_unread: str | None = Field(description="Why the government's list cannot be compared with it.")
    differences: list[CalendarDifference]


class CalendarVerification(Answer):
    """Where calendars differ from their sources."""

    package: str = Field(description="The package compared with, and its version.", examples=["holidays 0.109"])
    calendars: list[VerifiedCalendar]
