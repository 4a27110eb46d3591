"""The documents that come with the application, as the store takes them."""

from __future__ import annotations

from typing import cast

from app.calendars.packaged import load_packaged as load_calendars
from app.profiles.document import as_json
from app.profiles.packaged import load_packaged as load_profiles
from app.services.ports import JsonObject, NewCalendarVersion, NewProfileVersion
from app.services.snapshot.checksum import digest


def packaged_profiles() -> list[NewProfileVersion]:
    """Return every packaged profile, validated. Raises InvalidProfile naming the file."""
    versions = []
    for key, loaded in load_profiles().items():
        document = cast(JsonObject, as_json(loaded.document))
        versions.append(
            NewProfileVersion(
                key=key,
                title=loaded.profile.title,
                document=document,
                resolved=document,
                checksum=digest(document),
                in_force_from=loaded.profile.in_force_from,
            )
        )
    return versions


def packaged_calendars() -> list[NewCalendarVersion]:
    """Return every packaged calendar."""
    return [
        NewCalendarVersion(
            key=key,
            document=calendar.to_document(),
            checksum=calendar.checksum,
            published_until=calendar.published_until,
            extends=calendar.extends,
        )
        for key, calendar in load_calendars().items()
    ]
