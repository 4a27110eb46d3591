"""Drafts of profile versions."""

import dataclasses
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, func, literal, select, tuple_

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
from app.store.tables import change_row, delete_row, draft, find_row, insert_row, profile_version

MAX_DRAFTS = 100


def create(
    connection: Connection, key: str, content: DraftContent, *, base_version: int | None, context: WriteContext
) -> Draft:
    """Store a new draft under a random id. Raises Conflict where too many of its key are unpublished."""
    open_drafts = select(func.count()).select_from(draft).where(draft.c.key == key)
    waiting = connection.scalar(open_drafts.where(draft.c.published_version.is_(None))) or 0
    if waiting >= MAX_DRAFTS:
        raise Conflict(f"{waiting} drafts of {key} are open already; publish or delete some of them first")
    if base_version is not None and find_row(connection, profile_version, key, base_version) is None:
        raise NotFound("profile version", f"{key}/{base_version}")
    made = Draft(
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
    insert_row(connection, draft, made)
    audit.append(connection, context, "draft.created", made.id, after=content.checksum, detail={"key": key})
    return made


def replace(
    connection: Connection, draft_id: str, content: DraftContent, *, expected_revision: int, context: WriteContext
) -> Draft:
    """Replace the document of a draft."""
    row = unpublished(connection, draft_id, expected_revision)
    changes: dict[str, Any] = {
        "document": content.document,
        "checksum": content.checksum,
        "revision": row.revision + 1,
        "updated_at": context.at,
        "updated_by": context.by,
        "authors": row.authors if context.by in row.authors else (*row.authors, context.by),
        "sent_back_at": None,
        "sent_back_by": None,
        "sent_back_comment": None,
    }
    change_row(connection, draft, draft_id, **changes)
    audit.append(
        connection,
        context,
        "draft.replaced",
        draft_id,
        before=row.checksum,
        after=content.checksum,
        detail={"key": row.key, "revision": changes["revision"]},
    )
    return dataclasses.replace(as_record(row), **changes)


def send_back(
    connection: Connection, draft_id: str, comment: str, *, expected_revision: int, context: WriteContext
) -> DraftSummary:
    """Mark a draft as sent back. Its revision stays: nobody wrote it."""
    row = unpublished(connection, draft_id, expected_revision)
    marks = {"sent_back_at": context.at, "sent_back_by": context.by, "sent_back_comment": comment}
    change_row(connection, draft, draft_id, **marks)
    detail = {"key": row.key, "revision": row.revision, "comment": comment}
    audit.append(
        connection, context, "draft.sent_back", draft_id, before=row.checksum, after=row.checksum, detail=detail
    )
    return DraftSummary(**{**_summary(row), **marks})


def get(connection: Connection, draft_id: str) -> Draft:
    """Return a draft, even one that was published."""
    row = find_row(connection, draft, draft_id)
    if row is None:
        raise NotFound("draft", draft_id)
    return as_record(row)


def delete(connection: Connection, draft_id: str, *, expected_revision: int, context: WriteContext) -> None:
    """Delete an unpublished draft."""
    row = unpublished(connection, draft_id, expected_revision)
    delete_row(connection, draft, draft_id)
    audit.append(connection, context, "draft.deleted", draft_id, before=row.checksum, detail={"key": row.key})


def page(connection: Connection, *, keys: Collection[str] | None, after: str | None, limit: int) -> Page[DraftSummary]:
    """Return a page of unpublished drafts, oldest first. A cursor stays valid if its draft is deleted.

    Without their documents, of which two hundred may be two hundred megabytes.
    """
    query = (
        select(*(draft.c[each.name] for each in dataclasses.fields(DraftSummary)))
        .where(draft.c.published_version.is_(None))
        .order_by(draft.c.created_at, draft.c.id)
        .limit(limit + 1)
    )
    if keys is not None:
        query = query.where(draft.c.key.in_(sorted(keys)))
    if after is not None:
        moment, draft_id = _place(after)
        query = query.where(
            tuple_(draft.c.created_at, draft.c.id) > tuple_(literal(moment, Instant()), literal(draft_id))
        )
    rows = connection.execute(query).all()
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(
        tuple(DraftSummary(**_summary(row)) for row in rows[:limit]),
        f"{last.created_at.isoformat()}~{last.id}" if last else None,
    )


def unpublished(connection: Connection, draft_id: str, expected_revision: int) -> Row[Any]:
    """Return an unpublished draft at the expected revision.

    Raises `NotFound`, `AlreadyPublished` or `StaleRevision`.
    """
    row = find_row(connection, draft, draft_id)
    if row is None:
        raise NotFound("draft", draft_id)
    if row.published_version is not None:
        raise AlreadyPublished(draft_id, row.key, row.published_version)
    if row.revision != expected_revision:
        raise StaleRevision("draft", draft_id, expected_revision, row.revision)
    return row


def as_record(row: Row[Any]) -> Draft:
    """Convert a row to the service layer's record."""
    return Draft(**_summary(row), document=row.document)


def _summary(row: Row[Any]) -> dict[str, Any]:
    return {each.name: getattr(row, each.name) for each in dataclasses.fields(DraftSummary)}


def _place(cursor: str) -> tuple[datetime, str]:
    moment, _, draft_id = cursor.partition("~")
    try:
        # In UTC here: the first and the last year that can be written have hours that cannot.
        at = datetime.fromisoformat(moment).astimezone(UTC) if "+" in moment or "-" in moment[10:] else None
    except (ValueError, OverflowError):
        at = None
    if at is None or not draft_id or not draft_id.isprintable():
        raise BadCursor("after", cursor, "the list of drafts")
    return at, draft_id
