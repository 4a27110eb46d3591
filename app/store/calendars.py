"""Published versions of calendars."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, Text, cast, func, select

from app.services.ports import NewCalendarVersion, StaleRevision, StoredCalendarVersion, WriteContext
from app.services.ports.packed import pack_text
from app.store import audit
from app.store.tables import calendar_version, find_row, insert_row, read_texts, without

_LIGHT = select(*without(calendar_version, "document", "report"))
_DOCUMENT, _REPORT = cast(calendar_version.c.document, Text), cast(calendar_version.c.report, Text)


def publish(
    connection: Connection, new: NewCalendarVersion, *, expected_latest: int | None, context: WriteContext
) -> StoredCalendarVersion:
    """Add the next version of a key, if the newest is still the one that the caller worked from."""
    number = latest_version(connection, new.key)
    if (number or None) != expected_latest:
        raise StaleRevision("calendar", new.key, expected_latest, number or None)
    latest = find_row(connection, calendar_version, new.key, number)
    version = new.as_stored(number + 1, at=context.at, by=context.by)
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


def load_all(
    connection: Connection, already: Mapping[tuple[str, int], StoredCalendarVersion]
) -> tuple[StoredCalendarVersion, ...]:
    """Load every version of every key, ordered by key and version; the documents of those read already are theirs."""
    # Ordered here and not by the database, whose collation is its own.
    rows = sorted(connection.execute(_LIGHT), key=lambda row: (row.key, row.version))
    packed = {name: (each.packed, each.packed_report) for name, each in already.items()}
    missing = [(row.key, row.version) for row in rows if (row.key, row.version) not in packed]
    for name, (document, report) in read_texts(connection, calendar_version, missing, _DOCUMENT, _REPORT):
        packed[name] = pack_text(document), None if report is None else pack_text(report)
    return tuple(_record(row, *packed[row.key, row.version]) for row in rows)


def latest_version(connection: Connection, key: str) -> int:
    """Return the number of the latest version, or 0 if there is none."""
    number: int | None = connection.scalar(
        select(func.max(calendar_version.c.version)).where(calendar_version.c.key == key)
    )
    return number or 0


def _record(row: Row[Any], packed: bytes, packed_report: bytes | None) -> StoredCalendarVersion:
    return StoredCalendarVersion(
        key=row.key,
        version=row.version,
        packed=packed,
        checksum=row.checksum,
        extends=row.extends,
        published_until=row.published_until,
        published_at=row.published_at,
        published_by=row.published_by,
        reason=row.reason,
        packed_report=packed_report,
    )
