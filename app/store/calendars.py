"""Published versions of calendars."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.ports import JsonObject, StaleRevision, StoredCalendarVersion, WriteContext
from app.store import audit
from app.store.tables import CalendarVersion


def publish(
    session: Session,
    key: str,
    *,
    expected_latest: int | None,
    document: JsonObject,
    checksum: str,
    extends: str | None,
    published_until: date | None,
    report: JsonObject | None,
    reason: str | None,
    context: WriteContext,
) -> StoredCalendarVersion:
    """Add the next version of a key, if the newest is still the one that the caller worked from."""
    number = latest_version(session, key)
    if (number or None) != expected_latest:
        raise StaleRevision("calendar", key, expected_latest, number or None)
    latest = session.get(CalendarVersion, (key, number))
    row = CalendarVersion(
        key=key,
        version=number + 1,
        document=document,
        checksum=checksum,
        extends=extends,
        published_until=published_until,
        published_at=context.at,
        published_by=context.by,
        reason=reason,
        report=report,
    )
    session.add(row)
    session.flush()
    audit.append(
        session,
        context,
        "calendar.published",
        f"{key}/{row.version}",
        before=latest.checksum if latest else None,
        after=checksum,
        detail={"reason": reason},
    )
    return _record(row)


def load_all(session: Session) -> tuple[StoredCalendarVersion, ...]:
    """Every version of every key, by key and version."""
    # Ordered here and not by the database, whose collation is its own.
    rows = sorted(session.scalars(select(CalendarVersion)), key=lambda row: (row.key, row.version))
    return tuple(_record(row) for row in rows)


def latest_version(session: Session, key: str) -> int:
    """The number of the newest version, 0 if there is none."""
    number: int | None = session.scalar(select(func.max(CalendarVersion.version)).where(CalendarVersion.key == key))
    return number or 0


def _record(row: CalendarVersion) -> StoredCalendarVersion:
    return StoredCalendarVersion(
        key=row.key,
        version=row.version,
        document=row.document,
        checksum=row.checksum,
        extends=row.extends,
        published_until=row.published_until,
        published_at=row.published_at,
        published_by=row.published_by,
        reason=row.reason,
        report=row.report,
    )
