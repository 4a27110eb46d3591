"""Create, read, change and compare drafts. A draft that was read whole is stored however faulty it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.documents.reader import KEY_REMEDY, is_key
from app.profiles.document import FORMAT
from app.services.calculation.response import Json
from app.services.catalogue import find_version
from app.services.ports import Draft, DraftContent, DraftSummary, JsonObject, NotFound, StaleRevision, WriteContext
from app.services.publishing.differences import differences
from app.services.publishing.profile_file import ProfileFile, SentFile
from app.services.publishing.request import DraftCreate, DraftReplace, SendBackRequest
from app.services.publishing.storable_document import read_document
from app.services.publishing.validation import Validation, validate
from app.services.snapshot.checksum import digest
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import ProfileVersion, PublishedProfile, Snapshot
from app.services.validation import Faults
from app.services.zone import LONDON

MAX_RECORDS = 50
"""In how many of a draft's latest changes its last comment is looked for."""


@dataclass(frozen=True, slots=True)
class ValidatedDraft:
    """A draft and its validation against the versions published now."""

    draft: Draft
    validation: Validation

    def as_json(self) -> Json:
        """Return the draft in the contract's form."""
        return {**describe_draft(self.draft), "document": self.draft.document, "validation": self.validation.as_json()}


def describe_draft(draft: DraftSummary) -> Json:
    """Return a draft without its document."""
    return {
        "id": draft.id,
        "key": draft.key,
        "revision": draft.revision,
        "base_version": draft.base_version,
        "checksum": draft.checksum,
        "created_at": draft.created_at.isoformat(),
        "created_by": draft.created_by,
        "updated_at": draft.updated_at.isoformat(),
        "updated_by": draft.updated_by,
        "authors": list(draft.authors),
        "published_version": draft.published_version,
        "sent_back": describe_sending_back(draft),
    }


def describe_sending_back(draft: DraftSummary) -> Json | None:
    """Return who sent a draft back, when, and with which comment; None where nobody did since it was last written."""
    if draft.sent_back_at is None:
        return None
    return {
        "at": draft.sent_back_at.isoformat(),
        "by": draft.sent_back_by,
        "comment": draft.sent_back_comment,
    }


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wanted changed when a draft was sent back."""

    at: datetime
    by: str
    text: str


def last_comment(holder: SnapshotHolder, draft: DraftSummary) -> Comment | None:
    """Return the last comment with which a draft was sent back, also where it was replaced since; None: never."""
    if draft.sent_back_at is not None:
        return Comment(draft.sent_back_at, str(draft.sent_back_by), str(draft.sent_back_comment))
    records = holder.store.list_audit(subject=draft.id, limit=MAX_RECORDS).items if draft.revision > 1 else ()
    sent_back = (each for each in records if each.action == "draft.sent_back")
    return next((Comment(each.at, each.actor, str(each.detail.get("comment", ""))) for each in sent_back), None)


def create_draft(holder: SnapshotHolder, key: str, request: DraftCreate, context: WriteContext) -> ValidatedDraft:
    """Store a new draft of a key: the document sent, or a copy of the version that it starts from. Raises Problem."""
    base = _base_of_new(holder, key, request.base_version)
    faults = Faults()
    if request.document is None:
        if base is None:
            faults.add("document", "there is no version of this key to copy", "send the document")
            faults.raise_any()
        document = base.record.document if base is not None else {}
    else:
        document = read_document(request.document)
    return _store_new(holder, key, ProfileFile(document), base, context)


def create_draft_from_file(holder: SnapshotHolder, key: str, sent: SentFile, context: WriteContext) -> ValidatedDraft:
    """Store the document of a file as a new draft of a key. Raises Problem where the file cannot be read."""
    base = _base_of_new(holder, key, None)
    file = sent.read(head_of(holder.snapshot, key))
    file.require_document()
    return _store_new(holder, key, file, base, context)


def head_of(snapshot: Snapshot, key: str | None) -> JsonObject:
    """Return what a sheet of rules alone lacks, from the latest version of its key; of a new key, what is certain."""
    latest = snapshot.latest_version(key) if key else None
    if latest is not None:
        return latest.record.document
    return {"format": FORMAT, **({"key": key} if key else {})}


def _base_of_new(holder: SnapshotHolder, key: str, number: int | None) -> PublishedProfile | None:
    """Return the version that a new draft starts from: the one named, else the latest, if there is one."""
    faults = Faults()
    if not is_key(key):
        faults.add("key", "this is no profile's key", KEY_REMEDY, key)
        faults.raise_any()
    holder.refresh()
    named = None if number is None else holder.snapshot.published_version(key, number)
    if number is not None and named is None:
        faults.add("base_version", f"{key} has no such version", "name a published version, or leave it out", number)
    faults.raise_any()
    return named or holder.snapshot.latest_version(key)


def _store_new(
    holder: SnapshotHolder, key: str, file: ProfileFile, base: PublishedProfile | None, context: WriteContext
) -> ValidatedDraft:
    document = file.require_document()
    draft = holder.store.create_draft(
        key,
        DraftContent(document, digest(document)),
        base_version=base.version if base is not None else None,
        context=context,
    )
    return ValidatedDraft(draft, file.validate(holder.snapshot, key))


def replace_draft(
    holder: SnapshotHolder,
    key: str,
    draft_id: str,
    file: ProfileFile,
    expected_revision: int | None,
    context: WriteContext,
) -> ValidatedDraft:
    """Replace the document of a draft; `expected_revision` None means whichever it is at."""
    holder.refresh()
    document = file.require_document()
    current = load_draft(holder, key, draft_id)
    draft = holder.store.replace_draft(
        draft_id,
        DraftContent(document, digest(document)),
        expected_revision=current.revision if expected_revision is None else expected_revision,
        context=context,
    )
    return ValidatedDraft(draft, file.validate(holder.snapshot, key))


def replace_draft_from_file(
    holder: SnapshotHolder,
    key: str,
    draft_id: str,
    sent: SentFile,
    expected_revision: int | None,
    context: WriteContext,
) -> ValidatedDraft:
    """Replace the document of a draft by that of a file; a sheet of rules alone replaces the rules."""
    file = sent.read(load_draft(holder, key, draft_id).document)
    return replace_draft(holder, key, draft_id, file, expected_revision, context)


def read_draft(holder: SnapshotHolder, key: str, draft_id: str) -> ValidatedDraft:
    """Return a draft of this key, validated again. Raises NotFound, also if it is of another key."""
    draft = load_draft(holder, key, draft_id)
    return ValidatedDraft(draft, validate(draft.document, holder.snapshot, key))


def load_draft(holder: SnapshotHolder, key: str, draft_id: str) -> Draft:
    """Return the record alone. Raises NotFound."""
    draft = holder.store.get_draft(draft_id)
    if draft.key != key:
        raise NotFound("draft", draft_id)
    return draft


def list_drafts(holder: SnapshotHolder, keys: Collection[str] | None, after: str | None, limit: int) -> Json:
    """Return a page of unpublished drafts of these keys (None: of every key), oldest first."""
    page = holder.store.list_drafts(keys=keys, after=after, limit=limit)
    return {"drafts": [describe_draft(draft) for draft in page.items], "next": page.next}


def delete_draft(
    holder: SnapshotHolder, key: str, draft_id: str, expected_revision: int | None, context: WriteContext
) -> None:
    """Delete an unpublished draft."""
    current = load_draft(holder, key, draft_id)
    holder.store.delete_draft(
        draft_id,
        expected_revision=current.revision if expected_revision is None else expected_revision,
        context=context,
    )


def validate_unsaved(request: DraftReplace, snapshot: Snapshot) -> Json:
    """Validate a document without storing it."""
    return validate(read_document(request.document), snapshot).as_json()


def send_back_draft(
    holder: SnapshotHolder,
    key: str,
    draft_id: str,
    request: SendBackRequest,
    expected_revision: int | None,
    context: WriteContext,
) -> Json:
    """Send a draft back to its authors with a comment: it cannot be published until one of them replaces it."""
    current = load_draft(holder, key, draft_id)
    draft = holder.store.send_back_draft(
        draft_id,
        request.comment,
        expected_revision=current.revision if expected_revision is None else expected_revision,
        context=context,
    )
    return describe_draft(draft)


def draft_diff(holder: SnapshotHolder, key: str, draft_id: str, against: int | None, context: WriteContext) -> Json:
    """Return what a draft changes against a version: the one named, else the one in force today, else the latest."""
    written = read_draft(holder, key, draft_id)
    snapshot = holder.snapshot
    if against is not None:
        base: ProfileVersion | None = find_version(snapshot, key, against)
    else:
        today = context.at.astimezone(LONDON).date()
        base = snapshot.profile_in_force(key, today) or snapshot.latest_profile(key)
    old: Mapping[str, object] = base.record.resolved if base is not None else {}
    return {
        "key": key,
        "from": base.version if base is not None else None,
        "draft": draft_id,
        "revision": written.draft.revision,
        "valid": written.validation.valid,
        **differences(old, written.validation.resolved, base.profile if base else None, written.validation.profile),
    }


def version_diff(snapshot: Snapshot, key: str, first: int, second: int) -> Json:
    """Return what one published version of a key changed against another. Raises Problem."""
    old, new = find_version(snapshot, key, first, "from"), find_version(snapshot, key, second, "to")
    return {
        "key": key,
        "from": old.version,
        "to": new.version,
        **differences(old.record.resolved, new.record.resolved, old.profile, new.profile),
    }


def require_revision(draft: Draft, expected: int | None) -> Draft:
    """Return the draft if it is at the revision that its writer expects. Raises StaleRevision."""
    if expected is not None and draft.revision != expected:
        raise StaleRevision("draft", draft.id, expected, draft.revision)
    return draft
