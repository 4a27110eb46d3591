"""Everything that answers requests, in memory as one immutable snapshot that is replaced in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from app.calendars.calendar import Calendar
from app.calendars.document import from_document
from app.engine.compiled_profile import Profile
from app.profiles.document import load_profile
from app.services.ports import ApiKeyRecord, StoredCalendarVersion, StoredProfileVersion, StoredState
from app.services.problems import Problem
from app.services.snapshot.checksum import digest
from app.services.snapshot.version_in_force import first_in_force, latest_first, version_in_force

Record = TypeVar("Record", StoredProfileVersion, StoredCalendarVersion)
Version = TypeVar("Version", "ProfileVersion", "CalendarVersion")


class CorruptRecord(ValueError):
    """The checksum of a stored document is not the one it was published with."""


@dataclass(frozen=True, slots=True)
class ProfileVersion:
    """A published version: its record and the compiled profile."""

    record: StoredProfileVersion
    profile: Profile

    @property
    def version(self) -> int:
        """Return its number."""
        return self.record.version

    @property
    def in_force_from(self) -> date | None:
        """Return the first day it is in force, None for the beginning."""
        return self.record.in_force_from

    @property
    def published_at(self) -> datetime:
        """Return when it was published."""
        return self.record.published_at

    @property
    def withdrawn_at(self) -> datetime | None:
        """Return when it was withdrawn, None if it was not."""
        return self.record.withdrawn_at


@dataclass(frozen=True, slots=True)
class CalendarVersion:
    """A published version of a calendar: its record and the index that counts by it."""

    record: StoredCalendarVersion
    calendar: Calendar

    @property
    def version(self) -> int:
        """Return its number."""
        return self.record.version

    @property
    def published_at(self) -> datetime:
        """Return when it was published."""
        return self.record.published_at


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every published profile and calendar, by key and in order of version, and the API keys by prefix.

    `unusable` names each profile and calendar with a stored version that could not be read, and why. Calculations
    with such a key are refused until the record is repaired: an older version would give wrong dates. What was read of
    it earlier stays readable, and no other key is affected.
    """

    token: str
    profiles: Mapping[str, tuple[ProfileVersion, ...]] = field(default_factory=dict)
    calendars: Mapping[str, tuple[CalendarVersion, ...]] = field(default_factory=dict)
    keys: Mapping[str, ApiKeyRecord] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)
    _latest_first: Mapping[str, tuple[ProfileVersion, ...]] = field(init=False, repr=False, compare=False)
    _behind: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        effective = {key: latest_first(versions) for key, versions in self.profiles.items()}
        object.__setattr__(self, "_latest_first", effective)
        object.__setattr__(self, "_behind", _calendars_behind(self.calendars))

    def behind(self, item: CalendarVersion) -> str | None:
        """Return that the latest version of a calendar does not follow the one that it extends; None where it does."""
        key = item.record.key
        return self._behind.get(key) if self._behind and item.version == self.calendars[key][-1].version else None

    @property
    def ready(self) -> bool:
        """Return whether calculations can be answered: there is a profile whose calendar exists."""
        return any(versions[-1].profile.calendar in self.calendars for versions in self.profiles.values())

    def profile_version(self, key: str, version: int) -> ProfileVersion | None:
        """Return one version of a profile, None if it does not exist."""
        return next((item for item in self.profiles.get(key, ()) if item.version == version), None)

    def profile_in_force(self, key: str, on: date, known_at: datetime | None = None) -> ProfileVersion | None:
        """Return the version in force on a day, optionally as it was known at an instant."""
        if known_at is None:
            return first_in_force(self._latest_first.get(key, ()), on)
        return version_in_force(self.profiles.get(key, ()), on, known_at=known_at)

    def with_profile(self, version: ProfileVersion) -> Snapshot:
        """Return a copy that also holds this version, in place of the one of the same number if there is one."""
        key = version.record.key
        others = tuple(item for item in self.profiles.get(key, ()) if item.version != version.version)
        return replace(self, profiles={**self.profiles, key: (*others, version)})

    def latest_profile(self, key: str) -> ProfileVersion | None:
        """Return the latest version that is not withdrawn, or the latest if all are."""
        versions = self.profiles.get(key, ())
        current = [item for item in versions if item.withdrawn_at is None] or list(versions)
        return current[-1] if current else None

    def calendar(
        self, key: str, version: int | None = None, known_at: datetime | None = None
    ) -> CalendarVersion | None:
        """Return one version of a calendar, or its latest, optionally as it was known at an instant."""
        versions = self.calendars.get(key, ())
        if version is not None:
            return next((item for item in versions if item.version == version), None)
        if known_at is None:
            return versions[-1] if versions else None
        published = [item for item in versions if item.published_at <= known_at]
        return published[-1] if published else None


def _calendars_behind(calendars: Mapping[str, tuple[CalendarVersion, ...]]) -> dict[str, str]:
    """Return each calendar that extends an older version of another than that one's latest, and the warning of it."""
    found: dict[str, str] = {}
    for key, versions in calendars.items():
        calendar = versions[-1].calendar
        base = calendars.get(calendar.extends or "")
        if base and calendar.extends_version is not None and calendar.extends_version < base[-1].version:
            found[key] = (
                f"the calendar {key} follows version {calendar.extends_version} of {calendar.extends}, which has "
                f"version {base[-1].version}: its bank holidays may be out of date"
            )
    return found


EMPTY = Snapshot("")


def require_ready(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot itself. Raises Problem not-ready while it cannot answer."""
    if not snapshot.ready:
        raise Problem("not-ready", "No profile and calendar are loaded yet.", headers={"Retry-After": "2"})
    return snapshot


def build_snapshot(state: StoredState, before: Snapshot = EMPTY) -> Snapshot:
    """Compile everything stored; reuses what `before` compiled of a record that is still the same.

    A key with a version that cannot be read, that was altered or that is gone keeps what `before` had of it, and is
    named under `unusable`.
    """
    unusable: dict[str, str] = {}
    profiles = _read_all(state.profiles, before.profiles, _profile_version, unusable)
    calendars = _read_all(state.calendars, before.calendars, _calendar_version, unusable)
    return Snapshot(state.token, profiles, calendars, {key.prefix: key for key in state.keys}, unusable)


def _read_all(
    records: Sequence[Record],
    before: Mapping[str, tuple[Version, ...]],
    read: Callable[[Record, Version | None], Version],
    unusable: dict[str, str],
) -> dict[str, tuple[Version, ...]]:
    grouped: dict[str, list[Record]] = {key: [] for key in before}
    for record in records:
        grouped.setdefault(record.key, []).append(record)
    versions: dict[str, tuple[Version, ...]] = {}
    for key, stored in grouped.items():
        known = {item.version: item for item in before.get(key, ())}
        try:
            if gone := sorted(known.keys() - {record.version for record in stored}):
                raise CorruptRecord(f"{key}/{gone[0]} is no longer stored")
            versions[key] = tuple(read(record, known.get(record.version)) for record in stored)
        except ValueError as error:
            unusable[key] = _first_line(error)
            if key in before:
                versions[key] = before[key]
    return versions


def _first_line(error: ValueError) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _profile_version(record: StoredProfileVersion, before: ProfileVersion | None) -> ProfileVersion:
    """Return a stored version, compiled anew unless it is the one that was compiled before."""
    if before is None:
        if digest(record.resolved) != record.checksum:
            raise CorruptRecord(f"profile {record.key}/{record.version} does not match its checksum")
        return ProfileVersion(record, load_profile(record.resolved, f"{record.key}/{record.version}").profile)
    # A withdrawal is all that may happen to a published version; how long it is in force follows from the others.
    withdrawal = {name: getattr(record, name) for name in ("withdrawn_at", "withdrawn_by", "withdrawn_reason")}
    if before.withdrawn_at is not None and withdrawal["withdrawn_at"] != before.withdrawn_at:
        raise CorruptRecord(f"the withdrawal of profile {record.key}/{record.version} was altered after it was loaded")
    expected = replace(before.record, in_force_to=record.in_force_to, has_force=record.has_force, **withdrawal)
    if record != expected:
        raise CorruptRecord(f"profile {record.key}/{record.version} was altered after it was loaded")
    return ProfileVersion(record, before.profile)


def _calendar_version(record: StoredCalendarVersion, before: CalendarVersion | None) -> CalendarVersion:
    """Return a stored version, indexed anew unless it is the one that was indexed before."""
    if before is not None:
        if record != before.record:
            raise CorruptRecord(f"calendar {record.key}/{record.version} was altered after it was loaded")
        return before
    calendar = from_document({**record.document, "version": record.version})
    if calendar.checksum != record.checksum:
        raise CorruptRecord(f"calendar {record.key}/{record.version} does not match its checksum")
    return CalendarVersion(record, calendar)
