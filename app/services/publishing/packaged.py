"""What comes with the application, in the form in which the store keeps it."""

from __future__ import annotations

from typing import cast

from app.calendars.packaged import load_packaged as load_calendars
from app.profiles.document import as_json
from app.profiles.packaged import load_packaged as load_profiles
from app.services.ports import JsonObject, NewCalendarVersion, NewProfileVersion
from app.services.snapshot.checksum import digest


def packaged_profiles() -> list[NewProfileVersion]:
    """Every packaged profile, read strictly before it is stored. Raises InvalidProfile naming the file."""
    found = []
    for key, loaded in load_profiles().items():
        document = cast(JsonObject, as_json(loaded.document))
        found.append(
            NewProfileVersion(
                key=key,
                title=loaded.profile.title,
                document=document,
                resolved=document,
                checksum=digest(document),
                in_force_from=loaded.profile.in_force_from,
            )
        )
    return found


def packaged_calendars() -> list[NewCalendarVersion]:
    """Every packaged calendar."""
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
