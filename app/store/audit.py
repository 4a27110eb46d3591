"""The audit trail: a record is written with each change and read by page."""

from typing import cast

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.services.ports import AuditAction, AuditRecord, BadCursor, JsonObject, Page, SubjectKind, WriteContext
from app.store.tables import AuditRow, Publication
from app.store.transactions import COUNTER

CHANGES_ANSWERS: frozenset[AuditAction] = frozenset(
    {"profile.published", "profile.withdrawn", "calendar.published", "key.created", "key.expiry_set", "key.revoked"}
)


def append(
    session: Session,
    context: WriteContext,
    action: AuditAction,
    subject: str,
    *,
    before: str | None = None,
    after: str | None = None,
    detail: JsonObject | None = None,
) -> None:
    """Add the record of a change to the transaction that makes it. Writers run alone, so numbers have no gaps.

    A change of what answers also has to raise the counter that replicas look at. A trigger does; where the database has
    lost it we do, or a revoked key would stay valid on every other replica.
    """
    if action in CHANGES_ANSWERS:
        counted: int = session.execute(select(Publication.counter)).scalar_one()
        if counted == session.info[COUNTER]:
            counted += 1
            session.execute(update(Publication).values(counter=counted))
        session.info[COUNTER] = counted
    latest: int | None = session.scalar(select(func.max(AuditRow.id)))
    session.add(
        AuditRow(
            id=(latest or 0) + 1,
            at=context.at,
            actor=context.by,
            action=action,
            subject_kind=action.partition(".")[0],
            subject=subject,
            before=before,
            after=after,
            request_id=context.request_id,
            detail=detail or {},
        )
    )
    session.flush()


def page(session: Session, *, before: str | None, limit: int, subject: str | None) -> Page[AuditRecord]:
    """Return a page of records, newest first. Records are only added at the front, so a cursor stays valid."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit + 1)
    if before is not None:
        if not (before.isascii() and before.isdigit() and len(before) < 19):
            raise BadCursor(f"{before!r} is no place in the record of changes; take `next` of the page before")
        query = query.where(AuditRow.id < int(before))
    if subject is not None:
        query = query.where(AuditRow.subject == subject)
    rows = session.scalars(query).all()
    more = len(rows) > limit
    return Page(tuple(_record(row) for row in rows[:limit]), str(rows[limit - 1].id) if more else None)


def _record(row: AuditRow) -> AuditRecord:
    return AuditRecord(
        id=row.id,
        at=row.at,
        actor=row.actor,
        action=cast("AuditAction", row.action),
        subject_kind=cast("SubjectKind", row.subject_kind),
        subject=row.subject,
        before=row.before,
        after=row.after,
        request_id=row.request_id,
        detail=row.detail,
    )
