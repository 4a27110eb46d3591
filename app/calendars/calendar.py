"""A calendar: the non-working days of a place, where each came from, and how to count by them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple, get_args

from app.calendars.faults import CalendarFaults, Fault
from app.calendars.index import BeyondCalendar, WorkingDayIndex

Kind = Literal["bank_holiday", "closure"]
Origin = Literal["published", "projected", "history", "added"]

KINDS: tuple[Kind, ...] = get_args(Kind)
ORIGINS: tuple[Origin, ...] = get_args(Origin)
SATURDAY = 5
WEEKEND_NAMES = {SATURDAY: "Saturday", 6: "Sunday"}


class NonWorkingDay(NamedTuple):
    """One day that does not count besides Saturdays and Sundays, and where it is known from.

    `origin`: `published` by the government, `projected` beyond what it has published, `history` before its list
    begins, or `added` to this calendar by hand. `source` says where it was read.
    """

    date: date
    name: str
    kind: Kind
    origin: Origin
    source: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """The non-working days of a place, as one immutable version, with the arithmetic of its working days.

    Working days are Monday to Friday and not in `days`. `first` and `last` bound what the calendar knows, and every
    question beyond them raises `BeyondCalendar`. Days after `published_until` rest on projected bank holidays.
    `days` is kept in order of date; a date may stand in it once for each kind. `extends` and `extends_version` name
    the calendar that this one was made from; its days are already among `days`. `note` says why the version exists.
    `checksum` covers everything but `version` and `note`. Raises `CalendarFaults`, all faults at once.
    """

    key: str
    version: int
    title: str = field(compare=False)
    first: date = field(compare=False, repr=False)
    last: date = field(compare=False, repr=False)
    published_until: date = field(compare=False)
    days: tuple[NonWorkingDay, ...] = field(compare=False, repr=False)
    extends: str | None = field(default=None, compare=False)
    extends_version: int | None = field(default=None, compare=False)
    note: str = field(default="", compare=False, repr=False)
    checksum: str = field(init=False)
    index: WorkingDayIndex = field(init=False, compare=False, repr=False)
    _names: Mapping[date, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.days, key=lambda day: (day.date, day.kind, day.name)))
        faults = span_faults(self.first, self.last, self.published_until)
        faults += day_faults(((f"days[{n}]", day) for n, day in enumerate(ordered)), self.first, self.last)
        if faults:
            raise CalendarFaults(faults)
        object.__setattr__(self, "days", ordered)
        object.__setattr__(self, "checksum", _checksum(self.content()))
        object.__setattr__(self, "index", WorkingDayIndex(self.first, self.last, (day.date for day in ordered)))
        object.__setattr__(self, "_names", _names(ordered))

    def add_working_days(self, start: date, days: int) -> date:
        """The working day `days` after `start`, the start being day 0; negative counts back.

        From a non-working day, day 1 is the next working day and day -1 the one before; adding 0 gives the start
        itself. Raises `BeyondCalendar`.

        In England, from Thursday 18 December 2025, 15 working days end on Tuesday 13 January 2026: 25 and 26 December
        and 1 January do not count.
        """
        return self.index.add(start, days)

    def count_working_days(self, start: date, end: date) -> int:
        """How many working days come after `start`, up to and including `end`; negative if reversed.

        Raises `BeyondCalendar`.
        """
        return self.index.count(start, end)

    def is_working_day(self, day: date) -> bool:
        """Whether `day` counts. Raises `BeyondCalendar`."""
        return self.index.is_working(day)

    def last_working_day(self, on_or_before: date) -> date:
        """The last working day on or before a date; the date itself if it is one. Raises `BeyondCalendar`."""
        return self.index.last_on_or_before(on_or_before)

    def next_working_day(self, on_or_after: date) -> date:
        """The first working day on or after a date; the date itself if it is one. Raises `BeyondCalendar`."""
        return self.index.next_on_or_after(on_or_after)

    def why_not_working(self, day: date) -> str | None:
        """Why `day` does not count, or None if it does: `Saturday`, `Sunday`, or the name of the day.

        All reasons are given when there are several: `Sunday and Christmas closure`. Raises `BeyondCalendar`.
        """
        if self.index.is_working(day):
            return None
        reasons = (WEEKEND_NAMES.get(day.weekday()), self._names.get(day))
        return " and ".join(reason for reason in reasons if reason)

    def is_provisional(self, day: date) -> bool:
        """Whether what is known of `day` is only projected: it lies after `published_until`."""
        return day > self.published_until

    def covers(self, day: date) -> bool:
        """Whether the calendar knows `day` at all."""
        return self.first <= day <= self.last

    def non_working_between(self, after: date, until: date) -> list[tuple[date, str]]:
        """Every non-working day after one date, up to and including another, with its reason, in order.

        Empty when `until` is not after `after`. Raises `BeyondCalendar` if either lies outside the calendar.
        """
        for bound in (after, until):
            if not self.covers(bound):
                raise BeyondCalendar(bound, self.first, self.last)
        days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
        return [(day, reason) for day in days if (reason := self.why_not_working(day))]

    def content(self) -> dict[str, Any]:
        """What the checksum covers: everything but the version's number and note, ready for JSON."""
        return {
            "key": self.key,
            "title": self.title,
            "extends": self.extends,
            "extends_version": self.extends_version,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "published_until": self.published_until.isoformat(),
            "days": [day._asdict() | {"date": day.date.isoformat()} for day in self.days],
        }

    def to_document(self) -> dict[str, Any]:
        """The whole version, ready for JSON; `document.from_document` reads it back."""
        content = self.content()
        days = content.pop("days")
        return {"version": self.version, "checksum": self.checksum, "note": self.note, **content, "days": days}


def _checksum(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def _names(days: Iterable[NonWorkingDay]) -> Mapping[date, str]:
    names: defaultdict[date, list[str]] = defaultdict(list)
    for day in days:
        names[day.date].append(day.name)
    return {day: " and ".join(of_day) for day, of_day in names.items()}


def span_faults(first: date, last: date, published_until: date) -> list[Fault]:
    """What is wrong with a calendar's bounds."""
    if last < first:
        return [Fault("last", f"{last} is before the first day, {first}", "give a last day on or after the first")]
    if not first <= published_until <= last:
        remedy = f"give a date from {first} to {last}"
        return [Fault("published_until", f"{published_until} is outside the calendar", remedy)]
    return []


def day_faults(days: Iterable[tuple[str, NonWorkingDay]], first: date, last: date) -> list[Fault]:
    """What is wrong with days, each given with its path: outside the calendar, or there twice."""
    faults = []
    seen: dict[tuple[date, Kind], str] = {}
    for path, day in days:
        if not first <= day.date <= last:
            faults.append(
                Fault(f"{path}.date", f"{day.date} is outside the calendar", f"give a date from {first} to {last}")
            )
        if (day.date, day.kind) in seen:
            message = f"{day.date} is already a {day.kind.replace('_', ' ')} at {seen[day.date, day.kind]}"
            faults.append(Fault(f"{path}.date", message, "keep one of the two"))
        seen.setdefault((day.date, day.kind), path)
    return faults
