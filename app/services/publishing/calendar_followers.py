"""Calendars that extend another: how they follow it, and those that are left behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.calendars.calendar import Calendar
from app.calendars.changes import rebased
from app.calendars.faults import InvalidCalendar
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import CalendarVersion, Snapshot


def followers(snapshot: Snapshot, key: str, version: int) -> Iterator[CalendarVersion]:
    """Yield the calendars, in their latest versions, that extend another version of a calendar than this one."""
    for _, versions in sorted(snapshot.calendars.items()):
        latest = versions[-1]
        if latest.extends == key and latest.extends_version != version:
            yield latest.compiled()


def followed(snapshot: Snapshot, item: CalendarVersion, base: Calendar | None = None) -> Calendar:
    """Return an extending calendar on the latest version of the one that it extends, or on `base`, with its own days.

    Raises Problem where it does not say which version it was made from; InvalidCalendar where its own days do not fit.
    """
    calendar = item.calendar
    if calendar.extends is None:
        raise _unfit(f"{calendar.key} extends no other calendar", "name one that does")
    old = snapshot.calendar(calendar.extends, calendar.extends_version) if calendar.extends_version else None
    latest = snapshot.calendar(calendar.extends)
    new = base if base is not None else latest.calendar if latest is not None else None
    if old is None or new is None:
        raise _unfit(f"{calendar.key} does not say which version it was made from", "publish it as a whole")
    return calendar if old.version == new.version else rebased(calendar, old.calendar, new)


def would_follow(snapshot: Snapshot, base: Calendar, version: int) -> Iterator[tuple[CalendarVersion, str | None]]:
    """Yield each calendar that extends `base`, and why it could not follow it to a version not published yet."""
    for item in followers(snapshot, base.key, version):
        try:
            followed(snapshot, item, replace(base, version=version))
        except (InvalidCalendar, Problem) as refused:
            yield item, reason(refused)
        else:
            yield item, None


def reason(refused: Exception) -> str:
    """Return why a calendar could not follow, on one line."""
    text = refused.detail if isinstance(refused, Problem) else str(refused)
    return (text.splitlines() or [type(refused).__name__])[0]


def _unfit(message: str, remedy: str) -> Problem:
    return Problem("invalid-request", f"{message}.", [Fault("key", message, remedy)])
