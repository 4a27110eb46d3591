"""Drafts, publications, changes of calendars and the record of changes."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from app.api.schemas.calendar_changes import CalendarChange
from app.api.schemas.catalogue import VersionRef
from app.api.schemas.common import Answer, FileLocation, Instant
from app.services.problems import MAX_FAULTS

REASON = "Why; kept for ever and shown."


class DocumentFault(FileLocation):
    """One fault of a document."""

    path: str = Field(
        description="Where in the document it is; (document) for the whole.", min_length=1, examples=["rules[3].timing"]
    )
    message: str
    remedy: str
    nearest: list[str] = Field([], description="The nearest known names.")
    rule: str | None = Field(None, description="The rule that contains it.")


class ValidationAnswer(Answer):
    """What was found of a document: every fault at once."""

    valid: bool = Field(description="Whether it may be published.")
    errors: list[DocumentFault]
    warnings: list[DocumentFault] = Field(description="What does not stand in the way of publishing.")
    omitted: int = Field(description=f"How many more were found: at most {MAX_FAULTS} of each are listed.")
    checksum: str | None = Field(description="Of the whole document, what it is based on filled in.")
    based_on: VersionRef | None
    rules: int | None


class SendingBack(Answer):
    """That a draft was not published but sent back."""

    at: Instant
    by: str
    comment: str = Field(description="What is to be changed.")


class DraftSummary(Answer):
    """A draft without its document."""

    id: str
    key: str
    revision: int = Field(description="Rises with each replacement; the ETag.")
    base_version: int | None = Field(description="The version that it was begun from.")
    checksum: str
    created_at: Instant
    created_by: str
    updated_at: Instant
    updated_by: str
    authors: list[str]
    published_version: int | None
    sent_back: SendingBack | None = Field(description="Null: not since it was last written.")


class DraftAnswer(DraftSummary):
    """A draft, its document, and what is wrong with it."""

    document: dict[str, Any]
    validation: ValidationAnswer


class DraftList(Answer):
    """Unpublished drafts of one key, oldest first."""

    drafts: list[DraftSummary]
    next: str | None = Field(description="Send as `after` for the next page; null at the end.")


class Publication(Answer):
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
    published_at: Instant
    published_by: str
    reason: str | None
    based_on: VersionRef | None
    warnings: list[str]


class Withdrawal(Answer):
    """A version whose force was ended, described as the catalogue describes it."""

    key: str
    version: int
    title: str | None = None
    checksum: str | None = None
    in_force_from: date | None = None
    in_force_to: date | None = None
    has_force: bool | None = None
    published_at: Instant | None = None
    published_by: str | None = None
    reason: str | None = None
    based_on: VersionRef | None = None
    withdrawn_at: Instant
    withdrawn_by: str
    withdrawn_reason: str
    answering_today: int | None = Field(description="The version that answers for today now.")


class FieldChange(Answer):
    """One field before and after."""

    field: str
    before: Any
    after: Any


class RuleNamed(Answer):
    """A rule that one side has."""

    rule: str
    duty: str | None
    title: str | None
    timing: str | None = Field(description="In plain words.")


class RuleChange(RuleNamed):
    """A rule that both sides have, differently."""

    timing_before: str | None
    fields: list[FieldChange]


class Difference(Answer):
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


class ProposalAnswer(Answer):
    """A change that waits for a second person."""

    id: str
    key: str = Field(description="The profile's or calendar's.")
    action: str = Field(description="The operation requested, such as add_bank_holiday.")
    request: dict[str, Any] = Field(description="What was sent; it is carried out as it is.")
    version: int | None = Field(description="The version that it was meant for, or that is to be withdrawn.")
    reason: str | None
    proposed_by: str
    proposed_at: Instant


class ProposalList(Answer):
    """The changes of a key that wait."""

    proposals: list[ProposalAnswer]


class ProposalPreview(ProposalAnswer):
    """A change that waits, and what it would change now."""

    preview: CalendarChange | None = Field(description="Null for a withdrawal.")


class Approval(ProposalAnswer):
    """A change that was carried out."""

    approved_by: str
    outcome: dict[str, Any] = Field(description="As the operation requested answers.")


class AuditEntry(Answer):
    """One change: who made it, what it was, and its subject's checksum before and after."""

    id: int
    at: Instant
    actor: str
    action: str
    subject_kind: str
    subject: str
    before: str | None
    after: str | None
    request_id: str | None
    detail: dict[str, Any]


class AuditPage(Answer):
    """Changes, newest first."""

    records: list[AuditEntry]
    next: str | None = Field(description="Send as `before` for the next page; null at the end.")
