"""Change calendars: each change is a new version, with a report of what it changed.

Every change except a whole document applies to the latest version, whichever that is. Of two changes made at once both
count: the later one is applied again on top of the earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from app.calendars.calendar import KINDS, Calendar, Kind
from app.calendars.changes import (
    changes_between,
    extended,
    rebased,
    with_bank_holiday,
    with_closure_days,
    with_published,
    without_day,
)
from app.calendars.document import from_document
from app.calendars.faults import CalendarFaults
from app.services.calculation.response import Json
from app.services.catalogue import not_found_problem
from app.services.member_reading import read_day, read_object
from app.services.ports import NewCalendarVersion, StaleRevision, WriteContext
from app.services.problems import Fault, Problem, summarise
from app.services.publishing.profile_versions import read_reason
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import CalendarVersion, Snapshot
from app.services.validation import ABSENT, Faults, join

OWN_SHAPE = frozenset({"days", "first", "last", "published_until", "title"})
CLOSURE_KEYS = frozenset({"days", "source", "extends", "title", "reason"})
HOLIDAY_KEYS = frozenset({"date", "name", "source", "reason"})
REMOVAL_KEYS = frozenset({"date", "kind", "reason"})
FOLLOW_KEYS = frozenset({"reason"})
MAX_DAYS = 1000
MAX_ATTEMPTS = 5

Make = Callable[[Snapshot, CalendarVersion | None], Calendar]


@dataclass(frozen=True, slots=True)
class Change:
    """How to make a change: to which version (None: the latest), whether only to preview it, why, and by whom."""

    expected: int | None
    preview: bool
    reason: str | None
    context: WriteContext


def publish_calendar(holder: SnapshotHolder, key: str, body: object, change: Change) -> Json:
    """Publish the government's list as it is issued, or a whole calendar in this service's own format.

    A whole calendar replaces the latest version, so the caller must name it. Raises Problem, StaleRevision.
    """
    if isinstance(body, Mapping) and not OWN_SHAPE.isdisjoint(body):
        return _apply(holder, key, change, lambda snapshot, current: _whole(key, body, snapshot, current, change))

    def listed(_: Snapshot, current: CalendarVersion | None) -> Calendar:
        if current is None:
            raise _fault(
                "key",
                f"there is no calendar {key} yet to add the list to",
                "publish it in this service's own format first",
            )
        if current.calendar.extends is not None:
            raise _fault(
                "key",
                f"{key} extends {current.calendar.extends}",
                f"publish the list for {current.calendar.extends}, then update {key} to follow it",
            )
        return with_published(current.calendar, body)

    return _apply(holder, key, change, listed)


def add_closure_days(holder: SnapshotHolder, key: str, body: object, change: Change) -> Json:
    """Add days on which an authority is closed to its own calendar, which is created if there is none."""
    faults = Faults()
    table = read_object(faults, body, "(body)", CLOSURE_KEYS, frozenset({"days", "source"}))
    days = _days(faults, table.get("days"))
    source = _text(faults, table, "source")
    base, title = (_text(faults, table, name) for name in ("extends", "title"))
    change = _with_reason(faults, table, change)
    faults.raise_any()

    def closed(snapshot: Snapshot, current: CalendarVersion | None) -> Calendar:
        if current is not None:
            calendar = current.calendar
            if calendar.extends is None:
                raise _fault(
                    "key",
                    f"{key} is shared by all authorities",
                    "add the days to a calendar of the authority's own: another key, with extends",
                )
            if base and base != calendar.extends:
                raise _fault("extends", f"{key} extends {calendar.extends}", "leave extends out", base)
            return with_closure_days(calendar, days, source)
        if not base or not title:
            raise _fault(
                "extends", f"there is no calendar {key} yet", "name the calendar that it extends, and give it a title"
            )
        below = snapshot.calendar(base)
        if below is None:
            raise not_found_problem("calendar", base, snapshot.calendars)
        return replace(with_closure_days(extended(below.calendar, key, title), days, source), version=1)

    return _apply(holder, key, change, closed)


def add_bank_holiday(holder: SnapshotHolder, key: str, body: object, change: Change) -> Json:
    """Add a bank holiday that was announced before it is in the government's list."""
    faults = Faults()
    table = read_object(faults, body, "(body)", HOLIDAY_KEYS, frozenset({"date", "name", "source"}))
    day = read_day(faults, table.get("date"), "date")
    name, source = (_text(faults, table, field) for field in ("name", "source"))
    change = _with_reason(faults, table, change)
    faults.raise_any()
    return _apply(
        holder,
        key,
        change,
        lambda snapshot, current: with_bank_holiday(
            _existing(key, snapshot, current).calendar, cast(date, day), name, source
        ),
    )


def remove_day(holder: SnapshotHolder, key: str, body: object, change: Change) -> Json:
    """Remove a bank holiday that was moved or cancelled, or a closure. The reason goes into the version's note."""
    faults = Faults()
    table = read_object(faults, body, "(body)", REMOVAL_KEYS, REMOVAL_KEYS)
    day = read_day(faults, table.get("date"), "date")
    kind = table.get("kind")
    if kind not in ABSENT and kind not in KINDS:
        faults.unknown("kind", "kind of day", kind, set(KINDS))
    change = _with_reason(faults, table, change)
    faults.raise_any()
    return _apply(
        holder,
        key,
        change,
        lambda snapshot, current: without_day(
            _existing(key, snapshot, current).calendar, cast(date, day), str(change.reason), cast(Kind, kind)
        ),
    )


def follow_base(holder: SnapshotHolder, key: str, body: object, change: Change) -> Json:
    """Update a calendar to the latest version of the one that it extends, with its own days unchanged."""
    faults = Faults()
    table = read_object(faults, body, "(body)", FOLLOW_KEYS)
    change = _with_reason(faults, table, change)
    faults.raise_any()

    def followed(snapshot: Snapshot, current: CalendarVersion | None) -> Calendar:
        calendar = _existing(key, snapshot, current).calendar
        if calendar.extends is None:
            raise _fault("key", f"{key} extends no other calendar", "name one that does")
        old = snapshot.calendar(calendar.extends, calendar.extends_version) if calendar.extends_version else None
        new = snapshot.calendar(calendar.extends)
        if old is None or new is None:
            raise _fault("key", f"{key} does not say which version it was made from", "publish it as a whole")
        return calendar if old.version == new.version else rebased(calendar, old.calendar, new.calendar)

    return _apply(holder, key, change, followed)


def _apply(holder: SnapshotHolder, key: str, change: Change, make: Make) -> Json:
    """Apply a change to the latest version and publish it; again if somebody else published first."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        holder.refresh()
        snapshot = holder.snapshot
        current = snapshot.calendar(key)
        latest = current.version if current is not None else None
        if change.expected is not None and change.expected != latest:
            raise StaleRevision("calendar", key, change.expected, latest)
        try:
            calendar = make(snapshot, current)
        except CalendarFaults as invalid:
            faults = [Fault(fault.path or "(body)", fault.message, fault.remedy) for fault in invalid.faults]
            raise Problem("invalid-request", summarise(faults), faults) from None
        report = _report(calendar, current, snapshot)
        if current is not None and calendar.checksum == current.calendar.checksum:
            return _answer(snapshot, calendar, current.version, report, changed=False, preview=change.preview)
        number = (latest or 0) + 1
        if change.preview:
            return _answer(snapshot, calendar, number, report, changed=True, preview=True)
        try:
            holder.store.publish_calendar_version(
                NewCalendarVersion(
                    key=key,
                    document=calendar.to_document(),
                    checksum=calendar.checksum,
                    published_until=calendar.published_until,
                    extends=calendar.extends,
                    report=report,
                    reason=change.reason,
                ),
                expected_latest=latest,
                context=change.context,
            )
        except StaleRevision:
            if change.expected is not None or attempt == MAX_ATTEMPTS:
                raise
            continue
        holder.refresh()
        return _answer(holder.snapshot, calendar, number, report, changed=True, preview=False)
    raise AssertionError("the last attempt returns or raises")


def _answer(
    snapshot: Snapshot, calendar: Calendar, version: int, report: Json, *, changed: bool, preview: bool
) -> Json:
    return {
        "key": calendar.key,
        "version": version,
        "changed": changed,
        "preview": preview,
        "checksum": calendar.checksum,
        "extends": calendar.extends,
        "extends_version": calendar.extends_version,
        "published_until": calendar.published_until.isoformat(),
        "note": calendar.note,
        "report": report,
        "extended_by": _outdated_extensions(snapshot, calendar, version),
    }


def _outdated_extensions(snapshot: Snapshot, calendar: Calendar, version: int) -> list[Json]:
    """Return the calendars that extend an older version of this one, which they use until they are updated."""
    latest = (versions[-1] for _, versions in sorted(snapshot.calendars.items()))
    return [
        {"key": item.record.key, "version": item.version, "extends_version": item.calendar.extends_version}
        for item in latest
        if item.calendar.extends == calendar.key and item.calendar.extends_version != version
    ]


def _report(calendar: Calendar, current: CalendarVersion | None, snapshot: Snapshot) -> Json:
    """Return what a version changes: since the previous one, or if it is the first, since the one it extends."""
    before = current.calendar if current is not None else None
    if before is None and calendar.extends is not None:
        below = snapshot.calendar(calendar.extends, calendar.extends_version)
        before = below.calendar if below is not None else None
    if before is None:
        before = replace(calendar, days=())
    return changes_between(before, calendar).to_document()


def _whole(
    key: str, body: Mapping[str, object], snapshot: Snapshot, current: CalendarVersion | None, change: Change
) -> Calendar:
    if current is not None and change.expected is None and not change.preview:
        raise Problem(
            "precondition-required",
            "A whole calendar replaces the latest version: name that one.",
            [Fault("If-Match", "this header is missing", f'send If-Match: "{current.version}"')],
        )
    number = current.version + 1 if current is not None else 1
    calendar = from_document({"key": key, **body, "version": number})
    if calendar.key != key:
        raise _fault("key", f"this is a version of {key}", "write the same key, or leave it out", calendar.key)
    if calendar.extends is not None and snapshot.calendar(calendar.extends, calendar.extends_version) is None:
        raise _fault("extends", "there is no such calendar", "name a published calendar and its version")
    return calendar


def _existing(key: str, snapshot: Snapshot, current: CalendarVersion | None) -> CalendarVersion:
    if current is None:
        raise not_found_problem("calendar", key, snapshot.calendars)
    return current


def _days(faults: Faults, value: object) -> list[tuple[date, str]]:
    if value in ABSENT:
        return []
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_DAYS:
        faults.add("days", f"this must be a list of 1 to {MAX_DAYS} days", 'send [{"date": "…", "name": "…"}]')
        return []
    days = []
    for index, item in enumerate(value):
        path = f"days[{index}]"
        keys = frozenset({"date", "name"})
        table = read_object(faults, item, path, keys, keys)
        day = read_day(faults, table.get("date"), join(path, "date"))
        name = table.get("name")
        if name not in ABSENT and not isinstance(name, str):
            faults.add(join(path, "name"), "a name is text", "send a short text", name)
        elif day is not None:
            days.append((day, str(name)))
    return days


def _text(faults: Faults, table: Mapping[str, object], name: str) -> str:
    value = table.get(name)
    if value in ABSENT:
        return ""
    if not isinstance(value, str):
        faults.add(name, "this must be text", "send a short text", value)
        return ""
    return value


def _with_reason(faults: Faults, table: Mapping[str, object], change: Change) -> Change:
    return replace(change, reason=read_reason(faults, table.get("reason")) or change.reason)


def _fault(path: str, message: str, remedy: str, value: object = None) -> Problem:
    return Problem("invalid-request", f"{message}.", [Fault(path, message, remedy, value)])
