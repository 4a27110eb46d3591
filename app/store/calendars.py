"""Published versions of calendars."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.ports import NewCalendarVersion, StaleRevision, StoredCalendarVersion, WriteContext
from app.store import audit
from app.store.tables import CalendarVersion


def publish(
    session: Session, new: NewCalendarVersion, *, expected_latest: int | None, context: WriteContext
) -> StoredCalendarVersion:
    """Add the next version of a key, if the newest is still the one that the caller worked from."""
    number = latest_version(session, new.key)
    if (number or None) != expected_latest:
        raise StaleRevision("calendar", new.key, expected_latest, number or None)
    latest = session.get(CalendarVersion, (new.key, number))
    row = CalendarVersion(
        key=new.key,
        version=number + 1,
        document=new.document,
        checksum=new.checksum,
        extends=new.extends,
        published_until=new.published_until,
        published_at=context.at,
        published_by=context.by,
        reason=new.reason,
        report=new.report,
    )
    session.add(row)
    session.flush()
    audit.append(
        session,
        context,
        "calendar.published",
        f"{new.key}/{row.version}",
        before=latest.checksum if latest else None,
        after=new.checksum,
        detail={"reason": new.reason},
    )
    return _record(row)


def load_all(session: Session) -> tuple[StoredCalendarVersion, ...]:
    """Load every version of every key, ordered by key and version."""
    # Ordered here and not by the database, whose collation is its own.
    rows = sorted(session.scalars(select(CalendarVersion)), key=lambda row: (row.key, row.version))
    return tuple(_record(row) for row in rows)


def latest_version(session: Session, key: str) -> int:
    """Return the number of the latest version, or 0 if there is none."""
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
