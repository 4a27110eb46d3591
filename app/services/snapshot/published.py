"""Published versions in memory: each with its record, and compiled when somebody first wants it.

A region's councils have thousands of versions, and answer from a few hundred. A record with its compressed document
takes some 20 kB, a compiled version ten times that and ten milliseconds.
"""

from __future__ import annotations

import threading
import weakref
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from app.calendars.calendar import Calendar
from app.calendars.document import from_document
from app.engine.compiled_profile import Profile
from app.engine.vocabulary import Vocabulary
from app.profiles.vocabulary import shared_vocabulary
from app.services.event_loop import require_thread
from app.services.ports import StoredCalendarVersion, StoredProfileVersion
from app.services.problems import Problem
from app.services.snapshot.checksum import matches
from app.services.snapshot.compiled import CompiledVersions
from app.services.snapshot.outline import Outline, outline_of
from app.services.snapshot.own_words import NO_WORDS, own_words, with_words
from app.services.work import check

MAX_FAULT_CHARACTERS = 200
Record = TypeVar("Record", StoredProfileVersion, StoredCalendarVersion)
Compiled = TypeVar("Compiled", "ProfileVersion", "CalendarVersion")


class CorruptRecord(ValueError):
    """A stored record is not the one that was published, or cannot be read."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class CompiledVersion(Generic[Record]):
    """A published version: its record, and in each kind what was compiled from it."""

    record: Record

    @property
    def version(self) -> int:
        """Return its number."""
        return self.record.version

    @property
    def published_at(self) -> datetime:
        """Return when it was published."""
        return self.record.published_at


@dataclass(frozen=True, slots=True)
class ProfileVersion(CompiledVersion[StoredProfileVersion]):
    """A published version of a profile, compiled."""

    profile: Profile

    @property
    def in_force_from(self) -> date | None:
        """Return the first day it is in force, None for the beginning."""
        return self.record.in_force_from

    @property
    def withdrawn_at(self) -> datetime | None:
        """Return when it was withdrawn, None if it was not."""
        return self.record.withdrawn_at


@dataclass(frozen=True, slots=True)
class CalendarVersion(CompiledVersion[StoredCalendarVersion]):
    """A published version of a calendar, with the index that counts by it."""

    calendar: Calendar


class Published(Generic[Record, Compiled]):
    """A published version that is compiled when somebody wants it, and may be let go again.

    Whoever got it compiled keeps what it got, and nobody compiles it again meanwhile: what answers one request is one
    object throughout. Safe to use from several threads.
    """

    __slots__ = ("_compiled", "_last", "_lock", "checked", "published_at", "record", "store", "used", "version")

    def __init__(self, record: Record, store: CompiledVersions) -> None:
        self.record: Record = record
        self.version = record.version
        self.published_at = record.published_at
        self.store = store
        self.used = 0
        self.checked = self.fault is not None
        """Whether it is known that it can be compiled, or that it cannot."""
        self._compiled: Compiled | None = None
        self._last: weakref.ref[Compiled] | None = None
        self._lock = threading.Lock()

    @property
    def identity(self) -> tuple[str, int, str]:
        """Return what names the version and its content."""
        return self.record.key, self.record.version, self.record.checksum

    @property
    def fault(self) -> str | None:
        """Return why it cannot be compiled; None where it can, or nobody has tried."""
        return self.store.faults.get(self.identity)

    @property
    def is_compiled(self) -> bool:
        """Return True if it is compiled at present."""
        return self._compiled is not None

    def compiled(self) -> Compiled:
        """Return the version compiled. Raises Problem not-ready where it cannot be; on the event loop NeedsThread."""
        compiled = self._compiled
        if compiled is None:
            return self._compile()
        self.used = self.store.clock
        return compiled

    def check(self) -> None:
        """Find out whether it can be compiled; where not, it is named from then on. Lets no other version go for it."""
        with suppress(Problem):
            if self.store.is_full:
                self._make()
            else:
                self.compiled()

    def let_go(self) -> None:
        """Forget what was compiled. It stays with whoever still answers from it."""
        self._compiled = None

    def _compile(self) -> Compiled:
        compiled = self._remaining()
        if compiled is None:
            # Ten milliseconds, in which nobody else would be answered.
            require_thread()
            check()
            with self._lock:
                compiled = self._remaining() or self._make()
                self._last = weakref.ref(compiled)
        self._compiled = compiled
        self.store.add(self)
        return compiled

    def _remaining(self) -> Compiled | None:
        """Return what was compiled last, where somebody still answers from it."""
        return self._last() if self._last is not None else None

    def _make(self) -> Compiled:
        if self.fault is None:
            try:
                return self._compile_document()
            except Exception as error:  # noqa: BLE001 - whatever a document holds, it is named and stops no other
                self.store.faults[self.identity] = first_line(error)
            finally:
                self.checked = True
        raise unusable_problem(self.record.key)

    @abstractmethod
    def _compile_document(self) -> Compiled:
        """Return the version compiled from its document."""


class PublishedProfile(Published[StoredProfileVersion, ProfileVersion]):
    """A published version of a profile, with what is known of it without compiling it."""

    __slots__ = ("_outline", "_own", "authority", "calendar", "in_force_from", "is_latest")

    def __init__(
        self, record: StoredProfileVersion, store: CompiledVersions, authority: str | None, calendar: str
    ) -> None:
        super().__init__(record, store)
        self.authority = authority
        self.calendar = calendar
        self.in_force_from = record.in_force_from
        """The first day it is in force, None for the beginning."""
        self.is_latest = False
        """Whether it is the latest of its key, of which lists speak."""
        self._own: Vocabulary | None = None
        self._outline: Outline | None = None

    @classmethod
    def read(cls, record: StoredProfileVersion, store: CompiledVersions) -> PublishedProfile:
        """Return a stored version that has its checksum. Raises CorruptRecord, ValueError."""
        document = record.resolved
        if not matches(document, record.checksum):
            raise CorruptRecord(f"profile {record.key}/{record.version} does not match its checksum")
        made = cls(record, store, _authority(document), _text(document, "calendar"))
        made._own = None if "vocabulary" in document else NO_WORDS
        return made

    @classmethod
    def of(cls, version: ProfileVersion, store: CompiledVersions) -> PublishedProfile:
        """Return a version that is compiled already, and is never let go."""
        document = version.record.resolved
        made = cls(version.record, store, _authority(document), version.profile.calendar)
        made._compiled = version
        made._own = own_words(version.profile.vocabulary)
        made.checked = True
        return made

    @property
    def withdrawn_at(self) -> datetime | None:
        """Return when it was withdrawn, None if it was not."""
        return self.record.withdrawn_at

    @property
    def profile(self) -> Profile:
        """Return the compiled profile, as `compiled` does."""
        return self.compiled().profile

    @property
    def vocabulary(self) -> Vocabulary:
        """Return the words that the version is written in. Compiles it only if it has words of its own, and once."""
        if self._own is None:
            try:
                self.compiled()
            except Problem:
                return shared_vocabulary()
        own = self._own
        return shared_vocabulary() if own is None or own is NO_WORDS else with_words(own)

    @property
    def outline(self) -> Outline:
        """Return what lists say of it. Compiles it once. Raises what `compiled` raises."""
        if self._outline is None:
            self._outline = outline_of(self.compiled().profile)
        return self._outline

    def followed_by(self, record: StoredProfileVersion) -> PublishedProfile:
        """Return the same version with its record as it is now: withdrawn, or followed by another version."""
        after = PublishedProfile(record, self.store, self.authority, self.calendar)
        after._own, after._outline, after.checked, after.used = self._own, self._outline, self.checked, self.used
        before = self._compiled or self._remaining()
        if before is not None:
            compiled = ProfileVersion(record, before.profile)
            after._last = weakref.ref(compiled)
            if self._compiled is not None:
                after._compiled = compiled
                self.store.replace(self, after)
        return after

    def _compile_document(self) -> ProfileVersion:
        # No start waits for the loader: what is compiled first is compiled after it.
        from app.profiles.document import load_profile

        record = self.record
        profile = load_profile(record.resolved, f"{record.key}/{record.version}").profile
        if self._own is None:
            self._own = own_words(profile.vocabulary)
        if self.is_latest and self._outline is None:
            self._outline = outline_of(profile)
        return ProfileVersion(record, profile)


class PublishedCalendar(Published[StoredCalendarVersion, CalendarVersion]):
    """A published version of a calendar, with what is known of it without indexing its days."""

    __slots__ = ("extends", "extends_version", "first", "last", "published_until", "title")

    def __init__(self, record: StoredCalendarVersion, store: CompiledVersions, document: Mapping[str, Any]) -> None:
        super().__init__(record, store)
        self.title = _text(document, "title")
        self.extends = _text(document, "extends") or None
        number = document.get("extends_version")
        self.extends_version = number if isinstance(number, int) else None
        self.first, self.last, self.published_until = (
            _text(document, name) for name in ("first", "last", "published_until")
        )

    @classmethod
    def read(cls, record: StoredCalendarVersion, store: CompiledVersions) -> PublishedCalendar:
        """Return a stored version that has its checksum. Raises CorruptRecord, ValueError."""
        document = record.document
        content = {name: value for name, value in document.items() if name not in UNSIGNED}
        if matches(content, record.checksum):
            return cls(record, store, document)
        # Written in another way than the service writes it, with its days in another order, say.
        return cls(record, store, _calendar_of(record).to_document())

    @property
    def calendar(self) -> Calendar:
        """Return the calendar indexed, as `compiled` does."""
        return self.compiled().calendar

    def _compile_document(self) -> CalendarVersion:
        return CalendarVersion(self.record, _calendar_of(self.record))


UNSIGNED = frozenset({"version", "checksum", "note"})
"""What the checksum of a calendar does not cover."""


def unusable_problem(key: str) -> Problem:
    """Return the problem of a key of which a stored version cannot be read: an older one would give wrong dates."""
    detail = f"A stored version of {key} cannot be read. Nothing is calculated by it until it is mended."
    return Problem("not-ready", detail, headers={"Retry-After": "60"})


def first_line(error: Exception) -> str:
    """Return what an operator is shown of an error."""
    return (str(error).splitlines() or [type(error).__name__])[0][:MAX_FAULT_CHARACTERS]


def _calendar_of(record: StoredCalendarVersion) -> Calendar:
    calendar = from_document({**record.document, "version": record.version})
    if calendar.checksum != record.checksum:
        raise CorruptRecord(f"calendar {record.key}/{record.version} does not match its checksum")
    return calendar


def _authority(document: Mapping[str, Any]) -> str | None:
    value = document.get("authority")
    return value if isinstance(value, str) else None


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
