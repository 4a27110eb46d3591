"""Published versions of calendars."""

from typing import Any

from sqlalchemy import Connection, Row, func, select

from app.services.ports import NewCalendarVersion, StaleRevision, StoredCalendarVersion, WriteContext
from app.store import audit
from app.store.tables import calendar_version, find_row, insert_row


def publish(
    connection: Connection, new: NewCalendarVersion, *, expected_latest: int | None, context: WriteContext
) -> StoredCalendarVersion:
    """Add the next version of a key, if the newest is still the one that the caller worked from."""
    number = latest_version(connection, new.key)
    if (number or None) != expected_latest:
        raise StaleRevision("calendar", new.key, expected_latest, number or None)
    latest = find_row(connection, calendar_version, new.key, number)
    version = StoredCalendarVersion(
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
    insert_row(connection, calendar_version, version)
    audit.append(
        connection,
        context,
        "calendar.published",
        f"{new.key}/{version.version}",
        before=latest.checksum if latest else None,
        after=new.checksum,
        detail={"reason": new.reason},
    )
    return version


def load_all(connection: Connection) -> tuple[StoredCalendarVersion, ...]:
    """Load every version of every key, ordered by key and version."""
    # Ordered here and not by the database, whose collation is its own.
    rows = sorted(connection.execute(calendar_version.select()), key=lambda row: (row.key, row.version))
    return tuple(_record(row) for row in rows)


def latest_version(connection: Connection, key: str) -> int:
    """Return the number of the latest version, or 0 if there is none."""
    number: int | None = connection.scalar(
        select(func.max(calendar_version.c.version)).where(calendar_version.c.key == key)
    )
    return number or 0


def _record(row: Row[Any]) -> StoredCalendarVersion:
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
