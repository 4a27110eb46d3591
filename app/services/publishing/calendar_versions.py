"""Change calendars: each change is a new version, with a report of what it changed.

Every change except a whole document applies to the latest version, whichever that is. Of two changes made at once both
count: the later one is applied again on top of the earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.calendars.calendar import Calendar
from app.calendars.changes import (
    changes_between,
    closure_remarks,
    extended,
    with_bank_holiday,
    with_closure_days,
    with_published,
    without_day,
)
from app.calendars.document import from_document
from app.calendars.faults import InvalidCalendar
from app.services.calculation.response import Json
from app.services.catalogue import SentName, not_found_problem
from app.services.ports import NewCalendarVersion, StaleRevision, StoreError, WriteContext
from app.services.problems import Fault, Problem, summarise
from app.services.publishing.calendar_followers import followed, followers, reason, would_follow
from app.services.publishing.limits_moved import limits_moved
from app.services.publishing.request import BankHoliday, ClosureDays, DayRemoval, FollowRequest
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import CalendarVersion, Snapshot

OWN_SHAPE = frozenset({"days", "first", "last", "published_until", "title"})
MAX_ATTEMPTS = 5

Make = Callable[[Snapshot, CalendarVersion | None], Calendar]


@dataclass(frozen=True, slots=True)
class Change:
    """How to make a change: to which version (None: the latest), whether only to preview it, why, and by whom."""

    expected: int | None
    preview: bool
    reason: str | None
    context: WriteContext
    compares: bool = True
    """Whether a preview shows which limits move, where an authority's own calendar changes."""

    def because(self, reason: str | None) -> Change:
        """Return the change with the body's reason, where there is one."""
        return replace(self, reason=reason or self.reason)

    def only_tried(self) -> Change:
        """Return the change as a preview that nobody reads: whether it can be made, and changes anything."""
        return replace(self, preview=True, compares=False)


def publish_calendar(holder: SnapshotHolder, key: str, body: object, change: Change) -> Json:
    """Publish the government's list as it is issued, or a whole calendar in this service's own format.

    A whole calendar replaces the latest version, so the caller must name it. Raises Problem, StaleRevision.
    """
    if isinstance(body, Mapping) and not OWN_SHAPE.isdisjoint(body):
        return apply_change(holder, key, change, lambda snapshot, current: _whole(key, body, snapshot, current, change))

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

    return apply_change(holder, key, change, listed)


def add_closure_days(holder: SnapshotHolder, key: str, request: ClosureDays, change: Change) -> Json:
    """Add days on which an authority is closed to its own calendar, which is created if there is none."""
    days = [(item.date, item.name) for item in request.days]
    base, title, source = request.extends, request.title, request.source

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
            raise not_found_problem(SentName("calendar", base, snapshot.calendars))
        return replace(with_closure_days(extended(below.calendar, key, title), days, source), version=1)

    remarks: list[str] = []

    def remarked(snapshot: Snapshot, current: CalendarVersion | None) -> Calendar:
        calendar = closed(snapshot, current)
        before = current or snapshot.calendar(base or "")
        remarks[:] = closure_remarks(before.calendar, days) if before is not None else []
        return calendar

    return {**apply_change(holder, key, change.because(request.reason), remarked), "remarks": remarks}


def add_bank_holiday(holder: SnapshotHolder, key: str, request: BankHoliday, change: Change) -> Json:
    """Add a bank holiday that was announced before the government's list has it."""

    def added(snapshot: Snapshot, current: CalendarVersion | None) -> Calendar:
        calendar = _existing(key, snapshot, current).calendar
        return with_bank_holiday(calendar, request.date, request.name, request.source)

    return apply_change(holder, key, change.because(request.reason), added)


def remove_day(holder: SnapshotHolder, key: str, request: DayRemoval, change: Change) -> Json:
    """Remove a bank holiday that was moved or cancelled, or a closure. The reason is stored in the version's note."""

    def removed(snapshot: Snapshot, current: CalendarVersion | None) -> Calendar:
        return without_day(_existing(key, snapshot, current).calendar, request.date, request.reason, request.kind)

    return apply_change(holder, key, change.because(request.reason), removed)


def follow_base(holder: SnapshotHolder, key: str, request: FollowRequest, change: Change) -> Json:
    """Carry an extending calendar over to the latest version of the one that it extends, with its own days."""

    def carried_over(snapshot: Snapshot, current: CalendarVersion | None) -> Calendar:
        return followed(snapshot, _existing(key, snapshot, current))

    return apply_change(holder, key, change.because(request.reason), carried_over)


def follow_all(holder: SnapshotHolder, context: WriteContext, key: str | None = None) -> list[Json]:
    """Let every calendar that is behind the one that it extends follow it, or those that extend `key`.

    What cannot follow stays as it is, and is named with the reason: what it should follow is published already.
    """
    outcomes: list[Json] = []
    for base in sorted(holder.snapshot.calendars) if key is None else (key,):
        latest = holder.snapshot.calendar(base)
        for item in followers(holder.snapshot, base, latest.version) if latest is not None else ():
            outcome: Json = {"key": item.record.key, "version": item.version, "why": None}
            note = FollowRequest(reason=f"Follows {base} to version {latest.version if latest is not None else 0}")
            try:
                made = follow_base(holder, item.record.key, note, Change(None, False, None, context))
                outcome["version"] = made["version"]
            except (Problem, StoreError) as refused:
                outcome["why"] = reason(refused)
            outcomes.append(outcome)
    return outcomes


def apply_change(holder: SnapshotHolder, key: str, change: Change, make: Make) -> Json:
    """Apply a change to the latest version and publish it; again if somebody else published first."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        holder.refresh()
        snapshot = holder.snapshot
        current = snapshot.calendar(key)
        latest = current.version if current is not None else None
        if change.expected is not None and change.expected != latest:
            raise StaleRevision("calendar", key, change.expected, latest)
        try:
            # Whatever made it, it is read once as every replica will read it: its key, its names, its days.
            calendar = from_document(make(snapshot, current).to_document())
        except InvalidCalendar as invalid:
            faults = [replace(fault, path=fault.path or "(body)") for fault in invalid.faults]
            raise Problem("invalid-request", summarise(faults), faults) from None
        report = changes_between(_before(snapshot, calendar), calendar).to_document()
        if current is not None and calendar.checksum == current.calendar.checksum:
            return _answer(snapshot, calendar, current.version, report, change, changed=False)
        number = (latest or 0) + 1
        if change.preview:
            return _answer(snapshot, calendar, number, report, change, changed=True)
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
        follow_all(holder, change.context, key)
        return _answer(holder.snapshot, calendar, number, report, change, changed=True)
    raise AssertionError("the last attempt returns or raises")


def _answer(
    snapshot: Snapshot, calendar: Calendar, version: int, report: Json, change: Change, *, changed: bool
) -> Json:
    preview = change.preview
    waiting = list(would_follow(snapshot, calendar, version)) if preview else []
    behind = followers(snapshot, calendar.key, version) if not preview else (item for item, why in waiting if why)
    on_it = (
        [item for item, why in waiting if not why]
        if preview
        else [
            versions[-1].compiled()
            for _, versions in sorted(snapshot.calendars.items())
            if (versions[-1].extends, versions[-1].extends_version) == (calendar.key, version)
        ]
    )
    compared = preview and change.compares and calendar.extends is not None
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
        "followed_by": [_extension(item) for item in on_it],
        "extended_by": [_extension(item) for item in behind],
        "moves": limits_moved(snapshot, _before(snapshot, calendar), calendar) if compared else None,
        "remarks": [],
    }


def _extension(item: CalendarVersion) -> Json:
    return {"key": item.record.key, "version": item.version, "extends_version": item.calendar.extends_version}


def _before(snapshot: Snapshot, calendar: Calendar) -> Calendar:
    """Return what a version is compared with: the one before, of the first the one it extends, or none of its days."""
    current = snapshot.calendar(calendar.key)
    if current is None and calendar.extends is not None:
        current = snapshot.calendar(calendar.extends, calendar.extends_version)
    return current.calendar if current is not None else replace(calendar, days=())


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
    below = SentName("calendar", calendar.extends, snapshot.calendars, "extends")
    if not below.exists:
        raise Problem("invalid-request", "1 fault found; `errors` lists it.", [below.fault])
    if calendar.extends is not None and snapshot.calendar(calendar.extends, calendar.extends_version) is None:
        raise _fault("extends", "the calendar has no such version", "name a published calendar and its version")
    return calendar


def _existing(key: str, snapshot: Snapshot, current: CalendarVersion | None) -> CalendarVersion:
    if current is None:
        raise not_found_problem(SentName("calendar", key, snapshot.calendars))
    return current


def _fault(path: str, message: str, remedy: str, value: object = None) -> Problem:
    return Problem("invalid-request", f"{message}.", [Fault(path, message, remedy, value)])
