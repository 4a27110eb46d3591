"""The documents that come with the application, as the store takes them.

They are compiled when they are first used; tests show that each can be.
"""

from __future__ import annotations

from datetime import date
from typing import cast

from app.calendars.packaged import packaged_documents as calendar_documents
from app.profiles.document import as_json
from app.profiles.packaged import packaged_documents as profile_documents
from app.services.ports import JsonObject, NewCalendarVersion, NewProfileVersion
from app.services.snapshot.checksum import digest


def packaged_profiles() -> list[NewProfileVersion]:
    """Return every packaged profile."""
    versions = []
    for key, written in profile_documents().items():
        document = cast(JsonObject, as_json(written))
        versions.append(
            NewProfileVersion(
                key=key,
                title=cast(str, document["title"]),
                document=document,
                resolved=document,
                checksum=digest(document),
                in_force_from=_day(document.get("in_force_from")),
            )
        )
    return versions


def packaged_calendars() -> list[NewCalendarVersion]:
    """Return every packaged calendar."""
    return [
        NewCalendarVersion(
            key=key,
            document=document,
            checksum=document["checksum"],
            published_until=date.fromisoformat(document["published_until"]),
            extends=document["extends"],
        )
        for key, document in calendar_documents().items()
    ]


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None
