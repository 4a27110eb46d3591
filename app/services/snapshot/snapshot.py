"""Everything that answers requests, in memory as one immutable snapshot that is replaced in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from app.services.ports import AlreadyRead, ApiKeyRecord, StoredCalendarVersion, StoredProfileVersion, StoredState
from app.services.problems import Problem
from app.services.snapshot.compiled import CompiledVersions
from app.services.snapshot.outline import Outline
from app.services.snapshot.published import (
    CalendarVersion,
    CorruptRecord,
    ProfileVersion,
    Published,
    PublishedCalendar,
    PublishedProfile,
    first_line,
)
from app.services.snapshot.version_in_force import first_in_force, latest_first, version_in_force

__all__ = [
    "CalendarVersion",
    "ProfileVersion",
    "PublishedCalendar",
    "PublishedProfile",
    "Snapshot",
    "build_snapshot",
    "require_ready",
]

Record = TypeVar("Record", StoredProfileVersion, StoredCalendarVersion)
Version = TypeVar("Version", bound=Published[Any, Any])


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every published profile and calendar, by key and in order of version, and the API keys by prefix.

    `profiles` and `calendars` hold versions that are compiled when they are wanted; the methods that choose one to
    answer return it compiled, and raise Problem not-ready where it cannot be (on the event loop, NeedsThread where it
    is not yet).

    `unusable` names each profile and calendar with a stored version that could not be read, and why; of one that turns
    out later not to compile, the next snapshot. Calculations with such a key are refused until the record is repaired:
    an older version would give wrong dates. What was read of it earlier stays readable, and no other key is affected.
    """

    token: str
    profiles: Mapping[str, tuple[PublishedProfile, ...]] = field(default_factory=dict)
    calendars: Mapping[str, tuple[PublishedCalendar, ...]] = field(default_factory=dict)
    keys: Mapping[str, ApiKeyRecord] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)
    compiled: CompiledVersions = field(default_factory=CompiledVersions, repr=False, compare=False)
    _latest_first: Mapping[str, tuple[PublishedProfile, ...]] = field(init=False, repr=False, compare=False)
    _behind: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        effective = {key: latest_first(versions) for key, versions in self.profiles.items()}
        object.__setattr__(self, "_latest_first", effective)
        for item in self.latest_versions():
            item.is_latest = True
        object.__setattr__(self, "_behind", _calendars_behind(self.calendars))

    def behind(self, item: CalendarVersion | PublishedCalendar) -> str | None:
        """Return that the latest version of a calendar does not follow the one that it extends; None where it does."""
        key = item.record.key
        return self._behind.get(key) if self._behind and item.version == self.calendars[key][-1].version else None

    @property
    def read(self) -> AlreadyRead:
        """Return the records, of which the documents need not be read again."""
        return AlreadyRead(
            {(item.record.key, item.version): item.record for each in self.profiles.values() for item in each},
            {(item.record.key, item.version): item.record for each in self.calendars.values() for item in each},
        )

    @property
    def ready(self) -> bool:
        """Return whether calculations can be answered: there is a profile whose calendar exists."""
        return any(versions[-1].calendar in self.calendars for versions in self.profiles.values())

    def profile_version(self, key: str, version: int) -> ProfileVersion | None:
        """Return one version of a profile, None if it does not exist."""
        published = self.published_version(key, version)
        return published.compiled() if published is not None else None

    def published_version(self, key: str, version: int | str) -> PublishedProfile | None:
        """Return one version of a profile without compiling it, None if it does not exist."""
        return next((item for item in self.profiles.get(key, ()) if item.version == version), None)

    def profile_in_force(self, key: str, on: date, known_at: datetime | None = None) -> ProfileVersion | None:
        """Return the version in force on a day, optionally as it was known at an instant."""
        published = self.published_in_force(key, on, known_at)
        return published.compiled() if published is not None else None

    def published_in_force(self, key: str, on: date, known_at: datetime | None = None) -> PublishedProfile | None:
        """Return the version in force on a day without compiling it."""
        if known_at is None:
            return first_in_force(self._latest_first.get(key, ()), on)
        return version_in_force(self.profiles.get(key, ()), on, known_at=known_at)

    def with_profile(self, version: ProfileVersion) -> Snapshot:
        """Return a copy that also holds this version, in place of the one of the same number if there is one."""
        key = version.record.key
        others = tuple(item for item in self.profiles.get(key, ()) if item.version != version.version)
        added = PublishedProfile.of(version, self.compiled)
        return replace(self, profiles={**self.profiles, key: (*others, added)})

    def latest_profile(self, key: str) -> ProfileVersion | None:
        """Return the latest version that is not withdrawn, or the latest if all are."""
        latest = self.latest_version(key)
        return latest.compiled() if latest is not None else None

    def latest_version(self, key: str) -> PublishedProfile | None:
        """Return the latest version of a profile without compiling it."""
        current = self._latest_first.get(key) or self.profiles.get(key, ())[-1:]
        return current[0] if current else None

    def latest_versions(self) -> Iterator[PublishedProfile]:
        """Yield the latest version of each profile, by key, without compiling it."""
        for key in sorted(self.profiles):
            if (latest := self.latest_version(key)) is not None:
                yield latest

    def outlines(self) -> Iterator[tuple[PublishedProfile, Outline]]:
        """Yield the latest version of each profile, by key, with its outline; without those that cannot be compiled."""
        for item in self.latest_versions():
            try:
                outline = item.outline
            except Problem:
                continue
            yield item, outline

    def latest_profiles(self) -> Iterator[ProfileVersion]:
        """Yield the latest version of each profile, by key; without those that cannot be compiled."""
        for item in self.latest_versions():
            try:
                yield item.compiled()
            except Problem:
                continue

    def calendar(
        self, key: str, version: int | None = None, known_at: datetime | None = None
    ) -> CalendarVersion | None:
        """Return one version of a calendar, or its latest, optionally as it was known at an instant."""
        versions = self.calendars.get(key, ())
        if version is not None:
            versions = tuple(item for item in versions if item.version == version)
        if known_at is not None and version is None:
            versions = tuple(item for item in versions if item.published_at <= known_at)
        return versions[-1].compiled() if versions else None


def _calendars_behind(calendars: Mapping[str, tuple[PublishedCalendar, ...]]) -> dict[str, str]:
    """Return each calendar that extends an older version of another than that one's latest, and the warning of it."""
    behind: dict[str, str] = {}
    for key, versions in calendars.items():
        calendar = versions[-1]
        base = calendars.get(calendar.extends or "")
        if base and calendar.extends_version is not None and calendar.extends_version < base[-1].version:
            behind[key] = (
                f"the calendar {key} follows version {calendar.extends_version} of {calendar.extends}, which has "
                f"version {base[-1].version}: its bank holidays may be out of date"
            )
    return behind


def require_ready(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot itself. Raises Problem not-ready while it cannot answer."""
    if not snapshot.ready:
        raise Problem("not-ready", "No profile and calendar are loaded yet.", headers={"Retry-After": "2"})
    return snapshot


def build_snapshot(state: StoredState, before: Snapshot | None = None) -> Snapshot:
    """Check everything stored against its checksum; reuses what `before` has of a record that is still the same.

    A key with a version that cannot be read, that was altered or that is gone keeps what `before` had of it, and is
    named under `unusable`. Nothing is compiled here.
    """
    old = before or Snapshot("")
    compiled = old.compiled
    if compiled.faults:
        stored = {(each.key, each.version, each.checksum) for each in state.profiles}
        stored |= {(each.key, each.version, each.checksum) for each in state.calendars}
        compiled.faults = {name: fault for name, fault in compiled.faults.items() if name in stored}
    unusable: dict[str, str] = {}
    profiles = _read_all(state.profiles, old.profiles, _next_profile, compiled, unusable)
    calendars = _read_all(state.calendars, old.calendars, _next_calendar, compiled, unusable)
    return Snapshot(state.token, profiles, calendars, {key.prefix: key for key in state.keys}, unusable, compiled)


def _read_all(
    records: Sequence[Record],
    before: Mapping[str, tuple[Version, ...]],
    read: Callable[[Record, Version | None, CompiledVersions], Version],
    compiled: CompiledVersions,
    unusable: dict[str, str],
) -> dict[str, tuple[Version, ...]]:
    grouped: dict[str, list[Record]] = {key: [] for key in before}
    for record in records:
        grouped.setdefault(record.key, []).append(record)
    versions: dict[str, tuple[Version, ...]] = {}
    for key, stored in grouped.items():
        earlier = {item.version: item for item in before.get(key, ())}
        try:
            if gone := sorted(earlier.keys() - {record.version for record in stored}):
                raise CorruptRecord(f"{key}/{gone[0]} is no longer stored")
            now = tuple(read(record, earlier.get(record.version), compiled) for record in stored)
            for item in now:
                if (fault := item.fault) is not None:
                    raise CorruptRecord(fault)
            versions[key] = now
        except ValueError as error:
            unusable[key] = first_line(error)
            if readable := tuple(item for item in earlier.values() if item.fault is None):
                versions[key] = readable
    return versions


def _next_profile(
    record: StoredProfileVersion, before: PublishedProfile | None, compiled: CompiledVersions
) -> PublishedProfile:
    """Return a stored version, checked anew unless it is the one that was checked before."""
    if before is None:
        return PublishedProfile.read(record, compiled)
    if record == before.record:
        return before
    # A withdrawal is all that may happen to a published version; how long it is in force follows from the others.
    withdrawal = {name: getattr(record, name) for name in ("withdrawn_at", "withdrawn_by", "withdrawn_reason")}
    if before.withdrawn_at is not None and withdrawal["withdrawn_at"] != before.withdrawn_at:
        raise CorruptRecord(f"the withdrawal of profile {record.key}/{record.version} was altered after it was loaded")
    expected = replace(before.record, in_force_to=record.in_force_to, has_force=record.has_force, **withdrawal)
    if record != expected:
        raise CorruptRecord(f"profile {record.key}/{record.version} was altered after it was loaded")
    return before.followed_by(record)


def _next_calendar(
    record: StoredCalendarVersion, before: PublishedCalendar | None, compiled: CompiledVersions
) -> PublishedCalendar:
    """Return a stored version, checked anew unless it is the one that was checked before."""
    if before is None:
        return PublishedCalendar.read(record, compiled)
    if record != before.record:
        raise CorruptRecord(f"calendar {record.key}/{record.version} was altered after it was loaded")
    return before
