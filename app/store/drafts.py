"""Drafts of profile versions."""

from collections.abc import Collection
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.orm import Session, defer

from app.services.ports import (
    AlreadyPublished,
    BadCursor,
    Conflict,
    Draft,
    DraftContent,
    DraftSummary,
    NotFound,
    Page,
    StaleRevision,
    WriteContext,
)
from app.store import audit
from app.store.columns import Instant
from app.store.tables import DraftRow, ProfileVersion

MAX_DRAFTS = 100


def create(
    session: Session, key: str, content: DraftContent, *, base_version: int | None, context: WriteContext
) -> Draft:
    """Store a new draft under a random id. Raises Conflict where too many of its key are unpublished."""
    open_drafts = select(func.count()).select_from(DraftRow).where(DraftRow.key == key)
    waiting = session.scalar(open_drafts.where(DraftRow.published_version.is_(None))) or 0
    if waiting >= MAX_DRAFTS:
        raise Conflict(f"{waiting} drafts of {key} are open already; publish or delete some of them first")
    if base_version is not None and session.get(ProfileVersion, (key, base_version)) is None:
        raise NotFound("profile version", f"{key}/{base_version}")
    row = DraftRow(
        id=str(uuid4()),
        key=key,
        document=content.document,
        checksum=content.checksum,
        revision=1,
        base_version=base_version,
        created_at=context.at,
        created_by=context.by,
        updated_at=context.at,
        updated_by=context.by,
        authors=(context.by,),
    )
    session.add(row)
    session.flush()
    audit.append(session, context, "draft.created", row.id, after=content.checksum, detail={"key": key})
    return as_record(row)


def replace(
    session: Session, draft_id: str, content: DraftContent, *, expected_revision: int, context: WriteContext
) -> Draft:
    """Replace the document of a draft."""
    row = unpublished(session, draft_id, expected_revision)
    before = row.checksum
    row.document = content.document
    row.checksum = content.checksum
    row.revision += 1
    row.updated_at = context.at
    row.updated_by = context.by
    row.sent_back_at = row.sent_back_by = row.sent_back_comment = None
    if context.by not in row.authors:
        row.authors = (*row.authors, context.by)
    session.flush()
    audit.append(
        session,
        context,
        "draft.replaced",
        draft_id,
        before=before,
        after=content.checksum,
        detail={"key": row.key, "revision": row.revision},
    )
    return as_record(row)


def send_back(
    session: Session, draft_id: str, comment: str, *, expected_revision: int, context: WriteContext
) -> DraftSummary:
    """Mark a draft as sent back. Its revision stays: nobody wrote it."""
    row = unpublished(session, draft_id, expected_revision)
    row.sent_back_at, row.sent_back_by, row.sent_back_comment = context.at, context.by, comment
    session.flush()
    detail = {"key": row.key, "revision": row.revision, "comment": comment}
    audit.append(session, context, "draft.sent_back", draft_id, before=row.checksum, after=row.checksum, detail=detail)
    return DraftSummary(**_summary(row))


def get(session: Session, draft_id: str) -> Draft:
    """Return a draft, even one that was published."""
    row = session.get(DraftRow, draft_id)
    if row is None:
        raise NotFound("draft", draft_id)
    return as_record(row)


def delete(session: Session, draft_id: str, *, expected_revision: int, context: WriteContext) -> None:
    """Delete an unpublished draft."""
    row = unpublished(session, draft_id, expected_revision)
    session.delete(row)
    session.flush()
    audit.append(session, context, "draft.deleted", draft_id, before=row.checksum, detail={"key": row.key})


def page(session: Session, *, keys: Collection[str] | None, after: str | None, limit: int) -> Page[DraftSummary]:
    """Return a page of unpublished drafts, oldest first. A cursor stays valid if its draft is deleted.

    Without their documents, of which two hundred may be two hundred megabytes.
    """
    query = (
        select(DraftRow)
        .options(defer(DraftRow.document, raiseload=True))
        .where(DraftRow.published_version.is_(None))
        .order_by(DraftRow.created_at, DraftRow.id)
        .limit(limit + 1)
    )
    if keys is not None:
        query = query.where(DraftRow.key.in_(sorted(keys)))
    if after is not None:
        moment, draft_id = _place(after)
        query = query.where(
            tuple_(DraftRow.created_at, DraftRow.id) > tuple_(literal(moment, Instant()), literal(draft_id))
        )
    rows = session.scalars(query).all()
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(
        tuple(DraftSummary(**_summary(row)) for row in rows[:limit]),
        f"{last.created_at.isoformat()}~{last.id}" if last else None,
    )


def unpublished(session: Session, draft_id: str, expected_revision: int) -> DraftRow:
    """Return an unpublished draft at the expected revision.

    Raises `NotFound`, `AlreadyPublished` or `StaleRevision`.
    """
    row = session.get(DraftRow, draft_id)
    if row is None:
        raise NotFound("draft", draft_id)
    if row.published_version is not None:
        raise AlreadyPublished(draft_id, row.key, row.published_version)
    if row.revision != expected_revision:
        raise StaleRevision("draft", draft_id, expected_revision, row.revision)
    return row


def as_record(row: DraftRow) -> Draft:
    """Convert a row to the service layer's record."""
    return Draft(**_summary(row), document=row.document)


def _summary(row: DraftRow) -> dict[str, Any]:
    return {each.name: getattr(row, each.name) for each in fields(DraftSummary)}


def _place(cursor: str) -> tuple[datetime, str]:
    moment, _, draft_id = cursor.partition("~")
    try:
        # In UTC here: the first and the last year that can be written have hours that cannot.
        at = datetime.fromisoformat(moment).astimezone(UTC) if "+" in moment or "-" in moment[10:] else None
    except (ValueError, OverflowError):
        at = None
    if at is None or not draft_id or not draft_id.isprintable():
        raise BadCursor(f"{cursor!r} is no place in the list of drafts; take `next` of the page before")
    return at, draft_id
