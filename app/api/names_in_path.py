"""Look up the names in an address before anything else, so that an unknown one is named with whatever else is wrong.

A dependency that finds one raises, and `app.api.every_fault` adds the faults of the rest of the address.
"""

from __future__ import annotations

from fastapi import Request

from app.api.dependencies import CurrentSnapshot
from app.api.threads import HeavyThreads
from app.services.catalogue import SentName, check_names, find_published
from app.services.snapshot.snapshot import PublishedProfile, Snapshot
from app.services.validation import integer_from_path


async def published_profile(request: Request, snapshot: CurrentSnapshot, heavy: HeavyThreads) -> None:
    """Raise Problem not-found where the address names a profile, a version or a rule that does not exist."""
    names = request.path_params
    if "rule" in names and request.url.query:
        # No rule takes a query, so this is refused in any case; otherwise the rule is looked up once, to be answered.
        await heavy(_check_rule, snapshot, names)
    else:
        await heavy.if_long(_check_profile, snapshot, names)


async def published_calendar(request: Request, snapshot: CurrentSnapshot, heavy: HeavyThreads) -> None:
    """Raise Problem not-found where the address names a calendar, or a version of one, that does not exist."""
    await heavy.if_long(_check_calendar, snapshot, request.path_params)


def _check_profile(snapshot: Snapshot, names: dict[str, str]) -> PublishedProfile | None:
    version = _version(names)
    if version is not None:
        return find_published(snapshot, names["key"], version)
    check_names(SentName("profile", names["key"], snapshot.profiles))
    return None


def _check_rule(snapshot: Snapshot, names: dict[str, str]) -> None:
    published = _check_profile(snapshot, names)
    if published is not None:
        check_names(SentName("rule", names["rule"], [rule.id for rule in published.compiled().profile.rules]))


def _check_calendar(snapshot: Snapshot, names: dict[str, str]) -> None:
    check_names(SentName("calendar", names["key"], snapshot.calendars))
    versions = [item.version for item in snapshot.calendars[names["key"]]]
    check_names(SentName("version", _version(names), versions))


def _version(names: dict[str, str]) -> int | None:
    """Return the version in an address; None where there is none, or none that is a number."""
    number = integer_from_path(names.get("version", ""))
    return number if isinstance(number, int) else None
