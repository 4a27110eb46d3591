"""Resolve the profile and calendar versions that answer a request."""

from __future__ import annotations

from datetime import date, datetime

from app.services.snapshot.published import PublishedProfile, unusable_problem
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion, Snapshot
from app.services.validation import ABSENT, Faults, join


def resolve_profile(
    faults: Faults,
    snapshot: Snapshot,
    key: object,
    version: int | None,
    day: date | None,
    known_at: datetime | None,
    path: str,
) -> ProfileVersion | None:
    """Return the version pinned, or the one in force on a day; without either the latest. None after a fault.

    `known_at` leaves out what was published later. Raises Problem where a stored version cannot be read.
    """
    if key in ABSENT:
        return None
    if snapshot.unusable:
        reject_unusable(snapshot, key)
    if not isinstance(key, str) or key not in snapshot.profiles:
        faults.unknown(join(path, "profile"), "profile", key, set(snapshot.profiles))
        return None
    versions = snapshot.profiles[key]
    if version is not None:
        pinned = snapshot.profile_version(key, version)
        if pinned is None:
            offered = ", ".join(str(item.version) for item in versions)
            faults.add(join(path, "profile_version"), f"{key} has no such version", f"use one of: {offered}", version)
        return pinned
    if day is None:
        return snapshot.latest_profile(key)
    in_force = snapshot.published_in_force(key, day, known_at)
    if in_force is None:
        if not faults.collected:
            faults.kind = "no-version-in-force"
        listed = "; ".join(describe_version(item) for item in versions)
        faults.add(
            join(path, "profile"),
            f"no version of {key} was in force on {day.isoformat()}",
            f"send an event's date on which one was, or pin one with profile_version: {listed}",
            key,
        )
        return None
    return in_force.compiled()


def resolve_calendar(
    faults: Faults,
    snapshot: Snapshot,
    key: object,
    version: int | None,
    profile: ProfileVersion | None,
    known_at: datetime | None,
    path: str,
) -> CalendarVersion | None:
    """Return the calendar requested, or the profile's own; its latest version unless one is pinned."""
    if key in ABSENT:
        if profile is None:
            return None
        key = profile.profile.calendar
    if snapshot.unusable:
        reject_unusable(snapshot, key)
    if not isinstance(key, str) or key not in snapshot.calendars:
        faults.unknown(join(path, "calendar"), "calendar", key, set(snapshot.calendars))
        return None
    resolved = snapshot.calendar(key, version, known_at)
    if resolved is None:
        offered = ", ".join(str(item.version) for item in snapshot.calendars[key])
        faults.add(join(path, "calendar_version"), f"{key} has no such version", f"use one of: {offered}", version)
    return resolved


def reject_unusable(snapshot: Snapshot, key: object) -> None:
    """Raise Problem for a key of which a stored version cannot be read: an older one would give wrong dates."""
    if isinstance(key, str) and key in snapshot.unusable:
        raise unusable_problem(key)


def describe_version(item: PublishedProfile) -> str:
    """Return a version and the day from which it is in force, as a remedy names it."""
    start = item.in_force_from.isoformat() if item.in_force_from else "the beginning"
    return f"version {item.version} from {start}" + (" (withdrawn)" if item.withdrawn_at else "")
