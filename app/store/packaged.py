"""Publish the packaged profiles and calendars into the store."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import Connection, or_, select

from app.services.ports import (
    PACKAGE,
    LoadReport,
    NewCalendarVersion,
    NewProfileVersion,
    PackagedOutcome,
    WriteContext,
)
from app.store import calendars, profiles
from app.store.tables import calendar_version, profile_version


def pending(
    connection: Connection,
    packaged_profiles: Sequence[NewProfileVersion],
    packaged_calendars: Sequence[NewCalendarVersion],
) -> bool:
    """Return True if any packaged document is not stored yet."""
    return any(_version_of_calendar(connection, each) is None for each in packaged_calendars) or any(
        _version_of_profile(connection, each) is None for each in packaged_profiles
    )


def load(
    connection: Connection,
    packaged_profiles: Sequence[NewProfileVersion],
    packaged_calendars: Sequence[NewCalendarVersion],
    *,
    application_version: str,
    take_over: Collection[str],
    context: WriteContext,
) -> LoadReport:
    """Publish new packaged documents; leave those already stored, and keys that an authority has taken over."""
    reason = f"packaged with version {application_version}"
    outcomes = [_load_calendar(connection, each, reason, take_over, context) for each in packaged_calendars]
    outcomes += [_load_profile(connection, each, reason, take_over, context) for each in packaged_profiles]
    return LoadReport(tuple(outcomes))


def _load_calendar(
    connection: Connection, packaged: NewCalendarVersion, reason: str, take_over: Collection[str], context: WriteContext
) -> PackagedOutcome:
    key = packaged.key
    if (version := _version_of_calendar(connection, packaged)) is not None:
        return PackagedOutcome("calendar", key, "unchanged", version)
    somebody_elses = connection.scalar(
        select(calendar_version.c.version)
        .where(calendar_version.c.key == key, calendar_version.c.published_by != PACKAGE)
        .limit(1)
    )
    if somebody_elses is not None and key not in take_over:
        return PackagedOutcome("calendar", key, "held_back", None)
    stored = calendars.publish(
        connection,
        replace(packaged, reason=reason),
        expected_latest=calendars.latest_version(connection, key) or None,
        context=context,
    )
    return PackagedOutcome("calendar", key, "published", stored.version)


def _load_profile(
    connection: Connection, packaged: NewProfileVersion, reason: str, take_over: Collection[str], context: WriteContext
) -> PackagedOutcome:
    key = packaged.key
    if (stored := _version_of_profile(connection, packaged)) is not None:
        return PackagedOutcome("profile", key, "unchanged", stored)
    somebody_elses = connection.scalar(
        select(profile_version.c.version)
        .where(
            profile_version.c.key == key,
            # Nobody but people withdraws, and who withdrew a packaged version decides what comes after it.
            or_(profile_version.c.published_by != PACKAGE, profile_version.c.withdrawn_at.is_not(None)),
        )
        .limit(1)
    )
    if somebody_elses is not None and key not in take_over:
        return PackagedOutcome("profile", key, "held_back", None)
    version = profiles.append(connection, replace(packaged, reason=reason), context=context)
    return PackagedOutcome("profile", key, "published", version)


# Any version counts, not only the newest: while replicas are being replaced, the older application must not publish
# its documents again over the newer one's, and a document that was withdrawn must not come back with a restart.
def _version_of_profile(connection: Connection, packaged: NewProfileVersion) -> int | None:
    return connection.scalar(
        select(profile_version.c.version)
        .where(profile_version.c.key == packaged.key, profile_version.c.checksum == packaged.checksum)
        .order_by(profile_version.c.version.desc())
        .limit(1)
    )


def _version_of_calendar(connection: Connection, packaged: NewCalendarVersion) -> int | None:
    return connection.scalar(
        select(calendar_version.c.version)
        .where(calendar_version.c.key == packaged.key, calendar_version.c.checksum == packaged.checksum)
        .order_by(calendar_version.c.version.desc())
        .limit(1)
    )
