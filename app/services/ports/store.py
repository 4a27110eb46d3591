"""The operations that the service layer needs from its store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from app.services.ports.errors import StoreUnavailable
from app.services.ports.records import (
    AlreadyRead,
    ApiKeyRecord,
    AuditRecord,
    Draft,
    DraftContent,
    DraftSummary,
    JsonObject,
    LoadReport,
    NewCalendarVersion,
    NewProfileVersion,
    Page,
    Proposal,
    ProposalAction,
    StoredCalendarVersion,
    StoredProfileVersion,
    StoredState,
    WriteContext,
)


class Store(Protocol):
    """Stores versions, drafts, API keys and the record of every change.

    Every operation is one transaction, all of it or nothing, and raises `StoreUnavailable` if the database cannot be
    used. Every write appends one `AuditRecord` for each thing that it changes, in the same transaction. No operation
    reads a clock: the caller gives the time.
    """

    def verify(self) -> None:
        """Check that the database can be trusted with records. Raises `SchemaMismatch`, which names what is missing."""

    def write_failure(self) -> StoreUnavailable | None:
        """Return why this process's last write failed, None if it succeeded or was long ago. Asks no database."""

    def state_token(self) -> str:
        """Return a token that changes whenever `load_everything` would return something else; one cheap query."""

    def load_everything(self, already: AlreadyRead = ...) -> StoredState:
        """Return all that answers requests, as of one moment: never half of a publication.

        Of the versions that were read `already` it reads everything but their documents, which are taken from there.
        """

    def create_draft(
        self, key: str, content: DraftContent, *, base_version: int | None, context: WriteContext
    ) -> Draft:
        """Store a new draft, at revision 1. Raises `NotFound` if the key has no `base_version`."""

    def replace_draft(
        self, draft_id: str, content: DraftContent, *, expected_revision: int, context: WriteContext
    ) -> Draft:
        """Replace the document of a draft. Raises `NotFound`, `StaleRevision`, `AlreadyPublished`."""

    def get_draft(self, draft_id: str) -> Draft:
        """Return a draft, also if it was published. Raises `NotFound`."""

    def list_drafts(
        self, *, keys: Collection[str] | None = None, after: str | None = None, limit: int = 50
    ) -> Page[DraftSummary]:
        """Return unpublished drafts, oldest first; only those of `keys`, unless None. Raises `BadCursor`."""

    def delete_draft(self, draft_id: str, *, expected_revision: int, context: WriteContext) -> None:
        """Delete an unpublished draft. Raises `NotFound`, `StaleRevision`, `AlreadyPublished`."""

    def send_back_draft(
        self, draft_id: str, comment: str, *, expected_revision: int, context: WriteContext
    ) -> DraftSummary:
        """Mark a draft as sent back, until it is replaced. Raises `NotFound`, `StaleRevision`, `AlreadyPublished`."""

    def publish_profile(
        self, draft_id: str, version: NewProfileVersion, *, expected_revision: int, context: WriteContext
    ) -> StoredProfileVersion:
        """Publish a draft as the next version of its key.

        If two callers publish the same draft at once, one succeeds and the other gets `AlreadyPublished`. Also raises
        `NotFound` (the draft, or the version it is based on), `StaleRevision`, and ValueError if `version` is of
        another key than the draft.
        """

    def withdraw_profile(self, key: str, version: int, *, reason: str, context: WriteContext) -> StoredProfileVersion:
        """End a version's force for good; it stays readable. Raises `NotFound`; `Conflict` if already withdrawn."""

    def publish_calendar_version(
        self, version: NewCalendarVersion, *, expected_latest: int | None, context: WriteContext
    ) -> StoredCalendarVersion:
        """Publish the version after `expected_latest` (None: the key is new). Raises `StaleRevision`."""

    def create_proposal(
        self, key: str, action: ProposalAction, request: JsonObject, *, context: WriteContext
    ) -> Proposal:
        """Store a change that waits for a second person. Raises `Conflict` if too many of the key wait already."""

    def get_proposal(self, proposal_id: str) -> Proposal:
        """Return a change that waits. Raises `NotFound`."""

    def list_proposals(self, key: str) -> tuple[Proposal, ...]:
        """Return the changes of a key that wait, oldest first."""

    def close_proposal(self, proposal_id: str, *, approved: bool, context: WriteContext) -> None:
        """Remove a change that was carried out, or that is not to be. Raises `NotFound`."""

    def create_key(self, key: ApiKeyRecord, *, context: WriteContext) -> ApiKeyRecord:
        """Store a new API key. Raises `Conflict` if its id, hash or name is taken."""

    def list_keys(self) -> tuple[ApiKeyRecord, ...]:
        """Return every API key ever made, oldest first."""

    def expire_key(self, key_id: str, *, expires_at: datetime | None, context: WriteContext) -> ApiKeyRecord:
        """Set when an API key expires, None for never. Raises `NotFound`; `Conflict` if it was revoked."""

    def revoke_key(self, key_id: str, *, context: WriteContext) -> ApiKeyRecord:
        """Revoke an API key for good. Raises `NotFound`; `Conflict` if already revoked."""

    def list_audit(
        self, *, before: str | None = None, limit: int = 50, subject: str | None = None
    ) -> Page[AuditRecord]:
        """Return changes, newest first; `subject` as the records name it (`swindon/2`). Raises `BadCursor`."""

    def load_packaged(
        self,
        profiles: Sequence[NewProfileVersion],
        calendars: Sequence[NewCalendarVersion],
        *,
        at: datetime,
        application_version: str,
        take_over: Collection[str] = (),
    ) -> LoadReport:
        """Publish each packaged document whose checksum its key does not have yet.

        A key belongs to the package until somebody else publishes or withdraws a version of it. From then on a changed
        packaged document is held back, and reported, unless the key is in `take_over`.
        """
