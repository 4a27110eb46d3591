"""The audit trail: a record is written with each change and read by page."""

from typing import Any, cast

from sqlalchemy import Connection, Row, func, select

from app.services.ports import AuditAction, AuditRecord, BadCursor, JsonObject, Page, SubjectKind, WriteContext
from app.store.tables import audit_record, publication
from app.store.transactions import COUNTER

CHANGES_ANSWERS: frozenset[AuditAction] = frozenset(
    {"profile.published", "profile.withdrawn", "calendar.published", "key.created", "key.expiry_set", "key.revoked"}
)


def append(
    connection: Connection,
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
        counted: int = connection.execute(select(publication.c.counter)).scalar_one()
        if counted == connection.info[COUNTER]:
            counted += 1
            connection.execute(publication.update().values(counter=counted))
        connection.info[COUNTER] = counted
    latest: int | None = connection.scalar(select(func.max(audit_record.c.id)))
    connection.execute(
        audit_record.insert().values(
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


def page(connection: Connection, *, before: str | None, limit: int, subject: str | None) -> Page[AuditRecord]:
    """Return a page of records, newest first. Records are only added at the front, so a cursor stays valid."""
    query = audit_record.select().order_by(audit_record.c.id.desc()).limit(limit + 1)
    if before is not None:
        if not (before.isascii() and before.isdigit() and len(before) < 19):
            raise BadCursor("before", before, "the record of changes")
        query = query.where(audit_record.c.id < int(before))
    if subject is not None:
        query = query.where(audit_record.c.subject == subject)
    rows = connection.execute(query).all()
    more = len(rows) > limit
    return Page(tuple(_record(row) for row in rows[:limit]), str(rows[limit - 1].id) if more else None)


def _record(row: Row[Any]) -> AuditRecord:
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
