"""Publish the packaged profiles and calendars into the store."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.services.ports import (
    PACKAGE,
    LoadReport,
    NewCalendarVersion,
    NewProfileVersion,
    PackagedOutcome,
    WriteContext,
)
from app.store import calendars, profiles
from app.store.tables import CalendarVersion, ProfileVersion


def pending(
    session: Session, packaged_profiles: Sequence[NewProfileVersion], packaged_calendars: Sequence[NewCalendarVersion]
) -> bool:
    """Return True if any packaged document is not stored yet."""
    return any(_known_calendar(session, each) is None for each in packaged_calendars) or any(
        _known_profile(session, each) is None for each in packaged_profiles
    )


def load(
    session: Session,
    packaged_profiles: Sequence[NewProfileVersion],
    packaged_calendars: Sequence[NewCalendarVersion],
    *,
    application_version: str,
    take_over: Collection[str],
    context: WriteContext,
) -> LoadReport:
    """Publish new packaged documents; leave those already stored, and keys that an authority has taken over."""
    reason = f"packaged with version {application_version}"
    outcomes = [_load_calendar(session, each, reason, take_over, context) for each in packaged_calendars]
    outcomes += [_load_profile(session, each, reason, take_over, context) for each in packaged_profiles]
    return LoadReport(tuple(outcomes))


def _load_calendar(
    session: Session, packaged: NewCalendarVersion, reason: str, take_over: Collection[str], context: WriteContext
) -> PackagedOutcome:
    key = packaged.key
    if (known := _known_calendar(session, packaged)) is not None:
        return PackagedOutcome("calendar", key, "unchanged", known)
    somebody_elses = session.scalar(
        select(CalendarVersion.version)
        .where(CalendarVersion.key == key, CalendarVersion.published_by != PACKAGE)
        .limit(1)
    )
    if somebody_elses is not None and key not in take_over:
        return PackagedOutcome("calendar", key, "held_back", None)
    stored = calendars.publish(
        session,
        replace(packaged, reason=reason),
        expected_latest=calendars.latest_version(session, key) or None,
        context=context,
    )
    return PackagedOutcome("calendar", key, "published", stored.version)


def _load_profile(
    session: Session, packaged: NewProfileVersion, reason: str, take_over: Collection[str], context: WriteContext
) -> PackagedOutcome:
    key = packaged.key
    if (known := _known_profile(session, packaged)) is not None:
        return PackagedOutcome("profile", key, "unchanged", known)
    somebody_elses = session.scalar(
        select(ProfileVersion.version)
        .where(
            ProfileVersion.key == key,
            # Nobody but people withdraws, and who withdrew a packaged version decides what comes after it.
            or_(ProfileVersion.published_by != PACKAGE, ProfileVersion.withdrawn_at.is_not(None)),
        )
        .limit(1)
    )
    if somebody_elses is not None and key not in take_over:
        return PackagedOutcome("profile", key, "held_back", None)
    version = profiles.append(session, replace(packaged, reason=reason), context=context)
    return PackagedOutcome("profile", key, "published", version)


# Any version counts, not only the newest: while replicas are being replaced, the older application must not publish
# its documents again over the newer one's, and a document that was withdrawn must not come back with a restart.
def _known_profile(session: Session, packaged: NewProfileVersion) -> int | None:
    return session.scalar(
        select(ProfileVersion.version)
        .where(ProfileVersion.key == packaged.key, ProfileVersion.checksum == packaged.checksum)
        .order_by(ProfileVersion.version.desc())
        .limit(1)
    )


def _known_calendar(session: Session, packaged: NewCalendarVersion) -> int | None:
    return session.scalar(
        select(CalendarVersion.version)
        .where(CalendarVersion.key == packaged.key, CalendarVersion.checksum == packaged.checksum)
        .order_by(CalendarVersion.version.desc())
        .limit(1)
    )
