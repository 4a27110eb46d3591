"""What comes with the application as one snapshot, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from app.profiles.document import load_profile
from app.services.ports import PACKAGE, JsonObject, StoredCalendarVersion, StoredProfileVersion, StoredState
from app.services.publishing.packaged import packaged_calendars, packaged_profiles
from app.services.snapshot.checksum import digest
from app.services.snapshot.snapshot import ProfileVersion, Snapshot, build_snapshot

PACKAGED_AT = datetime(1970, 1, 1, tzinfo=UTC)
"""No publication took place: everything packaged was known from the calendars' beginning."""
UNPUBLISHED = "nobody"


@cache
def packaged_state() -> StoredState:
    """Every packaged document as the first version of its key, as a store that was just loaded holds it.

    Its answers and their calculation ids are the same as those of such a store.
    """
    return StoredState(
        token="package",  # noqa: S106 - the name of a state, not a secret
        profiles=tuple(
            StoredProfileVersion(
                key=item.key,
                version=1,
                title=item.title,
                document=item.document,
                resolved=item.resolved,
                checksum=item.checksum,
                in_force_from=item.in_force_from,
                in_force_to=None,
                has_force=True,
                published_at=PACKAGED_AT,
                published_by=PACKAGE,
                reason=None,
                based_on=None,
            )
            for item in packaged_profiles()
        ),
        calendars=tuple(
            StoredCalendarVersion(
                key=item.key,
                version=1,
                document=item.document,
                checksum=item.checksum,
                extends=item.extends,
                published_until=item.published_until,
                published_at=PACKAGED_AT,
                published_by=PACKAGE,
                reason=None,
                report=item.report,
            )
            for item in packaged_calendars()
        ),
        keys=(),
    )


@cache
def packaged_snapshot() -> Snapshot:
    """The packaged profiles and calendars, ready to calculate with."""
    return build_snapshot(packaged_state())


def with_document(snapshot: Snapshot, resolved: JsonObject) -> tuple[Snapshot, int]:
    """A snapshot that also holds a valid, whole document as the next version of its key, and that version's number.

    For trying a profile before it is published; nothing is stored.
    """
    profile = load_profile(resolved).profile
    before = snapshot.profiles.get(profile.key, ())
    record = StoredProfileVersion(
        key=profile.key,
        version=len(before) + 1,
        title=profile.title,
        document=resolved,
        resolved=resolved,
        checksum=digest(resolved),
        in_force_from=profile.in_force_from,
        in_force_to=None,
        has_force=True,
        published_at=PACKAGED_AT,
        published_by=UNPUBLISHED,
        reason=None,
        based_on=None,
    )
    profiles = {**snapshot.profiles, profile.key: (*before, ProfileVersion(record, profile))}
    return replace(snapshot, profiles=profiles), record.version
