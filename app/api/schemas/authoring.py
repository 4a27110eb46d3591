"""Drafts, publications, changes of calendars and the record of changes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from app.api.schemas.catalogue import VersionRef
from app.api.schemas.common import Closed, Open

REASON = "Why; kept for ever and shown."


class DocumentFault(Open):
    """One fault of a document."""

    path: str = Field(description="Where in the document it is.", examples=["rules[3].timing"])
    message: str
    remedy: str
    rule: str | None = Field(None, description="The rule it stands in.")


class ValidationAnswer(Open):
    """What was found of a document: every fault at once."""

    valid: bool = Field(description="Whether it may be published.")
    errors: list[DocumentFault]
    warnings: list[DocumentFault] = Field(description="What does not stand in the way of publishing.")
    checksum: str | None = Field(description="Of the whole document, what it is based on filled in.")
    based_on: VersionRef | None
    rules: int | None


class DraftSummary(Open):
    """A draft without its document."""

    id: str
    key: str
    revision: int = Field(description="Rises with each replacement; the ETag.")
    base_version: int | None = Field(description="The version that it was begun from.")
    checksum: str
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    authors: list[str]
    published_version: int | None


class DraftAnswer(DraftSummary):
    """A draft, its document, and what is wrong with it."""

    document: dict[str, Any]
    validation: ValidationAnswer


class DraftList(Open):
    """Unpublished drafts of one key, oldest first."""

    drafts: list[DraftSummary]
    next: str | None = Field(description="Send as `after` for the next page; null at the end.")


class DraftCreate(Closed):
    """A new draft: the document, or nothing for a copy of the version that it starts from."""

    document: dict[str, Any] | None = Field(None, description="A profile document, as JSON.")
    base_version: int | None = Field(None, ge=1, description="Absent: the latest version of the key, if any.")


class DraftReplace(Closed):
    """The document in a draft's place."""

    document: dict[str, Any] = Field(description="A profile document, as JSON.")


class PublishRequest(Closed):
    """When the version is in force from, and why."""

    in_force_from: date | None = Field(None, description="Null: from the beginning. Absent: as the document states.")
    reason: str | None = Field(None, max_length=1000, description=f"{REASON} Needed where it is backdated.")


class WithdrawRequest(Closed):
    """Why a version is withdrawn."""

    reason: str = Field(max_length=1000, description=REASON)


class Publication(Open):
    """A draft that became a version."""

    draft: str
    key: str
    version: int
    title: str
    checksum: str
    in_force_from: date | None
    in_force_to: date | None
    has_force: bool
    backdated: bool
    published_at: datetime
    published_by: str
    reason: str | None
    based_on: VersionRef | None
    warnings: list[str]


class Withdrawal(Open):
    """A version whose force was ended."""

    key: str
    version: int
    withdrawn_at: datetime
    withdrawn_by: str
    withdrawn_reason: str
    answering_today: int | None = Field(description="The version that answers for today now.")


class FieldChange(Open):
    """One field before and after."""

    field: str
    before: Any
    after: Any


class RuleNamed(Open):
    """A rule that one side has."""

    rule: str
    duty: str | None
    title: str | None
    timing: str | None = Field(description="In plain words.")


class RuleChange(RuleNamed):
    """A rule that both sides have, differently."""

    timing_before: str | None
    fields: list[FieldChange]


class Difference(Open):
    """What differs between two documents, rule by rule."""

    key: str
    added: list[RuleNamed]
    removed: list[RuleNamed]
    changed: list[RuleChange]
    unchanged: int
    document: list[FieldChange] = Field(description="What else changed.")


class VersionDifference(Difference):
    """What one version changed against another."""

    from_: int = Field(alias="from")
    to: int


class DraftDifference(Difference):
    """What a draft changes against a version."""

    from_: int | None = Field(alias="from", description="Null: there is no version of the key yet.")
    draft: str
    revision: int
    valid: bool


class ClosureDays(Closed):
    """Days on which an authority is shut."""

    days: list[dict[str, str]] = Field(description="Each with `date` and `name`.", min_length=1)
    source: str = Field(description="Who decided it, and where it was said.")
    extends: str | None = Field(None, description="For a new calendar: the key of the one that it extends.")
    title: str | None = Field(None, description="For a new calendar.")
    reason: str | None = Field(None, description=REASON)


class BankHoliday(Closed):
    """A bank holiday that the government's list does not have yet."""

    date: date
    name: str
    source: str = Field(description="Where it was announced.")
    reason: str | None = Field(None, description=REASON)


class DayRemoval(Closed):
    """A day that counts again."""

    date: date
    kind: str = Field(description="bank_holiday or closure.")
    reason: str = Field(description=REASON)


class FollowRequest(Closed):
    """Nothing but a reason is needed."""

    reason: str | None = Field(None, description=REASON)


class ExtendingCalendar(Open):
    """A calendar that extends an older version of this one."""

    key: str
    version: int
    extends_version: int | None


class CalendarChange(Open):
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
    extended_by: list[ExtendingCalendar] = Field(description="Calendars that still have to follow.")


class AuditEntry(Open):
    """One change: who made it, what it was, and its subject's checksum before and after."""

    id: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject: str
    before: str | None
    after: str | None
    request_id: str | None
    detail: dict[str, Any]


class AuditPage(Open):
    """Changes, newest first."""

    records: list[AuditEntry]
    next: str | None = Field(description="Send as `before` for the next page; null at the end.")
